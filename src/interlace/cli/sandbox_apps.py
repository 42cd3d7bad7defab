"""`interlace sandbox apps`: which applications may sign in to the embedded services, also while they run."""

import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from interlace.cli.options import Json
from interlace.cli.output import Column, Output
from interlace.locale.translatable import translatable

if TYPE_CHECKING:
    from interlace.bootstrap.sandbox_directory import ShownApplication
    from interlace.sandbox.identity import Directory

commands = typer.Typer(help="Applications that sign in to the embedded services.", no_args_is_help=True)

StateDirectory = Annotated[Path, typer.Option("--state", help="Directory of the services' records.")]
ClientId = Annotated[str, typer.Argument(help="Client id of the application.", show_default=False)]
Services = Annotated[
    list[str] | None,
    typer.Option(
        "--service", help="Service it may use: crm or erp; several times for both.", show_default=False
    ),
]

_SECRET_BYTES = 30
_SERVICES = frozenset({"crm", "erp"})
_COLUMNS = (
    Column(key="client_id", caption="Client id"),
    Column(key="name", caption="Name"),
    Column(key="enabled", caption="Enabled"),
    Column(key="signs_people_in", caption="Signs people in"),
    Column(key="secrets", caption="Secrets end"),
    Column(key="certificates", caption="Certificates end"),
    Column(key="services", caption="Services"),
)


@commands.command("list")
def list_applications(state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """List the applications; of their secrets only when each ends.

    Example: interlace sandbox apps list --state sandbox
    """
    from interlace.bootstrap.sandbox_directory import ShownApplication, shared_directory

    with shared_directory(state) as directory:
        rows = [asdict(ShownApplication.of(each)) for each in directory.applications()]
    Output(as_json=as_json).rows(_COLUMNS, rows, empty="No application.")


@commands.command()
def register(
    name: Annotated[str, typer.Argument(help="What the application is called.", show_default=False)],
    state: StateDirectory = Path("sandbox"),
    *,
    client_id: Annotated[
        str | None, typer.Option(help="Client id; none: a new one.", show_default=False)
    ] = None,
    service: Services = None,
    public: Annotated[
        bool, typer.Option("--public", help="Signs people in by device code, without a secret.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Register an application; add a secret or a certificate to it afterwards.

    Example: interlace sandbox apps register "Month-end reports" --service erp
    """
    from interlace.bootstrap.sandbox_directory import register as add

    chosen = client_id or str(uuid4())
    services = _SERVICES if service is None else _known(service)
    _change(
        state,
        lambda directory: add(directory, chosen, name, services=services, is_public=public),
        as_json=as_json,
    )


@commands.command("add-secret")
def add_secret(
    client_id: ClientId,
    state: StateDirectory = Path("sandbox"),
    *,
    expires: Annotated[
        datetime | None, typer.Option(help="When it ends, in UTC; none: never.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Give an application one more secret and show it, once; an end in the past tries what happens then.

    Example: interlace sandbox apps add-secret 5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b --expires 2027-12-31
    """
    from interlace.bootstrap.sandbox_directory import add_secret as add
    from interlace.bootstrap.sandbox_directory import shared_directory

    secret = secrets.token_urlsafe(_SECRET_BYTES)
    with shared_directory(state) as directory:
        add(directory, client_id, secret, expires)
    output = Output(as_json=as_json)
    output.record({"client_id": client_id, "secret": secret})
    output.message("The secret is shown this once: the directory keeps a hash of it only.")


@commands.command("expire-secrets")
def expire_secrets(
    client_id: ClientId, state: StateDirectory = Path("sandbox"), *, as_json: Json = False
) -> None:
    """End all secrets of an application now.

    Example: interlace sandbox apps expire-secrets 5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b
    """
    from interlace.bootstrap.sandbox_directory import expire_secrets as expire

    _change(state, lambda directory: expire(directory, client_id), as_json=as_json)


@commands.command("add-certificate")
def add_certificate(
    client_id: ClientId,
    file: Annotated[Path, typer.Argument(help="Certificate in PEM form, without its key.")],
    state: StateDirectory = Path("sandbox"),
    *,
    as_json: Json = False,
) -> None:
    """Let an application prove itself by a certificate.

    Example: interlace sandbox apps add-certificate 5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b integration.pem
    """
    from interlace.bootstrap.sandbox_directory import add_certificate as add
    from interlace.bootstrap.sandbox_server import SandboxNotStarted

    try:
        pem = file.read_bytes()
    except OSError as problem:
        raise SandboxNotStarted(
            translatable(
                "The certificate can't be read from {file}: {problem}. Name another file.",
                file=str(file),
                problem=str(problem.strerror),
            )
        ) from problem
    _change(state, lambda directory: add(directory, client_id, pem), as_json=as_json)


@commands.command("set-services")
def set_services(
    client_id: ClientId,
    state: StateDirectory = Path("sandbox"),
    *,
    service: Services = None,
    as_json: Json = False,
) -> None:
    """Say which services an administrator lets an application use; none named: none.

    Example: interlace sandbox apps set-services 5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b --service crm
    """
    from interlace.bootstrap.sandbox_directory import set_services as consent

    services = _known(service or [])
    _change(state, lambda directory: consent(directory, client_id, services), as_json=as_json)


@commands.command()
def disable(client_id: ClientId, state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """Let an application no longer sign in; tokens that it has hold until they end.

    Example: interlace sandbox apps disable 5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b
    """
    _set_enabled(client_id, state, enabled=False, as_json=as_json)


@commands.command()
def enable(client_id: ClientId, state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """Let an application sign in again.

    Example: interlace sandbox apps enable 5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b
    """
    _set_enabled(client_id, state, enabled=True, as_json=as_json)


def _set_enabled(client_id: str, state: Path, *, enabled: bool, as_json: bool) -> None:
    from interlace.bootstrap.sandbox_directory import set_application_enabled

    _change(
        state,
        lambda directory: set_application_enabled(directory, client_id, enabled=enabled),
        as_json=as_json,
    )


def _change(state: Path, change: "Callable[[Directory], ShownApplication]", *, as_json: bool) -> None:
    from interlace.bootstrap.sandbox_directory import shared_directory

    with shared_directory(state) as directory:
        shown = change(directory)
    Output(as_json=as_json).record(asdict(shown))


def _known(services: list[str]) -> frozenset[str]:
    unknown = sorted(set(services) - _SERVICES)
    if unknown:
        msg = translatable("{name} is no service. Name crm, erp or both.", name=unknown[0])
        raise typer.BadParameter(msg, param_hint="--service")
    return frozenset(services)
