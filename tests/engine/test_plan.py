"""A plan says what a run would write, and applying it writes just that."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.engine.conftest import FIRMS, FROM, PEOPLE, TO, World

from interlace.connectors.runner import run
from interlace.domain.errors import ErrorCode
from interlace.domain.keys import MappingName
from interlace.domain.plan import NEW_KEY, PlannedAction, PlannedKind
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.engine.apply_plan import ActionEnd, Ending, PlanApplication
from interlace.engine.memory import Intent
from interlace.engine.plan import Planner
from interlace.engine.ports import Outcome
from interlace.testing.fake_service import ScriptedAnswer


async def planned(
    world: World, *mappings: MappingName, **options: Any
) -> dict[MappingName, list[PlannedAction]]:
    """Plan full runs of some mappings, one after the other."""
    actions: list[PlannedAction] = []
    planner = Planner(world.store, actions.append)
    found: dict[MappingName, list[PlannedAction]] = {}
    for number, name in enumerate(mappings):
        setup = world.setup(name, **({"create_new": True, "compare_all": True} | options))
        await run(planner.stage(setup, number), world.erp, world.crm, world.clock)
        found[name] = list(actions)
        actions.clear()
    return found


async def applied(world: World, plan: dict[MappingName, list[PlannedAction]]) -> list[ActionEnd]:
    """Apply a plan stage by stage."""
    application = PlanApplication()
    ends: list[ActionEnd] = []
    for name, actions in plan.items():
        setup = world.setup(name, create_new=True)
        ends += await run(application.stage(setup, actions), world.erp, world.crm, world.clock)
    return ends


def writes_of(actions: Sequence[PlannedAction]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the writes of some actions, comparable with those that arrived."""
    return sorted((each.table, each.key, dict(each.after)) for action in actions for each in action.writes)


