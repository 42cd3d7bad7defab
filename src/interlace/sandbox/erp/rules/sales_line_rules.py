"""Sales lines: what an item or a resource brings along, line numbers, quantities, prices and discounts."""

from decimal import Decimal
from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.field_values import plain_decimal
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.sales_totals import header_of, lines_of, recalculate, rounding_precision
from interlace.sandbox.erp.sales_amounts import VAT_PERCENT, price_line, round_to
from interlace.sandbox.erp.tables import TABLES

_LINE_STEP: Final = 10_000
_UNIT_PRECISION: Final = Decimal("0.00001")
_ONE: Final = Decimal(1)


def _open_header(erp: Application, values: Values) -> Record:
    header = header_of(erp, str(values["Document_Type"]), str(values["Document_No"]))
    if header is None:
        raise refusals.dialog(
            f"The sales {values['Document_Type']} {values['Document_No']} does not exist. Create it first."
        )
    if header.text("Status") != "Open":
        raise refusals.dialog(
            f"Status must be equal to 'Open' in Sales Header: No={header.text('No')}. Current value is "
            f"'{header.text('Status')}'. Reopen the document before you change its lines."
        )
    return header


def _item(erp: Application, values: Values) -> Record:
    number = str(values["No"])
    item = erp.records.by_code("Item", number)
    if item is None:
        raise refusals.related_missing(
            TABLES["Sales_Line"], TABLES["Item_Variant"].by_name["Item_No"], number
        )
    if item.values["Blocked"] or item.values["Sales_Blocked"]:
        raise refusals.dialog(f"You cannot sell item {number} because it is blocked. Unblock it first.")
    return item


def _take_unit(erp: Application, values: Values, item: Record) -> None:
    """Give the quantity per unit: the unit must be one of the item's."""
    unit = str(values["Unit_of_Measure_Code"])
    found = erp.records.get(TABLES["Item_Unit_of_Measure"], (item.text("No"), unit)) if unit else None
    if unit and found is None:
        raise refusals.dialog(
            f"The unit of measure {unit} does not exist for item {item.text('No')}. Add it to the item."
        )
    quantity = found.amount("Qty_per_Unit_of_Measure") if found is not None else _ONE
    values["Qty_per_Unit_of_Measure"] = quantity or _ONE


def _price(values: Values, price: Decimal, cost: Decimal, factor: Decimal) -> None:
    per_unit = Decimal(str(values["Qty_per_Unit_of_Measure"]))
    values["Unit_Price"] = round_to(price * per_unit * (factor or _ONE), _UNIT_PRECISION)
    values["Unit_Cost_LCY"] = round_to(cost * per_unit, _UNIT_PRECISION)


def _take_item(erp: Application, values: Values, header: Record, sent: frozenset[str]) -> None:
    item = _item(erp, values)
    if "Description" not in sent:
        values["Description"] = item.values["Description"]
    if "Description_2" not in sent:
        values["Description_2"] = item.values["Description_2"]
    if "Unit_of_Measure_Code" not in sent:
        values["Unit_of_Measure_Code"] = item.text("Sales_Unit_of_Measure") or item.text(
            "Base_Unit_of_Measure"
        )
    values["Allow_Invoice_Disc"] = item.values["Allow_Invoice_Disc"]
    values["VAT_Prod_Posting_Group"] = item.values["VAT_Prod_Posting_Group"]
    values["Gen_Prod_Posting_Group"] = item.values["Gen_Prod_Posting_Group"]
    variant = str(values["Variant_Code"])
    if variant and erp.records.get(TABLES["Item_Variant"], (item.text("No"), variant)) is None:
        raise refusals.dialog(f"The variant {variant} does not exist for item {item.text('No')}.")
    _take_unit(erp, values, item)
    if "Unit_Price" not in sent:
        _price(values, item.amount("Unit_Price"), item.amount("Unit_Cost"), header.amount("Currency_Factor"))


def _take_resource(erp: Application, values: Values, header: Record, sent: frozenset[str]) -> None:
    number = str(values["No"])
    resource = erp.records.by_code("Resource", number)
    if resource is None:
        raise refusals.dialog(f"The resource {number} does not exist. Create it first.")
    if resource.values["Blocked"]:
        raise refusals.dialog(f"You cannot sell resource {number} because it is blocked. Unblock it first.")
    if "Description" not in sent:
        values["Description"] = resource.values["Name"]
    if "Unit_of_Measure_Code" not in sent:
        values["Unit_of_Measure_Code"] = resource.values["Base_Unit_of_Measure"]
    values["Qty_per_Unit_of_Measure"] = _ONE
    values["Allow_Invoice_Disc"] = True
    if "Unit_Price" not in sent:
        factor = header.amount("Currency_Factor")
        _price(values, resource.amount("Unit_Price"), resource.amount("Unit_Cost"), factor)


