"""`interlace solution`: the package that Interlace needs in the CRM: building, looking, importing."""

import asyncio
import hashlib
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.administrator import as_administrator, order_for
from interlace.bootstrap.administrator_order import AdministratorAccount
from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings, SignInMethod
from interlace.bootstrap.solution_setup import Progress, SolutionOutcome, Stage
from interlace.bootstrap.solution_status import SolutionStatus, solution_status
from interlace.bootstrap.tracked_tables import tables_to_track
from interlace.cli.asking import may_ask, prompt_secret
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Output
from interlace.cli.spoken import said, t
from interlace.cli.written_file import write_file
from interlace.locale.translatable import as_sentence, translatable
from interlace.solution.build import build_solution
from interlace.solution.checks import package_problems

commands = typer.Typer(
    help="The solution that Interlace needs in the CRM: columns, tables, roles and the availability page.",
    no_args_is_help=True,
)
_SECRET_CAPTIONS = {
    SignInMethod.BASIC: translatable("The administrator's password"),
    SignInMethod.NTLM: translatable("The administrator's password"),
    SignInMethod.TOKEN_ADDRESS: translatable("The administrator's client secret"),
    SignInMethod.CLIENT_SECRET: translatable("The administrator's client secret"),
    SignInMethod.CERTIFICATE: translatable("The administrator's certificate with private key"),
}
TrackChanges = Annotated[
    bool,
    typer.Option(
        "--track-changes",
        help="Have the CRM track the changes of the tables that the connection synchronizes; it can't be "
        "switched off again.",
    ),
]


@commands.command()
def build(
    out: Annotated[
        Path, typer.Option(help="File to write, or the folder to write it to under its usual name.")
    ] = Path(),
    unmanaged: Annotated[
        bool, typer.Option("--unmanaged", help="Build the kind whose parts stay when it is uninstalled.")
    ] = False,
    *,
    as_json: Json = False,
) -> None:
    """Write the solution as the zip that Dataverse imports; the same Interlace writes the same bytes everywhere.

    Example: interlace solution build --out InterlaceIntegration.zip
    """
    package = build_solution(managed=not unmanaged)
    problems = package_problems(package.content)
    if problems:
        raise ConnectionProblem("\n".join([t("The solution can't be imported as it is:"), *problems]))
    file = out / package.file_name if out.is_dir() else out
    write_file(file, package.content)
    digest = hashlib.sha256(package.content).hexdigest()
    Output(as_json=as_json).record(
        {
            "file": str(file),
            "solution": package.unique_name,
            "version": package.version,
            "managed": not unmanaged,
            "bytes": len(package.content),
            "sha256": digest,
        }
    )


