"""Amounts of sales lines and documents: pure arithmetic, rounded half away from zero.

VAT is not rounded line by line in isolation: each line takes what rounding left over from the lines before it
with the same percentage, so that the document's VAT is right.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from interlace.sandbox.erp.declaration import Value
from interlace.sandbox.erp.field_values import plain_decimal

_HUNDRED: Final = Decimal(100)

# A simple posting setup: the VAT percentage by the customer's VAT business posting group.
VAT_PERCENT: Final[Mapping[str, Decimal]] = {
    "": Decimal(0),
    "DOMESTIC": Decimal(19),
    "EU": Decimal(0),
    "EXPORT": Decimal(0),
}


def round_to(value: Decimal, precision: Decimal) -> Decimal:
    """Return the value rounded to a multiple of the precision, half away from zero."""
    steps = (value / precision).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return plain_decimal(steps * precision)


def _amount(values: Mapping[str, Value], name: str) -> Decimal:
    value = values[name]
    return value if isinstance(value, Decimal) else Decimal(str(value))


def price_line(values: MutableMapping[str, Value], precision: Decimal, *, by_amount: bool) -> None:
    """Compute line discount and line amount; by_amount says that the discount was given as an amount."""
    gross = round_to(_amount(values, "Quantity") * _amount(values, "Unit_Price"), precision)
    if by_amount:
        discount = round_to(_amount(values, "Line_Discount_Amount"), precision)
        percent = round_to(discount * _HUNDRED / gross, Decimal("0.00001")) if gross else Decimal(0)
        values["Line_Discount_Percent"] = percent
    else:
        discount = round_to(gross * _amount(values, "Line_Discount_Percent") / _HUNDRED, precision)
    values["Line_Discount_Amount"] = discount
    values["Line_Amount"] = plain_decimal(gross - discount)


def _spread_discount(
    lines: Sequence[MutableMapping[str, Value]], discount: Decimal, precision: Decimal
) -> None:
    """Distribute the invoice discount over the lines by their share; the remainder goes on to later lines."""
    open_lines = [line for line in lines if line["Allow_Invoice_Disc"]]
    for line in lines:
        line["Inv_Discount_Amount"] = Decimal(0)
    rest_amount = sum((_amount(line, "Line_Amount") for line in open_lines), Decimal(0))
    rest_discount = discount
    for line in open_lines:
        own = _amount(line, "Line_Amount")
        share = round_to(rest_discount * own / rest_amount, precision) if rest_amount else Decimal(0)
        line["Inv_Discount_Amount"] = share
        rest_amount -= own
        rest_discount -= share


def total_document(
    lines: Sequence[MutableMapping[str, Value]],
    *,
    discount: Decimal,
    prices_including_vat: bool,
    precision: Decimal,
) -> tuple[Decimal, Decimal]:
    """Compute every line's amounts and return the document's amount without and with VAT."""
    _spread_discount(lines, discount, precision)
    sums: dict[Decimal, tuple[Decimal, Decimal, Decimal]] = {}
    for line in lines:
        percent = _amount(line, "VAT_Percent")
        base, amount, including = sums.get(percent, (Decimal(0), Decimal(0), Decimal(0)))
        base += _amount(line, "Line_Amount") - _amount(line, "Inv_Discount_Amount")
        factor = 1 + percent / _HUNDRED
        if prices_including_vat:
            new_including = base
            new_amount = round_to(base / factor, precision)
        else:
            new_amount = base
            new_including = base + round_to(base * percent / _HUNDRED, precision)
        line["Amount"] = plain_decimal(new_amount - amount)
        line["Amount_Including_VAT"] = plain_decimal(new_including - including)
        sums[percent] = (base, new_amount, new_including)
    total = sum((_amount(line, "Amount") for line in lines), Decimal(0))
    total_including = sum((_amount(line, "Amount_Including_VAT") for line in lines), Decimal(0))
    return plain_decimal(total), plain_decimal(total_including)
