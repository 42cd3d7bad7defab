"""A conflict's id is its two records as they were seen, and a decision must answer exactly what is open."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from interlace.domain.conflict import (
    Choice,
    Conflict,
    ConflictKind,
    ConflictRow,
    Decision,
    DecisionRefused,
    SideOfConflict,
    check_decision,
)
from interlace.domain.errors import ErrorCode
from interlace.domain.keys import MappingName
from interlace.domain.side import Side


def row(name: str, group: str | None = None) -> ConflictRow:
    """Make a row of two different values."""
    return ConflictRow(
        row=name,
        erp_field=name,
        crm_field=name.lower(),
        erp_value="e",
        crm_value="c",
        agreed=("a", "a"),
        to_crm="e",
        to_erp="c",
        group=group,
    )


UPDATE = Conflict(
    mapping=MappingName("M"),
    kind=ConflictKind.UPDATE,
    code=ErrorCode.UPDATE_CONFLICT,
    caption="E1",
    erp=SideOfConflict(key="E1", digest=b"1"),
    crm=SideOfConflict(key="c1", digest=b"2"),
    detected_at=datetime(2026, 1, 1, tzinfo=UTC),
    rows=(row("A"), row("B", "g"), row("C", "g")),
)
DELETION = replace(
    UPDATE,
    kind=ConflictKind.DELETION,
    code=ErrorCode.PARTNER_DELETED,
    crm=SideOfConflict(key="c1", digest=None),
)


def decision(choice: Choice | None = None, **fields: Choice) -> Decision:
    """Make a decision on the conflicts above."""
    return Decision(conflict_id=UPDATE.id, by="somebody", choice=choice, fields=fields)


def test_the_id_changes_with_either_record_and_with_nothing_else() -> None:
    """A conflict that is described anew of the same two records is the same."""
    assert (UPDATE.erp_key, UPDATE.crm_key) == ("E1", "c1")
    later = replace(UPDATE, detected_at=datetime(2027, 1, 1, tzinfo=UTC), caption="renamed")
    assert later.id == UPDATE.id
    moved = (
        replace(UPDATE, erp=replace(UPDATE.erp, digest=b"3")),
        replace(UPDATE, crm=replace(UPDATE.crm, digest=b"3")),
        DELETION,
    )
    assert len({UPDATE.id, *(each.id for each in moved)}) == 4


def test_the_deleted_side_is_the_one_that_is_not_there() -> None:
    """An update conflict has none."""
    gone = replace(DELETION, erp=DELETION.crm, crm=UPDATE.erp)
    assert (UPDATE.deleted, DELETION.deleted, gone.deleted) == (None, Side.CRM, Side.ERP)


def test_conflicts_are_alike_by_mapping_kind_and_fields() -> None:
    """Whatever the records and their values."""
    other = replace(UPDATE, erp=SideOfConflict(key="E2", digest=b"9"), rows=UPDATE.rows[::-1])
    assert other.likeness == UPDATE.likeness
    assert replace(UPDATE, rows=UPDATE.rows[:1]).likeness != UPDATE.likeness


@pytest.mark.parametrize(
    ("conflict", "decided"),
    [
        (UPDATE, decision(Choice.ERP)),
        (UPDATE, decision(Choice.ERP, A=Choice.CRM)),
        (UPDATE, decision(A=Choice.ERP, B=Choice.CRM, C=Choice.CRM)),
        (DELETION, decision(Choice.RESTORE)),
        (DELETION, decision(Choice.DELETE)),
    ],
)
def test_a_decision_that_answers_every_question_is_taken(conflict: Conflict, decided: Decision) -> None:
    """For the record, for single fields, or both."""
    check_decision(conflict, decided)


@pytest.mark.parametrize(
    ("conflict", "decided", "told"),
    [
        (UPDATE, decision(), "Nothing is chosen for the field A"),
        (UPDATE, decision(A=Choice.ERP), "Nothing is chosen for the field B"),
        (UPDATE, decision(Choice.DELETE), "Possible: erp, crm"),
        (UPDATE, decision(Choice.ERP, X=Choice.ERP), "Fields in conflict: A, B, C"),
        (UPDATE, decision(Choice.ERP, B=Choice.CRM), "belong together"),
        (DELETION, decision(Choice.ERP), "Possible: restore, remove-coupling, delete"),
        (DELETION, decision(), "Nothing is chosen for the record"),
        (DELETION, decision(Choice.RESTORE, A=Choice.ERP), "the whole record was deleted"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused_with_what_would(
    conflict: Conflict, decided: Decision, told: str
) -> None:
    """The message names the open fields or the possible choices."""
    with pytest.raises(DecisionRefused, match=told):
        check_decision(conflict, decided)
