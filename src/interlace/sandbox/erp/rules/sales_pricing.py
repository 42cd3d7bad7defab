"""Which price and discount a sales line gets: the best of the customer's agreements, else the product card.

The agreements are sales prices and sales line discounts for the customer, his price group, a campaign or all
customers; they hold for a time, a currency, a variant, a unit and from a minimum quantity on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.declaration import BLANK_DATE
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.sales_totals import unit_precision
from interlace.sandbox.erp.rules.vat_setup import vat_percent
from interlace.sandbox.erp.sales_amounts import amount_of, round_to, share_of

_HUNDRED: Final = Decimal(100)
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFound:
    """The unit price of a line, whether an agreement gave it, and which discounts it still allows."""

    unit_price: Decimal
    is_agreed: bool
    allows_line_discount: bool = True
    allows_invoice_discount: bool = True


def _day(header: Record) -> str:
    """Orders and quotes are priced for the day of the order, invoices and credit memos for the posting."""
    ordered = header.text("Document_Type") in {"Quote", "Order"}
    return header.text("Order_Date" if ordered else "Posting_Date")


def _holds(agreement: Record, header: Record, line: Values) -> bool:
    day = _day(header)
    ending = agreement.text("Ending_Date")
    return (
        agreement.text("Starting_Date") <= day
        and (ending == BLANK_DATE or day <= ending)
        and agreement.text("Currency_Code") in {"", header.text("Currency_Code")}
        and agreement.text("Variant_Code") in {"", str(line["Variant_Code"])}
        and agreement.text("Unit_of_Measure_Code") in {"", str(line["Unit_of_Measure_Code"])}
    )


def _reaches(agreement: Record, line: Values) -> bool:
    """Whether the line's quantity is enough; without a unit the agreement counts base units."""
    quantity = abs(amount_of(line, "Quantity"))
    if not agreement.text("Unit_of_Measure_Code"):
        quantity *= amount_of(line, "Qty_per_Unit_of_Measure") or _ONE
    return agreement.amount("Minimum_Quantity") <= quantity


def _parties(erp: Application, header: Record) -> set[tuple[str, str]]:
    """The sales types and codes whose agreements hold for a document."""
    customer_no = header.text("Bill_to_Customer_No")
    customer = erp.records.by_code("Customer", customer_no)
    parties = {("All Customers", ""), ("Customer", customer_no)}
    for kind, code in (
        ("Customer Price Group", header.text("Customer_Price_Group")),
        ("Customer Disc. Group", customer.text("Customer_Disc_Group") if customer is not None else ""),
        ("Campaign", header.text("Campaign_No")),
    ):
        if code:
            parties.add((kind, code))
    return parties


def _is_for(agreement: Record, parties: set[tuple[str, str]]) -> bool:
    return (agreement.text("Sales_Type"), agreement.text("Sales_Code")) in parties


def _with_vat(
    erp: Application, header: Record, product_group: str, price: Decimal, price_group: str
) -> Decimal:
    """Turn a price that includes VAT for a customer group into one of the document's kind."""
    own_group = header.text("VAT_Bus_Posting_Group")
    included = vat_percent(erp, price_group or own_group, product_group)
    if not header.values["Prices_Including_VAT"]:
        return price * _HUNDRED / (_HUNDRED + included)
    own = vat_percent(erp, own_group, product_group)
    return price if own == included else price * (_HUNDRED + own) / (_HUNDRED + included)


def _in_document_terms(erp: Application, header: Record, product_group: str, source: Record) -> Decimal:
    """The price of an agreement or a product card, with or without VAT as the document wants it."""
    price = source.amount("Unit_Price")
    if source.values["Price_Includes_VAT"]:
        return _with_vat(erp, header, product_group, price, source.text("VAT_Bus_Posting_Gr_Price"))
    if header.values["Prices_Including_VAT"]:
        own = vat_percent(erp, header.text("VAT_Bus_Posting_Group"), product_group)
        return price * (_HUNDRED + own) / _HUNDRED
    return price


