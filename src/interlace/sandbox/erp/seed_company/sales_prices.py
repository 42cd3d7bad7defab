"""The demo company's 2,000 sales prices: those of the price groups, and others that a CRM price list can't
hold.
"""

from collections.abc import Callable, Iterator
from typing import Final

from interlace.sandbox.erp.seed_company import intended_failures as intended
from interlace.sandbox.erp.seed_company.amounts import Record, Row, divide, money
from interlace.sandbox.erp.seed_company.calendar import FIRST_DATE
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.exchange_rates import ExchangeRates
from interlace.sandbox.erp.seed_company.items import Item
from interlace.sandbox.erp.seed_company.numbering import customer_number
from interlace.sandbox.erp.seed_company.price_groups import PRICE_GROUPS, PriceGroup

_QUANTITY_PRICES: Final = 100
_CAMPAIGN_PRICES: Final = 30
_VARIANT_PRICES: Final = 16
_UNIT_PRICES: Final = 10
_PRICES_FOR_ALL: Final = 8
_CUSTOMER_PRICES: Final = 6

GROUP_TYPE: Final = "Customer Price Group"

Draw = Callable[[], tuple[PriceGroup, Item, int]]


class PriceList:
    """Knows the plain price of an item in a price group: without quantity, date, variant and other unit."""

    def __init__(self, seed: int, items: list[Item], rates: ExchangeRates) -> None:
        sold = [item for item in items if item.is_sold]
        self._prices: dict[str, dict[str, int]] = {}
        self._groups = {group.code: group for group in PRICE_GROUPS}
        for group in PRICE_GROUPS:
            chosen = _choose(Dice(seed, f"prices {group.code}"), sold, group.prices)
            self._prices[group.code] = {
                item.number: _price(item, group, rates, Dice(seed, f"price {group.code}", item.index))
                for item in chosen
            }

    def price(self, group: str, item: str) -> int | None:
        """Return the price in cents of the group's currency, or None when the item has none in the group."""
        return self._prices.get(group, {}).get(item)

    def groups(self) -> Iterator[tuple[PriceGroup, dict[str, int]]]:
        """Yield each group with its prices by item number."""
        for code, prices in self._prices.items():
            yield self._groups[code], prices


def _choose(dice: Dice, items: list[Item], count: int) -> list[Item]:
    # The item that is to make trouble is priced in every group, whatever the seed.
    left = {place for place, item in enumerate(items) if item.index != intended.ITEM_PRICED_IN_WRONG_CURRENCY}
    while len(left) > len(items) - count:
        left.discard(dice.below(len(items)))
    return [item for place, item in enumerate(items) if place not in left]


def _price(item: Item, group: PriceGroup, rates: ExchangeRates, dice: Dice) -> int:
    cents = rates.from_local(item.unit_price * group.percent // 100, group.currency, FIRST_DATE)
    return max(divide(cents * dice.between(96, 104), 500) * 5, 5)


def _record(item: str, group: PriceGroup, cents: int, **changes: object) -> Row:
    record: Record = {
        "Sales_Type": GROUP_TYPE,
        "Sales_Code": group.code,
        "Item_No": item,
        "Currency_Code": group.currency,
        "Unit_Price": money(cents),
        "Allow_Line_Disc": True,
        "Allow_Invoice_Disc": True,
    }
    return "Sales_Price", {**record, **changes}


def _special_prices(seed: int, prices: PriceList, items: dict[str, Item]) -> Iterator[Row]:
    """Yield group prices for quantities, campaigns, variants and other units: each is left out of the CRM."""
    dice = Dice(seed, "special prices")
    all_prices = [
        (group, item, cents) for group, by_item in prices.groups() for item, cents in by_item.items()
    ]
    taken: set[tuple[str, str]] = set()

    def draw() -> tuple[PriceGroup, Item, int]:
        while True:
            group, number, cents = dice.pick(all_prices)
            if (group.code, number) not in taken:
                taken.add((group.code, number))
                return group, items[number], cents

    for number in range(_QUANTITY_PRICES):
        group, item, cents = draw()
        least = (5, 10, 25, 100)[number % 4]
        yield _record(item.number, group, cents * 95 // 100, Minimum_Quantity=least)
    for number in range(_CAMPAIGN_PRICES):
        group, item, cents = draw()
        season = (2025 + number % 2, 3 + number % 9)
        yield _record(
            item.number,
            group,
            cents * 90 // 100,
            Starting_Date=f"{season[0]}-{season[1]:02d}-01",
            Ending_Date=f"{season[0]}-{season[1]:02d}-28",
        )
    yield from _variant_and_unit_prices(draw)


def _variant_and_unit_prices(draw: Draw) -> Iterator[Row]:
    variants = units = 0
    while variants < _VARIANT_PRICES or units < _UNIT_PRICES:
        group, item, cents = draw()
        if item.kind.variants and variants < _VARIANT_PRICES:
            variants += 1
            yield _record(item.number, group, cents * 105 // 100, Variant_Code=item.kind.variants[0][0])
        elif item.kind.other_units and units < _UNIT_PRICES:
            units += 1
            code, pieces = item.kind.other_units[0]
            yield _record(item.number, group, cents * pieces * 97 // 100, Unit_of_Measure_Code=code)


def _other_sales_types(seed: int, items: list[Item], customers: int) -> Iterator[Row]:
    """Yield prices for all customers and for single customers."""
    dice = Dice(seed, "other prices")
    sold = [item for item in items if item.is_sold]
    for number in range(_PRICES_FOR_ALL + _CUSTOMER_PRICES):
        item = sold[number * 17 % len(sold)]
        single = number >= _PRICES_FOR_ALL and customers > 0
        yield (
            "Sales_Price",
            {
                "Sales_Type": "Customer" if single else "All Customers",
                "Sales_Code": customer_number(number % customers) if single else "",
                "Item_No": item.number,
                "Currency_Code": "",
                "Unit_Price": money(item.unit_price * dice.between(75, 99) // 100),
                "Allow_Line_Disc": False,
            },
        )


def sales_price_rows(
    seed: int, prices: PriceList, items: list[Item], customers: int, *, troublemakers: bool
) -> Iterator[Row]:
    """Yield all sales prices; with troublemakers, one is in another currency than the others of its group."""
    by_number = {item.number: item for item in items}
    wrong = items[intended.ITEM_PRICED_IN_WRONG_CURRENCY].number if troublemakers else ""
    for group, by_item in prices.groups():
        for number, cents in by_item.items():
            in_wrong_currency = number == wrong and group.code == intended.GROUP_WITH_WRONG_CURRENCY
            changes = {"Currency_Code": intended.WRONG_CURRENCY} if in_wrong_currency else {}
            yield _record(number, group, cents, **changes)
    yield from _special_prices(seed, prices, by_number)
    yield from _other_sales_types(seed, items, customers)
