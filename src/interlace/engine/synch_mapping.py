"""One run of one mapping, step by step: each step takes a few pages through the passes and stores how far it got.

A run first makes sure that neither service nor our own memory went back in time, and that nothing braked it. It
asks both feeds what changed (or reads both tables whole), looks at every pair that is named, and ends by storing
the feeds' new cursors: they were taken before the first record was read, so nothing that changes during the run is
missed by the next one. A step that is repeated after a crash finds its records unchanged.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import permutations

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.announced import less_certain, may_still_land, stamped_anew
from interlace.engine.apply import Alongside
from interlace.engine.brakes import halt_of, tripped
from interlace.engine.markers import Judgement, Markers, WentBack
from interlace.engine.memory import Intent, PassPosition, SentStamp
from interlace.engine.ports import (
    Changes,
    CurrentTime,
    ElapsedTime,
    Page,
    ReadChanges,
    ReadPage,
    TableCapabilities,
)
from interlace.engine.recognize import Recognizer
from interlace.engine.references import References
from interlace.engine.remember import Batch
from interlace.engine.run_position import RunPosition, place_of
from interlace.engine.run_setup import RunSetup, pass_setup
from interlace.engine.sweep import is_due, swept
from interlace.engine.synch_pass import Pass
from interlace.engine.take_records import RecordTaker
from interlace.locale.translatable import joined, translatable

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
    stopped: str = ""
    """Why the run ended before its end: a halt that a person must release, or a restored backup."""
    start_over: bool = False
    """A new run takes up by itself what this one left: it compares every record."""


async def synch_step(run: RunSetup, budget: StepBudget) -> StepResult:
    """Take a run one step further; the first step starts it, the last one finishes its jobs."""
    steps = _Steps(run)
    start_over = False
    try:
        if await steps.resume():
            await steps.work(budget)
    except WentBack as went_back:
        start_over = not went_back.judgement.gone
        await steps.stop(await steps.note_restored(went_back.judgement))
    return StepResult(
        more=not steps.position.finished and not steps.stopped,
        jobs=tuple(each.job for each in steps.passes),
        stopped=steps.stopped,
        start_over=start_over,
    )


async def synch_mapping(run: RunSetup, budget: StepBudget | None = None) -> StepResult:
    """Run a mapping to its end."""
    while True:
        result = await synch_step(run, budget or StepBudget())
        if not result.more:
            return result


class _Steps:
    """A run between two stored positions."""

    def __init__(self, run: RunSetup) -> None:
        self.run = run
        self.passes: list[Pass] = []
        self.position = RunPosition(scans=())
        self.stopped = ""
        self._begun = False
        self._swept: datetime | None = None
        self._markers = Markers(run)
        setups = [pass_setup(run, direction) for direction in run.mapping.passes]
        self._setups = setups
        self._recognizers = {side: Recognizer(run, side, setups) for side in Side}
        self._taker = RecordTaker(
            run=run,
            passes=self.passes,
            recognizers=self._recognizers,
            remember=self._remember,
            page_counted=lambda: self.position.counted,
            note_page_counted=self._note_page_counted,
            is_to_be_scanned=lambda side: side in self.position.scans[1:],
        )

    # Beginning and going on

    async def resume(self) -> bool:
        """Pick the run up where its last stored step ended, or start it; False when there is nothing to work on."""
        self._started: datetime = await CurrentTime()
        places = [
            self.run.store.pass_position(self.run.run_id, self.run.mapping.name, setup.direction)
            for setup in self._setups
        ]
        await self._begin_jobs(places)
        first = places[0]
        if first is not None and first.finished:
            return False
        halt = self.run.store.halt(self.run.mapping.name)
        if halt is not None and halt.released_by is None:
            await self.stop(halt.message)
            return False
        # At every step: a user may turn to other field rows in the middle of a run.
        rows = tuple(row.row_id for row in self.run.mapping.fields)
        self.run.store.remap_agreed(self.run.mapping.name, self.run.mapping.layout, rows)
        if first is None or first.after is None:
            return await self._begin(released=halt is not None)
        self.position, self._begun = place_of(first.after, places[1:]), True
        await self._judge()
        if self.stopped:
            return False
        await self._take_intents()
        if self.position.finished:
            await self._finish()
        return not self.position.finished

    async def _begin_jobs(self, places: Sequence[PassPosition | None]) -> None:
        for setup, found in zip(self._setups, places, strict=True):
            job = new_job(self.run, setup.direction, self._started) if found is None else found.job
            if found is None:
                self.run.store.start_job(job)
            self.passes.append(
                Pass(
                    setup=setup,
                    references=References(setup),
                    job=job,
                    capabilities=await TableCapabilities(view=setup.destination),
                    source_capabilities=await TableCapabilities(view=setup.source),
                    markers=self._markers,
                )
            )
        for each, other in permutations(self.passes, 2):
            each.opposite = other

    async def _begin(self, *, released: bool) -> bool:
        """Take the feeds' new cursors first; then take the hinted records through, and note what to scan."""
        repairing = await self._judge(released=released)
        if self.stopped:
            return False
        scans: list[Side] = []
        cursors: dict[str, str | None] = {}
        hinted: list[tuple[Side, list[str]]] = []
        rebuilding = False
        sweeps = is_due(self.run, self._started)
        for side in (Side.ERP, Side.CRM):
            known = self.run.store.cursor(self.run.mapping.name, side)
            rebuilding |= known is None
            old = None if self.run.compare_all else known
            changes: Changes = await ReadChanges(view=self.run.view(side), cursor=old)
            cursors[side.value] = changes.cursor
            sought = side is Side.CRM and self._taker.waits_for_origin()
            if self.run.compare_all or old is None or not changes.complete or sought:
                scans.append(side)
            else:
                keys = [*changes.keys, *changes.deleted, *(await swept(self.run, side) if sweeps else ())]
                hinted.append((side, list(dict.fromkeys(keys))))
        if not (released or repairing):
            halt = await tripped(self.run, self._recognizers, hinted=hinted, scanned=scans, at=self._started)
            if halt is not None:
                await self._halt(halt)
                return False
        self.position = RunPosition(
            scans=tuple(scans),
            cursors=cursors,
            repairing=tuple(repairing),
            rebuilding=rebuilding,
            is_first=self._markers.is_first and not released,
        )
        await self._take_intents()
        await self._taker.recover()
        self._swept = self._started if sweeps or len(scans) == len(Side) else None
        for side, keys in hinted:
            await self._taker.take_keys(side, keys)
        for side, _ in hinted:
            await self._taker.retry_failed(side)
        # Only now: a restart before this point must ask for the hints again.
        self._begun = True
        self._store_position()
        if self.position.finished:
            await self._finish()
        return not self.position.finished

    async def _take_intents(self) -> None:
        """Hand every pass what was announced for it and never seen to end."""
        left = self.run.store.open_intents(self.run.mapping.name)
        held = [intent for intent in left if not intent.key]
        creates_held = bool(held) and await self._still_held(held)
        for each in self.passes:
            side = each.setup.destination.side
            each.open_intents = {}
            each.take_open(it for it in left if it.side is side and it.key)
            each.repairing = frozenset(self.position.repairing)
            each.is_first, each.creates_held = self.position.is_first, creates_held
            each.rebuilding = self.position.rebuilding and not self.position.is_first

    # Working

    async def work(self, budget: StepBudget) -> None:
        """Scan pages until the budget is used up or nothing is left."""
        pages = 0
        page: Page | None = None
        while not self.position.finished:
            side = self.position.scans[0]
            if page is None:
                self._taker.read_at = await ElapsedTime()
                page = await ReadPage(view=self.run.view(side), after=self.position.after)
            page = await self._take_page(side, page)
            pages += 1
            now: datetime = await CurrentTime()
            if pages >= budget.pages or now >= self._started + timedelta(seconds=budget.seconds):
                break
        if not self.position.finished:
            await self._markers.at_end_of_step()

    async def _take_page(self, side: Side, page: Page) -> Page | None:
        """Take a page through the passes; return the next page of the same scan, read meanwhile."""
        call = None if page.next is None else ReadPage(view=self.run.view(side), after=page.next)
        alongside = Alongside(call=call, read_at=self._taker.read_at)
        coupled = await self._taker.take_items(side, [(it.key, it) for it in page.records], alongside)
        if page.next is not None:
            self.position = self.position.moved(page.next, coupled)
            await alongside.finish()
        else:
            await self._taker.find_deleted(side, self.position.coupled_seen + coupled)
            await self._taker.retry_failed_after_scan(side)
            if side is Side.CRM:
                await self._taker.create_without_origin()
            self.position = self.position.next_scan()
        self._store_position()
        if self.position.finished:
            await self._finish()
        self._taker.read_at, result = alongside.asked_at, alongside.result
        return result if isinstance(result, Page) else None

    # Brakes and restored backups

    async def _judge(self, *, released: bool = False) -> list[Side]:
        """Look at the marker rows; note what was restored, and give the services that were."""
        judgement = await self._markers.judge()
        if judgement.is_normal:
            return list(self.position.repairing)
        if released:
            # A person has said that a missing row is no reason to stop: then it is a restored service's.
            judgement = replace(judgement, restored=(*judgement.restored, *judgement.gone), gone=())
        why = await self.note_restored(judgement)
        if judgement.gone or self._begun:
            await self.stop(why)
            return []
        return list(judgement.restored) if judgement.restored else list(Side)

    async def note_restored(self, judgement: Judgement) -> str:
        """Remember what went back in time, so that old values are not taken for news; gives the words for it."""
        store, name = self.run.store, self.run.mapping.name
        now: datetime = await CurrentTime()
        if judgement.gone:
            halt = halt_of(self.run, HaltKind.MARKER_GONE, judgement.gone[0], 0, now)
            store.store_halt(halt)
            return halt.message
        if judgement.memory_restored:
            store.note_restored(name, (), at=now)
            store.announce([self._hold(await ElapsedTime())])
        if judgement.restored:
            store.note_restored(name, judgement.restored, at=now)
        if left := less_certain(store.open_intents(name), judgement.restored):
            store.announce(left)
        self._markers.accept()
        gone_back = [side.value.upper() for side in judgement.restored]
        gone_back += [translatable("Interlace's own memory")] * judgement.memory_restored
        return translatable(
            "Went back in time, as it seems: {what}. A backup was restored, and nothing was written since it was "
            "noticed. Start {mapping} again: it then compares every record, and old values are not taken for news.",
            what=joined(gone_back, ", "),
            mapping=name,
        )

    def _hold(self, elapsed: float) -> Intent:
        """Make the entry that holds all creates until no request that we forgot can take effect any more."""
        return Intent(
            mapping=self.run.mapping.name,
            side=Side.CRM,
            source_key="",
            key="",
            creates=True,
            job_id=self.passes[0].job.id,
            sent=SentStamp(process=self.run.process, elapsed=elapsed),
        )

    async def _still_held(self, held: Sequence[Intent]) -> bool:
        elapsed: float = await ElapsedTime()
        stamped = stamped_anew(held, self.run.process, elapsed)
        if stamped:
            self.run.store.announce(stamped)
            return True
        if any(
            may_still_land(it, process=self.run.process, asked=elapsed, capabilities=each.capabilities)
            for it in held
            for each in self.passes
        ):
            return True
        self._remember(self.passes[0], Batch(finished=list(held)))
        return False

    async def _halt(self, halt: SafetyHalt) -> None:
        self.run.store.store_halt(halt)
        await self.stop(halt.message)

    async def stop(self, why: str) -> None:
        """End the run's jobs before their end, with the reason; its cursors stay where they were."""
        self.stopped = why
        await self._end_jobs(why)

    # Remembering

    def _note_page_counted(self) -> None:
        if self._begun:
            self.position = self.position.with_page_counted()

    def _remember(self, each: Pass, batch: Batch) -> None:
        each.job.counters.add(batch.counters)
        self._markers.agreed_anything |= bool(batch.journal)
        if batch.removed and self.position.is_first:
            # The record that is left of such a pair names its partner: whoever enters that anew is to be found.
            self.position = replace(self.position, is_first=False)
            for one in self.passes:
                one.is_first = False
        position = self.position.dump() if self._begun else None
        self.run.store.remember(batch.result(each.job, each.setup, position))
        if batch.failure is not None:
            raise batch.failure

    def _store_position(self) -> None:
        # A run has one place, and `resume` takes the first pass's word for it.
        first = self.passes[0]
        self.run.store.remember(Batch().result(first.job, first.setup, self.position.dump()))

    async def _finish(self) -> None:
        """Store the feeds' cursors and end the jobs."""
        await self._markers.at_end_of_step()
        for name, cursor in self.position.cursors.items():
            self.run.store.store_cursor(self.run.mapping.name, Side(name), cursor)
        self.run.store.end_halt(self.run.mapping.name)
        if self._swept is not None and self.run.sweep_after is not None:
            self.run.store.store_sweep(self.run.mapping.name, self._swept)
        await self._end_jobs("")

    async def _end_jobs(self, message: str) -> None:
        """End the jobs, the first pass's last: by its word the run is over."""
        now: datetime = await CurrentTime()
        for each in reversed(self.passes):
            each.job = replace(each.job, finished_at=now, message=message)
            ended = Batch().result(each.job, each.setup, self.position.dump())
            self.run.store.remember(replace(ended, pass_finished=True))


def new_job(run: RunSetup, direction: Direction, now: datetime) -> SynchJob:
    """Make the job of one pass of a run: the same id whenever the run is taken up again."""
    name = f"{run.run_id}|{run.mapping.name}|{direction.value}"
    return SynchJob(
        id=str(uuid.uuid5(_JOB_NAMESPACE, name)),
        mapping=run.mapping.name,
        direction=direction,
        started_at=now,
        counters=Counters(),
        run_id=run.run_id,
    )
