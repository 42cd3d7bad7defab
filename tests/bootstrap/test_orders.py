"""Orders over both embedded services and the real protocols, with requests cut off before or after their effect."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.verify.demo_company import DemoCompany, open_demo_company

from interlace.bootstrap import ends as ends_module
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.orders import Orders
from interlace.bootstrap.synch_work import EngineSynchWork
from interlace.connectors.runner import SystemClock
from interlace.domain.keys import KEY_SEPARATOR
from interlace.jobs.ports import SynchMode
from interlace.lead_to_cash import mapping_names
from interlace.sandbox.faults import Fault, FaultMoment
from interlace.verify import End

pytestmark = pytest.mark.slow

ORDERS = mapping_names.SALESORDER_ORDER
SUBMITTED = 1
LIFE_SECONDS = 700.0


class LaterClock(SystemClock):
    """The machine's clock, moved on by a test."""

    offset = 0.0

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Return seconds on a clock that never steps back."""
        return time.monotonic() + LaterClock.offset


class Shop:
    """Submits orders in the CRM, and sees what came of them in the ERP."""

    def __init__(self, demo: DemoCompany, account: str, product: dict[str, str]) -> None:
        self.demo = demo
        self.account = account
        self.product = product
        self.orders = Orders(application=demo.application, connection=demo.connection)

    async def submit(self, name: str) -> None:
        """Enter an order with one line and hand it in."""
        settings = self.demo.connection.settings
        await self.demo.post_crm(
            "salesorders",
            {
                "name": name,
                "ordernumber": name,
                "customerid_account@odata.bind": f"/accounts({self.account})",
                "pricelevelid@odata.bind": f"/pricelevels({settings.default_price_list_id})",
                "transactioncurrencyid@odata.bind": f"/transactioncurrencies({settings.base_currency_id})",
                "order_details": [
                    {
                        "quantity": 2,
                        "productid@odata.bind": f"/products({self.product['productid']})",
                        "uomid@odata.bind": f"/uoms({self.product['uomid']})",
                    }
                ],
            },
        )
        await self.demo.patch_crm(f"salesorders({await self.key(name)})", {"statecode": SUBMITTED})

    async def key(self, name: str) -> str:
        """Return an order's key."""
        rows = self.demo.reader.rows(End.CRM, "salesorders", ("salesorderid", "ordernumber"))
        [key] = [str(row["salesorderid"]) async for row in rows if row["ordernumber"] == name]
        return key

    async def erp_orders(self) -> list[str]:
        """Return the numbers of the ERP orders that carry a mark of ours."""
        rows = self.demo.reader.rows(End.ERP, "SalesOrder", ("No", "External_Document_No"))
        return [str(row["No"]) async for row in rows if str(row["External_Document_No"]).startswith("CRM")]

    async def process(self) -> dict[str, int]:
        """Take all orders on; return what was counted."""
        job = await self.orders.process(self.demo.ends)
        return {name: number for name, number in job.counters.as_dict().items() if number}


async def shop_of(demo: DemoCompany) -> Shop:
    """Synchronize everything, and choose a customer and a product to order."""
    await demo.synchronize("first", whole=True)
    await demo.synchronize("second", whole=True)
    listed = demo.connection.settings.default_price_list_id
    priced = [
        {"productid": str(row["_productid_value"]), "uomid": str(row["_uomid_value"])}
        async for row in demo.reader.rows(
            End.CRM, "productpricelevels", ("_productid_value", "_uomid_value", "_pricelevelid_value")
        )
        if row["_pricelevelid_value"] == listed
    ]
    wanted = ("accountid", "ilc_erpkey", "_transactioncurrencyid_value")
    base = demo.connection.settings.base_currency_id
    accounts = [
        str(row["accountid"])
        async for row in demo.reader.rows(End.CRM, "accounts", wanted)
        if row["ilc_erpkey"] and row["_transactioncurrencyid_value"] in (base, None)
    ]
    return Shop(demo, accounts[0], priced[0])


