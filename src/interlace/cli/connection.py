"""`interlace connection`: the pair of one ERP company and one CRM organization."""

import asyncio
from dataclasses import replace
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_checks import check_connection, has_problem
from interlace.bootstrap.connection_names import default_of
from interlace.bootstrap.connection_naming import make_default, rename_connection
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.enable_connection import coupled, enable_connection
from interlace.bootstrap.enabling import learn
from interlace.bootstrap.fingerprint import bound
from interlace.cli.captions import moment_text
from interlace.cli.checks import exit_code_of, show_checks
from interlace.cli.connection_defaults import use_defaults
from interlace.cli.connection_entry import add, change, details_of
from interlace.cli.connection_options import Name, OptionalName
from interlace.cli.connection_sign_in import sign_in
from interlace.cli.consent import require_consent
from interlace.cli.options import Json, State, Yes, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import words
from interlace.locale.translatable import joined, translatable

commands = typer.Typer(
    help="Connections: each joins one ERP company and one CRM organization.", no_args_is_help=True
)

_LIST_COLUMNS = (
    Column(key="name", caption="Name"),
    Column(key="default", caption="Default"),
    Column(key="enabled", caption="Enabled"),
    Column(key="company", caption="Company"),
    Column(key="erp_address", caption="ERP"),
    Column(key="crm_address", caption="CRM"),
    Column(key="last_run", caption="Last run"),
    Column(key="errors", caption="Errors", number=True),
)


commands.command()(add)
commands.command()(change)
commands.command("sign-in")(sign_in)
commands.command("use-defaults")(use_defaults)


@commands.command("list")
def list_connections(state: State = None, *, as_json: Json = False) -> None:
    """List the connections, with their last run and the number of records on their error lists.

    Example: interlace connection list
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connections()
        default = default_of(held)
        rows = [_row(application, each, is_default=each == default, as_json=as_json) for each in held]
    output.rows(
        _LIST_COLUMNS, rows, empty="There is no connection yet. Make one with `interlace connection add`."
    )


def _row(application: Application, held: Connection, *, is_default: bool, as_json: bool) -> dict[str, object]:
    settings, queries = held.settings, application.state.queries
    last = max(queries.last_finished(held.id).values(), default=None)
    return {
        "name": settings.name,
        "default": is_default,
        "enabled": settings.enabled,
        "company": settings.erp_company,
        "erp_address": settings.erp_address,
        "crm_address": settings.crm_address,
        "last_run": None if last is None else moment_text(last, as_json=as_json),
        "errors": sum(queries.count_errors(held.id).values()),
    }


@commands.command()
def rename(
    name: Name,
    new_name: Annotated[str, typer.Argument(help="What it is called from now on.", show_default=False)],
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Call the connection otherwise; all that is remembered of it stays.

    Example: interlace connection rename main north
    """
    with opened(state) as application:
        held = application.connection(name)
        kept = rename_connection(application, held, new_name)
        Output(as_json=as_json).record({"renamed": held.settings.name, "name": kept.settings.name})


@commands.command()
def default(name: Name, state: State = None, *, as_json: Json = False) -> None:
    """Choose the connection that commands, programs and pages mean where they name none.

    Example: interlace connection default main
    """
    with opened(state) as application:
        kept = make_default(application, application.connection(name))
        Output(as_json=as_json).record({"default": kept.settings.name})


@commands.command()
def show(name: OptionalName = None, state: State = None, *, as_json: Json = False) -> None:
    """Show a connection with what it learned from both ends; of secrets only whether they are stored.

    Example: interlace connection show main
    """
    with opened(state) as application:
        Output(as_json=as_json).record(details_of(application, application.connection(name)))


@commands.command("test")
def try_ends(name: OptionalName = None, state: State = None, *, as_json: Json = False) -> None:
    """Try both ends: addresses, sign-in, company, currency and the CRM solution. Nothing is written.

    Example: interlace connection test main
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        connection = application.connection(name)
        checks = asyncio.run(check_connection(application, connection))
    show_checks(output, checks)
    if has_problem(checks):
        raise typer.Exit(exit_code_of(checks))
    if not connection.settings.enabled:
        output.message(
            translatable(
                "All right. Enable the connection with {command}.",
                command=f"`interlace connection enable {connection.settings.name}`",
            )
        )


@commands.command()
def enable(name: OptionalName = None, state: State = None, *, as_json: Json = False) -> None:
    """Test a connection, see to it that the default price list exists, and let it be used.

    Example: interlace connection enable main
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        connection = application.connection(name)
        checks = asyncio.run(check_connection(application, connection))
        if has_problem(checks):
            show_checks(output, checks)
            output.message("Not enabled. Correct the problems above, then enable it again.")
            raise typer.Exit(exit_code_of(checks))
        output.record(details_of(application, asyncio.run(enable_connection(application, connection))))
    output.message("Enabled. Start with `interlace full-synch start`.")


@commands.command()
def rebind(
    name: OptionalName = None, state: State = None, *, yes: Yes = False, as_json: Json = False
) -> None:
    """Let a copied or moved memory, or one with ends at another address, write for a connection again.

    Example: interlace connection rebind main
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(name)
        learned = asyncio.run(_learned(application, held))
        require_consent(_question_before_binding(held, bound(learned, application.config)), given=yes)
        connection = application.keep(replace(held, settings=bound(learned, application.config)))
        if held.settings.bound_place != connection.settings.bound_place:
            # Who holds a mapping works with the memory that this one was copied from.
            application.state.release_leases(held.id)
        output.record(details_of(application, connection))
    if connection.settings.enabled:
        output.message("Bound. The next run goes on from here.")
    else:
        output.message(
            translatable(
                "Bound. Enable it with {command}.",
                command=f"`interlace connection enable {connection.settings.name}`",
            )
        )


async def _learned(application: Application, held: Connection) -> ConnectionSettings:
    async with application.ends(held) as ends:
        return await learn(held.settings, ends)


def _question_before_binding(held: Connection, now: ConnectionSettings) -> str:
    """Say what a person vouches for by binding a connection anew."""
    before = held.settings
    lines = []
    if before.bound_place and before.bound_place != now.bound_place:
        lines.append(
            translatable(
                "The memory was at {before} and is now at {now}: the other one must be stopped for good.",
                before=before.bound_place,
                now=now.bound_place,
            )
        )
    if before.bound_ends and before.bound_ends != now.bound_ends:
        lines.append(
            translatable(
                "The ends were {before} and are now {now}: they must hold the same records, under the same keys.",
                before=before.bound_ends,
                now=now.bound_ends,
            )
        )
    lines.append(translatable("Let this memory write for the connection {name}?", name=before.name))
    return joined(lines)


@commands.command()
def disable(name: OptionalName = None, state: State = None, *, as_json: Json = False) -> None:
    """Stop using a connection; its couplings stay.

    Example: interlace connection disable main
    """
    with opened(state) as application:
        connection = application.disable(application.connection(name))
        Output(as_json=as_json).record(details_of(application, connection))


@commands.command()
def remove(name: Name, state: State = None, *, yes: Yes = False, as_json: Json = False) -> None:
    """Forget a connection with its couplings, jobs and errors; the records of both ends stay as they are.

    Example: interlace connection remove trial --yes
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        connection = application.connection(name)
        count = coupled(application, connection)
        question = words().n(
            "Remove the connection {name} and forget its {count} coupling?",
            "Remove the connection {name} and forget its {count} couplings?",
            count,
            name=connection.settings.name,
        )
        require_consent(question, given=yes)
        application.state.delete_connection(connection.id)
    output.record({"removed": connection.settings.name, "couplings": count})
