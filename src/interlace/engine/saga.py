"""Takes the documents of a saga on their way: new ones, and those under way, batch by batch.

A run may stop anywhere and be taken up by another: what is next follows from what both services hold, from the
couplings, and from the creates that were announced.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.announced import stamped_anew
from interlace.engine.memory import Intent
from interlace.engine.observe import partner_key_of
from interlace.engine.ports import Capabilities, CurrentTime, ElapsedTime, Page, ReadPage, TableCapabilities
from interlace.engine.saga_look import Looker
from interlace.engine.saga_memory import DocumentsResult, TrackedDocument
from interlace.engine.saga_round import take_round
from interlace.engine.saga_setup import SagaSetup
from interlace.engine.saga_turn import Turn
from interlace.engine.saga_work import Work
from interlace.engine.service import ServiceFailure
from interlace.locale.translatable import text_of

_JOB_NAMESPACE = uuid.UUID("c1b6f5c2-5e0c-5e5a-8f0b-6f0d2b1d9a77")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsStep:
    """How far a run has got: handed to the next step of the same run."""

    job: SynchJob
    more: bool
    """The budget ended before the documents did."""
    position: str | None = None
    """The page of new documents that comes next; None: the first."""


async def process_documents(
    setup: SagaSetup, *, seconds: float, earlier: DocumentsStep | None = None
) -> DocumentsStep:
    """Take documents on until all have been looked at or the time is over; the caller holds the mapping's lease.

    Raises ServiceFailure when a service does not answer; what was answered before is remembered.
    """
    job = earlier.job if earlier is not None else await _new_job(setup)
    try:
        return await _process(setup, job, seconds, earlier)
    except ServiceFailure as failure:
        ended = replace(job, finished_at=await CurrentTime(), message=text_of(failure))
        setup.store.remember_documents(DocumentsResult(job=ended))
        raise


async def _process(
    setup: SagaSetup, job: SynchJob, seconds: float, earlier: DocumentsStep | None
) -> DocumentsStep:
    run = _Run(work=await _begin(setup, job), announced=await _announced(setup, job))
    deadline: float = await ElapsedTime() + seconds
    if setup.keys is not None:
        for keys in _chunks(setup.keys, setup.batch_size):
            await run.take(keys, new=False)
        return await _finished(setup, job)
    last = ""
    # Behind the last one: what was looked at lies before it, and grows with every batch.
    while due := setup.store.documents_due(setup.mapping, setup.run_id, setup.batch_size, last):
        last = due[-1].key
        await run.take([each.key for each in due], new=False)
        if await ElapsedTime() > deadline:
            return DocumentsStep(job=job, more=True, position=None)
    if not setup.takes_new:
        return await _finished(setup, job)
    position = earlier.position if earlier is not None else None
    while True:
        page: Page = await ReadPage(view=setup.new_documents_view(), after=position)
        for keys in _chunks(_new_keys(setup, page), setup.batch_size):
            await run.take(keys, new=True)
            if await ElapsedTime() > deadline:
                return DocumentsStep(job=job, more=True, position=position)
        if page.next is None:
            return await _finished(setup, job)
        position = page.next


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    work: Work
    announced: dict[str, list[Intent]]

    async def take(self, keys: Sequence[str], *, new: bool) -> None:
        """Take some documents on until each rests, waits or is held."""
        setup = self.work.setup
        now = await CurrentTime()
        tracked = setup.store.documents_by_key(setup.mapping, keys)
        couplings = setup.store.couplings_by_key(setup.mapping, setup.saga.side, keys)
        waiting = []
        for key in keys:
            coupling = couplings.get(key)
            partner = None if coupling is None else partner_key_of(coupling, setup.saga.side.other)
            known = tracked.get(key) or TrackedDocument(
                mapping=setup.mapping, key=key, since=now, first_seen=now, looked_at=now
            )
            if new and known.finished:
                # What has come to its end and counts as new again begins its way anew.
                known = replace(known, finished=False, stage="")
            turn = Turn(
                key=key,
                tracked=replace(known, partner=partner),
                coupling=coupling,
                announced=self.announced.pop(key, []),
            )
            waiting.append(turn)
        while waiting:
            size = self.work.at_once
            waiting = await take_round(self.work, waiting[:size]) + waiting[size:]


def _new_keys(setup: SagaSetup, page: Page) -> list[str]:
    """Return the documents of a page that count as new and that this run has not looked at."""
    view = setup.new_documents_view()
    keys = []
    for record in page.records:
        values = dict(zip(view.fields, record.values(), strict=True))
        if setup.saga.new_documents.first_failing(values.__getitem__) is None:
            keys.append(record.key)
    tracked = setup.store.documents_by_key(setup.mapping, keys)
    return [
        key
        for key in keys
        if key not in tracked
        or (tracked[key].run_id != setup.run_id and not (setup.saga.begins_once and tracked[key].finished))
    ]


async def _new_job(setup: SagaSetup) -> SynchJob:
    to_erp = setup.saga.side is Side.CRM
    return SynchJob(
        id=str(uuid.uuid5(_JOB_NAMESPACE, f"{setup.run_id} {setup.mapping}")),
        mapping=setup.mapping,
        direction=Direction.FROM_INTEGRATION_TABLE if to_erp else Direction.TO_INTEGRATION_TABLE,
        started_at=await CurrentTime(),
        counters=Counters(),
        run_id=setup.run_id,
    )


async def _begin(setup: SagaSetup, job: SynchJob) -> Work:
    document: Capabilities = await TableCapabilities(view=setup.document_view())
    partner: Capabilities = await TableCapabilities(view=setup.partner_view())
    side = setup.saga.side
    return Work(
        setup=setup,
        job=job,
        looker=Looker(setup),
        capabilities={side: document, side.other: partner},
        next_attempt=max((each.attempt for each in setup.store.open_intents(setup.mapping)), default=0),
    )


async def _announced(setup: SagaSetup, job: SynchJob) -> dict[str, list[Intent]]:
    """Return the open intents by document; those of other clocks count as sent just now."""
    intents = setup.store.open_intents(setup.mapping)
    stamped = stamped_anew(intents, setup.process, await ElapsedTime())
    if stamped:
        setup.store.remember_documents(DocumentsResult(job=job, unknown_intents=stamped))
        intents = setup.store.open_intents(setup.mapping)
    by_document: dict[str, list[Intent]] = {}
    for intent in intents:
        by_document.setdefault(intent.source_key, []).append(intent)
    return by_document


async def _finished(setup: SagaSetup, job: SynchJob) -> DocumentsStep:
    job = replace(job, finished_at=await CurrentTime())
    setup.store.remember_documents(DocumentsResult(job=job))
    return DocumentsStep(job=job, more=False)


def _chunks(keys: Sequence[str], size: int) -> list[list[str]]:
    return [list(keys[start : start + size]) for start in range(0, len(keys), size)]
