"""The store and the simulator's model of it give the same answers to the same calls, whatever their order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from tests.store.conftest import SetClock

from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.values import Value
from interlace.engine.memory import BatchResult, Intent, JournalEntry, MarkerState, SentStamp, SynchError
from interlace.engine.store_port import Store
from interlace.store.leases import LeaseLost
from interlace.store.state_store import StateStore
from interlace.testing.simulator import model_store

Answer = TypeVar("Answer")

MAPPINGS = (MappingName("CUSTOMER"), MappingName("CONTACT"))
ERP_KEYS = tuple(ErpKey(f"1000{number}") for number in range(5))
CRM_KEYS = tuple(CrmKey(f"guid-{number}") for number in range(5))
KEYS: dict[Side, tuple[str, ...]] = {Side.ERP: ERP_KEYS, Side.CRM: CRM_KEYS}
LAYOUTS = {"L1": ("name>name", "limit>limit"), "L2": ("limit>limit", "phone>phone", "name>name")}
WORKERS = ("worker 1", "worker 2")
LEASE_SECONDS = 120.0
NOW = datetime(2026, 1, 1, tzinfo=UTC)

sides = st.sampled_from(tuple(Side))
mappings = st.sampled_from(MAPPINGS)
directions = st.sampled_from((Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE))
erp_keys, crm_keys = st.sampled_from(ERP_KEYS), st.sampled_from(CRM_KEYS)
values: st.SearchStrategy[Value] = st.sampled_from(("a", "[]", "", 1, Decimal("1.10"), True, None))
agreed_pairs = st.none() | st.tuples(values, values)
digests = st.none() | st.sampled_from((b"\x00\xff", b"\x01"))
texts = st.none() | st.sampled_from(("t1", "t2"))
run_ids = st.none() | st.just("run")
doubts = st.frozensets(sides)


@st.composite
def agreed_values(draw: st.DrawFn) -> AgreedValues | None:
    """What a pair agreed on, in one of the layouts, or nothing."""
    layout = draw(st.none() | st.sampled_from(tuple(LAYOUTS)))
    if layout is None:
        return None
    return AgreedValues(layout=layout, pairs=tuple(draw(agreed_pairs) for _ in LAYOUTS[layout]))


@st.composite
def couplings(draw: st.DrawFn) -> Coupling:
    """A pair of any two records; the mapping is set by the rule."""
    return Coupling(
        mapping=MAPPINGS[0],
        erp_key=draw(erp_keys),
        crm_key=draw(crm_keys),
        agreed=draw(agreed_values()),
        erp_tag=draw(texts),
        crm_tag=draw(texts),
        erp_digest=draw(digests),
        crm_digest=draw(digests),
        doubtful=draw(doubts),
    )


@st.composite
def entries(draw: st.DrawFn) -> JournalEntry:
    """A journal entry about any pair."""
    side = draw(sides)
    return JournalEntry(
        mapping=draw(mappings),
        side=side,
        key=draw(st.sampled_from(KEYS[side])),
        source_key=draw(st.sampled_from(KEYS[side.other])),
        action=draw(st.sampled_from(("insert", "modify", "delete", "removecoupling"))),
        job_id="j",
        before=draw(st.none() | st.dictionaries(st.just("name"), values)),
        after=draw(st.dictionaries(st.sampled_from(("name", "limit")), values)),
        lost=draw(st.dictionaries(st.just("name"), values)),
        agreed_before=draw(st.dictionaries(st.sampled_from(LAYOUTS["L1"]), agreed_pairs)),
        certain=draw(st.booleans()),
    )


@st.composite
def intents(draw: st.DrawFn) -> Intent:
    """An announced write, with or without its body."""
    entry = draw(entries())
    return Intent(
        mapping=entry.mapping,
        side=entry.side,
        source_key=entry.source_key,
        key=entry.key,
        creates=draw(st.booleans()),
        job_id="j",
        entry=draw(st.none() | st.just(entry)),
        agreed=draw(agreed_values()),
        marked=draw(st.booleans()),
        sent=draw(st.none() | st.builds(SentStamp, process=st.just("p"), elapsed=st.floats(0, 1e6))),
    )


@st.composite
def failures(draw: st.DrawFn) -> SynchError:
    """A record that failed, for a cause that is never parked: when those wake is the real store's own matter."""
    direction = draw(directions)
    side = Side.ERP if direction is Direction.TO_INTEGRATION_TABLE else Side.CRM
    keys = st.sampled_from(KEYS[side])
    waits = draw(st.none() | st.builds(WaitsFor, mapping=mappings, key=keys))
    code = ErrorCode.REFERENCE_NOT_COUPLED if waits else ErrorCode.SERVICE_UNAVAILABLE
    return SynchError(
        mapping=MAPPINGS[0],
        direction=direction,
        source_key=draw(keys),
        error=RecordError(code=code, message=draw(st.sampled_from(("Wait.", "Try again."))), waits_for=waits),
        job_id="j",
        at=NOW,
        source_digest=draw(digests),
    )


