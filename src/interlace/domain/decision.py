"""The decision: one pure, total function from what was observed to what is done.

A pass carries changes from its source to its destination. What is known here: a coupled pair was compared
field by field with the values that both sides last agreed on, each side with its own past; a deletion was
confirmed by a direct read. What is not asked here: which side is newer, who made a change, or what time it is.

1. A record that is left out (by a person's or the engine's earlier word, or by the filter) is not touched.
2. Absence of a coupled record is a deletion, unless its service went back in time: then the record is restored.
   A deletion is carried over only where the policy says so and the surviving record holds no news.
3. Without a coupling a record is matched, created or left alone; a doubtful match is a person's to settle.
4. A coupled pair is written only where the source's own changes ask for it; while a field of it waits for a
   person, nothing of it is written. Which side wins a field is the merge's to say, by the field's policy.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import (
    DeletionConflictResolution,
    IntegrationTableMapping,
)
from interlace.domain.observation import Difference, Link, ObservedPair, Presence
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

_OpenLink: TypeAlias = Literal[
    Link.UNCOUPLED, Link.MATCHED, Link.MATCH_AMBIGUOUS, Link.MATCH_TAKEN, Link.REAPPEARED, Link.COUPLED
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassPolicy:
    """What a mapping allows in one pass."""

    may_create: bool
    deletion: DeletionConflictResolution
    two_way: bool
    """The run has an opposite pass."""


def pass_policy(mapping: IntegrationTableMapping, run: Direction, *, create_new: bool) -> PassPolicy:
    """Read a mapping's policies for a pass in the one-way direction `run`."""
    return PassPolicy(
        may_create=create_new or not mapping.synch_only_coupled_records,
        deletion=mapping.deletion_conflict_resolution,
        two_way=any(way is not run for way in mapping.passes),
    )


def decide(policy: PassPolicy, pair: ObservedPair) -> SynchAction:
    """Decide what is done with a pair; every combination of inputs has exactly one answer."""
    if pair.link is Link.SKIPPED:
        return Skip(reason=SkipReason.SKIPPED)
    match pair.source:
        case Presence.OUT_OF_SCOPE:
            return Skip(reason=SkipReason.OUT_OF_SCOPE)
        case Presence.ABSENT:
            return _source_absent(policy, pair)
        case Presence.PRESENT:
            return _source_present(policy, pair, pair.link)
        case _:
            assert_never(pair.source)


def _source_absent(policy: PassPolicy, pair: ObservedPair) -> SynchAction:
    if pair.link is not Link.COUPLED:
        return Skip(reason=SkipReason.NOTHING_THERE)
    if pair.destination is Presence.ABSENT:
        return RemoveCoupling()
    if pair.source_doubtful:
        # Restoring the source is the opposite pass's work: there it is the missing destination.
        return Fail(code=ErrorCode.PARTNER_DELETED)
    match policy.deletion:
        case DeletionConflictResolution.REMOVE_COUPLING:
            return RemoveCoupling()
        case DeletionConflictResolution.DELETE:
            return Fail(code=ErrorCode.DELETED_AND_CHANGED) if pair.survivor_changed else Delete()
        case DeletionConflictResolution.NONE | DeletionConflictResolution.RESTORE_RECORDS:
            return Fail(code=ErrorCode.PARTNER_DELETED)
        case _:
            assert_never(policy.deletion)


def _source_present(policy: PassPolicy, pair: ObservedPair, link: _OpenLink) -> SynchAction:
    match link:
        case Link.UNCOUPLED:
            return Insert() if policy.may_create else Skip(reason=SkipReason.NOT_COUPLED)
        case Link.MATCHED:
            return Couple()
        case Link.MATCH_AMBIGUOUS:
            return Fail(code=ErrorCode.MATCH_AMBIGUOUS)
        case Link.MATCH_TAKEN:
            return Fail(code=ErrorCode.MATCH_ALREADY_COUPLED)
        case Link.REAPPEARED:
            return Fail(code=ErrorCode.REAPPEARED)
        case Link.COUPLED:
            return _coupled(policy, pair)
        case _:
            assert_never(link)


def _coupled(policy: PassPolicy, pair: ObservedPair) -> SynchAction:
    match pair.destination:
        case Presence.ABSENT:
            return _destination_absent(policy, pair)
        case Presence.PRESENT | Presence.OUT_OF_SCOPE:
            # The filter of the destination says which of its records may become a source, no more.
            return _compared(pair.difference)
        case _:
            assert_never(pair.destination)


def _destination_absent(policy: PassPolicy, pair: ObservedPair) -> SynchAction:
    if pair.destination_doubtful:
        return Restore()
    match policy.deletion:
        case DeletionConflictResolution.NONE:
            return Fail(code=ErrorCode.PARTNER_DELETED)
        case DeletionConflictResolution.RESTORE_RECORDS:
            return Restore()
        case DeletionConflictResolution.REMOVE_COUPLING:
            return RemoveCoupling()
        case DeletionConflictResolution.DELETE:
            return _deletion_left(policy, pair)
        case _:
            assert_never(policy.deletion)


def _deletion_left(policy: PassPolicy, pair: ObservedPair) -> SynchAction:
    """Leave the source's deletion to the pass that writes the source; without one a person must see to it."""
    if pair.survivor_changed:
        return Fail(code=ErrorCode.DELETED_AND_CHANGED)
    if policy.two_way:
        return Skip(reason=SkipReason.LEFT_TO_OPPOSITE)
    return Fail(code=ErrorCode.PARTNER_DELETED)


def _compared(difference: Difference) -> SynchAction:
    match difference:
        case Difference.NONE | Difference.DESTINATION:
            return IgnoreUnchanged()
        case Difference.AGREEMENT:
            return Agree()
        case Difference.SOURCE:
            return Modify()
        case Difference.CONFLICT:
            return Fail(code=ErrorCode.UPDATE_CONFLICT)
        case _:
            assert_never(difference)
