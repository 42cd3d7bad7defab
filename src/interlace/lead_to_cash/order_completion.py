"""Completes a new ERP order: what its creation could not take, the comparison with the CRM order, and the mark."""

from dataclasses import replace
from typing import Final

from interlace.domain.saga import (
    Change,
    Changes,
    FoundRecord,
    Hold,
    Observation,
    Problem,
    Remove,
    Step,
    digest_of_create,
)
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash.order_changes import take_back_changed
from interlace.lead_to_cash.order_columns import HEADER_TABLE, LINE_TABLE
from interlace.lead_to_cash.order_crm import mark_values, write_order
from interlace.lead_to_cash.order_notes import Note, insert_note
from interlace.lead_to_cash.order_plan import OrderPlan, create_step, plan_order
from interlace.lead_to_cash.order_reconciliation import (
    differing_amounts,
    differing_content,
    explanations,
    goods_lines,
)
from interlace.lead_to_cash.order_stages import ErpState, number_of_order, order_is, order_record
from interlace.lead_to_cash.order_values import (
    amount_of,
    as_text,
    day_of,
    option_of,
    shown_day,
    text_of,
)
from interlace.locale.translatable import joined, translatable

_OPEN: Final = "Open"
_TOLD_MAX: Final = 5
_DISCOUNT: Final = "Invoice_Discount_Amount"


def complete(observation: Observation, document: FoundRecord, state: ErpState) -> Step:
    """Return the next step of an ERP order that the CRM order does not name yet."""
    order = order_record(observation)
    if order is None:
        said = translatable("It was posted before it could be compared.")
        return _hand_over(observation, document, state, said)
    plan = plan_order(observation, document)
    if isinstance(plan, tuple):
        if state.is_begun:
            return _hand_over(observation, document, state, joined(each.what for each in plan))
        return take_back(order, plan)
    if not state.is_begun and _was_changed(observation, document, plan):
        why = translatable("The CRM order was changed while its ERP order was being created.")
        differing = differing_content(plan, order, goods_lines(observation))
        return take_back_changed(order, joined((why, *differing)))
    lines = goods_lines(observation)
    content = differing_content(plan, order, lines)
    if state.is_begun:
        found = (*content, *differing_amounts(plan, order, lines))
        said = joined(found or explanations(plan, document, order, lines))
        return _hand_over(observation, document, state, said)
    if content:
        # What was sent is known to be what the CRM order says: then the ERP made something else of it.
        kind = problems.AMOUNTS_DIFFER if observation.created_digest else problems.ORDER_CHANGED
        return take_back(order, (kind.of(joined(content)),))
    return (
        _write_rest(plan, order, lines)
        or _judge_amounts(plan, order, lines)
        or _agree(observation, document, state, plan)
    )


def _was_changed(observation: Observation, document: FoundRecord, plan: OrderPlan) -> bool:
    """Tell whether the CRM order would be created otherwise now than its ERP order was."""
    made_from = observation.created_digest
    return bool(made_from) and made_from != digest_of_create(create_step(observation, document, plan))


def _judge_amounts(plan: OrderPlan, order: FoundRecord, lines: tuple[FoundRecord, ...]) -> Remove | None:
    found = differing_amounts(plan, order, lines)
    return take_back(order, (problems.AMOUNTS_DIFFER.of(joined(found)),)) if found else None


def take_back(order: FoundRecord, reasons: tuple[Problem, ...]) -> Remove:
    """Delete an ERP order that is not what the CRM order says."""
    number = text_of(order, "No")
    return Remove(
        side=Side.ERP,
        table=HEADER_TABLE,
        key=order.key,
        tag=order.tag,
        problems=reasons,
        tells=translatable(
            "The ERP order {number} was taken back: {why}",
            number=number,
            why=joined(each.what for each in reasons),
        ),
    )


# --- what only the pages take


