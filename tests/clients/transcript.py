"""A run of a client as a file that can be read and replayed: what differs from run to run becomes a placeholder.

Placeholders stand in angle brackets: ⟨id 3⟩ (⟨ID 3⟩ in capitals), ⟨etag 2⟩, ⟨link 1⟩ and ⟨cookie 1⟩ are the
same value wherever they appear; ⟨time⟩, ⟨day⟩, ⟨number⟩, ⟨token⟩, ⟨secret⟩, ⟨service⟩, ⟨host⟩ and ⟨document⟩ stand
for what is there.
"""

import json
import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.clients.exchanges import Exchange

REQUEST_HEADERS = frozenset(
    {
        "accept",
        "authorization",
        "company",
        "consistency",
        "content-range",
        "content-type",
        "if-match",
        "if-none-match",
        "isolation",
        "mscrm.mergelabels",
        "mscrm.solutionuniquename",
        "odata-maxversion",
        "odata-version",
        "prefer",
        "x-ms-file-name",
        "x-ms-transfer-mode",
    }
)
ANSWER_HEADERS = frozenset(
    {
        "allow",
        "content-type",
        "etag",
        "location",
        "odata-entityid",
        "odata-version",
        "preference-applied",
        "retry-after",
    }
)
GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
ETAG = r'W/"[^"]*"'
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?"
_VOLATILE = re.compile(f"(?P<etag>{ETAG})|(?P<id>{GUID})|(?P<time>{TIME})")
_COOKIE = re.compile(r'pagingcookie="([^"]+)"')
_NUMBERS = frozenset({"versionnumber", "auxiliaryTimestamp", "timestamp", "expires_in", "ext_expires_in"})
_TOKENS = frozenset({"access_token", "refresh_token", "id_token"})
_LIST_MAX = 40
_LIST_SHOWN = 2
AND_MORE = "⟨and more⟩"
_RUN_LASTS = timedelta(hours=1)


@dataclass
class Volatile:
    """Numbers what a run made up, in the order of its appearance."""

    began: datetime
    secret: str
    origin: str = ""

    def __post_init__(self) -> None:
        self._known: dict[tuple[str, str], int] = {}
        self._links: dict[str, int] = {}
        self._clients: set[str] = set()
        self._cookies: list[str] = []

    def text(self, text: str, *, from_client: bool) -> str:
        """A text with placeholders."""
        if self.origin:
            if text == urllib.parse.urlsplit(self.origin).hostname:
                return "⟨host⟩"
            text = text.replace(self.origin, "⟨service⟩")
            text = text.replace(urllib.parse.quote(self.origin, safe=""), "⟨service⟩")
        text = text.replace(self.secret, "⟨secret⟩")
        if not from_client:
            self._cookies += [each for each in _COOKIE.findall(text) if each not in self._cookies]
        for number, cookie in enumerate(self._cookies, 1):
            text = text.replace(cookie, f"⟨cookie {number}⟩")
        text = _VOLATILE.sub(lambda found: self._placeholder(found, from_client=from_client), text)
        is_today = not from_client and text == self.began.date().isoformat()
        return "⟨day⟩" if is_today else text

    def _placeholder(self, found: re.Match[str], *, from_client: bool) -> str:
        kind, value = str(found.lastgroup), found[0]
        if kind == "time":
            return value if from_client or not self._is_of_this_run(value) else "⟨time⟩"
        if self._is_the_clients(kind, value.lower(), from_client=from_client):
            return value
        is_capital = kind == "id" and value != value.lower()
        place = (kind, value.lower())
        number = self._known.setdefault(place, sum(1 for each, _ in self._known if each == kind) + 1)
        return f"⟨{'ID' if is_capital else kind} {number}⟩"

    def _is_the_clients(self, kind: str, value: str, *, from_client: bool) -> bool:
        """Whether the client brought a value of its own: it will do so again."""
        if from_client and (kind, value) not in self._known:
            self._clients.add(value)
        return value in self._clients

    def _is_of_this_run(self, value: str) -> bool:
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return self.began - _RUN_LASTS < moment < self.began + _RUN_LASTS

    def link(self, address: str) -> str:
        """The placeholder of a link that the service gave."""
        plain = urllib.parse.unquote_plus(address)
        return f"⟨link {self._links.setdefault(plain, len(self._links) + 1)}⟩"

    def target(self, target: str) -> str:
        """A request's target: a link that was followed (however it was escaped), or a path with its query."""
        number = self._links.get(urllib.parse.unquote_plus(self.origin + target))
        return f"⟨link {number}⟩" if number is not None else self.text(target, from_client=True)

    def value(self, value: Any, *, from_client: bool) -> Any:
        """A JSON value with placeholders."""
        match value:
            case str():
                return self.text(value, from_client=from_client)
            case list():
                return self._shortened([self.value(each, from_client=from_client) for each in value])
            case dict():
                return {
                    self.text(key, from_client=from_client): self._member(key, each, from_client=from_client)
                    for key, each in value.items()
                }
            case _:
                return value

    def _member(self, key: str, value: Any, *, from_client: bool) -> Any:
        if key in _TOKENS:
            return "⟨token⟩"
        if key in _NUMBERS and not from_client:
            return "⟨number⟩"
        if key in {"@odata.nextLink", "@odata.deltaLink"}:
            return self.link(value)
        return self.value(value, from_client=from_client)

    @staticmethod
    def _shortened(values: list[Any]) -> list[Any]:
        return values if len(values) <= _LIST_MAX else [*values[:_LIST_SHOWN], AND_MORE]

    def body(self, content: bytes, content_type: str, *, from_client: bool) -> Any:
        """A body: nothing, a JSON value, the lines of a text, or that a document was there."""
        if not content:
            return None
        if "xml" in content_type or content_type.startswith("text/html"):
            return "⟨document⟩"
        text = content.decode()
        if "json" in content_type:
            return {"json": self.value(json.loads(text), from_client=from_client)}
        return {"lines": [self._line(each, from_client=from_client) for each in text.split("\r\n")]}

    def _line(self, line: str, *, from_client: bool) -> Any:
        if line.startswith("{"):
            return {"json": self.value(json.loads(line), from_client=from_client)}
        return self.text(line, from_client=from_client)


def written(exchanges: Iterable[Exchange], began: datetime, secret: str) -> list[dict[str, Any]]:
    """The exchanges of a run as a transcript holds them."""
    volatile = Volatile(began, secret)
    return [_written(each, volatile) for each in exchanges]


def _written(exchange: Exchange, volatile: Volatile) -> dict[str, Any]:
    volatile.origin = f"https://{exchange.headers['host']}"
    headers = {name: exchange.headers[name] for name in sorted(REQUEST_HEADERS & exchange.headers.keys())}
    if headers.get("authorization", "").startswith("Bearer "):
        headers["authorization"] = "Bearer ⟨token⟩"
    answer_headers = {
        name: volatile.text(exchange.answer_headers[name], from_client=False)
        for name in sorted(ANSWER_HEADERS & exchange.answer_headers.keys())
    }
    request = {
        "method": exchange.method,
        "target": volatile.target(exchange.target),
        "headers": {name: volatile.text(value, from_client=True) for name, value in headers.items()},
        "body": volatile.body(exchange.body, headers.get("content-type", ""), from_client=True),
    }
    kind = exchange.answer_headers.get("content-type", "")
    body = volatile.body(exchange.answer, kind, from_client=False)
    return {
        "request": request,
        "answer": {"status": exchange.status, "headers": answer_headers, "body": body},
    }
