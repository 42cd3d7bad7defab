"""Carries decisions out: announces every write, sends it with its precondition, and says how it ended.

1. Intents are stored with their bodies before the first byte leaves, so a restart knows what may have happened.
2. Every create names its key and every update the version it was decided on; both may therefore be repeated
   after a lost answer: a second effect is impossible. Where the service chooses the key, a create is repeated only
   after a refusal; otherwise it is looked for by its mark first.
3. A create whose outcome is not known is sent again byte for byte, whatever its source holds by now.
4. An answer that tells of a newer state (exists, stale, gone) is no failure: the record is observed again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from interlace.domain.coupling import AgreedValues
from interlace.domain.side import Side
from interlace.domain.synch_action import Agree, Couple, Delete, Insert, Modify, Restore
from interlace.domain.values import Value
from interlace.engine.candidate import Candidate
from interlace.engine.markers import Markers
from interlace.engine.memory import Intent, JournalEntry, SentStamp
from interlace.engine.ports import (
    Attempt,
    Call,
    DeleteRecords,
    Deletion,
    ElapsedTime,
    Outcome,
    Pause,
    Precondition,
    ReadKeys,
    Record,
    RequireThawed,
    Together,
    Write,
    WriteRecords,
    WriteResult,
)
from interlace.engine.run_setup import PassSetup
from interlace.engine.service import ServiceFailure

_REPEATS_MAX = 3
_REPEAT_PAUSE_SECONDS = 0.5


@dataclass(slots=True, kw_only=True)
class Alongside:
    """A call that may run while a batch is being written, such as the reading of the next page."""

    call: Call | None
    read_at: float = 0.0
    """When the batch's own records were asked for."""
    asked_at: float = 0.0
    """When the call was made."""
    result: object = None
    """What the call gave, or the failure that it ended in."""
    done: bool = False

    async def finish(self) -> None:
        """Make the call now if no write gave the occasion; raises its failure."""
        if self.call is not None and not self.done:
            self.asked_at = await ElapsedTime()
            self.result = await self.call
            self.done = True
        if isinstance(self.result, ServiceFailure):
            raise self.result


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A candidate's write or deletion, and how the journal is to tell of it."""

    each: Candidate
    request: Write | Deletion
    entry: JournalEntry


@dataclass(slots=True, kw_only=True)
class Written:
    """A batch's requests with their results, in the order planned."""

    results: list[WriteResult] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    doubted: set[int] = field(default_factory=set)
    """Places of the requests of which an answer was lost before the last one came."""


def request_of(setup: PassSetup, each: Candidate, *, inserts_with_key: bool) -> Write | Deletion | None:
    """Make the request that a candidate's action asks for; None when there is nothing to write."""
    each.sent_again = False
    match each.action:
        case Insert() | Restore():
            return _creation_of(setup, each, inserts_with_key=inserts_with_key)
        case Couple() | Modify() | Agree():
            return _change_of(setup, each)
        case Delete():
            assert each.partner is not None
            return Deletion(key=each.partner.key, tag=each.partner.tag)
        case _:
            return None


def _creation_of(setup: PassSetup, each: Candidate, *, inserts_with_key: bool) -> Write:
    earlier = next((it for it in each.announced if it.creates and it.entry and it.agreed), None)
    each.sent_again = earlier is not None
    if earlier is not None:
        assert earlier.entry is not None
        assert earlier.agreed is not None
        each.agreed, each.partner_key = earlier.agreed.pairs, earlier.key
        # Fields that wait for the record's existence are not part of the body: they are written afterwards.
        precondition = Precondition.MARKED if earlier.marked else Precondition.ABSENT
        return Write(key=earlier.key, precondition=precondition, values=dict(earlier.entry.after))
    values = dict(each.created_values)
    if setup.takes_key:
        chosen = str(values[setup.run.mapping.erp_key_field])
    else:
        chosen = setup.run.chosen_key(setup.destination.side, each.key)
    if setup.to_crm:
        values |= setup.run.partner_values(each.key)
    if not inserts_with_key:
        return Write(key=chosen, precondition=Precondition.MARKED, values=values)
    key = each.partner_key if isinstance(each.action, Restore) and each.partner_key else chosen
    each.partner_key = key
    return Write(key=key, precondition=Precondition.ABSENT, values=values)


