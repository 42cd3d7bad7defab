"""What a paused full synchronization tells: its lines and job queue entries are on hold, and Start goes on with it.

The job engine breaks work off without a further word, so whoever pauses says so at the entries.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from interlace.bootstrap.application import Application, Connection
from interlace.domain.full_synch_review import FullSynchReview, PassStatus, ReviewLine, blocked_text
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryStatus
from interlace.locale.translatable import translatable

PAUSED = translatable("Paused. Start goes on where it stopped.")
TURN_COMES = translatable("Paused before its turn came. Start goes on with it.")
WENT_ON = translatable("It was paused, and went on afterwards.")
_OPEN = frozenset({JobQueueEntryStatus.READY, JobQueueEntryStatus.IN_PROCESS})


def is_paused(lines: Sequence[ReviewLine]) -> bool:
    """Tell whether a person has stopped a full synchronization that is not at its end."""
    is_held = any(line.status is JobQueueEntryStatus.ON_HOLD for line in lines)
    return is_held and not any(line.is_open for line in lines)


def line_text(line: ReviewLine, lines: Sequence[ReviewLine]) -> str:
    """Say why a line stands where it stands: paused, or kept from starting by lines that really failed."""
    if line.status is JobQueueEntryStatus.ON_HOLD and is_paused(lines):
        return PAUSED
    if line.message or line.status is not None or not is_paused(lines):
        return line.message or blocked_text(line, lines)
    return blocked_text(line, [_as_if_finished(each) for each in lines]) or TURN_COMES


def status_of(line: ReviewLine, lines: Sequence[ReviewLine]) -> JobQueueEntryStatus | None:
    """Return a line's status; one whose turn had not come when it was paused is on hold with the others."""
    if line.status is None and is_paused(lines) and line_text(line, lines) == TURN_COMES:
        return JobQueueEntryStatus.ON_HOLD
    return line.status


def pass_status(line: ReviewLine, status: PassStatus) -> str:
    """Return the word for a pass: one that was broken off is on hold, not at work."""
    if status is PassStatus.IN_PROCESS and line.status is JobQueueEntryStatus.ON_HOLD:
        return JobQueueEntryStatus.ON_HOLD.value
    return status.value


def hold_entries(application: Application, connection: Connection, review: FullSynchReview) -> None:
    """Put the entries of a paused full synchronization on hold."""
    for entry in _entries(application, connection, review):
        if entry.status in _OPEN:
            held = replace(entry, status=JobQueueEntryStatus.ON_HOLD, message=PAUSED)
            application.state.job_queue_entries.store(held)


def close_entries(application: Application, connection: Connection, review: FullSynchReview) -> None:
    """Say at entries that were on hold that the full synchronization went on: entries of its own tell the rest."""
    now = datetime.now(UTC)
    for entry in _entries(application, connection, review):
        if entry.status is JobQueueEntryStatus.ON_HOLD:
            ended = replace(entry, status=JobQueueEntryStatus.FINISHED, finished_at=now, message=WENT_ON)
            application.state.job_queue_entries.store(ended)


def _entries(
    application: Application, connection: Connection, review: FullSynchReview
) -> list[JobQueueEntry]:
    kept = application.state.job_queue_entries.list(connection.id)
    return [each for each in kept if each.run_id == review.run_id]


def _as_if_finished(line: ReviewLine) -> ReviewLine:
    is_held = line.status is JobQueueEntryStatus.ON_HOLD
    return replace(line, status=JobQueueEntryStatus.FINISHED) if is_held else line
