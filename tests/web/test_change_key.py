"""Change Web Service Key: where a user is shown, and what it offers to whom."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from tests.web.accounts_desk import MACHINE, Place
from tests.web.canned_desk import canned_app

from interlace.management.tokens import CREATE, CreateKey


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    held, _ = canned_app(tmp_path)
    yield held
    held.close()


async def test_an_administrator_changes_anybodys_key(place: Place) -> None:
    """Without a key it is a new one; with one, that is replaced. His own is changed on his own page."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bo", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        assert "/tokens/new?user=bo" in (await browser.get("/users/bo")).text
        made = await place.desk.perform(CREATE, MACHINE, CreateKey(name="till", user="bo"))
        assert f"/tokens/new?replaces={made.summary.id}" in (await browser.get("/users/bo")).text
        assert "/tokens/new?user=ada" in (await browser.get("/account")).text


async def test_others_are_told_whom_to_ask(place: Place) -> None:
    """Only administrators make keys: the action is there, and says why it does nothing."""
    await place.add("bo", "INTERLACE VIEW")
    async with place.signed_in("bo") as browser:
        page = unescape((await browser.get("/account")).text)
    assert "Change Web Service Key" in page
    assert "An administrator gives you a new key" in page
    assert "/tokens/new" not in page
