"""Asks for work from a process that does none itself: the web client or a command beside a running server."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import sqlalchemy as sa
from dbos import ClientScheduleInput, DBOSClient, EnqueueOptions, WorkflowSchedule, WorkflowStatus

from interlace.domain.full_synch_review import restartable
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName
from interlace.jobs.job_database import APPLICATION_NAME, APPLICATION_VERSION, client_engine, is_postgresql
from interlace.jobs.names import (
    COORDINATORS,
    FULL_SYNCH,
    PRIORITY_NOW,
    PRIORITY_RECURRING,
    RECURRING,
    SYNCH_RUN,
    deduplication_id,
    full_synch_id,
    recurring_id,
)
from interlace.jobs.ports import JobState, NothingToRestart, SynchMode
from interlace.jobs.schedules import schedule_every
from interlace.jobs.serializer import JsonSerializer
from interlace.locale.kept_text import from_kept
from interlace.locale.translatable import translatable

_LOST = translatable(
    "Its worker was lost for good. Restart the full synchronization: it goes on where it stopped."
)
_ENDED_BY_PERSON = translatable("Cancelled. Restart the full synchronization: it goes on where it stopped.")


_WAITING = ("PENDING", "ENQUEUED", "DELAYED")
_PAUSED = "PAUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunRun:
    """A run of one mapping that was asked for."""

    run_id: str
    is_new: bool
    """Nobody had asked for one that is still at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a mapping's recurring runs begin, as the job engine remembers it."""

    connection_id: str
    mapping: str
    is_paused: bool
    last_begun_at: datetime | None


class NoWorkerYet(Exception):
    """No worker has ever been started on this database, so nobody could take up work."""

    def __init__(self) -> None:
        super().__init__(
            translatable(
                "No worker has been started on this database yet, so there is no job queue to put work into. "
                "Start the server or a worker once, then try again."
            )
        )


