"""Gathers what a batch changes in our memory, record by record, until it is stored in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from interlace.domain.conflict import Conflict
from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.error_descriptions import awaits_person
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.observation import Link
from interlace.domain.side import Side
from interlace.domain.synch_action import (
    Agree,
    Couple,
    Delete,
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
from interlace.domain.transfer_fields import Pair
from interlace.domain.values import Value
from interlace.engine.candidate import Candidate
from interlace.engine.explain_failure import failure_of, left_blank, of_record
from interlace.engine.memory import BatchResult, Intent, JournalEntry, SynchError
from interlace.engine.observe import known_digest, partner_key_of
from interlace.engine.ports import Deletion, Precondition, Write, WriteResult
from interlace.engine.run_setup import PassSetup
from interlace.engine.synch_pass import Pass

_FOUND_NAMELESS = frozenset(
    {ErrorCode.REFERENCE_NOT_COUPLED, ErrorCode.VALUE_NOT_TRANSFERABLE, ErrorCode.MARK_AMBIGUOUS}
)
"""Errors that are found where the record's name is not known, such as while its values are carried over."""
_KEEPS_ERRORS = frozenset(
    Skip(reason=reason)
    for reason in (SkipReason.SKIPPED, SkipReason.NOT_COUPLED, SkipReason.LEFT_TO_OPPOSITE)
)
"""What does not end a record's error."""
_Seen: TypeAlias = tuple[str | None, bytes | None]
"""A record's state as it is remembered: its version tag and its digest."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """What a batch adds to our memory, gathered until it is stored in one transaction."""

    counters: Counters = field(default_factory=Counters)
    failure: Exception | None = None
    """What ended the batch before its end; to be raised once the rest is remembered."""
    observed_at: float = 0.0
    """When the records that are decided on were read, or just before (ElapsedTime)."""
    couplings: list[Coupling] = field(default_factory=list)
    removed: list[Coupling] = field(default_factory=list)
    finished: list[Intent] = field(default_factory=list)
    unknown: list[Intent] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    errors: list[SynchError] = field(default_factory=list)
    cleared: list[tuple[Direction, str]] = field(default_factory=list)
    """(direction, source key) of records whose errors are over."""
    conflicts: list[Conflict] = field(default_factory=list)
    settled_pairs: list[ErpKey] = field(default_factory=list)
    """ERP keys of pairs that no conflict stands in the way of any more."""
    left_to_opposite: list[str] = field(default_factory=list)
    """Keys of partners, mostly just coupled, that hold news for the opposite pass: no feed will name them."""
    newly_coupled: set[str] = field(default_factory=set)
    """Source keys that this batch coupled."""

    def result(self, job: SynchJob, setup: PassSetup, position: str | None) -> BatchResult:
        """Make the value that the store remembers; the job's counters are already the new ones."""
        # A create of ours was found to have taken effect, and its source to be gone: the pair ends as it begins.
        ended = {(each.erp_key, each.crm_key) for each in self.removed}
        couplings = [each for each in self.couplings if (each.erp_key, each.crm_key) not in ended]
        return BatchResult(
            job=job,
            couplings=list({each.erp_key: each for each in couplings}.values()),
            removed_couplings=self.removed,
            finished_intents=self.finished,
            unknown_intents=self.unknown,
            journal=self.journal,
            errors=self.errors,
            cleared_errors=self.cleared,
            conflicts=self.conflicts,
            settled_pairs=self.settled_pairs,
            position=position,
        )


def settle(work: Pass, each: Candidate, batch: Batch, now: datetime, result: WriteResult | None) -> None:
    """Remember how a candidate ended that needed no write, or whose write took effect."""
    match each.action:
        case Insert() | Restore():
            assert result is not None
            _note_coupling(work.setup, each, batch, (result.key, result.tag, None))
        case Couple() | Modify():
            assert each.partner is not None
            seen = _partner_seen(work.setup, each) if result is None else (result.tag, None)
            _note_coupling(work.setup, each, batch, (each.partner.key, *seen))
        case Agree() | IgnoreUnchanged():
            _settle_unwritten(work.setup, each, batch, work.job.id)
        case RemoveCoupling() | Delete():
            assert each.coupling is not None
            batch.removed.append(each.coupling)
            if isinstance(each.action, RemoveCoupling):
                batch.journal.append(_entry_of_removal(work, each))
        case Fail() as failure:
            fail(work, each, batch, now, failure.code)
            return
        case _:
            pass
    if each.coupling is not None and not isinstance(each.action, Skip):
        batch.settled_pairs.append(each.coupling.erp_key)
    _count(each, batch)
    if each.pending and not isinstance(each.action, Skip | RemoveCoupling | Delete):
        _note_pending(work, each, batch, now)
    elif each.action not in _KEEPS_ERRORS:
        batch.cleared.append((work.setup.direction, each.key))
    if _ends_errors_of_partner(work.setup, each):
        batch.cleared.append((work.setup.opposite, str(each.partner_key)))


