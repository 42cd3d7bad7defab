"""Carries out what is asked about couplings."""

from typing import Any

from interlace.bootstrap.application import Connection
from interlace.bootstrap.coupling_listing import catch_up
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.list_page import cursors, page_asked, took_too_long
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.domain.keys import KEY_SEPARATOR
from interlace.management import couplings
from interlace.management.caller import Caller
from interlace.management.couplings import (
    COUPLING_COLUMNS,
    COUPLING_STATES,
    CouplingRow,
    CouplingsCounted,
    CouplingsListed,
    StateCount,
)
from interlace.management.desk import Works
from interlace.management.listing import ListAsked
from interlace.management.operation import OfConnection
from interlace.store.coupling_search import COUPLINGS
from interlace.store.keyset import PageAsked
from interlace.store.time_limit import TookTooLong

ORDER = "erp_key"
_STATES = [each.value for each in COUPLING_STATES]


def add_couplings(works: Works, place: ListingPlace) -> None:
    """Let these operations be carried out."""
    application = place.application
    state = application.state

    def read(held: Connection, wanted: PageAsked, asked: ListAsked) -> CouplingsListed:
        # An export asks for thousands of pages one after the other: only the first one is worth it.
        behind = catch_up(application, held.id) if asked.counted else 0
        try:
            page, mappings = state.coupling_list.page(held.id, wanted)
        except TookTooLong as problem:
            raise took_too_long() from problem
        before, after = cursors(page, asked, ORDER)
        problems = state.coupling_list.problems(page.rows)
        return CouplingsListed(
            rows=tuple(
                _row(row, mappings[row.mapping_id], problems.get((row.mapping_id, row.erp_key)))
                for row in page.rows
            ),
            count=page.count,
            has_more_than_counted=page.has_more_than_counted,
            behind=behind,
            next_cursor=after,
            previous_cursor=before,
        )

    async def list_page(caller: Caller, asked: ListAsked) -> CouplingsListed:
        """Read a page."""
        held = await connection_of(application, caller, asked)
        wanted = page_asked(caller, asked, COUPLING_COLUMNS, COUPLINGS, order=ORDER)
        return await off_loop(read, held, wanted, asked)

    def count(held: Connection) -> CouplingsCounted:
        behind = catch_up(application, held.id)
        counts = state.coupling_list.count_by_state(held.id)
        ordered = sorted(counts.items(), key=lambda each: (each[0][0], _STATES.index(each[0][1])))
        return CouplingsCounted(
            counts=tuple(
                StateCount(mapping=mapping, state=name, count=number) for (mapping, name), number in ordered
            ),
            behind=behind,
        )

    async def count_by_state(caller: Caller, asked: OfConnection) -> CouplingsCounted:
        """Count them by mapping and state."""
        return await off_loop(count, await connection_of(application, caller, asked))

    works.add(couplings.LIST_COUPLINGS, list_page)
    works.add(couplings.COUNT_COUPLINGS, count_by_state)


def _row(row: Any, mapping: str, problem: tuple[str, bool] | None) -> CouplingRow:  # noqa: ANN401 - a row of SQL
    code, is_skipped = problem or ("", False)
    return CouplingRow(
        mapping=mapping,
        erp_key=row.erp_key.replace(KEY_SEPARATOR, ", "),
        crm_key=row.crm_key,
        erp_name=row.erp_name,
        crm_name=row.crm_name,
        state=row.state,
        synchronized_at=row.synchronized_at,
        problem=code,
        is_skipped=is_skipped,
        record_key=row.erp_key,
    )
