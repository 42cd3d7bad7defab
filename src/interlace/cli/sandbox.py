"""`interlace sandbox`: the embedded ERP and CRM as servers of their own."""

import asyncio
import re
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.sandbox_choice import SandboxChoice
from interlace.cli import sandbox_apps, sandbox_people, sandbox_services, sandbox_users
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import Json
from interlace.cli.output import Column, Output
from interlace.locale.translatable import translatable

commands = typer.Typer(help="Embedded ERP and CRM services on 127.0.0.1.", no_args_is_help=True)
erp_commands = typer.Typer(invoke_without_command=True)
commands.add_typer(erp_commands, name="erp")
commands.add_typer(sandbox_users.commands, name="erp-users")
commands.add_typer(sandbox_services.commands, name="erp-services")
commands.add_typer(sandbox_apps.commands, name="apps")
commands.add_typer(sandbox_people.commands, name="people")

_ORGANIZATION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
StateDirectory = Annotated[Path, typer.Option("--state", help="Directory of the services' records.")]
Port = Annotated[int, typer.Option(help="Port; 0 chooses a free one.", min=0, max=65_535)]
Limits = Annotated[
    str,
    typer.Option(
        "--limits",
        help="Service limits: off, published, numbers such as requests=600,window_seconds=30, or a TOML file.",
    ),
]
Seed = Annotated[bool, typer.Option("--seed-company", help="Fill a new service with the demo company.")]
Customers = Annotated[int, typer.Option(help="Customers of the demo company.", min=1)]
Faults = Annotated[
    Path | None,
    typer.Option("--faults", help="File of fault rules (TOML) that spoil requests.", show_default=False),
]
Tls = Annotated[
    bool, typer.Option("--tls", help="Serve over TLS; clients must trust the authority's file that is told.")
]
Bare = Annotated[
    bool, typer.Option("--bare", help="Begin a new service as one that nobody has prepared for Interlace.")
]

Extension = Annotated[
    bool, typer.Option("--extension", help="Serve the ERP extension's API, too, as if it were installed.")
]


def _plain_name(text: str) -> str:
    if text and not _ORGANIZATION_NAME.fullmatch(text):
        msg = translatable(
            "{name} is no name of an organization: letters and digits, as it stands in addresses.",
            name=repr(text),
        )
        raise typer.BadParameter(msg)
    return text


Organization = Annotated[
    str,
    typer.Option(
        "--organization",
        metavar="NAME",
        callback=_plain_name,
        help="Serve the CRM as on premises: below this name, by older versions and without bulk messages.",
        show_default=False,
    ),
]


Ntlm = Annotated[
    bool,
    typer.Option(
        "--ntlm", help="Ask for Windows accounts (NTLM), as on premises; the accounts are told at the start."
    ),
]


class ErpProduct(Enum):
    """Products that the embedded ERP can be."""

    BC = "bc"
    NAV2018 = "nav2018"
    NAV2017 = "nav2017"


class ErpLanguage(Enum):
    """Languages in which the embedded NAV publishes its pages."""

    EN = "en"
    DE = "de"


Product = Annotated[
    ErpProduct,
    typer.Option("--product", help="Which ERP it is: Business Central, or NAV without API v2.0."),
]
Language = Annotated[
    ErpLanguage, typer.Option("--language", help="Language of the captions that name NAV's published fields.")
]
# The demo says so when it starts a service, which then ends with it.
Parent = Annotated[int | None, typer.Option(hidden=True, help="End when this process has ended.")]


