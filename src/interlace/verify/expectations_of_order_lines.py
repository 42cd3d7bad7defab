"""What must hold between the lines of a CRM order and those of its ERP order, or of what was posted of it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from interlace.verify.comparable import Comparable, as_text, is_blank
from interlace.verify.order_arithmetic import NOTHING, line_discount, number, unit_price, written
from interlace.verify.order_books import ONLY
from interlace.verify.order_case import Binding, OrderCase, day_of, is_comment, net_of
from interlace.verify.order_check import OrderCheck
from interlace.verify.plain_reader import Row
from interlace.verify.reference_book import BookName, ReferenceBooks

_ONE: Final = Fraction(1)
_ACCOUNT: Final = "G/L Account"
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCase:
    """A line of a CRM order, or its freight, with the ERP line that it became."""

    order: OrderCase
    crm: Row | None
    """None: the order's freight."""
    erp: Row

    @property
    def quantity(self) -> Fraction:
        """What the CRM order orders."""
        return _ONE if self.crm is None else number(self.crm.get("quantity"))

    @property
    def price(self) -> Fraction:
        """The CRM's unit price."""
        return self.net if self.crm is None else number(self.crm.get("priceperunit"))

    @property
    def net(self) -> Fraction:
        """What the CRM charges without tax."""
        return number(self.order.crm.get("freightamount")) if self.crm is None else net_of(self.crm)


LineCheck: TypeAlias = OrderCheck[LineCase]


# --- which lines belong together


def crm_goods(line: Row | None, books: ReferenceBooks) -> str:
    """Return what an ERP line of a CRM line, or of freight, must be of: type and number."""
    if line is None:
        return f"{_ACCOUNT} {books.find(BookName.FREIGHT_ACCOUNT, ONLY) or ''}".strip()
    if is_blank(line.get("_productid_value")):
        return books.facts.write_in_product
    return books.text(BookName.PRODUCT_PARTNER, line.get("_productid_value"))


def erp_goods(line: Row) -> str:
    """Return what an ERP line is of: type and number."""
    kind = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), as_text(line.get("Type")))
    return f"{kind} {as_text(line.get('No'))}".strip()


def pair_lines(order: OrderCase) -> tuple[list[LineCase], list[Row], list[Row]]:
    """Return the lines that belong together, then CRM and ERP lines that stand alone."""
    crm: list[Row | None] = [*order.crm_lines]
    if number(order.crm.get("freightamount")):
        crm.append(None)
    erp = list(order.goods)
    pairs: list[LineCase] = []
    for is_alike in (_is_equal, _is_of_same_goods):
        pairs += _take_pairs(order, crm, erp, is_alike)
    if len(crm) == len(erp):
        pairs += [LineCase(order=order, crm=one, erp=other) for one, other in zip(crm, erp, strict=True)]
        return pairs, [], []
    return pairs, [line if line is not None else {"description": "freight"} for line in crm], erp


def _take_pairs(
    order: OrderCase,
    crm: list[Row | None],
    erp: list[Row],
    is_alike: Callable[[LineCase], bool],
) -> Iterator[LineCase]:
    """Take out of both lists what is alike, in their order."""
    for line in list(crm):
        for other in erp:
            case = LineCase(order=order, crm=line, erp=other)
            if is_alike(case):
                crm.remove(line)
                erp.remove(other)
                yield case
                break


def _is_of_same_goods(case: LineCase) -> bool:
    return crm_goods(case.crm, case.order.books).casefold() == erp_goods(case.erp).casefold()


def _is_equal(case: LineCase) -> bool:
    if not _is_of_same_goods(case):
        return False
    equal = number(case.erp.get("Quantity")), number(case.erp.get("Line_Amount"))
    return equal == (case.quantity, case.net)


# --- checks


def _unit_in_crm(case: LineCase) -> Comparable:
    if case.crm is None or is_blank(case.crm.get("_productid_value")):
        return None
    return case.order.books.text(BookName.UNIT_NAME, case.crm.get("_uomid_value")).casefold()


def _price_in_crm(case: LineCase) -> Comparable:
    cent, step = case.order.steps
    price = unit_price(quantity=case.quantity, price=case.price, net=case.net, step=step, cent=cent)
    return written(price)


def _discount_in_crm(case: LineCase) -> Comparable:
    cent, step = case.order.steps
    price = unit_price(quantity=case.quantity, price=case.price, net=case.net, step=step, cent=cent)
    return written(line_discount(quantity=case.quantity, price=price, net=case.net, cent=cent))


def _figure(field: str) -> Callable[[LineCase], Comparable]:
    return lambda case: written(number(case.erp.get(field)))


def _requested_in_crm(case: LineCase) -> Comparable:
    return (
        None
        if case.crm is None or not case.order.is_marked
        else day_of(case.crm, "requestdeliveryby") or None
    )


