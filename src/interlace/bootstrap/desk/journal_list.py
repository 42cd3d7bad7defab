"""Carries out what is asked of the journal as a list.

Only its order, its jobs and its keys have an index: what no index finds is looked for entry by entry, so many at most.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.journal import shown_write
from interlace.bootstrap.desk.list_page import filters_of, took_too_long
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.domain.filter_nodes import Equal, Filter, FilterValue, folded, holds
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.journal import Write
from interlace.management.journal_list import (
    JOURNAL_COLUMNS,
    LIST_JOURNAL,
    JournalListed,
    JournalRow,
    action_kind,
)
from interlace.management.listing import Cursor, ListAsked, cursor_from_text, cursor_to_text, wrong_cursor
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.store.journal import JournalledWrite, JournalSelection

Read: TypeAlias = Callable[[JournalSelection], list[JournalledWrite]]
NEWEST: Final = "-sequence"
_SORTS: Final = ("sequence", NEWEST)
_CHUNK: Final = 1_000
_LOOKED_AT_MAX: Final = 50_000


def add_journal_list(works: Works, place: ListingPlace) -> None:
    """Let the operation be carried out."""
    application = place.application

    async def list_page(caller: Caller, asked: ListAsked) -> JournalListed:
        """Read a page."""
        held = await connection_of(application, caller, asked)
        filters = filters_of(caller, asked.filters, JOURNAL_COLUMNS)

        def read(selection: JournalSelection) -> list[JournalledWrite]:
            return application.state.queries.journalled_writes(held.id, selection)

        return await off_loop(journal_page, read, asked, filters)

    works.add(LIST_JOURNAL, list_page)


def journal_page(read: Read, asked: ListAsked, filters: Mapping[str, Filter]) -> JournalListed:
    """Return a page; what is left to look through lies behind its `next_cursor`. Raises Refused."""
    place = _place(asked)
    backwards = place.backwards
    wanted = _Wanted(filters=filters, words=tuple(folded(asked.search).split()))
    newest_first = (place.sort == NEWEST) is not backwards
    at = int(place.values[0])
    start = replace(
        _found_by(filters),
        newest_first=newest_first,
        before=at if newest_first else 0,
        after=0 if newest_first else at,
    )
    rows: list[JournalRow] = []
    last = 0
    has_more = False
    for looked_at, each in enumerate(_entries(read, start)):
        if len(rows) > asked.limit or looked_at == _LOOKED_AT_MAX:
            has_more = True
            break
        last = each.sequence
        row = _row(shown_write(each))
        if wanted.has(row):
            rows.append(row)
    if has_more and not rows and not asked.cursor:
        raise took_too_long()
    return _answer(asked, rows, last, has_more=has_more or len(rows) > asked.limit, backwards=backwards)


def _answer(
    asked: ListAsked, rows: list[JournalRow], last: int, *, has_more: bool, backwards: bool
) -> JournalListed:
    shown = rows[: asked.limit]
    end = shown[-1].sequence if len(rows) > asked.limit else last
    first = shown[0].sequence if shown else last
    beyond = _cursor(asked, end, backwards=backwards) if has_more else ""
    back = _cursor(asked, first, backwards=not backwards) if asked.cursor else ""
    if backwards:
        shown.reverse()
    return JournalListed(
        rows=tuple(shown),
        previous_cursor=beyond if backwards else back,
        next_cursor=back if backwards else beyond,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What an entry must have."""

    filters: Mapping[str, Filter]
    words: tuple[str, ...]

    def has(self, row: JournalRow) -> bool:
        """Tell whether an entry belongs to the list."""
        text = folded(f"{row.record} {row.partner} {row.mapping}")
        return all(word in text for word in self.words) and all(
            any(holds(node, value) for value in _values(name, row)) for name, node in self.filters.items()
        )


def _values(name: str, row: JournalRow) -> tuple[FilterValue | None, ...]:
    match name:
        case "record":
            return (row.record, row.partner)
        case "fields":
            return tuple(each.name for each in row.written) or ("",)
        case _:
            return (getattr(row, name),)


def _found_by(filters: Mapping[str, Filter]) -> JournalSelection:
    """Let an index find what it can: an entry's records, its mapping and its job."""
    exact = {
        name: str(node.value)
        for name, node in filters.items()
        if isinstance(node, Equal) and not node.negated and not node.ignore_case
    }
    job = exact.get("job_id")
    return JournalSelection(
        key=exact.get("record"),
        mapping=exact.get("mapping"),
        job_ids=None if job is None else (job,),
    )


def _entries(read: Read, start: JournalSelection) -> Iterator[JournalledWrite]:
    selection = replace(start, limit=_CHUNK)
    while found := read(selection):
        yield from found
        if len(found) < _CHUNK:
            return
        end = found[-1].sequence
        selection = replace(selection, before=end) if start.newest_first else replace(selection, after=end)


def _place(asked: ListAsked) -> Cursor:
    sort = asked.sort or NEWEST
    if sort not in _SORTS:
        raise Refused(
            RefusalKind.INVALID,
            translatable("The list can't be sorted so"),
            why=translatable("It can be sorted by {columns}.", columns="sequence"),
            fields={"sort": translatable("This column can't be sorted by.")},
        )
    if not asked.cursor:
        return Cursor(sort=sort, values=(0,))
    cursor = cursor_from_text(asked.cursor)
    if cursor.sort != sort or len(cursor.values) != 1 or not isinstance(cursor.values[0], int):
        raise wrong_cursor()
    return cursor


def _cursor(asked: ListAsked, sequence: int, *, backwards: bool) -> str:
    return cursor_to_text(Cursor(sort=asked.sort or NEWEST, values=(sequence,), backwards=backwards))


def _row(write: Write) -> JournalRow:
    return JournalRow(
        sequence=write.sequence,
        at=write.at.isoformat(),
        mapping=write.mapping,
        action=action_kind(write.action),
        side=write.side,
        record=write.key,
        partner=write.source_key,
        fields=", ".join(each.name for each in write.fields),
        changes="; ".join(f"{each.name}: {each.before or ''} → {each.after or ''}" for each in write.fields),
        job_id=write.job_id,
        written=write.fields,
    )
