"""The oracle can fail: whatever an engine could do wrong is noticed and named."""

from tests.simulation.conftest import Scene, creation

from interlace.domain.side import Side
from interlace.simulation.company import memory_of_this_process
from interlace.simulation.tracked_tables import CUSTOMERS


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
    memory.store().announce([creation("CRM1")])
    announced = memory.announced([CUSTOMERS.mapping])
    memory.begin(before)
    for number in ("CRM1", "CRM2"):
        scene.engine.erp("POST", "CustomerCard", No=number, Name=scene.world.new_value())
    missed = [each for each in scene.at_rest(*announced) if each.startswith("journal")]
    assert missed == ["journal: erp CRM2 was written 1 times, the journal tells 0"]


def test_an_announced_write_excuses_one_effect(scene: Scene) -> None:
    """Of two effects on its record one is missing."""
    memory = memory_of_this_process()
    memory.store().announce([creation("CRM1")])
    announced = memory.announced([CUSTOMERS.mapping])
    scene.engine.erp("POST", "CustomerCard", No="CRM1", Name=scene.world.new_value())
    old = scene.world.state[Side.ERP][CUSTOMERS.mapping]["CRM1"]["Name"]
    scene.engine.erp("PATCH", "CustomerCard('CRM1')", Name=scene.world.new_value(old))
    missed = [each for each in scene.at_rest(*announced) if each.startswith("journal")]
    assert missed == ["journal: erp CRM1 was written 2 times, the journal tells 1"]
