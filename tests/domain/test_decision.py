"""The decision table, written as its specification: every cell is covered by exactly one row."""

import itertools
from dataclasses import dataclass

import pytest

from interlace.domain.decision import PassPolicy, decide, pass_policy
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import (
    DeletionConflictResolution,
    IntegrationTableMapping,
)
from interlace.domain.keys import MappingName
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

UNMATCHED = (Link.UNCOUPLED, Link.MATCHED, Link.MATCH_AMBIGUOUS, Link.MATCH_TAKEN, Link.REAPPEARED)
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
    deletion: tuple[Deletion, ...] = ()
    two_way: tuple[bool, ...] = ()
    source_doubtful: tuple[bool, ...] = ()
    destination_doubtful: tuple[bool, ...] = ()
    survivor_changed: tuple[bool, ...] = ()

    def covers(self, policy: PassPolicy, pair: ObservedPair) -> bool:
        """Tell whether the row speaks of this cell."""
        asked = (
            (self.link, pair.link),
            (self.source, pair.source),
            (self.destination, pair.destination),
            (self.difference, pair.difference),
            (self.may_create, policy.may_create),
            (self.deletion, policy.deletion),
            (self.two_way, policy.two_way),
            (self.source_doubtful, pair.source_doubtful),
            (self.destination_doubtful, pair.destination_doubtful),
            (self.survivor_changed, pair.survivor_changed),
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
        why="a source whose service went back in time was not deleted: the opposite pass restores it",
        link=COUPLED,
        source=ABSENT,
        destination=THERE,
        source_doubtful=(True,),
        expected=Fail(code=ErrorCode.PARTNER_DELETED),
    ),
    Row(
        why="a deleted source with Remove Coupling leaves the other record alone",
        link=COUPLED,
        source=ABSENT,
        destination=THERE,
        deletion=(Deletion.REMOVE_COUPLING,),
        source_doubtful=(False,),
        expected=RemoveCoupling(),
    ),
    Row(
        why="a deleted source takes a record without news along with Delete Records",
        link=COUPLED,
        source=ABSENT,
        destination=THERE,
        deletion=(Deletion.DELETE,),
        source_doubtful=(False,),
        survivor_changed=(False,),
        expected=Delete(),
    ),
    Row(
        why="a record that was changed is not deleted: a person must choose",
        link=COUPLED,
        source=ABSENT,
        destination=THERE,
        deletion=(Deletion.DELETE,),
        source_doubtful=(False,),
        survivor_changed=(True,),
        expected=Fail(code=ErrorCode.DELETED_AND_CHANGED),
    ),
    Row(
        why="a deleted source is otherwise a person's, or the opposite pass's, to settle",
        link=COUPLED,
        source=ABSENT,
        destination=THERE,
        deletion=(Deletion.NONE, Deletion.RESTORE_RECORDS),
        source_doubtful=(False,),
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
        why="a deleted record that a restored backup brought back is a person's to settle",
        link=(Link.REAPPEARED,),
        source=PRESENT,
        expected=Fail(code=ErrorCode.REAPPEARED),
    ),
    Row(
        why="a destination whose service went back in time is created again, whatever the policy",
        link=COUPLED,
        source=PRESENT,
        destination=ABSENT,
        destination_doubtful=(True,),
        expected=Restore(),
    ),
    Row(
        why="a deleted destination is a person's to settle",
        link=COUPLED,
        source=PRESENT,
        destination=ABSENT,
        deletion=(Deletion.NONE,),
        destination_doubtful=(False,),
        expected=Fail(code=ErrorCode.PARTNER_DELETED),
    ),
    Row(
        why="a deleted destination is created again with Restore Records",
        link=COUPLED,
        source=PRESENT,
        destination=ABSENT,
        deletion=(Deletion.RESTORE_RECORDS,),
        destination_doubtful=(False,),
        expected=Restore(),
    ),
    Row(
        why="a deleted destination ends the coupling with Remove Coupling",
        link=COUPLED,
        source=PRESENT,
        destination=ABSENT,
        deletion=(Deletion.REMOVE_COUPLING,),
        destination_doubtful=(False,),
        expected=RemoveCoupling(),
    ),
    Row(
        why="a changed source outlives its deleted partner until a person chooses",
        link=COUPLED,
        source=PRESENT,
        destination=ABSENT,
        deletion=(Deletion.DELETE,),
        destination_doubtful=(False,),
        survivor_changed=(True,),
        expected=Fail(code=ErrorCode.DELETED_AND_CHANGED),
    ),
    Row(
        why="with Delete Records the opposite pass deletes the source",
        link=COUPLED,
        source=PRESENT,
        destination=ABSENT,
        deletion=(Deletion.DELETE,),
        two_way=(True,),
        destination_doubtful=(False,),
        survivor_changed=(False,),
        expected=Skip(reason=SkipReason.LEFT_TO_OPPOSITE),
    ),
    Row(
        why="a mapping that never writes the source can't delete it either",
        link=COUPLED,
        source=PRESENT,
        destination=ABSENT,
        deletion=(Deletion.DELETE,),
        two_way=(False,),
        destination_doubtful=(False,),
        survivor_changed=(False,),
        expected=Fail(code=ErrorCode.PARTNER_DELETED),
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
        why="what the source changed is written, and where a policy lets it win",
        link=COUPLED,
        source=PRESENT,
        destination=THERE,
        difference=(Difference.SOURCE,),
        expected=Modify(),
    ),
    Row(
        why="the same field changed on both sides and no policy chooses",
        link=COUPLED,
        source=PRESENT,
        destination=THERE,
        difference=(Difference.CONFLICT,),
        expected=Fail(code=ErrorCode.UPDATE_CONFLICT),
    ),
)

