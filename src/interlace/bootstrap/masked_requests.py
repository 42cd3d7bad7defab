"""Hides what a request and its answer hold of secrets and of people: what is not known to be harmless is hidden.

Names of fields and headers stay, and how long a hidden text is; of values only ids, versions, yes and no.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

import msgspec

from interlace.bootstrap.log_redaction import HIDDEN, without_credentials
from interlace.connectors.http_message import HttpAnswer, HttpRequest
from interlace.domain.keys import KEY_SEPARATOR

_Json: TypeAlias = "dict[str, _Json] | list[_Json] | str | int | float | bool | None"
BODY_MAX: Final = 64 * 1024
"""Longer bodies are not looked into."""
_TEXT_MAX: Final = 8_000
"""How much is kept of a body in which everything is hidden that must be."""
_SHOWN_HEADERS: Final = frozenset(
    {
        "accept",
        "allow",
        "content-length",
        "content-type",
        "date",
        "etag",
        "if-match",
        "if-none-match",
        "mscrm.suppressduplicatedetection",
        "odata-maxversion",
        "odata-version",
        "prefer",
        "preference-applied",
        "req_id",
        "retry-after",
        "x-ms-dop-hint",
        "x-ms-ratelimit-burst-remaining-xrm-requests",
        "x-ms-ratelimit-time-remaining-xrm-requests",
        "x-ms-service-request-id",
    }
)
_ADDRESSES: Final = frozenset({"location", "odata-entityid"})
_SHOWN_OPTIONS: Final = frozenset(
    {"$select", "$expand", "$orderby", "$top", "$skip", "$count", "$apply", "tenant", "schemaversion"}
)
_SHOWN_NAMES: Final = ("@odata.etag", "@odata.context", "@odata.type", "@odata.count")
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")
_NUMBER: Final = re.compile(r"(?<![\w.'-])-?\d[\d.]*(?![\w-])")
_QUOTED: Final = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"|“([^”\n]*)”")
_MAIL: Final = re.compile(r"[^\s@'\"<>]{1,64}@[^\s@'\"<>]+")
_DIGITS: Final = re.compile(r"\+?\d[\d ./-]{3,}\d")
_PREDICATE: Final = re.compile(r"(?:^|/)(\w+)\(([^()]*)\)(?:/[\w.]*)*$")
_KEY_VALUE: Final = re.compile(r"(?:(\w+)=)?('(?:[^']|'')*'|[^,']+)")
_MESSAGE_MAX: Final = 4_000
"""A refusal for people is shorter; nothing is kept of a longer text, nor is it looked through."""
_LEAST_LONG: Final = 3
"""Shorter values are not looked for in messages: they would hide half of every sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedRequest:
    """A request and its answer as people may read them."""

    address: str
    table: str
    record: str
    message: str
    exchange: str
    """Headers and bodies as text."""


@dataclass(slots=True)
class _Mask:
    """What was hidden, so that it is not told elsewhere, and which names are none of it."""

    hidden: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def value(self, name: str, value: _Json) -> _Json:
        """Return a value of a body with all hidden that is not known to be harmless."""
        match value:
            case dict():
                self.names |= value.keys()
                return {each: self.value(each, held) for each, held in value.items()}
            case list():
                return [self.value(name, each) for each in value]
            case None | bool():
                return value
            case str():
                return self._text(name, value)
            case _:
                self.hidden.add(str(value))
                return HIDDEN

    def _text(self, name: str, text: str) -> str:
        if not text or _GUID.fullmatch(text) or name.endswith(_SHOWN_NAMES):
            return text
        if name.endswith(("@odata.bind", "@odata.id", "Link", "@odata.editLink")):
            return self.address(text)
        self.hidden.add(text)
        return f"{HIDDEN} ({len(text)})"

    def address(self, address: str) -> str:
        """Return an address below the service's origin without the values of its query."""
        parts = urlsplit(address)
        path = unquote(parts.path)
        options = [self._option(*each.partition("=")) for each in parts.query.split("&") if each]
        return "?".join([path, "&".join(options)]) if options else path

    def _option(self, name: str, _: str, written: str) -> str:
        name, value = unquote(name), unquote(written.replace("+", " "))
        if name.lower() in _SHOWN_OPTIONS:
            return f"{name}={self._without_literals(value)}"
        if name.lower() == "$filter":
            return f"{name}={_NUMBER.sub(HIDDEN, self._without_literals(value))}"
        return f"{name}={HIDDEN}"

    def _without_literals(self, text: str) -> str:
        def literal(found: re.Match[str]) -> str:
            """Hide a text, unless it is an id."""
            held = found[0][1:-1].replace("''", "'")
            if not held or _GUID.fullmatch(held):
                return found[0]
            self.hidden.add(held)
            return f"'{HIDDEN}'"

        return _LITERAL.sub(literal, text)

    def message(self, text: str) -> str:
        """Return what a service says without what it repeats of values, and what looks like a person's."""
        if len(text) > _MESSAGE_MAX:
            return f"{HIDDEN} ({len(text)})"
        kept = without_credentials(text)
        for each in sorted(self.hidden, key=len, reverse=True):
            # Most values are not repeated: to look for a word costs far more than to look for characters.
            if len(each) >= _LEAST_LONG and each in kept:
                kept = re.sub(rf"(?<!\w){re.escape(each)}(?!\w)", HIDDEN, kept)
        kept = _QUOTED.sub(self._quoted, _MAIL.sub(HIDDEN, kept))
        ids: list[str] = _GUID.findall(kept)
        between = [_DIGITS.sub(HIDDEN, each) for each in _GUID.split(kept)]
        return "".join(part + own for part, own in zip(between, [*ids, ""], strict=True))

    def _quoted(self, found: re.Match[str]) -> str:
        held = next((each for each in found.groups() if each is not None), "")
        is_name = held in self.names or _GUID.fullmatch(held) or held == HIDDEN
        return found[0] if is_name else f"{found[0][0]}{HIDDEN}{found[0][-1]}"


