"""Carries out what is asked about records with errors."""

from dataclasses import replace
from typing import Any, Final

from msgspec import structs

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.list_page import cursors, page_asked, stored_page
from interlace.bootstrap.desk.read_names import Place, ReadNames
from interlace.bootstrap.desk.records import ReadingPlace
from interlace.domain.errors import ErrorCode
from interlace.domain.filter_nodes import holds
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import KEY_SEPARATOR, MappingName
from interlace.domain.side import Side
from interlace.locale.correlation import correlation_of
from interlace.locale.kept_text import from_kept
from interlace.management import causes, errors
from interlace.management.caller import Caller
from interlace.management.causes import ListMembers
from interlace.management.desk import Works
from interlace.management.error_actions import place_text
from interlace.management.errors import ERROR_COLUMNS, ERROR_STATES, ErrorRow, ErrorsListed
from interlace.management.listing import ListAsked
from interlace.store.encoding import time_to_text
from interlace.store.keyset import PageAsked
from interlace.store.record_facts import RecordFacts
from interlace.store.record_lists import ERRORS, SKIPPED, RecordList

ORDER = "-at"
STATE = "state"
_NOTHING: Final = RecordFacts()
_GONE: Final = frozenset({ErrorCode.PARTNER_DELETED.value, ErrorCode.DELETED_AND_CHANGED.value})
"""One of the two was gone when they were written down; without an open conflict nobody knows which."""
_STATES = {each.value: each.value == "skipped" for each in ERROR_STATES}


def add_errors(works: Works, place: ReadingPlace) -> None:
    """Let these operations be carried out."""
    application = place.application
    names = ReadNames(application, place.reading)

    def read(of: RecordList, held: Connection, wanted: PageAsked, asked: ListAsked) -> ErrorsListed:
        page, mappings = stored_page(application.state.record_lists, of, held.id, wanted)
        before, behind = cursors(page, asked, ORDER)
        places = [(row.mapping_id, row.direction, row.source_key) for row in page.rows]
        known = application.state.known_records.of_records(places, mappings)
        return ErrorsListed(
            rows=tuple(
                _row(row, mappings[row.mapping_id], known.get(place, _NOTHING))
                for row, place in zip(page.rows, places, strict=True)
            ),
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
        answer = await off_loop(read, narrowed, held, wanted, asked)
        # An export asks for thousands of pages one after the other: nobody waits for names there.
        return await named(held, answer) if asked.counted else answer

    async def named(held: Connection, answer: ErrorsListed) -> ErrorsListed:
        """Add the names of records that were never coupled."""
        places = {_place(row): row for row in answer.rows if not row.description and row.exists == "yes"}
        if not places:
            return answer
        read_names = await names.of(held, places.keys())
        return structs.replace(
            answer,
            rows=tuple(
                structs.replace(row, description=read_names.get(_place(row), "") or row.description)
                for row in answer.rows
            ),
        )

    async def list_errors(caller: Caller, asked: ListAsked) -> ErrorsListed:
        """Read a page of all errors."""
        return await listed(ERRORS, caller, asked)

    async def list_skipped(caller: Caller, asked: ListAsked) -> ErrorsListed:
        """Read a page of those that a person must let go on."""
        return await listed(SKIPPED, caller, asked)

    async def list_members(caller: Caller, asked: ListMembers) -> ErrorsListed:
        """Read a page of those that one cause holds back."""
        held = await connection_of(application, caller, asked)
        return await listed(
            await off_loop(application.state.errors.of_cause, held.id, asked.cause), caller, asked
        )

    works.add(causes.MEMBERS, list_members)
    works.add(errors.LIST_ERRORS, list_errors)
    works.add(errors.LIST_SKIPPED, list_skipped)


def _place(row: ErrorRow) -> Place:
    return MappingName(row.mapping), Direction(row.direction).source_side, row.record_key


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


def _row(row: Any, mapping: MappingName, known: RecordFacts) -> ErrorRow:  # noqa: ANN401 - a row of SQL
    side = Direction(row.direction).source_side
    names = {Side.ERP: known.erp_name, Side.CRM: known.crm_name}
    partner_key = {Side.ERP: known.crm_key, Side.CRM: known.erp_key}[side]
    exists, partner_exists = _existence(row, side, known)
    message = from_kept(row.message)
    return ErrorRow(
        mapping=mapping,
        direction=row.direction,
        source_key=row.source_key.replace(KEY_SEPARATOR, ", "),
        code=row.code,
        message=message,
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
        description=names[side],
        exists=exists[0],
        exists_at=exists[1],
        partner=names[side.other] or partner_key.replace(KEY_SEPARATOR, ", "),
        partner_key=partner_key,
        partner_exists=partner_exists[0],
        partner_exists_at=partner_exists[1],
        conflict_id="" if known.deletion is None else known.deletion.id,
        correlation_id=correlation_of(message),
        place=place_text(side.value, mapping, row.source_key),
    )


def _existence(row: Any, side: Side, known: RecordFacts) -> tuple[tuple[str, str], tuple[str, str]]:  # noqa: ANN401
    """Say of a record and its partner whether they were there when they were looked for last, and when."""
    nobody_knows = "", ""
    if known.deletion is not None:
        at = time_to_text(known.deletion.detected_at)
        sides = {Side.ERP: known.deletion.erp, Side.CRM: known.deletion.crm}
        there = {each: ("yes" if seen.is_there else "no", at) for each, seen in sides.items()}
        return there[side], there[side.other]
    if row.code in _GONE or known.is_broken:
        return nobody_knows, nobody_knows
    # Whatever fails was read before.
    own = "yes", str(row.at)
    seen_at = max(known.synchronized_at, known.swept_at)
    return own, ("yes", seen_at) if seen_at and known.crm_key else nobody_knows
