"""The address of exports: a file for who may read, a page or a sign-in for everybody else."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.web.accounts_desk import Place

from interlace.management.caller import Caller
from interlace.management.couplings import LIST_COUPLINGS, CouplingRow, CouplingsListed
from interlace.management.listing import ListAsked
from interlace.management.refusal import RefusalKind, Refused

_LIST = "/export/couplings/list"


async def list_couplings(_caller: Caller, asked: ListAsked) -> CouplingsListed:
    """Give three pages of two couplings, named as the filter says."""
    name = asked.filters.get("erp_name", "=1+1")
    if name == "A|":
        raise Refused(RefusalKind.INVALID, "The filter can't be understood")
    page = int(asked.cursor or 0)
    rows = tuple(
        CouplingRow(
            mapping="CUSTOMER",
            erp_key=f"C{page}{number}",
            crm_key="id",
            erp_name=name,
            crm_name=name,
            state="coupled",
            synchronized_at="",
        )
        for number in range(2)
    )
    return CouplingsListed(rows=rows, next_cursor="" if page == 2 else str(page + 1))


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which somebody who may read is signed in."""
    place = Place(tmp_path)
    place.desk._works.add(LIST_COUPLINGS, list_couplings)  # noqa: SLF001 - a desk for one list
    await place.add("ingrid", "INTERLACE VIEW")
    async with place.signed_in("ingrid") as client:
        yield client
    place.close()


async def test_a_list_is_sent_as_csv(browser: httpx.AsyncClient) -> None:
    """All pages in one file, kept under the list's name and never shown by the browser."""
    answer = await browser.get(_LIST, params={"format": "csv", "search": "x", "limit": "3"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    held = answer.headers["content-disposition"]
    assert held.startswith('attachment; filename="Coupled Records 20')
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [line["ERP No."] for line in lines] == ["C00", "C01", "C10", "C11", "C20", "C21"]
    assert {line["ERP Name"] for line in lines} == {"'=1+1"}


async def test_a_list_is_sent_as_a_workbook(browser: httpx.AsyncClient) -> None:
    """With the filters of the page."""
    answer = await browser.get(_LIST, params={"format": "xlsx", "filters.erp_name": "Adatum"})
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("Adatum") == 12
    assert sheet.count("<row ") == 7


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{_LIST}?filters.erp_name=A%7C", 400),
        (f"{_LIST}?format=exe", 400),
        (f"{_LIST}?colour=red", 400),
        ("/export/reviews/show", 404),
        ("/export/couplings/..%2flist", 404),
    ],
)
async def test_what_can_not_be_exported_is_told_on_a_page(
    browser: httpx.AsyncClient, address: str, status: int
) -> None:
    """Before a file begins."""
    answer = await browser.get(address)
    assert answer.status_code == status
    assert "content-disposition" not in answer.headers


async def test_nobody_exports_without_a_session(tmp_path: Path) -> None:
    """The browser is led to the sign-in."""
    place = Place(tmp_path)
    async with place.browser() as client:
        answer = await client.get(_LIST)
    place.close()
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