def masked(request: HttpRequest, answer: HttpAnswer | None, said: str) -> MaskedRequest:
    """Hide what must be hidden; `said` is the service's message, or why there is no answer."""
    mask = _Mask()
    address = mask.address(request.url)
    table, record = record_of(request)
    mask.names |= {table, *re.findall(r"\w+", address)}
    sent = [f"{request.method} {address}", *_headers(mask, request.headers), "", _body(mask, request.body)]
    came: list[str] = []
    if answer is not None:
        came = ["", str(answer.status), *_headers(mask, answer.headers), "", _body(mask, answer.body)]
    return MaskedRequest(
        address=address,
        table=table,
        record=record,
        message=mask.message(said),
        exchange="\n".join([*sent, *came]).strip("\n"),
    )


def record_of(request: HttpRequest) -> tuple[str, str]:
    """Return the table that a request is about, and the key of the record as far as it names one."""
    path = unquote(urlsplit(request.url).path).rstrip("/")
    found = _PREDICATE.search(path)
    if found is not None and found[1] not in {"companies", "Company"}:
        return found[1], _key(found[2])
    table = path.rpartition("/")[2].partition("(")[0]
    return table, _own_id(table, request)


def _key(predicate: str) -> str:
    values = [value for _, value in _KEY_VALUE.findall(predicate)]
    plain = [each[1:-1].replace("''", "'") if each.startswith("'") else each.strip() for each in values]
    return KEY_SEPARATOR.join(plain)


def _own_id(table: str, request: HttpRequest) -> str:
    """Return the id that a new CRM record is to have: we choose it, and it stands in the body."""
    if request.method != "POST":
        return ""
    body = _read(request.body)
    held = body if isinstance(body, dict) else {}
    return next(
        (
            value
            for name, value in held.items()
            # account(s), opportunit(ies), salesorder(s).
            if name.endswith("id")
            and len(name) > _LEAST_LONG
            and table.startswith(name[:-3])
            and isinstance(value, str)
            and _GUID.fullmatch(value)
        ),
        "",
    )


def _headers(mask: _Mask, headers: Mapping[str, str]) -> Iterable[str]:
    for name, value in headers.items():
        shown = HIDDEN
        if name.lower() in _SHOWN_HEADERS:
            shown = without_credentials(value)
        elif name.lower() in _ADDRESSES:
            shown = mask.address(value)
        yield f"{name}: {shown}"


def _read(body: bytes | None) -> _Json:
    if not body or len(body) > BODY_MAX:
        return None
    try:
        read: _Json = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return read


def _body(mask: _Mask, body: bytes | None) -> str:
    """Return a body as it may be read; of one that is no JSON only its length."""
    if not body:
        return ""
    held = _read(body)
    if not isinstance(held, dict | list):
        return f"{HIDDEN} ({len(body)})"
    error = held.get("error") if isinstance(held, dict) else None
    shown = mask.value("", held)
    if isinstance(error, dict) and isinstance(shown, dict):
        # What a service says is told in words of its own kind; its code is one of the service's, never a value.
        kept = shown["error"]
        assert isinstance(kept, dict)
        told = error.get("message")
        mask.hidden.discard(str(told))
        mask.hidden.discard(str(error.get("code")))
        kept |= {"code": str(error.get("code") or "")[:100], "message": mask.message(str(told or ""))}
    text = msgspec.json.format(msgspec.json.encode(shown), indent=2).decode()
    return text if len(text) <= _TEXT_MAX else f"{text[:_TEXT_MAX]}…"
