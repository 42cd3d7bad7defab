"""Carries out what is asked about the list of findings; it needs no server."""

from collections.abc import Iterator
from itertools import count
from typing import Final

from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.desk.short_list import ShortList
from interlace.bootstrap.kept_verdicts import KeptDifference, KeptVerdict, KeptVerdicts
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.findings import (
    DIFFERENT,
    DIFFERENT_SINCE_CREATION,
    FINDING_COLUMNS,
    LIST_FINDINGS,
    FindingRow,
    FindingsListed,
)
from interlace.management.listing import ListAsked

# The verdict is bounded: it names so many records of a kind, and counts the others.
_LIST: Final[ShortList[FindingRow, FindingsListed]] = ShortList(
    columns=FINDING_COLUMNS, answer=FindingsListed, key_of=lambda each: str(each.number)
)


def add_findings(works: Works, place: ListingPlace) -> None:
    """Let the operation be carried out."""
    application = place.application
    kept = KeptVerdicts(application.config.state_directory)

    def page(connection: str, caller: Caller, asked: ListAsked) -> FindingsListed:
        """Read the last verdict, and return a page of what it found."""
        verdict = kept.verdict(connection)
        return _LIST.page(caller, asked, [] if verdict is None else list(_rows(verdict)))

    async def list_findings(caller: Caller, asked: ListAsked) -> FindingsListed:
        """Read a page."""
        held = await connection_of(application, caller, asked)
        return await off_loop(page, held.id, caller, asked)

    works.add(LIST_FINDINGS, list_findings)


def _rows(verdict: KeptVerdict) -> Iterator[FindingRow]:
    places = count(1)
    for held in verdict.mappings:
        # What needs somebody stands first.
        for each in held.differences:
            yield _difference(next(places), held.mapping, DIFFERENT, each)
        for found in held.findings:
            yield FindingRow(
                number=next(places),
                mapping=held.mapping,
                found=found.state,
                side=found.end.lower(),
                record=found.key,
                reason=found.reason,
            )
        for each in held.creation_differences:
            yield _difference(next(places), held.mapping, DIFFERENT_SINCE_CREATION, each)


def _difference(number: int, mapping: str, found: str, each: KeptDifference) -> FindingRow:
    return FindingRow(
        number=number,
        mapping=mapping,
        found=found,
        record=each.erp_key,
        crm_key=each.crm_key,
        erp_field=each.erp_field,
        erp_value=each.erp_value,
        crm_field=each.crm_column,
        crm_value=each.crm_value,
    )
