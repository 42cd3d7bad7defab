"""Conflicts as people see them, decided in every way there is; deletions, and what comes later by its own history."""

from typing import Any

import pytest
from tests.engine.conftest import FIRMS, FROM, PEOPLE, TO, World

from interlace.connectors.runner import run
from interlace.domain.conflict import Choice, Conflict, ConflictKind, Decision, DecisionRefused
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.domain.keys import ErpKey
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.engine.ports import Outcome
from interlace.engine.resolve_conflict import Resolution, policies_of, resolve_conflict
from interlace.store.database import Database
from interlace.store.queries import StoreQueries
from interlace.testing.fake_service import ScriptedAnswer

NAME, PHONE = "Name>name", "Phone>telephone"


@pytest.fixture
def queries(database: Database) -> StoreQueries:
    """What people ask of the world's store."""
    return StoreQueries(database)


async def coupled(world: World) -> None:
    """Bring everything in step."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    await world.synch(FIRMS)
    world.erp.writes.clear()
    world.crm.writes.clear()


def only(world: World, queries: StoreQueries) -> Conflict:
    """Return the one open conflict."""
    (found,) = queries.conflicts(world.connection)
    return found


async def decide(
    world: World, conflict: Conflict, choice: Choice | None = None, **fields: Choice
) -> Resolution:
    """Carry out a decision on the conflict as it was shown."""
    decision = Decision(
        conflict_id=conflict.id,
        by="a person",
        choice=choice,
        fields={{"name": NAME, "phone": PHONE}.get(name, name): each for name, each in fields.items()},
    )
    setup = world.setup(conflict.mapping)
    return await run(resolve_conflict(setup, conflict, decision), world.erp, world.crm, world.clock)


def held(world: World, field: str = "Name", column: str = "name") -> tuple[Any, Any]:
    """Return what C1 and its account hold in a pair of fields."""
    customer, account = world.erp.get("Customer", "C1"), world.crm.get("account", world.partner("C1"))
    assert customer is not None
    assert account is not None
    return customer[field], account[column]


async def in_conflict(world: World, queries: StoreQueries) -> Conflict:
    """Change the name of C1 on both sides, and its phone in the CRM alone; run."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    world.crm.put("account", world.partner("C1"), {"name": "CRM's", "telephone": "77"})
    await world.synch(FIRMS)
    return only(world, queries)


async def test_a_conflict_shows_both_sides_what_was_agreed_and_what_each_choice_would_do(
    world: World, queries: StoreQueries
) -> None:
    """Nothing of the record is written while it waits."""
    found = await in_conflict(world, queries)
    assert (found.kind, found.code, found.caption) == (
        ConflictKind.UPDATE,
        ErrorCode.UPDATE_CONFLICT,
        "C1 (ERP's)",
    )
    (row,) = found.rows
    assert (row.row, row.erp_value, row.crm_value, row.agreed) == (
        NAME,
        "ERP's",
        "CRM's",
        ("Firm 1", "Firm 1"),
    )
    assert (row.to_crm, row.to_erp) == ("ERP's", "CRM's")
    assert (found.erp.key, found.crm.key) == ("C1", world.partner("C1"))
    assert (world.erp.writes, world.crm.writes) == ([], [])


@pytest.mark.parametrize(("choice", "winner"), [(Choice.ERP, "ERP's"), (Choice.CRM, "CRM's")])
async def test_a_decision_brings_the_pair_together(
    world: World, queries: StoreQueries, choice: Choice, winner: str
) -> None:
    """The chosen side's value is on both, other news travel along, the errors are over, and nothing is left to do."""
    found = await in_conflict(world, queries)
    result = await decide(world, found, choice)
    assert result.settled, result.message
    assert held(world) == (winner, winner)
    assert held(world, "Phone", "telephone") == ("77", "77")
    assert queries.conflicts(world.connection) == []
    assert world.store.errors_of(FIRMS, TO, ["C1"]) == {}
    assert world.store.errors_of(FIRMS, FROM, [world.partner("C1")]) == {}
    writes = len(world.erp.writes) + len(world.crm.writes)
    await world.synch(FIRMS)
    assert len(world.erp.writes) + len(world.crm.writes) == writes


