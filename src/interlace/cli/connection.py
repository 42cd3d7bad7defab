"""`interlace connection`: the pair of one ERP company and one CRM organization."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import (
    ERP_KEY_SECRET,
    SALES_ORDER_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
)
from interlace.bootstrap.enabling import enable as learn_and_enable
from interlace.bootstrap.enabling import learn
from interlace.bootstrap.fingerprint import bound, require_ends, require_place
from interlace.cli.checks import check_connection, exit_code_of, has_problem, show_checks
from interlace.cli.consent import require_consent
from interlace.cli.options import Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.secret_sources import SOURCES, given_secrets, require_all, require_order_sign_in

commands = typer.Typer(
    help="Connections: each joins one ERP company and one CRM organization.", no_args_is_help=True
)

Name: TypeAlias = Annotated[str, typer.Argument(help="Name of the connection.", show_default=False)]
OptionalName: TypeAlias = Annotated[
    str | None, typer.Argument(help="Connection; needed only if there are several.", show_default=False)
]
KeyFile: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--erp-key-file",
        metavar="FILE",
        help="File with the ERP user's web service access key; '-' reads standard input. "
        "Else the environment variable INTERLACE_ERP_ACCESS_KEY.",
        show_default=False,
    ),
]
SecretFile: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--crm-secret-file",
        metavar="FILE",
        help="File with the CRM client secret; '-' reads standard input. "
        "Else the environment variable INTERLACE_CRM_CLIENT_SECRET.",
        show_default=False,
    ),
]
OrderKeyFile: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--sales-order-key-file",
        metavar="FILE",
        help="File with the sales order user's web service access key; '-' reads standard input. "
        "Else the environment variable INTERLACE_SALES_ORDER_KEY.",
        show_default=False,
    ),
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Don't ask.")]
_ERP = typer.Option(
    "--erp",
    metavar="URL",
    help="Address of the ERP up to its instance, such as https://host:7048/BC.",
    show_default=False,
)
_COMPANY = typer.Option("--company", help="Company, as the ERP names it.", show_default=False)
_ERP_USER = typer.Option("--erp-user", help="User of the ERP.", show_default=False)
_ORDER_USER = typer.Option(
    "--sales-order-user",
    help="ERP user who creates the sales orders; blank: the ERP user does.",
    show_default=False,
)
_CRM = typer.Option(
    "--crm",
    metavar="URL",
    help="Address of the CRM, such as https://org.crm4.dynamics.com.",
    show_default=False,
)
_TOKEN_URL = typer.Option(
    "--token-url",
    metavar="URL",
    help="Where the CRM's sign-in service gives tokens, such as https://HOST/TENANT/oauth2/v2.0/token.",
    show_default=False,
)
_CLIENT_ID = typer.Option("--client-id", help="Client id of the CRM's application user.", show_default=False)
_LIST_COLUMNS = (
    Column(key="name", caption="Name"),
    Column(key="enabled", caption="Enabled"),
    Column(key="company", caption="Company"),
    Column(key="erp_address", caption="ERP"),
    Column(key="crm_address", caption="CRM"),
)


@commands.command()
def add(
    name: Name,
    erp: Annotated[str, _ERP],
    company: Annotated[str, _COMPANY],
    erp_user: Annotated[str, _ERP_USER],
    crm: Annotated[str, _CRM],
    token_url: Annotated[str, _TOKEN_URL],
    client_id: Annotated[str, _CLIENT_ID],
    erp_key_file: KeyFile = None,
    crm_secret_file: SecretFile = None,
    sales_order_user: Annotated[str, _ORDER_USER] = "",
    sales_order_key_file: OrderKeyFile = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Make a new connection; test and enable it afterwards. Secrets come from files or the environment only.

    Example: interlace connection add main --erp https://erp:7048/BC --company Nordlicht --erp-user INTERLACE
    --erp-key-file key.txt --crm https://org.crm4.dynamics.com --token-url https://HOST/TENANT/oauth2/v2.0/token
    --client-id ID --crm-secret-file secret.txt
    """
    output = Output(as_json=as_json)
    if not name.strip():
        raise ConnectionProblem("The connection's name is blank. Give it a name, such as main.")
    secrets = given_secrets(erp_key_file, crm_secret_file, sales_order_key_file)
    require_all(secrets)
    require_order_sign_in(sales_order_user, stored=SALES_ORDER_KEY_SECRET in secrets)
    settings = ConnectionSettings(
        name=name.strip(),
        erp_address=erp,
        erp_company=company,
        erp_user=erp_user,
        crm_address=crm,
        crm_token_url=token_url,
        crm_client_id=client_id,
        sales_order_user=sales_order_user.strip(),
    )
    with opened(state) as application:
        connection = application.add_connection(settings, secrets)
        output.record(_details(application, connection))
    output.message(f"Added. Try it with `interlace connection test {settings.name}`, then enable it.")


