"""The plan of a full synchronization by lines: which may start, how each stands, and what blocks it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName
from interlace.domain.synch_job import Counters, SynchJob
from interlace.locale.translatable import translatable


class InitialSynchRecommendation(Enum):
    """What the first synchronization of a mapping should do."""

    FULL_SYNCHRONIZATION = translatable("Full Synchronization")
    COUPLE_RECORDS = translatable("Couple Records")
    NO_RECORDS = translatable("No Records Found")


class PassStatus(Enum):
    """How one pass of a line stands; the value is the word users know."""

    NOT_STARTED = ""
    IN_PROCESS = translatable("In Process")
    SUCCESS = translatable("Success")
    ERROR = translatable("Error")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPass:
    """One pass of a line: its job, and whether it went through the whole table."""

    job: SynchJob
    finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """One mapping's part in a full synchronization."""

    mapping: MappingName
    direction: Direction
    depends_on: tuple[MappingName, ...] = ()
    recommendation: InitialSynchRecommendation = InitialSynchRecommendation.FULL_SYNCHRONIZATION
    status: JobQueueEntryStatus | None = None
    """Job Queue Entry Status; None: never started."""
    job_queue_entry_id: str | None = None
    message: str = ""
    """Why the line stands where it stands, in words for users."""
    expected: int | None = None
    """How many records its passes will take up, where that is known."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    to_pass: ReviewPass | None = None
    from_pass: ReviewPass | None = None

    @property
    def passes(self) -> tuple[ReviewPass, ...]:
        """The passes that have begun, in order."""
        return tuple(each for each in (self.to_pass, self.from_pass) if each is not None)

    @property
    def to_status(self) -> PassStatus:
        """To Int. Table Job Status."""
        return status_of_pass(self.to_pass)

    @property
    def from_status(self) -> PassStatus:
        """From Int. Table Job Status."""
        return status_of_pass(self.from_pass)

    @property
    def counters(self) -> Counters:
        """The counters of both passes together."""
        counters = Counters()
        for each in self.passes:
            counters.add(each.job.counters)
        return counters

    @property
    def is_open(self) -> bool:
        """Tell whether the line is waiting in the queue or at work."""
        return self.status in (JobQueueEntryStatus.READY, JobQueueEntryStatus.IN_PROCESS)

    @property
    def lets_children_start(self) -> bool:
        """Tell whether the lines that depend on this one need not wait for it."""
        return (
            self.status is JobQueueEntryStatus.FINISHED
            or self.recommendation is InitialSynchRecommendation.NO_RECORDS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FullSynchReview:
    """A full synchronization of one connection with its lines in the order of their waves."""

    run_id: str
    connection_id: ConnectionId
    created_at: datetime
    lines: tuple[ReviewLine, ...]

    def line(self, mapping: MappingName) -> ReviewLine:
        """Return the line of a mapping; raises KeyError if it takes no part."""
        for line in self.lines:
            if line.mapping == mapping:
                return line
        raise KeyError(mapping)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProgress:
    """How far one line has got."""

    mapping: MappingName
    done: int
    expected: int | None
    failed: int
    records_per_second: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewProgress:
    """How far a full synchronization has got."""

    lines: tuple[LineProgress, ...]
    done: int
    expected: int | None
    """None while a line's number of records is not known."""
    failed: int
    records_per_second: float | None
    seconds_left: float | None


def status_of_pass(review_pass: ReviewPass | None) -> PassStatus:
    """Tell how a pass stands by its job: failures of single records make it Error."""
    if review_pass is None:
        return PassStatus.NOT_STARTED
    job = review_pass.job
    if job.finished_at is None:
        return PassStatus.IN_PROCESS
    if job.counters.failed or not review_pass.finished:
        return PassStatus.ERROR
    return PassStatus.SUCCESS


def startable(lines: Sequence[ReviewLine]) -> tuple[MappingName, ...]:
    """Return the mappings that may start now: never started, and nothing they depend on is in their way.

    A parent that has no line does not block.
    """
    by_name = {line.mapping: line for line in lines}
    return tuple(
        line.mapping
        for line in lines
        if line.status is None
        and all(by_name[parent].lets_children_start for parent in line.depends_on if parent in by_name)
    )


