"""What the check of mappings finds, problem by problem."""

from dataclasses import replace

import pytest

from interlace.domain.integration_field_mapping import (
    Direction,
    IntegrationFieldMapping,
    PartOf,
    Reference,
)
from interlace.domain.integration_table_mapping import (
    IntegrationTableMapping,
    MatchRule,
    TemplateField,
)
from interlace.domain.keys import MappingName
from interlace.domain.mapping_check import check_mapping, check_mappings
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.domain.transformation_rule import UpperCase

TO = Direction.TO_INTEGRATION_TABLE
FROM = Direction.FROM_INTEGRATION_TABLE
BOTH = Direction.BIDIRECTIONAL

ERP_COLUMNS = {
    "No": "text",
    "Name": "text",
    "Limit": "decimal",
    "Count": "whole number",
    "Blocked": "boolean",
    "Due": "date",
    "Computed": "virtual",
}
CRM_COLUMNS = {
    "name": "text",
    "creditlimit": "decimal",
    "statecode": "whole number",
    "onhold": "boolean",
    "duedate": "moment",
    "ownerid": "lookup",
    "ilc_erpkey": "guid",
}

OWNER = Reference(mapping=MappingName("SALESPEOPLE"), target_table="systemuser")
CHOICE = Reference(mapping=MappingName("TERMS"), target_table="")


def row(
    erp_field: str | None,
    crm_field: str | None,
    direction: Direction = TO,
    *,
    reference: Reference | None = None,
    clears: bool = False,
) -> IntegrationFieldMapping:
    """Return a field row."""
    return IntegrationFieldMapping(
        erp_field=erp_field,
        crm_field=crm_field,
        direction=direction,
        reference=reference,
        clear_value_on_failed_sync=clears,
    )


def mapping(
    *rows: IntegrationFieldMapping,
    name: str = "CUSTOMER",
    direction: Direction = BOTH,
    depends_on: tuple[str, ...] = (),
    integration_table: str = "account",
    choice_column: str | None = None,
) -> IntegrationTableMapping:
    """Return a mapping with these rows."""
    return IntegrationTableMapping(
        name=MappingName(name),
        erp_table="Customer",
        integration_table=integration_table,
        direction=direction,
        fields=rows,
        depends_on=tuple(map(MappingName, depends_on)),
        choice_column=choice_column,
    )


def messages(checked: IntegrationTableMapping) -> list[str]:
    """Check one mapping against the columns of this module."""
    return [each.message for each in check_mapping(checked, ERP_COLUMNS, CRM_COLUMNS)]


def test_sound_mapping_has_no_problem() -> None:
    """Rows whose fields exist and fit are left alone."""
    assert not messages(
        mapping(
            row("Name", "name", BOTH),
            row("Limit", "creditlimit"),
            row("Count", "creditlimit", FROM),
            row("Due", "duedate"),
            row("Computed", "onhold"),
            row("No", "ownerid", reference=OWNER),
            row("No", "statecode", reference=CHOICE),
            row(None, "ilc_erpkey"),
            row("Blocked", None, FROM),
        )
    )


def test_unknown_fields_are_named_wherever_they_are_used() -> None:
    """Rows, filters, match rules and templates are all looked through, and each name is told once."""
    broken = replace(
        mapping(row("Nothing", "name"), row("Name", "nowhere", FROM)),
        table_filter=TableFilter(conditions=(Condition(field="Filtered", comparison=Comparison.BLANK),)),
        match_rules=(MatchRule(erp_field="Nothing", crm_field="matched"),),
        table_config_template=(TemplateField(field="Templated", value=1),),
        integration_table_config_template=(TemplateField(field="templated", value=1),),
    )
    told = messages(broken)
    assert len(told) == 6
    for name in ("Nothing", "Filtered", "Templated"):
        assert f"The ERP's table Customer has no field {name}. " in " ".join(told)
    for name in ("nowhere", "matched", "templated"):
        assert f"The CRM's table account has no field {name}. " in " ".join(told)


@pytest.mark.parametrize(
    ("mapping_way", "row_way", "sound"),
    [
        (TO, TO, True),
        (TO, FROM, False),
        (TO, BOTH, False),
        (FROM, FROM, True),
        (FROM, TO, False),
        (FROM, BOTH, False),
        (BOTH, TO, True),
        (BOTH, FROM, True),
        (BOTH, BOTH, True),
    ],
)
def test_direction_of_a_row_fits_its_mapping(
    mapping_way: Direction, row_way: Direction, *, sound: bool
) -> None:
    """A row may go no way that its mapping does not go."""
    told = messages(mapping(row("Name", "name", row_way), direction=mapping_way))
    assert bool(told) is not sound
    assert all("direction" in each for each in told)


def test_row_without_fields_is_told() -> None:
    """A row that names no field does nothing."""
    assert any("names no field" in each for each in messages(mapping(row(None, None, FROM))))


