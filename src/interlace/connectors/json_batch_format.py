"""Batches as JSON, the form that the ERP takes; addresses are relative to the batch's root."""

from collections.abc import Sequence

import msgspec

from interlace.connectors.batch import BoundAnswer
from interlace.connectors.http_message import HttpAnswer, HttpRequest


class _Response(msgspec.Struct):
    id: str | int | None
    status: int
    headers: dict[str, str] | None = None
    body: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"null"))


class _Responses(msgspec.Struct):
    responses: list[_Response]


class _Request(msgspec.Struct, omit_defaults=True):
    id: str
    method: str
    url: str
    headers: dict[str, str]
    body: msgspec.Raw | None = None


class JsonBatchFormat:
    """Writes and reads JSON batches."""

    def __init__(self, root: str) -> None:
        self._root = root

    def request(self, url: str, parts: Sequence[HttpRequest]) -> HttpRequest:
        """Build the one request; each part's id is its place."""
        requests = [
            _Request(
                id=str(place),
                method=part.method,
                url=part.url.removeprefix(self._root),
                headers=dict(part.headers),
                body=None if part.body is None else msgspec.Raw(part.body),
            )
            for place, part in enumerate(parts, start=1)
        ]
        return HttpRequest(
            method="POST",
            url=url,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Prefer": "odata.continue-on-error",
            },
            body=msgspec.json.encode({"requests": requests}),
            repeatable=all(part.method == "GET" for part in parts),
        )

    def answers(self, answer: HttpAnswer) -> list[BoundAnswer]:
        """Read the parts; raises ValueError when the answer is no batch's."""
        try:
            responses = msgspec.json.decode(answer.body, type=_Responses).responses
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"it is no JSON batch: {error}") from error
        return [_bound(response) for response in responses]


def _bound(response: _Response) -> BoundAnswer:
    headers = {name.lower(): value for name, value in (response.headers or {}).items()}
    body = bytes(response.body)
    if body.startswith(b'"'):
        body = msgspec.json.decode(body, type=str).encode()
    place = str(response.id) if response.id is not None else ""
    return BoundAnswer(
        place=int(place) if place.isdecimal() else None,
        answer=HttpAnswer(status=response.status, headers=headers, body=b"" if body == b"null" else body),
    )
