"""Records without news are recognized: their digests are noted, their partners are not read."""

from typing import Any

from tests.engine.conftest import FIRMS, PEOPLE, World

from interlace.domain.coupling import Coupling
from interlace.domain.side import Side
from interlace.engine.ports import Record, TableView


def coupling(world: World, erp_key: str) -> Coupling:
    """Return a customer's coupling."""
    return world.store.couplings_by_key(FIRMS, Side.ERP, [erp_key])[erp_key]


def count_reads_by_key(world: World) -> list[tuple[str, ...]]:
    """Note from now on which ERP records are read by key."""
    asked: list[tuple[str, ...]] = []
    read_keys = world.erp.read_keys

    async def noting(view: TableView, keys: tuple[str, ...]) -> list[Record | None]:
        """Read, and note the keys."""
        asked.append(keys)
        return await read_keys(view, keys)

    replaced: Any = world.erp
    replaced.read_keys = noting
    return asked


async def test_a_first_full_run_reads_no_customer_twice(world: World) -> None:
    """The accounts that it made are recognized by what they hold; both digests are known in the end."""
    await world.full(PEOPLE)
    asked = count_reads_by_key(world)
    result = await world.full(FIRMS)
    assert world.counters(result) == {"inserted": 3, "unchanged": 3}
    assert asked == []
    assert coupling(world, "C1").crm_digest is not None


async def test_a_changed_record_with_equal_content_is_no_news(world: World) -> None:
    """A new version that says the same is noted without a look at its partner."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    world.erp.writes.clear()
    asked = count_reads_by_key(world)
    world.crm.put("account", world.partner("C2"), {"telephone": "1 "})
    result = await world.full(FIRMS)
    assert world.counters(result) == {"unchanged": 6}
    assert (asked, world.erp.writes) == ([], [])


async def test_an_edit_is_never_taken_for_an_echo(world: World) -> None:
    """A mapped field that differs from what was agreed goes through the passes."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    world.crm.put("account", world.partner("C2"), {"telephone": "2"})
    result = await world.full(FIRMS)
    assert world.counters(result)["modified"] == 1
    customer = world.erp.get("Customer", "C2")
    assert customer is not None
    assert customer["Phone"] == "2"


async def test_a_one_way_field_is_restored_though_the_other_pass_has_no_work(world: World) -> None:
    """The CRM's edit of a field that only the ERP may set is no echo."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    world.crm.put("account", world.partner("C2"), {"creditlimit": 99})
    await world.full(FIRMS)
    account = world.crm.get("account", world.partner("C2"))
    assert account is not None
    assert account["creditlimit"] == 2
