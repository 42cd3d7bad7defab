"""Carries out what is asked about jobs."""

from typing import Any

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.list_page import cursors, page_asked, took_too_long
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.domain.synch_job import Counters
from interlace.locale.kept_text import from_kept
from interlace.management import jobs
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.jobs import JOB_COLUMNS, JobRow, JobsListed
from interlace.management.listing import ListAsked
from interlace.store.keyset import PageAsked
from interlace.store.record_lists import JOBS
from interlace.store.time_limit import TookTooLong

ORDER = "-started_at"


def add_jobs(works: Works, place: ListingPlace) -> None:
    """Let these operations be carried out."""
    application = place.application

    def read(held: Connection, wanted: PageAsked, asked: ListAsked) -> JobsListed:
        try:
            page, mappings = application.state.record_lists.page(JOBS, held.id, wanted)
        except TookTooLong as problem:
            raise took_too_long() from problem
        before, behind = cursors(page, asked, ORDER)
        return JobsListed(
            rows=tuple(_row(row, mappings[row.mapping_id]) for row in page.rows),
            count=page.count,
            has_more_than_counted=page.has_more_than_counted,
            next_cursor=behind,
            previous_cursor=before,
        )

    async def list_page(caller: Caller, asked: ListAsked) -> JobsListed:
        """Read a page."""
        held = await connection_of(application, caller, asked)
        wanted = page_asked(caller, asked, JOB_COLUMNS, JOBS.stored, order=ORDER)
        return await off_loop(read, held, wanted, asked)

    works.add(jobs.LIST_JOBS, list_page)


def _row(row: Any, mapping: str) -> JobRow:  # noqa: ANN401 - a row of SQL
    return JobRow(
        id=row.id,
        mapping=mapping,
        direction=row.direction,
        type=row.type,
        started_at=row.started_at,
        finished_at=row.finished_at or "",
        message=from_kept(row.message),
        run_id=row.run_id or "",
        **{name: getattr(row, name) for name in Counters().as_dict()},
    )
