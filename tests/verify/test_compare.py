"""The judge on a small company in memory: green when in step, and telling in every state when not."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tests.verify.small_company import FACTS, SmallCompany, small_company
from tests.verify.small_company_records import (
    ACCOUNT,
    ANNA,
    BORIS,
    NO_PARTNER,
    PERSON,
    account,
    crm_contact,
    customer,
    list_item,
    sales_price,
)

from interlace.verify import End, OpenError, PlainReader, RecordState, Row, VerifyReport, verify
from interlace.verify.verify_report import KEPT_MAX, MappingVerdict


async def judge(company: PlainReader, mapping: str, *errors: OpenError) -> MappingVerdict:
    """Judge a company and return one mapping's verdict, after checking that every record was counted once."""
    report = await verify(company, FACTS, errors)
    for verdict in report.verdicts:
        assert verdict.erp.adds_up
        assert verdict.crm.adds_up
    return next(verdict for verdict in report.verdicts if verdict.mapping == mapping)


def states(verdict: MappingVerdict) -> tuple[dict[RecordState, int], dict[RecordState, int]]:
    """Return the counts of both sides, without zeros."""
    return (
        {s: n for s, n in verdict.erp.states.items() if n},
        {s: n for s, n in verdict.crm.states.items() if n},
    )


async def test_company_in_step_is_green() -> None:
    """Two ends in step are judged equal, every record counted once, nothing found."""
    report = await verify(small_company(), FACTS)
    assert report.is_green
    for verdict in report.verdicts:
        assert verdict.erp.adds_up
        assert verdict.crm.adds_up
        assert not verdict.differences
        assert not verdict.findings
        assert not verdict.creation_differences
        assert verdict.erp.states[RecordState.EQUAL] > 0


async def test_empty_ends_are_green() -> None:
    """Two empty ends are in step."""
    company = small_company()
    for rows in (*company.erp.values(), *company.crm.values()):
        rows.clear()
    for labels in company.labels.values():
        labels.clear()
    assert (await verify(company, FACTS)).is_green


async def test_difference_shows_record_field_and_both_values() -> None:
    """A drifted field is told with the record on both sides and both values."""
    company = small_company()
    company.crm["accounts"][0]["telephone1"] = "wrong"
    verdict = await judge(company, "CUSTOMER")
    assert not verdict.is_green
    assert verdict.drifted_fields == {"Phone_No>telephone1": 1}
    assert [each.line() for each in verdict.differences] == [
        f"CUSTOMER C1: Phone_No is '+49 89 1', telephone1 is 'wrong' (CRM record {ACCOUNT})"
    ]


async def test_record_without_partner_is_missing() -> None:
    """An ERP record in scope without CRM record is missing a partner."""
    company = small_company()
    company.erp["CustomerCard"].append(customer("C3"))
    verdict = await judge(company, "CUSTOMER")
    assert verdict.erp.states[RecordState.MISSING] == 1
    assert [each.line() for each in verdict.findings] == [
        "CUSTOMER ERP C3: missing partner: no CRM record belongs to it"
    ]


async def test_known_error_explains_a_missing_partner() -> None:
    """A record on the error list counts as failed, with code and message, and the verdict stays green."""
    company = small_company()
    company.erp["CustomerCard"].append(customer("C3"))
    error = OpenError(mapping="CUSTOMER", end=End.ERP, key="C3", code="IL-101", message="not coupled")
    verdict = await judge(company, "CUSTOMER", error)
    assert verdict.is_green
    assert verdict.failed == 1
    assert verdict.erp.reasons_of(RecordState.FAILED) == {"IL-101": 1}
    assert verdict.findings[0].line() == "CUSTOMER ERP C3: failed: IL-101 not coupled"


async def test_known_error_explains_a_difference() -> None:
    """A difference of a record on either side's error list counts as failed, not as drift."""
    for end, key in ((End.ERP, "C1"), (End.CRM, ACCOUNT)):
        company = small_company()
        company.crm["accounts"][0]["telephone1"] = "wrong"
        error = OpenError(mapping="CUSTOMER", end=end, key=key, code="IL-201")
        verdict = await judge(company, "CUSTOMER", error)
        assert verdict.is_green
        assert verdict.erp.states[RecordState.FAILED] == verdict.crm.states[RecordState.FAILED] == 1
        assert not verdict.differences
        assert not verdict.drifted_fields