@pytest.mark.parametrize("broken", [row(None, "name", FROM), row("Name", None, TO), row(None, "name", BOTH)])
def test_constant_in_a_direction_without_field_is_told(broken: IntegrationFieldMapping) -> None:
    """A constant travels only towards the field that it names."""
    assert any("constant" in each for each in messages(mapping(broken)))


def test_field_written_by_two_rows_is_told() -> None:
    """Two rows may not write one field in one pass; opposite passes are none of each other's concern."""
    assert messages(mapping(row("Name", "name"), row("No", "name"))) == [
        "name is written by the row Name>name as well. Take one of them out."
    ]
    assert not messages(mapping(row("Name", "name"), row("No", "name", FROM)))


def test_lookup_without_reference_is_told() -> None:
    """A lookup needs a mapping that translates it."""
    assert "points at other records" in messages(mapping(row("No", "ownerid")))[0]


@pytest.mark.parametrize(
    "broken", [row("No", "name", reference=OWNER), row("No", "ownerid", reference=CHOICE)]
)
def test_reference_on_a_column_of_another_kind_is_told(broken: IntegrationFieldMapping) -> None:
    """A reference to records needs a lookup, a reference to a choice must not have one."""
    assert "is of kind" in messages(mapping(broken))[0]


def test_kinds_that_do_not_meet_are_told_unless_a_rule_changes_them() -> None:
    """Text is no number and a truth value no choice, but a rule may make one of the other."""
    broken = row("Blocked", "statecode")
    assert messages(mapping(broken)) == [
        (
            "Blocked is of kind boolean, statecode of kind whole number. "
            "Add a transformation rule, or map another field."
        )
    ]
    assert not messages(mapping(replace(broken, to_rules=(UpperCase(),))))
    assert not messages(mapping(replace(broken, from_rules=(UpperCase(),))))


SALESPEOPLE = mapping(name="SALESPEOPLE", integration_table="systemuser")
TERMS = mapping(name="TERMS", choice_column="paymenttermscode")


def test_sound_references_have_no_problem() -> None:
    """References to records, parts, choices and to what is cleared when uncoupled are all sound."""
    part = replace(OWNER, target_table="team", part=PartOf(table="team", match="administratorid"))
    customer = mapping(
        row("No", "ownerid", reference=OWNER),
        row("No", "teamid", reference=part),
        row("No", "statecode", reference=CHOICE),
        row("No", "primarycontactid", reference=replace(OWNER, mapping=MappingName("LATER")), clears=True),
        depends_on=("MIDDLE", "SALESPEOPLE"),
    )
    middle = mapping(name="MIDDLE", depends_on=("TERMS", "SALESPEOPLE"))
    later = mapping(name="LATER", integration_table="systemuser")
    assert not check_mappings([SALESPEOPLE, TERMS, middle, customer, later])


def test_name_used_twice_is_told() -> None:
    """Names tell mappings apart."""
    assert "used twice" in check_mappings([TERMS, TERMS])[0].message


def test_unknown_parent_is_told() -> None:
    """A dependency on nothing is told."""
    assert "depends on NOTHING" in check_mappings([mapping(depends_on=("NOTHING",))])[0].message


def test_reference_to_an_unknown_mapping_is_told() -> None:
    """A reference needs its mapping."""
    told = check_mappings([mapping(row("No", "ownerid", reference=OWNER), depends_on=())])
    assert [(each.row, "SALESPEOPLE, which does not exist" in each.message) for each in told] == [
        ("No>ownerid", True)
    ]


def test_reference_without_dependency_is_told() -> None:
    """What a row refers to must run first, or the row must do without it."""
    told = check_mappings([SALESPEOPLE, mapping(row("No", "ownerid", reference=OWNER))])
    assert ["does not depend on it" in each.message for each in told] == [True]


@pytest.mark.parametrize("reference", [replace(OWNER, target_table="team"), replace(OWNER, target_table="")])
def test_reference_to_another_table_than_coupled_is_told(reference: Reference) -> None:
    """A lookup must point at the table whose records the related mapping couples."""
    told = check_mappings(
        [SALESPEOPLE, mapping(row("No", "ownerid", reference=reference), depends_on=("SALESPEOPLE",))]
    )
    assert ["Correct the reference's target table" in each.message for each in told] == [True]


def test_reference_to_choices_as_records_is_told() -> None:
    """The records of an option set mapping can't be pointed at."""
    told = check_mappings(
        [
            TERMS,
            mapping(row("No", "x", reference=replace(CHOICE, target_table="account")), depends_on=("TERMS",)),
        ]
    )
    assert ["couples choices" in each.message for each in told] == [True]


def test_circle_is_told() -> None:
    """Mappings that wait for one another never run."""
    told = check_mappings([mapping(name="A", depends_on=("B",)), mapping(name="B", depends_on=("A",))])
    assert ["in a circle" in each.message for each in told] == [True]
