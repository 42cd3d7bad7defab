"""One pass of a run with what it keeps between batches."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.engine.markers import Markers
from interlace.engine.memory import Intent
from interlace.engine.ports import Capabilities
from interlace.engine.references import References
from interlace.engine.run_setup import PassSetup


@dataclass(slots=True, kw_only=True)
class Pass:
    """One pass of a run with what it keeps between batches."""

    setup: PassSetup
    references: References
    job: SynchJob
    capabilities: Capabilities
    """What the table that the pass writes to can do."""
    source_capabilities: Capabilities
    markers: Markers
    open_intents: dict[str, list[Intent]] = field(default_factory=dict)
    """Writes of this pass whose outcome is not known, by source key."""
    opposite: "Pass | None" = field(default=None, repr=False, compare=False)
    repairing: frozenset[Side] = frozenset()
    """Services found restored at the beginning of this run."""
    is_first: bool = False
    """The mapping never wrote anything before this run, and no pair of this run has ended: no record that is not
    coupled can name a partner that it gave it."""
    rebuilding: bool = False
    """Our memory of the mapping may know less than the records do: a first whole comparison is not through yet."""
    origins_open: frozenset[str] = frozenset()
    """Keys and marks of ERP records whose CRM record is not coupled yet: the opposite pass's creates without a known
    end, and what is made of CRM records that failed."""
    origins_sought: bool = False
    """Every CRM record was looked at in this run, so that an ERP record made from one is coupled with it, unless that
    one failed."""
    creates_held: bool = False
    """Our memory went back in time: what it does not know of may still be created by an earlier request."""

    def take_open(self, intents: Iterable[Intent]) -> None:
        """Add writes whose outcome is not known; one for the same record and attempt takes an earlier one's place."""
        for intent in intents:
            others = [
                it
                for it in self.open_intents.get(intent.source_key, ())
                if (it.key, it.attempt) != (intent.key, intent.attempt)
            ]
            self.open_intents[intent.source_key] = [*others, intent]

    def announced_for(self, source_key: str) -> list[Intent]:
        """Return the open writes of one record, the newest first: what it holds, an earlier one may hold by chance."""
        return sorted(self.open_intents.get(source_key, ()), key=lambda it: -it.attempt)
