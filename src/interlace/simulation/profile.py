"""What differs from schedule to schedule: how much goes wrong, how people work, what the mappings' policies are."""

import random
from dataclasses import dataclass, field

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.simulation.wire_faults import FaultWeights, WireFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The biases of one schedule."""

    faults: FaultWeights = field(default_factory=FaultWeights)
    crash_share: float = 0.2
    """How many of the cycles end in a crash."""
    actions: int = 8
    span_seconds: float = 600.0
    records: int = 3
    starts_in_step: bool = True
    """False: the first cycle finds records on both sides and nothing coupled."""
    deletes: bool = True
    creates: bool = True
    restores: bool = False
    step_pages: int = 1
    update_conflict: UpdateConflictResolution = UpdateConflictResolution.NONE
    deletion_conflict: DeletionConflictResolution = DeletionConflictResolution.NONE


def draw_profile(seed: int, *, restores: bool = False) -> Profile:
    """Choose the biases that go with a seed."""
    dice = random.Random(f"{seed}|profile")
    weights = {fault: dice.choice((0.0, 0.5, 1.0, 3.0)) for fault in WireFault}
    weights[WireFault.LOST_AFTER] += 0.5
    # Each of these ends a run: rarely, or no run of such a schedule would get far.
    for ending in (WireFault.SIGN_IN_EXPIRED, WireFault.STRANGE, WireFault.CUT):
        weights[ending] /= 4
    return Profile(
        faults=FaultWeights(share=dice.choice((0.0, 0.02, 0.05, 0.1, 0.25)), weights=weights),
        crash_share=dice.choice((0.0, 0.2, 0.5)),
        actions=dice.choice((4, 8, 14)),
        span_seconds=dice.choice((30.0, 200.0, 900.0)),
        records=dice.choice((1, 2, 3)),
        starts_in_step=dice.random() < 0.7,
        deletes=dice.random() < 0.6,
        creates=dice.random() < 0.8,
        restores=restores and dice.random() < 0.25,
        step_pages=dice.choice((1, 20, 20)),
        update_conflict=dice.choice(list(UpdateConflictResolution)),
        deletion_conflict=dice.choice(list(DeletionConflictResolution)),
    )
