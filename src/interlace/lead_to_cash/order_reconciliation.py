"""Compares an ERP order with the CRM order that it was made from, line by line, and puts differences into words."""

from collections.abc import Iterable, Iterator

from interlace.domain.saga import FoundRecord, Observation
from interlace.lead_to_cash.order_lines import PlannedLine
from interlace.lead_to_cash.order_plan import OrderPlan
from interlace.lead_to_cash.order_values import ZERO, amount_of, number_of, option_of, plain, text_of


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
                f"{planned.caption} comes to {plan.money(amount)} without tax in the ERP and to "
                f"{plan.money(planned.price.net)} in the CRM."
            )
    return (*found, *_of_totals(plan, order))


def _of_header(plan: OrderPlan, order: FoundRecord) -> Iterator[str]:
    customer, wanted = text_of(order, "Sell_to_Customer_No"), plan.header["Sell_to_Customer_No"]
    if customer != wanted:
        yield f"The customer is {customer} in the ERP and {wanted} by the CRM order."
    currency = text_of(order, "Currency_Code")
    if currency not in (plan.currency.erp_code, plan.currency.code):
        yield f"The currency is {currency or 'the local one'} in the ERP and {plan.currency.code} in the CRM."


def _of_lines(plan: OrderPlan, lines: tuple[FoundRecord, ...]) -> Iterator[str]:
    if len(lines) != len(plan.lines):
        yield f"The ERP order has {len(lines)} lines and the CRM order {len(plan.lines)}."
        return
    for planned, line in zip(plan.lines, lines, strict=True):
        yield from _of_line(planned, line, plan)


def _of_line(planned: PlannedLine, line: FoundRecord, plan: OrderPlan) -> Iterator[str]:
    goods = f"{option_of(line, 'Type')} {text_of(line, 'No')}"
    wanted = f"{planned.goods.kind} {planned.goods.number}"
    unit = text_of(line, "Unit_of_Measure_Code")
    if goods != wanted:
        yield f"{planned.caption} is {goods} in the ERP and {wanted} by the CRM order."
    if planned.goods.unit and unit != planned.goods.unit:
        yield f"{planned.caption} is in {unit} in the ERP and in {planned.goods.unit} by the CRM order."
    for field, amount, name, written in (
        ("Quantity", planned.quantity, "The quantity", plain),
        ("Unit_Price", planned.price.unit_price, "The unit price", plan.money),
        ("Line_Discount_Amount", planned.price.discount, "The discount", plan.money),
    ):
        found = amount_of(line, field)
        if found != amount:
            yield (
                f"{planned.caption}: {name} is {written(found)} in the ERP and {written(amount)} by the CRM order."
            )


def _of_totals(plan: OrderPlan, order: FoundRecord) -> Iterator[str]:
    for field, amount, name in (
        ("Invoice_Discount_Amount", plan.invoice_discount, "The discount of the whole order"),
        ("Amount", plan.total, "The total without tax"),
    ):
        found = amount_of(order, field)
        if found != amount:
            yield f"{name} is {plan.money(found)} in the ERP and {plan.money(amount)} by the CRM order."


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
            yield (
                f"{line.caption}: the ERP keeps the unit price {plan.money(line.asked_price)} as "
                f"{plan.money(line.price.unit_price)}; a discount of {plan.money(line.price.discount)} brings "
                f"the line to {plan.money(line.price.net)}, as in the CRM."
            )


def _of_spread_discount(plan: OrderPlan, lines: tuple[FoundRecord, ...]) -> Iterator[str]:
    if not plan.invoice_discount:
        return
    shares = [amount_of(line, "Inv_Discount_Amount") for line in lines]
    yield (
        f"The ERP spreads the order's discount of {plan.money(plan.invoice_discount)} over the lines that allow it "
        f"({_listed(plan.money(share) for share in shares)}); the CRM takes it off the total."
    )


def _of_tax(
    plan: OrderPlan, document: FoundRecord, order: FoundRecord, lines: tuple[FoundRecord, ...]
) -> Iterator[str]:
    net, gross = amount_of(order, "Amount"), amount_of(order, "Amount_Including_VAT")
    tax, crm_tax = gross - net, amount_of(document, "totaltax")
    if tax == crm_tax:
        return
    rates = sorted({amount_of(line, "VAT_Percent") for line in lines if amount_of(line, "VAT_Percent")})
    of_rates = f" ({_listed(f'{plain(rate)} %' for rate in rates)})" if rates else ""
    entered = "the CRM computes none" if crm_tax == ZERO else f"{plan.money(crm_tax)} was entered in the CRM"
    yield f"The ERP adds {plan.money(tax)} tax{of_rates} and comes to {plan.money(gross)}; {entered}."


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)
