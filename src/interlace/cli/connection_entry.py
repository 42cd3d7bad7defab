"""`interlace connection add` and `change`: what a person tells of a connection, and its secrets from files."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import (
    ERP_KEY_SECRET,
    SALES_ORDER_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
)
from interlace.bootstrap.credentials import needed_secrets, seal_of
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
from interlace.cli.secret_sources import given_secrets, require_all, require_order_sign_in
from interlace.connectors.dataverse.web_api_address import organization_address


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
        raise ConnectionProblem("The connection's name is blank. Give it a name, such as main.")
    return name.strip()


@with_options(required=False)
def change(name: Name, state: State = None, *, as_json: Json = False, **options: str | bool | None) -> None:
    """Correct a connection; what isn't given stays. Another address or company disables it until the next test.

    Example: interlace connection change main --erp-key-file new-key.txt
    """
    output = Output(as_json=as_json)
    secrets, told = _told(options)
    if not told and not secrets:
        raise ConnectionProblem("Nothing to change was given. `interlace connection change --help` lists it.")
    with opened(state) as application:
        held = application.connection(name)
        told |= ways_told(told, secrets, held.settings)
        connection = _change(application, held, told, secrets)
        output.record(details_of(application, connection))
    if _MOVING & told.keys():
        output.message(f"Changed and disabled. Enable it again with `interlace connection enable {name}`.")


_MOVING: Collection[str] = frozenset({"erp_address", "erp_company", "crm_address"})
"""What makes it another company or organization until a test shows otherwise."""


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


def _change(
    application: Application, held: Connection, changes: Mapping[str, object], secrets: dict[str, str]
) -> Connection:
    """Apply what was given to a connection and keep it."""
    # The annotations of replace can't follow a dictionary; the keys are field names of the class.
    settings = ConnectionSettings.load({**held.settings.dump(), **changes}).checked()
    is_kept = settings.sales_order_user and application.is_stored(held, SALES_ORDER_KEY_SECRET)
    require_order_sign_in(
        settings.sales_order_user, stored=bool(is_kept) or SALES_ORDER_KEY_SECRET in secrets
    )
    _require_sealed(application, held, settings, secrets)
    if not settings.sales_order_user:
        application.store_secret(held, SALES_ORDER_KEY_SECRET, None)
    if settings.feed_expires and (ERP_KEY_SECRET in secrets or "erp_user" in changes):
        # The token that CRM users read the stock with ended with the key: the next run has a new one issued.
        settings = replace(settings, feed_expires=datetime.now(UTC).isoformat())
    if _MOVING & changes.keys():
        settings = replace(settings, enabled=False)
    return application.keep(replace(held, settings=settings), secrets)


def _require_sealed(
    application: Application, held: Connection, settings: ConnectionSettings, given: Collection[str]
) -> None:
    """Have secrets entered again that were entered for other addresses; what nobody entered is forgotten."""
    wanted = [*needed_secrets(settings), *([SALES_ORDER_KEY_SECRET] if settings.sales_order_user else [])]
    moved = [
        name
        for name in wanted
        if name not in given
        and application.is_stored(held, name)
        and seal_of(held.settings, name) != seal_of(settings, name)
    ]
    options = [f"{source.option} FILE" for source in SOURCES if source.secret in moved]
    if options:
        msg = (
            "A stored secret is only sent to the addresses it was entered for, and these change. "
            f"Enter it again in the same command: {' '.join(options)}"
        )
        raise ConnectionProblem(msg)
    for name in moved:
        application.store_secret(held, name, None)


def _next_step(settings: ConnectionSettings) -> str:
    name = settings.name
    ends = [end for end in ("erp", "crm") if getattr(settings, f"{end}_method").value == "device-code"]
    if ends:
        steps = " and ".join(f"`interlace connection sign-in {name} --{end}`" for end in ends)
        return f"Added. Sign in with {steps}, then try it with `interlace connection test {name}`."
    return f"Added. Try it with `interlace connection test {name}`, then enable it."


def details_of(application: Application, connection: Connection) -> dict[str, object]:
    """Return what is shown of a connection: of secrets only whether they are stored."""
    details: dict[str, object] = {"id": connection.id, **connection.settings.dump()}
    needed = needed_secrets(connection.settings)
    for source in SOURCES:
        is_stored = application.is_stored(connection, source.secret)
        if is_stored or source.secret in needed or source.secret == SALES_ORDER_KEY_SECRET:
            details[source.secret] = "stored" if is_stored else "not set"
    return details
