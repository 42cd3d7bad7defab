"""Batches as multipart/mixed, the form that the CRM takes: parts outside change sets, going on after errors."""

import re
from collections.abc import Iterator, Sequence
from itertools import count

from interlace.connectors.batch import BoundAnswer
from interlace.connectors.http_message import HttpAnswer, HttpRequest

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_STATUS_LINE = re.compile(rb"HTTP/\d\.\d (\d{3})")
_END_OF_HEAD = b"\r\n\r\n"


class MultipartFormat:
    """Writes and reads multipart batches."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def request(self, url: str, parts: Sequence[HttpRequest]) -> HttpRequest:
        """Build the one request; each part carries its place as content id."""
        boundary = f"batch_interlace_{next(self._numbers)}"
        body = b"".join(
            b"--" + boundary.encode() + b"\r\n" + _part(part, place) for place, part in enumerate(parts, start=1)
        )
        return HttpRequest(
            method="POST",
            url=url,
            headers={
                "Content-Type": f"multipart/mixed; boundary={boundary}",
                "Accept": "multipart/mixed",
                "Prefer": "odata.continue-on-error",
            },
            body=body + b"--" + boundary.encode() + b"--\r\n",
            repeatable=all(part.method == "GET" for part in parts),
        )

    def answers(self, answer: HttpAnswer) -> list[BoundAnswer]:
        """Read the parts; raises ValueError when the answer is no multipart document or was cut."""
        match = _BOUNDARY.search(answer.content_type)
        if match is None or not answer.content_type.lower().startswith("multipart/"):
            raise ValueError("it is no multipart document")
        delimiter = b"--" + match[1].encode()
        sections = answer.body.split(delimiter)
        if len(sections) < 2 or not sections[-1].startswith(b"--"):
            raise ValueError("it ends before its last boundary")
        return [_bound(section.removeprefix(b"\r\n")) for section in sections[1:-1]]


def _part(request: HttpRequest, place: int) -> bytes:
    head = (
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: {place}\r\n\r\n{request.method} {request.url} HTTP/1.1\r\n"
    )
    headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    return (head + headers + "\r\n").encode() + (request.body or b"") + b"\r\n"


def _bound(section: bytes) -> BoundAnswer:
    outer, _, inner = section.partition(_END_OF_HEAD)
    content_id = dict(_headers(outer)).get("content-id")
    status_line, _, rest = inner.partition(b"\r\n")
    match = _STATUS_LINE.match(status_line)
    if match is None:
        raise ValueError("a part holds no HTTP answer")
    head, _, body = rest.partition(_END_OF_HEAD) if not rest.startswith(b"\r\n") else (b"", b"", rest[2:])
    headers = dict(_headers(head))
    place = content_id or headers.get("content-id")
    return BoundAnswer(
        place=int(place) if place is not None and place.isdecimal() else None,
        answer=HttpAnswer(status=int(match[1]), headers=headers, body=body.removesuffix(b"\r\n")),
    )


def _headers(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.split(b"\r\n"):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon:
            yield name.strip().lower(), value.strip()
