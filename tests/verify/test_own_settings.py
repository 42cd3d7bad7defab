"""The judge under a connection's own settings: added filters, disabled and own field rows, direction."""

from collections.abc import Mapping

import pytest
from tests.verify.small_company import FACTS, SmallCompany, small_company
from tests.verify.small_company_records import ACCOUNT, account, customer

from interlace.verify import OwnSettings, RecordState, SettingNotUnderstood, verify
from interlace.verify.expectations import EXPECTATIONS
from interlace.verify.own_conditions import own_condition
from interlace.verify.own_settings import with_own_settings
from interlace.verify.reference_book import ReferenceBooks
from interlace.verify.verify_report import MappingVerdict

BOOKS = ReferenceBooks(FACTS, {})
CUSTOMER = next(each for each in EXPECTATIONS if each.mapping == "CUSTOMER")


async def judge(
    company: SmallCompany, without_part: frozenset[str] = frozenset(), **kept: object
) -> MappingVerdict:
    """Judge the customers under settings of one's own."""
    own = OwnSettings(kept=kept, without_part=without_part)
    report = await verify(company, FACTS, expectations=[CUSTOMER], own={"CUSTOMER": own})
    [verdict] = report.verdicts
    assert verdict.erp.adds_up
    assert verdict.crm.adds_up
    return verdict


def condition(field: str, comparison: str, value: object = None, kind: str = "text") -> dict[str, object]:
    """Return a condition as it is kept."""
    return {"field": field, "comparison": comparison, "kind": kind, "value": value}


async def test_records_outside_an_added_filter_are_excluded_with_the_condition() -> None:
    """A customer that the user's own filter keeps out misses nobody; a coupled one is named on both sides."""
    company = small_company()
    company.erp["CustomerCard"].append(customer("C3"))
    company.erp["CustomerCard"][0]["City"] = "Elsewhere"
    verdict = await judge(company, table_filter=[condition("City", "begins with", "Else")])
    assert verdict.drifted_fields == {"City>address1_city": 1}
    assert verdict.erp.states[RecordState.MISSING] == 0
    excluded = verdict.erp.reasons_of(RecordState.EXCLUDED)
    assert excluded["City begins with Else does not hold"] == verdict.erp.total - 1


async def test_an_added_filter_of_the_crm_counts_as_well() -> None:
    """An account that it keeps out is excluded with its customer."""
    company = small_company()
    company.crm["accounts"][0]["telephone1"] = "wrong"
    verdict = await judge(company, integration_table_filter=[condition("telephone1", "<>", "wrong")])
    assert verdict.is_green
    assert verdict.crm.reasons_of(RecordState.EXCLUDED)["telephone1 <> wrong does not hold"] == 1


async def test_a_disabled_row_is_not_compared() -> None:
    """Users who disabled a row keep its values apart on purpose; every other row is compared."""
    company = small_company()
    company.crm["accounts"][0]["telephone1"] = "wrong"
    company.crm["accounts"][0]["fax"] = "wrong"
    verdict = await judge(company, disabled_fields=["Phone_No>telephone1"])
    assert verdict.drifted_fields == {"Fax_No>fax": 1}


async def test_a_mapping_of_one_direction_asks_one_side_for_partners() -> None:
    """An account of the CRM alone is nobody's fault where nothing goes to the ERP; rows without part are left."""
    company = small_company()
    company.crm["accounts"].append({**account(ACCOUNT[:-2] + "99", "C9"), "ilc_erpkey": None})
    company.crm["accounts"][0]["fax"] = "wrong"
    assert not (await judge(company)).is_green
    one_way = await judge(company, frozenset({"Fax_No>fax"}), direction="ToIntegrationTable")
    assert one_way.is_green
    other_way = await judge(company, direction="FromIntegrationTable")
    assert other_way.crm.states[RecordState.MISSING] == 1
    company.erp["CustomerCard"].append(customer("C3"))
    assert (await judge(company, direction="FromIntegrationTable")).erp.states[RecordState.MISSING] == 0


async def test_only_coupled_records_are_asked_for() -> None:
    """Where nobody makes partners, a record without one is excluded; what is coupled is compared."""
    company = small_company()
    company.erp["CustomerCard"].append(customer("C3"))
    company.crm["accounts"][0]["fax"] = "wrong"
    verdict = await judge(company, synch_only_coupled_records=True)
    assert verdict.erp.states[RecordState.MISSING] == 0
    assert verdict.drifted_fields == {"Fax_No>fax": 1}


