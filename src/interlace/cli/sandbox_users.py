"""`interlace sandbox erp-users`: who may sign in to the embedded ERP, while it is stopped."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from interlace.cli.options import Json
from interlace.cli.output import Column, Output
from interlace.locale.translatable import translatable

commands = typer.Typer(help="Users of the embedded ERP, while it is stopped.", no_args_is_help=True)

StateDirectory = Annotated[Path, typer.Option("--state", help="Directory of the services' records.")]
Name = Annotated[str, typer.Argument(help="User, such as CLERK.", show_default=False)]

_ONCE = translatable("The key is shown this once: the ERP keeps a hash of it only.")
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
    Column(key="permission_sets", caption="Permission sets"),
)
_SET_COLUMNS = (
    Column(key="name", caption="Permission set"),
    Column(key="table", caption="Table"),
    Column(key="rights", caption="Rights"),
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
    permission_set: Annotated[
        list[str] | None, typer.Option(help="Permission set; none: D365 BUS FULL ACCESS.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a user and show his web service access key, once.

    Example: interlace sandbox erp-users add CLERK --full-name "Clara Kern"
    """
    from interlace.bootstrap.sandbox_users import add_user, stopped_erp

    with stopped_erp(state) as erp:
        key = add_user(
            erp,
            name,
            full_name=full_name,
            email=email,
            administrator=administrator,
            permission_sets=permission_set or (),
        )
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


@commands.command()
def grant(
    name: Name,
    sets: Annotated[
        list[str] | None,
        typer.Argument(help="Permission sets, such as INTERLACE; none: none at all.", show_default=False),
    ] = None,
    state: StateDirectory = Path("sandbox"),
    *,
    as_json: Json = False,
) -> None:
    """Let a user have these permission sets and no others.

    Example: interlace sandbox erp-users grant INTERLACE "D365 BASIC" INTERLACE
    """
    from interlace.bootstrap.sandbox_users import grant as give_sets
    from interlace.bootstrap.sandbox_users import stopped_erp

    with stopped_erp(state) as erp:
        user = give_sets(erp, name, sets or ())
    Output(as_json=as_json).record(asdict(user))


@commands.command("permission-sets")
def list_permission_sets(state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """List the permission sets: what each lets its users do with which table (Read, Insert, Modify, Delete).

    Example: interlace sandbox erp-users permission-sets
    """
    from interlace.bootstrap.sandbox_users import permission_sets, stopped_erp

    with stopped_erp(state) as erp:
        known = permission_sets(erp)
    rows = [
        {"name": name, "table": table, "rights": rights}
        for name, tables in known.items()
        for table, rights in sorted(tables.items())
    ]
    Output(as_json=as_json).rows(_SET_COLUMNS, rows, empty="No permission set.")


@commands.command("add-permission-set")
def add_permission_set(
    name: Annotated[str, typer.Argument(help="Name of the set.", show_default=False)],
    rights: Annotated[
        list[str], typer.Argument(help="Permissions, such as `Customer=RIM`.", show_default=False)
    ],
    state: StateDirectory = Path("sandbox"),
    *,
    as_json: Json = False,
) -> None:
    """Add a permission set, or change one that was added; users who have it follow.

    Example: interlace sandbox erp-users add-permission-set "CUSTOMER READ" Customer=R
    """
    from interlace.bootstrap.sandbox_users import define_permission_set, stopped_erp

    pairs = dict(each.partition("=")[::2] for each in rights)
    with stopped_erp(state) as erp:
        define_permission_set(erp, name, pairs)
    Output(as_json=as_json).record({"name": name, **pairs})


def _set_enabled(name: str, state: Path, *, enabled: bool, as_json: bool) -> None:
    from interlace.bootstrap.sandbox_users import set_enabled, stopped_erp

    with stopped_erp(state) as erp:
        user = set_enabled(erp, name, enabled=enabled)
    Output(as_json=as_json).record(asdict(user))


def _tell_key(name: str, key: str, *, as_json: bool) -> None:
    output = Output(as_json=as_json)
    output.record({"user": name.upper(), "key": key})
    output.message(_ONCE)
