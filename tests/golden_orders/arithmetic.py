"""What an order must amount to in both services, reckoned anew from the rules as they are documented.

Exact fractions, one rounding where the rules name one, and no code of ours or of the services. VAT of all lines of one
identifier is rounded together; an invoice discount goes first over the identifiers, then over the lines of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final

from tests.golden_orders.company import CUSTOMERS, FREIGHT_GROUP, ITEMS, PRECISIONS, RESOURCES
from tests.golden_orders.documents import ErpAmounts, GoldenLine, GoldenOrder

_VAT: Final = {"STANDARD": 19, "REDUCED": 7, "ZERO": 0}
_HALF: Final = Fraction(1, 2)
_PERCENT_STEP: Final = Fraction(1, 100_000)


def rounded(value: Fraction, step: Fraction) -> Fraction:
    """Round to a multiple of the step, halves away from zero."""
    steps = abs(value) / step
    whole = floor(steps + _HALF)
    return step * whole * (1 if value >= 0 else -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmTotals:
    """The totals of a CRM order by the names of their columns."""

    totallineitemamount: Decimal
    totalamountlessfreight: Decimal
    totaltax: Decimal
    totalamount: Decimal


@dataclass(slots=True, kw_only=True)
class ErpLine:
    """A line as the ERP must have it: amounts grow as the document is added up."""

    quantity: Fraction
    price: Fraction
    rate: int
    takes_discount: bool
    amount: Fraction
    """Before the invoice discount, without VAT."""
    discount: Fraction = Fraction(0)
    net: Fraction = Fraction(0)
    gross: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpDocument:
    """An ERP order as it must be."""

    lines: tuple[ErpAmounts, ...]
    total: ErpAmounts
    invoice_discount: Decimal


# --- the CRM


def crm_line_net(order: GoldenOrder, line: GoldenLine) -> Fraction:
    """Return what a line comes to in the CRM without tax."""
    cent = Fraction(1, 10**order.digits)
    per_unit = Fraction(line.unit_price) - Fraction(line.volume_discount)
    return rounded(Fraction(line.quantity) * per_unit, cent) - rounded(Fraction(line.discount), cent)


def crm_totals(order: GoldenOrder) -> CrmTotals:
    """Return the totals that the CRM must show."""
    lines = sum((crm_line_net(order, line) for line in order.lines), Fraction(0))
    tax = sum((Fraction(line.tax) for line in order.lines), Fraction(0))
    less_freight = lines - header_discount(order)
    return CrmTotals(
        totallineitemamount=decimal(lines),
        totalamountlessfreight=decimal(less_freight),
        totaltax=decimal(tax),
        totalamount=decimal(less_freight + Fraction(order.freight) + tax),
    )


def header_discount(order: GoldenOrder) -> Fraction:
    """Return the discount of the document as a whole."""
    lines = sum((crm_line_net(order, line) for line in order.lines), Fraction(0))
    percent = Fraction(order.discount_percent) / 100
    return rounded(Fraction(order.discount) + lines * percent, Fraction(1, 10**order.digits))


# --- the ERP's order


def erp_document(order: GoldenOrder, write_in: str) -> ErpDocument:
    """Return the ERP order: `write_in` is the VAT group of what write-in lines become."""
    step = step_of(order)
    lines = _priced(order, write_in)
    spread(lines, header_discount(order), step)
    return _document(lines, step)


def _document(lines: Sequence[ErpLine], step: Fraction) -> ErpDocument:
    add_vat(lines, step)
    return ErpDocument(
        lines=tuple(_shown(line.net, line.gross) for line in lines),
        total=_shown(
            sum((line.net for line in lines), Fraction(0)), sum((line.gross for line in lines), Fraction(0))
        ),
        invoice_discount=decimal(sum((line.discount for line in lines), Fraction(0))),
    )


def step_of(order: GoldenOrder) -> Fraction:
    """Return what the ERP rounds amounts of the order's currency to."""
    return Fraction(PRECISIONS.get(order.currency, "0.01"))


def _priced(order: GoldenOrder, write_in: str) -> list[ErpLine]:
    lines = [
        ErpLine(
            quantity=Fraction(line.quantity),
            price=Fraction(line.unit_price),
            rate=_rate(order, _group(line, write_in)),
            takes_discount=order.all_take_discount or _takes_discount(line),
            amount=crm_line_net(order, line),
        )
        for line in order.lines
    ]
    if order.freight:
        lines.append(
            ErpLine(
                quantity=Fraction(1),
                price=Fraction(order.freight),
                rate=_rate(order, FREIGHT_GROUP),
                takes_discount=False,
                amount=Fraction(order.freight),
            )
        )
    return lines


