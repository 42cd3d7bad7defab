"""What the rounds of one run of a saga have in common."""

from dataclasses import dataclass, field

from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.engine.ports import Capabilities
from interlace.engine.saga_look import Looker
from interlace.engine.saga_setup import SagaSetup
from interlace.engine.saga_turn import Ledger

_SHORT_LOOK_SECONDS = 8.0


@dataclass(slots=True, kw_only=True)
class Work:
    """What the rounds of a run have in common."""

    setup: SagaSetup
    job: SynchJob
    looker: Looker
    capabilities: dict[Side, Capabilities]
    next_attempt: int = 1
    at_once: int = 0
    """How many documents are looked at together: fewer when looks are old before anything could be sent."""
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(setup=self.setup, job=self.job)
        self.at_once = self.setup.batch_size

    def look_at_fewer(self, documents: int) -> None:
        """Take fewer than these many together from now on: their look was old before all could be sent."""
        self.at_once = max(1, documents // 2)

    def look_at_more(self, documents: int, seconds: float) -> None:
        """Take more together again where looking at as many as now took little time."""
        if documents == self.at_once and seconds < _SHORT_LOOK_SECONDS:
            self.at_once = min(self.setup.batch_size, self.at_once * 2)