FLAGS = (False, True)
CELLS = [
    (
        PassPolicy(may_create=may_create, deletion=deletion, two_way=two_way),
        ObservedPair(
            link=link,
            source=source,
            destination=destination,
            difference=difference,
            source_doubtful=source_doubtful,
            destination_doubtful=destination_doubtful,
            survivor_changed=survivor_changed,
        ),
    )
    for (
        link,
        source,
        destination,
        difference,
        may_create,
        deletion,
        two_way,
        source_doubtful,
        destination_doubtful,
        survivor_changed,
    ) in itertools.product(Link, Presence, Presence, Difference, FLAGS, Deletion, FLAGS, FLAGS, FLAGS, FLAGS)
]


def test_every_cell_is_covered_by_exactly_one_row_and_decided_as_it_says() -> None:
    """All 40,320 combinations of inputs give the action of the one row that speaks of them."""
    assert len(CELLS) == 40_320
    for policy, pair in CELLS:
        rows = [row for row in TABLE if row.covers(policy, pair)]
        assert len(rows) == 1, (policy, pair, [row.why for row in rows])
        assert decide(policy, pair) == rows[0].expected, rows[0].why


def test_nothing_is_written_without_a_source_in_scope() -> None:
    """No cell whose source is absent or filtered leads to a write."""
    for policy, pair in CELLS:
        if pair.source is not Presence.PRESENT:
            assert not isinstance(decide(policy, pair), Insert | Couple | Modify | Restore)


def test_absence_on_a_side_that_went_back_in_time_deletes_and_uncouples_nothing() -> None:
    """Whatever the policy: a pair with one record left is restored or listed."""
    for policy, pair in CELLS:
        gone = pair.source is Presence.ABSENT and pair.source_doubtful
        gone_there = pair.destination is Presence.ABSENT and pair.destination_doubtful
        if gone is not gone_there and Presence.PRESENT in {pair.source, pair.destination}:
            assert not isinstance(decide(policy, pair), Delete | RemoveCoupling)


def test_a_record_with_news_is_never_deleted() -> None:
    """A deletion crosses only to a record that nobody changed since both sides agreed."""
    for policy, pair in CELLS:
        if isinstance(decide(policy, pair), Delete):
            assert policy.deletion is Deletion.DELETE
            assert not pair.survivor_changed
            assert pair.source is Presence.ABSENT


@pytest.mark.parametrize(
    ("direction", "two_way"), [(Direction.BIDIRECTIONAL, True), (Direction.TO_INTEGRATION_TABLE, False)]
)
def test_a_pass_knows_what_its_mapping_allows(direction: Direction, *, two_way: bool) -> None:
    """Creating may be a run's own word; the opposite pass exists in two-way mappings only."""
    mapping = IntegrationTableMapping(
        name=MappingName("M"),
        erp_table="E",
        integration_table="c",
        direction=direction,
        fields=(),
        deletion_conflict_resolution=Deletion.DELETE,
    )
    policy = pass_policy(mapping, Direction.TO_INTEGRATION_TABLE, create_new=False)
    assert policy == PassPolicy(may_create=False, deletion=Deletion.DELETE, two_way=two_way)
    assert pass_policy(mapping, Direction.TO_INTEGRATION_TABLE, create_new=True).may_create