def _converted(
    erp: Application, header: Record, price: Decimal, line: Values, *, per_base: bool, local: bool
) -> Decimal:
    if per_base:
        price *= amount_of(line, "Qty_per_Unit_of_Measure") or _ONE
    if local:
        price *= header.amount("Currency_Factor") or _ONE
    return round_to(price, unit_precision(erp, header.text("Currency_Code")))


def _specificity(agreement: Record) -> int:
    """An agreement in the document's currency, or for the very variant, goes before one for all."""
    return bool(agreement.text("Currency_Code")) + bool(agreement.text("Variant_Code"))


def item_price(erp: Application, header: Record, line: Values, item: Record) -> PriceFound:
    """Return the best price for an item's line."""
    group = item.text("VAT_Prod_Posting_Group")
    parties = _parties(erp, header)
    candidates = [
        price
        for price in erp.records.find_equal("Sales_Price", Item_No=item.text("No"))
        if _is_for(price, parties) and _holds(price, header, line)
    ]
    reached = [price for price in candidates if _reaches(price, line)]
    if reached:
        return _best_price(erp, header, line, group, reached)
    own = _in_document_terms(erp, header, group, item)
    return PriceFound(
        unit_price=_converted(erp, header, own, line, per_base=True, local=True),
        is_agreed=bool(candidates),
    )


def _best_price(
    erp: Application, header: Record, line: Values, group: str, reached: Sequence[Record]
) -> PriceFound:
    most = max(map(_specificity, reached))
    discount = line_discount(erp, header, line)

    def price_of(agreement: Record) -> Decimal:
        own = _in_document_terms(erp, header, group, agreement)
        return _converted(
            erp,
            header,
            own,
            line,
            per_base=not agreement.text("Unit_of_Measure_Code"),
            local=not agreement.text("Currency_Code"),
        )

    def net_of(agreement: Record) -> Decimal:
        less = discount if agreement.values["Allow_Line_Disc"] else Decimal(0)
        return price_of(agreement) * (_HUNDRED - less)

    best = min((each for each in reached if _specificity(each) == most), key=net_of)
    return PriceFound(
        unit_price=price_of(best),
        is_agreed=True,
        allows_line_discount=bool(best.values["Allow_Line_Disc"]),
        allows_invoice_discount=bool(best.values["Allow_Invoice_Disc"]),
    )


def plain_price(
    erp: Application, header: Record, line: Values, price: Decimal, product_group: str
) -> Decimal:
    """Return the price of a resource's card, which never includes VAT, for a line."""
    if header.values["Prices_Including_VAT"]:
        own = vat_percent(erp, header.text("VAT_Bus_Posting_Group"), product_group)
        price = price * (_HUNDRED + own) / _HUNDRED
    return _converted(erp, header, price, line, per_base=True, local=True)


def line_discount(erp: Application, header: Record, line: Values) -> Decimal:
    """Return the highest discount that is agreed for an item's line, in percent."""
    item = erp.records.by_code("Item", str(line["No"]))
    if item is None or not header.values["Allow_Line_Disc"]:
        return Decimal(0)
    parties = _parties(erp, header)
    codes = {"Item": item.text("No"), "Item Disc. Group": item.text("Item_Disc_Group")}
    found = [
        discount.amount("Line_Discount_Percent")
        for kind, code in codes.items()
        if code
        for discount in erp.records.find_equal("Sales_Line_Discount", Code=code)
        if discount.text("Type") == kind
        and _is_for(discount, parties)
        and _holds(discount, header, line)
        and _reaches(discount, line)
    ]
    return max(found, default=Decimal(0))


def with_other_vat(erp: Application, old: Record, new: Record, line: Values) -> Decimal:
    """Return a line's unit price after its document began, or ceased, to show prices including VAT."""
    percent = amount_of(line, "VAT_Percent")
    price = amount_of(line, "Unit_Price")
    precision = unit_precision(erp, new.text("Currency_Code"))
    if new.values["Prices_Including_VAT"] == old.values["Prices_Including_VAT"]:
        return price
    if new.values["Prices_Including_VAT"]:
        return round_to(price * (_HUNDRED + percent) / _HUNDRED, precision)
    return share_of(price, _HUNDRED, _HUNDRED + percent, precision)
