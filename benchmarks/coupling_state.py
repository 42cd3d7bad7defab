"""A memory with as many couplings as wanted, as synchronizations would have left it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.error_codes import ErrorCode
from interlace.domain.errors import RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ConnectionId, CrmKey, ErpKey, MappingName
from interlace.domain.record_names import RecordNames
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult, JournalEntry, SynchError
from interlace.store.state_store import StateStore

CONNECTION = ConnectionId("benchmark")
CUSTOMER, ITEM = MappingName("CUSTOMER"), MappingName("ITEM-PRODUCT")
_BATCH = 1_000
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


def fill(state: StateStore, couplings: int, connection: ConnectionId = CONNECTION) -> None:
    """Store couplings batch by batch, as a full synchronization does: nine of ten are customers, the rest items."""
    store = state.connection_store(connection)
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
        while batch := tuple(islice(made, _BATCH)):
            store.remember(BatchResult(job=job, couplings=batch))


def fill_work(state: StateStore, number: int, connection: ConnectionId = CONNECTION) -> None:
    """Store what synchronizations leave beside couplings: so many writes and waiting records, of twenty causes."""
    store = state.connection_store(connection)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for begin in range(0, number, _BATCH):
        job = SynchJob(
            id=f"job {begin}",
            mapping=CUSTOMER,
            direction=Direction.TO_INTEGRATION_TABLE,
            started_at=at + timedelta(seconds=begin),
            counters=Counters(),
        )
        places = range(begin, min(number, begin + _BATCH))
        store.remember(
            BatchResult(
                job=job,
                journal=[_write(job, place) for place in places],
                errors=[_error(job, place) for place in places],
            )
        )


def _write(job: SynchJob, place: int) -> JournalEntry:
    return JournalEntry(
        mapping=CUSTOMER,
        side=Side.CRM,
        key=str(UUID(int=place)),
        action="update",
        job_id=job.id,
        before={"name": f"Toys {place}", "telephone1": "1"},
        after={"name": f"Toys Oslo {place}", "telephone1": "2"},
    )


def _error(job: SynchJob, place: int) -> SynchError:
    cause = WaitsFor(mapping="SALESPEOPLE", key=f"S{place % 20}")
    error = RecordError(
        code=ErrorCode.REFERENCE_NOT_COUPLED,
        message=f"Customer E{place:07}: SALESPEOPLE S{place % 20} is not coupled.",
        waits_for=cause,
    )
    return SynchError(
        mapping=CUSTOMER,
        direction=job.direction,
        source_key=f"E{place:07}",
        error=error,
        job_id=job.id,
        at=job.started_at,
    )


def _couplings(mapping: MappingName, number: int, chance: random.Random) -> Iterator[Coupling]:
    for count in range(number):
        name = f"{chance.choice(_FIRST)} {chance.choice(_KIND)} {chance.choice(_PLACE)} {count % 9973}"
        yield Coupling(
            mapping=mapping,
            erp_key=ErpKey(f"{mapping[0]}{count:07}"),
            crm_key=CrmKey(str(UUID(int=chance.getrandbits(128), version=4))),
            agreed=AgreedValues(layout=_LAYOUT, pairs=((name, name),)),
        )
