"""Plays one schedule: users, faults and engine for a while, then peace, then judgement."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from interlace.domain.errors import ErrorClass
from interlace.domain.side import Side
from interlace.engine.ports import (
    Capabilities,
    FindRecords,
    ReadChanges,
    ReadKeys,
    ReadMarker,
    ReadPage,
    WriteRecords,
)
from interlace.engine.service import ServiceFailure
from interlace.testing.simulator.disasters import Disasters
from interlace.testing.simulator.effect_oracle import EffectOracle
from interlace.testing.simulator.journal_of_events import Events
from interlace.testing.simulator.kernel import Kernel
from interlace.testing.simulator.lineage import Lineage
from interlace.testing.simulator.memory import MappingMemory, Memory
from interlace.testing.simulator.model_service import Birth, ModelService, with_mark
from interlace.testing.simulator.model_store import LeaseLost, TwoPartners
from interlace.testing.simulator.profile import Profile, profile_of
from interlace.testing.simulator.reconstruction import can_be_rebuilt, judge_reconstruction
from interlace.testing.simulator.rest_oracle import RestOracle
from interlace.testing.simulator.synthetic_mappings import DRAFT, MARK_FIELD, OPEN, company_of
from interlace.testing.simulator.under_way import REQUEST_LIFE, Process, ProcessDied, Task
from interlace.testing.simulator.users import Users
from interlace.testing.simulator.violation import Violation
from interlace.testing.simulator.worker import Schedule, Worker

_CLEAN_CYCLES = 2
_REBUILT = 0.3
"""Share of the schedules at rest that must be reconstructible."""
_CYCLES_MAX = 14
_HEALING_STEPS_MAX = 60_000
_SLOW_CALLS = (ReadPage, ReadKeys, FindRecords, ReadChanges, ReadMarker, WriteRecords)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a schedule ended."""

    seed: int
    violation: Violation | None
    events: Events
    steps: int


def run_schedule(
    seed: int,
    profile: Profile | None = None,
    *,
    masked: Iterable[int] = (),
    masked_kinds: Iterable[str] = (),
    sabotage: Callable[["World"], None] | None = None,
) -> Outcome:
    """Play a seed's schedule; events with a masked number or kind are left out.

    `sabotage` may spoil the world before it begins: so tests see that the oracle notices.
    """
    world = World(seed, profile or profile_of(seed), Events(masked, masked_kinds))
    if sabotage is not None:
        sabotage(world)
    violation: Violation | None = None
    try:
        world.play()
    except Violation as found:
        violation = found
        world.events.note(world.kernel.now, "VIOLATION", str(found))
    return Outcome(seed=seed, violation=violation, events=world.events, steps=world.kernel.steps)


