"""Brakes: when a run must not write before a person has looked, and why.

A halt is raised before the first write that it is about, and nothing of its mapping is written until a person
releases it. A release counts for the one run that follows it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import assert_never

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.locale.translatable import Value, translatable


class HaltKind(Enum):
    """What made a run stop."""

    TABLE_EMPTIED = translatable("table emptied")
    """Not one coupled record of a side is there any more."""
    MASS_DELETION = translatable("mass deletion")
    """More coupled records were deleted than a day's work deletes."""
    MASS_CHANGE = translatable("mass change")
    """More coupled records changed than a day's work changes."""
    MARKER_GONE = translatable("marker gone")
    """The row by which a service is recognized is missing: a wiped table, or another environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyLimits:
    """How much one run of a mapping may delete or change before a person is asked."""

    deletions_min: int = 20
    """Up to so many deletions are never a mass deletion."""
    deletion_share: float = 0.02
    changes_min: int = 100
    """Up to so many changes are never a mass change."""
    change_share: float = 0.30


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyHalt:
    """Why a mapping writes nothing until a person releases it."""

    mapping: MappingName
    kind: HaltKind
    side: Side
    """Where the deletions or changes were seen."""
    count: int
    of: int
    raised_at: datetime
    message: str
    released_by: str | None = None
    """Who released it; the next run of the mapping goes through and forgets the halt."""


def braked(limits: SafetyLimits, *, deleted: int, changed: int, coupled: int) -> HaltKind | None:
    """Tell which brake, if any, a side's news trip; `coupled` counts the mapping's couplings.

    A mapping that is being coupled for the first time has nothing to protect yet.
    """
    if coupled and deleted >= coupled and deleted > 1:
        return HaltKind.TABLE_EMPTIED
    if deleted > max(limits.deletions_min, limits.deletion_share * coupled):
        return HaltKind.MASS_DELETION
    if changed > max(limits.changes_min, limits.change_share * coupled):
        return HaltKind.MASS_CHANGE
    return None


def halt_message(mapping: MappingName, kind: HaltKind, side: Side, count: int, of: int) -> str:
    """Say what was seen, and what to do next."""
    values: dict[str, Value] = {"mapping": mapping, "service": side.value.upper(), "count": count, "of": of}
    match kind:
        case HaltKind.TABLE_EMPTIED:
            what = translatable(
                "none of the {of} coupled records of {mapping} is in the {service} any more", **values
            )
        case HaltKind.MASS_DELETION:
            what = translatable(
                "{count} of {of} coupled records of {mapping} were deleted in the {service} since the last run",
                **values,
            )
        case HaltKind.MASS_CHANGE:
            what = translatable(
                "{count} of {of} coupled records of {mapping} changed in the {service} since the last run",
                **values,
            )
        case HaltKind.MARKER_GONE:
            what = translatable(
                "the row by which Interlace recognizes the {service} is gone, though {of} records of {mapping} are "
                "coupled: its table was emptied, or the address leads to another environment",
                **values,
            )
        case _:
            assert_never(kind)
    return translatable(
        "Nothing was written: {what}. If that is meant, release it: interlace halts release {mapping}. If not, "
        "repair the {service} first.",
        what=what,
        mapping=mapping,
        service=side.value.upper(),
    )
