"""Compares an ERP order with the CRM order that it was made from, line by line, and puts differences into words."""

from collections.abc import Iterable, Iterator

from interlace.domain.saga import FoundRecord, Observation
from interlace.lead_to_cash.order_lines import PlannedLine
from interlace.lead_to_cash.order_plan import OrderPlan
from interlace.lead_to_cash.order_values import (
    ZERO,
    amount_of,
    number_of,
    option_of,
    shown_quantity,
    text_of,
)
from interlace.locale.translatable import Amount, Sentence, as_sentence, joined, translatable

_QUANTITY = translatable("{line}: The quantity is {erp} in the ERP and {crm} by the CRM order.")
_UNIT_PRICE = translatable("{line}: The unit price is {erp} in the ERP and {crm} by the CRM order.")
_DISCOUNT = translatable("{line}: The discount is {erp} in the ERP and {crm} by the CRM order.")
_WHOLE_DISCOUNT = translatable(
    "The discount of the whole order is {erp} in the ERP and {crm} by the CRM order."
)
_TOTAL = translatable("The total without tax is {erp} in the ERP and {crm} by the CRM order.")


def goods_lines(observation: Observation) -> tuple[FoundRecord, ...]:
    """Return the ERP order's lines in their order, without comments."""
    lines = (line for line in observation.records("order lines") if option_of(line, "Type"))
    return tuple(sorted(lines, key=lambda line: number_of(line, "Line_No") or 0))


def differing_content(plan: OrderPlan, order: FoundRecord, lines: tuple[FoundRecord, ...]) -> tuple[str, ...]:
    """Return in words what of the ERP order is not what the CRM order says now: customer, goods, prices."""
    return (*_of_header(plan, order), *_of_lines(plan, lines))


def differing_amounts(plan: OrderPlan, order: FoundRecord, lines: tuple[FoundRecord, ...]) -> tuple[str, ...]:
    """Return in words which amounts the ERP computed otherwise, of an order whose content is as planned."""
    found = []
    for planned, line in zip(plan.lines, lines, strict=False):
        amount = amount_of(line, "Line_Amount")
        if amount != planned.price.net:
            found.append(
                translatable(
                    "{line} comes to {erp} without tax in the ERP and to {crm} in the CRM.",
                    line=planned.caption,
                    erp=plan.money(amount),
                    crm=plan.money(planned.price.net),
                )
            )
    return (*found, *_of_totals(plan, order))


def _of_header(plan: OrderPlan, order: FoundRecord) -> Iterator[str]:
    customer, wanted = text_of(order, "Sell_to_Customer_No"), str(plan.header["Sell_to_Customer_No"])
    if customer != wanted:
        yield translatable(
            "The customer is {erp} in the ERP and {crm} by the CRM order.", erp=customer, crm=wanted
        )
    currency = text_of(order, "Currency_Code")
    if currency not in (plan.currency.erp_code, plan.currency.code):
        yield translatable(
            "The currency is {erp} in the ERP and {crm} in the CRM.",
            erp=currency or as_sentence(translatable("the local one")),
            crm=plan.currency.code,
        )


def _of_lines(plan: OrderPlan, lines: tuple[FoundRecord, ...]) -> Iterator[str]:
    if len(lines) != len(plan.lines):
        yield translatable(
            "The ERP order has {erp} lines and the CRM order {crm}.", erp=len(lines), crm=len(plan.lines)
        )
        return
    for planned, line in zip(plan.lines, lines, strict=True):
        yield from _of_line(planned, line, plan)