class StoreAndModel(RuleBasedStateMachine):
    """Makes each call to both and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SetClock()
        self.state = StateStore.open("sqlite://", clock=self.clock)
        self.state.add_connection("c", connection_id="c")
        self.memory = model_store.Memory(MAPPINGS)
        self.real: Store = self.state.connection_store("c")
        self.model: Store = model_store.ModelStore(self.memory, lambda: None)
        self.fences: dict[tuple[MappingName, str], int] = {}
        self.jobs = 0

    def teardown(self) -> None:
        """Compare everything once more, and close the store."""
        for mapping in MAPPINGS:
            self.compare_records(mapping)
            self.compare_earlier_values(mapping)
            for direction in (Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE):
                self.compare_passes_and_errors(mapping, direction)
        self.state.close()

    @initialize()
    def name_the_layouts(self) -> None:
        """Register what the rows of each layout are, as every run does first."""
        for mapping in MAPPINGS:
            for layout, rows in LAYOUTS.items():
                self.both(lambda store, m=mapping, n=layout, r=rows: store.remap_agreed(m, n, r))  # type: ignore[misc]

    def both(self, call: Callable[[Store], Answer]) -> Answer:
        """Make a call to both stores; gives their answer."""
        real, model = call(self.real), call(self.model)
        assert real == model
        return real

    def job(self, mapping: MappingName, direction: Direction, run_id: str | None) -> SynchJob:
        """Start another job."""
        self.jobs += 1
        return SynchJob(
            id=f"j{self.jobs}",
            mapping=mapping,
            direction=direction,
            started_at=NOW,
            counters=Counters(inserted=self.jobs),
            run_id=run_id,
        )

    def couplable(self, mapping: MappingName, wanted: list[Coupling]) -> list[Coupling]:
        """Leave out what would give one record two partners, which both refuse in their own words."""
        held = {each.erp_key: each.crm_key for each in self.real.couplings_page(mapping, None, 99)}
        chosen: dict[str, Coupling] = {}
        for each in wanted:
            taken = {crm for erp, crm in held.items() if erp != each.erp_key}
            if each.erp_key not in chosen and each.crm_key not in taken:
                chosen[each.erp_key] = replace(each, mapping=mapping)
                held[each.erp_key] = each.crm_key
        return list(chosen.values())

    @rule(
        mapping=mappings,
        direction=directions,
        run_id=run_ids,
        linked=st.lists(couplings(), max_size=4),
        journal=st.lists(entries(), max_size=3),
        unknown=st.lists(intents(), max_size=2),
        errors=st.lists(failures(), max_size=3),
        position=texts,
        finished=st.booleans(),
    )
    def remember(
        self,
        mapping: MappingName,
        direction: Direction,
        run_id: str | None,
        linked: list[Coupling],
        journal: list[JournalEntry],
        unknown: list[Intent],
        errors: list[SynchError],
        position: str | None,
        *,
        finished: bool,
    ) -> None:
        """Store a batch with everything in it."""
        job = self.job(mapping, direction, run_id)
        failed = {(each.direction, each.source_key): each for each in errors}
        result = BatchResult(
            job=job,
            couplings=self.couplable(mapping, linked),
            journal=journal,
            unknown_intents=[replace(each, mapping=mapping) for each in unknown],
            errors=[replace(each, mapping=mapping, job_id=job.id) for each in failed.values()],
            position=position,
            pass_finished=finished,
        )
        self.both(lambda store: store.remember(result))

    @rule(
        mapping=mappings,
        direction=directions,
        gone=st.sets(erp_keys, max_size=2),
        cleared=st.lists(st.tuples(directions, st.sampled_from(ERP_KEYS + CRM_KEYS)), max_size=4),
        closed=st.integers(0, 3),
    )
    def settle(
        self,
        mapping: MappingName,
        direction: Direction,
        gone: set[ErpKey],
        cleared: list[tuple[Direction, str]],
        closed: int,
    ) -> None:
        """Store a batch that ends things: intents, errors and couplings."""
        held = self.real.couplings_by_key(mapping, Side.ERP, sorted(gone))
        result = BatchResult(
            job=self.job(mapping, direction, None),
            removed_couplings=[held[key] for key in sorted(held)],
            finished_intents=self.real.open_intents(mapping)[:closed],
            cleared_errors=cleared,
        )
        self.both(lambda store: store.remember(result))

    @rule(announced=st.lists(intents(), max_size=4))
    def announce(self, announced: list[Intent]) -> None:
        """Announce writes, some of them anew."""
        distinct = {(each.mapping, each.side, each.key): each for each in announced}
        self.both(lambda store: store.announce(list(distinct.values())))

    @rule(mapping=mappings, added=st.lists(couplings(), max_size=3))
    def add_couplings(self, mapping: MappingName, added: list[Coupling]) -> None:
        """Couple by hand: both refuse the same pairs."""
        job = self.job(mapping, Direction.TO_INTEGRATION_TABLE, None)
        pairs = [replace(each, mapping=mapping) for each in added]

        def codes(store: Store) -> list[ErrorCode | None]:
            errors = store.add_couplings(pairs, job)
            return [None if each is None else each.code for each in errors]

        self.both(codes)

    @rule(mapping=mappings, keys=st.sets(erp_keys, max_size=3))
    def remove_couplings(self, mapping: MappingName, keys: set[ErpKey]) -> None:
        """Uncouple by hand."""
        self.both(lambda store: store.remove_couplings(mapping, sorted(keys)))

    @rule(mapping=mappings, layout=st.sampled_from(tuple(LAYOUTS)))
    def remap(self, mapping: MappingName, layout: str) -> None:
        """Change a mapping's rows."""
        self.both(lambda store: store.remap_agreed(mapping, layout, LAYOUTS[layout]))

    @rule(mapping=mappings, direction=directions, run_id=run_ids)
    def start_job(self, mapping: MappingName, direction: Direction, run_id: str | None) -> None:
        """Start a job, of a run that has begun already or not."""
        job = self.job(mapping, direction, run_id)
        self.both(lambda store: store.start_job(job))

    @rule(mapping=mappings, side=sides, cursor=texts)
    def store_cursor(self, mapping: MappingName, side: Side, cursor: str | None) -> None:
        """Move or forget a cursor."""
        self.both(lambda store: store.store_cursor(mapping, side, cursor))

    @rule(mapping=mappings, side=sides, acknowledged=st.integers(0, 5), under_way=st.integers(0, 1))
    def store_marker_state(self, mapping: MappingName, side: Side, acknowledged: int, under_way: int) -> None:
        """Advance a marker, or take a lower one over."""
        state = MarkerState(acknowledged=acknowledged, sent=acknowledged + under_way)
        self.both(lambda store: store.store_marker_state(mapping, side, state))

    @rule(mapping=mappings, restored=doubts)
    def note_restored(self, mapping: MappingName, restored: frozenset[Side]) -> None:
        """Find that backups were restored."""
        self.both(lambda store: store.note_restored(mapping, restored, at=NOW))

    @rule(mapping=mappings, side=sides, kind=st.sampled_from(HaltKind), released_by=texts)
    def store_halt(self, mapping: MappingName, side: Side, kind: HaltKind, released_by: str | None) -> None:
        """Raise or release a halt."""
        halt = SafetyHalt(
            mapping=mapping,
            kind=kind,
            side=side,
            count=3,
            of=4,
            raised_at=NOW,
            message="m",
            released_by=released_by,
        )
        self.both(lambda store: store.store_halt(halt))

    @rule(mapping=mappings)
    def end_halt(self, mapping: MappingName) -> None:
        """Forget a halt."""
        self.both(lambda store: store.end_halt(mapping))

    @rule(mapping=mappings, worker=st.sampled_from(WORKERS), seconds=st.sampled_from((0.0, 60.0, 121.0)))
    def take_lease(self, mapping: MappingName, worker: str, seconds: float) -> None:
        """Take a mapping, some time later."""
        self.clock.forward(seconds=seconds)
        now = self.clock().timestamp()
        real = self.state.take_lease("c", mapping, worker)
        assert real == self.memory.take_lease(mapping, worker, now, LEASE_SECONDS)
        if real is not None:
            self.fences[mapping, worker] = real

    @rule(mapping=mappings, worker=st.sampled_from(WORKERS))
    def release_lease(self, mapping: MappingName, worker: str) -> None:
        """Give a mapping up, with the newest number this worker had."""
        fence = self.fences.get((mapping, worker))
        if fence is not None:
            self.state.release_lease("c", mapping, fence)
            self.memory.release_lease(mapping, fence)

    @rule(mapping=mappings, worker=st.sampled_from(WORKERS), announced=intents())
    def write_fenced(self, mapping: MappingName, worker: str, announced: Intent) -> None:
        """Write as a worker that may have lost its lease: both refuse, or neither."""
        fence = self.fences.get((mapping, worker))
        if fence is None:
            return
        lost = []
        for store in (
            self.state.connection_store("c").fenced(mapping, fence),
            model_store.ModelStore(self.memory, lambda: None).fenced(mapping, fence),
        ):
            try:
                store.announce([replace(announced, mapping=mapping)])
                lost.append(False)
            except (LeaseLost, model_store.LeaseLost):
                lost.append(True)
        assert lost[0] == lost[1]

    @rule(mapping=mappings)
    def compare_records(self, mapping: MappingName) -> None:
        """Everything remembered of records is the same."""
        self.both(lambda store: store.couplings_page(mapping, None, 3))
        self.both(lambda store: store.couplings_page(mapping, ERP_KEYS[1], 99))
        self.both(lambda store: store.count_couplings(mapping))
        self.both(lambda store: store.layout_rows(mapping))
        self.both(lambda store: store.open_intents(mapping))
        self.both(lambda store: store.halt(mapping))
        for side in Side:
            keys = [*KEYS[side], "unknown"]
            self.both(lambda store: store.couplings_by_key(mapping, side, keys))  # noqa: B023
            self.both(lambda store: store.digests_by_key(mapping, side, keys))  # noqa: B023
            self.both(lambda store: store.partner_keys(mapping, side, keys))  # noqa: B023
            self.both(lambda store: store.cursor(mapping, side))  # noqa: B023
            self.both(lambda store: store.marker_state(mapping, side))  # noqa: B023
            self.both(lambda store: store.journalled_deletions(mapping, side, keys))  # noqa: B023

    @rule(mapping=mappings, direction=directions)
    def compare_passes_and_errors(self, mapping: MappingName, direction: Direction) -> None:
        """Positions, errors and what is due are the same."""
        keys = [*ERP_KEYS, *CRM_KEYS]
        self.both(lambda store: store.pass_position("run", mapping, direction))
        self.both(lambda store: store.retry_candidates(mapping, direction, even_skipped=True))
        self.both(lambda store: store.retry_candidates(mapping, direction))

        def listed(store: Store) -> dict[str, SynchError]:
            found = store.errors_of(mapping, direction, keys)
            # Of the next try and the partner's digest the model knows nothing.
            return {key: replace(each, next_try=None, partner_digest=None) for key, each in found.items()}

        self.both(listed)

    @rule(mapping=mappings)
    def compare_earlier_values(self, mapping: MappingName) -> None:
        """The journal tells the same of what was agreed earlier; who has nothing may be named or not."""

        def told(store: Store) -> dict[ErpKey, dict[str, list[tuple[Value, Value]]]]:
            return {key: rows for key, rows in store.earlier_values(mapping, ERP_KEYS).items() if rows}

        self.both(told)


TestStoreAndModel = StoreAndModel.TestCase
TestStoreAndModel.settings = settings(max_examples=30, stateful_step_count=40, derandomize=True)
