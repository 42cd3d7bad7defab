"""The only module that opens a socket: sends one request over the network and reads the answer within limits."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import aiohttp
from yarl import URL

from interlace.connectors.http_message import (
    AnswerOverLimit,
    ForeignAddress,
    HttpAnswer,
    NoAnswer,
    NothingSent,
)
from interlace.connectors.http_outbound import REFUSED_ERRNO, OutboundRules, is_loopback, socket_of
from interlace.domain.allowance import Allowance
from interlace.locale.translatable import translatable

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_READ_BUFFER_BYTES = 2 * 1024 * 1024
_CLOSED_UNANSWERED = translatable("{origin} closed the connection without an answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLimits:
    """What a channel allows itself."""

    requests_at_once_max: int = 4
    allowance: Allowance | None = None
    """What the service allows its user; None: nothing is known of it before the service tells."""
    request_seconds_max: float = 120.0
    connect_seconds_max: float = 10.0
    sent_bytes_max: int = 64 * 1024 * 1024
    """How long an answer may be on the wire, announced or not."""
    answer_bytes_max: int = 100 * 1024 * 1024
    """How long an answer may grow unpacked."""
    silence_seconds_max: float = 10.0
    """How long an answer that has begun may pause."""
    answer_seconds_max: float = 60.0
    """How long an answer that has begun may take as a whole."""
    retries_max: int = 4
    retry_delay_seconds: float = 0.5
    retry_delay_seconds_max: float = 30.0
    wait_seconds_max: float = 120.0
    """The longest Retry-After that is waited out in place; a longer one fails the request as not sent."""


class Transport(Protocol):
    """Carries one request to its service and the complete answer back."""

    async def exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        """Send a request once; raises NothingSent or NoAnswer when no complete answer came."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


@runtime_checkable
class ConnectionSignIn(Protocol):
    """A sign-in that is for connections: it brings what carries requests over them."""

    def transport(self, origin: str, limits: ChannelLimits, rules: OutboundRules) -> Transport:
        """Return what carries requests to the origin."""
        ...


class ConnectionEnded(NothingSent):
    """The connection that a request was meant for is gone; no byte of the request left."""


class _OtherConnection(aiohttp.ClientConnectionError):
    """The connector has another connection than the one that is required."""


class Wire:
    """Which connection a transport works on, where that matters: who signs connections in requires the same one."""

    def __init__(self) -> None:
        self.latest: asyncio.Transport | None = None
        """What the last request went over."""
        self.required: asyncio.Transport | None = None
        """What the next request must go over; None: any."""

    @property
    def certificate(self) -> bytes | None:
        """The service's certificate on the latest connection, as DER; None without TLS."""
        tls = None if self.latest is None else self.latest.get_extra_info("ssl_object")
        return None if tls is None else tls.getpeercert(binary_form=True)

    def take(self, connection: "Connection") -> None:
        """Note the connection for a request; raises for another one than is required, which is kept for later."""
        if self.required is not None and connection.transport is not self.required:
            connection.release()
            raise _OtherConnection
        self.latest = connection.transport


class _SingleConnector(aiohttp.TCPConnector):
    """One connection at a time, under somebody's eyes."""

    wire: Wire

    async def connect(
        self,
        req: "ClientRequest",
        traces: "list[Trace]",
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the parameter of the method that this one takes the place of
    ) -> "Connection":
        """Hand out the connection if it is the one that is required."""
        connection = await super().connect(req, traces, timeout)
        self.wire.take(connection)
        return connection


