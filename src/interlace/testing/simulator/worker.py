"""What a worker process does: one cycle after the other over every mapping, under leases, as the jobs do."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from random import Random
from typing import Any

from interlace.domain.integration_field_mapping import NamedKey
from interlace.domain.keys import ConnectionId, MappingName
from interlace.domain.synch_job import SynchJob
from interlace.engine.ports import CurrentTime, Pause
from interlace.engine.run_setup import PartnerColumns, RunSetup
from interlace.engine.service import ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.engine.synch_mapping import StepBudget, synch_step
from interlace.testing.simulator.memory import Memory
from interlace.testing.simulator.model_store import LeaseLost, ModelStore
from interlace.testing.simulator.synthetic_mappings import PARTNER_COLUMNS, Company
from interlace.testing.simulator.under_way import Process

_LEASE_SECONDS = 120.0
_ATTEMPTS_MAX = 3
_NAMED_KEYS = dict.fromkeys(NamedKey, "named")
_COLUMNS = PartnerColumns(company=PARTNER_COLUMNS[0], table=PARTNER_COLUMNS[1], key=PARTNER_COLUMNS[2])
_SETUP_FIELDS = {each.name for each in fields(RunSetup)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of one mapping: what a restart goes on with."""

    run_id: str
    create_new: bool
    compare_all: bool
    retry_skipped: bool
    sweep: bool = False
    """Compare keys and version tags of whole tables, where the feeds tell not everything."""


@dataclass(slots=True, eq=False)
class Schedule:
    """What all workers of a schedule share."""

    company: Company
    memory: Memory
    rng: Random
    sweeps: bool
    healing: bool = False
    healing_cycles: int = 0
    """Ended since the world heals: whole comparisons and sweeps take turns, and both must come to rest."""
    runs: int = 0
    unfinished: dict[tuple[int, MappingName], Run] = None  # type: ignore[assignment]
    cycle_ended: Callable[[bool], None] = lambda _went_well: None
    run_begins: Callable[[MappingName, str, str, bool], None] = lambda _mapping, _run_id, _process, _whole: (
        None
    )
    job_ended: Callable[[SynchJob], None] = lambda _job: None

    def new_run(self) -> Run:
        """Choose what the next run does; while the world heals, a person has everything looked at."""
        self.runs += 1
        name = f"run-{self.runs}"
        x = self.rng.random()
        if self.healing:
            whole = self.sweeps and self.healing_cycles % 2 == 0
            sweep = self.sweeps and not whole
            return Run(run_id=name, create_new=False, compare_all=whole, retry_skipped=True, sweep=sweep)
        return Run(
            run_id=name, create_new=x < 0.15, compare_all=x < 0.3, retry_skipped=x < 0.2, sweep=x > 0.7
        )


class Worker:
    """One worker in one process; the number stays when the process dies and another takes its place."""

    def __init__(self, number: int, process: Process, schedule: Schedule) -> None:
        self._number = number
        self._process = process
        self._schedule = schedule
        self._store = ModelStore(schedule.memory, process.edge)

    async def work(self) -> None:
        """Run cycle after cycle."""
        schedule = self._schedule
        while True:
            if schedule.healing and self._number:
                await Pause(seconds=1e6)
            went_well = True
            for name in schedule.company.order:
                went_well &= await self._run(name)
            if not self._number:
                schedule.cycle_ended(went_well)
            await Pause(seconds=70.0 if schedule.healing else schedule.rng.choice((1.0, 10.0, 30.0)))

    async def _run(self, name: MappingName) -> bool:
        schedule = self._schedule
        place = (self._number, name)
        run = schedule.unfinished.get(place)
        if run is None:
            run = schedule.unfinished[place] = schedule.new_run()
        attempts = 0
        went_well = True
        while True:
            now = await CurrentTime()
            fence = schedule.memory.take_lease(name, run.run_id, now.timestamp(), _LEASE_SECONDS)
            if fence is None:
                return False
            self._process.edge()
            self._process.mapping = name
            try:
                setup = self.setup(name, run, fence)
                schedule.run_begins(name, run.run_id, self._process.name, run.compare_all)
                result = await synch_step(setup, StepBudget(pages=2, seconds=3.0))
            except LeaseLost:
                return False
            except ServiceUnavailable:
                attempts += 1
                went_well = False
                if attempts < _ATTEMPTS_MAX:
                    await Pause(seconds=2.0)
                    continue
                break
            except (SignInRefused, ServiceMismatch):
                went_well = False
                break
            if not result.more:
                for job in result.jobs:
                    schedule.job_ended(job)
                break
        schedule.memory.release_lease(name, fence)
        schedule.unfinished.pop(place, None)
        return went_well

    def setup(self, name: MappingName, run: Run, fence: int) -> RunSetup:
        """Lay out a run of a mapping."""
        schedule = self._schedule
        optional: dict[str, Any] = {"process": self._process.name}
        setup = RunSetup(
            connection=ConnectionId("connection"),
            mapping=schedule.company.mappings[name],
            mappings=schedule.company.mappings,
            named_keys=_NAMED_KEYS,
            erp_company_id="company",
            crm_organization_id="organization",
            partner_columns=_COLUMNS,
            store=self._store.fenced(name, fence),
            run_id=run.run_id,
            create_new=run.create_new,
            compare_all=run.compare_all,
            retry_skipped=run.retry_skipped,
            sweep_after=timedelta() if run.sweep else None,
        )
        known = {key: value for key, value in optional.items() if key in _SETUP_FIELDS}
        return replace(setup, **known) if known else setup
