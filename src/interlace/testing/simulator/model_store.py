"""The store as plain dictionaries: one transaction a method, leases with fences, deaths at the edges, backups.

It keeps the rules of the real store (store/connection_store.py); a differential test holds both to one answer.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from interlace.domain.coupling import AgreedValues, Coupling, realigned
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.safety_halt import SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
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
from interlace.testing.simulator.memory import MappingMemory, Memory, body_of, losses_of

__all__ = ["LeaseLost", "Memory", "ModelStore", "TwoPartners"]

_LAST_WRITES = 20
_TO = Direction.TO_INTEGRATION_TABLE


class LeaseLost(Exception):
    """Another worker holds the mapping; nothing was stored."""


class TwoPartners(Exception):
    """A transaction would have given one record two partners."""


class ModelStore:
    """The engine's store as one process sees it: `edge` is called before and after each transaction."""

    def __init__(
        self, memory: Memory, edge: Callable[[], None], fences: dict[MappingName, int] | None = None
    ) -> None:
        self._memory = memory
        self._edge = edge
        self._fences = fences or {}

    def fenced(self, mapping: MappingName, fence: int) -> "ModelStore":
        """Return this store with its writes to a mapping bound to a lease."""
        return ModelStore(self._memory, self._edge, {**self._fences, mapping: fence})

    def _of(self, mapping: MappingName) -> MappingMemory:
        self._edge()
        return self._memory.mappings[mapping]

    def _writing(self, mapping: MappingName) -> MappingMemory:
        self._edge()
        fence = self._fences.get(mapping)
        if fence is not None and self._memory.leases[mapping][1] != fence:
            self._memory.leases_lost += 1
            raise LeaseLost(mapping)
        return self._memory.mappings[mapping]

    # Couplings

    def couplings_by_key(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, Coupling]:
        """Return the couplings of these keys of one side, by that key."""
        held = self._of(mapping)
        if side is Side.ERP:
            return {key: held.couplings[key] for key in keys if key in held.couplings}
        return {key: held.couplings[held.by_crm[key]] for key in keys if key in held.by_crm}

    def digests_by_key(
        self, mapping: MappingName, side: Side, keys: Sequence[str]
    ) -> dict[str, bytes | None]:
        """Return the remembered digests of these keys' records of one side."""
        found = self.couplings_by_key(mapping, side, keys)
        of_erp = side is Side.ERP
        return {key: each.erp_digest if of_erp else each.crm_digest for key, each in found.items()}

    def tags_by_key(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, str | None]:
        """Return the remembered version tags of these keys' records of one side."""
        found = self.couplings_by_key(mapping, side, keys)
        of_erp = side is Side.ERP
        return {key: each.erp_tag if of_erp else each.crm_tag for key, each in found.items()}

    def last_sweep(self, mapping: MappingName) -> datetime | None:
        """Return when the mapping's tables were swept last."""
        return self._of(mapping).swept

    def store_sweep(self, mapping: MappingName, at: datetime) -> None:
        """Store that the mapping's tables were swept."""
        self._writing(mapping).swept = at
        self._edge()

    def partner_keys(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, str]:
        """Translate keys of one side into their coupled keys of the other side."""
        found = self.couplings_by_key(mapping, side, keys)
        return {key: each.crm_key if side is Side.ERP else each.erp_key for key, each in found.items()}

    def couplings_page(self, mapping: MappingName, after: ErpKey | None, limit: int) -> list[Coupling]:
        """Return couplings in the order of their ERP key, beginning after a key."""
        held = self._of(mapping).couplings
        keys = sorted(key for key in held if after is None or key > after)
        return [held[key] for key in keys[:limit]]

    def count_couplings(self, mapping: MappingName) -> int:
        """Count a mapping's couplings."""
        return len(self._of(mapping).couplings)

    def remap_agreed(self, mapping: MappingName, layout: str, row_ids: tuple[str, ...]) -> None:
        """Bring agreed values of older layouts to this one."""
        held = self._writing(mapping)
        held.layouts[layout] = row_ids
        for key, each in held.couplings.items():
            if each.agreed is None or each.agreed.layout == layout:
                continue
            pairs = realigned(each.agreed.pairs, held.layouts.get(each.agreed.layout, ()), row_ids)
            agreed = None if pairs is None else AgreedValues(layout=layout, pairs=pairs)
            held.couplings[key] = replace(each, agreed=agreed, erp_digest=None, crm_digest=None)
        self._edge()

    def layout_rows(self, mapping: MappingName) -> dict[str, tuple[str, ...]]:
        """Return the row ids of every layout."""
        return dict(self._of(mapping).layouts)

    def add_couplings(self, couplings: Sequence[Coupling], job: SynchJob) -> list[RecordError | None]:
        """Couple pairs; an already coupled key of either side gives an error."""
        held = self._writing(job.mapping)
        outcomes: list[RecordError | None] = []
        for each in couplings:
            partner = held.couplings.get(each.erp_key)
            if partner is None and each.crm_key not in held.by_crm:
                _couple(held, each)
                outcomes.append(None)
            elif partner is not None and partner.crm_key == each.crm_key:
                outcomes.append(None)
            else:
                message = f"{each.erp_key} or {each.crm_key} is coupled already. Remove that coupling first."
                outcomes.append(RecordError(code=ErrorCode.MATCH_ALREADY_COUPLED, message=message))
        self._edge()
        return outcomes

    def remove_couplings(self, mapping: MappingName, erp_keys: Sequence[ErpKey]) -> int:
        """Uncouple, and forget the errors of the pairs."""
        held = self._writing(mapping)
        removed = [held.couplings[key] for key in erp_keys if key in held.couplings]
        for each in removed:
            _uncouple(held, each)
            held.errors.pop((_TO, each.erp_key), None)
            held.errors.pop((Direction.FROM_INTEGRATION_TABLE, each.crm_key), None)
        self._edge()
        return len(removed)

    # Intents and results

    def announce(self, intents: Sequence[Intent]) -> None:
        """Store intents; what they overwrite goes to the loser file first."""
        for each in intents:
            if each.entry is not None:
                self._memory.losses.update(losses_of(each.entry, each.entry.lost))
                self._memory.held_before.update(losses_of(each.entry, each.entry.before or {}))
        for each in intents:
            self._writing(each.mapping).intents[each.side, each.key, each.attempt] = each
            body = None if each.entry is None else body_of(each.entry.after)
            self._memory.announced.add((each.mapping, each.side, each.key, body))
        self._edge()

    def open_intents(self, mapping: MappingName) -> list[Intent]:
        """Return a mapping's open intents in key order."""
        held = self._of(mapping).intents
        return [held[key] for key in sorted(held, key=lambda each: (each[0].value, *each[1:]))]

    def remember(self, result: BatchResult) -> None:
        """Store a batch: all or nothing."""
        job, held = result.job, self._writing(result.job.mapping)
        for gone in result.removed_couplings:
            known = held.couplings.get(gone.erp_key)
            if known is not None and known.crm_key == gone.crm_key:
                _uncouple(held, known)
            # Of a pair that ended in the batch in which it began, only the removal is told.
            if gone.erp_key not in held.couplings and gone.crm_key not in held.by_crm:
                self._memory.uncoupled.add((job.mapping, Side.ERP, gone.erp_key))
                self._memory.uncoupled.add((job.mapping, Side.CRM, gone.crm_key))
        for coupling in result.couplings:
            _couple(held, coupling)
        for intent in result.finished_intents:
            held.intents.pop((intent.side, intent.key, intent.attempt), None)
        for intent in result.unknown_intents:
            held.intents[intent.side, intent.key, intent.attempt] = replace(intent, state=IntentState.UNKNOWN)
        for cleared in result.cleared_errors:
            held.errors.pop(cleared, None)
        for error in result.errors:
            place = (error.direction, error.source_key)
            held.errors[place] = self._memory.next_error(held.errors.get(place), error)
        held.jobs[job.id] = _kept(job)
        if job.run_id is not None and (result.position is not None or result.pass_finished):
            self._begin_pass(held, job)
            place_of = held.passes[job.run_id, job.direction]
            after = None if result.pass_finished else result.position
            held.passes[job.run_id, job.direction] = (job.id, after, place_of[2] or result.pass_finished)
        self._memory.journal += result.journal
        for entry in result.journal:
            self._memory.losses.update(losses_of(entry, entry.lost))
            self._memory.held_before.update(losses_of(entry, entry.before or {}))
        held.changes += bool(result.couplings or result.removed_couplings or result.journal or result.errors)
        self._edge()

    # Jobs, passes, cursors

    def start_job(self, job: SynchJob) -> None:
        """Store a job as started."""
        held = self._writing(job.mapping)
        held.jobs[job.id] = _kept(job)
        self._begin_pass(held, job)
        self._edge()

    def _begin_pass(self, held: MappingMemory, job: SynchJob) -> None:
        if job.run_id is not None:
            known = held.passes.get((job.run_id, job.direction))
            kept = (job.id, None, False) if known is None else (job.id, known[1], known[2])
            held.passes[job.run_id, job.direction] = kept

    def pass_position(self, run_id: str, mapping: MappingName, direction: Direction) -> PassPosition | None:
        """Return how far a pass of a run has got, or None if it has not begun."""
        held = self._of(mapping)
        found = held.passes.get((run_id, direction))
        if found is None:
            return None
        return PassPosition(job=_kept(held.jobs[found[0]]), after=found[1], finished=found[2])

    def cursor(self, mapping: MappingName, side: Side) -> str | None:
        """Return where the next reading of a change feed starts."""
        return self._of(mapping).cursors.get(side)

    def store_cursor(self, mapping: MappingName, side: Side, cursor: str | None) -> None:
        """Store a cursor; None forgets it."""
        held = self._writing(mapping)
        if cursor is None:
            held.cursors.pop(side, None)
        else:
            held.cursors[side] = cursor
        self._edge()

    # Errors

    def retry_candidates(
        self, mapping: MappingName, direction: Direction, *, even_skipped: bool = False
    ) -> list[str]:
        """Return the source keys that failed and are due again."""
        held = self._of(mapping)
        side = Side.ERP if direction is _TO else Side.CRM
        return sorted(
            key
            for (way, key), error in held.errors.items()
            if way is direction and (even_skipped or self._is_due(error, side))
        )

    def _is_due(self, error: SynchError, side: Side) -> bool:
        waits_for = error.error.waits_for
        if waits_for is None:
            return not error.skipped
        other = self._memory.mappings.get(MappingName(waits_for.mapping))
        if other is None:
            return False
        return waits_for.key in (other.couplings if side is Side.ERP else other.by_crm)

    def errors_of(
        self, mapping: MappingName, direction: Direction, keys: Sequence[str]
    ) -> dict[str, SynchError]:
        """Return the open errors of these source keys."""
        held = self._of(mapping).errors
        return {key: held[direction, key] for key in keys if (direction, key) in held}

    # Markers, restorations, halts

    def marker_state(self, mapping: MappingName, side: Side) -> MarkerState:
        """Return what is known of a mapping's marker row in one service."""
        return self._of(mapping).markers.get(side, MarkerState())

    def store_marker_state(self, mapping: MappingName, side: Side, state: MarkerState) -> None:
        """Store what is known of a marker row."""
        self._writing(mapping).markers[side] = state
        self._edge()

    def note_restored(self, mapping: MappingName, sides: Collection[Side], *, at: datetime) -> None:
        """Note that a backup was restored: forget cursors and digests, mark the couplings doubtful."""
        held = self._writing(mapping)
        held.cursors.clear()
        doubted = frozenset(sides)
        for key, each in held.couplings.items():
            doubtful = each.doubtful | doubted
            held.couplings[key] = replace(each, erp_digest=None, crm_digest=None, doubtful=doubtful)
        held.restorations += [(side, at) for side in Side if side in doubted] or [(None, at)]
        self._edge()

    def earlier_values(
        self, mapping: MappingName, erp_keys: Sequence[ErpKey]
    ) -> dict[ErpKey, dict[str, list[tuple[Value, Value]]]]:
        """Return what pairs agreed on earlier, by ERP key and row id, as far as the journal tells."""
        self._edge()
        wanted = set(erp_keys)
        found: dict[ErpKey, dict[str, list[tuple[Value, Value]]]] = {}
        for entry in self._memory.journal:
            erp_key = ErpKey(entry.key if entry.side is Side.ERP else entry.source_key)
            if entry.mapping != mapping or erp_key not in wanted:
                continue
            rows = found.setdefault(erp_key, {})
            for row_id, pair in entry.agreed_before.items():
                if pair is not None:
                    rows.setdefault(row_id, []).append(pair)
        return found

    def last_writes(self, mapping: MappingName, side: Side) -> list[JournalEntry]:
        """Return what we wrote on a side last, newest first."""
        self._edge()
        of_mapping = [each for each in self._memory.journal if each.mapping == mapping]
        return [each for each in reversed(of_mapping[-_LAST_WRITES:]) if each.side is side]

    def journalled_deletions(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> set[str]:
        """Return those of the keys whose record is journalled as deleted, or whose coupling was removed by that."""
        self._edge()
        wanted, found = set(keys), set()
        for entry in self._memory.journal:
            if entry.mapping == mapping and entry.action in {"delete", "removecoupling"}:
                found.add(entry.key if entry.side is side else entry.source_key)
        return wanted & found

    def halt(self, mapping: MappingName) -> SafetyHalt | None:
        """Return the mapping's halt, released or not."""
        return self._of(mapping).halt

    def store_halt(self, halt: SafetyHalt) -> None:
        """Raise a halt."""
        self._writing(halt.mapping).halt = halt
        self._edge()

    def end_halt(self, mapping: MappingName) -> None:
        """Forget a mapping's halt."""
        self._writing(mapping).halt = None
        self._edge()


def _couple(held: MappingMemory, coupling: Coupling) -> None:
    owner = held.by_crm.get(coupling.crm_key)
    if owner is not None and owner != coupling.erp_key:
        raise TwoPartners(f"{coupling.mapping}: {coupling.crm_key} with {owner} and {coupling.erp_key}")
    old = held.couplings.get(coupling.erp_key)
    if old is not None:
        held.by_crm.pop(old.crm_key, None)
    held.couplings[coupling.erp_key] = coupling
    held.by_crm[CrmKey(coupling.crm_key)] = coupling.erp_key


def _uncouple(held: MappingMemory, coupling: Coupling) -> None:
    held.couplings.pop(coupling.erp_key, None)
    held.by_crm.pop(coupling.crm_key, None)


def _kept(job: SynchJob) -> SynchJob:
    """Copy a job: its counters go on counting."""
    counts = job.counters
    return SynchJob(
        id=job.id,
        mapping=job.mapping,
        direction=job.direction,
        type=job.type,
        started_at=job.started_at,
        finished_at=job.finished_at,
        message=job.message,
        run_id=job.run_id,
        counters=Counters(
            inserted=counts.inserted,
            modified=counts.modified,
            deleted=counts.deleted,
            unchanged=counts.unchanged,
            skipped=counts.skipped,
            failed=counts.failed,
            coupled=counts.coupled,
            uncoupled=counts.uncoupled,
        ),
    )
