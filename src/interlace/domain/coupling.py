"""The durable link of one ERP record and one CRM record: the merge base of their synchronization."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.side import Side
from interlace.domain.values import Value


class CouplingState(Enum):
    """What is known of the pair."""

    COUPLED = "coupled"
    """Both records exist as far as we know, and their agreed values are remembered."""
    BROKEN = "broken"
    """One record was deleted; a person or a policy decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedValues:
    """What both sides held when they last agreed, one pair (ERP value, CRM value) per field row."""

    layout: str
    pairs: tuple[tuple[Value, Value] | None, ...]
    """None for a row of which nobody knows what was agreed: a difference there is a conflict."""


def realigned(
    pairs: Sequence[tuple[Value, Value] | None], old: Sequence[str], new: Sequence[str]
) -> tuple[tuple[Value, Value] | None, ...] | None:
    """Return agreed pairs in the order of new rows, by row id; rows of one id are told by their turn.

    A row that is new gets blank on both sides. None: nobody knows what the old rows were.
    """
    if not old:
        return None
    held = dict(zip(_with_turns(old), pairs, strict=True))
    return tuple(held.get(row, (None, None)) for row in _with_turns(new))


def row_names(row_ids: Sequence[str]) -> tuple[str, ...]:
    """Name every row uniquely: by its id, and from its second turn on by its turn too."""
    return tuple(name if turn == 1 else f"{name}#{turn}" for name, turn in _with_turns(row_ids))


def _with_turns(names: Sequence[str]) -> list[tuple[str, int]]:
    seen: dict[str, int] = {}
    turns = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        turns.append((name, seen[name]))
    return turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupling:
    """One ERP record and one CRM record, with what each side last held."""

    mapping: MappingName
    erp_key: ErpKey
    crm_key: CrmKey
    agreed: AgreedValues | None
    """None: coupled, but never compared."""
    erp_tag: str | None = None
    crm_tag: str | None = None
    erp_digest: bytes | None = None
    """Digest of the whole ERP record as it was last read; equal means untouched."""
    crm_digest: bytes | None = None
    state: CouplingState = CouplingState.COUPLED
    doubtful: frozenset[Side] = frozenset()
    """Sides that went back in time since the pair last agreed: an old value there is no news."""
