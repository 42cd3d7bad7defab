"""SALESORDER-ORDER: a submitted CRM order becomes an ERP order, which is followed until it is paid.

Each step follows from what both services hold: the CRM order's state and mark, the ERP order found by coupling or by
mark, its shipments and invoices.
"""

from collections.abc import Mapping
from typing import Final

from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.saga import (
    Adopt,
    Creation,
    Finish,
    FoundRecord,
    Hold,
    Observation,
    Problem,
    Release,
    Remove,
    Rest,
    Saga,
    Step,
)
from interlace.domain.side import Side
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.domain.values import Value
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash import order_stages as stages
from interlace.lead_to_cash.order_changes import copies_problem, meet_change
from interlace.lead_to_cash.order_columns import CRM_TABLE, DOCUMENT_FIELDS, HEADER_TABLE, MARK_FIELD
from interlace.lead_to_cash.order_completion import complete
from interlace.lead_to_cash.order_crm import (
    ACTIVE,
    AS_SUBMITTED,
    BEING_WRITTEN,
    CANCELLED,
    SUBMITTED,
    is_active_for_us,
    is_marked,
    is_writable,
    names_an_erp_order,
    state_of,
    tell_hold,
    unmark_values,
    write_order,
)
from interlace.lead_to_cash.order_digest import was_changed
from interlace.lead_to_cash.order_field_rows import ORDER
from interlace.lead_to_cash.order_follow_up import follow
from interlace.lead_to_cash.order_looks import ORDER_LOOKS
from interlace.lead_to_cash.order_parties import check_credit
from interlace.lead_to_cash.order_plan import create_step, plan_order
from interlace.lead_to_cash.order_stages import ErpState, erp_state, order_record
from interlace.lead_to_cash.order_values import amount_of, text_of
from interlace.locale.translatable import translatable


def decide(observation: Observation) -> Step:
    """Return the one thing to do next for an order."""
    return hold_for_copies(observation, _decide(observation))


def hold_for_copies(observation: Observation, step: Step) -> Step:
    """Hold an order of whose ERP order there is a copy, where the step would let go of either."""
    copies = copies_problem(observation)
    # What would be left is a copy with the mark, and it would be taken for the order itself.
    if copies is not None and isinstance(step, Remove | Release | Rest):
        return Hold(problems=(copies,))
    return step


def _decide(observation: Observation) -> Step:
    document = observation.document
    if document is None:
        return _without_document(observation)
    excluded = check_switches(observation.settings)
    if excluded is not None:
        return Hold(problems=(excluded,))
    if observation.partner is not None and _was_two_way(observation):
        # Who changed what is not remembered any more, and the ERP order may be its people's own.
        return follow(observation, document, erp_state(observation))
    if observation.partner is not None:
        return _coupled(observation, document)
    return (
        _find_made_by_the_erp(observation, document)
        or _find(observation)
        or _uncoupled(observation, document)
    )


def _was_two_way(observation: Observation) -> bool:
    return observation.agreed is not None and not observation.settings.get("bidirectional_orders")


def check_switches(settings: Mapping[str, Value]) -> Problem | None:
    """Say whether the settings ask for orders to travel in two ways that exclude each other."""
    if settings.get("order_integration", True) and settings.get("bidirectional_orders"):
        return problems.SETTINGS_EXCLUDE.of(
            translatable("Both order_integration and bidirectional_orders are on.")
        )
    return None


# --- not coupled


def _find_made_by_the_erp(observation: Observation, document: FoundRecord) -> Hold | None:
    """Leave an order alone that was made of an ERP order: to create or complete that one would be absurd."""
    if observation.settings.get("bidirectional_orders") or text_of(document, "lastbackofficesubmit"):
        return None
    if state_of(document).state == CANCELLED:
        return None
    for order in observation.records("named order"):
        if text_of(order, MARK_FIELD) != observation.mark:
            what = translatable(
                "The CRM order was made of the ERP order {number}.", number=text_of(order, "No")
            )
            return Hold(problems=(problems.MADE_BY_THE_ERP.of(what),))
    return None


def _find(observation: Observation) -> Step | None:
    """Take over the ERP order that is there already, or wait for one that may still appear."""
    orders = {
        each.key: each for look in ("marked orders", "named order") for each in observation.records(look)
    }
    if len(orders) > 1:
        numbers = ", ".join(text_of(each, "No") for each in orders.values())
        what = translatable("The ERP orders {numbers} carry its mark.", numbers=numbers)
        return Hold(problems=(problems.TWO_ORDERS.of(what),))
    for key, order in orders.items():
        tells = translatable(
            "The ERP order {number} was found: it is this order's.", number=text_of(order, "No")
        )
        return Adopt(key=key, tells=tells)
    for look in ("marked invoices", "named invoices"):
        for invoice in observation.records(look):
            number = text_of(invoice, "Order_No")
            if number:
                tells = translatable(
                    "The ERP order {number} was found by its invoice {invoice}.",
                    number=number,
                    invoice=text_of(invoice, "No"),
                )
                return Adopt(key=f"{ORDER}{KEY_SEPARATOR}{number}", tells=tells)
    return Rest(stage=stages.BEING_CREATED) if observation.creation is Creation.UNDER_WAY else None


def _uncoupled(observation: Observation, document: FoundRecord) -> Step:
    state = state_of(document).state
    if state == CANCELLED:
        return _finish_cancelled(observation, document)
    if state not in (ACTIVE, SUBMITTED):
        return Finish(stage=stages.NOT_OURS)
    if names_an_erp_order(document):
        return _without_erp_order(observation, document)
    if is_active_for_us(observation, document) and _is_made_anew(document):
        # It was opened to take its mark off; its user has submitted it already.
        tells = translatable("The CRM order was submitted again.")
        return write_order(observation, document, {}, tells, to=AS_SUBMITTED) or Finish(
            stage=stages.TAKEN_BACK
        )
    if state == ACTIVE:
        is_deleted = text_of(document, "ilc_orderstatus") == stages.DELETED
        return Finish(stage=stages.DELETED if is_deleted else stages.TAKEN_BACK)
    if text_of(document, "lastbackofficesubmit"):
        return Finish(stage=stages.NOT_OURS)
    return _begin(observation, document)


