"""The network between one process of Interlace and the services: takes time, loses, doubles, delays."""

import asyncio
import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping

from yarl import URL

from interlace.connectors.http_message import HttpAnswer, NoAnswer, NothingSent
from interlace.domain.side import Side
from interlace.simulation import wire_faults
from interlace.simulation.in_process import AnswerCut
from interlace.simulation.process import Process
from interlace.simulation.services import Services
from interlace.simulation.wire_faults import FaultWeights, WireFault

REQUEST_LIFE_SECONDS = 60.0
"""How long after its sending a request's effect may still appear, as the connections declare it."""
_TIMED_OUT_SECONDS = 15.0
_BOUNDARY = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|batch_interlace_\d+")
_TOKEN = re.compile(rb'"access_token": ?"[^"]*"')
"""Boundaries of batches: the services choose theirs at random, our own are counted in each process."""
_OLD_MOMENT = re.compile(r"(deltatoken=\d+(?:!|%21)\d\d(?:/|%2F)\d\d(?:/|%2F))\d{4}")


class Wire:
    """All that a schedule's requests meet on their way."""

    def __init__(self, services: Services, seed: str, weights: FaultWeights) -> None:
        self.services = services
        self.weights = weights
        self.dice = random.Random(f"{seed}|wire")
        self.counts: Counter[str] = Counter()
        self.trace: list[str] | None = None
        self.digest = hashlib.blake2b(digest_size=16)
        self.dies_at_request: int | None = None
        """How many more requests are sent before the process dies in the middle of one."""

    def note(self, line: str) -> None:
        """Take a line into the trace and its digest."""
        moment = f"{self.services.clock.seconds:.3f}"
        self.digest.update(f"{moment} {line}\n".encode())
        if self.trace is not None:
            self.trace.append(f"{moment:>10} {line}")

    async def carry(
        self,
        process: Process,
        side: Side,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> HttpAnswer:
        """Carry one request there and its answer back, or fail as networks do."""
        process.live()
        # The choice is made before anything is awaited, so that the order of requests is all that counts.
        fault = self.weights.draw(self.dice)
        there, back = self.dice.uniform(0.005, 0.08), self.dice.uniform(0.005, 0.08)
        if fault is not None:
            self.counts[fault.value] += 1
        self.note(f"{process.name} {side.value} {method} {url.raw_path_qs} {_digest(body)} {fault}")
        if fault is WireFault.CURSOR_EXPIRED:
            url = URL(_OLD_MOMENT.sub(r"\g<1>2020", str(url)), encoded=True)
        if fault is WireFault.SLOW:
            there += self.dice.uniform(5.0, 40.0)

        def act() -> HttpAnswer:
            """Let the request take effect now."""
            return self._act(side, method, url, headers, body)

        self._maybe_die(process, act)
        await process.pause(there)
        answer = await self._meet(process, fault, act)
        self.note(f"{process.name} {side.value} {answer.status} {_digest(answer.body)}")
        await process.pause(back)
        return answer

    def _act(
        self, side: Side, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        return self.services.carry(side, method, url, headers, body, by_engine=True)

    def _maybe_die(self, process: Process, act: Callable[[], HttpAnswer]) -> None:
        if self.dies_at_request is None:
            return
        self.dies_at_request -= 1
        if self.dies_at_request >= 0:
            return
        self.dies_at_request = None
        moment = self.dice.uniform(0.0, 1.0)
        loop = asyncio.get_running_loop()
        if moment < 0.4:
            # Sent, and never answered: the service carries it out all the same, sooner or later.
            loop.call_later(self.dice.uniform(0.0, REQUEST_LIFE_SECONDS * 0.9), self._late, act)
            process.die("while a request was under way")
            process.live()
        loop.call_later(moment / 5, process.die, "at an await")

    async def _meet(  # noqa: C901, PLR0912 - one branch a fault
        self, process: Process, fault: WireFault | None, act: Callable[[], HttpAnswer]
    ) -> HttpAnswer:
        match fault:
            case WireFault.NOT_SENT:
                raise NothingSent("the service can't be reached: connection refused")
            case WireFault.LOST_BEFORE:
                await process.pause(_TIMED_OUT_SECONDS)
                raise NoAnswer("the service did not answer completely: timed out")
            case WireFault.LOST_AFTER:
                act()
                await process.pause(_TIMED_OUT_SECONDS)
                raise NoAnswer("the service did not answer completely: timed out")
            case WireFault.DELAYED:
                late = self.dice.uniform(1.0, REQUEST_LIFE_SECONDS * 0.9)
                asyncio.get_running_loop().call_later(late, self._late, act)
                await process.pause(self.dice.uniform(0.0, _TIMED_OUT_SECONDS))
                raise NoAnswer("the service did not answer completely: connection reset")
            case WireFault.TOLD_TO_WAIT:
                return wire_faults.told_to_wait(self.dice)
            case WireFault.FAILED_BEFORE:
                return wire_faults.failed(self.dice)
            case WireFault.FAILED_AFTER:
                act()
                return wire_faults.failed(self.dice)
            case WireFault.SIGN_IN_EXPIRED:
                return wire_faults.sign_in_expired()
            case WireFault.STRANGE:
                if self.dice.random() < 0.5:
                    act()
                return wire_faults.strange()
            case _:
                pass
        try:
            answer = act()
            if fault is WireFault.DOUBLED:
                answer = act()
        except AnswerCut as error:
            raise NoAnswer(str(error)) from error
        if fault is WireFault.CUT:
            return wire_faults.cut(answer, self.dice)
        if fault is WireFault.PART_DOUBLED:
            return wire_faults.with_part_doubled(answer, self.dice)
        return answer

    def _late(self, act: Callable[[], HttpAnswer]) -> None:
        answer = act()
        self.note(f"late effect {answer.status}")


class ProcessTransport:
    """What one process's channel to one service sends its requests through."""

    def __init__(self, wire: Wire, process: Process, side: Side) -> None:
        self._wire = wire
        self._process = process
        self._side = side

    async def exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        """Send a request once."""
        return await self._wire.carry(self._process, self._side, method, url, headers, body)

    async def close(self) -> None:
        """Do nothing: nothing is open."""


def _digest(content: bytes | None) -> str:
    if not content:
        return "-"
    # Only bodies in parts have boundaries; to look for them costs much in whole metadata documents.
    told = _BOUNDARY.sub(b"", content) if content.startswith(b"--") else content
    if b'"access_token"' in told:
        # Signed with a key of the directory's own, which is another one each time.
        told = _TOKEN.sub(b"", told)
    return hashlib.blake2b(told, digest_size=6).hexdigest()
