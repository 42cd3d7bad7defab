"""Judges the counters of the jobs: where nothing fails, they say exactly what was done."""

from collections import Counter

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.testing.simulator.effect_oracle import EffectOracle
from interlace.testing.simulator.profile import Profile
from interlace.testing.simulator.violation import Violation

_WRITES = {Direction.TO_INTEGRATION_TABLE: Side.CRM, Direction.FROM_INTEGRATION_TABLE: Side.ERP}


def judge_counters(oracle: EffectOracle) -> None:
    """Compare what all jobs counted with what took effect.

    A crash or a lost lease between effect and memory may leave a write uncounted, so faults make the sums unsure.
    Where records are deleted on both sides at once, a deletion is counted that found nothing left to delete.
    """
    if oracle.memory.leases_lost or not _is_calm(oracle.profile):
        return
    done = Counter((each.mapping, each.side, each.kind) for each in oracle.effects)
    for mapping, counted in _counted(oracle).items():
        for side in Side:
            inserted, modified, coupled, deleted = (counted[side, what] for what in _COUNTED)
            creates, updates, deletions = (done[mapping, side, what] for what in _EFFECTS)
            if (
                inserted != creates
                or not modified <= updates <= modified + coupled
                or not deletions <= deleted
            ):
                raise Violation(
                    "counters",
                    f"{mapping} {side.value}: {inserted} inserted, {modified} modified, {coupled} coupled, {deleted} "
                    f"deleted; in truth {creates} created, {updates} changed, {deletions} deleted",
                )


_COUNTED = ("inserted", "modified", "coupled", "deleted")
_EFFECTS = ("create", "update", "delete")


def _counted(oracle: EffectOracle) -> dict[MappingName, Counter[tuple[Side, str]]]:
    sums: dict[MappingName, Counter[tuple[Side, str]]] = {}
    for name, held in oracle.memory.mappings.items():
        sums[name] = Counter()
        for job in held.jobs.values():
            counts = job.counters.as_dict()
            sums[name].update({(_WRITES[job.direction], what): counts[what] for what in _COUNTED})
    return sums


def _is_calm(profile: Profile) -> bool:
    return not any(
        (
            profile.crashes,
            profile.store_crashes,
            profile.write_faults,
            profile.read_faults,
            profile.refusals,
            profile.clock_steps,
            profile.backups,
        )
    )
