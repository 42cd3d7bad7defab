"""The client under test: submitted orders become ERP orders, through the same doors as the product; then a run
over all of them in which nothing has happened.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.contender import Report, Scenario, read_task
from benchmarks.engine_run import connection_settings
from benchmarks.measure import Stretch, own_peak_memory
from benchmarks.order_desk import OrderDesk, OrdersWrong, check_orders
from benchmarks.plain_http import open_crm, open_erp
from benchmarks.service_writes import count_writes
from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_settings import CRM_SECRET, ERP_KEY_SECRET
from interlace.bootstrap.demo import enable_connection
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.orders import Orders
from interlace.engine.synch_mapping import synch_mapping
from interlace.settings import load_config

FIRST, ORDERS, NOTHING_NEW = "first tenth", "orders", "nothing new"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    orders: Orders
    ends: Ends
    pids: Mapping[str, int]
    desk: OrderDesk
    services: tuple[Any, Any]

    async def measure(self, name: str, count: int) -> Scenario:
        """Submit orders, then measure the run that takes them over; with none, a run in which nothing happened."""
        self.desk.submit(count)
        asked, written = dict(self._requests()), count_writes(*self.services)
        stretch = Stretch(self.pids)
        job = await self.orders.process(self.ends)
        cost = stretch.end()
        now = count_writes(*self.services)
        return Scenario(
            name=name,
            records=count or len(self.desk.entered),
            cost=cost,
            requests={side: total - asked[side] for side, total in self._requests().items()},
            outcome=job.counters.as_dict(),
            writes={side: now[side] - written[side] for side in now},
        )

    def _requests(self) -> dict[str, int]:
        return {side: sum(counts.values()) for side, counts in self.ends.requests.items()}

    def check(self, company: str) -> None:
        """See that each order arrived once, is worth the same and rests."""
        setup = self.orders.setup("check", 0)
        erp, crm = self.services
        check_orders(crm, erp, company, {setup.mark_of(key) for key in self.desk.entered})
        [count] = self.orders.counts()
        if (count.orders, count.held) != (len(self.desk.entered), 0):
            raise OrdersWrong(f"{count.held} of {count.orders} orders are held at {count.stage}.")


async def _main(task: dict[str, Any]) -> Report:
    state = str(Path(task["directory"]) / "interlace")
    count = int(task["orders"])
    with Application(load_config(environment={}, overrides={"state.directory": state})) as application:
        secrets = {ERP_KEY_SECRET: task["erp"]["key"], CRM_SECRET: task["crm"]["secret"]}
        added = application.add_connection(connection_settings(task["erp"], task["crm"]), secrets)
        connection = await enable_connection(application, added)
        erp, crm = open_erp(task["erp"]), open_crm(task["crm"])
        async with application.ends(connection) as ends:
            for name in application.known_mappings(connection, []):
                setup = application.run_setup(
                    connection, name, run_id="before", create_new=True, compare_all=True
                )
                await ends.run(synch_mapping(setup))
            work = _Work(
                orders=Orders(application=application, connection=connection),
                ends=ends,
                pids=task["pids"],
                desk=OrderDesk(crm),
                services=(erp, crm),
            )
            scenarios = [
                await work.measure(FIRST, count // 10),
                await work.measure(ORDERS, count - count // 10),
            ]
            work.check(task["erp"]["company"])
            scenarios.append(await work.measure(NOTHING_NEW, 0))
    return Report(scenarios=tuple(scenarios), peak_memory=own_peak_memory())


if __name__ == "__main__":
    print(asyncio.run(_main(read_task())).dump())
