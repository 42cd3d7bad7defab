"""Remedies are commands that can be copied."""

from datetime import UTC, datetime

import pytest

from interlace.cli.error_causes import couple_command, filled_in
from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import KEY_SEPARATOR, MappingName
from interlace.engine.memory import SynchError

TO, FROM = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE


@pytest.mark.parametrize(
    ("mapping", "key", "direction", "command"),
    [
        ("SALESPEOPLE", "HV", TO, "interlace couplings add SALESPEOPLE HV CRM_KEY"),
        ("CUSTOMER", "a-1", FROM, "interlace couplings add CUSTOMER ERP_KEY a-1"),
        ("PAYMENT TERMS", "14 TAGE", TO, 'interlace couplings add "PAYMENT TERMS" "14 TAGE" CRM_KEY'),
        ("PRICES", f"A{KEY_SEPARATOR}PCS", TO, 'interlace couplings add PRICES "A, PCS" CRM_KEY'),
    ],
)
def test_the_awaited_record_stands_on_its_own_side(
    mapping: str, key: str, direction: Direction, command: str
) -> None:
    """What waits in the ERP waits for an ERP record; a shell takes each name as one word."""
    assert couple_command(WaitsFor(mapping=mapping, key=key), direction) == command


def test_a_command_gets_mapping_and_key_of_the_record() -> None:
    """Only the other side's key is left to be filled in."""
    error = SynchError(
        mapping=MappingName("PAYMENT TERMS"),
        direction=FROM,
        source_key="7",
        error=RecordError(code=ErrorCode.MATCH_AMBIGUOUS, message="Several records match."),
        job_id="job",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    filled = filled_in("interlace couplings add MAPPING ERP_KEY CRM_KEY", error)
    assert filled == 'interlace couplings add "PAYMENT TERMS" ERP_KEY 7'
