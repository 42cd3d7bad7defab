"""The register of partners in the ERP follows the couplings, and only what differs is written."""

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, World

from interlace.connectors.runner import run
from interlace.domain.keys import ErpKey
from interlace.domain.partner_register import PartnerRegister
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.partner_register import RegisterComparison, compare_register, keep_register
from interlace.engine.ports import Deletion, Outcome, TableView, Write, WriteResult
from interlace.engine.service import ServiceMismatch
from interlace.testing.fake_service import ScriptedAnswer

_REGISTER = PartnerRegister(
    mapping=FIRMS,
    table="Register",
    crm_key_field="CRM_ID",
    erp_key_field="No",
    fixed=(("Kind", 18),),
    without_table="Publish the page Register.",
)


async def _coupled(world: World, count: int) -> dict[str, str]:
    """Couple some customers; gives the ERP key of each account."""
    for number in range(1, count + 1):
        values: dict[str, Value] = {
            "Name": f"Firm {number}",
            "Phone": "1",
            "Salesperson": "AA",
            "Credit": number,
            "Blocked": None,
        }
        world.erp.put("Customer", f"C{number}", values)
    for number in range(count + 1, 4):
        world.erp.remove("Customer", f"C{number}")
    await world.full(PEOPLE)
    await world.full(FIRMS)
    return {world.partner(f"C{number}"): f"C{number}" for number in range(1, count + 1)}


async def _keep(world: World) -> RegisterComparison:
    return await run(keep_register(_REGISTER, world.store), world.erp, world.crm, world.clock)


def _told(world: World) -> dict[str, object]:
    found = {key: world.erp.get("Register", key) for key in world.erp.keys("Register")}
    return {key: None if values is None else values["No"] for key, values in found.items()}


async def test_register_tells_every_coupling_and_then_rests(world: World) -> None:
    """Each coupling has one record under the CRM's key; the second comparison writes nothing."""
    wanted = await _coupled(world, 5)
    first = await _keep(world)
    assert (first.entries, first.created, first.written) == (5, 5, 5)
    assert _told(world) == wanted
    assert (world.erp.get("Register", next(iter(wanted))) or {})["Kind"] == 18
    arrived = len(world.erp.writes)
    assert await _keep(world) == RegisterComparison(entries=5)
    assert len(world.erp.writes) == arrived


async def test_only_what_differs_is_written(world: World) -> None:
    """A strange record goes, a wrong one is corrected, a missing one comes; the others stay untouched."""
    wanted = await _coupled(world, 4)
    await _keep(world)
    first, second, *_ = wanted
    world.erp.put("Register", first, {"CRM_ID": first, "No": "ELSE", "Kind": 18})
    world.erp.remove("Register", second)
    world.erp.put("Register", "nobody", {"CRM_ID": "nobody", "No": "C9", "Kind": 18})
    arrived = len(world.erp.writes)
    kept = await _keep(world)
    assert (kept.created, kept.changed, kept.deleted, kept.refused) == (1, 1, 1, ())
    assert _told(world) == wanted
    new = [write for _, write in world.erp.writes[arrived:]]
    assert [type(write) for write in new] == [Deletion, Write, Write]


async def test_uncoupled_record_leaves_the_register(world: World) -> None:
    """What is no longer coupled is no longer told, and the comparison says so beforehand without writing."""
    await _coupled(world, 3)
    await _keep(world)
    world.store.remove_couplings(FIRMS, [ErpKey("C2")])
    work = compare_register(_REGISTER, world.store)
    difference = await run(work, world.erp, world.crm, world.clock)
    assert (difference.entries, difference.count) == (2, 1)
    assert (await _keep(world)).deleted == 1
    assert sorted(map(str, _told(world).values())) == ["C1", "C3"]


async def test_writes_go_in_batches_of_the_services_size(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that takes few writes at once gets them few at a time."""
    world.erp.declare("Register", write_batch_size=2)
    wanted = await _coupled(world, 5)
    sizes: list[int] = []
    write = world.erp.write

    async def counted(view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Note how many come at once."""
        sizes.append(len(writes))
        return await write(view, writes)

    monkeypatch.setattr(world.erp, "write", counted)
    assert (await _keep(world)).created == 5
    assert sizes == [2, 2, 1]
    assert _told(world) == wanted


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.RETRY_LATER, Outcome.REJECTED])
async def test_refused_or_lost_write_is_told_and_made_good(world: World, outcome: Outcome) -> None:
    """A write that went wrong is named, the others are done, and the next comparison writes it."""
    wanted = await _coupled(world, 3)
    unlucky = next(iter(wanted))
    world.erp.script("Register", unlucky, ScriptedAnswer(outcome=outcome))
    kept = await _keep(world)
    assert kept.created == 2
    assert len(kept.refused) == 1
    assert unlucky in kept.refused[0]
    assert (await _keep(world)).created == 1
    assert _told(world) == wanted


async def test_record_that_somebody_else_wrote_meanwhile_is_no_problem(world: World) -> None:
    """An existing record is left as it is until the next comparison."""
    wanted = await _coupled(world, 1)
    world.erp.script("Register", next(iter(wanted)), ScriptedAnswer(outcome=Outcome.EXISTS))
    assert await _keep(world) == RegisterComparison(entries=1)


async def test_missing_table_is_told_to_the_caller(world: World) -> None:
    """An ERP without the register raises what its connector says; nothing is written."""
    await _coupled(world, 1)
    arrived = len(world.erp.writes)
    world.erp.fail_next_read(ServiceMismatch("no such page"))
    with pytest.raises(ServiceMismatch, match="no such page"):
        await _keep(world)
    assert len(world.erp.writes) == arrived
    assert world.store.count_couplings(FIRMS) == 1
    assert world.store.partner_keys(FIRMS, Side.ERP, ["C1"])
