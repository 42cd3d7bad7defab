"""What a server's socket does to the connections that come through it."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from interlace.bootstrap.http_server import listen as listen_for_people
from interlace.bootstrap.sandbox_server import listen as listen_for_services
from interlace.settings import load_config


def _of_the_server() -> socket.socket:
    return listen_for_people(load_config(environment={}, overrides={"server.port": "0"}))


def _of_a_service() -> socket.socket:
    return listen_for_services(0)


@pytest.mark.parametrize("listen", [_of_the_server, _of_a_service])
def test_answers_are_sent_at_once(listen: Callable[[], socket.socket]) -> None:
    """The end of a short answer does not wait until its beginning has been acknowledged."""

    async def sends_at_once(listening: socket.socket) -> bool:
        """Ask the connection that a server gets."""
        got: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection: socket.socket = writer.get_extra_info("socket")
            got.set_result(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        async with await asyncio.start_server(connected, sock=listening):
            _, asking = await asyncio.open_connection(*listening.getsockname()[:2])
            answer = await got
            asking.close()
            return answer

    with listen() as listening:
        assert asyncio.run(sends_at_once(listening))
