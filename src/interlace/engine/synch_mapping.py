"""One run of one mapping, step by step: each step takes a few pages through the passes and stores how far it got.

A run first asks both feeds what changed (or reads both tables whole), looks at every pair that is named, and
ends by storing the feeds' new cursors: they were taken before the first record was read, so nothing that changes
during the run is missed by the next one. A step that is repeated after a crash finds its records unchanged.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.apply import Alongside
from interlace.engine.batch import synch_batch
from interlace.engine.observe import partner_key_of
from interlace.engine.ports import (
    Changes,
    CurrentTime,
    Page,
    PassPosition,
    ReadChanges,
    ReadKeys,
    ReadPage,
    Record,
    Side,
)
from interlace.engine.recognize import Recognizer
from interlace.engine.references import References
from interlace.engine.remember import Batch, Pass, PlannedAction
from interlace.engine.run_position import RunPosition
from interlace.engine.run_setup import RunSetup, pass_setup

_HINTS_PER_BATCH = 500
_JOB_NAMESPACE = uuid.UUID("0d7b4a8e-3f0a-5d43-8d5e-6f8a1c2b3d4e")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBudget:
    """How much one step may do before it returns."""

    pages: int = 20
    seconds: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """Where a run stands after a step."""

    more: bool
    jobs: tuple[SynchJob, ...]
    """The run's jobs, one a pass, with their counters so far."""
    planned: tuple[PlannedAction, ...] = ()


async def synch_step(run: RunSetup, budget: StepBudget) -> StepResult:
    """Take a run one step further; the first step starts it, the last one finishes its jobs."""
    steps = await _resume(run)
    await steps.work(budget)
    return StepResult(
        more=not steps.position.finished,
        jobs=tuple(each.job for each in steps.passes),
        planned=tuple(steps.planned),
    )


async def synch_mapping(run: RunSetup, budget: StepBudget | None = None) -> StepResult:
    """Run a mapping to its end."""
    planned: list[PlannedAction] = []
    while True:
        result = await synch_step(run, budget or StepBudget())
        planned += result.planned
        if not result.more:
            return replace(result, planned=tuple(planned))


async def _resume(run: RunSetup) -> "_Steps":
    """Pick a run up where its last stored step ended, or start it."""
    passes = []
    places: list[PassPosition | None] = []
    now: datetime = await CurrentTime()
    for direction in run.mapping.passes:
        found = run.store.pass_position(run.run_id, run.mapping.name, direction)
        job = _new_job(run, direction, now) if found is None else found.job
        if found is None and not run.dry_run:
            run.store.start_job(job)
        places.append(found)
        setup = pass_setup(run, direction)
        passes.append(Pass(setup=setup, references=References(setup), job=job))
    steps = _Steps(run=run, passes=passes, position=RunPosition(scans=()), started=now)
    first = places[0]
    if first is not None and first.finished:
        return steps
    if not run.dry_run:
        # At every step: a user may turn to other field rows in the middle of a run.
        rows = tuple(row.row_id for row in run.mapping.fields)
        run.store.remap_agreed(run.mapping.name, run.mapping.layout, rows)
    if first is None or first.after is None:
        await steps.begin()
        return steps
    steps.position, steps.begun = _place_of(first.after, places[1:]), True
    if steps.position.finished:
        await steps.finish()
    return steps


def _place_of(stored: str, others: Sequence[PassPosition | None]) -> RunPosition:
    """Return a run's place by its first pass's word; the others only know whether the page there was counted."""
    position = RunPosition.load(stored)
    counted = position.with_page_counted()
    if any(each is not None and each.after == counted.dump() for each in others):
        return counted
    return position


def _new_job(run: RunSetup, direction: Direction, now: datetime) -> SynchJob:
    name = f"{run.run_id}|{run.mapping.name}|{direction.value}"
    return SynchJob(
        id=str(uuid.uuid5(_JOB_NAMESPACE, name)),
        mapping=run.mapping.name,
        direction=direction,
        started_at=now,
        counters=Counters(),
        run_id=run.run_id,
    )


