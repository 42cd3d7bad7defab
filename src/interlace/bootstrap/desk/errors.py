"""Carries out what is asked about records with errors."""

from typing import Any

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.list_page import cursors, page_asked, took_too_long
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.domain.keys import KEY_SEPARATOR
from interlace.locale.kept_text import from_kept
from interlace.management import errors
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.errors import ERROR_COLUMNS, ErrorRow, ErrorsListed
from interlace.management.listing import ListAsked
from interlace.store.keyset import PageAsked
from interlace.store.record_lists import ERRORS, SKIPPED, RecordList
from interlace.store.time_limit import TookTooLong

ORDER = "-at"


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

    async def list_errors(caller: Caller, asked: ListAsked) -> ErrorsListed:
        """Read a page of all errors."""
        held = await connection_of(application, caller, asked)
        wanted = page_asked(caller, asked, ERROR_COLUMNS, ERRORS.stored, order=ORDER)
        return await off_loop(read, ERRORS, held, wanted, asked)

    async def list_skipped(caller: Caller, asked: ListAsked) -> ErrorsListed:
        """Read a page of those that a person must let go on."""
        held = await connection_of(application, caller, asked)
        wanted = page_asked(caller, asked, ERROR_COLUMNS, SKIPPED.stored, order=ORDER)
        return await off_loop(read, SKIPPED, held, wanted, asked)

    works.add(errors.LIST_ERRORS, list_errors)
    works.add(errors.LIST_SKIPPED, list_skipped)


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
        next_try=row.next_try or "",
        waits_for_mapping=row.waits_for_mapping or "",
        waits_for_key=(row.waits_for_key or "").replace(KEY_SEPARATOR, ", "),
        record_key=row.source_key,
    )
