"""Two-way orders as the commands and the background jobs run them, over both embedded services."""

from pathlib import Path

import pytest
from tests.bootstrap.test_orders import ORDERS, Shop, shop_of
from tests.verify.demo_company import DemoCompany, open_demo_company

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.notifying.owners import Owners
from interlace.bootstrap.order_switches import change_order_settings
from interlace.bootstrap.orders import Orders
from interlace.bootstrap.synch_work import EngineSynchWork
from interlace.jobs.ports import SynchMode
from interlace.verify import End

pytestmark = pytest.mark.slow


async def _switch(demo: DemoCompany) -> Orders:
    """Switch two-way orders on, which the order integration excludes."""
    application = demo.application
    with pytest.raises(ConnectionProblem, match="exclude each other"):
        await change_order_settings(application, demo.connection, {"bidirectional_orders": True})
    changes: dict[str, bool | str] = {"bidirectional_orders": True, "order_integration": False}
    connection = await change_order_settings(application, demo.connection, changes)
    return Orders(application=application, connection=connection)


async def _crm_orders(demo: DemoCompany) -> dict[str, object]:
    """Return the state of each CRM order by the number of its ERP order."""
    rows = demo.reader.rows(End.CRM, "salesorders", ("ilc_erpkey", "statecode"))
    return {str(row["ilc_erpkey"]).rpartition("\x1f")[2]: row["statecode"] async for row in rows}


async def _erp_orders(demo: DemoCompany) -> dict[str, object]:
    """Return the status of each ERP order by its number."""
    rows = demo.reader.rows(End.ERP, "SalesOrder", ("No", "Status"))
    return {str(row["No"]): row["Status"] async for row in rows}


async def _work(demo: DemoCompany) -> None:
    """Run the mapping as a background job does, under its lease."""
    work = EngineSynchWork(demo.application)
    state, connection, more = demo.application.state, demo.connection, True
    try:
        while more:
            fence = state.take_lease(connection.id, ORDERS, "run")
            assert fence is not None
            progress = await work.run_batch(connection.id, ORDERS, SynchMode.INCREMENTAL, "run", fence)
            state.release_lease(connection.id, ORDERS, fence)
            assert not progress.stopped, progress.stopped
            more = progress.more
    finally:
        await work.close()


async def test_a_run_takes_orders_of_both_sides(tmp_path: Path) -> None:
    """Every released ERP order is a submitted CRM order or held by name; a submitted CRM order is a released one."""
    async with open_demo_company(tmp_path) as demo:
        shop: Shop = await shop_of(demo)
        shop.orders = await _switch(demo)
        before = {number for number, status in (await _erp_orders(demo)).items() if status == "Released"}
        assert before
        await shop.submit("MINE")
        await _work(demo)
        crm, erp = await _crm_orders(demo), await _erp_orders(demo)
        held = {each.title: each for each in shop.orders.listed(held=True)}
        assert set(crm) | set(held) >= before
        assert not set(crm) & set(held)
        assert all(each.problems for each in held.values())
        owners = Owners(demo.application, demo.connection).of_documents(held.values())
        assert owners.keys() == {(each.mapping, each.key) for each in held.values()}, "each has a salesperson"
        assert all("@" in each for each in owners.values())
        mine = shop.orders.show("MINE")
        assert not mine.document.held, mine.document.problems
        assert mine.document.owner, "the CRM user who owns it"
        assert erp[str(mine.document.partner).partition("\x1f")[2]] == "Released"
        assert sum(each.held for each in shop.orders.counts()) == len(held)
        for title, document in held.items():
            assert shop.orders.show(title).document.key == document.key
            assert (await shop.orders.retry(demo.ends, title)).document.held
        await shop.process()
        assert (await _crm_orders(demo), await _erp_orders(demo)) == (crm, erp)
