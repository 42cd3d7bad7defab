"""Conflicts and doubts in the three-way merge: policies per field, groups, unknown pairs, restored sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.errors import ErrorCode
from interlace.domain.field_merge import FieldMerge, holds_news, is_unopened, merge_fields, open_record
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, Reference
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.observation import Difference
from interlace.domain.row_merge import NO_DOUBTS, Doubts
from interlace.domain.side import Side
from interlace.domain.transfer_fields import NotCoupled, Remembered, agreed_after_insert, transfer_plan
from interlace.domain.transformation_rule import Choose, UpperCase
from interlace.domain.values import Value

TO, FROM, BOTH = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE, Direction.BIDIRECTIONAL
Resolution = UpdateConflictResolution
ERP_IS_BACK = Doubts(sides=frozenset({Side.ERP}), earlier={"A>a": [("old", "old")]})
BOTH_ARE_BACK = Doubts(sides=frozenset(Side), earlier={"A>a": [("old", "old"), ("older", "older")]})


def row(name: str = "A", **options: object) -> IntegrationFieldMapping:
    """Make a row of fields `name` and its small letters, two-way unless told otherwise."""
    chosen = {"direction": BOTH} | options
    return IntegrationFieldMapping(erp_field=name, crm_field=name.lower(), **chosen)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """Two records in step, and how the mapping settles their conflicts."""

    rows: Sequence[IntegrationFieldMapping]
    resolution: Resolution = Resolution.NONE

    def merge(
        self,
        run: Direction,
        erp: Sequence[Value],
        crm: Sequence[Value],
        agreed: Sequence[Remembered] | None,
        doubts: Doubts = NO_DOUBTS,
    ) -> FieldMerge:
        """Merge in one pass."""
        mapping = IntegrationTableMapping(
            name=MappingName("M"),
            erp_table="E",
            integration_table="c",
            direction=BOTH,
            fields=tuple(self.rows),
            update_conflict_resolution=self.resolution,
        )
        source, destination = (erp, crm) if run is TO else (crm, erp)
        return merge_fields(transfer_plan(mapping, run, {}), source, destination, agreed, _translate, doubts)

    def settle(
        self,
        erp: Sequence[Value],
        crm: Sequence[Value],
        agreed: Sequence[Remembered],
        doubts: Doubts = NO_DOUBTS,
    ) -> tuple[list[Value], list[Value]]:
        """Let both passes write, ERP to CRM first; nothing of a pair that awaits a person is written."""
        records: dict[Direction, list[Value]] = {TO: list(crm), FROM: list(erp)}
        for run in (TO, FROM):
            merge = self.merge(run, records[FROM], records[TO], agreed, doubts)
            if merge.difference is Difference.CONFLICT:
                continue
            agreed = merge.agreed
            for place, each in enumerate(self.rows):
                target = each.crm_field if run is TO else each.erp_field
                if target in merge.write:
                    records[run][place] = merge.write[target]
        return records[FROM], records[TO]


def _translate(_row: IntegrationFieldMapping, value: Value) -> Value | NotCoupled:
    if value == "unknown":
        return NotCoupled(mapping=MappingName("R"), key="unknown", remedy="Couple it.")
    return value


@pytest.mark.parametrize(
    ("own", "of_mapping", "settled"),
    [
        (None, Resolution.NONE, ("e", "c")),
        (None, Resolution.SEND_UPDATE_TO_INTEGRATION, ("e", "e")),
        (None, Resolution.GET_UPDATE_FROM_INTEGRATION, ("c", "c")),
        (Resolution.NONE, Resolution.SEND_UPDATE_TO_INTEGRATION, ("e", "c")),
        (Resolution.GET_UPDATE_FROM_INTEGRATION, Resolution.SEND_UPDATE_TO_INTEGRATION, ("c", "c")),
        (Resolution.SEND_UPDATE_TO_INTEGRATION, Resolution.NONE, ("e", "e")),
        (Resolution.LARGER, Resolution.NONE, ("e", "e")),
        (Resolution.SMALLER, Resolution.NONE, ("c", "c")),
        (Resolution.FILLED, Resolution.NONE, ("e", "c")),
        (Resolution.JOINED_LINES, Resolution.NONE, ("e\nc", "e\nc")),
        (Resolution.NEWEST, Resolution.SEND_UPDATE_TO_INTEGRATION, ("e", "c")),
    ],
)
def test_a_fields_own_policy_goes_before_the_mappings(
    own: Resolution | None, of_mapping: Resolution, settled: tuple[Value, Value]
) -> None:
    """Both passes follow it alike; what none settles is held on both sides."""
    pairing = Pairing(rows=[row(conflict_resolution=own)], resolution=of_mapping)
    assert pairing.settle(["e"], ["c"], [("a", "a")]) == ([settled[0]], [settled[1]])


@pytest.mark.parametrize(("newer", "settled"), [(Side.ERP, "e"), (Side.CRM, "c")])
def test_the_newest_wins_where_its_own_history_proves_it(newer: Side, settled: Value) -> None:
    """The proof names the side whose change came later; both passes follow it."""
    pairing = Pairing(rows=[row()], resolution=Resolution.NEWEST)
    assert pairing.settle(["e"], ["c"], [("a", "a")], Doubts(newer=newer)) == ([settled], [settled])


@pytest.mark.parametrize(
    ("resolution", "erp", "crm", "settled"),
    [
        (Resolution.LARGER, Decimal("1.5"), 2, 2),
        (Resolution.SMALLER, Decimal("1.5"), 2, Decimal("1.5")),
        (Resolution.LARGER, None, Decimal(-1), Decimal(-1)),
        (Resolution.SMALLER, "2026-01-02", "2025-12-31", "2025-12-31"),
        (Resolution.FILLED, "x", None, "x"),
        (Resolution.FILLED, " ", "y", "y"),
        (Resolution.JOINED_LINES, None, "y", "y"),
        (Resolution.JOINED_LINES, "1\n2", "2\n3", "1\n2\n3"),
        (Resolution.JOINED_LINES, "1", "1\n2", "1\n2"),
    ],
)
def test_mergers_make_one_value_of_both(
    resolution: Resolution, erp: Value, crm: Value, settled: Value
) -> None:
    """Both sides hold it after both passes."""
    pairing = Pairing(rows=[row(conflict_resolution=resolution)])
    assert pairing.settle([erp], [crm], [("base", "base")]) == ([settled], [settled])


@pytest.mark.parametrize("resolution", [Resolution.LARGER, Resolution.SMALLER, Resolution.JOINED_LINES])
def test_a_merger_does_not_guess_between_values_of_different_kinds(resolution: Resolution) -> None:
    """A number and a text have no order and no common lines."""
    merge = Pairing(rows=[row(conflict_resolution=resolution)]).merge(TO, [1], ["c"], [("a", "a")])
    assert merge.conflicting == {"a": 1}


def test_a_merger_leaves_transformed_fields_to_a_person() -> None:
    """Two values that are spelled differently on both sides can't be compared."""
    changed = row(conflict_resolution=Resolution.LARGER, to_rules=(UpperCase(),))
    assert Pairing(rows=[changed]).merge(TO, ["e"], ["c"], [("a", "A")]).conflicting == {"a": "E"}


