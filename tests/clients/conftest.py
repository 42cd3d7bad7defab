"""An embedded service behind TLS on the loopback, for clients that nobody here wrote."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import uvicorn

from interlace.sandbox.tls_authority import TlsFiles, tls_files

LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    """An authority and a certificate of the loopback address, made for this run as a service makes its own."""
    return tls_files(tmp_path_factory.mktemp("tls"))


Serve = Callable[[Any], str]


@contextmanager
def served(application: Any, tls: TlsFiles) -> Iterator[str]:
    """An application behind TLS, by its address."""
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            host=LOOPBACK,
            port=0,
            log_level="warning",
            ws="none",
            # A refused request's traceback keeps its connection open: without this the server's end waits for it.
            headers=[("Connection", "close")],
            ssl_certfile=str(tls.certificate),
            ssl_keyfile=str(tls.key),
        )
    )
    thread = threading.Thread(target=server.run, name="sandbox")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        yield f"https://{LOOPBACK}:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def serve(tls: TlsFiles) -> Iterator[Serve]:
    """Serves applications until the test ends."""
    with ExitStack() as held:
        yield lambda application: held.enter_context(served(application, tls))
