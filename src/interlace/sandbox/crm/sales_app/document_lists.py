"""Lists of opportunities, orders, invoices and contacts, as pages of their own and as parts of cards."""

from __future__ import annotations

from collections.abc import Sequence

from htpy import Element, Node, a, time

from interlace.sandbox.crm.sales_app.order_progress import status_badge
from interlace.sandbox.crm.sales_app.shown_records import Shown
from interlace.sandbox.crm.sales_app.visit import ROOT
from interlace.ui.badge import Tone, badge
from interlace.ui.listing import Column, listing
from interlace.ui.notices import empty_state
from interlace.ui.timeline import moment

_OPPORTUNITY_TONES = {0: Tone.BUSY, 1: Tone.GOOD, 2: Tone.NEUTRAL}
_INVOICE_TONES = {0: Tone.BUSY, 2: Tone.GOOD, 3: Tone.BAD}


def link_to(record: Shown | None, place: str, caption: str = "") -> Node:
    """A link to a record's page, its name or a number; nothing without a record."""
    if record is None:
        return None
    return a(class_={"code": bool(caption)}, href=f"{ROOT}{place}/{record.id}")[caption or record.name]


def when(record: Shown, column: str) -> Node:
    """A moment of a record."""
    value = record.moment(column)
    return None if value is None else moment(value)


def day(record: Shown, column: str) -> Node:
    """The day of a moment or date of a record."""
    text = record.text(column)[:10]
    return time(datetime=text)[text] if text else None


def customer_link(document: Shown) -> Node:
    """The customer of a document; contacts have no page."""
    account = document.lookup("customerid")
    name = document.label("customerid")
    if account is None or document.text("_accountid_value") != account:
        return name
    return a(href=f"{ROOT}accounts/{account}")[name or "–"]


def state_badge(document: Shown) -> Element:
    """The state of an opportunity or invoice."""
    tones = _OPPORTUNITY_TONES if document.table.logical_name == "opportunity" else _INVOICE_TONES
    return badge(document.label("statecode"), tones.get(document.state, Tone.NEUTRAL))


def opportunity_table(
    opportunities: Sequence[Shown], empty: Node = None, *, of_account: bool = False
) -> Element:
    """Opportunities with their value and state; `of_account` leaves out the account they all have."""
    columns = (
        Column(caption="Topic"),
        Column(caption="Account"),
        Column(caption="State"),
        Column(caption="Closes"),
        Column(caption="Probability", is_number=True),
        Column(caption="Value", is_number=True),
        Column(caption="Owner"),
    )
    rows = [
        (
            link_to(each, "opportunities"),
            customer_link(each),
            state_badge(each),
            day(each, "actualclosedate" if each.state else "estimatedclosedate"),
            f"{each.text('closeprobability')} %" if each.text("closeprobability") else None,
            each.money("actualvalue" if each.state == 1 else "estimatedvalue"),
            each.label("ownerid"),
        )
        for each in opportunities
    ]
    return _listing(
        columns, rows, "Opportunities", empty or empty_state("No opportunities"), of_account=of_account
    )


def order_table(orders: Sequence[Shown], empty: Node = None, *, of_account: bool = False) -> Element:
    """Orders with their status and total; `of_account` leaves out the account they all have."""
    columns = (
        Column(caption="Order"),
        Column(caption="Name"),
        Column(caption="Account"),
        Column(caption="Status"),
        Column(caption="Submitted"),
        Column(caption="Total", is_number=True),
        Column(caption="Owner"),
    )
    rows = [
        (
            link_to(each, "orders", each.text("ordernumber")),
            each.text("name"),
            customer_link(each),
            status_badge(each),
            when(each, "submitdate"),
            each.money("totalamount"),
            each.label("ownerid"),
        )
        for each in orders
    ]
    return _listing(columns, rows, "Orders", empty or empty_state("No orders"), of_account=of_account)


def invoice_table(invoices: Sequence[Shown], empty: Node = None, *, of_account: bool = False) -> Element:
    """Invoices with their state and total; `of_account` leaves out the account they all have."""
    columns = (
        Column(caption="Invoice"),
        Column(caption="Name"),
        Column(caption="Account"),
        Column(caption="State"),
        Column(caption="Due"),
        Column(caption="Total", is_number=True),
    )
    rows = [
        (
            link_to(each, "invoices", each.text("invoicenumber")),
            each.text("name"),
            customer_link(each),
            state_badge(each),
            day(each, "duedate"),
            each.money("totalamount"),
        )
        for each in invoices
    ]
    return _listing(columns, rows, "Invoices", empty or empty_state("No invoices"), of_account=of_account)


def _listing(
    columns: Sequence[Column],
    rows: Sequence[tuple[Node, ...]],
    caption: str,
    empty: Node,
    *,
    of_account: bool,
) -> Element:
    kept = [place for place, column in enumerate(columns) if not of_account or column.caption != "Account"]
    return listing(
        [columns[place] for place in kept],
        [[row[place] for place in kept] for row in rows],
        caption=caption,
        empty=empty,
    )


def contact_table(contacts: Sequence[Shown]) -> Element:
    """Contacts with the ways to reach them."""
    columns = (
        Column(caption="Name"),
        Column(caption="Job title"),
        Column(caption="E-mail"),
        Column(caption="Phone"),
    )
    rows = [
        (
            each.name,
            each.text("jobtitle"),
            _address(each.text("emailaddress1"), "mailto:"),
            _address(each.text("telephone1") or each.text("mobilephone"), "tel:"),
        )
        for each in contacts
    ]
    return listing(columns, rows, caption="Contacts", empty=empty_state("No contacts"))


def line_table(lines: Sequence[Shown]) -> Element:
    """The lines of a document."""
    columns = (
        Column(caption="Product"),
        Column(caption="Number"),
        Column(caption="Quantity", is_number=True),
        Column(caption="Unit"),
        Column(caption="Price", is_number=True),
        Column(caption="Discount", is_number=True),
        Column(caption="Tax", is_number=True),
        Column(caption="Amount", is_number=True),
    )
    return listing(
        columns, [_line(each) for each in lines], caption="Lines", empty=empty_state("No lines yet")
    )


def _line(line: Shown) -> tuple[Node, ...]:
    product = line.lookup("productid")
    name = line.text("productname") or line.text("productdescription") or "–"
    troubled = line.number("pricingerrorcode")
    return (
        a(href=f"{ROOT}products/{product}")[name] if product else name,
        line.text("productnumber") or ("Write-in" if product is None else ""),
        line.quantity("quantity"),
        line.label("uomid"),
        line.money("priceperunit") if not troubled else badge(line.label("pricingerrorcode"), Tone.WARN),
        _nonzero(line, "manualdiscountamount"),
        _nonzero(line, "tax"),
        line.money("extendedamount"),
    )


def _nonzero(line: Shown, column: str) -> str:
    return line.money(column) if line.amount(column) else ""


def _address(value: str, scheme: str) -> Node:
    """A link that opens mail or phone; only for values that are nothing else."""
    plain = value.replace(" ", "")
    is_plain = bool(plain) and all(letter.isalnum() or letter in "+-._@()" for letter in plain)
    return a(href=scheme + plain)[value] if is_plain else value
