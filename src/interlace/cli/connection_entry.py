"""`interlace connection add` and `change`: what a person tells of a connection, and its secrets from files."""

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_connection import MOVING, apply_change, require_order_sign_in
from interlace.bootstrap.connection_settings import (
    SALES_ORDER_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
)
from interlace.bootstrap.credentials import needed_secrets
from interlace.bootstrap.secret_sources import SOURCES
from interlace.bootstrap.setup.told_ways import ways_told
from interlace.cli.connection_options import (
    Name,
    Told,
    files_of_secrets,
    flag_told,
    hosts_told,
    settings_told,
    with_options,
)
from interlace.cli.options import Json, State, opened
from interlace.cli.output import Output
from interlace.cli.secret_sources import given_secrets, require_all
from interlace.cli.spoken import words
from interlace.connectors.dataverse.web_api_address import organization_address
from interlace.locale.translatable import translatable


@with_options(required=True)
def add(name: Name, state: State = None, *, as_json: Json = False, **options: str | bool | None) -> None:
    """Make a new connection; test and enable it afterwards. Secrets come from files or the environment only.

    Example: interlace connection add main --erp https://erp:7048/BC --company Nordlicht --erp-user INTERLACE
    --erp-key-file key.txt --crm https://org.crm4.dynamics.com
    --crm-authority https://login.microsoftonline.com/TENANT --client-id ID --crm-secret-file secret.txt
    """
    output = Output(as_json=as_json)
    secrets, told = _told(options)
    blank = {"name": _not_blank(name), "erp_user": "", "crm_token_url": "", "crm_client_id": ""}
    settings = ConnectionSettings.load({**blank, **told, **ways_told(told, secrets)}).checked()
    require_all(secrets, needed_secrets(settings))
    require_order_sign_in(settings.sales_order_user, stored=SALES_ORDER_KEY_SECRET in secrets)
    with opened(state) as application:
        connection = application.add_connection(settings, secrets)
        output.record(details_of(application, connection))
    output.message(_next_step(settings))


def _not_blank(name: str) -> str:
    if not name.strip():
        raise ConnectionProblem(translatable("The connection's name is blank. Give it a name, such as main."))
    return name.strip()


@with_options(required=False)
def change(name: Name, state: State = None, *, as_json: Json = False, **options: str | bool | None) -> None:
    """Correct a connection; what isn't given stays. Another address or company disables it until the next test.

    Example: interlace connection change main --erp-key-file new-key.txt
    """
    output = Output(as_json=as_json)
    secrets, told = _told(options)
    if not told and not secrets:
        raise ConnectionProblem(
            translatable("Nothing to change was given. `interlace connection change --help` lists it.")
        )
    with opened(state) as application:
        held = application.connection(name)
        told |= ways_told(told, secrets, held.settings)
        connection = apply_change(application, held, told, secrets)
        output.record(details_of(application, connection))
    if MOVING & told.keys():
        output.message(
            translatable(
                "Changed and disabled. Enable it again with {command}.",
                command=f"`interlace connection enable {name}`",
            )
        )


def _told(options: Told) -> tuple[dict[str, str], dict[str, object]]:
    """Return the secrets and the settings that a command's options tell; raises ConnectionProblem."""
    secrets = given_secrets(files_of_secrets(options))
    given = settings_told(options)
    if "crm_address" in given:
        given["crm_address"], given["crm_api_version"] = organization_address(given["crm_address"])
    hosts = hosts_told(
        given,
        erp_internal=flag_told(options, "erp_internal_host"),
        crm_internal=flag_told(options, "crm_internal_host"),
    )
    return secrets, {**given, **hosts}


def _next_step(settings: ConnectionSettings) -> str:
    trying = f"`interlace connection test {settings.name}`"
    ends = [end for end in ("erp", "crm") if getattr(settings, f"{end}_method").value == "device-code"]
    if ends:
        steps = words().listed([f"`interlace connection sign-in {settings.name} --{end}`" for end in ends])
        return translatable(
            "Added. Sign in with {steps}, then try it with {command}.", steps=steps, command=trying
        )
    return translatable("Added. Try it with {command}, then enable it.", command=trying)


def details_of(application: Application, connection: Connection) -> dict[str, object]:
    """Return what is shown of a connection: of secrets only whether they are stored."""
    details: dict[str, object] = {"id": connection.id, **connection.settings.dump()}
    needed = needed_secrets(connection.settings)
    for source in SOURCES:
        is_stored = application.is_stored(connection, source.secret)
        if is_stored or source.secret in needed or source.secret == SALES_ORDER_KEY_SECRET:
            details[source.secret] = "stored" if is_stored else "not set"
    return details