def _ends_errors_of_partner(setup: PassSetup, each: Candidate) -> bool:
    """Tell whether the opposite pass has nothing left to do with the pair, so that its error is history."""
    if isinstance(each.action, RemoveCoupling | Delete | Restore):
        return True
    if each.coupling is None or not isinstance(each.action, Modify | Agree | IgnoreUnchanged):
        return False
    return not _has_news_for_opposite(setup, each)


def _has_news_for_opposite(setup: PassSetup, each: Candidate) -> bool:
    """Tell whether the partner holds changes that only the opposite pass can carry."""
    assert each.partner is not None
    assert each.merge is not None
    if each.merge.left or each.merge.conflicting:
        return True
    return bool(setup.opposite_one_way(each.partner.values(), each.agreed))


def _note_coupling(
    setup: PassSetup, each: Candidate, batch: Batch, partner: tuple[str, str | None, bytes | None]
) -> None:
    """Take a written pair into the batch; `partner` is its key, tag and digest."""
    handed_over = each.is_new_pair or (each.merge is not None and each.merge.hand_over)
    if handed_over and each.partner is not None and _has_news_for_opposite(setup, each):
        batch.left_to_opposite.append(partner[0])
    if each.coupling is None:
        batch.newly_coupled.add(each.key)
    elif partner_key_of(each.coupling, setup.destination.side) != partner[0]:
        # Created again where the service chooses the key.
        batch.removed.append(each.coupling)
    batch.couplings.append(_coupling(setup, each, *partner))


def adopt(setup: PassSetup, each: Candidate, base: Sequence[Pair | None], batch: Batch) -> None:
    """Couple a record with the partner that was found to be its own, before anything is decided on the pair."""
    assert each.partner is not None
    agreed = AgreedValues(layout=setup.plan.layout, pairs=tuple(base))
    own, other = each.key, each.partner.key
    erp, crm = (own, other) if setup.to_crm else (other, own)
    if each.coupling is None:
        batch.newly_coupled.add(each.key)
    elif partner_key_of(each.coupling, setup.destination.side) != other:
        batch.removed.append(each.coupling)
    each.coupling = Coupling(
        mapping=setup.run.mapping.name, erp_key=ErpKey(erp), crm_key=CrmKey(crm), agreed=agreed
    )
    each.partner_key, each.link = other, Link.COUPLED
    batch.couplings.append(each.coupling)


def _settle_unwritten(setup: PassSetup, each: Candidate, batch: Batch, job_id: str) -> None:
    """Store tags and digests of what was read, so that the next run need not look again."""
    assert each.partner is not None
    assert each.merge is not None
    each.agreed = each.merge.agreed
    moved = _moved_rows(setup, each)
    if moved:
        entry = _entry(setup, each, each.partner.key, Agree(), job_id)
        batch.journal.append(replace(entry, agreed_before=moved))
    _note_coupling(setup, each, batch, (each.partner.key, *_partner_seen(setup, each)))


def _own_seen(setup: PassSetup, each: Candidate) -> _Seen:
    """Return the source record's state to remember: not the new one while a pass must still work on it.

    The opposite pass may have to restore it; of a new record's further writes the process may not live to see any.
    """
    assert each.record is not None
    assert each.values is not None
    known = _known(each.coupling, setup.source.side)
    if each.deferred or each.opening:
        return known
    if each.sent_again or setup.to_restore(each.values, each.agreed):
        return known
    return each.record.tag, each.record.digest


def _partner_seen(setup: PassSetup, each: Candidate) -> _Seen:
    """Return the partner's state to remember: not the new one while the opposite pass has work with it."""
    assert each.partner is not None
    if _has_news_for_opposite(setup, each):
        return _known(each.coupling, setup.destination.side)
    return each.partner.tag, each.partner.digest


def _known(coupling: Coupling | None, side: Side) -> _Seen:
    """Return the state that is remembered already; a sweep goes by the tag, so it stays as old as the digest."""
    if coupling is None:
        return None, None
    return (coupling.erp_tag if side is Side.ERP else coupling.crm_tag), known_digest(coupling, side)


def _coupling(
    setup: PassSetup, each: Candidate, partner_key: str, partner_tag: str | None, partner_digest: bytes | None
) -> Coupling:
    assert each.record is not None
    agreed = AgreedValues(layout=setup.plan.layout, pairs=tuple(each.agreed))
    doubtful = each.coupling.doubtful if each.coupling is not None else frozenset()
    if doubtful and (each.partner is None or not _has_news_for_opposite(setup, each)):
        doubtful = frozenset()
    own = (each.key, *_own_seen(setup, each))
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
        doubtful=doubtful,
    )


