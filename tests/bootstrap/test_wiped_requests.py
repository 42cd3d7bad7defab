"""Requests that are read into places which are wiped: they arrive whole, and nothing of them stays."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from tests.cli.both_ends import served_by

from interlace.bootstrap.http_deadlines import PunctualReading
from interlace.bootstrap.wiped_requests import WipedBody


def test_a_body_leaves_nothing_where_it_grew_out_of() -> None:
    """It has another place each time."""
    body = first = WipedBody(b"abc")
    body += b"defg"
    assert (bytes(body), bytes(first)) == (b"abcdefg", bytes(3))
    body += b""
    assert bytes(body) == b"abcdefg"


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what was sent."""
    whole, is_more = b"", scope["type"] == "http"
    if not is_more:
        return
    while is_more:
        message = await receive()
        whole, is_more = whole + message["body"], message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": whole})


@pytest.fixture(params=["asyncio", "uvloop"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve an application by each event loop that people may have."""
    loop = str(request.param)
    config = uvicorn.Config(
        _echo,
        log_level="warning",
        lifespan="off",
        http=PunctualReading,  # type: ignore[arg-type]
        loop=loop,
    )
    with served_by(config) as address:
        yield address


@pytest.mark.parametrize("length", [0, 1, 2, 70_000, 1_000_000])
def test_bodies_of_any_length_arrive_whole(address: str, length: int) -> None:
    """In one part or in many, on connections that stay."""
    body = bytes(number % 251 for number in range(length))
    with httpx.Client(base_url=address) as client:
        for _ in range(2):
            assert client.post("/", content=body).content == body