@erp_commands.callback()
def erp(
    context: typer.Context,
    state: StateDirectory = Path("sandbox"),
    port: Port = 7048,
    customers: Customers = 1000,
    *,
    limits: Limits = "off",
    seed_company: Seed = False,
    faults: Faults = None,
    tls: Tls = False,
    bare: Bare = False,
    ntlm: Ntlm = False,
    extension: Extension = False,
    product: Product = ErpProduct.BC,
    language: Language = ErpLanguage.EN,
    parent: Parent = None,
    as_json: Json = False,
) -> None:
    """Serve Business Central's API v2.0 and OData V4 page web services.

    Example: interlace sandbox erp --state sandbox --port 7048 --seed-company
    """
    if context.invoked_subcommand is not None:
        return
    choice = SandboxChoice(
        erp_port=port,
        limits=limits,
        seeded=seed_company,
        customers=customers,
        faults=faults,
        tls=tls,
        bare=bare,
        ntlm=ntlm,
        extension=extension,
        product=product.value,
        language=language.value,
        parent=parent,
    )
    _serve(state, choice, as_json=as_json)


@commands.command()
def crm(
    state: StateDirectory = Path("sandbox"),
    port: Port = 7148,
    *,
    limits: Limits = "off",
    seed_company: Seed = False,
    faults: Faults = None,
    tls: Tls = False,
    bare: Bare = False,
    ntlm: Ntlm = False,
    organization: Organization = "",
    parent: Parent = None,
    as_json: Json = False,
) -> None:
    """Serve the Dataverse Web API with Dynamics 365 Sales.

    Example: interlace sandbox crm --state sandbox --port 7148 --seed-company
    """
    choice = SandboxChoice(
        crm_port=port,
        limits=limits,
        seeded=seed_company,
        faults=faults,
        tls=tls,
        bare=bare,
        ntlm=ntlm,
        organization=organization,
        parent=parent,
    )
    _serve(state, choice, as_json=as_json)


@commands.command()
def both(
    state: StateDirectory = Path("sandbox"),
    port: Port = 7048,
    crm_port: Port = 7148,
    customers: Customers = 1000,
    *,
    limits: Limits = "off",
    seed_company: Seed = False,
    faults: Faults = None,
    tls: Tls = False,
    bare: Bare = False,
    ntlm: Ntlm = False,
    organization: Organization = "",
    extension: Extension = False,
    as_json: Json = False,
) -> None:
    """Serve both in one process.

    Example: interlace sandbox both --state sandbox --seed-company
    """
    choice = SandboxChoice(
        erp_port=port,
        crm_port=crm_port,
        limits=limits,
        seeded=seed_company,
        customers=customers,
        faults=faults,
        tls=tls,
        bare=bare,
        ntlm=ntlm,
        organization=organization,
        extension=extension,
    )
    _serve(state, choice, as_json=as_json)


@erp_commands.command()
def load(
    directory: Annotated[Path, typer.Argument(help="Directory of CSV files, one a table.")],
    state: StateDirectory = Path("sandbox"),
    *,
    as_json: Json = False,
) -> None:
    """Load a company from CSV files; the service must be stopped; bad rows are refused by file, line and reason.

    Example: interlace sandbox erp load my-company --state sandbox
    """
    from interlace.bootstrap.sandboxes import load_company

    output = Output(as_json=as_json)
    report = load_company(state, directory)
    loaded = [{"table": table, "loaded": count} for table, count in report.loaded.items()]
    refused = [{"file": each.file, "line": each.line, "reason": each.reason} for each in report.refused]
    output.rows(
        (Column(key="table", caption="Table"), Column(key="loaded", caption="Loaded", number=True)),
        loaded,
        empty=translatable("No CSV file of a known table in {directory}.", directory=str(directory)),
    )
    if refused:
        columns = (
            Column(key="file", caption="File"),
            Column(key="line", caption="Line", number=True),
            Column(key="reason", caption="Refused because"),
        )
        output.rows(columns, refused, empty="")
        raise typer.Exit(ExitCode.REMAINING)


def _serve(state: Path, choice: SandboxChoice, *, as_json: bool) -> None:
    from interlace.bootstrap.sandboxes import serve_sandboxes

    output = Output(as_json=as_json)

    def started(announcement: dict[str, str]) -> None:
        output.record(announcement)
        output.stdout.flush()
        if not as_json:
            output.message("Ctrl-C stops the service; its records stay in the state directory.")

    asyncio.run(serve_sandboxes(state, choice, started))
