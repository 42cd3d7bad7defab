"""Script in every text that anything answers: no page, notice, event or export holds more than the text (W6)."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from defusedxml import ElementTree
from tests.web import canned_desk
from tests.web.accounts_desk import NoChanges, Place
from tests.web.canned_desk import HOSTILE, canned_app
from tests.web.test_pages import PAGES
from tests.web.test_sent_fields import CARDS

from interlace.management.export import EXPORTED
from interlace.management.operation import Effect
from interlace.management.operations import ALL_OPERATIONS

ADDRESS = "javascript:alert(1)"
"""Is harmless as a text, and carried out as an address."""
NO_ICON = "data:,"
LINKS = frozenset({"href", "src", "action", "formaction"})
SCHEMES = frozenset({"", "https"})
EVERY_PAGE = tuple(path for path in (*PAGES, *CARDS) if "view=" not in path)


class Structure(HTMLParser):
    """What a browser makes of a page: its elements with the names of their attributes, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.links |= {value or "" for name, value in attrs if name in LINKS}

    def foreign_links(self) -> set[str]:
        """Return the links that a browser would carry out, or follow to somewhere that nobody configured."""
        return {
            each
            for each in self.links - {NO_ICON}
            if urlsplit(each).scheme not in SCHEMES or each.startswith("//")
        }


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk whose every text is hostile, unless a test says otherwise."""
    # A list that always goes on would be exported for ever.
    last_pages = {each.answer.__name__: {"next_cursor": ""} for each, _ in EXPORTED.values()}
    held, _ = canned_app(tmp_path, last_pages)
    with closing(held):
        yield held


@pytest.fixture
async def ada(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's browser."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        yield browser


async def test_security_w6_no_text_makes_an_element_or_an_attribute(
    ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page has the same elements with the same attributes, whatever all its texts are, and no link of theirs."""
    for path in EVERY_PAGE:
        hostile = Structure((await ada.get(path)).text)
        with monkeypatch.context() as patched:
            patched.setattr(canned_desk, "HOSTILE", ADDRESS)
            plain = Structure((await ada.get(path)).text)
        assert len(hostile.elements) > 50, path
        assert hostile.elements == plain.elements, path
        assert hostile.foreign_links() | plain.foreign_links() == set(), path


async def test_security_w6_what_an_action_tells_is_text(ada: httpx.AsyncClient) -> None:
    """What was done, with all that its answer says, stands in the notices of the next page as text."""
    told = 0
    for each in ALL_OPERATIONS:
        if each.effect is not Effect.WRITES or each.name.startswith(("account.", "users.", "tokens.")):
            continue
        await ada.post(f"/do/{each.name.replace('.', '/', 1)}", data={"return_to": "/about"})
        page = (await ada.get("/about")).text
        notices = page.partition('class="notices"')[2]
        shown = Structure(notices)
        assert not {"script", "img"} & {tag for tag, *_ in shown.elements}, each.name
        assert HOSTILE not in page
        assert shown.foreign_links() == set(), each.name
        told += bool(notices)
    assert told > 20


@pytest.mark.parametrize("name", sorted(EXPORTED))
async def test_security_w6_exports_hold_it_as_a_cell(ada: httpx.AsyncClient, name: str) -> None:
    """Files are kept, not shown; a text is a cell of a table, and nothing else of the file."""
    path = f"/export/{name.replace('.', '/', 1)}"
    asked = msgspec.structs.fields(EXPORTED[name][0].asked)
    own = {each.name: "CUSTOMER" for each in asked if each.required or each.name == "mapping"}
    written = await ada.get(path, params={"format": "csv", **own})
    if name.startswith(("account.", "users.", "tokens.", "audit.")):
        assert written.status_code == 200
        return
    assert written.headers["content-disposition"].startswith("attachment")
    assert written.headers["x-content-type-options"] == "nosniff"
    head, row = csv.reader(io.StringIO(written.text.removeprefix("\ufeff")))
    assert len(row) == len(head)
    assert any(HOSTILE in cell for cell in row)
    book = await ada.get(path, params={"format": "xlsx", **own})
    with zipfile.ZipFile(io.BytesIO(book.content)) as packed:
        names = {each for each in packed.namelist() if each.endswith(".xml")}
        tags = {
            part.tag.rpartition("}")[2]
            for each in names
            for part in ElementTree.fromstring(packed.read(each)).iter()
        }
    assert not {"script", "img", "f", "hyperlink"} & tags


async def test_security_w6_a_live_event_is_one_value(
    ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Live updates say that something changed, never what; whatever their token were, it is one value of JSON."""
    told = f"{HOSTILE}\n\nevent: forged"

    async def token(_changes: NoChanges) -> str:
        """Tell what no store tells."""
        return told

    monkeypatch.setattr(NoChanges, "token", token)
    answer = await ada.get("/live/token")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"token": told}