@given(
    resolution=st.sampled_from(Resolution),
    erp=st.sampled_from(["1", "2", "1\n2", None]),
    crm=st.sampled_from(["1", "3", "2\n1", None]),
    newer=st.sampled_from([None, *Side]),
)
def test_every_policy_brings_both_sides_together_or_touches_nothing(
    resolution: Resolution, erp: Value, crm: Value, newer: Side | None
) -> None:
    """A merge that is made again after a lost answer comes to the same end."""
    pairing = Pairing(rows=[row(conflict_resolution=resolution)])
    doubts = Doubts(newer=newer)
    settled = pairing.settle([erp], [crm], [("base", "base")], doubts)
    assert settled[0] == settled[1] or settled == ([erp], [crm])
    first = pairing.merge(TO, [erp], [crm], [("base", "base")], doubts)
    if first.write:
        # The write took effect, but nobody remembers it.
        assert pairing.settle([erp], [first.write["a"]], [("base", "base")], doubts) == settled


def test_a_person_is_asked_about_a_field_before_anything_of_the_record_is_written() -> None:
    """The other fields' news wait with it, in both passes."""
    pairing = Pairing(rows=[row("A"), row("B")])
    agreed: list[Remembered] = [("a", "a"), ("b", "b")]
    assert pairing.settle(["e", "b2"], ["c", "b"], agreed) == (["e", "b2"], ["c", "b"])
    merge = pairing.merge(TO, ["e", "b2"], ["c", "b"], agreed)
    assert (merge.difference, merge.conflict_rows) == (Difference.CONFLICT, [0])


