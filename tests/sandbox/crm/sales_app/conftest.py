"""A person at the sales app: a browser without scripts, in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import pytest
from tests.sandbox.crm.conftest import Client, Clock
from tests.sandbox.crm.shop import Shop

from interlace.sandbox.crm import CrmSandbox
from interlace.sandbox.exchange import Response

ANNA = "anna.berg@wholesale.invalid"
PASSWORD = "sandbox-sales"
_VOID = frozenset({"meta", "link", "input", "br"})


@dataclass(slots=True)
class FormOnPage:
    """A form of a page: where it goes and what stands in its fields."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads forms, texts and links, and holds that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormOnPage] = []
        self.links: list[str] = []
        self.labels: set[str] = set()
        self.ids: list[str] = []
        self.entered: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.headings: list[str] = []
        self._open: list[str] = []
        self._form: FormOnPage | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.add(tag)
        self.attributes |= set(given)
        if tag not in _VOID:
            self._open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "label":
            self.labels.add(given.get("for", ""))
        elif tag == "form":
            self._form = FormOnPage(given.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, given)

    def _field(self, tag: str, given: Mapping[str, str]) -> None:
        assert self._form is not None
        name = given.get("name", "")
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.entered.append(given.get("id", ""))
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self._form.fields[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
            self._form.fields[name] = ""
        elif tag == "option" and self._select and "selected" in given:
            self._form.fields[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self._form.fields[name] = ""
        elif tag == "button":
            self._form.buttons.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes another element"
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._area and self._form is not None:
            self._form.fields[self._area] += data.removeprefix("\n")
        if self._open and self._open[-1] == "h1":
            self.headings.append(data)

    def close(self) -> None:
        super().close()
        assert not self._open, f"{self._open} are not closed"


@dataclass(slots=True, kw_only=True)
class PageRead:
    """An answer as a browser reads it."""

    address: str
    status: int
    response: Response
    text: str
    forms: list[FormOnPage]
    links: list[str]
    heading: str
    reader: _Reader

    def form(self, action: str) -> FormOnPage:
        """The form that goes to an address ending like this."""
        return next(each for each in self.forms if each.action.endswith(action))

    def link(self, caption_part: str) -> str:
        """The first link whose address holds this."""
        return next(each for each in self.links if caption_part in each)


class Person:
    """Opens pages and sends forms as a browser does, keeping cookies and following redirections."""

    def __init__(self, app: CrmSandbox) -> None:
        self.app = app
        self.cookies: dict[str, str] = {}
        self.page: PageRead

    def request(
        self, method: str, address: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """One request with the cookies."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"cookie": cookies, "content-type": "application/x-www-form-urlencoded", **(headers or {})}
        response = self.app.call(method, address, headers=sent, body=body)
        for name, value in response.headers:
            if name == "Set-Cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return response

    def open(self, address: str) -> PageRead:
        """Opens a page below `/app/`."""
        return self._read("GET", f"/app/{address}")

    def send(self, action: str, **values: str) -> PageRead:
        """Sends the form of the page that goes there, with some fields typed anew."""
        form = self.page.form(action)
        body = urlencode({**form.fields, **values}).encode()
        return self._read("POST", form.action, body)

    def _read(self, method: str, address: str, body: bytes = b"") -> PageRead:
        response = self.request(method, address, body)
        while response.status == 303:
            address = response.header("Location") or ""
            response = self.request("GET", address)
        reader = _Reader()
        reader.feed(response.body.decode())
        reader.close()
        self.page = PageRead(
            address=urlsplit(address).path,
            status=response.status,
            response=response,
            text=reader.text,
            forms=reader.forms,
            links=reader.links,
            heading="".join(reader.headings),
            reader=reader,
        )
        return self.page

    def sign_in(self, email: str = ANNA, password: str = PASSWORD) -> PageRead:
        """Types e-mail address and password."""
        self.open("sign-in")
        return self.send("sign-in", email=email, password=password)


@pytest.fixture
def stranger(client: Client) -> Person:
    """Somebody who has not signed in."""
    return Person(client.app)


@pytest.fixture
def anna(client: Client) -> Person:
    """A saleswoman who has signed in."""
    person = Person(client.app)
    assert person.sign_in().address == "/app/"
    return person


@pytest.fixture
def shop(client: Client) -> Shop:
    """A customer, a product and a price list."""
    shop = Shop(client)
    bind = {"defaultpricelevelid@odata.bind": f"/pricelevels({shop.price_list})"}
    client.patch(f"accounts({shop.account})", {"accountnumber": "10000", **bind})
    return shop


__all__ = ["ANNA", "PASSWORD", "Clock", "Person"]
