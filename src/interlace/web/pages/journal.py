"""Journal: who changed which field from what to what, and in which job."""

from __future__ import annotations

from typing import Final

from htpy import Element, Node, a, button, del_, div, form, ins, li, span, ul
from litestar import Response, get

from interlace.management import journal
from interlace.management.journal import FieldWritten, ShowJournal, VerifyJournal, Write
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.fields import Field, text_field
from interlace.ui.keys import FILTER
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Page, hidden
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.pages.undo import undo_link
from interlace.web.readable import plain
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit, Visit

_FIELDS_SHOWN = 8
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
}
"""By the first word of an action; what follows it names the table or the step."""


@get("/journal", opt=PAGE)
async def journal_page(visit: TheVisit) -> Response[str]:
    """Every write of ours, the newest first."""
    words = visit.words
    asked = ShowJournal(
        connection=visit.connection.name,
        key=visit.query("key"),
        mapping=visit.query("mapping"),
        job_id=visit.query("job"),
        field=visit.query("field"),
        before=visit.number("before") or 0,
        newest_first=True,
        limit=50,
    )
    found = await visit.ask(journal.SHOW, asked)
    told = [await _verified(visit)] if visit.query("verify") else []
    columns = [
        Column(caption=words.t("Entry"), is_number=True),
        Column(caption=words.t("When"), is_whole=True),
        Column(caption=words.t("Mapping")),
        Column(caption=words.t("Action")),
        Column(caption=words.t("Side")),
        Column(caption=words.t("Record")),
        Column(caption=words.t("Fields")),
        Column(caption=words.t("Job")),
    ]
    return visit.page(
        Page(
            heading=words.t("Journal"),
            subtitle=words.t("Every write of Interlace, with what was there before."),
            notices=told,
            content=[
                action_bar(
                    [action_link(words.t("Verify"), visit.to("/journal", {"verify": "1"}))],
                    captions=words.captions,
                ),
                _filters(visit, asked),
                listing(
                    columns,
                    [_row(visit, each) for each in found.writes],
                    caption=words.t("Journal"),
                    empty=empty_state(words.t("The journal has no such entry")),
                ),
                _more(visit, found.next_after),
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
            reason=verified.reason,
        ),
    )


def _filters(visit: Visit, asked: ShowJournal) -> Element:
    words = visit.words
    kept = [("connection", visit.connection_name)] if visit.connection_name else []
    return form(".filters", method="get", action="/journal", aria_keyshortcuts=FILTER)[
        hidden(kept),
        text_field(Field(name="key", caption=words.t("Record"), value=asked.key)),
        text_field(Field(name="mapping", caption=words.t("Mapping"), value=asked.mapping)),
        text_field(Field(name="field", caption=words.t("Field"), value=asked.field)),
        button(".button", type="submit")[words.t("Filter")],
    ]


def _row(visit: Visit, each: Write) -> list[Node]:
    words = visit.words
    return [
        words.number(each.sequence),
        words.datetime(each.at, seconds=True),
        each.mapping,
        _action(words, each.action),
        each.side.upper(),
        a(href=visit.to("/journal", {"key": each.key}))[plain(each.key)],
        _changes(visit, each.fields),
        div(".row-buttons")[
            action_link(words.t("Job"), visit.to(f"/jobs/{segment(each.job_id)}")),
            undo_link(visit, each.job_id, each.mapping),
        ]
        if each.job_id
        else "",
    ]


def _action(words: Words, action: str) -> str:
    verb = action.replace(":", " ").split()[0] if action else ""
    return words.t(_ACTIONS[verb]) if verb in _ACTIONS else action


def _changes(visit: Visit, fields: tuple[FieldWritten, ...]) -> Node:
    words = visit.words
    entries: list[Node] = [
        li[span(".field-name")[each.name], ": ", _old(each), ins[plain(each.after or "") or "–"]]
        for each in fields[:_FIELDS_SHOWN]
    ]
    left = len(fields) - _FIELDS_SHOWN
    if left > 0:
        entries.append(li(".quiet-text")[words.n("and {count} more field", "and {count} more fields", left)])
    return ul(".changes")[entries]


def _old(each: FieldWritten) -> Node:
    return (del_[plain(each.before)], " → ") if each.before else None


def _more(visit: Visit, last: int | None) -> Node:
    if last is None:
        return None
    kept = {name: visit.query(name) for name in ("key", "mapping", "job", "field")}
    return div(".pager")[
        a(".button", href=visit.to("/journal", {**kept, "before": str(last)}))[visit.words.t("Next")]
    ]
