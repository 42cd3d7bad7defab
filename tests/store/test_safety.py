"""Bodies of intents, doubtful couplings, marker rows, restored backups and halts are kept as the engine needs them."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from tests.store.conftest import CUSTOMER, SetClock, pair

from interlace.domain.coupling import AgreedValues
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.engine.memory import BatchResult, Intent, IntentState, JournalEntry, MarkerState, SentStamp
from interlace.store.connection_store import ConnectionStore
from interlace.store.database import Database, open_database
from interlace.store.journal import JournalSelection
from interlace.store.leases import LeaseLost
from interlace.store.markers import Restoration
from interlace.store.migrations import migrate
from interlace.store.schema import metadata
from interlace.store.state_store import StateStore

MakeJob = Callable[..., SynchJob]
BOTH = frozenset({Side.ERP, Side.CRM})
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_an_intent_holds_its_body_until_its_outcome_is_stored(
    store: ConnectionStore, make_job: MakeJob
) -> None:
    """The entry, what is agreed once it took effect, mark and stamp come back exactly, unknown ones too."""
    entry = JournalEntry(
        mapping=CUSTOMER,
        side=Side.ERP,
        key="mark",
        source_key="guid",
        action="insert",
        job_id="j1",
        before=None,
        after={"name": "Köln \u2028 ]", "limit": Decimal("12345678901234567890.10"), "blocked": False},
        lost={"name": None},
        agreed_before={"name>name": ("a", "A"), "limit>limit": None},
    )
    whole = Intent(
        mapping=CUSTOMER,
        side=Side.ERP,
        source_key="guid",
        key="mark",
        creates=True,
        job_id="j1",
        entry=entry,
        agreed=AgreedValues(layout="not registered", pairs=(("a", Decimal("1.10")), None, (None, None))),
        marked=True,
        sent=SentStamp(process="p1", elapsed=12345.678901),
    )
    bare = Intent(mapping=CUSTOMER, side=Side.CRM, source_key="1", key="a", creates=False, job_id="j1")
    store.announce([whole, bare])
    assert store.open_intents(CUSTOMER) == [bare, whole]
    store.remember(BatchResult(job=make_job(), finished_intents=[bare], unknown_intents=[whole]))
    assert store.open_intents(CUSTOMER) == [replace(whole, state=IntentState.UNKNOWN)]
    stored = store.open_intents(CUSTOMER)[0].entry
    assert stored is not None
    assert str(stored.after["limit"]) == "12345678901234567890.10"


def test_a_row_of_which_nobody_knows_what_was_agreed_stays_unknown(
    store: ConnectionStore, make_job: MakeJob
) -> None:
    """It is told from a row that was agreed to be blank, and keeps its place in a new layout."""
    store.remap_agreed(CUSTOMER, "L1", ("a>a", "b>b", "c>c"))
    link = pair("1", "a", ("[]", "[]"), ("x", "x"), (None, None))
    assert link.agreed is not None
    link = replace(link, agreed=replace(link.agreed, pairs=(("[]", "[]"), None, (None, None))))
    store.remember(BatchResult(job=make_job(), couplings=[link]))
    assert store.couplings_page(CUSTOMER, None, 9) == [link]
    store.remap_agreed(CUSTOMER, "L2", ("c>c", "b>b", "new>new"))
    (moved,) = store.couplings_page(CUSTOMER, None, 9)
    assert moved.agreed == AgreedValues(layout="L2", pairs=((None, None), None, (None, None)))


def test_a_restored_service_makes_couplings_doubtful_until_they_are_agreed_anew(
    state: StateStore, store: ConnectionStore, make_job: MakeJob
) -> None:
    """Digests and cursors go, agreed values and tags stay; a second restoration adds its side."""
    first, second = pair("1", "a", ("v", "v")), pair("2", "b", ("w", "w"))
    other = MappingName("CONTACT")
    store.remember(BatchResult(job=make_job(), couplings=[first, second]))
    store.remember(BatchResult(job=make_job("j2", mapping=other), couplings=[pair("1", "a")]))
    for side in Side:
        store.store_cursor(CUSTOMER, side, "c")
        store.store_cursor(other, side, "c")
    store.note_restored(CUSTOMER, {Side.CRM}, at=NOW)
    forgotten = replace(first, erp_digest=None, crm_digest=None, doubtful=frozenset({Side.CRM}))
    assert store.couplings_by_key(CUSTOMER, Side.ERP, ["1"]) == {"1": forgotten}
    assert [store.cursor(CUSTOMER, side) for side in Side] == [None, None]
    assert store.cursor(other, Side.ERP) == "c"
    store.remember(BatchResult(job=make_job(), couplings=[second]))
    store.note_restored(CUSTOMER, {Side.ERP}, at=datetime(2026, 1, 2, tzinfo=UTC))
    store.note_restored(CUSTOMER, (), at=datetime(2026, 1, 3, tzinfo=UTC))
    doubts = {each.erp_key: each.doubtful for each in store.couplings_page(CUSTOMER, None, 9)}
    assert doubts == {"1": BOTH, "2": frozenset({Side.ERP})}
    store.remap_agreed(CUSTOMER, "L2", ("a>a",))
    assert store.couplings_page(CUSTOMER, None, 1)[0].doubtful == BOTH
    assert state.queries.restorations("c") == [
        Restoration(mapping=CUSTOMER, side=None, at=datetime(2026, 1, 3, tzinfo=UTC)),
        Restoration(mapping=CUSTOMER, side=Side.ERP, at=datetime(2026, 1, 2, tzinfo=UTC)),
        Restoration(mapping=CUSTOMER, side=Side.CRM, at=NOW),
    ]
    assert state.queries.restorations("c", mapping="CONTACT") == []


def test_both_services_restored_at_once_are_listed_each(state: StateStore, store: ConnectionStore) -> None:
    """One line a service, in a fixed order."""
    store.note_restored(CUSTOMER, BOTH, at=NOW)
    assert {each.side for each in state.queries.restorations("c")} == BOTH


def test_noting_a_restoration_of_a_large_mapping_is_quick(
    store: ConnectionStore, database: Database, make_job: MakeJob
) -> None:
    """A hundred thousand couplings take one statement and few seconds, even on a busy machine."""
    store.remember(BatchResult(job=make_job(), couplings=[pair("1", "a", ("v", "v"))]))
    numbers = "WITH RECURSIVE n(i) AS (SELECT 100000 UNION ALL SELECT i + 1 FROM n WHERE i < 199999)"
    kind = "bytea" if database.is_postgresql else "BLOB"
    with database.write() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO coupling (mapping_id, erp_key, crm_key, state, erp_digest) {numbers} "
            f"SELECT 1, CAST(i AS TEXT), 'crm-' || i, 'coupled', CAST('0123456789abcdef' AS {kind}) FROM n"
        )
    begun = time.perf_counter()
    store.note_restored(CUSTOMER, {Side.ERP}, at=NOW)
    elapsed = time.perf_counter() - begun
    last = store.couplings_by_key(CUSTOMER, Side.ERP, ["199999"])["199999"]
    assert (last.doubtful, last.erp_digest) == (frozenset({Side.ERP}), None)
    assert elapsed < 5


def test_what_is_known_of_a_marker_row_is_kept_by_mapping_and_side(store: ConnectionStore) -> None:
    """Nothing is known at first; what was sent and what was acknowledged are kept apart."""
    assert store.marker_state(CUSTOMER, Side.ERP) == MarkerState()
    store.store_marker_state(CUSTOMER, Side.ERP, MarkerState(acknowledged=1, sent=2))
    store.store_marker_state(CUSTOMER, Side.CRM, MarkerState(acknowledged=2**40, sent=2**40))
    store.store_marker_state(CUSTOMER, Side.ERP, MarkerState(acknowledged=2, sent=2))
    assert store.marker_state(CUSTOMER, Side.ERP) == MarkerState(acknowledged=2, sent=2)
    assert store.marker_state(CUSTOMER, Side.CRM) == MarkerState(acknowledged=2**40, sent=2**40)
    assert store.marker_state(MappingName("CONTACT"), Side.ERP) == MarkerState()
    with pytest.raises(Exception, match="marker_order"):
        store.store_marker_state(CUSTOMER, Side.ERP, MarkerState(acknowledged=3, sent=2))


def test_what_is_known_of_a_marker_row_outlives_its_mapping(
    state: StateStore, store: ConnectionStore, make_job: MakeJob
) -> None:
    """The row stays in the service: a mapping that is added under the old name must know who wrote it."""
    written = MarkerState(acknowledged=4, sent=5)
    store.store_marker_state(CUSTOMER, Side.ERP, written)
    state.store_mapping_settings("c", CUSTOMER, {"direction": "Bidirectional"})
    store.remember(BatchResult(job=make_job("j1"), couplings=[pair("10000", "7ac0")]))
    state.remove_mapping("c", CUSTOMER)
    assert state.mapping_settings("c") == {}
    anew = state.connection_store("c")
    assert anew.count_couplings(CUSTOMER) == 0
    assert anew.marker_state(CUSTOMER, Side.ERP) == written
    assert anew.marker_state(CUSTOMER, Side.CRM) == MarkerState()
    state.remove_mapping("c", "CONTACT")
    assert anew.marker_state(MappingName("CONTACT"), Side.ERP) == MarkerState()


def test_a_worker_of_a_removed_mapping_cannot_commit_to_the_one_added_under_its_name(
    state: StateStore,
) -> None:
    """The lease's numbers go on: none is given out twice, neither to the removal nor to a run of the new mapping."""
    slept = state.take_lease("c", CUSTOMER, "a run")
    assert slept is not None
    state.release_lease("c", CUSTOMER, slept)
    removal = state.take_lease("c", CUSTOMER, "a removal")
    assert removal is not None
    state.remove_mapping("c", CUSTOMER)
    state.release_lease("c", CUSTOMER, removal)
    assert state.take_lease("c", CUSTOMER, "a run of the new one") == removal + 1
    late = state.connection_store("c").fenced(CUSTOMER, slept)
    with pytest.raises(LeaseLost):
        late.store_marker_state(CUSTOMER, Side.ERP, MarkerState(acknowledged=3, sent=3))