ROWS: tuple[tuple[Mapping[str, object], object, object, object], ...] = (
    ({}, "Nine", "Nine", "nine"),
    ({"transformation": "upper case"}, "nine", "NINE", "nine"),
    ({"transformation": "cut", "argument": 4}, "nine lives", "nine", "nine l"),
    ({"transformation": "prefix", "argument": "NAV "}, "nine", "NAV nine", "nine"),
    ({"transformation": "prefix", "argument": "NAV "}, "", "", "NAV "),
    ({"transformation": "values", "pairs": [["nine", "9"]], "otherwise": "?"}, "nine", "9", "?"),
    ({"transformation": "values", "pairs": [["nine", "9"]], "otherwise": "?"}, "ten", "?", "ten"),
    ({"transformation": "start of day"}, "2026-03-01", "2026-03-01T00:00:00Z", "2026-03-01"),
    (
        {"transformation": "round", "argument": 1, "erp_kind": "decimal", "crm_kind": "decimal"},
        1.25,
        1.3,
        1.25,
    ),
    ({"transformation": "not below zero", "erp_kind": "decimal", "crm_kind": "decimal"}, -3, 0, -3),
    ({"erp_kind": "boolean", "crm_kind": "boolean"}, True, True, False),
    ({"erp_kind": "guid", "crm_kind": "guid"}, "AB", "ab", "ac"),
)


@pytest.mark.parametrize(("more", "held", "right", "wrong"), ROWS)
async def test_a_row_of_ones_own_is_compared(
    more: Mapping[str, object], held: object, right: object, wrong: object
) -> None:
    """What its transformation makes of the ERP's value must stand in the CRM."""
    row = {
        "erp_field": "Own",
        "erp_kind": "text",
        "crm_field": "new_own",
        "crm_kind": "text",
        "direction": "ToIntegrationTable",
        **more,
    }
    company = small_company()
    company.erp["CustomerCard"][:] = company.erp["CustomerCard"][:1]
    company.crm["accounts"][:] = company.crm["accounts"][:1]
    company.erp["CustomerCard"][0]["Own"] = held
    for value, drifted in ((right, 0), (wrong, 1)):
        company.crm["accounts"][0]["new_own"] = value
        verdict = await judge(company, own_fields=[row])
        assert verdict.drifted_fields["Own>new_own"] == drifted


async def test_a_row_of_ones_own_may_go_to_the_erp_or_write_a_constant() -> None:
    """Then the ERP's value follows from the CRM's, or one of both from nothing; a lookup is read under its key."""
    company = small_company()
    company.erp["CustomerCard"][:] = company.erp["CustomerCard"][:1]
    company.crm["accounts"][:] = company.crm["accounts"][:1]
    company.erp["CustomerCard"][0].update({"Own": "NINE", "Fixed": "erp"})
    company.crm["accounts"][0].update({"new_own": "nine", "_new_who_value": "AB", "new_day": "x"})
    to_erp = {
        "erp_field": "Own",
        "erp_kind": "text",
        "crm_field": "new_own",
        "crm_kind": "text",
        "direction": "FromIntegrationTable",
        "transformation": "upper case",
    }
    constant = {
        "erp_field": "Fixed",
        "erp_kind": "text",
        "direction": "FromIntegrationTable",
        "constant": "erp",
    }
    lookup = {
        "crm_field": "new_who",
        "crm_kind": "lookup",
        "direction": "ToIntegrationTable",
        "constant": "ab",
    }
    only_new = {
        "crm_field": "new_day",
        "crm_kind": "text",
        "direction": "ToIntegrationTable",
        "constant": "y",
        "only_new": True,
    }
    verdict = await judge(company, own_fields=[to_erp, constant, lookup, only_new])
    assert verdict.drifted_fields.total() == 0
    assert verdict.creation_fields == {">new_day": 1}
    one_way = await judge(
        company, own_fields=[{**to_erp, "transformation": ""}], direction="ToIntegrationTable"
    )
    assert one_way.drifted_fields.total() == 0


