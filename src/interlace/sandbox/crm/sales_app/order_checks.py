"""Checks an order form: resolves what was typed, and gathers all that is wrong by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from interlace.sandbox.crm.sales_app.form_body import Form
from interlace.sandbox.crm.sales_app.form_checks import Checks
from interlace.sandbox.crm.sales_app.order_input import LineInput, OrderInput, line_name
from interlace.sandbox.crm.sales_app.record_choices import PRODUCTS
from interlace.sandbox.crm.sales_app.shown_records import Shown, ShownRecords, both, equals

_QUANTITY_MAX = 10**11
_MONEY_MAX = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """A row that can be written: its place in the form, and the body of its line without the order."""

    position: int
    line_id: str
    product: Shown | None
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """An order that can be written."""

    account: Shown
    price_list: Shown | None
    body: Mapping[str, object]
    lines: Sequence[LineDraft]
    removed_ids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The draft, or what is wrong; account and products (by row) are those that were recognised."""

    draft: OrderDraft | None
    errors: Mapping[str, str]
    account: Shown | None
    products: Mapping[int, Shown]
    price_list: Shown | None


def check(shown: ShownRecords, typed: OrderInput) -> Checked:
    """Resolves a form; without errors there is a draft."""
    checks = Checks(shown, typed.header)
    account = checks.account("account")
    price_list = checks.price_list("price_list", account)
    currency = _currency(checks, price_list)
    body: dict[str, object] = {
        "name": checks.text("name", "Name", length_max=300) or (None if account is None else account.name),
        "description": checks.text("description", "Description", length_max=2000, is_long=True),
        "requestdeliveryby": _noon(checks.date("delivery")),
        "discountpercentage": checks.number("discount_percentage", "Discount", minimum=0, maximum=100),
        "discountamount": checks.number("discount_amount", "Discount", minimum=0, maximum=_MONEY_MAX),
        "freightamount": checks.number("freight", "Freight", minimum=0, maximum=_MONEY_MAX),
    }
    lines, errors, products = _lines(shown, typed.lines, price_list)
    if account is not None and price_list is None and _needs_price_list(lines):
        text = f"{account.name} has no price list of its own: choose one."
        checks.errors.setdefault("price_list", text)
    errors = {**checks.errors, **errors}
    if account is None or errors:
        return Checked(draft=None, errors=errors, account=account, products=products, price_list=price_list)
    body["customerid_account@odata.bind"] = f"/accounts({account.id})"
    if price_list is not None:
        body["pricelevelid@odata.bind"] = f"/pricelevels({price_list.id})"
    if currency is not None:
        body["transactioncurrencyid@odata.bind"] = f"/transactioncurrencies({currency})"
    removed = [line.line_id for line in typed.lines if line.line_id and (line.is_removed or line.is_blank)]
    draft = OrderDraft(account=account, price_list=price_list, body=body, lines=lines, removed_ids=removed)
    return Checked(draft=draft, errors={}, account=account, products=products, price_list=price_list)


def _needs_price_list(lines: Sequence[LineDraft]) -> bool:
    return any(line.product is not None and "priceperunit" not in line.body for line in lines)


def _noon(day: str | None) -> str | None:
    """A day as a moment that falls on it in nearly every zone."""
    return None if day is None else f"{day}T12:00:00Z"


def _currency(checks: Checks, price_list: Shown | None) -> str | None:
    """The currency that was chosen, which has to be the price list's; or else the price list's."""
    chosen = checks.chosen("currency", "transactioncurrency", "currency")
    own = None if price_list is None else price_list.lookup("transactioncurrencyid")
    if chosen is None or own is None:
        return own if chosen is None else chosen.id
    if chosen.id != own and price_list is not None:
        named = price_list.label("transactioncurrencyid")
        checks.errors["currency"] = (
            f"The price list {price_list.name} is in {named}. Choose that currency or another price list."
        )
    return chosen.id


