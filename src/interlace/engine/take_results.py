"""Takes over how the requests of a batch ended: what is done, what stays open, what is decided anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from interlace.domain.errors import ErrorCode
from interlace.domain.observation import Link
from interlace.domain.synch_action import Delete, Insert, Restore
from interlace.engine.announced import entry_of_landed, entry_of_lost_sight, may_still_land
from interlace.engine.apply import Planned, Written
from interlace.engine.candidate import Candidate
from interlace.engine.explain_failure import of_record
from interlace.engine.memory import Intent, JournalEntry
from interlace.engine.observe import partner_key_of
from interlace.engine.ports import Outcome, Write, WriteResult
from interlace.engine.remember import Batch, fail, settle
from interlace.engine.run_setup import PassSetup
from interlace.engine.synch_pass import Pass

_INSERT = Insert.__name__.lower()


def take_results(
    work: Pass, planned: Sequence[Planned], written: Written, batch: Batch, now: datetime
) -> list[Candidate]:
    """Take over how each request ended; return the candidates that must be observed and decided again."""
    again: list[Candidate] = []
    for place, (it, result, intent) in enumerate(zip(planned, written.results, written.intents, strict=True)):
        each, was_lost = it.each, place in written.doubted
        match result.outcome:
            case Outcome.DONE:
                _take_done(work, it, result, intent, batch, now)
                is_create = isinstance(each.action, Insert | Restore)
                opens = each.opening and not isinstance(each.action, Delete)
                if opens or (is_create and (each.deferred or each.sent_again)):
                    _go_on_with_new_record(each, batch)
                    again.append(each)
            case Outcome.GONE if isinstance(each.action, Delete):
                # Whoever deleted it: if an answer of ours was lost before, it may have been us.
                gone = replace(it, entry=replace(it.entry, certain=False))
                _take_done(work, gone, result, intent, batch, now)
            case Outcome.EXISTS | Outcome.STALE | Outcome.GONE:
                if was_lost or each.sent_again:
                    # An answer was lost before: it may be our own write that this one met. However the record
                    # ends, this batch and the rest of the run must know of it until it is settled.
                    work.take_open([intent])
                    each.announced = work.announced_for(each.key)
                else:
                    batch.finished.append(intent)
                    # Something on the way may have delivered it twice: then this is the answer to the second one.
                    is_write = result.outcome is not Outcome.GONE and isinstance(it.request, Write)
                    each.refused = intent if is_write else None
                if isinstance(each.action, Restore) and each.coupling is not None:
                    # A late request of ours may have brought the record back as it was once.
                    doubtful = each.coupling.doubtful | {work.setup.destination.side}
                    each.coupling = replace(each.coupling, doubtful=doubtful)
                again.append(each)
            case Outcome.UNKNOWN:
                _leave_open(work, intent, batch)
                fail(work, each, batch, now, ErrorCode.OUTCOME_UNKNOWN)
            case Outcome.REJECTED | Outcome.RETRY_LATER:
                closed = _take_refusal(work, it, intent, batch, was_lost=was_lost)
                if closed and each.sent_again and result.outcome is Outcome.REJECTED:
                    # What was refused were an earlier run's bytes; the record may hold something better by now.
                    each.announced, each.partner_key = [], _partner_key_without(work.setup, each, intent)
                    again.append(each)
                else:
                    _list_refusal(work, each, result, batch, now)
    return again


def _partner_key_without(setup: PassSetup, each: Candidate, refused: Intent) -> str | None:
    """Return the key under which the partner is to be looked for, once a create was refused for good."""
    if each.coupling is not None:
        return partner_key_of(each.coupling, setup.destination.side)
    return None if refused.marked else refused.key


def _take_refusal(work: Pass, it: Planned, intent: Intent, batch: Batch, *, was_lost: bool) -> bool:
    """Close a write that was refused, unless an earlier delivery of it may still take effect; tell whether it was."""
    each = it.each
    if was_lost:
        _leave_open(work, intent, batch)
        return False
    if not each.sent_again:
        batch.finished.append(intent)
    else:
        # This delivery has ended, so the write is as old as the one before: its stamp stays.
        earlier = next(
            one for one in each.announced if (one.key, one.attempt) == (intent.key, intent.attempt)
        )
        if _may_still_land(work, earlier, batch):
            _leave_open(work, earlier, batch)
            return False
    end_announced(work, each, batch)
    return True


def _list_refusal(work: Pass, each: Candidate, result: WriteResult, batch: Batch, now: datetime) -> None:
    if result.outcome is Outcome.RETRY_LATER:
        fail(work, each, batch, now, ErrorCode.SERVICE_UNAVAILABLE)
        return
    if result.error is not None:
        each.error = of_record(work.setup, each, result.error)
    fail(work, each, batch, now, ErrorCode.REJECTED_BY_SERVICE)


def _take_done(
    work: Pass, it: Planned, result: WriteResult, intent: Intent, batch: Batch, now: datetime
) -> None:
    each = it.each
    for earlier in each.announced:
        batch.journal += lost_sight(work.setup, each, earlier)
    batch.finished += each.announced
    each.announced, each.partner_key = [], result.key
    work.open_intents.pop(each.key, None)
    batch.finished.append(intent)
    batch.journal.append(_entry_with_key(it.entry, result.key))
    settle(work, each, batch, now, result)


def _entry_with_key(entry: JournalEntry, key: str) -> JournalEntry:
    """Return the entry under the key that the service chose, where it did."""
    return entry if entry.key == key else replace(entry, key=key)


def _leave_open(work: Pass, intent: Intent, batch: Batch) -> None:
    batch.unknown.append(intent)
    work.take_open([intent])


def _go_on_with_new_record(each: Candidate, batch: Batch) -> None:
    """Note the coupling of a record that was just created; its deferred fields are still to be written."""
    each.opening = not each.created
    each.created, each.deferred, each.rounds, each.is_new_pair = True, False, 0, False
    each.coupling = batch.couplings[-1]
    each.link = Link.COUPLED


def end_announced(work: Pass, each: Candidate, batch: Batch) -> None:
    """Close the announced writes of a record that can't take effect any more; the others stay open."""
    setup = work.setup
    for intent in each.announced:
        if _may_still_land(work, intent, batch) and not (intent.marked and each.marked):
            continue
        batch.finished.append(intent)
        batch.journal += lost_sight(setup, each, intent)
        left = [it for it in work.open_intents.pop(each.key, ()) if it is not intent]
        work.take_open(left)


def tell_unnamed(work: Pass, each: Candidate, batch: Batch) -> None:
    """Journal a create whose pair can't be stored yet: by then a user may have deleted its record again.

    It stays open, but has nothing left to be told. What a record was restored to is still needed by then.
    """
    landed = each.landed
    if landed is None or landed is each.refused or landed.entry is None or landed.entry.action != _INSERT:
        return
    batch.journal += entry_of_landed(work.setup, each, landed)
    _leave_open(work, replace(landed, entry=None), batch)


def _may_still_land(work: Pass, intent: Intent, batch: Batch) -> bool:
    return may_still_land(
        intent,
        process=work.setup.run.process,
        asked=batch.observed_at,
        capabilities=work.capabilities,
    )


def lost_sight(setup: PassSetup, each: Candidate, intent: Intent) -> list[JournalEntry]:
    """Return the entry of an announced write that may have taken effect once, if it has left any trace."""
    if intent.marked and each.marked and intent.entry is not None:
        return [replace(intent.entry, key=each.marked[0], certain=False)]
    made_anew = each.landed is not None and each.landed.creates and each.landed.attempt > intent.attempt
    restored = each.destination_doubtful or made_anew
    return entry_of_lost_sight(setup, intent, each.partner, restored=restored)