async def test_waiting_reference_excuses_no_difference() -> None:
    """A record that only waits for a reference is expected to be equal otherwise."""
    company = small_company()
    company.crm["accounts"][0]["telephone1"] = "wrong"
    waiting = OpenError(mapping="CUSTOMER", end=End.ERP, key="C1", code="IL-102")
    verdict = await judge(company, "CUSTOMER", waiting)
    assert not verdict.is_green


async def test_stale_error_of_an_equal_record_is_no_failure() -> None:
    """A record that is equal by now counts as equal whatever the error list says."""
    error = OpenError(mapping="CUSTOMER", end=End.ERP, key="C1", code="IL-201")
    verdict = await judge(small_company(), "CUSTOMER", error)
    assert verdict.failed == 0


async def test_new_crm_record_in_scope_is_missing_its_partner() -> None:
    """A CRM record that should reach the ERP and has no partner is missing one, or failed if it is known."""
    company = small_company()
    key = "c0000000-0000-4000-8000-00000000000a"
    company.crm["accounts"].append(account(key, "", **NO_PARTNER))
    verdict = await judge(company, "CUSTOMER")
    assert verdict.crm.states[RecordState.MISSING] == 1
    assert verdict.findings[0].key == key
    verdict = await judge(
        company, "CUSTOMER", OpenError(mapping="CUSTOMER", end=End.CRM, key=key, code="IL-301")
    )
    assert verdict.crm.states[RecordState.FAILED] == 1
    assert verdict.is_green


async def test_deleted_erp_record_leaves_a_crm_record_alone() -> None:
    """A CRM record whose ERP record is gone is missing its partner, unless the deletion is a known error."""
    company = small_company()
    del company.erp["CustomerCard"][1]
    verdict = await judge(company, "CUSTOMER")
    assert verdict.crm.states[RecordState.MISSING] == 1
    assert "C2" in verdict.findings[0].reason
    known = OpenError(mapping="CUSTOMER", end=End.ERP, key="C2", code="IL-202")
    verdict = await judge(company, "CUSTOMER", known)
    assert verdict.crm.states[RecordState.FAILED] == 1


async def test_two_crm_records_of_one_erp_record_are_duplicates() -> None:
    """Every record of a group that shares a partner counts as duplicate."""
    company = small_company()
    company.crm["accounts"].append(account("c0000000-0000-4000-8000-00000000000b", "C1"))
    verdict = await judge(company, "CUSTOMER")
    assert verdict.crm.states[RecordState.DUPLICATE] == 2
    assert verdict.erp.states[RecordState.DUPLICATE] == 1
    assert not verdict.is_green


async def test_two_prices_for_one_list_item_are_duplicates() -> None:
    """A second ERP price that means the same price list item is a duplicate."""
    company = small_company()
    company.erp["SalesPrices"].append(sales_price(Unit_of_Measure_Code="PCS"))
    verdict = await judge(company, "SALESPRC-PRODPRICE")
    assert verdict.erp.states[RecordState.DUPLICATE] == 1
    assert verdict.findings[0].key.endswith("PCS, 0")


async def test_erp_record_that_left_the_scope_is_named_beside_its_partner() -> None:
    """A pair whose ERP record a rule now leaves out is excluded on both sides, and named."""
    company = small_company()
    company.erp["ContactCard"][1]["Type"] = "Company"
    verdict = await judge(company, "CONTACT")
    assert verdict.is_green
    assert (
        verdict.crm.reasons_of(RecordState.EXCLUDED)["its ERP record stays out: the contact is a company"]
        == 1
    )
    assert verdict.findings[0].line() == (
        "CONTACT ERP CT2: excluded: the contact is a company; its CRM record is no longer kept in step"
    )


async def test_crm_record_that_left_the_scope_is_named_beside_its_partner() -> None:
    """A pair whose CRM record a rule now leaves out is excluded on both sides, and named."""
    company = small_company()
    company.crm["accounts"][0]["statecode"] = 1
    verdict = await judge(company, "CUSTOMER")
    assert verdict.is_green
    assert verdict.erp.reasons_of(RecordState.EXCLUDED) == {
        "its CRM record stays out: the account is inactive": 1
    }
    assert verdict.findings[0].key == "C1"


