"""Integration Synchronization Jobs: what ran, its counters, and the errors of one job."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from htpy import Element, Node, a
from litestar import Response, get
from litestar.params import FromPath

from interlace.domain.filter_language import FieldKind, quoted
from interlace.locale.correlation import correlation_of
from interlace.management.errors import LIST_ERRORS, ErrorsListed
from interlace.management.jobs import JOB_COLUMNS, LIST_JOBS, JobRow
from interlace.management.listing import ListAsked, ListRow
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, card, facts, fast_tab
from interlace.ui.explained import Explained
from interlace.ui.keys import LOG, STATISTICS
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page
from interlace.web.addresses import segment
from interlace.web.copied_details import ToldError, copied_details
from interlace.web.error_parts import error_list
from interlace.web.list_page import ListPage, is_narrowed, list_asked, shown_list
from interlace.web.list_panes import value_caption
from interlace.web.notice import said
from interlace.web.saved_views import FILTER, views_of
from interlace.web.security import PAGE
from interlace.web.statuses import status_text, status_tone
from interlace.web.visit import TheVisit, Visit, live

_COUNTERS = ("inserted", "modified", "deleted", "unchanged", "skipped", "failed", "coupled", "uncoupled")
# With the end of a job, which its duration tells, and its type, which the counters tell, a list is too wide for most.
_FIRST_SHOWN = frozenset(each.name for each in JOB_COLUMNS) - {"finished_at", "type", "id", "run_id"}


@get("/jobs", opt=PAGE)
async def jobs_page(visit: TheVisit) -> Response[str]:
    """Every job, the newest first."""
    words = visit.words
    answer = await visit.ask(LIST_JOBS, msgspec.convert(list_asked(visit), ListAsked))

    def job(row: ListRow) -> JobRow:
        """Take a row for what it is."""
        assert isinstance(row, JobRow)
        return row

    def started(row: ListRow) -> Node:
        """Lead to the job."""
        each = job(row)
        shown = words.datetime(_moment(each.started_at), seconds=True)
        return [a(href=visit.to(f"/jobs/{segment(each.id)}"))[shown], " ", _status(visit, each)]

    def failed(row: ListRow) -> Node:
        """Lead to the errors."""
        each = job(row)
        if not each.failed:
            return words.number(0)
        return a(href=visit.to(f"/jobs/{segment(each.id)}"))[badge(words.number(each.failed), Tone.BAD)]

    def mapping(row: ListRow) -> Node:
        """Lead to the mapping."""
        return a(href=visit.to(f"/mappings/{segment(job(row).mapping)}"))[job(row).mapping]

    shown = ListPage(
        path="/jobs",
        columns=JOB_COLUMNS,
        first_shown=_FIRST_SHOWN,
        answer=answer,
        rows=answer.rows,
        caption=words.t("Integration Synchronization Jobs"),
        cells={
            "started_at": started,
            "seconds": lambda row: _duration(visit, job(row)),
            "failed": failed,
            "mapping": mapping,
            "message": lambda row: said(words, job(row).message),
        },
        empty=empty_state(
            words.t("Nothing has run yet"),
            words.t("Start the full synchronization, or synchronize a record."),
        ),
        export_list=LIST_JOBS.name,
        views=await views_of(visit, LIST_JOBS.name),
    )
    return visit.page(
        Page(
            heading=words.t("Integration Synchronization Jobs"),
            content=live("jobs", shown_list(visit, shown)),
        )
    )


@get("/jobs/{job:str}", opt=PAGE)
async def job_page(visit: TheVisit, job: FromPath[str]) -> Response[str]:
    """One job with its errors."""
    words = visit.words
    name = visit.connection.name
    found = await visit.ask(LIST_JOBS, ListAsked(connection=name, filters={"id": quoted(job)}, limit=1))
    if not found.rows:
        raise Refused(
            RefusalKind.NOT_FOUND,
            translatable("There is no such job"),
            next_step=translatable("The list of jobs shows what ran; old jobs are deleted after a while."),
        )
    held = found.rows[0]
    asked = msgspec.convert(list_asked(visit, {"job_id": quoted(job)}), ListAsked)
    errors = await visit.ask(LIST_ERRORS, asked)
    captions = {each.name: Explained(words.t(each.caption), words.t(each.tooltip)) for each in JOB_COLUMNS}
    entries = [
        Fact(caption=captions["mapping"], value=held.mapping),
        Fact(caption=captions["started_at"], value=words.datetime(_moment(held.started_at), seconds=True)),
        Fact(
            caption=captions["finished_at"],
            value=words.datetime(_moment(held.finished_at), seconds=True)
            if held.finished_at
            else _status(visit, held),
        ),
        Fact(caption=captions["seconds"], value=_duration(visit, held)),
        *(
            Fact(caption=captions[each.name], value=value_caption(visit, each, getattr(held, each.name)))
            for each in JOB_COLUMNS
            if each.kind is FieldKind.CHOICE
        ),
        Fact(caption=captions["message"], value=_message(visit, held)),
        *(
            Fact(caption=captions[name], value=words.number(getattr(held, name)), is_number=True)
            for name in _COUNTERS
        ),
    ]
    return visit.page(
        Page(
            heading=words.t("Job of {mapping}", mapping=held.mapping),
            crumbs=[Crumb(caption=words.t("Integration Synchronization Jobs"), address=visit.to("/jobs"))],
            content=live(
                "job",
                [
                    action_bar(
                        [
                            action_link(words.t("Journal"), visit.to("/journal", {"job": job}), keys=LOG),
                            action_link(words.t("Requests"), visit.to("/requests", _of_run(held))),
                        ],
                        captions=words.captions,
                    ),
                    card(
                        [
                            fast_tab(words.t("General"), facts(entries), keys=STATISTICS),
                            fast_tab(
                                words.t("Integration Synchronization Errors"),
                                _errors(visit, held, errors),
                            ),
                        ],
                        captions=words.captions,
                    ),
                ],
            ),
        )
    )


PAGES = (jobs_page, job_page)


def _of_run(job: JobRow) -> dict[str, str]:
    """Return the filters by which a list shows what belongs to a job's run."""
    name = "run_id" if job.run_id else "mapping"
    return {f"{FILTER}{name}": quoted(getattr(job, name))}


def _duration(visit: Visit, job: JobRow) -> str:
    return "" if job.seconds is None else visit.words.duration(timedelta(seconds=job.seconds))


def _status(visit: Visit, job: JobRow) -> Node:
    """Say what became of a job that has no end."""
    return badge(status_text(visit.words, job.status), status_tone(job.status)) if job.status else None


def _errors(visit: Visit, job: JobRow, found: ErrorsListed) -> Element:
    """List the errors that are still this job's: the next job that fails with a record takes its error over."""
    words = visit.words
    shown = error_list(visit, found, f"/jobs/{segment(job.id)}")
    if is_narrowed(visit):
        shown = replace(shown, empty=empty_state(words.t("No error fits")))
    elif job.failed:
        told = words.t("What failed here went through since, or failed again in a later job.")
        shown = replace(shown, empty=empty_state(words.t("None of its errors is open any more"), told))
    return shown_list(visit, shown)


def _message(visit: Visit, job: JobRow) -> Node:
    """Say what ended a job early, with what is copied of it."""
    words = visit.words
    if not job.message:
        return ""
    told = ToldError(
        what=said(words, job.message),
        code=job.status,
        mapping=job.mapping,
        direction=job.direction,
        job=job.id,
        correlation_id=correlation_of(job.message),
        at=_moment(job.finished_at or job.started_at),
    )
    return [told.what, copied_details(words, told)]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