def _take_product(erp: Application, values: Values, header: Record, sent: frozenset[str]) -> None:
    percent = VAT_PERCENT.get(header.text("VAT_Bus_Posting_Group"), Decimal(0))
    values["VAT_Percent"] = percent
    values["VAT_Identifier"] = f"VAT{percent:f}" if percent else ""
    if values["Type"] == "Item":
        _take_item(erp, values, header, sent)
    elif values["Type"] == "Resource":
        _take_resource(erp, values, header, sent)


def _count(values: Values, sent: frozenset[str]) -> None:
    """Keep quantities consistent: what is left to ship and to invoice follows the ordered quantity."""
    quantity = Decimal(str(values["Quantity"]))
    shipped = Decimal(str(values["Quantity_Shipped"]))
    invoiced = Decimal(str(values["Quantity_Invoiced"]))
    if abs(quantity) < abs(shipped):
        raise refusals.dialog(f"Quantity cannot be less than the shipped quantity {shipped}.")
    outstanding = plain_decimal(quantity - shipped)
    values["Outstanding_Quantity"] = outstanding
    per_unit = Decimal(str(values["Qty_per_Unit_of_Measure"])) or _ONE
    values["Outstanding_Qty_Base"] = round_to(outstanding * per_unit, _UNIT_PRECISION)
    if "Qty_to_Ship" not in sent:
        values["Qty_to_Ship"] = outstanding
    if abs(Decimal(str(values["Qty_to_Ship"]))) > abs(outstanding):
        raise refusals.dialog(f"You cannot ship more than {outstanding} units.")
    if "Qty_to_Invoice" not in sent:
        values["Qty_to_Invoice"] = plain_decimal(shipped + Decimal(str(values["Qty_to_Ship"])) - invoiced)


def _money(erp: Application, values: Values, header: Record, sent: frozenset[str]) -> None:
    percent = Decimal(str(values["Line_Discount_Percent"]))
    if not 0 <= percent <= 100:
        raise refusals.field_validation(
            f"Line Discount Percent must be between 0 and 100, but it is {percent}."
        )
    by_amount = "Line_Discount_Amount" in sent and "Line_Discount_Percent" not in sent
    price_line(values, rounding_precision(erp, header.text("Currency_Code")), by_amount=by_amount)


def _complete(erp: Application, values: Values, given: frozenset[str]) -> None:
    header = _open_header(erp, values)
    if not values["Line_No"]:
        lines = lines_of(erp, header)
        values["Line_No"] = (int(lines[-1].values["Line_No"]) if lines else 0) + _LINE_STEP
    if values["No"]:
        _take_product(erp, values, header, given)
    if "Shipment_Date" not in given:
        values["Shipment_Date"] = header.values["Shipment_Date"]
    _count(values, given)
    _money(erp, values, header, given)


def _check(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    header = _open_header(erp, values)
    fixed = changed & {"Document_Type", "Document_No", "Line_No"}
    if fixed:
        raise refusals.dialog(f"{', '.join(sorted(fixed))} of a sales line cannot be changed.")
    if changed & {"Type", "No", "Variant_Code", "Unit_of_Measure_Code"} and values["No"]:
        kept = frozenset() if changed & {"Type", "No"} else frozenset({"Unit_of_Measure_Code", "Description"})
        _take_product(erp, values, header, changed | kept)
    _count(values, changed)
    _money(erp, values, header, changed)


def _total(erp: Application, line: Record) -> None:
    header = header_of(erp, line.text("Document_Type"), line.text("Document_No"))
    if header is not None:
        recalculate(erp, header)


def _changed(erp: Application, old: Record, new: Record, changed: frozenset[str]) -> None:
    _total(erp, new)


def _may_delete(erp: Application, line: Record) -> None:
    _open_header(erp, dict(line.values))
    if line.amount("Quantity_Shipped"):
        raise refusals.dialog(
            f"You cannot delete the line {line.values['Line_No']} because it has been shipped."
        )


SALES_LINE_RULES: Final = Rules(
    complete=_complete,
    created=_total,
    check=_check,
    changed=_changed,
    may_delete=_may_delete,
    deleted=_total,
)
