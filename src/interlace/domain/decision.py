"""The decision: one pure, total function from what was observed to what is done.

A pass carries changes from its source to its destination. What is known here: a coupled pair was compared
field by field with the values that both sides last agreed on, each side with its own past; a deletion was
confirmed by a direct read. What is not asked here: which side is newer, who made a change, or what time it is.

1. A record that is left out (by a person's or the engine's earlier word, or by the filter) is not touched.
2. Absence of a coupled record is a deletion, and deletions are never carried over by themselves.
3. Without a coupling a record is matched, created or left alone; a doubtful match is a person's to settle.
4. A coupled pair is written only where the source's own changes ask for it.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias, assert_never

from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import (
    DeletionConflictResolution,
    IntegrationTableMapping,
    UpdateConflictResolution,
)
from interlace.domain.observation import Difference, Link, ObservedPair, Presence
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

_OpenLink: TypeAlias = Literal[
    Link.UNCOUPLED, Link.MATCHED, Link.MATCH_AMBIGUOUS, Link.MATCH_TAKEN, Link.COUPLED
]


class ConflictRule(Enum):
    """The mapping's update conflict resolution, as one pass sees it."""

    FAIL = "fail"
    SOURCE_WINS = "source wins"
    DESTINATION_WINS = "destination wins"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassPolicy:
    """What a mapping allows in one pass."""

    may_create: bool
    conflict: ConflictRule
    deletion: DeletionConflictResolution


def pass_policy(mapping: IntegrationTableMapping, run: Direction, *, create_new: bool) -> PassPolicy:
    """Read a mapping's policies for a pass in the one-way direction `run`."""
    return PassPolicy(
        may_create=create_new or not mapping.synch_only_coupled_records,
        conflict=_conflict_rule(mapping.update_conflict_resolution, run),
        deletion=mapping.deletion_conflict_resolution,
    )


def _conflict_rule(resolution: UpdateConflictResolution, run: Direction) -> ConflictRule:
    match resolution:
        case UpdateConflictResolution.NONE:
            return ConflictRule.FAIL
        case UpdateConflictResolution.SEND_UPDATE_TO_INTEGRATION:
            winner = Direction.TO_INTEGRATION_TABLE
        case UpdateConflictResolution.GET_UPDATE_FROM_INTEGRATION:
            winner = Direction.FROM_INTEGRATION_TABLE
        case _:
            assert_never(resolution)
    return ConflictRule.SOURCE_WINS if run is winner else ConflictRule.DESTINATION_WINS


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
    match policy.deletion:
        case DeletionConflictResolution.REMOVE_COUPLING:
            return RemoveCoupling()
        case DeletionConflictResolution.NONE | DeletionConflictResolution.RESTORE_RECORDS:
            # Restoring the source is the opposite pass's work: there it is the missing destination.
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
        case Link.COUPLED:
            return _coupled(policy, pair)
        case _:
            assert_never(link)


def _coupled(policy: PassPolicy, pair: ObservedPair) -> SynchAction:
    match pair.destination:
        case Presence.ABSENT:
            return _destination_deleted(policy)
        case Presence.PRESENT | Presence.OUT_OF_SCOPE:
            # The filter of the destination says which of its records may become a source, no more.
            return _compared(policy, pair.difference)
        case _:
            assert_never(pair.destination)


def _destination_deleted(policy: PassPolicy) -> SynchAction:
    match policy.deletion:
        case DeletionConflictResolution.NONE:
            return Fail(code=ErrorCode.PARTNER_DELETED)
        case DeletionConflictResolution.RESTORE_RECORDS:
            return Restore()
        case DeletionConflictResolution.REMOVE_COUPLING:
            return RemoveCoupling()
        case _:
            assert_never(policy.deletion)


def _compared(policy: PassPolicy, difference: Difference) -> SynchAction:
    match difference:
        case Difference.NONE | Difference.DESTINATION:
            return IgnoreUnchanged()
        case Difference.AGREEMENT:
            return Agree()
        case Difference.SOURCE:
            return Modify(overwrite=False)
        case Difference.CONFLICT:
            return _conflict(policy)
        case _:
            assert_never(difference)


def _conflict(policy: PassPolicy) -> SynchAction:
    match policy.conflict:
        case ConflictRule.FAIL:
            return Fail(code=ErrorCode.UPDATE_CONFLICT)
        case ConflictRule.SOURCE_WINS:
            return Modify(overwrite=True)
        case ConflictRule.DESTINATION_WINS:
            return Modify(overwrite=False)
        case _:
            assert_never(policy.conflict)
