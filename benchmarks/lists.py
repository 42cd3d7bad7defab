"""How long pages of the list of couplings take on the server: through the same operation as pages and the API."""

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import sqlalchemy as sa

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
from interlace.store.database import open_database
from interlace.store.listing_tables import coupling_listing

LIMIT_MILLIS = 300.0
_CRM = "http://crm.example"
_STEP = 5_000
FLOOR = "floor"
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
    "search, two words": ListAsked(search="toys oslo", sort="erp_name"),
    "search, words that never meet": ListAsked(search="toys wine", sort="erp_name"),
    # Alternatives, conjunctions, opposites, blanks.
    "this or that, frequent": ListAsked(filters={"erp_name": "*Toys*|*Wine*"}, sort="crm_name"),
    "this or that, rare": ListAsked(filters={"erp_name": "*Toys Oslo 77*|*Wine Turku 88*"}, sort="crm_name"),
    "this and that": ListAsked(filters={"erp_name": "*Toys*&*Oslo*"}, sort="crm_name"),
    "this and that, never": ListAsked(filters={"erp_name": "*Toys*&*Wine*"}),
    "this and not that": ListAsked(filters={"erp_name": "*Toys*&<>*Oslo*"}),
    "all but one name": ListAsked(filters={"erp_name": "<>Nobody"}, sort="crm_name"),
    "state, all but": ListAsked(filters={"state": "<>coupled"}, sort="erp_name"),
    "blank names": ListAsked(filters={"erp_name": "''"}, sort="crm_name"),
    "names that are not blank": ListAsked(filters={"erp_name": "<>''"}, sort="crm_name"),
    "never synchronized": ListAsked(filters={"synchronized_at": "''"}, sort="erp_name"),
    "three columns": ListAsked(
        filters={"erp_name": "@*toys*", "state": "coupled", "erp_key": "C00*"}, sort="-synchronized_at"
    ),
    "number ends": ListAsked(filters={"erp_key": "*999"}, sort="erp_name"),
    # What no index knows: neither a beginning nor three characters in a row, or the opposite of them.
    "no three characters": ListAsked(filters={"erp_name": "*x?z*"}, sort="erp_name"),
    "no three characters, by time": ListAsked(filters={"erp_name": "*x?z*"}, sort="-synchronized_at"),
    "all without, last in order": ListAsked(filters={"erp_name": "<>*a*"}, sort="erp_name"),
    "all without, by the other name": ListAsked(filters={"erp_name": "<>*a*"}, sort="crm_name"),
    "all without, and a state": ListAsked(filters={"erp_name": "<>*a*", "state": "coupled"}, sort="erp_name"),
    "id holds": ListAsked(filters={"crm_key": "*zzzz*"}, sort="erp_name"),
    "another day": ListAsked(filters={"synchronized_at": "<>1/1/2026"}, sort="erp_name"),
    "range that ignores no case": ListAsked(filters={"erp_name": "..A"}, sort="crm_name"),
}
"""Typical questions, then the hardest that we know; each is also asked for the page behind its first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTime:
    """How long one question took."""

    question: str
    median_millis: float
    worst_millis: float
    processor_millis: float
    """The median of what the processor did for it: what a page takes where nothing else runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTimes:
    """What was measured on one memory."""

    couplings: int
    listing_micros: float
    """Processor time to list one coupling, beside the synchronization."""
    floor: PageTime
    """Fifty rows by their primary keys."""
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
                "processor_millis": round(each.processor_millis, 1),
            }
            for each in (self.floor, *self.pages)
        ]

    def slow(self, *, of_processor: bool) -> list[str]:
        """Return the questions whose pages take longer than they may, by the wall clock or by the processor's work."""
        return [
            each.question
            for each in self.pages
            if (each.processor_millis if of_processor else each.median_millis) > LIMIT_MILLIS
        ]


def measure_lists(directory: Path, couplings: int, rounds: int) -> ListTimes:
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
        floor, *pages = ask_pages(application, rounds)
    return ListTimes(couplings=couplings, listing_micros=micros, floor=floor, pages=pages)


def ask_pages(application: Application, rounds: int) -> list[PageTime]:
    """Ask a filled memory every question, the floor first."""
    return asyncio.run(_pages(application, rounds))


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
    measured = [_floor(application, rounds)]
    for question, first in QUESTIONS.items():
        clock = _Clock()
        for _ in range(rounds):
            asked = first
            for _page in range(2):
                with clock:
                    answer = await work(caller, asked)
                assert isinstance(answer, CouplingsListed)
                if not answer.next_cursor:
                    break
                asked = msgspec.structs.replace(first, cursor=answer.next_cursor)
        measured.append(clock.page_time(question))
    return measured


def _floor(application: Application, rounds: int) -> PageTime:
    """Read as many rows as a page has by their primary keys."""
    clock, query = _Clock(), sa.select(coupling_listing).where(coupling_listing.c.id.in_(range(1, 51)))
    database = open_database(application.config.database_url)
    try:
        for _ in range(2 * rounds):
            with clock, database.read() as connection:
                connection.execute(query).all()
    finally:
        database.close()
    return clock.page_time(FLOOR)


class _Clock:
    """Times what happens within it, again and again: by the wall clock and by what the processor does."""

    def __init__(self) -> None:
        self._millis: list[float] = []
        self._processor: list[float] = []
        self._begun = (0.0, 0.0)

    def __enter__(self) -> None:
        self._begun = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        begun, processor = self._begun
        self._millis.append((time.perf_counter() - begun) * 1e3)
        self._processor.append((time.process_time() - processor) * 1e3)

    def page_time(self, question: str) -> PageTime:
        """Return what was measured."""
        return PageTime(
            question=question,
            median_millis=statistics.median(self._millis),
            worst_millis=max(self._millis),
            processor_millis=statistics.median(self._processor),
        )


def print_lists(times: ListTimes) -> None:
    """Print what was measured for people."""
    print(
        f"Pages of {times.couplings:,} couplings, 50 each, with a count (in ms; processor to list one: "
        f"{times.listing_micros:.0f} µs)\n"
        "  question                        median   worst processor   / floor"
    )
    for each in (times.floor, *times.pages):
        print(
            f"  {each.question:<29}{each.median_millis:>9.1f}{each.worst_millis:>8.1f}"
            f"{each.processor_millis:>10.1f}{each.processor_millis / times.floor.processor_millis:>10.1f}"
        )
    limit = f"{LIMIT_MILLIS:.0f} ms"
    print(f"  over {limit}: {', '.join(times.slow(of_processor=False)) or 'none'}")
    print(
        f"  over {limit} of the processor: {', '.join(times.slow(of_processor=True)) or 'none'}", flush=True
    )