def _text_following(case: LineCase) -> str:
    """Return the text of an ERP line with the comments that follow it, without blanks."""
    texts = [as_text(case.erp.get("Description"))]
    seen = False
    for line in case.order.erp_lines:
        if seen and not is_comment(line):
            break
        if seen:
            texts.append(as_text(line.get("Description")))
        seen = seen or line is case.erp
    return _squeezed("".join(texts))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _text_check(column: str) -> LineCheck:
    """The ERP's people may add text: what the CRM says must be in it."""

    def in_crm(case: LineCase) -> Comparable:
        if case.crm is None or not case.order.is_marked:
            return None
        if column == "productdescription" and not is_blank(case.crm.get("_productid_value")):
            return None
        return _squeezed(as_text(case.crm.get(column)))

    def in_erp(case: LineCase) -> Comparable:
        wanted, text = in_crm(case), _text_following(case)
        return wanted if wanted is not None and wanted in text else text

    return OrderCheck(
        erp_field="Description",
        crm_column=column,
        in_erp=in_erp,
        in_crm=in_crm,
        binding=lambda _case: Binding.AT_CREATION,
    )


def _shipped_in_crm(case: LineCase) -> Comparable:
    told = case.crm is not None and case.order.is_two_way and case.order.is_released
    return written(number(case.crm.get("quantityshipped"))) if told and case.crm is not None else None


LINE_CHECKS: Final[tuple[LineCheck, ...]] = (
    OrderCheck(
        erp_field="No",
        crm_column="productid",
        in_erp=lambda case: erp_goods(case.erp).casefold(),
        in_crm=lambda case: crm_goods(case.crm, case.order.books).casefold(),
        told=True,
    ),
    OrderCheck(
        erp_field="Unit_of_Measure_Code",
        crm_column="uomid",
        in_erp=lambda case: as_text(case.erp.get("Unit_of_Measure_Code")).casefold(),
        in_crm=_unit_in_crm,
        told=True,
    ),
    OrderCheck(
        erp_field="Quantity",
        crm_column="quantity",
        in_erp=_figure("Quantity"),
        in_crm=lambda case: written(case.quantity),
        told=True,
    ),
    OrderCheck(
        erp_field="Unit_Price",
        crm_column="priceperunit",
        in_erp=_figure("Unit_Price"),
        in_crm=_price_in_crm,
        told=True,
    ),
    OrderCheck(
        erp_field="Line_Discount_Amount",
        crm_column="extendedamount",
        in_erp=_figure("Line_Discount_Amount"),
        in_crm=_discount_in_crm,
        told=True,
    ),
    OrderCheck(
        erp_field="Line_Amount",
        crm_column="extendedamount",
        in_erp=_figure("Line_Amount"),
        in_crm=lambda case: written(case.net),
        told=True,
    ),
    OrderCheck(
        erp_field="Requested_Delivery_Date",
        crm_column="requestdeliveryby",
        in_erp=lambda case: day_of(case.erp, "Requested_Delivery_Date"),
        in_crm=_requested_in_crm,
        binding=lambda _case: Binding.AT_CREATION,
    ),
    _text_check("productdescription"),
    _text_check("description"),
    OrderCheck(
        erp_field="Quantity_Shipped",
        crm_column="quantityshipped",
        in_erp=_figure("Quantity_Shipped"),
        in_crm=_shipped_in_crm,
    ),
)


# --- what was posted


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedCase:
    """All lines of one product in one unit: what was ordered, and what was invoiced."""

    ordered: tuple[Row, ...]
    """CRM lines; none: freight, or something that nobody ordered."""
    quantities: tuple[Fraction, Fraction]
    """Invoiced and ordered."""
    amounts: tuple[Fraction, Fraction]
    """Without tax and before the invoice discount: invoiced and ordered."""


def posted_cases(order: OrderCase) -> list[PostedCase]:
    """Return the lines of an order that is posted whole by what they are of; none if an invoice was cancelled."""
    if not order.invoices or len(order.valid_invoices) != len(order.invoices):
        return []
    lines: list[Row | None] = [*order.crm_lines]
    if number(order.crm.get("freightamount")):
        lines.append(None)
    ordered: dict[str, list[Row | None]] = {}
    for line in lines:
        ordered.setdefault(crm_goods(line, order.books).casefold(), []).append(line)
    posted: dict[str, list[Row]] = {}
    for row in order.invoice_lines:
        if not is_comment(row):
            posted.setdefault(erp_goods(row).casefold(), []).append(row)
    return [
        _posted_case(order, ordered.get(name, []), posted.get(name, [])) for name in {**ordered, **posted}
    ]


def _posted_case(order: OrderCase, ordered: list[Row | None], posted: list[Row]) -> PostedCase:
    freight = number(order.crm.get("freightamount"))
    return PostedCase(
        ordered=tuple(line for line in ordered if line is not None),
        quantities=(
            _sum(number(row.get("Quantity")) for row in posted),
            _sum(_ONE if line is None else number(line.get("quantity")) for line in ordered),
        ),
        amounts=(
            _sum(number(row.get("Line_Amount")) for row in posted),
            _sum(freight if line is None else net_of(line) for line in ordered),
        ),
    )


def _sum(values: Iterable[Fraction]) -> Fraction:
    return sum(values, NOTHING)


POSTED_CHECKS: Final[tuple[OrderCheck[PostedCase], ...]] = (
    OrderCheck(
        erp_field="Quantity",
        crm_column="quantity",
        in_erp=lambda case: written(case.quantities[0]),
        in_crm=lambda case: written(case.quantities[1]),
        told=True,
    ),
    OrderCheck(
        erp_field="Line_Amount",
        crm_column="extendedamount",
        in_erp=lambda case: written(case.amounts[0]),
        in_crm=lambda case: written(case.amounts[1]),
        told=True,
    ),
)