async def test_inactive_account_of_a_deleted_customer_is_excluded() -> None:
    """A CRM record out of scope is not asked for its ERP record."""
    company = small_company()
    company.crm["accounts"][1]["statecode"] = 1
    del company.erp["CustomerCard"][1]
    verdict = await judge(company, "CUSTOMER")
    assert verdict.crm.reasons_of(RecordState.EXCLUDED)["the account is inactive"] == 1


async def test_price_that_lost_its_erp_record_is_missing_its_partner() -> None:
    """A list item that says it belongs to an ERP price, of which there is none, is missing its partner."""
    company = small_company()
    company.crm["productpricelevels"].append(
        list_item(9, _uomid_value="00000000-0000-0000-0000-000000000000")
    )
    verdict = await judge(company, "SALESPRC-PRODPRICE")
    assert verdict.crm.states[RecordState.MISSING] == 1


async def test_user_of_an_unknown_address_is_missing_a_salesperson() -> None:
    """A licensed user without salesperson is missing a partner."""
    company = small_company()
    company.crm["systemusers"][2]["isdisabled"] = False
    verdict = await judge(company, "SALESPEOPLE")
    assert verdict.crm.states[RecordState.MISSING] == 1


async def test_person_who_moved_to_another_company_is_told_but_no_drift() -> None:
    """A field that counts at creation only is told when it differs, and the judgement stays green."""
    company = small_company()
    company.crm["contacts"][0]["_parentcustomerid_value"] = "c0000000-0000-4000-8000-000000000002"
    verdict = await judge(company, "CONTACT")
    assert verdict.is_green
    assert verdict.creation_fields == {"Company_No>parentcustomerid": 1}
    assert verdict.creation_differences[0].crm_value == "C2"


async def test_samples_are_bounded_and_counts_are_not() -> None:
    """Of many differences at most a thousand are named, all are counted."""
    company = small_company()
    for number in range(1_000, 2_080):
        key = f"c2000000-0000-4000-8000-{number:012}"
        company.erp["CustomerCard"].append(customer(f"C{number}"))
        company.crm["accounts"].append(account(key, f"C{number}", name="drifted"))
        company.erp["ContactCard"].append({**company.erp["ContactCard"][1], "No": f"CT{number}"})
    report = await verify(company, FACTS)
    drifted = next(each for each in report.verdicts if each.mapping == "CUSTOMER")
    assert drifted.erp.states[RecordState.DRIFTED] == 1_080
    assert drifted.drifted_fields["Name>name"] == 1_080
    assert len(drifted.differences) == KEPT_MAX
    missing = next(each for each in report.verdicts if each.mapping == "CONTACT")
    assert missing.erp.states[RecordState.MISSING] == 1_080
    assert len(missing.findings) == KEPT_MAX


@dataclass(slots=True)
class MovingCompany:
    """A company in which an account is corrected, or deleted, between the first look and the second."""

    company: SmallCompany
    deletes: bool = False
    looks: int = 0

    async def rows(self, end: End, set_name: str, select: tuple[str, ...]) -> AsyncIterator[Row]:
        """Yield the rows, with a wrong telephone in the first reading of whole accounts."""
        async for row in self.company.rows(end, set_name, select):
            if set_name != "accounts" or "telephone1" not in select or row["accountid"] != ACCOUNT:
                yield row
                continue
            self.looks += 1
            if self.looks == 1:
                yield {**row, "telephone1": "wrong"}
            elif not self.deletes:
                yield row

    async def choices(self, table: str, column: str) -> Mapping[int, str]:
        """Return the labels of a column."""
        return await self.company.choices(table, column)


async def test_difference_that_is_gone_at_the_second_look_is_settled() -> None:
    """A record that was being written while it was read counts as equal once the second look shows it so."""
    verdict = await judge(MovingCompany(small_company()), "CUSTOMER")
    assert verdict.is_green
    assert states(verdict)[0] == {RecordState.EQUAL: 2}
    assert not +verdict.drifted_fields


