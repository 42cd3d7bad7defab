"""The golden orders as they stand in `data/`: what is ordered, and what must come of it.

One file a theme; an order names only what matters for it. Amounts are exact decimals in the order's currency.
`[order.erp]` gives net, tax and gross of the ERP order; `problems` the codes for which an order is held instead,
and `[[order.fix]]` what people then put right.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parent / "data"
ZERO: Final = Decimal(0)
_FIGURES: Final = frozenset(
    {"quantity", "price", "entered", "list_price", "volume_discount", "discount", "entered_discount", "tax"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenLine:
    """One line of a CRM order, as a salesperson enters it."""

    quantity: Decimal
    product: str | None = None
    """Number of the CRM product; None: a write-in line with `text`."""
    text: str = ""
    unit: str | None = None
    """Name of the CRM unit; None: the product's default unit."""
    price: Decimal | None = None
    """By hand, as the CRM keeps it; None: the price list's."""
    entered: Decimal | None = None
    """What was typed, where the CRM keeps something else."""
    list_price: Decimal | None = None
    """What the price list says, stated for a line without a price by hand."""
    volume_discount: Decimal = ZERO
    """What the price list's discount list gives for each unit, stated for the arithmetic."""
    discount: Decimal = ZERO
    entered_discount: Decimal | None = None
    """What was entered at first, where that had to be put right."""
    tax: Decimal = ZERO
    columns: Mapping[str, object] = field(default_factory=dict)
    """Further columns of the CRM order's line."""

    @property
    def unit_price(self) -> Decimal:
        """The price of one unit."""
        price = self.price if self.price is not None else self.list_price
        assert price is not None, "a line states its price"
        return price


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpAmounts:
    """What the ERP order must amount to."""

    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody does; names in braces stand for the keys of records (`Desk.named`).

    `side`: crm or erp (a page service), with method, address and values of a request; set (values of the
    connection's settings); couple or uncouple (a pair of a mapping); synchronize (a mapping runs).
    """

    side: str
    method: str = "PATCH"
    address: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenOrder:
    """One order and what must come of it."""

    name: str
    theme: str
    why: str
    """What makes it worth its place; the heading under which a failure is told."""
    customer: str
    lines: tuple[GoldenLine, ...]
    bill_to: str = ""
    """The ERP customer where `customer` names somebody else at first."""
    enters: int | None = None
    """How many of the lines are entered at first; None: all."""
    write_in: str = ""
    """What write-in lines become, where it is not the usual item."""
    write_in_group: str = ""
    all_take_discount: bool = False
    """The ERP allows the invoice discount on every item in the end."""
    contact: bool = False
    """Ordered by the customer's contact person instead of the account."""
    currency: str = "EUR"
    digits: int = 2
    price_list: str = ""
    title: str = ""
    discount: Decimal = ZERO
    discount_percent: Decimal = ZERO
    freight: Decimal = ZERO
    columns: Mapping[str, object] = field(default_factory=dict)
    """Further columns of the CRM order."""
    notes: tuple[Mapping[str, object], ...] = ()
    """Notes that its salesperson writes on the CRM order before it is submitted."""
    erp_comments: tuple[str, ...] = ()
    """The comment lines that the notes become."""
    erp: ErpAmounts | None = None
    erp_lines: tuple[ErpAmounts, ...] = ()
    """By hand, where it is worth it: net, tax and gross of each ERP line after the invoice discount."""
    explained: tuple[str, ...] = ()
    """Words that the timeline must use where the two totals differ for a reason."""
    prepare: tuple[Deed, ...] = ()
    """What is done before the order is entered."""
    before: tuple[Deed, ...] = ()
    """What happens after the order was entered and before it is processed."""
    problems: tuple[str, ...] = ()
    """Codes of everything for which it is held at first."""
    fix: tuple[Deed, ...] = ()
    erp_expected: Mapping[str, object] = field(default_factory=dict)
    """Fields of the ERP order's header that matter."""

    @property
    def erp_customer(self) -> str:
        """The ERP customer whom the order is for."""
        return self.bill_to or self.customer

    @property
    def is_held_first(self) -> bool:
        """Whether people must put something right before it goes on."""
        return bool(self.problems)


@cache
def golden_orders() -> tuple[GoldenOrder, ...]:
    """Read every order of every theme, in the order of the files; names are unique."""
    orders = tuple(order for path in sorted(DATA.glob("*.toml")) for order in _read(path))
    names = [order.name for order in orders]
    assert len(set(names)) == len(names), "each golden order has a name of its own"
    return orders


def _read(path: Path) -> Iterator[GoldenOrder]:
    with path.open("rb") as file:
        content = tomllib.load(file, parse_float=Decimal)
    for raw in content["order"]:
        yield _order(path.stem, raw)


def _order(theme: str, raw: dict[str, Any]) -> GoldenOrder:
    given = dict(raw)
    lines = tuple(line for each in given.pop("lines") for line in _lines(each))
    for name in ("discount", "discount_percent", "freight"):
        given[name] = Decimal(given.get(name, 0))
    erp = given.pop("erp", None)
    by_line = tuple(_amounts(each) for each in given.pop("erp_lines", ()))
    for name in ("prepare", "before", "fix"):
        given[name] = tuple(Deed(**deed) for deed in given.get(name, ()))
    for name in ("problems", "explained", "notes", "erp_comments"):
        given[name] = tuple(given.get(name, ()))
    return GoldenOrder(
        theme=theme, lines=lines, erp=None if erp is None else _amounts(erp), erp_lines=by_line, **given
    )


def _amounts(figures: list[Any]) -> ErpAmounts:
    """Read net, tax and gross, which must add up."""
    net, tax, gross = (Decimal(figure) for figure in figures)
    assert net + tax == gross, f"{net} and {tax} are not {gross}"
    return ErpAmounts(net=net, tax=tax, gross=gross)


def _lines(raw: dict[str, Any]) -> Iterator[GoldenLine]:
    """A line, or as many as `repeat` says."""
    given = dict(raw)
    times = given.pop("repeat", 1)
    for name in (
        "quantity",
        "price",
        "entered",
        "list_price",
        "volume_discount",
        "discount",
        "entered_discount",
        "tax",
    ):
        if name in given:
            given[name] = Decimal(given[name])
    line = GoldenLine(**given)
    yield from (line for _ in range(times))
