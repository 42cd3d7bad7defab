"""`interlace serve` and `interlace worker`: Interlace as it runs day and night."""

import asyncio
import os
import threading
from typing import Annotated

import typer

from interlace.bootstrap.application import Application
from interlace.bootstrap.serving import Server
from interlace.bootstrap.systemd import Watchdog, notify
from interlace.cli.options import Json, State, opened
from interlace.cli.output import Output
from interlace.cli.spoken import t

_PRIVATE = 0o077
"""What the server writes is for its own user only."""
Host = Annotated[
    str | None, typer.Option("--host", help="Address to listen on (setting server.host).", show_default=False)
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        help="Port to listen on; 0 chooses a free one (setting server.port).",
        min=0,
        max=65_535,
        show_default=False,
    ),
]


def serve(host: Host = None, port: Port = None, state: State = None, *, as_json: Json = False) -> None:
    """Serve the web client and the API, and synchronize in the background, until it is told to stop.

    With SQLite one server works on a state directory; with PostgreSQL as many as you like.

    Example: interlace serve --port 8100
    """
    output = Output(as_json=as_json)
    overrides = {"server.host": host, "server.port": None if port is None else str(port)}
    given = {name: value for name, value in overrides.items() if value is not None}
    os.umask(_PRIVATE)
    with opened(state, given) as application:
        serve_application(application, output)


def serve_application(application: Application, output: Output) -> None:
    """Serve an open Interlace until SIGINT or SIGTERM."""
    # The web client takes long to load, and most commands do without it.
    from interlace.bootstrap.http_server import listen, make_server, stopping
    from interlace.bootstrap.web_client import accounts_of, check_addresses, open_web

    config = application.config
    check_addresses(config)
    with Server(application) as server:
        accounts = accounts_of(server)
        only_here = not asyncio.run(accounts.has_administrator())
        with listen(config, only_here=only_here) as listening:
            address = _address(application, listening.getsockname()[1], only_here=only_here)
            first = (
                f"{address}/first-start?code={asyncio.run(accounts.first_start_code())}" if only_here else ""
            )
            watchdog = Watchdog(server.is_alive)

            def started() -> None:
                """Tell that it answers."""
                notify("READY=1")
                watchdog.open()
                _tell(output, application, address, first)

            http = make_server(open_web(server, accounts, only_here=only_here), config, started)

            def stop() -> None:
                """Begin to end."""
                notify("STOPPING=1")
                server.changes.close()
                http.should_exit = True

            with stopping(stop):
                http.run(sockets=[listening])
                watchdog.close()
                server.close()
    output.message(t("Stopped. What is unfinished goes on at the next start."))


def worker(
    name: Annotated[
        str | None,
        typer.Option(
            "--name", help="Name among the workers of the database (setting worker.name).", show_default=False
        ),
    ] = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Synchronize in the background without a web client, beside servers and workers on one PostgreSQL database.

    Each needs a name of its own, which stays the same after a restart.

    Example: interlace worker --name worker-2
    """
    from interlace.bootstrap.http_server import stopping

    output = Output(as_json=as_json)
    os.umask(_PRIVATE)
    with opened(state, {} if name is None else {"worker.name": name}) as application:
        stopped = threading.Event()
        with Server(application, purpose="interlace worker") as server:
            watchdog = Watchdog(server.is_alive)
            with stopping(stopped.set):
                notify("READY=1")
                watchdog.open()
                if as_json:
                    output.record({"worker": application.config.worker_name})
                    output.stdout.flush()
                else:
                    output.message(
                        t("The worker {name} works. Ctrl-C stops it.", name=application.config.worker_name)
                    )
                stopped.wait()
                notify("STOPPING=1")
                watchdog.close()
                server.close()
    output.message(t("Stopped. What is unfinished goes on at the next start."))


def _address(application: Application, port: int, *, only_here: bool) -> str:
    from interlace.bootstrap.public_address import address_of

    if not only_here:
        return address_of(application.config, port)
    scheme = "https" if application.config.tls_certificate else "http"
    return f"{scheme}://127.0.0.1:{port}"


def _tell(output: Output, application: Application, address: str, first: str) -> None:
    from interlace.bootstrap.public_address import is_reached_by_others

    config = application.config
    if output.as_json:
        output.record({"address": address, "first_start": first or None, "worker": config.worker_name})
        output.stdout.flush()
        return
    output.message(t("Interlace answers at {address}", address=address))
    if first:
        output.message(
            t("Nobody can sign in yet. Open this address once, within 15 minutes, and become administrator:")
        )
        output.message(f"  {first}")
        if is_reached_by_others(config):
            output.message(
                t(
                    "Until then it answers on 127.0.0.1 only, and to no proxy. Without a browser here, make the "
                    "administrator by `{command}`. Then start the server again.",
                    command="interlace users add NAME -p 'INTERLACE ADMIN'",
                )
            )
    if not application.connections():
        output.message(
            t(
                "There is no connection yet. Assisted Setup in the web client makes one, as does `interlace setup`."
            )
        )
    output.message(t("Ctrl-C stops it."))
