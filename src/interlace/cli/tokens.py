"""`interlace tokens`: access keys, by which programs use the management API."""

from typing import Annotated

import typer

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.cli.account_desk import ask
from interlace.cli.captions import moment_text
from interlace.cli.consent import require_consent
from interlace.cli.options import Json, State
from interlace.cli.output import Column, Output
from interlace.management import tokens
from interlace.management.permission import Permission
from interlace.management.tokens import DAYS_DEFAULT, CreateKey, KeySummary, ListKeys, RevokeKey

commands = typer.Typer(
    help="Access keys of Interlace: how programs use its API. The ERP's web service access keys are the ERP's.",
    no_args_is_help=True,
)
_NAMES = ", ".join(each.value for each in Permission)
_COLUMNS = (
    Column(key="id", caption="Key"),
    Column(key="name", caption="For"),
    Column(key="user", caption="User"),
    Column(key="permissions", caption="Permissions"),
    Column(key="connections", caption="Connections"),
    Column(key="addresses", caption="Addresses"),
    Column(key="state", caption="State"),
    Column(key="expires_at", caption="Opens until"),
    Column(key="used_at", caption="Used last"),
    Column(key="used_from", caption="From"),
)


@commands.command("list")
def list_keys(
    user: Annotated[str, typer.Option("--user", help="Only this user's keys.", show_default=False)] = "",
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """List the access keys; never the keys themselves.

    Example: interlace tokens list
    """
    found = ask(state, tokens.LIST, ListKeys(user=user))
    rows = [_row(each, as_json=as_json) for each in found.keys]
    Output(as_json=as_json).rows(_COLUMNS, rows, empty="There is no access key.")


@commands.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the key is for.", show_default=False)],
    user: Annotated[
        str,
        typer.Option(
            "--user", help="Whose key it is; it allows nothing that this user may not.", show_default=False
        ),
    ] = "",
    permissions: Annotated[
        list[str] | None,
        typer.Option(
            "--permission", "-p", help=f"May be given several times: {_NAMES}.", show_default="read"
        ),
    ] = None,
    connections: Annotated[
        list[str] | None,
        typer.Option("--connection", "-c", help="Only for this connection.", show_default=False),
    ] = None,
    addresses: Annotated[
        list[str] | None,
        typer.Option(
            "--address", help="Only from this address or network, such as 192.0.2.0/24.", show_default=False
        ),
    ] = None,
    days: Annotated[int, typer.Option("--days", help="How long it opens.")] = DAYS_DEFAULT,
    replaces: Annotated[
        str, typer.Option("--replaces", help="Id of the key that it takes the place of.", show_default=False)
    ] = "",
    overlap_hours: Annotated[
        int, typer.Option("--overlap-hours", help="How long the old key still opens, up to 24.")
    ] = 0,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Make an access key and write it to standard output, this once.

    Example: interlace tokens create "nightly report" --user ingrid -p read
    """
    if not user and not replaces:
        raise ConnectionProblem("Say with --user whose key it is.")
    asked = CreateKey(
        name=name,
        user=user,
        permissions=tuple(_permission(each) for each in permissions or [Permission.READ.value]),
        connections=tuple(connections or ()),
        addresses=tuple(addresses or ()),
        days=days,
        replaces=replaces,
        overlap_hours=overlap_hours,
    )
    made, output = ask(state, tokens.CREATE, asked), Output(as_json=as_json)
    output.record({"key": made.key, **_row(made.summary, as_json=as_json)})
    output.message("Keep the key now: it is shown this once and is stored nowhere.")


@commands.command()
def revoke(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="Its first eight characters.", show_default=False)
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Revoke without asking.")] = False,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Let an access key open nothing from now on.

    Example: interlace tokens revoke XYbc5eUp
    """
    require_consent(f"Programs that use {key} are refused from now on. Revoke it?", given=yes)
    ask(state, tokens.REVOKE, RevokeKey(id=key))
    Output(as_json=as_json).message(f"{key} opens nothing any more.")


def _row(each: KeySummary, *, as_json: bool) -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "user": each.user,
        "permissions": [permission.value for permission in each.permissions],
        "connections": list(each.connections),
        "addresses": list(each.addresses),
        "state": each.state.value,
        "expires_at": moment_text(each.expires_at, as_json=as_json),
        "used_at": moment_text(each.used_at, as_json=as_json),
        "used_from": each.used_from,
    }


def _permission(name: str) -> Permission:
    try:
        return Permission(name)
    except ValueError as problem:
        raise ConnectionProblem(f"There is no permission {name!r}. There are: {_NAMES}.") from problem
