"""`interlace freeze`: windows in which nothing is written to the ERP."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from interlace.bootstrap.freezes import freezes_of, read_moment, with_freeze, without_freeze
from interlace.bootstrap.machine_user import machine_user_name
from interlace.cli.captions import moment_text
from interlace.cli.consent import require_consent
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import t
from interlace.domain.freeze_window import FreezeState, FreezeWindow

commands = typer.Typer(
    help="Freeze windows: when nothing is written to the ERP, such as at month end.", no_args_is_help=True
)

_COLUMNS = (
    Column(key="id", caption="Id"),
    Column(key="begin", caption="Begin"),
    Column(key="end", caption="End"),
    Column(key="state", caption="State"),
    Column(key="reason", caption="Reason"),
    Column(key="by", caption="Set By"),
)


@commands.command("list")
def list_windows(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """List the windows of a connection, those that are over included.

    Example: interlace freeze list
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        windows = freezes_of(application.connection(connection).settings)
    output.rows(
        _COLUMNS, [_row(each, as_json=as_json) for each in windows], empty=t("There is no freeze window.")
    )


@commands.command()
def add(
    begin: Annotated[
        str, typer.Argument(help="When it begins, such as 2026-11-30T18:00; in this machine's time zone.")
    ],
    end: Annotated[str, typer.Argument(help="When it ends.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, such as: Month-end closing.")],
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Write nothing to the ERP in a window; what is changed meanwhile is carried over afterwards.

    Example: interlace freeze add 2026-11-30T18:00 2026-12-03T08:00 --reason 'Month-end closing'
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        settings, window = with_freeze(
            held.settings,
            begin=read_moment(begin, None),
            end=read_moment(end, None),
            reason=reason,
            by=machine_user_name(),
        )
        application.keep(replace(held, settings=settings))
    output.record(_row(window, as_json=as_json))
    output.message(t("Writes to the ERP wait from the window's begin to its end."))


@commands.command()
def remove(
    window: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the window, as listed.", show_default=False)
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Take a window away; one that has begun ends at once.

    Example: interlace freeze remove 1f0c9a3e
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        settings, removed = without_freeze(held.settings, window)
        if removed.state(datetime.now(UTC)) is FreezeState.NOW:
            require_consent(t("The ERP is written to again at once. Remove the window?"), given=yes)
        application.keep(replace(held, settings=settings))
    output.record(_row(removed, as_json=as_json))
    output.message(t("The window is removed."))


def _row(window: FreezeWindow, *, as_json: bool) -> dict[str, object]:
    return {
        "id": window.id,
        "begin": moment_text(window.begin, as_json=as_json),
        "end": moment_text(window.end, as_json=as_json),
        "state": window.state(datetime.now(UTC)).value,
        "reason": window.reason,
        "by": window.by,
    }
