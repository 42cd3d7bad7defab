"""Documents on their way: each becomes one partner, is followed to its end, or is held in words."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from tests.engine.conftest import SetClock
from tests.engine.saga_world import FIRMS, NO_CUSTOMER, ORDERS, SAGA, WRONG_TOTAL, SagaWorld

from interlace.connectors.runner import run
from interlace.domain.coupling import Coupling
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.saga import Look, Rest
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.ports import Outcome
from interlace.engine.saga import process_documents
from interlace.engine.saga_setup import stages_of
from interlace.engine.service import ServiceUnavailable
from interlace.store.connection_store import ConnectionStore
from interlace.store.connections import StoredConnection, new_connection_id, store_connection
from interlace.store.database import Database
from interlace.store.schema import synch_job
from interlace.testing.fake_service import ScriptedAnswer

LOST = ScriptedAnswer(outcome=Outcome.UNKNOWN, takes_effect=True)
NEVER_CAME = ScriptedAnswer(outcome=Outcome.UNKNOWN)
LATE = ScriptedAnswer(outcome=Outcome.UNKNOWN, lands_later=True)


def couple_customer(store: ConnectionStore) -> None:
    """Couple the customer with the account that orders are of."""
    pair = Coupling(mapping=FIRMS, erp_key=ErpKey("C1"), crm_key=CrmKey("a1"), agreed=None)
    job = SynchJob(
        id="coupling",
        mapping=FIRMS,
        direction=Direction.BIDIRECTIONAL,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        counters=Counters(),
    )
    assert store.add_couplings([pair], replace(job, direction=Direction.TO_INTEGRATION_TABLE)) == [None]


def job_messages(database: Database) -> list[str]:
    """Return what the jobs say, as people see them."""
    with database.read() as connection:
        rows = connection.execute(sa.select(synch_job.c.message).where(synch_job.c.message != ""))
        return [row.message for row in rows]


@pytest.fixture
def world(database: Database) -> SagaWorld:
    """Return services with one coupled customer."""
    connection, clock = new_connection_id(), SetClock()
    with database.write() as writing:
        store_connection(writing, StoredConnection(id=connection, name="test"), clock.now())
    store = ConnectionStore(database, connection, clock=clock.now)
    couple_customer(store)
    return SagaWorld(store=store, clock=clock)


async def test_an_order_becomes_one_document_and_is_followed_to_its_end(world: SagaWorld) -> None:
    """It is created with its lines, named in the CRM, noted, fulfilled when it is shipped, and invoiced."""
    world.submit("o1", "P1", "P2")
    step = await world.process()
    assert step.job.counters.as_dict()["inserted"] == 1
    assert world.erp.keys("Header") == ["D001"]
    assert [world.erp.get("Line", key) for key in world.erp.keys("Line")] == [
        {"No": "P1", "Document_No": "D001"},
        {"No": "P2", "Document_No": "D001"},
    ]
    order = world.crm.get("order", "o1")
    assert order is not None
    assert order["partner"] == "D001"
    assert world.tracked("o1").stage == "Open"
    assert (world.tracked("o1").title, world.tracked("o1").owner) == ("ORD-o1", "a1")
    world.ship("D001")
    await world.process()
    assert world.tracked("o1").stage == "Shipped"
    world.invoice("D001")
    await world.process()
    assert world.tracked("o1").finished
    assert world.told("o1") == ["created", "changed", "inserted", "stage", "performed", "stage", "finished"]
    assert world.store.partner_keys(ORDERS, Side.CRM, ["o1"]) == {"o1": "D001"}
    assert world.store.open_intents(ORDERS) == []


async def test_a_finished_document_is_looked_at_no_more(world: SagaWorld) -> None:
    """A run over nothing but finished documents reads the listing, and no look."""
    world.submit("o1")
    await world.process()
    world.invoice("D001")
    await world.process()
    before = world.erp.reads
    step = await world.process()
    assert world.erp.reads == before
    assert step.job.counters.total == 0


async def test_every_write_is_in_the_journal(world: SagaWorld) -> None:
    """Create, change and note each have one entry that names the records on both sides."""
    world.submit("o1")
    await world.process()
    entries = world.store.last_writes(ORDERS, Side.ERP) + world.store.last_writes(ORDERS, Side.CRM)
    assert [(each.action, each.key, each.source_key) for each in entries] == [
        ("create document:Header", "D001", "o1"),
        ("insert:note", "note o1", "D001"),
        ("change:order", "o1", "D001"),
    ]
    assert entries[0].after["1.No"] == "P1"


async def test_what_is_missing_holds_an_order_until_it_is_there(world: SagaWorld) -> None:
    """The list of problems is kept, told once, and gone when the order goes through by itself."""
    world.submit("o1")
    world.crm.put("order", "o1", {"customer": "a2"})
    for _ in range(2):
        await world.process()
    assert world.tracked("o1").problems == (NO_CUSTOMER,)
    assert world.told("o1") == ["held"]
    assert world.erp.creates == []
    assert world.store.count_documents(ORDERS) == [("", True, 1)]
    world.crm.put("order", "o1", {"customer": "a1"})
    await world.process()
    assert not world.tracked("o1").held
    assert world.store.count_documents(ORDERS) == [("Open", False, 1)]


async def test_a_refusal_holds_the_order_with_the_services_words(world: SagaWorld) -> None:
    """Nothing is left behind, and the next run tries again."""
    world.submit("o1")
    world.erp.script_next(world.mark("o1"), ScriptedAnswer(outcome=Outcome.REJECTED))
    await world.process()
    [problem] = world.tracked("o1").problems
    assert problem.code == "erp_refused"
    assert "answered rejected" in problem.what
    assert world.store.open_intents(ORDERS) == []
    await world.process()
    assert world.tracked("o1").stage == "Open"
    assert len(world.erp.creates) == 2


async def test_a_lost_answer_is_found_by_the_mark(world: SagaWorld) -> None:
    """The document is adopted in the same run, journalled once, and no second one is sent."""
    world.submit("o1")
    world.erp.script_next(world.mark("o1"), LOST)
    await world.process()
    assert world.erp.keys("Header") == ["D001"]
    assert world.told("o1")[:2] == ["unanswered", "adopted"]
    assert [each.key for each in world.store.last_writes(ORDERS, Side.ERP)] == ["D001"]
    assert world.store.open_intents(ORDERS) == []


@pytest.mark.parametrize("other_process", [False, True])
async def test_a_lost_request_is_sent_again_when_it_can_not_take_effect_any_more(
    world: SagaWorld, *, other_process: bool
) -> None:
    """Until its life has passed the order waits; another process counts from its own first look on."""
    world.submit("o1")
    world.erp.script_next(world.mark("o1"), NEVER_CAME)
    await world.process()
    assert world.tracked("o1").stage == "Sent"
    process = "p2" if other_process else "p1"
    await world.process(process=process)
    assert len(world.erp.creates) == 1
    world.clock.seconds += 2.0
    await world.process(process=process)
    assert len(world.erp.creates) == 2
    assert world.tracked("o1").stage == "Open"


async def test_a_create_that_lands_late_is_adopted(world: SagaWorld) -> None:
    """The order waited for it, so there is one document."""
    world.submit("o1")
    world.erp.script_next(world.mark("o1"), LATE)
    await world.process()
    world.erp.land_late_documents()
    world.clock.seconds += 10.0
    await world.process()
    assert world.erp.keys("Header") == ["D001"]
    assert world.tracked("o1").stage == "Open"


async def test_a_message_whose_answer_is_lost_is_judged_by_the_end_state(world: SagaWorld) -> None:
    """What the CRM shows afterwards tells that it was done; the message is not sent twice."""
    world.submit("o1")
    await world.process()
    world.ship("D001")
    world.crm.script_next("Fulfill", LOST)
    await world.process()
    assert world.tracked("o1").stage == "Shipped"
    assert world.crm.performed == [("Fulfill", "o1")]


async def test_a_message_that_was_lost_is_sent_again_after_its_life(world: SagaWorld) -> None:
    """Meanwhile the order waits where it is."""
    world.submit("o1")
    await world.process()
    world.ship("D001")
    world.crm.script_next("Fulfill", NEVER_CAME)
    for _ in range(2):
        await world.process()
    assert len(world.crm.performed) == 1
    world.clock.seconds += 2.0
    await world.process()
    assert len(world.crm.performed) == 2
    assert world.tracked("o1").stage == "Shipped"


async def test_a_document_that_turns_out_wrong_is_taken_back_once(world: SagaWorld) -> None:
    """The same content is not created again by itself, but when it differs, or a person says so."""
    world.submit("o1")
    world.erp.script_next(world.mark("o1"), LOST)
    setup = world.setup()
    await run(process_documents(setup, seconds=0.0), world.erp, world.crm, world.clock)
    world.crm.put("order", "o1", {"total": 11, "submitted": None})
    await world.process()
    assert world.erp.keys("Header") == []
    assert world.tracked("o1").problems == (WRONG_TOTAL,)
    assert world.store.partner_keys(ORDERS, Side.CRM, ["o1"]) == {}
    world.crm.put("order", "o1", {"total": 10})
    for _ in range(2):
        await world.process()
    assert len(world.erp.creates) == 1
    assert world.tracked("o1").problems == (WRONG_TOTAL,)
    await world.process(keys=("o1",), again=True)
    assert len(world.erp.creates) == 2
    assert world.tracked("o1").stage == "Open"


async def test_other_content_is_created_after_one_was_taken_back(world: SagaWorld) -> None:
    """A corrected order goes through without further clicks."""
    world.submit("o1")
    await world.process()
    world.crm.put("order", "o1", {"total": 11})
    await world.process()
    assert world.tracked("o1").held
    await world.process()
    assert world.tracked("o1").stage == "Open"
    assert world.erp.keys("Header") == ["D002"]


async def test_a_service_that_is_away_stops_the_run_and_says_so(world: SagaWorld, database: Database) -> None:
    """What was answered before is remembered; the next run goes on."""
    world.submit("o1")
    world.submit("o2")
    world.erp.script_next(world.mark("o2"), ScriptedAnswer(outcome=Outcome.RETRY_LATER))
    with pytest.raises(ServiceUnavailable):
        await world.process()
    assert world.store.open_intents(ORDERS) == []
    assert job_messages(database) == [
        "The service answered retry later for " + world.mark("o2") + ". Try again."
    ]
    await world.process()
    assert len(world.erp.keys("Header")) == 2
    assert {world.tracked(key).stage for key in ("o1", "o2")} == {"Open"}


async def test_a_change_by_someone_else_is_looked_at_again(world: SagaWorld) -> None:
    """A refused condition leads to another look, in the same run."""
    world.submit("o1")
    world.crm.script("order", "o1", ScriptedAnswer(outcome=Outcome.STALE))
    await world.process()
    assert world.tracked("o1").stage == "Open"


async def test_an_order_that_never_rests_is_let_go_for_this_run(world: SagaWorld) -> None:
    """After some twenty steps it is held, and the next run takes it up again."""
    world.submit("o1")
    world.crm.script("order", "o1", *[ScriptedAnswer(outcome=Outcome.STALE)] * 30)
    await world.process()
    assert [each.code for each in world.tracked("o1").problems] == ["changed_meanwhile"]
    await world.process()
    assert world.tracked("o1").stage == "Open"


async def test_a_defect_of_the_rules_holds_one_order_and_not_the_others(world: SagaWorld) -> None:
    """An order that the rules fail on is held with a word about it."""
    world.submit("o1")
    world.submit("o2", total=5)

    def decide(seen: Any) -> Any:
        """Fail on one order."""
        if seen.document.key == "o1":
            raise KeyError("price")
        return SAGA.decide(seen)

    setup = replace(world.setup(), saga=replace(SAGA, decide=decide))
    await run(process_documents(setup, seconds=100.0), world.erp, world.crm, world.clock)
    assert [each.code for each in world.tracked("o1").problems] == ["defect"]
    assert world.tracked("o2").stage == "Open"


async def test_an_order_whose_partner_is_deleted_is_uncoupled_and_made_anew(world: SagaWorld) -> None:
    """Level-triggered: what follows is decided on what both services hold."""
    world.submit("o1")
    await world.process()
    world.erp.remove("Header", "D001")
    await world.process()
    assert world.erp.keys("Header") == ["D002"]
    assert "released" in world.told("o1")
    assert world.store.partner_keys(ORDERS, Side.CRM, ["o1"]) == {"o1": "D002"}


async def test_a_partner_is_never_taken_from_another_document(world: SagaWorld) -> None:
    """A copy that carries the mark of another order is coupled with nobody else."""
    world.submit("o1")
    await world.process()
    world.submit("o2")
    world.erp.put("Header", "D001", {"Mark": world.mark("o2")})
    await world.process()
    assert [each.code for each in world.tracked("o2").problems] == ["partner_taken"]
    assert world.store.partner_keys(ORDERS, Side.CRM, ["o1", "o2"]) == {"o1": "D001"}


async def test_nothing_new_begins_when_the_integration_is_off(world: SagaWorld) -> None:
    """What is under way is followed all the same."""
    world.submit("o1")
    await world.process()
    world.submit("o2")
    world.ship("D001")
    await world.process(takes_new=False)
    assert world.tracked("o1").stage == "Shipped"
    assert world.store.documents_by_key(ORDERS, ["o2"]) == {}


async def test_a_process_that_stood_still_sends_nothing(world: SagaWorld) -> None:
    """After an announcement that took too long the order is looked at again first."""
    world.submit("o1")

    class SlowStore:
        """A store in whose first announcement the process stands still."""

        def __init__(self) -> None:
            self.slow = True

        def __getattr__(self, name: str) -> Any:
            return getattr(world.store, name)

        def announce(self, intents: Any) -> None:
            """Announce, and let a long time pass."""
            world.store.announce(intents)
            world.clock.seconds += 3600.0 if self.slow else 0.0
            self.slow = False

    await world.process(store=SlowStore())
    assert len(world.erp.creates) == 1
    assert world.tracked("o1").stage == "Open"
    assert world.store.open_intents(ORDERS) == []


async def test_a_run_in_small_steps_does_each_document_once(world: SagaWorld) -> None:
    """The budget ends after each batch; the next step of the run goes on where it was."""
    for number in range(7):
        world.submit(f"o{number}")
    setup = world.setup(batch_size=2)
    step = None
    steps = 0
    while step is None or step.more:
        world.clock.seconds += 1.0
        work = process_documents(setup, seconds=-1.0, earlier=step)
        step = await run(work, world.erp, world.crm, world.clock)
        steps += 1
        assert steps < 20
    assert steps > 3
    assert step.job.counters.inserted == 7
    assert sorted(world.erp.creates) == sorted(world.mark(f"o{number}") for number in range(7))


async def test_looks_ask_once_for_all_documents(world: SagaWorld) -> None:
    """Ten times the documents of one batch cost no more reads."""
    world.submit("o0")
    await world.process()
    before = world.erp.reads
    for number in range(1, 3):
        world.submit(f"a{number}")
    await world.process()
    few = world.erp.reads - before
    before = world.erp.reads
    for number in range(30):
        world.submit(f"b{number}")
    await world.process()
    assert world.erp.reads - before <= few + 1


def test_looks_keep_their_order_within_a_side() -> None:
    """What is posted from one table to the next is never missed; a look that starts too early is refused."""
    stages = [[each.name for each in stage] for stage in stages_of(SAGA)]
    places = {name: place for place, stage in enumerate(stages) for name in stage}
    assert places["header"] < places["marked"] < places["invoices"]
    wrong = Look(name="x", side=Side.ERP, table="T", fields=(), start="later")
    with pytest.raises(ValueError, match="starts from later"):
        stages_of(replace(SAGA, looks=(wrong,), decide=lambda _: Rest(stage="")))
