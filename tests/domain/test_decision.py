"""The decision table, written as its specification: every cell is covered by exactly one row."""

import itertools
from dataclasses import dataclass

import pytest

from interlace.domain.decision import ConflictRule, PassPolicy, decide, pass_policy
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import (
    DeletionConflictResolution,
    IntegrationTableMapping,
    UpdateConflictResolution,
)
from interlace.domain.keys import MappingName
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

UNMATCHED = (Link.UNCOUPLED, Link.MATCHED, Link.MATCH_AMBIGUOUS, Link.MATCH_TAKEN)
THERE = (Presence.PRESENT, Presence.OUT_OF_SCOPE)
Deletion = DeletionConflictResolution


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; an empty tuple stands for any value."""

    why: str
    expected: SynchAction
    link: tuple[Link, ...] = ()
    source: tuple[Presence, ...] = ()
    destination: tuple[Presence, ...] = ()
    difference: tuple[Difference, ...] = ()
    may_create: tuple[bool, ...] = ()
    conflict: tuple[ConflictRule, ...] = ()
    deletion: tuple[Deletion, ...] = ()

    def covers(self, policy: PassPolicy, pair: ObservedPair) -> bool:
        """Tell whether the row speaks of this cell."""
        asked = (
            (self.link, pair.link),
            (self.source, pair.source),
            (self.destination, pair.destination),
            (self.difference, pair.difference),
            (self.may_create, policy.may_create),
            (self.conflict, policy.conflict),
            (self.deletion, policy.deletion),
        )
        return all(not wanted or found in wanted for wanted, found in asked)


COUPLED = (Link.COUPLED,)
PRESENT = (Presence.PRESENT,)
ABSENT = (Presence.ABSENT,)
NOT_SKIPPED = (*UNMATCHED, Link.COUPLED)

TABLE = (
    Row(
        why="a record left out after repeated failure is not touched",
        link=(Link.SKIPPED,),
        expected=Skip(reason=SkipReason.SKIPPED),
    ),
    Row(
        why="a source outside the filter is not touched, coupled or not",
        link=NOT_SKIPPED,
        source=(Presence.OUT_OF_SCOPE,),
        expected=Skip(reason=SkipReason.OUT_OF_SCOPE),
    ),
    Row(
        why="an uncoupled record that is gone concerns nobody",
        link=UNMATCHED,
        source=ABSENT,
        expected=Skip(reason=SkipReason.NOTHING_THERE),
    ),
    Row(
        why="both records are gone: the coupling goes too",
        link=COUPLED,
        source=ABSENT,
        destination=ABSENT,
        expected=RemoveCoupling(),
    ),
    Row(
        why="a deleted source with Remove Coupling leaves the other record alone",
        link=COUPLED,
        source=ABSENT,
        destination=THERE,
        deletion=(Deletion.REMOVE_COUPLING,),
        expected=RemoveCoupling(),
    ),
    Row(
        why="a deleted source is otherwise a person's, or the opposite pass's, to settle",
        link=COUPLED,
        source=ABSENT,
        destination=THERE,
        deletion=(Deletion.NONE, Deletion.RESTORE_RECORDS),
        expected=Fail(code=ErrorCode.PARTNER_DELETED),
    ),
    Row(
        why="an uncoupled record is created where the run may create",
        link=(Link.UNCOUPLED,),
        source=PRESENT,
        may_create=(True,),
        expected=Insert(),
    ),
    Row(
        why="an uncoupled record is left alone where only coupled ones are synchronized",
        link=(Link.UNCOUPLED,),
        source=PRESENT,
        may_create=(False,),
        expected=Skip(reason=SkipReason.NOT_COUPLED),
    ),
    Row(
        why="exactly one free match is coupled instead of creating a duplicate",
        link=(Link.MATCHED,),
        source=PRESENT,
        expected=Couple(),
    ),
    Row(
        why="several matches are never guessed between",
        link=(Link.MATCH_AMBIGUOUS,),
        source=PRESENT,
        expected=Fail(code=ErrorCode.MATCH_AMBIGUOUS),
    ),
    Row(
        why="a match that is another record's partner is never taken",
        link=(Link.MATCH_TAKEN,),
        source=PRESENT,
        expected=Fail(code=ErrorCode.MATCH_ALREADY_COUPLED),
    ),
    Row(
        why="a deleted destination is a person's to settle",
        link=COUPLED,
        source=PRESENT,
        destination=ABSENT,
        deletion=(Deletion.NONE,),
        expected=Fail(code=ErrorCode.PARTNER_DELETED),
    ),
    Row(
        why="a deleted destination is created again with Restore Records",
        link=COUPLED,
        source=PRESENT,
        destination=ABSENT,
        deletion=(Deletion.RESTORE_RECORDS,),
        expected=Restore(),
    ),
    Row(
        why="a deleted destination ends the coupling with Remove Coupling",
        link=COUPLED,
        source=PRESENT,
        destination=ABSENT,
        deletion=(Deletion.REMOVE_COUPLING,),
        expected=RemoveCoupling(),
    ),
    Row(
        why="nothing changed, or only what the opposite pass carries",
        link=COUPLED,
        source=PRESENT,
        destination=THERE,
        difference=(Difference.NONE, Difference.DESTINATION),
        expected=IgnoreUnchanged(),
    ),
    Row(
        why="both hold the same by now: only the memory moves",
        link=COUPLED,
        source=PRESENT,
        destination=THERE,
        difference=(Difference.AGREEMENT,),
        expected=Agree(),
    ),
    Row(
        why="what the source changed is written",
        link=COUPLED,
        source=PRESENT,
        destination=THERE,
        difference=(Difference.SOURCE,),
        expected=Modify(overwrite=False),
    ),
    Row(
        why="the same field changed on both sides and no policy chooses",
        link=COUPLED,
        source=PRESENT,
        destination=THERE,
        difference=(Difference.CONFLICT,),
        conflict=(ConflictRule.FAIL,),
        expected=Fail(code=ErrorCode.UPDATE_CONFLICT),
    ),
    Row(
        why="the policy lets the source win",
        link=COUPLED,
        source=PRESENT,
        destination=THERE,
        difference=(Difference.CONFLICT,),
        conflict=(ConflictRule.SOURCE_WINS,),
        expected=Modify(overwrite=True),
    ),
    Row(
        why="the policy lets the destination win: only the other fields are written",
        link=COUPLED,
        source=PRESENT,
        destination=THERE,
        difference=(Difference.CONFLICT,),
        conflict=(ConflictRule.DESTINATION_WINS,),
        expected=Modify(overwrite=False),
    ),
)

CELLS = [
    (
        PassPolicy(may_create=may_create, conflict=conflict, deletion=deletion),
        ObservedPair(link=link, source=source, destination=destination, difference=difference),
    )
    for link, source, destination, difference, may_create, conflict, deletion in itertools.product(
        Link, Presence, Presence, Difference, (False, True), ConflictRule, Deletion
    )
]


def test_every_cell_is_covered_by_exactly_one_row_and_decided_as_it_says() -> None:
    """All 4,860 combinations of inputs give the action of the one row that speaks of them."""
    assert len(CELLS) == 4860
    for policy, pair in CELLS:
        rows = [row for row in TABLE if row.covers(policy, pair)]
        assert len(rows) == 1, (policy, pair, [row.why for row in rows])
        assert decide(policy, pair) == rows[0].expected, rows[0].why


def test_nothing_is_written_without_a_source_in_scope() -> None:
    """No cell whose source is absent or filtered leads to a write."""
    for policy, pair in CELLS:
        if pair.source is not Presence.PRESENT:
            assert not isinstance(decide(policy, pair), Insert | Couple | Modify | Restore)


def _mapping(resolution: UpdateConflictResolution) -> IntegrationTableMapping:
    return IntegrationTableMapping(
        name=MappingName("M"),
        erp_table="E",
        integration_table="c",
        direction=Direction.BIDIRECTIONAL,
        fields=(),
        update_conflict_resolution=resolution,
    )


@pytest.mark.parametrize(
    ("resolution", "to_rule", "from_rule"),
    [
        (UpdateConflictResolution.NONE, ConflictRule.FAIL, ConflictRule.FAIL),
        (
            UpdateConflictResolution.SEND_UPDATE_TO_INTEGRATION,
            ConflictRule.SOURCE_WINS,
            ConflictRule.DESTINATION_WINS,
        ),
        (
            UpdateConflictResolution.GET_UPDATE_FROM_INTEGRATION,
            ConflictRule.DESTINATION_WINS,
            ConflictRule.SOURCE_WINS,
        ),
    ],
)
def test_one_side_wins_in_both_passes_alike(
    resolution: UpdateConflictResolution, to_rule: ConflictRule, from_rule: ConflictRule
) -> None:
    """The mapping's resolution names a side; each pass reads it from its own end."""
    mapping = _mapping(resolution)
    to_pass = pass_policy(mapping, Direction.TO_INTEGRATION_TABLE, create_new=False)
    from_pass = pass_policy(mapping, Direction.FROM_INTEGRATION_TABLE, create_new=True)
    assert (to_pass.conflict, from_pass.conflict) == (to_rule, from_rule)
    assert (to_pass.may_create, from_pass.may_create) == (False, True)
