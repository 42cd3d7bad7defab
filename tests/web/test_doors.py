"""Forms and the API: both ask the same desk, and tell in their own way what came of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import HOSTILE, canned_app

from interlace.web.addresses import own_address


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    held, _ = canned_app(tmp_path)
    yield held
    held.close()


async def test_a_form_is_done_and_the_next_page_tells_it_once(place: Place) -> None:
    """The browser is led back, the notice stands on the next page and on no other."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        sent = {"connection": "main", "mapping": "CUSTOMER", "return_to": "/halts"}
        done = await browser.post("/do/halts/release", data=sent)
        assert (done.status_code, done.headers["location"]) == (303, "/halts")
        first, second = await browser.get("/halts"), await browser.get("/halts")
    assert 'class="notice done"' in first.text
    assert HOSTILE not in first.text
    assert 'class="notice done"' not in second.text


async def test_a_refused_form_tells_why_on_the_page_it_came_from(place: Place) -> None:
    """Title, code to copy and reference; nothing is done."""
    await place.add("bo", "INTERLACE VIEW")
    async with place.signed_in("bo") as browser:
        sent = {"connection": "main", "mapping": "CUSTOMER", "return_to": "/halts"}
        done = await browser.post("/do/halts/release", data=sent)
        assert (done.status_code, done.headers["location"]) == (303, "/halts")
        page = await browser.get("/halts")
    assert 'class="notice error"' in page.text
    assert "approve" in page.text


@pytest.mark.parametrize("address", ["/do/halts/list", "/do/halts/nothing", "/do/no/such"])
async def test_a_form_does_only_what_writes(place: Place, address: str) -> None:
    """What reads, and what there is not, can't be posted."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        done = await browser.post(address, data={"return_to": "/"})
        page = await browser.get(done.headers["location"])
    assert 'class="notice error"' in page.text


async def test_a_form_takes_no_more_than_is_declared(place: Place) -> None:
    """A field that somebody adds is refused, not stored."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        sent = {"connection": "main", "mapping": "CUSTOMER", "released_by": "boss", "return_to": "/halts"}
        await browser.post("/do/halts/release", data=sent)
        page = await browser.get("/halts")
    assert 'class="notice error"' in page.text


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "\x01/x",
        "/\r\nSet-Cookie: a=b",
    ],
)
def test_nothing_leads_to_another_host(there: str) -> None:
    """Wherever a form says to come back to, it is one of our addresses."""
    assert own_address(there) == "/"
    assert own_address("/jobs?connection=main") == "/jobs?connection=main"


async def test_a_form_comes_back_to_our_own_pages_only(place: Place) -> None:
    """A forged address to come back to leads home."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        sent = {"connection": "main", "mapping": "CUSTOMER", "return_to": "https://evil.example/"}
        done = await browser.post("/do/halts/release", data=sent)
    assert done.headers["location"] == "/"


async def test_the_api_answers_in_json_and_refuses_in_json(place: Place) -> None:
    """The same operation, with the same permission, for programs; a reference finds the log's line."""
    await place.add("bo", "INTERLACE VIEW")
    async with place.signed_in("bo") as browser:
        found = await browser.get("/api/v1/halts/list")
        wrong = await browser.get("/api/v1/halts/list?colour=red")
        refused = await browser.post("/api/v1/halts/release", json={"mapping": "CUSTOMER"})
        posted = await browser.post("/api/v1/halts/list", json={})
        broken = await browser.post(
            "/api/v1/conflicts/resolve", content=b"{", headers={"Content-Type": "application/json"}
        )
    assert found.status_code == 200
    assert found.json()["rows"][0]["mapping"] == HOSTILE
    assert [wrong.status_code, refused.status_code, posted.status_code, broken.status_code] == [
        400,
        403,
        404,
        400,
    ]
    error = refused.json()["error"]
    assert error["kind"] == "forbidden"
    assert error["reference"]


async def test_the_api_describes_itself(place: Place) -> None:
    """The description is JSON that tools can read, and names every path that it answers."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        described = json.loads((await browser.get("/api/v1/openapi.json")).text)
    assert described["openapi"].startswith("3.1")
    assert described["paths"]["/conflicts/resolve"]["post"]["operationId"] == "conflicts.resolve"
    assert "parameters" in described["paths"]["/couplings/list"]["get"]
