"""The demo company's items: furniture and what goes with it, with variants and other units of measure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from interlace.sandbox.erp.seed_company import intended_failures as intended
from interlace.sandbox.erp.seed_company.amounts import Record, Row, divide, money, quantity
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.item_kinds import KINDS, Kind
from interlace.sandbox.erp.seed_company.numbering import item_number, vendor_number
from interlace.sandbox.erp.seed_company.vendors import VENDORS

ITEMS: Final = 400

_SERIES: Final = [
    "HALLIG",
    "SYLT",
    "AMRUM",
    "FÖHR",
    "FEHMARN",
    "RÜGEN",
    "USEDOM",
    "HIDDENSEE",
    "JUIST",
    "BORKUM",
    "NORDERNEY",
    "BALTRUM",
    "LANGEOOG",
    "WANGEROOGE",
    "PELLWORM",
    "HELGOLAND",
    "ÅLAND",
    "TROMSØ",
    "MALMÖ",
    "ÆRØ",
    "ØSTERBRO",
    "TÜBINGEN",
    "WIESE",
    "DÜNE",
    "MÖWE",
]
_FINISHES: Final = (
    "Eiche geölt",
    "Buche natur",
    "Nussbaum",
    "Kiefer weiß lasiert",
    "Esche schwarz",
    "Birke",
    "Lack grau",
)


_BLOCKED: Final = frozenset({64, 187, 311})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item as prices and documents need it; costs and prices in cents."""

    index: int
    number: str
    kind: Kind
    description: str
    unit: str
    unit_cost: int
    unit_price: int
    blocked: bool

    @property
    def is_stocked(self) -> bool:
        """Say whether the item has a stock."""
        return self.kind.type == "Inventory"

    @property
    def is_sold(self) -> bool:
        """Say whether the item appears in prices and documents."""
        return not self.blocked and bool(self.unit)


class Catalogue:
    """All items of the demo company."""

    def __init__(self, seed: int, *, troublemakers: bool) -> None:
        self._seed = seed
        self.items = [_item(seed, index, troublemakers=troublemakers) for index in range(ITEMS)]

    def rows(self) -> Iterator[Row]:
        """Yield the items, each with its variants and units of measure."""
        for item in self.items:
            dice = Dice(self._seed, "item card", item.index)
            yield "Item", _card(item, dice)
            for code, description in item.kind.variants:
                yield (
                    "Item_Variant",
                    {
                        "Item_No": item.number,
                        "Code": code,
                        "Description": f"{item.description}, {description}",
                    },
                )
            yield from _units(item)


def _item(seed: int, index: int, *, troublemakers: bool) -> Item:
    dice = Dice(seed, "item", index)
    kind = KINDS[index % len(KINDS)]
    series = _SERIES[(index // len(KINDS) * 7 + index) % len(_SERIES)]
    low, high = kind.cost
    cost = dice.between(low, high)
    # List prices end in 9,90 or ,95 as in any furniture shop.
    price = cost * dice.between(165, 245) // 100
    price = price // 1000 * 1000 + 990 if price > 20_000 else price // 100 * 100 + 95
    finish = "" if kind.category in {"TEXTIL", "BESCHLAG", "SERVICE"} else f", {dice.pick(_FINISHES)}"
    without_unit = troublemakers and index == intended.ITEM_WITHOUT_UNIT
    return Item(
        index=index,
        number=item_number(index),
        kind=kind,
        description=f"{kind.name} {series} {100 + index}{finish}",
        unit="" if without_unit else kind.unit,
        unit_cost=cost,
        unit_price=price,
        blocked=index in _BLOCKED,
    )


def _card(item: Item, dice: Dice) -> Record:
    kind = item.kind
    width, depth, height = dice.between(20, 240), dice.between(20, 110), dice.between(8, 220)
    units = [unit for unit, _ in kind.other_units]
    return {
        "No": item.number,
        "Description": item.description,
        "Description_2": f"B {width} × T {depth} × H {height} cm" if kind.category != "SERVICE" else "",
        "Type": kind.type,
        "Blocked": item.blocked,
        "Base_Unit_of_Measure": item.unit,
        "Sales_Unit_of_Measure": dice.pick(units) if units and item.unit and dice.chance(15) else item.unit,
        "Purch_Unit_of_Measure": units[-1] if units and item.unit else item.unit,
        "Item_Category_Code": kind.category,
        "Shelf_No": f"{dice.pick('ABCDEF')}-{dice.between(1, 40):02d}-{dice.between(1, 6)}",
        "GTIN": _gtin(item.index),
        "Unit_Price": money(item.unit_price),
        "Unit_Cost": money(item.unit_cost),
        "Standard_Cost": money(item.unit_cost),
        "Last_Direct_Cost": money(divide(item.unit_cost * dice.between(94, 106), 100)),
        "Profit_Percent": Decimal(
            divide((item.unit_price - item.unit_cost) * 10_000, item.unit_price)
        ).scaleb(-2),
        "Costing_Method": "FIFO",
        "Net_Weight": Decimal(kind.grams).scaleb(-3),
        "Gross_Weight": Decimal(divide(kind.grams * dice.between(104, 112), 100)).scaleb(-3),
        "Unit_Volume": Decimal(kind.litres).scaleb(-3),
        "Vendor_No": vendor_number(dice.below(VENDORS)),
        "Vendor_Item_No": dice.fill("@@-####/##"),
        "Allow_Invoice_Disc": True,
        "Country_Region_of_Origin_Code": dice.pick(("DE", "DE", "PL", "IT", "DK", "FI")),
        "Tariff_No": dice.fill("94## ## ##"),
        "Gen_Prod_Posting_Group": "HANDEL",
        "VAT_Prod_Posting_Group": "STANDARD",
        "Inventory_Posting_Group": "WARE" if item.is_stocked else "",
    }


def _gtin(index: int) -> str:
    # Numbers from 20 on are for use inside one company, so nobody else's goods bear them.
    digits = f"20{index:010d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _units(item: Item) -> Iterator[Row]:
    if not item.unit:
        return
    kind = item.kind
    for code, pieces in ((item.unit, 1), *kind.other_units):
        yield (
            "Item_Unit_of_Measure",
            {
                "Item_No": item.number,
                "Code": code,
                "Qty_per_Unit_of_Measure": quantity(pieces * 100),
                "Weight": Decimal(kind.grams * pieces).scaleb(-3),
                "Cubage": Decimal(kind.litres * pieces).scaleb(-3),
            },
        )
