"""Carries out what is asked about records with errors."""

from dataclasses import replace
from typing import Any

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.list_page import cursors, page_asked, took_too_long
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.domain.filter_nodes import holds
from interlace.domain.keys import KEY_SEPARATOR
from interlace.locale.kept_text import from_kept
from interlace.management import errors
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.errors import ERROR_COLUMNS, ERROR_STATES, ErrorRow, ErrorsListed
from interlace.management.listing import ListAsked
from interlace.store.keyset import PageAsked
from interlace.store.record_lists import ERRORS, SKIPPED, RecordList
from interlace.store.time_limit import TookTooLong

ORDER = "-at"
STATE = "state"
_STATES = {each.value: each.value == "skipped" for each in ERROR_STATES}


def add_errors(works: Works, place: ListingPlace) -> None:
    """Let these operations be carried out."""
    application = place.application

    def read(of: RecordList, held: Connection, wanted: PageAsked, asked: ListAsked) -> ErrorsListed:
        try:
            page, mappings = application.state.record_lists.page(of, held.id, wanted)
        except TookTooLong as problem:
            raise took_too_long() from problem
        before, behind = cursors(page, asked, ORDER)
        return ErrorsListed(
            rows=tuple(_row(row, mappings[row.mapping_id]) for row in page.rows),
            count=page.count,
            has_more_than_counted=page.has_more_than_counted,
            next_cursor=behind,
            previous_cursor=before,
        )

    async def listed(of: RecordList, caller: Caller, asked: ListAsked) -> ErrorsListed:
        """Read a page of a list."""
        held = await connection_of(application, caller, asked)
        wanted = page_asked(caller, asked, ERROR_COLUMNS, of.stored, order=ORDER)
        narrowed, wanted = _of_state(of, wanted)
        if narrowed is None:
            return ErrorsListed(count=0 if asked.counted else None)
        return await off_loop(read, narrowed, held, wanted, asked)

    async def list_errors(caller: Caller, asked: ListAsked) -> ErrorsListed:
        """Read a page of all errors."""
        return await listed(ERRORS, caller, asked)

    async def list_skipped(caller: Caller, asked: ListAsked) -> ErrorsListed:
        """Read a page of those that a person must let go on."""
        return await listed(SKIPPED, caller, asked)

    works.add(errors.LIST_ERRORS, list_errors)
    works.add(errors.LIST_SKIPPED, list_skipped)


def _of_state(of: RecordList, wanted: PageAsked) -> tuple[RecordList | None, PageAsked]:
    """Narrow a list to the states that a filter lets pass: the store holds a switch, not a word. None: to nothing."""
    filters = dict(wanted.filters)
    passing = filters.pop(STATE, None)
    if passing is None:
        return of, wanted
    states = {is_skipped for name, is_skipped in _STATES.items() if holds(passing, name)}
    states &= {bool(of.only.get("skipped", each)) for each in states}
    rest = replace(wanted, filters=filters)
    if len(states) != 1:
        return (of if states else None), rest
    return replace(of, only={**of.only, "skipped": states.pop()}), rest


def _row(row: Any, mapping: str) -> ErrorRow:  # noqa: ANN401 - a row of SQL
    return ErrorRow(
        mapping=mapping,
        direction=row.direction,
        source_key=row.source_key.replace(KEY_SEPARATOR, ", "),
        code=row.code,
        message=from_kept(row.message),
        field=row.field or "",
        times=row.times,
        at=row.at,
        job_id=row.job_id,
        is_skipped=bool(row.skipped),
        state="skipped" if row.skipped else "failed",
        next_try=row.next_try or "",
        waits_for_mapping=row.waits_for_mapping or "",
        waits_for_key=(row.waits_for_key or "").replace(KEY_SEPARATOR, ", "),
        record_key=row.source_key,
    )
