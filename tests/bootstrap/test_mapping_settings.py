"""What users change in a mapping's conflict policies takes effect, and nonsense is refused in words."""

from decimal import Decimal

import pytest

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_conditions import ConditionProblem, EnteredCondition, stored_conditions
from interlace.bootstrap.mapping_settings import MappingSettingProblem, with_changes
from interlace.cli.conflict_policies import field_policies
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.table_filter import Comparison
from interlace.lead_to_cash.contact_and_contact import CONTACT_MAPPING
from interlace.lead_to_cash.customer_and_account import CUSTOMER_MAPPING
from interlace.lead_to_cash.order_field_rows import SALESORDER_ORDER_MAPPING
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
        ("table_filter", "Name = A"),
        ("table_filter", [{"field": "Name", "comparison": "=", "kind": "text"}]),
        ("table_filter", [{"field": "Name", "comparison": "at least", "kind": "text", "value": "A"}]),
        ("table_filter", [{"field": "Name", "comparison": "=", "kind": "colour", "value": "A"}]),
        ("table_filter", [{"field": "", "comparison": "blank", "kind": "text"}]),
        ("table_filter", [{"field": "Name", "comparison": "=", "kind": "text", "value": "A", "or": "B"}]),
        ("table_filter", [{"field": "Balance_LCY", "comparison": "=", "kind": "decimal", "value": "NaN"}]),
        ("table_filter", [{"field": "Blocked", "comparison": "=", "kind": "boolean", "value": 1}]),
        ("table_filter", [{"field": "Name", "comparison": "blank", "kind": "text"}] * 21),
        ("disabled_fields", "Phone_No>telephone1"),
        ("disabled_fields", [NAME]),
        ("disabled_fields", ["City>address1_city"]),
        ("disabled_fields", ["Nothing>nothing"]),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(setting: str, value: object) -> None:
    """Unknown rows and policies, mergers where two values can't be compared, conditions and rows that can't be."""
    with pytest.raises(ConnectionProblem, match=setting):
        with_changes(CUSTOMER_MAPPING, {setting: value})


def test_conditions_narrow_the_mappings_own_filter() -> None:
    """The default's stand first; the values are of the field's kind, and say why a record stays out."""
    stored = [
        {"field": "Country_Region_Code", "comparison": "one of", "kind": "text", "value": "NO|FI"},
        {"field": "Credit_Limit_LCY", "comparison": "at least", "kind": "decimal", "value": "10.50"},
        {"field": "Blocked", "comparison": "blank", "kind": "text"},
    ]
    changed = with_changes(CONTACT_MAPPING, {"table_filter": stored})
    given = CONTACT_MAPPING.table_filter.conditions
    assert changed.table_filter.conditions[: len(given)] == given
    one, two, three = changed.table_filter.conditions[len(given) :]
    assert (one.comparison, two.value, three.value) == (Comparison.ONE_OF, Decimal("10.50"), None)
    assert two.reason == "Credit_Limit_LCY at least 10.50 does not hold"


def test_orders_have_no_filter_of_ones_own() -> None:
    """They are followed document by document, whatever a filter would say."""
    stored = [{"field": "Status", "comparison": "=", "kind": "text", "value": "Open"}]
    with pytest.raises(MappingSettingProblem) as refused:
        with_changes(SALESORDER_ORDER_MAPPING, {"table_filter": stored})
    assert refused.value.setting == "table_filter"


def test_a_disabled_row_keeps_its_policy_and_goes_with_a_direction() -> None:
    """The order in which settings were made does not matter."""
    changes = {
        "direction": "ToIntegrationTable",
        "disabled_fields": ["Fax_No>fax"],
        "field_conflict_resolution": {"Fax_No>fax": "Newest"},
    }
    for order in (changes, dict(reversed(changes.items()))):
        changed = with_changes(CUSTOMER_MAPPING, order)
        assert "Fax_No>fax" not in {row.row_id for row in changed.fields}
        assert changed.layout != CUSTOMER_MAPPING.layout


@pytest.mark.parametrize(
    ("field", "comparison", "value", "part"),
    [
        ("Nothing", "=", "1", "field"),
        ("Amount", "one of", "1", "comparison"),
        ("Amount", "=", "much", "value"),
        ("Amount", "=", "", "value"),
        ("Count", "at least", "1.5", "value"),
        ("Day", "at most", "31.01.2026", "value"),
        ("On", "=", "perhaps", "value"),
        ("Picture", "=", "1", "field"),
    ],
)
def test_what_is_wrong_with_a_condition_is_told_at_its_part(
    field: str, comparison: str, value: str, part: str
) -> None:
    """Field, comparison or value, and which condition."""
    columns = {
        "Amount": "decimal",
        "Count": "whole number",
        "Day": "date",
        "On": "boolean",
        "Picture": "virtual",
    }
    good = EnteredCondition(field="on", comparison="=", value="Yes")
    with pytest.raises(ConditionProblem) as found:
        stored_conditions([good, EnteredCondition(field=field, comparison=comparison, value=value)], columns)
    assert (found.value.place, found.value.part) == (1, part)
    assert stored_conditions([good], columns) == [
        {"field": "On", "comparison": "=", "kind": "boolean", "value": True}
    ]


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
