"""One schedule: people, faults and crashes for a while, then rest, then judgement."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.safety_halt import SafetyHalt
from interlace.domain.side import Side
from interlace.engine.memory import MarkerState
from interlace.simulation.company import Beginning, beginning, default_mappings, memory_of_this_process
from interlace.simulation.memory import CONNECTION, Memory
from interlace.simulation.oracle import Oracle
from interlace.simulation.people import People
from interlace.simulation.process import Process, ProcessDied
from interlace.simulation.profile import Profile, draw_profile
from interlace.simulation.services import Images, Outsider, Services
from interlace.simulation.tracked_tables import CONTACTS, CUSTOMERS
from interlace.simulation.unseen_writes import UnseenWrites
from interlace.simulation.virtual_time import VirtualClock, VirtualTimeLoop
from interlace.simulation.wire import REQUEST_LIFE_SECONDS, Wire
from interlace.simulation.wire_faults import NO_FAULTS
from interlace.simulation.worker import RunOrder, Worker
from interlace.simulation.world import World
from interlace.store.encoding import JsonValue

_MAPPINGS = (CUSTOMERS.mapping, CONTACTS.mapping)
_CYCLES_AT_REST_MAX = 6
_LEASE_SECONDS = 130.0
_ENTRIES_MAX = 1_000_000


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How a schedule went."""

    seed: int
    violations: list[str]
    digest: str
    counts: Counter[str]
    trace: list[str] = field(default_factory=list)


def run_schedule(
    seed: int, profile: Profile | None = None, *, traced: bool = False, restores: bool = False
) -> Outcome:
    """Run one schedule from its seed: the same seed gives the same schedule, in any process."""
    schedule = _Schedule(seed, profile or draw_profile(seed, restores=restores), traced=traced)
    try:
        schedule.run()
        return schedule.outcome()
    finally:
        schedule.close()


