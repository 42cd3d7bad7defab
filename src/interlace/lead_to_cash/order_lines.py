"""Plans the ERP lines of a CRM order: product, unit, quantity, price and texts; or says what is missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from interlace.domain.keys import MappingName
from interlace.domain.saga import FoundRecord, Observation, Problem
from interlace.domain.values import Value
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash.item_and_product import SALES_INVENTORY
from interlace.lead_to_cash.order_amounts import LinePrice, Mismatch, Precision, price_line
from interlace.lead_to_cash.order_columns import WRITE_IN_NUMBER
from interlace.lead_to_cash.order_values import (
    ZERO,
    amount_of,
    as_text,
    day_of,
    digits_of,
    is_set,
    money,
    number_of,
    shown_quantity,
    text_lines,
    text_of,
)
from interlace.lead_to_cash.resource_and_product import SERVICES
from interlace.locale.translatable import as_sentence, translatable

ITEM: Final = "Item"
RESOURCE: Final = "Resource"
ACCOUNT: Final = "G/L Account"
COMMENT: Final = ""
DESCRIPTION_LENGTH: Final = 100
QUANTITY_STEP: Final = Decimal("0.00001")
_ACTIVE: Final = 0
_LAST: Final = 2**31
_GONE: Final = {
    "item": translatable("{line}: the ERP has no item {number}."),
    "resource": translatable("{line}: the ERP has no resource {number}."),
}
_BLOCKED: Final = {
    "item": translatable("{line}: the item {number} is blocked."),
    "resource": translatable("{line}: the resource {number} is blocked."),
}
_COUPLED: Final = {
    "item": translatable("{line}: the item {number} is coupled with a product."),
    "resource": translatable("{line}: the resource {number} is coupled with a product."),
}
_OFF_PRICE: Final = {
    Mismatch.TOO_FINE: problems.AMOUNT_TOO_FINE,
    Mismatch.ABOVE_PRICE: problems.LINE_ABOVE_PRICE,
    Mismatch.BELOW_ZERO: problems.LINE_DISCOUNT_TOO_HIGH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What a line is of in the ERP."""

    kind: str
    number: str
    unit: str
    """Blank: the ERP's own choice."""
    takes_invoice_discount: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """One ERP line with the comment lines that follow it."""

    caption: str
    """Names the line for people."""
    goods: Goods
    quantity: Decimal
    price: LinePrice
    asked_price: Decimal
    """The CRM's unit price: the ERP's may be rounded."""
    texts: tuple[str, ...]
    """The description first, for a write-in product; the rest goes to comment lines."""
    has_own_description: bool
    requested: str | None = None

    def bodies(self) -> Iterator[Mapping[str, Value]]:
        """Yield the line as it is sent, and its comment lines."""
        body: dict[str, Value] = {"Type": self.goods.kind, "No": self.goods.number}
        comments = self.texts
        if self.has_own_description and comments:
            body["Description"], comments = comments[0], comments[1:]
        if self.goods.unit:
            body["Unit_of_Measure_Code"] = self.goods.unit
        body |= {
            "Quantity": self.quantity,
            "Unit_Price": self.price.unit_price,
            "Line_Discount_Amount": self.price.discount,
        }
        yield body
        for text in comments:
            yield {"Type": COMMENT, "Description": text}


def lines_in_order(observation: Observation) -> tuple[FoundRecord, ...]:
    """Return the CRM order's lines as its form shows them."""

    def place(line: FoundRecord) -> tuple[int, int]:
        return number_of(line, "sequencenumber") or _LAST, number_of(line, "lineitemnumber") or _LAST

    return tuple(sorted(observation.records("lines"), key=place))


def plan_lines(
    observation: Observation, precision: Precision | None
) -> tuple[tuple[PlannedLine, ...], tuple[Problem, ...]]:
    """Plan every line; without a known precision nothing is said of amounts."""
    lines = lines_in_order(observation)
    if not lines:
        return (), (problems.NO_LINES.of(translatable("The order has no lines.")),)
    planned: list[PlannedLine] = []
    missing: list[Problem] = []
    for place, line in enumerate(lines, start=1):
        caption = caption_of(place, line)
        outcome = _plan_line(observation, line, caption, precision)
        if isinstance(outcome, PlannedLine):
            planned.append(outcome)
        else:
            missing += [replace(each, line=line.key) for each in outcome]
    return tuple(planned), tuple(missing)


def caption_of(place: int, line: FoundRecord) -> str:
    """Name a line for people."""
    return translatable("Line {place} ({name})", place=str(place), name=_name(line))


