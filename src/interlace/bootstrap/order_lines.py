"""An order as both sides have it now, with its lines, and which of them keep it from going on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from interlace.bootstrap.ends import Ends
from interlace.bootstrap.order_figures import CrmFigures, ErpFigures, crm_figures, erp_figures
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.saga import FoundRecord, Problem
from interlace.domain.side import Side
from interlace.engine.ports import FindRecords, ReadKeys, Record, TableView
from interlace.engine.saga_memory import TrackedDocument
from interlace.lead_to_cash.item_and_product import SALES_INVENTORY
from interlace.lead_to_cash.order_columns import (
    CRM_LINE_TABLE,
    LINE_FIELDS,
    LINE_TABLE,
    ORDER_LINE_FIELDS,
    PRODUCT_FIELDS,
)
from interlace.lead_to_cash.order_lines import ITEM, RESOURCE
from interlace.lead_to_cash.order_values import amount_of, number_of, option_of, text_of
from interlace.lead_to_cash.resource_and_product import SERVICES
from interlace.management.orders import OrderLine, OrderProblem

WRITE_IN: Final = "Write-in Product"
PRODUCT: Final = "Product"
COMMENT: Final = "Comment"
_PRODUCT_KINDS: Final = {SALES_INVENTORY: ITEM, SERVICES: RESOURCE}
_LAST: Final = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeOrder:
    """What both services have of an order now; `unread` says why that is not known."""

    crm: CrmFigures | None = None
    erp: ErpFigures | None = None
    crm_lines: tuple[OrderLine, ...] = ()
    erp_lines: tuple[OrderLine, ...] = ()
    unread: str = ""


async def whole_order(ends: Ends, document: TrackedDocument) -> WholeOrder:
    """Read an order's totals and lines on both sides."""
    crm = (await crm_figures(ends, [document])).get(document.key)
    return WholeOrder(
        crm=crm,
        erp=await erp_figures(ends, document),
        crm_lines=await crm_lines(ends, document) if crm is not None else (),
        erp_lines=await erp_lines(ends, document),
    )


async def crm_lines(ends: Ends, document: TrackedDocument) -> tuple[OrderLine, ...]:
    """Read the CRM order's lines as its form shows them, with what holds the order because of each."""
    found = await _find(ends, Side.CRM, CRM_LINE_TABLE, LINE_FIELDS, "salesorderid", document.key)
    lines = sorted(found, key=_place)
    products = await _keyed(ends, "product", PRODUCT_FIELDS, _named(lines, "productid"))
    units = await _keyed(ends, "uom", ("name",), _named(lines, "uomid"))
    return tuple(
        _crm_line(
            place,
            line,
            products.get(text_of(line, "productid")),
            text_of(units.get(text_of(line, "uomid")), "name"),
            document.problems,
        )
        for place, line in enumerate(lines, start=1)
    )


async def erp_lines(ends: Ends, document: TrackedDocument) -> tuple[OrderLine, ...]:
    """Read the ERP order's lines; nothing while there is none, and once it was posted completely."""
    if document.partner is None:
        return ()
    number = document.partner.rpartition(KEY_SEPARATOR)[2]
    found = await _find(ends, Side.ERP, LINE_TABLE, ORDER_LINE_FIELDS, "Document_No", number)
    lines = sorted(found, key=lambda each: number_of(each, "Line_No") or _LAST)
    return tuple(_erp_line(place, line, document.problems) for place, line in enumerate(lines, start=1))


def problems_of(problems: Sequence[Problem], line: str | None = None) -> tuple[OrderProblem, ...]:
    """Return what holds an order, or what does so because of one of its lines."""
    return tuple(
        OrderProblem(code=each.code, what=each.what, remedy=each.remedy, line=each.line)
        for each in problems
        if line is None or each.line == line
    )


def _place(line: FoundRecord) -> tuple[int, int]:
    """As the lines are numbered where problems name them."""
    return number_of(line, "sequencenumber") or _LAST, number_of(line, "lineitemnumber") or _LAST


def _crm_line(
    place: int, line: FoundRecord, product: FoundRecord | None, unit: str, problems: Sequence[Problem]
) -> OrderLine:
    quantity, price = amount_of(line, "quantity"), amount_of(line, "priceperunit")
    amount = amount_of(line, "extendedamount") - amount_of(line, "tax")
    return OrderLine(
        key=line.key,
        place=place,
        kind=_kind_of(line, product),
        number=text_of(product, "productnumber"),
        description=text_of(line, "productname") or text_of(line, "productdescription"),
        quantity=quantity,
        unit=unit,
        unit_price=price,
        # Whatever manual, volume or per-unit discounts led to the amount.
        discount=quantity * price - amount,
        amount=amount,
        shipped=amount_of(line, "quantityshipped"),
        problems=problems_of(problems, line.key),
    )


def _kind_of(line: FoundRecord, product: FoundRecord | None) -> str:
    if not text_of(line, "productid"):
        return WRITE_IN
    return _PRODUCT_KINDS.get(number_of(product, "producttypecode") or 0, PRODUCT)


def _erp_line(place: int, line: FoundRecord, problems: Sequence[Problem]) -> OrderLine:
    return OrderLine(
        key=line.key,
        place=place,
        kind=option_of(line, "Type") or COMMENT,
        number=text_of(line, "No"),
        description=text_of(line, "Description"),
        quantity=amount_of(line, "Quantity"),
        unit=text_of(line, "Unit_of_Measure_Code"),
        unit_price=amount_of(line, "Unit_Price"),
        discount=amount_of(line, "Line_Discount_Amount"),
        amount=amount_of(line, "Line_Amount"),
        shipped=amount_of(line, "Quantity_Shipped"),
        invoiced=amount_of(line, "Quantity_Invoiced"),
        problems=problems_of(problems, line.key),
    )


def _named(lines: Sequence[FoundRecord], column: str) -> tuple[str, ...]:
    return tuple(sorted({key for line in lines if (key := text_of(line, column))}))


async def _find(
    ends: Ends, side: Side, table: str, fields: tuple[str, ...], field: str, value: str
) -> list[FoundRecord]:
    view = TableView(side=side, table=table, fields=fields)
    found: list[Record] = await ends.run(_finding(view, field, value))
    return [_taken(view, each) for each in found]


async def _keyed(
    ends: Ends, table: str, fields: tuple[str, ...], keys: tuple[str, ...]
) -> dict[str, FoundRecord]:
    if not keys:
        return {}
    view = TableView(side=Side.CRM, table=table, fields=fields)
    found: list[Record | None] = await ends.run(_reading(view, keys))
    return {key: _taken(view, each) for key, each in zip(keys, found, strict=True) if each is not None}


async def _finding(view: TableView, field: str, value: str) -> list[Record]:
    found: list[Record] = await FindRecords(view=view, field=field, values=(value,), exact=True)
    return found


async def _reading(view: TableView, keys: tuple[str, ...]) -> list[Record | None]:
    found: list[Record | None] = await ReadKeys(view=view, keys=keys)
    return found


def _taken(view: TableView, record: Record) -> FoundRecord:
    values = dict(zip(view.fields, record.values(), strict=True))
    return FoundRecord(key=record.key, tag=record.tag, values=values)