def _note_pending(work: Pass, each: Candidate, batch: Batch, now: datetime) -> None:
    """List the record as waiting: it went through, but is taken up again once its reference is coupled."""
    batch.errors.append(_listed(work, each, left_blank(work.setup, each), now))


def _listed(work: Pass, each: Candidate, error: RecordError, now: datetime) -> SynchError:
    return SynchError(
        mapping=work.setup.run.mapping.name,
        direction=work.setup.direction,
        source_key=each.key,
        error=error,
        job_id=work.job.id,
        at=now,
        skipped=error.code is ErrorCode.REFERENCE_CLEARED or awaits_person(error.code),
        source_digest=None if each.record is None else each.record.digest,
        partner_digest=None if each.partner is None else each.partner.digest,
    )


def fail(work: Pass, each: Candidate, batch: Batch, now: datetime, code: ErrorCode) -> None:
    """Put a record on the error list and count it as failed."""
    error = each.error if each.error is not None else failure_of(work.setup, each, code)
    if error.code in _FOUND_NAMELESS:
        error = of_record(work.setup, each, error)
    batch.errors.append(_listed(work, each, error, now))
    if each.conflict is not None:
        batch.conflicts.append(each.conflict)
    if not each.created:
        batch.counters.failed += 1


def _count(each: Candidate, batch: Batch) -> None:
    """Count how a record ended; each is counted once."""
    counters = batch.counters
    if each.created:
        return
    if each.adopted_as_created and not isinstance(each.action, Fail):
        counters.inserted += 1
        return
    match each.action:
        case Insert() | Restore():
            counters.inserted += 1
        case Delete():
            counters.deleted += 1
        case Couple():
            counters.coupled += 1
        case Modify():
            counters.modified += 1
        case Agree() | IgnoreUnchanged():
            counters.unchanged += 1
        case RemoveCoupling():
            counters.uncoupled += 1
        case Skip(reason=SkipReason.OUT_OF_SCOPE | SkipReason.NOTHING_THERE | SkipReason.LEFT_TO_OPPOSITE):
            pass
        case Skip():
            counters.skipped += 1
        case _:
            counters.failed += 1


def entry_of(work: Pass, each: Candidate, request: Write | Deletion) -> JournalEntry:
    """Say how the journal is to tell of a request that takes effect: before and after, and what was lost."""
    assert each.action is not None
    setup = work.setup
    if isinstance(request, Deletion):
        entry = _entry(setup, each, request.key, each.action, work.job.id)
        before = held_before(setup, each, request)
        return replace(entry, before=before, agreed_before=_moved_rows(setup, each))
    entry = _entry(setup, each, request.key, each.action, work.job.id, after=request.values)
    if request.precondition is not Precondition.UNCHANGED:
        return entry
    lost = {} if each.merge is None else {k: v for k, v in each.merge.lost.items() if k in request.values}
    return replace(
        entry,
        before=held_before(setup, each, request),
        lost=lost,
        agreed_before=_moved_rows(setup, each),
    )


def _entry(
    setup: PassSetup,
    each: Candidate,
    key: str,
    action: SynchAction,
    job_id: str,
    after: Mapping[str, Value] | None = None,
) -> JournalEntry:
    return JournalEntry(
        mapping=setup.run.mapping.name,
        side=setup.destination.side,
        key=key,
        action=type(action).__name__.lower(),
        job_id=job_id,
        before=None,
        after=dict(after or {}),
        source_key=each.key,
    )


def _entry_of_removal(work: Pass, each: Candidate) -> JournalEntry:
    """Note which record's absence ended a pair: should it reappear, it was deleted once."""
    setup = work.setup
    assert each.action is not None
    entry = _entry(setup, each, str(each.partner_key), each.action, work.job.id)
    if each.record is None:
        return replace(entry, side=setup.source.side, key=each.key, source_key=str(each.partner_key))
    return entry


def _moved_rows(setup: PassSetup, each: Candidate) -> dict[str, Pair | None]:
    """Return the pairs that were agreed on until now, by row, where something else is agreed on now."""
    base = each.base
    if base is None:
        return {}
    if isinstance(each.action, Delete):
        return dict(zip(setup.plan.row_ids, base, strict=True))
    return {
        name: before
        for name, before, now in zip(setup.plan.row_ids, base, each.agreed, strict=True)
        if before != now
    }


def held_before(setup: PassSetup, each: Candidate, request: Write | Deletion) -> dict[str, Value] | None:
    """Return what the fields that a request is about hold in the record, as it was just read."""
    if each.partner is None:
        return None
    held = dict(zip(setup.destination.fields, each.partner.values(), strict=True))
    if isinstance(request, Deletion):
        return held
    return {name: held[name] for name in request.values if name in held}
