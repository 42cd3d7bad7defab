"""Takes one batch of records through a pass: observe, decide, apply, remember."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from interlace.domain.coupling import Coupling
from interlace.domain.decision import decide
from interlace.domain.error_descriptions import awaits_person
from interlace.domain.errors import ErrorClass, ErrorCode
from interlace.domain.observation import Link
from interlace.domain.side import Side
from interlace.domain.synch_action import (
    Agree,
    Couple,
    Fail,
    IgnoreUnchanged,
    Insert,
    Modify,
    RemoveCoupling,
    Restore,
    SynchAction,
)
from interlace.engine.announced import (
    UNDO,
    entry_of_landed,
    entry_of_refused,
    is_deletion,
    note_landed,
)
from interlace.engine.apply import Alongside, Planned, Written, name_partners, request_of, send
from interlace.engine.candidate import Candidate
from interlace.engine.conflicts import note_conflicts
from interlace.engine.markers import WentBack
from interlace.engine.memory import SynchError
from interlace.engine.observe import (
    compare_all,
    known_digest,
    link_found,
    observe,
    partner_key_of,
    take_values,
)
from interlace.engine.ports import CurrentTime, ElapsedTime, Outcome, ReadKeys, Record
from interlace.engine.remember import Batch, adopt, entry_of, fail, settle
from interlace.engine.service import ServiceFailure
from interlace.engine.synch_pass import Pass
from interlace.engine.take_results import end_announced, lost_sight, take_results, tell_unnamed

_ROUNDS_MAX = 3
_OBSERVATION_LIFE_SECONDS = 30.0
"""No write rests on an older observation: what was read may have been undone by a restored backup since."""
_REFUSED = frozenset({ErrorClass.DATA, ErrorClass.PERMISSION})
_FAILED_CREATES = frozenset(ErrorCode) - {
    ErrorCode.MATCH_AMBIGUOUS,
    ErrorCode.MATCH_ALREADY_COUPLED,
    ErrorCode.PARTNER_DELETED,
}
"""What an uncoupled record stands on the error list for when a run was told to create its partner."""


async def synch_batch(
    work: Pass, items: Sequence[tuple[str, Record | None]], *, force: bool, alongside: Alongside
) -> Batch:
    """Take records (key, record or None when a direct read found nothing) through the pass.

    `force` takes up records that are untouched or that failed in this pass already, too. What an earlier run
    announced for a record and never saw the end of is settled first. What ends the batch before its end, once
    anything was answered, is its `failure`: to be raised when the rest is remembered. Raises ServiceFailure before.
    """
    batch = Batch(observed_at=alongside.read_at)
    candidates = _take_up(work, items, batch, force=force)
    await observe(work, candidates, batch.observed_at)
    now: datetime = await CurrentTime()
    waiting = candidates
    while waiting and batch.failure is None:
        taken, waiting = waiting, []
        try:
            waiting = await _round(work, taken, batch, now, alongside)
        except (ServiceFailure, WentBack) as failure:
            # What was answered must not be forgotten: a record created then deleted by a user would be sent again.
            batch.failure = failure
        _keep_unseen(work, taken, waiting, batch)
    return batch


def _keep_unseen(work: Pass, taken: Iterable[Candidate], waiting: Iterable[Candidate], batch: Batch) -> None:
    """Keep refused writes of records that nobody came to look at again.

    1. A write is delivered twice: the first delivery takes effect, and the answer we get is the second one's refusal.
    2. The look at the record that is to tell this from an edit of someone else fails.
    3. An announcement that was forgotten now would leave the write without an entry for ever.

    An update stays open, and the next run looks. A create doesn't: whatever stands under its key would count as ours.
    """
    looked_at = {id(each) for each in waiting}
    for each in taken:
        refused = each.refused
        if refused is None or id(each) in looked_at:
            continue
        each.refused = None
        if refused.creates:
            if refused.entry is not None:
                batch.journal.append(replace(refused.entry, certain=False))
        else:
            batch.finished = [it for it in batch.finished if it is not refused]
            batch.unknown.append(refused)
            work.take_open([refused])


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
        if force or key in work.open_intents or not _untouched(record, couplings.get(key), side)
    ]
    batch.counters.unchanged += len(items) - len(fresh)
    errors = setup.run.store.errors_of(name, setup.direction, [key for key, _, _ in fresh])
    return [
        _candidate(work, key, record, coupling, errors.get(key))
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
    work: Pass, key: str, record: Record | None, coupling: Coupling | None, error: SynchError | None
) -> Candidate:
    setup = work.setup
    link = Link.UNCOUPLED if coupling is None else Link.COUPLED
    held = error is not None and awaits_person(error.error.code)
    digest = None if record is None else record.digest
    changed = error is None or (record is None and not held) or error.source_digest != digest
    waits = error is not None and error.skipped and error.error.code is not ErrorCode.REFERENCE_CLEARED
    announced = work.announced_for(key)
    # What a person took back is not done again by a run of everything either: that takes their word.
    if waits and not changed and not announced and (held or not setup.run.retry_skipped):
        link = Link.SKIPPED
    partner_key = None if coupling is None else partner_key_of(coupling, setup.destination.side)
    if coupling is None:
        named = sorted((it for it in announced if not it.marked), key=lambda it: not it.creates)
        partner_key = named[0].key if named else None
    return Candidate(
        key=key,
        record=record,
        coupling=coupling,
        link=link,
        partner_key=partner_key,
        announced=announced,
        is_new_pair=coupling is None or coupling.agreed is None,
        was_refused=error is not None and not changed and error.error.error_class in _REFUSED,
        is_wanted=coupling is None and error is not None and error.error.code in _FAILED_CREATES,
    )


async def _round(
    work: Pass, candidates: Sequence[Candidate], batch: Batch, now: datetime, alongside: Alongside
) -> list[Candidate]:
    """Decide and apply once; return the candidates that must be observed and decided again."""
    setup = work.setup
    planned: list[Planned] = []
    unwritten: list[Candidate] = []
    settled = Batch()
    if any(each.landed is not None for each in candidates):
        # What a restored backup took away, or holds by its age, must not count as our write's doing.
        await work.markers.check()
    candidates, named = await _name_adopted(work, candidates, batch, now)
    new_pairs = {each.key for each in candidates if each.is_new_pair} - named
    for each in candidates:
        each.rounds += 1
        _settle_announced(work, each, settled)
        each.action = _action(work, each)
        request = request_of(setup, each, inserts_with_key=work.capabilities.insert_with_key)
        if request is None and isinstance(each.action, Modify):
            # Every change is in conflict, and the destination's values win: the opposite pass carries them.
            each.action = IgnoreUnchanged()
        instead = None if setup.run.gate is None else setup.run.gate.instead(setup, each, request)
        if instead is not None:
            each.action, request = instead, None
        if request is None:
            unwritten.append(each)
        else:
            planned.append(Planned(each=each, request=request, entry=entry_of(work, each, request)))
    # Before anything is waited for: what writes of ours were just seen to have done must not be forgotten.
    _take_settled(work, settled, batch, at_once=bool(planned))
    paired = _paired_unwritten(each for each in unwritten if each.key in new_pairs)
    unnamed = set() if setup.to_crm else await _name(work, paired, batch, now)
    await _take_unwritten(work, [each for each in unwritten if each.key not in unnamed], batch, now)
    if planned and batch.finished:
        await _remember_settled(work, batch)
    good_until = batch.observed_at + _OBSERVATION_LIFE_SECONDS
    written = await send(setup, planned, work.job.id, work.markers, alongside, good_until=good_until)
    if written is None:
        return await _observe_again(work, [it.each for it in planned], batch, now)
    again = take_results(work, planned, written, batch, now)
    if not setup.to_crm:
        await name_partners(setup, _paired_written(planned, written, new_pairs))
    return await _observe_again(work, again, batch, now)


async def _take_unwritten(work: Pass, unwritten: Sequence[Candidate], batch: Batch, now: datetime) -> None:
    """Take over the candidates that need no write; raises ServiceFailure or WentBack before any is taken."""
    if any(isinstance(each.action, RemoveCoupling) for each in unwritten):
        # A record that a restored backup took away must not end its pair.
        await work.markers.check()
    await note_conflicts(work, unwritten, now)
    for each in unwritten:
        settle(work, each, batch, now, None)
        end_announced(work, each, batch)


async def _remember_settled(work: Pass, batch: Batch) -> None:
    """Store what earlier writes have done before the next ones are announced; raises WentBack.

    1. A create took effect; this batch couples its record, and has another write for it.
    2. The announcement of that write takes the place of the create's.
    3. A process that died now would leave neither the coupling nor the create's announcement behind.
    """
    await work.markers.before_writing()
    # A pair that is stored is not looked at again: what is listed, or not any more, goes with it.
    waiting = [each for each in batch.errors if each.error.code is ErrorCode.REFERENCE_CLEARED]
    settled = Batch(
        couplings=batch.couplings,
        removed=batch.removed,
        finished=batch.finished,
        journal=batch.journal,
        errors=waiting,
        cleared=batch.cleared,
        settled_pairs=batch.settled_pairs,
    )
    work.setup.run.store.remember(settled.result(work.job, work.setup, None))
    batch.couplings, batch.finished, batch.journal = [], [], []
    batch.errors = [each for each in batch.errors if each.error.code is not ErrorCode.REFERENCE_CLEARED]
    batch.cleared, batch.settled_pairs = [], []


def _take_settled(work: Pass, settled: Batch, batch: Batch, *, at_once: bool) -> None:
    """Store what was settled before the next write of the same record is announced in its place."""
    if at_once and (settled.finished or settled.couplings):
        work.setup.run.store.remember(settled.result(work.job, work.setup, None))
        work.markers.agreed_anything |= bool(settled.journal)
    else:
        batch.journal, batch.finished = settled.journal + batch.journal, settled.finished + batch.finished
        batch.couplings, batch.removed = settled.couplings + batch.couplings, settled.removed + batch.removed
    batch.newly_coupled |= settled.newly_coupled
    batch.counters.add(settled.counters)


def _settle_announced(work: Pass, each: Candidate, batch: Batch) -> None:
    """Take what a write of ours is now seen to have done for done: its entry, its base, its coupling."""
    landed, setup = each.landed, work.setup
    refused, each.refused = each.refused, None
    if refused is not None and refused is not landed:
        batch.journal += entry_of_refused(setup, refused, each.partner)
    if landed is None:
        if each.adopted and each.coupling is None and each.base is not None and each.partner is not None:
            adopt(setup, each, each.base, batch)
        return
    each.taken_back = landed.entry is not None and landed.entry.action == UNDO
    told = entry_of_landed(setup, each, landed)
    # A refusal was its answer: somebody else may have entered the very same values.
    batch.journal += [replace(entry, certain=False) for entry in told] if landed is refused else told
    for earlier in each.announced:
        if earlier is not landed:
            batch.journal += lost_sight(setup, each, earlier)
    batch.finished += [landed, *(it for it in each.announced if it is not landed)]
    work.open_intents.pop(each.key, None)
    each.announced, each.landed = [], None
    if is_deletion(landed):
        _take_deleted(each, batch)
    elif each.partner is not None and each.base is not None and each.link is not Link.MATCH_TAKEN:
        each.adopted_as_created = landed.creates and landed.job_id != work.job.id
        adopt(setup, each, each.base, batch)


def _take_deleted(each: Candidate, batch: Batch) -> None:
    """Forget the pair whose partner we had deleted."""
    if each.coupling is not None:
        batch.removed.append(each.coupling)
        batch.counters.deleted += each.record is None
    each.coupling, each.partner_key, each.partner_was_read = None, None, False
    each.link = Link.UNCOUPLED


async def _name_adopted(
    work: Pass, candidates: Sequence[Candidate], batch: Batch, now: datetime
) -> tuple[Sequence[Candidate], set[str]]:
    """Name the partners of CRM records that an earlier run coupled or created and did not live to remember.

    This comes before they are taken for done: a process that died in between would leave them unnamed for ever.
    Gives the candidates to go on with, and the keys of the named ones.
    """
    if work.setup.to_crm or work.setup.run.gate is not None:
        return candidates, set()
    adopted = [
        (each, each.partner.key)
        for each in candidates
        if each.is_new_pair
        and each.partner is not None
        and each.link is not Link.MATCH_TAKEN
        and (each.adopted or (each.landed is not None and each.landed.creates))
    ]
    unnamed = await _name(work, adopted, batch, now)
    named = {each.key for each, _ in adopted}
    return [each for each in candidates if each.key not in unnamed], named


async def _name(work: Pass, paired: Sequence[tuple[Candidate, str]], batch: Batch, now: datetime) -> set[str]:
    """Name partners in CRM records; what can't be now fails, to be taken up again, and is given back."""
    unnamed = await name_partners(work.setup, paired)
    for each, _ in paired:
        if each.key in unnamed:
            tell_unnamed(work, each, batch)
            fail(work, each, batch, now, ErrorCode.OUTCOME_UNKNOWN)
    return unnamed


