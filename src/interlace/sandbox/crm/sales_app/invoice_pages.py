"""Invoices: they come from the ERP and are read here."""

from __future__ import annotations

from interlace.sandbox.crm.sales_app.document_lists import (
    customer_link,
    day,
    invoice_table,
    line_table,
    link_to,
    state_badge,
)
from interlace.sandbox.crm.sales_app.order_progress import erp_number, notes_of
from interlace.sandbox.crm.sales_app.shown_records import containing, equals
from interlace.sandbox.crm.sales_app.totals import totals
from interlace.sandbox.crm.sales_app.visit import ROOT, Visit, with_parameters
from interlace.sandbox.entity_store import OrderColumn
from interlace.sandbox.exchange import Response
from interlace.ui.actions import action_bar
from interlace.ui.card import Fact, card, fact_box, facts, fast_tab
from interlace.ui.listing import pager, search_form
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page
from interlace.ui.timeline import timeline

_INVOICES = f"{ROOT}invoices"


def invoice_list(visit: Visit) -> Response:
    """The invoices, newest first."""
    searched = visit.searched
    invoices, excerpt = visit.shown.page(
        "invoice",
        containing(("invoicenumber", "name"), searched),
        (OrderColumn("createdon", descending=True),),
        visit.parameters.text("page"),
    )
    empty = (
        empty_state("No invoice matches", "Search by parts of the number or name.")
        if searched
        else empty_state("No invoices yet", "They come from the ERP when an order is invoiced.")
    )
    return visit.page(
        Page(
            heading="Invoices",
            content=(
                action_bar([search_form(_INVOICES, searched, placeholder="Number or name")]),
                invoice_table(invoices, empty),
                pager(excerpt, lambda page: with_parameters(_INVOICES, search=searched, page=page)),
            ),
        )
    )


def invoice_card(visit: Visit, invoice_id: str) -> Response:
    """One invoice with its lines."""
    shown = visit.shown
    invoice = shown.required("invoice", invoice_id)
    lines = shown.listed(
        "invoicedetail", equals("_invoiceid_value", invoice.id), (OrderColumn("lineitemnumber"),)
    )
    order = shown.find("salesorder", invoice.lookup("salesorderid"))
    general = [
        Fact(caption="Account", value=customer_link(invoice)),
        Fact(
            caption="Order",
            value=link_to(order, "orders", "" if order is None else order.text("ordernumber")),
        ),
        Fact(caption="Name", value=invoice.text("name")),
        Fact(caption="Due", value=day(invoice, "duedate")),
        Fact(caption="Currency", value=invoice.label("transactioncurrencyid")),
        Fact(caption="Bill to", value=invoice.text("billto_composite")),
    ]
    erp = facts([Fact(caption="Invoice", value=erp_number(invoice) or "not from the ERP")])
    notes = notes_of(shown, invoice)
    return visit.page(
        Page(
            heading=invoice.text("invoicenumber") or invoice.name,
            status=state_badge(invoice),
            crumbs=(Crumb(caption="Invoices", address=_INVOICES),),
            content=card(
                (
                    fast_tab("General", facts(general), promoted=invoice.label("customerid")),
                    fast_tab(
                        "Lines", (line_table(lines), totals(invoice)), promoted=invoice.money("totalamount")
                    ),
                ),
                [fact_box("ERP", erp), *([fact_box("Notes", timeline(notes))] if notes else [])],
            ),
        )
    )
