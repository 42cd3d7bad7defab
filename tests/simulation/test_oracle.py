"""The oracle can fail: whatever an engine could do wrong is noticed and named."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from interlace.domain.side import Side
from interlace.engine.memory import Intent, JournalEntry
from interlace.simulation.company import beginning, memory_of_this_process
from interlace.simulation.oracle import Oracle, lost_with_service
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


def _kinds(violations: list[str]) -> set[str]:
    return {each.partition(":")[0] for each in violations}


def test_a_company_in_step_violates_nothing(scene: Scene) -> None:
    """What was synchronized and left alone is right."""
    assert scene.at_rest() == []


def test_a_second_record_is_a_duplicate(scene: Scene) -> None:
    """Two records with one tag on one side are the same record twice."""
    tag = scene.world.state[Side.ERP][CUSTOMERS.mapping][scene.customer]["County"]
    scene.engine.crm("POST", "accounts", name="v1", address1_stateorprovince=tag, customertypecode=3)
    assert _kinds(scene.world.violations) == {"duplicate"}
    assert "left out" in _kinds(scene.at_rest())


def test_a_value_that_nobody_wrote_is_an_invention(scene: Scene) -> None:
    """The engine carries values, it has none of its own."""
    scene.engine.erp("PATCH", f"CustomerCard('{scene.customer}')", Name="made up")
    assert _kinds(scene.world.violations) == {"invention"}


def test_writing_over_news_without_a_journal_is_a_lost_update(scene: Scene) -> None:
    """A person's value is gone though whoever wrote the new one had not seen it."""
    old = scene.world.state[Side.ERP][CUSTOMERS.mapping][scene.customer]["Name"]
    scene.person.erp("PATCH", f"CustomerCard('{scene.customer}')", Name=scene.world.new_value(old))
    scene.engine.erp("PATCH", f"CustomerCard('{scene.customer}')", Name=old)
    assert {"lost update", "journal"} <= _kinds(scene.at_rest())


def test_carrying_an_edit_is_no_lost_update(scene: Scene) -> None:
    """Whoever replaced a value had seen it."""
    old = scene.world.state[Side.ERP][CUSTOMERS.mapping][scene.customer]["Name"]
    new = scene.world.new_value(old)
    scene.person.erp("PATCH", f"CustomerCard('{scene.customer}')", Name=new)
    scene.engine.crm("PATCH", f"accounts({scene.account})", name=new)
    assert scene.world.violations == []
    assert _kinds(scene.at_rest()) == {"journal"}


def test_an_edit_that_stays_on_its_side_has_not_converged(scene: Scene) -> None:
    """Coupled records differ, and no list says why."""
    new = scene.world.new_value()
    scene.person.erp("PATCH", f"CustomerCard('{scene.customer}')", Name=new)
    assert _kinds(scene.at_rest()) == {"not converged"}


def test_a_deletion_that_nobody_asked_for_is_spurious(scene: Scene) -> None:
    """The engine deletes only what was deleted on the other side."""
    scene.engine.crm("DELETE", f"accounts({scene.account})")
    assert _kinds(scene.world.violations) == {"spurious deletion"}


def test_a_deletion_that_followed_a_persons_is_right(scene: Scene) -> None:
    """A person has deleted the partner; the CRM deletes an account's contacts with it."""
    account = scene.account
    scene.person.erp("DELETE", f"CustomerCard('{scene.customer}')")
    scene.engine.crm("DELETE", f"accounts({account})")
    assert scene.world.violations == []


def test_what_was_under_way_when_our_memory_was_restored_owes_no_entry(scene: Scene) -> None:
    """The memory that announced it is no more; whatever was not announced is missed all the same."""
    memory, before = memory_of_this_process(), memory_of_this_process().image()
    memory.store().announce([_creation("CRM1")])
    announced = memory.announced([CUSTOMERS.mapping])
    memory.begin(before)
    for number in ("CRM1", "CRM2"):
        scene.engine.erp("POST", "CustomerCard", No=number, Name=scene.world.new_value())
    missed = [each for each in scene.at_rest(*announced) if each.startswith("journal")]
    assert missed == ["journal: erp CRM2 was written 1 times, the journal tells 0"]


def test_an_announced_write_excuses_one_effect(scene: Scene) -> None:
    """Of two effects on its record one is missing."""
    memory = memory_of_this_process()
    memory.store().announce([_creation("CRM1")])
    announced = memory.announced([CUSTOMERS.mapping])
    scene.engine.erp("POST", "CustomerCard", No="CRM1", Name=scene.world.new_value())
    old = scene.world.state[Side.ERP][CUSTOMERS.mapping]["CRM1"]["Name"]
    scene.engine.erp("PATCH", "CustomerCard('CRM1')", Name=scene.world.new_value(old))
    missed = [each for each in scene.at_rest(*announced) if each.startswith("journal")]
    assert missed == ["journal: erp CRM1 was written 2 times, the journal tells 1"]


def test_what_a_service_did_unseen_and_a_restoration_took_back_owes_no_entry(scene: Scene) -> None:
    """The engine finds it not done and does it again: one entry for two effects. What was not announced is missed."""
    memory, before = memory_of_this_process(), scene.world.services.images()
    memory.store().announce([_creation("CRM1"), _creation("CRM3")])
    for number in ("CRM1", "CRM2"):
        scene.engine.erp("POST", "CustomerCard", No=number, Name=scene.world.new_value())
    announced = memory.announced([CUSTOMERS.mapping])
    assert len(announced) == 2
    unseen = lost_with_service(scene.world, Side.ERP, [], announced)
    assert [each["key"] for each in unseen if isinstance(each, dict)] == ["CRM1"]
    scene.world.services.restore(Side.ERP, before.erp)
    scene.world.saw_restoration(Side.ERP)
    scene.engine.erp("POST", "CustomerCard", No="CRM1", Name=scene.world.new_value())
    missed = {each for each in scene.at_rest(*unseen) if each.startswith("journal")}
    assert missed == {
        "journal: erp CRM1 was written 2 times, the journal tells 1",
        "journal: erp CRM2 was written 1 times, the journal tells 0",
    }
    told = [{**each, "certain": True} for each in unseen if isinstance(each, dict)]
    missed = {each for each in scene.at_rest(*unseen, *told) if each.startswith("journal")}
    assert missed == {"journal: erp CRM2 was written 1 times, the journal tells 0"}


def test_a_restoration_excuses_neither_updates_nor_what_is_told_nor_the_other_side(scene: Scene) -> None:
    """The engine says of an update that it may have been; what is told already needs no excuse."""
    memory = memory_of_this_process()
    creation = _creation("CRM1")
    assert creation.entry is not None
    update = replace(creation, creates=False, entry=replace(creation.entry, action="modify"))
    scene.engine.erp("POST", "CustomerCard", No="CRM1", Name=scene.world.new_value())
    memory.store().announce([creation])
    announced = memory.announced([CUSTOMERS.mapping])
    assert lost_with_service(scene.world, Side.ERP, announced, announced) == []
    assert lost_with_service(scene.world, Side.CRM, [], announced) == []
    memory.store().announce([update])
    assert lost_with_service(scene.world, Side.ERP, [], memory.announced([CUSTOMERS.mapping])) == []


def _creation(number: str) -> Intent:
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