def _change_of(setup: PassSetup, each: Candidate) -> Write | None:
    assert each.merge is not None
    assert each.partner is not None
    values: dict[str, Value] = dict(each.merge.write)
    each.agreed = each.merge.agreed
    if each.is_new_pair and setup.to_crm:
        values |= setup.run.partner_values(each.key)
    if not values:
        return None
    return Write(
        key=each.partner.key, precondition=Precondition.UNCHANGED, values=values, tag=each.partner.tag
    )


async def send(
    setup: PassSetup,
    planned: Sequence[Planned],
    job_id: str,
    markers: Markers,
    alongside: Alongside,
    *,
    good_until: float,
) -> Written | None:
    """Announce and send requests; what stays unknown after some repeats is returned as unknown.

    Nothing is sent, nor repeated, after the moment `good_until`: then the observation that it rests on is too old.
    None: that moment had passed before anything was announced. Raises WentBack, before anything is announced,
    when a service or our memory was restored meanwhile, and ErpFrozen in a freeze window.
    """
    written = Written()
    if not planned:
        return written
    await RequireThawed(side=setup.destination.side)
    if all(it.each.was_refused for it in planned):
        # To be refused again changes nothing on either side; should one go through, the step's end tells.
        await markers.check()
    else:
        await markers.before_writing()
    sent = SentStamp(process=setup.run.process, elapsed=await ElapsedTime())
    if sent.elapsed > good_until:
        return None
    written.intents = [_intent(setup, it, job_id, sent) for it in planned]
    setup.run.store.announce(written.intents)
    writes = [place for place, it in enumerate(planned) if isinstance(it.request, Write)]
    deletions = [place for place, it in enumerate(planned) if isinstance(it.request, Deletion)]
    results: dict[int, WriteResult] = {}
    for places in (writes, deletions):
        if places:
            requests = [planned[place].request for place in places]
            # Deletions wait for the answer to the writes, which may take long: then they are decided on anew.
            in_time = places is writes or await ElapsedTime() <= good_until
            answers = await _ask(setup, requests, alongside) if in_time else _unsent(requests)
            results.update(zip(places, answers, strict=True))
    written.results = [results[place] for place in range(len(planned))]
    await _repeat(setup, [it.request for it in planned], written, good_until)
    return written


def _intent(setup: PassSetup, planned: Planned, job_id: str, sent: SentStamp) -> Intent:
    request = planned.request
    creates = isinstance(request, Write) and request.precondition is not Precondition.UNCHANGED
    agreed = None
    if isinstance(request, Write):
        agreed = AgreedValues(layout=setup.plan.layout, pairs=tuple(planned.each.agreed))
    return Intent(
        mapping=setup.run.mapping.name,
        side=setup.destination.side,
        source_key=planned.each.key,
        key=request.key,
        creates=creates,
        job_id=job_id,
        entry=planned.entry,
        agreed=agreed,
        attempt=_attempt(planned.each, request.key),
        marked=isinstance(request, Write) and request.precondition is Precondition.MARKED,
        sent=sent,
    )


def _attempt(each: Candidate, key: str) -> int:
    """Return the number of a request among those of its record that are open; bytes sent again keep theirs."""
    earlier = [it.attempt for it in each.announced if it.key == key]
    if each.sent_again:
        return next(it.attempt for it in each.announced if it.creates)
    return max(earlier, default=-1) + 1


async def _ask(
    setup: PassSetup, requests: Sequence[Write | Deletion], alongside: Alongside
) -> list[WriteResult]:
    call: Call
    if isinstance(requests[0], Write):
        call = WriteRecords(
            view=setup.destination, writes=tuple(it for it in requests if isinstance(it, Write))
        )
    else:
        deletions = tuple(it for it in requests if isinstance(it, Deletion))
        call = DeleteRecords(view=setup.destination, deletions=deletions)
    results: list[WriteResult]
    if alongside.call is not None and not alongside.done:
        alongside.asked_at = await ElapsedTime()
        results, alongside.result = await Together(calls=(call, Attempt(alongside.call)))
        alongside.done = True
    else:
        results = await call
    return results


