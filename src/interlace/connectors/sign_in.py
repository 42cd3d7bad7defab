"""How a channel proves who it is: a web service access key, or a token that is renewed in time."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import urlencode

import msgspec

from interlace.connectors.http_message import HttpAnswer, HttpRequest
from interlace.connectors.sign_in_refusals import refusal
from interlace.engine.service import ServiceUnavailable, SignInRefused
from interlace.locale.translatable import translatable

SendToAuthority = Callable[[HttpRequest], Awaitable[HttpAnswer]]
"""Sends a request to an absolute address of the sign-in service, by the channel's outbound rules."""
FORM_HEADERS = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


class SignIn(Protocol):
    """Gives the Authorization header of requests."""

    async def authorization(self, send: SendToAuthority, refused: str | None, /) -> str | None:
        """Return the header's value; `refused` is one that the service has just answered with 401.

        Returns `refused` itself when there is no other one to try.
        """
        ...


class NoSignIn:
    """Sends no Authorization header at all."""

    async def authorization(self, send: SendToAuthority, refused: str | None) -> str | None:
        """Return nothing."""
        return None


class BasicSignIn:
    """User name and web service access key."""

    def __init__(self, user: str, access_key: str) -> None:
        self._user = user
        encoded = base64.b64encode(f"{user}:{access_key}".encode()).decode("ascii")
        self._header = f"Basic {encoded}"

    def __repr__(self) -> str:
        return f"BasicSignIn(user={self._user!r})"

    async def authorization(self, send: SendToAuthority, refused: str | None) -> str | None:
        """Return the same value always."""
        return self._header


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float | str = 3600


class _Refusal(msgspec.Struct):
    error_description: str = ""


class ClientCredentialsSignIn:
    """A client id with its secret, changed for bearer tokens at a plain token address."""

    def __init__(
        self,
        token_url: str,
        client_id: str,
        secret: str,
        scope: str,
        *,
        monotonic: Callable[[], float],
        renewed_before_end_seconds: float = 300.0,
    ) -> None:
        self._token_url = token_url
        self._client_id = client_id
        self._secret = secret
        self._scope = scope
        self._monotonic = monotonic
        self._early = renewed_before_end_seconds
        self._header: str | None = None
        self._renew_at = 0.0
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"ClientCredentialsSignIn(token_url={self._token_url!r}, client_id={self._client_id!r})"

    async def authorization(self, send: SendToAuthority, refused: str | None) -> str | None:
        """Return the current token, or a new one when it nears its end or was refused."""
        async with self._lock:
            is_usable = self._header is not None and self._monotonic() < self._renew_at
            if not is_usable or self._header == refused:
                self._header = await self._fetch(send)
            return self._header

    async def _fetch(self, send: SendToAuthority) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._secret,
            "scope": self._scope,
        }
        body = urlencode(form).encode("ascii")
        request = HttpRequest(method="POST", url=self._token_url, headers=FORM_HEADERS, body=body)
        answer = await send(request)
        refuse_unavailable(answer)
        if not answer.is_success:
            raise SignInRefused(self._refusal(answer))
        try:
            token = msgspec.json.decode(answer.body, type=_Token)
            lifetime = float(token.expires_in)
        except (msgspec.DecodeError, ValueError) as error:
            # What begins as a token does and can't be decoded was cut; whole, it would say what it is.
            if answer.body.startswith(b"{") and type(error) is msgspec.DecodeError:
                raise ServiceUnavailable(
                    translatable("The sign-in service's answer was cut. It is asked again.")
                ) from error
            raise SignInRefused(
                translatable(
                    "The answer of {address} holds no token. Check the token address of the connection.",
                    address=self._token_url,
                )
            ) from error
        self._renew_at = self._monotonic() + max(lifetime - self._early, lifetime / 2)
        return f"Bearer {token.access_token}"

    def _refusal(self, answer: HttpAnswer) -> str:
        if answer.status in (404, 405):
            return translatable(
                "There is no sign-in service at {address} (status {status}). Correct the connection's "
                "token address.",
                address=self._token_url,
                status=str(answer.status),
            )
        try:
            said = msgspec.json.decode(answer.body, type=_Refusal).error_description
        except (msgspec.DecodeError, UnicodeDecodeError):
            said = ""
        return refusal(self._client_id, said or f"status {answer.status}")


def refuse_unavailable(answer: HttpAnswer) -> None:
    """Raise ServiceUnavailable for an answer that says nothing about who signs in."""
    if answer.status in (408, 429) or answer.status >= 500:
        raise ServiceUnavailable(
            translatable(
                "The sign-in service answered {status}. It is asked again by itself.",
                status=str(answer.status),
            ),
            answer.retry_after_seconds(time.time()),
        )
