"""Follows an ERP order: its state, what was shipped and invoiced, and what a released order says go to the CRM."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from interlace.domain.saga import (
    Finish,
    FoundRecord,
    Hold,
    Insert,
    Observation,
    Perform,
    Release,
    Rest,
    Step,
)
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash import order_stages as stages
from interlace.lead_to_cash.order_addresses import second_line
from interlace.lead_to_cash.order_columns import CRM_TABLE, DIGEST_COLUMN
from interlace.lead_to_cash.order_comments import carry_notes
from interlace.lead_to_cash.order_crm import (
    ACTIVE,
    AS_INVOICED,
    BEING_WRITTEN,
    DAY_COLUMNS,
    SUBMITTED,
    cut_description,
    is_active_for_us,
    is_writable,
    state_of,
    unmark_values,
    write_order,
)
from interlace.lead_to_cash.order_digest import order_digest
from interlace.lead_to_cash.order_drift import Drift, drift_of
from interlace.lead_to_cash.order_field_rows import SALESORDER_ORDER_MAPPING
from interlace.lead_to_cash.order_notes import Note, insert_note, missing_note
from interlace.lead_to_cash.order_parties import currency_differs
from interlace.lead_to_cash.order_stages import ErpState, number_of_order, order_record
from interlace.lead_to_cash.order_terms import TERM_OF_COLUMN, carried_term
from interlace.lead_to_cash.order_values import ZERO, amount_of, day_of, number_of, option_of, text_of
from interlace.locale.translatable import as_sentence, joined, translatable

_AT_ITS_END: Final = frozenset({stages.PAID, stages.CANCELLED})
_INVOICED: Final = frozenset({stages.INVOICED, stages.PAID, stages.CANCELLED})
_COMPLETE: Final = 100001
# What the CRM's own arithmetic would overwrite, or what it holds in other words.
_AMOUNTS: Final = frozenset({"totalamountlessfreight", "totalamount", "discountamount"})
_DIGITS: Final = 2


def follow(observation: Observation, document: FoundRecord, state: ErpState) -> Step:
    """Return the next step for a CRM order that was handed over: tell it what its ERP order came to."""
    if state.stage == stages.DELETED:
        return _follow_deleted(observation, document, state)
    goes_back = state_of(document).state == ACTIVE and not is_active_for_us(observation, document)
    if goes_back and state.stage not in _INVOICED:
        what = translatable("The ERP order {number} is shipped already.", number=number_of_order(observation))
        return Hold(problems=(problems.TAKEN_BACK.of(what),))
    drift = drift_of(observation, document)
    return (
        # Before the totals become the ERP's: afterwards nobody could say any more what they were.
        _note_drift(observation, document, drift)
        or _tell_state(observation, document, state, drift)
        or missing_note(observation, document, state)
        # Last: a comment that the ERP refuses keeps nothing else from being told.
        or carry_notes(observation, document)
        or _rest(observation, state)
    )


def _note_drift(observation: Observation, document: FoundRecord, drift: Drift | None) -> Insert | None:
    """Say what somebody changed in the ERP, once for each change."""
    if drift is None:
        return None
    number, words = number_of_order(observation), joined(drift.words)
    if drift.is_rounding:
        subject = translatable(
            "Parts of ERP order {number} were rounded when they were invoiced", number=number
        )
        note = Note(event=drift.event, subject=subject, text=words)
        return insert_note(observation, document, note, tells=words)
    differs = translatable(
        "The ERP order {number} is not what the CRM order says any more: it was changed in the ERP.",
        number=number,
    )
    stay = translatable("The lines of the CRM order stay as they were ordered.")
    text = joined((differs, words, stay if order_record(observation) is not None else ""))
    subject = translatable("ERP order {number} was changed in the ERP", number=number)
    note = Note(event=drift.event, subject=subject, text=text)
    return insert_note(observation, document, note, tells=text)


def _rest(observation: Observation, state: ErpState) -> Step:
    if state.stage in _AT_ITS_END:
        return Finish(stage=state.stage)
    if order_record(observation) is None and not stages.invoices_of(observation):
        # Its shipments were invoiced together with others: no invoice names this order.
        return Finish(stage=state.stage)
    return Rest(stage=state.stage)


def _tell_state(
    observation: Observation, document: FoundRecord, state: ErpState, drift: Drift | None
) -> Step | None:
    values: dict[str, Value] = {
        "ilc_orderstatus": state.stage,
        "submitstatusdescription": cut_description(" ".join(drift.words)) if drift is not None else None,
    }
    order = order_record(observation)
    if order is not None and option_of(order, "Status") == stages.RELEASED:
        values |= released_values(observation, document, order)
    if state.shipped_on is not None and state.is_shipped:
        values["datefulfilled"] = _moment(state.shipped_on)
    values[DIGEST_COLUMN] = order_digest(observation, document, values)
    is_open = state_of(document).state in (ACTIVE, SUBMITTED)
    to = AS_INVOICED if state.stage in _INVOICED else None
    tells = translatable("The CRM order was told: {stage}.", stage=as_sentence(state.stage))
    if to is None and state.is_shipped and is_open:
        written = write_order(observation, document, values, tells, to=state_of(document))
        return written or _fulfil(observation, document)
    return write_order(observation, document, values, tells, to=to)


def _fulfil(observation: Observation, document: FoundRecord) -> Perform:
    number = number_of_order(observation)
    return Perform(
        side=Side.CRM,
        table=CRM_TABLE,
        key=document.key,
        tag=document.tag,
        message="FulfillSalesOrder",
        parameters={"Status": _COMPLETE, "OrderClose.subject": f"ERP order {number} shipped"},
        tells=translatable("The CRM order was fulfilled: everything is shipped."),
    )


# --- what a released order says


def released_values(observation: Observation, document: FoundRecord, order: FoundRecord) -> dict[str, Value]:
    """Return what the mapping's field rows carry from a released ERP order to its CRM order."""
    values: dict[str, Value] = {}
    is_two_way = bool(observation.settings.get("bidirectional_orders"))
    for row in SALESORDER_ORDER_MAPPING.fields:
        if row.erp_field is None or row.crm_field is None or row.crm_field in _AMOUNTS:
            continue
        if is_two_way and row.erp_field != "Last_Shipment_Date":
            # What travels both ways is compared before the order is followed; the CRM's number stays its own.
            continue
        if row.crm_field in TERM_OF_COLUMN:
            values |= carried_term(observation, document, order, TERM_OF_COLUMN[row.crm_field])
        elif row.crm_field.endswith("_line2"):
            text = text_of(order, row.erp_field)
            values |= second_line(document, row.crm_field.removesuffix("_line2"), text)
        elif row.reference is not None:
            # The owner is told below.
            continue
        elif row.crm_field in DAY_COLUMNS:
            day = day_of(order, row.erp_field)
            if day is not None:
                values[row.crm_field] = _moment(day)
        else:
            values[row.crm_field] = text_of(order, row.erp_field) or None
    others = [each for each in observation.records("same number") if each.key != document.key]
    if others and "ordernumber" in values:
        # Another CRM order has that number, and the CRM keeps numbers apart.
        del values["ordernumber"]
    return values | _owner(observation, order) | _amounts(observation, document, order)


