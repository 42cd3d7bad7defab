"""Exchange rates of the demo company: one a month for each foreign currency, wandering, with odd figures.

One rate lies in the future, as real companies enter them ahead: who takes the newest instead of the valid
one errs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Row, divide
from interlace.sandbox.erp.seed_company.calendar import FIRST_DATE, WORK_DATE
from interlace.sandbox.erp.seed_company.dice import Dice

# By currency: how much of it is quoted, and what that was worth at first in millionths of the local one.
_QUOTES: Final[Mapping[str, tuple[int, int]]] = {
    "USD": (1, 921_377),
    "GBP": (1, 1_148_926),
    "NOK": (100, 8_473_913),
    "MXN": (100, 5_068_749),
}
_FUTURE: Final = ("USD", date(2027, 1, 1))
_WANDER: Final = 15_000
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """From a day on, so many millionths of the local currency are worth so much of a foreign one."""

    starting: date
    amount: int
    millionths: int


class ExchangeRates:
    """All exchange rates, in order of time for each currency."""

    def __init__(self, seed: int) -> None:
        self._rates: dict[str, list[Rate]] = {
            currency: list(_wander(Dice(seed, f"rates {currency}"), currency)) for currency in _QUOTES
        }

    def rate(self, currency: str, day: date) -> Rate:
        """Return the rate that is valid on a day."""
        return next(rate for rate in reversed(self._rates[currency]) if rate.starting <= day)

    def to_local(self, cents: int, currency: str, day: date) -> int:
        """Return an amount in cents of the local currency."""
        if not currency:
            return cents
        rate = self.rate(currency, day)
        return divide(cents * rate.millionths, rate.amount * _MILLION)

    def from_local(self, cents: int, currency: str, day: date) -> int:
        """Return an amount of the local currency in cents of another currency."""
        if not currency:
            return cents
        rate = self.rate(currency, day)
        return divide(cents * rate.amount * _MILLION, rate.millionths)

    def factor(self, currency: str, day: date) -> Decimal:
        """Return how much of a currency one unit of the local currency is worth, as documents keep it."""
        if not currency:
            return Decimal(0)
        rate = self.rate(currency, day)
        return (Decimal(rate.amount * _MILLION) / rate.millionths).quantize(Decimal("1E-10"))

    def rows(self) -> Iterator[Row]:
        """Yield all rates as records."""
        for currency, rates in self._rates.items():
            for rate in rates:
                worth = Decimal(rate.millionths).scaleb(-6)
                yield (
                    "Currency_Exchange_Rate",
                    {
                        "Currency_Code": currency,
                        "Starting_Date": rate.starting.isoformat(),
                        "Exchange_Rate_Amount": rate.amount,
                        "Adjustment_Exch_Rate_Amount": rate.amount,
                        "Relational_Exch_Rate_Amount": worth,
                        "Relational_Adjmt_Exch_Rate_Amt": worth,
                    },
                )


def _wander(dice: Dice, currency: str) -> Iterator[Rate]:
    amount, first = _QUOTES[currency]
    worth = first
    year, month = FIRST_DATE.year, FIRST_DATE.month
    while (year, month) <= (WORK_DATE.year, WORK_DATE.month):
        yield Rate(starting=date(year, month, 1), amount=amount, millionths=worth)
        # The course returns to where it began, a tenth of the way each month.
        drift = (first - worth) // 10
        worth += drift + worth * dice.between(-_WANDER, _WANDER) // _MILLION
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    if currency == _FUTURE[0]:
        yield Rate(starting=_FUTURE[1], amount=amount, millionths=worth)
