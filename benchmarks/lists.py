"""How long pages of the list of couplings take on the server: through the same operation as pages and the API."""

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.coupling_state import CONNECTION, fill, names_of
from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.desk.couplings import add_couplings
from interlace.bootstrap.desk.listing_place import OneCommand
from interlace.management.caller import Caller, Door
from interlace.management.couplings import LIST_COUPLINGS, CouplingsListed
from interlace.management.desk import Works
from interlace.management.listing import ListAsked
from interlace.management.permission import Permission
from interlace.settings import load_config

LIMIT_MILLIS = 300.0
_ROUNDS = 9
_CRM = "http://crm.example"
_STEP = 5_000
QUESTIONS: Mapping[str, ListAsked] = {
    "first page": ListAsked(),
    "by name": ListAsked(sort="erp_name"),
    "by name, downwards": ListAsked(sort="-crm_name"),
    "by time": ListAsked(sort="-synchronized_at"),
    "one mapping by name": ListAsked(filters={"mapping": "ITEM-PRODUCT"}, sort="erp_name"),
    "state of few": ListAsked(filters={"state": "broken"}, sort="erp_name"),
    "state of most": ListAsked(filters={"state": "coupled"}, sort="erp_name"),
    "name begins": ListAsked(filters={"erp_name": "Adatum Toys Osl*"}),
    "name holds, rare": ListAsked(filters={"erp_name": "@*toys oslo 77*"}, sort="erp_name"),
    "name holds, frequent": ListAsked(filters={"erp_name": "*Toys*"}, sort="erp_name"),
    "range of numbers": ListAsked(filters={"erp_key": "C0000100..C0000200"}, sort="erp_name"),
    "two columns": ListAsked(filters={"erp_name": "Nord*", "state": "coupled"}, sort="crm_name"),
    "search, nothing found": ListAsked(search="nothing here", sort="erp_name"),
    "search, rare": ListAsked(search="toys oslo 7777", sort="erp_name"),
    "search, frequent": ListAsked(search="toys", sort="erp_name"),
    "search, two characters": ListAsked(search="ad", sort="erp_name"),
    "search, a number": ListAsked(search="c0000123"),
}
"""Typical questions; each is also asked for the page behind its first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTime:
    """How long one question took."""

    question: str
    median_millis: float
    worst_millis: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTimes:
    """What was measured on one memory."""

    couplings: int
    listing_micros: float
    """Processor time to list one coupling, beside the synchronization."""
    pages: Sequence[PageTime]

    @property
    def worst(self) -> PageTime:
        """The slowest question by its median."""
        return max(self.pages, key=lambda each: each.median_millis)

    def lines(self, facts: Mapping[str, object]) -> list[dict[str, object]]:
        """Return the questions as records for trends."""
        return [
            {
                **facts,
                "contender": "lists",
                "scenario": each.question,
                "couplings": self.couplings,
                "median_millis": round(each.median_millis, 1),
                "worst_millis": round(each.worst_millis, 1),
            }
            for each in self.pages
        ]


def measure_lists(directory: Path, couplings: int, rounds: int = _ROUNDS) -> ListTimes:
    """Make a memory with so many couplings and ask for pages of them."""
    overrides = {"state.directory": str(directory / f"lists-{couplings}")}
    config = load_config(environment={}, overrides=overrides)
    with Application(config) as application:
        application.keep(benchmark_connection())
        fill(application.state, couplings)
        begun, listed = time.process_time(), 0
        while number := application.state.coupling_listing.bring_up_to_date(names_of, records=_STEP):
            listed += number
        micros = (time.process_time() - begun) * 1e6 / max(1, listed)
        pages = asyncio.run(_pages(application, rounds))
    return ListTimes(couplings=couplings, listing_micros=micros, pages=pages)


def benchmark_connection() -> Connection:
    """Return the connection whose memory is filled; nothing answers at its addresses."""
    settings = ConnectionSettings(
        name="benchmark",
        erp_address="http://erp.example",
        erp_company="Benchmark",
        erp_user="INTERLACE",
        crm_address=_CRM,
        crm_token_url=f"{_CRM}/token",
        crm_client_id="benchmark",
    )
    return Connection(id=CONNECTION, settings=settings)


async def _pages(application: Application, rounds: int) -> list[PageTime]:
    works = Works()
    add_couplings(works, OneCommand(application))
    work = works.get(LIST_COUPLINGS.name)
    caller = Caller(user_id="", name="benchmark", permissions=frozenset(Permission), door=Door.MACHINE)
    measured = []
    for question, first in QUESTIONS.items():
        millis: list[float] = []
        for _ in range(rounds):
            asked = first
            for _page in range(2):
                begun = time.perf_counter()
                answer = await work(caller, asked)
                millis.append((time.perf_counter() - begun) * 1e3)
                assert isinstance(answer, CouplingsListed)
                if not answer.next_cursor:
                    break
                asked = msgspec.structs.replace(first, cursor=answer.next_cursor)
        measured.append(
            PageTime(question=question, median_millis=statistics.median(millis), worst_millis=max(millis))
        )
    return measured


def print_lists(times: ListTimes) -> None:
    """Print what was measured for people."""
    print(
        f"Pages of {times.couplings:,} couplings, 50 each, with a count (in ms; processor to list one: "
        f"{times.listing_micros:.0f} µs)\n  question                     median   worst"
    )
    for each in times.pages:
        print(f"  {each.question:<26}{each.median_millis:>9.1f}{each.worst_millis:>8.1f}")
    slow = [each.question for each in times.pages if each.median_millis > LIMIT_MILLIS]
    print(f"  over {LIMIT_MILLIS:.0f} ms: {', '.join(slow) or 'none'}", flush=True)