GROUP = [row("A", merge_group="address"), row("B", merge_group="address"), row("C")]
AGREED: list[Remembered] = [("a", "a"), ("b", "b"), ("c", "c")]


def test_edits_of_two_fields_of_a_group_are_a_conflict() -> None:
    """A street of one town and the city of another make no address."""
    merge = Pairing(rows=GROUP).merge(TO, ["e", "b", "c"], ["a", "y", "c"], AGREED)
    assert merge.conflicting == {"a": "e", "b": "b"}


@pytest.mark.parametrize(
    ("resolution", "settled"),
    [
        (Resolution.SEND_UPDATE_TO_INTEGRATION, ["e", "b", "y"]),
        (Resolution.GET_UPDATE_FROM_INTEGRATION, ["a", "y", "y"]),
    ],
)
def test_a_group_is_taken_from_one_side_whole(resolution: Resolution, settled: list[Value]) -> None:
    """Fields that the winner did not change come from it, too; the rest is merged field by field."""
    pairing = Pairing(rows=GROUP, resolution=resolution)
    assert pairing.settle(["e", "b", "c"], ["a", "y", "y"], AGREED) == (settled, settled)


def test_a_group_changed_on_one_side_only_is_no_conflict() -> None:
    """Its news travel as those of any other fields."""
    assert Pairing(rows=GROUP).settle(["e", "e2", "c"], ["a", "b", "y"], AGREED) == (
        ["e", "e2", "y"],
        ["e", "e2", "y"],
    )


def test_a_group_whose_fields_disagree_on_the_winner_is_a_persons() -> None:
    """Half a group of each side is what groups are to prevent."""
    rows = [
        row("A", merge_group="g", conflict_resolution=Resolution.SEND_UPDATE_TO_INTEGRATION),
        row("B", merge_group="g", conflict_resolution=Resolution.GET_UPDATE_FROM_INTEGRATION),
    ]
    merge = Pairing(rows=rows).merge(TO, ["e", "b"], ["a", "y"], AGREED[:2])
    assert merge.difference is Difference.CONFLICT


def test_a_group_that_can_not_be_taken_whole_fails_the_record() -> None:
    """The winner's reference has no partner: nothing of the group is written."""
    reference = Reference(mapping=MappingName("R"), target_table="r")
    rows = [row("A", merge_group="g", reference=reference), row("B", merge_group="g")]
    pairing = Pairing(rows=rows, resolution=Resolution.SEND_UPDATE_TO_INTEGRATION)
    merge = pairing.merge(TO, ["unknown", "e"], ["y", "b"], [("unknown", "a"), ("b", "b")])
    assert merge.error is not None
    assert merge.error.code is ErrorCode.REFERENCE_NOT_COUPLED


@pytest.mark.parametrize(
    ("why", "direction", "erp", "crm", "difference"),
    [
        ("equal: agreed from now on", BOTH, "x", "x", Difference.AGREEMENT),
        ("two-way and different: nobody can say who changed it", BOTH, "x", "y", Difference.CONFLICT),
        ("one-way: its source's value is right", TO, "x", "y", Difference.SOURCE),
    ],
)
def test_a_row_of_which_nobody_knows_what_was_agreed(
    why: str, direction: Direction, erp: Value, crm: Value, difference: Difference
) -> None:
    """Both sides count as changed."""
    merge = Pairing(rows=[row(direction=direction)]).merge(TO, [erp], [crm], [None])
    assert merge.difference is difference, why
    assert merge.lost == ({"a": "y"} if difference is Difference.SOURCE else {})


