"""`interlace keys`: the key file that opens stored secrets, and its renewal."""

import typer

from interlace.bootstrap.application import key_file_of
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.secret_age import AGE_WARNING_DAYS, days_old, is_old
from interlace.cli.act_entries import begin_act
from interlace.cli.options import Json, State, config_of, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, words
from interlace.locale.translatable import translatable

commands = typer.Typer(
    help="Keys: the file that opens stored secrets. It never lies in the database.", no_args_is_help=True
)
_COLUMNS = (
    Column(key="connection", caption="Connection"),
    Column(key="secret", caption="Secret"),
    Column(key="state", caption="State"),
    Column(key="fingerprint", caption="Fingerprint"),
    Column(key="days", caption="Days old"),
    Column(key="key", caption="Key"),
)


@commands.command()
def show(state: State = None, *, as_json: Json = False) -> None:
    """Show which secrets are stored, how old they are, and by which key: never the secrets themselves.

    Example: interlace keys show
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        names = {str(each.id): each.settings.name for each in application.connections()}
        file = application.state.key_file
        output.message(
            words().n(
                "Key file {file}, {count} key, newest {key}",
                "Key file {file}, {count} keys, newest {key}",
                len(file.every),
                file=str(file.path),
                key=file.newest.key_id.hex(),
            )
        )
        rows: list[dict[str, object]] = []
        for each in application.state.secret_traces(application.seals()):
            days = days_old(each)
            rows.append(
                {
                    "connection": names[each.connection_id],
                    "secret": each.name,
                    "state": _state(each.fingerprint, days, as_json=as_json),
                    "fingerprint": each.fingerprint,
                    "days": days,
                    "key": each.key_id,
                }
            )
    output.rows(_COLUMNS, rows, empty="No secret is stored.")


def _state(fingerprint: str, days: int | None, *, as_json: bool) -> str:
    state = "ok"
    if not fingerprint:
        state = translatable("can't be opened: enter it again")
    elif is_old(days):
        state = translatable("older than {days} days: renew it at its service", days=AGE_WARNING_DAYS)
    return state if as_json else said(state)


@commands.command()
def rotate(state: State = None, *, as_json: Json = False) -> None:
    """Make a new key and wrap every stored secret with it; the old key opens nothing any more.

    Example: interlace keys rotate
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        count, is_gone = application.state.rotate_key(application.seals())
        file = application.state.key_file
        output.record(
            {
                "key_file": str(file.path),
                "key": file.newest.key_id.hex(),
                "secrets": count,
                "old_copies_gone": is_gone,
            }
        )
    if file.is_kept and len(file.every) > 1:
        output.message(
            translatable(
                "Remove all lines but the first from the file behind {file}, and restart the service.",
                file=str(file.path),
            )
        )
    if not is_gone:
        output.message(
            "What the old key opens may still stand in free space of the database. If the old key may be known to "
            "somebody, renew the secrets at their services."
        )


@commands.command()
def create(state: State = None, *, as_json: Json = False) -> None:
    """Make the key file that the settings name, with a new key. Secrets of another key must be entered again.

    Example: interlace keys create
    """
    output = Output(as_json=as_json)
    config = config_of(state)
    begin_act(config)
    file = key_file_of(config)
    if file.is_kept or not file.create():
        raise ConnectionProblem(
            translatable(
                "There is a key file {file}. `interlace keys rotate` renews its key.", file=str(file.path)
            )
        )
    output.record({"key_file": str(file.path), "key": file.newest.key_id.hex()})
