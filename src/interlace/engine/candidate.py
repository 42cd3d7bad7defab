"""One record on its way through a batch: what was seen of it, what is decided, how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from interlace.domain.conflict import Conflict
from interlace.domain.coupling import Coupling
from interlace.domain.errors import RecordError, WaitsFor
from interlace.domain.field_merge import FieldMerge
from interlace.domain.observation import Difference, Link, ObservedPair, Presence
from interlace.domain.synch_action import SynchAction
from interlace.domain.transfer_fields import Remembered
from interlace.domain.values import Value
from interlace.engine.memory import Intent
from interlace.engine.ports import Record


@dataclass(slots=True, kw_only=True)
class Candidate:
    """A source record with its coupling and partner, if any."""

    key: str
    record: Record | None
    values: Sequence[Value] | None = None
    coupling: Coupling | None = None
    partner_key: str | None = None
    partner: Record | None = None
    partner_was_read: bool = False
    link: Link = Link.UNCOUPLED
    is_wanted: bool = False
    """An earlier run was to create the partner and failed: once its cause is gone, the partner is created."""
    source: Presence = Presence.PRESENT
    announced: list[Intent] = field(default_factory=list)
    """Writes of the partner whose outcome is not known, the newest first."""
    refused: Intent | None = None
    """The write that was refused last: what stood in its way may have been its own first delivery."""
    marked: Sequence[str] = ()
    """Records that carry the mark of an announced create though the partner was found otherwise: it took effect."""
    landed: Intent | None = None
    """The one of them that the partner shows to have taken effect; to be journalled."""
    adopted: bool = False
    """The partner was found under the key that we had chosen, or by our mark, without a memory of the create."""
    adopted_as_created: bool = False
    """Its create was announced by an earlier run, which did not live to count it."""
    sent_again: bool = False
    """The last request was an earlier create, byte for byte: the source may hold something else by now."""
    was_refused: bool = False
    """The service refused the record, as it still is, in an earlier run."""
    taken_back: bool = False
    """What landed was a person's undo: it is not made again by itself."""
    waits: bool = False
    """A create that was sent may still take effect: it must not be sent again yet."""
    base: Sequence[Remembered] | None = None
    """What the merge was made from; None: the pair was never compared."""
    survivor_changed: bool = False
    """One record is gone, and the other is not what both last agreed on."""
    source_doubtful: bool = False
    destination_doubtful: bool = False
    merge: FieldMerge | None = None
    created_values: dict[str, Value] = field(default_factory=dict)
    agreed: Sequence[Remembered] = ()
    deferred: bool = False
    """Some fields are written once the record exists."""
    created: bool = False
    """This pass has created the partner: further writes belong to the create."""
    opening: bool = False
    """The next write takes the new partner through its opening values; another one follows."""
    pending: Sequence[WaitsFor] = ()
    error: RecordError | None = None
    error_found: RecordError | None = None
    """What was found wrong before the fields were compared."""
    conflict: Conflict | None = None
    """What a person must decide about the pair."""
    action: SynchAction | None = None
    rounds: int = 0

    is_new_pair: bool = False
    """The pair was never compared when it was taken up: its CRM record may not name the ERP record yet."""

    def observed(self) -> ObservedPair:
        """Sum up what was seen, for the decision."""
        destination = Presence.PRESENT
        if self.partner_was_read and self.partner is None:
            destination = Presence.ABSENT
        return ObservedPair(
            link=self.link,
            source=self.source,
            destination=destination,
            difference=Difference.NONE if self.merge is None else self.merge.difference,
            source_doubtful=self.source_doubtful,
            destination_doubtful=self.destination_doubtful,
            survivor_changed=self.survivor_changed,
        )
