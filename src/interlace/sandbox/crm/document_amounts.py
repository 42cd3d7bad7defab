"""Amounts of lines and documents: pure arithmetic in the currency's precision.

Amounts are rounded half away from zero, each once, when it is computed; sums are of rounded amounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
_HUNDRED = Decimal(100)


def amount_of(value: object) -> Decimal:
    """A stored amount as a Decimal; null counts as nothing."""
    if value is None:
        return ZERO
    return value if isinstance(value, Decimal) else Decimal(str(value))


def rounded(value: Decimal, digits: int) -> Decimal:
    """The value with that many digits after the point, half away from zero."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the amounts of a line follow from; discounts of volume are per unit."""

    quantity: Decimal = ZERO
    price: Decimal = ZERO
    volume_discount: Decimal = ZERO
    manual_discount: Decimal = ZERO
    tax: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAmounts:
    """The computed amounts of a line."""

    base: Decimal
    extended: Decimal


def line_discount(line: Line, digits: int, *, per_unit: bool) -> Decimal:
    """The manual discount of a whole line; `per_unit` says that it is given for each unit."""
    return rounded(line.manual_discount * line.quantity if per_unit else line.manual_discount, digits)


def line_amounts(line: Line, digits: int, *, per_unit: bool) -> LineAmounts:
    """Base amount (after the volume discount) and extended amount (after the manual one, with tax)."""
    base = rounded(line.quantity * (line.price - line.volume_discount), digits)
    extended = base - line_discount(line, digits, per_unit=per_unit) + line.tax
    return LineAmounts(base=base, extended=rounded(extended, digits))


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShare:
    """What a line brings into the totals of its document."""

    extended: Decimal
    tax: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderTerms:
    """What is agreed for a document as a whole."""

    discount: Decimal = ZERO
    discount_percent: Decimal = ZERO
    freight: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTotals:
    """The totals of a document by the names of their columns."""

    totallineitemamount: Decimal
    totallineitemdiscountamount: Decimal
    totaldiscountamount: Decimal
    totalamountlessfreight: Decimal
    totaltax: Decimal
    totalamount: Decimal


def document_totals(lines: Iterable[LineShare], terms: HeaderTerms, digits: int) -> DocumentTotals:
    """The totals of a document with these lines."""
    detail = discounts = tax = ZERO
    for line in lines:
        detail += line.extended - line.tax
        discounts += line.discount
        tax += line.tax
    header_discount = rounded(terms.discount + detail * terms.discount_percent / _HUNDRED, digits)
    less_freight = detail - header_discount
    return DocumentTotals(
        totallineitemamount=rounded(detail, digits),
        totallineitemdiscountamount=rounded(discounts, digits),
        totaldiscountamount=rounded(discounts + header_discount, digits),
        totalamountlessfreight=rounded(less_freight, digits),
        totaltax=rounded(tax, digits),
        totalamount=rounded(less_freight + terms.freight + tax, digits),
    )
