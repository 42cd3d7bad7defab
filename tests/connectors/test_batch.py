"""Answers of batches are bound to their requests, or count as lost."""

from collections.abc import Sequence

import pytest
from tests.connectors.stub_channel import StubChannel

from interlace.connectors.batch import BoundAnswer, bind, in_chunks, send_batch
from interlace.connectors.batch_formats import JsonFormat, MultipartFormat
from interlace.connectors.http_message import HttpAnswer, HttpRequest, NoAnswer


def part(status: int, place: int | None) -> BoundAnswer:
    """Return one part of an answer."""
    return BoundAnswer(place=place, answer=HttpAnswer(status=status))


def statuses(answers: Sequence[object]) -> list[int | None]:
    """Return the statuses, None for lost answers."""
    return [answer.status if isinstance(answer, HttpAnswer) else None for answer in answers]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([part(204, 1), part(412, 2), part(404, 3)], [204, 412, 404]),
        ([part(404, 3), part(204, 1), part(412, 2)], [204, 412, 404]),
        ([part(204, 1), part(404, 3)], [204, None, 404]),
        ([part(204, 1), part(412, 1), part(404, 3)], [None, None, 404]),
        ([part(204, None), part(412, None), part(404, None)], [204, 412, 404]),
        ([part(204, None), part(404, None)], [None, None, None]),
        ([part(204, 1), part(412, None), part(404, 3)], [None, None, None]),
        ([part(204, 1), part(412, 2), part(404, 3), part(500, 4)], [204, 412, 404]),
        ([], [None, None, None]),
    ],
)
def test_parts_are_bound_or_lost(parts: list[BoundAnswer], expected: list[int | None]) -> None:
    """A part counts only when it is beyond doubt which request it answers."""
    assert statuses(bind(parts, 3)) == expected


REQUESTS = [
    HttpRequest(method="PATCH", url=f"/api/accounts({n})", headers={"If-Match": '"1"'}, body=b'{"name":"x"}')
    for n in range(3)
]


def multipart(*sections: str, end: bool = True) -> HttpAnswer:
    """Return a multipart answer with CRLF line ends."""
    text = "".join(f"--b\r\nContent-Type: application/http\r\n{section}\r\n" for section in sections)
    body = text + ("--b--\r\n" if end else "")
    return HttpAnswer(status=200, headers={"content-type": "multipart/mixed; boundary=b"}, body=body.encode())


def section(status: int, place: int | None) -> str:
    """Return one part of a multipart answer."""
    content_id = f"Content-ID: {place}\r\n" if place else ""
    return f"{content_id}\r\nHTTP/1.1 {status} Any\r\nOData-Version: 4.0\r\n\r\n"


async def test_multipart_answers_find_their_requests() -> None:
    """Each part of a multipart answer reaches its request."""
    channel = StubChannel(multipart(section(204, 2), section(412, 1), section(404, 3)))
    answers = await send_batch(channel, "/api/$batch", MultipartFormat(), REQUESTS)
    assert statuses(answers) == [412, 204, 404]
    assert channel.sent[0].headers["Prefer"] == "odata.continue-on-error"
    assert not channel.sent[0].may_be_repeated


async def test_cut_multipart_answer_loses_every_part() -> None:
    """A multipart answer without its last boundary is believed in no part."""
    channel = StubChannel(multipart(section(204, 1), section(204, 2), end=False))
    answers = await send_batch(channel, "/api/$batch", MultipartFormat(), REQUESTS)
    assert all(isinstance(answer, NoAnswer) for answer in answers)


async def test_json_answers_find_their_requests() -> None:
    """Each response of a JSON batch reaches its request, with its body; a missing one counts as lost."""
    refused = b'{"id":"3","status":409,"body":{"error":{"code":"x"}}}'
    body = b'{"responses":[' + refused + b',{"id":"1","status":200,"body":{}}]}'
    channel = StubChannel(HttpAnswer(status=200, headers={"content-type": "application/json"}, body=body))
    answers = await send_batch(channel, "/api/$batch", JsonFormat("/api/"), REQUESTS)
    assert statuses(answers) == [200, None, 409]
    assert isinstance(answers[2], HttpAnswer)
    assert b'"x"' in answers[2].body
    assert channel.sent[0].body is not None
    assert b'"url":"accounts(0)"' in channel.sent[0].body


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
async def test_refused_batch_refuses_every_part(status: int) -> None:
    """When the whole batch is answered with one error, that is the answer to each of its requests."""
    channel = StubChannel(HttpAnswer(status=status, body=b"{}"))
    assert statuses(await send_batch(channel, "/$batch", MultipartFormat(), REQUESTS)) == [status] * 3


async def test_too_large_batch_is_halved() -> None:
    """A batch refused for its size had no effect and is sent again in halves."""
    channel = StubChannel(
        HttpAnswer(status=413), multipart(section(204, 1)), multipart(section(204, 1), section(412, 2))
    )
    assert statuses(await send_batch(channel, "/$batch", MultipartFormat(), REQUESTS)) == [204, 204, 412]


async def test_batch_of_reads_may_be_repeated() -> None:
    """A batch that only reads is marked as repeatable."""
    channel = StubChannel(multipart(section(200, 1)))
    await send_batch(channel, "/$batch", MultipartFormat(), [HttpRequest(method="GET", url="/api/x")])
    assert channel.sent[0].may_be_repeated


def test_chunks_cover_the_range_once() -> None:
    """A range is cut without gaps or overlaps."""
    assert in_chunks(0, 3) == []
    assert in_chunks(7, 3) == [slice(0, 3), slice(3, 6), slice(6, 7)]
