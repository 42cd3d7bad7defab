"""Signs in with a Windows account (NTLM, also within Negotiate), as services on premises ask for.

NTLM does not sign requests in but connections: the handshake and all that follows go over the same one. The password
itself never leaves, and no weaker way is ever taken, whatever a service offers.
"""

import asyncio
import base64
import binascii
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

import spnego
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from spnego.channel_bindings import GssChannelBindings
from yarl import URL

from interlace.connectors.http_message import ForeignAddress, HttpAnswer, NoAnswer, NothingSent
from interlace.connectors.http_outbound import OutboundRules
from interlace.connectors.http_transport import ChannelLimits, ConnectionEnded, SocketTransport, Wire
from interlace.connectors.sign_in import SendToAuthority
from interlace.connectors.sign_in_credential import WindowsAccount
from interlace.engine.service import SignInRefused
from interlace.locale.translatable import text_of, translatable

_SCHEMES = ("NTLM", "Negotiate")
"""What is tried, in this order; within Negotiate it is NTLM, too: there is no Kerberos here."""
_BEGUN_ANEW_MAX = 3
_STEPS_MAX = 4
_WEAKEST_LEVEL = 3
"""From this compatibility level on, only NTLMv2 is sent."""
_WEAK_DIGESTS = (hashes.MD5, hashes.SHA1)
# The library logs the messages of the handshake: who holds them can guess the password at leisure.
logging.getLogger("spnego").setLevel(logging.CRITICAL)


class WindowsSignIn:
    """A Windows account; requests carry no header of their own, their connections are signed in."""

    def __init__(self, account: WindowsAccount) -> None:
        self._account = account

    def __repr__(self) -> str:
        return f"WindowsSignIn({self._account!r})"

    async def authorization(self, send: SendToAuthority, refused: str | None, /) -> str | None:
        """Return nothing."""
        return None

    def transport(self, origin: str, limits: ChannelLimits, rules: OutboundRules) -> "SignedInConnections":
        """Return what carries requests to the origin over connections that are signed in."""
        return SignedInConnections(self._account, URL(origin), limits, rules)


