"""Runs of single mappings outside a full synchronization: now, or again and again on a schedule."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID, WorkflowHandle

from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName
from interlace.jobs.names import (
    COORDINATORS,
    PRIORITY_NOW,
    PRIORITY_RECURRING,
    TABLES,
    deduplication_id,
    recurring_id,
)
from interlace.jobs.ports import JobState, SynchMode
from interlace.jobs.synch_mapping import BatchRunner, Outcome, frozen_text
from interlace.locale.kept_text import from_kept, to_kept
from interlace.locale.translatable import translatable

_logger = logging.getLogger(__name__)


class SynchRun:
    """The bodies of the workflows `synch_run` and `recurring_synch`."""

    def __init__(self, state: JobState, runner: BatchRunner) -> None:
        self._state = state
        self._runner = runner
        self.segment_workflow: Any = None
        self.run_workflow: Any = None
        """The registered workflows that these enqueue."""

    def coordinate(self, connection_id: str, mapping: str, mode: str, recurring: bool) -> str:  # noqa: FBT001
        """Run a mapping to its end, segment by segment; gives a message, blank if all went well."""
        run_id = str(DBOS.workflow_id)
        entry_id = recurring_id(connection_id, mapping) if recurring else run_id
        DBOS.run_step({"name": "begin"}, self._begin, connection_id, mapping, entry_id)
        message, segment = "", 1
        while True:
            priority = PRIORITY_RECURRING if recurring else PRIORITY_NOW
            with SetWorkflowID(f"{run_id}/{segment}"), SetEnqueueOptions(priority=priority):
                handle: WorkflowHandle[Outcome] = DBOS.enqueue_workflow(
                    TABLES, self.segment_workflow, connection_id, mapping, mode, run_id
                )
            try:
                outcome = handle.get_result(polling_interval_sec=0.2)
            except Exception as error:  # noqa: BLE001  (whatever ended the segment, the entry must say so)
                _logger.warning("The segment of mapping %s was lost (run %s): %s", mapping, run_id, error)
                outcome = {"outcome": "lost", "message": to_kept(_lost_text(mapping))}
            if outcome["outcome"] == "frozen":
                DBOS.run_step({"name": "note_frozen"}, self._note_frozen, entry_id)
                DBOS.run_step({"name": "thaw"}, self._runner.wait_until_thawed, connection_id, mapping)
                DBOS.run_step({"name": "begin"}, self._begin, connection_id, mapping, entry_id)
            elif outcome["outcome"] != "more":
                message = str(outcome.get("message", ""))
                break
            segment += 1
        DBOS.run_step({"name": "end"}, self._end, entry_id, message)
        return message

    def segment(self, connection_id: str, mapping: str, mode: str, run_id: str) -> Outcome:
        """Run one segment of a mapping."""
        return self._runner.run_segment(connection_id, mapping, mode, run_id)

    def tick(self, _scheduled_at: datetime, context: Any) -> str:  # noqa: ANN401
        """Begin the recurring run of a mapping, unless one is at work already."""
        connection_id, mapping = context["connection_id"], context["mapping"]
        if DBOS.run_step({"name": "is_held"}, self._is_held, connection_id, mapping):
            return "held: a full synchronization is at work, or the mapping is not to run"
        options = SetEnqueueOptions(
            deduplication_id=deduplication_id(connection_id, mapping), duplication_policy="return-existing"
        )
        with options:
            handle: WorkflowHandle[str] = DBOS.enqueue_workflow(
                COORDINATORS, self.run_workflow, connection_id, mapping, SynchMode.INCREMENTAL.value, True
            )
        return str(handle.workflow_id)

    def _is_held(self, connection_id: str, mapping: str) -> bool:
        return not self._runner.may_recur(connection_id, mapping)

    def _begin(self, connection_id: str, mapping: str, entry_id: str) -> None:
        entry = self._state.job_queue_entries.read(entry_id) or JobQueueEntry(
            id=entry_id,
            connection_id=ConnectionId(connection_id),
            kind=JobQueueEntryKind.SYNCH_MAPPING,
            mapping=MappingName(mapping),
            run_id=entry_id,
        )
        begun = replace(
            entry,
            status=JobQueueEntryStatus.IN_PROCESS,
            started_at=datetime.now(UTC),
            finished_at=None,
            message="",
        )
        self._state.job_queue_entries.store(begun)

    def _note_frozen(self, entry_id: str) -> None:
        entry = self._state.job_queue_entries.read(entry_id)
        if entry is not None and entry.status is JobQueueEntryStatus.IN_PROCESS:
            waiting = replace(entry, status=JobQueueEntryStatus.READY, message=frozen_text())
            self._state.job_queue_entries.store(waiting)

    def _end(self, entry_id: str, message: str) -> None:
        entry = self._state.job_queue_entries.read(entry_id)
        if entry is None:
            # The recurring run was ended by a person while it was at work.
            return
        recurring = entry.kind is JobQueueEntryKind.RECURRING
        if message:
            status = JobQueueEntryStatus.ERROR
        elif entry.status is JobQueueEntryStatus.ON_HOLD:
            status = JobQueueEntryStatus.ON_HOLD
        else:
            status = JobQueueEntryStatus.READY if recurring else JobQueueEntryStatus.FINISHED
        # A recurring entry has no end: it must not be taken away as finished work.
        finished_at = None if recurring else datetime.now(UTC)
        self._state.job_queue_entries.store(
            replace(entry, status=status, finished_at=finished_at, message=from_kept(message))
        )


def _lost_text(mapping: str) -> str:
    return translatable(
        "The run of the mapping {mapping} was ended before its work was done; the worker's log tells why. "
        "Synchronize it again: it goes on where it stopped.",
        mapping=mapping,
    )
