"""Sales lines: what an item or a resource brings along, line numbers, quantities, prices and discounts."""

from decimal import Decimal
from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.field_values import plain_decimal
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.comment_rules import delete_line_comments
from interlace.sandbox.erp.rules.sales_pricing import (
    item_price,
    line_discount,
    plain_price,
    with_other_vat,
)
from interlace.sandbox.erp.rules.sales_totals import (
    header_of,
    last_line_no,
    lines_of,
    recalculate,
    rounding_precision,
    unit_precision,
)
from interlace.sandbox.erp.rules.vat_setup import vat_percent, vat_setup
from interlace.sandbox.erp.sales_amounts import amount_of, price_line, round_to
from interlace.sandbox.erp.tables import TABLES

_LINE_STEP: Final = 10_000
_UNIT_PRECISION: Final = Decimal("0.00001")
_ONE: Final = Decimal(1)


def _open_header(erp: Application, values: Values, *, always: bool = False) -> Record:
    header = header_of(erp, str(values["Document_Type"]), str(values["Document_No"]))
    if header is None:
        raise refusals.dialog(
            f"The sales {values['Document_Type']} {values['Document_No']} does not exist. Create it first."
        )
    if header.text("Status") != "Open" and not always:
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


def _price_item(erp: Application, values: Values, header: Record, item: Record, sent: frozenset[str]) -> None:
    """Give the line the price and the discount that the customer gets."""
    found = item_price(erp, header, values, item)
    if "Unit_Price" not in sent:
        values["Unit_Price"] = found.unit_price
    if "Allow_Invoice_Disc" not in sent:
        values["Allow_Invoice_Disc"] = bool(item.values["Allow_Invoice_Disc"]) and (
            found.allows_invoice_discount or "Unit_Price" in sent
        )
    values["Allow_Line_Disc"] = found.allows_line_discount and bool(header.values["Allow_Line_Disc"])
    if not sent & {"Line_Discount_Percent", "Line_Discount_Amount"}:
        agreed = line_discount(erp, header, values) if values["Allow_Line_Disc"] else Decimal(0)
        values["Line_Discount_Percent"] = agreed


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
    _take_variant(erp, values, item)
    _take_unit(erp, values, item)
    per_unit = amount_of(values, "Qty_per_Unit_of_Measure")
    values["Unit_Cost_LCY"] = round_to(item.amount("Unit_Cost") * per_unit, _UNIT_PRECISION)
    _take_groups(erp, values, header, item)
    _price_item(erp, values, header, item, sent)


def _take_variant(erp: Application, values: Values, item: Record) -> None:
    code = str(values["Variant_Code"])
    if not code:
        return
    variant = erp.records.get(TABLES["Item_Variant"], (item.text("No"), code))
    if variant is None:
        raise refusals.dialog(f"The variant {code} does not exist for item {item.text('No')}.")
    if variant.values["Blocked"] or variant.values["Sales_Blocked"]:
        raise refusals.dialog(
            f"You cannot sell variant {code} of item {item.text('No')} because it is blocked. Unblock it first."
        )


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
    values["Unit_Cost_LCY"] = round_to(resource.amount("Unit_Cost"), _UNIT_PRECISION)
    _take_groups(erp, values, header, resource)
    _allow_discounts(values, sent)
    if "Unit_Price" not in sent:
        price, group = resource.amount("Unit_Price"), resource.text("VAT_Prod_Posting_Group")
        values["Unit_Price"] = plain_price(erp, header, values, price, group)


def _take_account(erp: Application, values: Values, header: Record, sent: frozenset[str]) -> None:
    number = str(values["No"])
    account = erp.records.by_code("G_L_Account", number)
    if account is None:
        raise refusals.dialog(f"The G/L account {number} does not exist. Create it first.")
    if account.values["Blocked"] or not account.values["Direct_Posting"]:
        raise refusals.dialog(
            f"You cannot use G/L account {number} on a line: it is blocked or not open for direct posting."
        )
    if "Description" not in sent:
        values["Description"] = account.values["Name"]
    values["Qty_per_Unit_of_Measure"] = _ONE
    _take_groups(erp, values, header, account)
    _allow_discounts(values, sent)