CONDITIONS = (
    (condition("F", "="), "", True),
    (condition("F", "=", "a b"), "a_x0020_b", True),
    (condition("F", "<>", "a"), "A", True),
    (condition("F", "blank"), "0001-01-01", True),
    (condition("F", "not blank"), "_x0020_", False),
    (condition("F", "without", "x"), "axb", False),
    (condition("F", "begins with", "a"), "ab", True),
    (condition("F", "one of", "a| b"), "b", True),
    (condition("F", "one of", "a|b"), "ab", False),
    (condition("F", "at least", 10, "whole number"), 9, False),
    (condition("F", "at least", "9.50", "decimal"), 9.5, True),
    (condition("F", "at most", "9.50", "decimal"), None, False),
    (condition("F", "=", "9.50", "decimal"), 9.5, True),
    (condition("F", "at most", "2026-01-31", "date"), "2026-01-31", True),
    (condition("F", "at least", "2026-01-31", "date"), "0001-01-01", False),
    (condition("F", "at least", "2026-01-31T08:00:00Z", "moment"), "2026-01-31T08:00:00.5Z", True),
    (condition("F", "at least", "2026-01-31", "moment"), "no time", False),
    (condition("F", "=", True, "boolean"), True, True),
    (condition("F", "=", False, "boolean"), True, False),
    (condition("F", "=", "AB", "guid"), "ab", True),
)


@pytest.mark.parametrize(("kept", "value", "holds"), CONDITIONS)
def test_a_condition_means_what_it_says(kept: dict[str, object], value: object, *, holds: bool) -> None:
    """Texts are compared as they are, numbers and times by what they mean."""
    name, rule = own_condition(kept)
    assert rule.holds({name: value}, BOOKS) is holds


def test_a_condition_on_a_lookup_reads_its_key() -> None:
    """The key of a lookup stands under a name of its own on the wire."""
    name, rule = own_condition(condition("ownerid", "<>", "ab", "lookup"))
    assert name == "_ownerid_value"
    assert rule.holds({"_ownerid_value": "cd"}, BOOKS)


@pytest.mark.parametrize(
    "kept",
    [
        {"table_filter": "City = X"},
        {"table_filter": [condition("City", "sounds like", "X")]},
        {"disabled_fields": "all"},
        {"direction": "Sideways"},
        {"own_fields": ["Name"]},
        {"own_fields": [{"erp_field": "A", "crm_field": "b", "direction": "", "transformation": "reverse"}]},
        {"own_fields": [{"erp_field": "A", "crm_field": "b", "direction": "", "transformation": "values"}]},
    ],
)
def test_what_the_judge_does_not_know_is_refused(kept: dict[str, object]) -> None:
    """A setting of another version is never passed over silently."""
    with pytest.raises(SettingNotUnderstood):
        with_own_settings(
            CUSTOMER, OwnSettings(kept={**kept, "direction": kept.get("direction", "Bidirectional")})
        )


async def test_progress_names_each_mapping_before_it_is_judged() -> None:
    """Whoever waits sees what is read now, and how much is left."""
    told: list[tuple[str, int, int]] = []
    await verify(small_company(), FACTS, begun=lambda *each: told.append(each))
    assert [done for _, done, _ in told] == list(range(len(told)))
    assert {total for _, _, total in told} == {len(told)}
    assert told[0][0] == "SALESPEOPLE"


@pytest.mark.parametrize(("owner", "drifted"), [(ACCOUNT, {}), ("", {"Boss>bossid": 1})])
async def test_a_reference_is_judged_by_the_key_of_what_it_points_at(
    owner: str, drifted: dict[str, int]
) -> None:
    """The lookup leads to an account, and the account names its customer."""
    company = small_company()
    for each in company.erp["CustomerCard"]:
        each["Boss"] = ""
    for each in company.crm["accounts"]:
        each["_bossid_value"] = ""
    company.erp["CustomerCard"][0]["Boss"] = company.erp["CustomerCard"][0]["No"]
    company.crm["accounts"][0]["_bossid_value"] = owner
    row = {"erp_field": "Boss", "erp_kind": "text", "crm_field": "bossid", "crm_kind": "lookup"}
    more = {"direction": "Bidirectional", "transformation": "reference", "target_table": "account"}
    verdict = await judge(company, own_fields=[{**row, **more, "argument": "CUSTOMER"}])
    assert verdict.drifted_fields == drifted
    with pytest.raises(SettingNotUnderstood):
        await judge(company, own_fields=[{**row, **more, "argument": "NOWHERE"}])
