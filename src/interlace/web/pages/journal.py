"""Journal: who changed which field from what to what, and in which job."""

from __future__ import annotations

from typing import Final

import msgspec
from htpy import Element, Node, a, div, li, span, ul
from litestar import Response, get

from interlace.domain.filter_language import quoted
from interlace.management import erasing, journal
from interlace.management.journal import FieldWritten, VerifyJournal
from interlace.management.journal_list import JOURNAL_COLUMNS, LIST_JOURNAL, JournalRow
from interlace.management.listing import ListAsked, ListRow
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.difference import difference
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Page
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.list_page import ListPage, list_asked, shown_list
from interlace.web.notice import said
from interlace.web.pages.undo import undo_link
from interlace.web.readable import plain
from interlace.web.saved_views import FILTER, views_of
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit, Visit

_FIELDS_SHOWN = 8
_COLUMNS: Final = tuple(each for each in JOURNAL_COLUMNS if each.name != "changes")
_SHORT: Final = {"key": "record", "mapping": "mapping", "job": "job_id", "field": "fields"}
"""How other pages name a record, mapping, job or field whose entries they lead to, and the column of each."""
_ACTIONS: Final = {
    "insert": translatable("Created"),
    "create": translatable("Created"),
    "modify": translatable("Changed"),
    "change": translatable("Changed"),
    "delete": translatable("Deleted"),
    "remove": translatable("Removed"),
    "agree": translatable("Agreed"),
    "couple": translatable("Coupled"),
    "uncouple": translatable("Uncoupled"),
    "perform": translatable("Done"),
    "removecoupling": translatable("Uncoupled"),
    "restore": translatable("Restored"),
    "undo": translatable("Taken back"),
    "erase": translatable("Erased"),
}
"""By the first word of an action; what follows it names the table or the step."""


@get("/journal", opt=PAGE)
async def journal_page(visit: TheVisit) -> Response[str]:
    """Every write of ours, the newest first."""
    words = visit.words
    asked = {name: visit.query(old) for old, name in _SHORT.items() if visit.query(old)}
    if asked:
        filters = {f"{FILTER}{name}": quoted(value) for name, value in asked.items()}
        return Response("", status_code=303, headers={"Location": visit.to("/journal", filters)})
    told = [await _verified(visit)] if visit.query("verify") else []
    answer = await visit.ask(LIST_JOURNAL, msgspec.convert(list_asked(visit), ListAsked))
    shown = ListPage(
        path="/journal",
        columns=_COLUMNS,
        answer=answer,
        rows=answer.rows,
        caption=words.t("Journal"),
        cells={
            "record": lambda row: _record(visit, _entry(row)),
            "fields": lambda row: _fields(visit, _entry(row)),
            "job_id": lambda row: _job(visit, _entry(row)),
        },
        empty=empty_state(words.t("The journal has no such entry")),
        export_list=LIST_JOURNAL.name,
        views=await views_of(visit, LIST_JOURNAL.name),
    )
    verify = action_link(words.t("Verify"), visit.to("/journal", {"verify": "1"}))
    may_erase = visit.may(erasing.ERASE.permission)
    erase = action_link(
        words.t("Erase a Person"), visit.to("/journal/erase"), tooltip=words.t(erasing.ERASE.tooltip)
    )
    return visit.page(
        Page(
            heading=words.t("Journal"),
            subtitle=words.t("Every write of Interlace, with what was there before."),
            notices=told,
            content=[
                action_bar([verify], [erase] if may_erase else [], captions=words.captions),
                shown_list(visit, shown),
            ],
        )
    )


PAGES = (journal_page,)


async def _verified(visit: Visit) -> Element:
    words = visit.words
    verified = await visit.ask(journal.VERIFY, VerifyJournal(connection=visit.connection.name))
    if verified.holds:
        return notice(
            words.n(
                "The journal holds: {count} entry", "The journal holds: {count} entries", verified.entries
            ),
            kind=Kind.DONE,
        )
    return notice(
        words.t("The journal does not hold"),
        kind=Kind.ERROR,
        body=words.t(
            "From entry {entry} on it is not as it was written: {reason}. Compare with a backup of the database.",
            entry=str(verified.first_wrong or "?"),
            reason=said(words, verified.reason),
        ),
    )


def _entry(row: ListRow) -> JournalRow:
    assert isinstance(row, JournalRow)
    return row


def _record(visit: Visit, each: JournalRow) -> Element:
    address = visit.to("/journal", {f"{FILTER}record": quoted(each.record)})
    return a(href=address)[plain(each.record)]


def _job(visit: Visit, each: JournalRow) -> Node:
    if not each.job_id:
        return ""
    return div(".row-buttons")[
        action_link(
            visit.words.t("Job"),
            visit.to(f"/jobs/{segment(each.job_id)}"),
            tooltip=visit.words.t("Open the job that did it."),
        ),
        undo_link(visit, each.job_id, each.mapping),
    ]


def action_caption(words: Words, action: str) -> str:
    """Return what the journal calls an act, in the reader's language."""
    verb = action.replace(":", " ").split()[0] if action else ""
    return words.t(_ACTIONS[verb]) if verb in _ACTIONS else action


def _fields(visit: Visit, each: JournalRow) -> Node:
    if each.is_erased:
        return span(".quiet-text")[visit.words.t("erased")]
    return _changes(visit, each.written)


def _changes(visit: Visit, fields: tuple[FieldWritten, ...]) -> Node:
    words = visit.words
    entries: list[Node] = [
        li[
            span(".field-name")[each.name],
            ": ",
            difference(plain(each.before or ""), plain(each.after or "")),
        ]
        for each in fields[:_FIELDS_SHOWN]
    ]
    left = len(fields) - _FIELDS_SHOWN
    if left > 0:
        entries.append(li(".quiet-text")[words.n("and {count} more field", "and {count} more fields", left)])
    return ul(".changes")[entries]
