"""What a look at one kind of thing that people are told of finds."""

from dataclasses import dataclass

from interlace.bootstrap.notifying.follow import Standing
from interlace.management.notifications import NotificationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was found of one kind."""

    kind: NotificationKind
    standing: tuple[Standing, ...] = ()
    is_whole: bool = True
    """False: there is more than was looked at, so what is not among it may still be there."""
