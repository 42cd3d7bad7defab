"""Signs in at a directory (Entra ID or AD FS) with Microsoft's own library; its requests leave by our channel.

The library is synchronous: it runs in a thread, and each of its requests is handed to the event loop, where the
channel's outbound rules apply to it as to every other one.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol, TypeVar, assert_never
from urllib.parse import urlencode, urlsplit

import msal
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from interlace.connectors.http_message import HttpAnswer, HttpRequest
from interlace.connectors.sign_in import FORM_HEADERS, SendToAuthority, refuse_unavailable
from interlace.connectors.sign_in_credential import (
    ClientCertificate,
    ClientSecret,
    DeviceCode,
    DirectoryCredential,
)
from interlace.connectors.sign_in_refusals import refusal
from interlace.engine.service import ServiceUnavailable, SignInRefused
from interlace.locale.translatable import translatable

Answer = TypeVar("Answer")
Reply = Mapping[str, Any]
"""What the library answers: a token, or what was refused."""
_EARLY_SECONDS = 300.0
# The library logs whole answers that it can't read; one of those may be half a token.
logging.getLogger("msal").setLevel(logging.CRITICAL)


class _LibraryAnswer:
    """An answer in the shape that the library expects."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.status_code = answer.status
        self.headers = dict(answer.headers)
        self.text = answer.body.decode("utf-8", "replace")

    def raise_for_status(self) -> None:
        """Raise for what says nothing about who signs in; everything else the library reads itself."""


class _LibraryTransport:
    """The library's requests, sent from its thread by the event loop."""

    def __init__(self) -> None:
        self.send: SendToAuthority | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str | None] | None = None,
        **_: object,
    ) -> _LibraryAnswer:
        """Post a form."""
        filled = {name: value for name, value in (data or {}).items() if value is not None}
        return self._exchange("POST", url, params, {**FORM_HEADERS, **(headers or {})}, urlencode(filled))

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str | None] | None = None,
        **_: object,
    ) -> _LibraryAnswer:
        """Get a document."""
        return self._exchange("GET", url, params, {"Accept": "application/json", **(headers or {})}, None)

    def close(self) -> None:
        """Hold nothing open: the channel does."""

    def _exchange(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str | None],
        form: str | None,
    ) -> _LibraryAnswer:
        assert self.send is not None
        assert self.loop is not None
        if params:
            url += f"{'&' if '?' in url else '?'}{urlencode(params)}"
        named = {name: str(value) for name, value in headers.items() if value is not None}
        body = None if form is None else form.encode("ascii")
        sending = self.send(HttpRequest(method=method, url=url, headers=named, body=body))
        assert isinstance(sending, Coroutine)
        answer = asyncio.run_coroutine_threadsafe(sending, self.loop).result()
        refuse_unavailable(answer)
        _refuse_unreadable(url, answer)
        return _LibraryAnswer(answer)


class _Application(Protocol):
    """What is used of the library's application, confidential or public."""

    def acquire_token_for_client(self, scopes: list[str]) -> Reply:
        """Get a token for the application itself."""
        ...

    def remove_tokens_for_client(self) -> None:
        """Forget the application's own tokens."""
        ...

    def get_accounts(self) -> list[Reply]:
        """List the people whose sign-in is remembered."""
        ...

    def acquire_token_silent_with_error(
        self, scopes: list[str], account: Reply, *, force_refresh: bool
    ) -> Reply | None:
        """Get a token for a remembered person."""
        ...

    def initiate_device_flow(self, scopes: list[str]) -> dict[str, Any]:
        """Begin to sign a person in."""
        ...

    def acquire_token_by_device_flow(self, flow: dict[str, Any]) -> Reply:
        """Wait for the person."""
        ...