@pytest.mark.parametrize("choice", [Choice.ERP, Choice.CRM])
async def test_a_conflict_that_runs_pass_over_by_now_can_still_be_decided(
    world: World, queries: StoreQueries, choice: Choice
) -> None:
    """After some runs a conflict is skipped until a person speaks: this is the person speaking."""
    await in_conflict(world, queries)
    for _ in range(3):
        await world.synch(FIRMS)
    resolution = await decide(world, only(world, queries), choice)
    assert resolution.settled
    assert held(world) == (("ERP's",) * 2 if choice is Choice.ERP else ("CRM's",) * 2)
    assert queries.conflicts(world.connection) == []


async def test_another_record_with_an_open_write_has_no_say_in_a_decision(
    world: World, queries: StoreQueries
) -> None:
    """The answer to C8's creation was lost; C1 is decided and the person is told so."""
    conflict = await in_conflict(world, queries)
    world.erp.put("Customer", "C8", {"Name": "Firm 8", "Phone": "1", "Salesperson": "AA"})
    key = world.setup(FIRMS).chosen_key(Side.CRM, "C8")
    world.crm.script("account", key, *[ScriptedAnswer(outcome=Outcome.UNKNOWN)] * 20)
    await world.synch(FIRMS, create_new=True)
    resolution = await decide(world, conflict, Choice.CRM)
    assert (resolution.settled, held(world)) == (True, ("CRM's", "CRM's"))