@commands.command()
def change(
    name: Name,
    erp: Annotated[str | None, _ERP] = None,
    company: Annotated[str | None, _COMPANY] = None,
    erp_user: Annotated[str | None, _ERP_USER] = None,
    crm: Annotated[str | None, _CRM] = None,
    token_url: Annotated[str | None, _TOKEN_URL] = None,
    client_id: Annotated[str | None, _CLIENT_ID] = None,
    erp_key_file: KeyFile = None,
    crm_secret_file: SecretFile = None,
    sales_order_user: Annotated[str | None, _ORDER_USER] = None,
    sales_order_key_file: OrderKeyFile = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Correct a connection; what isn't given stays. Another address or company disables it until the next test.

    Example: interlace connection change main --erp-key-file new-key.txt
    """
    output = Output(as_json=as_json)
    secrets = given_secrets(erp_key_file, crm_secret_file, sales_order_key_file)
    given = {
        "erp_address": erp,
        "erp_company": company,
        "erp_user": erp_user,
        "crm_address": crm,
        "crm_token_url": token_url,
        "crm_client_id": client_id,
        "sales_order_user": None if sales_order_user is None else sales_order_user.strip(),
    }
    changes = {field: value for field, value in given.items() if value is not None}
    if not changes and not secrets:
        raise ConnectionProblem("Nothing to change was given. `interlace connection change --help` lists it.")
    with opened(state) as application:
        held = application.connection(name)
        # The annotations of replace can't follow a dictionary; the keys are field names of the class.
        settings = ConnectionSettings.load({**held.settings.dump(), **changes}).checked()
        is_kept = settings.sales_order_user and _is_stored(application, held, SALES_ORDER_KEY_SECRET)
        require_order_sign_in(settings.sales_order_user, stored=is_kept or SALES_ORDER_KEY_SECRET in secrets)
        if not settings.sales_order_user:
            application.state.store_secret(held.id, SALES_ORDER_KEY_SECRET, None)
        if settings.feed_expires and (ERP_KEY_SECRET in secrets or "erp_user" in changes):
            # The token that CRM users read the stock with ended with the key: the next run has a new one issued.
            settings = replace(settings, feed_expires=datetime.now(UTC).isoformat())
        moved = {"erp_address", "erp_company", "crm_address"} & changes.keys()
        if moved:
            settings = replace(settings, enabled=False)
        connection = application.keep(replace(held, settings=settings), secrets)
        output.record(_details(application, connection))
    if moved:
        output.message(f"Changed and disabled. Enable it again with `interlace connection enable {name}`.")


@commands.command("list")
def list_connections(state: State = None, *, as_json: Json = False) -> None:
    """List the connections.

    Example: interlace connection list
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        rows = [
            {
                "name": each.settings.name,
                "enabled": each.settings.enabled,
                "company": each.settings.erp_company,
                "erp_address": each.settings.erp_address,
                "crm_address": each.settings.crm_address,
            }
            for each in application.connections()
        ]
    output.rows(
        _LIST_COLUMNS, rows, empty="There is no connection yet. Make one with `interlace connection add`."
    )


@commands.command()
def show(name: OptionalName = None, state: State = None, *, as_json: Json = False) -> None:
    """Show a connection with what it learned from both ends; of secrets only whether they are stored.

    Example: interlace connection show main
    """
    with opened(state) as application:
        Output(as_json=as_json).record(_details(application, application.connection(name)))


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
        name = connection.settings.name
        output.message(f"All right. Enable the connection with `interlace connection enable {name}`.")


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
        output.record(_details(application, asyncio.run(_enabled(application, connection))))
    output.message("Enabled. Start with `interlace full-synch start`.")


async def _enabled(application: Application, connection: Connection) -> Connection:
    held = connection.settings
    require_place(held, application.config)
    async with application.ends(connection) as ends:
        learned = await learn(held, ends)
        _refuse_other_records(application, connection, learned)
        if _coupled(application, connection):
            require_ends(learned)
        settings = await learn_and_enable(held, ends)
    return application.keep(replace(connection, settings=bound(settings, application.config)))


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
        output.record(_details(application, connection))
    if connection.settings.enabled:
        output.message("Bound. The next run goes on from here.")
    else:
        output.message(f"Bound. Enable it with `interlace connection enable {connection.settings.name}`.")


async def _learned(application: Application, held: Connection) -> ConnectionSettings:
    async with application.ends(held) as ends:
        return await learn(held.settings, ends)


def _question_before_binding(held: Connection, now: ConnectionSettings) -> str:
    """Say what a person vouches for by binding a connection anew."""
    before = held.settings
    lines = []
    if before.bound_place and before.bound_place != now.bound_place:
        lines.append(
            f"The memory was at {before.bound_place} and is now at {now.bound_place}: the other one must be "
            "stopped for good."
        )
    if before.bound_ends and before.bound_ends != now.bound_ends:
        lines.append(
            f"The ends were {before.bound_ends} and are now {now.bound_ends}: they must hold the same records, "
            "under the same keys."
        )
    lines.append(f"Let this memory write for the connection {before.name}?")
    return " ".join(lines)


def _coupled(application: Application, held: Connection) -> int:
    return sum(application.state.queries.count_couplings(held.id).values())


def _refuse_other_records(application: Application, held: Connection, learned: ConnectionSettings) -> None:
    """Keep couplings from being used on another company's or organization's records."""
    before = held.settings
    parts = (
        ("company", before.erp_company_id, learned.erp_company_id),
        ("organization", before.crm_organization_id, learned.crm_organization_id),
    )
    count = _coupled(application, held)
    for what, old, new in parts:
        if old and old != new and count:
            msg = (
                f"The connection {before.name} has {count:,} couplings with another {what} ({old}, not {new}). "
                f"Make a new connection for this {what}, or change this one back."
            )
            raise ConnectionProblem(msg)


@commands.command()
def disable(name: OptionalName = None, state: State = None, *, as_json: Json = False) -> None:
    """Stop using a connection; its couplings stay.

    Example: interlace connection disable main
    """
    with opened(state) as application:
        connection = application.disable(application.connection(name))
        Output(as_json=as_json).record(_details(application, connection))


@commands.command()
def remove(name: Name, state: State = None, *, yes: Yes = False, as_json: Json = False) -> None:
    """Forget a connection with its couplings, jobs and errors; the records of both ends stay as they are.

    Example: interlace connection remove trial --yes
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        connection = application.connection(name)
        count = _coupled(application, connection)
        question = f"Remove the connection {connection.settings.name} and forget its {count:,} couplings?"
        require_consent(question, given=yes)
        application.state.delete_connection(connection.id)
    output.record({"removed": connection.settings.name, "couplings": count})


def _details(application: Application, connection: Connection) -> dict[str, object]:
    details: dict[str, object] = {"id": connection.id, **connection.settings.dump()}
    for source in SOURCES:
        details[source.secret] = "stored" if _is_stored(application, connection, source.secret) else "not set"
    return details


def _is_stored(application: Application, connection: Connection, secret: str) -> bool:
    return bool(application.state.secret(connection.id, secret))
