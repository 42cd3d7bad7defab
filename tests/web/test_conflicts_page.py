"""The inbox of conflicts as a page: all of them part by part, or those of one mapping."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import msgspec
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app, sample

from interlace.management.caller import Caller
from interlace.management.conflicts import (
    AlikeConflict,
    ConflictRow,
    Conflicts,
    ConflictShown,
    ListConflicts,
    ShowConflict,
)

ASKED: list[ListConflicts] = []


async def _list(_caller: Caller, asked: ListConflicts) -> Conflicts:
    """Answer with the part that was asked for, as if there were a further one."""
    ASKED.append(asked)
    row: ConflictRow = sample(ConflictRow)
    mappings = ("CUSTOMER", "ITEM-PRODUCT")
    return Conflicts(conflicts=(row,), has_more=True, page=asked.page, every=120, mappings=mappings)


async def _show(_caller: Caller, _asked: ShowConflict) -> ConflictShown:
    """Answer with a conflict, and another one of the same field."""
    shown: ConflictShown = sample(ConflictShown)
    values = {"erp_field": "Name", "erp_value": "Ann", "crm_value": "Bea"}
    name = msgspec.structs.replace(shown.fields[0], **values)
    return msgspec.structs.replace(shown, alike=(AlikeConflict(id="c2", caption="C00020", fields=(name,)),))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    ASKED.clear()
    held, _ = canned_app(tmp_path, works_of={"conflicts.list": _list, "conflicts.show": _show})
    yield held
    held.close()


async def test_every_conflict_is_reached(place: Place) -> None:
    """The mappings with conflicts are offered, and parts of the list keep the one that is chosen."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        first = (await browser.get("/conflicts")).text
        second = (await browser.get("/conflicts?mapping=CUSTOMER&page=2")).text
    assert [(each.mapping, each.page) for each in ASKED] == [("", 1), ("CUSTOMER", 2)]
    assert _ways(first) >= {
        "/conflicts?mapping=CUSTOMER",
        "/conflicts?mapping=ITEM-PRODUCT",
        "/conflicts?page=2",
    }
    assert _ways(second) >= {"/conflicts?mapping=CUSTOMER&page=1", "/conflicts?mapping=CUSTOMER&page=3"}
    assert "All (120)" in first
    assert re.search(r'aria-current="true"[^>]*>CUSTOMER<', second)


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999"])
async def test_an_address_that_names_no_part_shows_one(place: Place, page: str) -> None:
    """Whatever was typed, a part of the list is asked for."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        answer = await browser.get(f"/conflicts?page={page}")
    assert answer.status_code == 200
    assert ASKED[0].page == 1


async def test_what_one_decision_may_settle_is_shown(place: Place) -> None:
    """Each conflict of the same fields stands there with both its values and a box that is not ticked."""
    await place.add("ada", "INTERLACE SYNCHRONIZE")
    async with place.signed_in("ada") as browser:
        page = unescape((await browser.get("/conflicts/c1")).text)
    (box,) = re.findall(r'<input[^>]*name="alike"[^>]*>', page)
    assert 'value="c2"' in box
    assert "checked" not in box
    row = page.partition(box)[2].partition("</tr>")[0]
    assert 'href="/conflicts/c2"' in row
    assert "Name: Ann" in row
    assert "Name: Bea" in row


def _ways(page: str) -> set[str]:
    return {unescape(each) for each in re.findall(r'href="([^"]*)"', page)}
