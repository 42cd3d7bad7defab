"""The recurring runs of each connection's mappings, and the job queue as people look at it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.chores import CAPTIONS, CHORES, is_wanted
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.synch_work import takes_turns
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.jobs.job_client import BegunRun, JobClient, Schedule
from interlace.jobs.names import recurring_id
from interlace.jobs.schedules import next_begin
from interlace.lead_to_cash.recurrences import OTHERWISE, RECURRENCES
from interlace.locale.translatable import translatable

_logger = logging.getLogger(__name__)
_DISABLED = translatable("The connection is disabled. Enable it, and the runs go on.")
_FULL_SYNCH = translatable("A full synchronization is at work on it; afterwards the runs go on.")
_BY_PERSON = translatable("Somebody put it on hold.")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQueueRow:
    """One piece of work as the job queue pages show it."""

    id: str
    mapping: MappingName | None
    caption: str
    """What it does, in words, where the mapping's name does not say it."""
    kind: JobQueueEntryKind
    status: JobQueueEntryStatus
    minutes: int | None = None
    next_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    message: str = ""
    held_because: str = ""
    is_paused: bool = False
    """Whether a person set it on hold, whatever else holds it."""
    run_id: str = ""

    @property
    def is_recurring(self) -> bool:
        """Whether it begins again and again."""
        return self.kind is JobQueueEntryKind.RECURRING


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedJob:
    """A recurring job that people changed."""

    minutes: int
    default_minutes: int
    is_held: bool


