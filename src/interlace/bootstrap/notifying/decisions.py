"""What waits for somebody: conflicts for a decision, held orders for help, plans for approval; no value of a record."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.approval_rules import RulesInForce
from interlace.bootstrap.kept_plans import KeptPlan, KeptPlans
from interlace.bootstrap.notifying.follow import Standing
from interlace.bootstrap.notifying.look import Look
from interlace.bootstrap.notifying.owners import Owners
from interlace.bootstrap.orders import Orders
from interlace.bootstrap.plan_approval import ApprovalState, approval_of
from interlace.domain.conflict import Conflict
from interlace.domain.keys import KEY_SEPARATOR, key_text
from interlace.engine.saga_memory import TrackedDocument
from interlace.lead_to_cash.order_problems import PROBLEM_KINDS
from interlace.locale.translatable import as_sentence, translatable
from interlace.management.notifications import NotificationKind
from interlace.web.addresses import segment

_CONFLICTS_MAX: Final = 200
_ORDERS_MAX: Final = 1000
_DECIDED_LATELY: Final = timedelta(days=1)
_MEANS: Final = {each.code: each.means for each in PROBLEM_KINDS}


def conflicts(application: Application, connection: Connection) -> Look:
    """Return the pairs that wait for a decision, the newest first."""
    found = application.state.queries.conflicts(connection.id, limit=_CONFLICTS_MAX + 1)
    addresses = Owners(application, connection).of_conflicts(found)
    return Look(
        kind=NotificationKind.CONFLICT,
        standing=tuple(
            _conflict(each, addresses.get((each.mapping, each.erp_key), ""))
            for each in found[:_CONFLICTS_MAX]
        ),
        is_whole=len(found) <= _CONFLICTS_MAX,
    )


def held_orders(application: Application, connection: Connection) -> Look:
    """Return the orders that do not go on."""
    orders = Orders(application=application, connection=connection)
    found = orders.listed(held=True, limit=_ORDERS_MAX + 1)
    addresses = Owners(application, connection).of_documents(found)
    return Look(
        kind=NotificationKind.ORDER,
        standing=tuple(
            _order(each, addresses.get((each.mapping, each.key), "")) for each in found[:_ORDERS_MAX]
        ),
        is_whole=len(found) <= _ORDERS_MAX,
    )


def plans(application: Application, connection: Connection) -> Look:
    """Return the plans that await approval, and those that were decided on within a day."""
    rules = RulesInForce(application=application, connection=connection)
    # Without rules no plan waits, and no file need be read.
    kept = KeptPlans(application.config.state_directory).listed(connection.id) if rules.rules.is_on else []
    standing = (each for plan in kept for each in _plan(application, rules, plan))
    return Look(kind=NotificationKind.PLAN, standing=tuple(standing))


def _conflict(each: Conflict, responsible: str) -> Standing:
    record = f"{each.mapping} {key_text(each.erp.key)}"
    return Standing(
        kind=NotificationKind.CONFLICT,
        # The pair: records that move on while they are in conflict are no further one.
        subject=f"{each.mapping}{KEY_SEPARATOR}{each.erp.key}",
        message=translatable("{record} is in conflict and waits for a decision.", record=record),
        page=f"/conflicts/{each.id}",
        over=translatable("{record} is in conflict no more.", record=record),
        over_page="/conflicts",
        mappings=(str(each.mapping),),
        responsible=responsible,
    )


def _order(each: TrackedDocument, responsible: str) -> Standing:
    name = each.title or key_text(each.key)
    # What the records hold that a problem names is left to the page.
    known = [_MEANS[problem.code] for problem in each.problems if problem.code in _MEANS]
    message = (
        translatable("Order {order} is held: {problem}", order=name, problem=as_sentence(known[0]))
        if known
        else translatable("Order {order} is held.", order=name)
    )
    return Standing(
        kind=NotificationKind.ORDER,
        subject=f"{each.mapping}{KEY_SEPARATOR}{each.key}",
        message=message,
        page=f"/orders/{segment(each.key)}",
        over=translatable("Order {order} is held no more.", order=name),
        mappings=(str(each.mapping),),
        responsible=responsible,
    )


def _plan(application: Application, rules: RulesInForce, plan: KeptPlan) -> Iterator[Standing]:
    page, mappings = f"/plans/{plan.id}", tuple(plan.counts)
    if approval_of(rules, plan).state is ApprovalState.WAITING:
        yield Standing(
            kind=NotificationKind.PLAN,
            subject=plan.id,
            message=translatable(
                "A plan that {name} made awaits approval: {mappings}",
                name=plan.made_by,
                mappings=", ".join(mappings),
            ),
            page=page,
            mappings=mappings,
            not_for=plan.made_by,
        )
    decision = plan.decision
    if decision is not None and application.state.clock() - decision.at < _DECIDED_LATELY:
        told = (
            translatable("{name} approved your plan: it can be applied now, as it is.", name=decision.by)
            if decision.is_approved
            else translatable("{name} rejected your plan; the reason stands with it.", name=decision.by)
        )
        yield Standing(
            kind=NotificationKind.PLAN,
            subject=f"{plan.id} {decision.at.isoformat()}",
            message=told,
            page=page,
            mappings=mappings,
            only_for=plan.made_by,
        )
