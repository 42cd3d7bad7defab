"""Records are matched by criteria: groups in the order of priority, exactly one on each side, nothing guessed."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from interlace.domain.match_criteria import Ambiguity, MatchCriterion, Pair, Records, match_records
from interlace.domain.transformation_rule import Prefix

MAIL = MatchCriterion(erp_field="E_Mail", crm_field="emailaddress1", priority=1)
NAME = MatchCriterion(erp_field="Name", crm_field="name", priority=2)
CITY = MatchCriterion(erp_field="City", crm_field="address1_city", priority=2)


def test_criteria_of_one_priority_hold_together_and_lower_ones_come_first() -> None:
    """What the mail address decides, the name is not asked for."""
    erp: Records = {
        "C1": ("a@x.no", "Firm", "Oslo"),
        "C2": (None, "Firm", "Bergen"),
        "C3": ("c@x.no", "Other", "Oslo"),
    }
    crm: Records = {
        "a": ("A@X.NO", "Renamed", "Oslo"),
        "b": ("", "FIRM ", "Bergen"),
        "c": (None, "Firm", "Oslo"),
    }
    found = match_records(erp, crm, (MAIL, NAME, CITY))
    assert found.pairs == [
        Pair(erp_key="C1", crm_key="a", priority=1),
        Pair(erp_key="C2", crm_key="b", priority=2),
    ]
    assert (found.ambiguous, found.unmatched) == ({}, ["C3"])


def test_where_several_are_alike_none_is_coupled() -> None:
    """Neither side may have two; a later group may still tell them apart."""
    erp: Records = {"C1": (None, "Firm", None), "C2": (None, "Twin", None), "C3": (None, "Twin", None)}
    crm: Records = {"a": (None, "Firm", "Oslo"), "b": (None, "firm", "Bergen"), "c": (None, "Twin", None)}
    found = match_records(erp, crm, (MAIL, NAME, CITY))
    assert found.pairs == []
    assert found.ambiguous["C1"] == Ambiguity(erp_key="C1", candidates=("a", "b"), rivals=())
    assert found.ambiguous["C2"] == Ambiguity(erp_key="C2", candidates=("c",), rivals=("C3",))
    first = MatchCriterion(erp_field="Name", crm_field="name")
    erp = {"C1": (None, "Firm", "Oslo")}
    assert match_records({"C1": ("Firm",)}, {"a": ("Firm",), "b": ("firm",)}, (first,)).ambiguous
    for criteria in ((MAIL, NAME, CITY), (MAIL, first, CITY)):
        assert match_records(erp, crm, criteria).pairs == [Pair(erp_key="C1", crm_key="a", priority=2)]


def test_case_counts_only_where_it_is_said_and_kinds_are_told_apart() -> None:
    """Amounts compare by amount; a yes is no 1; a blank is nothing to match by."""
    exact = MatchCriterion(erp_field="Name", crm_field="name", case_sensitive=True)
    assert not match_records({"C1": ("Firm",)}, {"a": ("FIRM",)}, (exact,)).pairs
    amount = MatchCriterion(erp_field="Limit", crm_field="creditlimit")
    assert match_records({"C1": (Decimal("1.0"),)}, {"a": (1,)}, (amount,)).pairs
    assert not match_records({"C1": (True,)}, {"a": (1,)}, (amount,)).pairs
    assert match_records({"C1": ("  ",)}, {"a": (None,)}, (exact,)).unmatched == ["C1"]
    coded = MatchCriterion(erp_field="Code", crm_field="name", rules=(Prefix(text="NAV "),))
    assert match_records({"PCS": ("PCS",)}, {"a": ("NAV PCS",)}, (coded,)).pairs


_VALUES = st.sampled_from([None, "a", "A", "b", "c"])
_RECORDS = st.dictionaries(
    st.text("123456", min_size=1, max_size=2), st.tuples(_VALUES, _VALUES, _VALUES), max_size=8
)


@given(erp=_RECORDS, crm=_RECORDS)
def test_each_record_stands_in_one_place_and_is_coupled_at_most_once(erp: Records, crm: Records) -> None:
    """Whatever the tables hold."""
    found = match_records(erp, crm, (MAIL, NAME, CITY))
    paired = [each.erp_key for each in found.pairs]
    assert sorted([*paired, *found.ambiguous, *found.unmatched]) == sorted(erp)
    partners = [each.crm_key for each in found.pairs]
    assert len(set(partners)) == len(partners)