async def test_each_field_may_be_decided_by_itself(world: World, queries: StoreQueries) -> None:
    """One from the ERP, the other from the CRM."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "ERP's", "Phone": "1-ERP"})
    world.crm.put("account", world.partner("C1"), {"name": "CRM's", "telephone": "1-CRM"})
    await world.synch(FIRMS)
    result = await decide(world, only(world, queries), name=Choice.ERP, phone=Choice.CRM)
    assert result.settled, result.message
    assert held(world) == ("ERP's", "ERP's")
    assert held(world, "Phone", "telephone") == ("1-CRM", "1-CRM")


async def test_what_a_decision_overwrites_is_kept_in_the_journal(world: World, queries: StoreQueries) -> None:
    """The loser of the conflict can be put back."""
    found = await in_conflict(world, queries)
    result = await decide(world, found, Choice.ERP)
    entries = [entry for job in result.jobs for entry in queries.journal(world.connection, job_id=job.id)]
    assert {"name": "CRM's"} in [entry.get("lost") for entry in entries if isinstance(entry, dict)]


@pytest.mark.parametrize("side", list(Side))
async def test_a_decision_is_refused_once_a_record_has_moved(
    world: World, queries: StoreQueries, side: Side
) -> None:
    """Nobody decides about something else than what was shown."""
    found = await in_conflict(world, queries)
    if side is Side.ERP:
        world.erp.put("Customer", "C1", {"Phone": "changed"})
    else:
        world.crm.put("account", world.partner("C1"), {"telephone": "changed"})
    result = await decide(world, found, Choice.ERP)
    assert not result.settled
    assert "is not any more what was shown" in result.message
    assert held(world) == ("ERP's", "CRM's")
    await world.synch(FIRMS)
    assert only(world, queries).id != found.id


async def test_a_decision_that_fits_no_open_question_is_refused(world: World, queries: StoreQueries) -> None:
    """Fields that are not in conflict, choices of deletions, and silence."""
    found = await in_conflict(world, queries)
    for choice, fields in ((None, {}), (Choice.DELETE, {}), (Choice.ERP, {"phone": Choice.CRM})):
        with pytest.raises(DecisionRefused):
            await decide(world, found, choice, **fields)


async def test_nothing_is_decided_under_a_halt(world: World, queries: StoreQueries) -> None:
    """Its reason is told, released or not: a release is for the run that was stopped."""
    found = await in_conflict(world, queries)
    halt = SafetyHalt(
        mapping=FIRMS,
        kind=HaltKind.MASS_CHANGE,
        side=Side.ERP,
        count=3,
        of=3,
        raised_at=world.clock.now(),
        message="Too much at once.",
    )
    world.store.store_halt(halt)
    assert (await decide(world, found, Choice.ERP)).message == "Too much at once."
    world.store.release_halt(FIRMS, "a person")
    assert "let its run go through first" in (await decide(world, found, Choice.ERP)).message
    assert held(world) == ("ERP's", "CRM's")


async def test_a_remembered_decision_settles_the_next_conflict_by_itself(
    world: World, queries: StoreQueries
) -> None:
    """The rule is about the field that was decided, no other."""
    found = await in_conflict(world, queries)
    decision = Decision(conflict_id=found.id, by="a person", choice=Choice.CRM)
    policies = policies_of(world.mappings[FIRMS], found, decision)
    assert policies == {"field_conflict_resolution": {NAME: "Get Update from Integration"}}


async def deleted(world: World, queries: StoreQueries, side: Side, *, changed: bool = False) -> Conflict:
    """Delete one record of the pair C1, change the other if told so, and run."""
    await coupled(world)
    partner = world.partner("C1")
    if side is Side.CRM:
        world.crm.remove("account", partner)
        if changed:
            world.erp.put("Customer", "C1", {"Name": "News"})
    else:
        world.erp.remove("Customer", "C1")
        if changed:
            world.crm.put("account", partner, {"name": "News"})
    await world.synch(FIRMS)
    return only(world, queries)


@pytest.mark.parametrize("side", list(Side))
async def test_a_deleted_record_is_restored_by_a_persons_word(
    world: World, queries: StoreQueries, side: Side
) -> None:
    """It has the same key and the values of the record that was left."""
    found = await deleted(world, queries, side, changed=True)
    assert (found.kind, found.deleted) == (ConflictKind.DELETION, side)
    assert [(row.row, row.erp_value, row.crm_value) for row in found.rows] == [
        (NAME, None, "News") if side is Side.ERP else (NAME, "News", None)
    ]
    result = await decide(world, found, Choice.RESTORE)
    assert result.settled, result.message
    assert held(world) == ("News", "News")
    assert queries.conflicts(world.connection) == []


@pytest.mark.parametrize("side", list(Side))
async def test_a_pair_is_uncoupled_by_a_persons_word(world: World, queries: StoreQueries, side: Side) -> None:
    """The record that was left stays as it is."""
    found = await deleted(world, queries, side)
    result = await decide(world, found, Choice.REMOVE_COUPLING)
    assert result.settled, result.message
    assert world.store.count_couplings(FIRMS) == 2
    left = world.erp.get("Customer", "C1") if side is Side.CRM else world.crm.get("account", found.crm.key)
    assert left is not None
    assert queries.conflicts(world.connection) == []


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("side", list(Side))
async def test_the_other_record_is_deleted_by_a_persons_word(
    world: World, queries: StoreQueries, side: Side, *, changed: bool
) -> None:
    """Even one with news: the person has seen them."""
    found = await deleted(world, queries, side, changed=changed)
    result = await decide(world, found, Choice.DELETE)
    assert result.settled, result.message
    assert world.erp.get("Customer", "C1") is None
    assert world.crm.get("account", found.crm.key) is None
    assert world.store.count_couplings(FIRMS) == 2
    assert queries.conflicts(world.connection) == []


async def test_a_deletion_is_not_decided_about_a_record_that_moved(
    world: World, queries: StoreQueries
) -> None:
    """What was shown is not what would be deleted."""
    found = await deleted(world, queries, Side.CRM)
    world.erp.put("Customer", "C1", {"Name": "News"})
    assert not (await decide(world, found, Choice.DELETE)).settled
    assert world.erp.get("Customer", "C1") is not None


async def test_a_mapping_deletes_nothing_where_it_never_writes(world: World, queries: StoreQueries) -> None:
    """Salespeople come from the CRM's users; no user is deleted or restored by it."""
    await world.full(PEOPLE)
    world.erp.remove("Salesperson", "AA")
    await world.full(PEOPLE)
    found = only(world, queries)
    with pytest.raises(DecisionRefused, match="never writes to the CRM"):
        await decide(world, found, Choice.DELETE)
    assert (await decide(world, found, Choice.RESTORE)).settled


