"""Why an edit may not have got through: a person or a policy decided so, or the error list names its record.

Each excuse is proved twice: the journal names the value as one that lost, and what the soak itself did says why.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tools.soak.ledger import CONTACT, Edit, Ledger, Record, Side

BY_A_PERSON = "a person decided against it"
BY_THE_POLICY = "the policy of contacts decided against it"
REPLACED = "somebody replaced it by a value that lost, before the other side had it"
WITH_ITS_RECORD = "somebody deleted its record, which was restored from the other side"
REMOVED = "its record was deleted on one side, and a person wanted the other one deleted, too"
UNSEEN = "its record was deleted before Interlace had seen that its create took effect: a stated limit"
LISTED = "its record stands on the error list: "
POLICY = "update_conflict_resolution=Send Update to Integration"
POLICY_TABLE, POLICY_LOSER = CONTACT, Side.CRM
"""Conflicts of contacts are decided by a policy, the others by a person."""

EXCUSED_SHARE_MAX = 0.1
"""People who edit the same records on both sides all day overrule one another; more than this is no soak."""
LISTED_SHARE_MAX = 0.01
"""What still waits at the end, though everything was decided and corrected that can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What lost, as the journal and the people tell it."""

    ledger: Ledger
    losers: Collection[str]
    """Values that the journal names as overwritten though they were news."""
    first_told: Mapping[str, datetime] = field(default_factory=dict)
    """When the journal first tells of a record, by its key on the side written."""

    def excuse_of(self, edit: Edit, edits: Sequence[Edit]) -> str | None:
        """Say why an edit of a record is not where it should be; None if there is no good reason."""
        reason = self._reason(edit)
        if reason is not None:
            return reason
        later = (each for each in edits if each.field == edit.field and each.replaced == edit.value)
        return REPLACED if any(self.excuse_of(each, edits) is not None for each in later) else None

    def _reason(self, edit: Edit) -> str | None:
        if edit.record.deleted_on is edit.side and self.was_restored(edit.record):
            return WITH_ITS_RECORD
        if edit.record.deleted_on is edit.side and self.was_unseen(edit.record):
            return UNSEEN
        if edit.value not in self.losers:
            return None
        if edit.value in self.ledger.overruled:
            return BY_A_PERSON
        decided_by_policy = edit.record.table is POLICY_TABLE and edit.side is POLICY_LOSER
        return BY_THE_POLICY if decided_by_policy else None

    def was_restored(self, record: Record) -> bool:
        """Tell whether a person wanted a deleted record back."""
        return not self.ledger.restored.isdisjoint({record.number, record.crm_id})

    def was_unseen(self, record: Record) -> bool:
        """Tell whether a record was deleted before the journal told of it: then it is created once more."""
        key = record.number if record.deleted_on is Side.ERP else record.crm_id
        told = self.first_told.get(str(key))
        return record.deleted_at is not None and told is not None and told > record.deleted_at

    def was_removed(self, record: Record) -> bool:
        """Tell whether a person wanted a deleted record's partner deleted, too."""
        return not self.ledger.removed.isdisjoint({record.number, record.crm_id})


@dataclass(slots=True, kw_only=True)
class Excused:
    """How many edits did not get through, by the reason."""

    edits: int
    """How many there were in all."""
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """The share of the edits that did not get through."""
        return self.counts.total() / max(1, self.edits)

    @property
    def listed_share(self) -> float:
        """The share of the edits whose records still wait on the error list."""
        listed = sum(count for reason, count in self.counts.items() if reason.startswith(LISTED))
        return listed / max(1, self.edits)

    @property
    def are_few(self) -> bool:
        """Tell whether so little is excused that "nothing lost" means something."""
        return self.share <= EXCUSED_SHARE_MAX and self.listed_share <= LISTED_SHARE_MAX
