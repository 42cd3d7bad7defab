"""`$batch` as multipart/mixed: reading and writing requests (both roles) and responses (both roles).

Split by hand: an order of magnitude cheaper than a mail parser, which serves as judge in the tests.
Tolerated: quoted and bare boundaries, text before the first boundary, LF line ends, blanks in the request
line, content ids in either header block.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

from interlace.odata.batch import (
    BatchAnswer,
    BatchItem,
    BatchRequest,
    BatchResponse,
    ChangeSet,
    ChangeSetResponse,
)
from interlace.odata.protocol_error import BatchSyntaxError

_BOUNDARY: Final = re.compile(r';\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE)
_STATUS_LINE: Final = re.compile(r"HTTP/\d(?:\.\d)?\s+(\d{3})(?:\s.*)?")
_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")


class _Part(NamedTuple):
    headers: dict[str, str]
    content: bytes


class BatchBody(NamedTuple):
    """A body and the content type that names its boundary."""

    content_type: str
    body: bytes


def is_multipart(content_type: str) -> bool:
    """Whether a content type announces multipart/mixed."""
    return content_type.partition(";")[0].strip().lower() == "multipart/mixed"


# --- reading


def parse_batch(content_type: str, body: bytes) -> tuple[BatchItem, ...]:
    """The requests of a batch in order; raises `BatchSyntaxError`, also for a body that breaks off."""
    return tuple(_item(part) for part in _parts(content_type, body))


def _item(part: _Part) -> BatchItem:
    content_type = part.headers.get("content-type", "")
    if not is_multipart(content_type):
        return _request(part)
    members = _parts(content_type, part.content)
    if any(is_multipart(each.headers.get("content-type", "")) for each in members):
        raise BatchSyntaxError("A change set must not hold another change set.")
    return ChangeSet(requests=tuple(map(_request, members)))


def _request(part: _Part) -> BatchRequest:
    _expect_http(part)
    line, headers, body = _message(part.content)
    method, _, rest = line.partition(" ")
    # Some clients leave blanks of a filter unencoded, so only the outer two blanks separate.
    url, marker, _ = rest.rpartition(" HTTP/")
    if not marker:
        url = rest
    if not method.isalpha() or not url.strip():
        raise BatchSyntaxError(f"'{line}' is not a request line.", text=line)
    named = {name.lower(): value for name, value in headers}
    content_id = part.headers.get("content-id", named.get("content-id"))
    return BatchRequest(
        method=method.upper(), url=url.strip(), headers=named, body=body, content_id=content_id
    )


def parse_batch_response(content_type: str, body: bytes) -> tuple[BatchAnswer, ...]:
    """The responses of a batch in order; raises `BatchSyntaxError`, also for a body that breaks off."""
    return tuple(_answer(part) for part in _parts(content_type, body))


def _answer(part: _Part) -> BatchAnswer:
    content_type = part.headers.get("content-type", "")
    if not is_multipart(content_type):
        return _response(part)
    return ChangeSetResponse(responses=tuple(map(_response, _parts(content_type, part.content))))


def _response(part: _Part) -> BatchResponse:
    _expect_http(part)
    line, headers, body = _message(part.content)
    match = _STATUS_LINE.fullmatch(line.strip())
    if match is None:
        raise BatchSyntaxError(f"'{line}' is not a status line.", text=line)
    named = {name.lower(): value for name, value in headers}
    return BatchResponse(
        status=int(match[1]),
        headers=headers,
        body=body,
        content_id=part.headers.get("content-id", named.get("content-id")),
    )


def _expect_http(part: _Part) -> None:
    content_type = part.headers.get("content-type", "application/http").partition(";")[0].strip().lower()
    if content_type != "application/http":
        raise BatchSyntaxError(
            f"A part of a batch is application/http, not '{content_type}'.", text=content_type
        )


def _message(content: bytes) -> tuple[str, tuple[tuple[str, str], ...], bytes]:
    """Start line, headers and body of a nested HTTP message."""
    head, body = _head_and_body(content.lstrip(b"\r\n"))
    line, _, rest = head.partition(b"\n")
    headers = _headers(rest)
    length = next((value for name, value in headers if name.lower() == "content-length"), "")
    if length.isascii() and length.isdecimal() and int(length[:18]) <= len(body):
        body = body[: int(length[:18])]
    else:
        body = body.rstrip(b"\r\n")
    return _text(line.rstrip(b"\r")), headers, body


def _head_and_body(content: bytes) -> tuple[bytes, bytes]:
    match = _BLANK_LINE.search(content)
    if match is None:
        return content, b""
    return content[: match.start()], content[match.end() :]


def _headers(block: bytes) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for line in _text(block).splitlines():
        if line[:1] in " \t" and found:
            name, value = found.pop()
            found.append((name, f"{value} {line.strip()}".strip()))
        elif line.strip():
            name, colon, value = line.partition(":")
            if not colon or not name.strip():
                raise BatchSyntaxError(f"'{line}' is not a header.", text=line)
            found.append((name.strip(), value.strip()))
    return tuple(found)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _parts(content_type: str, body: bytes) -> list[_Part]:
    match = _BOUNDARY.search(content_type)
    if not is_multipart(content_type) or match is None:
        raise BatchSyntaxError(f"'{content_type}' is not multipart/mixed with a boundary.", text=content_type)
    parts = []
    for content in _split(body, (match[1] or match[2]).encode()):
        # A part without headers begins with the empty line itself.
        head, rest = _head_and_body(b"\n" + content)
        parts.append(_Part({name.lower(): value for name, value in _headers(head)}, rest))
    return parts


def _split(body: bytes, boundary: bytes) -> list[bytes]:
    """The contents between the delimiters `--boundary`, each without its last line end."""
    delimiter = b"\n--" + boundary
    found: list[bytes] = []
    before: bytes | None = None
    for piece in (b"\n" + body).split(delimiter):
        if before is None:
            before = b""
            continue
        line, _, content = piece.partition(b"\n")
        ending = line.strip(b" \t\r")
        if ending == b"--":
            return [each.removesuffix(b"\r") for each in found]
        if ending:
            # The delimiter is the beginning of a longer line, such as that of an inner boundary.
            if found:
                found[-1] += delimiter + piece
        else:
            found.append(content)
    raise BatchSyntaxError("The batch breaks off: its closing boundary is missing.")


# --- writing


def build_batch(items: Sequence[BatchItem], *, boundary: str) -> BatchBody:
    """The request body of a batch; inner boundaries are derived from `boundary`."""
    return _written(
        [_request_item(item, f"changeset_{boundary}_{place}") for place, item in enumerate(items)], boundary
    )


def _request_item(item: BatchItem, inner: str) -> bytes:
    if isinstance(item, BatchRequest):
        return _request_part(item)
    if any(request.content_id is None for request in item.requests):
        raise BatchSyntaxError("Every request of a change set needs a content id.")
    content_type, body = _written([_request_part(each) for each in item.requests], inner)
    return _head((("Content-Type", content_type),)) + body


def _request_part(request: BatchRequest) -> bytes:
    line = f"{request.method} {request.url} HTTP/1.1"
    return _http_part(line, tuple(request.headers.items()), request.body, request.content_id)


def render_batch_response(answers: Sequence[BatchAnswer], *, boundary: str) -> BatchBody:
    """The response body of a batch, beginning with its first boundary as strict clients want it."""
    return _written(
        [
            _answer_item(answer, f"changesetresponse_{boundary}_{place}")
            for place, answer in enumerate(answers)
        ],
        f"batchresponse_{boundary}",
    )


def _answer_item(answer: BatchAnswer, inner: str) -> bytes:
    if isinstance(answer, BatchResponse):
        return _response_part(answer)
    content_type, body = _written([_response_part(each) for each in answer.responses], inner)
    return _head((("Content-Type", content_type),)) + body


def _response_part(response: BatchResponse) -> bytes:
    line = f"HTTP/1.1 {response.status} {_phrase(response.status)}"
    return _http_part(line, response.headers, response.body, response.content_id)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _http_part(line: str, headers: Sequence[tuple[str, str]], body: bytes, content_id: str | None) -> bytes:
    outer = [("Content-Type", "application/http"), ("Content-Transfer-Encoding", "binary")]
    if content_id is not None:
        outer.append(("Content-ID", content_id))
    return _head(outer) + _one_line(line) + b"\r\n" + _head(headers) + body + b"\r\n"


def _head(headers: Sequence[tuple[str, str]]) -> bytes:
    return b"".join(_one_line(f"{name}: {value}") + b"\r\n" for name, value in headers) + b"\r\n"


def _one_line(text: str) -> bytes:
    if "\r" in text or "\n" in text:
        raise BatchSyntaxError("A line of a batch must not hold a line break.", text=text)
    return text.encode()


def _written(parts: Sequence[bytes], boundary: str) -> BatchBody:
    mark = b"--" + boundary.encode()
    line = re.compile(rb"\n" + re.escape(mark) + rb"(?:--)?[ \t]*(?:\r?\n|$)")
    for part in parts:
        if b"\n" + mark in part and line.search(part):
            raise BatchSyntaxError("The boundary occurs in the content of the batch; choose another.")
    body = b"".join(mark + b"\r\n" + part for part in parts) + mark + b"--\r\n"
    return BatchBody(f"multipart/mixed; boundary={boundary}", body)