class JobClient:
    """Starts, restarts and cancels work, and keeps its schedules."""

    def __init__(self, url: str, state: JobState) -> None:
        self._state = state
        self._engine = client_engine(url)
        schema = "dbos" if is_postgresql(url) else None
        if not sa.inspect(self._engine).has_table("workflow_status", schema=schema):
            self._engine.dispose()
            raise NoWorkerYet
        self._client = DBOSClient(
            system_database_engine=self._engine,
            serializer=JsonSerializer(),
            application_name=APPLICATION_NAME,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._client.destroy()
        self._engine.dispose()

    # Full synchronization

    def start_full_synch(self, connection_id: str, run_id: str) -> str:
        """Start the review with this run id, which must be stored; a run that was started before goes on."""
        attempt = max(self._attempts(run_id), 1)
        return self._begin_attempt(connection_id, run_id, attempt)

    def restart_full_synch(
        self, connection_id: str, run_id: str, *, every: bool = False, only: Collection[MappingName] = ()
    ) -> list[MappingName]:
        """Run the lines in Error and what they blocked once more, from where they stopped; gives their names.

        With `every`, all lines begin from the first record; with `only`, just these do. Raises NothingToRestart.
        """
        if not self.full_synch_is_running(run_id):
            self._state.reviews.hold(run_id, _LOST)
        review = self._state.reviews.read(run_id)
        is_anew = every or bool(only)
        mappings = list(restartable(review.lines, every=is_anew)) if review is not None else []
        mappings = [each for each in mappings if not only or each in only]
        if not mappings:
            raise NothingToRestart(run_id)
        self._state.reviews.begin_anew(run_id, mappings, keep_positions=not is_anew)
        self._begin_attempt(connection_id, run_id, self._attempts(run_id) + 1)
        return mappings

    def cancel_full_synch(self, run_id: str) -> None:
        """End a full synchronization at the next batch; its open lines go On Hold and can be restarted."""
        attempt, is_running = self._attempts(run_id), self.full_synch_is_running(run_id)
        if attempt:
            self._client.cancel_workflow(full_synch_id(run_id, attempt), cancel_children=True)
        self._state.reviews.hold(run_id, _ENDED_BY_PERSON, before_their_turn=is_running)

    def full_synch_is_running(self, run_id: str) -> bool:
        """Tell whether the newest attempt at a run is waiting or at work."""
        attempt = self._attempts(run_id)
        if not attempt:
            return False
        return self._is_waiting(full_synch_id(run_id, attempt))

    # Single mappings

    def synchronize_now(
        self, connection_id: str, mapping: str, mode: SynchMode = SynchMode.INCREMENTAL
    ) -> str:
        """Run a mapping as soon as possible; gives the run's id, that of the present run if there is one."""
        return self.begin_run(connection_id, mapping, mode).run_id

    def begin_run(
        self,
        connection_id: str,
        mapping: str,
        mode: SynchMode = SynchMode.INCREMENTAL,
        *,
        recurring: bool = False,
    ) -> BegunRun:
        """Run a mapping as soon as possible, unless a run is at work or waits for its turn already.

        A `recurring` one stands in the job queue as the mapping's recurring run; any other in an entry of its own.
        """
        wanted = str(uuid4())
        options = _options(
            COORDINATORS,
            SYNCH_RUN,
            workflow_id=wanted,
            deduplication_id=deduplication_id(connection_id, mapping),
            duplication_policy="return-existing",
            priority=PRIORITY_RECURRING if recurring else PRIORITY_NOW,
        )
        run_id = self._client.enqueue(options, connection_id, mapping, mode.value, recurring).workflow_id
        return BegunRun(run_id=run_id, is_new=run_id == wanted)

    def is_at_work(self, run_id: str) -> bool:
        """Tell whether a run of begin_run waits for its turn or is at work."""
        return self._is_waiting(run_id)

    def wait(self, run_id: str) -> str:
        """Wait for a run of synchronize_now; gives its message, blank if all went well."""
        handle: Any = self._client.retrieve_workflow(run_id)
        return from_kept(str(handle.get_result(polling_interval_sec=0.2)))

    # Schedules

    def schedule(self, connection_id: str, mapping: str, minutes: int) -> JobQueueEntry:
        """Run a mapping every so many minutes from now on; raises IntervalNotPossible."""
        name = recurring_id(connection_id, mapping)
        cron = schedule_every(minutes, name)
        # Several servers may come to this at the same time: there is one schedule whoever was first.
        self._client.apply_schedules(
            [
                ClientScheduleInput(
                    schedule_name=name,
                    workflow_name=RECURRING,
                    schedule=cron,
                    context={"connection_id": connection_id, "mapping": mapping},
                    queue_name=COORDINATORS,
                    application_name=APPLICATION_NAME,
                )
            ]
        )
        entry = JobQueueEntry(
            id=name,
            connection_id=ConnectionId(connection_id),
            kind=JobQueueEntryKind.RECURRING,
            mapping=MappingName(mapping),
            minutes_between_runs=minutes,
            earliest_start=datetime.now(UTC),
        )
        self._state.job_queue_entries.store(entry)
        return entry

    def pause_schedule(self, connection_id: str, mapping: str) -> None:
        """Put a mapping's recurring runs On Hold; a run at work ends by itself."""
        name = recurring_id(connection_id, mapping)
        self._client.pause_schedule(name)
        self._set_recurring(name, JobQueueEntryStatus.ON_HOLD)

    def resume_schedule(self, connection_id: str, mapping: str) -> None:
        """Let a mapping's recurring runs go on."""
        name = recurring_id(connection_id, mapping)
        self._client.resume_schedule(name)
        self._set_recurring(name, JobQueueEntryStatus.READY)

    def delete_schedule(self, connection_id: str, mapping: str) -> None:
        """End a mapping's recurring runs."""
        name = recurring_id(connection_id, mapping)
        self._client.delete_schedule(name)
        self._state.job_queue_entries.delete(name)

    def schedules(self) -> Mapping[str, Schedule]:
        """Return the schedules of all mappings by the ids of their job queue entries."""
        found = self._client.list_schedules(workflow_name=RECURRING)
        return {each["schedule_name"]: _schedule_of(each) for each in found}

    # Inside

    def _begin_attempt(self, connection_id: str, run_id: str, attempt: int) -> str:
        workflow_id = full_synch_id(run_id, attempt)
        known = self._state.job_queue_entries.read(workflow_id)
        if known is None:
            entry = JobQueueEntry(
                id=workflow_id,
                connection_id=ConnectionId(connection_id),
                kind=JobQueueEntryKind.FULL_SYNCH,
                run_id=run_id,
                status=JobQueueEntryStatus.IN_PROCESS,
                started_at=datetime.now(UTC),
            )
            self._state.job_queue_entries.store(entry)
        options = _options(COORDINATORS, FULL_SYNCH, workflow_id=workflow_id)
        self._client.enqueue(options, connection_id, run_id, attempt)
        return workflow_id

    def _attempts(self, run_id: str) -> int:
        found = self._workflows(workflow_id_prefix=f"{run_id}#", name=FULL_SYNCH)
        return max((int(each.workflow_id.rpartition("#")[2]) for each in found), default=0)

    def _is_waiting(self, workflow_id: str) -> bool:
        return any(each.status in _WAITING for each in self._workflows(workflow_ids=[workflow_id]))

    def _workflows(self, **conditions: Any) -> list[WorkflowStatus]:  # noqa: ANN401
        return self._client.list_workflows(**conditions, load_input=False, load_output=False)

    def _set_recurring(self, name: str, status: JobQueueEntryStatus) -> None:
        known = self._state.job_queue_entries.read(name)
        if known is not None:
            self._state.job_queue_entries.store(replace(known, status=status))


def _schedule_of(stored: WorkflowSchedule) -> Schedule:
    begun = stored["last_fired_at"]
    return Schedule(
        connection_id=str(stored["context"]["connection_id"]),
        mapping=str(stored["context"]["mapping"]),
        is_paused=stored["status"] == _PAUSED,
        last_begun_at=None if begun is None else datetime.fromisoformat(begun).astimezone(UTC),
    )


def _options(queue: str, workflow: str, **more: Any) -> EnqueueOptions:  # noqa: ANN401
    options: Any = {
        "queue_name": queue,
        "workflow_name": workflow,
        "app_version": APPLICATION_VERSION,
        "application_name": APPLICATION_NAME,
        **more,
    }
    chosen: EnqueueOptions = options
    return chosen
