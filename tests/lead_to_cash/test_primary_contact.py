"""The primary contact over both embedded services: in step both ways, and filled in once the contact is coupled."""

from pathlib import Path

import pytest
from tests.verify.demo_company import DemoCompany, open_demo_company

from interlace.verify import End

pytestmark = pytest.mark.slow

CUSTOMER = "C00010"
PARTIES = ("CUSTOMER", "CONTACT")


async def test_primary_contact_travels_both_ways(tmp_path: Path) -> None:
    """Ordinary runs fill what waited for the contact, and carry a change of either side."""
    async with open_demo_company(tmp_path) as demo:
        await demo.synchronize("first", whole=True)
        account = await demo.crm_key("accounts", "accountid", CUSTOMER)
        await _what_waited_for_contacts_is_filled(demo, account)
        numbers = await _persons(demo, account)
        held = await _in_erp(demo)
        other = next(number for number in numbers if number != held)
        await demo.patch_erp(f"CustomerCard('{CUSTOMER}')", {"Primary_Contact_No": other})
        await demo.synchronize("from the erp", *PARTIES, create_new=False)
        assert await _in_crm(demo, account) == numbers[other]
        back = f"/contacts({numbers[held]})"
        await demo.patch_crm(f"accounts({account})", {"primarycontactid@odata.bind": back})
        await demo.synchronize("from the crm", *PARTIES, create_new=False)
        assert await _in_erp(demo) == held
        await _a_new_contact_becomes_the_primary_one(demo, account)
        # The ERP takes the contact's name over by itself; the next run carries that.
        await demo.synchronize("name", "CUSTOMER", create_new=False)
        assert not (await demo.judge("CUSTOMER")).drifted_fields


async def _what_waited_for_contacts_is_filled(demo: DemoCompany, account: str) -> None:
    """Customers are synchronized before their contacts exist in the CRM; the next run follows up."""
    assert await _in_erp(demo)
    assert await _in_crm(demo, account) is None
    await demo.synchronize("follow up", "CUSTOMER", create_new=False)
    numbers = await _persons(demo, account)
    assert await _in_crm(demo, account) == numbers[await _in_erp(demo)]


async def _a_new_contact_becomes_the_primary_one(demo: DemoCompany, account: str) -> None:
    """A CRM user adds a contact and makes it the primary one at once: the ERP learns of it once both are coupled."""
    parent = {"parentcustomerid_account@odata.bind": f"/accounts({account})"}
    await demo.post_crm("contacts", {"lastname": "Neumann", **parent})
    rows = [
        row async for row in demo.reader.rows(End.CRM, "contacts", ("contactid", "lastname", "ilc_erpkey"))
    ]
    key = next(
        str(row["contactid"]) for row in rows if row["lastname"] == "Neumann" and not row["ilc_erpkey"]
    )
    await demo.patch_crm(f"accounts({account})", {"primarycontactid@odata.bind": f"/contacts({key})"})
    await demo.synchronize("new", *PARTIES)
    await demo.synchronize("new, filled", "CUSTOMER", create_new=False)
    numbers = await _persons(demo, account)
    assert numbers[await _in_erp(demo)] == key
    assert await _in_crm(demo, account) == key


async def _persons(demo: DemoCompany, account: str) -> dict[str, str]:
    """Return the account's contacts by their ERP numbers."""
    columns = ("contactid", "_parentcustomerid_value", "ilc_erpkey")
    return {
        str(row["ilc_erpkey"]): str(row["contactid"])
        async for row in demo.reader.rows(End.CRM, "contacts", columns)
        if row["_parentcustomerid_value"] == account and row["ilc_erpkey"]
    }


async def _in_erp(demo: DemoCompany) -> str:
    rows = demo.reader.rows(End.ERP, "CustomerCard", ("No", "Primary_Contact_No"))
    return next(
        str(row["Primary_Contact_No"]) for row in [row async for row in rows] if row["No"] == CUSTOMER
    )


async def _in_crm(demo: DemoCompany, account: str) -> object:
    rows = demo.reader.rows(End.CRM, "accounts", ("accountid", "_primarycontactid_value"))
    return next(
        row["_primarycontactid_value"] for row in [row async for row in rows] if row["accountid"] == account
    )
