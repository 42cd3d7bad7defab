"""Several connections: every page keeps the chosen one, and the bar leads to the same page of another."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app, sample
from tests.web.test_pages import PAGES

from interlace.management.caller import Caller
from interlace.management.connections import Connections, ConnectionShown, ConnectionSummary, OneConnection
from interlace.management.operation import Effect
from interlace.management.operations import operation_called
from interlace.management.setup import Setup, ShowSetup
from interlace.web.visit import CONNECTION

_FREE = ("/sign-out", "/static/", "/api/", "/audit/export")
"""What is about no connection."""
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)


def summary(name: str, *, is_default: bool = False) -> ConnectionSummary:
    """One of the connections."""
    return ConnectionSummary(
        id=f"id-{name}",
        name=name,
        erp_address="https://erp.example.com/BC",
        erp_company=f"Company of {name}",
        crm_address="https://org.crm4.dynamics.com",
        enabled=True,
        is_default=is_default,
    )


HELD = (summary("Nord & Ost"), summary("south"), summary("west", is_default=True))


async def listed(_caller: Caller, _asked: msgspec.Struct) -> Connections:
    """Tell of three connections."""
    return Connections(connections=HELD)


async def shown(_caller: Caller, asked: OneConnection) -> ConnectionShown:
    """Show the connection that is asked about."""
    held: ConnectionShown = sample(ConnectionShown)
    return msgspec.structs.replace(held, summary=summary(asked.connection))


async def set_up(_caller: Caller, asked: ShowSetup) -> Setup:
    """Show the set-up that is asked about."""
    held: Setup = sample(Setup)
    return msgspec.structs.replace(held, connection=asked.connection)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A web client with three connections, whose desk answers with samples."""
    works = {"connections.list": listed, "connections.show": shown, "setup.show": set_up}
    held, _ = canned_app(tmp_path, works_of=works)
    yield held
    held.close()


def attribute(tag: str, name: str) -> str:
    """Return what an attribute of a tag says."""
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def named(address: str) -> str:
    """Return the connection that an address names."""
    return parse_qs(urlsplit(address).query).get(CONNECTION, [""])[0]


def lost(text: str, name: str) -> list[str]:
    """Return the links and forms of a page, but those of the switch, that are not about the connection."""
    text = re.sub(r'<details class="organization switch">.*?</details>', "", text, flags=re.DOTALL)
    found = []
    for tag in re.findall(r"<a\b[^>]*>", text):
        there = attribute(tag, "href")
        if there.startswith("/") and not there.startswith(_FREE) and named(there) != name:
            found += [] if _is_list_of_server(there) else [there]
    for tag, content in _FORM.findall(text):
        there = attribute(tag, "action")
        fields = {
            attribute(each, "name"): attribute(each, "value")
            for each in re.findall(r"<input\b[^>]*>", content)
        }
        if there.startswith("/do/"):
            area, _, verb = there.removeprefix("/do/").partition("/")
            operation = operation_called(f"{area}.{verb}", Effect.WRITES)
            if CONNECTION in operation.asked.__struct_fields__ and fields.get(CONNECTION) != name:
                found.append(there)
            if named(fields["return_to"]) != name:
                found.append(f"{there} returns to {fields['return_to']}")
        elif attribute(tag, "method") == "get" and fields.get(CONNECTION) != name:
            found.append(there)
        elif attribute(tag, "method") == "post" and not there.startswith(_FREE) and named(there) != name:
            found.append(f"post {there}")
    return found


def _is_list_of_server(address: str) -> bool:
    """Tell whether an address exports a list that is about no connection, such as that of users."""
    area, _, verb = urlsplit(address).path.removeprefix("/export/").partition("/")
    if not address.startswith("/export/"):
        return False
    return CONNECTION not in operation_called(f"{area}.{verb}", Effect.READS).asked.__struct_fields__


_OF_SEVERAL = frozenset({"/connections", "/notifications"})
"""Lists whose rows lead to a connection of their own."""


@pytest.mark.parametrize("name", ["Nord & Ost", "south"])
async def test_every_page_keeps_the_chosen_connection(place: Place, name: str) -> None:
    """Whatever is followed or done on a page is about the connection that its address names."""
    await place.add("ada", "INTERLACE ADMIN")
    found = {}
    async with place.signed_in("ada") as browser:
        for path in sorted({*PAGES} - _OF_SEVERAL):
            address = f"{path}{'&' if '?' in path else '?'}{urlencode({CONNECTION: name})}"
            answer = await browser.get(address)
            assert answer.status_code == 200, address
            found[path] = lost(answer.text, name)
    assert {path: each for path, each in found.items() if each} == {}


async def test_a_page_without_a_name_is_of_the_default_and_says_so_in_every_link(place: Place) -> None:
    """Who opens the web client sees the default, and stays with it when somebody chooses another one."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        answer = await browser.get("/jobs")
    assert lost(answer.text, "west") == []
    assert "Company of west ⇄ west" in answer.text


async def test_a_name_that_there_is_not_is_told_and_leads_nowhere(place: Place) -> None:
    """A stale bookmark leads to the list of connections; no link repeats the wrong name."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        answer = await browser.get("/jobs?connection=north")
    assert answer.status_code == 404
    assert "north" not in answer.text
    assert 'href="/connections"' in answer.text


def switch(text: str) -> dict[str, str]:
    """Return the choices of the switch with their addresses; the current one with a star."""
    [content] = re.findall(r'<details class="organization switch">(.*?)</details>', text, flags=re.DOTALL)
    found = re.findall(r"<a\b([^>]*)>(.*?)</a>", content)
    return {
        unescape(caption).strip() + ("*" if "aria-current" in tag else ""): attribute(tag, "href")
        for tag, caption in found
    }


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/jobs?filters.status=Error&connection=south", "/jobs"),
        ("/records/CUSTOMER/C1?side=crm&connection=south", "/records/CUSTOMER"),
        ("/conflicts/c1?connection=south", "/conflicts"),
        ("/?connection=south", "/"),
        ("/undo?subject=C1&connection=south", "/"),
    ],
)
async def test_the_bar_leads_to_the_same_page_of_another_connection(
    place: Place, path: str, there: str
) -> None:
    """A list stays the list without its filters; a card leads to its list, for the record is another's."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        answer = await browser.get(path)
    assert switch(answer.text) == {
        "Company of Nord & Ost ⇄ Nord & Ost": f"{there}?connection=Nord%20%26%20Ost",
        "Company of south ⇄ south*": f"{there}?connection=south",
        "Company of west ⇄ west": f"{there}?connection=west",
        "All connections": "/connections?connection=south",
    }
    assert 'aria-keyshortcuts="Control+O"' in answer.text


async def test_what_is_done_leads_back_to_the_connection_it_was_done_for(place: Place) -> None:
    """Pages that operations lead to are about the connection that was asked for, not about the default."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        done = await browser.post("/do/verification/start", data={"connection": "south", "return_to": "/"})
    assert done.status_code == 303
    assert named(done.headers["location"]) == "south"


async def test_what_was_done_for_a_connection_that_is_gone_leads_to_another(place: Place) -> None:
    """After a connection was removed nothing leads to it."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        done = await browser.post("/do/verification/start", data={"connection": "gone", "return_to": "/"})
    assert named(done.headers["location"]) == ""
