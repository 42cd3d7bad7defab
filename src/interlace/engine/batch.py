"""Takes one batch of records through a pass: observe, decide, apply, remember."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.decision import decide
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.observation import Link, Presence
from interlace.domain.synch_action import (
    Agree,
    Couple,
    Fail,
    IgnoreUnchanged,
    Insert,
    Modify,
    RemoveCoupling,
    Restore,
    Skip,
    SkipReason,
    SynchAction,
)
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.values import Value
from interlace.engine.apply import Alongside, Written, name_partners, send, write_of
from interlace.engine.candidate import Candidate
from interlace.engine.explain_failure import failure_of, named_refusal, record_name
from interlace.engine.observe import compare, known_digest, observe, partner_key_of
from interlace.engine.ports import (
    BatchResult,
    CurrentTime,
    Intent,
    JournalEntry,
    Outcome,
    ReadKeys,
    Record,
    Side,
    SynchError,
    Write,
    WriteResult,
)
from interlace.engine.references import References
from interlace.engine.run_setup import PassSetup

_ROUNDS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """What a run would do with one record: shown by a dry run."""

    key: str
    action: str
    partner_key: str | None
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    message: str = ""


@dataclass(slots=True, kw_only=True)
class Batch:
    """What a batch adds to our memory, gathered until it is stored in one transaction."""

    counters: Counters = field(default_factory=Counters)
    couplings: list[Coupling] = field(default_factory=list)
    removed: list[Coupling] = field(default_factory=list)
    finished: list[Intent] = field(default_factory=list)
    unknown: list[Intent] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    errors: list[SynchError] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    planned: list[PlannedAction] = field(default_factory=list)
    coupled_seen: int = 0

    def result(self, job: SynchJob, setup: PassSetup, position: str | None) -> BatchResult:
        """Make the value that the store remembers; the job's counters are already the new ones."""
        return BatchResult(
            job=job,
            couplings=list({each.erp_key: each for each in self.couplings}.values()),
            removed_couplings=self.removed,
            finished_intents=self.finished,
            unknown_intents=self.unknown,
            journal=self.journal,
            errors=self.errors,
            cleared_errors=[(setup.direction, key) for key in self.cleared],
            position=position,
        )


@dataclass(slots=True, kw_only=True)
class Pass:
    """One pass of a run with what it keeps between batches."""

    setup: PassSetup
    references: References
    job: SynchJob


async def synch_batch(
    work: Pass, items: Sequence[tuple[str, Record | None]], *, force: bool, alongside: Alongside
) -> Batch:
    """Take records (key, record or None when a direct read found nothing) through the pass.

    `force` takes up coupled records whose digest says that they are untouched, too.
    """
    batch = Batch()
    candidates = _take_up(work, items, batch, force=force)
    await observe(work.setup, work.references, candidates)
    now: datetime = await CurrentTime()
    waiting = candidates
    while waiting:
        waiting = await _round(work, waiting, batch, now, alongside)
    await alongside.finish()
    return batch


def _take_up(
    work: Pass, items: Sequence[tuple[str, Record | None]], batch: Batch, *, force: bool
) -> list[Candidate]:
    setup = work.setup
    name, side = setup.run.mapping.name, setup.source.side
    keys = [key for key, _ in items]
    couplings = setup.run.store.couplings_by_key(name, side, keys)
    batch.coupled_seen = len(couplings)
    fresh = [
        (key, record, couplings.get(key))
        for key, record in items
        if force or not _untouched(record, couplings.get(key), side)
    ]
    batch.counters.unchanged += len(items) - len(fresh)
    errors = setup.run.store.errors_of(name, setup.direction, [key for key, _, _ in fresh])
    return [_candidate(setup, key, record, coupling, errors.get(key)) for key, record, coupling in fresh]


def _untouched(record: Record | None, coupling: Coupling | None, side: Side) -> bool:
    return record is not None and coupling is not None and known_digest(coupling, side) == record.digest


def _candidate(
    setup: PassSetup, key: str, record: Record | None, coupling: Coupling | None, error: SynchError | None
) -> Candidate:
    link = Link.UNCOUPLED if coupling is None else Link.COUPLED
    changed = error is None or record is None or error.source_digest != record.digest
    waits = error is not None and error.skipped and error.error.code is not ErrorCode.REFERENCE_CLEARED
    if waits and not changed and not setup.run.retry_skipped:
        link = Link.SKIPPED
    return Candidate(
        key=key,
        record=record,
        coupling=coupling,
        link=link,
        partner_key=None if coupling is None else partner_key_of(coupling, setup.destination.side),
    )


async def _round(
    work: Pass, candidates: Sequence[Candidate], batch: Batch, now: datetime, alongside: Alongside
) -> list[Candidate]:
    """Decide and apply once; return the candidates that must be observed and decided again."""
    setup = work.setup
    writes: list[tuple[Candidate, Write]] = []
    for each in candidates:
        each.rounds += 1
        each.action = _action(setup, each)
        write = write_of(setup, each)
        if setup.run.dry_run:
            batch.planned += _planned(each, write)
            _count(each, batch)
        elif write is None:
            _settle(work, each, batch, now, None)
        else:
            writes.append((each, write))
    written = await send(setup, writes, work.job.id, alongside)
    again = _take_results(work, writes, written, batch, now)
    if not setup.to_crm:
        await name_partners(setup, _partnered(writes, written))
    return await _observe_again(work, again, batch, now)


