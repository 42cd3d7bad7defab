"""The default mappings as a whole: sound, in path order, and known in full to the judge."""

from pathlib import Path

import pytest

from interlace.connectors.business_central.published_fields import DERIVED_FIELDS, PUBLISHED_VIRTUAL_FIELDS
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.mapping_check import check_mapping, check_mappings
from interlace.lead_to_cash import DEFAULT_MAPPINGS
from interlace.lead_to_cash.mapping_reference import render_mapping_reference
from interlace.lead_to_cash.two_way_field_rows import TWO_WAY_MAPPINGS
from interlace.sandbox.crm.customizations import extended_schema
from interlace.sandbox.crm.schema import Column, ColumnKind
from interlace.sandbox.crm.solutions.importing import foreseen_entries
from interlace.sandbox.erp.declaration import FieldType, Table
from interlace.sandbox.erp.tables import TABLES
from interlace.solution.build import build_solution
from interlace.verify.expectations import EXPECTATIONS

BY_NAME = {str(each.name): each for each in DEFAULT_MAPPINGS}
EACH = [pytest.param(each, id=str(each.name)) for each in DEFAULT_MAPPINGS]
BY_THEMSELVES = [pytest.param(each, id=str(each.name)) for each in DEFAULT_MAPPINGS if not each.run_by_saga]

ERP_KINDS = {
    FieldType.DECIMAL: "decimal",
    FieldType.INTEGER: "whole number",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "moment",
    FieldType.GUID: "guid",
}
FURTHER_FIELDS = [
    *((each.table, each.name) for each in PUBLISHED_VIRTUAL_FIELDS),
    *((each.table, each.name) for each in DERIVED_FIELDS),
]
CRM_KINDS = {
    ColumnKind.INTEGER: "whole number",
    ColumnKind.BIG_INTEGER: "whole number",
    ColumnKind.CHOICE: "whole number",
    ColumnKind.STATE: "whole number",
    ColumnKind.STATUS: "whole number",
    ColumnKind.DECIMAL: "decimal",
    ColumnKind.MONEY: "decimal",
    ColumnKind.BOOLEAN: "boolean",
    ColumnKind.DATE: "date",
    ColumnKind.DATETIME: "moment",
    ColumnKind.GUID: "guid",
    ColumnKind.LOOKUP: "lookup",
    ColumnKind.SHADOW: "lookup",
}
SCHEMA = extended_schema(foreseen_entries((build_solution().content,)))
OWNER_TABLES = {"systemuser", "team"}
# What the judge leaves out on purpose: inactive accounts are out of scope, and a type is a scope rule.
NOT_COMPARED = {("CUSTOMER", "Blocked>statecode"), ("CONTACT", "Type>")}


def stored_table(table: str) -> Table:
    """Return the ERP's own table behind one that a page makes of it."""
    return TABLES["Customer" if table == "Customer_Statistics" else table]


def erp_columns(table: str) -> dict[str, str]:
    """Return the kinds of an ERP table's fields, as the connector would tell them."""
    kinds = {field.name: ERP_KINDS.get(field.type, "text") for field in stored_table(table).fields}
    return kinds | dict.fromkeys((name for owner, name in FURTHER_FIELDS if owner == table), "virtual")


def crm_columns(mapping: IntegrationTableMapping) -> dict[str, str]:
    """Return the kinds of a CRM table's columns, as the connector would tell them."""
    if mapping.choice_column is not None:
        return {"value": "whole number", "label": "text"}
    columns = SCHEMA.tables[mapping.integration_table].columns.values()
    return {logical_name(each): CRM_KINDS.get(each.kind, "text") for each in columns}


def logical_name(column: Column) -> str:
    """Return the name by which mappings know a column."""
    return column.name.removeprefix("_").removesuffix("_value") if column.shadow_of else column.name


@pytest.mark.parametrize("mapping", EACH)
def test_every_field_exists_and_fits(mapping: IntegrationTableMapping) -> None:
    """No row, filter or match rule names an ERP field that the tables lack, and references sit on lookups."""
    assert not check_mapping(mapping, erp_columns(mapping.erp_table), crm_columns(mapping))


@pytest.mark.parametrize("mapping", EACH)
def test_every_crm_column_can_be_written(mapping: IntegrationTableMapping) -> None:
    """Rows towards the CRM name writable columns, and what only a create may set counts only then."""
    if mapping.choice_column is not None:
        return
    columns = {logical_name(each): each for each in SCHEMA.tables[mapping.integration_table].columns.values()}
    for row in mapping.fields:
        if row.crm_field is not None and row.direction.allows(Direction.TO_INTEGRATION_TABLE):
            assert columns[row.crm_field].writable
            assert row.insert_only or not columns[row.crm_field].create_only