def _unsent(requests: Sequence[Write | Deletion]) -> list[WriteResult]:
    """Answer for requests that rest on too old an observation, as a service does that holds a newer state."""
    return [WriteResult(outcome=Outcome.STALE, key=request.key) for request in requests]


async def _repeat(
    setup: PassSetup, requests: Sequence[Write | Deletion], written: Written, good_until: float
) -> None:
    """Send requests again, byte for byte, whose answer was lost or that were put off."""
    for repeat in range(_REPEATS_MAX):
        again = [
            place
            for place, result in enumerate(written.results)
            if result.outcome is Outcome.RETRY_LATER
            or (result.outcome is Outcome.UNKNOWN and not written.intents[place].marked)
        ]
        if not again:
            return
        written.doubted.update(place for place in again if written.results[place].outcome is Outcome.UNKNOWN)
        await Pause(seconds=_REPEAT_PAUSE_SECONDS * 2**repeat)
        for kind in (Write, Deletion):
            places = [place for place in again if isinstance(requests[place], kind)]
            if places:
                now: float = await ElapsedTime()
                if now > good_until:
                    return
                if _is_halted(setup):
                    return  # another worker has taken the mapping over meanwhile, and stopped it
                _stamp_anew(setup, written, places, now)
                answers = await _ask(setup, [requests[place] for place in places], Alongside(call=None))
                for place, result in zip(places, answers, strict=True):
                    written.results[place] = result


def _stamp_anew(setup: PassSetup, written: Written, places: Sequence[int], now: float) -> None:
    """Store that requests are sent again now: from now on they may take effect for another life of a request."""
    sent = SentStamp(process=setup.run.process, elapsed=now)
    for place in places:
        written.intents[place] = replace(written.intents[place], sent=sent)
    setup.run.store.announce([written.intents[place] for place in places])


def _is_halted(setup: PassSetup) -> bool:
    halt = setup.run.store.halt(setup.run.mapping.name)
    return halt is not None and halt.released_by is None


async def name_partners(setup: PassSetup, paired: Sequence[tuple[Candidate, str]]) -> set[str]:
    """Write the ERP keys of records that get an ERP partner into their CRM records; give those that can't be now.

    The columns are ours alone, so a record that was edited meanwhile gets them all the same. It is done before the
    pair is remembered: what a lost process leaves unnamed is named when the pair is adopted.
    """
    assert setup.source.side is Side.CRM
    writes = [
        Write(key=each.key, precondition=Precondition.UNCHANGED, values=values, tag=each.record.tag)
        for each, erp_key in paired
        if each.record is not None and (values := setup.run.partner_values(erp_key))
    ]
    for repeat in range(_REPEATS_MAX):
        if not writes or _is_halted(setup):
            break
        if repeat:
            await Pause(seconds=_REPEAT_PAUSE_SECONDS * 2**repeat)
        try:
            writes = await _left_unnamed(setup, writes)
        except ServiceFailure:
            break  # whatever is asked of this service next tells of it
    return {write.key for write in writes}


async def _left_unnamed(setup: PassSetup, writes: Sequence[Write]) -> list[Write]:
    """Send the writes once; return those that were not taken, made anew from the records as they are now."""
    results: list[WriteResult] = await WriteRecords(view=setup.source, writes=tuple(writes))
    stale = [
        write
        for write, result in zip(writes, results, strict=True)
        if result.outcome in {Outcome.STALE, Outcome.UNKNOWN, Outcome.RETRY_LATER}
    ]
    if not stale:
        return []
    records: list[Record | None] = await ReadKeys(view=setup.source, keys=tuple(write.key for write in stale))
    return [
        replace(write, tag=record.tag)
        for write, record in zip(stale, records, strict=True)
        if record is not None
    ]
