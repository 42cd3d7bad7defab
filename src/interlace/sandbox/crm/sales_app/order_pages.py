"""Orders: the list, the card with status, timeline and invoices, and what can be done with an order."""

from __future__ import annotations

from htpy import Node, div, form, p

from interlace.sandbox.crm.sales_app.document_lists import (
    customer_link,
    day,
    invoice_table,
    line_table,
    link_to,
    order_table,
    when,
)
from interlace.sandbox.crm.sales_app.home_page import in_erp
from interlace.sandbox.crm.sales_app.order_form_page import CRUMBS, ORDERS
from interlace.sandbox.crm.sales_app.order_input import lines_of
from interlace.sandbox.crm.sales_app.order_progress import erp_number, hold_reason, status_badge, timeline_of
from interlace.sandbox.crm.sales_app.order_writes import submit, unpriced
from interlace.sandbox.crm.sales_app.shown_records import Shown, both, containing, equals
from interlace.sandbox.crm.sales_app.totals import totals
from interlace.sandbox.crm.sales_app.views import View, chosen_view, view_links
from interlace.sandbox.crm.sales_app.visit import Visit, see_other, with_parameters
from interlace.sandbox.entity_store import OrderColumn
from interlace.sandbox.exchange import Response
from interlace.ui.actions import action_bar, action_form, action_link, form_button
from interlace.ui.card import Fact, card, fact_box, facts, fast_tab
from interlace.ui.fields import Field, text_area
from interlace.ui.listing import pager, search_form
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Page, hidden
from interlace.ui.timeline import timeline

_NEWEST_FIRST = (OrderColumn("createdon", descending=True),)
_NOTE_LENGTH_MAX = 10_000
_ACTIVE, _SUBMITTED = 0, 1


def order_list(visit: Visit) -> Response:
    """The orders of a view, newest first."""
    submitted = equals("statecode", _SUBMITTED)
    not_yet, under_way = (in_erp(visit.shown, expected=expected) for expected in (False, True))
    views = (
        View(name="all", caption="All", where=None),
        View(name="mine", caption="Mine", where=equals("_ownerid_value", visit.user_id)),
        View(name="drafts", caption="To submit", where=equals("statecode", _ACTIVE)),
        View(name="waiting", caption="Not in the ERP yet", where=both(submitted, not_yet)),
        View(name="under-way", caption="Under way", where=both(submitted, under_way)),
        View(name="fulfilled", caption="Fulfilled", where=equals("statecode", 3)),
        View(name="invoiced", caption="Invoiced", where=equals("statecode", 4)),
        View(name="canceled", caption="Canceled", where=equals("statecode", 2)),
    )
    searched, view = visit.searched, chosen_view(views, visit.parameters)
    where = both(view.where, containing(("ordernumber", "name"), searched))
    orders, excerpt = visit.shown.page("salesorder", where, _NEWEST_FIRST, visit.parameters.text("page"))
    empty = empty_state("No orders here", "Choose another view, search for less, or make a new one.")
    search = search_form(ORDERS, searched, placeholder="Number or name", kept=(("view", view.name),))

    def address_of(page: int) -> str:
        return with_parameters(ORDERS, view=view.name, search=searched, page=page)

    return visit.page(
        Page(
            heading="Orders",
            content=(
                action_bar([action_link("New order", f"{ORDERS}/new", is_primary=True), search]),
                view_links(ORDERS, views, view),
                order_table(orders, empty),
                pager(excerpt, address_of),
            ),
        )
    )


def order_card(visit: Visit, order_id: str, problem: Node = None) -> Response:
    """One order: its lines and totals, how far it has come, its invoices."""
    shown = visit.shown
    order = shown.required("salesorder", order_id)
    lines = lines_of(shown, order.id)
    invoices = shown.listed("invoice", equals("_salesorderid_value", order.id), _NEWEST_FIRST)
    notices: list[Node] = [] if problem is None else [problem]
    held = hold_reason(order)
    if held:
        body = div(".lines-of-text")[held]
        notices.append(notice("The ERP has not taken the order yet", kind=Kind.WARNING, body=body))
    if order.state == _ACTIVE and unpriced(lines):
        text = "Edit the order: choose another unit or price list, or type a price."
        notices.append(notice("Lines without a price", kind=Kind.WARNING, body=text))
    content = (
        _actions(visit, order),
        card(
            (
                fast_tab("General", facts(_general(visit, order)), promoted=order.label("customerid")),
                fast_tab("Lines", (line_table(lines), totals(order)), promoted=order.money("totalamount")),
                fast_tab("Invoices", invoice_table(invoices, of_account=True), promoted=len(invoices)),
            ),
            (
                fact_box("ERP", facts(_in_erp(order))),
                fact_box("Timeline", (timeline(timeline_of(shown, order)), _note_form(visit, order))),
            ),
        ),
    )
    return visit.page(
        Page(
            heading=order.text("ordernumber"),
            subtitle=order.text("name"),
            status=status_badge(order),
            crumbs=CRUMBS,
            notices=notices,
            content=content,
        ),
        status=200 if problem is None else 409,
    )