class _Steps:
    """A run between two stored positions."""

    def __init__(
        self, *, run: RunSetup, passes: list[Pass], position: RunPosition, started: datetime
    ) -> None:
        self.run = run
        self.passes = passes
        self.position = position
        self.started = started
        self.planned: list[PlannedAction] = []
        self._recognizers = {side: Recognizer(run, side, [each.setup for each in passes]) for side in Side}
        self.begun = bool(position.scans)

    async def begin(self) -> None:
        """Take the feeds' new cursors first; then take the hinted records through, and note what to scan."""
        scans: list[Side] = []
        cursors: dict[str, str | None] = {}
        hinted: list[tuple[Side, Changes]] = []
        for side in (Side.ERP, Side.CRM):
            old = None if self.run.compare_all else self.run.store.cursor(self.run.mapping.name, side)
            changes: Changes = await ReadChanges(view=self.run.view(side), cursor=old)
            cursors[side.value] = changes.cursor
            if self.run.compare_all or old is None or not changes.complete:
                scans.append(side)
            else:
                hinted.append((side, changes))
        self.position = RunPosition(scans=tuple(scans), cursors=cursors)
        await self._recover()
        for side, changes in hinted:
            keys = list(dict.fromkeys([*changes.keys, *changes.deleted]))
            await self._take_keys(side, keys)
        for side, _ in hinted:
            await self._retry_failed(side)
        # Only now: a restart before this point must ask for the hints again.
        self.begun = True
        self._store_position()
        if self.position.finished:
            await self.finish()

    async def _recover(self) -> None:
        """Look first at what an earlier run announced but never saw the end of.

        The records of such writes are read and decided on like any other pair: a write that took effect is
        found to agree or is adopted, one that did not is decided anew. Either way its intent is settled.
        """
        left = [] if self.run.dry_run else self.run.store.open_intents(self.run.mapping.name)
        for each in self.passes:
            own = [intent for intent in left if intent.side is each.setup.destination.side]
            for start in range(0, len(own), _HINTS_PER_BATCH):
                chunk = own[start : start + _HINTS_PER_BATCH]
                keys = tuple(intent.source_key for intent in chunk)
                records: list[Record | None] = await ReadKeys(view=each.setup.source, keys=keys)
                items = list(zip(keys, records, strict=True))
                batch = await synch_batch(
                    each,
                    items,
                    force=True,
                    alongside=Alongside(call=None),
                    announced={intent.source_key: intent.key for intent in chunk if intent.creates},
                )
                # A create that was not seen, and may not be repeated, may still land: a later run looks again.
                still_open = {intent.key for intent in batch.unknown}
                still_open |= {it.key for it in chunk if it.creates and it.source_key in batch.left_uncoupled}
                batch.finished += [intent for intent in chunk if intent.key not in still_open]
                self._remember(each, batch)

    async def work(self, budget: StepBudget) -> None:
        """Scan pages until the budget is used up or nothing is left."""
        pages = 0
        deadline = self.started + timedelta(seconds=budget.seconds)
        page: Page | None = None
        while not self.position.finished:
            side = self.position.scans[0]
            if page is None:
                page = await ReadPage(view=self.run.view(side), after=self.position.after)
            page = await self._take_page(side, page)
            pages += 1
            now: datetime = await CurrentTime()
            if not self.run.dry_run and (pages >= budget.pages or now >= deadline):
                return

    async def _take_page(self, side: Side, page: Page) -> Page | None:
        """Take a page through the passes; return the next page of the same scan, read meanwhile."""
        call = None if page.next is None else ReadPage(view=self.run.view(side), after=page.next)
        alongside = Alongside(call=call)
        items = [(record.key, record) for record in page.records]
        coupled = await self._take_items(side, items, alongside)
        if page.next is not None:
            self.position = self.position.moved(page.next, coupled)
            await alongside.finish()
        else:
            await self._find_deleted(side, self.position.coupled_seen + coupled)
            await self._retry_failed_after_scan(side)
            self.position = self.position.next_scan()
        self._store_position()
        if self.position.finished:
            await self.finish()
        result = alongside.result
        return result if isinstance(result, Page) else None

    async def _take_keys(self, side: Side, keys: Sequence[str]) -> None:
        """Read hinted records by key and take them through the passes."""
        for start in range(0, len(keys), _HINTS_PER_BATCH):
            chunk = tuple(keys[start : start + _HINTS_PER_BATCH])
            records: list[Record | None] = await ReadKeys(view=self.run.view(side), keys=chunk)
            items = list(zip(chunk, records, strict=True))
            held = [(key, record) for key, record in items if record is not None]
            await self._take_items(side, held, Alongside(call=None))
            await self._take_absent(side, [key for key, record in items if record is None])

    async def _take_items(self, side: Side, items: Sequence[tuple[str, Record]], alongside: Alongside) -> int:
        """Take records of one side through every pass that may have work with them.

        Gives how many of them are coupled now.
        """
        seen = self._recognizers[side].recognize(items)
        coupled = seen.coupled
        if seen.couplings and all(each.setup.source.side is not side for each in self.passes):
            self._remember(self.passes[0], Batch(couplings=seen.couplings))
        # Asked before the page's own pass notes what the records hold now.
        to_restore = self._to_restore(side, seen.open)
        for each in self.passes:
            if each.setup.source.side is side:
                batch = await synch_batch(each, seen.open, force=False, alongside=alongside)
                coupled += len(batch.newly_coupled) - len(batch.removed)
                batch.couplings += seen.couplings
                batch.counters.unchanged += seen.untouched
                if self.position.counted:
                    batch.counters = Counters()
                if self.begun:
                    self.position = self.position.with_page_counted()
                self._remember(each, batch)
            else:
                await self._restore(each, to_restore)
        await alongside.finish()
        return coupled

    def _to_restore(self, side: Side, items: Sequence[tuple[str, Record | None]]) -> list[str]:
        """Return the partners of records that were changed in a field that only the other side may change."""
        setups = [each.setup for each in self.passes if each.setup.destination.side is side]
        if not setups or not setups[0].plan.restores:
            return []
        couplings = self.run.couplings_by_key(side, [key for key, _ in items])
        keys = []
        for key, record in items:
            coupling = couplings.get(key)
            if coupling is None or record is None:
                continue
            if coupling.agreed is None or setups[0].one_way(record.values(), coupling.agreed.pairs):
                keys.append(partner_key_of(coupling, side.other))
        return keys

    async def _restore(self, each: Pass, keys: Sequence[str]) -> None:
        """Take pairs through the pass whose one-way fields are to hold the source's value again."""
        keys = self._not_failed_yet(each, keys)
        if not keys:
            return
        records: list[Record | None] = await ReadKeys(view=each.setup.source, keys=tuple(keys))
        found = [(key, record) for key, record in zip(keys, records, strict=True) if record is not None]
        batch = await synch_batch(each, found, force=True, alongside=Alongside(call=None))
        # The pairs are counted by the pass that scans them; here only what was really done counts.
        batch.counters.unchanged = 0
        self._remember(each, batch)

    async def _find_deleted(self, side: Side, coupled_seen: int) -> None:
        """After a whole scan: read coupled records that it did not show by key; believe only that absence."""
        name = self.run.mapping.name
        if coupled_seen >= self.run.store.count_couplings(name):
            return
        after = None
        while couplings := self.run.store.couplings_page(name, after, _HINTS_PER_BATCH):
            after = couplings[-1].erp_key
            keys = tuple(partner_key_of(each, side) for each in couplings)
            records: list[Record | None] = await ReadKeys(view=self.run.view(side), keys=keys)
            await self._take_absent(
                side, [key for key, record in zip(keys, records, strict=True) if record is None]
            )

    async def _take_absent(self, side: Side, gone: Sequence[str]) -> None:
        """Take deletions through the pass that writes this side, and what it left through the one that reads it."""
        couplings = self.run.store.couplings_by_key(self.run.mapping.name, side, gone)
        partners = [partner_key_of(held, side.other) for held in couplings.values()]
        for each in self.passes:
            if each.setup.source.side is not side:
                await self._take_by_key(each, partners)
        for each in self.passes:
            if each.setup.source.side is side:
                await self._take_by_key(each, gone, absent_only=True)

    async def _take_by_key(self, each: Pass, keys: Sequence[str], *, absent_only: bool = False) -> int:
        """Read records anew and take them through a pass, unless they failed in it already.

        Gives how many of them are there.
        """
        keys = self._not_failed_yet(each, keys)
        taken = 0
        for start in range(0, len(keys), _HINTS_PER_BATCH):
            chunk = tuple(keys[start : start + _HINTS_PER_BATCH])
            records: list[Record | None] = await ReadKeys(view=each.setup.source, keys=chunk)
            items = [
                (key, record)
                for key, record in zip(chunk, records, strict=True)
                if record is None or not absent_only
            ]
            taken += sum(record is not None for _, record in items)
            if items:
                batch = await synch_batch(each, items, force=True, alongside=Alongside(call=None))
                self._remember(each, batch)
        return taken

    async def _retry_failed(self, side: Side) -> None:
        """Take up again what failed before on a side that is not scanned, and is due."""
        for each in self.passes:
            if each.setup.source.side is side:
                name, direction = self.run.mapping.name, each.setup.direction
                await self._take_by_key(each, self.run.store.retry_candidates(name, direction))

    async def _retry_failed_after_scan(self, side: Side) -> None:
        """Take up again what failed before and what the scan did not: untouched records, and those that are gone."""
        name = self.run.mapping.name
        for each in self.passes:
            if each.setup.source.side is not side:
                continue
            listed = self.run.store.retry_candidates(
                name, each.setup.direction, even_skipped=self.run.retry_skipped
            )
            coupled = list(self.run.store.couplings_by_key(name, side, listed))
            taken = await self._take_by_key(each, coupled)
            # The scan has counted them as untouched.
            each.job.counters.unchanged -= taken
            await self._take_by_key(each, sorted({*listed} - {*coupled}), absent_only=True)

    def _not_failed_yet(self, each: Pass, keys: Sequence[str]) -> list[str]:
        """Leave out what failed in this very pass already: once a pass is enough."""
        errors = self.run.store.errors_of(self.run.mapping.name, each.setup.direction, keys)
        return [key for key in keys if key not in errors or errors[key].job_id != each.job.id]

    def _remember(self, each: Pass, batch: Batch) -> None:
        each.job.counters.add(batch.counters)
        if self.run.dry_run:
            self.planned += batch.planned
            return
        position = self.position.dump() if self.begun else None
        self.run.store.remember(batch.result(each.job, each.setup, position))

    def _store_position(self) -> None:
        if self.run.dry_run:
            return
        # A run has one place, and `_resume` takes the first pass's word for it.
        first = self.passes[0]
        self.run.store.remember(Batch().result(first.job, first.setup, self.position.dump()))

    async def finish(self) -> None:
        """Store the feeds' cursors and end the jobs, the first pass's last: by its word the run is over."""
        if self.run.dry_run:
            return
        now: datetime = await CurrentTime()
        for name, cursor in self.position.cursors.items():
            self.run.store.store_cursor(self.run.mapping.name, Side(name), cursor)
        for each in reversed(self.passes):
            each.job = replace(each.job, finished_at=now)
            ended = Batch().result(each.job, each.setup, self.position.dump())
            self.run.store.remember(replace(ended, pass_finished=True))
