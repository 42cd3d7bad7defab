"""The two spellings of `$batch`: multipart for the CRM, JSON for the ERP; parts go by their place."""

from collections.abc import Sequence
from itertools import count

from interlace.connectors.batch import BoundAnswer
from interlace.connectors.http_message import HttpAnswer, HttpRequest
from interlace.odata import json_batch, multipart_batch
from interlace.odata.batch import BatchAnswer, BatchRequest, BatchResponse
from interlace.odata.protocol_error import ProtocolError

_GOING_ON = {"Prefer": "odata.continue-on-error"}
_VERSIONS = {"OData-MaxVersion": "4.0", "OData-Version": "4.0"}


class MultipartFormat:
    """Batches as multipart/mixed."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def request(self, url: str, parts: Sequence[HttpRequest]) -> HttpRequest:
        """Build the one request."""
        boundary = f"batch_interlace_{next(self._numbers)}"
        written = multipart_batch.build_batch(_requests(parts), boundary=boundary)
        wishes = {"Accept": "multipart/mixed", **_VERSIONS, **_GOING_ON}
        headers = {"Content-Type": written.content_type, **wishes}
        return _envelope(url, headers, written.body, parts)

    def answers(self, answer: HttpAnswer) -> list[BoundAnswer]:
        """Read the parts; raises ValueError when the answer is no multipart document or was cut."""
        try:
            return _bound(multipart_batch.parse_batch_response(answer.content_type, answer.body))
        except ProtocolError as error:
            raise ValueError(str(error)) from error


class JsonFormat:
    """Batches as JSON; addresses are relative to the batch's root."""

    def __init__(self, root: str) -> None:
        self._root = root

    def request(self, url: str, parts: Sequence[HttpRequest]) -> HttpRequest:
        """Build the one request."""
        body = json_batch.build_batch(_requests(parts, self._root))
        headers = {"Content-Type": "application/json", "Accept": "application/json", **_GOING_ON}
        return _envelope(url, headers, body, parts)

    def answers(self, answer: HttpAnswer) -> list[BoundAnswer]:
        """Read the parts; raises ValueError when the answer is no batch's."""
        try:
            return _bound(json_batch.parse_batch_response(answer.body))
        except ProtocolError as error:
            raise ValueError(str(error)) from error


def _requests(parts: Sequence[HttpRequest], root: str = "") -> list[BatchRequest]:
    return [
        BatchRequest(
            method=part.method,
            url=part.url.removeprefix(root),
            headers=part.headers,
            body=part.body or b"",
            content_id=str(place),
        )
        for place, part in enumerate(parts, start=1)
    ]


def _envelope(url: str, headers: dict[str, str], body: bytes, parts: Sequence[HttpRequest]) -> HttpRequest:
    only_reads = all(part.method == "GET" for part in parts)
    return HttpRequest(method="POST", url=url, headers=headers, body=body, repeatable=only_reads)


def _bound(answers: Sequence[BatchAnswer]) -> list[BoundAnswer]:
    return [_one(answer) for answer in answers if isinstance(answer, BatchResponse)]


def _one(response: BatchResponse) -> BoundAnswer:
    identity = response.content_id or ""
    headers = {name.lower(): value for name, value in response.headers}
    # A name that is none of ours leads nowhere; only parts without any name may be told by their order.
    place = int(identity) if identity.isdecimal() else 0
    return BoundAnswer(
        place=place if identity else None,
        answer=HttpAnswer(status=response.status, headers=headers, body=response.body),
    )