def _go_on_with_new_record(each: Candidate, batch: Batch) -> None:
    """Note the coupling of a record that was just created; its deferred fields are still to be written."""
    each.opening = not each.created
    each.created, each.deferred, each.rounds = True, False, 0
    each.coupling = batch.couplings[-1]
    each.link = Link.COUPLED


def _partnered(writes: Sequence[tuple[Candidate, Write]], written: Written) -> list[tuple[Candidate, str]]:
    """Return the CRM records that have just got an ERP partner, with its key."""
    return [
        (each, result.key)
        for (each, _), result in zip(writes, written.results, strict=True)
        if result.outcome is Outcome.DONE and isinstance(each.action, Insert | Couple)
    ]


def _action(setup: PassSetup, each: Candidate) -> SynchAction:
    action = decide(setup.policy, each.observed())
    if each.error is not None and isinstance(
        action, Insert | Couple | Modify | Agree | Restore | IgnoreUnchanged
    ):
        return Fail(code=each.error.code)
    return action


def _take_results(
    work: Pass,
    writes: Sequence[tuple[Candidate, Write]],
    written: Written,
    batch: Batch,
    now: datetime,
) -> list[Candidate]:
    again: list[Candidate] = []
    for (each, write), result, intent in zip(writes, written.results, written.intents, strict=True):
        match result.outcome:
            case Outcome.DONE:
                batch.finished.append(intent)
                _journal(work, each, write, batch)
                _settle(work, each, batch, now, result)
                if each.opening or (each.deferred and isinstance(each.action, Insert | Restore)):
                    _go_on_with_new_record(each, batch)
                    again.append(each)
            case Outcome.EXISTS | Outcome.STALE | Outcome.GONE:
                batch.finished.append(intent)
                again.append(each)
            case Outcome.REJECTED:
                batch.finished.append(intent)
                each.error = named_refusal(work.setup, each, result.error)
                _fail(work, each, batch, now, ErrorCode.REJECTED_BY_SERVICE)
            case Outcome.RETRY_LATER:
                batch.finished.append(intent)
                _fail(work, each, batch, now, ErrorCode.SERVICE_UNAVAILABLE)
            case Outcome.UNKNOWN:
                batch.unknown.append(intent)
                _fail(work, each, batch, now, ErrorCode.OUTCOME_UNKNOWN)
    return again


async def _observe_again(
    work: Pass, candidates: Sequence[Candidate], batch: Batch, now: datetime
) -> list[Candidate]:
    """Read both records of a refused write anew, and compare anew."""
    if not candidates:
        return []
    setup = work.setup
    sources = await ReadKeys(view=setup.source, keys=tuple(each.key for each in candidates))
    partners = await ReadKeys(
        view=setup.destination, keys=tuple(str(each.partner_key) for each in candidates)
    )
    taken = setup.run.store.partner_keys(
        setup.run.mapping.name, setup.destination.side, [str(each.partner_key) for each in candidates]
    )
    waiting: list[Candidate] = []
    for each, record, partner in zip(candidates, sources, partners, strict=True):
        if each.rounds >= _ROUNDS_MAX:
            _fail(work, each, batch, now, ErrorCode.CHANGED_MEANWHILE)
            continue
        each.record, each.partner, each.partner_was_read, each.merge = record, partner, True, None
        each.values = None if record is None else record.values()
        each.source = Presence.ABSENT if record is None else Presence.PRESENT
        if each.coupling is None and partner is not None:
            # A record under the key that we chose is our own earlier attempt, unless it is someone's partner.
            owner = taken.get(partner.key)
            each.link = Link.MATCHED if owner is None or owner == each.key else Link.MATCH_TAKEN
        waiting.append(each)
    readable = [each for each in waiting if each.values is not None]
    await work.references.prepare(each.values or () for each in readable)
    for each in readable:
        compare(setup, work.references, each)
    return waiting


def _settle(work: Pass, each: Candidate, batch: Batch, now: datetime, result: WriteResult | None) -> None:
    """Remember how a candidate ended that needed no write, or whose write took effect."""
    match each.action:
        case Insert() | Restore():
            assert result is not None
            batch.couplings.append(_coupling(work.setup, each, result.key, result.tag, None))
        case Couple() | Modify():
            assert each.partner is not None
            tag = each.partner.tag if result is None else result.tag
            digest = None if result is not None else _partner_digest(work.setup, each)
            batch.couplings.append(_coupling(work.setup, each, each.partner.key, tag, digest))
        case Agree() | IgnoreUnchanged():
            _settle_unwritten(work.setup, each, batch)
        case RemoveCoupling():
            assert each.coupling is not None
            batch.removed.append(each.coupling)
        case Fail() as failure:
            _fail(work, each, batch, now, failure.code)
            return
        case _:
            pass
    _count(each, batch)
    if each.pending and not isinstance(each.action, Skip | RemoveCoupling):
        _note_pending(work, each, batch, now)
    elif each.action not in {Skip(reason=SkipReason.SKIPPED), Skip(reason=SkipReason.NOT_COUPLED)}:
        batch.cleared.append(each.key)


