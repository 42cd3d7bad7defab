"""Listed couplings to test with, and how their statements are carried out."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from tests.store.conftest import CUSTOMER, pair

from interlace.domain.coupling import Coupling, CouplingState
from interlace.domain.filter_language import FieldKind, FilteredField, Reading, parse_filter
from interlace.domain.filter_nodes import Filter
from interlace.domain.keys import MappingName
from interlace.domain.record_names import RecordNames
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.engine.memory import BatchResult
from interlace.store import coupling_list, time_limit
from interlace.store.connection_store import ConnectionStore
from interlace.store.coupling_search import COUPLINGS
from interlace.store.database import Database
from interlace.store.listing_tables import LISTED_STATES
from interlace.store.state_store import StateStore

ITEM = MappingName("ITEM")
ROWS = ("Name>name", "Customer_No>accountid")
WORDS = ("Adatum", "ærlig", "Ærø", "Toys", "toys", "Bakery", "1-2", 'a "b"', "Ёлка", "%_", "*?")
MakeJob = Callable[..., SynchJob]


def names_of(_connection: str, _mapping: MappingName) -> RecordNames:
    """Return what names the records."""
    return RecordNames(row_ids=ROWS, layout="L1", erp_rows=ROWS[:1], crm_rows=ROWS[:1])


def filtered(**typed: str) -> dict[str, Filter]:
    """Understand filters by column."""
    reading = Reading(now=datetime(2026, 1, 1, tzinfo=UTC))
    kinds = {name: stored.kind for name, stored in COUPLINGS.columns.items()}
    states = tuple((state, state) for state in LISTED_STATES)
    return {
        name: parse_filter(text, FilteredField(kind=kinds.get(name, FieldKind.TEXT), choices=states), reading)
        for name, text in typed.items()
    }


def catch_up(state: StateStore, records: int = 1_000) -> None:
    """List everything that waits."""
    while state.coupling_listing.bring_up_to_date(names_of, records=records):
        pass


def named(number: int, name: str, crm_name: str | None = None, mapping: MappingName = CUSTOMER) -> Coupling:
    """Make a coupling whose records have names."""
    made = pair(f"C{number:04}", f"{number:08x}-id", (name, crm_name or name), ("C1", "guid"))
    return replace(made, mapping=mapping)


def give_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the quick ways time: on a busy machine the slower ones are taken, and find the same."""
    monkeypatch.setattr(coupling_list, "_FIND_SECONDS", 60)
    for walk in ("_WALK_SECONDS", "_NARROW_WALK_SECONDS"):
        monkeypatch.setattr(coupling_list, walk, 60)
    monkeypatch.setattr(coupling_list, "_COUNT_SECONDS", 60)


def list_couplings(state: StateStore, store: ConnectionStore, make_job: MakeJob) -> list[Coupling]:
    """Three hundred listed couplings in two mappings."""
    chance = random.Random(7)
    made = []
    for mapping, count in ((CUSTOMER, 250), (ITEM, 50)):
        own = [
            named(number, " ".join(chance.choices(WORDS, k=chance.randint(0, 3))), mapping=mapping)
            for number in range(count)
        ]
        own[7] = replace(own[7], state=CouplingState.BROKEN)
        own[9] = replace(own[9], agreed=None)
        own[11] = replace(own[11], doubtful=frozenset({Side.CRM}))
        job = make_job(f"job of {mapping}", mapping=mapping)
        store.remap_agreed(mapping, "L1", ROWS)
        store.remember(BatchResult(job=job, couplings=tuple(own)))
        made += own
    catch_up(state)
    return made


def no_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """End every walk at once, so that each row is looked at."""
    for walk in ("_WALK_SECONDS", "_NARROW_WALK_SECONDS"):
        monkeypatch.setattr(coupling_list, walk, -1)
    monkeypatch.setattr(time_limit, "_STEPS", 300)


def plan_of(database: Database, run: Callable[[], object]) -> str:
    """Return how SQLite carries out the statements that a function runs."""
    statements: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            statements.append((statement, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        run()
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
    with database.read() as connection:
        rows = [
            str(row[3])
            for statement, parameters in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    return "\n".join(rows)