def test_an_unknown_row_of_creates_only_is_taken_as_it_is() -> None:
    """It is not carried any more, so what both hold is what they agree on."""
    merge = Pairing(rows=[row(insert_only=True)]).merge(TO, ["x"], ["y"], [None])
    assert (merge.difference, merge.agreed) == (Difference.AGREEMENT, [("x", "y")])


# The ERP was restored. erp now, crm now -> what both hold in the end (base is "a", "old" was agreed earlier)
RESTORED = [
    ("nothing went back", "a", "a", ("a", "a")),
    ("the ERP holds an earlier value: the agreed one is written back", "old", "a", ("a", "a")),
    ("the CRM was changed meanwhile: its news is carried over the old value", "old", "y", ("y", "y")),
    ("both hold the earlier value by now", "old", "old", ("old", "old")),
    ("a value never agreed, though the CRM did not change", "new", "a", ("new", "a")),
    ("a value never agreed, and an edit", "new", "y", ("new", "y")),
    ("a value never agreed that the CRM holds, too", "new", "new", ("new", "new")),
    ("only the CRM changed", "a", "y", ("y", "y")),
]


@pytest.mark.parametrize(("why", "erp", "crm", "settled"), RESTORED)
@pytest.mark.parametrize("swapped", [False, True])
def test_old_values_of_a_restored_service_are_no_news(
    why: str, erp: Value, crm: Value, settled: tuple[Value, Value], *, swapped: bool
) -> None:
    """They are written over; what can't be told from an edit is a person's to decide."""
    doubts, pair = ERP_IS_BACK, (erp, crm)
    if swapped:
        doubts, pair = Doubts(sides=frozenset({Side.CRM}), earlier=doubts.earlier), (crm, erp)
        settled = settled[::-1]
    found = Pairing(rows=[row()]).settle([pair[0]], [pair[1]], [("a", "a")], doubts)
    assert found == ([settled[0]], [settled[1]]), why


def test_two_restored_services_with_different_old_values_need_a_person() -> None:
    """Neither of them is what was agreed last."""
    merge = Pairing(rows=[row()]).merge(TO, ["old"], ["older"], [("a", "a")], BOTH_ARE_BACK)
    assert merge.difference is Difference.CONFLICT


def test_what_a_one_way_field_loses_to_a_restored_source_is_kept() -> None:
    """Only its source may change it, so the old value counts; the journal keeps the newer one."""
    merge = Pairing(rows=[row(direction=TO)]).merge(TO, ["old"], ["a"], [("a", "a")], ERP_IS_BACK)
    assert (merge.write, merge.lost) == ({"a": "old"}, {"a": "a"})


def test_no_value_of_a_restored_side_that_was_agreed_earlier_reaches_the_other_side() -> None:
    """Neither pass writes it, whatever the other side holds and whatever the policy is."""
    for crm, resolution, run in product(["a", "y", "old"], Resolution, (TO, FROM)):
        pairing = Pairing(rows=[row()], resolution=resolution)
        merge = pairing.merge(run, ["old"], [crm], [("a", "a")], ERP_IS_BACK)
        assert merge.write.get("a") is None, (crm, resolution, run)


@pytest.mark.parametrize(
    ("record", "agreed", "doubts", "news"),
    [
        (["a"], [("a", "b")], NO_DOUBTS, False),
        (["x"], [("a", "b")], NO_DOUBTS, True),
        (["a"], [None], NO_DOUBTS, True),
        (["a"], None, NO_DOUBTS, True),
        (["old"], [("a", "b")], ERP_IS_BACK, False),
        (["x"], [("a", "b")], ERP_IS_BACK, True),
    ],
)
@pytest.mark.parametrize("run", [TO, FROM])
def test_the_survivor_of_a_pair_holds_news_or_not(
    run: Direction, record: list[Value], agreed: list[Remembered] | None, doubts: Doubts, *, news: bool
) -> None:
    """It is compared with its own past, in whichever role a pass sees it."""
    mapping = IntegrationTableMapping(
        name=MappingName("M"), erp_table="E", integration_table="c", direction=BOTH, fields=(row(),)
    )
    plan = transfer_plan(mapping, run, {})
    assert holds_news(plan, record, agreed, doubts, of_source=run is TO) is news


