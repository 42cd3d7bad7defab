"""One channel per service origin: whatever is sent to a service goes through it.

It signs requests in, lets them through a turnstile that knows the service's limits, and repeats what is safe to
repeat. It repeats no write that a service may have looked at: who sent it must find out what became of it.
"""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from yarl import URL

from interlace.connectors.answer_limits import check_answer, check_document
from interlace.connectors.governor import Governor
from interlace.connectors.http_message import (
    AnswerOverLimit,
    ForeignAddress,
    HttpAnswer,
    HttpRequest,
    NothingSent,
    RequestFailed,
)
from interlace.connectors.http_outbound import OutboundRules, is_loopback
from interlace.connectors.http_transport import (
    ChannelLimits,
    ConnectionSignIn,
    SocketTransport,
    Transport,
)
from interlace.connectors.noted_requests import NotedRequest, Notes, present_occasion
from interlace.connectors.purpose import present_purpose
from interlace.connectors.sign_in import SignIn
from interlace.connectors.told_limits import was_not_looked_at
from interlace.connectors.turnstile import Turnstile
from interlace.engine.service import ServiceUnavailable
from interlace.locale.translatable import as_sentence, text_of, translatable

__all__ = ["ChannelLimits", "HttpChannel", "SocketTransport", "Transport"]