def blocked_text(line: ReviewLine, lines: Sequence[ReviewLine]) -> str:
    """Say which failed lines keep a line from starting, and what to do; blank if none does."""
    if line.status is not None:
        return ""
    failed = _failed_ancestors(line, {each.mapping: each for each in lines}, set())
    if not failed:
        return ""
    names = ", ".join(sorted(failed))
    if len(failed) == 1:
        return translatable(
            "{mapping} was not started because {name} ended with an error. Look at the message of that line, correct "
            "the cause, then restart the full synchronization.",
            mapping=line.mapping,
            name=names,
        )
    return translatable(
        "{mapping} was not started because {names} ended with an error. Look at the message of those lines, correct "
        "the cause, then restart the full synchronization.",
        mapping=line.mapping,
        names=names,
    )


def is_over(lines: Sequence[ReviewLine]) -> bool:
    """Tell whether nothing is at work and nothing can start any more."""
    return not startable(lines) and not any(line.is_open for line in lines)


def has_failed(lines: Sequence[ReviewLine]) -> bool:
    """Tell whether a line ended with an error or was never reached because of one."""
    return is_over(lines) and any(not line.lets_children_start for line in lines)


def restartable(lines: Sequence[ReviewLine], *, every: bool) -> tuple[MappingName, ...]:
    """Return the lines that a restart begins anew: those in Error and what they blocked, or every one.

    Nothing may be restarted while a line is at work.
    """
    if any(line.is_open for line in lines):
        return ()
    if every:
        return tuple(line.mapping for line in lines)
    return tuple(
        line.mapping
        for line in lines
        if line.status in (None, JobQueueEntryStatus.ERROR, JobQueueEntryStatus.ON_HOLD)
    )


def progress(lines: Sequence[ReviewLine], now: datetime) -> ReviewProgress:
    """Count what is done, and estimate from the pace so far how long the rest takes."""
    counted = tuple(_line_progress(line, now) for line in lines)
    done = sum(each.done for each in counted)
    known = [each.expected for each in counted]
    expected = sum(each for each in known if each is not None) if None not in known else None
    starts = [line.started_at for line in lines if line.started_at is not None]
    ends = [line.finished_at for line in lines if line.finished_at is not None]
    end = max(ends) if ends and is_over(lines) else now
    rate = _rate(done, min(starts), end) if starts else None
    left = None
    if is_over(lines):
        left = 0.0
    elif expected is not None and rate:
        left = max(expected - done, 0) / rate
    return ReviewProgress(
        lines=counted,
        done=done,
        expected=expected,
        failed=sum(each.failed for each in counted),
        records_per_second=rate,
        seconds_left=left,
    )


def _line_progress(line: ReviewLine, now: datetime) -> LineProgress:
    counters = line.counters
    over = line.status in (JobQueueEntryStatus.FINISHED, JobQueueEntryStatus.ERROR)
    rate = None
    if line.started_at is not None:
        rate = _rate(counters.total, line.started_at, line.finished_at or now)
    no_records = line.recommendation is InitialSynchRecommendation.NO_RECORDS
    expected = counters.total if over else (0 if no_records else line.expected)
    return LineProgress(
        mapping=line.mapping,
        done=counters.total,
        expected=expected,
        failed=counters.failed,
        records_per_second=rate,
    )


def _rate(done: int, start: datetime, end: datetime) -> float | None:
    seconds = (end - start).total_seconds()
    return done / seconds if seconds > 0 and done else None


def _failed_ancestors(
    line: ReviewLine, by_name: dict[MappingName, ReviewLine], seen: set[MappingName]
) -> set[MappingName]:
    failed: set[MappingName] = set()
    for parent in line.depends_on:
        if parent not in by_name or parent in seen:
            continue
        seen.add(parent)
        if by_name[parent].status in (JobQueueEntryStatus.ERROR, JobQueueEntryStatus.ON_HOLD):
            failed.add(parent)
        failed |= _failed_ancestors(by_name[parent], by_name, seen)
    return failed
