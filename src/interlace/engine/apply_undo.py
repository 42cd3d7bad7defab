"""Carries out an undo: each record is read again, and written only while it holds what the plan says it holds.

Afterwards the pair's agreed values are what they were before the undone write, so its source counts as changed
again; the pair is therefore held (IL-208) in that direction until the record changes or a person lets it go on.
Undoing an undo ends that hold.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from interlace.domain.coupling import AgreedValues, Coupling, row_names
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.plan import Operation, PlannedAction, PlannedKind, PlannedWrite, same_fields
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.transfer_fields import transfer_plan
from interlace.domain.values import Value, same_value
from interlace.engine.announced import UNDO
from interlace.engine.apply_plan import ActionEnd, Ending, unsettled_text
from interlace.engine.hold_after_undo import Undone, holds_after
from interlace.engine.markers import Markers, WentBack
from interlace.engine.memory import BatchResult, Intent, JournalEntry
from interlace.engine.parts_again import with_present_parts
from interlace.engine.ports import (
    CurrentTime,
    DeleteRecords,
    Deletion,
    Outcome,
    Pause,
    Precondition,
    ReadKeys,
    Record,
    Write,
    WriteRecords,
    WriteResult,
)
from interlace.engine.run_setup import RunSetup
from interlace.engine.undo import Journalled, view_with

_AT_ONCE = 100
_REPEATS_MAX = 3
_PAUSE_SECONDS = 0.5
_AGAIN = frozenset({Outcome.UNKNOWN, Outcome.RETRY_LATER})


@dataclass(slots=True, kw_only=True)
class _Step:
    """One action on its way."""

    action: PlannedAction
    entries: Sequence[Journalled]
    """What is undone, newest first."""
    coupling: Coupling | None = None
    held: dict[str, Value] | None = None
    tag: str | None = None
    intent: Intent | None = None
    followed_up: list[JournalEntry] = field(default_factory=list)

    @property
    def write(self) -> PlannedWrite:
        """The write to the record that the undone ones were about."""
        return self.action.writes[0]


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
        done = 0
        try:
            for start in range(0, len(listed), _AT_ONCE):
                await self._some(listed[start : start + _AT_ONCE])
                done = start + _AT_ONCE
            self.markers.agreed_anything = bool(listed)
            await self.markers.at_end_of_step()
        except WentBack:
            message = (
                "A service or the memory of Interlace was restored from a backup. "
                f"Run `interlace synch {self.run.mapping.name}` first, then make a new plan."
            )
            self._refuse(listed[done:], message)
        now: datetime = await CurrentTime()
        self.job = replace(self.job, finished_at=now)
        self.run.store.remember(BatchResult(job=self.job, pass_finished=True))

    def _refuse(self, actions: Sequence[PlannedAction], message: str) -> None:
        for each in actions:
            self.told(ActionEnd(action=each, ending=Ending.REFUSED, reason=message))

    async def _some(self, actions: Sequence[PlannedAction]) -> None:
        for side in Side:
            steps = [self._step(each) for each in actions if each.writes[0].side is side]
            if steps:
                await self._on_side(side, steps)

    def _step(self, action: PlannedAction) -> _Step:
        entries = [self.journal[number] for number in sorted(action.undoes, reverse=True)]
        return _Step(action=action, entries=entries)

    async def _on_side(self, side: Side, steps: Sequence[_Step]) -> None:
        name = self.run.mapping.name
        fields = {name for each in steps for name in (*each.write.after, *(each.write.before or {}))}
        await self._name_present_parts(side, steps)
        view = view_with(self.run.view(side), fields)
        keys = tuple(each.write.key for each in steps)
        couplings = self.run.store.couplings_by_key(name, side, keys)
        records: list[Record | None] = await ReadKeys(view=view, keys=keys)
        ready = []
        for each, record in zip(steps, records, strict=True):
            each.coupling = couplings.get(each.write.key)
            if record is not None:
                each.held = dict(zip(view.fields, record.values(), strict=True))
                each.tag = record.tag
            reason = _moved(each, self.deleted)
            if reason:
                self._refuse([each.action], reason)
            else:
                each.intent = self._intent(each)
                ready.append(each)
        if ready:
            await self._write(side, ready)

    async def _name_present_parts(self, side: Side, steps: Sequence[_Step]) -> None:
        restored = [each for each in steps if each.write.operation is Operation.CREATE]
        if side is not Side.CRM or not restored:
            return
        plan = transfer_plan(self.run.mapping, restored[0].action.direction, self.run.named_keys)
        present = await with_present_parts(plan, [each.write for each in restored])
        for each, write in zip(restored, present, strict=True):
            each.action = replace(each.action, writes=(write, *each.action.writes[1:]))

    def _intent(self, step: _Step) -> Intent:
        write, mapping = step.write, self.run.mapping
        coupling = step.coupling
        pairs = None if coupling is None or coupling.agreed is None else self._agreed_after(step, coupling)
        entry = JournalEntry(
            mapping=mapping.name,
            side=write.side,
            key=write.key,
            action="delete" if write.operation is Operation.DELETE else UNDO,
            job_id=self.job.id,
            before=None if write.operation is Operation.CREATE else dict(write.before or {}),
            after=dict(write.after),
            source_key=step.action.source_key,
            agreed_before=self._agreed_now(step),
        )
        return Intent(
            mapping=mapping.name,
            side=write.side,
            source_key=step.action.source_key,
            key=write.key,
            creates=write.operation is Operation.CREATE,
            job_id=self.job.id,
            entry=entry,
            agreed=pairs,
        )

    def _agreed_now(self, step: _Step) -> dict[str, tuple[Value, Value] | None]:
        """Return what is agreed now in the rows that the undo moves: undoing it in turn restores that."""
        coupling, names = step.coupling, self._row_names()
        if coupling is None or coupling.agreed is None:
            return {}
        moved = self._moved_rows(step)
        whole = self._ends_pair(step) or step.write.operation is Operation.DELETE
        pairs = zip(names, coupling.agreed.pairs, strict=True)
        return {name: pair for name, pair in pairs if whole or name in moved}

    def _row_names(self) -> Sequence[str]:
        return row_names([row.row_id for row in self.run.mapping.fields])

    def _moved_rows(self, step: _Step) -> dict[str, tuple[Value, Value] | None]:
        """Return the agreed values to go back to, by row: the oldest undone write's."""
        rows: dict[str, tuple[Value, Value] | None] = {}
        for each in step.entries:
            rows.update(each.entry.agreed_before)
        if step.action.kind is not PlannedKind.CHANGE or step.coupling is None:
            return rows
        crm = step.write.side is Side.CRM
        written = {
            name
            for name, row in zip(self._row_names(), self.run.mapping.fields, strict=True)
            if (row.crm_field if crm else row.erp_field) in step.write.after
        }
        return {name: pair for name, pair in rows.items() if name in written}

    def _agreed_after(self, step: _Step, coupling: Coupling | None) -> AgreedValues | None:
        moved, names = self._moved_rows(step), self._row_names()
        if coupling is not None and coupling.agreed is not None:
            before: Sequence[tuple[Value, Value] | None] = coupling.agreed.pairs
        elif moved.keys() >= {*names}:
            before = [None] * len(names)
        else:
            return None
        pairs = tuple(moved.get(name, pair) for name, pair in zip(names, before, strict=True))
        return AgreedValues(layout=self.run.mapping.layout, pairs=pairs)

    # Writing

    async def _write(self, side: Side, steps: Sequence[_Step]) -> None:
        await self.markers.before_writing()
        intents = [each.intent for each in steps if each.intent is not None]
        self.run.store.announce(intents)
        results = await self._send(side, steps)
        for _ in range(_REPEATS_MAX):
            again = [place for place, result in enumerate(results) if result.outcome in _AGAIN]
            if not again:
                break
            await Pause(seconds=_PAUSE_SECONDS)
            repeated = await self._send(side, [steps[place] for place in again])
            for place, result in zip(again, repeated, strict=True):
                results[place] = result
        done = [each for each, result in zip(steps, results, strict=True) if _took_effect(each, result)]
        for each in done:
            if each.write.operation is Operation.DELETE:
                self.deleted.add(each.write.key)
            await self._follow_up(each)
        await self._remember(steps, results, done)

    async def _send(self, side: Side, steps: Sequence[_Step]) -> list[WriteResult]:
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
            writes = tuple(_request(each) for each in written)
            told = await WriteRecords(view=view, writes=writes)
            results.update((places[id(each)], it) for each, it in zip(written, told, strict=True))
        return [results[place] for place in range(len(steps))]

    async def _follow_up(self, step: _Step) -> None:
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

    # Remembering

    async def _remember(
        self, steps: Sequence[_Step], results: Sequence[WriteResult], done: Sequence[_Step]
    ) -> None:
        now: datetime = await CurrentTime()
        counters = Counters()
        finished = [
            each.intent
            for each, result in zip(steps, results, strict=True)
            if each.intent is not None and result.outcome is not Outcome.UNKNOWN
        ]
        for each, result in zip(steps, results, strict=True):
            if each in done:
                _count(each, counters)
                self.told(ActionEnd(action=each.action, ending=Ending.APPLIED, reason=each.action.reason))
                continue
            counters.failed += 1
            ending = Ending.FAILED if result.error is not None else Ending.REFUSED
            reason = result.error.message if result.error else f"the service said: {result.outcome.value}"
            self.told(ActionEnd(action=each.action, ending=ending, reason=reason))
        self.job.counters.add(counters)
        couplings = [pair for each in done if (pair := self._coupling(each)) is not None]
        removed = [each.coupling for each in done if each.coupling is not None and self._ends_pair(each)]
        undone = [_undone(each) for each in done]
        held, cleared = await holds_after(self.run, self.job.id, undone, now)
        self.run.store.remember(
            BatchResult(
                job=self.job,
                couplings=couplings,
                removed_couplings=removed,
                finished_intents=finished,
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

    def _ends_pair(self, step: _Step) -> bool:
        """Tell whether the pair was not coupled before what is undone."""
        oldest = step.entries[-1].entry
        return oldest.action in {"insert", "couple"} or (
            step.write.operation is Operation.DELETE and oldest.action == UNDO
        )

    def _coupling(self, step: _Step) -> Coupling | None:
        if self._ends_pair(step):
            return None
        agreed = self._agreed_after(step, step.coupling)
        if agreed is None and step.coupling is None:
            return None
        crm = step.write.side is Side.CRM
        source, key = step.action.source_key, step.write.key
        return Coupling(
            mapping=self.run.mapping.name,
            erp_key=ErpKey(source if crm else key),
            crm_key=CrmKey(key if crm else source),
            agreed=agreed,
        )


def _undone(step: _Step) -> Undone:
    return Undone(
        direction=step.action.direction,
        source_key=step.action.source_key,
        write=step.write,
        would_return=step.write.operation is Operation.CREATE or step.entries[-1].entry.action == "couple",
        of_undo=all(each.of_undo for each in step.entries),
    )


def _moved(step: _Step, deleted: set[str]) -> str:
    """Say why a planned undo can't be carried out any more; blank: it can."""
    write = step.write
    if write.operation is Operation.CREATE:
        return "" if step.held is None else "the record is there again"
    if step.held is None:
        return "the record was deleted since the plan was made"
    changed = [
        name
        for name, value in (write.before or {}).items()
        if not same_value(step.held.get(name), value)
        and not (step.held.get(name) is None and isinstance(value, str) and value in deleted)
    ]
    return f"changed since the plan was made: {', '.join(changed)}" if changed else ""


def _request(step: _Step) -> Write:
    write = step.write
    precondition = Precondition.ABSENT if write.operation is Operation.CREATE else Precondition.UNCHANGED
    return Write(key=write.key, precondition=precondition, values=dict(write.after), tag=step.tag)


def _took_effect(step: _Step, result: WriteResult) -> bool:
    return result.outcome is Outcome.DONE or (
        result.outcome is Outcome.GONE and step.write.operation is Operation.DELETE
    )


def _count(step: _Step, counters: Counters) -> None:
    match step.write.operation:
        case Operation.CREATE:
            counters.inserted += 1
        case Operation.CHANGE:
            counters.modified += 1
        case Operation.DELETE:
            counters.deleted += 1
