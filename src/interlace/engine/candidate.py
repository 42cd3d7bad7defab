"""One record on its way through a batch: what was seen of it, what is decided, how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from interlace.domain.coupling import Coupling
from interlace.domain.errors import RecordError, WaitsFor
from interlace.domain.observation import Link, ObservedPair, Presence
from interlace.domain.synch_action import SynchAction
from interlace.domain.transfer_fields import FieldMerge, Pair
from interlace.domain.values import Value
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
    merge: FieldMerge | None = None
    created_values: dict[str, Value] = field(default_factory=dict)
    agreed: Sequence[Pair] = ()
    deferred: bool = False
    """Some fields are written once the record exists."""
    created: bool = False
    """This pass has created the partner: further writes belong to the create."""
    opening: bool = False
    """The next write takes the new partner through its opening values; another one follows."""
    pending: Sequence[WaitsFor] = ()
    error: RecordError | None = None
    action: SynchAction | None = None
    rounds: int = 0

    @property
    def is_new_pair(self) -> bool:
        """Tell whether the pair has never been compared: its CRM record may not name the ERP record yet."""
        return self.coupling is None or self.coupling.agreed is None

    def observed(self) -> ObservedPair:
        """Sum up what was seen, for the decision."""
        destination = Presence.PRESENT
        if self.partner_was_read and self.partner is None:
            destination = Presence.ABSENT
        if self.merge is None:
            return ObservedPair(link=self.link, source=self.source, destination=destination)
        return ObservedPair(
            link=self.link,
            source=self.source,
            destination=destination,
            difference=self.merge.difference,
        )
