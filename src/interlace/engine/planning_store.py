"""A connection's memory as a planned run would leave it: the real one below, and nothing is ever stored in it.

What is coupled or cleared by the plan lives in this process only; a mapping's agreed values are given up once its
stage is over (but for records that wait for others), its pairs of keys are kept for the mappings that refer to it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from interlace.domain.coupling import AgreedValues, Coupling, realigned
from interlace.domain.errors import RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.safety_halt import SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.domain.values import Value
from interlace.engine.memory import BatchResult, Intent, JournalEntry, MarkerState, PassPosition, SynchError
from interlace.engine.store_port import Store
from interlace.locale.translatable import as_sentence, translatable

_BY_HAND = translatable(
    "Records are not coupled or uncoupled by hand while a plan is made: couple them first, then plan."
)


class PlanImpossible(Exception):
    """A plan can't be made before a run has put something in order."""


@dataclass(slots=True)
class _Pairs:
    """What a plan changes in one mapping's couplings: partner keys (None: uncoupled), and pairs as agreed."""

    of_erp: dict[str, str | None] = field(default_factory=dict)
    of_crm: dict[str, str | None] = field(default_factory=dict)
    agreed: dict[str, Coupling] = field(default_factory=dict)
    """Couplings by ERP key, for the present stage."""
    added: int = 0

    def partners(self, side: Side) -> dict[str, str | None]:
        """Return the partners of one side's keys."""
        return self.of_erp if side is Side.ERP else self.of_crm

    def couple(self, coupling: Coupling) -> None:
        """Take a pair for coupled."""
        self.of_erp[coupling.erp_key], self.of_crm[coupling.crm_key] = coupling.crm_key, coupling.erp_key
        self.agreed[coupling.erp_key] = coupling