def _of_line(planned: PlannedLine, line: FoundRecord, plan: OrderPlan) -> Iterator[str]:
    goods = f"{option_of(line, 'Type')} {text_of(line, 'No')}"
    wanted = f"{planned.goods.kind} {planned.goods.number}"
    unit = text_of(line, "Unit_of_Measure_Code")
    if goods != wanted:
        yield translatable(
            "{line} is {erp} in the ERP and {crm} by the CRM order.",
            line=planned.caption,
            erp=goods,
            crm=wanted,
        )
    if planned.goods.unit and unit != planned.goods.unit:
        yield translatable(
            "{line} is in {erp} in the ERP and in {crm} by the CRM order.",
            line=planned.caption,
            erp=unit,
            crm=planned.goods.unit,
        )
    for field, amount, pattern, written in (
        ("Quantity", planned.quantity, _QUANTITY, shown_quantity),
        ("Unit_Price", planned.price.unit_price, _UNIT_PRICE, plan.money),
        ("Line_Discount_Amount", planned.price.discount, _DISCOUNT, plan.money),
    ):
        found = amount_of(line, field)
        if found != amount:
            yield translatable(pattern, line=planned.caption, erp=written(found), crm=written(amount))


def _of_totals(plan: OrderPlan, order: FoundRecord) -> Iterator[str]:
    for field, amount, pattern in (
        ("Invoice_Discount_Amount", plan.invoice_discount, _WHOLE_DISCOUNT),
        ("Amount", plan.total, _TOTAL),
    ):
        found = amount_of(order, field)
        if found != amount:
            yield translatable(pattern, erp=plan.money(found), crm=plan.money(amount))


def explanations(
    plan: OrderPlan, document: FoundRecord, order: FoundRecord, lines: tuple[FoundRecord, ...]
) -> tuple[str, ...]:
    """Return in words why figures that need not be equal differ: tax, rounded prices, spread discounts."""
    return (
        *_of_prices(plan),
        *_of_spread_discount(plan, lines),
        *_of_tax(plan, document, order, lines),
    )


def _of_prices(plan: OrderPlan) -> Iterator[str]:
    for line in plan.lines:
        if line.price.unit_price != line.asked_price:
            yield translatable(
                "{line}: the ERP keeps the unit price {asked} as {price}; a discount of {discount} brings the line to "
                "{net}, as in the CRM.",
                line=line.caption,
                asked=plan.money(line.asked_price),
                price=plan.money(line.price.unit_price),
                discount=plan.money(line.price.discount),
                net=plan.money(line.price.net),
            )


def _of_spread_discount(plan: OrderPlan, lines: tuple[FoundRecord, ...]) -> Iterator[str]:
    if not plan.invoice_discount:
        return
    shares = [amount_of(line, "Inv_Discount_Amount") for line in lines]
    yield translatable(
        "The ERP spreads the order's discount of {discount} over the lines that allow it ({shares}); the CRM takes "
        "it off the total.",
        discount=plan.money(plan.invoice_discount),
        shares=_listed("{amount}", map(plan.money, shares)),
    )


def _of_tax(
    plan: OrderPlan, document: FoundRecord, order: FoundRecord, lines: tuple[FoundRecord, ...]
) -> Iterator[str]:
    net, gross = amount_of(order, "Amount"), amount_of(order, "Amount_Including_VAT")
    tax, crm_tax = gross - net, amount_of(document, "totaltax")
    if tax == crm_tax:
        return
    rates = sorted({amount_of(line, "VAT_Percent") for line in lines if amount_of(line, "VAT_Percent")})
    entered = (
        as_sentence(translatable("the CRM computes none"))
        if crm_tax == ZERO
        else translatable("{tax} was entered in the CRM", tax=plan.money(crm_tax))
    )
    pattern = (
        translatable("The ERP adds {tax} tax ({rates}) and comes to {gross}; {entered}.")
        if rates
        else translatable("The ERP adds {tax} tax and comes to {gross}; {entered}.")
    )
    yield translatable(
        pattern,
        tax=plan.money(tax),
        rates=_listed("{amount} %", map(shown_quantity, rates)),
        gross=plan.money(gross),
        entered=entered,
    )


def _listed(pattern: str, amounts: Iterable[Amount]) -> str:
    return joined((Sentence(pattern, {"amount": each}) for each in amounts), between=", ")
