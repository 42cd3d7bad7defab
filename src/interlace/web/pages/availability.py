"""Item Availability: whether CRM users can look up the stock, and the stock of one item."""

from __future__ import annotations

from datetime import datetime, timedelta

from htpy import Element, Node, details, div, form, summary
from litestar import Response, get

from interlace.management import availability
from interlace.management.availability import AvailabilityShown, ShowAvailability, ShowStock, Stock
from interlace.management.permission import Permission
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, card, facts, fast_tab
from interlace.ui.fields import Field, text_field
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Page, hidden
from interlace.web.addresses import DO
from interlace.web.notice import said
from interlace.web.security import PAGE
from interlace.web.visit import RETURN_TO, Button, TheVisit, Visit


@get("/availability", opt=PAGE)
async def availability_page(visit: TheVisit) -> Response[str]:
    """How item availability stands."""
    words = visit.words
    name = visit.connection.name
    shown = await visit.ask(availability.SHOW, ShowAvailability(connection=name))
    item = visit.query("item").strip()
    stock = await visit.ask(availability.STOCK, ShowStock(connection=name, item=item)) if item else None
    status = (
        badge(words.t("Published"), Tone.GOOD)
        if shown.is_published
        else badge(words.t("Not published"), Tone.NEUTRAL)
    )
    return visit.page(
        Page(
            heading=words.t("Item Availability"),
            subtitle=words.t("CRM users see the ERP's stock of the moment on the order line."),
            status=status,
            notices=_notices(visit, shown),
            content=[
                _actions(visit, shown),
                card(
                    [
                        fast_tab(words.t("General"), _facts(visit, shown)),
                        fast_tab(words.t("Stock of an Item"), _stock(visit, item, stock)),
                    ],
                    captions=words.captions,
                ),
            ],
        )
    )


PAGES = (availability_page,)


def _notices(visit: Visit, shown: AvailabilityShown) -> list[Node]:
    words = visit.words
    told: list[Node] = []
    if shown.problem:
        told.append(
            notice(words.t("The ERP lacks something"), kind=Kind.WARNING, body=said(words, shown.problem))
        )
    if shown.refusal:
        told.append(
            notice(words.t("CRM users can't sign in"), kind=Kind.ERROR, body=said(words, shown.refusal))
        )
    return told


def _actions(visit: Visit, shown: AvailabilityShown) -> Element | None:
    words = visit.words
    unpublish = Button(
        confirm=words.t("CRM users will not see the stock any more. Go on?"),
        why_not="" if shown.is_published else words.t("It is not published"),
    )
    return action_bar(
        [
            visit.action(availability.PUBLISH, look=Button(is_primary=not shown.is_published)),
            visit.action(availability.UNPUBLISH, look=unpublish),
        ],
        [action_link(words.t("Items"), visit.to("/records/ITEM-PRODUCT"))],
        captions=words.captions,
    )


def _facts(visit: Visit, shown: AvailabilityShown) -> Element:
    words = visit.words
    expires = words.datetime(datetime.fromisoformat(shown.expires)) if shown.expires else None
    entries = [
        Fact(caption=words.t("Address"), value=shown.url),
        Fact(caption=words.t("User"), value=shown.user),
        Fact(caption=words.t("The sign-in ends"), value=expires),
        Fact(caption=words.t("Coupled items"), value=words.number(shown.coupled), is_number=True),
        Fact(caption=words.t("Items that differ"), value=words.number(shown.differing), is_number=True),
    ]
    return div[facts(entries), _own_user(visit)]


def _own_user(visit: Visit) -> Node:
    words = visit.words
    if not visit.may(Permission.MANAGE_CONNECTION):
        return None
    return details(".advanced")[
        summary[words.t("Publish with a user of its own")],
        form(method="post", action=f"{DO}/availability/publish")[
            hidden([("connection", visit.connection.name), (RETURN_TO, visit.here)]),
            text_field(
                Field(
                    name="user",
                    caption=words.t("ERP user who may only read the feed"),
                    hint=words.t("CRM users can read its key: the user must have no other right."),
                )
            ),
            text_field(
                Field(name="key", caption=words.t("Web service access key")),
                kind="password",
                autocomplete="off",
            ),
            text_field(Field(name="erp_url", caption=words.t("Address of the ERP's web client"))),
            form_button(words.t("Publish")),
        ],
    ]


def _stock(visit: Visit, item: str, stock: Stock | None) -> Element:
    words = visit.words
    asked = form(".filters", method="get", action="/availability")[
        hidden(visit.kept),
        text_field(Field(name="item", caption=words.t("Item No."), value=item)),
        form_button(words.t("Look up")),
    ]
    if stock is None:
        return div[asked]
    entries = [
        Fact(caption=words.t("Item No."), value=stock.item),
        Fact(caption=words.t("Product"), value=stock.product),
        Fact(caption=words.t("In stock"), value=words.number(stock.inventory), is_number=True),
        Fact(
            caption=words.t("Projected"),
            value=words.number(stock.projected) if stock.projected is not None else None,
            is_number=True,
        ),
        Fact(caption=words.t("Unit"), value=stock.unit),
        Fact(caption=words.t("Age"), value=words.duration(timedelta(seconds=round(stock.age_seconds)))),
        Fact(caption=words.t("Source"), value=said(words, stock.source)),
    ]
    return div[asked, facts(entries)]
