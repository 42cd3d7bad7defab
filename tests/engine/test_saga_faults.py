"""Every answer may be lost, before its effect, after it, or with the effect coming late: one document in the end."""

import random

import pytest
from tests.engine.saga_world import ORDERS, SagaWorld
from tests.engine.test_saga_crashes import assert_each_once, mortal_run, new_world, number_of

from interlace.engine.ports import Outcome
from interlace.engine.service import ServiceFailure
from interlace.testing.fake_service import ScriptedAnswer

KEYS = ("o1", "o2", "o3")
FAULTS = (
    ScriptedAnswer(outcome=Outcome.UNKNOWN),
    ScriptedAnswer(outcome=Outcome.UNKNOWN, takes_effect=True),
    ScriptedAnswer(outcome=Outcome.UNKNOWN, lands_later=True),
    ScriptedAnswer(outcome=Outcome.RETRY_LATER),
    ScriptedAnswer(outcome=Outcome.REJECTED),
)
PROCESSES = ("p1", "p2", "p3")
LIFE = 1.2
"""Longer than a request of the fakes may live, with the margin that is waited on top."""


def plan_faults(world: SagaWorld, dice: random.Random) -> None:
    """Let some of the next requests go wrong."""
    for key in KEYS:
        if dice.random() < 0.5:
            world.erp.script_next(world.mark(key), dice.choice(FAULTS))
        if dice.random() < 0.3:
            world.crm.script("order", key, dice.choice((*FAULTS[:2], ScriptedAnswer(outcome=Outcome.STALE))))
        if dice.random() < 0.3:
            world.crm.script("note", f"note {key}", dice.choice(FAULTS[:2]))
    if dice.random() < 0.5:
        world.crm.script_next("Fulfill", dice.choice(FAULTS))


async def one_run(world: SagaWorld, dice: random.Random) -> None:
    """Run the saga in some process, which may die, or may meet a service that is away."""
    process = dice.choice(PROCESSES)
    try:
        if dice.random() < 0.4:
            await mortal_run(world, dice.randrange(30), process)
        else:
            await world.process(process=process)
    except ServiceFailure:
        pass


async def come_to_rest(world: SagaWorld) -> None:
    """Let no more faults happen, and everything come to its end."""
    world.erp.forget_scripts()
    world.crm.forget_scripts()
    for _ in range(4):
        world.clock.seconds += LIFE
        await world.process(process="last")


@pytest.mark.parametrize("seed", range(24))
async def test_one_document_whatever_is_lost(seed: int) -> None:
    """Runs under faults and deaths, people who ship meanwhile; late effects come while their requests may live."""
    dice = random.Random(f"saga {seed}")
    world = new_world()
    for _ in range(12):
        plan_faults(world, dice)
        await one_run(world, dice)
        if dice.random() < 0.5:
            await one_run(world, dice)
        world.erp.land_late_documents()
        world.crm.land_late_documents()
        if dice.random() < 0.4:
            world.clock.seconds += LIFE
        coupled = [key for key in KEYS if key in world.store.documents_by_key(ORDERS, KEYS)]
        for key in coupled:
            if world.tracked(key).stage == "Open" and dice.random() < 0.3:
                world.ship(number_of(world, key))
    await come_to_rest(world)
    assert_each_once(world)
    for key in KEYS:
        world.ship(number_of(world, key))
    await come_to_rest(world)
    assert {world.tracked(key).stage for key in KEYS} == {"Shipped"}
    assert not any(world.tracked(key).held for key in KEYS)
