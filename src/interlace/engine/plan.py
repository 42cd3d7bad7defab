"""Makes a plan: lets a run go as if its writes took effect, and notes for every record what would be done.

The run is the engine's own, over memory and services that only pretend (`planning_store`, `speculation`); so a plan
of several mappings also holds what depends on records that the plan itself creates.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from interlace.domain.conflict import CONFLICT_CODES
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.plan import NEW_KEY, Operation, PlannedAction, PlannedKind, PlannedWrite, PlanStage
from interlace.domain.safety_halt import SafetyLimits
from interlace.domain.side import Side
from interlace.domain.synch_action import (
    Agree,
    Couple,
    IgnoreUnchanged,
    Insert,
    RemoveCoupling,
    Restore,
    Skip,
    SkipReason,
    SynchAction,
)
from interlace.domain.values import Value
from interlace.engine.candidate import Candidate
from interlace.engine.chosen_records import ChosenRecords, Keys
from interlace.engine.interpret import under
from interlace.engine.memory import BatchResult, SynchError
from interlace.engine.planning_store import PlanningStore
from interlace.engine.ports import Deletion, Precondition, TableView, Write
from interlace.engine.remember import held_before
from interlace.engine.run_setup import PassSetup, RunSetup
from interlace.engine.speculation import Speculation
from interlace.engine.store_port import Store
from interlace.engine.synch_mapping import StepBudget, synch_mapping
from interlace.locale.translatable import Sentence, as_sentence

_WHOLE = StepBudget(pages=1_000_000_000, seconds=1e9)
_UNLIMITED = 1_000_000_000
_NO_LIMITS = SafetyLimits(deletions_min=_UNLIMITED, changes_min=_UNLIMITED)
Keep = Callable[[PlannedAction], None]
"""Takes the actions of a plan one by one."""
Watch = Callable[[PassSetup, Candidate], None]
"""Sees every record as it stands when it is decided on."""


@dataclass(slots=True, kw_only=True)
class _Draft:
    """What is known so far of one record's part in a plan."""

    direction: Direction
    source_key: str
    partner_key: str | None = None
    kind: PlannedKind | None = None
    writes: list[PlannedWrite] = field(default_factory=list)
    before: dict[str, dict[str, Value] | None] = field(default_factory=dict)
    """What the fields to be written hold, by key of the record."""
    reason: str = ""
    code: str = ""
    digest: str = ""


