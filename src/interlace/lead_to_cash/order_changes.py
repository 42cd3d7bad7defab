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
from interlace.lead_to_cash.order_stages import ErpState, number_of_order, order_is, order_record
from interlace.lead_to_cash.order_values import text_of
from interlace.locale.translatable import as_sentence, joined, translatable


def meet_change(observation: Observation, document: FoundRecord, state: ErpState) -> Step | None:
    """Return the next step for a handed over CRM order that says something else now; None: it is noted already."""
    order, number = order_record(observation), number_of_order(observation)
    if state.stage == stages.DELETED:
        tells = translatable(
            "The CRM order was changed, and its ERP order {number} is gone: it is created anew.",
            number=number,
        )
        return Release(tells=tells)
    if order is None:
        return _note(observation, document, number)
    if state.stage == stages.OPEN:
        why = translatable("It was changed in the CRM after its ERP order had been created.")
        return take_back_changed(order, why)
    drift = drift_of(observation, document)
    changed = order_is(number, state.stage, changed=True)
    what = joined((changed, *(() if drift is None else drift.words)))
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
        tells=translatable(
            "The ERP order {number} was taken back ({code}), to be made anew: {why}",
            number=number,
            code=problems.ORDER_CHANGED.code,
            why=as_sentence(why),
        ),
    )


def _note(observation: Observation, document: FoundRecord, number: str) -> Insert | None:
    """Nothing is left to be changed in the ERP: what was posted counts."""
    digest = order_digest(observation, document)
    text = translatable(
        "This order was changed in the CRM after its ERP order {number} had been begun. What was shipped and "
        "invoiced is not what it says now.",
        number=number,
    )
    drift = drift_of(observation, document)
    if drift is not None:
        text = joined((text, *drift.words))
    subject = translatable("Changed after ERP order {number}", number=number)
    note = Note(event=f"changed {digest}", subject=subject, text=text)
    return insert_note(observation, document, note, tells=text)


# --- other ERP orders with the same mark


def copies_problem(observation: Observation) -> Problem | None:
    """Name other ERP orders that carry the order's mark, if there are any: nobody knows which one is meant."""
    copies = [each for each in observation.records("marked orders") if each.key != observation.partner]
    if observation.partner is None or not copies:
        return None
    numbers = ", ".join(text_of(each, "No") for each in copies)
    own = number_of_order(observation)
    what = translatable(
        "Besides its ERP order {number}, these carry its mark: {others}. They are not followed.",
        number=own,
        others=numbers,
    )
    return problems.TWO_ORDERS.of(what)