@pytest.mark.parametrize("side", list(Side))
async def test_the_policy_deletes_the_other_record_if_it_holds_no_news(
    world: World, queries: StoreQueries, side: Side
) -> None:
    """Nothing is listed, and the deletion is counted once."""
    await coupled(world)
    partner = world.partner("C1")
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.DELETE)
    if side is Side.CRM:
        world.crm.remove("account", partner)
    else:
        world.erp.remove("Customer", "C1")
    result = await world.synch(FIRMS)
    assert world.counters(result) == {"deleted": 1}
    assert (world.erp.get("Customer", "C1"), world.crm.get("account", partner)) == (None, None)
    assert world.store.count_couplings(FIRMS) == 2


@pytest.mark.parametrize("side", list(Side))
async def test_the_policy_deletes_no_record_with_news(
    world: World, queries: StoreQueries, side: Side
) -> None:
    """It stands on the list with its own code until a person chooses."""
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.DELETE)
    found = await deleted(world, queries, side, changed=True)
    assert found.code is ErrorCode.DELETED_AND_CHANGED
    assert (await decide(world, found, Choice.RESTORE)).settled


@pytest.mark.parametrize("side", list(Side))
async def test_the_later_change_wins_where_history_proves_it(
    world: World, queries: StoreQueries, side: Side
) -> None:
    """One side's change was seen and refused while the other was still unchanged: the other's came later."""
    world.change(FIRMS, update_conflict_resolution=UpdateConflictResolution.NEWEST)
    await coupled(world)
    await world.synch(FIRMS, compare_all=True)
    partner = world.partner("C1")
    if side is Side.CRM:
        world.crm.refuse_value("account", "name", "is refused")
        world.erp.put("Customer", "C1", {"Name": "first"})
    else:
        world.erp.refuse_value("Customer", "Name", "is refused")
        world.crm.put("account", partner, {"name": "first"})
    await world.synch(FIRMS)
    if side is Side.CRM:
        world.crm.put("account", partner, {"name": "later"})
    else:
        world.erp.put("Customer", "C1", {"Name": "later"})
    world.crm.accept_values()
    world.erp.accept_values()
    await world.synch(FIRMS)
    assert held(world) == ("later", "later")


async def test_nobody_guesses_which_change_came_later(world: World, queries: StoreQueries) -> None:
    """Both changes were seen at once: a person is asked."""
    world.change(FIRMS, update_conflict_resolution=UpdateConflictResolution.NEWEST)
    found = await in_conflict(world, queries)
    assert found.code is ErrorCode.UPDATE_CONFLICT


async def test_a_conflict_that_people_end_themselves_leaves_the_list(
    world: World, queries: StoreQueries
) -> None:
    """Both sides hold the same by now; so does a coupling that is removed by hand."""
    await in_conflict(world, queries)
    world.erp.put("Customer", "C1", {"Name": "Same"})
    world.crm.put("account", world.partner("C1"), {"name": "Same"})
    await world.synch(FIRMS)
    assert queries.conflicts(world.connection) == []
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    world.crm.put("account", world.partner("C1"), {"name": "CRM's"})
    await world.synch(FIRMS)
    assert queries.conflicts(world.connection, mapping=FIRMS) != []
    world.store.remove_couplings(FIRMS, [ErpKey("C1")])
    assert queries.conflicts(world.connection) == []


async def test_nobody_need_decide_about_a_record_that_takes_no_part_any_more(
    world: World, queries: StoreQueries
) -> None:
    """A blocked customer of a one-way mapping is outside the filter: its error ends, and so does its conflict."""
    world.change(FIRMS, direction=TO)
    await in_conflict(world, queries)
    world.erp.put("Customer", "C1", {"Blocked": "All"})
    await world.synch(FIRMS)
    assert queries.conflicts(world.connection) == []
