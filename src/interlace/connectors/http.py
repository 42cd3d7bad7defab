"""The only module that opens a socket: one channel per service origin.

It signs requests in, lets them through a turnstile that knows the service's limits, and repeats what is safe to
repeat. It repeats no write that a service may have looked at: who sent it must find out what became of it.
"""

import asyncio
import ipaddress
import os
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace, TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from interlace.connectors.governor import Governor
from interlace.connectors.http_message import (
    ForeignAddress,
    HttpAnswer,
    HttpRequest,
    NoAnswer,
    NothingSent,
    RequestFailed,
)
from interlace.connectors.purpose import present_purpose
from interlace.connectors.sign_in import SignIn
from interlace.connectors.turnstile import Turnstile
from interlace.engine.service import ServiceUnavailable

_READ_BUFFER_BYTES = 2 * 1024 * 1024
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_WRITE_WAITS_SECONDS_MAX = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLimits:
    """What a channel allows itself."""

    requests_at_once_max: int = 4
    request_seconds_max: float = 120.0
    connect_seconds_max: float = 10.0
    answer_bytes_max: int = 256 * 1024 * 1024
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


class HttpChannel:
    """Sends requests to one origin and returns complete answers."""

    def __init__(  # noqa: PLR0913 - clocks and transport are replaced together, by tests and simulations only
        self,
        origin: str,
        sign_in: SignIn,
        limits: ChannelLimits | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        epoch_seconds: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        transport: Transport | None = None,
        governor: Governor | None = None,
    ) -> None:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or parts.hostname is None or parts.username is not None:
            message = (
                f"{origin!r} is no address of a service: it must be http(s)://host[:port] without a user"
            )
            raise ValueError(message)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.requests: Counter[str] = Counter()
        self._url = URL(self.origin)
        self._sign_in = sign_in
        self._limits = limits or ChannelLimits()
        self.governor = governor or Governor(at_once_max=self._limits.requests_at_once_max)
        self._pause = pause
        self._jitter = jitter
        self._turnstile = Turnstile(
            self.governor,
            self.origin,
            monotonic=monotonic,
            pause=pause,
            epoch_seconds=epoch_seconds,
            wait_seconds_max=self._limits.wait_seconds_max,
        )
        self._transport = transport or SocketTransport(self._limits)

    def __repr__(self) -> str:
        return f"HttpChannel(origin={self.origin!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def requests_at_once(self) -> int:
        """How many requests the service bears at once, as far as the channel has found out."""
        return self.governor.at_once

    @property
    def retries_max(self) -> int:
        """How often a read that went wrong is asked for again."""
        return self._limits.retries_max

    async def back_off(self, attempt: int) -> None:
        """Wait before an attempt, counted from 1, to repeat what went wrong; longer each time."""
        await self._pause(self._delay(attempt))

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.close()

    def covers(self, url: str) -> bool:
        """Tell whether an address belongs to the channel's origin."""
        if url.startswith("/"):
            return not url.startswith(("//", "/\\"))
        try:
            return URL(url).origin() == self._url
        except ValueError:
            return False

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send a request; transient answers to repeatable ones are waited out and asked again.

        Raises NothingSent or NoAnswer when no complete answer came, ForeignAddress for another origin.
        """
        url = self._absolute(request.url)
        attempt = 0
        while True:
            failure: RequestFailed | None = None
            answer: HttpAnswer | None = None
            try:
                answer = await self._send_signed_in(request, url)
                if answer.status not in _TRANSIENT:
                    return answer
            except RequestFailed as error:
                failure = error
            may_be_repeated = request.may_be_repeated or self._may_write_again(answer)
            if not may_be_repeated or attempt >= self._limits.retries_max:
                break
            attempt += 1
            await self.back_off(attempt)
        if failure is not None:
            raise failure
        assert answer is not None
        return answer

    def _may_write_again(self, answer: HttpAnswer | None) -> bool:
        """Tell whether a write was refused for the number of requests alone, unseen, and is still fresh.

        After a long pause, who sent it must see first whether it is still to be written.
        """
        if answer is None or answer.status != 429:
            return False
        return self._turnstile.asked_to_wait <= _WRITE_WAITS_SECONDS_MAX

    def _absolute(self, url: str) -> URL:
        if not self.covers(url):
            message = f"{url!r} leads away from {self.origin}; nothing was sent there"
            raise ForeignAddress(message)
        return URL(self.origin + url if url.startswith("/") else url, encoded=True)

    def _delay(self, attempt: int) -> float:
        limits = self._limits
        longest = min(limits.retry_delay_seconds * 2.0 ** (attempt - 1), limits.retry_delay_seconds_max)
        return float(longest * (0.5 + self._jitter() / 2.0))

    async def _send_signed_in(self, request: HttpRequest, url: URL) -> HttpAnswer:
        authorization = await self._authorization(None)
        answer = await self._send_once(request, url, authorization)
        if answer.status == 401 and authorization is not None:
            renewed = await self._authorization(authorization)
            if renewed != authorization:
                answer = await self._send_once(request, url, renewed)
        return answer

    async def _authorization(self, refused: str | None) -> str | None:
        try:
            return await self._sign_in.authorization(self._post_form, refused)
        except RequestFailed as error:
            raise NothingSent(f"The sign-in service does not answer: {error}") from error
        except ServiceUnavailable as error:
            raise NothingSent(str(error), error.retry_after_seconds) from error

    async def _send_once(self, request: HttpRequest, url: URL, authorization: str | None) -> HttpAnswer:
        passage = await self._turnstile.enter(present_purpose())
        outcome: HttpAnswer | RequestFailed | None = None
        try:
            headers = {"Accept": "application/json", **request.headers}
            if authorization is not None:
                headers["Authorization"] = authorization
            outcome = await self._exchange(request.method, url, headers, request.body)
            return outcome
        except RequestFailed as failure:
            outcome = failure
            raise
        finally:
            self._turnstile.leave(passage, outcome, kind=f"{request.method} {url.path.partition('(')[0]}")

    async def _exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        self.requests[method] += 1
        return await self._transport.exchange(method, url, headers, body)

    async def _post_form(self, url: str, form: Mapping[str, str]) -> HttpAnswer:
        target = URL(url)
        if target.scheme != "https" and not _is_loopback(target.host):
            message = f"the token address {url!r} must begin with https: secrets are not sent in the clear"
            raise ForeignAddress(message)
        body = str(URL.build(query=dict(form)).raw_query_string).encode("ascii")
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        return await self._exchange("POST", target, headers, body)


class SocketTransport:
    """Requests over the network; connections are kept open and used again."""

    def __init__(self, limits: ChannelLimits) -> None:
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        """Send a request once; raises NothingSent or NoAnswer when no complete answer came."""
        progress = SimpleNamespace(has_begun=False)
        if _is_loopback(url.host):
            headers = {**headers, "Accept-Encoding": "identity"}
        try:
            async with self._open_session().request(
                method, url, headers=headers, data=body, allow_redirects=False, trace_request_ctx=progress
            ) as response:
                content = await self._read(url, response)
                named = {name.lower(): value for name, value in response.headers.items()}
                return HttpAnswer(status=response.status, headers=named, body=content)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            reason = _reason(error)
            if progress.has_begun:
                raise NoAnswer(f"{url.origin()} did not answer completely: {reason}") from error
            raise NothingSent(f"{url.origin()} can't be reached: {reason}") from error

    async def _read(self, url: URL, response: aiohttp.ClientResponse) -> bytes:
        limit = self._limits.answer_bytes_max
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > limit:
                response.close()
                message = f"{url.origin()} answered with more than {limit} bytes"
                raise NoAnswer(message)
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_note_begin)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(
                    total=self._limits.request_seconds_max, connect=self._limits.connect_seconds_max
                ),
                read_bufsize=_READ_BUFFER_BYTES,
                trace_configs=[trace],
                auto_decompress=True,
            )
        return self._session


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
        raise NoAnswer("the service closed the connection without an answer")
    context.trace_request_ctx.has_begun = True


def _reason(error: Exception) -> str:
    """Say in words why no answer came; the client's own text names internals."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, OSError) and cause.strerror:
        return os.strerror(cause.errno) if cause.errno and cause.errno > 0 else cause.strerror
    return str(error) or type(error).__name__


def _is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
