"""Windows in which nothing is written to the ERP, such as the days in which a month is closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class FreezeState(Enum):
    """Where a window lies in time."""

    TO_COME = "to come"
    NOW = "now"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeWindow:
    """From `begin` on, and until `end`, no business record of the ERP is created, changed or deleted."""

    id: str
    begin: datetime
    end: datetime
    reason: str
    by: str
    """Who set it."""

    def state(self, moment: datetime) -> FreezeState:
        """Tell where it lies from a moment."""
        if moment < self.begin:
            return FreezeState.TO_COME
        return FreezeState.NOW if moment < self.end else FreezeState.OVER


def freeze_at(windows: Iterable[FreezeWindow], moment: datetime) -> FreezeWindow | None:
    """Return the window that covers a moment, of several the one that ends last; None: the ERP is not frozen.

    Windows that follow each other without a gap are told one after the other, each with its own reason.
    """
    covering = [each for each in windows if each.state(moment) is FreezeState.NOW]
    return max(covering, key=lambda each: each.end, default=None)