def _settle_unwritten(setup: PassSetup, each: Candidate, batch: Batch) -> None:
    """Store tags and digests of what was read, so that the next run need not look again."""
    assert each.partner is not None
    assert each.merge is not None
    each.agreed = each.merge.agreed
    digest = _partner_digest(setup, each)
    batch.couplings.append(_coupling(setup, each, each.partner.key, each.partner.tag, digest))


def _partner_digest(setup: PassSetup, each: Candidate) -> bytes | None:
    """Return the partner's digest to remember: not the new one while the opposite pass has work with it."""
    assert each.partner is not None
    if each.merge is not None and (each.merge.left or each.merge.conflicting):
        return None if each.coupling is None else known_digest(each.coupling, setup.destination.side)
    return each.partner.digest


def _coupling(
    setup: PassSetup, each: Candidate, partner_key: str, partner_tag: str | None, partner_digest: bytes | None
) -> Coupling:
    assert each.record is not None
    agreed = AgreedValues(layout=setup.plan.layout, pairs=tuple(each.agreed))
    own = (each.key, each.record.tag, each.record.digest)
    other = (partner_key, partner_tag, partner_digest)
    erp, crm = (own, other) if setup.to_crm else (other, own)
    return Coupling(
        mapping=setup.run.mapping.name,
        erp_key=ErpKey(erp[0]),
        crm_key=CrmKey(crm[0]),
        agreed=agreed,
        erp_tag=erp[1],
        crm_tag=crm[1],
        erp_digest=erp[2],
        crm_digest=crm[2],
    )


def _note_pending(work: Pass, each: Candidate, batch: Batch, now: datetime) -> None:
    """List the record as waiting: it went through, but is taken up again once its reference is coupled."""
    first = each.pending[0]
    error = RecordError(
        code=ErrorCode.REFERENCE_CLEARED,
        waits_for=first,
        message=f"{record_name(work.setup, each)} is synchronized, but its reference to {first.key!r} "
        f"({first.mapping}) stays blank until that record is coupled; then it is filled in by itself.",
    )
    batch.errors.append(_listed(work, each, error, now))


def _listed(work: Pass, each: Candidate, error: RecordError, now: datetime) -> SynchError:
    return SynchError(
        mapping=work.setup.run.mapping.name,
        direction=work.setup.direction,
        source_key=each.key,
        error=error,
        job_id=work.job.id,
        at=now,
        skipped=error.code is ErrorCode.REFERENCE_CLEARED,
        source_digest=None if each.record is None else each.record.digest,
    )


def _fail(work: Pass, each: Candidate, batch: Batch, now: datetime, code: ErrorCode) -> None:
    error = each.error if each.error is not None else failure_of(work.setup, each, code)
    batch.errors.append(_listed(work, each, error, now))
    if not each.created:
        batch.counters.failed += 1


def _count(each: Candidate, batch: Batch) -> None:
    counters = batch.counters
    if each.created:
        return
    match each.action:
        case Insert() | Restore():
            counters.inserted += 1
        case Couple():
            counters.coupled += 1
        case Modify():
            counters.modified += 1
        case Agree() | IgnoreUnchanged():
            counters.unchanged += 1
        case RemoveCoupling():
            counters.uncoupled += 1
        case Skip(reason=SkipReason.OUT_OF_SCOPE | SkipReason.NOTHING_THERE):
            pass
        case Skip():
            counters.skipped += 1
        case _:
            counters.failed += 1


def _journal(work: Pass, each: Candidate, write: Write, batch: Batch) -> None:
    before: dict[str, Value] | None = None
    if each.partner is not None:
        held = dict(zip(work.setup.destination.fields, each.partner.values(), strict=True))
        before = {name: held.get(name) for name in write.values}
    lost = {} if each.merge is None else {k: v for k, v in each.merge.lost.items() if k in write.values}
    batch.journal.append(
        JournalEntry(
            mapping=work.setup.run.mapping.name,
            side=work.setup.destination.side,
            key=write.key,
            action=type(each.action).__name__.lower(),
            job_id=work.job.id,
            before=before,
            after=dict(write.values),
            lost=lost,
        )
    )


def _planned(each: Candidate, write: Write | None) -> list[PlannedAction]:
    if write is None and not isinstance(each.action, Fail | RemoveCoupling):
        return []
    message = "" if each.error is None else each.error.message
    return [
        PlannedAction(
            key=each.key,
            action=type(each.action).__name__.lower(),
            partner_key=each.partner_key,
            before={},
            after={} if write is None else write.values,
            message=message,
        )
    ]
