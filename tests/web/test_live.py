"""Pages that follow what happens: what a browser without a stream asks, and what is said when it can't be asked."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.web.accounts_desk import MACHINE, PASSWORD, Place

from interlace.management.account import CHANGE, ChangeAccount
from interlace.management.users import ADD, AddUser
from interlace.web.script import script

_LIVE = {"Interlace-Live": "1"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts with their pages."""
    held = Place(tmp_path)
    yield held
    held.close()


async def test_without_a_stream_the_token_tells_when_to_look_again(place: Place) -> None:
    """It stays while nothing changes, is another afterwards, and the page then has the region with what is new."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        before = (await browser.get("/live/token")).json()
        assert (await browser.get("/live/token")).json() == before
        await place.desk.perform(ADD, MACHINE, AddUser(name="newcomer", password=PASSWORD))
        place.changes.held = "1"
        answer = await browser.get("/live/token")
        assert answer.json() != before
        assert answer.headers["cache-control"] == "no-store"
        page = await browser.get("/users", headers=_LIVE)
    region = page.text[page.text.index('data-live-region="1"') :]
    assert "newcomer" in region


async def test_who_is_signed_out_is_told_so_instead_of_a_page(place: Place) -> None:
    """The script hears 401 and lets the page come to the sign-in, rather than exchanging its parts for it."""
    async with place.browser() as browser:
        assert (await browser.get("/live/token")).status_code == 401
        assert (await browser.get("/users", headers=_LIVE)).status_code == 401


async def test_a_page_has_words_for_what_can_not_be_renewed(place: Place) -> None:
    """Since when, the way to look again and what is being done: in the reader's language, read out when it is told."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        english = (await browser.get("/users")).text
        await browser.post(
            "/do/account/change",
            data={"language": "ru_RU", "time_zone": "Europe/Oslo", "return_to": "/account"},
        )
        russian = (await browser.get("/users")).text
    assert 'data-stale="What is shown has not been renewed since {time}."' in english
    assert 'data-again="Look again"' in english
    assert 'data-zone="Europe/Oslo"' in russian
    assert re.search(r'data-stale="[^"A-Za-z]*[а-я][^"]*\{time\}', russian)
    for text in (english, russian):
        assert re.search(r'<div id="stale" role="status"></div>', text)
        assert re.search(r'<div id="working" role="status"></div>', text)
    said = set(re.findall(r"\bwords\.(\w+)", script().decode()))
    assert said == {"yes", "no", "stale", "again", "working", "zone", "copied"}
    assert CHANGE.asked is ChangeAccount
