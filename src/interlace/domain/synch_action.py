"""What is done to one record: the possible results of a decision."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from interlace.domain.errors import ErrorCode
from interlace.locale.translatable import translatable


class SkipReason(Enum):
    """Why nothing is done with a record."""

    OUT_OF_SCOPE = translatable("outside the mapping's filter")
    NOT_COUPLED = translatable("not coupled, and the mapping synchronizes coupled records only")
    SKIPPED = translatable("failed repeatedly and waits for its cause to go or for a person")
    NOTHING_THERE = translatable("neither coupled nor there any more")
    LEFT_TO_OPPOSITE = translatable("deleted on the other side; the opposite pass deletes it here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """Create the destination record under the key chosen for it, and couple."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Couple:
    """Couple with the one matching record, then bring it in line with the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Modify:
    """Write the fields that the source changed, and those in which it wins a conflict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree:
    """Write nothing to either side; remember what both hold now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreUnchanged:
    """Write nothing: there is nothing to do for this pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """Create the deleted destination record again from the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Delete the destination record, whose source is gone, and forget the pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCoupling:
    """Forget the pair; surviving records stay as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Leave the record out of this pass."""

    reason: SkipReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """Put the record on the error list; nothing is written."""

    code: ErrorCode


SynchAction: TypeAlias = (
    Insert | Couple | Modify | Agree | IgnoreUnchanged | Restore | Delete | RemoveCoupling | Skip | Fail
)
