"""Requests to Services: what was asked of both, and of one request plain words first, the exchange when asked for."""

from __future__ import annotations

from datetime import datetime

import msgspec
from htpy import Element, Node, a, p, pre
from litestar import Response, get
from litestar.params import FromPath

from interlace.domain.filter_language import quoted
from interlace.domain.keys import key_text
from interlace.management import requests
from interlace.management.listing import ListAsked, ListRow
from interlace.management.requests import (
    OUTCOME_CHOICES,
    REQUEST_COLUMNS,
    RequestRow,
    RequestShown,
    RequestsListed,
    ShowRequest,
)
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, card, facts, fast_tab
from interlace.ui.explained import Explained
from interlace.ui.keys import LOG
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Crumb, Page
from interlace.web.addresses import segment
from interlace.web.list_page import ListPage, is_narrowed, list_asked, shown_list
from interlace.web.list_panes import value_caption
from interlace.web.notice import said
from interlace.web.saved_views import FILTER, views_of
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit

_FIRST_SHOWN = frozenset({each.name for each in REQUEST_COLUMNS} - {"run_id", "correlation_id", "sequence"})
_TONES = {"done": Tone.GOOD, "throttled": Tone.WARN}
_OUTCOMES = {each.value: each.caption for each in OUTCOME_CHOICES}
_MINUTES = "15"


@get("/requests", opt=PAGE)
async def requests_page(visit: TheVisit) -> Response[str]:
    """The newest requests, or those that were asked for."""
    words = visit.words
    answer = await visit.ask(requests.LIST, msgspec.convert(list_asked(visit), ListAsked))
    shown = ListPage(
        path="/requests",
        columns=REQUEST_COLUMNS,
        first_shown=_FIRST_SHOWN,
        answer=answer,
        rows=answer.rows,
        caption=words.t("Requests to Services"),
        cells={
            "at": lambda row: _at(visit, _request(row)),
            "outcome": lambda row: _outcome(visit, _request(row)),
            "record": lambda row: key_text(_request(row).record),
            "message": lambda row: said(words, _request(row).message),
        },
        empty=empty_state(words.t("No request fits"))
        if is_narrowed(visit)
        else empty_state(
            words.t("No request went wrong"),
            words.t("Requests that go well are kept only while you ask for it."),
        ),
        export_list=requests.LIST.name,
        views=await views_of(visit, requests.LIST.name),
    )
    return visit.page(
        Page(
            heading=words.t("Requests to Services"),
            subtitle=words.t(
                "What Interlace asked of both services and went wrong, for a week; values of fields are hidden."
            ),
            content=[_keeping(visit, answer), shown_list(visit, shown)],
        )
    )


@get("/requests/{number:int}", opt=PAGE)
async def request_page(visit: TheVisit, number: FromPath[int]) -> Response[str]:
    """One request: what became of it, and with `raw` in the address what was sent and answered."""
    words = visit.words
    asked = ShowRequest(connection=visit.connection.name, sequence=number)
    found = await visit.ask(requests.SHOW, asked)
    exchange = (await visit.ask(requests.EXCHANGE, asked)).text if visit.query("raw") else ""
    each = found.request
    return visit.page(
        Page(
            heading=words.t("Request {number}", number=str(number)),
            crumbs=[Crumb(caption=words.t("Requests to Services"), address=visit.to("/requests"))],
            content=[
                _ways(visit, found),
                card(
                    [
                        notice(
                            said(words, found.told).rstrip("."),
                            kind=Kind.DONE if each.outcome == "done" else Kind.ERROR,
                            body=[
                                p[text]
                                for text in (said(words, each.message), said(words, found.next_step))
                                if text
                            ],
                        ),
                        fast_tab(words.t("General"), facts(_facts(visit, each))),
                        _exchange(visit, number, exchange),
                    ],
                    captions=words.captions,
                ),
            ],
        )
    )


PAGES = (requests_page, request_page)


def _request(row: ListRow) -> RequestRow:
    assert isinstance(row, RequestRow)
    return row


def _at(visit: Visit, each: RequestRow) -> Element:
    shown = visit.words.datetime(datetime.fromisoformat(each.at), seconds=True)
    return a(href=visit.to(f"/requests/{each.sequence}"))[shown]


def _outcome(visit: Visit, each: RequestRow) -> Element:
    caption = _OUTCOMES.get(each.outcome, "")
    return badge(visit.words.pattern(caption), _TONES.get(each.outcome, Tone.BAD))


def _keeping(visit: Visit, answer: RequestsListed) -> Node:
    """Offer to keep everything for a while, or say until when that is done."""
    words = visit.words
    if answer.whole_until is not None:
        return notice(
            words.t("All requests are kept until {moment}", moment=words.datetime(answer.whole_until)),
            actions=visit.action(
                requests.KEEP_WHOLE, {"minutes": "0"}, Button(caption=words.t("Keep Only What Goes Wrong"))
            ),
        )
    caption = words.t("Keep All Requests for {minutes} Minutes", minutes=_MINUTES)
    return action_bar(
        [visit.action(requests.KEEP_WHOLE, {"minutes": _MINUTES}, Button(caption=caption))],
        captions=words.captions,
    )


def _ways(visit: Visit, found: RequestShown) -> Element | None:
    words, each = visit.words, found.request
    ways: list[Node] = []
    if found.job_id:
        job = visit.to(f"/jobs/{segment(found.job_id)}")
        ways.append(action_link(words.t("Job"), job, keys=LOG, tooltip=words.t("Open the job that did it.")))
    if each.mapping and each.record:
        path = f"/records/{segment(each.mapping)}/{segment(each.record)}"
        query = {"side": "crm"} if each.side == "crm" else {}
        told = words.t("Open the record that it was about.")
        ways.append(action_link(words.t("Record"), visit.to(path, query), tooltip=told))
    if each.run_id:
        query = {f"{FILTER}run_id": quoted(each.run_id)}
        ways.append(action_link(words.t("Requests of the Run"), visit.to("/requests", query)))
    return action_bar(ways, captions=words.captions) if ways else None


def _facts(visit: Visit, each: RequestRow) -> list[Fact]:
    words = visit.words
    entries = []
    for column in REQUEST_COLUMNS:
        held = getattr(each, column.name)
        shown: Node = "" if held is None else value_caption(visit, column, held)
        if column.name == "at":
            shown = words.datetime(datetime.fromisoformat(each.at), seconds=True)
        elif column.name == "record":
            shown = key_text(each.record)
        elif column.name == "message":
            continue
        entries.append(Fact(caption=Explained(words.t(column.caption), words.t(column.tooltip)), value=shown))
    return entries


def _exchange(visit: Visit, number: int, exchange: str) -> Element:
    """Show what was sent and answered, or offer it."""
    words = visit.words
    heading = words.t("Request and Answer")
    if exchange:
        return fast_tab(heading, pre(".told", tabindex="0", role="region", aria_label=heading)[exchange])
    told = p(".quiet-text")[
        words.t("Values of fields and secrets are hidden; that you looked is kept in the audit log.")
    ]
    if not visit.may(requests.EXCHANGE.permission):
        return fast_tab(heading, [told, p[words.t("You don't have the permission for this")]], is_open=False)
    link = action_link(
        words.t(requests.EXCHANGE.caption),
        visit.to(f"/requests/{number}", {"raw": "1"}),
        tooltip=words.t(requests.EXCHANGE.tooltip),
    )
    return fast_tab(heading, [told, link])