class SignedInConnections:
    """Carries requests over connections that are signed in, as many as there are requests at once.

    A wrong password is sent once: a domain locks accounts after a few.
    """

    def __init__(
        self, account: WindowsAccount, origin: URL, limits: ChannelLimits, rules: OutboundRules
    ) -> None:
        self._account = account
        self._origin = origin
        self._limits = limits
        self._rules = rules
        self._all: list[_SignedInConnection] = []
        self._idle: list[_SignedInConnection] = []
        self._is_proved = False
        self._first = asyncio.Lock()
        self._refusal = ""

    async def exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        """Send a request once; raises NothingSent or NoAnswer, and SignInRefused for the account."""
        if url.origin() != self._origin:
            raise ForeignAddress(
                translatable(
                    "{origin} is not {place}; nothing was sent there",
                    origin=str(url.origin()),
                    place=str(self._origin),
                )
            )
        message = _Message(method=method, url=url, headers=headers, body=body)
        if not self._is_proved:
            async with self._first:
                # Whoever waits here finds afterwards that the first one was let in, or refused.
                if not self._is_proved:
                    return await self._prove(message)
        return await self._over_connection(message)

    async def close(self) -> None:
        """Close every connection."""
        for each in self._all:
            await each.close()
        self._all.clear()
        self._idle.clear()

    async def _prove(self, message: "_Message") -> HttpAnswer:
        answer = await self._over_connection(message)
        self._is_proved = True
        return answer

    async def _over_connection(self, message: "_Message") -> HttpAnswer:
        if self._refusal:
            raise SignInRefused(self._refusal)
        if not self._idle:
            self._all.append(_SignedInConnection(self._account, self._limits, self._rules))
            self._idle.append(self._all[-1])
        connection = self._idle.pop()
        try:
            return await connection.exchange(message)
        except SignInRefused as refused:
            self._refusal = text_of(refused)
            raise
        finally:
            self._idle.append(connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    method: str
    url: URL
    headers: Mapping[str, str]
    body: bytes | None

    def carrying(self, scheme: str, token: bytes) -> "_Message":
        """Return the message with a step of the handshake."""
        text = base64.b64encode(token).decode("ascii")
        return replace(self, headers={**self.headers, "Authorization": f"{scheme} {text}"})

    def without_body(self) -> "_Message":
        """Return the message as it opens a handshake: the service does not look at it before it knows who asks."""
        return self if self.body is None else replace(self, body=b"")


class _SignedInConnection:
    """One connection, signed in when it is needed, and again when it had to be opened anew."""

    def __init__(self, account: WindowsAccount, limits: ChannelLimits, rules: OutboundRules) -> None:
        self._account = account
        self._wire = Wire()
        self._transport = SocketTransport(limits, rules, self._wire)
        self._signed_in: asyncio.Transport | None = None
        self._is_fresh = False
        self._is_kept = True
        self._scheme = _SCHEMES[0]

    async def close(self) -> None:
        """Close the connection."""
        await self._transport.close()

    async def exchange(self, message: _Message) -> HttpAnswer:
        """Send a message over the signed-in connection."""
        if self._signed_in is not None and self._is_kept:
            try:
                answer = await self._send(message, self._signed_in)
            except ConnectionEnded:
                pass
            else:
                if answer.status != 401:
                    self._is_fresh = False
                    return answer
                # It does not know any more who is here, so it has not acted. If that was the first message since the
                # sign-in, it wants one for each.
                self._is_kept = not self._is_fresh
        return await self._send_signing_in(message)

    async def _send(self, message: _Message, required: asyncio.Transport | None) -> HttpAnswer:
        self._wire.required = required
        return await self._transport.exchange(message.method, message.url, message.headers, message.body)

    async def _send_signing_in(self, message: _Message) -> HttpAnswer:
        """Sign the connection in with a message; a connection that ends meanwhile is signed in anew."""
        for _ in range(_BEGUN_ANEW_MAX):
            self._signed_in = None
            try:
                return await self._handshake(message, list(_SCHEMES))
            except ConnectionEnded:
                continue
        raise NothingSent(
            translatable(
                "{origin} closes the connection in the middle of the Windows sign-in. See that no proxy lies "
                "between, or that it keeps connections.",
                origin=str(message.url.origin()),
            )
        )

    async def _handshake(self, message: _Message, untried: list[str]) -> HttpAnswer:
        if self._scheme not in untried:
            self._scheme = untried[0]
        untried.remove(self._scheme)
        conversation = self._begin(message.url)
        opening = message.without_body().carrying(self._scheme, _step(conversation, None, None, message.url))
        answer = await self._send(opening, None)
        if answer.status != 401:
            return await self._unasked(message, answer)
        offers = _offers(answer)
        challenge = offers.get(self._scheme.lower())
        if not challenge:
            if any(each.lower() in offers for each in untried):
                return await self._handshake(message, [each for each in untried if each.lower() in offers])
            raise SignInRefused(_not_offered(message.url, offers))
        return await self._answer_challenges(message, conversation, challenge)

    async def _answer_challenges(
        self, message: _Message, conversation: spnego.ContextProxy, challenge: bytes
    ) -> HttpAnswer:
        """Prove who asks, on the connection that the challenge came over, with the message itself."""
        connection = self._wire.latest
        bindings = _bindings(self._wire.certificate)
        for _ in range(_STEPS_MAX):
            proof = _step(conversation, challenge, bindings, message.url)
            answer = await self._send(message.carrying(self._scheme, proof), connection)
            further = _offers(answer).get(self._scheme.lower())
            if answer.status != 401:
                lasts = answer.headers.get("persistent-auth", "").lower() != "false"
                self._signed_in, self._is_fresh = (connection, True) if lasts else (None, False)
                return answer
            if not further or conversation.complete:
                break
            challenge = further
        raise SignInRefused(
            translatable(
                "{origin} refuses the Windows account {user}. Check the user, written as DOMAIN\\user or "
                "user@domain, its password, and that the account is neither locked nor kept from the "
                "service. It is not tried again in this run, so that the domain does not lock the account.",
                origin=str(message.url.origin()),
                user=self._account.user,
            )
        )

    async def _unasked(self, message: _Message, answer: HttpAnswer) -> HttpAnswer:
        """Go on where the service answered the opening without asking who we are."""
        if message.body is None or answer.status in {408, 425, 429} or answer.status >= 500:
            return answer
        if answer.is_success:
            raise NoAnswer(
                translatable(
                    "{origin} took a request before it knew who asks: it is not set up for Windows sign-in",
                    origin=str(message.url.origin()),
                )
            )
        return await self._send(message, None)

    def _begin(self, url: URL) -> spnego.ContextProxy:
        level = os.environ.get("LM_COMPAT_LEVEL", str(_WEAKEST_LEVEL))
        if not level.isdecimal() or int(level) < _WEAKEST_LEVEL:
            raise SignInRefused(
                translatable(
                    "The environment variable LM_COMPAT_LEVEL={level} asks for a Windows sign-in that is not "
                    "safe. Remove it.",
                    level=level,
                )
            )
        is_wrapped = self._scheme == "Negotiate"
        return spnego.client(
            self._account.user,
            self._account.password,
            hostname=url.host or "",
            service="HTTP",
            protocol="negotiate" if is_wrapped else "ntlm",
            options=spnego.NegotiateOptions.use_negotiate if is_wrapped else spnego.NegotiateOptions.use_ntlm,
        )


def _step(
    conversation: spnego.ContextProxy,
    challenge: bytes | None,
    bindings: GssChannelBindings | None,
    url: URL,
) -> bytes:
    try:
        return conversation.step(challenge, channel_bindings=bindings) or b""
    except Exception as error:  # a hostile challenge ends the library's parser in many ways
        raise SignInRefused(
            translatable(
                "{origin} asks for a Windows sign-in in a way that can't be answered ({problem}). See that "
                "it takes NTLM: Kerberos alone is not supported.",
                origin=str(url.origin()),
                problem=type(error).__name__,
            )
        ) from error


def _offers(answer: HttpAnswer) -> dict[str, bytes]:
    """Return which ways to sign in a service offers, with what it says to each."""
    offers: dict[str, bytes] = {}
    for line in answer.headers.get("www-authenticate", "").split(","):
        scheme, _, said = line.strip().partition(" ")
        try:
            offers[scheme.lower()] = base64.b64decode(said, validate=True)
        except (binascii.Error, ValueError):
            offers[scheme.lower()] = b""
    return offers


def _not_offered(url: URL, offers: Mapping[str, bytes]) -> str:
    if any(each.lower() in offers for each in _SCHEMES):
        return translatable(
            "{origin} does not take NTLM for its Windows sign-in, and Kerberos alone is not supported. "
            "Allow NTLM for the service, or choose another way to sign in.",
            origin=str(url.origin()),
        )
    return translatable(
        "{origin} does not offer a Windows sign-in; nothing of the account was sent. Switch it on at the "
        "service, or choose the way to sign in that the service has.",
        origin=str(url.origin()),
    )


def _bindings(certificate: bytes | None) -> GssChannelBindings | None:
    """Bind the proof to the service's certificate (RFC 5929): nobody in between can use it elsewhere."""
    if certificate is None:
        return None
    try:
        chosen = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError):
        chosen = None
    digest = hashes.Hash(hashes.SHA256() if chosen is None or isinstance(chosen, _WEAK_DIGESTS) else chosen)
    digest.update(certificate)
    return GssChannelBindings(application_data=b"tls-server-end-point:" + digest.finalize())