def _write_rest(
    plan: OrderPlan, order: FoundRecord, lines: tuple[FoundRecord, ...]
) -> Change | Changes | Hold | None:
    rest = _write_page(plan, order) or _write_days(plan, order, lines)
    if rest is not None and option_of(order, "Status") != _OPEN:
        what = order_is(text_of(order, "No"), option_of(order, "Status"))
        return Hold(problems=(problems.RELEASED_TOO_SOON.of(what),))
    return rest


def _write_page(plan: OrderPlan, order: FoundRecord) -> Change | None:
    """Write what the creating request takes none of; a discount that did not survive the lines, again."""
    values: dict[str, Value] = {
        field: value for field, value in plan.page.items() if not _is_same(order, field, value)
    }
    if amount_of(order, _DISCOUNT) != plan.invoice_discount:
        values[_DISCOUNT] = plan.invoice_discount
    if not values:
        return None
    return Change(
        side=Side.ERP,
        table=HEADER_TABLE,
        key=order.key,
        tag=order.tag,
        values=values,
        tells=translatable(
            "The ERP order {number} was completed: {fields}.",
            number=text_of(order, "No"),
            fields=", ".join(values),
        ),
    )


def _is_same(order: FoundRecord, field: str, value: Value) -> bool:
    if not isinstance(value, str | None):
        return amount_of(order, field) == value
    # Services fold letter case of codes and spell line breaks in their own way.
    return _folded(text_of(order, field)) == _folded(as_text(value))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _write_days(
    plan: OrderPlan, order: FoundRecord, lines: tuple[FoundRecord, ...]
) -> Change | Changes | None:
    """Write the delivery dates of all lines that have another one than the whole order."""
    changes: list[Change] = []
    days: list[str] = []
    for planned, line in zip(plan.lines, lines, strict=True):
        day = planned.requested
        if day in (None, plan.header.get("Requested_Delivery_Date")):
            continue
        if day_of(line, "Requested_Delivery_Date") != day:
            days.append(
                translatable("{line} is to be delivered on {day}.", line=planned.caption, day=shown_day(day))
            )
            values: dict[str, Value] = {"Requested_Delivery_Date": day}
            changes.append(
                Change(side=Side.ERP, table=LINE_TABLE, key=line.key, tag=line.tag, values=values, tells="")
            )
    if not changes:
        return None
    number = text_of(order, "No")
    many = translatable(
        "{count} lines of ERP order {number} have delivery dates of their own.",
        count=len(days),
        number=number,
    )
    changes[0] = replace(changes[0], tells=many if len(days) > _TOLD_MAX else joined(days))
    return changes[0] if len(changes) == 1 else Changes(changes=tuple(changes))


# --- agreed


def _agree(observation: Observation, document: FoundRecord, state: ErpState, plan: OrderPlan) -> Step:
    order = order_record(observation)
    assert order is not None
    agreed = translatable(
        "Every line and the total of {total} {currency} without tax are equal.",
        total=plan.money(plan.total),
        currency=plan.currency.code,
    )
    said = explanations(plan, document, order, goods_lines(observation))
    return _hand_over(observation, document, state, joined((agreed, *said)))


def _hand_over(observation: Observation, document: FoundRecord, state: ErpState, said: str) -> Step:
    """Note what came of the CRM order, then mark it with its ERP order."""
    number = number_of_order(observation)
    note = Note(
        event="created",
        subject=translatable("ERP order {number} created", number=number),
        text=joined(
            (translatable("The ERP order {number} was created from this order.", number=number), said)
        ),
    )
    noted = insert_note(observation, document, note)
    if noted is not None:
        return noted
    tells = joined((translatable("The CRM order names its ERP order {number}.", number=number), said))
    marked = write_order(observation, document, mark_values(observation, document, state.stage), tells)
    if marked is None:
        what = translatable(
            "The CRM order is closed, so it can't name its ERP order {number}.", number=number
        )
        return Hold(problems=(problems.CLOSED_BEFORE_MARKED.of(what),))
    return marked
