"""A running server over both embedded services, for the tests of this directory."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from tests.cli.both_ends import NAME

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.front import Receive, Scope, Send, in_front
from interlace.bootstrap.serving import Server
from interlace.cli.program import run_program
from interlace.settings import load_config
from interlace.web.front_door import WebRules

_PATIENCE_SECONDS = 60.0


def until(holds: Callable[[], bool], what: str, seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait for something to become true."""
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, f"did not come: {what}"
        time.sleep(0.05)


def copied(state: Path, target: Path) -> Path:
    """Copy a state directory, so that the test has one of its own."""
    shutil.copytree(state, target)
    assert run_program(["connection", "rebind", NAME, "--yes", "--state", str(target)]) == 0
    return target


@contextmanager
def application_at(state: Path, **settings: str) -> Iterator[Application]:
    """Open the Interlace of a state directory; settings are named with underscores for their dots."""
    overrides = {"state.directory": str(state), "synch.step_seconds": "0.5"}
    overrides |= {name.replace("__", "."): value for name, value in settings.items()}
    with Application(load_config(environment={}, overrides=overrides)) as application:
        yield application


@contextmanager
def server_at(state: Path, **settings: str) -> Iterator[tuple[Server, Connection]]:
    """Run a server on a state directory with one connection."""
    with application_at(state, **settings) as application, Server(application) as server:
        yield server, application.connection(None)


async def nothing(scope: Scope, _receive: Receive, send: Send) -> None:
    """Stand in for the web client: no page is there."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@contextmanager
def answering(server: Server, listening: socket.socket) -> Iterator[None]:
    """Let a server answer without its web client."""
    front = in_front(nothing, server, WebRules())
    config = uvicorn.Config(front, log_level="warning", access_log=False, lifespan="off")
    http = uvicorn.Server(config)
    thread = threading.Thread(target=http.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        until(lambda: http.started, "the server's start")
        yield
    finally:
        http.should_exit = True
        thread.join()
