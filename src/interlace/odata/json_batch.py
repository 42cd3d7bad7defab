"""`$batch` as JSON: reading and writing requests and responses, for both roles."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import msgspec

from interlace.odata.batch import (
    BatchAnswer,
    BatchItem,
    BatchRequest,
    BatchResponse,
    ChangeSet,
    ChangeSetResponse,
)
from interlace.odata.protocol_error import BatchSyntaxError

CONTENT_TYPE: Final = "application/json"


class _Request(msgspec.Struct, rename="camel", omit_defaults=True):
    method: str
    url: str
    id: str | int | None = None
    headers: dict[str, str | int | bool] | None = None
    body: msgspec.Raw = msgspec.Raw()
    atomicity_group: str | None = None
    depends_on: list[str] | None = None


class _Requests(msgspec.Struct):
    requests: list[_Request]


class _Response(msgspec.Struct, rename="camel"):
    status: int
    id: str | int | None = None
    headers: dict[str, str | int | bool] | None = None
    body: msgspec.Raw = msgspec.Raw()
    atomicity_group: str | None = None


class _Responses(msgspec.Struct):
    responses: list[_Response]


_requests: Final = msgspec.json.Decoder(_Requests)
_responses: Final = msgspec.json.Decoder(_Responses)


def parse_batch(body: bytes) -> tuple[BatchItem, ...]:
    """The requests of a batch in order; neighbours of one atomicity group form a change set."""
    try:
        requests = _requests.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BatchSyntaxError(f"The batch is not a JSON batch: {error}") from error
    _refuse_repeated([str(each.id) for each in requests.requests if each.id is not None])
    items: list[BatchItem] = []
    for group, members in groupby(requests.requests, key=lambda each: each.atomicity_group):
        found = tuple(map(_request, members))
        items.extend(found if group is None else (ChangeSet(requests=found, id=group),))
    _refuse_repeated([each.id for each in items if isinstance(each, ChangeSet) and each.id is not None])
    return tuple(items)


def _refuse_repeated(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise BatchSyntaxError(
                f"'{name}' names two requests or two separated groups of the batch.", text=name
            )


def _request(each: _Request) -> BatchRequest:
    if not each.method.isalpha() or not each.url:
        raise BatchSyntaxError(f"'{each.method} {each.url}' is not a request.", text=each.url)
    return BatchRequest(
        method=each.method.upper(),
        url=each.url,
        headers={name.lower(): _header(value) for name, value in (each.headers or {}).items()},
        body=_body_in(each.body, each.headers),
        content_id=None if each.id is None else str(each.id),
        depends_on=tuple(each.depends_on or ()),
    )


def parse_batch_response(body: bytes) -> tuple[BatchAnswer, ...]:
    """The responses of a batch in the order received; raises `BatchSyntaxError`."""
    try:
        responses = _responses.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BatchSyntaxError(f"The answer is not a JSON batch: {error}") from error
    answers: list[BatchAnswer] = []
    for group, members in groupby(responses.responses, key=lambda each: each.atomicity_group):
        found = tuple(map(_response, members))
        answers.extend(found if group is None else (ChangeSetResponse(responses=found, id=group),))
    return tuple(answers)


def _response(each: _Response) -> BatchResponse:
    return BatchResponse(
        status=each.status,
        headers=tuple((name, _header(value)) for name, value in (each.headers or {}).items()),
        body=_body_in(each.body, each.headers),
        content_id=None if each.id is None else str(each.id),
    )


def _header(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_json(content_type: str) -> bool:
    return content_type == "" or "json" in content_type


def _content_type(headers: object) -> str:
    if not isinstance(headers, dict):
        return ""
    return next((str(value).lower() for name, value in headers.items() if name.lower() == "content-type"), "")


def _body_in(raw: msgspec.Raw, headers: object) -> bytes:
    """A JSON body stays as it is; any other one is a JSON text: plain for text types, else base64url."""
    content = bytes(raw)
    if content in (b"", b"null"):
        return b""
    content_type = _content_type(headers)
    if _is_json(content_type) or not content.startswith(b'"'):
        return content
    text = msgspec.json.decode(content, type=str)
    if content_type.startswith("text/"):
        return text.encode()
    try:
        return base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4))
    except ValueError as error:
        raise BatchSyntaxError("A binary body of a JSON batch is base64url.") from error


def _body_out(body: bytes, content_type: str) -> msgspec.Raw:
    if _is_json(content_type.lower()):
        return msgspec.Raw(body)
    if content_type.lower().startswith("text/"):
        # A byte-order mark belongs to the bytes of a text, not to the text.
        return msgspec.Raw(msgspec.json.encode(body.decode("utf-8-sig")))
    return msgspec.Raw(msgspec.json.encode(base64.urlsafe_b64encode(body).decode()))


def build_batch(items: Sequence[BatchItem]) -> bytes:
    """The request body of a batch; change sets without id get one by their place."""
    requests: list[dict[str, object]] = []
    for place, item in enumerate(items):
        if isinstance(item, ChangeSet):
            group = item.id if item.id is not None else f"g{place}"
            requests.extend(_request_members(each, group) for each in item.requests)
        else:
            requests.append(_request_members(item, None))
    return msgspec.json.encode({"requests": requests})


def _request_members(request: BatchRequest, group: str | None) -> dict[str, object]:
    members: dict[str, object] = {}
    if request.content_id is not None:
        members["id"] = request.content_id
    if group is not None:
        members["atomicityGroup"] = group
    if request.depends_on:
        members["dependsOn"] = list(request.depends_on)
    members |= {"method": request.method, "url": request.url}
    if request.headers:
        members["headers"] = dict(request.headers)
    if request.body:
        members["body"] = _body_out(request.body, _content_type(dict(request.headers)))
    return members


def render_batch_response(answers: Sequence[BatchAnswer]) -> bytes:
    """The response body of a batch."""
    responses: list[dict[str, object]] = []
    for place, answer in enumerate(answers):
        if isinstance(answer, ChangeSetResponse):
            group = answer.id if answer.id is not None else f"g{place}"
            responses.extend(_response_members(each, group) for each in answer.responses)
        else:
            responses.append(_response_members(answer, None))
    return msgspec.json.encode({"responses": responses})


def _response_members(response: BatchResponse, group: str | None) -> dict[str, object]:
    members: dict[str, object] = {"id": response.content_id}
    if group is not None:
        members["atomicityGroup"] = group
    members |= {"status": response.status, "headers": dict(response.headers)}
    if response.body:
        members["body"] = _body_out(response.body, response.header("Content-Type") or "")
    return members
