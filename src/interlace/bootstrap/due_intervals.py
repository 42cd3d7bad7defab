"""By which measure a mapping is overdue: how often it is to run as long as nothing holds it on purpose."""

from datetime import timedelta

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.freezes import freeze_now, writes_to_erp
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import MappingName


def due_intervals(application: Application, connection: Connection) -> dict[MappingName, timedelta]:
    """Return how often each mapping is to run that nothing keeps from running."""
    if not connection.settings.enabled:
        return {}
    entries = application.state.job_queue_entries.list(connection.id, JobQueueEntryKind.RECURRING)
    halted = {
        each.mapping for each in application.state.queries.halts(connection.id) if each.released_by is None
    }
    is_frozen = freeze_now(connection.settings) is not None
    mappings, reviews = application.mappings(connection), application.state.reviews
    part = {
        name
        for name in application.taking_part(connection)
        if name not in halted
        and not (is_frozen and writes_to_erp(mappings[name]))
        and not reviews.is_running(connection.id, name)
    }
    return {
        each.mapping: interval
        for each in entries
        if each.mapping in part and (interval := _interval(each)) is not None
    }


def _interval(entry: JobQueueEntry) -> timedelta | None:
    if entry.status is JobQueueEntryStatus.ON_HOLD or not entry.minutes_between_runs:
        return None
    return timedelta(minutes=entry.minutes_between_runs)
