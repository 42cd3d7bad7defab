"""What the journal owes no entry of is exactly what nobody could tell: a step beside it, and it is missed."""

from dataclasses import replace

import pytest
from tests.simulation.conftest import Scene, creation

from interlace.domain.side import Side
from interlace.simulation.company import memory_of_this_process
from interlace.simulation.tracked_tables import CUSTOMERS
from interlace.simulation.unseen_writes import UnseenWrites
from interlace.store.encoding import JsonValue

_WRITTEN_TWICE = "journal: erp CRM1 was written 2 times, the journal tells 1"


@pytest.fixture
def told() -> list[JsonValue]:
    """Return the journal's entries, for a test to add to."""
    return []


@pytest.fixture
def unseen(scene: Scene, told: list[JsonValue]) -> UnseenWrites:
    """Follow what vanishes from a scene."""
    followed = UnseenWrites(scene.world, memory_of_this_process(), [CUSTOMERS.mapping], lambda: told)
    scene.world.services.observers.append(followed)
    return followed


def _create(scene: Scene, number: str) -> None:
    scene.engine.erp("POST", "CustomerCard", No=number, Name=scene.world.new_value())


def _entry(number: str) -> JsonValue:
    return {"side": "erp", "key": number, "action": "insert"}


def _missed(scene: Scene, *entries: JsonValue) -> set[str]:
    return {each for each in scene.at_rest(*entries) if each.startswith("journal")}


def _announce_all(*numbers: str) -> None:
    memory_of_this_process().store().announce([creation(number) for number in numbers])


def test_what_a_restored_backup_undid_unseen_owes_no_entry(scene: Scene, unseen: UnseenWrites) -> None:
    """It is done again: one entry for two effects. What was not announced is missed all the same."""
    before = scene.world.services.images()
    _announce_all("CRM1", "CRM3")
    for number in ("CRM1", "CRM2"):
        _create(scene, number)
    unseen.before_restoration(Side.ERP)
    scene.world.services.restore(Side.ERP, before.erp)
    scene.world.saw_restoration(Side.ERP)
    _create(scene, "CRM1")
    not_announced = "journal: erp CRM2 was written 1 times, the journal tells 0"
    assert _missed(scene, *unseen.entries) == {_WRITTEN_TWICE, not_announced}
    assert _missed(scene, *unseen.entries, _entry("CRM1")) == {not_announced}


def test_a_restored_backup_excuses_neither_updates_nor_what_is_told_nor_the_other_side(
    scene: Scene, unseen: UnseenWrites, told: list[JsonValue]
) -> None:
    """The engine says of an update that it may have been; what is told already needs no excuse."""
    _announce_all("CRM1")
    _create(scene, "CRM1")
    unseen.before_restoration(Side.CRM)
    told.append(_entry("CRM1"))
    unseen.before_restoration(Side.ERP)
    created = creation("CRM1")
    assert created.entry is not None
    update = replace(created, creates=False, entry=replace(created.entry, action="modify"))
    memory_of_this_process().store().announce([update])
    told.clear()
    unseen.before_restoration(Side.ERP)
    assert unseen.entries == []


def test_a_record_that_a_person_deleted_unseen_owes_no_entry_of_its_first_create(
    scene: Scene, unseen: UnseenWrites
) -> None:
    """Nothing tells it from a create that was lost on the way; the second one is owed."""
    _announce_all("CRM1")
    _create(scene, "CRM1")
    scene.person.erp("DELETE", "CustomerCard('CRM1')")
    _create(scene, "CRM1")
    assert _missed(scene, *unseen.entries) == {_WRITTEN_TWICE}
    assert _missed(scene, *unseen.entries, _entry("CRM1")) == set()


@pytest.mark.parametrize("kept_by", ["no intent", "told", "the engine"])
def test_a_deletion_excuses_only_what_was_announced_and_not_told(
    scene: Scene, unseen: UnseenWrites, told: list[JsonValue], kept_by: str
) -> None:
    """Whoever finished the create had seen it; and what the engine deletes, it has seen."""
    if kept_by != "no intent":
        _announce_all("CRM1")
    _create(scene, "CRM1")
    if kept_by == "told":
        told.append(_entry("CRM1"))
    who = scene.engine if kept_by == "the engine" else scene.person
    who.erp("DELETE", "CustomerCard('CRM1')")
    assert unseen.entries == []
