"""I11: forgets all that we remember of a world at rest, rebuilds it from the two services, and runs once.

The couplings must be the same again, nothing may be created or deleted, and no field that both sides write changed.
What one side alone writes is written again: what the other side held there before is not known any more.
"""

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.ports import CurrentTime
from interlace.engine.recover import find_pairs, store_pairs
from interlace.engine.recovered_values import ValueRecovery
from interlace.engine.synch_mapping import synch_mapping
from interlace.testing.simulator.effect_oracle import EffectOracle
from interlace.testing.simulator.kernel import Kernel
from interlace.testing.simulator.memory import MappingMemory
from interlace.testing.simulator.under_way import Process, Task
from interlace.testing.simulator.violation import Violation
from interlace.testing.simulator.worker import Run, Schedule, Worker

_LEASE_SECONDS = 1e6


def can_be_rebuilt(oracle: EffectOracle) -> bool:
    """Tell whether the services alone say everything: nothing is listed, in doubt or uncoupled by a policy."""
    memory = oracle.memory
    if memory.uncoupled:
        return False
    return not any(
        held.errors or held.restorations or any(each.doubtful for each in held.couplings.values())
        for held in memory.mappings.values()
    )


def judge_reconstruction(kernel: Kernel, oracle: EffectOracle, schedule: Schedule) -> None:
    """Forget, rebuild and run; raises Violation."""
    memory = oracle.memory
    expected = {name: _pairs(held) for name, held in memory.mappings.items()}
    memory.mappings = {name: MappingMemory() for name in memory.mappings}
    memory.leases.clear()
    schedule.unfinished.clear()
    before = len(oracle.effects)
    process = Process(name="recovery", started=kernel.now)
    kernel.tasks[:] = [Task(process=process, coroutine=_rebuild(Worker(0, process, schedule), schedule))]
    while kernel.tasks:
        try:
            kernel.step()
        except StopIteration:
            kernel.tasks.clear()
    for name, pairs in expected.items():
        found = _pairs(memory.mappings[name])
        # Without columns that name the partner, only what is beyond doubt is coupled again.
        lost = pairs - found if schedule.company.mappings[name].carries_erp_reference else frozenset()
        if lost or found - pairs:
            raise Violation(
                "I11 reconstructible", f"{name}: lost {sorted(lost)}, invented {sorted(found - pairs)}"
            )
    for effect in oracle.effects[before:]:
        shape = schedule.company.shape_of(effect.mapping, effect.side)
        shared = {*shape.texts} - shape.one_way
        if effect.kind != "update" or any(name in shared for name, _ in effect.after):
            raise Violation("I11 reconstructible", f"the first run wrote: {effect}")


def _pairs(held: MappingMemory) -> frozenset[tuple[str, str]]:
    return frozenset((each.erp_key, each.crm_key) for each in held.couplings.values())


async def _rebuild(worker: Worker, schedule: Schedule) -> None:
    jobs: dict[MappingName, SynchJob] = {}
    setups = {}
    run = Run(run_id="recovery", create_new=False, compare_all=True, retry_skipped=False, sweep=False)
    for name in schedule.company.order:
        now = await CurrentTime()
        fence = schedule.memory.take_lease(name, run.run_id, now.timestamp(), _LEASE_SECONDS)
        assert fence is not None
        setup = setups[name] = worker.setup(name, run, fence)
        job = SynchJob(
            id=f"recovery of {name}",
            mapping=name,
            direction=Direction.TO_INTEGRATION_TABLE,
            started_at=now,
            counters=Counters(),
        )
        jobs[name] = store_pairs(setup, await find_pairs(setup), job)
    for name, setup in setups.items():
        after: ErpKey | None = None
        while True:
            page = await ValueRecovery(setup).page(after, jobs[name])
            after = page.after
            if after is None:
                break
    for setup in setups.values():
        await synch_mapping(setup)
