"""The journal as a page: a list like the others, to which other pages lead by a record, mapping, job or field."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    held, _ = canned_app(tmp_path)
    yield held
    held.close()


async def test_other_pages_lead_to_a_filtered_journal(place: Place) -> None:
    """What they name becomes a filter that finds exactly it, shown and exported like any other."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        answer = await browser.get("/journal", params={"key": "O'Neil*", "job": "j1"})
        assert answer.status_code == 303
        address = answer.headers["location"]
        page = (await browser.get(address)).text
    assert dict(parse_qsl(urlsplit(address).query)) == {
        "filters.record": "'O''Neil*'",
        "filters.job_id": "'j1'",
    }
    assert "/export/journal/list?" in page
    assert 'name="filters.at"' in page
