"""What stands in the fields of the order form: read from a request, or from an order that is to be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from interlace.sandbox.crm.sales_app.form_body import Form
from interlace.sandbox.crm.sales_app.record_choices import ACCOUNTS, PRODUCTS
from interlace.sandbox.crm.sales_app.shown_records import Shown, ShownRecords, equals
from interlace.sandbox.entity_store import OrderColumn

LINES_MAX = 500
BLANK_LINES = 3
LINE_FIELDS = ("product", "write_in", "quantity", "unit", "price", "discount")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInput:
    """One row of the form; `line_id` is that of a line that exists already."""

    line_id: str = ""
    product: str = ""
    write_in: str = ""
    quantity: str = ""
    unit: str = ""
    price: str = ""
    discount: str = ""
    is_removed: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether the row asks for nothing: neither product nor text."""
        return not (self.product or self.write_in)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderInput:
    """The whole form: header fields by name, and the rows."""

    header: Form
    version: str = ""
    lines: Sequence[LineInput] = ()

    def with_blank_lines(self, number: int = BLANK_LINES) -> OrderInput:
        """The same with empty rows at its end to type into."""
        used = [line for line in self.lines if line.line_id or not line.is_blank]
        return replace(self, lines=[*used, *[LineInput()] * number][:LINES_MAX])


def line_name(position: int, field: str) -> str:
    """The name of a field of a row."""
    return f"line-{position}-{field}"


def read_input(form: Form) -> OrderInput:
    """What a person sent."""
    count = form.text("lines")
    number = min(int(count), LINES_MAX) if count.isdecimal() and len(count) < 6 else 0
    lines = [
        LineInput(
            line_id=form.text(line_name(position, "id")),
            is_removed=form.text(line_name(position, "remove")) == "1",
            **{field: form.text(line_name(position, field)) for field in LINE_FIELDS},
        )
        for position in range(number)
    ]
    return OrderInput(header=form, version=form.text("version"), lines=lines)


def input_of(shown: ShownRecords, order: Shown) -> OrderInput:
    """The form of an order as it stands."""
    account = shown.find("account", order.lookup("customerid"))
    values = {
        "name": order.text("name"),
        "account": "" if account is None else ACCOUNTS.caption(account),
        "price_list": order.lookup("pricelevelid") or "",
        "currency": order.lookup("transactioncurrencyid") or "",
        "delivery": order.text("requestdeliveryby")[:10],
        "discount_percentage": typed(order.amount("discountpercentage")),
        "discount_amount": typed(order.amount("discountamount")),
        "freight": typed(order.amount("freightamount")),
        "description": order.text("description"),
    }
    lines = [_line_of(shown, line) for line in lines_of(shown, order.id)]
    return OrderInput(header=Form(values), version=order.etag, lines=lines)


def lines_of(shown: ShownRecords, order_id: str) -> list[Shown]:
    """The lines of an order in their order."""
    where = equals("_salesorderid_value", order_id)
    return shown.listed("salesorderdetail", where, (OrderColumn("lineitemnumber"),))


def _line_of(shown: ShownRecords, line: Shown) -> LineInput:
    product = shown.find("product", line.lookup("productid"))
    has_own_price = product is None or line.row["ispriceoverridden"] is True
    return LineInput(
        line_id=line.id,
        product="" if product is None else PRODUCTS.caption(product),
        write_in="" if product is not None else line.text("productdescription"),
        quantity=typed(line.amount("quantity")),
        unit=line.lookup("uomid") or "",
        price=typed(line.amount("priceperunit")) if has_own_price else "",
        discount=typed(line.amount("manualdiscountamount")),
    )


def typed(value: Decimal | None) -> str:
    """A number as it is typed; nothing for none and for zero."""
    if not value:
        return ""
    return f"{value.normalize():f}"
