"""What the engine remembers for one connection: each method is one transaction over the tables' modules."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from interlace.domain.coupling import Coupling
from interlace.domain.error_codes import WakeUp
from interlace.domain.errors import RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.safety_halt import SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.domain.values import Value
from interlace.engine.memory import (
    BatchResult,
    Intent,
    IntentState,
    JournalEntry,
    MarkerState,
    PassPosition,
    SynchError,
)
from interlace.store import (
    conflicts,
    couplings,
    intents,
    journal,
    markers,
    safety_halts,
    synch_errors,
    synch_jobs,
    waking,
)
from interlace.store.connection_documents import ConnectionDocuments
from interlace.store.encoding import time_from_text, time_to_text
from interlace.store.journal_files import is_kept_outside
from interlace.store.mapping_transactions import Clock, system_clock
from interlace.store.schema import coupling, cursor, sweep

__all__ = ["Clock", "ConnectionStore", "system_clock"]

_LAST_SWEEP = sa.select(sweep.c.at).where(sweep.c.mapping_id == sa.bindparam("of_mapping"))
_CURSOR = sa.select(cursor.c.position).where(
    cursor.c.mapping_id == sa.bindparam("of_mapping"), cursor.c.side == sa.bindparam("of_side")
)


class ConnectionStore(ConnectionDocuments):
    """The engine's store for one connection (engine.store_port.Store).

    With `fences`, every write to a mapping is refused with LeaseLost once another worker holds its lease.
    """

    def fenced(self, mapping: MappingName, fence: int) -> "ConnectionStore":
        """Return this store with its writes to a mapping bound to a lease."""
        fences = {**self._fences, mapping: fence}
        return ConnectionStore(
            self._database,
            self._connection_id,
            clock=self._clock,
            fences=fences,
            journal_files=self._journal_files,
        )

    @property
    def is_fenced(self) -> bool:
        """Tell whether writes to some mapping are bound to a lease: the sign of a run that may write."""
        return bool(self._fences)

    # Couplings

    def couplings_by_key(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, Coupling]:
        """Return the couplings of these keys of one side, by that key."""
        if not keys:
            return {}
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            rows = self._bulk.matching(
                connection,
                couplings.COLUMNS,
                table=coupling,
                fixed={"mapping_id": mapping_id},
                key=couplings.key_column(side),
                keys=keys,
            )
            layouts = self._layouts_by_id(connection, mapping_id)
        place = 1 if side is Side.ERP else 2
        return {row[place]: couplings.from_row(row, mapping, layouts) for row in rows}

    def digests_by_key(
        self, mapping: MappingName, side: Side, keys: Sequence[str]
    ) -> dict[str, bytes | None]:
        """Return the remembered digests of these keys' records of one side; uncoupled keys are missing."""
        return self._columns_by_key(mapping, side, f"{side.value}_digest", keys)

    def tags_by_key(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, str | None]:
        """Return the remembered version tags of these keys' records of one side; uncoupled keys are missing."""
        return self._columns_by_key(mapping, side, f"{side.value}_tag", keys)

    def last_sweep(self, mapping: MappingName) -> datetime | None:
        """Return when the mapping's tables were swept last."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            found = connection.execute(_LAST_SWEEP, {"of_mapping": mapping_id}).scalar()
        return None if found is None else time_from_text(found)

    def store_sweep(self, mapping: MappingName, at: datetime) -> None:
        """Store that the mapping's tables were swept and what was found was dealt with."""
        with self._write(mapping) as (connection, mapping_id):
            rows = [(mapping_id, time_to_text(at))]
            self._bulk.upsert(connection, ("mapping_id", "at"), rows, table=sweep, unique=("mapping_id",))

    def partner_keys(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, str]:
        """Translate keys of one side into their coupled keys of the other; uncoupled ones are missing."""
        return self._columns_by_key(mapping, side, couplings.key_column(side.other), keys)

    def couplings_page(self, mapping: MappingName, after: ErpKey | None, limit: int) -> list[Coupling]:
        """Return couplings in the order of their ERP key, beginning after a key."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            rows = couplings.page(connection, mapping_id, after, limit)
            layouts = self._layouts_by_id(connection, mapping_id)
        return [couplings.from_row(tuple(row), mapping, layouts) for row in rows]

    def count_couplings(self, mapping: MappingName) -> int:
        """Count a mapping's couplings."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return couplings.count(connection, mapping_id)

    def remap_agreed(self, mapping: MappingName, layout: str, row_ids: tuple[str, ...]) -> None:
        """Bring agreed values of older layouts to this one by row; rows that are new count as never agreed.

        A row that is new gets blank on both sides as its agreed values, and the digests are forgotten.
        """
        with self._write(mapping) as (connection, mapping_id):
            target = couplings.register_layout(connection, mapping_id, layout, row_ids)
            couplings.remap(connection, self._bulk, mapping_id, target)

    def layout_rows(self, mapping: MappingName) -> dict[str, tuple[str, ...]]:
        """Return the row ids of every layout that agreed values were stored in."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return couplings.rows_by_digest(connection, mapping_id)

    def add_couplings(self, added: Sequence[Coupling], job: SynchJob) -> list[RecordError | None]:
        """Couple pairs; an already coupled key of either side gives an error naming its partner.

        A pair that is coupled with each other already is left as it is, without an error.
        """
        with self._write(job.mapping) as (connection, mapping_id):
            outcomes = couplings.add(connection, self._bulk, mapping_id, added, job.id)
            synch_jobs.store_job(connection, self._bulk, mapping_id, job)
        return outcomes

    def remove_couplings(self, mapping: MappingName, erp_keys: Sequence[ErpKey]) -> int:
        """Uncouple, and forget the errors of the pairs; data on both sides stay."""
        with self._write(mapping) as (connection, mapping_id):
            rows = [(mapping_id, key) for key in erp_keys]
            pairs = couplings.partners(connection, self._bulk, mapping_id, Side.ERP, erp_keys)
            ended = [(Direction.TO_INTEGRATION_TABLE, erp_key) for erp_key in pairs]
            ended += [(Direction.FROM_INTEGRATION_TABLE, crm_key) for crm_key in pairs.values()]
            synch_errors.clear_errors(connection, self._bulk, mapping_id, ended, self._clock())
            waking.wake_after(connection, mapping_id, WakeUp.COUPLING_REMOVED, self._clock())
            conflicts.forget_conflicts(connection, self._bulk, mapping_id, erp_keys)
            couplings.note_unlisted(connection, self._bulk, mapping_id, erp_keys)
            return self._bulk.delete(connection, ("mapping_id", "erp_key"), rows, table=coupling)

    # Intents and results

    def announce(self, announced: Sequence[Intent]) -> None:
        """Store intents durably before the first byte of their writes leaves; raises JournalNotWritable."""
        for mapping, own in _by_mapping(announced).items():
            with self._write(mapping) as (connection, mapping_id):
                intents.store_intents(connection, self._bulk, mapping_id, own)
                self._keep_what_is_lost(connection, own)

    def open_intents(self, mapping: MappingName) -> list[Intent]:
        """Return the intents whose outcome is not known: left by a crash or a lost answer."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return intents.read_open(connection, mapping_id, mapping)

    def remember(self, result: BatchResult) -> None:
        """Store a batch's couplings, journal, errors, counters and position: all or nothing."""
        job = result.job
        with self._write(job.mapping) as (connection, mapping_id):
            bulk = self._bulk
            couplings.remove(connection, bulk, mapping_id, result.removed_couplings)
            couplings.store(connection, bulk, mapping_id, result.couplings, job.id)
            intents.close_intents(connection, bulk, mapping_id, result.finished_intents)
            unknown = [replace(each, state=IntentState.UNKNOWN) for each in result.unknown_intents]
            intents.store_intents(connection, bulk, mapping_id, unknown)
            synch_errors.take_result(connection, bulk, mapping_id, result, self._clock())
            conflicts.forget_conflicts(connection, bulk, mapping_id, result.settled_pairs)
            conflicts.store_conflicts(connection, bulk, mapping_id, result.conflicts)
            synch_jobs.store_job(connection, bulk, mapping_id, job)
            synch_jobs.move_pass(connection, mapping_id, job, result.position, finished=result.pass_finished)
            journal.append(connection, bulk, self._connection_id, result.journal, self._clock())

    # Jobs, passes, cursors, errors

    def start_job(self, job: SynchJob) -> None:
        """Store a job as started; within a run its pass has begun then."""
        with self._write(job.mapping) as (connection, mapping_id):
            synch_jobs.store_job(connection, self._bulk, mapping_id, job)
            synch_jobs.begin_pass(connection, mapping_id, job)

    def finish_job(self, job: SynchJob) -> None:
        """Store a job as finished."""
        finished = job if job.finished_at else replace(job, finished_at=self._clock())
        with self._write(job.mapping) as (connection, mapping_id):
            synch_jobs.store_job(connection, self._bulk, mapping_id, finished)
            couplings.bound_unlisted(connection, mapping_id)

    def pass_position(self, run_id: str, mapping: MappingName, direction: Direction) -> PassPosition | None:
        """Return how far a pass of a run has got, or None if it has not begun."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return synch_jobs.read_pass(connection, run_id, mapping_id, mapping, direction)

    def cursor(self, mapping: MappingName, side: Side) -> str | None:
        """Return where the next reading of a change feed starts."""
        feed = {"of_mapping": self._id(mapping), "of_side": side.value}
        with self._database.read() as connection:
            return connection.execute(_CURSOR, feed).scalar()

    def store_cursor(self, mapping: MappingName, side: Side, cursor_position: str | None) -> None:
        """Store a cursor whose hints have all been dealt with; None forgets it."""
        with self._write(mapping) as (connection, mapping_id):
            if cursor_position is None:
                rows = [(mapping_id, side.value)]
                self._bulk.delete(connection, ("mapping_id", "side"), rows, table=cursor)
                return
            row = (mapping_id, side.value, cursor_position)
            columns, unique = ("mapping_id", "side", "position"), ("mapping_id", "side")
            self._bulk.upsert(connection, columns, [row], table=cursor, unique=unique)

    def retry_candidates(
        self, mapping: MappingName, direction: Direction, *, even_skipped: bool = False
    ) -> list[str]:
        """Return the source keys that failed and are due again: not skipped, or their cause is gone.

        With `even_skipped`: every source key on the error list.
        """
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            if even_skipped:
                return synch_errors.listed_keys(connection, mapping_id, direction)
            now = self._clock()
            return waking.due_keys(connection, self._bulk, self._connection_id, mapping_id, direction, now)

    def errors_of(
        self, mapping: MappingName, direction: Direction, keys: Sequence[str]
    ) -> dict[str, SynchError]:
        """Return the open errors of these source keys; one that is due is not told as skipped."""
        if not keys:
            return {}
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            now = self._clock()
            return synch_errors.read_errors(connection, self._bulk, mapping_id, mapping, direction, keys, now)

    # Markers, restored backups, halts

    def marker_state(self, mapping: MappingName, side: Side) -> MarkerState:
        """Return what is known of a mapping's marker row in one service."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return markers.read_state(connection, mapping_id, side)

    def store_marker_state(self, mapping: MappingName, side: Side, state: MarkerState) -> None:
        """Store what is known of a marker row: `sent` before the row is written, `acknowledged` after."""
        with self._write(mapping) as (connection, mapping_id):
            markers.store_state(connection, self._bulk, mapping_id, side, state)

    def note_restored(self, mapping: MappingName, sides: Collection[Side], *, at: datetime) -> None:
        """Note that a backup was restored: of these services, or with no sides of our own memory.

        Forgets both cursors and all digests, so that every pair is compared, and marks the couplings doubtful
        on these sides; what is doubtful already stays so. The restoration is listed for people.
        """
        with self._write(mapping) as (connection, mapping_id):
            markers.note_restored(connection, mapping_id, sides, at=at)

    def earlier_values(
        self, mapping: MappingName, erp_keys: Sequence[ErpKey]
    ) -> dict[ErpKey, dict[str, list[tuple[Value, Value]]]]:
        """Return what pairs agreed on earlier, oldest first, by ERP key and row id, as the journal tells."""
        with self._database.read() as connection:
            return journal.earlier_values(connection, self._bulk, self._connection_id, mapping, erp_keys)

    def last_writes(self, mapping: MappingName, side: Side) -> list[JournalEntry]:
        """Return what we wrote on a side last, as far as the newest entries of the journal tell: newest first."""
        with self._database.read() as connection:
            return journal.last_writes(connection, self._connection_id, mapping, side)

    def journalled_deletions(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> set[str]:
        """Return those of the keys whose record is journalled as deleted, or whose coupling was removed by that."""
        with self._database.read() as connection:
            return journal.deleted_keys(connection, self._bulk, self._connection_id, mapping, side, keys)

    def halt(self, mapping: MappingName) -> SafetyHalt | None:
        """Return the mapping's halt, released or not."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return safety_halts.read_halt(connection, mapping_id, mapping)

    def store_halt(self, halt: SafetyHalt) -> None:
        """Raise a halt; an older one of the mapping is replaced."""
        with self._write(halt.mapping) as (connection, mapping_id):
            safety_halts.store_halt(connection, self._bulk, mapping_id, halt)

    def release_halt(self, mapping: MappingName, released_by: str) -> bool:
        """Let the next run of a mapping through; False if no halt is waiting for that."""
        with self._write(mapping) as (connection, mapping_id):
            return safety_halts.release_halt(connection, mapping_id, released_by)

    def end_halt(self, mapping: MappingName) -> None:
        """Forget a mapping's halt."""
        with self._write(mapping) as (connection, mapping_id):
            safety_halts.end_halt(connection, mapping_id)

    # Inside

    def _keep_what_is_lost(self, connection: sa.Connection, announced: Sequence[Intent]) -> None:
        if self._journal_files is None:
            return
        entries = [each.entry for each in announced if each.entry and is_kept_outside(each.entry)]
        if entries:
            self._journal_files.keep(connection, self._bulk, self._connection_id, entries, self._clock())

    def _columns_by_key(
        self, mapping: MappingName, side: Side, column: str, keys: Sequence[str]
    ) -> dict[str, Any]:
        if not keys:
            return {}
        mapping_id = self._id(mapping)
        key = couplings.key_column(side)
        with self._database.read() as connection:
            rows = self._bulk.matching(
                connection,
                (key, column),
                table=coupling,
                fixed={"mapping_id": mapping_id},
                key=key,
                keys=keys,
            )
        return dict(rows)

    def _layouts_by_id(self, connection: sa.Connection, mapping_id: int) -> dict[int, str]:
        return {
            number: digest for digest, number in couplings.layouts_by_digest(connection, mapping_id).items()
        }


def _by_mapping(announced: Sequence[Intent]) -> dict[MappingName, list[Intent]]:
    grouped: dict[MappingName, list[Intent]] = {}
    for each in announced:
        grouped.setdefault(each.mapping, []).append(each)
    return grouped