def _allow_discounts(values: Values, sent: frozenset[str]) -> None:
    values["Allow_Line_Disc"] = True
    if "Allow_Invoice_Disc" not in sent:
        values["Allow_Invoice_Disc"] = values["Type"] != "G/L Account"


def _take_groups(erp: Application, values: Values, header: Record, product: Record) -> None:
    """The product's posting groups, and the VAT that follows from them and the customer's."""
    group = product.text("VAT_Prod_Posting_Group")
    values["VAT_Prod_Posting_Group"] = group
    values["Gen_Prod_Posting_Group"] = product.values["Gen_Prod_Posting_Group"]
    business = header.text("VAT_Bus_Posting_Group")
    values["VAT_Identifier"] = vat_setup(erp, business, group).values["VAT_Identifier"]
    values["VAT_Percent"] = vat_percent(erp, business, group)


def _take_product(erp: Application, values: Values, header: Record, sent: frozenset[str]) -> None:
    if values["Type"] == "Item":
        _take_item(erp, values, header, sent)
    elif values["Type"] == "Resource":
        _take_resource(erp, values, header, sent)
    elif values["Type"] == "G/L Account":
        _take_account(erp, values, header, sent)


def _count(values: Values, sent: frozenset[str]) -> None:
    """Keep quantities consistent: what is left to ship and to invoice follows the ordered quantity."""
    quantity = round_to(amount_of(values, "Quantity"), _UNIT_PRECISION)
    values["Quantity"] = quantity
    shipped = amount_of(values, "Quantity_Shipped")
    invoiced = amount_of(values, "Quantity_Invoiced")
    if abs(quantity) < abs(shipped):
        raise refusals.dialog(f"Quantity cannot be less than the shipped quantity {shipped}.")
    outstanding = plain_decimal(quantity - shipped)
    values["Outstanding_Quantity"] = outstanding
    values["Qty_Shipped_Not_Invoiced"] = plain_decimal(shipped - invoiced)
    per_unit = amount_of(values, "Qty_per_Unit_of_Measure") or _ONE
    values["Outstanding_Qty_Base"] = round_to(outstanding * per_unit, _UNIT_PRECISION)
    if values["Document_Type"] in {"Invoice", "Credit Memo"}:
        values["Qty_to_Ship"] = values["Qty_to_Invoice"] = quantity
        return
    if "Qty_to_Ship" not in sent:
        values["Qty_to_Ship"] = outstanding
    to_ship = amount_of(values, "Qty_to_Ship")
    if not _lies_within(to_ship, outstanding):
        raise refusals.dialog(f"You cannot ship more than {outstanding} units.")
    to_invoice_max = plain_decimal(shipped + to_ship - invoiced)
    if "Qty_to_Invoice" not in sent:
        values["Qty_to_Invoice"] = to_invoice_max
    if not _lies_within(amount_of(values, "Qty_to_Invoice"), to_invoice_max):
        raise refusals.dialog(f"You cannot invoice more than {to_invoice_max} units.")


def _lies_within(part: Decimal, whole: Decimal) -> bool:
    """Whether a quantity is a part of another: of the same sign and not more."""
    return abs(part) <= abs(whole) and part * whole >= 0


def _money(erp: Application, values: Values, header: Record, sent: frozenset[str]) -> None:
    percent = amount_of(values, "Line_Discount_Percent")
    if not 0 <= percent <= 100:
        raise refusals.field_validation(
            f"Line Discount Percent must be between 0 and 100, but it is {percent}."
        )
    by_amount = "Line_Discount_Amount" in sent and "Line_Discount_Percent" not in sent
    currency = header.text("Currency_Code")
    values["Unit_Price"] = round_to(amount_of(values, "Unit_Price"), unit_precision(erp, currency))
    price_line(values, rounding_precision(erp, currency), by_amount=by_amount)
    if by_amount and not 0 <= amount_of(values, "Line_Discount_Percent") <= 100:
        raise refusals.field_validation(
            f"Line Discount Amount {values['Line_Discount_Amount']} is more than the line's amount. "
            "Send a smaller discount."
        )


