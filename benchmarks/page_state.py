"""What a memory holds beside couplings and errors when people look at pages: conflicts, orders, a review."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from benchmarks.coupling_state import CUSTOMER, ITEM
from interlace.domain.conflict import Conflict, ConflictKind, ConflictRow, SideOfConflict
from interlace.domain.error_codes import ErrorCode
from interlace.domain.errors import RecordError
from interlace.domain.full_synch_review import ReviewLine
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName
from interlace.domain.saga import Problem
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult, SynchError
from interlace.engine.saga_memory import DocumentsResult, TrackedDocument
from interlace.lead_to_cash.mapping_names import SALESORDER_ORDER
from interlace.store.state_store import StateStore

_AT = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 1_000
_STAGES = ("", "Open", "Released", "Shipped", "Invoiced", "Paid", "Paid", "Paid")
_MISSING = Problem(code="customer", what="The customer is not coupled.", remedy="Couple the customer.")


def fill_conflicts(state: StateStore, connection: ConnectionId, number: int) -> None:
    """Store so many conflicts of customers, two fields each."""
    conflicts, job = tuple(_conflict(place) for place in range(number)), _job(CUSTOMER)
    # A conflict is open while its pair stands on the error list.
    errors = tuple(_error(each, job) for each in conflicts)
    state.connection_store(connection).remember(BatchResult(job=job, conflicts=conflicts, errors=errors))


def fill_orders(state: StateStore, connection: ConnectionId, number: int) -> None:
    """Store so many orders; most have come to their end, one in sixteen is held."""
    store, made = state.connection_store(connection), _orders(number)
    while batch := tuple(islice(made, _BATCH)):
        store.remember_documents(DocumentsResult(job=_job(SALESORDER_ORDER), documents=batch))


def fill_review(state: StateStore, connection: ConnectionId) -> None:
    """Store a full synchronization of which one line is finished and the other is at work."""
    lines = [
        ReviewLine(
            mapping=mapping,
            direction=Direction.BIDIRECTIONAL,
            status=status,
            expected=100_000,
            started_at=_AT,
        )
        for mapping, status in (
            (CUSTOMER, JobQueueEntryStatus.FINISHED),
            (ITEM, JobQueueEntryStatus.IN_PROCESS),
        )
    ]
    state.reviews.create("run of the benchmark", connection, lines)


def _job(mapping: MappingName) -> SynchJob:
    return SynchJob(
        id=f"job of {mapping}",
        mapping=mapping,
        direction=Direction.FROM_INTEGRATION_TABLE,
        started_at=_AT,
        counters=Counters(),
    )


def _conflict(place: int) -> Conflict:
    rows = tuple(
        ConflictRow(
            row=f"{erp}>{crm}",
            erp_field=erp,
            crm_field=crm,
            erp_value=f"{place}",
            crm_value=f"{place + 1}",
            agreed=("0", "0"),
            to_crm=f"{place}",
            to_erp=f"{place + 1}",
        )
        for erp, crm in (("Phone_No", "telephone1"), ("City", "address1_city"))
    )
    return Conflict(
        mapping=CUSTOMER,
        kind=ConflictKind.UPDATE,
        code=ErrorCode.UPDATE_CONFLICT,
        caption=f"Toys Oslo {place}",
        erp=SideOfConflict(key=f"C{place:07}", digest=b"1"),
        crm=SideOfConflict(key=str(UUID(int=place + 1, version=4)), digest=b"2"),
        detected_at=_AT + timedelta(seconds=place),
        rows=rows,
    )


def _error(conflict: Conflict, job: SynchJob) -> SynchError:
    return SynchError(
        mapping=conflict.mapping,
        direction=job.direction,
        source_key=conflict.crm.key,
        error=RecordError(code=conflict.code, message=f"Both sides changed {conflict.caption}."),
        job_id=job.id,
        at=conflict.detected_at,
    )


def _orders(number: int) -> Iterator[TrackedDocument]:
    for place in range(number):
        stage, at = _STAGES[place % len(_STAGES)], _AT + timedelta(minutes=place)
        yield TrackedDocument(
            mapping=SALESORDER_ORDER,
            key=str(UUID(int=place + 1, version=4)),
            title=f"ORD-{place:07}",
            partner=f"Order\x1f{101_000 + place}" if stage else None,
            stage=stage,
            problems=(_MISSING,) if place % 16 == 0 else (),
            since=at,
            first_seen=at,
            looked_at=at,
            finished=stage == "Paid",
            run_id="run",
        )
