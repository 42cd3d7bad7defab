"""The three-way merge: its table cell by cell, and its laws over random records."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.field_merge import merge_fields
from interlace.domain.integration_field_mapping import (
    Direction,
    IntegrationFieldMapping,
    NamedKey,
    Reference,
)
from interlace.domain.integration_table_mapping import IntegrationTableMapping, TemplateField
from interlace.domain.keys import MappingName
from interlace.domain.observation import Difference
from interlace.domain.transfer_fields import (
    NewRecord,
    NotCoupled,
    Pair,
    TransferPlan,
    new_record,
    transfer_plan,
)
from interlace.domain.transformation_rule import UpperCase
from interlace.domain.values import Value

TO, FROM, BOTH = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE, Direction.BIDIRECTIONAL
NAMED = {NamedKey.BASE_CURRENCY: "eur-id"}


def mapping(*rows: IntegrationFieldMapping) -> IntegrationTableMapping:
    """Make a two-way mapping of these rows."""
    return IntegrationTableMapping(
        name=MappingName("M"),
        erp_table="E",
        integration_table="c",
        direction=BOTH,
        fields=rows,
        integration_table_config_template=(TemplateField(field="kind", value=3),),
    )


def field_row(direction: Direction, name: str = "F") -> IntegrationFieldMapping:
    """Make a plain row of fields `name` and its small letters."""
    return IntegrationFieldMapping(erp_field=name, crm_field=name.lower(), direction=direction)


def no_references(row: IntegrationFieldMapping, value: Value) -> Value | NotCoupled:
    """Fail: these rows have no references."""
    raise AssertionError((row, value))


def plan_of(direction: Direction, run: Direction) -> TransferPlan:
    """Make the plan of a one-row mapping."""
    return transfer_plan(mapping(field_row(direction)), run, NAMED)


# erp now, crm now, agreed -> (value written or None for no write, conflict, left to the opposite pass)
CASES_TO: list[tuple[str, Direction, Value, Value, Pair | None, str | None, bool, bool]] = [
    ("nothing changed", BOTH, "a", "a", ("a", "a"), None, False, False),
    (
        "nothing changed though they differ: that is what was agreed",
        BOTH,
        "a",
        "b",
        ("a", "b"),
        None,
        False,
        False,
    ),
    ("the ERP changed", BOTH, "x", "a", ("a", "a"), "x", False, False),
    ("the CRM changed a two-way field", BOTH, "a", "y", ("a", "a"), None, False, True),
    ("the CRM changed a one-way field", TO, "a", "y", ("a", "a"), "a", False, False),
    ("both changed to the same", BOTH, "x", "x", ("a", "a"), None, False, False),
    ("both changed a two-way field", BOTH, "x", "y", ("a", "a"), None, True, False),
    ("both changed a one-way field", TO, "x", "y", ("a", "a"), "x", False, False),
    ("never agreed, equal", BOTH, "a", "a", None, None, False, False),
    ("never agreed, different", BOTH, "a", "b", None, "a", False, False),
]


@pytest.mark.parametrize(
    ("why", "direction", "erp", "crm", "agreed", "written", "conflict", "left"), CASES_TO
)
def test_merge_of_one_field_towards_the_crm(
    why: str,
    direction: Direction,
    erp: Value,
    crm: Value,
    agreed: Pair | None,
    written: str | None,
    conflict: bool,  # noqa: FBT001 - a column of the table
    left: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Each line of the merge table."""
    merge = merge_fields(
        plan_of(direction, TO), [erp], [crm], None if agreed is None else [agreed], no_references
    )
    assert merge.write.get("f") == written, why
    assert bool(merge.conflicting) == conflict, why
    assert merge.left == left, why


