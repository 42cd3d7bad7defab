"""A record's Synchronization Log: the jobs that it was in, and what became of it there."""

from __future__ import annotations

from datetime import datetime

from htpy import Node, a
from litestar import Response, get
from litestar.params import FromPath

from interlace.domain.synch_job import SynchJobType
from interlace.locale.correlation import correlation_of
from interlace.management import record_log
from interlace.management.jobs import DIRECTION_CHOICES
from interlace.management.listing import captions_of
from interlace.management.record_log import LoggedJob
from interlace.management.records import RecordAsked
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.listing import Column, listing
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page
from interlace.web.addresses import segment
from interlace.web.copied_details import ToldError, copied_details
from interlace.web.notice import said
from interlace.web.pages.journal import action_caption
from interlace.web.readable import plain
from interlace.web.record_parts import (
    asked_side,
    key_of_path,
    list_address,
    list_caption,
    record_address,
)
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit, Visit, live


@get("/jobs/of-record/{mapping:str}/{key:path}", opt=PAGE)
async def record_log_page(visit: TheVisit, mapping: FromPath[str], key: FromPath[str]) -> Response[str]:
    """The jobs of one record."""
    words, side, own_key = visit.words, asked_side(visit), key_of_path(key)
    asked = RecordAsked(connection=visit.connection.name, mapping=mapping, key=own_key, side=side)
    found = await visit.ask(record_log.LOG, asked)
    log = visit.to("/jobs", {"filters.mapping": "'" + mapping.replace("'", "''") + "'"})
    columns = [
        Column(caption=words.t("Start Date/Time"), is_whole=True),
        Column(caption=words.t("Synch. Direction")),
        Column(caption=words.t("Type")),
        Column(caption=words.t("What Became of It")),
        Column(caption=words.t("Finish Date/Time"), is_whole=True),
    ]
    return visit.page(
        Page(
            heading=words.t("Synchronization Log"),
            subtitle=words.t("{mapping}: {record}", mapping=mapping, record=plain(own_key)),
            crumbs=[
                Crumb(caption=list_caption(words, mapping), address=list_address(visit, mapping, side=side)),
                Crumb(caption=plain(own_key), address=record_address(visit, mapping, own_key, side)),
            ],
            content=[
                action_bar(
                    [
                        action_link(words.t("Journal"), visit.to("/journal", {"key": own_key})),
                        action_link(words.t("All Jobs of the Mapping"), log),
                    ],
                    captions=words.captions,
                ),
                live(
                    "record-log",
                    listing(
                        columns,
                        [_row(visit, asked, each) for each in found.jobs],
                        caption=words.t("Synchronization Log"),
                        empty=empty_state(
                            words.t("No job of this record is remembered"),
                            words.t("It was in none yet, or they are so old that they were deleted."),
                        ),
                    ),
                ),
            ],
        )
    )


PAGES = (record_log_page,)


def _row(visit: Visit, asked: RecordAsked, each: LoggedJob) -> list[Node]:
    words = visit.words
    directions = captions_of(DIRECTION_CHOICES)
    types = {kind.value: kind.value for kind in SynchJobType}
    started = words.datetime(datetime.fromisoformat(each.started_at), seconds=True)
    return [
        a(href=visit.to(f"/jobs/{segment(each.id)}"))[started],
        words.t(directions[each.direction]) if each.direction in directions else each.direction,
        words.t(types[each.type]) if each.type in types else each.type,
        _outcome(visit, asked, each),
        words.datetime(datetime.fromisoformat(each.finished_at), seconds=True) if each.finished_at else "",
    ]


def _outcome(visit: Visit, asked: RecordAsked, each: LoggedJob) -> Node:
    words = visit.words
    if each.problem:
        told = ToldError(
            what=said(words, each.problem),
            mapping=asked.mapping,
            direction=each.direction,
            record=asked.key,
            job=each.id,
            correlation_id=correlation_of(each.problem),
            at=datetime.fromisoformat(each.started_at),
        )
        return [badge(words.t("Failed"), Tone.BAD), " ", told.what, copied_details(words, told)]
    if each.action:
        return badge(action_caption(words, each.action), Tone.GOOD)
    return badge(words.t("Nothing had to be written"), Tone.NEUTRAL)