def _name(line: FoundRecord) -> str:
    return (
        text_of(line, "productname")
        or text_of(line, "productdescription")
        or as_sentence(translatable("no name"))
    )


def _plan_line(
    observation: Observation, line: FoundRecord, caption: str, precision: Precision | None
) -> PlannedLine | list[Problem]:
    missing: list[Problem] = []
    is_write_in = not text_of(line, "productid")
    goods = _write_in(observation, caption) if is_write_in else _product(observation, line, caption)
    if not isinstance(goods, Goods):
        missing += goods
    quantity = amount_of(line, "quantity")
    if not quantity or quantity != quantity.quantize(QUANTITY_STEP):
        what = translatable(
            "{line}: the quantity is {quantity}.", line=caption, quantity=shown_quantity(quantity)
        )
        missing.append(problems.QUANTITY_MISSING.of(what))
    error = number_of(line, "pricingerrorcode")
    if error:
        what = translatable(
            "{line}: the CRM's pricing error code is {error}.", line=caption, error=str(error)
        )
        missing.append(problems.LINE_NOT_PRICED.of(what))
    price = _price(line, quantity, precision, caption)
    if isinstance(price, Problem):
        missing.append(price)
    if missing or not isinstance(goods, Goods) or not isinstance(price, LinePrice):
        return missing
    written = text_of(line, "productdescription") if is_write_in else ""
    texts = (
        *text_lines(written, DESCRIPTION_LENGTH),
        *text_lines(text_of(line, "description"), DESCRIPTION_LENGTH),
    )
    return PlannedLine(
        caption=caption,
        goods=goods,
        quantity=quantity,
        price=price,
        asked_price=amount_of(line, "priceperunit"),
        texts=texts,
        has_own_description=bool(written),
        requested=day_of(line, "requestdeliveryby"),
    )


def _price(
    line: FoundRecord, quantity: Decimal, precision: Precision | None, caption: str
) -> LinePrice | Problem | None:
    if precision is None:
        return None
    price, net = amount_of(line, "priceperunit"), amount_of(line, "extendedamount") - amount_of(line, "tax")
    outcome = price_line(quantity=quantity, unit_price=price, net=net, precision=precision)
    if isinstance(outcome, LinePrice):
        return outcome
    digits = digits_of(precision.amount)
    return _OFF_PRICE[outcome].of(
        translatable(
            "{line}: {quantity} at {price} comes to {net} without tax in the CRM; the ERP rounds amounts to {step}.",
            line=caption,
            quantity=shown_quantity(quantity),
            price=money(price, digits),
            net=money(net, digits),
            step=shown_quantity(precision.amount),
        )
    )


# --- write-in products


def _write_in(observation: Observation, caption: str) -> Goods | list[Problem]:
    number = as_text(observation.settings.get(WRITE_IN_NUMBER))
    kind = as_text(observation.settings.get("write_in_product_type")).lower()
    if not number or kind not in ("item", "resource"):
        what = translatable("{line} is a write-in product.", line=caption)
        return [problems.WRITE_IN_NOT_SET_UP.of(what)]
    record = observation.record(f"write-in {kind}", number)
    if record is None:
        what = translatable(_GONE[kind], line=caption, number=number)
        return [problems.WRITE_IN_PRODUCT_GONE.of(what)]
    missing: list[Problem] = []
    if _is_blocked(record):
        what = translatable(_BLOCKED[kind], line=caption, number=number)
        missing.append(problems.WRITE_IN_PRODUCT_BLOCKED.of(what))
    mapping = mapping_names.ITEM_PRODUCT if kind == "item" else mapping_names.RESOURCE_PRODUCT
    if observation.partners.get(mapping, {}).get(number):
        what = translatable(_COUPLED[kind], line=caption, number=number)
        missing.append(problems.WRITE_IN_PRODUCT_COUPLED.of(what))
    return missing or _goods(record, kind, "")


def _goods(record: FoundRecord, kind: str, unit: str) -> Goods:
    is_item = kind == "item"
    return Goods(
        kind=ITEM if is_item else RESOURCE,
        number=text_of(record, "No"),
        unit=unit,
        takes_invoice_discount=not is_item or is_set(record, "Allow_Invoice_Disc"),
    )


def _is_blocked(record: FoundRecord) -> bool:
    return is_set(record, "Blocked") or is_set(record, "Sales_Blocked")


# --- products of the catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class _ProductKind:
    look: str
    mapping: MappingName
    not_coupled: problems.ProblemKind
    gone: problems.ProblemKind
    blocked: problems.ProblemKind