@pytest.mark.parametrize(
    ("why", "direction", "erp", "crm", "agreed", "written", "conflict", "left"), CASES_TO
)
def test_merge_is_symmetric(
    why: str,
    direction: Direction,
    erp: Value,
    crm: Value,
    agreed: Pair | None,
    written: str | None,
    conflict: bool,  # noqa: FBT001 - a column of the table
    left: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """With the sides swapped the opposite pass does the same."""
    swapped = FROM if direction is TO else direction
    pairs = None if agreed is None else [(agreed[1], agreed[0])]
    merge = merge_fields(plan_of(swapped, FROM), [erp], [crm], pairs, no_references)
    assert merge.write.get("F") == written, why
    assert (bool(merge.conflicting), merge.left) == (conflict, left), why


def test_disjoint_edits_of_one_record_both_survive() -> None:
    """Each pass carries its own side's edit, and after both the sides are equal."""
    both = mapping(field_row(BOTH, "A"), field_row(BOTH, "B"))
    agreed: list[Pair] = [("1", "1"), ("2", "2")]
    to_merge = merge_fields(transfer_plan(both, TO, NAMED), ["1x", "2"], ["1", "2y"], agreed, no_references)
    assert to_merge.write == {"a": "1x"}
    assert to_merge.left
    from_merge = merge_fields(
        transfer_plan(both, FROM, NAMED), ["1x", "2y"], ["1x", "2"], to_merge.agreed, no_references
    )
    assert from_merge.write == {"B": "2y"}
    assert from_merge.agreed == [("1x", "1x"), ("2y", "2y")]


def test_what_a_one_way_field_overwrites_is_kept_as_lost() -> None:
    """The CRM's edit of a field that only the ERP may change is overwritten, and named."""
    merge = merge_fields(plan_of(TO, TO), ["a"], ["edited"], [("a", "a")], no_references)
    assert merge.write == {"f": "a"}
    assert merge.lost == {"f": "edited"}


def test_a_blank_source_leaves_a_not_null_field_alone() -> None:
    """A row with Not Null does not clear the destination."""
    row = IntegrationFieldMapping(erp_field="F", crm_field="f", direction=TO, not_null=True)
    merge = merge_fields(transfer_plan(mapping(row), TO, NAMED), [None], ["a"], [("a", "a")], no_references)
    assert merge.write == {}


def test_numbers_compare_by_amount() -> None:
    """1.50 and 1.5 are the same amount."""
    plan = plan_of(BOTH, TO)
    merge = merge_fields(
        plan, [Decimal("1.50")], [Decimal("1.5")], [(Decimal("1.5"), Decimal("1.500"))], no_references
    )
    assert merge.difference is Difference.NONE


def test_a_new_record_takes_mapped_values_constants_and_template() -> None:
    """Template values override mapped ones and are what both sides agree on."""
    rows = (
        IntegrationFieldMapping(erp_field="F", crm_field="f", direction=BOTH, to_rules=(UpperCase(),)),
        IntegrationFieldMapping(erp_field="K", crm_field="kind", direction=TO),
        IntegrationFieldMapping(crm_field="currency", direction=TO, constant=NamedKey.BASE_CURRENCY),
        IntegrationFieldMapping(erp_field="G", crm_field="g", direction=FROM),
    )
    made = new_record(transfer_plan(mapping(*rows), TO, NAMED), ["abc ", 1, "held"], no_references)
    assert isinstance(made, NewRecord)
    assert made.values == {"f": "ABC", "kind": 3, "currency": "eur-id"}
    assert made.agreed == [("abc", "ABC"), (1, 3), (None, "eur-id"), ("held", None)]


def uncoupled(row: IntegrationFieldMapping, value: Value) -> Value | NotCoupled:
    """Answer that nothing is coupled."""
    assert row.reference is not None
    return NotCoupled(mapping=row.reference.mapping, key=str(value), remedy="Couple it.")


def test_an_uncoupled_reference_fails_the_record_with_what_it_waits_for() -> None:
    """The error names the record whose coupling would end it."""
    row = IntegrationFieldMapping(
        erp_field="F",
        crm_field="f",
        direction=TO,
        reference=Reference(mapping=MappingName("R"), target_table="r"),
    )
    made = new_record(transfer_plan(mapping(row), TO, NAMED), ["HS"], uncoupled)
    assert isinstance(made, RecordError)
    assert made.code is ErrorCode.REFERENCE_NOT_COUPLED
    assert made.waits_for is not None
    assert (made.waits_for.mapping, made.waits_for.key) == ("R", "HS")


def test_a_cleared_reference_stays_pending_until_its_record_is_coupled() -> None:
    """The record goes through; once the partner exists, the reference counts as changed and is written."""
    row = IntegrationFieldMapping(
        erp_field="F",
        crm_field="f",
        direction=BOTH,
        clear_value_on_failed_sync=True,
        reference=Reference(mapping=MappingName("R"), target_table="r"),
    )
    plan = transfer_plan(mapping(row), TO, NAMED)
    made = new_record(plan, ["HS"], uncoupled)
    assert isinstance(made, NewRecord)
    assert made.pending
    assert "f" not in made.values
    still = merge_fields(plan, ["HS"], [None], made.agreed, uncoupled)
    assert (still.write, still.agreed) == ({}, made.agreed)
    assert still.pending
    filled = merge_fields(plan, ["HS"], [None], still.agreed, lambda _row, _value: "partner")
    assert filled.write == {"f": "partner"}
    assert filled.agreed == [("HS", "partner")]


VALUES = st.sampled_from(["a", "b", "c", None])


@given(erp=st.tuples(VALUES, VALUES), crm=st.tuples(VALUES, VALUES), base=st.tuples(VALUES, VALUES))
def test_two_passes_bring_both_sides_together_unless_there_is_a_conflict(
    erp: tuple[Value, Value], crm: tuple[Value, Value], base: tuple[Value, Value]
) -> None:
    """From any state that began equal, both passes end in equal records and have nothing more to write."""
    both = mapping(field_row(BOTH, "A"), field_row(BOTH, "B"))
    to_plan, from_plan = transfer_plan(both, TO, NAMED), transfer_plan(both, FROM, NAMED)
    agreed: list[Pair] = [(value, value) for value in base]
    first = merge_fields(to_plan, erp, crm, agreed, no_references)
    crm_after = tuple(first.write.get(name, value) for name, value in zip("ab", crm, strict=True))
    second = merge_fields(from_plan, crm_after, erp, first.agreed, no_references)
    erp_after = tuple(second.write.get(name, value) for name, value in zip("AB", erp, strict=True))
    for place in range(2):
        changed = erp[place] != base[place] and crm[place] != base[place] and erp[place] != crm[place]
        assert changed == ("ab"[place] in first.conflicting)
        if not changed:
            assert erp_after[place] == crm_after[place]
    again = merge_fields(to_plan, erp_after, crm_after, second.agreed, no_references)
    assert again.write == {}
    assert again.conflicting.keys() == first.conflicting.keys()


def failing(row: IntegrationFieldMapping, value: Value) -> Value | NotCoupled:
    """Translate nothing: no record is coupled."""
    return NotCoupled(mapping=MappingName("PEOPLE"), key=f"{row.erp_field} {value}", remedy="Couple it.")


def referring(direction: Direction, **options: bool) -> IntegrationFieldMapping:
    """Make a row that refers to a person."""
    return IntegrationFieldMapping(
        erp_field="F",
        crm_field="f",
        direction=direction,
        reference=Reference(mapping=MappingName("PEOPLE"), target_table="user"),
        clear_value_on_failed_sync=options.get("cleared", False),
    )


@pytest.mark.parametrize(
    ("direction", "erp", "crm", "left", "failed"),
    [(BOTH, "a", "y", True, False), (BOTH, "x", "a", False, True), (TO, "a", "y", False, True)],
)
def test_a_reference_that_lost_its_partner_is_nobodys_silence(
    direction: Direction, erp: Value, crm: Value, *, left: bool, failed: bool
) -> None:
    """The other side's news are left to its own pass; a value that must be written and can't be is an error."""
    plan = transfer_plan(mapping(referring(direction)), TO, NAMED)
    merge = merge_fields(plan, [erp], [crm], [("a", "a")], failing)
    assert (merge.left, merge.error is not None, merge.write) == (left, failed, {})


def test_a_rule_that_refuses_a_value_gives_an_error_that_names_field_and_value() -> None:
    """The record fails with words for users, in a merge and in a create."""

    class Refuse:
        """Refuses everything."""

        def apply(self, value: Value) -> Value:
            """Refuse."""
            raise ValueError(f"{value} is no colour")

        def describe(self) -> str:
            """Say what the rule does."""
            return "refuses"

    row = IntegrationFieldMapping(erp_field="F", crm_field="f", direction=TO, to_rules=(Refuse(),))
    plan = transfer_plan(mapping(row), TO, NAMED)
    made = new_record(plan, ["red"], no_references)
    assert isinstance(made, RecordError)
    assert made.code is ErrorCode.VALUE_NOT_TRANSFERABLE
    assert "F>f: the value 'red' can't be carried over: red is no colour." in made.message
    assert merge_fields(plan, ["red"], ["blue"], [("a", "blue")], no_references).error == made


def test_a_row_for_later_is_neither_created_nor_agreed_on() -> None:
    """It is written once the record exists."""
    row = IntegrationFieldMapping(erp_field="F", crm_field="f", direction=TO, after_insert=True)
    made = new_record(transfer_plan(mapping(row), TO, NAMED), ["a"], no_references)
    assert isinstance(made, NewRecord)
    assert (made.values, made.agreed, made.deferred) == ({"kind": 3}, [(None, None)], (0,))


def test_a_row_of_creates_only_is_left_alone_afterwards() -> None:
    """Whatever both sides make of it, nothing is written and nothing agreed."""
    row = IntegrationFieldMapping(erp_field="F", crm_field="f", direction=BOTH, insert_only=True)
    plan = transfer_plan(mapping(row), TO, NAMED)
    merge = merge_fields(plan, ["x"], ["y"], [("a", "a")], no_references)
    assert merge.difference is Difference.NONE
    assert merge.agreed == [("a", "a")]


def test_a_pair_just_coupled_agrees_on_no_row_of_the_opposite_pass() -> None:
    """What the CRM alone may say is still to be carried."""
    plan = transfer_plan(mapping(field_row(BOTH, "F"), field_row(FROM, "G")), TO, NAMED)
    merge = merge_fields(plan, ["a", "old"], ["a", "new"], None, no_references)
    assert merge.agreed == [("a", "a"), (None, None)]
