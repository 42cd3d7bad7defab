"""The soak excuses an edit only if the journal names it as lost and somebody, or a policy, decided so."""

import math
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tools.soak.clerk import decide, last_begun
from tools.soak.cures import cure_of
from tools.soak.excuses import (
    BY_A_PERSON,
    BY_THE_POLICY,
    LISTED,
    REMOVED,
    REPLACED,
    UNSEEN,
    WITH_ITS_RECORD,
    Decided,
    Excused,
)
from tools.soak.judge import Memory, Verdict, judge_record
from tools.soak.ledger import CONTACT, CUSTOMER, Edit, Ledger, Record, Side, Table


def _record(table: Table = CUSTOMER, deleted_on: Side | None = None) -> Record:
    return Record(table=table, number="1", crm_id="one", deleted_on=deleted_on)


def _edit(record: Record, side: Side, value: str, replaced: str = "") -> Edit:
    return Edit(record=record, side=side, field="Name", value=value, replaced=replaced)


def _decided(*, losers: str = "", overruled: str = "", restored: str = "") -> Decided:
    ledger = Ledger(overruled=set(overruled), restored={restored})
    return Decided(ledger=ledger, losers=set(losers))


@pytest.mark.parametrize(
    ("losers", "overruled", "excuse"),
    [("b", "b", BY_A_PERSON), ("b", "", None), ("", "b", None), ("", "", None)],
    ids=["decided and journalled", "nobody decided", "not in the journal", "neither"],
)
def test_a_lost_value_is_excused_by_a_person_and_the_journal_together(
    losers: str, overruled: str, excuse: str | None
) -> None:
    """One of the two alone proves nothing."""
    edit = _edit(_record(), Side.ERP, "b")
    assert _decided(losers=losers, overruled=overruled).excuse_of(edit, [edit]) == excuse


@pytest.mark.parametrize(
    ("table", "side", "excuse"),
    [(CONTACT, Side.CRM, BY_THE_POLICY), (CONTACT, Side.ERP, None), (CUSTOMER, Side.CRM, None)],
    ids=["the policy's loser", "the policy's winner", "a table without policy"],
)
def test_a_policy_excuses_the_values_of_its_losing_side_only(
    table: Table, side: Side, excuse: str | None
) -> None:
    """The ERP's contacts win: one that lost was lost by mistake."""
    edit = _edit(_record(table), side, "b")
    assert _decided(losers="b").excuse_of(edit, [edit]) == excuse


def test_a_value_replaced_by_one_that_lost_is_excused_with_it() -> None:
    """Whoever typed c saw b, and c was decided against; nobody saw d."""
    record = _record()
    edits = [
        _edit(record, Side.ERP, "b", "a"),
        _edit(record, Side.CRM, "c", "b"),
        _edit(record, Side.ERP, "d"),
    ]
    decided = _decided(losers="c", overruled="c")
    assert [decided.excuse_of(edit, edits) for edit in edits] == [REPLACED, BY_A_PERSON, None]


def test_only_edits_of_the_deleted_side_may_go_with_a_restored_record() -> None:
    """What was typed into the surviving record is to come back with it."""
    record = _record(CONTACT, deleted_on=Side.ERP)
    here, there = _edit(record, Side.ERP, "b"), _edit(record, Side.CRM, "c")
    decided = _decided(restored="1")
    assert decided.excuse_of(here, [here, there]) == WITH_ITS_RECORD
    assert decided.excuse_of(there, [here, there]) is None
    assert _decided().excuse_of(here, [here, there]) is None


@pytest.mark.parametrize(
    ("counts", "few"),
    [({BY_A_PERSON: 90}, True), ({BY_A_PERSON: 110}, False), ({LISTED + "IL-201": 20}, False), ({}, True)],
)
def test_too_many_excuses_fail_the_soak(counts: dict[str, int], *, few: bool) -> None:
    """Of a thousand edits a hundred may be overruled, and ten wait at the end."""
    assert Excused(edits=1000, counts=Counter(counts)).are_few is few


def _conflict(*fields: tuple[str, str | None], kind: str = "update") -> dict[str, Any]:
    rows = [
        {"field": name, "group": group, "erp_value": f"erp {name}", "crm_value": f"crm {name}"}
        for name, group in fields
    ]
    return {"kind": kind, "fields": rows}


@pytest.mark.parametrize("by_field", [False, True])
def test_a_decision_is_against_what_was_shown_of_the_side_that_is_wrong(*, by_field: bool) -> None:
    """For each field one of the two values loses, and fields that belong together lose together."""
    conflict = _conflict(("Name", None), ("Street", "address"), ("City", "address"))
    for seed in range(20):
        word = decide(conflict, random.Random(seed), by_field=by_field)
        assert {value.split()[1] for value in word.against} == {"Name", "Street", "City"}
        assert len(word.against) == 3
        street, city = (next(v for v in word.against if v.endswith(name)) for name in ("Street", "City"))
        assert street.split()[0] == city.split()[0]
        right = "crm" if street.startswith("erp") else "erp"
        assert f"Street={right}" in word.options if by_field else word.options == ("--choose", right)


