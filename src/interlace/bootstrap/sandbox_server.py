"""Serves an embedded service on 127.0.0.1, and starts and stops such servers as processes of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, TypeAlias

from interlace.bootstrap.listening import listening_at
from interlace.locale.translatable import as_sentence, translatable

if TYPE_CHECKING:
    from interlace.sandbox.tls_authority import TlsFiles

Asgi: TypeAlias = Callable[..., Coroutine[Any, Any, None]]
LOOPBACK = "127.0.0.1"
_STOP_SECONDS = 10.0


class SandboxNotStarted(Exception):
    """An embedded service could not be started; the text holds what it said."""


def listen(port: int) -> socket.socket:
    """Open the listening socket; port 0 chooses a free one. Raises SandboxNotStarted when it can't be had."""
    try:
        return listening_at(socket.AF_INET, (LOOPBACK, port))
    except (OSError, OverflowError) as problem:
        reason = (
            str(problem.strerror)
            if isinstance(problem, OSError)
            else as_sentence(translatable("ports end at 65535"))
        )
        msg = translatable(
            "Port {port} of {address} can't be used: {problem}. Choose another one with --port.",
            port=str(port),
            address=LOOPBACK,
            problem=reason,
        )
        raise SandboxNotStarted(msg) from problem


async def serve(
    application: Asgi,
    listening: socket.socket,
    started: Callable[[], None],
    *,
    parent: int | None = None,
    tls: "TlsFiles | None" = None,
    keeps_connections: bool = False,
) -> None:
    """Serve an ASGI application until the process is told to stop, or until its parent has ended.

    `keeps_connections` tells the application over which connection a request came.
    """
    import uvicorn

    from interlace.bootstrap.announced_server import AnnouncedServer
    from interlace.bootstrap.kept_connections import KeptConnections

    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        lifespan="on",
        http=KeptConnections if keeps_connections else "auto",
        timeout_graceful_shutdown=3,
        ssl_certfile=None if tls is None else str(tls.certificate),
        ssl_keyfile=None if tls is None else str(tls.key),
    )
    server = AnnouncedServer(config, started, parent)
    await server.serve(sockets=[listening])


@dataclass(slots=True, kw_only=True)
class SandboxProcess:
    """An embedded service in a process of its own, with what it announced when it was ready."""

    process: subprocess.Popen[str]
    announcement: dict[str, str]
    log: IO[str]

    @classmethod
    def start(cls, arguments: Sequence[str], log_file: Path) -> Self:
        """Start `interlace sandbox ...` and wait until it answers; raises SandboxNotStarted with its words."""
        log_file.parent.mkdir(parents=True, exist_ok=True)
        log = log_file.open("a", encoding="utf-8")
        said_before = log_file.stat().st_size
        process = subprocess.Popen(  # noqa: S603 - our own program, arguments are a list
            [
                sys.executable,
                "-m",
                "interlace",
                "sandbox",
                *arguments,
                "--json",
                "--parent",
                str(os.getpid()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            # Ctrl-C is for us to pass on, in the right order.
            start_new_session=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            process.wait()
            process.stdout.close()
            log.close()
            said = log_file.read_bytes()[said_before:].decode(errors="replace").strip()[-2000:]
            msg = translatable(
                "The embedded {end} did not start. It said: {said} (All of it: {file}.)",
                end=arguments[0].upper(),
                said=said,
                file=str(log_file),
            )
            raise SandboxNotStarted(msg)
        return cls(process=process, announcement=json.loads(line), log=log)

    def stop(self) -> None:
        """Let the service end in order; after some seconds without that, end it."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.log.close()

    def kill(self) -> None:
        """End the service at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.stop()