class Schedules:
    """The recurring work of all connections; every method blocks."""

    def __init__(self, application: Application, client: JobClient) -> None:
        self._application = application
        self._client = client

    # Looking

    def listed(self, connection: Connection) -> list[JobQueueRow]:
        """Return the recurring work of a connection in path order, then its chores."""
        scheduled = self._client.schedules()
        entries = self._entries(connection)
        return [self._row(connection, name, entries, scheduled) for name in self._of(connection)]

    def entries(self, connection: Connection) -> list[JobQueueRow]:
        """Return the recurring work, then what runs or ran once, the newest first."""
        kept = self._application.state.job_queue_entries.list(connection.id)
        once = [each for each in kept if each.kind is not JobQueueEntryKind.RECURRING]
        never = datetime.min.replace(tzinfo=UTC)
        once.sort(key=lambda each: each.started_at or never, reverse=True)
        return [*self.listed(connection), *map(_row_of, once)]

    def running(self, connection: Connection) -> list[JobQueueRow]:
        """Return what is at work now."""
        return [row for row in self.entries(connection) if row.status is JobQueueEntryStatus.IN_PROCESS]

    def not_by_default(self, connection: Connection) -> dict[MappingName, ChangedJob]:
        """Return the jobs that run at another interval than at first, or that somebody put on hold."""
        scheduled, entries = self._client.schedules(), self._entries(connection)
        found = {}
        for name in self._of(connection):
            known = recurring_id(connection.id, name)
            entry, schedule = entries.get(known), scheduled.get(known)
            default = _default_minutes(name)
            job = ChangedJob(
                minutes=(entry.minutes_between_runs or default) if entry is not None else default,
                default_minutes=default,
                is_held=schedule is not None and schedule.is_paused,
            )
            if job.minutes != default or job.is_held:
                found[name] = job
        return found

    # Changing

    def use_default(self, connection: Connection, mapping: MappingName) -> None:
        """Let a job run as at first: at its own interval, and not on hold."""
        job = self.not_by_default(connection).get(mapping)
        if job is None:
            return
        if job.minutes != job.default_minutes:
            self._client.schedule(connection.id, mapping, job.default_minutes)
        if job.is_held:
            self._client.resume_schedule(connection.id, mapping)

    def hold(self, connection: Connection, mapping: MappingName) -> None:
        """Put recurring runs on hold; one at work ends by itself."""
        self._ensure(connection, mapping)
        self._client.pause_schedule(connection.id, mapping)

    def resume(self, connection: Connection, mapping: MappingName) -> None:
        """Let recurring runs go on."""
        self._ensure(connection, mapping)
        self._client.resume_schedule(connection.id, mapping)

    def run(self, connection: Connection, mapping: MappingName) -> BegunRun:
        """Begin a recurring run now; raises ConnectionProblem while the connection is disabled."""
        self.require_may_run(connection, mapping)
        return self._client.begin_run(connection.id, mapping, recurring=True)

    def set_minutes(self, connection: Connection, mapping: MappingName, minutes: int) -> None:
        """Let a run begin every so many minutes; raises IntervalNotPossible."""
        held = self._client.schedules().get(recurring_id(connection.id, mapping))
        self._client.schedule(connection.id, mapping, minutes)
        if held is not None and held.is_paused:
            self._client.pause_schedule(connection.id, mapping)

    def is_due(self, connection: Connection, mapping: MappingName) -> bool:
        """Tell whether a recurring run may begin: nothing holds it."""
        scheduled = self._client.schedules().get(recurring_id(connection.id, mapping))
        return not self._held(connection, mapping, scheduled)

    def keep(self) -> None:
        """Schedule what is not scheduled yet, and end what belongs to connections or mappings that are gone."""
        scheduled = self._client.schedules()
        connections = self._application.connections()
        of_connections = {
            str(each.id): {*CHORES, *self._application.mappings_with(each, {})} for each in connections
        }
        for connection in connections:
            if not connection.settings.enabled:
                continue
            entries = self._entries(connection)
            for name in self._of(connection):
                known = recurring_id(connection.id, name)
                if known not in scheduled or known not in entries:
                    self._schedule_missing(connection, name)
        for each in scheduled.values():
            if each.mapping not in of_connections.get(each.connection_id, ()):
                self._client.delete_schedule(each.connection_id, each.mapping)

    # Inside

    def _of(self, connection: Connection) -> list[MappingName]:
        settings, config = connection.settings, self._application.config
        chores = [name for name in CHORES if is_wanted(name, settings, config)]
        return [*self._application.taking_part(connection), *chores]

    def _entries(self, connection: Connection) -> dict[str, JobQueueEntry]:
        kept = self._application.state.job_queue_entries
        return {each.id: each for each in kept.list(connection.id, JobQueueEntryKind.RECURRING)}

    def _ensure(self, connection: Connection, mapping: MappingName) -> None:
        """Have a schedule, so that it can be held before the server has come round to making it."""
        if mapping not in self._of(connection):
            raise ConnectionProblem(
                translatable(
                    "{name} has no recurring runs, for it takes no part in this connection.", name=mapping
                )
            )
        self._schedule_missing(connection, mapping)

    def _schedule_missing(self, connection: Connection, mapping: MappingName) -> None:
        """Schedule runs unless somebody has done so meanwhile: the interval that a person chose stays."""
        known = recurring_id(connection.id, mapping)
        if known not in self._client.schedules() or known not in self._entries(connection):
            self._client.schedule(connection.id, mapping, _default_minutes(mapping))

    def require_may_run(self, connection: Connection, mapping: MappingName) -> None:
        """Raise ConnectionProblem where a recurring run could not begin."""
        if not takes_turns(self._application, connection, mapping):
            raise ConnectionProblem(
                translatable(
                    "{name} can't run now: the connection is disabled, or the mapping takes no part in it.",
                    name=mapping,
                )
            )

    def _held(self, connection: Connection, mapping: MappingName, scheduled: Schedule | None) -> str:
        if not connection.settings.enabled:
            return _DISABLED
        if scheduled is not None and scheduled.is_paused:
            return _BY_PERSON
        if self._application.state.reviews.is_running(connection.id, mapping):
            return _FULL_SYNCH
        return ""

    def _row(
        self,
        connection: Connection,
        name: MappingName,
        entries: Mapping[str, JobQueueEntry],
        scheduled: Mapping[str, Schedule],
    ) -> JobQueueRow:
        known = recurring_id(connection.id, name)
        entry = entries.get(known)
        minutes = _default_minutes(name)
        if entry is not None:
            minutes = entry.minutes_between_runs or minutes
        schedule = scheduled.get(known)
        held = self._held(connection, name, schedule)
        status = JobQueueEntryStatus.READY if entry is None else entry.status
        if status is JobQueueEntryStatus.IN_PROCESS:
            held = ""
        elif held:
            status = JobQueueEntryStatus.ON_HOLD
        elif status is JobQueueEntryStatus.ON_HOLD:
            # It was at work when it was let go on.
            status = JobQueueEntryStatus.READY
        is_coming = known in scheduled and not held
        return JobQueueRow(
            id=known,
            mapping=name,
            caption=CAPTIONS.get(name, ""),
            kind=JobQueueEntryKind.RECURRING,
            status=status,
            minutes=minutes,
            next_at=next_begin(minutes, known, datetime.now(UTC)) if is_coming else None,
            started_at=None if entry is None else entry.started_at,
            message="" if entry is None else entry.message,
            held_because=held,
            is_paused=schedule is not None and schedule.is_paused,
        )


def _default_minutes(name: MappingName) -> int:
    return CHORES.get(name) or RECURRENCES.get(name, OTHERWISE)


def _row_of(entry: JobQueueEntry) -> JobQueueRow:
    return JobQueueRow(
        id=entry.id,
        mapping=entry.mapping,
        caption="",
        kind=entry.kind,
        status=entry.status,
        started_at=entry.started_at,
        finished_at=entry.finished_at,
        message=entry.message,
        run_id=entry.run_id or "",
    )
