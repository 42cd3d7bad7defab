"""`interlace requests`: what was asked of both services, and what came back."""

from typing import Annotated, TypeAlias

import msgspec
import typer

from interlace.cli.captions import moment_text
from interlace.cli.list_options import ListedMapping, ListQuestion, with_list_options
from interlace.cli.options import ConnectionName, Json, State, mapping_called, opened
from interlace.cli.output import Column, Output
from interlace.cli.record_desk import ask
from interlace.cli.spoken import said, t
from interlace.management import requests
from interlace.management.requests import (
    REQUEST_COLUMNS,
    USE_HOURS_MAX,
    WHOLE_MINUTES_MAX,
    KeepWhole,
    ShowRequest,
    ShowUse,
)

commands = typer.Typer(help="Requests to the services: list, show, keep-all, use.", no_args_is_help=True)
_LEFT_OUT = frozenset({"run_id", "correlation_id"})
"""Ids that the narrow table leaves to `show` and to JSON."""
_COLUMNS = tuple(
    Column(key=each.name, caption=each.caption) for each in REQUEST_COLUMNS if each.name not in _LEFT_OUT
)
_USE_COLUMNS = (
    Column(key="side", caption="Side"),
    Column(key="at", caption="Time"),
    Column(key="requests", caption="Requests sent", number=True),
    Column(key="percent", caption="Of the requests allowed, %", number=True),
    Column(key="seconds", caption="Seconds", number=True),
    Column(key="seconds_percent", caption="Of the time allowed, %", number=True),
    Column(key="at_once", caption="At once", number=True),
    Column(key="refused", caption="Put off", number=True),
)
Number: TypeAlias = Annotated[
    int, typer.Argument(metavar="NUMBER", help="Number of the request, as listed.", show_default=False)
]


@commands.command("list")
@with_list_options
def list_requests(
    mapping: ListedMapping = None,
    *,
    question: ListQuestion,
    limit: Annotated[int, typer.Option(help="Requests at most, the newest first.", min=1)] = 100,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List the requests that were kept: those that went wrong, and all of the time of `requests keep-all`.

    Example: interlace requests list CUSTOMER --filter 'status=412'
    """
    from interlace.bootstrap.desk.requests import add_requests
    from interlace.cli.asked_list import AskedList, listed

    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        wanted = AskedList(
            name=requests.LIST.name,
            add=add_requests,
            connection=held.id,
            mapping=mapping_called(application, held, mapping),
            question=question,
        )
        found = listed(application, output, wanted, limit)
    if found is None:
        return
    output.rows(_COLUMNS, [msgspec.to_builtins(each) for each in found.rows], empty=t("No request fits."))
    if found.has_more:
        output.message(t("There are more: filter more narrowly, or raise --limit."))


@commands.command()
def show(
    number: Number,
    *,
    raw: Annotated[
        bool, typer.Option("--raw", help="Headers and bodies, too; values of fields are hidden.")
    ] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Say in plain words what became of a request; with --raw what was sent and answered.

    Example: interlace requests show 17 --raw
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        asked = ShowRequest(connection=application.connection(connection).id, sequence=number)
        found = ask(application, requests.SHOW, asked)
        exchange = ask(application, requests.EXCHANGE, asked).text if raw else ""
    row = msgspec.to_builtins(found.request)
    if as_json:
        output.record({**row, "told": found.told, "job": found.job_id, **({"raw": exchange} if raw else {})})
        return
    output.record({t(each.caption): row[each.name] for each in REQUEST_COLUMNS})
    output.message(" ".join(each for each in (said(found.told), said(found.next_step)) if each))
    if raw:
        output.stdout.write(f"\n{exchange}\n")


@commands.command("keep-all")
def keep_all(
    minutes: Annotated[
        int,
        typer.Argument(
            metavar="MINUTES",
            help="For how long; 0 ends it.",
            min=0,
            max=WHOLE_MINUTES_MAX,
            show_default=False,
        ),
    ],
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Keep every request of the connection for some minutes, not only those that go wrong.

    A server that runs does so a few seconds later.

    Example: interlace requests keep-all 15
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        asked = KeepWhole(connection=application.connection(connection).id, minutes=minutes)
        kept = ask(application, requests.KEEP_WHOLE, asked)
    if as_json:
        output.record({"until": kept.until.isoformat()})
    else:
        output.message(kept.message)


@commands.command()
def use(
    hours: Annotated[int, typer.Option(help="Of how many hours until now.", min=1, max=USE_HOURS_MAX)] = 4,
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Show how much of what each service allows was used, in windows of five minutes.

    Example: interlace requests use --hours 1
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        asked = ShowUse(connection=application.connection(connection).id, hours=hours)
        services = ask(application, requests.USE, asked).services
    rows = [
        {**msgspec.to_builtins(window), "side": each.side, "at": moment_text(window.at, as_json=as_json)}
        for each in services
        for window in each.windows
    ]
    output.rows(_USE_COLUMNS, rows, empty=t("No request was counted in that time."))
