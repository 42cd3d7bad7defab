"""Connections that send slowly, too much or two things at once, against the server itself (requirement I7)."""

import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import pytest

from interlace.bootstrap.http_deadlines import PunctualProtocol
from interlace.bootstrap.http_server import HttpServer, make_server
from interlace.settings import Config, load_config

_HEAD = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"


class Hasty(PunctualProtocol):
    """As the server's own, with less patience."""

    head_seconds = 0.2
    body_seconds = 0.2


async def _answering(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Read the body, then answer with the address of who asks."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    client = str(scope["client"][0]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": client})


def _running(config: Config) -> Iterator[int]:
    started = threading.Event()
    server: HttpServer = make_server(_answering, config, started.set)
    server.config.http_protocol_class = Hasty
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            assert started.wait(30)
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server that no proxy stands in front of."""
    yield from _running(load_config(environment={}))


@pytest.fixture(scope="module")
def port_behind_proxy() -> Iterator[int]:
    """The port of a server behind a proxy."""
    yield from _running(
        load_config(environment={}, overrides={"server.public_address": "https://interlace.example"})
    )


def _told(port: int, *parts: bytes) -> bytes:
    """Send parts, and return everything that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for part in parts:
            connection.sendall(part)
        told = b""
        while part := connection.recv(65536):
            told += part
        return told


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: 127", _HEAD + b"Content-Length: 10\r\n\r\nabc"],
    ids=["nothing", "half a head", "half a body"],
)
def test_security_i7_what_never_comes_is_not_waited_for(port: int, sent: bytes) -> None:
    """A connection that sends nothing more is closed in time, and nothing is answered."""
    began = time.monotonic()
    assert _told(port, sent) == b""
    assert time.monotonic() - began < 15


def test_security_i7_slow_drops_prolong_nothing(port: int) -> None:
    """A byte now and then doesn't keep a connection: the time counts from the first one on."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        connection.settimeout(0.05)
        closed = False
        for _ in range(200):
            try:
                connection.sendall(b"X-A: b\r\n")
                closed = connection.recv(10) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True
            if closed:
                break
        assert closed


def test_security_i7_a_head_without_end_is_refused(port: int) -> None:
    """Headers beyond the limit are refused while they still come."""
    told = _told(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * 70_000)
    assert told.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "head",
    [
        _HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        _HEAD + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nGET /",
        _HEAD + b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello",
        _HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        _HEAD + b"Content-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n",
        b"GET /\0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
    ids=["length and chunks", "two lengths", "unknown coding", "blank", "negative", "bare line feeds", "nul"],
)
def test_security_i7_what_can_be_read_two_ways_is_refused(port: int, head: bytes) -> None:
    """Nothing that a proxy could read otherwise than we do is answered but with a refusal."""
    told = _told(port, head)
    assert told.startswith(b"HTTP/1.1 400")
    assert told.count(b"HTTP/1.1 ") == 1


def test_security_a6_nobody_says_where_he_comes_from_without_a_proxy(
    port: int, port_behind_proxy: int
) -> None:
    """X-Forwarded-For counts where a proxy is set up, and nowhere else: it would undo the waiting of addresses."""
    asked = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n"
    assert b"\r\n127.0.0.1\r\n" in _told(port, asked)
    assert b"\r\n192.0.2.7\r\n" in _told(port_behind_proxy, asked)
