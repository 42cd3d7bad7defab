"""`interlace tokens`: access keys, by which programs use the management API."""

from typing import Annotated

import typer

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.cli.account_desk import ask, ask_pages
from interlace.cli.captions import moment_text
from interlace.cli.consent import require_consent
from interlace.cli.options import Json, State
from interlace.cli.output import Column, Output
from interlace.locale.translatable import translatable
from interlace.management import tokens
from interlace.management.permission import Permission
from interlace.management.tokens import DAYS_DEFAULT, CreateKey, KeySummary, ListKeys, RevokeKey

commands = typer.Typer(
    help="Access keys of Interlace: how programs use its API. The ERP's web service access keys are the ERP's.",
    no_args_is_help=True,
)
_NAMES = ", ".join(each.value for each in Permission)
_COLUMNS = (
    Column(key="id", caption=translatable("Key")),
    Column(key="name", caption=translatable("For")),
    Column(key="user", caption=translatable("User")),
    Column(key="permissions", caption=translatable("Permissions")),
    Column(key="connections", caption=translatable("Connections")),
    Column(key="addresses", caption=translatable("Addresses")),
    Column(key="state", caption=translatable("State")),
    Column(key="expires_at", caption=translatable("Opens until")),
    Column(key="used_at", caption=translatable("Used last")),
    Column(key="used_from", caption=translatable("From")),
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
    pages = ask_pages(state, tokens.LIST, ListKeys(user=user))
    rows = [_row(each, as_json=as_json) for page in pages for each in page.rows]
    Output(as_json=as_json).rows(_COLUMNS, rows, empty=translatable("There is no access key."))


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
        raise ConnectionProblem(translatable("Say with --user whose key it is."))
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
    if as_json:
        output.record({"key": made.key, **_row(made.summary, as_json=as_json)})
        return
    output.stdout.write(f"{made.key}\n")
    output.message(
        translatable(
            "Access key {id} of {user} opens until {time}.",
            id=made.summary.id,
            user=made.summary.user,
            time=moment_text(made.summary.expires_at, as_json=False) or "",
        )
    )
    output.message(translatable("Keep the key now: it is shown this once and is stored nowhere."))


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
    require_consent(
        translatable("Programs that use {key} are refused from now on. Revoke it?", key=key), given=yes
    )
    ask(state, tokens.REVOKE, RevokeKey(id=key))
    Output(as_json=as_json).message(translatable("{key} opens nothing any more.", key=key))


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
        msg = translatable("There is no permission {name}. There are: {names}.", name=name, names=_NAMES)
        raise ConnectionProblem(msg) from problem
