"""Which lines of a full synchronization may start, how they stand, and how far they have got."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from interlace.domain.full_synch_review import (
    FullSynchReview,
    InitialSynchRecommendation,
    PassStatus,
    ReviewLine,
    ReviewPass,
    blocked_text,
    has_failed,
    is_over,
    progress,
    restartable,
    startable,
    status_of_pass,
)
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntryStatus as Status
from interlace.domain.keys import ConnectionId, MappingName
from interlace.domain.synch_job import Counters, SynchJob

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def line(name: str, status: Status | None, *depends_on: str) -> ReviewLine:
    """Make a line."""
    return ReviewLine(
        mapping=MappingName(name),
        direction=Direction.BIDIRECTIONAL,
        depends_on=tuple(MappingName(parent) for parent in depends_on),
        status=status,
    )


def made_pass(*, ended: bool = True, finished: bool = True, **counts: int) -> ReviewPass:
    """Make a pass whose job has these counters."""
    job = SynchJob(
        id="j",
        mapping=MappingName("A"),
        direction=Direction.TO_INTEGRATION_TABLE,
        started_at=NOW,
        finished_at=NOW if ended else None,
        counters=Counters(**counts),
    )
    return ReviewPass(job=job, finished=finished)


@pytest.mark.parametrize(
    ("parent", "child", "starts"),
    [
        (None, None, ["P"]),
        (Status.READY, None, []),
        (Status.IN_PROCESS, None, []),
        (Status.ERROR, None, []),
        (Status.ON_HOLD, None, []),
        (Status.FINISHED, None, ["C"]),
        (Status.FINISHED, Status.READY, []),
        (Status.FINISHED, Status.IN_PROCESS, []),
        (Status.FINISHED, Status.ERROR, []),
        (Status.FINISHED, Status.ON_HOLD, []),
        (Status.FINISHED, Status.FINISHED, []),
    ],
)
def test_a_line_starts_once_its_parent_has_finished(
    parent: Status | None, child: Status | None, starts: list[str]
) -> None:
    """Only lines that were never started may start; nothing but Finished opens the way."""
    assert list(startable([line("P", parent), line("C", child, "P")])) == starts


def test_a_parent_without_a_line_does_not_block() -> None:
    """A mapping that was left out of the review is not waited for."""
    assert startable([line("C", None, "LEFT OUT")]) == ("C",)


def test_a_parent_without_records_does_not_block() -> None:
    """There is nothing in it that the child could need."""
    parent = replace(line("P", None), recommendation=InitialSynchRecommendation.NO_RECORDS)
    assert startable([parent, line("C", None, "P")]) == ("P", "C")


@pytest.mark.parametrize(
    ("review_pass", "status"),
    [
        (None, PassStatus.NOT_STARTED),
        (made_pass(ended=False, failed=1), PassStatus.IN_PROCESS),
        (made_pass(inserted=5), PassStatus.SUCCESS),
        (made_pass(inserted=5, failed=1), PassStatus.ERROR),
        (made_pass(finished=False), PassStatus.ERROR),
    ],
)
def test_the_status_of_a_pass_is_that_of_its_job(review_pass: ReviewPass | None, status: PassStatus) -> None:
    """Failed records and a stop before the end make it Error."""
    assert status_of_pass(review_pass) is status
    shown = replace(line("A", None), to_pass=review_pass, from_pass=review_pass)
    assert (shown.to_status, shown.from_status) == (status, status)


def test_the_text_of_a_blocked_line_names_the_failed_ancestors() -> None:
    """Direct and indirect parents count; a line that started or waits for nothing failed has no text."""
    lines = [
        line("A", Status.ERROR),
        line("B", Status.ON_HOLD),
        line("C", None, "A", "GONE"),
        line("D", None, "C", "B", "A"),
        line("E", None),
    ]
    assert blocked_text(lines[2], lines).startswith("C was not started because A ended with an error.")
    assert "that line" in blocked_text(lines[2], lines)
    assert blocked_text(lines[3], lines).startswith("D was not started because A, B ended with an error.")
    assert "those lines" in blocked_text(lines[3], lines)
    assert [blocked_text(each, lines) for each in (lines[0], lines[4])] == ["", ""]


@pytest.mark.parametrize(
    ("statuses", "over", "failed"),
    [
        ((None, None), False, False),
        ((Status.IN_PROCESS, None), False, False),
        ((Status.FINISHED, Status.READY), False, False),
        ((Status.FINISHED, Status.FINISHED), True, False),
        ((Status.ERROR, None), True, True),
        ((Status.FINISHED, Status.ERROR), True, True),
        ((Status.FINISHED, Status.ON_HOLD), True, True),
    ],
)
def test_a_review_is_over_when_nothing_works_and_nothing_can_start(
    statuses: tuple[Status | None, Status | None], *, over: bool, failed: bool
) -> None:
    """It has failed if a line ended otherwise than Finished."""
    lines = [line("P", statuses[0]), line("C", statuses[1], "P")]
    assert (is_over(lines), has_failed(lines)) == (over, failed)


@pytest.mark.parametrize(
    ("statuses", "every", "restarts"),
    [
        ((Status.ERROR, None), False, ("P", "C")),
        ((Status.FINISHED, Status.ON_HOLD), False, ("C",)),
        ((Status.FINISHED, Status.FINISHED), False, ()),
        ((Status.FINISHED, Status.FINISHED), True, ("P", "C")),
        ((Status.ERROR, Status.IN_PROCESS), True, ()),
        ((Status.READY, None), False, ()),
    ],
)
def test_a_restart_takes_the_lines_in_error_and_what_they_blocked(
    statuses: tuple[Status | None, Status | None], *, every: bool, restarts: tuple[str, ...]
) -> None:
    """Nothing is restarted while a line is at work."""
    assert restartable([line("P", statuses[0]), line("C", statuses[1], "P")], every=every) == restarts


def test_progress_estimates_the_rest_from_the_pace_so_far() -> None:
    """100 of 400 records in 50 seconds: 2 a second, 150 seconds left."""
    begun = NOW - timedelta(seconds=50)
    at_work = replace(
        line("A", Status.IN_PROCESS), expected=200, started_at=begun, to_pass=made_pass(inserted=99, failed=1)
    )
    counted = progress([at_work, replace(line("B", None), expected=200)], NOW)
    assert (counted.done, counted.expected, counted.failed) == (100, 400, 1)
    assert (counted.records_per_second, counted.seconds_left) == (2.0, 150.0)
    assert [each.records_per_second for each in counted.lines] == [2.0, None]


def test_progress_without_known_totals_gives_no_estimate() -> None:
    """An unknown number of records makes the end unknown; nothing begun has no pace."""
    counted = progress([line("A", None)], NOW)
    assert (counted.expected, counted.records_per_second, counted.seconds_left) == (None, None, None)


def test_progress_of_a_review_that_is_over_stands_still() -> None:
    """The pace is taken up to its end, what was done is what was expected, and nothing is left."""
    begun = NOW - timedelta(hours=1)
    done = replace(
        line("A", Status.FINISHED),
        expected=999,
        started_at=begun,
        finished_at=begun + timedelta(seconds=10),
        to_pass=made_pass(inserted=20),
        from_pass=made_pass(unchanged=10),
    )
    empty = replace(line("B", None), recommendation=InitialSynchRecommendation.NO_RECORDS)
    finished = [done, replace(empty, status=Status.FINISHED)]
    counted = progress(finished, NOW)
    assert (counted.done, counted.expected, counted.seconds_left) == (30, 30, 0.0)
    assert counted.records_per_second == 3.0
    assert progress([empty], NOW).expected == 0


def test_a_review_finds_its_lines_by_name() -> None:
    """A mapping that takes no part is a KeyError."""
    review = FullSynchReview(
        run_id="r", connection_id=ConnectionId("c"), created_at=NOW, lines=(line("A", None),)
    )
    assert review.line(MappingName("A")).mapping == "A"
    with pytest.raises(KeyError):
        review.line(MappingName("B"))