class DirectorySignIn:
    """Bearer tokens of a directory, renewed before they end; what a person's sign-in renews is handed to `keep`."""

    def __init__(
        self,
        credential: DirectoryCredential,
        scope: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        keep: Callable[[str], None] | None = None,
        again: str = "interlace connection sign-in",
    ) -> None:
        self._credential = credential
        self._scope = scope
        self._monotonic = monotonic
        self._keep = keep
        self._again = again
        """The command by which a person signs in again."""
        self._transport = _LibraryTransport()
        self._cache = msal.SerializableTokenCache()
        if isinstance(credential, DeviceCode) and credential.cache:
            self._cache.deserialize(credential.cache)
        self._application: _Application | None = None
        self._header: str | None = None
        self._renew_at = 0.0
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"DirectorySignIn({self._credential!r}, scope={self._scope!r})"

    async def authorization(self, send: SendToAuthority, refused: str | None, /) -> str | None:
        """Return the current token, or a new one when it nears its end or was refused."""
        async with self._lock:
            is_usable = self._header is not None and self._monotonic() < self._renew_at
            is_refused = refused is not None and self._header == refused
            if not is_usable or is_refused:
                token = await self._in_thread(send, lambda app: self._token(app, anew=is_refused))
                lifetime = float(token.get("expires_in", 3600))
                self._renew_at = self._monotonic() + max(lifetime - _EARLY_SECONDS, lifetime / 2)
                self._header = f"Bearer {token['access_token']}"
                self._keep_changes()
            return self._header

    async def sign_person_in(self, send: SendToAuthority, show: Callable[[str], None]) -> str:
        """Let a person sign in with a code that `show` is given to tell; returns who it was."""
        assert isinstance(self._credential, DeviceCode)
        flow = await self._in_thread(send, lambda app: app.initiate_device_flow([self._scope]))
        if "user_code" not in flow:
            raise SignInRefused(self._refusal(flow))
        code, place = str(flow["user_code"]), str(flow.get("verification_uri", ""))
        show(
            str(flow.get("message", ""))
            or translatable("Enter {code} at {address}.", code=code, address=place)
        )
        try:
            token = await self._in_thread(send, lambda app: app.acquire_token_by_device_flow(flow))
        finally:
            # The thread asks on until then, also when nobody waits for it any more.
            flow["expires_at"] = 0
        if "access_token" not in token:
            raise SignInRefused(self._refusal(token))
        self._keep_changes()
        claims = token.get("id_token_claims") or {}
        return str(claims.get("preferred_username") or claims.get("name") or "the person")

    async def _in_thread(self, send: SendToAuthority, work: Callable[[_Application], Answer]) -> Answer:
        self._transport.send = send
        self._transport.loop = asyncio.get_running_loop()
        return await asyncio.to_thread(lambda: work(self._opened()))

    def _opened(self) -> _Application:
        """Make the library's application; that asks the authority for its addresses."""
        if self._application is None:
            credential = self._credential
            kind = (
                msal.PublicClientApplication
                if isinstance(credential, DeviceCode)
                else msal.ConfidentialClientApplication
            )
            try:
                self._application = kind(
                    credential.client_id,
                    client_credential=_proof(credential),
                    authority=credential.authority,
                    # Its origin was configured by a person; nobody else is asked about it.
                    instance_discovery=False,
                    http_client=self._transport,
                    token_cache=self._cache,
                )
            except (ValueError, KeyError) as problem:
                raise SignInRefused(self._no_authority(problem)) from problem
        return self._application

    def _token(self, application: _Application, *, anew: bool) -> Reply:
        if isinstance(self._credential, DeviceCode):
            accounts = application.get_accounts()
            if not accounts:
                raise SignInRefused(
                    translatable(
                        "Nobody has signed in yet. Sign in with {command}.", command=f"`{self._again}`"
                    )
                )
            token = application.acquire_token_silent_with_error(
                [self._scope], accounts[0], force_refresh=anew
            )
            if token is None:
                raise SignInRefused(
                    translatable(
                        "The stored sign-in has ended. Sign in again with {command}.",
                        command=f"`{self._again}`",
                    )
                )
        else:
            if anew:
                application.remove_tokens_for_client()
            token = application.acquire_token_for_client([self._scope])
        if "access_token" not in token:
            raise SignInRefused(self._refusal(token))
        return token

    def _keep_changes(self) -> None:
        if (
            self._keep is not None
            and isinstance(self._credential, DeviceCode)
            and self._cache.has_state_changed
        ):
            self._keep(self._cache.serialize())

    def _refusal(self, answer: Reply) -> str:
        said = str(answer.get("error_description") or answer.get("error") or "it gives no reason")
        return refusal(self._credential.client_id, said)

    def _no_authority(self, problem: Exception) -> str:
        reason = str(problem).partition("\n")[0].partition(". ")[0].rstrip(".")
        return translatable(
            "The address {address} of the sign-in service can't be used: {reason}. Give it with https "
            "and the tenant, such as https://login.microsoftonline.com/TENANT.",
            address=self._credential.authority,
            reason=reason,
        )


def _proof(credential: DirectoryCredential) -> str | dict[str, str] | None:
    match credential:
        case ClientSecret():
            return credential.secret
        case ClientCertificate():
            key, certificate = parts_of(credential.pem)
            return {"private_key": key, "public_certificate": certificate}
        case DeviceCode():
            return None
        case _:
            assert_never(credential)


def parts_of(pem: str) -> tuple[str, str]:
    """Split a PEM text into private key and certificates; raises SignInRefused when one of them is missing."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
        certificates = x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, TypeError) as problem:
        raise SignInRefused(
            translatable(
                "The certificate can't be used. Give one PEM file with the private key, without a password, "
                "and the certificate."
            )
        ) from problem
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)
    return private.decode(), public.decode()


def _refuse_unreadable(url: str, answer: HttpAnswer) -> None:
    """Stop an answer that is no JSON before the library sees it: it logs such answers whole."""
    try:
        msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        # What begins as a document does and can't be decoded was cut; whole, it would say what it is.
        if answer.is_success and answer.body.startswith(b"{"):
            raise ServiceUnavailable(
                translatable("The sign-in service's answer was cut. It is asked again.")
            ) from problem
        parts = urlsplit(url)
        raise SignInRefused(
            translatable(
                "What answers at {address} is no sign-in service (status {status}). Correct the connection's address "
                "of the sign-in service.",
                address=f"{parts.scheme}://{parts.netloc}{parts.path}",
                status=str(answer.status),
            )
        ) from problem
