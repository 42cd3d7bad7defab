"""Edits that clients make over the services' own protocols: the judge names them until they are carried."""

from pathlib import Path

import pytest
from tests.verify.demo_company import DemoCompany, open_demo_company

from interlace.verify import RecordState

pytestmark = pytest.mark.slow

CUSTOMER = "C00010"
ITEM = "1000"


async def test_edits_are_named_until_they_are_carried(tmp_path: Path) -> None:
    """Edits of either kind, deletions and records that leave the scope are told apart, and healed or kept."""
    async with open_demo_company(tmp_path) as demo:
        await demo.synchronize("first", whole=True)
        await demo.synchronize("again", "CUSTOMER")
        await _edit_in_the_crm_reaches_the_erp(demo)
        await _edits_of_different_fields_both_survive(demo)
        await _one_way_field_is_restored(demo)
        await _record_that_leaves_the_scope_is_named(demo)
        await _deleted_record_is_missing(demo)


async def _edit_in_the_crm_reaches_the_erp(demo: DemoCompany) -> None:
    account = await demo.crm_key("accounts", "accountid", CUSTOMER)
    await demo.patch_crm(f"accounts({account})", {"telephone1": "+49 30 777"})
    verdict = await demo.judge("CUSTOMER")
    assert verdict.drifted_fields == {"Phone_No>telephone1": 1}
    assert verdict.differences[0].erp_key == CUSTOMER
    await demo.synchronize("edit", "CUSTOMER")
    assert (await demo.judge("CUSTOMER")).is_green


async def _edits_of_different_fields_both_survive(demo: DemoCompany) -> None:
    account = await demo.crm_key("accounts", "accountid", CUSTOMER)
    await demo.patch_crm(f"accounts({account})", {"address1_city": "Potsdam"})
    await demo.patch_erp(f"CustomerCard('{CUSTOMER}')", {"Name": "Möbelhaus Brandt Neu"})
    verdict = await demo.judge("CUSTOMER")
    assert verdict.drifted_fields == {"City>address1_city": 1, "Name>name": 1}
    await demo.synchronize("both", "CUSTOMER")
    assert (await demo.judge("CUSTOMER")).is_green


async def _one_way_field_is_restored(demo: DemoCompany) -> None:
    product = await demo.crm_key("products", "productid", ITEM)
    await demo.patch_crm(f"products({product})", {"price": 1})
    assert (await demo.judge("ITEM-PRODUCT")).drifted_fields == {"Unit_Price>price": 1}
    await demo.synchronize("restore", "ITEM-PRODUCT")
    assert (await demo.judge("ITEM-PRODUCT")).is_green


async def _record_that_leaves_the_scope_is_named(demo: DemoCompany) -> None:
    account = await demo.crm_key("accounts", "accountid", CUSTOMER)
    await demo.patch_crm(f"accounts({account})", {"statecode": 1, "statuscode": 2})
    verdict = await demo.judge("CUSTOMER")
    assert verdict.is_green
    named = [each.key for each in verdict.findings if each.state is RecordState.EXCLUDED]
    assert named == [CUSTOMER]


async def _deleted_record_is_missing(demo: DemoCompany) -> None:
    contact = await demo.crm_key("contacts", "contactid", "CT001002")
    await demo.delete_crm(f"contacts({contact})")
    verdict = await demo.judge("CONTACT")
    assert not verdict.is_green
    assert [(each.key, each.state) for each in verdict.findings if each.state is RecordState.MISSING] == [
        ("CT001002", RecordState.MISSING)
    ]
