"""Carries a plan out: each planned record is observed and decided on again, and only what was planned is sent.

A decision that is not the planned one is refused with IL-505, naming what moved; records that the plan does not
name are left alone. Everything else (leases, halts, markers, intents, journal, counters) is as in any run.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import cast

from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.plan import (
    LEFT_ALONE,
    NEW_KEY,
    Operation,
    PlannedAction,
    PlannedKind,
    PlannedWrite,
    is_new_key,
    same_fields,
)
from interlace.domain.side import Side
from interlace.domain.synch_action import Agree, Fail, IgnoreUnchanged, Skip, SkipReason, SynchAction
from interlace.domain.values import Value, same_value
from interlace.engine.announced import DELETE
from interlace.engine.candidate import Candidate
from interlace.engine.chosen_records import ChosenRecords, Keys
from interlace.engine.explain_failure import record_name
from interlace.engine.interpret import under
from interlace.engine.memory import BatchResult
from interlace.engine.ports import (
    Call,
    DeleteRecords,
    Deletion,
    Outcome,
    Precondition,
    TableView,
    Together,
    Write,
    WriteRecords,
    WriteResult,
)
from interlace.engine.remember import held_before
from interlace.engine.run_setup import PassSetup, RunSetup
from interlace.engine.store_port import Store
from interlace.engine.synch_mapping import StepBudget, StepResult, synch_mapping
from interlace.locale.translatable import as_sentence, joined, translatable

_WHOLE = StepBudget(pages=1_000_000_000, seconds=1e9)


class Ending(Enum):
    """How a planned action ended."""

    APPLIED = "applied"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionEnd:
    """One planned action and how it ended."""

    action: PlannedAction
    ending: Ending
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class PlanApplication:
    """The application of one plan, stage by stage."""

    _actions: dict[tuple[Direction, str], PlannedAction] = field(default_factory=dict)
    _sent: dict[tuple[Side, str], list[Operation]] = field(default_factory=lambda: defaultdict(list))
    _ended: dict[tuple[Direction, str], ActionEnd] = field(default_factory=dict)
    _coupled: set[tuple[str, str]] = field(default_factory=set)
    _uncoupled: set[tuple[str, str]] = field(default_factory=set)
    _real_keys: dict[str, str] = field(default_factory=dict)
    """Keys that services chose, by what stands for them in the plan."""

    async def stage(self, run: RunSetup, actions: Iterable[PlannedAction]) -> list[ActionEnd]:
        """Carry out one stage's actions; what was planned to be left out or to fail is not looked at."""
        self._actions = {
            (each.direction, each.source_key): each for each in actions if each.kind not in LEFT_ALONE
        }
        for held in (self._sent, self._ended, self._coupled, self._uncoupled):
            held.clear()
        message = ""
        if self._actions and run.store.open_intents(run.mapping.name):
            message = unsettled_text(run.mapping.name)
        elif self._actions:
            chosen = ChosenRecords(keys=_keys(self._actions.values()), behind=self)
            store = chosen.store(_Remembering.over(run.store, self))
            work = synch_mapping(replace(run, store=store, gate=self), _WHOLE)
            result: StepResult = await under(chosen, work)
            message = result.stopped
        return [self._end_of(place, each, message) for place, each in self._actions.items()]

    def _end_of(self, place: tuple[Direction, str], action: PlannedAction, message: str) -> ActionEnd:
        if place in self._ended:
            return self._ended[place]
        if self._is_done(action):
            return ActionEnd(action=action, ending=Ending.APPLIED)
        reason = message or translatable("Both sides agree already, so nothing was written.")
        return ActionEnd(action=action, ending=Ending.REFUSED, reason=reason)

    def _is_done(self, action: PlannedAction) -> bool:
        erp, crm = action.source_key, self._real(action.partner_key)
        if action.direction is Direction.FROM_INTEGRATION_TABLE:
            erp, crm = str(crm), erp
        match action.kind:
            case PlannedKind.UNCOUPLE:
                return (erp, crm) in self._uncoupled
            case PlannedKind.COUPLE if not action.writes:
                return (erp, crm) in self._coupled
            case _:
                return all(
                    each.operation in self._sent.get((each.side, str(self._real(each.key))), ())
                    for each in action.writes
                )

    def _real(self, key: Value) -> Value:
        return self._real_keys.get(key, key) if isinstance(key, str) else key

    # The gate

    def instead(
        self, setup: PassSetup, each: Candidate, request: Write | Deletion | None
    ) -> SynchAction | None:
        """Let through what was planned; leave alone what was not; refuse what moved."""
        action = self._actions.get((setup.direction, each.key))
        if request is None and isinstance(each.action, Agree | IgnoreUnchanged | Fail | Skip):
            return None
        if action is None:
            return Skip(reason=SkipReason.SKIPPED)
        moved = self._moved(setup, each, request, action)
        if moved is None:
            return None
        name = f"{setup.source.table} {record_name(setup, each)}"
        message = translatable(
            "{record}: the planned {action} was not carried out: {moved}. Make a new plan.",
            record=name,
            action=as_sentence(action.kind.value),
            moved=moved,
        )
        each.error = RecordError(code=ErrorCode.PLAN_MOVED, message=message)
        self._ended[setup.direction, each.key] = ActionEnd(
            action=action, ending=Ending.REFUSED, reason=message
        )
        return Fail(code=ErrorCode.PLAN_MOVED)

    def _moved(
        self, setup: PassSetup, each: Candidate, request: Write | Deletion | None, action: PlannedAction
    ) -> str | None:
        """Say what is not as planned, or None."""
        if request is None:
            planned = action.kind in {PlannedKind.COUPLE, PlannedKind.UNCOUPLE} and not action.writes
            same = planned and same_value(each.partner_key, self._real(action.partner_key))
            if same:
                return None
            return translatable(
                "its pair asks for {action} now", action=as_sentence(type(each.action).__name__.lower())
            )
        side = setup.destination.side
        operation = _operation(request)
        key = f"{NEW_KEY}{request.key}" if _is_marked(request) else request.key
        fitting = [
            it
            for it in action.writes
            if it.side is side and it.operation is operation and key in {it.key, self._real(it.key)}
        ]
        if not fitting:
            return translatable(
                "a {operation} of {table} {key} is due now instead",
                operation=as_sentence(operation.value),
                table=setup.destination.table,
                key=request.key,
            )
        reasons = [self._differs(setup, each, request, it, action) for it in fitting]
        return None if None in reasons else reasons[0]

    def _differs(
        self,
        setup: PassSetup,
        each: Candidate,
        request: Write | Deletion,
        planned: PlannedWrite,
        action: PlannedAction,
    ) -> str | None:
        held = held_before(setup, each, request)
        if planned.before is not None and held is not None:
            before = dict(planned.before)
            # A create's follow-up was planned without knowing what the service gives a new record by itself.
            if not each.created and not same_fields(before, held):
                return translatable("before it is written, {fields}", fields=_fields_text(before, held))
        if isinstance(request, Deletion):
            return None
        expected = {name: self._real(value) for name, value in planned.after.items()}
        for name in [name for name, value in expected.items() if is_new_key(value)]:
            # Which record the service adds to a new one is not known beforehand; the source tells whether it fits.
            digest = "" if each.record is None else each.record.digest.hex()
            if digest == action.source_digest and name in request.values:
                expected[name] = request.values[name]
        return None if same_fields(expected, request.values) else _fields_text(expected, request.values)

    # Between the engine and its runner

    async def answer(self, call: Call) -> object:
        """Pass every call on, and note which writes took effect."""
        if isinstance(call, Together):
            results = await call
            for each, result in zip(call.calls, results, strict=True):
                self._note(each, result)
            return results
        result = await call
        self._note(call, result)
        return result

    def _note(self, call: Call, results: Sequence[WriteResult]) -> None:
        match call:
            case WriteRecords(view=view, writes=writes):
                requests: Sequence[Write | Deletion] = writes
            case DeleteRecords(view=view, deletions=deletions):
                requests = deletions
            case _:
                return
        for request, result in zip(requests, results, strict=True):
            if result.outcome is Outcome.DONE:
                self._note_done(view, request, result)

    def _note_done(self, view: TableView, request: Write | Deletion, result: WriteResult) -> None:
        if _is_marked(request):
            self._real_keys[f"{NEW_KEY}{request.key}"] = result.key
        self._sent[view.side, result.key].append(_operation(request))

    def remembered(self, result: BatchResult) -> None:
        """Note what was coupled and uncoupled, which records failed, and which writes were seen to have landed."""
        self._coupled |= {(each.erp_key, each.crm_key) for each in result.couplings}
        self._uncoupled |= {(each.erp_key, each.crm_key) for each in result.removed_couplings}
        for entry in result.journal:
            # An answer may have been lost: then only the record that was read again told of the write.
            if entry.action == DELETE:
                self._sent[entry.side, entry.key].append(Operation.DELETE)
            elif entry.after:
                operation = Operation.CREATE if entry.before is None else Operation.CHANGE
                self._sent[entry.side, entry.key].append(operation)
        for error in result.errors:
            place = error.direction, error.source_key
            action = self._actions.get(place)
            if action is not None and place not in self._ended and _is_failure(error.error):
                self._ended[place] = ActionEnd(
                    action=action, ending=Ending.FAILED, reason=error.error.message
                )


