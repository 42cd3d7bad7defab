"""The full synchronization as durable work: lines start as the ones they depend on finish.

The review's rows are the plan and the state. The job engine only remembers which of them were started, so a
coordinator that is replayed after a crash finds the same children again.
"""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID, WorkflowHandle

from interlace.domain.full_synch_review import (
    InitialSynchRecommendation,
    ReviewLine,
    blocked_text,
    has_failed,
    startable,
)
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName
from interlace.jobs.names import COORDINATORS, PRIORITY_FULL, TABLES, THAW, full_synch_id
from interlace.jobs.ports import JobState, SynchMode
from interlace.jobs.synch_mapping import BatchRunner, JobPolicy, Outcome, frozen_text
from interlace.locale.kept_text import from_kept, to_kept
from interlace.locale.translatable import translatable

_logger = logging.getLogger(__name__)
_CANCELLED = translatable(
    "The work on {mapping} was ended from outside before it was done. "
    "Restart the full synchronization: it goes on where it stopped."
)
_NO_RECORDS = translatable("Neither side has records.")


class FullSynch:
    """The bodies of the workflows `full_synch`, `synch_mapping` and `thaw`."""

    def __init__(self, state: JobState, runner: BatchRunner, policy: JobPolicy) -> None:
        self._state = state
        self._runner = runner
        self._policy = policy
        self.synch_mapping_workflow: Any = None
        self.thaw_workflow: Any = None
        """The registered workflows that `coordinate` enqueues."""

    def coordinate(self, connection_id: str, run_id: str, attempt: int) -> str:
        """Start every line when its turn comes, and wait for all of them; gives Finished or Error."""
        started: list[str] = []
        running: dict[str, WorkflowHandle[Outcome]] = {}
        segments: dict[str, int] = {}
        while True:
            lines: list[list[str]] = DBOS.run_step(
                {"name": "next_lines"}, self._next_lines, connection_id, run_id, attempt, started
            )
            for mapping, mode in lines:
                started.append(mapping)
                segments[mapping] = 1
                running[mapping] = self._enqueue(connection_id, run_id, attempt, mapping, mode, 1)
            if not running:
                break
            mapping, outcome = self._first_ended(running)
            if outcome["outcome"] == "lost":
                DBOS.run_step({"name": "settle"}, self._settle_lost, connection_id, run_id, attempt, mapping)
            elif outcome["outcome"] == "frozen":
                running[mapping] = self._enqueue_thaw(
                    connection_id, run_id, attempt, mapping, outcome["mode"], segments[mapping]
                )
            elif outcome["outcome"] == "more":
                segments[mapping] += 1
                mode = outcome["mode"]
                running[mapping] = self._enqueue(
                    connection_id, run_id, attempt, mapping, mode, segments[mapping]
                )
        return str(DBOS.run_step({"name": "close"}, self._close, connection_id, run_id, attempt))

    def synchronize(self, connection_id: str, mapping: str, mode: str, run_id: str, entry_id: str) -> Outcome:
        """Run a segment of one line and keep the line's status true."""
        entry = (connection_id, run_id, mapping, entry_id)
        DBOS.run_step(
            {"name": "begin_line"}, self._set_line, *entry, JobQueueEntryStatus.IN_PROCESS.value, ""
        )
        outcome = self._runner.run_segment(connection_id, mapping, mode, run_id)
        if outcome["outcome"] == "more":
            return {"outcome": "more", "mode": mode}
        if outcome["outcome"] == "frozen":
            waits = (JobQueueEntryStatus.READY.value, to_kept(frozen_text()))
            DBOS.run_step({"name": "note_frozen"}, self._set_line, *entry, *waits)
            return {"outcome": "frozen", "mode": mode}
        ended = JobQueueEntryStatus.FINISHED if outcome["outcome"] == "done" else JobQueueEntryStatus.ERROR
        message = outcome.get("message", "")
        DBOS.run_step({"name": "end_line"}, self._set_line, *entry, ended.value, message)
        return outcome

    def thaw(self, connection_id: str, mapping: str, mode: str) -> Outcome:
        """Wait for the end of a freeze window where no other line waits for it: no slot of the tables is taken."""
        DBOS.run_step({"name": "thaw"}, self._runner.wait_until_thawed, connection_id, mapping)
        return {"outcome": "more", "mode": mode}

    def _enqueue_thaw(
        self, connection_id: str, run_id: str, attempt: int, mapping: str, mode: str, segment: int
    ) -> WorkflowHandle[Outcome]:
        with SetWorkflowID(f"{_entry_id(run_id, attempt, mapping)}/{segment}:{THAW}"):
            handle: WorkflowHandle[Outcome] = DBOS.enqueue_workflow(
                COORDINATORS, self.thaw_workflow, connection_id, mapping, mode
            )
        return handle

    def _enqueue(
        self, connection_id: str, run_id: str, attempt: int, mapping: str, mode: str, segment: int
    ) -> WorkflowHandle[Outcome]:
        entry_id = _entry_id(run_id, attempt, mapping)
        with SetWorkflowID(f"{entry_id}/{segment}"), SetEnqueueOptions(priority=PRIORITY_FULL):
            handle: WorkflowHandle[Outcome] = DBOS.enqueue_workflow(
                TABLES, self.synch_mapping_workflow, connection_id, mapping, mode, run_id, entry_id
            )
        return handle

    def _first_ended(self, running: dict[str, WorkflowHandle[Outcome]]) -> tuple[str, Outcome]:
        handle = DBOS.wait_first(list(running.values()), polling_interval_sec=self._policy.polling_seconds)
        mapping = next(name for name, each in running.items() if each.workflow_id == handle.workflow_id)
        del running[mapping]
        try:
            outcome: Outcome = handle.get_result()
        except Exception as error:  # noqa: BLE001  (whatever ended the child, its line must say so)
            _logger.warning("The work of mapping %s was lost: %s", mapping, error)
            return mapping, {"outcome": "lost"}
        return mapping, outcome

    # Steps: their effects are idempotent, for a crash may repeat the last one.

    def _next_lines(
        self, connection_id: str, run_id: str, attempt: int, started: list[str]
    ) -> list[list[str]]:
        """Mark the lines whose turn has come; gives (mapping, mode) of those to start.

        A line that is Ready although this coordinator has not started it was marked just before a crash.
        """
        lines = self._lines(run_id)
        turn = set(startable(lines))
        chosen: list[list[str]] = []
        for line in lines:
            marked = line.status is JobQueueEntryStatus.READY and line.mapping not in started
            if line.mapping not in turn and not marked:
                continue
            entry_id = _entry_id(run_id, attempt, line.mapping)
            entry = (connection_id, run_id, line.mapping, entry_id)
            if line.recommendation is InitialSynchRecommendation.NO_RECORDS:
                self._set_line(*entry, JobQueueEntryStatus.FINISHED.value, _NO_RECORDS)
                continue
            self._set_line(*entry, JobQueueEntryStatus.READY.value, "")
            chosen.append([line.mapping, _mode_of(line).value])
        return chosen

    def _settle_lost(self, connection_id: str, run_id: str, attempt: int, mapping: str) -> None:
        """Put a line to Error whose work was ended from outside, so that it is not At Work for ever."""
        line = next((each for each in self._lines(run_id) if each.mapping == mapping), None)
        if line is not None and line.is_open:
            entry_id = _entry_id(run_id, attempt, mapping)
            message = to_kept(translatable(_CANCELLED, mapping=mapping))
            self._set_line(connection_id, run_id, mapping, entry_id, JobQueueEntryStatus.ERROR.value, message)

    def _set_line(
        self, connection_id: str, run_id: str, mapping: str, entry_id: str, status: str, message: str
    ) -> None:
        name, moved_to, said = MappingName(mapping), JobQueueEntryStatus(status), from_kept(message)
        now = datetime.now(UTC)
        known = self._state.job_queue_entries.read(entry_id)
        over = moved_to in (JobQueueEntryStatus.FINISHED, JobQueueEntryStatus.ERROR)
        begun = known.started_at if known and known.started_at else now
        entry = JobQueueEntry(
            id=entry_id,
            connection_id=ConnectionId(connection_id),
            kind=JobQueueEntryKind.SYNCH_MAPPING,
            mapping=name,
            run_id=run_id,
            status=moved_to,
            started_at=None if moved_to is JobQueueEntryStatus.READY else begun,
            finished_at=now if over else None,
            message=said,
        )
        # Whoever pauses holds the line first and the entry afterwards: in this order neither is left At Work.
        self._state.job_queue_entries.store(entry)
        if not self._state.reviews.set_status(
            run_id, name, moved_to, message=said, job_queue_entry_id=entry_id
        ):
            held = replace(entry, status=JobQueueEntryStatus.ON_HOLD, message=known.message if known else "")
            self._state.job_queue_entries.store(held)

    def _close(self, connection_id: str, run_id: str, attempt: int) -> str:
        """Say at every line that was not reached what kept it."""
        lines = self._lines(run_id)
        for line in lines:
            blocked = blocked_text(line, lines)
            if blocked:
                self._state.reviews.set_message(run_id, line.mapping, blocked)
        ended = JobQueueEntryStatus.ERROR if has_failed(lines) else JobQueueEntryStatus.FINISHED
        entry_id = full_synch_id(run_id, attempt)
        known = self._state.job_queue_entries.read(entry_id)
        now = datetime.now(UTC)
        self._state.job_queue_entries.store(
            JobQueueEntry(
                id=entry_id,
                connection_id=ConnectionId(connection_id),
                kind=JobQueueEntryKind.FULL_SYNCH,
                run_id=run_id,
                status=ended,
                started_at=known.started_at if known else now,
                finished_at=now,
            )
        )
        return ended.value

    def _lines(self, run_id: str) -> tuple[ReviewLine, ...]:
        review = self._state.reviews.read(run_id)
        return () if review is None else review.lines


def _mode_of(line: ReviewLine) -> SynchMode:
    couples = line.recommendation is InitialSynchRecommendation.COUPLE_RECORDS
    return SynchMode.COUPLE if couples else SynchMode.FULL


def _entry_id(run_id: str, attempt: int, mapping: str) -> str:
    return f"{full_synch_id(run_id, attempt)}:{mapping}"