def test_a_constant_has_no_part_in_a_survivors_news() -> None:
    """It has no field on one side."""
    constant = IntegrationFieldMapping(crm_field="k", direction=TO, constant=1)
    mapping = IntegrationTableMapping(
        name=MappingName("M"), erp_table="E", integration_table="c", direction=BOTH, fields=(constant,)
    )
    assert not holds_news(transfer_plan(mapping, TO, {}), [], [(None, 1)], of_source=True)


@pytest.mark.parametrize("run", [TO, FROM])
def test_a_new_record_passes_through_its_opening_value(run: Direction) -> None:
    """Its deferred field counts as changed by the source alone; the opening value is written and agreed on first."""
    deferred = row(after_insert=True, opening_value="open")
    mapping = IntegrationTableMapping(
        name=MappingName("M"),
        erp_table="E",
        integration_table="c",
        direction=BOTH,
        fields=(deferred, row("B")),
    )
    plan = transfer_plan(mapping, run, {})
    assert plan.restorable == frozenset()
    assert not plan.restores
    agreed = agreed_after_insert(plan, [(None, None), ("b", "b")], ["born", "b"])
    assert agreed[0] == ((None, "born") if run is TO else ("born", None))
    merge = merge_fields(plan, ["closed", "b"], ["born", "b"], agreed, _translate)
    assert open_record(plan, merge, ["born", "b"])
    target = "a" if run is TO else "A"
    assert merge.write == {target: "open"}
    assert merge.agreed[0] == ((None, "open") if run is TO else ("open", None))
    assert not open_record(plan, merge, ["open", "b"])


@pytest.mark.parametrize("agreed", [(None, "draft"), (None, None)])
def test_a_new_record_that_says_nothing_is_left_to_the_pass_that_opens_it(
    agreed: tuple[Value, Value],
) -> None:
    """The opposite pass would agree on the draft and take that pass its reason to write."""
    silent = row(
        not_null=True,
        after_insert=True,
        opening_value="open",
        from_rules=(Choose(pairs=(("open", "yes"),)),),
    )
    mapping = IntegrationTableMapping(
        name=MappingName("M"), erp_table="E", integration_table="c", direction=BOTH, fields=(silent,)
    )
    look = merge_fields(transfer_plan(mapping, FROM, {}), ["draft"], ["yes"], [agreed], _translate)
    assert (look.left, look.hand_over, look.agreed, look.write) == (True, True, [agreed], {})
    opening = transfer_plan(mapping, TO, {})
    assert is_unopened(opening, ["yes"], ["draft"], [agreed])
    assert not is_unopened(opening, [None], ["draft"], [agreed])
    for known in ((None, "open"), ("yes", "draft"), (None, "closed"), None):
        assert not is_unopened(opening, ["yes"], ["draft"], [known])


def test_a_change_is_not_agreed_on_because_the_other_side_says_nothing() -> None:
    """What the opposite pass is to carry stays news, unless the silent side changed as well."""
    silent = row(not_null=True, from_rules=(Choose(pairs=(("open", "yes"),)),))
    mapping = IntegrationTableMapping(
        name=MappingName("M"), erp_table="E", integration_table="c", direction=BOTH, fields=(silent,)
    )
    plan = transfer_plan(mapping, FROM, {})
    unchanged = merge_fields(plan, ["draft"], ["yes"], [("no", "draft")], _translate)
    assert (unchanged.left, unchanged.agreed) == (True, [("no", "draft")])
    changed = merge_fields(plan, ["draft"], ["yes"], [("yes", "open")], _translate)
    assert (changed.left, changed.agreed) == (False, [("yes", "draft")])