def a_halt(**changes: object) -> SafetyHalt:
    """Make a halt of CUSTOMER."""
    made = SafetyHalt(
        mapping=CUSTOMER,
        kind=HaltKind.MASS_DELETION,
        side=Side.CRM,
        count=300,
        of=1000,
        raised_at=NOW,
        message="Nothing was written.",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_halt_stands_until_it_is_released_and_a_run_has_gone_through(
    state: StateStore, store: ConnectionStore
) -> None:
    """A newer halt replaces it, a person releases it once, and the run that follows forgets it."""
    assert store.halt(CUSTOMER) is None
    store.store_halt(a_halt(kind=HaltKind.MARKER_GONE))
    store.store_halt(a_halt())
    store.store_halt(a_halt(mapping=MappingName("CONTACT"), raised_at=datetime(2026, 1, 2, tzinfo=UTC)))
    assert store.halt(CUSTOMER) == a_halt()
    assert [each.mapping for each in state.queries.halts("c")] == ["CONTACT", "CUSTOMER"]
    assert store.release_halt(CUSTOMER, "Jo")
    assert not store.release_halt(CUSTOMER, "Ann")
    assert store.halt(CUSTOMER) == a_halt(released_by="Jo")
    assert state.queries.halts("c", mapping="CUSTOMER") == [a_halt(released_by="Jo")]
    store.end_halt(CUSTOMER)
    assert store.halt(CUSTOMER) is None
    assert not store.release_halt(CUSTOMER, "Jo")


def test_a_worker_that_lost_its_lease_changes_nothing_of_these(state: StateStore, clock: SetClock) -> None:
    """Markers, restorations and halts are fenced like everything else of a mapping."""
    fence = state.take_lease("c", CUSTOMER, "worker 1")
    assert fence is not None
    sleeper = state.connection_store("c").fenced(CUSTOMER, fence)
    clock.forward(hours=1)
    state.take_lease("c", CUSTOMER, "worker 2")
    attempts: tuple[Callable[[], None], ...] = (
        lambda: sleeper.store_marker_state(CUSTOMER, Side.ERP, MarkerState(sent=1)),
        lambda: sleeper.note_restored(CUSTOMER, {Side.ERP}, at=NOW),
        lambda: sleeper.store_halt(a_halt()),
        lambda: sleeper.end_halt(CUSTOMER),
    )
    for attempt in attempts:
        with pytest.raises(LeaseLost):
            attempt()
    assert state.queries.restorations("c") == []


def test_a_database_of_the_first_version_keeps_what_it_holds(url: str) -> None:
    """Its journal is found by record afterwards, its chain holds, its couplings are not doubtful."""
    opened = open_database(url)
    with opened.write() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        migrate(connection, "0001")
        digest = hashlib.blake2b(bytes(16) + _ENTRY.encode(), digest_size=16).digest()
        for statement in _FIRST_VERSION:
            connection.execute(sa.text(statement), {"entry": _ENTRY, "digest": digest})
    opened.close()
    with StateStore.open(url) as state:
        store = state.connection_store("c")
        link = store.couplings_by_key(CUSTOMER, Side.ERP, ["1"])["1"]
        assert (link.crm_key, link.doubtful) == ("a", frozenset())
        assert [(each.key, each.entry, each.sent) for each in store.open_intents(CUSTOMER)] == [
            ("b", None, None)
        ]
        assert store.journalled_deletions(CUSTOMER, Side.CRM, ["a", "b"]) == {"a"}
        assert store.earlier_values(CUSTOMER, [ErpKey("1")]) == {}
        assert [each.entry.key for each in state.queries.journalled_writes("c", JournalSelection())] == ["a"]
        assert state.queries.verify_journal("c").holds


_ENTRY = (
    '{"action":"delete","after":{},"at":"2026-01-01T00:00:00.000000Z","before":null,"job_id":"j","key":"a",'
    '"lost":{},"mapping":"CUSTOMER","side":"crm"}'
)
_FIRST_VERSION = (
    "INSERT INTO connection (id, name, created_at) VALUES ('c', 'c', '')",
    "INSERT INTO integration_table_mapping (id, connection_id, name) VALUES (1, 'c', 'CUSTOMER')",
    "INSERT INTO coupling (mapping_id, erp_key, crm_key, state) VALUES (1, '1', 'a', 'coupled')",
    (
        "INSERT INTO intent (mapping_id, side, key, source_key, creates, job_id, state) "
        "VALUES (1, 'crm', 'b', '2', true, 'j', 'sent')"
    ),
    (
        "INSERT INTO journal (connection_id, sequence, job_id, key, entry, digest) "
        "VALUES ('c', 1, 'j', 'a', :entry, :digest)"
    ),
    "INSERT INTO journal_head (connection_id, sequence, digest) VALUES ('c', 1, :digest)",
)