def test_a_deletion_is_carried_over_or_taken_back() -> None:
    """Both happen, and no value is decided against."""
    words = [decide(_conflict(kind="deletion"), random.Random(seed), by_field=True) for seed in range(20)]
    assert {word.options[1] for word in words} == {"restore", "delete"}
    assert all(not word.against for word in words)


def test_troubles_that_people_can_correct_are_known_by_the_words_of_the_list() -> None:
    """A credit limit below zero is corrected in its customer; a conflict is no such trouble."""
    error: dict[str, Any] = {
        "code": "IL-301",
        "mapping": "CUSTOMER",
        "direction": "ToIntegrationTable",
        "record": "C1",
        "message": "The value of 'creditlimit' is outside the valid range",
        "waits_for": None,
    }
    cure = cure_of(error)
    assert cure is not None
    assert (cure.page, cure.number, cure.field, cure.value) == ("CustomerCard", "C1", "Credit_Limit_LCY", 0)
    assert cure_of(error | {"code": "IL-201"}) is None


@pytest.mark.parametrize(
    ("there", "wanted", "listed", "excuse"),
    [
        ((), "removed", "", REMOVED),
        ((), "", "", None),
        ((), "restored", "", None),
        (("erp",), "removed", "", None),
        (("erp",), "", "1", LISTED + "IL-202"),
        (("erp", "crm"), "restored", "", ""),
        (("erp", "crm"), "", "", None),
        (("erp", "crm"), "removed", "", None),
    ],
)
def test_a_deletion_is_carried_over_or_taken_back_only_as_somebody_wanted(
    there: tuple[str, ...], wanted: str, listed: str, excuse: str | None
) -> None:
    """Nobody's word: the record must wait on the list, half of it left; an empty excuse means that all arrived."""
    record = _record(deleted_on=Side.CRM)
    ledger = Ledger(edits=[_edit(record, Side.ERP, "b")], records=[record])
    (ledger.removed if wanted == "removed" else ledger.restored).update({"1"} if wanted else ())
    memory = Memory(
        listed=dict.fromkeys(listed, "IL-202"), decided=Decided(ledger=ledger, losers=frozenset())
    )
    erp = {"1": {"No": "1", "Name": "b"}} if "erp" in there else {}
    crm = {"one": {"accountid": "one", "ilc_erpkey": "1", "name": "b"}} if "crm" in there else {}
    verdict = Verdict(excused=Excused(edits=1))
    judge_record(
        record, ledger, (erp, crm, {row["ilc_erpkey"]: row for row in crm.values()}), memory, verdict
    )
    assert bool(verdict.lost) is (excuse is None)
    assert verdict.excused.counts == (Counter({excuse: 1}) if excuse else Counter())


@pytest.mark.parametrize(("minutes", "excuse"), [(1, UNSEEN), (-1, None), (None, None)])
def test_a_deleted_record_may_be_there_again_only_if_the_journal_told_of_it_later(
    minutes: int | None, excuse: str | None
) -> None:
    """Its create was lost sight of, and made again: had Interlace seen it, the deletion would be a deletion."""
    record = _record(CONTACT, deleted_on=Side.CRM)
    record.deleted_at = datetime(2026, 1, 1, tzinfo=UTC)
    told = {} if minutes is None else {"one": record.deleted_at + timedelta(minutes=minutes)}
    ledger = Ledger(records=[record])
    memory = Memory(listed={}, decided=Decided(ledger=ledger, losers=frozenset(), first_told=told))
    crm = {"one": {"contactid": "one", "ilc_erpkey": "1"}}
    verdict = Verdict(excused=Excused(edits=1))
    judge_record(record, ledger, ({"1": {"No": "1"}}, crm, {"1": crm["one"]}), memory, verdict)
    assert bool(verdict.lost) is (excuse is None)
    assert verdict.excused.counts == (Counter({excuse: 1}) if excuse else Counter())
    here, there = _edit(record, Side.ERP, "b"), _edit(record, Side.CRM, "c")
    assert [memory.decided.excuse_of(each, [here, there]) for each in (here, there)] == [None, excuse]


def _job(minutes_ago: int, *, finished: bool = True, message: str = "", records: int = 100) -> dict[str, Any]:
    started = (_NOW - timedelta(minutes=minutes_ago)).isoformat()
    names = ("inserted", "modified", "deleted", "skipped", "failed", "coupled", "uncoupled")
    counters = dict.fromkeys(names, 0) | {"unchanged": records}
    return {
        "started_at": started,
        "finished_at": started if finished else None,
        "message": message,
        **counters,
    }


_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_halt_is_about_what_changed_since_the_last_run_that_came_to_its_end() -> None:
    """Neither a killed run, nor one that the halt stopped, nor the decision on a single record counts as one."""
    jobs = [
        _job(1, message="Nothing was written"),
        _job(2, records=1),
        _job(3, finished=False),
        _job(13),
        _job(20),
    ]
    assert last_begun(jobs, _NOW, 5000.0) == 5000.0 - 13 * 60
    assert last_begun(jobs[:3], _NOW, 5000.0) == -math.inf
