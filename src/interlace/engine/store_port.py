"""What the engine asks of its memory, for one connection; each method is one transaction."""

from collections.abc import Sequence
from typing import Protocol

from interlace.domain.coupling import Coupling
from interlace.domain.errors import RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.synch_job import SynchJob
from interlace.engine.ports import BatchResult, Intent, PassPosition, Side, SynchError


class Store(Protocol):
    """What the engine remembers, for one connection; each method is one transaction."""

    def couplings_by_key(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, Coupling]:
        """Return the couplings of these keys of one side, by that key."""
        ...

    def digests_by_key(
        self, mapping: MappingName, side: Side, keys: Sequence[str]
    ) -> dict[str, bytes | None]:
        """Return the remembered digests of these keys' records of one side; uncoupled keys are missing."""
        ...

    def partner_keys(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, str]:
        """Translate keys of one side into their coupled keys of the other side; uncoupled ones are missing."""
        ...

    def couplings_page(self, mapping: MappingName, after: ErpKey | None, limit: int) -> list[Coupling]:
        """Return couplings in the order of their ERP key, beginning after a key."""
        ...

    def count_couplings(self, mapping: MappingName) -> int:
        """Count a mapping's couplings."""
        ...

    def remap_agreed(self, mapping: MappingName, layout: str, row_ids: tuple[str, ...]) -> None:
        """Bring agreed values of older layouts to this one by row; rows that are new count as never agreed."""
        ...

    def layout_rows(self, mapping: MappingName) -> dict[str, tuple[str, ...]]:
        """Return the row ids of every layout that agreed values were stored in."""
        ...

    def add_couplings(self, couplings: Sequence[Coupling], job: SynchJob) -> list[RecordError | None]:
        """Couple pairs; an already coupled key of either side gives an error naming its partner."""
        ...

    def remove_couplings(self, mapping: MappingName, erp_keys: Sequence[ErpKey]) -> int:
        """Uncouple; data on both sides stay."""
        ...

    def announce(self, intents: Sequence[Intent]) -> None:
        """Store intents durably before the first byte of their writes leaves."""
        ...

    def open_intents(self, mapping: MappingName) -> list[Intent]:
        """Return the intents whose outcome is not known: left by a crash or a lost answer."""
        ...

    def remember(self, result: BatchResult) -> None:
        """Store a batch's couplings, journal, errors, counters and position: all or nothing."""
        ...

    def start_job(self, job: SynchJob) -> None:
        """Store a job as started."""
        ...

    def pass_position(self, run_id: str, mapping: MappingName, direction: Direction) -> PassPosition | None:
        """Return how far a pass of a run has got, or None if it has not begun."""
        ...

    def cursor(self, mapping: MappingName, side: Side) -> str | None:
        """Return where the next reading of a change feed starts."""
        ...

    def store_cursor(self, mapping: MappingName, side: Side, cursor: str | None) -> None:
        """Store a cursor whose hints have all been dealt with."""
        ...

    def retry_candidates(
        self, mapping: MappingName, direction: Direction, *, even_skipped: bool = False
    ) -> list[str]:
        """Return the source keys that failed and are due again: not skipped, or their cause is gone.

        With `even_skipped`: every source key on the error list.
        """
        ...

    def errors_of(
        self, mapping: MappingName, direction: Direction, keys: Sequence[str]
    ) -> dict[str, SynchError]:
        """Return the open errors of these source keys."""
        ...