@dataclass(slots=True, kw_only=True)
class PlanningStore:
    """The store of a planned run; satisfies the engine's Store."""

    real: Store
    remembered: Callable[[BatchResult], None]
    """Told of everything that a run would have remembered."""
    _pairs: dict[MappingName, _Pairs] = field(default_factory=lambda: defaultdict(_Pairs))
    _layouts: dict[MappingName, tuple[str, tuple[str, ...], dict[str, tuple[str, ...]]]] = field(
        default_factory=dict
    )
    _errors: dict[tuple[MappingName, Direction], dict[str, SynchError | None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    _positions: dict[tuple[str, MappingName, Direction], PassPosition] = field(default_factory=dict)
    _markers: dict[tuple[MappingName, Side], MarkerState] = field(default_factory=dict)

    def end_stage(self, mapping: MappingName) -> None:
        """Give up what only the finished stage needed: the agreed values of pairs with which nothing is left to do."""
        pairs = self._pairs[mapping]
        waiting = {
            pairs.of_crm.get(key) if direction is Direction.FROM_INTEGRATION_TABLE else key
            for direction in Direction
            for key, each in self._errors[mapping, direction].items()
            if each is not None
        }
        pairs.agreed = {key: each for key, each in pairs.agreed.items() if key in waiting}
        self._positions.clear()

    def suppose(self, couplings: Sequence[Coupling]) -> None:
        """Take pairs for coupled that are not, such as those that somebody is about to couple."""
        for each in couplings:
            pairs = self._pairs[each.mapping]
            pairs.couple(each)
            pairs.added += 1

    # Couplings

    def couplings_by_key(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, Coupling]:
        """Return the couplings of these keys, the planned ones included."""
        pairs = self._pairs[mapping]
        partners = pairs.partners(side)
        found: dict[str, Coupling] = {}
        real = self.real.couplings_by_key(
            mapping, side, [key for key in keys if self._is_real(pairs, side, key)]
        )
        for key, each in real.items():
            found[key] = self._in_present_rows(mapping, each)
        for key in keys:
            partner = partners.get(key)
            if partner is not None:
                erp, crm = (key, partner) if side is Side.ERP else (partner, key)
                found[key] = pairs.agreed.get(erp) or _pair(mapping, erp, crm)
        return found

    @staticmethod
    def _is_real(pairs: _Pairs, side: Side, key: str) -> bool:
        return key not in pairs.partners(side)

    def _in_present_rows(self, mapping: MappingName, coupling: Coupling) -> Coupling:
        agreed, present = coupling.agreed, self._layouts.get(mapping)
        if agreed is None or present is None or agreed.layout == present[0]:
            return coupling
        layout, rows, older = present
        pairs = realigned(agreed.pairs, older.get(agreed.layout, ()), rows)
        moved = None if pairs is None else AgreedValues(layout=layout, pairs=pairs)
        return replace(coupling, agreed=moved, erp_digest=None, crm_digest=None)

    def digests_by_key(
        self, mapping: MappingName, side: Side, keys: Sequence[str]
    ) -> dict[str, bytes | None]:
        """Return the remembered digests; none for pairs that the plan touches or that hold older rows."""
        pairs, present = self._pairs[mapping], self._layouts.get(mapping)
        if present is not None and present[2].keys() - {present[0]}:
            of_erp = side is Side.ERP
            held = self.couplings_by_key(mapping, side, keys)
            return {key: each.erp_digest if of_erp else each.crm_digest for key, each in held.items()}
        partners = pairs.partners(side)
        found = self.real.digests_by_key(mapping, side, [key for key in keys if key not in partners])
        for key in keys:
            partner = partners.get(key)
            if partner is not None:
                held_pair = pairs.agreed.get(key if side is Side.ERP else partner)
                found[key] = None if held_pair is None else _digest(held_pair, side)
        return found

    def tags_by_key(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, str | None]:
        """Return the remembered tags; a plan sweeps nothing."""
        return self.real.tags_by_key(mapping, side, keys)

    def last_sweep(self, mapping: MappingName) -> datetime | None:
        """Return when the mapping's tables were swept last."""
        return self.real.last_sweep(mapping)

    def store_sweep(self, _mapping: MappingName, _at: datetime) -> None:
        """A plan sweeps nothing."""

    def partner_keys(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, str]:
        """Translate keys through couplings, the planned ones included."""
        partners = self._pairs[mapping].partners(side)
        found = self.real.partner_keys(mapping, side, [key for key in keys if key not in partners])
        found.update({key: partner for key in keys if (partner := partners.get(key)) is not None})
        return found

    def couplings_page(self, mapping: MappingName, after: ErpKey | None, limit: int) -> list[Coupling]:
        """Return couplings that are there already: what the plan adds need not be looked for."""
        page = self.real.couplings_page(mapping, after, limit)
        return [self._in_present_rows(mapping, each) for each in page]

    def count_couplings(self, mapping: MappingName) -> int:
        """Count the couplings that the plan would leave."""
        return self.real.count_couplings(mapping) + self._pairs[mapping].added

    def remap_agreed(self, mapping: MappingName, layout: str, row_ids: tuple[str, ...]) -> None:
        """Read agreed values in these rows from now on."""
        self._layouts[mapping] = (layout, row_ids, self.real.layout_rows(mapping))

    def layout_rows(self, mapping: MappingName) -> dict[str, tuple[str, ...]]:
        """Return the row ids of every layout."""
        return self.real.layout_rows(mapping)

    def add_couplings(self, couplings: Sequence[Coupling], job: SynchJob) -> list[RecordError | None]:
        """Couple by hand: not within a plan."""
        raise PlanImpossible(_BY_HAND)

    def remove_couplings(self, mapping: MappingName, erp_keys: Sequence[ErpKey]) -> int:
        """Uncouple by hand: not within a plan."""
        raise PlanImpossible(_BY_HAND)

    # Intents and results

    def announce(self, intents: Sequence[Intent]) -> None:
        """Nothing is sent, so nothing is announced."""

    def open_intents(self, mapping: MappingName) -> list[Intent]:
        """Return none: what an earlier run left open is settled by the next run, not by a plan."""
        return []

    def remember(self, result: BatchResult) -> None:
        """Keep in mind what the plan couples, uncouples and clears."""
        mapping = result.job.mapping
        pairs = self._pairs[mapping]
        for each in result.removed_couplings:
            self._uncouple(mapping, pairs, each)
        unseen = [each.erp_key for each in result.couplings if each.erp_key not in pairs.of_erp]
        held = self.real.partner_keys(mapping, Side.ERP, unseen)
        for each in result.couplings:
            if pairs.of_erp.get(each.erp_key, held.get(each.erp_key)) is None:
                pairs.added += 1
            pairs.couple(each)
        for error in result.errors:
            self._errors[mapping, error.direction][error.source_key] = error
        for direction, key in result.cleared_errors:
            self._errors[mapping, direction][key] = None
        place = result.job.run_id or "", mapping, result.job.direction
        before = self._positions.get(place)
        after = result.position if result.position is not None else (before.after if before else None)
        self._positions[place] = PassPosition(job=result.job, after=after, finished=result.pass_finished)
        self.remembered(result)

    def _uncouple(self, mapping: MappingName, pairs: _Pairs, each: Coupling) -> None:
        if self.partner_keys(mapping, Side.ERP, [each.erp_key]):
            pairs.added -= 1
        pairs.of_erp[each.erp_key] = pairs.of_crm[each.crm_key] = None
        pairs.agreed.pop(each.erp_key, None)

    def start_job(self, job: SynchJob) -> None:
        """Begin a pass."""
        place = job.run_id or "", job.mapping, job.direction
        self._positions[place] = PassPosition(job=job, after=None, finished=False)

    def pass_position(self, run_id: str, mapping: MappingName, direction: Direction) -> PassPosition | None:
        """Return how far a pass of the plan has got."""
        return self._positions.get((run_id, mapping, direction))

    def cursor(self, mapping: MappingName, side: Side) -> str | None:
        """Return where the real feeds are read from."""
        return self.real.cursor(mapping, side)

    def store_cursor(self, mapping: MappingName, side: Side, cursor: str | None) -> None:
        """Leave the cursor where it is: the next run must see the same changes."""

    # Errors

    def retry_candidates(
        self, mapping: MappingName, direction: Direction, *, even_skipped: bool = False
    ) -> list[str]:
        """Return the source keys that are due again, those included whose cause the plan ends."""
        planned = self._errors[mapping, direction]
        real = self.real.retry_candidates(mapping, direction, even_skipped=even_skipped)
        due = {key for key in real if key not in planned}
        listed = self.real.retry_candidates(mapping, direction, even_skipped=True)
        held = self.real.errors_of(mapping, direction, [key for key in listed if key not in planned])
        held.update({key: each for key, each in planned.items() if each is not None})
        due |= {key for key, each in held.items() if even_skipped or self._is_due(direction, each)}
        return sorted(due)

    def _is_due(self, direction: Direction, error: SynchError) -> bool:
        waits = error.error.waits_for
        if waits is None:
            return not error.skipped
        return bool(self.partner_keys(MappingName(waits.mapping), direction.source_side, [waits.key]))

    def errors_of(
        self, mapping: MappingName, direction: Direction, keys: Sequence[str]
    ) -> dict[str, SynchError]:
        """Return the open errors of these source keys as the plan would leave them."""
        planned = self._errors[mapping, direction]
        found = self.real.errors_of(mapping, direction, [key for key in keys if key not in planned])
        found.update({key: each for key in keys if (each := planned.get(key)) is not None})
        return found

    # Restored backups and halts

    def marker_state(self, mapping: MappingName, side: Side) -> MarkerState:
        """Return what is known of a marker row."""
        return self._markers.get((mapping, side)) or self.real.marker_state(mapping, side)

    def store_marker_state(self, mapping: MappingName, side: Side, state: MarkerState) -> None:
        """Keep what the plan would know of a marker row."""
        self._markers[mapping, side] = state

    def note_restored(self, mapping: MappingName, sides: Collection[Side], *, at: datetime) -> None:
        """End the planning: what a restored backup changed must be put in order first."""
        whose = ", ".join(sorted(each.value.upper() for each in sides))
        raise PlanImpossible(
            translatable(
                "A backup was restored ({whose}) since the mapping {mapping} ran last. Run {command} first: it "
                "compares everything and repairs what is safe to repair; then plan again.",
                whose=whose or as_sentence(translatable("memory of Interlace")),
                mapping=mapping,
                command=f"`interlace synch {mapping}`",
            )
        )

    def earlier_values(
        self, mapping: MappingName, erp_keys: Sequence[ErpKey]
    ) -> dict[ErpKey, dict[str, list[tuple[Value, Value]]]]:
        """Return what pairs agreed on earlier."""
        return self.real.earlier_values(mapping, erp_keys)

    def last_writes(self, mapping: MappingName, side: Side) -> list[JournalEntry]:
        """Return what was written on a side last."""
        return self.real.last_writes(mapping, side)

    def journalled_deletions(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> set[str]:
        """Return the keys that the journal knows as deleted."""
        return self.real.journalled_deletions(mapping, side, keys)

    def halt(self, mapping: MappingName) -> SafetyHalt | None:
        """Return none: a plan is how a person looks at what a halt is about."""
        del mapping
        return None

    def store_halt(self, halt: SafetyHalt) -> None:
        """Raise none: the job's message tells why the plan of the mapping ends here."""

    def end_halt(self, mapping: MappingName) -> None:
        """Leave the halt as it is."""


def _pair(mapping: MappingName, erp: str, crm: str) -> Coupling:
    return Coupling(mapping=mapping, erp_key=ErpKey(erp), crm_key=CrmKey(crm), agreed=None)


def _digest(coupling: Coupling, side: Side) -> bytes | None:
    return coupling.erp_digest if side is Side.ERP else coupling.crm_digest
