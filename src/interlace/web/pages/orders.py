"""Sales Orders: where each CRM order is, what holds it, both totals, and its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec
from htpy import Element, Node, a, p
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from interlace.locale.correlation import correlation_of
from interlace.management import orders
from interlace.management.listing import ListRow
from interlace.management.orders import (
    ORDER_COLUMNS,
    ORDER_STAGES,
    ListOrders,
    OrderEvent,
    OrderProblem,
    OrderRow,
    OrderShown,
    OrdersListed,
    ShowOrder,
)
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link, outside_link
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, card, fact_box, facts, fast_tab
from interlace.ui.keys import LOG, STATISTICS
from interlace.ui.listing import view_menu
from interlace.ui.notices import Kind, dismissable, empty_state, notice
from interlace.ui.shell import Crumb, NavigationItem, Page
from interlace.ui.timeline import Event, timeline
from interlace.web.addresses import segment
from interlace.web.copied_details import ToldError, copied_details
from interlace.web.list_page import ListPage, list_asked, shown_list
from interlace.web.neighbours import (
    NEIGHBOURS,
    CardList,
    back_to_list,
    list_here,
    neighbour_links,
    opened,
    to_neighbour,
)
from interlace.web.notice import said
from interlace.web.order_parts import line_tabs
from interlace.web.request import TheAccounts
from interlace.web.saved_views import views_of
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit, live

_PATH = "/orders"
_ROWS = 50
_TONES = {
    "Open": Tone.BUSY,
    "Released": Tone.BUSY,
    "Partially Shipped": Tone.BUSY,
    "Shipped": Tone.BUSY,
    "Partially Invoiced": Tone.BUSY,
    "Invoiced": Tone.GOOD,
    "Paid": Tone.GOOD,
    "Deleted": Tone.WARN,
    "Being Created": Tone.BUSY,
    "Taken Back": Tone.WARN,
    "Gone": Tone.WARN,
}
_STAGES = {each.value: (each.caption, _TONES.get(each.value, Tone.NEUTRAL)) for each in ORDER_STAGES}
_KINDS = {
    "created": (translatable("Created in the ERP"), Tone.GOOD),
    "adopted": (translatable("Found in the ERP"), Tone.GOOD),
    "released": (translatable("Released"), Tone.GOOD),
    "changed": (translatable("Changed"), Tone.NEUTRAL),
    "inserted": (translatable("Added"), Tone.NEUTRAL),
    "performed": (translatable("Done"), Tone.NEUTRAL),
    "removed": (translatable("Removed"), Tone.WARN),
    "held": (translatable("Held"), Tone.WARN),
    "stage": (translatable("Moved on"), Tone.GOOD),
    "finished": (translatable("Finished"), Tone.GOOD),
    "unanswered": (translatable("No answer"), Tone.WARN),
}


@get(_PATH, opt=PAGE)
async def orders_page(visit: TheVisit) -> Response[str]:
    """Every order, by stage."""
    words = visit.words
    found = await visit.ask(orders.LIST, _asked(visit))
    notices = (
        [
            notice(
                words.t("Customers and amounts are missing"),
                kind=Kind.WARNING,
                body=said(words, found.unread),
            )
        ]
        if found.unread
        else []
    )
    return visit.page(
        Page(
            heading=words.t("Sales Orders"),
            subtitle=words.t("CRM orders that were submitted, on their way through the ERP."),
            notices=notices,
            content=live(
                "orders",
                [
                    action_bar(
                        [visit.action(orders.PROCESS, look=Button(is_primary=True))],
                        [action_link(words.t("Item Availability"), visit.to("/availability"))],
                        captions=words.captions,
                    ),
                    _views(visit, found),
                    shown_list(visit, await _list(visit, found)),
                ],
            ),
        )
    )


@get("/orders/{order:str}", opt=PAGE)
async def order_page(visit: TheVisit, order: FromPath[str]) -> Response[str]:
    """One order with its timeline."""
    words = visit.words
    held = await visit.ask(orders.SHOW, ShowOrder(connection=visit.connection.name, order=order))
    caption, tone = _STAGES.get(held.order.stage, (held.order.stage, Tone.NEUTRAL))
    status = [badge(said(words, caption), tone)]
    if held.order.is_held:
        status.append(badge(words.t("Held"), Tone.WARN))
    return visit.page(
        Page(
            heading=words.t("Order {order}", order=held.order.title),
            subtitle=held.order.customer,
            status=status,
            crumbs=[back_to_list(visit, Crumb(caption=words.t("Sales Orders"), address=visit.to(_PATH)))],
            content=live(
                "order",
                [
                    _actions(visit, held, neighbour_links(visit, _address(visit, order))),
                    _problems(visit, held),
                    _card(visit, held),
                ],
            ),
        )
    )


@get(f"{NEIGHBOURS}{_PATH}", opt=PAGE)
async def order_beside(visit: TheVisit, accounts: TheAccounts) -> Redirect:
    """Lead to the order beside one in the list."""
    listed = CardList(
        path=_PATH,
        operation=orders.LIST,
        asked=_asked(visit),
        cards=lambda found: [_address(visit, each.key) for each in found.rows],
    )
    return await to_neighbour(visit, accounts, listed)


PAGES = (orders_page, order_page)
BESIDE = (order_beside,)


def _asked(visit: Visit) -> ListOrders:
    more = {
        "stage": visit.query("stage"),
        "held": True if visit.query("held") == "1" else None,
        "under_way": visit.query("under_way") == "1",
    }
    return msgspec.convert({**list_asked(visit, rows=_ROWS), **more}, ListOrders)


def _address(visit: Visit, order: str) -> str:
    return visit.to(f"{_PATH}/{segment(order)}")


def _views(visit: Visit, found: OrdersListed) -> Element:
    words = visit.words
    stage, is_held = visit.query("stage"), visit.query("held") == "1"
    held = sum(each.held for each in found.stages)
    total = sum(each.orders for each in found.stages)
    under_way = sum(each.orders for each in found.stages if not each.has_ended)
    is_under_way = visit.query("under_way") == "1"
    items = [
        NavigationItem(
            caption=words.t("All ({count})", count=total),
            address=visit.to("/orders"),
            is_current=not stage and not is_held and not is_under_way,
        ),
        NavigationItem(
            caption=words.t("Under way ({count})", count=under_way),
            address=visit.to("/orders", {"under_way": "1"}),
            is_current=is_under_way,
        ),
        NavigationItem(
            caption=words.t("Held ({count})", count=held),
            address=visit.to("/orders", {"held": "1"}),
            is_current=is_held,
        ),
    ]
    items += [
        NavigationItem(
            caption=words.t(
                "{stage} ({count})",
                stage=said(words, _STAGES.get(each.stage, (each.stage,))[0]),
                count=each.orders,
            ),
            address=visit.to("/orders", {"stage": each.stage}),
            is_current=stage == each.stage,
        )
        for each in found.stages
        if each.stage
    ]
    return view_menu(items, captions=words.captions)


def _order(row: ListRow) -> OrderRow:
    assert isinstance(row, OrderRow)
    return row


async def _list(visit: Visit, found: OrdersListed) -> ListPage:
    words = visit.words

    def stage(row: ListRow) -> Node:
        """Say where it is, and whether it is held."""
        each = _order(row)
        caption, tone = _STAGES.get(each.stage, (each.stage, Tone.NEUTRAL))
        held = [" ", badge(words.t("Held"), Tone.WARN)] if each.is_held else []
        return [badge(said(words, caption), tone), *held]

    def amount(row: ListRow) -> str:
        """Write the amount in its currency."""
        each = _order(row)
        return words.money(each.total, each.currency) if each.total is not None else ""

    def title(row: ListRow) -> Node:
        """Lead to the card."""
        each = _order(row)
        return a(href=opened(_address(visit, each.key), listed, places[each.key]))[each.title]

    listed = list_here(visit, _PATH)
    places = {each.key: place for place, each in enumerate(found.rows)}
    fixed = {name: visit.query(name) for name in ("stage", "held", "under_way")}
    return ListPage(
        path=_PATH,
        columns=ORDER_COLUMNS,
        first_shown=frozenset(each.name for each in ORDER_COLUMNS) - {"is_held", "currency"},
        answer=found,
        rows=found.rows,
        caption=words.t("Sales Orders"),
        cells={
            "title": title,
            "stage": stage,
            "total": amount,
            "since": lambda row: words.datetime(_order(row).since),
            "problems": lambda row: " ".join(said(words, each.what) for each in _order(row).problems),
        },
        fixed=fixed,
        asked={name: value for name, value in fixed.items() if value},
        empty=empty_state(
            words.t("There are no such orders"),
            words.t("An order appears here once it is submitted in the CRM and was looked at."),
        ),
        export_list=orders.LIST.name,
        views=await views_of(visit, orders.LIST.name),
    )


def _actions(visit: Visit, held: OrderShown, beside: Sequence[Node]) -> Element | None:
    words = visit.words
    outside = [
        outside_link(caption, link)
        for caption, link in (
            (words.t("Open in CRM"), held.crm_link),
            (words.t("Open in ERP"), held.erp_link),
        )
    ]
    return action_bar(
        beside,
        [
            visit.action(
                orders.RETRY,
                {"order": held.order.key},
                Button(
                    is_primary=held.order.is_held,
                    why_not="" if held.order.is_held else words.t("Nothing holds the order"),
                ),
            )
        ],
        [
            *outside,
            action_link(words.t("Journal"), visit.to("/journal", {"key": held.order.key}), keys=LOG),
        ],
        captions=words.captions,
    )


def _problems(visit: Visit, held: OrderShown) -> Element | None:
    words = visit.words
    shown = [
        notice(
            said(words, each.what),
            kind=Kind.WARNING,
            body=[p[said(words, each.remedy)], copied_details(words, _details(visit, held, each))],
        )
        for each in held.order.problems
    ]
    if held.unread:
        shown.append(
            notice(
                words.t("Lines and totals could not be read"),
                kind=Kind.WARNING,
                body=said(words, held.unread),
            )
        )
    return dismissable(shown, captions=words.captions)


def _details(visit: Visit, held: OrderShown, problem: OrderProblem) -> ToldError:
    return ToldError(
        what=said(visit.words, problem.what),
        why=said(visit.words, problem.remedy),
        code=problem.code,
        record=held.order.key,
        reference=held.order.title,
        correlation_id=correlation_of(problem.what),
        at=held.order.since,
    )


def _card(visit: Visit, held: OrderShown) -> Element:
    words = visit.words
    currency = held.order.currency
    crm = [
        Fact(caption=words.t("Without tax"), value=_money(visit, held.crm_net, currency), is_number=True),
        Fact(caption=words.t("Tax"), value=_money(visit, held.crm_tax, currency), is_number=True),
        Fact(caption=words.t("Total"), value=_money(visit, held.order.total, currency), is_number=True),
    ]
    erp = [
        Fact(caption=words.t("ERP Order"), value=held.order.erp_number),
        Fact(caption=words.t("Posted Invoices"), value=", ".join(held.erp_invoices)),
        Fact(caption=words.t("Without tax"), value=_money(visit, held.erp_net, currency), is_number=True),
        Fact(caption=words.t("Total"), value=_money(visit, held.erp_total, currency), is_number=True),
    ]
    events = [_event(visit, each) for each in reversed(held.events)]
    return card(
        [
            fast_tab(
                words.t("Timeline"),
                timeline(events, empty=empty_state(words.t("Nothing has happened yet"))),
            ),
            *line_tabs(words, held),
            fast_tab(words.t("Totals"), p[said(words, held.comparison)]) if held.comparison else None,
        ],
        [fact_box(words.t("CRM"), facts(crm), keys=STATISTICS), fact_box(words.t("ERP"), facts(erp))],
        captions=words.captions,
    )


def _money(visit: Visit, value: Decimal | None, currency: str) -> Node:
    return visit.words.money(value, currency) if value is not None else None


def _event(visit: Visit, each: OrderEvent) -> Event:
    words = visit.words
    caption, tone = _KINDS.get(each.kind, (each.kind, Tone.NEUTRAL))
    return Event(
        moment=each.at,
        title=said(words, caption),
        text=said(words, each.text),
        tone=tone,
        shown_moment=words.datetime(each.at, seconds=True),
    )
