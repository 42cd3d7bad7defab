"""`interlace sandbox erp-users`: who may sign in to the embedded ERP, while it is stopped."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from interlace.cli.options import Json
from interlace.cli.output import Column, Output

commands = typer.Typer(help="Users of the embedded ERP, while it is stopped.", no_args_is_help=True)

StateDirectory = Annotated[Path, typer.Option("--state", help="Directory of the services' records.")]
Name = Annotated[str, typer.Argument(help="User, such as CLERK.", show_default=False)]

_ONCE = "The key is shown this once: the ERP keeps a hash of it only."
_COLUMNS = (
    Column(key="name", caption="User"),
    Column(key="full_name", caption="Full name"),
    Column(key="email", caption="E-mail"),
    Column(key="enabled", caption="Enabled"),
    Column(key="administrator", caption="Administrator"),
    Column(key="has_key", caption="Has a key"),
    Column(key="key_expires", caption="Key ends"),
    Column(key="has_feed_token", caption="Has a feed token"),
    Column(key="application", caption="Application"),
)


@commands.command("list")
def list_users(state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """List the users; of their keys only whether there is one, and when it ends.

    Example: interlace sandbox erp-users list --state sandbox
    """
    from interlace.bootstrap.sandbox_users import erp_users, stopped_erp

    with stopped_erp(state) as erp:
        rows = [asdict(each) for each in erp_users(erp)]
    Output(as_json=as_json).rows(_COLUMNS, rows, empty="No user.")


@commands.command()
def add(
    name: Name,
    state: StateDirectory = Path("sandbox"),
    *,
    full_name: Annotated[str, typer.Option(help="His name.")] = "",
    email: Annotated[str, typer.Option(help="His e-mail address.")] = "",
    administrator: Annotated[
        bool, typer.Option("--administrator", help="May add users and change their keys.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a user and show his web service access key, once.

    Example: interlace sandbox erp-users add CLERK --full-name "Clara Kern"
    """
    from interlace.bootstrap.sandbox_users import add_user, stopped_erp

    with stopped_erp(state) as erp:
        key = add_user(erp, name, full_name=full_name, email=email, administrator=administrator)
    _tell_key(name, key, as_json=as_json)


@commands.command("change-key")
def change_key(
    name: Name,
    state: StateDirectory = Path("sandbox"),
    *,
    expires: Annotated[
        datetime | None, typer.Option(help="When the key ends, in UTC; none: never.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Give a user a new key and show it, once; the old one and his feed token stop at once.

    Example: interlace sandbox erp-users change-key INTERLACE --expires 2027-12-31
    """
    from interlace.bootstrap.sandbox_users import change_key as give_key
    from interlace.bootstrap.sandbox_users import stopped_erp

    with stopped_erp(state) as erp:
        key = give_key(erp, name, expires)
    _tell_key(name, key, as_json=as_json)


@commands.command()
def disable(name: Name, state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """Let a user no longer sign in, neither by key nor by feed token.

    Example: interlace sandbox erp-users disable CLERK
    """
    _set_enabled(name, state, enabled=False, as_json=as_json)


@commands.command()
def enable(name: Name, state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """Let a user sign in again, with the key that he had.

    Example: interlace sandbox erp-users enable CLERK
    """
    _set_enabled(name, state, enabled=True, as_json=as_json)


@commands.command("set-application")
def set_application(
    name: Name,
    client_id: Annotated[
        str | None, typer.Argument(help="Client id of the application; none: no application.")
    ] = None,
    state: StateDirectory = Path("sandbox"),
    *,
    as_json: Json = False,
) -> None:
    """Let an application act as a user, as on the page Microsoft Entra Applications.

    Example: interlace sandbox erp-users set-application INTERLACE 5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b
    """
    from interlace.bootstrap.sandbox_users import set_application as stand_for
    from interlace.bootstrap.sandbox_users import stopped_erp

    with stopped_erp(state) as erp:
        user = stand_for(erp, name, client_id)
    Output(as_json=as_json).record(asdict(user))


def _set_enabled(name: str, state: Path, *, enabled: bool, as_json: bool) -> None:
    from interlace.bootstrap.sandbox_users import set_enabled, stopped_erp

    with stopped_erp(state) as erp:
        user = set_enabled(erp, name, enabled=enabled)
    Output(as_json=as_json).record(asdict(user))


def _tell_key(name: str, key: str, *, as_json: bool) -> None:
    output = Output(as_json=as_json)
    output.record({"user": name.upper(), "key": key})
    output.message(_ONCE)
