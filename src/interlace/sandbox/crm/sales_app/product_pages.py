"""Products with their prices and stock, and price lists with their products."""

from __future__ import annotations

from collections.abc import Sequence

from htpy import Element, Node, a

from interlace.sandbox.crm.sales_app.document_lists import link_to, when
from interlace.sandbox.crm.sales_app.order_progress import erp_number
from interlace.sandbox.crm.sales_app.shown_records import Shown, ShownRecords, both, containing, equals
from interlace.sandbox.crm.sales_app.stock_display import stock_notice, stock_text
from interlace.sandbox.crm.sales_app.visit import ROOT, Visit, with_parameters
from interlace.sandbox.entity_store import OrderColumn
from interlace.sandbox.exchange import Response
from interlace.ui.actions import action_bar
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, card, fact_box, facts, fast_tab
from interlace.ui.listing import Column, listing, pager, search_form
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page

_PRODUCTS = f"{ROOT}products"
_PRICE_LISTS = f"{ROOT}price-lists"
_CURRENCY_AMOUNT = 1


def product_list(visit: Visit) -> Response:
    """The active products by name, with their stock."""
    searched = visit.searched
    where = both(equals("statecode", 0), containing(("name", "productnumber"), searched))
    products, excerpt = visit.shown.page(
        "product", where, (OrderColumn("name"),), visit.parameters.text("page")
    )
    stock = visit.availability.of(visit.shown, [each.id for each in products])
    columns = (
        Column(caption="Name"),
        Column(caption="Number"),
        Column(caption="Unit"),
        Column(caption="Stock in the ERP"),
        Column(caption="ERP number"),
    )
    rows = [
        (
            link_to(each, "products"),
            each.text("productnumber"),
            each.label("defaultuomid"),
            stock_text(stock, each, visit.now),
            erp_number(each),
        )
        for each in products
    ]
    empty = (
        empty_state("No product matches", "Search by parts of the name or number.")
        if searched
        else empty_state("No products yet", "They come from the ERP's items with the synchronization.")
    )
    return visit.page(
        Page(
            heading="Products",
            notices=_present(stock_notice(stock)),
            content=(
                action_bar([search_form(_PRODUCTS, searched, placeholder="Name or number")]),
                listing(columns, rows, caption="Products", empty=empty),
                pager(excerpt, lambda page: with_parameters(_PRODUCTS, search=searched, page=page)),
            ),
        )
    )


def product_card(visit: Visit, product_id: str) -> Response:
    """One product with its price on every list and its stock."""
    shown = visit.shown
    product = shown.required("product", product_id)
    stock = visit.availability.of(shown, [product.id])
    prices = shown.listed("productpricelevel", equals("_productid_value", product.id))
    general = [
        Fact(caption="Number", value=product.text("productnumber")),
        Fact(caption="Unit group", value=product.label("defaultuomscheduleid")),
        Fact(caption="Default unit", value=product.label("defaultuomid")),
        Fact(caption="Decimals of a quantity", value=product.text("quantitydecimal")),
        Fact(caption="Default price list", value=product.label("pricelevelid")),
        Fact(caption="Description", value=product.text("description")),
    ]
    boxes = (
        fact_box("Stock in the ERP", stock_text(stock, product, visit.now)),
        fact_box("ERP", facts([Fact(caption="Number", value=erp_number(product) or "not coupled")])),
    )
    status = None if product.state == 0 else badge(product.label("statecode"), Tone.WARN)
    return visit.page(
        Page(
            heading=product.name,
            status=status,
            crumbs=(Crumb(caption="Products", address=_PRODUCTS),),
            notices=_present(stock_notice(stock)),
            content=card(
                (
                    fast_tab("General", facts(general), promoted=product.text("productnumber")),
                    fast_tab("Prices", _prices_of_product(shown, prices), promoted=len(prices)),
                ),
                boxes,
            ),
        )
    )


