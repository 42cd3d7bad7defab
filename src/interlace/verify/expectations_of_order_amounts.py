"""What must hold between the amounts of a CRM order and its ERP order, and what state the CRM order must show."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final, TypeAlias

from interlace.verify.comparable import Comparable, as_text
from interlace.verify.order_arithmetic import NOTHING, number, to_step, written
from interlace.verify.order_case import FULFILLED, INVOICED, SUBMITTED, OrderCase, day_of, net_of
from interlace.verify.order_check import OrderCheck

HeaderCheck: TypeAlias = OrderCheck[OrderCase]
_ENDED: Final = ("Invoiced", "Paid", "Cancelled")


def _crm(column: str) -> Callable[[OrderCase], str]:
    return lambda case: as_text(case.crm.get(column))


# --- money


def _net_in_erp(case: OrderCase) -> Comparable:
    if case.erp is not None:
        return written(number(case.erp.get("Amount"))) if case.is_same_currency else None
    if not case.invoices or len(case.valid_invoices) != len(case.invoices):
        return None
    return written(sum((number(each.get("Amount")) for each in case.invoices), NOTHING))


def _net_in_crm(case: OrderCase) -> str:
    return written(number(case.crm.get("totalamountlessfreight")) + number(case.crm.get("freightamount")))


def _has_erp_totals(case: OrderCase) -> bool:
    """Tell whether the CRM order shows the ERP's tax: once released, where submitted orders can be written."""
    return case.erp is not None and case.is_released and case.writes_submitted and case.is_same_currency


def _rounded(case: OrderCase, field: str) -> Fraction:
    value = Fraction(0) if case.erp is None else number(case.erp.get(field))
    return to_step(value, case.crm_cent)


def _gross_in_erp(case: OrderCase) -> Comparable:
    return written(_rounded(case, "Amount_Including_VAT")) if _has_erp_totals(case) else None


def _tax_in_erp(case: OrderCase) -> Comparable:
    if not _has_erp_totals(case):
        return None
    return written(_rounded(case, "Amount_Including_VAT") - _rounded(case, "Amount"))


def _discount_in_erp(case: OrderCase) -> Comparable:
    if not _has_erp_totals(case) or number(case.crm.get("discountpercentage")):
        return None
    return written(_rounded(case, "Invoice_Discount_Amount"))


def _document_discount_in_erp(case: OrderCase) -> Comparable:
    if case.erp is None or not case.is_same_currency:
        return None
    return written(number(case.erp.get("Invoice_Discount_Amount")))


def _document_discount_in_crm(case: OrderCase) -> str:
    lines, rest = (number(case.crm.get(each)) for each in ("totallineitemamount", "totalamountlessfreight"))
    return written(lines - rest)


def _amount(column: str) -> Callable[[OrderCase], str]:
    return lambda case: written(number(case.crm.get(column)))


def _reckoned_total(case: OrderCase) -> str:
    columns = ("totalamountlessfreight", "freightamount", "totaltax")
    return written(sum((number(case.crm.get(each)) for each in columns), NOTHING))


def _reckoned_lines(case: OrderCase) -> str:
    return written(sum((net_of(line) for line in case.crm_lines), NOTHING))


# --- where it stands


def _shipped_on(case: OrderCase) -> Comparable:
    day = "" if case.erp is None else day_of(case.erp, "Last_Shipment_Date")
    day = day or case.last_shipment
    return day if day and (case.is_shipped or case.is_released) else None


def _status_in_erp(case: OrderCase) -> Comparable:
    shown = as_text(case.crm.get("ilc_orderstatus"))
    # What is paid is not followed any more.
    return shown if shown == "Paid" and case.standing in _ENDED else case.standing


def _state_in_erp(case: OrderCase) -> str:
    if case.standing in _ENDED:
        return str(INVOICED)
    return str(FULFILLED if case.is_shipped else SUBMITTED)


def _reason_in_erp(case: OrderCase) -> Comparable:
    return {INVOICED: "100003", FULFILLED: "100001"}.get(int(_state_in_erp(case)))


AMOUNT_CHECKS: Final[tuple[HeaderCheck, ...]] = (
    OrderCheck(
        erp_field="Last_Shipment_Date",
        crm_column="datefulfilled",
        in_erp=_shipped_on,
        in_crm=lambda case: day_of(case.crm, "datefulfilled"),
    ),
    OrderCheck(
        erp_field="Amount",
        crm_column="totalamountlessfreight",
        in_erp=_net_in_erp,
        in_crm=_net_in_crm,
        told=True,
    ),
    OrderCheck(
        erp_field="Invoice_Discount_Amount",
        crm_column="totallineitemamount",
        in_erp=_document_discount_in_erp,
        in_crm=_document_discount_in_crm,
        told=True,
    ),
    OrderCheck(
        erp_field="Invoice_Discount_Amount",
        crm_column="discountamount",
        in_erp=_discount_in_erp,
        in_crm=_amount("discountamount"),
    ),
    OrderCheck(erp_field="Tax_Amount", crm_column="totaltax", in_erp=_tax_in_erp, in_crm=_amount("totaltax")),
    OrderCheck(
        erp_field="Amount_Including_VAT",
        crm_column="totalamount",
        in_erp=_gross_in_erp,
        in_crm=_amount("totalamount"),
    ),
    OrderCheck(erp_field="", crm_column="totalamount", in_erp=_reckoned_total, in_crm=_amount("totalamount")),
    OrderCheck(
        erp_field="",
        crm_column="totallineitemamount",
        in_erp=_reckoned_lines,
        in_crm=_amount("totallineitemamount"),
    ),
    OrderCheck(
        erp_field="Standing",
        crm_column="ilc_orderstatus",
        in_erp=_status_in_erp,
        in_crm=_crm("ilc_orderstatus"),
    ),
    OrderCheck(erp_field="Standing", crm_column="statecode", in_erp=_state_in_erp, in_crm=_crm("statecode")),
    OrderCheck(
        erp_field="Standing", crm_column="statuscode", in_erp=_reason_in_erp, in_crm=_crm("statuscode")
    ),
)
