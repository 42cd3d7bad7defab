"""Items, their units, resources, prices, price groups, currencies and vendors."""

from decimal import Decimal
from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.declaration import Field
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.customer_rules import follow_name
from interlace.sandbox.erp.tables import TABLES


def _complete_item(erp: Application, values: Values, given: frozenset[str]) -> None:
    follow_name(values, "", str(values["Description"]), "Search_Description")
    for name in ("Sales_Unit_of_Measure", "Purch_Unit_of_Measure"):
        if not values[name]:
            values[name] = values["Base_Unit_of_Measure"]
    if "Allow_Invoice_Disc" not in given:
        values["Allow_Invoice_Disc"] = True


def _keep_base_unit(erp: Application, item: Record) -> None:
    """An item's base unit is one of the item's units, with the quantity 1."""
    unit = item.text("Base_Unit_of_Measure")
    table = TABLES["Item_Unit_of_Measure"]
    if unit and erp.records.get(table, (item.text("No"), unit)) is None:
        quantity: Values = {"Item_No": item.text("No"), "Code": unit, "Qty_per_Unit_of_Measure": Decimal(1)}
        erp.create(table, quantity)


def _check_item(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    if "Description" in changed and "Search_Description" not in changed:
        follow_name(values, old.text("Description"), str(values["Description"]), "Search_Description")
    has_entries = erp.records.has_any("Item_Ledger_Entry", Item_No=old.text("No"))
    if changed & {"Base_Unit_of_Measure", "Type"} and has_entries:
        raise refusals.dialog(
            f"You cannot change {', '.join(sorted(changed & {'Base_Unit_of_Measure', 'Type'}))} of item "
            f"{old.key_text} because it has ledger entries. Create a new item instead."
        )
    if "Base_Unit_of_Measure" in changed and "Sales_Unit_of_Measure" not in changed:
        values["Sales_Unit_of_Measure"] = values["Base_Unit_of_Measure"]


def _item_changed(erp: Application, old: Record, new: Record, changed: frozenset[str]) -> None:
    if "Base_Unit_of_Measure" in changed:
        _keep_base_unit(erp, new)


def _may_delete_item(erp: Application, item: Record) -> None:
    number = item.text("No")
    if erp.records.has_any("Item_Ledger_Entry", Item_No=number):
        raise refusals.dialog(
            f"You cannot delete item {number} because it has ledger entries. Block it instead."
        )
    if erp.records.has_any("Sales_Line", Type="Item", No=number):
        raise refusals.dialog(
            f"You cannot delete item {number} because it is on a sales line. Delete or post that first."
        )


def _item_deleted(erp: Application, item: Record) -> None:
    for table in ("Item_Variant", "Item_Unit_of_Measure", "Sales_Price", "CRM_Integration_Record"):
        for record in erp.records.find_equal(table, Item_No=item.text("No")):
            erp.records.delete(record)


def _complete_unit(erp: Application, values: Values, given: frozenset[str]) -> None:
    if not values["Qty_per_Unit_of_Measure"]:
        values["Qty_per_Unit_of_Measure"] = Decimal(1)


def _may_delete_unit(erp: Application, unit: Record) -> None:
    item = erp.records.by_code("Item", unit.text("Item_No"))
    if item is not None and item.text("Base_Unit_of_Measure") == unit.text("Code"):
        raise refusals.dialog(
            f"You cannot delete unit {unit.text('Code')} of item {item.key_text} because it is its base unit."
        )


def _complete_resource(erp: Application, values: Values, given: frozenset[str]) -> None:
    follow_name(values, "", str(values["Name"]))


def _check_named(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    if "Name" in changed and "Search_Name" not in changed:
        follow_name(values, old.text("Name"), str(values["Name"]))


def _check_sales_code(erp: Application, values: Values) -> None:
    """Check that the sales code names what the sales type says; for all customers it is blank."""
    code, kind = str(values["Sales_Code"]), str(values["Sales_Type"])
    related = {"Customer": "Customer", "Customer Price Group": "Customer_Price_Group"}.get(kind)
    if related is None:
        if kind == "All Customers" and code:
            raise refusals.field_validation("Sales Code must be blank when Sales Type is All Customers.")
        return
    if not code:
        raise refusals.field_validation(f"Sales Code must have a value when Sales Type is {kind}.")
    if not erp.records.exists(related, code):
        raise refusals.related_missing(TABLES["Sales_Price"], _RELATED_SALES_CODE[related], code)


def _complete_price(erp: Application, values: Values, given: frozenset[str]) -> None:
    _check_sales_code(erp, values)
    for name in ("Allow_Line_Disc", "Allow_Invoice_Disc"):
        if name not in given:
            values[name] = True


def _check_price(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    _check_sales_code(erp, values)


def _group_deleted(erp: Application, group: Record) -> None:
    for price in erp.records.find_equal("Sales_Price", Sales_Code=group.text("Code")):
        if price.text("Sales_Type") == "Customer Price Group":
            erp.records.delete(price)


def _complete_currency(erp: Application, values: Values, given: frozenset[str]) -> None:
    if "ISO_Code" not in given:
        values["ISO_Code"] = str(values["Code"])[:3]
    for name, default in (
        ("Amount_Rounding_Precision", Decimal("0.01")),
        ("Invoice_Rounding_Precision", Decimal("0.01")),
        ("Unit_Amount_Rounding_Precision", Decimal("0.00001")),
    ):
        if name not in given:
            values[name] = default


def _currency_deleted(erp: Application, currency: Record) -> None:
    for rate in erp.records.find_equal("Currency_Exchange_Rate", Currency_Code=currency.text("Code")):
        erp.records.delete(rate)


def _may_delete_currency(erp: Application, currency: Record) -> None:
    if erp.records.has_any("Cust_Ledger_Entry", Currency_Code=currency.text("Code")):
        raise refusals.dialog(
            f"You cannot delete currency {currency.key_text} because there are ledger entries in it."
        )


_SALES_CODE = TABLES["Sales_Price"].by_name["Sales_Code"]
_RELATED_SALES_CODE: Final = {
    name: Field(name="Sales_Code", type=_SALES_CODE.type, length=_SALES_CODE.length, relation=name)
    for name in ("Customer", "Customer_Price_Group")
}

ITEM_RULES: Final = Rules(
    complete=_complete_item,
    created=_keep_base_unit,
    check=_check_item,
    changed=_item_changed,
    may_delete=_may_delete_item,
    deleted=_item_deleted,
)
ITEM_UNIT_RULES: Final = Rules(complete=_complete_unit, may_delete=_may_delete_unit)
RESOURCE_RULES: Final = Rules(complete=_complete_resource, check=_check_named)
VENDOR_RULES: Final = Rules(complete=_complete_resource, check=_check_named)
SALES_PRICE_RULES: Final = Rules(complete=_complete_price, check=_check_price)
PRICE_GROUP_RULES: Final = Rules(deleted=_group_deleted)
CURRENCY_RULES: Final = Rules(
    complete=_complete_currency, may_delete=_may_delete_currency, deleted=_currency_deleted
)
