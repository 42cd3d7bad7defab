"""Both services in process, connected by the real connectors and the real store, and a full synchronization done.

A world begins from images that are made once in a process, so that each test has books of its own at little cost.
"""

import asyncio
import itertools
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Final

from tests.golden_orders import company
from tests.golden_orders.order_worker import OrderRun, OrderWorker
from tests.golden_orders.people import Clerk, Salesperson
from yarl import URL

from interlace.connectors.http_message import HttpAnswer
from interlace.domain.integration_field_mapping import NamedKey
from interlace.domain.keys import CrmKey, MappingName, erp_number_of, key_namespace
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.values import Value
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.simulation.memory import Memory
from interlace.simulation.process import Process
from interlace.simulation.services import Images, Services
from interlace.simulation.virtual_time import VirtualClock, VirtualTimeLoop
from interlace.simulation.wire import Wire
from interlace.simulation.wire_faults import NO_FAULTS, FaultWeights
from interlace.simulation.worker import ConnectedPair, RunOrder

DEFAULT_PRICE_LIST: Final = "Interlace Default Price List"
MAPPINGS: Final = {each.name: each for each in DEFAULT_MAPPINGS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Both services and our memory at the moment when orders begin to come."""

    images: Images
    memory: bytes
    pair: ConnectedPair
    seconds: float


@cache
def memory_of_this_process() -> Memory:
    """Open the one database that all worlds of a process use in turn."""
    return Memory()


@cache
def _empty_memory() -> bytes:
    return memory_of_this_process().image()


class World:
    """A company, an organization, people at both, and Interlace between them."""

    services_of: ClassVar[type[Services]] = Services
    worker_of: ClassVar[type[OrderWorker]] = OrderWorker

    def __init__(self, seed: str, begin: Beginning | None = None, faults: FaultWeights = NO_FAULTS) -> None:
        self.seed = seed
        self.clock = VirtualClock()
        self.clock.seconds = 0.0 if begin is None else begin.seconds
        self.loop = VirtualTimeLoop(self.clock)
        self.loop.set_exception_handler(lambda loop, context: None)
        self.memory = memory_of_this_process()
        empty = _empty_memory()
        self.memory.clock = self.clock
        self.memory.gate.process = None
        self.memory.begin(empty if begin is None else begin.memory)
        self.services = self.services_of(
            self.clock, seed, None if begin is None else begin.images, rows=company.rows
        )
        self.wire = Wire(self.services, seed, faults)
        self.clerk = Clerk(self.services)
        self.salesperson = Salesperson(self.services)
        self.pair = self._connect() if begin is None else begin.pair
        self.settings: dict[str, Value] = {}
        """What the connection's settings say for orders."""
        self.processes = 0
        self.runs = 0
        self.interrupted = False
        """People acted as `before_request` says."""
        self._worker: OrderWorker | None = None

    def close(self) -> None:
        """Close both services."""
        self.memory.gate.process = None
        self.services.close()
        self.loop.close()

    def beginning(self) -> Beginning:
        """Keep everything as it is now."""
        self.memory.gate.process = None
        return Beginning(
            images=self.services.images(),
            memory=self.memory.image(),
            pair=self.pair,
            seconds=self.clock.seconds + 60.0,
        )

    def _connect(self) -> ConnectedPair:
        """Set the organization up as enabling a connection does."""
        organization = self.services.crm.options.organization_id
        person = self.salesperson
        person.ask(
            "PATCH",
            f"organizations({organization})",
            {"issopintegrationenabled": True, "pricingdecimalprecision": 4},
        )
        currency = str(self.services.crm.records.base_currency_id)
        price_list = person.create(
            "pricelevels",
            {
                "name": DEFAULT_PRICE_LIST,
                "transactioncurrencyid@odata.bind": f"/transactioncurrencies({currency})",
            },
        )
        return ConnectedPair(
            erp_company_id=self.services.erp.company.id,
            crm_organization_id=organization,
            named_keys={
                NamedKey.BASE_CURRENCY: currency,
                NamedKey.DEFAULT_PRICE_LIST: price_list,
                NamedKey.ERP_COMPANY: self.services.erp.company.id,
            },
        )

    def worker(self) -> OrderWorker:
        """Return the process of Interlace that lives, or begin one."""
        if self._worker is None or not self._worker.process.alive:
            self.processes += 1
            self._worker = self.worker_of(
                process=Process(f"p{self.processes}"),
                wire=self.wire,
                memory=self.memory,
                clock=self.clock,
                pair=self.pair,
                mappings=MAPPINGS,
                step_pages=50,
                page_sizes=(200, 300),
                write_in_product=f"Item {company.WRITE_IN_ITEM}",
                settings=self.settings,
            )
        self.memory.gate.process = self._worker.process
        return self._worker

    def synchronize(self, names: Sequence[str], *, full: bool = False) -> None:
        """Run mappings once, one after the other; each must come to its end."""
        worker, orders = self.worker(), []
        for name in names:
            self.runs += 1
            orders.append(
                RunOrder(
                    mapping=MappingName(name),
                    run_id=f"{self.seed}-{self.runs}",
                    create_new=full,
                    compare_all=full,
                )
            )
        worker.ends = []
        self.loop.run_until_complete(worker.work(orders))
        failed = [end for end in worker.ends if not end.finished]
        assert not failed, failed

    def process_orders(self) -> OrderRun:
        """Let the saga look at every order once; raises ProcessDied where the process dies."""
        self.runs += 1
        return self.loop.run_until_complete(self.worker().process_orders(f"{self.seed}-{self.runs}"))

    def before_request(self, number: int, act: Callable[[], None]) -> None:
        """Let people act just before Interlace's request of a number takes effect, counted from now."""
        carry = self.services.carry
        sent = itertools.count()

        def interrupted(
            side: Side,
            method: str,
            url: URL,
            headers: Mapping[str, str],
            body: bytes | None,
            *,
            by_engine: bool,
        ) -> HttpAnswer:
            if by_engine and next(sent) == number:
                self.interrupted = True
                act()
            return carry(side, method, url, headers, body, by_engine=by_engine)

        self.services.carry = interrupted  # type: ignore[method-assign]

    def let_pass(self, seconds: float) -> None:
        """Let time pass, and what is still under way arrive."""
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def mark_of(self, key: str) -> str:
        """Return what the ERP order of a CRM order carries."""
        namespace = key_namespace(
            self.pair.erp_company_id, self.pair.crm_organization_id, mapping_names.SALESORDER_ORDER
        )
        return erp_number_of(namespace, CrmKey(key))

    def job(self, mapping: MappingName) -> SynchJob:
        """Return a job in whose name people couple."""
        self.runs += 1
        return SynchJob(
            id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.seed}-{self.runs}")),
            mapping=mapping,
            direction=MAPPINGS[mapping].passes[0],
            started_at=self.clock.now(),
            counters=Counters(),
        )


