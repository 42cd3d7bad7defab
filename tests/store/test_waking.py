"""Parked records take part again at their time, and at once when their cause is gone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.store.conftest import CUSTOMER, SetClock, pair

from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.synch_job import SynchJob
from interlace.engine.memory import BatchResult, SynchError
from interlace.store.connection_store import ConnectionStore
from interlace.store.state_store import StateStore

TO = Direction.TO_INTEGRATION_TABLE
FROM = Direction.FROM_INTEGRATION_TABLE
PEOPLE = MappingName("SALESPEOPLE")
MakeJob = Callable[..., SynchJob]
Fail = Callable[..., SynchError]


@pytest.fixture
def fail(store: ConnectionStore, make_job: MakeJob) -> Fail:
    """A function that lets a record fail in the next job, and tells what is listed of it then."""
    jobs = iter(range(1, 1000))

    def failing(key: str, code: ErrorCode, *, job_id: str = "", **changes: object) -> SynchError:
        job_id = job_id or f"j{next(jobs)}"
        error = SynchError(
            mapping=CUSTOMER,
            direction=TO,
            source_key=key,
            error=RecordError(code=code, message=f"Customer {key}: is wrong.", subject=f"Customer {key}"),
            job_id=job_id,
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        store.remember(BatchResult(job=make_job(job_id), errors=[replace(error, **changes)]))  # type: ignore[arg-type]
        return store.errors_of(CUSTOMER, TO, [key])[key]

    return failing


def due(store: ConnectionStore, direction: Direction = TO) -> list[str]:
    """Name the records that the next run tries again."""
    return store.retry_candidates(CUSTOMER, direction)


def test_a_parked_record_is_tried_again_at_growing_intervals_for_ever(
    store: ConnectionStore, clock: SetClock, fail: Fail
) -> None:
    """A minute, ten minutes, an hour, six hours, then every day."""
    assert not fail("1", ErrorCode.REJECTED_BY_SERVICE).skipped
    assert due(store) == ["1"]
    for minutes in (1, 10, 60, 360, 1440, 1440, 1440):
        assert fail("1", ErrorCode.REJECTED_BY_SERVICE).skipped
        assert due(store) == []
        clock.forward(minutes=minutes, seconds=-1)
        assert due(store) == []
        clock.forward(seconds=1)
        assert due(store) == ["1"]
        assert not store.errors_of(CUSTOMER, TO, ["1"])["1"].skipped


def test_a_passing_trouble_never_parks_a_record(store: ConnectionStore, fail: Fail) -> None:
    """However often it comes."""
    for _ in range(5):
        assert not fail("1", ErrorCode.SERVICE_UNAVAILABLE).skipped
        assert due(store) == ["1"]


def test_another_number_in_the_message_is_the_same_trouble(fail: Fail) -> None:
    """A service that tells the time, or an id of the request, does not keep a record from being parked."""
    error = fail("1", ErrorCode.REJECTED_BY_SERVICE).error
    told = replace(error, message="Customer 1: is wrong.", subject="Customer 1")
    assert fail("1", ErrorCode.REJECTED_BY_SERVICE, error=told).skipped


def test_a_partner_that_was_changed_wakes_the_record(
    store: ConnectionStore, make_job: MakeJob, fail: Fail
) -> None:
    """The opposite pass notes what the partner holds now; what was known at the failure is no news."""
    seen, known, new = b"\x01" * 16, b"\x02" * 16, b"\x03" * 16
    link = replace(pair("1", "a"), crm_digest=known)
    store.remember(BatchResult(job=make_job(), couplings=[link]))
    for _ in range(2):
        fail("1", ErrorCode.REJECTED_BY_SERVICE, partner_digest=seen)
    assert due(store) == []
    store.remember(BatchResult(job=make_job(), couplings=[replace(link, crm_digest=seen)]))
    assert due(store) == []
    store.remember(BatchResult(job=make_job(), couplings=[replace(link, crm_digest=new)]))
    assert due(store) == ["1"]
    assert not store.errors_of(CUSTOMER, TO, ["1"])["1"].skipped
    assert fail("1", ErrorCode.REJECTED_BY_SERVICE, partner_digest=new).skipped
    assert due(store) == []


def test_settings_that_were_changed_wake_the_mapping(
    state: StateStore, store: ConnectionStore, fail: Fail
) -> None:
    """But for what a person alone releases."""
    for _ in range(2):
        fail("1", ErrorCode.UPDATE_CONFLICT)
        fail("2", ErrorCode.HELD_AFTER_UNDO, skipped=True)
    state.store_mapping_settings("c", "CONTACT", {"a": 1})
    assert due(store) == []
    state.store_mapping_settings("c", "CUSTOMER", {"update_conflict_resolution": "x"})
    assert due(store) == ["1"]


def test_a_coupling_that_was_removed_wakes_what_matched_it(
    store: ConnectionStore, make_job: MakeJob, fail: Fail
) -> None:
    """The record may be coupled with what is free now."""
    store.remember(BatchResult(job=make_job(), couplings=[pair("9", "a")]))
    for _ in range(2):
        fail("1", ErrorCode.MATCH_ALREADY_COUPLED)
        fail("2", ErrorCode.REJECTED_BY_SERVICE)
    assert due(store) == []
    store.remove_couplings(CUSTOMER, [ErpKey("9")])
    assert due(store) == ["1"]


def test_of_those_that_lack_a_right_one_is_tried_in_every_run_and_wakes_the_others(
    store: ConnectionStore, make_job: MakeJob, fail: Fail
) -> None:
    """A thousand hopeless requests a run become one; the right need not be reported to anybody."""
    keys = [str(number) for number in range(1, 6)]
    for job_id in ("a", "b"):
        for key in keys:
            fail(key, ErrorCode.PRIVILEGE_MISSING, job_id=job_id)
    assert due(store) == ["1"]
    fail("1", ErrorCode.PRIVILEGE_MISSING)
    assert due(store) == ["1"]
    store.remember(BatchResult(job=make_job(), cleared_errors=[(TO, "1")]))
    assert due(store) == keys[1:]


def test_another_missing_right_is_tried_for_itself(store: ConnectionStore, fail: Fail) -> None:
    """Each right has its own record that asks for it."""
    other = RecordError(code=ErrorCode.PRIVILEGE_MISSING, message="Customer 3: may not be deleted.")
    for job_id in ("a", "b"):
        for key in ("1", "2"):
            fail(key, ErrorCode.PRIVILEGE_MISSING, job_id=job_id)
        for key in ("3", "4"):
            fail(key, ErrorCode.PRIVILEGE_MISSING, job_id=job_id, error=other)
    assert due(store) == ["1", "3"]


@pytest.mark.parametrize("coupled", ["JO", "HV"])
def test_of_several_awaited_records_any_one_wakes(
    store: ConnectionStore, make_job: MakeJob, fail: Fail, coupled: str
) -> None:
    """A record with two blank references is filled in as each of them comes."""
    waits = [WaitsFor(mapping=PEOPLE, key=key) for key in ("HV", "JO")]
    blank = RecordError(
        code=ErrorCode.REFERENCE_CLEARED,
        message="Customer 1 is synchronized, but ...",
        waits_for=waits[0],
        also_waits_for=(waits[1],),
    )
    for _ in range(2):
        assert fail("1", ErrorCode.REFERENCE_CLEARED, error=blank, skipped=True).error == blank
    assert due(store) == []
    job = make_job("p", mapping=PEOPLE)
    store.remember(BatchResult(job=job, couplings=[replace(pair(coupled, "guid"), mapping=PEOPLE)]))
    assert due(store) == ["1"]


def test_whoever_waits_is_looked_at_once_a_day_too(
    store: ConnectionStore, clock: SetClock, fail: Fail
) -> None:
    """Nothing waits for ever for an event that nobody noticed."""
    waits = RecordError(
        code=ErrorCode.REFERENCE_NOT_COUPLED,
        message="'HV' is not coupled.",
        waits_for=WaitsFor(mapping=PEOPLE, key="HV"),
    )
    for _ in range(3):
        fail("1", ErrorCode.REFERENCE_NOT_COUPLED, error=waits)
    assert due(store) == []
    clock.forward(days=1)
    assert due(store) == ["1"]


def test_a_person_wakes_one_record_a_cause_or_all(
    state: StateStore, store: ConnectionStore, fail: Fail
) -> None:
    """By hand even what only a person releases takes part again."""
    for _ in range(2):
        for key in ("1", "2"):
            fail(key, ErrorCode.REJECTED_BY_SERVICE)
        for key in ("3", "4"):
            fail(key, ErrorCode.HELD_AFTER_UNDO, skipped=True)
    assert due(store) == []
    assert state.errors.retry("c", keys=["3"]) == 1
    assert due(store) == ["3"]
    causes, _ = state.errors.causes("c")
    refused = next(cause for cause in causes if cause.code is ErrorCode.REJECTED_BY_SERVICE)
    assert state.errors.retry("c", cause_id=refused.id, mapping="SALESPEOPLE") == 0
    assert state.errors.retry("c", cause_id=refused.id) == 2
    assert due(store) == ["1", "2", "3"]
    assert state.errors.retry("c") == 4
    assert due(store) == ["1", "2", "3", "4"]
