"""A paused full synchronization says so: on hold with the reason, never at work nor ended with an error."""

from datetime import UTC, datetime
from pathlib import Path

from tests.bootstrap.serving_ends import application_at
from tests.bootstrap.test_connection_settings import SETTINGS

from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.bootstrap.paused_full_synch import (
    PAUSED,
    TURN_COMES,
    close_entries,
    hold_entries,
    is_paused,
    line_text,
    pass_status,
    status_of,
)
from interlace.domain.full_synch_review import PassStatus, ReviewLine
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import MappingName

HELD, DONE, FAILED = (
    JobQueueEntryStatus.ON_HOLD,
    JobQueueEntryStatus.FINISHED,
    JobQueueEntryStatus.ERROR,
)


def line(mapping: str, status: JobQueueEntryStatus | None, *depends_on: str) -> ReviewLine:
    """Make a line."""
    return ReviewLine(
        mapping=MappingName(mapping),
        direction=Direction.TO_INTEGRATION_TABLE,
        depends_on=tuple(MappingName(each) for each in depends_on),
        status=status,
    )


def test_lines_of_a_paused_run_are_on_hold_with_the_reason() -> None:
    """The one that was at work and those whose turn had not come; what is finished stays so."""
    lines = [line("CURRENCY", DONE), line("CUSTOMER", HELD), line("CONTACT", None, "CUSTOMER")]
    assert is_paused(lines)
    assert [status_of(each, lines) for each in lines] == [DONE, HELD, HELD]
    assert [line_text(each, lines) for each in lines] == ["", PAUSED, TURN_COMES]
    assert pass_status(lines[1], PassStatus.IN_PROCESS) == HELD.value
    assert pass_status(lines[0], PassStatus.SUCCESS) == "Success"


def test_a_line_that_really_failed_is_named_as_the_cause() -> None:
    """What it blocks is blocked by it, paused or not."""
    lines = [line("SALESPEOPLE", FAILED), line("ITEM-PRODUCT", HELD), line("CUSTOMER", None, "SALESPEOPLE")]
    assert status_of(lines[2], lines) is None
    assert "SALESPEOPLE ended with an error" in line_text(lines[2], lines)


def test_a_run_at_work_is_not_paused() -> None:
    """A line on hold beside one that is at work belongs to a run that goes on."""
    lines = [line("CUSTOMER", HELD), line("CURRENCY", JobQueueEntryStatus.IN_PROCESS)]
    assert not is_paused(lines)


def test_entries_are_held_and_closed_with_their_run(tmp_path: Path) -> None:
    """On hold while it is paused, over once it goes on; entries of other runs are left alone."""
    with application_at(tmp_path / "state") as application:
        held = application.add_connection(SETTINGS, {})
        full, entries = FullSynchronization(application=application), application.state.job_queue_entries
        lines = [line("CURRENCY", None), line("CUSTOMER", None)]
        review = application.state.reviews.create("r1", held.id, lines)
        for entry_id, run_id, status in (
            ("r1#1", "r1", JobQueueEntryStatus.IN_PROCESS),
            ("r1#1:CURRENCY", "r1", DONE),
            ("other", "other", JobQueueEntryStatus.IN_PROCESS),
        ):
            entries.store(
                JobQueueEntry(
                    id=entry_id,
                    connection_id=held.id,
                    kind=JobQueueEntryKind.SYNCH_MAPPING,
                    run_id=run_id,
                    status=status,
                    started_at=datetime.now(UTC),
                )
            )
        assert full.paused(held) is None
        application.state.reviews.set_status("r1", MappingName("CUSTOMER"), HELD)
        assert full.paused(held) is not None
        hold_entries(application, held, review)
        found = {each.id: each.status for each in entries.list(held.id)}
        assert found == {"r1#1": HELD, "r1#1:CURRENCY": DONE, "other": JobQueueEntryStatus.IN_PROCESS}
        close_entries(application, held, review)
        ended = entries.read("r1#1")
        assert ended is not None
        assert (ended.status, ended.finished_at is None) == (DONE, False)