def _lines(
    shown: ShownRecords, rows: Sequence[LineInput], price_list: Shown | None
) -> tuple[list[LineDraft], dict[str, str], dict[int, Shown]]:
    drafts: list[LineDraft] = []
    errors: dict[str, str] = {}
    products: dict[int, Shown] = {}
    for position, row in enumerate(rows):
        if row.is_removed or row.is_blank:
            continue
        checks = Checks(shown, _row_form(position, row))
        body = _numbers(checks, position, row)
        product: Shown | None = None
        if row.product and row.write_in:
            name = line_name(position, "write_in")
            checks.errors[name] = "A line has either a product or a text of its own. Clear one of them."
        elif row.product:
            product = checks.meant(line_name(position, "product"), PRODUCTS)
            if product is not None:
                products[position] = product
                body |= _of_product(shown, product, row, price_list)
        else:
            body |= _of_write_in(checks, position)
        errors |= checks.errors
        drafts.append(LineDraft(position=position, line_id=row.line_id, product=product, body=body))
    return drafts, errors, products


def _row_form(position: int, row: LineInput) -> Form:
    return Form(
        {
            line_name(position, "product"): row.product,
            line_name(position, "write_in"): row.write_in,
            line_name(position, "quantity"): row.quantity or "1",
            line_name(position, "price"): row.price,
            line_name(position, "discount"): row.discount,
        }
    )


def _numbers(checks: Checks, position: int, row: LineInput) -> dict[str, object]:
    name = line_name(position, "quantity")
    quantity = checks.number(name, "Quantity", maximum=_QUANTITY_MAX)
    if quantity is not None and quantity <= 0:
        checks.errors[name] = "Quantity must be more than 0. Remove the line if it is not wanted."
    elif quantity is not None and quantity != round(quantity, 5):
        checks.errors[name] = "Quantities have five decimals at most."
    price = checks.number(line_name(position, "price"), "Price", minimum=0, maximum=_MONEY_MAX)
    discount = checks.number(line_name(position, "discount"), "Discount", minimum=0, maximum=_MONEY_MAX)
    numbers: dict[str, object] = {
        "quantity": quantity,
        "ispriceoverridden": price is not None,
        "manualdiscountamount": discount if discount is not None else Decimal(0),
    }
    if price is not None:
        numbers["priceperunit"] = price
    return numbers


def _of_product(
    shown: ShownRecords, product: Shown, row: LineInput, price_list: Shown | None
) -> dict[str, object]:
    unit = row.unit if _is_unit_of(shown, product, row.unit) else default_unit(shown, product, price_list)
    body: dict[str, object] = {"productid@odata.bind": f"/products({product.id})"}
    if unit is not None:
        body["uomid@odata.bind"] = f"/uoms({unit})"
    return body


def _is_unit_of(shown: ShownRecords, product: Shown, unit_id: str) -> bool:
    unit = shown.find("uom", unit_id)
    return unit is not None and unit.lookup("uomscheduleid") == product.lookup("defaultuomscheduleid")


def default_unit(shown: ShownRecords, product: Shown, price_list: Shown | None) -> str | None:
    """The product's own unit if the price list has it, else the first unit that has a price."""
    own = product.lookup("defaultuomid")
    if price_list is None:
        return own
    where = both(equals("_pricelevelid_value", price_list.id), equals("_productid_value", product.id))
    units = [price.lookup("uomid") for price in shown.listed("productpricelevel", where)]
    return own if own in units or not units else units[0]


def _of_write_in(checks: Checks, position: int) -> dict[str, object]:
    price = line_name(position, "price")
    if checks.number(price, "Price", minimum=0, maximum=_MONEY_MAX) is None:
        checks.errors.setdefault(price, "A text of its own has no price list: type its price.")
    text = checks.text(line_name(position, "write_in"), "The text", length_max=500)
    return {"isproductoverridden": True, "productdescription": text}
