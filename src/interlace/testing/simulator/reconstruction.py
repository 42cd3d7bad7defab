"""I11: forgets all that we remember of a world at rest, rebuilds it from the two services, and runs once.

The couplings must be the same again, nothing may be created or deleted, and no field that both sides write changed.
What one side alone writes is written again: what the other side held there before is not known any more. Where a
filter kept an edit from being carried over, the two records differ at rest, and the policy that is named for such a
field settles the difference: nobody knows any more that it is no conflict.
"""

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.values import Value
from interlace.engine.ports import CurrentTime
from interlace.engine.recover import find_pairs, store_pairs
from interlace.engine.recovered_values import ValueRecovery
from interlace.engine.synch_mapping import synch_mapping
from interlace.testing.simulator.effect_oracle import EffectOracle
from interlace.testing.simulator.kernel import Kernel
from interlace.testing.simulator.memory import MappingMemory
from interlace.testing.simulator.rest_oracle import in_scope
from interlace.testing.simulator.under_way import Process, Task
from interlace.testing.simulator.violation import Violation
from interlace.testing.simulator.worker import Run, Schedule, Worker

_LEASE_SECONDS = 1e6


def can_be_rebuilt(oracle: EffectOracle) -> bool:
    """Tell whether the services alone say everything: nothing is listed, in doubt or uncoupled by a policy.

    Nor may a record of ours have gone before we knew of it: the other side's columns may name it all the same.
    """
    memory = oracle.memory
    if memory.uncoupled or oracle.unseen:
        return False
    return not any(
        held.errors or held.restorations or any(each.doubtful for each in held.couplings.values())
        for held in memory.mappings.values()
    )


def judge_reconstruction(kernel: Kernel, oracle: EffectOracle, schedule: Schedule) -> None:
    """Forget, rebuild and run; raises Violation."""
    memory = oracle.memory
    expected = {name: _pairs(held) for name, held in memory.mappings.items()}
    settled = left_to_policies(oracle)
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
        allowed = settled.get((effect.mapping, effect.side, effect.key), set())
        if effect.kind != "update" or any(
            name in shared and (name, value) not in allowed for name, value in effect.after
        ):
            raise Violation("I11 reconstructible", f"the first run wrote: {effect}")


def left_to_policies(oracle: EffectOracle) -> dict[tuple[MappingName, Side, str], set[tuple[str, Value]]]:
    """Return what a policy may write to the records of pairs of which one is outside the mapping's filter.

    That is, of each two-way field in which both differ and which no person must decide on, the other one's value.
    """
    allowed: dict[tuple[MappingName, Side, str], set[tuple[str, Value]]] = {}
    for mapping in oracle.company.mappings.values():
        for coupling in oracle.memory.mappings[mapping.name].couplings.values():
            places = {Side.ERP: coupling.erp_key, Side.CRM: coupling.crm_key}
            rows = {
                side: oracle.services[side].rows(oracle.company.shape_of(mapping.name, side).table).get(key)
                for side, key in places.items()
            }
            erp, crm = rows[Side.ERP], rows[Side.CRM]
            if (
                erp is None
                or crm is None
                or (in_scope(mapping, Side.ERP, erp) and in_scope(mapping, Side.CRM, crm))
            ):
                continue
            for row in mapping.fields:
                if row.erp_field is None or row.crm_field is None or _asks(mapping, row):
                    continue
                erp_value, crm_value = erp.values.get(row.erp_field), crm.values.get(row.crm_field)
                if erp_value != crm_value:
                    erp_place = (mapping.name, Side.ERP, str(coupling.erp_key))
                    crm_place = (mapping.name, Side.CRM, str(coupling.crm_key))
                    allowed.setdefault(erp_place, set()).add((row.erp_field, crm_value))
                    allowed.setdefault(crm_place, set()).add((row.crm_field, erp_value))
    return allowed


def _asks(mapping: IntegrationTableMapping, row: IntegrationFieldMapping) -> bool:
    resolution = row.conflict_resolution or mapping.update_conflict_resolution
    return resolution is UpdateConflictResolution.NONE


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
