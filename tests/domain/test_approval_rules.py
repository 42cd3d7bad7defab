"""Approval rules: which planned writes fall under one, and under which."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from interlace.domain.approval_rules import (
    RECORDS_TOLD,
    ApprovalRules,
    RecordMet,
    RuleKind,
    RuleMet,
    rules_met,
)
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.plan import Operation, PlannedAction, PlannedKind, PlannedWrite
from interlace.domain.side import Side
from interlace.domain.values import Value

CUSTOMER = MappingName("CUSTOMER")
RULE = "CUSTOMER.Credit_Limit_LCY"
WATCHED = {
    (CUSTOMER, Side.ERP, "Credit_Limit_LCY"): RULE,
    (CUSTOMER, Side.CRM, "creditlimit"): RULE,
}
OF_FIELD = ApprovalRules(fields=(RULE,))


def planned(
    operation: Operation,
    before: Mapping[str, Value] | None,
    after: Mapping[str, Value],
    *,
    side: Side = Side.CRM,
    kind: PlannedKind = PlannedKind.CHANGE,
    key: str = "C1",
) -> PlannedAction:
    """Return an action with one write."""
    write = PlannedWrite(side=side, table="t", key="k", operation=operation, before=before, after=after)
    to_crm = side is Side.CRM
    return PlannedAction(
        mapping=CUSTOMER,
        direction=Direction.TO_INTEGRATION_TABLE if to_crm else Direction.FROM_INTEGRATION_TABLE,
        source_key=key,
        kind=kind,
        writes=(write,),
    )


def found(rules: ApprovalRules, *actions: PlannedAction, coupled: int = 10) -> tuple[RuleMet, ...]:
    """Return the rules that are met."""
    return rules_met(rules, WATCHED, enumerate(actions, 1), {CUSTOMER: coupled})


CHANGE, CREATE, DELETE = Operation.CHANGE, Operation.CREATE, Operation.DELETE


@pytest.mark.parametrize(
    ("operation", "before", "after", "is_met"),
    [
        (CHANGE, {"creditlimit": Decimal(5)}, {"creditlimit": Decimal(9)}, True),
        (CHANGE, {"creditlimit": Decimal(5)}, {"creditlimit": Decimal("5.00")}, False),
        (CHANGE, {"creditlimit": None}, {"creditlimit": Decimal(0)}, True),
        (CHANGE, {"creditlimit": Decimal(5)}, {"creditlimit": None}, True),
        (CHANGE, {"name": "A"}, {"name": "B"}, False),
        (CHANGE, None, {"creditlimit": Decimal(0)}, True),
        (CREATE, None, {"creditlimit": Decimal(9)}, True),
        (CREATE, None, {"creditlimit": Decimal(0)}, False),
        (CREATE, None, {"creditlimit": " "}, False),
        (DELETE, {"creditlimit": Decimal(5)}, {}, False),
    ],
)
def test_a_rule_on_a_field_is_met_by_what_changes_it(
    operation: Operation, before: Mapping[str, Value] | None, after: Mapping[str, Value], *, is_met: bool
) -> None:
    """Not by the same value in other words, nor by a new record that begins with none; by what nobody knows, it is."""
    assert bool(found(OF_FIELD, planned(operation, before, after))) is is_met


def test_a_rule_tells_its_records_with_their_values() -> None:
    """Each by its place in the plan and the record it comes from; on either side, under the rule's one name."""
    there = planned(CHANGE, {"creditlimit": Decimal(5)}, {"creditlimit": Decimal(9)}, key="C7")
    back = planned(CHANGE, {"Credit_Limit_LCY": True}, {"Credit_Limit_LCY": False}, side=Side.ERP, key="a7")
    other = planned(CHANGE, {"name": "A"}, {"name": "B"})
    [met] = found(OF_FIELD, other, there, back)
    assert (met.kind, met.mapping, met.field, met.count, met.of) == (RuleKind.FIELD, CUSTOMER, RULE, 2, 0)
    assert met.records == (
        RecordMet(number=2, key="C7", from_crm=False, before="5", after="9"),
        RecordMet(number=3, key="a7", from_crm=True, before="true", after="false"),
    )


def test_all_records_are_counted_and_the_first_are_told() -> None:
    """However large the plan is, what is told of it stays small."""
    actions = [
        planned(CHANGE, {"creditlimit": 1}, {"creditlimit": 2}, key=str(number))
        for number in range(RECORDS_TOLD + 5)
    ]
    [met] = found(OF_FIELD, *actions)
    assert (met.count, len(met.records)) == (RECORDS_TOLD + 5, RECORDS_TOLD)


@pytest.mark.parametrize("kind", [PlannedKind.SKIP, PlannedKind.CONFLICT, PlannedKind.FAIL])
def test_what_is_left_alone_falls_under_no_rule(kind: PlannedKind) -> None:
    """It is not written in any case."""
    action = planned(CHANGE, {"creditlimit": 1}, {"creditlimit": 2}, kind=kind)
    assert found(ApprovalRules(fields=(RULE,), changes_percent=0), action) == ()


@pytest.mark.parametrize(
    ("percent", "deleted", "coupled", "is_met"),
    [(20, 2, 10, False), (20, 3, 10, True), (0, 1, 1000, True), (0, 0, 10, False), (100, 1, 0, True)],
)
def test_a_share_is_of_the_coupled_records_of_the_mapping(
    percent: int, deleted: int, coupled: int, *, is_met: bool
) -> None:
    """More than the share needs approval, exactly the share doesn't; where nothing is coupled, any deletion does."""
    actions = [planned(DELETE, None, {}, key=str(number)) for number in range(deleted)]
    met = found(ApprovalRules(deletions_percent=percent), *actions, coupled=coupled)
    assert [(each.kind, each.count, each.of, each.percent) for each in met] == (
        [(RuleKind.DELETIONS, deleted, coupled, percent)] if is_met else []
    )


def test_changes_and_deletions_are_limited_apart() -> None:
    """New records count for neither; a share that is not limited is free."""
    actions = (
        planned(CHANGE, {"name": "A"}, {"name": "B"}),
        planned(DELETE, None, {}),
        planned(CREATE, None, {"name": "B"}),
    )
    kinds = {
        limit: [each.kind for each in found(rules, *actions)]
        for limit, rules in (
            ("none", ApprovalRules()),
            ("changes", ApprovalRules(changes_percent=5)),
            ("both", ApprovalRules(changes_percent=5, deletions_percent=5)),
            ("high", ApprovalRules(changes_percent=10, deletions_percent=10)),
        )
    }
    assert kinds == {
        "none": [],
        "changes": [RuleKind.CHANGES],
        "both": [RuleKind.CHANGES, RuleKind.DELETIONS],
        "high": [],
    }
    assert [ApprovalRules().is_on, OF_FIELD.is_on, ApprovalRules(deletions_percent=0).is_on] == [
        False,
        True,
        True,
    ]
