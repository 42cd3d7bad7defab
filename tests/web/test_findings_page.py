"""What the last verification found: a list of its own, and on the page of one mapping."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app, sample

from interlace.management.caller import Caller
from interlace.management.findings import FindingRow, FindingsListed
from interlace.management.listing import ListAsked
from interlace.management.verification import (
    MappingCounts,
    MappingVerdictShown,
    OneVerdict,
    ShowVerification,
    Verification,
)

ASKED: list[ListAsked] = []
ROWS = (
    FindingRow(
        number=1,
        mapping="CUSTOMER",
        found="drifted",
        record="C1",
        crm_key="a1",
        erp_field="Name",
        erp_value="Nord",
        crm_field="name",
        crm_value="",
    ),
    FindingRow(
        number=2, mapping="CUSTOMER", found="missing partner", side="crm", record="a9", reason="Gone."
    ),
    FindingRow(number=3, mapping="CUSTOMER", found="duplicate partner", side="erp", record="PCS, 0"),
)


async def _findings(_caller: Caller, asked: ListAsked) -> FindingsListed:
    ASKED.append(asked)
    return FindingsListed(rows=ROWS, count=3)


async def _mapping(_caller: Caller, asked: OneVerdict) -> MappingVerdictShown:
    verdict: MappingVerdictShown = sample(MappingVerdictShown)
    return msgspec.structs.replace(verdict, mapping=asked.mapping, drifted_fields={"Name>name": 1204})


async def _show(_caller: Caller, _asked: ShowVerification) -> Verification:
    counts = MappingCounts(
        mapping="CUSTOMER",
        green=False,
        erp_total=9,
        crm_total=9,
        equal=3,
        different=2,
        missing=0,
        double=0,
        explained=4,
        left_out=0,
    )
    shown: Verification = sample(Verification)
    return msgspec.structs.replace(shown, mappings=(counts,))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk with one verdict."""
    ASKED.clear()
    works = {"verification.findings": _findings, "verification.mapping": _mapping, "verification.show": _show}
    held, _ = canned_app(tmp_path, works_of=works)
    yield held
    held.close()


async def page(place: Place, path: str) -> str:
    """Return a page as somebody sees it who may only look."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        return (await browser.get(path)).text


async def test_findings_are_filtered_sorted_and_exported(place: Place) -> None:
    """As every list; tabs lead to one kind."""
    shown = await page(place, "/findings?filters.found=missing+partner&sort=record&search=no")
    assert [(each.filters, each.sort, each.search) for each in ASKED] == [
        ({"found": "missing partner"}, "record", "no")
    ]
    assert 'aria-current="true">Without partner</a>' in shown
    assert re.search(r'href="/export/verification/findings\?[^"]*format=xlsx', shown)
    assert 'name="filters.crm_field"' in shown


async def test_a_finding_leads_to_its_record(place: Place) -> None:
    """On the side where it is; a key of several parts can't be told from its text."""
    shown = await page(place, "/findings")
    assert '<a href="/records/CUSTOMER/a1?side=crm">C1</a>' in shown
    assert '<a href="/records/CUSTOMER/a9?side=crm">a9</a>' in shown
    assert ">PCS, 0</td>" in shown
    assert ">Nord</td>" in shown
    assert ">–</td>" in shown


async def test_the_page_of_a_mapping_lists_its_findings(place: Place) -> None:
    """Below its exact counts, without the column of the mapping; the export is of this mapping alone."""
    shown = await page(place, "/verification/CUSTOMER?filters.found=drifted")
    assert [each.filters for each in ASKED] == [{"found": "drifted", "mapping": "'CUSTOMER'"}]
    assert "Name / name: 1,204" in shown
    assert 'name="filters.mapping"' not in shown.replace('type="hidden" name="filters.mapping"', "")
    assert re.search(r'href="/export/verification/findings\?[^"]*filters\.mapping=%27CUSTOMER%27', shown)


async def test_a_count_leads_to_what_it_counts(place: Place) -> None:
    """Of its mapping and kind; where there is nothing, nothing leads to it."""
    shown = await page(place, "/verification")
    links = re.findall(r'href="/findings\?filters.mapping=%27CUSTOMER%27&amp;filters.found=([^"]*)"', shown)
    assert links == ["drifted", "failed"]


async def test_nothing_is_said_to_be_found_before_anybody_verified(tmp_path: Path) -> None:
    """An empty list of a verdict that there is not would be taken for a green one."""

    async def none(_caller: Caller, _asked: ListAsked) -> FindingsListed:
        """List nothing."""
        return FindingsListed()

    async def never(_caller: Caller, _asked: ShowVerification) -> Verification:
        """Tell of no verdict."""
        return Verification()

    held, _ = canned_app(tmp_path, works_of={"verification.findings": none, "verification.show": never})
    shown = await page(held, "/findings")
    held.close()
    assert "There is no verdict yet" in shown
    assert "found nothing" not in shown