def _actions(visit: Visit, order: Shown) -> Node:
    address, fields = f"{ORDERS}/{order.id}", visit.hidden_fields
    if order.state == _ACTIVE:
        more = [action_link("Cancel order", f"{address}/cancel")]
        if order.row["ispricelocked"]:
            more.insert(
                0,
                action_form(
                    "Use today's prices",
                    f"{address}/unlock",
                    fields,
                    tooltip="Unlocks the prices that came with the order and takes those of the price list.",
                ),
            )
        return action_bar(
            [
                action_form("Submit", f"{address}/submit", fields, is_primary=True),
                action_link("Edit", f"{address}/edit"),
            ],
            more,
        )
    if order.state == _SUBMITTED:
        taken_back = action_form("Take back", f"{address}/take-back", fields)
        is_in_erp = bool(order.text("lastbackofficesubmit"))
        return action_bar(
            [None if is_in_erp else taken_back, action_link("Cancel order", f"{address}/cancel")]
        )
    return None


def _general(visit: Visit, order: Shown) -> list[Fact]:
    opportunity = visit.shown.find("opportunity", order.lookup("opportunityid"))
    return [
        Fact(caption="Account", value=customer_link(order)),
        Fact(caption="Opportunity", value=link_to(opportunity, "opportunities")),
        Fact(caption="Price list", value=order.label("pricelevelid")),
        Fact(caption="Currency", value=order.label("transactioncurrencyid")),
        Fact(caption="Requested delivery", value=day(order, "requestdeliveryby")),
        Fact(caption="Fulfilled", value=day(order, "datefulfilled")),
        Fact(caption="Owner", value=order.label("ownerid")),
        Fact(caption="Description", value=order.text("description")),
    ]


def _in_erp(order: Shown) -> list[Fact]:
    waits = "waits" if order.state == _SUBMITTED else "not sent yet"
    return [
        Fact(caption="Order", value=erp_number(order) or waits),
        Fact(caption="Status", value=status_badge(order)),
        Fact(caption="Submitted", value=when(order, "submitdate")),
        Fact(caption="Taken over", value=when(order, "lastbackofficesubmit")),
    ]


def _note_form(visit: Visit, order: Shown) -> Node:
    note = Field(name="note", caption="Add a note")
    return form(".note-form", method="post", action=f"{ORDERS}/{order.id}/notes")[
        hidden(visit.hidden_fields),
        text_area(note, rows=2, length_max=_NOTE_LENGTH_MAX),
        div(".buttons")[form_button("Add note")],
    ]


# --- what can be done with an order


def submit_order(visit: Visit, order_id: str) -> Response:
    """Hands the order over to the ERP, unless something is missing in it."""
    order = visit.shown.required("salesorder", order_id)
    lines = lines_of(visit.shown, order.id)
    if not lines or unpriced(lines):
        reason = "It has no lines yet." if not lines else "Lines of it have no price."
        text = f"{reason} Edit the order, then submit it."
        return order_card(visit, order_id, notice("Not submitted", kind=Kind.ERROR, body=text))
    submit(visit.web_api, order.id)
    return see_other(f"{ORDERS}/{order.id}", done="submitted")


def take_back(visit: Visit, order_id: str) -> Response:
    """Makes a submitted order editable again, as long as the ERP has not taken it over."""
    order = visit.shown.required("salesorder", order_id)
    if order.text("lastbackofficesubmit"):
        text = "The ERP has taken it over already. Cancel it, or change it in the ERP."
        return order_card(visit, order_id, notice("Not taken back", kind=Kind.ERROR, body=text))
    visit.web_api.update(f"salesorders({order.id})", {"statecode": _ACTIVE, "statuscode": 1})
    return see_other(f"{ORDERS}/{order.id}", done="taken-back")


def cancel_form(visit: Visit, order_id: str) -> Response:
    """Asks once more before an order is canceled."""
    order = visit.shown.required("salesorder", order_id)
    address = f"{ORDERS}/{order.id}"
    reason = Field(name="description", caption="Reason", hint="It is kept with the order.")
    consequence = (
        "The ERP has this order: what is not shipped yet is canceled there with the next synchronization."
        if order.text("lastbackofficesubmit")
        else "The order does not go to the ERP any more."
    )
    content = form(".panel", method="post", action=f"{address}/cancel")[
        hidden(visit.hidden_fields),
        p[consequence],
        text_area(reason, rows=3, length_max=2000),
        div(".buttons")[form_button("Cancel the order", is_primary=True), action_link("Keep it", address)],
    ]
    return visit.page(
        Page(
            heading=f"Cancel {order.text('ordernumber')}?",
            subtitle=order.text("name"),
            content=content,
            crumbs=CRUMBS,
            is_narrow=True,
        )
    )


def cancel_order(visit: Visit, order_id: str) -> Response:
    """Cancels an order."""
    order = visit.shown.required("salesorder", order_id)
    activity = {
        "salesorderid@odata.bind": f"/salesorders({order.id})",
        "description": visit.form.text("description")[:2000] or None,
    }
    visit.web_api.call("CancelSalesOrder", {"OrderClose": activity, "Status": -1})
    return see_other(f"{ORDERS}/{order.id}", done="canceled")


def unlock_order(visit: Visit, order_id: str) -> Response:
    """Takes today's prices of the price list."""
    order = visit.shown.required("salesorder", order_id)
    visit.web_api.call("UnlockSalesOrderPricing", {"SalesOrderId": order.id})
    return see_other(f"{ORDERS}/{order.id}", done="priced")


def add_note(visit: Visit, order_id: str) -> Response:
    """Adds a note to the order's timeline."""
    order = visit.shown.required("salesorder", order_id)
    text = visit.form.text("note")[:_NOTE_LENGTH_MAX]
    if text:
        bind = {"objectid_salesorder@odata.bind": f"/salesorders({order.id})"}
        visit.web_api.create("annotations", {"notetext": text, **bind})
    return see_other(f"{ORDERS}/{order.id}", done="noted" if text else "")
