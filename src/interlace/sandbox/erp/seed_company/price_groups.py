"""The demo company's customer price groups, each with one currency."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceGroup:
    """A customer price group with its currency, its level in percent of list prices, and how many prices."""

    code: str
    description: str
    currency: str
    percent: int
    prices: int


PRICE_GROUPS: Final = (
    PriceGroup(code="FACHHANDEL", description="Möbelfachhandel", currency="", percent=88, prices=370),
    PriceGroup(code="OBJEKT", description="Objekt- und Büroausstatter", currency="", percent=82, prices=345),
    PriceGroup(code="UK-TRADE", description="United Kingdom trade", currency="GBP", percent=91, prices=325),
    PriceGroup(
        code="US-DEALER", description="Dealers in the United States", currency="USD", percent=95, prices=320
    ),
    PriceGroup(code="NORGE", description="Norske møbelforhandlere", currency="NOK", percent=90, prices=270),
    PriceGroup(
        code="MÉXICO", description="Mueblerías y distribuidores", currency="MXN", percent=93, prices=200
    ),
)


def groups_in(currency: str) -> tuple[str, ...]:
    """Return the codes of the price groups with a currency."""
    return tuple(group.code for group in PRICE_GROUPS if group.currency == currency)


def price_group_rows() -> Iterator[Row]:
    """Yield the price groups as records."""
    for group in PRICE_GROUPS:
        yield (
            "Customer_Price_Group",
            {
                "Code": group.code,
                "Description": group.description,
                "Allow_Line_Disc": True,
                "Allow_Invoice_Disc": True,
            },
        )
