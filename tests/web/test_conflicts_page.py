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
    ConflictsOfMapping,
    ListConflicts,
    ShowConflict,
)

ASKED: list[ListConflicts] = []
OF_CUSTOMERS = "filters.mapping=%27CUSTOMER%27"
POLICIES = {"of_mapping": "None", "of_field": ""}


async def _list(_caller: Caller, asked: ListConflicts) -> Conflicts:
    """Answer with a page behind which there is another one; nothing is called Nobody."""
    ASKED.append(asked)
    if asked.search == "Nobody":
        return Conflicts(count=0)
    row: ConflictRow = sample(ConflictRow)
    mappings = (
        ConflictsOfMapping(mapping="CUSTOMER", count=100),
        ConflictsOfMapping(mapping="ITEM-PRODUCT", count=20),
    )
    return Conflicts(rows=(row,), next_cursor="behind", count=120, mappings=mappings)


async def _show(_caller: Caller, _asked: ShowConflict) -> ConflictShown:
    """Answer with a conflict, and another one of the same field."""
    shown: ConflictShown = sample(ConflictShown)
    values = {"erp_field": "Name", "erp_value": "Ann", "crm_value": "Bea"}
    name = msgspec.structs.replace(shown.fields[0], **values)
    own = msgspec.structs.replace(shown.fields[0], policy=POLICIES["of_field"])
    return msgspec.structs.replace(
        shown,
        mapping="CUSTOMER",
        policy=POLICIES["of_mapping"],
        fields=(own,),
        alike=(AlikeConflict(id="c2", caption="C00020", fields=(name,)),),
    )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    ASKED.clear()
    POLICIES.update(of_mapping="None", of_field="")
    held, _ = canned_app(tmp_path, works_of={"conflicts.list": _list, "conflicts.show": _show})
    yield held
    held.close()


async def test_every_conflict_is_reached(place: Place) -> None:
    """The mappings with conflicts are offered, and pages of the list keep the one that is chosen."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        first = (await browser.get("/conflicts")).text
        second = (await browser.get(f"/conflicts?{OF_CUSTOMERS}&cursor=behind")).text
    assert [(each.filters, each.cursor) for each in ASKED] == [
        ({}, ""),
        ({"mapping": "'CUSTOMER'"}, "behind"),
    ]
    assert _ways(first) >= {
        f"/conflicts?{OF_CUSTOMERS}",
        "/conflicts?filters.mapping=%27ITEM-PRODUCT%27",
        "/conflicts?cursor=behind",
    }
    assert "/export/conflicts/list?" in first
    assert f"/conflicts?{OF_CUSTOMERS}&cursor=behind" in _ways(second)
    assert "All (120)" in first
    assert re.search(r'aria-current="true"[^>]*>CUSTOMER<', second)


@pytest.mark.parametrize(("query", "told"), [("", "120 rows"), ("?search=Nobody", "No conflict fits")])
async def test_an_inbox_says_what_it_holds(place: Place, query: str, told: str) -> None:
    """How many there are; and that none fits is another thing than that there are none."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        page = (await browser.get(f"/conflicts{query}")).text
    assert told in page


async def test_the_policy_stands_beside_the_conflict(place: Place) -> None:
    """It leads to where the mapping's is changed; a field with one of its own tells that one."""
    POLICIES["of_mapping"], POLICIES["of_field"] = "None", "Newest"
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        shown = (await browser.get("/conflicts/c1")).text
        POLICIES["of_field"] = "None"
        alike = (await browser.get("/conflicts/c1")).text
    assert 'href="/mappings/CUSTOMER#field-update_conflict_resolution"' in shown
    assert "Policy: a person decides" in shown
    assert "Policy: Newest" in shown
    assert alike.count("Policy: ") == 1


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
