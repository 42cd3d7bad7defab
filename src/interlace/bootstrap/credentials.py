"""Which credential each end of a connection is signed in with, and which stored secrets that needs."""

from collections.abc import Callable, Mapping, Sequence
from typing import assert_never
from urllib.parse import urlsplit

from interlace.bootstrap.connection_settings import (
    CRM_CERTIFICATE,
    CRM_PASSWORD,
    CRM_SECRET,
    CRM_TOKENS,
    ERP_CERTIFICATE,
    ERP_KEY_SECRET,
    ERP_PASSWORD,
    ERP_SECRET,
    ERP_TOKENS,
    SALES_ORDER_KEY_SECRET,
    ConnectionSettings,
    SignInMethod,
)
from interlace.bootstrap.setup.question import way_of
from interlace.bootstrap.setup.questions_of_ends import CRM_SIGN_IN, ERP_SIGN_IN
from interlace.connectors.sign_in import BasicSignIn, ClientCredentialsSignIn, SignIn
from interlace.connectors.sign_in_credential import (
    AccessKey,
    ClientCertificate,
    ClientSecret,
    Credential,
    DeviceCode,
    TokenAddress,
    WindowsAccount,
)
from interlace.domain.side import Side

SECRET_NAMES: Sequence[str] = (
    ERP_KEY_SECRET,
    ERP_PASSWORD,
    ERP_SECRET,
    ERP_CERTIFICATE,
    ERP_TOKENS,
    SALES_ORDER_KEY_SECRET,
    CRM_SECRET,
    CRM_PASSWORD,
    CRM_CERTIFICATE,
    CRM_TOKENS,
)
_SECRETS: Mapping[Side, Mapping[SignInMethod, str]] = {
    side: {
        # What a person's sign-in renews, nobody gives.
        SignInMethod.DEVICE_CODE: tokens,
        **{way: question.secret for question in questions if question.secret for way in question.ways},
    }
    for side, tokens, questions in ((Side.ERP, ERP_TOKENS, ERP_SIGN_IN), (Side.CRM, CRM_TOKENS, CRM_SIGN_IN))
}
Keep = Callable[[str, str], None]
"""Stores a secret by its name: the renewed sign-in of a person."""


def secret_of(settings: ConnectionSettings, side: Side) -> str:
    """Name the secret that the sign-in of one end needs."""
    return _SECRETS[side][way_of(settings, side)]


def needed_secrets(settings: ConnectionSettings) -> frozenset[str]:
    """Name the secrets without which the connection can't sign in at its ends."""
    return frozenset(secret_of(settings, side) for side in Side)


def seal_of(settings: ConnectionSettings, secret: str) -> tuple[str, ...]:
    """Return what a secret is for: where it, and what it is changed for, is sent. Elsewhere it can't be opened."""
    if secret in _SECRETS[Side.CRM].values():
        method, address, authority = settings.crm_method, settings.crm_address, settings.crm_authority
        if method is SignInMethod.TOKEN_ADDRESS:
            authority = settings.crm_token_url
    else:
        method, address, authority = settings.erp_method, settings.erp_address, settings.erp_authority
    if method is SignInMethod.NTLM or secret == ERP_PASSWORD:
        # Entered to be proved only: another way, which would send it, asks for it again.
        return canonical_origin(address), SignInMethod.NTLM.value
    if method is SignInMethod.BASIC or secret in {ERP_KEY_SECRET, CRM_PASSWORD}:
        return (canonical_origin(address),)
    tenant = urlsplit(authority).path.strip("/").lower()
    return canonical_origin(address), canonical_origin(authority), tenant


def canonical_origin(address: str) -> str:
    """Return scheme, host and port of an address, spelled in one way only."""
    parts = urlsplit(address)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').rstrip('.').lower()}:{port}"


def erp_credential(settings: ConnectionSettings, secrets: Mapping[str, str]) -> Credential:
    """Return what the ERP is signed in to with."""
    method = settings.erp_method
    secret = secrets.get(_SECRETS[Side.ERP][method], "")
    if method is SignInMethod.BASIC:
        return AccessKey(user=settings.erp_user, key=secret)
    if method is SignInMethod.NTLM:
        return WindowsAccount(user=settings.erp_user, password=secret)
    return _of_directory(method, settings.erp_authority, settings.erp_client_id, secret)


def crm_credential(settings: ConnectionSettings, secrets: Mapping[str, str]) -> Credential:
    """Return what the CRM is signed in to with."""
    method = settings.crm_method
    secret = secrets.get(_SECRETS[Side.CRM][method], "")
    if method is SignInMethod.BASIC:
        return AccessKey(user=settings.crm_user, key=secret)
    if method is SignInMethod.NTLM:
        return WindowsAccount(user=settings.crm_user, password=secret)
    if method is SignInMethod.TOKEN_ADDRESS:
        return TokenAddress(url=settings.crm_token_url, client_id=settings.crm_client_id, secret=secret)
    return _of_directory(method, settings.crm_authority, settings.crm_client_id, secret)


def sales_order_credential(settings: ConnectionSettings, secrets: Mapping[str, str]) -> Credential | None:
    """Return what the creator of the sales orders signs in to the ERP with; None: he has no sign-in of his own.

    Where the directory signs in, he is an application too: his name is its client id, his key its secret.
    """
    key = secrets.get(SALES_ORDER_KEY_SECRET, "")
    if not settings.sales_order_user or not key:
        return None
    if settings.erp_method.asks_directory:
        return ClientSecret(authority=settings.erp_authority, client_id=settings.sales_order_user, secret=key)
    if settings.erp_method is SignInMethod.NTLM:
        return WindowsAccount(user=settings.sales_order_user, password=key)
    return AccessKey(user=settings.sales_order_user, key=key)


def sign_in_of(
    credential: Credential,
    scope: str,
    *,
    monotonic: Callable[[], float],
    keep: Callable[[str], None] | None = None,
    again: str = "",
) -> SignIn:
    """Make the sign-in that a credential is for."""
    match credential:
        case AccessKey():
            return BasicSignIn(credential.user, credential.key)
        case WindowsAccount():
            # What these two sign in with takes long to load, and the embedded services do without either.
            from interlace.connectors.sign_in_windows import WindowsSignIn

            return WindowsSignIn(credential)
        case TokenAddress():
            return ClientCredentialsSignIn(
                credential.url, credential.client_id, credential.secret, scope, monotonic=monotonic
            )
        case ClientSecret() | ClientCertificate() | DeviceCode():
            from interlace.connectors.sign_in_directory import DirectorySignIn

            return DirectorySignIn(credential, scope, monotonic=monotonic, keep=keep, again=again)
        case _:
            assert_never(credential)


def _of_directory(method: SignInMethod, authority: str, client_id: str, secret: str) -> Credential:
    if method is SignInMethod.CLIENT_SECRET:
        return ClientSecret(authority=authority, client_id=client_id, secret=secret)
    if method is SignInMethod.CERTIFICATE:
        return ClientCertificate(authority=authority, client_id=client_id, pem=secret)
    return DeviceCode(authority=authority, client_id=client_id, cache=secret)
