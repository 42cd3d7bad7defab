"""Accounts: the list, and the card with everything that hangs on an account."""

from __future__ import annotations

from htpy import a

from interlace.sandbox.crm.sales_app.shown_records import both, containing, equals
from interlace.sandbox.crm.sales_app.visit import ROOT, Visit, with_parameters
from interlace.sandbox.entity_store import OrderColumn
from interlace.sandbox.exchange import Response
from interlace.ui.actions import action_bar
from interlace.ui.listing import Column, listing, pager, search_form
from interlace.ui.notices import empty_state
from interlace.ui.shell import Page

_ACCOUNTS = f"{ROOT}accounts"
_COLUMNS = (
    Column(caption="Name"),
    Column(caption="Account number"),
    Column(caption="City"),
    Column(caption="Phone"),
    Column(caption="Main contact"),
    Column(caption="Owner"),
)


def account_list(visit: Visit) -> Response:
    """The active accounts by name."""
    searched = visit.parameters.text("search")[:200]
    where = both(equals("statecode", 0), containing(("name", "accountnumber", "emailaddress1"), searched))
    accounts, excerpt = visit.shown.page(
        "account", where, (OrderColumn("name"),), visit.parameters.text("page")
    )
    rows = [
        (
            a(href=f"{_ACCOUNTS}/{account.id}")[account.name],
            account.text("accountnumber"),
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
