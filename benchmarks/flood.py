"""How long a page takes for somebody who is signed in while strangers from everywhere guess passwords."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx

from benchmarks.pages import FLOOR, browser_at, signed_in
from interlace.bootstrap.accounts import open_accounts
from interlace.bootstrap.application import Application
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.serving import Server
from interlace.settings import load_config
from interlace.web.app import WebParts, create_web
from interlace.web.security import WebRules

_PAGES = 30
_GUESSERS = 60
"""More than two that are compared and twenty that wait: the rest is sent away."""
LIMIT_MILLIS = 1_000.0
"""What requirement A3 allows for a page that one of twenty exceeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodTimes:
    """What was measured."""

    calm: Sequence[float]
    """Milliseconds of each page while nobody guesses."""
    flooded: Sequence[float]
    answers: Mapping[int, int]
    """How the guesses were answered, by status."""
    seconds: float

    def ratios(self) -> dict[str, float]:
        """Return what the flood costs, and how much is left of what is allowed."""
        return {
            "flood: page under it / without": statistics.median(self.flooded) / statistics.median(self.calm),
            "flood: slowest twentieth of pages, ms / 1000": _p95(self.flooded) / LIMIT_MILLIS,
        }

    def lines(self, facts: Mapping[str, object]) -> list[dict[str, object]]:
        """Return both runs as records for trends."""
        return [
            {
                **facts,
                "contender": "flood",
                "scenario": scenario,
                "median_millis": round(statistics.median(took), 1),
                "p95_millis": round(_p95(took), 1),
                "guesses": dict(self.answers) if scenario == "flooded" else {},
            }
            for scenario, took in (("calm", self.calm), ("flooded", self.flooded))
        ]


def measure_flood(directory: Path) -> FloodTimes:
    """Start a server with one user, and guess passwords of others from ever new addresses."""
    config = load_config(environment={}, overrides={"state.directory": str(directory / "flood")})
    with Application(config) as application:
        accounts = open_accounts(application.state)
        with Server(application) as server:
            desk = open_desk(server, accounts)
            parts = WebParts(desk=desk, accounts=accounts, changes=server.changes, rules=WebRules())
            return asyncio.run(_measured(parts))


async def _measured(parts: WebParts) -> FloodTimes:
    app = create_web(parts)
    async with signed_in(parts.desk, app) as browser:
        await _pages(browser, _PAGES // 10)  # what is read once for all later pages
        calm = await _pages(browser, _PAGES)
        answers: Counter[int] = Counter()
        numbers = count()

        async def guess() -> None:
            """Guess without end, each time from another address and for another name."""
            while True:
                number = next(numbers)
                address = f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"
                async with browser_at(app, address) as stranger:
                    entered = {"name": f"user{number}", "password": "a guess of many", "return_to": "/"}
                    answers[(await stranger.post("/sign-in", data=entered)).status_code] += 1

        begun = time.perf_counter()
        guessers = [asyncio.create_task(guess()) for _ in range(_GUESSERS)]
        flooded = await _pages(browser, _PAGES)
        for each in guessers:
            each.cancel()
        await asyncio.gather(*guessers, return_exceptions=True)
    seconds = time.perf_counter() - begun
    return FloodTimes(calm=calm, flooded=flooded, answers=answers, seconds=seconds)


async def _pages(browser: httpx.AsyncClient, number: int) -> list[float]:
    millis = []
    for _ in range(number):
        begun = time.perf_counter()
        answer = await browser.get(FLOOR)
        assert answer.status_code == httpx.codes.OK, answer.status_code
        millis.append((time.perf_counter() - begun) * 1e3)
    return millis


def _p95(millis: Sequence[float]) -> float:
    return statistics.quantiles(millis, n=20)[-1]


def print_flood(times: FloodTimes) -> None:
    """Print what was measured for people."""
    told = ", ".join(f"{number:,} with {status}" for status, number in sorted(times.answers.items()))
    print(
        f"A page while {_GUESSERS} strangers guess passwords (in ms)\n"
        "              median   p95\n"
        f"  without   {statistics.median(times.calm):>8.1f}{_p95(times.calm):>8.1f}\n"
        f"  under it  {statistics.median(times.flooded):>8.1f}{_p95(times.flooded):>8.1f}\n"
        f"  guesses in {times.seconds:.0f} s: {told}",
        flush=True,
    )
