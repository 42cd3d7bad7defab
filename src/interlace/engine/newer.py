"""Proves by our own history which of two conflicting changes came later; no clock of any service is asked.

1. A change of one side was seen, and the record failed, while its partner was still what both last agreed on.
2. Now the partner differs, and the record is what it was then.
3. So the partner's change came later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.row_merge import NO_DOUBTS, Doubts
from interlace.domain.side import Side
from interlace.engine.candidate import Candidate
from interlace.engine.memory import SynchError
from interlace.engine.run_setup import PassSetup


def with_newer(
    setup: PassSetup, candidates: Sequence[Candidate], doubts: Mapping[str, Doubts]
) -> Mapping[str, Doubts]:
    """Add to the pairs' doubts which side's change is proved to be the later one, where a policy asks for it."""
    if all(each.resolution is not UpdateConflictResolution.NEWEST for each in setup.plan.rows):
        return doubts
    pairs = [
        each
        for each in candidates
        if each.coupling is not None
        and each.record is not None
        and each.partner is not None
        # A side that went back in time has lost the order of its changes.
        and not each.coupling.doubtful
    ]
    store, name = setup.run.store, setup.run.mapping.name
    own = store.errors_of(name, setup.direction, [each.key for each in pairs])
    theirs = store.errors_of(name, setup.opposite, [str(each.partner_key) for each in pairs])
    proved = dict(doubts)
    for each in pairs:
        newer = _newer(setup, each, own.get(each.key), theirs.get(str(each.partner_key)))
        if newer is not None:
            proved[each.key] = replace(doubts.get(each.key, NO_DOUBTS), newer=newer)
    return proved


def _newer(
    setup: PassSetup, each: Candidate, own: SynchError | None, theirs: SynchError | None
) -> Side | None:
    assert each.coupling is not None
    assert each.record is not None
    assert each.partner is not None
    of_erp, of_crm = each.coupling.erp_digest, each.coupling.crm_digest
    source_base, destination_base = (of_erp, of_crm) if setup.to_crm else (of_crm, of_erp)
    if _was_first(own, each.record.digest, each.partner.digest, destination_base):
        return setup.destination.side
    if _was_first(theirs, each.partner.digest, each.record.digest, source_base):
        return setup.source.side
    return None


def _was_first(error: SynchError | None, failed: bytes, other: bytes, other_base: bytes | None) -> bool:
    """Tell whether the record that failed, still as it was then, changed while the other one had not."""
    if error is None or other_base is None:
        return False
    return error.source_digest == failed and error.partner_digest == other_base and other != other_base
