"""`$batch` as values: requests, change sets, responses, references between them, and their correlation.

The two spellings are in `multipart_batch` and `json_batch`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import msgspec

from interlace.odata.protocol_error import BatchSyntaxError


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """One request of a batch; header names are lower case, `url` is as the client wrote it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_id: str | None = None
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """Requests that succeed or fail together; `id` is the atomicity group of a JSON batch."""

    requests: tuple[BatchRequest, ...]
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResponse:
    """One response of a batch; header names as written by the server."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    content_id: str | None = None

    def header(self, name: str) -> str | None:
        """A header by name in any letter case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def succeeded(self) -> bool:
        """Whether the request was carried out."""
        return self.status < 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSetResponse:
    """The responses of a change set that was carried out."""

    responses: tuple[BatchResponse, ...]
    id: str | None = None


BatchItem: TypeAlias = BatchRequest | ChangeSet
BatchAnswer: TypeAlias = BatchResponse | ChangeSetResponse


def requests_of(items: Sequence[BatchItem]) -> tuple[BatchRequest, ...]:
    """All requests in order, those of change sets included."""
    return tuple(
        request for item in items for request in (item.requests if isinstance(item, ChangeSet) else (item,))
    )


# --- addresses and references


class Target(NamedTuple):
    """A request's raw path behind the service root and its raw query string."""

    path: str
    query: str


def target_of(url: str, service_path: str) -> Target:
    """Where a batch request goes; raises `BatchSyntaxError` when it leaves the service.

    `service_path` is the path of the service root with leading and trailing slash. The address may be
    absolute, relative to the server (`/api/data/v9.2/accounts`), relative to the root (`accounts`), or a
    reference (`$1/name`). The host of an absolute one is not looked at: the batch came here already.
    """
    address, _, query = url.partition("?")
    if "://" in address.partition("(")[0]:
        try:
            address = urlsplit(address).path
        except ValueError as error:
            raise BatchSyntaxError(f"'{url}' is not an address.", text=url) from error
    elif not address.startswith("/"):
        return Target(address, query)
    root = service_path.rstrip("/")
    if address.lower() != root.lower() and not address.lower().startswith(root.lower() + "/"):
        raise BatchSyntaxError(f"'{url}' lies outside of the service '{service_path}'.", text=url)
    return Target(address[len(root) :].lstrip("/"), query)


def resolve_references(request: BatchRequest, locations: Mapping[str, str]) -> BatchRequest:
    """The request with `$<content id>` replaced by addresses of earlier results.

    `locations` maps content ids to addresses. References stand at the start of the address and in
    `@odata.bind` and `@odata.id` values of the body. Raises `BatchSyntaxError` for an unknown one.
    """
    url = _resolved(request.url, locations) if _reference(request.url) else request.url
    body = request.body
    if b'"$' in body and (b"@odata.bind" in body or b"@odata.id" in body or b'"@bind"' in body):
        body = _resolved_body(body, locations)
    return request if url == request.url and body is request.body else replace(request, url=url, body=body)


_SYSTEM: Final = frozenset(("batch", "metadata", "all", "entity", "crossjoin", "count", "ref", "value"))


def _reference(url: str) -> str | None:
    if not url.startswith("$"):
        return None
    name = url[1:].partition("/")[0].partition("?")[0].partition("(")[0]
    return None if name in _SYSTEM or not name else name


def _resolved(url: str, locations: Mapping[str, str]) -> str:
    name = _reference(url)
    assert name is not None
    location = locations.get(name)
    if location is None:
        raise BatchSyntaxError(f"The content id '${name}' refers to no earlier request.", text=url)
    return location + url[1 + len(name) :]


