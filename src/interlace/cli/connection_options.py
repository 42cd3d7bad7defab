"""Options of `interlace connection add` and `change`: addresses, ways to sign in, and where secrets come from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

import typer

from interlace.bootstrap.connection_settings import SignInMethod, is_this_machine

Name: TypeAlias = Annotated[str, typer.Argument(help="Name of the connection.", show_default=False)]
OptionalName: TypeAlias = Annotated[
    str | None, typer.Argument(help="Connection; needed only if there are several.", show_default=False)
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Don't ask.")]

_METHODS = ", ".join(each.value for each in SignInMethod if each is not SignInMethod.TOKEN_ADDRESS)
ERP = typer.Option(
    "--erp",
    metavar="URL",
    help="Address of the ERP up to its instance, such as https://host:7048/BC.",
    show_default=False,
)
COMPANY = typer.Option("--company", help="Company, as the ERP names it.", show_default=False)
CRM = typer.Option(
    "--crm",
    metavar="URL",
    help="Address of the CRM, such as https://org.crm4.dynamics.com.",
    show_default=False,
)
_ERP_USER = typer.Option(
    "--erp-user",
    help="User of the ERP, where it takes user and key; for ntlm the Windows account, as DOMAIN\\user.",
    show_default=False,
)
_CRM_USER = typer.Option(
    "--crm-user",
    help="User of a CRM on premises that takes user and password; for ntlm with its domain, as DOMAIN\\user.",
    show_default=False,
)
_ORDER_USER = typer.Option(
    "--sales-order-user",
    help="ERP user who creates the sales orders, or the client id of such an application; "
    "blank: the ERP user does.",
    show_default=False,
)
_TOKEN_URL = typer.Option(
    "--token-url",
    metavar="URL",
    help="Plain address that gives the CRM's tokens, such as https://HOST/TENANT/oauth2/v2.0/token; "
    "for services without a directory.",
    show_default=False,
)
_CLIENT_ID = typer.Option("--client-id", help="Client id of the CRM's app registration.", show_default=False)
_ERP_CLIENT_ID = typer.Option(
    "--erp-client-id", help="Client id of the ERP's app registration.", show_default=False
)
_CRM_SIGN_IN = typer.Option(
    "--crm-sign-in",
    metavar="WAY",
    help=f"How to sign in at the CRM: {_METHODS}, token-address. Else what the other options tell.",
    show_default=False,
)
_ERP_SIGN_IN = typer.Option(
    "--erp-sign-in",
    metavar="WAY",
    help=f"How to sign in at the ERP: {_METHODS}. Else what the other options tell.",
    show_default=False,
)
_CRM_AUTHORITY = typer.Option(
    "--crm-authority",
    metavar="URL",
    help="The CRM's sign-in service with the tenant, such as https://login.microsoftonline.com/TENANT.",
    show_default=False,
)
_ERP_AUTHORITY = typer.Option(
    "--erp-authority",
    metavar="URL",
    help="The ERP's sign-in service with the tenant, such as https://login.microsoftonline.com/TENANT.",
    show_default=False,
)
_ERP_SCOPE = typer.Option(
    "--erp-scope",
    help="What the ERP's tokens are for; on premises an address of the server's ValidAudiences with /.default.",
    show_default=False,
)

ErpInternalHost: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--erp-internal-host/--no-erp-internal-host",
        help="The ERP may lie on this machine or inside the own network. Else only if its address says "
        "localhost or 127.0.0.1.",
        show_default=False,
    ),
]
CrmInternalHost: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--crm-internal-host/--no-crm-internal-host",
        help="The CRM may lie on this machine or inside the own network. Else only if its address says "
        "localhost or 127.0.0.1.",
        show_default=False,
    ),
]
_ERP_CA = typer.Option(
    "--erp-ca-file",
    metavar="FILE",
    help="Certificate of the private authority that the ERP's certificate is from, as PEM; it stays in its file.",
    show_default=False,
)
_CRM_CA = typer.Option(
    "--crm-ca-file",
    metavar="FILE",
    help="Certificate of the private authority that the CRM's certificate is from, as PEM; it stays in its file.",
    show_default=False,
)
_ERP_PRODUCT = typer.Option(
    "--erp-product",
    metavar="PRODUCT",
    help="Which ERP it is: bc (Business Central), nav2018 or nav2017 (without API v2.0, companies by name only).",
    show_default=False,
)
ErpProduct: TypeAlias = Annotated[str | None, _ERP_PRODUCT]
ErpCaFile: TypeAlias = Annotated[str | None, _ERP_CA]
CrmCaFile: TypeAlias = Annotated[str | None, _CRM_CA]
ErpUser: TypeAlias = Annotated[str | None, _ERP_USER]
CrmUser: TypeAlias = Annotated[str | None, _CRM_USER]
OrderUser: TypeAlias = Annotated[str | None, _ORDER_USER]
TokenUrl: TypeAlias = Annotated[str | None, _TOKEN_URL]
ClientId: TypeAlias = Annotated[str | None, _CLIENT_ID]
ErpClientId: TypeAlias = Annotated[str | None, _ERP_CLIENT_ID]
CrmSignIn: TypeAlias = Annotated[str | None, _CRM_SIGN_IN]
ErpSignIn: TypeAlias = Annotated[str | None, _ERP_SIGN_IN]
CrmAuthority: TypeAlias = Annotated[str | None, _CRM_AUTHORITY]
ErpAuthority: TypeAlias = Annotated[str | None, _ERP_AUTHORITY]
ErpScope: TypeAlias = Annotated[str | None, _ERP_SCOPE]


def _file(option: str, what: str, variable: str) -> typer.models.OptionInfo:
    """Declare where a secret comes from."""
    info: typer.models.OptionInfo = typer.Option(
        option,
        metavar="FILE",
        help=f"File with {what}; '-' reads standard input. Else the environment variable {variable}.",
        show_default=False,
    )
    return info


KeyFile: TypeAlias = Annotated[
    str | None,
    _file("--erp-key-file", "the ERP user's web service access key", "INTERLACE_ERP_ACCESS_KEY"),
]
ErpPasswordFile: TypeAlias = Annotated[
    str | None,
    _file("--erp-password-file", "the password of the ERP user's Windows account", "INTERLACE_ERP_PASSWORD"),
]
ErpSecretFile: TypeAlias = Annotated[
    str | None,
    _file("--erp-secret-file", "the ERP client secret", "INTERLACE_ERP_CLIENT_SECRET"),
]
ErpCertificateFile: TypeAlias = Annotated[
    str | None,
    _file(
        "--erp-certificate-file",
        "private key and certificate for the ERP as PEM",
        "INTERLACE_ERP_CERTIFICATE",
    ),
]
SecretFile: TypeAlias = Annotated[
    str | None,
    _file("--crm-secret-file", "the CRM client secret", "INTERLACE_CRM_CLIENT_SECRET"),
]
PasswordFile: TypeAlias = Annotated[
    str | None,
    _file("--crm-password-file", "the CRM user's password", "INTERLACE_CRM_PASSWORD"),
]
CrmCertificateFile: TypeAlias = Annotated[
    str | None,
    _file(
        "--crm-certificate-file",
        "private key and certificate for the CRM as PEM",
        "INTERLACE_CRM_CERTIFICATE",
    ),
]
OrderKeyFile: TypeAlias = Annotated[
    str | None,
    _file(
        "--sales-order-key-file",
        "the sales order user's web service access key",
        "INTERLACE_SALES_ORDER_KEY",
    ),
]


def ways_told(given: dict[str, str], secrets: dict[str, str]) -> dict[str, str]:
    """Tell how to sign in by what else was given, where that wasn't said: an authority means the directory."""
    told = {}
    for end in ("erp", "crm"):
        if f"{end}_authentication" in given:
            continue
        if f"{end}_password" in secrets and end == "erp":
            told[f"{end}_authentication"] = SignInMethod.NTLM.value
        elif f"{end}_certificate" in secrets:
            told[f"{end}_authentication"] = SignInMethod.CERTIFICATE.value
        elif given.get(f"{end}_authority"):
            told[f"{end}_authentication"] = SignInMethod.CLIENT_SECRET.value
    if "crm_authentication" not in {**given, **told}:
        if given.get("crm_token_url"):
            told["crm_authentication"] = SignInMethod.TOKEN_ADDRESS.value
        elif given.get("crm_user"):
            told["crm_authentication"] = SignInMethod.BASIC.value
    if "erp_authentication" not in {**given, **told} and given.get("erp_user"):
        told["erp_authentication"] = SignInMethod.BASIC.value
    return told


def hosts_told(
    given: Mapping[str, str], *, erp_internal: bool | None, crm_internal: bool | None
) -> dict[str, bool]:
    """Tell which ends may lie inside: as was said, else as their given addresses say; nothing about ends not given."""
    told = {}
    for end, said in (("erp", erp_internal), ("crm", crm_internal)):
        address = given.get(f"{end}_address")
        if said is not None:
            told[f"{end}_internal_host"] = said
        elif address is not None:
            told[f"{end}_internal_host"] = is_this_machine(_host(address))
    return told


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def absolute(file: str | None) -> str | None:
    """Return a file's whole path: commands run in other directories, too; blank stays blank."""
    return str(Path(file).expanduser().absolute()) if file else file
