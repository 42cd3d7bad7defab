"""Carries out what is asked of the journal as a list.

Only its order, its jobs and its keys have an index: what no index finds is looked for entry by entry, so many at most.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.journal import shown_write
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.desk.walked_list import CHUNK, LOOKED_AT_MAX, Stretch, WalkedList
from interlace.bootstrap.desk.wanted_rows import wanted_rows
from interlace.domain.filter_nodes import Equal, Filter
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
from interlace.management.listing import HeldValue, ListAsked, held_values
from interlace.store.journal import JournalledWrite, JournalSelection

Read: TypeAlias = Callable[[JournalSelection], list[JournalledWrite]]
_LOOKED_AT_MAX: Final = LOOKED_AT_MAX
_CHUNK: Final = CHUNK


def add_journal_list(works: Works, place: ListingPlace) -> None:
    """Let the operation be carried out."""
    application = place.application

    async def list_page(caller: Caller, asked: ListAsked) -> JournalListed:
        """Read a page."""
        held = await connection_of(application, caller, asked)

        def read(selection: JournalSelection) -> list[JournalledWrite]:
            """Read entries of the connection."""
            return application.state.queries.journalled_writes(held.id, selection)

        return await off_loop(journal_page, read, caller, asked)

    works.add(LIST_JOURNAL, list_page)


def journal_page(read: Read, caller: Caller, asked: ListAsked) -> JournalListed:
    """Return a page; what is left to look through lies behind its `next_cursor`. Raises Refused."""
    wanted = wanted_rows(caller, asked, JOURNAL_COLUMNS, _values)
    found_by = _found_by(wanted.filters)

    def rows(stretch: Stretch) -> list[JournalRow]:
        """Read entries beyond one."""
        selection = replace(
            found_by,
            newest_first=stretch.newest_first,
            before=stretch.beyond if stretch.newest_first else 0,
            after=0 if stretch.newest_first else stretch.beyond,
            limit=stretch.limit,
        )
        return [_row(shown_write(each)) for each in read(selection)]

    listed: WalkedList[JournalRow, JournalListed] = WalkedList(
        read=rows, answer=JournalListed, looked_at_max=_LOOKED_AT_MAX, chunk=_CHUNK
    )
    return listed.page(asked, wanted)


def _values(row: JournalRow, name: str) -> tuple[HeldValue, ...]:
    """Find an entry by its partner's key, and by any of its fields, too."""
    match name:
        case "record":
            return row.record, row.partner
        case "fields":
            return tuple(each.name for each in row.written) or ("",)
        case _:
            return held_values(row, name)


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
        is_erased=write.is_erased,
    )
