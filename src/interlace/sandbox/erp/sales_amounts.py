"""Amounts of sales lines and documents: pure arithmetic, rounded half away from zero.

VAT is not rounded line by line in isolation: each line takes what rounding left over from the lines before it
with the same VAT identifier and percentage, so that the document's VAT is right.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from interlace.sandbox.erp.declaration import Value
from interlace.sandbox.erp.field_values import plain_decimal

_HUNDRED: Final = Decimal(100)
# Wide enough that no product or quotient of amounts is rounded before the rounding that is meant.
_WIDE: Final = Context(prec=60)


def round_to(value: Decimal, precision: Decimal) -> Decimal:
    """Return the value rounded to a multiple of the precision, half away from zero."""
    steps = _WIDE.divide(value, precision).quantize(Decimal(1), rounding=ROUND_HALF_UP, context=_WIDE)
    return plain_decimal(_WIDE.multiply(steps, precision))


def share_of(amount: Decimal, part: Decimal, whole: Decimal, precision: Decimal) -> Decimal:
    """Return the rounded share of an amount that a part has in a whole; nothing of an empty whole."""
    if not whole:
        return Decimal(0)
    return round_to(_WIDE.divide(_WIDE.multiply(amount, part), whole), precision)


def amount_of(values: Mapping[str, Value], name: str) -> Decimal:
    """Return the value of a decimal field."""
    value = values[name]
    return value if isinstance(value, Decimal) else Decimal(str(value))


def price_line(values: MutableMapping[str, Value], precision: Decimal, *, by_amount: bool) -> None:
    """Compute line discount and line amount; by_amount says that the discount was given as an amount."""
    gross = round_to(
        _WIDE.multiply(amount_of(values, "Quantity"), amount_of(values, "Unit_Price")), precision
    )
    if by_amount:
        discount = round_to(amount_of(values, "Line_Discount_Amount"), precision)
        values["Line_Discount_Percent"] = share_of(_HUNDRED, discount, gross, Decimal("0.00001"))
    else:
        discount = share_of(gross, amount_of(values, "Line_Discount_Percent"), _HUNDRED, precision)
    values["Line_Discount_Amount"] = discount
    values["Line_Amount"] = plain_decimal(gross - discount)


def discountable(lines: Sequence[Mapping[str, Value]]) -> Decimal:
    """Return what an invoice discount is taken from: the amounts of the lines that allow it."""
    return sum(
        (amount_of(line, "Line_Amount") for line in lines if line["Allow_Invoice_Disc"]),
        Decimal(0),
    )


def spread_discount(
    lines: Sequence[MutableMapping[str, Value]], discount: Decimal, precision: Decimal
) -> None:
    """Distribute the invoice discount by amount: over the VAT identifiers, then over the lines of each."""
    groups: dict[tuple[str, Decimal, bool], list[MutableMapping[str, Value]]] = {}
    for line in lines:
        line["Inv_Discount_Amount"] = Decimal(0)
        own = amount_of(line, "Line_Amount")
        if line["Allow_Invoice_Disc"] and own:
            group = (str(line.get("VAT_Identifier", "")), amount_of(line, "VAT_Percent"), own > 0)
            groups.setdefault(group, []).append(line)
    ordered = [groups[group] for group in sorted(groups)]
    shares = _carried([discountable(group) for group in ordered], discount, precision)
    for members, share in zip(ordered, shares, strict=True):
        own_amounts = [amount_of(line, "Line_Amount") for line in members]
        for line, part in zip(members, _carried(own_amounts, share, precision), strict=True):
            line["Inv_Discount_Amount"] = part


def _carried(bases: Sequence[Decimal], whole: Decimal, precision: Decimal) -> list[Decimal]:
    """Split an amount by its bases; what the rounding of one part leaves goes on to the next."""
    total = sum(bases, Decimal(0))
    parts: list[Decimal] = []
    reached = taken = Decimal(0)
    for base in bases:
        reached += base
        # One division for all that has come so far: thirds that are carried on still add up.
        due = _WIDE.subtract(_WIDE.multiply(whole, reached), _WIDE.multiply(taken, total))
        part = share_of(due, Decimal(1), total, precision)
        taken += part
        parts.append(part)
    return parts


def add_vat(
    lines: Sequence[MutableMapping[str, Value]], *, prices_including_vat: bool, precision: Decimal
) -> tuple[Decimal, Decimal]:
    """Compute every line's amount without and with VAT and return the document's."""
    sums: dict[tuple[Value, Decimal], tuple[Decimal, Decimal, Decimal]] = {}
    for line in lines:
        percent = amount_of(line, "VAT_Percent")
        group = (line.get("VAT_Identifier", ""), percent)
        base, amount, including = sums.get(group, (Decimal(0), Decimal(0), Decimal(0)))
        base += amount_of(line, "Line_Amount") - amount_of(line, "Inv_Discount_Amount")
        if prices_including_vat:
            new_including = base
            new_amount = share_of(base, _HUNDRED, _HUNDRED + percent, precision)
        else:
            new_amount = base
            new_including = base + share_of(base, percent, _HUNDRED, precision)
        line["Amount"] = plain_decimal(new_amount - amount)
        line["Amount_Including_VAT"] = plain_decimal(new_including - including)
        sums[group] = (base, new_amount, new_including)
    total = sum((amount_of(line, "Amount") for line in lines), Decimal(0))
    total_including = sum((amount_of(line, "Amount_Including_VAT") for line in lines), Decimal(0))
    return plain_decimal(total), plain_decimal(total_including)


def total_document(
    lines: Sequence[MutableMapping[str, Value]],
    *,
    discount: Decimal,
    prices_including_vat: bool,
    precision: Decimal,
) -> tuple[Decimal, Decimal]:
    """Spread the invoice discount, compute every line's amounts and return the document's amounts."""
    spread_discount(lines, discount, precision)
    return add_vat(lines, prices_including_vat=prices_including_vat, precision=precision)
