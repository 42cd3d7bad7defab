"""Asks for Windows accounts as services on premises do: connections are signed in by NTLM, also within Negotiate.

It stands before a service, knows the accounts of a domain from a file, and tells the service whose connection a
request came over. The messages of the handshake are pyspnego's, which is the acceptor here; only the last step of a
handshake brings a request to the service.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import spnego
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from spnego.channel_bindings import GssChannelBindings
from spnego.exceptions import SpnegoError

from interlace.sandbox.windows_accounts import ACCOUNT, CONNECTION

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_VISIT: Final = "windows visit"
_SCHEMES: Final = ("Negotiate", "NTLM")
_ANSWER: Final = (
    b"<html><body><h2>401 - Unauthorized: Access is denied due to invalid credentials.</h2></body></html>"
)
# The library logs the messages of the handshake.
logging.getLogger("spnego").setLevel(logging.CRITICAL)


def bindings_of(certificate: Path) -> GssChannelBindings:
    """What a proof of the account must be bound to over TLS: the server's certificate (RFC 5929)."""
    held = x509.load_pem_x509_certificate(certificate.read_bytes())
    digest = hashes.Hash(held.signature_hash_algorithm or hashes.SHA256())
    digest.update(held.public_bytes(Encoding.DER))
    return GssChannelBindings(application_data=b"tls-server-end-point:" + digest.finalize())


@dataclass(slots=True)
class _Visit:
    """One connection: the handshake under way, and who is at the other end."""

    conversation: spnego.ContextProxy | None = None
    account: str = ""


class WindowsSignIn:
    """Lets requests to a service pass over connections that are signed in; others are told how to sign in."""

    def __init__(
        self,
        application: Application,
        covers: Callable[[str], bool],
        bindings: GssChannelBindings | None = None,
    ) -> None:
        self._application = application
        self._covers = covers
        self._bindings = bindings
        self.refused = 0
        """How many handshakes came to nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http" or not self._covers(scope["path"]):
            await self._application(scope, receive, send)
            return
        visit: _Visit = scope["state"][CONNECTION].setdefault(_VISIT, _Visit())
        challenges = self._listen(visit, _authorization(scope))
        if challenges:
            await _refuse(receive, send, challenges)
            return
        await self._application({**scope, ACCOUNT: visit.account}, receive, send)

    def _listen(self, visit: _Visit, authorization: str) -> list[str]:
        """Take a step of the handshake if the request brings one; gives what to ask for, nothing: the way is free."""
        scheme, _, text = authorization.partition(" ")
        offered = next((each for each in _SCHEMES if each.lower() == scheme.lower()), None)
        if offered is None:
            return [] if visit.account and not authorization else list(_SCHEMES)
        if visit.conversation is None:
            visit.account = ""
            visit.conversation = self._begun(offered)
        try:
            reply = visit.conversation.step(base64.b64decode(text, validate=True))
        except (SpnegoError, binascii.Error, ValueError):
            self.refused += 1
            visit.conversation = None
            return list(_SCHEMES)
        if not visit.conversation.complete:
            return [f"{offered} {base64.b64encode(reply or b'').decode()}"]
        visit.account = visit.conversation.client_principal or ""
        visit.conversation = None
        return []

    def _begun(self, scheme: str) -> spnego.ContextProxy:
        wrapped = scheme == "Negotiate"
        options = spnego.NegotiateOptions.use_negotiate if wrapped else spnego.NegotiateOptions.use_ntlm
        return spnego.server(protocol=scheme.lower(), options=options, channel_bindings=self._bindings)


def _authorization(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return str(value.decode("latin-1"))
    return ""


async def _refuse(receive: Receive, send: Send, challenges: list[str]) -> None:
    # What was sent along is taken off the connection, which goes on.
    while (await receive()).get("more_body", False):
        pass
    headers = [(b"www-authenticate", each.encode("latin-1")) for each in challenges]
    headers += [(b"content-type", b"text/html"), (b"content-length", str(len(_ANSWER)).encode())]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": _ANSWER})
