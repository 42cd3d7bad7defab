"""The start page: what waits for the person who signed in."""

from __future__ import annotations

from htpy import h2, section

from interlace.sandbox.crm.sales_app.document_lists import opportunity_table, order_table
from interlace.sandbox.crm.sales_app.shown_records import ShownRecords, both, equals
from interlace.sandbox.crm.sales_app.visit import ROOT, Visit
from interlace.sandbox.entity_store import OrderColumn, SqlClause, quoted
from interlace.sandbox.exchange import Response
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone
from interlace.ui.card import cue, cues
from interlace.ui.notices import empty_state
from interlace.ui.shell import Page

_NEWEST_FIRST = (OrderColumn("createdon", descending=True),)
_LATEST = 10
_ERP_KEY = "ilc_erpkey"


def in_erp(shown: ShownRecords, *, expected: bool) -> SqlClause:
    """The condition that an order is in the ERP, or not yet; without the solution's columns none is."""
    if not shown.has("salesorder", _ERP_KEY):
        return SqlClause("0" if expected else "1")
    return SqlClause(f"{quoted(_ERP_KEY)} IS {'NOT ' if expected else ''}NULL")


def home(visit: Visit) -> Response:
    """Counts that lead to their lists, and the latest documents of the person."""
    shown = visit.shown
    mine = equals("_ownerid_value", visit.user_id)
    open_deals = both(equals("statecode", 0), mine)
    drafts = both(equals("statecode", 0), mine)
    submitted = both(equals("statecode", 1), mine)
    waiting = shown.count("salesorder", both(submitted, in_erp(shown, expected=False)))
    counted = (
        (
            shown.count("opportunity", open_deals),
            "My open opportunities",
            "opportunities?view=mine",
            Tone.NEUTRAL,
        ),
        (shown.count("salesorder", drafts), "My orders to submit", "orders?view=drafts", Tone.NEUTRAL),
        (
            waiting,
            "Submitted, not in the ERP yet",
            "orders?view=waiting",
            Tone.WARN if waiting else Tone.GOOD,
        ),
        (
            shown.count("salesorder", both(submitted, in_erp(shown, expected=True))),
            "Under way in the ERP",
            "orders?view=under-way",
            Tone.BUSY,
        ),
    )
    tiles = [cue(f"{number:,}", caption, ROOT + place, tone) for number, caption, place, tone in counted]
    orders = shown.listed("salesorder", mine, _NEWEST_FIRST, limit=_LATEST)
    opportunities = shown.listed("opportunity", open_deals, _NEWEST_FIRST, limit=_LATEST)
    no_orders = empty_state("No orders yet", "Open an account and choose New order.")
    no_deals = empty_state("No open opportunities", "Open an account and choose New opportunity.")
    return visit.page(
        Page(
            heading=f"Hello, {shown.name_of('systemuser', visit.user_id)}",
            content=(
                cues(tiles),
                action_bar(
                    [
                        action_link("New order", f"{ROOT}orders/new", is_primary=True),
                        action_link("New opportunity", f"{ROOT}opportunities/new"),
                    ]
                ),
                section(".part")[h2["My latest orders"], order_table(orders, no_orders)],
                section(".part")[h2["My open opportunities"], opportunity_table(opportunities, no_deals)],
            ),
        )
    )
