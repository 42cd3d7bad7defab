"""The engine's store keeps its contract on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from tests.store.conftest import CUSTOMER, SetClock, pair

from interlace.domain.coupling import CouplingState
from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import KEY_SEPARATOR, ErpKey, MappingName
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult, Intent, IntentState, JournalEntry, PassPosition, SynchError
from interlace.engine.store_port import Store
from interlace.store.connection_store import ConnectionStore
from interlace.store.database import Database
from interlace.store.leases import LeaseLost
from interlace.store.state_store import StateStore

TO = Direction.TO_INTEGRATION_TABLE
FROM = Direction.FROM_INTEGRATION_TABLE
MakeJob = Callable[..., SynchJob]


def failed(
    key: str, code: ErrorCode, job_id: str, *, direction: Direction = TO, waits_for: WaitsFor | None = None
) -> SynchError:
    """Make an error of a record."""
    return SynchError(
        mapping=CUSTOMER,
        direction=direction,
        source_key=key,
        error=RecordError(code=code, message=f"{key} failed.", waits_for=waits_for),
        job_id=job_id,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        source_digest=b"\x01" * 16,
    )


def test_it_satisfies_the_engines_port(store: ConnectionStore) -> None:
    """The type checker accepts it where the engine asks for a Store."""
    port: Store = store
    assert port.count_couplings(CUSTOMER) == 0


def test_couplings_come_back_as_they_were_stored(store: ConnectionStore, make_job: MakeJob) -> None:
    """Keys, tags, digests and agreed values survive exactly, decimals with all their digits."""
    money = Decimal("12345678901234567890.10")
    composite = f"10000{KEY_SEPARATOR}Köln „ß“ 'x'"
    first = pair("10000", "a", ("Müller", "Müller"), (money, Decimal("0.00")), (True, None), (-7, 0))
    second = pair(composite, "b")
    store.remember(BatchResult(job=make_job(), couplings=[first, second]))
    assert store.couplings_by_key(CUSTOMER, Side.ERP, ["10000", composite, "none"]) == {
        "10000": first,
        composite: second,
    }
    assert store.couplings_by_key(CUSTOMER, Side.CRM, ["b"]) == {"b": second}
    assert store.partner_keys(CUSTOMER, Side.ERP, ["10000", "none"]) == {"10000": "a"}
    assert store.partner_keys(CUSTOMER, Side.CRM, ["b"]) == {"b": composite}
    read = store.couplings_by_key(CUSTOMER, Side.ERP, ["10000"])["10000"].agreed
    assert read is not None
    _, stored, *_ = read.pairs
    assert stored is not None
    assert str(stored[0]) == str(money)


def test_nothing_is_asked_for_nothing(store: ConnectionStore, make_job: MakeJob) -> None:
    """Empty lists of keys give empty answers."""
    assert store.couplings_by_key(CUSTOMER, Side.ERP, []) == {}
    assert store.partner_keys(CUSTOMER, Side.ERP, []) == {}
    assert store.errors_of(CUSTOMER, TO, []) == {}
    assert store.add_couplings([], make_job()) == []


def test_large_batches_are_stored_whole_and_read_in_key_order(
    store: ConnectionStore, make_job: MakeJob
) -> None:
    """A thousand pairs go in at once, a second time they are overwritten, and pages follow the ERP key."""
    links = [pair(f"{number:05}", f"crm-{number}", ("a", "a")) for number in range(1000)]
    store.remember(BatchResult(job=make_job(), couplings=links))
    store.remember(BatchResult(job=make_job(), couplings=links))
    assert store.count_couplings(CUSTOMER) == 1000
    assert store.couplings_page(CUSTOMER, None, 2) == links[:2]
    assert store.couplings_page(CUSTOMER, ErpKey("00001"), 2) == links[2:4]
    mixed = [pair(key, f"x{key}") for key in ("a", "B", "ä", "Z", "_")]
    store.remember(BatchResult(job=make_job(), couplings=mixed))
    keys = [each.erp_key for each in store.couplings_page(CUSTOMER, ErpKey("00999"), 9)]
    assert keys == sorted(keys)


def test_connections_do_not_see_each_other(state: StateStore, make_job: MakeJob) -> None:
    """The same keys may be coupled in two connections."""
    state.add_connection("other", connection_id="d")
    for connection_id, job_id in (("c", "j1"), ("d", "j2")):
        state.connection_store(connection_id).remember(
            BatchResult(job=make_job(job_id), couplings=[pair("1", "a")])
        )
    assert state.queries.count_couplings("c") == state.queries.count_couplings("d") == {"CUSTOMER": 1}


def test_adding_a_coupled_key_names_its_partner(store: ConnectionStore, make_job: MakeJob) -> None:
    """Each pair is judged by itself: new ones go in, known ones stay, contradictions are errors."""
    store.remember(BatchResult(job=make_job(), couplings=[pair("1", "a", ("v", "v"))]))
    added = [pair("1", "a"), pair("1", "b"), pair("2", "a"), pair("3", "c"), pair("4", "c")]
    same, erp_taken, crm_taken, new, twice = store.add_couplings(added, make_job("j2"))
    assert same is None
    assert new is None
    assert erp_taken is not None
    assert erp_taken.code is ErrorCode.MATCH_ALREADY_COUPLED
    assert "already coupled with the CRM record a" in erp_taken.message
    assert crm_taken is not None
    assert "already coupled with the ERP record 1" in crm_taken.message
    assert twice is not None
    assert "already coupled with the ERP record 3" in twice.message
    kept = store.couplings_by_key(CUSTOMER, Side.ERP, ["1"])["1"]
    assert kept.agreed is not None
    assert store.remove_couplings(CUSTOMER, [ErpKey("1"), ErpKey("9")]) == 1
    assert store.count_couplings(CUSTOMER) == 1


def test_a_partner_can_be_replaced_in_one_batch(store: ConnectionStore, make_job: MakeJob) -> None:
    """Removals come before additions, so a surviving record may get a new partner at once."""
    store.remember(BatchResult(job=make_job(), couplings=[pair("1", "a")]))
    store.remember(
        BatchResult(job=make_job(), removed_couplings=[pair("1", "a")], couplings=[pair("2", "a")])
    )
    assert store.partner_keys(CUSTOMER, Side.CRM, ["a"]) == {"a": "2"}


def test_a_batch_is_stored_whole_or_not_at_all(store: ConnectionStore, make_job: MakeJob) -> None:
    """A record that would get two partners undoes everything else of its batch."""
    job = make_job(run_id="r")
    store.start_job(job)
    store.remember(BatchResult(job=job, couplings=[pair("1", "a")], position="p1"))
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.remember(BatchResult(job=job, couplings=[pair("2", "b"), pair("3", "a")], position="p2"))
    assert store.count_couplings(CUSTOMER) == 1
    position = store.pass_position("r", CUSTOMER, TO)
    assert position is not None
    assert position.after == "p1"


def test_agreed_values_follow_their_rows_into_a_new_layout(store: ConnectionStore, make_job: MakeJob) -> None:
    """Moved rows keep their values, new rows are blank, dropped rows go, and digests are forgotten."""
    store.remap_agreed(CUSTOMER, "L1", ("a>a", "b>b", ">x", ">x"))
    store.remember(
        BatchResult(
            job=make_job(), couplings=[pair("1", "a", (1, 1), (2, 2), (3, 3), (4, 4)), pair("2", "b")]
        )
    )
    store.remap_agreed(CUSTOMER, "L2", (">x", "new>new", "a>a", ">x"))
    both = store.couplings_by_key(CUSTOMER, Side.ERP, ["1", "2"])
    agreed = both["1"].agreed
    assert agreed is not None
    assert agreed.layout == "L2"
    assert agreed.pairs == ((3, 3), (None, None), (1, 1), (4, 4))
    assert (both["1"].erp_digest, both["1"].erp_tag) == (None, "e-1")
    assert both["2"] == pair("2", "b")
    store.remap_agreed(CUSTOMER, "L2", (">x", "new>new", "a>a", ">x"))
    assert store.couplings_by_key(CUSTOMER, Side.ERP, ["1"]) == {"1": both["1"]}


def test_values_of_an_undeclared_layout_count_as_never_agreed(
    store: ConnectionStore, make_job: MakeJob
) -> None:
    """What the rows of a layout were can't be guessed."""
    store.remember(BatchResult(job=make_job(), couplings=[pair("1", "a", (1, 1), layout="lost")]))
    store.remap_agreed(CUSTOMER, "L1", ("a>a",))
    assert store.couplings_by_key(CUSTOMER, Side.ERP, ["1"])["1"].agreed is None


