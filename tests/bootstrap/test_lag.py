"""The lag: from when the oldest change can be that has not been carried over, and what is kept of it hour by hour."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tests.bootstrap.serving_ends import application_at
from tests.bootstrap.test_connection_settings import SETTINGS

from interlace.bootstrap.hourly_figures import KEPT, classes_of, lag_ranks, present_lags, take_samples
from interlace.bootstrap.lag import Lag, lags_of, looked_at
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.store.hourly_figures import WaitingErrors

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TO, FROM = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE
CUSTOMER, ITEM = MappingName("CUSTOMER"), MappingName("ITEM-PRODUCT")
MAPPINGS = [each for each in DEFAULT_MAPPINGS if each.name in {CUSTOMER, ITEM}]


def ago(minutes: float) -> datetime:
    """Return a moment before noon."""
    return NOON - timedelta(minutes=minutes)


def entry(
    mapping: str, status: JobQueueEntryStatus, minutes: float, *, once: bool = False, message: str = ""
) -> JobQueueEntry:
    """Make an entry whose run began so many minutes ago."""
    return JobQueueEntry(
        id=f"{mapping}-{minutes}",
        connection_id=ConnectionId("c"),
        kind=JobQueueEntryKind.SYNCH_MAPPING if once else JobQueueEntryKind.RECURRING,
        mapping=MappingName(mapping),
        status=status,
        started_at=ago(minutes),
        message=message,
    )


def test_only_runs_that_went_through_count() -> None:
    """One at work, with an error, or on hold tells nothing; the newest that went through does."""
    entries = [
        entry("CUSTOMER", JobQueueEntryStatus.READY, 20),
        entry("CUSTOMER", JobQueueEntryStatus.FINISHED, 15, once=True),
        entry("CUSTOMER", JobQueueEntryStatus.ERROR, 5, once=True),
        entry("ITEM-PRODUCT", JobQueueEntryStatus.READY, 2, message="It was stopped."),
        entry("CONTACT", JobQueueEntryStatus.IN_PROCESS, 1),
        entry("CURRENCY", JobQueueEntryStatus.ON_HOLD, 1),
    ]
    assert looked_at(entries, {}) == {CUSTOMER: ago(15)}


def test_what_was_found_before_counts_until_the_next_run_is_over() -> None:
    """An entry forgets its last run when the next one begins, the lag does not."""
    at_work = [entry("CUSTOMER", JobQueueEntryStatus.IN_PROCESS, 1)]
    assert looked_at(at_work, {CUSTOMER: ago(31)}) == {CUSTOMER: ago(31)}


def lag_to_crm(looked: dict[MappingName, datetime], waiting: WaitingErrors) -> Lag:
    """Return the lag from the ERP to the CRM."""
    return next(each for each in lags_of(MAPPINGS, looked, {TO: waiting}) if each.direction is TO)


def test_the_lag_is_that_of_the_mapping_whose_turn_was_longest_ago() -> None:
    """Its run began then: a change made later may not have been seen."""
    lag = lag_to_crm({CUSTOMER: ago(3), ITEM: ago(25)}, WaitingErrors())
    assert (lag.looked_mapping, lag.since, lag.seconds(NOON)) == (ITEM, ago(25), 25 * 60)


def test_a_mapping_that_never_went_through_leaves_the_lag_open() -> None:
    """Nobody knows how old its oldest change is."""
    lag = lag_to_crm({CUSTOMER: ago(3)}, WaitingErrors())
    assert (lag.looked_mapping, lag.since, lag.seconds(NOON)) == (ITEM, None, None)


def test_a_record_that_is_tried_again_has_not_been_carried_over() -> None:
    """It makes the lag greater; one that waits for a person is told beside it."""
    looked = {CUSTOMER: ago(3), ITEM: ago(5)}
    failed = lag_to_crm(looked, WaitingErrors(failed=1, failed_since=ago(90)))
    assert failed.since == ago(90)
    skipped = lag_to_crm(looked, WaitingErrors(skipped=1, skipped_since=ago(90)))
    assert skipped.since == ago(5)
    later = lag_to_crm(looked, WaitingErrors(failed=1, failed_since=ago(1)))
    assert later.since == ago(5)


def test_a_server_keeps_how_connections_stand(tmp_path: Path) -> None:
    """A sample has counts and lag, remembers what went through, and old hours are forgotten."""
    with application_at(tmp_path / "state") as application:
        held = application.add_connection(SETTINGS, {})
        kept = application.state.hourly_figures
        part = application.taking_part(held)
        for name in part:
            for begun, status in ((30, JobQueueEntryStatus.READY), (1, JobQueueEntryStatus.IN_PROCESS)):
                run = JobQueueEntry(
                    id=name,
                    connection_id=held.id,
                    kind=JobQueueEntryKind.RECURRING,
                    mapping=name,
                    status=status,
                    started_at=ago(begun),
                )
                application.state.job_queue_entries.store(run)
                if begun == 30:
                    take_samples(application, lambda: NOON - KEPT - timedelta(hours=2))
        take_samples(application, lambda: NOON)
        [(hour, sample)] = kept.of(held.id, NOON - 2 * KEPT)
        assert hour == NOON
        assert sample.lag_seconds == {TO: 1800, FROM: 1800}
        assert (sample.coupled, sample.failed, sample.skipped, sample.conflicts) == (0, 0, 0, 0)
        assert {each.since for each in present_lags(application, held)} == {ago(30)}
        assert lag_ranks(sample, TO) == (1800, 1800)
        for minutes in range(1, 20):
            take_samples(application, partial(ago, -minutes))
        [(_, sample)] = kept.of(held.id, NOON)
        # Of twenty samples, a minute apart, the tenth and the nineteenth.
        assert lag_ranks(sample, FROM) == (1800 + 9 * 60, 1800 + 18 * 60)
        take_samples(application, lambda: NOON + timedelta(hours=1))
        [(_, sample)] = kept.of(held.id, NOON + timedelta(hours=1))
        assert lag_ranks(sample, FROM) == (5400, 5400)
        assert classes_of(sample) == {}
