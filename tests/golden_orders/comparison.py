"""Says in words in what an order differs from what it must be; nothing said is nothing wrong."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from tests.golden_orders.arithmetic import ErpDocument, crm_totals, erp_document
from tests.golden_orders.company import WRITE_IN_GROUP, WRITE_IN_ITEM
from tests.golden_orders.documents import GoldenOrder
from tests.golden_orders.story import Seen

SUBMITTED: Final = 1
_TOTALS: Final = ("totallineitemamount", "totalamountlessfreight", "totaltax", "totalamount")


def expected(order: GoldenOrder) -> ErpDocument:
    """Return the ERP order as reckoned independently."""
    return erp_document(order, order.write_in_group or WRITE_IN_GROUP)


def differences(order: GoldenOrder, seen: Seen) -> list[str]:
    """Compare an order that was created and not yet posted, in both services."""
    return [f"{order.theme}, {order.name!r}: {each}" for each in _differences(order, seen)]


def _differences(order: GoldenOrder, seen: Seen) -> Iterator[str]:
    if seen.problems:
        yield f"it is held: {[(each.code, each.what) for each in seen.problems]}"
        return
    if len(seen.orders) != 1:
        yield f"{len(seen.orders)} ERP orders carry its mark"
        return
    header = seen.orders[0]
    wanted = expected(order)
    yield from _differ("net", header["Amount"], wanted.total.net)
    yield from _differ("gross", header["Amount_Including_VAT"], wanted.total.gross)
    yield from _differ("invoice discount", header["Invoice_Discount_Amount"], wanted.invoice_discount)
    yield from _differ("currency", header["Currency_Code"], "" if order.currency == "EUR" else order.currency)
    yield from _differ("prices include VAT", header["Prices_Including_VAT"], False)
    yield from _differ("customer", header["Sell_to_Customer_No"], order.erp_customer)
    yield from _differ("reference", header["Your_Reference"], seen.crm["ordernumber"])
    for name, value in order.erp_expected.items():
        yield from _differ(name, header[name], value)
    yield from _line_differences(order, seen, wanted)
    yield from _crm_differences(order, seen)


def _line_differences(order: GoldenOrder, seen: Seen, wanted: ErpDocument) -> Iterator[str]:
    lines = [line for line in seen.lines if line["No"]]
    if len(lines) != len(wanted.lines):
        yield f"{len(lines)} lines instead of {len(wanted.lines)}"
        return
    for number, (line, amounts) in enumerate(zip(lines, wanted.lines, strict=True), start=1):
        place = f"line {number}"
        yield from _differ(f"{place} net", line["Amount"], amounts.net)
        yield from _differ(f"{place} gross", line["Amount_Including_VAT"], amounts.gross)
    for number, (line, ordered) in enumerate(zip(lines, order.lines, strict=False), start=1):
        place = f"line {number}"
        yield from _differ(f"{place} product", line["No"], ordered.product or order.write_in or WRITE_IN_ITEM)
        yield from _differ(f"{place} quantity", line["Quantity"], ordered.quantity)
        yield from _differ(f"{place} unit price", line["Unit_Price"], ordered.unit_price)
        if ordered.unit is not None:
            yield from _differ(f"{place} unit", line["Unit_of_Measure_Code"], ordered.unit)
        if ordered.product is None:
            told = "".join(_text_from(seen.lines, line)).split()
            yield from _differ(f"{place} text", "".join(told), "".join(ordered.text.split()))


def _text_from(lines: tuple[dict[str, Any], ...], line: dict[str, Any]) -> Iterator[str]:
    """The text of a line and of the comments that follow it."""
    place = lines.index(line)
    yield str(line["Description"])
    for following in lines[place + 1 :]:
        if following["No"]:
            return
        yield str(following["Description"])


def _crm_differences(order: GoldenOrder, seen: Seen) -> Iterator[str]:
    totals = crm_totals(order)
    for name in _TOTALS:
        yield from _differ(f"CRM {name}", seen.crm[name], getattr(totals, name))
    yield from _differ("CRM state", seen.crm["statecode"], SUBMITTED)
    if not seen.crm["lastbackofficesubmit"]:
        yield "the CRM doesn't say that it was handed to the back office"
    if not str(seen.crm["ilc_erpkey"] or "").endswith(str(seen.orders[0]["No"])):
        yield f"the CRM names {seen.crm['ilc_erpkey']!r} as its ERP order"
    told = " ".join(event.text for event in seen.timeline)
    if totals.totaltax != expected(order).total.tax and "tax" not in told.lower():
        yield f"nobody says why the totals differ by the tax: {told}"
    for words in order.explained:
        if words not in told:
            yield f"the timeline doesn't say {words!r}: {told}"


def _differ(what: str, found: object, wanted: object) -> Iterator[str]:
    equal = Decimal(str(found)) == wanted if isinstance(wanted, Decimal) else found == wanted
    if not equal:
        yield f"{what} is {found!r} instead of {wanted!r}"