class Planner:
    """Makes the stages of one plan, in order; each action goes to `keep` as soon as it is complete."""

    def __init__(self, real: Store, keep: Keep, watch: Watch | None = None) -> None:
        self.keep = keep
        self.watch = watch
        self.store = PlanningStore(real=real, remembered=self.remembered)
        self.speculation = Speculation(witness=self)
        self._drafts: dict[tuple[Direction, str], _Draft] = {}
        self._writers: dict[tuple[Side, str], _Draft] = {}
        self._present: tuple[MappingName, Direction] | None = None

    async def stage(self, run: RunSetup, number: int, chosen: Keys | None = None) -> PlanStage:
        """Plan one run of a mapping: of everything that is due, or of the chosen records only."""
        store: Store = self.store
        speculation = self.speculation
        interpreter: Speculation | ChosenRecords = speculation
        if chosen is not None:
            interpreter = ChosenRecords(keys=chosen, behind=speculation)
            store = interpreter.store(store)
        # What a run would stop at is what a person must see: only the run itself is braked.
        planned = replace(run, store=store, gate=self, limits=_NO_LIMITS)
        result = await under(interpreter, synch_mapping(planned, _WHOLE))
        for draft in self._drafts.values():
            draft.before.clear()
        self._flush(())
        self.store.end_stage(run.mapping.name)
        message = result.stopped
        halt = self.store.real.halt(run.mapping.name)
        if halt is not None and halt.released_by is None:
            message = halt.message
        return PlanStage(
            number=number,
            mapping=run.mapping.name,
            creates_new=run.create_new,
            message=message,
            # Chosen records were counted when the whole mapping was planned.
            unchanged=sum(each.counters.unchanged for each in result.jobs) if chosen is None else 0,
        )

    def due(self, mapping: MappingName, directions: Sequence[Direction]) -> Keys:
        """Return the records of a mapping whose blank references the plan so far fills."""
        keys: dict[Direction, tuple[str, ...]] = {}
        for direction in directions:
            listed = self.store.retry_candidates(mapping, direction)
            held = self.store.errors_of(mapping, direction, listed)
            cleared = [key for key, each in held.items() if each.error.code is ErrorCode.REFERENCE_CLEARED]
            if cleared:
                keys[direction] = tuple(sorted(cleared))
        return keys

    # What the run tells

    def instead(
        self, setup: PassSetup, each: Candidate, request: Write | Deletion | None
    ) -> SynchAction | None:
        """Note what was decided; nothing is taken in its place."""
        if self.watch is not None:
            self.watch(setup, each)
        self._present = setup.run.mapping.name, setup.direction
        draft = self._draft(setup.direction, each)
        draft.before.clear()
        draft.partner_key = each.partner_key or draft.partner_key
        if each.record is not None:
            draft.digest = each.record.digest.hex()
        match each.action:
            case Insert() | Restore():
                draft.kind = PlannedKind.CREATE
            case Couple():
                draft.kind = PlannedKind.COUPLE
            case RemoveCoupling():
                draft.kind = PlannedKind.UNCOUPLE
            case Skip(reason=reason):
                draft.kind, draft.reason = PlannedKind.SKIP, _why_skipped(setup, each, reason)
            case Agree() | IgnoreUnchanged():
                pass
            case _:
                draft.kind = draft.kind or (PlannedKind.CHANGE if request is not None else None)
        if isinstance(request, Deletion):
            draft.kind = PlannedKind.DELETE
        if request is not None:
            self._expect(setup, each, request, draft)
        return None

    def _draft(self, direction: Direction, each: Candidate) -> _Draft:
        return self._drafts.setdefault(
            (direction, each.key), _Draft(direction=direction, source_key=each.key)
        )

    def _expect(self, setup: PassSetup, each: Candidate, request: Write | Deletion, draft: _Draft) -> None:
        marked = isinstance(request, Write) and request.precondition is Precondition.MARKED
        key = f"{NEW_KEY}{request.key}" if marked else request.key
        draft.before[key] = held_before(setup, each, request)
        draft.partner_key = draft.partner_key or key
        self._writers[setup.destination.side, key] = draft
        self._writers.setdefault((setup.source.side, each.key), draft)

    def would_write(self, view: TableView, request: Write | Deletion) -> None:
        """Add a write to the record that it belongs to."""
        operation = Operation.DELETE
        values: Mapping[str, Value] = {}
        key = request.key
        if isinstance(request, Write):
            creates = request.precondition is not Precondition.UNCHANGED
            operation, values = Operation.CREATE if creates else Operation.CHANGE, request.values
            if request.precondition is Precondition.MARKED:
                key = f"{NEW_KEY}{key}"
        draft = self._writers.get((view.side, key)) or self._owner_of(view, key)
        write = PlannedWrite(
            side=view.side,
            table=view.table,
            key=key,
            operation=operation,
            before=draft.before.pop(key, None),
            after=dict(values),
        )
        draft.writes.append(write)

    def _owner_of(self, view: TableView, key: str) -> _Draft:
        """Return the draft of the record that a write belongs to which no decision asked for by itself."""
        assert self._present is not None
        direction = self._present[1]
        assert view.side is direction.source_side
        return self._drafts[direction, key]

    def remembered(self, result: BatchResult) -> None:
        """Complete the actions of a batch: only now is known which records fail."""
        for each in result.removed_couplings:
            for direction in Direction:
                source = each.erp_key if direction.source_side is Side.ERP else each.crm_key
                draft = self._drafts.get((direction, source))
                if draft is not None and draft.kind is None:
                    draft.kind = PlannedKind.UNCOUPLE
        self._flush(result.errors)

    def _flush(self, errors: Sequence[SynchError]) -> None:
        if self._present is None:
            return
        for error in errors:
            draft = self._drafts.setdefault(
                (error.direction, error.source_key),
                _Draft(direction=error.direction, source_key=error.source_key),
            )
            draft.reason, draft.code = error.error.message, error.error.code.value
            if error.error.code is not ErrorCode.REFERENCE_CLEARED:
                is_conflict = error.error.code in CONFLICT_CODES
                draft.kind = PlannedKind.CONFLICT if is_conflict else PlannedKind.FAIL
        if any(draft.before for draft in self._drafts.values()):
            # In the midst of a batch: what was decided is still to be written.
            return
        for draft in self._drafts.values():
            if draft.kind is not None:
                self.keep(_action(self._present[0], draft))
        self._drafts.clear()
        self._writers.clear()


def _why_skipped(setup: PassSetup, each: Candidate, reason: SkipReason) -> str:
    name, direction = setup.run.mapping.name, setup.direction
    if reason is SkipReason.SKIPPED:
        listed = setup.run.store.errors_of(name, direction, [each.key]).get(each.key)
        return str(reason.value) if listed is None else listed.error.message
    if reason is SkipReason.OUT_OF_SCOPE and each.values is not None:
        held = dict(zip(setup.source.fields, each.values, strict=True))
        failing = setup.source.filter.first_failing(lambda field_name: held[field_name])
        if failing is not None:
            why = {"reason": as_sentence(reason.value), "condition": as_sentence(failing.reason)}
            return Sentence("{reason}: {condition}", why)
    return str(reason.value)


def _action(mapping: MappingName, draft: _Draft) -> PlannedAction:
    assert draft.kind is not None
    return PlannedAction(
        mapping=mapping,
        direction=draft.direction,
        source_key=draft.source_key,
        kind=draft.kind,
        partner_key=draft.partner_key,
        writes=tuple(draft.writes),
        reason=draft.reason,
        code=draft.code,
        source_digest=draft.digest,
    )