def _prices_of_product(shown: ShownRecords, prices: Sequence[Shown]) -> Element:
    columns = (
        Column(caption="Price list"),
        Column(caption="Unit"),
        Column(caption="Price", is_number=True),
        Column(caption="Source"),
        Column(caption="Changed"),
    )
    rows = [
        (
            a(href=f"{_PRICE_LISTS}/{each.lookup('pricelevelid')}")[each.label("pricelevelid") or "–"],
            each.label("uomid"),
            price_text(each),
            _source(each),
            when(each, "modifiedon"),
        )
        for each in prices
    ]
    return listing(
        columns,
        rows,
        caption="Prices",
        empty=empty_state("On no price list", "Orders need a price of their own for it."),
    )


def price_text(price: Shown) -> str:
    """What a price list item gives: an amount, or a percentage and of what."""
    if price.number("pricingmethodcode", _CURRENCY_AMOUNT) == _CURRENCY_AMOUNT:
        return price.money("amount")
    return f"{price.quantity('percentage')} % ({price.label('pricingmethodcode')})"


def _source(price: Shown) -> str:
    """Where a price comes from: the ERP's price line, or a person in the CRM."""
    return "ERP" if price.text("ilc_erpkey") else f"CRM, {price.label('modifiedby').removeprefix('# ')}"


def price_list_list(visit: Visit) -> Response:
    """The price lists by name."""
    searched = visit.searched
    lists, excerpt = visit.shown.page(
        "pricelevel", containing(("name",), searched), (OrderColumn("name"),), visit.parameters.text("page")
    )
    columns = (
        Column(caption="Name"),
        Column(caption="Currency"),
        Column(caption="Prices", is_number=True),
        Column(caption="Valid from"),
        Column(caption="Valid to"),
        Column(caption="Source"),
        Column(caption="State"),
    )
    rows = [
        (
            link_to(each, "price-lists"),
            each.label("transactioncurrencyid"),
            f"{visit.shown.count('productpricelevel', equals('_pricelevelid_value', each.id)):,}",
            each.text("begindate")[:10],
            each.text("enddate")[:10],
            _source(each),
            badge(each.label("statecode"), Tone.GOOD if each.state == 0 else Tone.NEUTRAL),
        )
        for each in lists
    ]
    empty = empty_state("No price lists", "They come from the ERP's price groups with the synchronization.")
    return visit.page(
        Page(
            heading="Price Lists",
            content=(
                action_bar([search_form(_PRICE_LISTS, searched, placeholder="Name")]),
                listing(columns, rows, caption="Price lists", empty=empty),
                pager(excerpt, lambda page: with_parameters(_PRICE_LISTS, search=searched, page=page)),
            ),
        )
    )


def price_list_card(visit: Visit, price_list_id: str) -> Response:
    """One price list with its prices."""
    shown = visit.shown
    price_list = shown.required("pricelevel", price_list_id)
    where = equals("_pricelevelid_value", price_list.id)
    prices, excerpt = shown.page("productpricelevel", where, (), visit.parameters.text("page"))
    columns = (
        Column(caption="Product"),
        Column(caption="Number"),
        Column(caption="Unit"),
        Column(caption="Price", is_number=True),
        Column(caption="Source"),
        Column(caption="Changed"),
    )
    rows = [
        (
            link_to(shown.find("product", each.lookup("productid")), "products"),
            each.text("productnumber"),
            each.label("uomid"),
            price_text(each),
            _source(each),
            when(each, "modifiedon"),
        )
        for each in prices
    ]
    address = f"{_PRICE_LISTS}/{price_list.id}"
    return visit.page(
        Page(
            heading=price_list.name,
            subtitle=price_list.label("transactioncurrencyid"),
            status=badge(price_list.label("statecode"), Tone.GOOD if price_list.state == 0 else Tone.NEUTRAL),
            crumbs=(Crumb(caption="Price Lists", address=_PRICE_LISTS),),
            content=(
                listing(columns, rows, caption="Prices", empty=empty_state("No prices on this list")),
                pager(excerpt, lambda page: with_parameters(address, page=page)),
            ),
        )
    )


def _present(notice: Node) -> Sequence[Node]:
    return () if notice is None else (notice,)