def _prepare_crm(world: World) -> None:
    """Do in the CRM what only its people know: digits of currencies, units, price lists, discounts."""
    person = world.salesperson
    currencies = {
        row["isocurrencycode"]: row["transactioncurrencyid"] for row in person.rows("transactioncurrencies")
    }
    for code, digits in company.CRM_DIGITS.items():
        person.ask("PATCH", f"transactioncurrencies({currencies[code]})", {"currencyprecision": digits})
    for code in company.RATES:
        person.create(
            "pricelevels",
            {
                "name": f"List {code}",
                "transactioncurrencyid@odata.bind": f"/transactioncurrencies({currencies[code]})",
            },
        )
    pieces = person.rows("uomschedules", "name eq 'NAV PCS'")[0]["uomscheduleid"]
    base = person.rows("uoms", f"_uomscheduleid_value eq {pieces}")[0]["uomid"]
    for name, quantity in company.CRM_UNITS.items():
        person.create(
            "uoms",
            {
                "name": name,
                "quantity": quantity,
                "uomscheduleid@odata.bind": f"/uomschedules({pieces})",
                "baseuom@odata.bind": f"/uoms({base})",
            },
        )
    for product in person.rows("products"):
        person.ask("PATCH", f"products({product['productid']})", {"quantitydecimal": 5})
    _give_volume_discounts(person)


def _give_volume_discounts(person: Salesperson) -> None:
    for number, (low, high, columns) in company.VOLUME_DISCOUNTS.items():
        by_amount = "amount" in columns
        body: dict[str, object] = {"name": f"Volume {number}", "isamounttype": by_amount}
        if by_amount:
            base = person.rows("transactioncurrencies", "isocurrencycode eq 'EUR'")[0][
                "transactioncurrencyid"
            ]
            body["transactioncurrencyid@odata.bind"] = f"/transactioncurrencies({base})"
        steps = person.create("discounttypes", body)
        step = {"lowquantity": low, "highquantity": high, **columns}
        person.create("discounts", {**step, "discounttypeid@odata.bind": f"/discounttypes({steps})"})
        product = person.rows("products", f"productnumber eq '{number}'")[0]["productid"]
        for item in person.rows("productpricelevels", f"_productid_value eq {product}"):
            person.ask(
                "PATCH",
                f"productpricelevels({item['productpricelevelid']})",
                {"discounttypeid@odata.bind": f"/discounttypes({steps})"},
            )


@cache
def beginning() -> Beginning:
    """Build both services, connect them, synchronize everything once, and set the rest up by hand."""
    world = World("golden")
    try:
        names = [each.name for each in DEFAULT_MAPPINGS if not each.run_by_saga]
        # Twice: customers name their primary contacts, contacts their customers.
        world.synchronize([*names, *names], full=True)
        _prepare_crm(world)
        return world.beginning()
    finally:
        world.close()