def _paired_written(
    planned: Sequence[Planned], written: Written, new_pairs: set[str]
) -> list[tuple[Candidate, str]]:
    """Return the records that have just got a partner by a write to it, with its key."""
    return [
        (it.each, result.key)
        for it, result in zip(planned, written.results, strict=True)
        if it.each.key in new_pairs and result.outcome is Outcome.DONE
    ]


def _paired_unwritten(candidates: Iterable[Candidate]) -> list[tuple[Candidate, str]]:
    """Return the records that get a partner without a write to it, with its key."""
    return [
        (each, each.partner.key)
        for each in candidates
        if each.partner is not None and isinstance(each.action, Couple | Agree | IgnoreUnchanged)
    ]


def _action(work: Pass, each: Candidate) -> SynchAction:
    if each.error is not None and each.error.code is ErrorCode.DEFECT:
        return Fail(code=ErrorCode.DEFECT)  # nothing is known of the pair that a decision could rest on
    policy = replace(work.setup.policy, may_create=True) if each.is_wanted else work.setup.policy
    action = decide(policy, each.observed())
    if each.error is not None and isinstance(
        action, Insert | Couple | Modify | Agree | Restore | IgnoreUnchanged
    ):
        return Fail(code=each.error.code)
    if each.taken_back:
        return Fail(code=ErrorCode.HELD_AFTER_UNDO)
    if isinstance(action, Insert | Restore) and (each.waits or work.creates_held):
        return Fail(code=ErrorCode.CREATE_WAITS)
    return action


async def _observe_again(
    work: Pass, candidates: Sequence[Candidate], batch: Batch, now: datetime
) -> list[Candidate]:
    """Read both records of a refused write anew, and compare anew."""
    if not candidates:
        return []
    setup = work.setup
    batch.observed_at = await ElapsedTime()
    keyed = [each for each in candidates if each.partner_key is not None]
    sources = await ReadKeys(view=setup.source, keys=tuple(each.key for each in candidates))
    partners = await ReadKeys(view=setup.destination, keys=tuple(str(each.partner_key) for each in keyed))
    read = {each.key: partner for each, partner in zip(keyed, partners, strict=True)}
    waiting: list[Candidate] = []
    for each, record in zip(candidates, sources, strict=True):
        if each.rounds >= _ROUNDS_MAX:
            if each.refused is not None:
                batch.journal += entry_of_refused(setup, each.refused, read.get(each.key))
                each.refused = None
            fail(work, each, batch, now, ErrorCode.CHANGED_MEANWHILE)
            continue
        each.record, each.partner, each.partner_was_read = record, read.get(each.key), each.key in read
        take_values(setup, each)
        waiting.append(each)
    note_landed(setup, waiting)
    link_found(setup, waiting)
    await compare_all(work, waiting)
    return waiting
