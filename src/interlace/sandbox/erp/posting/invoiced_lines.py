"""Which part of each line an invoice takes, its amounts to the cent, and the shipments that it invoices."""

from collections.abc import Sequence
from decimal import Decimal

from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.field_values import plain_decimal
from interlace.sandbox.erp.posting.item_ledger import base_quantity, invoice
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.sales_amounts import add_vat, amount_of, price_line, share_of
from interlace.sandbox.erp.tables import TABLES


def invoiced_lines(
    header: Record, lines: Sequence[Record], precision: Decimal
) -> list[tuple[Record, Values]]:
    """Return the lines to be invoiced, each with the values of its invoiced part; comments come along."""
    parts = [
        (line, _part(line, precision))
        for line in lines
        if line.text("Type") == " " or line.amount("Qty_to_Invoice")
    ]
    including = bool(header.values["Prices_Including_VAT"])
    add_vat([part for _, part in parts], prices_including_vat=including, precision=precision)
    return parts


def _part(line: Record, precision: Decimal) -> Values:
    quantity, whole = line.amount("Qty_to_Invoice"), line.amount("Quantity")
    values: Values = {**line.values, "Quantity": quantity}
    if quantity != whole:
        # A part is priced for itself, as a discount in percent; a whole line keeps what it shows.
        price_line(values, precision, by_amount=False)
    left = line.amount("Inv_Discount_Amount") - line.amount("Inv_Disc_Amount_Invoiced")
    open_quantity = whole - line.amount("Quantity_Invoiced")
    values["Inv_Discount_Amount"] = share_of(left, quantity, open_quantity, precision)
    return values


def keep_shipments_invoiced(
    erp: Application, header: Record, line: Record, part: Values, local: Decimal
) -> Values:
    """Book an order line's invoiced part on its shipments, oldest first; return the last one's reference."""
    left = whole = amount_of(part, "Quantity")
    reference: Values = {}
    for shipped in _shipments_of(erp, header, line):
        open_quantity = shipped.amount("Quantity") - shipped.amount("Quantity_Invoiced")
        taken = open_quantity if abs(open_quantity) <= abs(left) else left
        if not left or not taken:
            continue
        left -= taken
        invoiced = plain_decimal(shipped.amount("Quantity_Invoiced") + taken)
        erp.records.update(shipped, {**shipped.values, "Quantity_Invoiced": invoiced})
        entry = erp.records.get(
            TABLES["Item_Ledger_Entry"], (int(str(shipped.values["Item_Shpt_Entry_No"])),)
        )
        if entry is not None:
            sales = share_of(local, taken, whole, Decimal("0.01")) if left else local
            local -= sales
            whole -= taken
            invoice(erp, entry, -base_quantity(line, taken), sales)
        reference = {
            "Shipment_No": shipped.values["Document_No"],
            "Shipment_Line_No": shipped.values["Line_No"],
        }
    return reference


def _shipments_of(erp: Application, header: Record, line: Record) -> list[Record]:
    found = []
    for shipment in erp.records.find_equal("Sales_Shipment_Header", Order_No=header.text("No")):
        key = (shipment.text("No"), int(str(line.values["Line_No"])))
        shipped = erp.records.get(TABLES["Sales_Shipment_Line"], key)
        if shipped is not None:
            found.append(shipped)
    return found