async def test_orders_arrive_once_whatever_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One order after the other becomes one ERP order: plainly, with its answer lost, and with its request lost."""
    LaterClock.offset = 0.0
    monkeypatch.setattr(ends_module, "SystemClock", LaterClock)
    async with open_demo_company(tmp_path) as demo:
        shop = await shop_of(demo)
        await _plain(shop)
        await _answer_lost(shop)
        await _request_lost(shop)
        await _only_one_run_at_a_time(shop)
        await _ordinary_runs_leave_orders_alone(shop)


async def _plain(shop: Shop) -> None:
    await shop.submit("PLAIN")
    assert await shop.process() == {"inserted": 1}
    shown = shop.orders.show("PLAIN")
    [number] = await shop.erp_orders()
    assert shown.document.partner == f"Order{KEY_SEPARATOR}{number}"
    assert shop.orders.show(number).document.key == shown.document.key
    assert not shown.document.held, shown.document.problems
    assert shown.events[0].kind == "created"
    assert [(each.stage, each.orders, each.held) for each in shop.orders.counts()] == [
        (shown.document.stage, 1, 0)
    ]
    assert [each.key for each in shop.orders.under_way()] == [shown.document.key]
    assert await shop.process() == {"unchanged": 1}
    with pytest.raises(ConnectionProblem, match="NOTHING"):
        shop.orders.show("NOTHING")


async def _answer_lost(shop: Shop) -> None:
    await shop.submit("ANSWER")
    fault = Fault(method="POST", path_contains="salesOrders", moment=FaultMoment.AFTER)
    shop.demo.erp.faults.faults.append(fault)
    assert (await shop.process())["inserted"] == 1
    assert len(await shop.erp_orders()) == 2
    assert [each.kind for each in shop.orders.show("ANSWER").events][:2] == ["unanswered", "adopted"]


async def _request_lost(shop: Shop) -> None:
    await shop.submit("REQUEST")
    shop.demo.erp.faults.faults.append(Fault(method="POST", path_contains="salesOrders"))
    await shop.process()
    assert shop.orders.show("REQUEST").document.partner is None
    await shop.process()
    assert len(await shop.erp_orders()) == 2
    LaterClock.offset += LIFE_SECONDS
    await shop.process()
    assert len(await shop.erp_orders()) == 3
    progress = await shop.orders.retry(shop.demo.ends, "REQUEST")
    assert progress.document.partner is not None


async def _only_one_run_at_a_time(shop: Shop) -> None:
    state, connection = shop.demo.application.state, shop.demo.connection
    fence = state.take_lease(connection.id, ORDERS, "another run")
    assert fence is not None
    with pytest.raises(MappingBusy):
        await shop.process()
    state.release_lease(connection.id, ORDERS, fence)


async def _ordinary_runs_leave_orders_alone(shop: Shop) -> None:
    application, connection = shop.demo.application, shop.demo.connection
    assert ORDERS not in application.known_mappings(connection, [])
    assert application.known_mappings(connection, [ORDERS]) == [ORDERS]
    store = application.connection_store(connection).fenced(ORDERS, 1)
    with pytest.raises(ConnectionProblem, match="orders process"):
        application.run_setup(connection, ORDERS, run_id="r", create_new=True, compare_all=True, store=store)


async def test_background_jobs_take_orders_on(tmp_path: Path) -> None:
    """A job over the saga's mapping takes documents on under the lease that it was given."""
    async with open_demo_company(tmp_path) as demo:
        shop = await shop_of(demo)
        for name in ("A", "B"):
            await shop.submit(name)
        work = EngineSynchWork(demo.application)
        try:
            state, connection = demo.application.state, demo.connection
            more, steps = True, 0
            while more:
                fence = state.take_lease(connection.id, ORDERS, "run")
                assert fence is not None
                progress = await work.run_batch(connection.id, ORDERS, SynchMode.INCREMENTAL, "run", fence)
                state.release_lease(connection.id, ORDERS, fence)
                assert not progress.stopped, progress.stopped
                more = progress.more
                steps += 1
                assert steps < 20
        finally:
            await work.close()
        assert len(await shop.erp_orders()) == 2
