"""How old the oldest change can be that has not been carried over, told from what runs leave behind.

Nobody knows of a change before a run has read it. What is known: a run that went through has read everything that was
there when it began. So every change from before its beginning has been carried over, or stands on the error list with
its reason. The lag is therefore reckoned from the older of two moments: the beginning of the newest such run, of the
mapping whose turn was longest ago; and the failure of the record that has waited longest for its next try. Records
that are left out until somebody helps are told beside it. The lag can be too great, for there need not be a change; it
is too small only for a record that fails again in every run, by the time since its first failure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.store.hourly_figures import WaitingErrors


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far one direction is behind."""

    direction: Direction
    looked_until: datetime | None
    """Everything that was changed before has been looked at; None: a mapping never went through."""
    looked_mapping: MappingName | None
    """The mapping whose turn was longest ago, or that never went through."""
    waiting: WaitingErrors
    """What stands on the error list."""

    @property
    def since(self) -> datetime | None:
        """From when the oldest change can be that is not carried over; None: it can't be told."""
        if self.looked_until is None:
            return None
        return min(self.looked_until, self.waiting.failed_since or self.looked_until)

    def seconds(self, now: datetime) -> int | None:
        """Return how long ago that is."""
        since = self.since
        return None if since is None else max(0, round((now - since).total_seconds()))


def looked_at(
    entries: Iterable[JobQueueEntry], known: Mapping[MappingName, datetime]
) -> dict[MappingName, datetime]:
    """Return when the newest run of each mapping that went through began; `known` is what was found before.

    Entries forget a run when the next one begins, so what is known already counts until that one is over.
    """
    found = dict(known)
    for entry in entries:
        if entry.mapping is None or entry.started_at is None or not _went_through(entry):
            continue
        found[entry.mapping] = max(entry.started_at, found.get(entry.mapping, entry.started_at))
    return found


def _went_through(entry: JobQueueEntry) -> bool:
    if entry.kind is JobQueueEntryKind.RECURRING:
        return entry.status is JobQueueEntryStatus.READY and not entry.message
    return entry.status is JobQueueEntryStatus.FINISHED


def lags_of(
    mappings: Sequence[IntegrationTableMapping],
    looked: Mapping[MappingName, datetime],
    waiting: Mapping[Direction, WaitingErrors],
) -> list[Lag]:
    """Reckon the lag of each direction in which a mapping goes."""
    return [
        _lag(direction, names, looked, waiting.get(direction, WaitingErrors()))
        for direction in (Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE)
        if (names := [each.name for each in mappings if direction in each.passes])
    ]


def _lag(
    direction: Direction,
    names: Sequence[MappingName],
    looked: Mapping[MappingName, datetime],
    waiting: WaitingErrors,
) -> Lag:
    never = next((name for name in names if name not in looked), None)
    oldest = never or min(names, key=lambda name: looked[name])
    return Lag(
        direction=direction,
        looked_until=looked.get(oldest),
        looked_mapping=oldest,
        waiting=waiting,
    )