def arrived(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    """Return every write that reached either service."""
    return sorted(
        (table, each.key, dict(getattr(each, "values", {})))
        for table, each in [*world.erp.writes, *world.crm.writes]
    )


async def test_a_plan_of_several_mappings_holds_what_depends_on_its_own_creates(world: World) -> None:
    """The accounts' owners are coupled by the plan's first stage; nothing is written, nothing remembered."""
    plan = await planned(world, PEOPLE, FIRMS)
    assert [each.kind for each in plan[PEOPLE]] == [PlannedKind.COUPLE] * 2
    assert [each.kind for each in plan[FIRMS]] == [PlannedKind.CREATE] * 3
    assert {each.writes[0].after["ownerid"] for each in plan[FIRMS]} == {"u-a"}
    assert (world.erp.writes, world.crm.writes) == ([], [])
    assert world.store.count_couplings(PEOPLE) == 0
    assert world.store.cursor(FIRMS, plan[FIRMS][0].writes[0].side) is None


async def test_applying_a_plan_writes_exactly_the_plan(world: World) -> None:
    """The sets of writes are equal, and the next plan is empty."""
    plan = await planned(world, PEOPLE, FIRMS)
    ends = await applied(world, plan)
    assert {each.ending for each in ends} == {Ending.APPLIED}
    assert arrived(world) == writes_of([*plan[PEOPLE], *plan[FIRMS]])
    again = await planned(world, PEOPLE, FIRMS)
    assert again == {PEOPLE: [], FIRMS: []}


async def test_edits_on_both_sides_are_planned_with_before_and_after(world: World) -> None:
    """Each direction's change stands in the plan, and applying it leaves both sides agreed."""
    await applied(world, await planned(world, PEOPLE, FIRMS))
    await world.synch(FIRMS)
    world.erp.writes.clear()
    world.crm.writes.clear()
    world.erp.put("Customer", "C1", {"Name": "From the ERP"})
    world.crm.put("account", world.partner("C2"), {"telephone": "22"})
    plan = await planned(world, FIRMS)
    changes = {(each.direction, each.source_key): each.writes for each in plan[FIRMS]}
    assert changes.keys() == {(TO, "C1"), (FROM, world.partner("C2"))}
    (to_crm,) = changes[TO, "C1"]
    assert (to_crm.before, to_crm.after) == ({"name": "Firm 1"}, {"name": "From the ERP"})
    ends = await applied(world, plan)
    assert {each.ending for each in ends} == {Ending.APPLIED}
    assert arrived(world) == writes_of(plan[FIRMS])


async def test_what_moved_since_is_refused_by_name_and_the_rest_applied(world: World) -> None:
    """A record that was edited after the plan is not written; one that the plan does not name is left alone."""
    await applied(world, await planned(world, PEOPLE, FIRMS))
    world.erp.writes.clear()
    world.crm.writes.clear()
    world.erp.put("Customer", "C1", {"Name": "Planned"})
    world.erp.put("Customer", "C2", {"Name": "Planned too"})
    plan = await planned(world, FIRMS)
    world.erp.put("Customer", "C2", {"Name": "Moved"})
    world.erp.put("Customer", "C3", {"Name": "Unplanned"})
    ends = {each.action.source_key: each for each in await applied(world, plan)}
    assert {key: each.ending for key, each in ends.items()} == {"C1": Ending.APPLIED, "C2": Ending.REFUSED}
    assert "name is 'Moved', not 'Planned too'" in ends["C2"].reason
    assert [each.key for _, each in world.crm.writes] == [world.partner("C1")]
    assert world.store.errors_of(FIRMS, TO, ["C2"])["C2"].error.code is ErrorCode.PLAN_MOVED


async def test_a_key_that_the_service_chooses_stands_for_itself_until_it_is_known(world: World) -> None:
    """References to a record that the plan creates under a mark are compared with the key that it got."""
    world.crm.declare("account", insert_with_key=False, mark_field="mark")
    plan = await planned(world, PEOPLE, FIRMS)
    assert {each.partner_key[:4] for each in plan[FIRMS] if each.partner_key} == {NEW_KEY}
    ends = await applied(world, plan)
    assert {each.ending for each in ends} == {Ending.APPLIED}
    assert len(world.crm.keys("account")) == 3
    assert await planned(world, PEOPLE, FIRMS) == {PEOPLE: [], FIRMS: []}


async def test_writes_of_an_earlier_run_are_settled_first(world: World) -> None:
    """A create whose outcome nobody knows must not be joined by a planned one."""
    await applied(world, await planned(world, PEOPLE))
    plan = await planned(world, FIRMS)
    (first, *_) = plan[FIRMS]
    intent = Intent(
        mapping=FIRMS,
        side=Side.CRM,
        source_key=first.source_key,
        key=first.writes[0].key,
        creates=True,
        job_id="earlier",
    )
    world.store.announce([intent])
    ends = await applied(world, plan)
    assert {each.ending for each in ends} == {Ending.REFUSED}
    assert "interlace synch FIRMS" in ends[0].reason
    assert world.crm.keys("account") == []


async def test_a_standing_halt_holds_a_plan_back_and_not_its_making(world: World) -> None:
    """The plan shows what the halt is about; nothing of it is written before a person releases the halt."""
    await applied(world, await planned(world, PEOPLE))
    halt = SafetyHalt(
        mapping=FIRMS,
        kind=HaltKind.MASS_CHANGE,
        side=Side.ERP,
        count=3,
        of=3,
        raised_at=world.clock.now(),
        message="Nothing was written.",
    )
    world.store.store_halt(halt)
    plan = await planned(world, FIRMS)
    assert len(plan[FIRMS]) == 3
    ends = await applied(world, plan)
    assert {(each.ending, each.reason) for each in ends} == {(Ending.REFUSED, "Nothing was written.")}
    world.store.store_halt(replace(halt, released_by="a person"))
    assert {each.ending for each in await applied(world, plan)} == {Ending.APPLIED}


async def test_a_plan_after_a_change_of_rows_holds_only_what_the_rows_ask_for(world: World) -> None:
    """The remembered values belong to the old rows, and stay as they are."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    world.change(FIRMS, fields=world.mappings[FIRMS].fields[1:])
    world.erp.put("Customer", "C3", {"Phone": "77"})
    [action] = (await planned(world, FIRMS))[FIRMS]
    assert [(action.source_key, each.after) for each in action.writes] == [("C3", {"telephone": "77"})]


async def test_a_plan_says_why_a_record_would_fail(world: World) -> None:
    """The reason names the conflict, from whichever side it is met."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    world.crm.put("account", world.partner("C1"), {"name": "CRM's"})
    plan = await planned(world, FIRMS)
    assert {each.kind for each in plan[FIRMS]} == {PlannedKind.CONFLICT}
    assert "were both changed" in plan[FIRMS][0].reason


async def test_a_planned_write_whose_answer_was_lost_counts_as_applied(world: World) -> None:
    """What took effect was planned, whatever the answer to the repeated request says."""
    plan = await planned(world, PEOPLE, FIRMS)
    lost = ScriptedAnswer(outcome=Outcome.UNKNOWN, takes_effect=True)
    for action in plan[FIRMS]:
        world.crm.script("account", action.writes[0].key, lost)
    ends = await applied(world, plan)
    assert {(each.ending, each.reason) for each in ends} == {(Ending.APPLIED, "")}
    assert world.store.open_intents(FIRMS) == []
