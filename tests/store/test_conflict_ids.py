"""One conflict is found by its id, by its record and by what it has in common with others, without reading the rest."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from tests.domain.test_conflict import DELETION, UPDATE
from tests.store.coupling_rows import plan_of
from tests.store.test_database import describe

from interlace.domain.conflict import Conflict
from interlace.domain.errors import RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult, SynchError
from interlace.store.conflict_list import CONFLICTS, called
from interlace.store.connection_store import ConnectionStore
from interlace.store.database import Database, open_database
from interlace.store.keyset import PageAsked
from interlace.store.migrations import migrate
from interlace.store.migrations.versions import (
    address_proofs_0016,
    conflict_ids_0014,
    names_in_indexes_0015,
    record_owners_0017,
)
from interlace.store.queries import StoreQueries
from interlace.store.record_lists import RecordLists
from interlace.store.schema import metadata
from interlace.store.state_store import StateStore

TO = Direction.TO_INTEGRATION_TABLE
NEWER = (conflict_ids_0014, names_in_indexes_0015, address_proofs_0016, record_owners_0017)
"""What came after the version before conflicts had stored ids, in the order in which it runs."""
JOB = SynchJob(
    id="j", mapping=UPDATE.mapping, direction=TO, started_at=UPDATE.detected_at, counters=Counters()
)


def numbered(number: int, like: Conflict = UPDATE) -> Conflict:
    """Return a conflict of another pair, seen so many minutes later."""
    return replace(
        like,
        erp=replace(like.erp, key=f"E{number}"),
        crm=replace(like.crm, key=f"c{number}"),
        detected_at=like.detected_at + timedelta(minutes=number),
    )


def remember(store: ConnectionStore, *conflicts: Conflict) -> None:
    """Store conflicts as a run does, each with the error that keeps it open."""
    errors = [
        SynchError(
            mapping=each.mapping,
            direction=TO,
            source_key=each.erp.key,
            error=RecordError(code=each.code, message="Decide."),
            job_id=JOB.id,
            at=each.detected_at,
        )
        for each in conflicts
    ]
    store.remember(BatchResult(job=JOB, conflicts=conflicts, errors=errors))


def test_conflicts_are_found_by_their_ids(state: StateStore, store: ConnectionStore) -> None:
    """Each as it was seen; what is settled, or was never there, is left out."""
    first, second, settled = numbered(1), numbered(2, DELETION), numbered(3)
    remember(store, first, second, settled)
    store.remember(BatchResult(job=JOB, settled_pairs=[settled.erp_key]))
    found = state.queries.conflicts_called("c", [first.id, second.id, settled.id, "0000000000"])
    assert found == {first.id: first, second.id: second}


def test_an_id_ends_with_what_was_seen(state: StateStore, store: ConnectionStore) -> None:
    """A record changes: the pair's conflict has a new id, and the old one is nobody's."""
    seen = numbered(1)
    moved = replace(seen, erp=replace(seen.erp, digest=b"changed"))
    remember(store, seen)
    remember(store, moved)
    assert state.queries.conflicts_called("c", [seen.id, moved.id]) == {moved.id: moved}


def test_connections_with_the_same_services_have_the_same_ids(
    state: StateStore, store: ConnectionStore
) -> None:
    """Each finds its own."""
    own = numbered(1)
    theirs = replace(own, detected_at=own.detected_at + timedelta(days=1))
    state.add_connection("d", connection_id="d")
    remember(store, own)
    remember(state.connection_store("d"), theirs)
    assert own.id == theirs.id
    assert state.queries.conflicts_called("c", [own.id]) == {own.id: own}
    assert state.queries.conflicts_called("d", [own.id]) == {own.id: theirs}


def test_conflicts_are_found_by_the_key_of_either_record(state: StateStore, store: ConnectionStore) -> None:
    """As people read and type it: the parts of a composite one with commas between them."""
    plain = numbered(1)
    of_parts = replace(numbered(2), erp=replace(plain.erp, key=f"Order{KEY_SEPARATOR}102"))
    remember(store, plain, of_parts)
    found = {
        key: state.queries.conflicts_of_record("c", key)
        for key in ("E1", "c1", "Order, 102", "c2", "102", plain.id)
    }
    assert found == {
        "E1": [plain],
        "c1": [plain],
        "Order, 102": [of_parts],
        "c2": [of_parts],
        "102": [],
        plain.id: [],
    }


def test_alike_are_the_others_of_the_same_fields_kind_and_deleted_side(
    state: StateStore, store: ConnectionStore
) -> None:
    """The newest first, and no more than asked for."""
    of_one_field = replace(numbered(4), rows=UPDATE.rows[:1])
    erp_gone = replace(numbered(6, DELETION), erp=replace(DELETION.crm, key="E6"), crm=UPDATE.erp)
    alike = [numbered(number) for number in (3, 2, 1)]
    remember(store, *alike, of_one_field, numbered(5, DELETION), erp_gone)
    queries = state.queries
    assert queries.conflicts_alike("c", alike[1]) == [alike[0], alike[2]]
    assert queries.conflicts_alike("c", alike[1], 1) == [alike[0]]
    assert [queries.conflicts_alike("c", each) for each in (of_one_field, erp_gone)] == [[], []]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (
            lambda queries, _: queries.conflicts_called("c", [UPDATE.id]),
            "conflict_by_id (mapping_id=? AND id=?)",
        ),
        (
            lambda queries, _: queries.conflicts_alike("c", UPDATE, 101),
            "conflict_by_likeness (mapping_id=? AND likeness=?)",
        ),
        (
            lambda _, lists: lists.page(called(UPDATE.id), "c", _one()),
            "conflict_by_id (mapping_id=? AND id=?)",
        ),
        (
            lambda _, lists: lists.page(CONFLICTS, "c", _one(after=("2026-01-01", 1, "E1"))),
            "conflict_by_time (mapping_id=? AND (detected_at,erp_key)<(?,?))",
        ),
    ],
    ids=["by id", "alike", "in the list", "the next"],
)
def test_an_index_finds_them(
    store: ConnectionStore,
    database: Database,
    ask: Callable[[StoreQueries, RecordLists], object],
    index: str,
) -> None:
    """However many are open: no statement looks through the table."""
    remember(store, UPDATE)
    plan = plan_of(database, lambda: ask(StoreQueries(database), RecordLists(database)))
    assert index in plan
    assert "SCAN conflict" not in plan


def _one(**more: object) -> PageAsked:
    """Ask for one conflict of the list."""
    wanted = {"sort": "detected_at", "descending": True, "limit": 1, "counted": False, **more}
    return PageAsked(**wanted)  # type: ignore[arg-type]


def test_conflicts_of_the_version_before_are_found_by_the_ids_they_had(url: str) -> None:
    """The migration computes them, some rows at a time, as the program does; taken back, it leaves no trace."""
    opened = open_database(url)
    with opened.write() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        migrate(connection, "0013")
    before = describe(opened)
    with opened.write() as connection:
        migrate(connection)
    after = describe(opened)
    erp_gone = replace(numbered(2, DELETION), erp=replace(DELETION.crm, key="E2"), crm=UPDATE.erp)
    known = [*(numbered(number + 10) for number in range(2_001)), numbered(1, DELETION), erp_gone]
    with StateStore.open(url) as state:
        state.add_connection("c", connection_id="c")
        remember(state.connection_store("c"), *known)
    with opened.write() as connection, Operations.context(MigrationContext.configure(connection)):
        for each in reversed(NEWER):
            each.downgrade()
    assert describe(opened) == before
    with opened.write() as connection, Operations.context(MigrationContext.configure(connection)):
        for each in NEWER:
            each.upgrade()
    assert describe(opened) == after
    opened.close()
    with StateStore.open(url) as state:
        assert state.queries.conflicts_called("c", [each.id for each in known]) == {
            each.id: each for each in known
        }
        assert len(state.queries.conflicts_alike("c", known[0])) == 2_000
        assert [state.queries.conflicts_alike("c", each) for each in known[-2:]] == [[], []]