def _resolved_body(body: bytes, locations: Mapping[str, str]) -> bytes:
    try:
        members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError:
        return body
    changed = False
    for name, raw in members.items():
        if name.endswith("@odata.bind") or name in ("@odata.id", "@id"):
            value = _resolved_value(msgspec.json.decode(raw), locations)
        elif b'"$' in bytes(raw) and bytes(raw)[:1] == b"{":
            value = msgspec.Raw(_resolved_body(bytes(raw), locations))
        elif b'"$' in bytes(raw) and bytes(raw)[:1] == b"[":
            value = _resolved_list(bytes(raw), locations)
        else:
            continue
        members[name] = msgspec.Raw(msgspec.json.encode(value))
        changed = True
    return msgspec.json.encode(members) if changed else body


def _resolved_list(raw: bytes, locations: Mapping[str, str]) -> list[msgspec.Raw]:
    items = msgspec.json.decode(raw, type=list[msgspec.Raw])
    return [
        msgspec.Raw(_resolved_body(bytes(each), locations)) if bytes(each)[:1] == b"{" else each
        for each in items
    ]


def _resolved_value(value: object, locations: Mapping[str, str]) -> object:
    match value:
        case str() if _reference(value):
            return _resolved(value, locations)
        case list():
            return [_resolved_value(each, locations) for each in value]
        case _:
            return value


# --- which answer belongs to which request


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """Answers by content id, and what does not fit.

    `missing` were not answered (their outcome is unknown unless the batch stopped before them);
    `duplicated` were answered more than once and are not in `answers`; `unknown` were never sent.
    """

    answers: Mapping[str, BatchResponse]
    missing: tuple[str, ...] = ()
    duplicated: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every request has exactly one answer."""
        return not (self.missing or self.duplicated or self.unknown)


def correlate(sent: Sequence[BatchItem], received: Sequence[BatchAnswer]) -> Correlation:
    """Finds the answer of every request sent; each must carry a content id of its own.

    Answers with a content id go by it, in any order; answers without one go by their place. A change set
    that failed as a whole gives its one answer to all members.
    """
    by_id, duplicated = _by_id(received)
    answers: dict[str, BatchResponse] = {}
    for place, item in enumerate(sent):
        entry = received[place] if place < len(received) else None
        if isinstance(item, ChangeSet):
            answers |= _set_answers(item, entry, by_id)
        else:
            identity = _identity(item)
            if identity in by_id:
                answers[identity] = by_id[identity]
            elif isinstance(entry, BatchResponse) and entry.content_id is None:
                answers[identity] = entry
    sent_ids = [_identity(request) for request in requests_of(sent)]
    return Correlation(
        answers={key: value for key, value in answers.items() if key not in duplicated},
        missing=tuple(each for each in sent_ids if each not in answers),
        duplicated=tuple(each for each in sent_ids if each in duplicated),
        unknown=tuple(each for each in by_id if each not in sent_ids),
    )


def _identity(request: BatchRequest) -> str:
    if request.content_id is None:
        raise ValueError("Requests whose answers are to be found need a content id.")
    return request.content_id


def _by_id(received: Sequence[BatchAnswer]) -> tuple[dict[str, BatchResponse], set[str]]:
    found: dict[str, BatchResponse] = {}
    duplicated: set[str] = set()
    for entry in received:
        for response in entry.responses if isinstance(entry, ChangeSetResponse) else (entry,):
            if response.content_id is None:
                continue
            if response.content_id in found:
                duplicated.add(response.content_id)
            found[response.content_id] = response
    return found, duplicated


def _set_answers(
    item: ChangeSet, entry: BatchAnswer | None, by_id: Mapping[str, BatchResponse]
) -> dict[str, BatchResponse]:
    ids = [_identity(request) for request in item.requests]
    found = {each: by_id[each] for each in ids if each in by_id}
    failures = [each for each in found.values() if not each.succeeded]
    if failures and len(found) == 1:
        return dict.fromkeys(ids, failures[0])
    if found:
        return found
    if isinstance(entry, BatchResponse) and entry.content_id is None and not entry.succeeded:
        return dict.fromkeys(ids, entry)
    if isinstance(entry, ChangeSetResponse) and len(entry.responses) == len(ids):
        return {
            each: response
            for each, response in zip(ids, entry.responses, strict=True)
            if response.content_id is None
        }
    return {}
