"""Answers HTTP for `interlace serve`, and ends in order and in time when it is told to."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import uvicorn

from interlace.bootstrap.http_deadlines import PunctualReading
from interlace.bootstrap.listening import listening_at
from interlace.locale.translatable import as_sentence, translatable
from interlace.settings import Config, SettingsError

_logger = logging.getLogger(__name__)
_REQUESTS_SECONDS: Final = 2
"""How long requests at work may take to come to their end."""
_THREADS: Final = 32
_CONNECTIONS_MAX: Final = 800
"""Below what a process may open; more are told to come again, before nobody is answered any more."""
_STOP_SECONDS: Final = 9.0
"""After so long the process ends as it is: that costs no more than a kill, which costs nothing but time."""
_LOOPBACK: Final = "127.0.0.1"
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class HttpServer(uvicorn.Server):
    """Tells when it answers; what a signal to stop means, the process decides."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `stopping`: uvicorn would raise them anew and end the process in the middle of its work."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then tell it."""
        # Blocking work of pages runs in threads, and some of it waits for services: on a machine with few processors
        # the usual number of threads is used up by a handful of visitors, and everybody else waits for them.
        threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="page")
        asyncio.get_running_loop().set_default_executor(threads)
        await super().startup(sockets)
        self._tell()


def listen(config: Config, *, only_here: bool = False) -> socket.socket:
    """Open the listening socket, `only_here` on 127.0.0.1 whatever is set; raises SettingsError if it can't be had."""
    host = _LOOPBACK if only_here else config.host
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return listening_at(family, address)
    except (OSError, OverflowError) as problem:
        beyond = as_sentence(translatable("ports end at 65535"))
        raise SettingsError(
            translatable(
                "The server can't listen on {host}, port {port}: {reason}. Choose others with --host and --port "
                "(settings server.host and server.port), or end what uses this port.",
                host=host,
                port=str(config.port),
                reason=str(problem.strerror) if isinstance(problem, OSError) else beyond,
            )
        ) from problem


def make_server(application: Any, config: Config, started: Callable[[], None]) -> HttpServer:  # noqa: ANN401
    """Make the server of an ASGI application; raises SettingsError when its certificate can't be used."""
    tls = (config.tls_certificate, config.tls_key)
    if any(tls) and not all(tls):
        raise SettingsError(
            translatable(
                "TLS needs both settings, server.tls_certificate and server.tls_key. Set the other one."
            )
        )
    certificate, key = (str(Path(each).expanduser()) if each else None for each in tls)
    settings = uvicorn.Config(
        application,
        log_level="warning",
        log_config=None,
        access_log=False,
        server_header=False,
        http=PunctualReading,  # type: ignore[arg-type]  # it takes and does what theirs do
        # Where a proxy is meant to stand in front, it is believed whom it asks for; else nobody's word counts.
        proxy_headers=bool(config.public_address),
        limit_concurrency=_CONNECTIONS_MAX,
        timeout_graceful_shutdown=_REQUESTS_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    try:
        settings.load()
    except OSError as problem:
        raise SettingsError(
            translatable(
                "The certificate {certificate} with the key {key} can't be used: {problem}.",
                certificate=str(certificate),
                key=str(key),
                problem=str(problem),
            )
        ) from problem
    return HttpServer(settings, started)


@contextlib.contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first SIGINT or SIGTERM, and end the process if it is not at its end in time."""

    def handle(number: int, _frame: object) -> None:
        _logger.info("Stopping after %s.", signal.Signals(number).name)
        guard = threading.Timer(_STOP_SECONDS, _give_up)
        guard.daemon = True
        guard.start()
        for each in _SIGNALS:
            # Who presses Ctrl-C again does not want to wait.
            signal.signal(each, lambda *_: _give_up())
        stop()

    before = {each: signal.signal(each, handle) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _give_up() -> None:
    logging.shutdown()
    os._exit(0)
