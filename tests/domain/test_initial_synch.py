"""The recommendation for the first full synchronization."""

from dataclasses import replace

import pytest

from interlace.domain.full_synch_review import InitialSynchRecommendation
from interlace.domain.initial_synch import recommend
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping, MatchRule
from interlace.domain.keys import MappingName

FULL, COUPLE, NOTHING = (
    InitialSynchRecommendation.FULL_SYNCHRONIZATION,
    InitialSynchRecommendation.COUPLE_RECORDS,
    InitialSynchRecommendation.NO_RECORDS,
)
TWO_WAY = IntegrationTableMapping(
    name=MappingName("M"),
    erp_table="E",
    integration_table="c",
    direction=Direction.BIDIRECTIONAL,
    fields=(),
)
ONE_WAY = replace(TWO_WAY, direction=Direction.TO_INTEGRATION_TABLE)
MATCHING = replace(TWO_WAY, match_rules=(MatchRule(erp_field="A", crm_field="a"),))


@pytest.mark.parametrize(
    ("why", "mapping", "erp", "crm", "couplings", "expected"),
    [
        ("nothing on either side", TWO_WAY, 0, 0, 0, NOTHING),
        ("only the ERP is filled", TWO_WAY, 5, 0, 0, FULL),
        ("only the CRM is filled", TWO_WAY, 0, 5, 0, FULL),
        ("both are filled and nobody has coupled anything", TWO_WAY, 5, 5, 0, COUPLE),
        ("both are filled, but coupling has begun", TWO_WAY, 5, 5, 1, FULL),
        ("a rule says which records belong together", MATCHING, 5, 5, 0, FULL),
        ("one way: the ERP's records are wanted in the CRM whatever it holds", ONE_WAY, 5, 5, 0, FULL),
    ],
)
def test_recommendation(
    why: str,
    mapping: IntegrationTableMapping,
    erp: int,
    crm: int,
    couplings: int,
    expected: InitialSynchRecommendation,
) -> None:
    """Each situation and what it recommends."""
    found = recommend(mapping, erp_records=erp, crm_records=crm, couplings=couplings)
    assert found is expected, why
