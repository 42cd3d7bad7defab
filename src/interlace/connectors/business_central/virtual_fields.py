"""Fields that a page doesn't show but that follow from other tables: read whole, folded to one mapping each.

A contact's customer, a currency's rate, a price line's base unit: a view names them like any other field.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

import msgspec
import xxhash

from interlace.connectors.collection import CollectionReader
from interlace.connectors.query import address
from interlace.domain.values import Value

Row: TypeAlias = Mapping[str, Value]
Fold: TypeAlias = Callable[[Iterable[Row], date], dict[str, Value]]

_RATE_STEP = Decimal("1E-10")
_VERSIONS_KEPT = 3
_PRICE_GROUP = ("Customer Price Group", "Customer_x0020_Price_x0020_Group")


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualField:
    """A field of `table` whose value is found under the value of the field `argument`."""

    table: str
    name: str
    argument: str
    service: str
    """Page service that holds what the field is made of."""
    columns: tuple[str, ...]
    fold: Fold
    default: Value = None
    condition: str | None = None
    """Filter on the page service: rows that fail it are as good as absent."""
    writable: bool = False
    """Writing the field writes the argument that has this value."""


def customer_of_company(rows: Iterable[Row], today: date) -> dict[str, Value]:
    """Fold contact relations: the customer of each company contact."""
    return {
        str(row["Contact_No"]): row["No"] for row in rows if row["Link_to_Table"] == "Customer" and row["No"]
    }


def _rate_of_currency(rows: Iterable[Row], today: date) -> dict[str, Value]:
    """Units of the currency for one unit of the local currency, by the latest rate that has begun."""
    latest: dict[str, Row] = {}
    for row in rows:
        code, start = str(row["Currency_Code"]), str(row["Starting_Date"])
        has_begun = start <= today.isoformat()
        if has_begun and (code not in latest or start > str(latest[code]["Starting_Date"])):
            latest[code] = row
    rates = {code: _rate(code, latest, ()) for code in latest}
    return {
        code: rate.quantize(_RATE_STEP, ROUND_HALF_UP) for code, rate in rates.items() if rate is not None
    }


def _rate(code: str, latest: Mapping[str, Row], behind: tuple[str, ...]) -> Decimal | None:
    row = latest.get(code)
    if row is None or code in behind:
        return None
    amount, relational = (
        Decimal(str(row[name])) for name in ("Exchange_Rate_Amount", "Relational_Exch_Rate_Amount")
    )
    if not amount or not relational:
        return None
    other = str(row["Relational_Currency_Code"] or "")
    if not other:
        return amount / relational
    other_rate = _rate(other, latest, (*behind, code))
    return None if other_rate is None else amount / relational * other_rate


def _unit_of_item(rows: Iterable[Row], today: date) -> dict[str, Value]:
    return {str(row["No"]): row["Base_Unit_of_Measure"] for row in rows}


def currency_of_group(rows: Iterable[Row], today: date) -> dict[str, Value]:
    """The currency of each group's first price line, in the order of the page."""
    currencies: dict[str, Value] = {}
    for row in rows:
        if row["Sales_Type"] in _PRICE_GROUP:
            currencies.setdefault(str(row["Sales_Code"]), row["Currency_Code"])
    return currencies


_PRICES = ("SalesPrices", ("Sales_Type", "Sales_Code", "Currency_Code"))

VIRTUAL_FIELDS: tuple[VirtualField, ...] = (
    VirtualField(
        table="Contact",
        name="Customer_No",
        argument="Company_No",
        service="ContactBusinessRelations",
        columns=("Contact_No", "Link_to_Table", "No"),
        fold=customer_of_company,
        default="",
        writable=True,
    ),
    VirtualField(
        table="Currency",
        name="Exchange_Rate",
        argument="Code",
        service="CurrencyExchangeRates",
        columns=(
            "Currency_Code",
            "Starting_Date",
            "Relational_Currency_Code",
            "Exchange_Rate_Amount",
            "Relational_Exch_Rate_Amount",
        ),
        fold=_rate_of_currency,
    ),
    VirtualField(
        table="Sales_Price",
        name="Item_Base_Unit",
        argument="Item_No",
        service="ItemCard",
        columns=("No", "Base_Unit_of_Measure"),
        fold=_unit_of_item,
        default="",
    ),
    VirtualField(
        table="Sales_Price",
        name="Group_Currency",
        argument="Sales_Code",
        service=_PRICES[0],
        columns=_PRICES[1],
        fold=currency_of_group,
        default="",
    ),
    VirtualField(
        table="Customer_Price_Group",
        name="Price_Currency",
        argument="Code",
        service=_PRICES[0],
        columns=_PRICES[1],
        fold=currency_of_group,
        default="",
    ),
)


class VirtualSource:
    """The current content of one virtual field, and its last versions to tell what changed."""

    def __init__(self, field: VirtualField, reader: CollectionReader, page_size: int) -> None:
        self.field = field
        self._reader = reader
        self._page_size = page_size
        self._versions: OrderedDict[str, Mapping[str, Value]] = OrderedDict()
        self._inverse: dict[str, str] | None = None
        self.current: Mapping[str, Value] = {}
        self.version: str | None = None

    def value_for(self, argument: Value) -> Value:
        """Return the field's value for a record whose argument field holds this."""
        return self.current.get(str(argument), self.field.default)

    def argument_for(self, value: Value) -> str | None:
        """Return the argument under which the value is found, if any."""
        if self._inverse is None:
            self._inverse = {}
            for argument, known in self.current.items():
                self._inverse.setdefault(str(known), argument)
        return self._inverse.get(str(value))

    def changed_since(self, version: str) -> set[str] | None:
        """Return the arguments whose value differs from an older version; None when that is forgotten."""
        older = self._versions.get(version)
        if older is None:
            return None
        absent = object()
        both = older.keys() | self.current.keys()
        return {name for name in both if older.get(name, absent) != self.current.get(name, absent)}

    async def refresh(self, root: str, today: date) -> None:
        """Read the source anew."""
        url = address(
            f"{root}{self.field.service}",
            {"$select": ",".join(self.field.columns), "$filter": self.field.condition},
        )
        decode = msgspec.json.Decoder(float_hook=Decimal).decode
        rows: list[Row] = [
            decode(raw) for raw in await self._reader.everything(url, page_size=self._page_size)
        ]
        self.current = self.field.fold(rows, today)
        self._inverse = None
        digest = xxhash.xxh3_128()
        for argument in sorted(self.current):
            digest.update(f"{argument}\x1f{self.current[argument]}\x1e".encode())
        self.version = digest.hexdigest()
        self._versions[self.version] = self.current
        self._versions.move_to_end(self.version)
        while len(self._versions) > _VERSIONS_KEPT:
            self._versions.popitem(last=False)