_KINDS: Final[Mapping[int | None, _ProductKind]] = {
    SALES_INVENTORY: _ProductKind(
        look="item",
        mapping=mapping_names.ITEM_PRODUCT,
        not_coupled=problems.ITEM_NOT_COUPLED,
        gone=problems.ITEM_GONE,
        blocked=problems.ITEM_BLOCKED,
    ),
    SERVICES: _ProductKind(
        look="resource",
        mapping=mapping_names.RESOURCE_PRODUCT,
        not_coupled=problems.RESOURCE_NOT_COUPLED,
        gone=problems.RESOURCE_GONE,
        blocked=problems.RESOURCE_BLOCKED,
    ),
}


def _product(observation: Observation, line: FoundRecord, caption: str) -> Goods | list[Problem]:
    product = observation.record("product", text_of(line, "productid"))
    if product is None:
        what = translatable("{line}: the CRM does not show its product.", line=caption)
        return [problems.PRODUCT_GONE.of(what)]
    missing: list[Problem] = []
    if number_of(product, "statecode") != _ACTIVE:
        what = translatable("{line}: its product is not active.", line=caption)
        missing.append(problems.PRODUCT_NOT_ACTIVE.of(what))
    kind = _KINDS.get(number_of(product, "producttypecode"))
    if kind is None:
        what = translatable("{line}: neither inventory nor service.", line=caption)
        return [*missing, problems.PRODUCT_TYPE_UNSUPPORTED.of(what)]
    number = observation.partners.get(kind.mapping, {}).get(product.key)
    if number is None:
        named = text_of(product, "productnumber")
        what = translatable("{line}: product {product} is not coupled.", line=caption, product=named)
        return [*missing, kind.not_coupled.of(what)]
    record = observation.record(kind.look, number)
    if record is None:
        what = translatable(_GONE[kind.look], line=caption, number=number)
        return [*missing, kind.gone.of(what)]
    if _is_blocked(record):
        missing.append(kind.blocked.of(translatable(_BLOCKED[kind.look], line=caption, number=number)))
    unit = _unit(observation, line, record, kind.look, caption)
    if isinstance(unit, Problem):
        missing.append(unit)
        return missing
    return missing or _goods(record, kind.look, unit)


def _unit(
    observation: Observation, line: FoundRecord, record: FoundRecord, look: str, caption: str
) -> str | Problem:
    """Return the code of the ERP's unit: the coupled one for a group's base unit, for others the one named alike."""
    unit = observation.record("unit", text_of(line, "uomid"))
    if unit is None:
        return problems.UNIT_MISSING.of(translatable("{line}: no unit is chosen.", line=caption))
    name, quantity = text_of(unit, "name"), ZERO
    if is_set(unit, "isschedulebaseuom"):
        group = text_of(unit, "uomscheduleid")
        code = observation.partners.get(mapping_names.UNIT_OF_MEASURE, {}).get(group)
        if code is None or observation.record("erp unit", code) is None:
            what = translatable(
                "{line}: the unit {unit} is coupled with no ERP unit.", line=caption, unit=name
            )
            return problems.UNIT_NOT_COUPLED.of(what)
    else:
        code, quantity = name, amount_of(unit, "quantity")
    if look == "resource":
        return _unit_of_resource(record, code, caption)
    return _unit_of_item(observation, record, code, quantity, caption)


def _unit_of_resource(record: FoundRecord, code: str, caption: str) -> str | Problem:
    if code.casefold() == text_of(record, "Base_Unit_of_Measure").casefold():
        return code
    return problems.UNIT_NOT_OF_PRODUCT.of(
        translatable(
            "{line}: resource {number} is not sold by {unit}.",
            line=caption,
            number=text_of(record, "No"),
            unit=code,
        )
    )


def _unit_of_item(
    observation: Observation, item: FoundRecord, code: str, quantity: Decimal, caption: str
) -> str | Problem:
    """Return the item's unit of that code; a quantity, if there is one, is what the CRM says that it holds."""
    number = text_of(item, "No")
    for unit in observation.records("item units"):
        if text_of(unit, "Item_No") != number or text_of(unit, "Code").casefold() != code.casefold():
            continue
        held = amount_of(unit, "Qty_per_Unit_of_Measure")
        if quantity and held != quantity:
            return problems.UNIT_QUANTITY_DIFFERS.of(
                translatable(
                    "{line}: a {unit} holds {crm} in the CRM and {erp} in the ERP.",
                    line=caption,
                    unit=code,
                    crm=shown_quantity(quantity),
                    erp=shown_quantity(held),
                )
            )
        return text_of(unit, "Code")
    return problems.UNIT_NOT_OF_PRODUCT.of(
        translatable(
            "{line}: item {number} has no unit of measure {unit}.", line=caption, number=number, unit=code
        )
    )
