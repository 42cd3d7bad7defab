"""The small company on which schedules begin: built once a process, then given out as images."""

import random
from dataclasses import dataclass, replace
from functools import cache

from interlace.domain.integration_field_mapping import NamedKey
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.sandbox.erp.row_loading import Row
from interlace.simulation.memory import Memory
from interlace.simulation.people import People
from interlace.simulation.process import Process
from interlace.simulation.services import Images, Outsider, Services
from interlace.simulation.tracked_tables import CONTACTS, CUSTOMERS
from interlace.simulation.virtual_time import VirtualClock, VirtualTimeLoop
from interlace.simulation.wire import Wire
from interlace.simulation.wire_faults import NO_FAULTS
from interlace.simulation.worker import ConnectedPair, RunOrder, Worker
from interlace.simulation.world import World

TABLES_AROUND = (
    mapping_names.SALESPEOPLE,
    mapping_names.CURRENCY,
    mapping_names.PAYMENT_TERMS,
    mapping_names.SHIPMENT_METHOD,
    mapping_names.SHIPPING_AGENT,
)
"""Mappings that are in step before any schedule begins: what customers and contacts refer to."""
IN_STEP = (mapping_names.CUSTOMER, mapping_names.CONTACT)
"""Mappings whose records people edit in a schedule."""
DEFAULT_PRICE_LIST = "Interlace Default Price List"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Both services and our own memory at the moment when schedules begin."""

    images: Images
    memory: bytes
    pair: ConnectedPair
    seconds: float


def rows() -> list[Row]:
    """Return the codes that customers refer to."""
    return [
        ("Country_Region", {"Code": "DE", "Name": "Germany"}),
        ("Payment_Terms", {"Code": "14D", "Description": "14 days"}),
        ("Payment_Terms", {"Code": "30D", "Description": "30 days"}),
        ("Shipment_Method", {"Code": "EXW", "Description": "Ex works"}),
        ("Shipping_Agent", {"Code": "DHL", "Name": "DHL"}),
        ("Currency", {"Code": "USD", "Description": "US Dollar"}),
        (
            "Currency_Exchange_Rate",
            {
                "Currency_Code": "USD",
                "Starting_Date": "2026-01-01",
                "Exchange_Rate_Amount": 100,
                "Relational_Exch_Rate_Amount": 90,
            },
        ),
    ]


def default_mappings() -> dict[MappingName, IntegrationTableMapping]:
    """Return the real mappings; new customers and contacts are created without being asked for."""
    free = {mapping_names.CUSTOMER, mapping_names.CONTACT}
    return {
        each.name: replace(each, synch_only_coupled_records=False) if each.name in free else each
        for each in DEFAULT_MAPPINGS
    }


def _add_records(services: Services, person: Outsider, records: int) -> None:
    world = World(services)
    services.observers.append(world)
    people = People(world=world, outsider=person, dice=random.Random("company"))
    for _ in range(records):
        people.create(Side.ERP, CUSTOMERS)
        people.create(Side.CRM, CUSTOMERS)
        people.create(Side.ERP, CONTACTS)


@cache
def memory_of_this_process() -> Memory:
    """Open the one database that all schedules of a process use in turn."""
    # The store's clock is set anew for every schedule.
    return Memory()


@cache
def _empty_memory() -> bytes:
    """Return the image of a memory that knows nothing but the connection."""
    return memory_of_this_process().image()


@cache
def beginning(records: int = 0, *, in_step: bool = False) -> Beginning:
    """Build the company, connect it, and synchronize what customers refer to, and all the rest if it is in step.

    There are so many customers on each side, and as many contacts in the ERP.
    """
    clock = VirtualClock()
    loop = VirtualTimeLoop(clock)
    memory = memory_of_this_process()
    memory.clock = clock
    memory.gate.process = None
    memory.begin(_empty_memory())
    services = Services(clock, "company", rows=rows)
    try:
        person = Outsider(services)
        currency = str(services.crm.records.base_currency_id)
        price_list = person.crm(
            "POST",
            "pricelevels",
            **{
                "name": DEFAULT_PRICE_LIST,
                "transactioncurrencyid@odata.bind": f"/transactioncurrencies({currency})",
            },
        )
        pair = ConnectedPair(
            erp_company_id=services.erp.company.id,
            crm_organization_id=services.crm.options.organization_id,
            named_keys={
                NamedKey.BASE_CURRENCY: currency,
                NamedKey.DEFAULT_PRICE_LIST: str(price_list["pricelevelid"]),
                NamedKey.ERP_COMPANY: services.erp.company.id,
            },
        )
        worker = Worker(
            process=Process("company"),
            wire=Wire(services, "company", NO_FAULTS),
            memory=memory,
            clock=clock,
            pair=pair,
            mappings=default_mappings(),
        )
        orders = [
            RunOrder(mapping=name, run_id=f"company-{name}", create_new=True, compare_all=True)
            for name in TABLES_AROUND
        ]
        _add_records(services, person, records)
        if in_step:
            # Twice: customers name their primary contacts, contacts their customers.
            orders += [
                RunOrder(mapping=name, run_id=f"company-{name}-{time}", create_new=True, compare_all=True)
                for time in (1, 2)
                for name in IN_STEP
            ]
        loop.run_until_complete(worker.work(orders))
        failed = [end for end in worker.ends if not end.finished]
        assert not failed, failed
        return Beginning(
            images=services.images(), memory=memory.image(), pair=pair, seconds=clock.seconds + 60.0
        )
    finally:
        services.close()
        loop.close()
