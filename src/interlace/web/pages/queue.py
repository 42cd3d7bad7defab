"""Job Queue Entries: recurring jobs with their next run, and what ran."""

from __future__ import annotations

from datetime import datetime

import msgspec
from htpy import Element, Node, a, div, form, span
from htpy import input as input_
from litestar import Response, get

from interlace.domain.filter_language import quoted
from interlace.domain.job_queue_entry import JobQueueEntryKind, JobQueueEntryStatus
from interlace.locale.correlation import correlation_of
from interlace.management import queue, reviews
from interlace.management.listing import ListRow
from interlace.management.permission import Permission
from interlace.management.queue import QUEUE_COLUMNS, QueueRow, ShowQueue
from interlace.management.translatable import translatable
from interlace.ui.actions import form_button
from interlace.ui.badge import badge
from interlace.ui.listing import view_menu
from interlace.ui.notices import empty_state
from interlace.ui.shell import NavigationItem, Page, hidden
from interlace.web.addresses import DO, segment
from interlace.web.copied_details import ToldError, copied_details
from interlace.web.list_page import ListPage, is_narrowed, list_asked, shown_list
from interlace.web.notice import said
from interlace.web.saved_views import views_of
from interlace.web.security import PAGE
from interlace.web.statuses import status_text, status_tone
from interlace.web.visit import RETURN_TO, Button, TheVisit, Visit, live

_FAILED = JobQueueEntryStatus.ERROR.value
_FULL_SYNCH = JobQueueEntryKind.FULL_SYNCH.value
_RESTART = translatable("Restart")
_ROWS = 50
_FIRST_SHOWN = frozenset(each.name for each in QUEUE_COLUMNS) - {"kind", "is_recurring", "finished_at"}


@get("/queue", opt=PAGE)
async def queue_page(visit: TheVisit) -> Response[str]:
    """The job queue of the connection."""
    words = visit.words
    found = await visit.ask(queue.LIST, msgspec.convert(list_asked(visit, rows=_ROWS), ShowQueue))
    shown = ListPage(
        path="/queue",
        columns=QUEUE_COLUMNS,
        first_shown=_FIRST_SHOWN,
        answer=found,
        rows=found.rows,
        caption=words.t("Job Queue Entries"),
        cells={
            "mapping": lambda row: _name(visit, _entry(row)),
            "status": lambda row: badge(
                status_text(words, _entry(row).status), status_tone(_entry(row).status)
            ),
            "minutes": lambda row: _minutes(visit, _entry(row)),
            "next_at": lambda row: _moment(visit, _entry(row).next_at),
            "started_at": lambda row: _started(visit, _entry(row)),
            "finished_at": lambda row: _moment(visit, _entry(row).finished_at),
            "message": lambda row: _message(visit, _entry(row)),
        },
        actions_of=lambda row: _actions(visit, _entry(row)),
        empty=empty_state(words.t("No job fits"))
        if is_narrowed(visit)
        else empty_state(
            words.t("Nothing runs by itself"),
            words.t("Recurring jobs begin when the connection is enabled."),
        ),
        export_list=queue.LIST.name,
        views=await views_of(visit, queue.LIST.name),
    )
    return visit.page(
        Page(
            heading=words.t("Job Queue Entries"),
            subtitle=words.t("What runs by itself and when, and what ran."),
            content=[_views(visit), live("queue", shown_list(visit, shown))],
        )
    )


PAGES = (queue_page,)


def _entry(row: ListRow) -> QueueRow:
    assert isinstance(row, QueueRow)
    return row


def _views(visit: Visit) -> Element:
    words = visit.words
    views: tuple[tuple[str, dict[str, str]], ...] = (
        (words.t("All"), {}),
        (words.t("Recurring"), {"filters.is_recurring": "yes"}),
        (words.t("Runs"), {"filters.is_recurring": "no"}),
        (words.t("Failed jobs"), {"filters.status": _FAILED}),
    )
    now = {
        name: visit.query(name) for name in ("filters.is_recurring", "filters.status") if visit.query(name)
    }
    items = [
        NavigationItem(caption=caption, address=visit.to("/queue", query), is_current=query == now)
        for caption, query in views
    ]
    return view_menu(items, captions=words.captions)


def _name(visit: Visit, each: QueueRow) -> Node:
    if not each.mapping:
        return said(visit.words, each.caption or each.kind)
    shown = a(href=visit.to(f"/mappings/{segment(each.mapping)}"))[each.mapping]
    if not each.caption or each.caption == each.mapping:
        return shown
    return [shown, div(".quiet-text.small")[said(visit.words, each.caption)]]


def _minutes(visit: Visit, each: QueueRow) -> Node:
    words = visit.words
    if each.minutes is None:
        return ""
    told = words.n("{count} minute", "{count} minutes", each.minutes)
    if not visit.may(Permission.MANAGE_CONNECTION):
        return told
    sent = visit.fields_of(queue.SET_MINUTES, {"mapping": each.mapping})
    return form(".inline", method="post", action=f"{DO}/queue/set_minutes")[
        hidden([*sent.items(), (RETURN_TO, visit.here)]),
        input_(
            ".minutes",
            type="number",
            name="minutes",
            min="1",
            max="1440",
            value=str(each.minutes),
            aria_label=words.t("Minutes between two runs of {mapping}", mapping=each.mapping),
        ),
        span(aria_hidden="true")[words.t("min")],
        form_button(words.t("Save")),
    ]


def _actions(visit: Visit, each: QueueRow) -> Node:
    sent = {"mapping": each.mapping}
    shown: list[Node] = []
    if each.is_recurring and each.mapping:
        toggle = queue.RESUME if each.is_paused else queue.HOLD
        again = Button(caption=_RESTART) if each.status == _FAILED else Button()
        shown = [visit.action(queue.RUN, sent, again), visit.action(toggle, sent)]
    elif each.status == _FAILED and each.mapping:
        shown = [visit.action(queue.RUN, sent, Button(caption=_RESTART))]
    elif each.status == _FAILED and each.kind == _FULL_SYNCH:
        shown = [visit.action(reviews.RESTART)]
    return div(".row-buttons")[shown] if shown else ""


def _started(visit: Visit, each: QueueRow) -> Node:
    """Say when the last run began, and lead to the jobs that the entry has run, each with its log."""
    if each.started_at is None:
        return ""
    query = {"filters.run_id": quoted(each.run_id)} if each.run_id else {}
    if each.mapping:
        query["filters.mapping"] = quoted(each.mapping)
    shown = _moment(visit, each.started_at)
    return visit.linked(shown, "/jobs", query) if query else shown


def _moment(visit: Visit, at: datetime | None) -> str:
    return visit.words.datetime(at) if at is not None else ""


def _message(visit: Visit, each: QueueRow) -> Node:
    """Say why an entry is held or failed, with what is copied of a failure."""
    words = visit.words
    text = said(words, each.held_because or each.message)
    if each.status != _FAILED or not each.message:
        return text
    told = ToldError(
        what=said(words, each.message),
        code=each.status,
        mapping=each.mapping,
        job=each.id,
        correlation_id=correlation_of(each.message),
        at=each.finished_at or each.started_at,
    )
    return [text, copied_details(words, told)]
