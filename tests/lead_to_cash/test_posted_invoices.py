"""Posted invoices over both embedded services: they reach the CRM by themselves and follow the customer's ledger."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.verify.demo_company import DemoCompany, open_demo_company

from interlace.domain.coupling import Coupling
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey
from interlace.engine.synch_mapping import new_job
from interlace.lead_to_cash import mapping_names
from interlace.verify import End

pytestmark = pytest.mark.slow

INVOICES = ("POSTEDSALESINV-INV", "POSTEDSALESLINE-INV")
CUSTOMER = "C00010"
ITEM = "1000"
ACCOUNT = "8400"
ACTIVE, PAID = 0, 2
BILLED, COMPLETE, PARTIAL = 4, 100001, 100002


async def test_posting_and_paying_reach_the_crm(tmp_path: Path) -> None:
    """Ordinary runs bring posted invoices with their lines, link their order, and follow every payment."""
    async with open_demo_company(tmp_path) as demo:
        await demo.synchronize("first", whole=True)
        await _invoices_of_missing_customers_wait(demo)
        order, crm_order = await _couple_an_order(demo)
        number = await _posting_brings_the_invoice(demo, order, crm_order)
        await _payments_change_the_state(demo, number)
        await _quiet_run_does_nothing(demo)


async def _invoices_of_missing_customers_wait(demo: DemoCompany) -> None:
    verdict = await demo.judge("POSTEDSALESINV-INV")
    lines = await demo.judge("POSTEDSALESLINE-INV")
    assert not any((verdict.drifted_fields, verdict.creation_fields))
    assert not any((lines.drifted_fields, lines.creation_fields))
    store = demo.application.connection_store(demo.connection)
    way = Direction.TO_INTEGRATION_TABLE
    waiting = store.retry_candidates(mapping_names.POSTEDSALESINV_INV, way, even_skipped=True)
    errors = store.errors_of(mapping_names.POSTEDSALESINV_INV, way, waiting)
    customers = {
        str(row["No"]): str(row["Sell_to_Customer_No"])
        async for row in demo.reader.rows(End.ERP, "PostedSalesInvoice", ("No", "Sell_to_Customer_No"))
    }
    held = {customers[key] for key in errors}
    coupled = store.partner_keys(mapping_names.CUSTOMER, way.source_side, sorted(set(customers.values())))
    assert held == set(customers.values()) - coupled.keys() != set()
    assert {each.error.code for each in errors.values()} == {ErrorCode.REFERENCE_NOT_COUPLED}
    assert verdict.crm.total == sum(customer in coupled for customer in customers.values())


async def _couple_an_order(demo: DemoCompany) -> tuple[dict[str, Any], str]:
    """Make an ERP order and the CRM order that it would have come from."""
    lines = [
        {"lineType": "Item", "lineObjectNumber": ITEM, "quantity": 3, "unitPrice": 100, "discountPercent": 5},
        {
            "lineType": "Account",
            "lineObjectNumber": ACCOUNT,
            "quantity": 1,
            "unitPrice": 9,
        },
    ]
    freight = {"No": ACCOUNT, "Name": "Freight", "Direct_Posting": True, "VAT_Prod_Posting_Group": "STANDARD"}
    await demo.post_erp_page("ChartOfAccounts", freight)
    order = await demo.act_erp("salesOrders", {"customerNumber": CUSTOMER, "salesOrderLines": lines})
    key = f"Order\x1f{order['number']}"
    account = await demo.crm_key("accounts", "accountid", CUSTOMER)
    await demo.post_crm(
        "salesorders",
        {
            "name": "S",
            "customerid_account@odata.bind": f"/accounts({account})",
            "ilc_companyid": demo.connection.settings.erp_company_id,
            "ilc_erptable": "Sales_Header",
            "ilc_erpkey": key,
        },
    )
    [crm_order] = [
        str(row["salesorderid"]) async for row in demo.reader.rows(End.CRM, "salesorders", ("salesorderid",))
    ]
    store = demo.application.connection_store(demo.connection)
    run = demo.application.run_setup(
        demo.connection, mapping_names.SALESORDER_ORDER, run_id="couple", create_new=False, compare_all=False
    )
    pair = Coupling(
        mapping=mapping_names.SALESORDER_ORDER,
        erp_key=ErpKey(key),
        crm_key=CrmKey(crm_order),
        agreed=None,
    )
    assert store.add_couplings([pair], new_job(run, Direction.TO_INTEGRATION_TABLE, datetime.now(UTC))) == [
        None
    ]
    return order, crm_order


async def _posting_brings_the_invoice(demo: DemoCompany, order: dict[str, Any], crm_order: str) -> str:
    await demo.act_erp(f"salesOrders({order['id']})/Microsoft.NAV.shipAndInvoice")
    counted = await demo.synchronize("posted", *INVOICES, create_new=False)
    assert [each.inserted for each in counted.values()] == [1, 2]
    invoice = (await _invoices(demo))[-1]
    assert invoice["_salesorderid_value"] == crm_order
    assert (invoice["statecode"], invoice["statuscode"]) == (ACTIVE, BILLED)
    assert invoice["totalamountlessfreight"] == Decimal("294.00")
    assert invoice["totalamount"] == Decimal("349.86")
    lines = [
        row
        async for row in demo.reader.rows(
            End.CRM,
            "invoicedetails",
            ("_invoiceid_value", "extendedamount", "isproductoverridden", "productdescription"),
        )
        if row["_invoiceid_value"] == invoice["invoiceid"]
    ]
    assert [row["isproductoverridden"] for row in lines] == [False, True]
    assert sum(Decimal(str(row["extendedamount"])) for row in lines) == Decimal("349.86")
    return str(invoice["ilc_erpkey"])


async def _payments_change_the_state(demo: DemoCompany, number: str) -> None:
    for amount, standing in ((-100, (PAID, PARTIAL)), (Decimal("-249.86"), (PAID, COMPLETE))):
        await _pay(demo, number, float(amount))
        counted = await demo.synchronize(f"paid{amount}", *INVOICES, create_new=False)
        assert [each.modified for each in counted.values()] == [1, 0]
        [invoice] = [each for each in await _invoices(demo) if each["ilc_erpkey"] == number]
        assert (invoice["statecode"], invoice["statuscode"]) == standing
    for name in INVOICES:
        assert not (await demo.judge(name)).drifted_fields


async def _pay(demo: DemoCompany, number: str, amount: float) -> None:
    journals = await demo.read_erp("journals")
    journal = journals["value"][0]["id"]
    await demo.act_erp(
        "customerPayments",
        {
            "journalId": journal,
            "customerNumber": CUSTOMER,
            "appliesToInvoiceNumber": number,
            "amount": amount,
            "postingDate": datetime.now(UTC).date().isoformat(),
        },
    )
    await demo.act_erp(f"journals({journal})/Microsoft.NAV.post")


async def _quiet_run_does_nothing(demo: DemoCompany) -> None:
    before = demo.ends.requests["crm"]
    for counted in (await demo.synchronize("quiet", *INVOICES, create_new=False)).values():
        assert counted.total == counted.failed
    assert demo.ends.requests["crm"]["POST"] - before["POST"] <= len(INVOICES)


async def _invoices(demo: DemoCompany) -> list[dict[str, Any]]:
    columns = ("ilc_erpkey", "statecode", "statuscode", "totalamount", "totalamountlessfreight")
    return [
        dict(row)
        async for row in demo.reader.rows(End.CRM, "invoices", ("invoiceid", *columns, "_salesorderid_value"))
    ]
