"""Carries decisions out: announces every write, sends it with its precondition, and says how it ended.

1. Intents are stored before the first byte leaves, so a restart knows what may have happened.
2. Every create names its key and every update the version it was decided on; both may therefore be repeated
   after a lost answer: a second effect is impossible.
3. An answer that tells of a newer state (exists, stale, gone) is no failure: the record is observed again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from interlace.domain.synch_action import Agree, Couple, Insert, Modify, Restore
from interlace.domain.values import Value
from interlace.engine.candidate import Candidate
from interlace.engine.ports import (
    Call,
    Intent,
    Outcome,
    Pause,
    Precondition,
    ReadKeys,
    Record,
    Side,
    Together,
    Write,
    WriteRecords,
    WriteResult,
)
from interlace.engine.run_setup import PassSetup

_REPEATS_MAX = 3
_REPEAT_PAUSE_SECONDS = 0.5


@dataclass(slots=True, kw_only=True)
class Alongside:
    """A call that may run while a batch is being written, such as the reading of the next page."""

    call: Call | None
    result: object = None
    done: bool = False

    async def finish(self) -> None:
        """Make the call now if no write gave the occasion."""
        if self.call is not None and not self.done:
            self.result = await self.call
            self.done = True


@dataclass(slots=True, kw_only=True)
class Written:
    """A batch's writes with their results, in the order of the candidates."""

    results: list[WriteResult] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)


def write_of(setup: PassSetup, each: Candidate) -> Write | None:
    """Make the write that a candidate's action asks for; None when there is nothing to write."""
    match each.action:
        case Insert() | Restore():
            key = each.partner_key if isinstance(each.action, Restore) and each.partner_key else None
            key = key or setup.run.chosen_key(setup.destination.side, each.key)
            each.partner_key = key
            values = dict(each.created_values)
            if setup.to_crm:
                values |= setup.run.partner_values(each.key)
            return Write(key=key, precondition=Precondition.ABSENT, values=values)
        case Couple() | Modify() | Agree():
            return _change_of(setup, each)
        case _:
            return None


def _change_of(setup: PassSetup, each: Candidate) -> Write | None:
    assert each.merge is not None
    assert each.partner is not None
    values: dict[str, Value] = dict(each.merge.write)
    each.agreed = each.merge.agreed
    if isinstance(each.action, Modify) and each.action.overwrite:
        values |= each.merge.conflicting
        each.agreed = each.merge.overwritten
    if each.is_new_pair and setup.to_crm:
        values |= setup.run.partner_values(each.key)
    if not values:
        return None
    return Write(
        key=each.partner.key, precondition=Precondition.UNCHANGED, values=values, tag=each.partner.tag
    )


async def send(
    setup: PassSetup, writes: Sequence[tuple[Candidate, Write]], job_id: str, alongside: Alongside
) -> Written:
    """Announce and send the writes; what stays unknown after some repeats is returned as unknown."""
    written = Written(
        intents=[
            Intent(
                mapping=setup.run.mapping.name,
                side=setup.destination.side,
                source_key=each.key,
                key=write.key,
                creates=write.precondition is Precondition.ABSENT,
                job_id=job_id,
            )
            for each, write in writes
        ]
    )
    if not writes:
        return written
    setup.run.store.announce(written.intents)
    call = WriteRecords(view=setup.destination, writes=tuple(write for _, write in writes))
    if alongside.call is not None and not alongside.done:
        results, alongside.result = await Together(calls=(call, alongside.call))
        alongside.done = True
    else:
        results = await call
    written.results = await _repeat_unknown(setup, [write for _, write in writes], results)
    return written


async def _repeat_unknown(
    setup: PassSetup, writes: Sequence[Write], results: list[WriteResult]
) -> list[WriteResult]:
    """Send writes again, byte for byte, whose answer was lost or that were put off."""
    for repeat in range(_REPEATS_MAX):
        again = [
            index
            for index, result in enumerate(results)
            if result.outcome in {Outcome.UNKNOWN, Outcome.RETRY_LATER}
        ]
        if not again:
            break
        await Pause(seconds=_REPEAT_PAUSE_SECONDS * 2**repeat)
        repeated = await WriteRecords(view=setup.destination, writes=tuple(writes[index] for index in again))
        for index, result in zip(again, repeated, strict=True):
            results[index] = result
    return results


async def name_partners(setup: PassSetup, paired: Sequence[tuple[Candidate, str]]) -> None:
    """Write the ERP keys of records that have just got a CRM partner into their CRM records.

    The columns are ours alone, so a record that was edited meanwhile gets them all the same. What a lost
    process leaves unnamed is named when the pair is adopted.
    """
    assert setup.source.side is Side.CRM
    writes = [
        Write(key=each.key, precondition=Precondition.UNCHANGED, values=values, tag=each.record.tag)
        for each, erp_key in paired
        if each.record is not None and (values := setup.run.partner_values(erp_key))
    ]
    for _ in range(_REPEATS_MAX):
        if not writes:
            return
        results: list[WriteResult] = await WriteRecords(view=setup.source, writes=tuple(writes))
        stale = [
            write
            for write, result in zip(writes, results, strict=True)
            if result.outcome in {Outcome.STALE, Outcome.UNKNOWN, Outcome.RETRY_LATER}
        ]
        if not stale:
            return
        keys = tuple(write.key for write in stale)
        records: list[Record | None] = await ReadKeys(view=setup.source, keys=keys)
        writes = [
            replace(write, tag=record.tag)
            for write, record in zip(stale, records, strict=True)
            if record is not None
        ]
