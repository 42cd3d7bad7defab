"""A small company in step in both embedded services, for tests of what judges a schedule."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from interlace.domain.side import Side
from interlace.engine.memory import Intent, JournalEntry
from interlace.simulation.company import beginning, memory_of_this_process
from interlace.simulation.oracle import Oracle
from interlace.simulation.services import Outsider, Services
from interlace.simulation.tracked_tables import CUSTOMERS
from interlace.simulation.virtual_time import VirtualClock
from interlace.simulation.world import World
from interlace.store.encoding import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Both services in step, someone who works there, and someone who passes for the engine."""

    world: World
    person: Outsider
    engine: Outsider

    @property
    def customer(self) -> str:
        """The number of some customer."""
        return min(self.world.state[Side.ERP][CUSTOMERS.mapping])

    @property
    def account(self) -> str:
        """The key of its account."""
        tag = self.world.state[Side.ERP][CUSTOMERS.mapping][self.customer]["County"]
        accounts = self.world.state[Side.CRM][CUSTOMERS.mapping]
        return next(key for key, held in accounts.items() if held["address1_stateorprovince"] == tag)

    def at_rest(self, *entries: JsonValue) -> list[str]:
        """Judge what is there now, with a journal of these entries."""
        return list(Oracle(self.world, memory_of_this_process(), entries).violations())


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A small company in step."""
    begin = beginning(1, in_step=True)
    memory = memory_of_this_process()
    memory.gate.process = None
    memory.begin(begin.memory)
    clock = VirtualClock()
    clock.seconds = begin.seconds
    services = Services(clock, "oracle", begin.images)
    world = World(services, numbered_from=1000)
    services.observers.append(world)
    yield Scene(world=world, person=Outsider(services), engine=Outsider(services, by_engine=True))
    services.close()


def creation(number: str) -> Intent:
    """Announce the create of a customer."""
    entry = JournalEntry(
        mapping=CUSTOMERS.mapping,
        side=Side.ERP,
        key=number,
        action="insert",
        job_id="job",
        before=None,
        after={"No": number},
    )
    return Intent(
        mapping=CUSTOMERS.mapping,
        side=Side.ERP,
        source_key="source",
        key=number,
        creates=True,
        job_id="job",
        entry=entry,
    )
