"""A record's own synchronization log: the jobs that it was in, and what became of it there."""

from typing import Final

from interlace.management.operation import Answer, Operation
from interlace.management.permission import Permission
from interlace.management.records import RecordAsked
from interlace.management.translatable import translatable


class LoggedJob(Answer, frozen=True, kw_only=True):
    """A job that a record was in; times are ISO 8601 in UTC."""

    id: str
    direction: str
    type: str
    started_at: str
    finished_at: str
    """Blank: it runs, or was broken off."""
    action: str = ""
    """What was written for the record last, as the journal says it; blank: nothing, both sides were alike."""
    problem: str = ""
    """Why the record failed in it; blank: it did not, or it has gone through since."""


class RecordLogged(Answer, frozen=True, kw_only=True):
    """The jobs of a record that are still remembered, the newest first."""

    jobs: tuple[LoggedJob, ...] = ()


LOG: Final = Operation(
    name="records.log",
    asked=RecordAsked,
    answer=RecordLogged,
    permission=Permission.READ,
    caption=translatable("Synchronization Log"),
    tooltip=translatable("Show the jobs that the record was in, and what became of it there."),
    command="records log",
)

OPERATIONS: Final = (LOG,)
