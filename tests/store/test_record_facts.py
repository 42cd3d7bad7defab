"""What is remembered of records: partners, names, who is gone, when that was seen, and the jobs of a record."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.store.conftest import CUSTOMER, pair

from interlace.domain.conflict import Conflict, ConflictKind, SideOfConflict
from interlace.domain.coupling import CouplingState
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.synch_job import SynchJob
from interlace.engine.memory import BatchResult, SynchError
from interlace.store.connection_store import ConnectionStore
from interlace.store.record_facts import RecordFacts
from interlace.store.state_store import StateStore

_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_TO, _FROM = (each.value for each in (Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE))


@pytest.fixture
def job(make_job: Callable[..., SynchJob]) -> SynchJob:
    """The job that all comes of."""
    return make_job()


@pytest.fixture(autouse=True)
def filled(store: ConnectionStore, job: SynchJob) -> None:
    """Two couplings, of which one is broken with an open conflict about its account."""
    gone = Conflict(
        mapping=CUSTOMER,
        kind=ConflictKind.DELETION,
        code=ErrorCode.PARTNER_DELETED,
        caption="C2",
        erp=SideOfConflict(key="C2", digest=b"1"),
        crm=SideOfConflict(key="id-2", digest=None),
        detected_at=_AT,
    )
    error = SynchError(
        mapping=CUSTOMER,
        direction=Direction.TO_INTEGRATION_TABLE,
        source_key="C2",
        error=RecordError(code=ErrorCode.PARTNER_DELETED, message="It is gone."),
        job_id=job.id,
        at=_AT,
    )
    broken = replace(pair("C2", "id-2"), state=CouplingState.BROKEN)
    store.remember(
        BatchResult(job=job, couplings=(pair("C1", "id-1"), broken), errors=(error,), conflicts=(gone,))
    )


def known(state: StateStore, direction: str, *keys: str) -> dict[str, RecordFacts]:
    """Ask for records of the only mapping, by key."""
    found = state.known_records.of_records([(1, direction, key) for key in keys], {1: CUSTOMER})
    return {key: facts for (_, _, key), facts in found.items()}


def test_a_pair_is_known_from_either_side(state: StateStore, store: ConnectionStore) -> None:
    """Each with both keys; the deleted side is told by the conflict, the sweep by its moment."""
    ours, theirs = known(state, _TO, "C1", "C2", "C3"), known(state, _FROM, "id-1", "id-2")
    assert list(ours.values()) == list(theirs.values())
    assert ours.keys() == {"C1", "C2"}
    assert (ours["C1"].crm_key, ours["C1"].is_broken, ours["C1"].deletion) == ("id-1", False, None)
    deletion = ours["C2"].deletion
    assert deletion is not None
    assert (deletion.erp.is_there, deletion.crm.is_there, deletion.detected_at) == (True, False, _AT)
    assert not ours["C1"].swept_at
    store.store_sweep(CUSTOMER, _AT)
    assert known(state, _TO, "C1")["C1"].swept_at.startswith("2026-01-01")
    store.store_sweep(CUSTOMER, datetime(1970, 1, 1, tzinfo=UTC))
    assert not known(state, _TO, "C1")["C1"].swept_at


def test_only_deletions_are_given_to_who_asks_for_them(state: StateStore) -> None:
    """By the key of the side that is named; a mapping of which nothing is known has none."""
    found = state.known_records.deletions("c", CUSTOMER, Direction.FROM_INTEGRATION_TABLE, ["id-1", "id-2"])
    assert list(found) == ["id-2"]
    assert not state.known_records.deletions("d", CUSTOMER, Direction.FROM_INTEGRATION_TABLE, ["id-2"])


def test_the_jobs_of_a_record_are_those_that_it_was_in(state: StateStore, job: SynchJob) -> None:
    """By a coupling or an error; nobody else's."""
    assert state.known_records.jobs_of("c", CUSTOMER, ["C2", "id-2"]) == {job.id: ""}
    assert state.known_records.jobs_of("c", CUSTOMER, ["C3"]) == {}
