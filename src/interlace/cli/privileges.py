"""`interlace privileges`: what the accounts of a connection need, what they lack, and a role that holds it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.privilege_role import RECORDS_ROLE, role_text
from interlace.bootstrap.privileges import (
    crm_privileges,
    erp_permissions,
    missing_privileges,
    needed_privileges,
)
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.written_file import write_file
from interlace.domain.side import Side
from interlace.locale.translatable import translatable

commands = typer.Typer(
    help="Privileges: what the accounts of both ends need, what they lack, and a role that holds it.",
    no_args_is_help=True,
)
_NEEDED = (
    Column(key="side", caption="Side"),
    Column(key="privilege", caption="Privilege"),
    Column(key="tables", caption="Tables"),
    Column(key="needed_by", caption="Needed for"),
)
_MISSING = (
    Column(key="side", caption="Side"),
    Column(key="account", caption="Account"),
    Column(key="privilege", caption="Privilege"),
    Column(key="tables", caption="Tables"),
    Column(key="needed_by", caption="Needed for"),
    Column(key="remedy", caption="What to do"),
)
_DESCRIPTION = "For the account that Interlace works with: just what its connection needs."


@commands.command()
def show(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """List what the mappings that take part and the switches of a connection need, on both sides; asks neither.

    Example: interlace privileges show
    """
    with opened(state) as application:
        needs = needed_privileges(application, application.connection(connection))
    rows = [
        _row(Side.ERP, f"{', '.join(words)} on {table}", (table,), users)
        for table, (words, users) in erp_permissions(needs).items()
    ]
    rows += [
        _row(Side.CRM, name, tables, users) for name, (tables, users) in sorted(crm_privileges(needs).items())
    ]
    Output(as_json=as_json).rows(_NEEDED, rows, empty="Nothing is needed.")


@commands.command()
def check(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Ask both ends what the accounts hold, and name each privilege that is missing, with what to do.

    Example: interlace privileges check
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        missing = asyncio.run(missing_privileges(application, application.connection(connection)))
    rows = [
        {
            **_row(each.side, each.privilege, (each.table,), each.needed_by),
            "account": each.account,
            "remedy": each.remedy,
        }
        for each in missing
    ]
    output.rows(_MISSING, rows, empty="Both accounts hold what the mappings need.")
    if missing:
        raise typer.Exit(ExitCode.CONFIGURATION)


@commands.command()
def role(
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; none: it is shown.", show_default=False)
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the role.")] = RECORDS_ROLE,
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Write a CRM role that holds just what the connection needs, as a source file of the solution.

    Example: interlace privileges role --out integration_user.toml
    """
    with opened(state) as application:
        needs = needed_privileges(application, application.connection(connection))
    text = role_text(name, _DESCRIPTION, needs)
    output = Output(as_json=as_json)
    if out is not None:
        write_file(out, text.encode())
        output.message(translatable("Wrote the role {name} to {file}.", name=name, file=str(out)))
    if as_json:
        output.record({"role": name, "file": None if out is None else str(out), "text": text})
    elif out is None:
        typer.echo(text, nl=False)


def _row(side: Side, privilege: str, tables: tuple[str, ...], users: tuple[str, ...]) -> dict[str, object]:
    return {
        "side": side.value.upper(),
        "privilege": privilege,
        "tables": ", ".join(tables),
        "needed_by": ", ".join(users),
    }
