"""The default mappings as a whole: sound, in path order, and known in full to the judge."""

from pathlib import Path

import pytest

from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.mapping_check import check_mapping, check_mappings
from interlace.lead_to_cash import DEFAULT_MAPPINGS
from interlace.lead_to_cash.mapping_reference import render_mapping_reference
from interlace.sandbox.erp.declaration import FieldType
from interlace.sandbox.erp.tables import TABLES
from interlace.verify.expectations import EXPECTATIONS

BY_NAME = {str(each.name): each for each in DEFAULT_MAPPINGS}
EACH = [pytest.param(each, id=str(each.name)) for each in DEFAULT_MAPPINGS]

ERP_KINDS = {
    FieldType.DECIMAL: "decimal",
    FieldType.INTEGER: "whole number",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "moment",
    FieldType.GUID: "guid",
}
VIRTUAL_FIELDS = {
    "Contact": ("Customer_No",),
    "Currency": ("Exchange_Rate",),
    "Customer_Price_Group": ("Price_Currency",),
    "Sales_Price": ("Item_Base_Unit", "Group_Currency"),
}
LOOKUPS = {
    "ownerid",
    "transactioncurrencyid",
    "primarycontactid",
    "parentcustomerid",
    "defaultuomscheduleid",
    "defaultuomid",
    "pricelevelid",
    "productid",
    "uomid",
    "uomscheduleid",
}
# What the judge leaves out on purpose: inactive accounts are out of scope, and a type is a scope rule.
NOT_COMPARED = {("CUSTOMER", "Blocked>statecode"), ("CONTACT", "Type>")}


def erp_columns(table: str) -> dict[str, str]:
    """Return the kinds of an ERP table's fields, as the connector would tell them."""
    kinds = {field.name: ERP_KINDS.get(field.type, "text") for field in TABLES[table].fields}
    return kinds | dict.fromkeys(VIRTUAL_FIELDS.get(table, ()), "virtual")


def crm_columns_for(mapping: IntegrationTableMapping) -> dict[str, str]:
    """Return the lookups that a mapping names; every other column takes the kind of its ERP field."""
    erp = erp_columns(mapping.erp_table)
    columns = dict.fromkeys(mapping.crm_fields, "text")
    columns |= {each.field: "whole number" for each in mapping.integration_table_config_template}
    columns |= {
        row.crm_field: erp[row.erp_field] for row in mapping.fields if row.crm_field and row.erp_field
    }
    choices = {
        row.crm_field: "whole number"
        for row in mapping.fields
        if row.crm_field and row.reference and not row.reference.target_table
    }
    return columns | choices | {name: "lookup" for name in columns if name in LOOKUPS}


@pytest.mark.parametrize("mapping", EACH)
def test_every_field_exists_and_fits(mapping: IntegrationTableMapping) -> None:
    """No row, filter or match rule names an ERP field that the tables lack, and references sit on lookups."""
    assert not check_mapping(mapping, erp_columns(mapping.erp_table), crm_columns_for(mapping))


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


def test_only_prices_are_created_by_scheduled_runs() -> None:
    """By default a scheduled run creates records only where a record is nothing but its parent's price."""
    creating = {str(each.name) for each in DEFAULT_MAPPINGS if not each.synch_only_coupled_records}
    assert creating == {"ITEM-PRODPRICE", "RESOURCE-PRODPRICE", "SALESPRC-PRODPRICE"}


def test_rows_of_a_mapping_are_told_apart_by_their_fields() -> None:
    """No two rows of a mapping have the same pair of fields."""
    for mapping in DEFAULT_MAPPINGS:
        names = [row.row_id for row in mapping.fields]
        assert len(names) == len(set(names))


def test_judge_knows_every_mapping() -> None:
    """The separately written expectation table has one expectation for each mapping, and no other."""
    assert {each.mapping for each in EXPECTATIONS} == set(BY_NAME)


@pytest.mark.parametrize("mapping", EACH)
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
    assert page.read_text(encoding="utf-8") == render_mapping_reference(DEFAULT_MAPPINGS)