def test_intents_stay_open_until_their_outcome_is_stored(store: ConnectionStore, make_job: MakeJob) -> None:
    """One intent a record: finished ones go, unknown ones stay and say so, announcing again replaces."""

    def intent(key: str, job_id: str = "j1") -> Intent:
        return Intent(
            mapping=CUSTOMER, side=Side.CRM, source_key=f"s{key}", key=key, creates=True, job_id=job_id
        )

    store.announce([intent("a"), intent("b"), intent("c")])
    store.announce([intent("c", "j2")])
    store.remember(BatchResult(job=make_job(), finished_intents=[intent("a")], unknown_intents=[intent("b")]))
    left = store.open_intents(CUSTOMER)
    assert [(each.key, each.state, each.job_id) for each in left] == [
        ("b", IntentState.UNKNOWN, "j1"),
        ("c", IntentState.SENT, "j2"),
    ]
    assert store.open_intents(MappingName("CONTACT")) == []


def test_a_pass_goes_on_where_its_last_batch_ended(store: ConnectionStore, make_job: MakeJob) -> None:
    """The position moves with the counters; no position means unchanged; the last batch finishes the pass."""
    job = make_job(run_id="r")
    assert store.pass_position("r", CUSTOMER, TO) is None
    store.start_job(job)
    assert store.pass_position("r", CUSTOMER, TO) == PassPosition(job=job, after=None, finished=False)
    job.counters.inserted = 5
    store.remember(BatchResult(job=job, position="page 2"))
    store.remember(BatchResult(job=job))
    assert store.pass_position("r", CUSTOMER, TO) == PassPosition(job=job, after="page 2", finished=False)
    again = make_job("j2", run_id="r")
    store.start_job(again)
    assert store.pass_position("r", CUSTOMER, TO) == PassPosition(job=again, after="page 2", finished=False)
    store.remember(BatchResult(job=again, pass_finished=True))
    assert store.pass_position("r", CUSTOMER, TO) == PassPosition(job=again, after=None, finished=True)
    assert store.pass_position("r", CUSTOMER, FROM) is None