def _complete(erp: Application, values: Values, given: frozenset[str]) -> None:
    header = _open_header(erp, values)
    if not values["Line_No"]:
        values["Line_No"] = last_line_no(erp, header) + _LINE_STEP
    values["Bill_to_Customer_No"] = header.values["Bill_to_Customer_No"]
    if values["No"]:
        _take_product(erp, values, header, given)
    if "Shipment_Date" not in given:
        values["Shipment_Date"] = header.values["Shipment_Date"]
    _count(values, given)
    _money(erp, values, header, given)


_PRODUCT: Final = frozenset({"Type", "No", "Variant_Code", "Unit_of_Measure_Code"})
_PRICED: Final = frozenset(
    {"Quantity", "Unit_Price", "Line_Discount_Percent", "Line_Discount_Amount", "Line_Amount"}
)
# What says how much of the order is handled next: a released order is what one ships.
_HANDLING: Final = frozenset({"Qty_to_Ship", "Qty_to_Invoice"})


def _check(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    header = _open_header(erp, values, always=changed <= _HANDLING)
    fixed = changed & {"Document_Type", "Document_No", "Line_No"}
    if fixed:
        raise refusals.dialog(f"{', '.join(sorted(fixed))} of a sales line cannot be changed.")
    if changed & _PRODUCT and old.amount("Quantity_Shipped"):
        raise refusals.dialog(
            f"You cannot change {', '.join(sorted(changed & _PRODUCT))} of line {old.values['Line_No']} "
            "because it has been shipped."
        )
    if changed & _PRODUCT and values["No"]:
        kept = frozenset() if changed & {"Type", "No"} else frozenset({"Unit_of_Measure_Code", "Description"})
        _take_product(erp, values, header, changed | kept)
    elif "Quantity" in changed and values["Type"] == "Item":
        _price_again(erp, values, header, changed)
    _count(values, changed)
    # The discount's amount is kept, and its percentage rounded: only what is priced anew may compute it anew.
    if changed & (_PRODUCT | _PRICED):
        _money(erp, values, header, changed)


def _price_again(erp: Application, values: Values, header: Record, changed: frozenset[str]) -> None:
    """Another quantity is priced anew where there are agreements; a price by hand stays without them."""
    item = _item(erp, values)
    found = item_price(erp, header, values, item)
    kept: set[str] = set() if found.is_agreed else {"Unit_Price", "Allow_Invoice_Disc"}
    if not erp.records.has_any("Sales_Line_Discount", Code=item.text("No")) and not found.is_agreed:
        kept.add("Line_Discount_Percent")
    _price_item(erp, values, header, item, changed | kept)


def follow_header(erp: Application, old: Record, new: Record) -> None:
    """Let the lines follow their header: a new currency or customer group prices them anew."""
    again = any(
        old.values[name] != new.values[name]
        for name in ("Currency_Code", "Customer_Price_Group", "VAT_Bus_Posting_Group")
    )
    for line in lines_of(erp, new):
        values = dict(line.values)
        if again and values["No"]:
            kept = frozenset({"Unit_of_Measure_Code", "Description", "Description_2"})
            _take_product(erp, values, new, kept)
        else:
            values["Unit_Price"] = with_other_vat(erp, old, new, values)
        _money(erp, values, new, frozenset())
        erp.records.update(line, values)


def _total(erp: Application, line: Record) -> None:
    kind, number = line.text("Document_Type"), line.text("Document_No")

    def total() -> None:
        header = header_of(erp, kind, number)
        if header is not None:
            recalculate(erp, header)

    erp.once(("totals", kind, number), total)


def _changed(erp: Application, old: Record, new: Record, changed: frozenset[str]) -> None:
    _total(erp, new)


def _may_delete(erp: Application, line: Record) -> None:
    _open_header(erp, dict(line.values))
    if line.amount("Quantity_Shipped"):
        raise refusals.dialog(
            f"You cannot delete the line {line.values['Line_No']} because it has been shipped."
        )


def _deleted(erp: Application, line: Record) -> None:
    delete_line_comments(erp, line)
    _total(erp, line)


SALES_LINE_RULES: Final = Rules(
    complete=_complete,
    created=_total,
    check=_check,
    changed=_changed,
    may_delete=_may_delete,
    deleted=_deleted,
)
