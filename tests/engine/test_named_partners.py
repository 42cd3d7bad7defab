"""A CRM record names the ERP record that was made from it, whenever the process dies or the CRM does not answer."""

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, TO, World
from tests.engine.test_unfinished_creates import Died

from interlace.domain.side import Side
from interlace.engine.ports import Outcome, TableView, Write, WriteResult
from interlace.engine.service import ServiceFailure
from interlace.store.connection_store import ConnectionStore
from interlace.store.connections import StoredConnection, new_connection_id, store_connection
from interlace.store.database import Database
from interlace.store.journal import JournalSelection
from interlace.store.queries import StoreQueries
from interlace.testing.fake_service import ScriptedAnswer

ACCOUNTS = ("a-1", "a-2")


async def entered(world: World) -> None:
    """Let somebody enter two accounts beside customers that are coupled already."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    for key in ACCOUNTS:
        world.crm.put("account", key, {"name": f"Account {key}", "telephone": "1"})


def names(world: World) -> list[bool]:
    """Tell of each new account whether it names the customer that it is coupled with."""
    partners = world.store.partner_keys(FIRMS, Side.CRM, ACCOUNTS)
    rows = [world.crm.get("account", key) or {} for key in ACCOUNTS]
    return [row.get("ilc_erpkey") == partners.get(key, "") for key, row in zip(ACCOUNTS, rows, strict=True)]


def break_naming(world: World, patch: pytest.MonkeyPatch, problem: Exception) -> None:
    """Let nobody write a partner's name into the CRM."""
    write = world.crm.write

    async def broken(view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Fail where an account is told its number."""
        if any("ilc_erpkey" in each.values for each in writes):
            raise problem
        return await write(view, writes)

    patch.setattr(world.crm, "write", broken)


async def rests(world: World) -> None:
    """Show that all is named, that there are as many customers as accounts, and that a run writes nothing more."""
    assert names(world) == [True, True]
    assert len(world.erp.keys("Customer")) == len(world.crm.keys("account")) == 5
    assert world.store.open_intents(FIRMS) == []
    world.crm.writes.clear()
    world.erp.writes.clear()
    await world.full(FIRMS)
    assert (world.crm.writes, world.erp.writes) == ([], [])


@pytest.mark.parametrize("outcome", [Outcome.RETRY_LATER, Outcome.UNKNOWN, Outcome.STALE])
async def test_what_the_crm_puts_off_is_named_by_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    """The customers of a killed run are found; one account can't be told now, so its pair is taken up once more."""
    await entered(world)
    with monkeypatch.context() as patch:
        break_naming(world, patch, Died())
        with pytest.raises(Died):
            await world.full(FIRMS)
    world.crm.script("account", ACCOUNTS[0], *[ScriptedAnswer(outcome=outcome)] * 3)
    await world.full(FIRMS)
    assert names(world) == [False, True]
    await world.synch(FIRMS)
    await world.full(FIRMS)
    await rests(world)


async def test_a_crm_that_is_away_is_told_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The customers of a killed run are found while the CRM is away: once it is back, its accounts get their names."""
    await entered(world)
    with monkeypatch.context() as patch:
        break_naming(world, patch, Died())
        with pytest.raises(Died):
            await world.full(FIRMS)
    with monkeypatch.context() as patch:
        break_naming(world, patch, ServiceFailure("The CRM is away."))
        await world.full(FIRMS)
    assert names(world) == [False, False]
    await world.synch(FIRMS)
    await world.full(FIRMS)
    await rests(world)


async def test_a_process_that_dies_twice_leaves_no_account_unnamed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one finds the customers that the first one made, has more to write, and dies before it names them."""
    await entered(world)
    with monkeypatch.context() as patch:
        break_naming(world, patch, Died())
        with pytest.raises(Died):
            await world.full(FIRMS)
        for key in ACCOUNTS:
            world.crm.put("account", key, {"telephone": "2"})
        with pytest.raises(Died):
            await world.full(FIRMS)
    await world.full(FIRMS)
    await world.full(FIRMS)
    await rests(world)
    phones = {(world.erp.get("Customer", key) or {})["Phone"] for key in world.erp.keys("Customer")}
    assert phones == {"1", "2"}


async def test_a_customer_whose_account_is_not_named_yet_gets_no_second_one_in_the_first_run(
    world: World,
) -> None:
    """1. A run reads the accounts by the feed, and the customers, of which the feed tells nothing, one and all.

    2. The customer of a new account is there though the answer was lost, and the account can't be told now.
    3. The scan meets the customer, which nothing names: whose it is, only the announcement tells.
    """
    await world.full(PEOPLE)
    for key in ("C1", "C2", "C3"):
        world.erp.remove("Customer", key)
    await world.full(FIRMS)
    world.erp.expire_cursors()
    world.crm.put("account", ACCOUNTS[0], {"name": "New", "telephone": "1"})
    customer = world.setup(FIRMS).chosen_key(Side.ERP, ACCOUNTS[0])
    world.erp.script("Customer", customer, ScriptedAnswer(outcome=Outcome.UNKNOWN, takes_effect=True))
    world.crm.script("account", ACCOUNTS[0], *[ScriptedAnswer(outcome=Outcome.STALE)] * 3)
    await world.synch(FIRMS, create_new=True)
    assert world.erp.keys("Customer") == [customer]
    assert world.crm.keys("account") == [ACCOUNTS[0]]
    await world.synch(FIRMS)
    assert world.partner(customer) == ACCOUNTS[0]
    assert (world.crm.get("account", ACCOUNTS[0]) or {})["ilc_erpkey"] == customer
    assert world.store.open_intents(FIRMS) == []


@pytest.mark.parametrize("is_deleted", [False, True])
async def test_a_marked_create_is_journalled_though_its_record_is_found_by_name(
    world: World, database: Database, *, is_deleted: bool
) -> None:
    """1. The ERP chooses the number of a new customer, and the answer is lost.

    2. The next run finds it by its mark; its account is told the number, which nobody gets to know.
    3. The same run scans the customers: the account names one of them, but nobody has journalled its create.
    """
    world.erp.declare("Customer", insert_with_key=False, mark_field="Mark")
    await world.full(PEOPLE)
    for key in ("C1", "C2", "C3"):
        world.erp.remove("Customer", key)
    await world.full(FIRMS)
    world.crm.put("account", ACCOUNTS[0], {"name": "New", "telephone": "1"})
    lost = ScriptedAnswer(outcome=Outcome.UNKNOWN, takes_effect=True)
    world.erp.script("Customer", world.setup(FIRMS).chosen_key(Side.ERP, ACCOUNTS[0]), lost)
    await world.synch(FIRMS, create_new=True)
    world.erp.expire_cursors()
    world.crm.script("account", ACCOUNTS[0], lost, lost, lost)
    await world.synch(FIRMS, create_new=True)
    [customer] = world.erp.keys("Customer")
    assert (world.crm.get("account", ACCOUNTS[0]) or {})["ilc_erpkey"] == customer
    assert world.store.partner_keys(FIRMS, Side.ERP, [customer]) == {}
    if is_deleted:
        world.erp.remove("Customer", customer)
    await world.synch(FIRMS, create_new=True)
    await world.synch(FIRMS, create_new=True)
    world.clock.seconds += 1000
    await world.synch(FIRMS, create_new=True)
    assert world.store.open_intents(FIRMS) == []
    told = StoreQueries(database).journalled_writes(world.connection, JournalSelection())
    creates = [it.entry.key for it in told if it.entry.side is Side.ERP and it.entry.action == "insert"]
    assert creates == [customer, *(key for key in world.erp.keys("Customer") if key != customer)]
    assert world.store.retry_candidates(FIRMS, TO, even_skipped=True) == []


def forget(world: World, database: Database) -> None:
    """Begin with an empty memory."""
    connection = new_connection_id()
    with database.write() as writing:
        store_connection(writing, StoredConnection(id=connection, name="anew"), world.clock.now())
    world.connection = connection
    world.store = ConnectionStore(database, connection, clock=world.clock.now)


async def test_a_customer_whose_account_failed_gets_no_second_one_once_our_memory_is_lost(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account was found to be its origin, but can't be told now: the CRM was not looked through in vain."""
    await world.full(PEOPLE)
    for key in ("C1", "C2", "C3"):
        world.erp.remove("Customer", key)
    world.crm.put("account", ACCOUNTS[0], {"name": "New", "telephone": "1"})
    with monkeypatch.context() as patch:
        break_naming(world, patch, Died())
        with pytest.raises(Died):
            await world.full(FIRMS)
    forget(world, database)
    await world.full(PEOPLE)
    world.crm.script("account", ACCOUNTS[0], *[ScriptedAnswer(outcome=Outcome.STALE)] * 6)
    await world.full(FIRMS)
    world.clock.seconds += 60.0
    await world.full(FIRMS)
    assert world.crm.keys("account") == [ACCOUNTS[0]]
    assert (world.crm.get("account", ACCOUNTS[0]) or {}).get("ilc_erpkey") is None
    await world.full(FIRMS)
    await world.full(FIRMS)
    assert world.crm.keys("account") == [ACCOUNTS[0]]
    [customer] = world.erp.keys("Customer")
    assert world.partner(customer) == ACCOUNTS[0]
    assert world.store.retry_candidates(FIRMS, TO, even_skipped=True) == []