def test_cursors_are_kept_for_each_side(store: ConnectionStore) -> None:
    """A cursor can be stored, replaced and forgotten."""
    store.store_cursor(CUSTOMER, Side.CRM, "t1")
    store.store_cursor(CUSTOMER, Side.CRM, "t2")
    store.store_cursor(CUSTOMER, Side.ERP, "e1")
    assert (store.cursor(CUSTOMER, Side.CRM), store.cursor(CUSTOMER, Side.ERP)) == ("t2", "e1")
    store.store_cursor(CUSTOMER, Side.CRM, None)
    assert store.cursor(CUSTOMER, Side.CRM) is None


def test_finished_jobs_are_listed_newest_first(
    state: StateStore, store: ConnectionStore, make_job: MakeJob
) -> None:
    """A job keeps its counters, message and times."""
    older = make_job("j1", counters=Counters(inserted=3, failed=1))
    newer = make_job("j2", started_at=datetime(2026, 1, 2, tzinfo=UTC))
    store.start_job(older)
    store.start_job(newer)
    store.finish_job(newer)
    listed = state.queries.synch_jobs("c")
    assert [each.id for each in listed] == ["j2", "j1"]
    assert listed[0].finished_at is not None
    assert state.queries.synch_job("j1") == older
    assert state.queries.synch_jobs("c", mapping="CONTACT") == []


@pytest.mark.parametrize(
    ("code", "skipped"),
    [
        (ErrorCode.REJECTED_BY_SERVICE, True),
        (ErrorCode.UPDATE_CONFLICT, True),
        (ErrorCode.DEFECT, True),
        (ErrorCode.CHANGED_MEANWHILE, False),
        (ErrorCode.SERVICE_UNAVAILABLE, False),
    ],
)
def test_the_same_failure_in_two_jobs_is_skipped_unless_waiting_may_heal_it(
    store: ConnectionStore, make_job: MakeJob, code: ErrorCode, *, skipped: bool
) -> None:
    """Twice in one job counts once; the second job decides."""
    for _ in range(2):
        store.remember(BatchResult(job=make_job("j1"), errors=[failed("1", code, "j1")]))
    assert store.retry_candidates(CUSTOMER, TO) == ["1"]
    store.remember(BatchResult(job=make_job("j2"), errors=[failed("1", code, "j2")]))
    error = store.errors_of(CUSTOMER, TO, ["1", "2"])["1"]
    assert (error.times, error.skipped, error.source_digest) == (2, skipped, b"\x01" * 16)
    assert store.retry_candidates(CUSTOMER, TO) == ([] if skipped else ["1"])


def test_another_failure_begins_to_count_anew(store: ConnectionStore, make_job: MakeJob) -> None:
    """Only the same cause twice is skipped; a record that went through is forgotten."""
    store.remember(BatchResult(job=make_job("j1"), errors=[failed("1", ErrorCode.REJECTED_BY_SERVICE, "j1")]))
    store.remember(BatchResult(job=make_job("j2"), errors=[failed("1", ErrorCode.UPDATE_CONFLICT, "j2")]))
    assert not store.errors_of(CUSTOMER, TO, ["1"])["1"].skipped
    store.remember(BatchResult(job=make_job("j3"), cleared_errors=[(TO, "1"), (TO, "9")]))
    assert store.errors_of(CUSTOMER, TO, ["1"]) == {}