@commands.command()
def status(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Show which version the CRM has, which one this Interlace brings, and whether its account has the roles.

    Example: interlace solution status
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        found = asyncio.run(_status(application, application.connection(connection)))
    output.record({key: value for key, value in asdict(found).items() if key != "advice"})
    if found.advice:
        output.message(found.advice)
        raise typer.Exit(ExitCode.CHANGES_PENDING)


@commands.command("import")
def import_(
    connection: ConnectionName = None,
    user: Annotated[
        str, typer.Option(help="Administrator's user name, for a CRM on premises.", show_default=False)
    ] = "",
    client_id: Annotated[
        str,
        typer.Option(
            help="App registration that the administrator signs in with; default: the connection's own.",
            show_default=False,
        ),
    ] = "",
    sign_in: Annotated[
        str | None,
        typer.Option(
            "--sign-in",
            help="How the administrator signs in: device-code (a person), client-secret, certificate, "
            "token-address or basic (on premises).",
            show_default=False,
        ),
    ] = None,
    secret_file: Annotated[
        str | None,
        typer.Option(
            help="File with the password, secret or certificate, or - for standard input; without it you are asked.",
            show_default=False,
        ),
    ] = None,
    redeploy: Annotated[
        bool, typer.Option("--redeploy", help="Import the version that is there already once more.")
    ] = False,
    add_user: Annotated[
        bool,
        typer.Option(
            "--add-user/--no-add-user",
            help="Make the CRM user of the connection's application if it is missing.",
        ),
    ] = True,
    track_changes: TrackChanges = False,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Import or upgrade the solution as an administrator of the CRM, and give the connection's account its roles.

    The administrator signs in for this once: in a process of its own that keeps nothing.

    Example: interlace solution import --sign-in device-code
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        account = _account(held.settings, sign_in, user=user, client_id=client_id)
        secret = _secret(account.method, secret_file)
        order = order_for(
            held.settings,
            account,
            add_user=add_user,
            redeploy=redeploy,
            timeout_seconds=application.config.timeout_seconds,
            track=tables_to_track(application, held) if track_changes else (),
        )
    outcome = asyncio.run(as_administrator(order, secret, _Teller(output)))
    _tell_outcome(output, outcome)


class _Teller:
    """Tells people how far the work is; a percentage is told when it is ten further."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._told: tuple[Stage, int] | None = None

    def __call__(self, progress: Progress) -> None:
        tens = int((progress.percent or 0.0) // 10)
        if self._told == (progress.stage, tens) and progress.percent is not None:
            return
        self._told = (progress.stage, tens)
        percent = "" if progress.percent is None else f": {progress.percent:.0f} %"
        self._output.message(f"{said(progress.text)}{percent}")


async def _status(application: Application, connection: Connection) -> SolutionStatus:
    async with application.ends(connection) as ends:
        return await solution_status(ends.administration)


def _account(
    settings: ConnectionSettings, sign_in: str | None, *, user: str, client_id: str
) -> AdministratorAccount:
    """Gather who signs in; what isn't given is as on the connection, but never the connection's own account."""
    method = _method(settings, sign_in, client_id)
    if method.takes_user:
        if not user:
            msg = translatable("The administrator's user name is missing. Give it with --user.")
            raise ConnectionProblem(msg)
        return AdministratorAccount(method=method, user=user)
    is_person = method is SignInMethod.DEVICE_CODE
    if not client_id and not is_person:
        msg = translatable(
            "Interlace's own app registration is no administrator. Name the one of the administrator with "
            "--client-id, or let a person sign in with --sign-in device-code."
        )
        raise ConnectionProblem(msg)
    uses_address = method is SignInMethod.TOKEN_ADDRESS
    if not uses_address and not settings.crm_authority:
        msg = translatable(
            "The connection {name} has no address of the sign-in service. Give it with `interlace connection change "
            "{name} --crm-authority https://login.microsoftonline.com/TENANT`.",
            name=settings.name,
        )
        raise ConnectionProblem(msg)
    return AdministratorAccount(
        method=method,
        client_id=client_id or settings.crm_client_id,
        authority="" if uses_address else settings.crm_authority,
        token_url=settings.crm_token_url if uses_address else "",
    )


def _method(settings: ConnectionSettings, sign_in: str | None, client_id: str) -> SignInMethod:
    if sign_in is not None:
        try:
            return SignInMethod(sign_in)
        except ValueError:
            names = ", ".join(SignInMethod)
            msg = translatable(
                "There is no way to sign in that is called {way}. Ways: {ways}.",
                way=repr(sign_in),
                ways=names,
            )
            raise ConnectionProblem(msg) from None
    held = settings.crm_method
    if held.takes_user or (client_id and held is not SignInMethod.DEVICE_CODE):
        return held
    return SignInMethod.CLIENT_SECRET if client_id else SignInMethod.DEVICE_CODE


def _secret(method: SignInMethod, file: str | None) -> bytearray:
    """Take the administrator's secret as bytes that can be wiped; a person's code needs none."""
    caption = _SECRET_CAPTIONS.get(method)
    if caption is None:
        return bytearray()
    if file == "-":
        secret = bytearray(sys.stdin.buffer.read())
    elif file is not None:
        secret = _read_file(Path(file))
    elif may_ask():
        secret = bytearray(prompt_secret(said(caption)).encode())
    else:
        raise ConnectionProblem(
            translatable(
                "{secret} is missing. Give it with --secret-file FILE, or - for standard input.",
                secret=as_sentence(caption),
            )
        )
    while secret.endswith((b"\n", b"\r")):
        del secret[-1]
    if not secret:
        raise ConnectionProblem(translatable("{secret} is blank.", secret=as_sentence(caption)))
    return secret


def _read_file(file: Path) -> bytearray:
    try:
        return bytearray(file.read_bytes())
    except OSError as problem:
        msg = translatable(
            "{file} can't be read: {problem}. Name another file.",
            file=str(file),
            problem=str(problem.strerror),
        )
        raise ConnectionProblem(msg) from problem


def _tell_outcome(output: Output, outcome: SolutionOutcome) -> None:
    output.record({key: value for key, value in asdict(outcome).items() if key != "remarks"})
    for remark in outcome.remarks:
        output.message(remark)
    output.message(translatable("Try the connection with `interlace connection test`."))