class World:
    """Everything in one schedule."""

    def __init__(self, seed: int, profile: Profile, events: Events) -> None:
        self._rng = Random(seed)  # noqa: S311 - variety, not secrets
        self._faults = Random(seed + 0x5EED)  # noqa: S311 - as above
        self.events = events
        self.profile = profile
        self._trouble = profile.trouble
        self.company = company_of(self._rng, profile.whole_company, drafts=profile.drafts)
        self.memory = Memory(list(self.company.mappings))
        self.oracle = EffectOracle(self.company, Lineage(), self.memory, events, profile)
        self.kernel = Kernel(Random(seed + 1), self._faults, self.oracle, profile)  # noqa: S311 - as above
        self.users = Users(seed, self.company, self.oracle, profile)
        self.users.sweeps = sweeps = self._rng.random() < profile.sweeps
        self.schedule = Schedule(company=self.company, memory=self.memory, rng=self._rng, sweeps=sweeps)
        self.schedule.unfinished = {}
        self.schedule.cycle_ended = self._cycle_ended
        self.schedule.run_begins = self.oracle.run_begins
        self.disasters = Disasters(self.kernel, self.oracle, self._faults)
        self._clean = self._cycles = self._markers_before = 0
        self._done_before = (0, 0)
        """Effects and couplings at the end of the last cycle."""
        self._processes = 0
        self._set_up(seed)

    def _set_up(self, seed: int) -> None:
        for side in Side:
            self.oracle.services[side] = ModelService(side, self.oracle)
        for shape in self.company.shapes.values():
            self.oracle.services[shape.side].capabilities[shape.table] = Capabilities(
                insert_with_key=True,
                conditional_update=True,
                reports_changes=shape.table != "Unit",
                reports_deletes=shape.side is Side.CRM,
                read_page_size=self._rng.choice((1, 2, 3, 50)),
                write_batch_size=100,
                max_request_life_seconds=REQUEST_LIFE,
            )
        if self.profile.drafts:
            self.oracle.services[Side.CRM].births["account"] = Birth(field="state", value=DRAFT, opening=OPEN)
            self.oracle.services[Side.ERP].births["Customer"] = Birth(field="Closed", value=False)
        erp = self.oracle.services[Side.ERP].capabilities
        if self._rng.random() < self.profile.server_keys:
            for table in ("Customer", "Contact"):
                if table in erp:
                    erp[table] = with_mark(erp[table], MARK_FIELD)
                    break
        if self._rng.random() >= self.profile.markers:
            for service in self.oracle.services.values():
                service.markers = None
        if self._rng.random() < self.profile.slow_answers:
            drawn = tuple(self._rng.sample(_SLOW_CALLS, 2))
            named = tuple(each for each in _SLOW_CALLS if each.__name__ in self.profile.slow_calls)
            self.kernel.slow = named or drawn
        self.users.populate(Random(seed + 2))  # noqa: S311 - as above
        for number in range(2 if self._rng.random() < self.profile.second_worker else 1):
            self._start(number)

    # Processes.

    def _start(self, number: int) -> None:
        self._processes += 1
        age = self._faults.random() * self.profile.clock_ages
        process = Process(name=f"process-{self._processes}", started=self.kernel.now - age)
        task = Task(process=process, coroutine=Worker(number, process, self.schedule).work())
        self.kernel.tasks.insert(number, task)

    def _crash(self, task: Task) -> None:
        number = self.kernel.tasks.index(task)
        self.events.note(self.kernel.now, "CRASH", task.process.name)
        self.kernel.kill(task.process)
        if self._faults.random() < 0.3:
            self.schedule.unfinished.clear()
        self._start(number)

    # Phases.

    def play(self) -> None:
        """Play the schedule to its end; raises Violation."""
        while self.kernel.steps < self.profile.steps:
            self._interfere()
            self._step()
        self._heal()
        restored = self.disasters.restored > 0 or self._witnesses_spoke()
        RestOracle(self.oracle, restored=restored, retried=self.schedule.sweeps).judge()
        if self._faults.random() < _REBUILT and can_be_rebuilt(self.oracle):
            self.events.count("rebuilt from the services")
            judge_reconstruction(self.kernel, self.oracle, self.schedule)

    def _witnesses_spoke(self) -> bool:
        """Tell whether deletions by hand were taken for a restored backup: no marker rows."""
        unmarked = any(service.markers is None for service in self.oracle.services.values())
        return unmarked and any(held.restorations for held in self.memory.mappings.values())

    def _step(self) -> None:
        kernel = self.kernel
        try:
            kernel.step()
        except ProcessDied:
            self._crash(next(task for task in kernel.tasks if not task.process.alive))
        except TwoPartners as problem:
            raise Violation("I12 one partner", str(problem)) from problem
        except (StopIteration, ServiceFailure, LeaseLost) as problem:
            raise Violation("engine", f"let {problem!r} through") from problem
        except (AssertionError, LookupError, ValueError, TypeError, AttributeError) as problem:
            raise Violation("engine", f"broke: {_where(problem)}") from problem
        self.users.now = kernel.now
        if self.users.open_edits:
            self.users.end_edits()
            kernel.dues = [due for due, *_ in self.users.open_edits]
        else:
            kernel.dues = []

    def _interfere(self) -> None:
        """Let users and faults do what they do before the next step."""
        profile, draw = self.profile, self._faults.random
        if self.kernel.late and draw() < profile.landing:
            self.kernel.land(self._faults.choice(self.kernel.late))
        x = draw()
        if x >= self._trouble:
            return
        if x < profile.users:
            self.users.act()
            return
        x -= profile.users
        if x < profile.crashes:
            if self.events.allows("crash: at an await"):
                self._crash(self._faults.choice(self.kernel.tasks))
            return
        x -= profile.crashes
        if x < profile.store_crashes:
            if self.events.allows("crash: in a transaction"):
                process = self._faults.choice(self.kernel.tasks).process
                process.edges_left = self._faults.randrange(8)
            return
        self.disasters.strike(
            x - profile.store_crashes, profile, [task.process for task in self.kernel.tasks]
        )
        if self.disasters.own_memory_restored:
            self.disasters.own_memory_restored = False
            for task in list(self.kernel.tasks):
                self._crash(task)
            self.oracle.forgotten_before = self.kernel.now

    def _heal(self) -> None:
        """End all trouble, and let the engine run until it has nothing left to do."""
        kernel = self.kernel
        kernel.healing = self.schedule.healing = True
        self.events.note(kernel.now, "HEALING")
        self.users.end_edits(everything=True)
        self.disasters.end()
        for task in kernel.tasks:
            task.process.edges_left = None
            task.process.skew = 0.0
        for service in self.oracle.services.values():
            for table, held in service.capabilities.items():
                service.capabilities[table] = replace(held, read_page_size=50)
        self.memory.leases = {
            name: (holder, fence, None) for name, (holder, fence, _) in self.memory.leases.items()
        }
        limit = kernel.steps + _HEALING_STEPS_MAX
        while self._clean < _CLEAN_CYCLES:
            if kernel.late and self._faults.random() < 0.1:
                kernel.land(self._faults.choice(kernel.late))
            self._step()
            if kernel.steps > limit:
                raise Violation("I9 liveness", f"no end after {_HEALING_STEPS_MAX} steps: {self._unrest()}")

    def _cycle_ended(self, went_well: bool) -> None:  # noqa: FBT001 - one word of a worker
        self.events.count("cycle")
        kernel = self.kernel
        # A cycle that only ends couplings has done something, too: the markers advance behind it.
        coupled = sum(len(held.couplings) for held in self.memory.mappings.values())
        quiet = (self.oracle.count, coupled) == self._done_before
        marked = kernel.marker_writes != self._markers_before
        self._done_before, self._markers_before = (self.oracle.count, coupled), kernel.marker_writes
        if not self.schedule.healing:
            return
        self._cycles = self.schedule.healing_cycles = self._cycles + 1
        self.events.note(kernel.now, "CYCLE", self._cycles, "quiet" if quiet else "busy")
        settled = (
            went_well
            and quiet
            and not kernel.late
            and not any(m.intents or _passing(m) for m in self.memory.mappings.values())
        )
        self._release_halts()
        self._clean = self._clean + 1 if settled else 0
        if self._clean == _CLEAN_CYCLES and marked:
            raise Violation("I7 quiescence", "an idle cycle advanced a marker")
        if self._cycles > _CYCLES_MAX:
            raise Violation("I7 quiescence", f"{_CYCLES_MAX} cycles did not settle: {self._unrest()}")

    def _release_halts(self) -> None:
        """Let a person release whatever is halted."""
        for memory in self.memory.mappings.values():
            if memory.halt is not None:
                self.events.count(f"halt: {memory.halt.kind.value}")
                memory.halt = replace(memory.halt, released_by="a person")
                self._clean = -1

    def _unrest(self) -> dict[str, Any]:
        return {
            name: (list(held.intents), [e.error.code.value for e in held.errors.values()])
            for name, held in self.memory.mappings.items()
        }


def _passing(memory: MappingMemory) -> bool:
    """Tell whether a record is listed that the next run will take up by itself."""
    return any(each.error.error_class is ErrorClass.TRANSIENT for each in memory.errors.values())


def _where(problem: Exception) -> str:
    traceback = problem.__traceback__
    place = ""
    while traceback is not None:
        code = traceback.tb_frame.f_code
        place = f"{code.co_filename.rsplit('/', 1)[-1]}:{traceback.tb_lineno} {code.co_name}"
        traceback = traceback.tb_next
    return f"{type(problem).__name__} {problem} at {place}"
