"""Carries out an undo: each record is read again, and written only while it holds what the plan says it holds.

Afterwards the pair's agreed values are what they were before the undone write, so its source counts as changed
again; the pair is therefore held (IL-208) in that direction until the record changes or a person lets it go on.
Undoing an undo ends that hold.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from interlace.domain.plan import Operation, PlannedAction, same_fields
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.transfer_fields import transfer_plan
from interlace.engine.announced import UNDO, holds
from interlace.engine.apply_plan import ActionEnd, Ending, unsettled_text
from interlace.engine.hold_after_undo import holds_after
from interlace.engine.markers import Markers, WentBack
from interlace.engine.memory import BatchResult, Intent
from interlace.engine.parts_again import with_present_parts
from interlace.engine.ports import (
    Attempt,
    CurrentTime,
    DeleteRecords,
    Deletion,
    Outcome,
    Pause,
    Precondition,
    ReadKeys,
    Record,
    RequireThawed,
    Write,
    WriteRecords,
    WriteResult,
)
from interlace.engine.run_setup import RunSetup
from interlace.engine.service import ServiceFailure
from interlace.engine.undo import Journalled, view_with
from interlace.engine.undo_step import UndoStep
from interlace.locale.translatable import translatable

_AT_ONCE = 100
_REPEATS_MAX = 3
_PAUSE_SECONDS = 0.5
_AGAIN = frozenset({Outcome.UNKNOWN, Outcome.RETRY_LATER})
_REFUSALS = {Operation.CHANGE: Outcome.STALE, Operation.CREATE: Outcome.EXISTS}
"""How a write is refused that was delivered twice; a deletion finds its record gone, which counts as done."""


@dataclass(slots=True, kw_only=True)
class UndoApplication:
    """The application of one mapping's part of an undo."""

    run: RunSetup
    journal: Mapping[int, Journalled]
    """The entries that the plan undoes, by sequence number."""
    job: SynchJob
    told: Callable[[ActionEnd], None]
    deleted: set[str] = field(default_factory=set)
    """Records that the undo has deleted so far, of whatever mapping: references to them go blank by themselves."""
    markers: Markers = field(init=False)

    def __post_init__(self) -> None:
        self.markers = Markers(self.run)

    async def carry_out(self, actions: Sequence[PlannedAction]) -> None:
        """Carry the actions out in their order; what can't be done is told as refused or failed."""
        listed = [each for each in actions if each.writes]
        halt = self.run.store.halt(self.run.mapping.name)
        if listed and halt is not None and halt.released_by is None:
            self._refuse(listed, halt.message)
            return
        if listed and self.run.store.open_intents(self.run.mapping.name):
            self._refuse(listed, unsettled_text(self.run.mapping.name))
            return
        self.run.store.start_job(self.job)
        groups = [
            (side, group)
            for start in range(0, len(listed), _AT_ONCE)
            for side in Side
            if (group := [it for it in listed[start : start + _AT_ONCE] if it.writes[0].side is side])
        ]
        done = 0
        try:
            for side, group in groups:
                await self._on_side(side, [self._step(each) for each in group])
                done += 1
            self.markers.agreed_anything = bool(listed)
            await self.markers.at_end_of_step()
        except WentBack:
            message = translatable(
                "A service or the memory of Interlace was restored from a backup. Run `interlace synch {mapping}` "
                "first, then make a new plan.",
                mapping=self.run.mapping.name,
            )
            for _, group in groups[done:]:
                self._refuse(group, message)
        now: datetime = await CurrentTime()
        self.job = replace(self.job, finished_at=now)
        self.run.store.remember(BatchResult(job=self.job, pass_finished=True))

    def _refuse(self, actions: Sequence[PlannedAction], message: str) -> None:
        for each in actions:
            self.told(ActionEnd(action=each, ending=Ending.REFUSED, reason=message))

    def _step(self, action: PlannedAction) -> UndoStep:
        entries = [self.journal[number] for number in sorted(action.undoes, reverse=True)]
        return UndoStep(mapping=self.run.mapping, action=action, entries=entries)

    async def _on_side(self, side: Side, steps: Sequence[UndoStep]) -> None:
        name = self.run.mapping.name
        fields = {name for each in steps for name in (*each.write.after, *(each.write.before or {}))}
        await self._name_present_parts(side, steps)
        view = view_with(self.run.view(side), fields)
        keys = tuple(each.write.key for each in steps)
        couplings = self.run.store.couplings_by_key(name, side, keys)
        records: list[Record | None] = await ReadKeys(view=view, keys=keys)
        ready: list[UndoStep] = []
        refused: list[tuple[PlannedAction, str]] = []
        for each, record in zip(steps, records, strict=True):
            each.coupling = couplings.get(each.write.key)
            if record is not None:
                each.held = dict(zip(view.fields, record.values(), strict=True))
                each.tag = record.tag
            reason = each.moved(self.deleted)
            if reason:
                refused.append((each.action, reason))
            else:
                ready.append(each)
        if ready:
            await self._write(side, ready)
        for action, reason in refused:
            self._refuse([action], reason)

    async def _name_present_parts(self, side: Side, steps: Sequence[UndoStep]) -> None:
        restored = [each for each in steps if each.write.operation is Operation.CREATE]
        if side is not Side.CRM or not restored:
            return
        plan = transfer_plan(self.run.mapping, restored[0].action.direction, self.run.named_keys)
        present = await with_present_parts(plan, [each.write for each in restored])
        for each, write in zip(restored, present, strict=True):
            each.action = replace(each.action, writes=(write, *each.action.writes[1:]))

    # Writing

    async def _write(self, side: Side, steps: Sequence[UndoStep]) -> None:
        await RequireThawed(side=side)
        await self.markers.before_writing()
        self.run.store.announce([each.announce(self.job.id) for each in steps])
        results = await self._send(side, steps)
        for _ in range(_REPEATS_MAX):
            again = [place for place, result in enumerate(results) if result.outcome in _AGAIN]
            if not again:
                break
            for place in again:
                steps[place].in_doubt |= results[place].outcome is Outcome.UNKNOWN
            await Pause(seconds=_PAUSE_SECONDS)
            repeated = await self._send(side, [steps[place] for place in again])
            for place, result in zip(again, repeated, strict=True):
                results[place] = result
        results = await self._looked_at(side, steps, results)
        done = [each for each, result in zip(steps, results, strict=True) if each.took_effect(result)]
        for each in done:
            if each.write.operation is Operation.DELETE:
                self.deleted.add(each.write.key)
            await self._follow_up(each)
        await self._remember(steps, results, done)

    async def _looked_at(
        self, side: Side, steps: Sequence[UndoStep], results: Sequence[WriteResult]
    ) -> list[WriteResult]:
        """Return the results, with what a refused write is seen to have done all the same taken for done.

        Something on the way may have delivered it twice: then the first delivery took effect, and the refusal is the
        answer to the second one. Where nobody can look, the write stays in doubt.
        """
        refused = [
            place
            for place, each in enumerate(steps)
            if _REFUSALS.get(each.write.operation) is results[place].outcome and not each.in_doubt
        ]
        looked = list(results)
        if not refused:
            return looked
        view = view_with(
            self.run.view(side), {name for place in refused for name in steps[place].write.after}
        )
        keys = tuple(steps[place].write.key for place in refused)
        records: list[Record | None] | ServiceFailure = await Attempt(ReadKeys(view=view, keys=keys))
        for number, place in enumerate(refused):
            step = steps[place]
            assert step.intent is not None
            if isinstance(records, ServiceFailure) or step.intent.entry is None:
                step.in_doubt = True
                continue
            record, entry = records[number], step.intent.entry
            if record is not None and holds(view, record, entry):
                step.intent = replace(step.intent, entry=replace(entry, certain=False))
                looked[place] = WriteResult(outcome=Outcome.DONE, key=step.write.key, tag=record.tag)
        return looked

    async def _send(self, side: Side, steps: Sequence[UndoStep]) -> list[WriteResult]:
        view = self.run.view(side)
        places = {id(each): place for place, each in enumerate(steps)}
        results: dict[int, WriteResult] = {}
        removed = [each for each in steps if each.write.operation is Operation.DELETE]
        written = [each for each in steps if each.write.operation is not Operation.DELETE]
        if removed:
            deletions = tuple(Deletion(key=each.write.key, tag=each.tag) for each in removed)
            told: list[WriteResult] = await DeleteRecords(view=view, deletions=deletions)
            results.update((places[id(each)], it) for each, it in zip(removed, told, strict=True))
        if written:
            writes = tuple(each.request for each in written)
            told = await WriteRecords(view=view, writes=writes)
            results.update((places[id(each)], it) for each, it in zip(written, told, strict=True))
        return [results[place] for place in range(len(steps))]

    async def _follow_up(self, step: UndoStep) -> None:
        """Send what belongs to the write: fields that a new record takes later, columns that named a partner."""
        for write in step.action.writes[1:]:
            fields = tuple(dict.fromkeys([*write.after, *(write.before or {})]))
            view = replace(self.run.view(write.side), fields=fields)
            records: list[Record | None] = await ReadKeys(view=view, keys=(write.key,))
            record = records[0]
            if record is None:
                continue
            held = dict(zip(fields, record.values(), strict=True))
            if write.before is not None and not same_fields(write.before, {n: held[n] for n in write.before}):
                continue
            request = Write(
                key=write.key,
                precondition=Precondition.UNCHANGED,
                values=dict(write.after),
                tag=record.tag,
            )
            results: list[WriteResult] = await WriteRecords(view=view, writes=(request,))
            # The columns that name a partner are ours alone, and no part of the journal.
            if results[0].outcome is Outcome.DONE and write.side is step.write.side:
                assert step.intent is not None
                assert step.intent.entry is not None
                entry = replace(
                    step.intent.entry, action=UNDO, before=held, after=dict(write.after), agreed_before={}
                )
                step.followed_up.append(entry)

    def _tell_unknown(self, step: UndoStep) -> None:
        name = self.run.mapping.name
        reason = translatable(
            "the answer was lost, so the write may have taken effect. `interlace synch {mapping}` finds out, and "
            "stands by what it finds.",
            mapping=name,
        )
        self.told(ActionEnd(action=step.action, ending=Ending.FAILED, reason=reason))

    # Remembering

    async def _remember(
        self, steps: Sequence[UndoStep], results: Sequence[WriteResult], done: Sequence[UndoStep]
    ) -> None:
        now: datetime = await CurrentTime()
        counters = Counters()
        finished: list[Intent] = []
        unknown: list[Intent] = []
        for each, result in zip(steps, results, strict=True):
            assert each.intent is not None
            if each in done:
                finished.append(each.intent)
                each.count(counters)
                self.told(ActionEnd(action=each.action, ending=Ending.APPLIED, reason=each.action.reason))
                continue
            counters.failed += 1
            if each.in_doubt or result.outcome is Outcome.UNKNOWN:
                unknown.append(each.intent)
                self._tell_unknown(each)
                continue
            finished.append(each.intent)
            ending = Ending.FAILED if result.error is not None else Ending.REFUSED
            reason = (
                result.error.message
                if result.error
                else translatable("the service said: {outcome}", outcome=result.outcome.value)
            )
            self.told(ActionEnd(action=each.action, ending=ending, reason=reason))
        self.job.counters.add(counters)
        couplings = [pair for each in done if (pair := each.coupling_after()) is not None]
        removed = [each.coupling for each in done if each.coupling is not None and each.ends_pair]
        undone = [each.undone() for each in done]
        held, cleared = await holds_after(self.run, self.job.id, undone, now)
        self.run.store.remember(
            BatchResult(
                job=self.job,
                couplings=couplings,
                removed_couplings=removed,
                finished_intents=finished,
                unknown_intents=unknown,
                journal=[
                    entry
                    for each in done
                    if each.intent is not None and each.intent.entry is not None
                    for entry in (each.intent.entry, *each.followed_up)
                ],
                errors=held,
                cleared_errors=cleared,
            )
        )
