"""What the engine asks of its memory, for one connection; each method is one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from interlace.domain.coupling import Coupling
from interlace.domain.errors import RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.safety_halt import SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.domain.values import Value
from interlace.engine.memory import BatchResult, Intent, JournalEntry, MarkerState, PassPosition, SynchError


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

    def tags_by_key(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, str | None]:
        """Return the remembered version tags of these keys' records of one side; uncoupled keys are missing."""
        ...

    def last_sweep(self, mapping: MappingName) -> datetime | None:
        """Return when the mapping's tables were swept last."""
        ...

    def store_sweep(self, mapping: MappingName, at: datetime) -> None:
        """Store that the mapping's tables were swept and what was found was dealt with."""
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

    def marker_state(self, mapping: MappingName, side: Side) -> MarkerState:
        """Return what is known of a mapping's marker row in one service."""
        ...

    def store_marker_state(self, mapping: MappingName, side: Side, state: MarkerState) -> None:
        """Store what is known of a marker row: `sent` before the row is written, `acknowledged` after."""
        ...

    def note_restored(self, mapping: MappingName, sides: Collection[Side], *, at: datetime) -> None:
        """Note that a backup was restored: of these services, or with no sides of our own memory.

        Forgets both cursors and all digests, so that every pair is compared, and marks the couplings doubtful
        on these sides; what is doubtful already stays so. The restoration is listed for people.
        """
        ...

    def earlier_values(
        self, mapping: MappingName, erp_keys: Sequence[ErpKey]
    ) -> dict[ErpKey, dict[str, list[tuple[Value, Value]]]]:
        """Return what pairs agreed on earlier, by ERP key and row id, as far as the journal tells."""
        ...

    def last_writes(self, mapping: MappingName, side: Side) -> list[JournalEntry]:
        """Return what we wrote on a side last, as far as the newest entries of the journal tell: newest first."""
        ...

    def journalled_deletions(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> set[str]:
        """Return those of the keys whose record is journalled as deleted, or whose coupling was removed by that."""
        ...

    def halt(self, mapping: MappingName) -> SafetyHalt | None:
        """Return the mapping's halt, released or not."""
        ...

    def store_halt(self, halt: SafetyHalt) -> None:
        """Raise a halt; an older one of the mapping is replaced."""
        ...

    def end_halt(self, mapping: MappingName) -> None:
        """Forget a mapping's halt."""
        ...
