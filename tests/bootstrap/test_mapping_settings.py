"""What users change in a mapping's conflict policies takes effect, and nonsense is refused in words."""

import pytest

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_settings import with_changes
from interlace.cli.conflict_policies import field_policies
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.lead_to_cash.customer_and_account import CUSTOMER_MAPPING
from interlace.store.encoding import JsonValue

NAME = "Name>name"


def test_a_field_gets_a_policy_of_its_own() -> None:
    """The other fields keep the mapping's."""
    changed = with_changes(CUSTOMER_MAPPING, {"field_conflict_resolution": {NAME: "Joined Lines"}})
    own = {row.row_id: row.conflict_resolution for row in changed.fields if row.conflict_resolution}
    assert own == {NAME: UpdateConflictResolution.JOINED_LINES}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("field_conflict_resolution", {"Nothing>nothing": "Newest"}),
        ("field_conflict_resolution", {NAME: "Oldest"}),
        ("field_conflict_resolution", "Newest"),
        ("field_conflict_resolution", {"Currency_Code>transactioncurrencyid": "Larger"}),
        ("field_conflict_resolution", {"City>address1_city": "Larger"}),
        ("update_conflict_resolution", "Larger"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(setting: str, value: object) -> None:
    """Unknown rows and policies, and mergers where two values can't be compared."""
    with pytest.raises(ConnectionProblem, match=setting):
        with_changes(CUSTOMER_MAPPING, {setting: value})


@pytest.mark.parametrize("field", ["Name", "name", "NAME>name"])
def test_a_field_is_named_by_either_side(field: str) -> None:
    """Earlier policies of other fields stay; a policy without a value is taken back."""
    known: dict[str, JsonValue] = {"field_conflict_resolution": {"Fax_No>fax": "Newest"}}
    chosen = field_policies(CUSTOMER_MAPPING, known, [f"conflict.{field}=joined lines"])
    assert chosen == {"field_conflict_resolution": {"Fax_No>fax": "Newest", NAME: "Joined Lines"}}
    taken_back = field_policies(CUSTOMER_MAPPING, chosen, [f"conflict.{field}="])
    assert taken_back == known
    assert field_policies(CUSTOMER_MAPPING, known, []) == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("conflict.Nothing=Newest", "no two-way field"),
        ("conflict.Credit_Limit_LCY=Newest", "no two-way field"),
        ("conflict.Name=Oldest", "no conflict policy"),
    ],
)
def test_a_mistyped_policy_is_told_with_what_is_possible(text: str, told: str) -> None:
    """The message names the fields or the policies."""
    with pytest.raises(ConnectionProblem, match=told):
        field_policies(CUSTOMER_MAPPING, {}, [text])
