"""Job Queue Entries: recurring jobs with their next run, and what ran."""

from __future__ import annotations

from datetime import datetime

from htpy import Element, Node, a, div, form, h2, section
from htpy import input as input_
from litestar import Response, get

from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.locale.correlation import correlation_of
from interlace.management import queue
from interlace.management.permission import Permission
from interlace.management.queue import QueueRow, ShowQueue
from interlace.ui.actions import form_button
from interlace.ui.badge import badge
from interlace.ui.listing import Column, listing, view_menu
from interlace.ui.notices import empty_state
from interlace.ui.shell import NavigationItem, Page, hidden
from interlace.web.addresses import DO, segment
from interlace.web.copied_details import ToldError, copied_details
from interlace.web.notice import said
from interlace.web.security import PAGE
from interlace.web.statuses import status_text, status_tone
from interlace.web.visit import RETURN_TO, TheVisit, Visit, live

_FAILED = JobQueueEntryStatus.ERROR.value


@get("/queue", opt=PAGE)
async def queue_page(visit: TheVisit) -> Response[str]:
    """The job queue of the connection."""
    words = visit.words
    status = _FAILED if visit.query("status") == _FAILED else ""
    held = await visit.ask(queue.LIST, ShowQueue(connection=visit.connection.name, status=status))
    mapping = visit.query("mapping")
    entries = [each for each in held.entries if not mapping or each.mapping == mapping]
    return visit.page(
        Page(
            heading=words.t("Job Queue Entries"),
            subtitle=words.t("What runs by itself and when, and what ran."),
            content=live(
                "queue",
                [
                    _views(visit, status),
                    # The lists are the landmarks: they have the same names.
                    section(".part")[
                        h2("#recurring")[words.t("Recurring")], _recurring(visit, held.recurring, status)
                    ],
                    section(".part")[h2("#runs")[words.t("Runs")], _entries(visit, entries, status)],
                ],
            ),
        )
    )


PAGES = (queue_page,)


def _views(visit: Visit, status: str) -> Element:
    words = visit.words
    items = [
        NavigationItem(caption=words.t("All"), address=visit.to("/queue"), is_current=not status),
        NavigationItem(
            caption=words.t("Failed jobs"),
            address=visit.to("/queue", {"status": _FAILED}),
            is_current=status == _FAILED,
        ),
    ]
    return view_menu(items, captions=words.captions)


def _recurring(visit: Visit, rows: tuple[QueueRow, ...], status: str) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Job")),
        Column(caption=words.t("Status")),
        Column(caption=words.t("Every")),
        Column(caption=words.t("Next run"), is_whole=True),
        Column(caption=words.t("Last run"), is_whole=True),
        Column(caption=words.t("Message")),
        Column(caption=words.t("Actions"), is_caption_hidden=True),
    ]
    return listing(
        columns,
        [_recurring_row(visit, each) for each in rows],
        caption=words.t("Recurring"),
        empty=empty_state(words.t("None of these jobs failed"))
        if status
        else empty_state(
            words.t("Nothing runs by itself"),
            words.t("Recurring jobs begin when the connection is enabled."),
        ),
    )


def _recurring_row(visit: Visit, each: QueueRow) -> list[Node]:
    words = visit.words
    return [
        _name(visit, each),
        badge(status_text(words, each.status), status_tone(each.status)),
        _minutes(visit, each),
        _moment(visit, each.next_at),
        _moment(visit, each.finished_at or each.started_at),
        _message(visit, each),
        _actions(visit, each),
    ]


def _name(visit: Visit, each: QueueRow) -> Node:
    if not each.mapping:
        return said(visit.words, each.caption)
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
        form_button(words.t("Save")),
    ]


def _actions(visit: Visit, each: QueueRow) -> Node:
    if not each.mapping:
        return ""
    sent = {"mapping": each.mapping}
    toggle = queue.RESUME if each.status == "On Hold" and not each.held_because else queue.HOLD
    return div(".row-buttons")[visit.action(queue.RUN, sent), visit.action(toggle, sent)]


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


def _moment(visit: Visit, at: datetime | None) -> str:
    return visit.words.datetime(at) if at is not None else ""


def _entries(visit: Visit, rows: list[QueueRow], status: str) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Job")),
        Column(caption=words.t("Kind")),
        Column(caption=words.t("Status")),
        Column(caption=words.t("Started"), is_whole=True),
        Column(caption=words.t("Finished"), is_whole=True),
        Column(caption=words.t("Message")),
    ]
    return listing(
        columns,
        [
            [
                _name(visit, each),
                words.t(each.kind),
                badge(status_text(words, each.status), status_tone(each.status)),
                _moment(visit, each.started_at),
                _moment(visit, each.finished_at),
                _message(visit, each),
            ]
            for each in rows
        ],
        caption=words.t("Runs"),
        empty=empty_state(words.t("None of these jobs failed") if status else words.t("Nothing ran yet")),
    )
