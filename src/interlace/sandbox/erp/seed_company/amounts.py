"""Exact amounts: whole cents and hundredths inside, Decimal outside, rounded half away from zero."""

from decimal import Decimal

Record = dict[str, object]
Row = tuple[str, Record]


def divide(numerator: int, denominator: int) -> int:
    """Return the quotient rounded half away from zero; the denominator is positive."""
    if numerator < 0:
        return -divide(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def money(cents: int) -> Decimal:
    """Return an amount of cents as a decimal number."""
    return Decimal(cents).scaleb(-2)


def quantity(hundredths: int) -> Decimal:
    """Return a quantity given in hundredths as a decimal number, whole ones without a fraction."""
    whole, rest = divmod(hundredths, 100)
    return Decimal(hundredths).scaleb(-2) if rest else Decimal(whole)
