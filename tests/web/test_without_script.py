"""Every form of every page as plain HTML: its own fields and buttons are enough to send it, and it is answered."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.web.accounts_desk import Place, sign_in
from tests.web.canned_desk import canned_app
from tests.web.test_pages import PAGES
from tests.web.test_sent_fields import CARDS

from interlace.web import pages

EVERY_PAGE = (*PAGES, *CARDS)
_FILES = frozenset({"/audit/export", "/couplings/exchange/file"})
_UNCHECKED = frozenset({"checkbox", "radio"})
_VOID = frozenset({"input", "meta", "link", "br", "img", "hr", "col", "wbr"})
_UNPRESSED = frozenset({"submit", "button", "reset", "image"})


@dataclass(kw_only=True)
class Form:
    """A form with what a browser without script would send, and the buttons that send it."""

    method: str
    address: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[dict[str, str]] = field(default_factory=list)
    lines: int = 0
    """Fields to type in: the only one of a form sends it by Enter."""


class Forms(HTMLParser):
    """The forms of a page, and its buttons that only a script makes something of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.idle: list[str] = []
        self._named: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: tuple[Form, str, list[str]] | None = None
        self._around: list[bool] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, a field or a button; what the page hides until a script shows it is left out."""
        held = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            # Those of this class, and dialogs, are shown by the script that makes something of them.
            self._around.append(tag == "dialog" or "script-only" in held.get("class", "").split())
        if tag == "form":
            self._open = self._named.setdefault(held["id"], _form(held)) if "id" in held else _form(held)
            self._open.method, self._open.address = _form(held).method, held.get("action", "")
            self.forms.append(self._open)
            return
        form = self._named.setdefault(held["form"], _form({})) if "form" in held else self._open
        if tag == "button" and "aria-disabled" not in held:
            self._note_button(form, held)
        if form is None or "disabled" in held:
            return
        if tag == "input":
            _note_input(form, held)
        elif tag == "select":
            self._select = (form, held.get("name", ""), [])
        elif tag == "option" and self._select is not None:
            value = held.get("value", "")
            chosen = self._select[2]
            chosen[:] = [value] if "selected" in held or not chosen else chosen
        elif tag == "textarea" and "name" in held:
            form.fields.append((held["name"], ""))

    def _note_button(self, form: Form | None, held: dict[str, str]) -> None:
        if held.get("type", "submit") != "submit" or form is None:
            self.idle += [] if any(self._around) else [str(held)]
        elif "disabled" not in held:
            form.buttons.append(held)

    def handle_endtag(self, tag: str) -> None:
        """Leave a form, a choice, or what stands around."""
        self._around.pop()
        if tag == "form":
            self._open = None
        elif tag == "select" and self._select is not None:
            form, name, chosen = self._select
            form.fields += [(name, value) for value in chosen if name]
            self._select = None


def _form(held: dict[str, str]) -> Form:
    return Form(method=held.get("method", "get"), address=held.get("action", ""))


def _note_input(form: Form, held: dict[str, str]) -> None:
    kind = held.get("type", "text")
    if kind in _UNPRESSED:
        form.buttons.append(held)
        return
    form.lines += kind not in {*_UNCHECKED, "hidden"}
    if "name" in held and (kind not in _UNCHECKED or "checked" in held):
        form.fields.append((held["name"], held.get("value", "on" if kind in _UNCHECKED else "")))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    held, _ = canned_app(tmp_path)
    with closing(held):
        yield held


@pytest.fixture
async def ada(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's browser."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        yield browser


async def test_every_form_can_be_sent_without_a_script(ada: httpx.AsyncClient) -> None:
    """Each form has a button that sends it; no button outside of dialogs is there for a script only."""
    count = 0
    for path in EVERY_PAGE:
        found = Forms((await ada.get(path)).text)
        assert found.idle == [], path
        for form in found.forms:
            assert form.method in {"get", "post"}, (path, form)
            assert form.buttons or form.lines == 1 or not form.fields, (path, form)
            count += 1
    assert count > 200


async def test_every_form_is_answered_as_plain_html(place: Place, ada: httpx.AsyncClient) -> None:
    """Sent as it stands, by each of its buttons, a form leads to a page: of what was done, or of what is missing."""
    forms = {path: Forms((await ada.get(path)).text).forms for path in EVERY_PAGE}
    sent = set()
    buttons = [
        (path, each, pressed)
        for path, of_page in forms.items()
        for each in of_page
        for pressed in each.buttons
    ]
    for path, form, pressed in buttons:
        address = pressed.get("formaction", form.address) or path
        button = (address, pressed.get("name"), pressed.get("value"))
        if button in sent or address == "/sign-out":
            continue
        sent.add(button)
        answer = await _send(ada, form, pressed, address)
        assert answer.status_code in {200, 303, 400, 403, 404, 409, 422}, (path, address, answer.text[:500])
        assert answer.status_code == 303 or "<h1" in answer.text, (path, address)
        place.clock.forward(seconds=2)
        if answer.headers.get("location", "").startswith("/sign-in"):
            await sign_in(ada, "ada")
    assert len(sent) > 70


async def _send(
    browser: httpx.AsyncClient, form: Form, pressed: dict[str, str], address: str
) -> httpx.Response:
    fields = [*form.fields, *([(pressed["name"], pressed.get("value", ""))] if "name" in pressed else [])]
    pairs: dict[str, list[str]] = {}
    for name, value in fields:
        pairs.setdefault(name, []).append(value)
    if form.method == "post":
        return await browser.post(address, data=pairs)
    return await browser.get(urlsplit(address).path, params=pairs)


def test_every_page_is_looked_at() -> None:
    """Each address of the web client stands among those that these tests and those of whole pages go through."""
    templates = {path for each in pages.PAGES if "GET" in each.http_methods for path in each.paths} - _FILES
    paths = [urlsplit(each).path for each in (*EVERY_PAGE, "/unfinished")]
    patterns = {each: re.sub(r"\\\{\w+:\w+\\\}", "[^/]+", re.escape(each)) for each in templates}
    unseen = {
        each for each, pattern in patterns.items() if not any(re.fullmatch(pattern, path) for path in paths)
    }
    assert unseen == set()