def _owner(observation: Observation, order: FoundRecord) -> dict[str, Value]:
    code = text_of(order, "Salesperson_Code")
    owner = observation.partners.get(mapping_names.SALESPEOPLE, {}).get(code)
    return {"ownerid": owner} if owner is not None and code else {}


def _amounts(observation: Observation, document: FoundRecord, order: FoundRecord) -> dict[str, Value]:
    """The totals with the ERP's tax: only where the CRM keeps them as they are written."""
    if not is_writable(observation) or currency_differs(observation, document, order):
        return {}
    digits = number_of(
        observation.record("currency", text_of(document, "transactioncurrencyid")), "currencyprecision"
    )
    step = Decimal(1).scaleb(-(_DIGITS if digits is None else digits))

    def rounded(amount: Decimal) -> Decimal:
        return amount.quantize(step, ROUND_HALF_UP)

    net, gross = amount_of(order, "Amount"), amount_of(order, "Amount_Including_VAT")
    values: dict[str, Value] = {
        "totalamountlessfreight": rounded(net - amount_of(document, "freightamount")),
        "totaltax": rounded(gross) - rounded(net),
        "totalamount": rounded(gross),
    }
    if amount_of(document, "discountpercentage") == ZERO:
        values["discountamount"] = rounded(amount_of(order, "Invoice_Discount_Amount"))
    return {name: value for name, value in values.items() if value != amount_of(document, name)}


def _moment(day: str) -> str:
    return f"{day}T00:00:00Z"


# --- an ERP order that is gone without having been shipped


def _follow_deleted(observation: Observation, document: FoundRecord, state: ErpState) -> Step:
    """Open the CRM order again, then end the pair: what is submitted once more becomes a new ERP order."""
    number = number_of_order(observation)
    if state_of(document).state in (ACTIVE, SUBMITTED):
        tells = translatable(
            "The ERP order {number} was deleted: the CRM order is open again.", number=number
        )
        written = write_order(observation, document, unmark_values(stages.DELETED), tells, to=BEING_WRITTEN)
        if written is not None:
            return written
    note = missing_note(observation, document, state)
    return note or Release(tells=translatable("The ERP order {number} was deleted.", number=number))