class _Schedule:
    def __init__(self, seed: int, profile: Profile, *, traced: bool) -> None:
        begin: Beginning = beginning(profile.records, in_step=profile.starts_in_step)
        self.seed = seed
        self.profile = profile
        self.dice = random.Random(f"{seed}|schedule")
        self.clock = VirtualClock()
        self.clock.seconds = begin.seconds
        self.loop = VirtualTimeLoop(self.clock)
        self.loop.set_exception_handler(_let_the_dead_rest)
        self.memory: Memory = memory_of_this_process()
        self.memory.clock = self.clock
        self.memory.gate.process = None
        self.memory.begin(begin.memory)
        self.entries_before = len(self._journal())
        self.entries_lost: list[JsonValue] = []
        """Of the journal, told or announced: those that a restored backup of our memory took away."""
        self.services = Services(self.clock, str(seed), begin.images)
        self.world = World(self.services, numbered_from=1000)
        self.unseen = UnseenWrites(self.world, self.memory, _MAPPINGS, self._told)
        self.services.observers += [self.world, self.unseen]
        self.wire = Wire(self.services, str(seed), NO_FAULTS)
        self.wire.trace = [] if traced else None
        self.people = People(
            world=self.world,
            outsider=Outsider(self.services),
            dice=random.Random(f"{seed}|people"),
            deletes=profile.deletes,
            creates=profile.creates,
        )
        self.mappings = _with_policies(profile)
        self.pair = begin.pair
        self.at_rest = False
        self.backup: tuple[Images, bytes, list[MarkerState]] | None = None
        self.restored = False
        self.processes = 0
        self.worker: Worker | None = None
        self.runs = 0
        self.unfinished: list[RunOrder] = []
        self.counts: Counter[str] = Counter()
        self.violations: list[str] = []

    def run(self) -> None:
        """Let everything happen."""
        self.loop.run_until_complete(self._everything())

    def outcome(self) -> Outcome:
        """Say how it went."""
        counts = self.counts + self.wire.counts + self.people.counts + self.world.counts
        digest = self.wire.digest.copy()
        for effect in self.world.effects:
            digest.update(f"{effect}\n".encode())
        digest.update(str(self.memory.gate.statements).encode())
        return Outcome(
            seed=self.seed,
            violations=[*self.world.violations, *self.violations],
            digest=digest.hexdigest(),
            counts=counts,
            trace=self._trace(),
        )

    def close(self) -> None:
        """Close what is open."""
        self.memory.gate.process = None
        self.memory.gate.dies_at_write = None
        self.services.close()
        self.loop.close()

    async def _everything(self) -> None:
        self.memory.gate.statements = 0
        self.wire.weights = self.profile.faults
        at_work = asyncio.get_running_loop().create_task(
            self.people.work(self.profile.actions, self.profile.span_seconds)
        )
        while not at_work.done():
            await self._cycle(
                full=self.dice.random() < 0.3, crashes=self.dice.random() < self.profile.crash_share
            )
            if self.profile.restores:
                self._back_up_or_restore()
            await asyncio.sleep(self.dice.uniform(1.0, self.profile.span_seconds / 4))
        await at_work
        await self._cycle(full=False, crashes=self.dice.random() < self.profile.crash_share)
        await self._rest()

    async def _rest(self) -> None:
        """Nothing goes wrong any more: within a few cycles nothing may be left to do."""
        self.wire.weights = NO_FAULTS
        self.wire.dies_at_request = None
        self.memory.gate.dies_at_write = None
        self.wire.note("--- rest")
        self.at_rest = True
        await asyncio.sleep(REQUEST_LIFE_SECONDS * 2 + _LEASE_SECONDS)
        for _ in range(_CYCLES_AT_REST_MAX):
            before = self._done()
            await self._cycle(full=True)
            await asyncio.sleep(REQUEST_LIFE_SECONDS * 2)
            is_done = self._done() == before and not self.unfinished
            if is_done and not self._waits() and not self._halts():
                break
        else:
            latest = "; ".join(str(each) for each in self.world.effects[-2:])
            self.violations.append(f"never rests: {_CYCLES_AT_REST_MAX} cycles, and still {latest}")
        written = len(self.world.effects)
        await self._cycle(full=False)
        if len(self.world.effects) != written:
            self.violations.append(f"not idle: a run over unchanged services wrote {self.world.effects[-1]}")
        for order in self.unfinished:
            self.violations.append(f"not finished: the run {order.run_id} of {order.mapping}")
        self.memory.gate.process = None
        self.violations += Oracle(self.world, self.memory, self._told()).violations()

    async def _cycle(self, *, full: bool, crashes: bool = False) -> None:
        """Run every mapping in one process, after what an earlier one left undone."""
        self._release_halts()
        left, self.unfinished = self.unfinished, []
        orders = [*left]
        # A new run of a mapping follows the unfinished one, as in a queue.
        for name in _MAPPINGS:
            self.runs += 1
            orders.append(
                RunOrder(mapping=name, run_id=f"{self.seed}-{self.runs}", create_new=full, compare_all=full)
            )
        worker = self._worker()
        process = worker.process
        self.memory.gate.process = process
        if crashes:
            self._plan_crash()
        try:
            await worker.work(orders)
        except ProcessDied:
            self.counts[f"crash {process.deaths_at}"] += 1
            self.wire.note(f"{process.name} died {process.deaths_at}")
            done = len(worker.ends)
            # A killed job goes on under its own id; one in five was given up by a person.
            self.unfinished = [each for each in orders[done:] if self.dice.random() < 0.8]
            # Its locks die with its connections; its leases do not.
            await asyncio.sleep(self.dice.choice((1.0, 30.0, _LEASE_SECONDS)))
        if self.dice.random() < 0.1:
            process.die("at its end")
        for end in worker.ends:
            if end.result is not None and end.result.stopped:
                end.finished, end.reason = False, end.result.stopped
            self.counts["run finished" if end.finished else "run stopped"] += 1
            self.wire.note(f"{end.order.mapping} {end.order.run_id} {end.finished} {end.reason}")
            if end.defect is not None:
                self.violations.append(f"defect: {end.order.mapping}: {end.defect}")
            if not end.finished:
                self.counts[f"stopped: {end.reason.partition(':')[0][:40]}"] += 1

    def _back_up_or_restore(self) -> None:
        """Keep a backup of everything, or put one part back to it, once a schedule.

        A backup is put back only after a cycle that advanced the markers behind it: what is agreed and taken back
        within one interval of the markers can't be told from normal work.
        """
        if self.backup is None:
            self.backup = (self.services.images(), self.memory.image(), self._markers())
            return
        images, memory, markers = self.backup
        if self.restored or self.dice.random() < 0.5 or self._markers() == markers:
            return
        self.restored = True
        what = self.dice.choice(("erp", "crm", "memory"))
        self.counts[f"restored {what}"] += 1
        self.wire.note(f"--- {what} restored")
        if what == "memory":
            # Nobody puts a database back beneath a process at work.
            if self.worker is not None:
                self.worker.process.die("at the restoration")
            self.memory.gate.process = None
            # What was destroyed stands in files outside the database, too: no backup takes those back. And what was
            # under way takes effect later, or did already: the memory that announced it is no more.
            self.entries_lost = [*self._journal()[self.entries_before :], *self.memory.announced(_MAPPINGS)]
            self.memory.begin(memory)
            self.entries_lost = told_again(self.entries_lost, self.memory.announced(_MAPPINGS))
            self.entries_before = len(self._journal())
            self.unfinished = []
            return
        side = Side(what)
        self.unseen.before_restoration(side)
        self.services.restore(side, images.erp if side is Side.ERP else images.crm)
        self.world.saw_restoration(side)

    def _waits(self) -> bool:
        """Tell whether a write waits for its time, such as all creates after our memory was restored."""
        self.memory.gate.process = None
        store = self.memory.store()
        return any(store.open_intents(name) for name in _MAPPINGS)

    def _done(self) -> tuple[int, int]:
        """Count what was written, and what the journal tells: couplings come and go without a write."""
        self.memory.gate.process = None
        return len(self.world.effects), len(self._journal())

    def _journal(self) -> list[JsonValue]:
        return self.memory.state.queries.journal(CONNECTION, limit=_ENTRIES_MAX)[::-1]

    def _told(self) -> list[JsonValue]:
        """Return what the journal tells of this schedule, and what it can't tell any more or never could."""
        return [*self.entries_lost, *self.unseen.entries, *self._journal()[self.entries_before :]]

    def _markers(self) -> list[MarkerState]:
        self.memory.gate.process = None
        store = self.memory.store()
        return [store.marker_state(name, side) for name in _MAPPINGS for side in Side]

    def _halts(self) -> list[SafetyHalt]:
        """Return what has stopped mappings and nobody has released yet."""
        self.memory.gate.process = None
        found = [self.memory.store().halt(name) for name in _MAPPINGS]
        return [each for each in found if each is not None and each.released_by is None]

    def _release_halts(self) -> None:
        """Let a person look at what stopped mappings; at rest nobody is away."""
        for halt in self._halts():
            self.counts[f"halt {halt.kind.value}"] += 1
            if self.at_rest or self.dice.random() < 0.5:
                self.memory.store().release_halt(halt.mapping, "a person")

    def _worker(self) -> Worker:
        """Return the process that lives, or begin a new one."""
        if self.worker is None or not self.worker.process.alive:
            self.processes += 1
            self.worker = Worker(
                process=Process(f"p{self.processes}"),
                wire=self.wire,
                memory=self.memory,
                clock=self.clock,
                pair=self.pair,
                mappings=self.mappings,
                step_pages=self.profile.step_pages,
            )
        self.worker.ends = []
        return self.worker

    def _plan_crash(self) -> None:
        if self.dice.random() < 0.5:
            self.wire.dies_at_request = self.dice.randrange(40)
        else:
            self.memory.gate.dies_at_write = self.dice.randrange(40)
            self.memory.gate.dies_after_commit = self.dice.random() < 0.5

    def _trace(self) -> list[str]:
        if self.wire.trace is None:
            return []
        effects = [f"{each.at:>10.3f} = {each}" for each in self.world.effects]
        return sorted([*self.wire.trace, *effects], key=lambda line: float(line.split()[0]))


def told_again(lost: Iterable[JsonValue], announced: Iterable[JsonValue]) -> list[JsonValue]:
    """Return lost entries, those less certain that a restored memory announces once more.

    It has yet to find out what became of such a write, and tells of it then: one write stands in both journals.
    """
    open_again = [_what(each) for each in announced]
    return [each | {"certain": False} if _what(each) in open_again else each for each in map(_entry, lost)]


def _entry(told: JsonValue) -> dict[str, JsonValue]:
    assert isinstance(told, dict)
    return told


def _what(told: JsonValue) -> tuple[JsonValue, ...]:
    entry = _entry(told)
    return entry["side"], entry["key"], entry["action"]


def _with_policies(profile: Profile) -> dict[MappingName, IntegrationTableMapping]:
    changed = default_mappings()
    for name in _MAPPINGS:
        changed[name] = replace(
            changed[name],
            update_conflict_resolution=profile.update_conflict,
            deletion_conflict_resolution=profile.deletion_conflict,
        )
    return changed


def _let_the_dead_rest(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Say nothing of a dead process's tasks; anything else is a defect of the simulation."""
    if not isinstance(context.get("exception"), ProcessDied):
        loop.default_exception_handler(context)
