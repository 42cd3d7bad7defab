"""`interlace connection add` and `change`: what a person tells of a connection, and its secrets from files."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import (
    CRM_CERTIFICATE,
    CRM_PASSWORD,
    CRM_SECRET,
    ERP_CERTIFICATE,
    ERP_KEY_SECRET,
    ERP_PASSWORD,
    ERP_SECRET,
    SALES_ORDER_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
)
from interlace.bootstrap.credentials import needed_secrets, seal_of
from interlace.bootstrap.secret_sources import SOURCES
from interlace.cli.connection_options import (
    COMPANY,
    CRM,
    ERP,
    ClientId,
    CrmAuthority,
    CrmCaFile,
    CrmCertificateFile,
    CrmInternalHost,
    CrmSignIn,
    CrmUser,
    ErpAuthority,
    ErpCaFile,
    ErpCertificateFile,
    ErpClientId,
    ErpInternalHost,
    ErpPasswordFile,
    ErpProduct,
    ErpScope,
    ErpSecretFile,
    ErpSignIn,
    ErpUser,
    KeyFile,
    Name,
    OrderKeyFile,
    OrderUser,
    PasswordFile,
    SecretFile,
    TokenUrl,
    absolute,
    hosts_told,
    ways_told,
)
from interlace.cli.options import Json, State, opened
from interlace.cli.output import Output
from interlace.cli.secret_sources import given_secrets, require_all, require_order_sign_in


def add(
    name: Name,
    erp: Annotated[str, ERP],
    company: Annotated[str, COMPANY],
    crm: Annotated[str, CRM],
    erp_user: ErpUser = None,
    token_url: TokenUrl = None,
    client_id: ClientId = None,
    erp_key_file: KeyFile = None,
    crm_secret_file: SecretFile = None,
    sales_order_user: OrderUser = None,
    sales_order_key_file: OrderKeyFile = None,
    crm_sign_in: CrmSignIn = None,
    crm_authority: CrmAuthority = None,
    crm_certificate_file: CrmCertificateFile = None,
    crm_user: CrmUser = None,
    crm_password_file: PasswordFile = None,
    erp_sign_in: ErpSignIn = None,
    erp_authority: ErpAuthority = None,
    erp_client_id: ErpClientId = None,
    erp_password_file: ErpPasswordFile = None,
    erp_secret_file: ErpSecretFile = None,
    erp_certificate_file: ErpCertificateFile = None,
    erp_scope: ErpScope = None,
    erp_product: ErpProduct = None,
    erp_internal_host: ErpInternalHost = None,
    crm_internal_host: CrmInternalHost = None,
    erp_ca_file: ErpCaFile = None,
    crm_ca_file: CrmCaFile = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Make a new connection; test and enable it afterwards. Secrets come from files or the environment only.

    Example: interlace connection add main --erp https://erp:7048/BC --company Nordlicht --erp-user INTERLACE
    --erp-key-file key.txt --crm https://org.crm4.dynamics.com
    --crm-authority https://login.microsoftonline.com/TENANT --client-id ID --crm-secret-file secret.txt
    """
    options = locals()
    output = Output(as_json=as_json)
    secrets, told = _told(options)
    blank = {"name": _not_blank(name), "erp_user": "", "crm_token_url": "", "crm_client_id": ""}
    settings = ConnectionSettings.load({**blank, **told}).checked()
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


def change(
    name: Name,
    erp: Annotated[str | None, ERP] = None,
    company: Annotated[str | None, COMPANY] = None,
    erp_user: ErpUser = None,
    crm: Annotated[str | None, CRM] = None,
    token_url: TokenUrl = None,
    client_id: ClientId = None,
    erp_key_file: KeyFile = None,
    crm_secret_file: SecretFile = None,
    sales_order_user: OrderUser = None,
    sales_order_key_file: OrderKeyFile = None,
    crm_sign_in: CrmSignIn = None,
    crm_authority: CrmAuthority = None,
    crm_certificate_file: CrmCertificateFile = None,
    crm_user: CrmUser = None,
    crm_password_file: PasswordFile = None,
    erp_sign_in: ErpSignIn = None,
    erp_authority: ErpAuthority = None,
    erp_client_id: ErpClientId = None,
    erp_password_file: ErpPasswordFile = None,
    erp_secret_file: ErpSecretFile = None,
    erp_certificate_file: ErpCertificateFile = None,
    erp_scope: ErpScope = None,
    erp_product: ErpProduct = None,
    erp_internal_host: ErpInternalHost = None,
    crm_internal_host: CrmInternalHost = None,
    erp_ca_file: ErpCaFile = None,
    crm_ca_file: CrmCaFile = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Correct a connection; what isn't given stays. Another address or company disables it until the next test.

    Example: interlace connection change main --erp-key-file new-key.txt
    """
    options = locals()
    output = Output(as_json=as_json)
    secrets, told = _told(options)
    if not told and not secrets:
        raise ConnectionProblem("Nothing to change was given. `interlace connection change --help` lists it.")
    with opened(state) as application:
        connection = _change(application, application.connection(name), told, secrets)
        output.record(details_of(application, connection))
    if _MOVING & told.keys():
        output.message(f"Changed and disabled. Enable it again with `interlace connection enable {name}`.")


_MOVING: Collection[str] = frozenset({"erp_address", "erp_company", "crm_address"})
"""What makes it another company or organization until a test shows otherwise."""


_SECRET_FILES: Mapping[str, str] = {
    ERP_KEY_SECRET: "erp_key_file",
    ERP_PASSWORD: "erp_password_file",
    ERP_SECRET: "erp_secret_file",
    ERP_CERTIFICATE: "erp_certificate_file",
    CRM_SECRET: "crm_secret_file",
    CRM_PASSWORD: "crm_password_file",
    CRM_CERTIFICATE: "crm_certificate_file",
    SALES_ORDER_KEY_SECRET: "sales_order_key_file",
}
"""The option that names the file of each secret."""
_FIELDS: Mapping[str, str] = {
    "erp_address": "erp",
    "erp_company": "company",
    "crm_address": "crm",
    "crm_token_url": "token_url",
    "crm_client_id": "client_id",
    "crm_authentication": "crm_sign_in",
    "erp_authentication": "erp_sign_in",
    **{
        name: name
        for name in (
            "erp_user",
            "sales_order_user",
            "crm_authority",
            "crm_user",
            "erp_authority",
            "erp_client_id",
            "erp_scope",
            "erp_product",
        )
    },
}
"""The option that gives each setting as it is."""


def _told(options: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, object]]:
    """Return the secrets and the settings that a command's options tell; raises ConnectionProblem."""
    secrets = given_secrets({secret: options[option] for secret, option in _SECRET_FILES.items()})
    given: dict[str, str] = {
        field: options[option].strip() for field, option in _FIELDS.items() if options[option] is not None
    }
    for option in ("erp_ca_file", "crm_ca_file"):
        if (file := absolute(options[option])) is not None:
            given[option] = file
    hosts = hosts_told(
        given, erp_internal=options["erp_internal_host"], crm_internal=options["crm_internal_host"]
    )
    return secrets, {**given, **hosts, **ways_told(given, secrets)}


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
