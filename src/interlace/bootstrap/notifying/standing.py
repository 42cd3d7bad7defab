"""What stands now in a connection that people are to know of, kind by kind; texts hold record numbers, no values."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.cause_texts import cause_text, judged
from interlace.bootstrap.notifying.decisions import conflicts, held_orders, plans
from interlace.bootstrap.notifying.follow import Standing
from interlace.bootstrap.notifying.look import Look
from interlace.bootstrap.notifying.silence import silence
from interlace.domain.conflict import CONFLICT_CODES
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.full_synch_review import is_over
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import key_text
from interlace.domain.safety_halt import SafetyHalt
from interlace.domain.synch_job import Counters
from interlace.locale.translatable import as_sentence, translatable
from interlace.management.notifications import NotificationKind
from interlace.store.error_causes import CauseKind, ErrorCause

SETTLES: Final[Mapping[NotificationKind, timedelta]] = {
    # While mappings run one after the other, records wait for others for a while.
    NotificationKind.CAUSE: timedelta(minutes=2),
    # The next run may bring them on by itself.
    NotificationKind.CONFLICT: timedelta(minutes=2),
    NotificationKind.ORDER: timedelta(minutes=2),
    NotificationKind.HALT: timedelta(0),
    # Plans are files: a worker on another machine does not see them, and must not take them for gone at once.
    NotificationKind.PLAN: timedelta(minutes=1),
    NotificationKind.FULL_SYNCH: timedelta(0),
    NotificationKind.SILENCE: timedelta(0),
}
"""How long something must last, and be away, until that is told."""
_CAUSES_MAX: Final = 200
_ENDED_LATELY: Final = timedelta(days=1)


def causes(application: Application, connection: Connection) -> Look:
    """Return what holds records back, but for conflicts: these are told by themselves."""
    found, number = application.state.errors.causes(connection.id, limit=_CAUSES_MAX)
    store = application.connection_store(connection)
    return Look(
        kind=NotificationKind.CAUSE,
        standing=tuple(_cause(each) for each in judged(store, found) if each.code not in CONFLICT_CODES),
        is_whole=number <= len(found),
    )


def halts(application: Application, connection: Connection) -> Look:
    """Return the mappings that write nothing until somebody releases them."""
    held = application.state.queries.halts(connection.id)
    waiting = tuple(_halt(each) for each in held if each.released_by is None)
    return Look(kind=NotificationKind.HALT, standing=waiting)


def full_synchronizations(application: Application, connection: Connection) -> Look:
    """Return the newest full synchronization, if it has ended within a day; restarted, it ends anew."""
    review = application.state.reviews.latest(connection.id)
    ended = [] if review is None else [each.finished_at for each in review.lines if each.finished_at]
    is_new = bool(ended) and application.state.clock() - max(ended) < _ENDED_LATELY
    if review is None or not is_new or not is_over(review.lines):
        return Look(kind=NotificationKind.FULL_SYNCH)
    counters = Counters()
    for line in review.lines:
        counters.add(line.counters)
    wrong = [line for line in review.lines if line.status is JobQueueEntryStatus.ERROR]
    message = translatable(
        "A full synchronization has ended. Mappings: {mappings}, ended with an error: {wrong}; records that failed: "
        "{failed}",
        mappings=len(review.lines),
        wrong=len(wrong),
        failed=counters.failed,
    )
    each = Standing(
        kind=NotificationKind.FULL_SYNCH,
        subject=f"{review.run_id} {max(ended).isoformat()}",
        message=message,
        page="/review",
        mappings=tuple(str(line.mapping) for line in review.lines),
    )
    return Look(kind=NotificationKind.FULL_SYNCH, standing=(each,))


LOOKS: Final[tuple[Callable[[Application, Connection], Look], ...]] = (
    causes,
    conflicts,
    held_orders,
    halts,
    plans,
    full_synchronizations,
    silence,
)


def _halt(halt: SafetyHalt) -> Standing:
    return Standing(
        kind=NotificationKind.HALT,
        # Runs that find it still halted may raise it anew.
        subject=str(halt.mapping),
        message=translatable(
            "{mapping} is halted and writes nothing: {kind}, {count} of {total} records.",
            mapping=halt.mapping,
            kind=as_sentence(halt.kind.value),
            count=halt.count,
            total=halt.of,
        ),
        page="/halts",
        over=translatable("{mapping} is released: its next run goes through.", mapping=halt.mapping),
        mappings=(str(halt.mapping),),
    )


def _cause(cause: ErrorCause) -> Standing:
    title = _title(cause)
    mappings = ", ".join(f"{name} {count}" for name, count in cause.mappings)
    held = translatable(
        "Records held back: {count} ({mappings}): {cause}",
        count=cause.count,
        mappings=mappings,
        cause=as_sentence(title),
    )
    return Standing(
        kind=NotificationKind.CAUSE,
        subject=cause.id,
        message=held,
        page=f"/errors/causes/{cause.id}",
        over=translatable("Solved: {cause}", cause=as_sentence(title)),
        over_page="/errors",
        mappings=tuple(str(name) for name, _ in cause.mappings),
    )


def _title(cause: ErrorCause) -> str:
    """Say what it is without the values that stand in the errors' own texts."""
    if cause.kind not in {CauseKind.ALIKE, CauseKind.INCOMPLETE}:
        return cause_text(cause)
    caption = as_sentence(ERROR_DESCRIPTIONS[cause.code].caption)
    if cause.count > 1:
        return caption
    record = f"{cause.example.mapping} {key_text(cause.example.source_key)}"
    return translatable("{record}: {caption}", record=record, caption=caption)
