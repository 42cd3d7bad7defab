"""Accounts: the list, and the card with everything that hangs on an account."""

from __future__ import annotations

from htpy import Node, a

from interlace.sandbox.crm.sales_app.document_lists import (
    contact_table,
    invoice_table,
    opportunity_table,
    order_table,
)
from interlace.sandbox.crm.sales_app.order_progress import erp_number, notes_of
from interlace.sandbox.crm.sales_app.record_choices import ACCOUNTS
from interlace.sandbox.crm.sales_app.shown_records import Shown, both, containing, equals
from interlace.sandbox.crm.sales_app.statistics import statistics_box
from interlace.sandbox.crm.sales_app.visit import ROOT, Visit, with_parameters
from interlace.sandbox.entity_store import OrderColumn
from interlace.sandbox.exchange import Response
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, card, fact_box, facts, fast_tab
from interlace.ui.listing import Column, listing, pager, search_form
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page
from interlace.ui.timeline import timeline

_ACCOUNTS = f"{ROOT}accounts"
_NEWEST_FIRST = (OrderColumn("createdon", descending=True),)
_SHOWN_ON_CARD = 25
_SEARCHED = ("name", "accountnumber", "emailaddress1", "ilc_erpkey")
_COLUMNS = (
    Column(caption="Name"),
    Column(caption="Number"),
    Column(caption="City"),
    Column(caption="Phone"),
    Column(caption="Main contact"),
    Column(caption="Owner"),
)


def account_list(visit: Visit) -> Response:
    """The active accounts by name."""
    searched = visit.searched
    columns = [name for name in _SEARCHED if visit.shown.has("account", name)]
    where = both(equals("statecode", 0), containing(columns, searched))
    accounts, excerpt = visit.shown.page(
        "account", where, (OrderColumn("name"),), visit.parameters.text("page")
    )
    rows = [
        (
            a(href=f"{_ACCOUNTS}/{account.id}")[account.name],
            ACCOUNTS.number(account),
            account.text("address1_city"),
            account.text("telephone1"),
            account.label("primarycontactid"),
            account.label("ownerid"),
        )
        for account in accounts
    ]
    empty = (
        empty_state("No account matches", "Search by parts of the name, number or e-mail address.")
        if searched
        else empty_state("No accounts yet", "They come from the ERP's customers with the synchronization.")
    )
    return visit.page(
        Page(
            heading="Accounts",
            content=(
                action_bar([search_form(_ACCOUNTS, searched, placeholder="Name, number or e-mail")]),
                listing(_COLUMNS, rows, caption="Accounts", empty=empty),
                pager(excerpt, lambda page: with_parameters(_ACCOUNTS, search=searched, page=page)),
            ),
        )
    )


def account_card(visit: Visit, account_id: str) -> Response:
    """One account with its contacts, documents and figures."""
    shown = visit.shown
    account = shown.required("account", account_id)
    opportunities = _documents(visit, "opportunity", account)
    orders = _documents(visit, "salesorder", account)
    invoices = _documents(visit, "invoice", account)
    contacts = shown.listed(
        "contact", equals("_parentcustomerid_value", account.id), (OrderColumn("fullname"),)
    )
    content = (
        action_bar(
            [
                action_link(
                    "New order", with_parameters(f"{ROOT}orders/new", account=account.id), is_primary=True
                ),
                action_link(
                    "New opportunity", with_parameters(f"{ROOT}opportunities/new", account=account.id)
                ),
            ]
        ),
        card(
            (
                fast_tab("General", facts(_general(account)), promoted=account.text("address1_city")),
                fast_tab("Contacts", contact_table(contacts), promoted=len(contacts)),
                fast_tab(
                    "Opportunities",
                    opportunity_table(opportunities, of_account=True),
                    promoted=len(opportunities),
                ),
                fast_tab("Orders", order_table(orders, of_account=True), promoted=len(orders)),
                fast_tab("Invoices", invoice_table(invoices, of_account=True), promoted=len(invoices)),
            ),
            [box for box in _boxes(visit, account) if box is not None],
        ),
    )
    status: Node = None
    if account.row.get("creditonhold"):
        status = badge("Credit hold", Tone.BAD)
    elif account.state != 0:
        status = badge(account.label("statecode"), Tone.WARN)
    crumbs = (Crumb(caption="Accounts", address=_ACCOUNTS),)
    return visit.page(Page(heading=account.name, status=status, content=content, crumbs=crumbs))


def _documents(visit: Visit, table: str, account: Shown) -> list[Shown]:
    where = equals("_customerid_value", account.id)
    return visit.shown.listed(table, where, _NEWEST_FIRST, limit=_SHOWN_ON_CARD)


def _general(account: Shown) -> list[Fact]:
    places = ("line1", "line2", "line3", "postalcode", "city", "stateorprovince", "country")
    lines = [account.text(f"address1_{place}") for place in places]
    street, rest = [line for line in lines[:3] if line], [line for line in lines[3:] if line]
    return [
        Fact(caption="Account number", value=account.text("accountnumber")),
        Fact(caption="Main contact", value=account.label("primarycontactid")),
        Fact(caption="Phone", value=account.text("telephone1")),
        Fact(caption="E-mail", value=account.text("emailaddress1")),
        Fact(caption="Address", value="\n".join([*street, " ".join(rest)]).strip()),
        Fact(caption="Owner", value=account.label("ownerid")),
        Fact(caption="Price list", value=account.label("defaultpricelevelid")),
        Fact(caption="Payment terms", value=account.label("paymenttermscode")),
        Fact(caption="Credit limit", value=account.money("creditlimit")),
    ]


def _boxes(visit: Visit, account: Shown) -> tuple[Node, ...]:
    number = erp_number(account)
    erp = fact_box("ERP", facts([Fact(caption="Customer", value=number or "not coupled")]))
    notes = notes_of(visit.shown, account)
    return (
        statistics_box(visit.shown, account),
        erp,
        fact_box("Notes", timeline(notes)) if notes else None,
    )