def _group(line: GoldenLine, write_in: str) -> str:
    if line.product is None:
        return write_in
    values = ITEMS.get(line.product) or RESOURCES[line.product]
    return str(values["VAT_Prod_Posting_Group"])


def _takes_discount(line: GoldenLine) -> bool:
    return bool(ITEMS.get(line.product or "", {}).get("Allow_Invoice_Disc", True))


def _rate(order: GoldenOrder, group: str) -> int:
    at_home = CUSTOMERS[order.erp_customer]["VAT_Bus_Posting_Group"] == "DOMESTIC"
    return _VAT[group] if at_home else 0


def spread(lines: Sequence[ErpLine], discount: Fraction, step: Fraction) -> None:
    """Spread the invoice discount over the lines that take one: by VAT rate, and over the lines of each."""
    open_lines = [line for line in lines if line.takes_discount and line.amount]
    rates = sorted({line.rate for line in open_lines}, key=lambda rate: f"VAT{rate}" if rate else "")
    groups = [[line for line in open_lines if line.rate == rate] for rate in rates]
    bases = [sum((line.amount for line in group), Fraction(0)) for group in groups]
    for group, share in zip(groups, carried(bases, discount, step), strict=True):
        own = [line.amount for line in group]
        for line, part in zip(group, carried(own, share, step), strict=True):
            line.discount = part


def carried(bases: Sequence[Fraction], whole: Fraction, step: Fraction) -> list[Fraction]:
    """Split an amount by its bases; what the rounding of one part leaves goes on to the next."""
    total = sum(bases, Fraction(0))
    parts, left = [], Fraction(0)
    for base in bases:
        left += whole * base / total if total else 0
        part = rounded(left, step)
        left -= part
        parts.append(part)
    return parts


def add_vat(lines: Sequence[ErpLine], step: Fraction) -> None:
    """Add VAT: the lines of one rate are rounded together, each takes what those before it left over."""
    sums: dict[int, tuple[Fraction, Fraction]] = {}
    for line in lines:
        base, gross = sums.get(line.rate, (Fraction(0), Fraction(0)))
        line.net = line.amount - line.discount
        base += line.net
        whole = base + rounded(base * line.rate / 100, step)
        line.gross = whole - gross
        sums[line.rate] = (base, whole)


# --- the ERP's invoices


def erp_invoices(order: GoldenOrder, write_in: str, firsts: Sequence[Decimal]) -> tuple[ErpDocument, ...]:
    """Return what is posted of an order in two parts: `firsts` is how much of each line comes first.

    A part of a line is priced for itself, its discount in per cent of five digits; the invoice discount goes by
    quantity, and the last part gets what is left of it.
    """
    step = step_of(order)
    lines = _priced(order, write_in)
    spread(lines, header_discount(order), step)
    invoices = []
    for is_last in (False, True):
        parts = []
        for line, first in zip(lines, map(Fraction, firsts), strict=True):
            first_discount = rounded(line.discount * first / line.quantity, step)
            quantity = line.quantity - first if is_last else first
            if quantity:
                discount = line.discount - first_discount if is_last else first_discount
                parts.append(_part(line, quantity, discount, step))
        if parts:
            invoices.append(_document(parts, step))
    return tuple(invoices)


def _part(line: ErpLine, quantity: Fraction, discount: Fraction, step: Fraction) -> ErpLine:
    amount = line.amount
    if quantity != line.quantity:
        whole = rounded(line.quantity * line.price, step)
        percent = rounded(100 * (whole - line.amount) / whole, _PERCENT_STEP) if whole else Fraction(0)
        part = rounded(quantity * line.price, step)
        amount = part - rounded(part * percent / 100, step)
    return ErpLine(
        quantity=quantity,
        price=line.price,
        rate=line.rate,
        takes_discount=line.takes_discount,
        amount=amount,
        discount=discount,
    )


def decimal(value: Fraction) -> Decimal:
    """Return an amount of currency as a decimal; it has few digits."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    assert Fraction(exact) == value, f"{value} is no amount"
    return exact.normalize() + 0


def _shown(net: Fraction, gross: Fraction) -> ErpAmounts:
    return ErpAmounts(net=decimal(net), tax=decimal(gross - net), gross=decimal(gross))
