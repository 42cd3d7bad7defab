"""Opportunities over both embedded services: made on either side, the ERP's words count, closing stays apart."""

from pathlib import Path
from typing import Any

import pytest
from tests.verify.demo_company import DemoCompany, open_demo_company

from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.lead_to_cash import mapping_names
from interlace.verify import End, RecordState

pytestmark = pytest.mark.slow

CUSTOMER = "C00010"
OPPORTUNITY = "OPPORTUNITY"


async def test_opportunities_stay_in_step_until_closed(tmp_path: Path) -> None:
    """Ordinary runs make CRM opportunities in the ERP, carry names back and figures over, and close nothing."""
    async with open_demo_company(tmp_path) as demo:
        await demo.synchronize("first", whole=True)
        assert (await demo.judge(OPPORTUNITY)).is_green
        await _new_ones_reach_the_erp(demo)
        await _names_come_back_and_figures_go_over(demo)
        await _what_is_won_in_the_crm_stays_open_in_the_erp(demo)


async def _new_ones_reach_the_erp(demo: DemoCompany) -> None:
    account = await demo.crm_key("accounts", "accountid", CUSTOMER)
    person, number = await _person_of(demo, account)
    customer = {"customerid_account@odata.bind": f"/accounts({account})"}
    await demo.post_crm("opportunities", {"name": "Foyer", "estimatedvalue": 900, **customer})
    bound = {"parentcontactid@odata.bind": f"/contacts({person})"}
    await demo.post_crm("opportunities", {"name": "Hall", "estimatedvalue": 800, **customer, **bound})
    counted = await demo.synchronize("new", OPPORTUNITY, create_new=False)
    assert counted[OPPORTUNITY].inserted == 0
    foyer, hall = [(await _in_erp(demo))[name] for name in ("Foyer", "Hall")]
    assert hall["Contact_No"] == number
    assert foyer["Contact_No"] == foyer["Contact_Company_No"] == hall["Contact_Company_No"] != ""
    await demo.synchronize("new again", OPPORTUNITY, create_new=False)
    assert (await demo.judge(OPPORTUNITY)).is_green
    values = {row["name"]: row["estimatedvalue"] for row in (await _in_crm(demo)).values()}
    assert (values["Foyer"], values["Hall"]) == (900, 800)


async def _names_come_back_and_figures_go_over(demo: DemoCompany) -> None:
    number, key = await _pair(demo, "Foyer")
    await demo.patch_crm(f"opportunities({key})", {"name": "Foyer, two floors"})
    await demo.patch_erp(f"OpportunityCard('{number}')", {"Estimated_Value_LCY": 1250})
    await demo.synchronize("edited", OPPORTUNITY, create_new=False)
    assert (await demo.judge(OPPORTUNITY)).is_green
    assert (await _in_erp(demo))["Foyer, two floors"]["No"] == number
    assert (await _in_crm(demo))[key]["estimatedvalue"] == 1250


async def _what_is_won_in_the_crm_stays_open_in_the_erp(demo: DemoCompany) -> None:
    number, key = await _pair(demo, "Hall")
    close = {"subject": "Won", "opportunityid@odata.bind": f"/opportunities({key})"}
    await demo.post_crm("WinOpportunity", {"OpportunityClose": close, "Status": 3})
    before = (await _in_erp(demo))["Hall"]
    await demo.synchronize("won", OPPORTUNITY, create_new=False)
    assert (await _in_erp(demo))["Hall"] == before
    verdict = await demo.judge(OPPORTUNITY)
    assert verdict.is_green
    assert verdict.crm.reasons[RecordState.EXCLUDED, "the opportunity is won or lost"] == 1
    await demo.patch_erp(f"OpportunityCard('{number}')", {"Estimated_Value_LCY": 10})
    await demo.synchronize("edited after", OPPORTUNITY, create_new=False)
    store = demo.application.connection_store(demo.connection)
    errors = store.errors_of(mapping_names.OPPORTUNITY, Direction.TO_INTEGRATION_TABLE, [number])
    assert errors[number].error.code is ErrorCode.REJECTED_BY_SERVICE


async def _person_of(demo: DemoCompany, account: str) -> tuple[str, str]:
    columns = ("contactid", "_parentcustomerid_value", "ilc_erpkey")
    rows = [row async for row in demo.reader.rows(End.CRM, "contacts", columns)]
    found = next(row for row in rows if row["_parentcustomerid_value"] == account)
    return str(found["contactid"]), str(found["ilc_erpkey"])


async def _in_erp(demo: DemoCompany) -> dict[str, dict[str, Any]]:
    columns = ("No", "Description", "Contact_No", "Contact_Company_No", "Status", "Estimated_Value_LCY")
    rows = demo.reader.rows(End.ERP, "OpportunityCard", columns)
    return {str(row["Description"]): dict(row) async for row in rows}


async def _in_crm(demo: DemoCompany) -> dict[str, dict[str, Any]]:
    columns = ("opportunityid", "name", "estimatedvalue", "ilc_erpkey", "statecode")
    rows = demo.reader.rows(End.CRM, "opportunities", columns)
    return {str(row["opportunityid"]): dict(row) async for row in rows}


async def _pair(demo: DemoCompany, name: str) -> tuple[str, str]:
    number = str((await _in_erp(demo))[name]["No"])
    return number, await demo.crm_key("opportunities", "opportunityid", number)
