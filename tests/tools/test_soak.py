"""The soak's rules can be read, and its judge sees what is lost and what is there twice."""

from pathlib import Path

import pytest
from tools.soak.judge import named_twice_in, not_arrived, unique_names_twice
from tools.soak.ledger import CUSTOMER, Edit, Record, Side
from tools.soak.services import write_rules

from interlace.sandbox.fault_file import read_fault_file


def test_the_rules_of_both_services_can_be_read(tmp_path: Path) -> None:
    """What the soak writes is what the services understand."""
    for crm in (False, True):
        script = read_fault_file(write_rules(tmp_path / "faults.toml", seed=1, crm=crm))
        assert script.spared_agent == "soak-user*"
        assert len(script.rules) > 10


def _edit(record: Record, side: Side, value: str, replaced: str) -> Edit:
    return Edit(record=record, side=side, field="Name", value=value, replaced=replaced)


@pytest.mark.parametrize(
    ("here", "there", "lost"),
    [
        ("c", "c", []),
        ("b", "b", ["c"]),
        ("a", "a", ["b", "c"]),
        ("c", "b", ["a", "b", "c"]),
    ],
    ids=["the newest stands", "the newest is gone", "two are gone", "the sides differ"],
)
def test_an_edit_must_stand_on_both_sides_or_have_been_replaced_by_one_who_saw_it(
    here: str, there: str, lost: list[str]
) -> None:
    """Of three edits each one saw the one before."""
    record = Record(table=CUSTOMER, number="C1")
    edits = [
        _edit(record, Side.ERP, "a", ""),
        _edit(record, Side.CRM, "b", "a"),
        _edit(record, Side.ERP, "c", "b"),
    ]
    found = not_arrived(record, edits, {"Name": here}, {"name": there})
    assert [edit.value for edit in found] == lost


def test_of_two_values_that_replaced_the_same_one_the_other_is_missed() -> None:
    """A conflict that nobody was told of is a loss."""
    record = Record(table=CUSTOMER, number="C1")
    edits = [_edit(record, Side.ERP, "b", "a"), _edit(record, Side.CRM, "c", "a")]
    found = not_arrived(record, edits, {"Name": "c"}, {"name": "c"})
    assert [edit.value for edit in found] == ["b"]


def test_a_listed_record_keeps_each_edit_on_one_side_at_least() -> None:
    """A conflict that waits for a person has lost nothing yet; the error list excuses no more than that."""
    record = Record(table=CUSTOMER, number="C1")
    edits = [_edit(record, Side.ERP, "b", "a"), _edit(record, Side.CRM, "c", "a")]
    assert not_arrived(record, edits, {"Name": "b"}, {"name": "c"}, is_listed=True) == []
    found = not_arrived(record, edits, {"Name": "c"}, {"name": "c"}, is_listed=True)
    assert [edit.value for edit in found] == ["b"]


def test_doubles_are_found_by_partner_and_by_name() -> None:
    """Two accounts of one customer, and two customers with a name that was given once."""
    rows = [{"ilc_erpkey": "C1", "accountid": str(number)} for number in range(2)]
    assert len(named_twice_in("accounts", rows)) == 1
    assert named_twice_in("accounts", [*rows[:1], {"ilc_erpkey": None}, {"ilc_erpkey": None}]) == []
    name = "Soak customer 000001"
    erp = {"C1": {"Name": name}, "C2": {"Name": name}, "C3": {"Name": "Other"}, "C4": {"Name": "Other"}}
    assert unique_names_twice(CUSTOMER, erp, {}) == [f"2 CustomerCard are named {name}"]