@pytest.mark.parametrize("mapping", EACH)
def test_every_erp_field_can_be_written(mapping: IntegrationTableMapping) -> None:
    """Rows towards the ERP name fields that the ERP lets clients write."""
    fields = stored_table(mapping.erp_table).by_name
    for row in mapping.fields:
        name = row.erp_field
        if name is not None and name in fields and row.direction.allows(Direction.FROM_INTEGRATION_TABLE):
            assert not fields[name].read_only


@pytest.mark.parametrize("mapping", EACH)
def test_every_lookup_may_point_at_its_table(mapping: IntegrationTableMapping) -> None:
    """A reference's target is one of the tables that the lookup accepts."""
    for column, target in mapping.lookup_targets.items():
        accepted = SCHEMA.tables[mapping.integration_table].columns[column].targets.values()
        assert target in accepted or (column == "ownerid" and target in OWNER_TABLES)


def test_references_and_dependencies_are_sound() -> None:
    """Every reference runs after what it needs, points at the right table, and there is no circle."""
    assert not check_mappings(DEFAULT_MAPPINGS)


def test_path_order_puts_parents_first() -> None:
    """A mapping stands behind everything it depends on."""
    seen: set[str] = set()
    for mapping in DEFAULT_MAPPINGS:
        assert set(mapping.depends_on) <= seen
        seen.add(mapping.name)


@pytest.mark.parametrize("mapping", EACH)
def test_everything_for_people_is_there(mapping: IntegrationTableMapping) -> None:
    """Captions and reasons are filled in."""
    assert mapping.caption
    assert mapping.erp_caption
    for each in (*mapping.table_filter.conditions, *mapping.integration_table_filter.conditions):
        assert each.reason
        assert not each.reason.endswith(".")


def test_only_what_follows_from_others_is_created_by_scheduled_runs() -> None:
    """By default a scheduled run creates only what belongs to coupled records, and what the ERP has posted."""
    creating = {str(each.name) for each in DEFAULT_MAPPINGS if not each.synch_only_coupled_records}
    assert creating == {
        "ITEM-PRODPRICE",
        "RESOURCE-PRODPRICE",
        "SALESPRC-PRODPRICE",
        "OPPORTUNITY",
        "POSTEDSALESINV-INV",
        "POSTEDSALESLINE-INV",
        "STATISTICS",
    }


def test_rows_of_a_mapping_are_told_apart_by_their_fields() -> None:
    """No two rows of a mapping have the same pair of fields."""
    for mapping in DEFAULT_MAPPINGS:
        names = [row.row_id for row in mapping.fields]
        assert len(names) == len(set(names))


def test_judge_knows_every_mapping() -> None:
    """The separately written expectation table has one for each mapping that runs by itself, and no other."""
    by_themselves = {name for name, each in BY_NAME.items() if not each.run_by_saga}
    assert {each.mapping for each in EXPECTATIONS} == by_themselves


@pytest.mark.parametrize("mapping", BY_THEMSELVES)
def test_judge_knows_every_field_row(mapping: IntegrationTableMapping) -> None:
    """Every CRM column that a row carries is compared, apart from what is deliberately left out."""
    expectation = next(each for each in EXPECTATIONS if each.mapping == mapping.name)
    compared = {pair.crm_column for pair in expectation.pairs}
    named = {"pricelevelid", "productid", "uomid"} if mapping.name == "SALESPRC-PRODPRICE" else set()

    def is_judged(row: IntegrationFieldMapping) -> bool:
        return (mapping.name, row.row_id) in NOT_COMPARED or row.crm_field in compared | named

    assert [row.row_id for row in mapping.fields if not is_judged(row)] == []


def test_reference_page_is_current() -> None:
    """The page of mappings says what the declarations say; write it anew with the function named here."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "mappings.md"
    assert page.read_text(encoding="utf-8") == render_mapping_reference(DEFAULT_MAPPINGS, TWO_WAY_MAPPINGS)


def test_only_computed_figures_change_in_numbers_without_a_brake() -> None:
    """Whatever a person enters is braked: only the customers' statistics are computed by the ERP."""
    assert [each.name for each in DEFAULT_MAPPINGS if each.carries_figures] == ["STATISTICS"]
    figures = [each for each in DEFAULT_MAPPINGS if each.carries_figures]
    assert all(each.passes == (Direction.TO_INTEGRATION_TABLE,) for each in figures)
