"""Takes one batch of records through a pass: observe, decide, apply, remember."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from interlace.domain.coupling import Coupling
from interlace.domain.decision import decide
from interlace.domain.errors import ErrorCode
from interlace.domain.observation import Link, Presence
from interlace.domain.synch_action import (
    Agree,
    Couple,
    Fail,
    IgnoreUnchanged,
    Insert,
    Modify,
    Restore,
    SynchAction,
)
from interlace.engine.apply import Alongside, Written, name_partners, send, write_of
from interlace.engine.candidate import Candidate
from interlace.engine.explain_failure import of_record
from interlace.engine.observe import compare, known_digest, link_found, observe, partner_key_of, take_values
from interlace.engine.ports import (
    CurrentTime,
    Outcome,
    ReadKeys,
    Record,
    Side,
    SynchError,
    Write,
)
from interlace.engine.remember import Batch, Pass, count, fail, journal_write, planned_of, settle
from interlace.engine.run_setup import PassSetup

_ROUNDS_MAX = 3
_FAILED_CREATES = frozenset(ErrorCode) - {
    ErrorCode.MATCH_AMBIGUOUS,
    ErrorCode.MATCH_ALREADY_COUPLED,
    ErrorCode.PARTNER_DELETED,
}
"""What an uncoupled record stands on the error list for when a run was told to create its partner."""


async def synch_batch(
    work: Pass,
    items: Sequence[tuple[str, Record | None]],
    *,
    force: bool,
    alongside: Alongside,
    announced: Mapping[str, str] | None = None,
) -> Batch:
    """Take records (key, record or None when a direct read found nothing) through the pass.

    `force` takes up records that are untouched or that failed in this pass already, too. `announced` names the
    partners whose create was announced, by source key: one that is there already is adopted.
    """
    batch = Batch()
    candidates = _take_up(work, items, batch, force=force)
    for each in candidates:
        if announced and each.coupling is None:
            each.partner_key = announced.get(each.key)
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
    couplings = setup.run.couplings_by_key(side, keys)
    fresh = [
        (key, record, couplings.get(key))
        for key, record in items
        if force or not _untouched(record, couplings.get(key), side)
    ]
    batch.counters.unchanged += len(items) - len(fresh)
    errors = setup.run.store.errors_of(name, setup.direction, [key for key, _, _ in fresh])
    return [
        _candidate(setup, key, record, coupling, errors.get(key))
        for key, record, coupling in fresh
        if force or not _failed_just_now(work, record, errors.get(key))
    ]


def _failed_just_now(work: Pass, record: Record | None, error: SynchError | None) -> bool:
    """Tell whether this pass has listed and counted the record already, as it still is."""
    if error is None or record is None or error.error.code is ErrorCode.REFERENCE_CLEARED:
        return False
    return error.job_id == work.job.id and error.source_digest == record.digest


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
        is_wanted=coupling is None and error is not None and error.error.code in _FAILED_CREATES,
    )


async def _round(
    work: Pass, candidates: Sequence[Candidate], batch: Batch, now: datetime, alongside: Alongside
) -> list[Candidate]:
    """Decide and apply once; return the candidates that must be observed and decided again."""
    setup = work.setup
    writes: list[tuple[Candidate, Write]] = []
    new_pairs = [each for each in candidates if each.is_new_pair]
    for each in candidates:
        each.rounds += 1
        each.action = _action(setup, each)
        write = write_of(setup, each)
        if write is None and isinstance(each.action, Modify):
            # Every change is in conflict, and the destination's values win: the opposite pass carries them.
            each.action = IgnoreUnchanged()
        instead = None if setup.run.gate is None else setup.run.gate.instead(setup, each, write)
        if instead is not None:
            each.action, write = instead, None
        if setup.run.dry_run:
            batch.planned += planned_of(setup, each, write)
            count(each, batch)
        elif write is None:
            settle(work, each, batch, now, None)
        else:
            writes.append((each, write))
    written = await send(setup, writes, work.job.id, alongside)
    again = _take_results(work, writes, written, batch, now)
    if not (setup.to_crm or setup.run.dry_run):
        await name_partners(setup, _partnered(new_pairs, writes, written))
    return await _observe_again(work, again, batch, now)


def _go_on_with_new_record(each: Candidate, batch: Batch) -> None:
    """Note the coupling of a record that was just created; its deferred fields are still to be written."""
    each.opening = not each.created
    each.created, each.deferred, each.rounds = True, False, 0
    each.coupling = batch.couplings[-1]
    each.link = Link.COUPLED


def _partnered(
    new_pairs: Sequence[Candidate], writes: Sequence[tuple[Candidate, Write]], written: Written
) -> list[tuple[Candidate, str]]:
    """Return the CRM records that have just got an ERP partner, with its key."""
    results = {each.key: result for (each, _), result in zip(writes, written.results, strict=True)}
    partnered = []
    for each in new_pairs:
        result = results.get(each.key)
        if result is not None:
            if result.outcome is Outcome.DONE:
                partnered.append((each, result.key))
        elif each.partner is not None and isinstance(each.action, Couple | Agree | IgnoreUnchanged):
            partnered.append((each, each.partner.key))
    return partnered


def _action(setup: PassSetup, each: Candidate) -> SynchAction:
    policy = replace(setup.policy, may_create=True) if each.is_wanted else setup.policy
    action = decide(policy, each.observed())
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
                journal_write(work, each, write, batch)
                settle(work, each, batch, now, result)
                if each.opening or (each.deferred and isinstance(each.action, Insert | Restore)):
                    _go_on_with_new_record(each, batch)
                    again.append(each)
            case Outcome.EXISTS | Outcome.STALE | Outcome.GONE:
                batch.finished.append(intent)
                again.append(each)
            case Outcome.REJECTED:
                batch.finished.append(intent)
                if result.error is not None:
                    each.error = of_record(work.setup, each, result.error)
                fail(work, each, batch, now, ErrorCode.REJECTED_BY_SERVICE)
            case Outcome.RETRY_LATER:
                batch.finished.append(intent)
                fail(work, each, batch, now, ErrorCode.SERVICE_UNAVAILABLE)
            case Outcome.UNKNOWN:
                batch.unknown.append(intent)
                fail(work, each, batch, now, ErrorCode.OUTCOME_UNKNOWN)
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
    waiting: list[Candidate] = []
    for each, record, partner in zip(candidates, sources, partners, strict=True):
        if each.rounds >= _ROUNDS_MAX:
            fail(work, each, batch, now, ErrorCode.CHANGED_MEANWHILE)
            continue
        each.record, each.partner, each.partner_was_read, each.merge = record, partner, True, None
        take_values(setup, each)
        waiting.append(each)
    link_found(setup, waiting)
    readable = [each for each in waiting if each.source is Presence.PRESENT]
    await work.references.prepare(each.values or () for each in readable)
    for each in readable:
        compare(setup, work.references, each)
    return waiting
