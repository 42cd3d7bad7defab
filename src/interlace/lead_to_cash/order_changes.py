"""Meets a CRM order that was changed after its handover: made anew while it can be, a question to people after that."""

from interlace.domain.saga import FoundRecord, Hold, Insert, Observation, Problem, Release, Remove, Step
from interlace.domain.side import Side
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash import order_stages as stages
from interlace.lead_to_cash.order_columns import HEADER_TABLE
from interlace.lead_to_cash.order_crm import tell_hold
from interlace.lead_to_cash.order_digest import order_digest
from interlace.lead_to_cash.order_drift import drift_of
from interlace.lead_to_cash.order_notes import Note, insert_note
from interlace.lead_to_cash.order_stages import ErpState, number_of_order, order_record
from interlace.lead_to_cash.order_values import text_of


def meet_change(observation: Observation, document: FoundRecord, state: ErpState) -> Step | None:
    """Return the next step for a handed over CRM order that says something else now; None: it is noted already."""
    order, number = order_record(observation), number_of_order(observation)
    if state.stage == stages.DELETED:
        tells = f"The CRM order was changed, and its ERP order {number} is gone: it is created anew."
        return Release(tells=tells)
    if order is None:
        return _note(observation, document, number)
    if state.stage == stages.OPEN:
        return take_back_changed(order, "It was changed in the CRM after its ERP order had been created.")
    drift = drift_of(observation, document)
    said = "" if drift is None else f" {' '.join(drift.words)}"
    what = f"The ERP order {number} is {state.stage.lower()}, and the CRM order was changed.{said}"
    held = (problems.CHANGED_TOO_LATE.of(what),)
    return tell_hold(observation, document, held) or Hold(problems=held)


def take_back_changed(order: FoundRecord, why: str) -> Remove:
    """Delete the ERP order of a CRM order that was changed; nothing holds it, so it is created anew at once."""
    number = text_of(order, "No")
    return Remove(
        side=Side.ERP,
        table=HEADER_TABLE,
        key=order.key,
        tag=order.tag,
        problems=(),
        tells=f"The ERP order {number} was taken back ({problems.ORDER_CHANGED.code}), to be made anew: {why}",
    )


def _note(observation: Observation, document: FoundRecord, number: str) -> Insert | None:
    """Nothing is left to be changed in the ERP: what was posted counts."""
    digest = order_digest(observation, document)
    text = (
        f"This order was changed in the CRM after its ERP order {number} had been begun. What was shipped and "
        "invoiced is not what it says now."
    )
    drift = drift_of(observation, document)
    if drift is not None:
        text = f"{text} {' '.join(drift.words)}"
    note = Note(event=f"changed {digest}", subject=f"Changed after ERP order {number}", text=text)
    return insert_note(observation, document, note, tells=text)


# --- other ERP orders with the same mark


def copies_problem(observation: Observation) -> Problem | None:
    """Name other ERP orders that carry the order's mark, if there are any: nobody knows which one is meant."""
    copies = [each for each in observation.records("marked orders") if each.key != observation.partner]
    if observation.partner is None or not copies:
        return None
    numbers = ", ".join(text_of(each, "No") for each in copies)
    own = number_of_order(observation)
    what = f"Besides its ERP order {own}, these carry its mark: {numbers}. They are not followed."
    return problems.TWO_ORDERS.of(what)
