"""Judges whether an order that was posted in parts differs by the rounding of its parts alone."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from interlace.verify.expectations_of_order_lines import crm_goods, erp_goods
from interlace.verify.order_arithmetic import NOTHING, number, unit_price
from interlace.verify.order_case import OrderCase, is_comment, net_of
from interlace.verify.plain_reader import Row

_PERCENT_STEP: Final = Fraction(1, 10**7)
"""The ERP keeps the discount of a part in percent of five digits."""
Sold = dict[tuple[str, Fraction], Fraction]


def differs_by_rounding(order: OrderCase) -> bool:
    """Tell whether several invoices hold what was ordered, at its prices, and only cents are left over."""
    invoices = order.valid_invoices
    if order.erp is not None or len(invoices) < 2 or len(invoices) != len(order.invoices):
        return False
    posted = [line for line in order.invoice_lines if not is_comment(line) and number(line.get("Quantity"))]
    sold = _summed(
        (erp_goods(line).casefold(), number(line.get("Unit_Price")), number(line.get("Quantity")))
        for line in posted
    )
    lines: list[Row | None] = [*order.crm_lines]
    if number(order.crm.get("freightamount")):
        lines.append(None)
    if sold != _summed(_asked(order, line) for line in lines):
        return False
    cent, _ = order.steps
    gross = sum((abs(price * quantity) for (_, price), quantity in sold.items()), NOTHING)
    charged = sum((number(each.get("Amount")) for each in invoices), NOTHING)
    wanted = number(order.crm.get("totalamountlessfreight")) + number(order.crm.get("freightamount"))
    return abs(charged - wanted) <= cent * (len(posted) + len(lines)) + gross * _PERCENT_STEP


def _asked(order: OrderCase, line: Row | None) -> tuple[str, Fraction, Fraction]:
    """Return goods, the ERP's unit price and quantity of a CRM line, or of the freight."""
    goods = crm_goods(line, order.books).casefold()
    if line is None:
        return goods, number(order.crm.get("freightamount")), Fraction(1)
    cent, step = order.steps
    quantity = number(line.get("quantity"))
    price = unit_price(
        quantity=quantity, price=number(line.get("priceperunit")), net=net_of(line), step=step, cent=cent
    )
    return goods, price, quantity


def _summed(parts: Iterable[tuple[str, Fraction, Fraction]]) -> Sold:
    sold: defaultdict[tuple[str, Fraction], Fraction] = defaultdict(Fraction)
    for goods, price, quantity in parts:
        sold[goods, price] += quantity
    return dict(sold)
