"""Carries out what is asked about jobs."""

from collections.abc import Callable, Sequence
from typing import Any

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.list_page import cursors, page_asked, stored_page
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.synch_job import Counters
from interlace.locale.kept_text import from_kept
from interlace.management import jobs
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.jobs import BROKEN_OFF, JOB_COLUMNS, JobRow, JobsListed
from interlace.management.listing import ListAsked
from interlace.store.encoding import time_from_text
from interlace.store.keyset import PageAsked
from interlace.store.record_lists import JOBS
from interlace.store.state_store import StateStore

ORDER = "-started_at"


def add_jobs(works: Works, place: ListingPlace) -> None:
    """Let these operations be carried out."""
    application = place.application

    def read(held: Connection, wanted: PageAsked, asked: ListAsked) -> JobsListed:
        page, mappings = stored_page(application.state.record_lists, JOBS, held.id, wanted)
        before, behind = cursors(page, asked, ORDER)
        status_of = _statuses(application.state, held.id, page.rows)
        return JobsListed(
            rows=tuple(_row(row, mappings[row.mapping_id], status_of(row)) for row in page.rows),
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


def _statuses(state: StateStore, connection_id: str, rows: Sequence[Any]) -> Callable[[Any], str]:
    """Tell jobs that run from those that wait with their full synchronization, and those that were broken off."""
    if all(row.finished_at for row in rows):
        return lambda _: ""
    at_work = state.jobs_at_work(connection_id)
    review = state.reviews.latest(connection_id)
    lines = review.lines if review is not None else ()
    # Between two segments of its work nobody holds the mapping of a line.
    of_review = {each.job.id: line for line in lines for each in line.passes}

    def status(row: Any) -> str:  # noqa: ANN401 - a row of SQL
        """Return the word for a job."""
        if row.finished_at:
            return ""
        line = of_review.get(row.id)
        if row.id in at_work or (line is not None and line.is_open):
            return JobQueueEntryStatus.IN_PROCESS.value
        if line is not None and line.status is JobQueueEntryStatus.ON_HOLD:
            return JobQueueEntryStatus.ON_HOLD.value
        return BROKEN_OFF

    return status


def _row(row: Any, mapping: str, status: str) -> JobRow:  # noqa: ANN401 - a row of SQL
    return JobRow(
        id=row.id,
        mapping=mapping,
        direction=row.direction,
        type=row.type,
        started_at=row.started_at,
        finished_at=row.finished_at or "",
        seconds=_seconds(row.started_at, row.finished_at),
        status=status,
        message=from_kept(row.message),
        run_id=row.run_id or "",
        **{name: getattr(row, name) for name in Counters().as_dict()},
    )


def _seconds(started_at: str, finished_at: str | None) -> int | None:
    if not finished_at:
        return None
    return round((time_from_text(finished_at) - time_from_text(started_at)).total_seconds())
