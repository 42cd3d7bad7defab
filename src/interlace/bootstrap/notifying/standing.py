"""What stands now in a connection that people are to know of, kind by kind; texts hold record numbers, no values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.cause_texts import cause_text, judged
from interlace.bootstrap.notifying.follow import Standing
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.keys import key_text
from interlace.locale.translatable import as_sentence, translatable
from interlace.management.notifications import NotificationKind
from interlace.store.error_causes import CauseKind, ErrorCause

SETTLES: Final[Mapping[NotificationKind, timedelta]] = {
    # While mappings run one after the other, records wait for others for a while.
    NotificationKind.CAUSE: timedelta(minutes=2),
}
"""How long something must last, and be away, until that is told."""
_CAUSES_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was found of one kind."""

    kind: NotificationKind
    standing: tuple[Standing, ...]
    is_whole: bool = True
    """False: there is more than was looked at, so what is not among it may still be there."""


def causes(application: Application, connection: Connection) -> Look:
    """Return what holds records back."""
    found, number = application.state.errors.causes(connection.id, limit=_CAUSES_MAX)
    store = application.connection_store(connection)
    return Look(
        kind=NotificationKind.CAUSE,
        standing=tuple(_cause(each) for each in judged(store, found)),
        is_whole=number <= len(found),
    )


LOOKS: Final[tuple[Callable[[Application, Connection], Look], ...]] = (causes,)


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
