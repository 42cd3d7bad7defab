"""A memory with as many couplings as wanted, as synchronizations would have left it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ConnectionId, CrmKey, ErpKey, MappingName
from interlace.domain.record_names import RecordNames
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult
from interlace.store.state_store import StateStore

CONNECTION = ConnectionId("benchmark")
CUSTOMER, ITEM = MappingName("CUSTOMER"), MappingName("ITEM-PRODUCT")
_LAYOUT = "names"
_ROWS = ("Name>name",)
_FIRST = (
    "Adatum",
    "Contoso",
    "Fabrikam",
    "Litware",
    "Nordwind",
    "Prosjekt",
    "Relecloud",
    "Tailspin",
    "Ærø",
    "Ёлка",
)
_KIND = (
    "Bakery",
    "Corporation",
    "Design",
    "Energy",
    "Hardware",
    "Kjøkken",
    "Logistics",
    "Toys",
    "Trading",
    "Wine",
)
_PLACE = ("Atlanta", "Bergen", "Auckland", "Guadalajara", "Москва", "Oslo", "Tampere", "Turku", "Wellington")


def names_of(_connection: str, _mapping: MappingName) -> RecordNames:
    """Return what names the records of both mappings."""
    return RecordNames(row_ids=_ROWS, layout=_LAYOUT, erp_rows=_ROWS, crm_rows=_ROWS)


def fill(state: StateStore, couplings: int) -> None:
    """Store couplings batch by batch, as a full synchronization does: nine of ten are customers, the rest items."""
    store = state.connection_store(CONNECTION)
    chance = random.Random(1)  # noqa: S311 - variety, not secrets
    for mapping, number in ((CUSTOMER, couplings * 9 // 10), (ITEM, couplings // 10)):
        store.remap_agreed(mapping, _LAYOUT, _ROWS)
        job = SynchJob(
            id=f"job of {mapping}",
            mapping=mapping,
            direction=Direction.TO_INTEGRATION_TABLE,
            started_at=datetime(2026, 1, 1, tzinfo=UTC),
            counters=Counters(),
        )
        made = _couplings(mapping, number, chance)
        while batch := tuple(islice(made, 1_000)):
            store.remember(BatchResult(job=job, couplings=batch))


def _couplings(mapping: MappingName, number: int, chance: random.Random) -> Iterator[Coupling]:
    for count in range(number):
        name = f"{chance.choice(_FIRST)} {chance.choice(_KIND)} {chance.choice(_PLACE)} {count % 9973}"
        yield Coupling(
            mapping=mapping,
            erp_key=ErpKey(f"{mapping[0]}{count:07}"),
            crm_key=CrmKey(str(UUID(int=chance.getrandbits(128), version=4))),
            agreed=AgreedValues(layout=_LAYOUT, pairs=((name, name),)),
        )
