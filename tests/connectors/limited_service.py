"""A service with limits, and clients that load it, in time that passes as soon as everybody waits."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import msgspec
from yarl import URL

from interlace.connectors.governor import Governor
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import HttpAnswer, HttpRequest, NothingSent
from interlace.connectors.purpose import Purpose, working_for
from interlace.connectors.sign_in import NoSignIn
from interlace.sandbox.limits import Admission, LimitKind, LimitSettings, RequestLimits, Throttled
from interlace.simulation.virtual_time import VirtualClock, VirtualTimeLoop

_CODES = {
    LimitKind.REQUESTS: "0x80072322",
    LimitKind.EXECUTION_TIME: "0x80072321",
    LimitKind.CONCURRENCY: "0x80072326",
}


@dataclass(kw_only=True)
class LimitedService:
    """Answers every request after a while, as long as its limits allow; `tells` what is left, as the CRM does."""

    clock: VirtualClock
    settings: LimitSettings
    tells: bool = True
    retry_after: Callable[[int], str | None] = str
    seconds: Callable[[float], float] = lambda _now: 0.05
    """How long a request takes that begins at a moment."""
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    taken: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    refused_us: int = 0
    under_way: int = 0
    under_way_max: int = 0

    def __post_init__(self) -> None:
        self.limits = RequestLimits(self.settings)

    async def exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        """Carry one request there and its answer back."""
        self.under_way += 1
        self.under_way_max = max(self.under_way_max, self.under_way)
        try:
            await asyncio.sleep(self.dice.uniform(0.01, 0.05))
            answer = await self.act("us")
            self.refused_us += answer.status == 429
            await asyncio.sleep(self.dice.uniform(0.01, 0.05))
            return answer
        finally:
            self.under_way -= 1

    async def act(self, caller: str) -> HttpAnswer:
        """Take one request, or refuse it."""
        now = self.clock.seconds
        admission = self.limits.admit(caller, now)
        if isinstance(admission, Admission):
            self.taken.append(now)
            held = self.limits.finish(caller, admission, self.seconds(now))
            assert not isinstance(held, Throttled)
            await asyncio.sleep(max(held, self.seconds(now)))
            return HttpAnswer(status=200, headers=self._told(caller), body=b"{}")
        self.refused.append(now)
        code = _CODES[admission.kind] if self.tells else "Application_TooManyRequests"
        body = msgspec.json.encode({"error": {"code": code, "message": "Too many."}})
        after = self.retry_after(admission.retry_after_seconds)
        return HttpAnswer(status=429, headers={} if after is None else {"retry-after": after}, body=body)

    def _told(self, caller: str) -> dict[str, str]:
        if not self.tells:
            return {}
        requests, seconds = self.limits.remaining(caller, self.clock.seconds)
        return {
            "x-ms-ratelimit-burst-remaining-xrm-requests": str(requests),
            "x-ms-ratelimit-time-remaining-xrm-requests": f"{seconds:,.2f}",
            "x-ms-dop-hint": "10",
        }

    async def close(self) -> None:
        """Do nothing: there are no connections."""


@dataclass(kw_only=True)
class Load:
    """A client that always has something to ask, as many at once as its channel lets out, until a moment."""

    service: LimitedService
    governor: Governor
    purpose: Purpose = Purpose.FULL
    done: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def channel(self) -> HttpChannel:
        """Open a channel to the service."""
        clock = self.service.clock
        return HttpChannel(
            "http://127.0.0.1:1",
            NoSignIn(),
            ChannelLimits(wait_seconds_max=400.0),
            monotonic=lambda: clock.seconds,
            epoch_seconds=clock.epoch_seconds,
            pause=asyncio.sleep,
            jitter=lambda: 1.0,
            transport=self.service,
            governor=self.governor,
        )

    async def until(self, end: float, *, lanes: int = 8) -> None:
        """Ask and ask again."""
        channel = self.channel()

        async def lane(number: int) -> None:
            """Send writes one after the other."""
            while self.service.clock.seconds < end:
                request = HttpRequest(method="POST", url=f"/records({number})", body=b"{}")
                try:
                    answer = await channel.send(request)
                except NothingSent as failure:
                    self.failed.append(str(failure))
                    continue
                if answer.status == 200:
                    self.done.append(self.service.clock.seconds)
                else:
                    self.failed.append(str(answer.status))

        with working_for(self.purpose):
            await asyncio.gather(*(lane(number) for number in range(lanes)))


async def foreign_load(service: LimitedService, a_second: float, begin: float, end: float) -> None:
    """Use the same user's allowance evenly for a while, without a look at anything."""
    await asyncio.sleep(begin)
    while service.clock.seconds < end:
        due = service.clock.seconds + 1.0 / a_second
        await service.act("us")
        await asyncio.sleep(max(0.001, due - service.clock.seconds))


def in_virtual_time(work: Callable[[VirtualClock], Awaitable[None]]) -> None:
    """Run something in virtual time to its end."""
    clock = VirtualClock()
    loop = VirtualTimeLoop(clock)
    try:
        loop.run_until_complete(_all(work, clock))
    finally:
        loop.close()


async def _all(work: Callable[[VirtualClock], Awaitable[None]], clock: VirtualClock) -> None:
    await work(clock)


def taken_between(times: list[float], begin: float, end: float) -> int:
    """Count the moments in an interval."""
    return sum(begin <= each < end for each in times)
