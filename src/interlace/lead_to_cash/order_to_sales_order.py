"""SALESORDER-ORDER: a submitted CRM order becomes an ERP order, which is followed until it is paid."""

from typing import Final

from interlace.domain.saga import (
    Adopt,
    CreateDocument,
    Creation,
    Finish,
    FoundRecord,
    Hold,
    Observation,
    Rest,
    Saga,
    Step,
)
from interlace.domain.side import Side
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.order_looks import CRM_TABLE, DOCUMENT_FIELDS, HEADER_TABLE, ORDER_LOOKS
from interlace.lead_to_cash.order_plan import OrderPlan, plan_order
from interlace.lead_to_cash.order_values import plain, text_of

SUBMITTED: Final = 1


def decide(observation: Observation) -> Step:
    """Return the one thing to do next for an order."""
    document = observation.document
    if document is None:
        return Finish(stage="Gone")
    marked = observation.records("marked orders")
    if observation.partner is not None:
        return Rest(stage="Open")
    if marked:
        return Adopt(key=marked[0].key, tells=f"Found as {text_of(marked[0], 'No')} in the ERP.")
    if observation.creation is Creation.UNDER_WAY:
        return Rest(stage="Being created")
    plan = plan_order(observation, document)
    if not isinstance(plan, OrderPlan):
        return Hold(problems=plan)
    return _create(plan, document)


def _create(plan: OrderPlan, document: FoundRecord) -> CreateDocument:
    return CreateDocument(
        side=Side.ERP,
        table=HEADER_TABLE,
        values=plan.header,
        lines=plan.bodies,
        tells=f"The ERP order was created with {len(plan.lines)} lines, {plain(plan.total)} {plan.currency.code} "
        "without tax.",
    )


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
    lookup_targets=(("ownerid", "systemuser"), ("transactioncurrencyid", "transactioncurrency")),
)
