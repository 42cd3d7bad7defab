"""Opportunities: list, card, a form for new ones, winning, losing, and the order made of one."""

from __future__ import annotations

from htpy import Node

from interlace.sandbox.crm.sales_app.document_lists import (
    customer_link,
    day,
    line_table,
    opportunity_table,
    order_table,
    state_badge,
)
from interlace.sandbox.crm.sales_app.order_progress import erp_number, notes_of
from interlace.sandbox.crm.sales_app.shown_records import Shown, both, containing, equals
from interlace.sandbox.crm.sales_app.totals import totals
from interlace.sandbox.crm.sales_app.views import View, chosen_view, view_links
from interlace.sandbox.crm.sales_app.visit import ROOT, Visit, see_other, with_parameters
from interlace.sandbox.entity_store import OrderColumn
from interlace.sandbox.exchange import Response
from interlace.ui.actions import action_bar, action_form, action_link
from interlace.ui.card import Fact, card, fact_box, facts, fast_tab
from interlace.ui.listing import pager, search_form
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page
from interlace.ui.timeline import timeline

OPPORTUNITIES = f"{ROOT}opportunities"
CRUMBS = (Crumb(caption="Opportunities", address=OPPORTUNITIES),)
_NEWEST_FIRST = (OrderColumn("createdon", descending=True),)


def opportunity_list(visit: Visit) -> Response:
    """The opportunities of a view, newest first."""
    views = (
        View(name="open", caption="Open", where=equals("statecode", 0)),
        View(
            name="mine",
            caption="My open",
            where=both(equals("statecode", 0), equals("_ownerid_value", visit.user_id)),
        ),
        View(name="won", caption="Won", where=equals("statecode", 1)),
        View(name="lost", caption="Lost", where=equals("statecode", 2)),
        View(name="all", caption="All", where=None),
    )
    searched, view = visit.searched, chosen_view(views, visit.parameters)
    opportunities, excerpt = visit.shown.page(
        "opportunity",
        both(view.where, containing(("name",), searched)),
        _NEWEST_FIRST,
        visit.parameters.text("page"),
    )
    empty = empty_state("No opportunities here", "Choose another view, search for less, or make a new one.")
    search = search_form(OPPORTUNITIES, searched, placeholder="Topic", kept=(("view", view.name),))

    def address_of(page: int) -> str:
        return with_parameters(OPPORTUNITIES, view=view.name, search=searched, page=page)

    return visit.page(
        Page(
            heading="Opportunities",
            content=(
                action_bar([action_link("New opportunity", f"{OPPORTUNITIES}/new", is_primary=True), search]),
                view_links(OPPORTUNITIES, views, view),
                opportunity_table(opportunities, empty),
                pager(excerpt, address_of),
            ),
        )
    )


def opportunity_card(visit: Visit, opportunity_id: str) -> Response:
    """One opportunity with its products and the orders made of it."""
    shown = visit.shown
    opportunity = shown.required("opportunity", opportunity_id)
    where = equals("_opportunityid_value", opportunity.id)
    lines = shown.listed("opportunityproduct", where, (OrderColumn("lineitemnumber"),))
    orders = shown.listed("salesorder", where, _NEWEST_FIRST)
    general = fast_tab("General", facts(_general(opportunity)), promoted=opportunity.money("estimatedvalue"))
    tabs: list[Node] = [general]
    if lines:
        tabs.append(
            fast_tab(
                "Products",
                (line_table(lines), totals(opportunity)),
                promoted=opportunity.money("totalamount"),
            )
        )
    tabs.append(fast_tab("Orders", order_table(orders, of_account=True), promoted=len(orders)))
    notes = notes_of(shown, opportunity)
    erp = facts([Fact(caption="Opportunity", value=erp_number(opportunity) or "not coupled")])
    boxes: list[Node] = [fact_box("ERP", erp)]
    if notes:
        boxes.append(fact_box("Notes", timeline(notes)))
    return visit.page(
        Page(
            heading=opportunity.name,
            status=state_badge(opportunity),
            crumbs=CRUMBS,
            content=(_actions(visit, opportunity), card(tabs, boxes)),
        )
    )


def _actions(visit: Visit, opportunity: Shown) -> Node:
    address, fields = f"{OPPORTUNITIES}/{opportunity.id}", visit.hidden_fields
    order = action_form("Make order", f"{address}/order", fields, is_primary=opportunity.state == 1)
    if opportunity.state == 0:
        return action_bar(
            [
                action_link("Win", f"{address}/win", is_primary=True),
                action_link("Lose", f"{address}/lose"),
            ],
            [order, action_link("Edit", f"{address}/edit")],
        )
    reopen = action_form("Reopen", f"{address}/reopen", fields)
    return action_bar([order] if opportunity.state == 1 else [], [reopen])


def _general(opportunity: Shown) -> list[Fact]:
    closed = opportunity.state != 0
    return [
        Fact(caption="Account", value=customer_link(opportunity)),
        Fact(caption="Price list", value=opportunity.label("pricelevelid")),
        Fact(caption="Currency", value=opportunity.label("transactioncurrencyid")),
        Fact(caption="Estimated value", value=opportunity.money("estimatedvalue"), is_number=True),
        Fact(caption="Closes", value=day(opportunity, "estimatedclosedate")),
        Fact(
            caption="Probability",
            value=f"{opportunity.text('closeprobability')} %" if opportunity.text("closeprobability") else "",
        ),
        *(
            [
                Fact(caption="Actual value", value=opportunity.money("actualvalue"), is_number=True),
                Fact(caption="Closed", value=day(opportunity, "actualclosedate")),
            ]
            if closed
            else []
        ),
        Fact(caption="Owner", value=opportunity.label("ownerid")),
        Fact(caption="Description", value=opportunity.text("description")),
    ]


def make_order(visit: Visit, opportunity_id: str) -> Response:
    """Makes an order with the products and prices of the opportunity."""
    opportunity = visit.shown.required("opportunity", opportunity_id)
    answer = visit.web_api.call(
        "GenerateSalesOrderFromOpportunity",
        {
            "OpportunityId": opportunity.id,
            "ColumnSet": {"AllColumns": False, "Columns": ["salesorderid"]},
        },
    )
    return see_other(f"{ROOT}orders/{answer['salesorderid']}", done="ordered")


def reopen(visit: Visit, opportunity_id: str) -> Response:
    """Opens a closed opportunity again."""
    opportunity = visit.shown.required("opportunity", opportunity_id)
    visit.web_api.update(f"opportunities({opportunity.id})", {"statecode": 0, "statuscode": 1})
    return see_other(f"{OPPORTUNITIES}/{opportunity.id}", done="reopened")