@pytest.mark.parametrize("direction", [TO, FROM])
def test_a_record_that_waits_for_another_is_due_once_that_one_is_coupled(
    store: ConnectionStore, make_job: MakeJob, direction: Direction
) -> None:
    """The awaited key is one of the source's side."""
    people = MappingName("SALESPEOPLE")
    waits = WaitsFor(mapping=people, key="JO" if direction is TO else "guid-jo")
    for job_id in ("j1", "j2"):
        error = failed("1", ErrorCode.REFERENCE_NOT_COUPLED, job_id, direction=direction, waits_for=waits)
        store.remember(BatchResult(job=make_job(job_id), errors=[error]))
    assert store.retry_candidates(CUSTOMER, direction) == []
    link = pair("JO", "guid-jo")
    store.remember(BatchResult(job=make_job("j3", mapping=people), couplings=[link]))
    assert store.retry_candidates(CUSTOMER, direction) == ["1"]
    assert store.errors_of(CUSTOMER, direction, ["1"])["1"].error.waits_for == waits


def entry(key: str) -> JournalEntry:
    """Make a journal entry."""
    return JournalEntry(
        mapping=CUSTOMER,
        side=Side.CRM,
        key=key,
        action="update",
        job_id="j1",
        before={"name": "old", "limit": Decimal("1.10")},
        after={"name": "new"},
        lost={"name": "theirs"},
    )


def test_the_journals_chain_shows_any_change(
    state: StateStore, store: ConnectionStore, database: Database, make_job: MakeJob
) -> None:
    """An untouched journal holds; a changed entry and a missing end are found."""
    store.remember(BatchResult(job=make_job(), journal=[entry("a"), entry("b")]))
    store.remember(BatchResult(job=make_job(), journal=[entry("c")]))
    verification = state.queries.verify_journal("c")
    assert (verification.holds, verification.entries) == (True, 3)
    newest, *_ = state.queries.journal("c", job_id="j1", limit=1)
    assert isinstance(newest, dict)
    assert newest["key"] == "c"
    assert newest["before"] == {"name": "old", "limit": Decimal("1.10")}
    assert len(state.queries.journal("c", key="b")) == 1
    with database.write() as connection:
        connection.execute(
            sa.text("UPDATE journal SET entry = replace(entry, 'old', 'odd') WHERE sequence = 2")
        )
    assert state.queries.verify_journal("c").first_wrong == 2
    with database.write() as connection:
        connection.execute(sa.text("DELETE FROM journal WHERE sequence >= 2"))
    assert state.queries.verify_journal("c").first_wrong == 2


def test_a_worker_that_lost_its_lease_stores_nothing(
    state: StateStore, make_job: MakeJob, clock: SetClock
) -> None:
    """The older fencing number is void once the lease was taken again; other mappings are not touched."""
    first = state.take_lease("c", CUSTOMER, "worker 1")
    assert first is not None
    sleeper = state.connection_store("c").fenced(CUSTOMER, first)
    sleeper.remember(BatchResult(job=make_job(), couplings=[pair("1", "a")]))
    assert state.take_lease("c", CUSTOMER, "worker 2") is None
    assert state.renew_lease("c", CUSTOMER, first)
    clock.forward(hours=1)
    second = state.take_lease("c", CUSTOMER, "worker 2")
    assert second is not None
    with pytest.raises(LeaseLost, match="taken over the mapping CUSTOMER"):
        sleeper.remember(BatchResult(job=make_job(), couplings=[pair("2", "b")]))
    sleeper.store_cursor(MappingName("CONTACT"), Side.ERP, "x")
    assert not state.renew_lease("c", CUSTOMER, first)
    state.release_lease("c", CUSTOMER, first)
    assert state.take_lease("c", CUSTOMER, "worker 1") is None
    state.release_lease("c", CUSTOMER, second)
    assert state.take_lease("c", CUSTOMER, "worker 1") == 3
    assert state.take_lease("c", CUSTOMER, "worker 1") == 4


def test_broken_couplings_are_kept_and_shown(
    state: StateStore, store: ConnectionStore, make_job: MakeJob
) -> None:
    """The state survives, and a key of either side finds its couplings."""
    broken = pair("1", "a", ("x", "y"))
    broken = type(broken)(
        mapping=CUSTOMER,
        erp_key=broken.erp_key,
        crm_key=broken.crm_key,
        agreed=broken.agreed,
        state=CouplingState.BROKEN,
    )
    store.remember(BatchResult(job=make_job(), couplings=[broken, pair("2", "b")]))
    assert state.queries.couplings_of_key("c", "a") == [broken]
    assert state.queries.couplings_of_key("c", "1", "CUSTOMER") == [broken]