async def test_record_deleted_before_the_second_look_stays_drifted() -> None:
    """A difference whose CRM record is gone at the second look stays counted, without values to show."""
    verdict = await judge(MovingCompany(small_company(), deletes=True), "CUSTOMER")
    assert verdict.erp.states[RecordState.DRIFTED] == 1
    assert not verdict.differences


async def test_blank_salesperson_leaves_the_owner_to_the_crm() -> None:
    """Without a salesperson any owner is right; with one, only the user of the same address."""
    company = small_company()
    company.crm["accounts"][1]["_ownerid_value"] = ANNA
    assert (await judge(company, "CUSTOMER")).is_green
    company.crm["accounts"][0]["_ownerid_value"] = BORIS
    verdict = await judge(company, "CUSTOMER")
    assert verdict.differences[0].erp_value == "anna@nordlicht.example"
    assert verdict.differences[0].crm_value == "boris@nordlicht.example"


async def test_primary_contact_that_is_not_synchronized_is_expected_blank() -> None:
    """A primary contact without CRM record must be blank in the CRM, and nothing else."""
    company = small_company()
    company.crm["accounts"][1]["_primarycontactid_value"] = PERSON
    verdict = await judge(company, "CUSTOMER")
    assert verdict.drifted_fields == {"Primary_Contact_No>primarycontactid": 1}


async def test_currency_without_rate_is_not_judged_by_its_rate() -> None:
    """Where the ERP holds no rate, the CRM's rate can't be wrong."""
    company = small_company()
    company.erp["CurrencyExchangeRates"].clear()
    assert (await judge(company, "CURRENCY")).is_green


async def test_product_without_unit_is_told() -> None:
    """An item without base unit expects a product without unit group."""
    company = small_company()
    company.erp["ItemCard"][0]["Base_Unit_of_Measure"] = ""
    verdict = await judge(company, "ITEM-PRODUCT")
    assert verdict.drifted_fields["Base_Unit_of_Measure>defaultuomscheduleid"] == 1


async def test_amounts_compare_by_value() -> None:
    """Trailing zeros, integers and fractions of the same amount are equal."""
    company = small_company()
    company.crm["accounts"][0]["creditlimit"] = Decimal("1000.50000")
    company.crm["products"][2]["price"] = Decimal("60.0000")
    assert (await verify(company, FACTS)).is_green


async def test_list_item_without_reference_is_found_by_its_product() -> None:
    """An item of the default price list that names no ERP record belongs to its product's record."""
    company = small_company()
    company.crm["productpricelevels"][2].update(NO_PARTNER)
    verdict = await judge(company, "RESOURCE-PRODPRICE")
    assert verdict.is_green
    assert states(verdict)[0] == {RecordState.EQUAL: 1}


async def test_person_of_unknown_account_shows_its_key() -> None:
    """A lookup that no book knows is shown as its key in brackets."""
    company = small_company()
    company.crm["contacts"].append(crm_contact("c1000000-0000-4000-8000-00000000000c", "CT5"))
    company.erp["ContactCard"].append({**company.erp["ContactCard"][1], "No": "CT5"})
    company.crm["contacts"][-1]["_parentcustomerid_value"] = "c9000000-0000-4000-8000-000000000009"
    verdict = await judge(company, "CONTACT")
    assert verdict.creation_differences[0].crm_value == "<c9000000-0000-4000-8000-000000000009>"


async def test_report_as_json_tells_everything() -> None:
    """The report's plain values hold counts, reasons, differences and findings."""
    company = small_company()
    company.crm["accounts"][0]["telephone1"] = "wrong"
    company.crm["contacts"][0]["_parentcustomerid_value"] = "c0000000-0000-4000-8000-000000000002"
    company.erp["CustomerCard"].append(customer("C3"))
    report: VerifyReport = await verify(company, FACTS)
    plain = report.as_json()
    assert plain["green"] is False
    mappings = plain["mappings"]
    assert isinstance(mappings, list)
    told = next(each for each in mappings if each["mapping"] == "CUSTOMER")
    assert told["erp"]["states"]["drifted"] == 1
    assert told["erp"]["states"]["missing partner"] == 1
    assert told["differences"][0]["crm_column"] == "telephone1"
    assert told["findings"][0]["key"] == "C3"
    assert told["crm"]["excluded"]
