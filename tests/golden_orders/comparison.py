"""Says in words in what an order differs from what it must be; nothing said is nothing wrong."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from tests.golden_orders.arithmetic import (
    ErpDocument,
    crm_totals,
    decimal,
    erp_document,
    erp_invoices,
    rounded,
)
from tests.golden_orders.company import RATES, WRITE_IN_GROUP, WRITE_IN_ITEM
from tests.golden_orders.documents import ZERO, GoldenOrder
from tests.golden_orders.story import Seen, first_part
from tests.golden_orders.world import World

SUBMITTED: Final = 1
INVOICED: Final = 4
CENT: Final = Fraction(1, 100)
ACTIVE_BILLED: Final = (0, 4)
PAID_COMPLETE: Final = (2, 100_001)
PAID_PARTIAL: Final = (2, 100_002)
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
    yield from _differ("comment lines", seen.comments, order.erp_comments)
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
    # A note says it, too: the timeline does not if the answer to the step was lost.
    told = " ".join((*(event.text for event in seen.timeline), *seen.notes))
    if totals.totaltax != expected(order).total.tax and "tax" not in told.lower():
        yield f"nobody says why the totals differ by the tax: {told}"
    for words in order.explained:
        if words not in told:
            yield f"the timeline doesn't say {words!r}: {told}"


def _differ(what: str, found: object, wanted: object) -> Iterator[str]:
    equal = Decimal(str(found)) == wanted if isinstance(wanted, Decimal) else found == wanted
    if not equal:
        yield f"{what} is {found!r} instead of {wanted!r}"


# --- after posting


def posting_differences(order: GoldenOrder, seen: Seen, *, in_parts: bool, stage: str) -> list[str]:
    """Compare an order that was posted: the ERP's invoices, the CRM's, and the order itself."""
    found = _posting_differences(order, seen, in_parts=in_parts, stage=stage)
    return [f"{order.theme}, {order.name!r}: {each}" for each in found]


def _posting_differences(order: GoldenOrder, seen: Seen, *, in_parts: bool, stage: str) -> Iterator[str]:
    if seen.problems:
        yield f"it is held: {[(each.code, each.what) for each in seen.problems]}"
    yield from _differ("stage", seen.stage, stage)
    yield from _differ("status in the CRM", seen.crm["ilc_orderstatus"], stage)
    yield from _differ("CRM state", seen.crm["statecode"], INVOICED)
    yield from _differ("open ERP orders", len(seen.orders), 0)
    yield from _differ("finished", seen.finished, stage == "Paid")
    yield from _differ(
        "CRM net", seen.crm["totalamountlessfreight"], crm_totals(order).totalamountlessfreight
    )
    # An order that was seen released shows the ERP's tax from then on.
    wanted = invoices_expected(order, in_parts=in_parts)
    tax = expected(order).total.tax if len(wanted) > 1 else crm_totals(order).totaltax
    yield from _differ("CRM tax", seen.crm["totaltax"], tax)
    yield from _differ("CRM total", seen.crm["totalamount"], expected(order).total.net + tax)
    if not len(seen.invoices) == len(seen.crm_invoices) == len(wanted):
        yield f"{len(seen.invoices)} invoices, {len(seen.crm_invoices)} in the CRM, instead of {len(wanted)}"
        return
    for erp, crm, document in zip(seen.invoices, seen.crm_invoices, wanted, strict=True):
        yield from _differ("invoice net", erp["Amount"], document.total.net)
        yield from _differ("invoice gross", erp["Amount_Including_VAT"], document.total.gross)
        yield from _invoice_differences(seen, erp, crm, document)


def invoices_expected(order: GoldenOrder, *, in_parts: bool) -> tuple[ErpDocument, ...]:
    """Return the posted invoices as reckoned independently."""
    if not in_parts:
        return (expected(order),)
    quantities = [line.quantity for line in order.lines] + ([Decimal(1)] if order.freight else [])
    return erp_invoices(
        order, order.write_in_group or WRITE_IN_GROUP, [first_part(each) for each in quantities]
    )


def _invoice_differences(
    seen: Seen, erp: dict[str, Any], crm: dict[str, Any], document: ErpDocument
) -> Iterator[str]:
    place = f"CRM invoice {erp['No']}"
    yield from _differ(f"{place} number", crm["invoicenumber"], erp["No"])
    yield from _differ(f"{place} net", crm["totalamountlessfreight"], document.total.net)
    yield from _differ(f"{place} tax", crm["totaltax"], document.total.tax)
    yield from _differ(f"{place} gross", crm["totalamount"], document.total.gross)
    yield from _differ(f"{place} order", crm["_salesorderid_value"], seen.crm["salesorderid"])
    yield from _differ(
        f"{place} currency", crm["_transactioncurrencyid_value"], seen.crm["_transactioncurrencyid_value"]
    )
    lines = [line for line in seen.crm_invoice_lines if line["_invoiceid_value"] == crm["invoiceid"]]
    yield from _differ(f"{place} lines", len(lines), len(document.lines))
    sums = {
        name: sum((Decimal(line[name] or 0) for line in lines), ZERO) for name in ("extendedamount", "tax")
    }
    yield from _differ(f"{place} tax of its lines", sums["tax"], document.total.tax)
    before_discount = document.total.net + document.invoice_discount
    yield from _differ(f"{place} net of its lines", sums["extendedamount"] - sums["tax"], before_discount)
    yield from _differ(f"{place} totallineitemamount", crm["totallineitemamount"], before_discount)
    yield from _differ(f"{place} state", (crm["statecode"], crm["statuscode"]), _state_of(erp))


def _state_of(erp: dict[str, Any]) -> tuple[int, int]:
    """State and reason of a CRM invoice by what remains to be paid."""
    remaining, whole = Decimal(erp["Remaining_Amount"]), Decimal(erp["Amount_Including_VAT"])
    if not remaining:
        return PAID_COMPLETE
    return ACTIVE_BILLED if remaining == whole else PAID_PARTIAL


def statistics_differences(world: World) -> list[str]:
    """Compare the figures of every customer: by the posted invoices, in the ERP and in the CRM."""
    clerk, person = world.clerk, world.salesperson
    in_erp = {str(row["No"]): row for row in clerk.rows("CustomerStatistics")}
    in_crm = {str(row["ilc_customernumber"]): row for row in person.rows("ilc_accountstatisticses")}
    reckoned: defaultdict[str, dict[str, Fraction]] = defaultdict(
        lambda: {"sales": Fraction(0), "balance": Fraction(0)}
    )
    for invoice in clerk.rows("PostedSalesInvoice"):
        figures = reckoned[str(invoice["Bill_to_Customer_No"])]
        rate = Fraction(RATES.get(str(invoice["Currency_Code"]), "1"))
        net, gross, remaining = (
            Fraction(invoice[name]) for name in ("Amount", "Amount_Including_VAT", "Remaining_Amount")
        )
        figures["sales"] += rounded(net / rate, CENT)
        local = rounded(gross / rate, CENT)
        figures["balance"] += rounded(local * remaining / gross, CENT) if gross else 0
    found = []
    for number, row in in_erp.items():
        figures = reckoned[number]
        wanted = {
            "ilc_balance": figures["balance"],
            "ilc_salesthisyear": figures["sales"],
            "ilc_totalsales": figures["sales"],
            "ilc_total": figures["balance"],
            "ilc_outstandingorders": Fraction(0),
            "ilc_shippednotinvoiced": Fraction(0),
            "ilc_outstandinginvoices": Fraction(0),
        }
        for column, amount in wanted.items():
            found += [f"{number} {each}" for each in _differ(column, in_crm[number][column], decimal(amount))]
        found += [
            f"{number} {each}"
            for each in _differ("ERP balance", row["Balance_LCY"], decimal(figures["balance"]))
        ]
    return found