class SocketTransport:
    """Requests over the network; connections are kept open and used again."""

    def __init__(self, limits: ChannelLimits, rules: OutboundRules, wire: Wire | None = None) -> None:
        """Open connections as they are needed; with `wire` only one, which it watches."""
        self._limits = limits
        self._rules = rules
        self._wire = wire
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None
            # Connections over TLS are given up in the loop's next turn.
            await asyncio.sleep(0)

    async def exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        """Send a request once; raises NothingSent or NoAnswer when no complete answer came."""
        progress = SimpleNamespace(has_begun=False)
        if is_loopback(url.host):
            headers = {**headers, "Accept-Encoding": "identity"}
        try:
            async with self._open_session().request(
                method, url, headers=headers, data=body, allow_redirects=False, trace_request_ctx=progress
            ) as response:
                content = await self._read(url, response)
                named = {name.lower(): value for name, value in response.headers.items()}
                if response.status == 401:
                    # Each way to sign in comes on a line of its own.
                    named["www-authenticate"] = ", ".join(response.headers.getall("WWW-Authenticate", ()))
                return HttpAnswer(status=response.status, headers=named, body=content)
        except _OtherConnection as error:
            if progress.has_begun:
                raise NoAnswer(translatable(_CLOSED_UNANSWERED, origin=str(url.origin()))) from error
            raise ConnectionEnded(
                translatable("{origin} closed the connection", origin=str(url.origin()))
            ) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if _is_refused(error):
                raise ForeignAddress(_refusal(url)) from error
            reason = _reason(error)
            if progress.has_begun:
                raise NoAnswer(
                    translatable(
                        "{origin} did not answer completely: {reason}",
                        origin=str(url.origin()),
                        reason=reason,
                    )
                ) from error
            raise NothingSent(
                translatable("{origin} can't be reached: {reason}", origin=str(url.origin()), reason=reason)
            ) from error

    async def _read(self, url: URL, response: aiohttp.ClientResponse) -> bytes:
        limits = self._limits
        if (response.content_length or 0) > limits.sent_bytes_max:
            response.close()
            raise AnswerOverLimit(_over_the_wire(limits))
        try:
            async with asyncio.timeout(limits.answer_seconds_max) as whole:
                return await self._read_unpacked(response)
        except TimeoutError as error:
            response.close()
            if whole.expired():
                told = translatable(
                    "{origin} was still sending its answer after {seconds} s, which is the most that is waited",
                    origin=str(url.origin()),
                    seconds=f"{limits.answer_seconds_max:g}",
                )
            else:
                told = translatable(
                    "{origin} paused for more than {seconds} s within its answer, which is the most that is waited",
                    origin=str(url.origin()),
                    seconds=f"{limits.silence_seconds_max:g}",
                )
            raise NoAnswer(told) from error

    async def _read_unpacked(self, response: aiohttp.ClientResponse) -> bytes:
        limits = self._limits
        chunks: list[bytes] = []
        size = 0
        while True:
            async with asyncio.timeout(limits.silence_seconds_max):
                chunk = await response.content.readany()
            if not chunk:
                break
            size += len(chunk)
            # An answer in chunks announces no length: what has come of it is counted, packed as it came.
            if response.content.total_raw_bytes > limits.sent_bytes_max:
                response.close()
                raise AnswerOverLimit(_over_the_wire(limits))
            if size > limits.answer_bytes_max:
                response.close()
                raise AnswerOverLimit(
                    translatable("more than {count} bytes when unpacked", count=limits.answer_bytes_max)
                )
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_note_begin)
            self._session = aiohttp.ClientSession(
                connector=self._connector(),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(
                    total=self._limits.request_seconds_max, connect=self._limits.connect_seconds_max
                ),
                read_bufsize=_READ_BUFFER_BYTES,
                trace_configs=[trace],
                auto_decompress=True,
            )
        return self._session

    def _connector(self) -> aiohttp.TCPConnector:
        opens = partial(socket_of, self._rules)
        if self._wire is None:
            return aiohttp.TCPConnector(limit=0, ssl=self._rules.tls(), socket_factory=opens)
        single = _SingleConnector(limit=1, ssl=self._rules.tls(), socket_factory=opens)
        single.wire = self._wire
        return single


def _over_the_wire(limits: ChannelLimits) -> str:
    return translatable("more than {count} bytes", count=limits.sent_bytes_max)


async def _note_begin(
    session: aiohttp.ClientSession,
    context: SimpleNamespace,
    parameters: aiohttp.TraceRequestHeadersSentParams,
) -> None:
    """Remember that bytes of this request may have left; end it if they left before.

    The client repeats what it takes for harmless when a kept connection ends without an answer. Its second attempt
    would reach a service that has acted on the first one already; it is called off before a byte of it leaves.
    """
    if context.trace_request_ctx.has_begun:
        raise NoAnswer(translatable("the service closed the connection without an answer"))
    context.trace_request_ctx.has_begun = True


def _reason(error: Exception) -> str:
    """Say in words why no answer came; the client's own text names internals."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        told = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
        return translatable(
            "its certificate can't be trusted ({problem}). If it is from a private authority of your "
            "own, name the authority's certificate file in the connection",
            problem=told,
        )
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, OSError) and cause.strerror:
        return os.strerror(cause.errno) if cause.errno and cause.errno > 0 else cause.strerror
    return str(error) or type(error).__name__


def _is_refused(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno == REFUSED_ERRNO


def _refusal(url: URL) -> str:
    return translatable(
        "{origin} lies on this machine or inside the own network; nothing was sent there. Correct the address, or "
        "allow the connection's service to be an internal host.",
        origin=str(url.origin()),
    )
