"""The generated functions give the answers of the rules they were generated from."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from interlace.domain.compiled_transfer import compile_differing, compile_is_agreed, compile_new_record
from interlace.domain.field_merge import merge_fields
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, NamedKey, Reference
from interlace.domain.integration_table_mapping import IntegrationTableMapping, TemplateField
from interlace.domain.keys import MappingName
from interlace.domain.observation import Difference
from interlace.domain.transfer_fields import NewRecord, NotCoupled, new_record, transfer_plan
from interlace.domain.transformation_rule import NotBelowZero, Prefix
from interlace.domain.values import Value, canonical, same_value

TO, FROM, BOTH = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE, Direction.BIDIRECTIONAL
REFERENCE = Reference(mapping=MappingName("R"), target_table="r")
MAPPING = IntegrationTableMapping(
    name=MappingName("M"),
    erp_table="E",
    integration_table="c",
    direction=BOTH,
    fields=(
        IntegrationFieldMapping(erp_field="A", crm_field="a", direction=BOTH),
        IntegrationFieldMapping(erp_field="B", crm_field="b", direction=TO, to_rules=(Prefix(text="NAV "),)),
        IntegrationFieldMapping(erp_field="C", crm_field="c", direction=BOTH, to_rules=(NotBelowZero(),)),
        IntegrationFieldMapping(erp_field="D", crm_field="d", direction=BOTH, reference=REFERENCE),
        IntegrationFieldMapping(crm_field="e", direction=TO, constant=NamedKey.BASE_CURRENCY),
        IntegrationFieldMapping(erp_field="F", crm_field="f", direction=FROM),
        IntegrationFieldMapping(erp_field="G", crm_field="g", direction=TO),
        IntegrationFieldMapping(
            erp_field="H", crm_field="h", direction=BOTH, reference=REFERENCE, clear_value_on_failed_sync=True
        ),
    ),
    integration_table_config_template=(TemplateField(field="g", value=7),),
)
WITH_DEFERRED = replace(
    MAPPING,
    fields=(
        *MAPPING.fields,
        IntegrationFieldMapping(erp_field="A", crm_field="a", direction=BOTH, after_insert=True),
    ),
)
NAMED = {NamedKey.BASE_CURRENCY: "eur"}
TEXT = st.sampled_from(["", "x", "x ", "y", " z", None])
RECORD = st.tuples(
    TEXT,
    TEXT,
    st.sampled_from([Decimal(-1), Decimal("1.50"), None]),
    st.sampled_from(["known", "unknown", None]),
    TEXT,
    TEXT,
    st.sampled_from(["known", "unknown", None]),
)


def translate(_row: IntegrationFieldMapping, value: Value) -> Value | NotCoupled:
    """Know one key."""
    if value == "unknown":
        return NotCoupled(mapping=MappingName("R"), key="unknown", remedy="Couple it.")
    return None if value is None else "partner"


@given(
    record=RECORD, direction=st.sampled_from([TO, FROM]), mapping=st.sampled_from([MAPPING, WITH_DEFERRED])
)
def test_the_generated_record_equals_the_one_made_row_by_row(
    record: tuple[Value, ...], direction: Direction, mapping: IntegrationTableMapping
) -> None:
    """Values and agreed pairs are the same; a doubtful record is left to the rules."""
    plan = transfer_plan(mapping, direction, NAMED)
    source = record if direction is TO else (*record[:4], "eur", *record[4:])
    made = compile_new_record(plan)(source, translate)
    expected = new_record(plan, source, translate)
    if isinstance(expected, NewRecord):
        assert made == expected
    else:
        assert made is None


@given(erp=RECORD, crm=RECORD, moved=st.booleans())
def test_agreed_records_have_no_difference(
    erp: tuple[Value, ...], crm: tuple[Value, ...], *, moved: bool
) -> None:
    """What the generated check calls agreed, the merge calls no difference."""
    plan = transfer_plan(MAPPING, TO, NAMED)
    made = new_record(plan, erp, translate)
    if not isinstance(made, NewRecord):
        return
    columns = MAPPING.crm_fields
    held = {row.crm_field: pair[1] for row, pair in zip(MAPPING.fields, made.agreed, strict=True) if pair}
    destination = [held.get(name) for name in columns]
    if moved:
        destination[0] = crm[0]
    is_agreed = compile_is_agreed(plan)(erp, destination, made.agreed)
    merge = merge_fields(plan, erp, destination, made.agreed, translate)
    if is_agreed:
        assert merge.difference is Difference.NONE
    else:
        assert moved or made.pending


@given(record=RECORD, others=RECORD)
def test_differing_rows_are_named(record: tuple[Value, ...], others: tuple[Value, ...]) -> None:
    """Exactly the rows whose value on one side means something else than the agreed one."""
    plan = transfer_plan(MAPPING, TO, NAMED)
    agreed = [(None if place is None else canonical(others[place]), None) for place in plan.sources]
    wanted = [
        index
        for index, place in enumerate(plan.sources)
        if place is not None and not same_value(record[place], agreed[index][0])
    ]
    assert compile_differing(plan.sources, 0)(record, agreed) == wanted


@given(record=RECORD)
def test_a_row_of_which_nobody_knows_what_was_agreed_always_differs(record: tuple[Value, ...]) -> None:
    """The merge has to look at it."""
    plan = transfer_plan(MAPPING, TO, NAMED)
    assert compile_differing(plan.sources, 0)(record, [None] * plan.row_count) == [
        index for index, place in enumerate(plan.sources) if place is not None
    ]
    assert not compile_is_agreed(plan)(record, record, [None] * plan.row_count)
