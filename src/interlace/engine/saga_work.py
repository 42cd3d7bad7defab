"""What the rounds of one run of a saga have in common."""

from dataclasses import dataclass, field

from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.engine.ports import Capabilities
from interlace.engine.saga_look import Looker
from interlace.engine.saga_setup import SagaSetup
from interlace.engine.saga_turn import Ledger


@dataclass(slots=True, kw_only=True)
class Work:
    """What the rounds of a run have in common."""

    setup: SagaSetup
    job: SynchJob
    looker: Looker
    capabilities: dict[Side, Capabilities]
    next_attempt: int = 1
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(setup=self.setup, job=self.job)