def _is_made_anew(document: FoundRecord) -> bool:
    return text_of(document, "ilc_orderstatus") == stages.BEING_CREATED


def _without_erp_order(observation: Observation, document: FoundRecord) -> Step:
    """Take the mark off; an order that was changed meanwhile was taken back by us, and is created anew."""
    submitted = state_of(document).state == SUBMITTED or is_active_for_us(observation, document)
    if submitted and was_changed(observation, document):
        values, goal = unmark_values(stages.BEING_CREATED), AS_SUBMITTED
        tells = translatable("The CRM order no longer names the ERP order that was taken back.")
    else:
        values, goal = unmark_values(stages.DELETED), BEING_WRITTEN
        tells = translatable("The ERP order of this order is gone: the CRM order is open again.")
    # Never None: the mark is there to be taken off.
    written = write_order(observation, document, values, tells, to=goal)
    return written or Finish(stage=stages.DELETED)


def _finish_cancelled(observation: Observation, document: FoundRecord) -> Step:
    if is_writable(observation) and names_an_erp_order(document):
        tells = translatable("The CRM order no longer names an ERP order.")
        written = write_order(observation, document, unmark_values(stages.CANCELLED), tells)
        if written is not None:
            return written
    return Finish(stage=stages.CANCELLED)


def _begin(observation: Observation, document: FoundRecord) -> Step:
    """Create the ERP order, if nothing at all is missing."""
    plan = plan_order(observation, document)
    missing = plan if isinstance(plan, tuple) else ()
    missing += check_credit(observation, document, amount_of(document, "totalamount"))
    if missing or isinstance(plan, tuple):
        return tell_hold(observation, document, missing) or Hold(problems=missing)
    return create_step(observation, document, plan)


# --- coupled


def _coupled(observation: Observation, document: FoundRecord) -> Step:
    state = erp_state(observation)
    where = state_of(document).state
    if where == CANCELLED:
        return _cancelled(observation, state)
    took_back = where == ACTIVE and not is_active_for_us(observation, document)
    if took_back and not state.is_begun and state.stage != stages.DELETED:
        return _take_back(
            observation, translatable("Its user took the CRM order back: the ERP order was deleted.")
        )
    copies = copies_problem(observation)
    if state.stage == stages.DELETED and copies is not None:
        return Hold(problems=(copies,))
    if is_marked(observation, document) and not took_back and was_changed(observation, document):
        return meet_change(observation, document, state) or follow(observation, document, state)
    if is_marked(observation, document) or order_record(observation) is None:
        return _marked(observation, document, state)
    return complete(observation, document, state)


def _marked(observation: Observation, document: FoundRecord, state: ErpState) -> Step:
    """Follow the ERP order; one that was posted before it could be marked is marked first."""
    if state.stage == stages.DELETED or is_marked(observation, document):
        return follow(observation, document, state)
    return complete(observation, document, state)


def _cancelled(observation: Observation, state: ErpState) -> Step:
    order = order_record(observation)
    if state.stage == stages.DELETED:
        return Release(tells=translatable("The CRM order was cancelled, and its ERP order is gone."))
    if order is None:
        tells = translatable("The CRM order was cancelled, but the ERP has shipped and invoiced it.")
        return Finish(stage=state.stage, tells=tells)
    if state.is_begun:
        what = stages.order_is(text_of(order, "No"), state.stage)
        return Hold(problems=(problems.CANCELLED_TOO_LATE.of(what),))
    return _take_back(
        observation, translatable("The order was cancelled in the CRM: the ERP order was deleted.")
    )


def _take_back(observation: Observation, tells: str, *reasons: Problem) -> Step:
    order = order_record(observation)
    assert order is not None
    return Remove(
        side=Side.ERP, table=HEADER_TABLE, key=order.key, tag=order.tag, problems=reasons, tells=tells
    )


# --- the CRM order is gone


def _without_document(observation: Observation) -> Step:
    orders = {each.key: each for look in ("order", "marked orders") for each in observation.records(look)}
    if orders:
        numbers = ", ".join(text_of(each, "No") for each in orders.values())
        what = translatable("The ERP has the order {numbers}.", numbers=numbers)
        return Hold(problems=(problems.DOCUMENT_GONE.of(what),))
    if observation.creation is Creation.UNDER_WAY:
        return Rest(stage=stages.BEING_CREATED)
    return Finish(stage=stages.GONE, tells=translatable("The CRM order was deleted."))


ORDER_SAGA: Final = Saga(
    name=mapping_names.SALESORDER_ORDER,
    caption="Orders",
    side=Side.CRM,
    table=CRM_TABLE,
    fields=DOCUMENT_FIELDS,
    new_documents=TableFilter(
        conditions=(
            Condition(
                field="statecode",
                comparison=Comparison.EQUAL,
                value=SUBMITTED,
                reason="the order is not submitted",
            ),
            Condition(
                field="lastbackofficesubmit",
                comparison=Comparison.BLANK,
                reason="the order was handed to the ERP already",
            ),
        )
    ),
    partner_table=HEADER_TABLE,
    looks=ORDER_LOOKS,
    decide=decide,
    title_field="ordernumber",
    owner_field="ownerid",
    lookup_targets=(("ownerid", "systemuser"),),
)
