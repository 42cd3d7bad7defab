"""Where an order is on its way, as the ERP has it now."""

from dataclasses import dataclass
from typing import Final

from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.saga import FoundRecord, Observation
from interlace.lead_to_cash.order_reconciliation import goods_lines
from interlace.lead_to_cash.order_values import ZERO, amount_of, day_of, is_set, option_of, text_of
from interlace.locale.translatable import as_sentence, translatable

OPEN: Final = "Open"
RELEASED: Final = "Released"
PARTIALLY_SHIPPED: Final = "Partially Shipped"
SHIPPED: Final = "Shipped"
PARTIALLY_INVOICED: Final = "Partially Invoiced"
INVOICED: Final = "Invoiced"
PAID: Final = "Paid"
CANCELLED: Final = "Cancelled"
DELETED: Final = "Deleted"

BEING_CREATED: Final = "Being Created"
TAKEN_BACK: Final = "Taken Back"
GONE: Final = "Gone"
NOT_OURS: Final = "Not Ours"

ENDED_STAGES: Final = frozenset({PAID, CANCELLED, DELETED, TAKEN_BACK, GONE, NOT_OURS})
"""Stages from which an order goes nowhere."""

AGREED_STATES: Final = frozenset({"Released", "Pending Prepayment"})
"""States of an ERP order that say: its people have let go of it."""

_IN_SENTENCES: Final = {
    "Open": translatable("open"),
    "Released": translatable("released"),
    "Pending Approval": translatable("pending approval"),
    "Pending Prepayment": translatable("pending prepayment"),
    PARTIALLY_SHIPPED: translatable("partially shipped"),
    SHIPPED: translatable("shipped"),
    PARTIALLY_INVOICED: translatable("partially invoiced"),
    INVOICED: translatable("invoiced"),
    PAID: translatable("paid"),
    CANCELLED: translatable("cancelled"),
    DELETED: translatable("deleted"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpState:
    """What became of an ERP order."""

    stage: str
    is_shipped: bool = False
    """Everything was shipped."""
    is_begun: bool = False
    """Something was shipped or invoiced: the order can't be taken back."""
    shipped_on: str | None = None


def order_is(number: str, stage: str, *, changed: bool = False) -> str:
    """Say at which stage, or in which state of the ERP, an ERP order is, and whether its CRM order was changed."""
    said = as_sentence(_IN_SENTENCES.get(stage, stage.lower()))
    if changed:
        return translatable(
            "The ERP order {number} is {stage}, and the CRM order was changed.", number=number, stage=said
        )
    return translatable("The ERP order {number} is {stage}.", number=number, stage=said)


def order_record(observation: Observation) -> FoundRecord | None:
    """Return the ERP order that the document is coupled with, None if it is gone."""
    return observation.record("order", observation.partner)


def invoices_of(observation: Observation) -> tuple[FoundRecord, ...]:
    """Return the posted invoices of the order, each once, in the order of their numbers."""
    number = number_of_order(observation)
    marked = {
        key: each
        for key, each in observation.found.get("marked invoices", {}).items()
        # One of several shipments names no order; one that names another one is of a copy.
        if text_of(each, "Order_No") in ("", number)
    }
    found = {**observation.found.get("invoices", {}), **marked}
    return tuple(found[key] for key in sorted(found))


def invoices_of_copies(observation: Observation) -> tuple[FoundRecord, ...]:
    """Return posted invoices that carry the mark and are of another ERP order."""
    own = {each.key for each in invoices_of(observation)}
    found = observation.found.get("marked invoices", {})
    return tuple(found[key] for key in sorted(found) if key not in own)


def erp_state(observation: Observation) -> ErpState:
    """Tell where the coupled ERP order is."""
    order = order_record(observation)
    return _of_gone(observation) if order is None else _of_existing(observation, order)


def _of_existing(observation: Observation, order: FoundRecord) -> ErpState:
    lines = [line for line in goods_lines(observation) if amount_of(line, "Quantity")]
    invoices = invoices_of(observation)
    shipped = [amount_of(line, "Quantity_Shipped") for line in lines]
    all_shipped = bool(lines) and all(_is_done(line, "Quantity_Shipped") for line in lines)
    all_invoiced = bool(lines) and all(_is_done(line, "Quantity_Invoiced") for line in lines)
    any_invoiced = bool(invoices) or any(amount_of(line, "Quantity_Invoiced") for line in lines)
    if all_invoiced:
        stage = _of_invoices(invoices)
    elif any_invoiced:
        stage = PARTIALLY_INVOICED
    elif all_shipped:
        stage = SHIPPED
    elif any(shipped):
        stage = PARTIALLY_SHIPPED
    else:
        stage = RELEASED if option_of(order, "Status") in AGREED_STATES else OPEN
    return ErpState(
        stage=stage,
        is_shipped=all_shipped,
        is_begun=any(shipped) or any_invoiced,
        shipped_on=day_of(order, "Last_Shipment_Date") or _last_shipment(observation),
    )


def _is_done(line: FoundRecord, field: str) -> bool:
    return abs(amount_of(line, field)) >= abs(amount_of(line, "Quantity"))


def _of_gone(observation: Observation) -> ErpState:
    invoices = invoices_of(observation)
    shipped_on = _last_shipment(observation)
    if not invoices and not observation.records("shipments"):
        return ErpState(stage=DELETED)
    # Shipments may have been invoiced together with other orders: such invoices don't name this one.
    stage = _of_invoices(invoices) if invoices else INVOICED
    return ErpState(stage=stage, is_shipped=True, is_begun=True, shipped_on=shipped_on)


def _of_invoices(invoices: tuple[FoundRecord, ...]) -> str:
    valid = [each for each in invoices if not is_set(each, "Cancelled")]
    if invoices and not valid:
        return CANCELLED
    if valid and all(is_paid(each) for each in valid):
        return PAID
    return INVOICED


def is_paid(invoice: FoundRecord) -> bool:
    """Tell whether nothing remains to be paid of a posted invoice."""
    return is_set(invoice, "Closed") or amount_of(invoice, "Remaining_Amount") == ZERO


def _last_shipment(observation: Observation) -> str | None:
    days = [day for each in observation.records("shipments") if (day := day_of(each, "Posting_Date"))]
    return max(days, default=None)


def number_of_order(observation: Observation) -> str:
    """Return the ERP order's number, also of one that is gone."""
    order = order_record(observation)
    if order is not None:
        return text_of(order, "No")
    return (observation.partner or "").rpartition(KEY_SEPARATOR)[2]