def unsettled_text(mapping: str) -> str:
    """Say that a mapping must settle its earlier writes before planned ones are sent."""
    return translatable(
        "Writes of an earlier run of {mapping} have not been settled yet. Run `interlace synch {mapping}`, then make a "
        "new plan.",
        mapping=mapping,
    )


class _Remembering:
    """A store that tells of what it was given to remember; all else is the store's own."""

    def __init__(self, store: Store, application: PlanApplication) -> None:
        self._store = store
        self._application = application

    @classmethod
    def over(cls, store: Store, application: PlanApplication) -> Store:
        """Return the store as the engine sees it."""
        return cast("Store", cls(store, application))

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def remember(self, result: BatchResult) -> None:
        """Store a batch, then tell of it."""
        self._store.remember(result)
        self._application.remembered(result)


def _keys(actions: Iterable[PlannedAction]) -> Keys:
    keys: dict[Direction, list[str]] = defaultdict(list)
    for each in actions:
        keys[each.direction].append(each.source_key)
    return {direction: tuple(listed) for direction, listed in keys.items()}


def _is_failure(error: RecordError) -> bool:
    return error.code is not ErrorCode.REFERENCE_CLEARED


def _operation(request: Write | Deletion) -> Operation:
    if isinstance(request, Deletion):
        return Operation.DELETE
    return Operation.CHANGE if request.precondition is Precondition.UNCHANGED else Operation.CREATE


def _is_marked(request: Write | Deletion) -> bool:
    return isinstance(request, Write) and request.precondition is Precondition.MARKED


def _fields_text(planned: Mapping[str, Value], found: Mapping[str, Value]) -> str:
    """Say which fields are not as planned."""
    names = sorted(
        name
        for name in planned.keys() | found.keys()
        if name not in planned or name not in found or not same_value(planned[name], found[name])
    )
    return joined(
        (
            translatable(
                "{field} is {found}, not {planned}",
                field=name,
                found=repr(found.get(name)),
                planned=repr(planned.get(name)),
            )
            if name in planned
            else translatable("{field} is new", field=name)
            for name in names
        ),
        between="; ",
    )
