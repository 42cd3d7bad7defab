"""Saved views of a list: what is chosen by its address is saved, and a view leads back to all of it."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app, sample

from interlace.management.caller import Caller
from interlace.management.views import ListViews, SaveView, View, Views, ViewSaved

SAVED: list[SaveView] = []
CHOSEN = {
    "filters.status": "Error",
    "search": "toys",
    "sort": "-started_at",
    "columns": "mapping,status,kind",
    "layout": "tiles",
}


async def _list(_caller: Caller, _asked: ListViews) -> Views:
    """Answer with what was saved."""
    return Views(
        views=tuple(
            View(
                id=str(number),
                name=each.name,
                filters=each.filters,
                search=each.search,
                sort=each.sort,
                columns=each.columns,
                layout=each.layout,
                is_shared=each.is_shared,
                is_own=True,
                owner="ada",
            )
            for number, each in enumerate(SAVED)
        )
    )


async def _save(_caller: Caller, asked: SaveView) -> ViewSaved:
    """Note what is to be saved."""
    SAVED.append(asked)
    return sample(ViewSaved)  # type: ignore[no-any-return]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples but keeps views."""
    SAVED.clear()
    held, _ = canned_app(tmp_path, works_of={"views.list": _list, "views.save": _save})
    yield held
    held.close()


@pytest.mark.parametrize("ticked", [False, True])
async def test_a_view_keeps_tiles_columns_order_search_and_filters(place: Place, *, ticked: bool) -> None:
    """Whether the address names the columns together, or each for itself as the boxes of the pane do."""
    columns = CHOSEN["columns"].split(",") if ticked else [CHOSEN["columns"]]
    asked: list[tuple[str, str | int | float | bool | None]] = [
        (name, value) for name, value in CHOSEN.items() if name != "columns"
    ]
    asked += [("columns", each) for each in columns]
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        page = (await browser.get("/queue", params=asked)).text
        [form] = [each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if "views/save" in each]
        sent: dict[str, list[str]] = {}
        for tag in re.findall(r"<input[^>]*hidden[^>]*>", form):
            told = dict(re.findall(r'(name|value)="([^"]*)"', tag))
            sent.setdefault(unescape(told["name"]), []).append(unescape(told.get("value", "")))
        await browser.post("/do/views/save", data={**sent, "name": "Mine"})
        again = (await browser.get("/queue")).text
    [saved] = SAVED
    assert (saved.columns, saved.layout) == (("mapping", "status", "kind"), "tiles")
    assert (saved.filters, saved.search, saved.sort) == ({"status": "Error"}, "toys", "-started_at")
    [link] = [unescape(each) for each in re.findall(r'href="(/queue[^"]*view=0[^"]*)"', again)]
    assert CHOSEN.items() <= dict(parse_qsl(urlsplit(link).query)).items()


async def test_a_view_of_a_list_leads_back_from_tiles(place: Place) -> None:
    """Its rows stand below one another again, whatever the page at hand shows."""
    SAVED.append(SaveView(of="queue.list", name="Rows", sort="kind"))
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        page = (await browser.get("/queue", params={"layout": "tiles"})).text
    [link] = [unescape(each) for each in re.findall(r'href="(/queue[^"]*view=0[^"]*)"', page)]
    assert "layout" not in link