_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_WRITE_FRESH_SECONDS = 25.0
"""After that, who sent a write must see first whether it is still to be written."""
_logger = logging.getLogger(__name__)


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
        rules: OutboundRules | None = None,
        notes: Notes | None = None,
    ) -> None:
        """Open a channel; without `rules` it goes to its own origin only, and inside only if that is written so."""
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or parts.hostname is None or parts.username is not None:
            message = translatable(
                "{address} is no address of a service: it must be http(s)://host[:port] without a user",
                address=repr(origin),
            )
            raise ValueError(message)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.requests: Counter[str] = Counter()
        self.answer_counts: Counter[str] = Counter()
        """How often each status was answered; `none`: no complete answer came."""
        self._url = URL(self.origin)
        self._sign_in = sign_in
        self._limits = limits or ChannelLimits()
        self.governor = governor or Governor(
            self._limits.allowance, at_once_max=self._limits.requests_at_once_max
        )
        self._notes = notes
        self._pause = pause
        self._jitter = jitter
        self._epoch_seconds = epoch_seconds
        self._turnstile = Turnstile(
            self.governor,
            self.origin,
            monotonic=monotonic,
            pause=pause,
            epoch_seconds=epoch_seconds,
            wait_seconds_max=self._limits.wait_seconds_max,
        )
        self._rules = rules or OutboundRules.for_origin(self.origin)
        self._transport = transport or self._own_transport(sign_in)

    def _own_transport(self, sign_in: SignIn) -> Transport:
        """Open the network as the sign-in needs it: some sign connections in, not requests."""
        if isinstance(sign_in, ConnectionSignIn):
            return sign_in.transport(self.origin, self._limits, self._rules)
        return SocketTransport(self._limits, self._rules)

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
    def throttled_seconds(self) -> float:
        """For how long requests have waited in all because of the service's limits."""
        return self._turnstile.waited_seconds

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
        """Tell whether an address belongs to the channel's origin and lies under the service's root there."""
        if url.startswith("/"):
            return not url.startswith(("//", "/\\")) and self._rules.covers(url)
        try:
            address = URL(url, encoded=True)
            # What is sent to is the address as it is written; its parts are compared in their usual spelling.
            is_own = URL(str(address.origin())) == self._url and address.user is None
        except ValueError:
            return False
        return is_own and self._rules.covers(address.raw_path)

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send a request; transient answers to repeatable ones are waited out and asked again.

        Raises NothingSent or NoAnswer when no complete answer came, ForeignAddress for another origin.
        """
        url = self._absolute(request.url)
        attempt = 0
        begun = self._turnstile.now
        while True:
            failure: RequestFailed | None = None
            answer: HttpAnswer | None = None
            try:
                answer = await self._send_signed_in(request, url)
                check_answer(request, answer)
                if answer.status not in _TRANSIENT:
                    return answer
            except AnswerOverLimit:
                raise
            except RequestFailed as error:
                failure = error
            if answer is not None and self._may_follow_refusal(request, answer):
                patience = self._limits.wait_seconds_max if request.may_be_repeated else _WRITE_FRESH_SECONDS
                if self._turnstile.now + self._turnstile.asked_to_wait > begun + patience:
                    break
            elif not request.may_be_repeated or attempt >= self._limits.retries_max:
                break
            attempt += 1
            await self.back_off(attempt)
        if failure is not None:
            raise failure
        assert answer is not None
        return answer

    def _may_follow_refusal(self, request: HttpRequest, answer: HttpAnswer) -> bool:
        """Tell whether a request may be sent again because there were too many; a write, if that can't double it."""
        if answer.status != 429 or not self._limits.retries_max:
            return False
        return request.may_be_repeated or (not request.unguarded and was_not_looked_at(answer))

    def _absolute(self, url: str) -> URL:
        if not self.covers(url):
            message = translatable(
                "{address} leads away from {place}; nothing was sent there",
                address=repr(url),
                place=f"{self.origin}{self._rules.root}",
            )
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
            return await self._sign_in.authorization(self.send_to_authority, refused)
        except RequestFailed as error:
            raise NothingSent(
                translatable(
                    "The sign-in service does not answer: {problem}", problem=as_sentence(text_of(error))
                )
            ) from error
        except ServiceUnavailable as error:
            raise NothingSent(text_of(error), error.retry_after_seconds) from error

    async def _send_once(self, request: HttpRequest, url: URL, authorization: str | None) -> HttpAnswer:
        passage = await self._turnstile.enter(present_purpose())
        begun, at_once = self._turnstile.now, self.governor.under_way
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
            if self._notes is not None and outcome is not None:
                self._notes.note(self._noted(request, outcome, self._turnstile.now - begun, at_once))

    def _noted(
        self, request: HttpRequest, outcome: HttpAnswer | RequestFailed, seconds: float, at_once: int
    ) -> NotedRequest:
        return NotedRequest(
            sent_at=self._epoch_seconds() - seconds,
            seconds=seconds,
            request=request,
            answer=outcome if isinstance(outcome, HttpAnswer) else None,
            failure=text_of(outcome) if isinstance(outcome, RequestFailed) else "",
            at_once=at_once,
            occasion=present_occasion(),
        )

    def note_part(self, part: HttpRequest, answer: HttpAnswer) -> None:
        """Tell of a part of a batch whose requests the channel has only seen as one."""
        if self._notes is not None and self._notes.wants_part(answer):
            self._notes.note(
                NotedRequest(
                    sent_at=self._epoch_seconds(),
                    seconds=0.0,
                    request=part,
                    answer=answer,
                    is_part=True,
                    occasion=present_occasion(),
                )
            )

    async def _exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        self.requests[method] += 1
        try:
            answer = await self._transport.exchange(method, url, headers, body)
        except RequestFailed:
            self.answer_counts["none"] += 1
            raise
        self.answer_counts[str(answer.status)] += 1
        return answer

    async def send_to_authority(self, request: HttpRequest) -> HttpAnswer:
        """Send a request to the sign-in service, once; raises ForeignAddress for any other place."""
        target = URL(request.url)
        if target.scheme != "https" and not is_loopback(target.host):
            message = translatable(
                "the token address {address} must begin with https: secrets are not sent in the clear",
                address=repr(request.url),
            )
            raise ForeignAddress(message)
        if self._rules.authority and target.origin() not in {self._url, URL(self._rules.authority).origin()}:
            message = translatable(
                "The sign-in service sends us on to {address}, which nobody configured; nothing was sent "
                "there. Correct the connection's address of the sign-in service.",
                address=str(target.origin()),
            )
            raise ForeignAddress(message)
        answer = await self._exchange(request.method, target, request.headers, request.body)
        check_document(answer.body)
        return answer
