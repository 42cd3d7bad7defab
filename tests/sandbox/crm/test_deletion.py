"""Deleting: what goes along, what stays without its link, what is refused."""

from __future__ import annotations

import json

from tests.sandbox.crm.conftest import Client, refusal


def test_contacts_go_with_their_account(client: Client) -> None:
    """Contacts cascade, child accounts lose the link."""
    parent = client.create("accounts", {"name": "Parent"})
    child = client.create("accounts", {"name": "Child", "parentaccountid@odata.bind": f"/accounts({parent})"})
    contact = client.create(
        "contacts", {"lastname": "L", "parentcustomerid_account@odata.bind": f"/accounts({parent})"}
    )
    client.create(
        "contacts", {"lastname": "M", "parentcustomerid_contact@odata.bind": f"/contacts({contact})"}
    )
    assert client.send("DELETE", f"accounts({parent})").status == 204
    assert client.get("contacts")["value"] == []
    assert client.get(f"accounts({child})")["_parentaccountid_value"] is None


def test_orders_hold_their_account(client: Client) -> None:
    """A refused deletion changes nothing, not even what would have cascaded."""
    account = client.create("accounts", {"name": "A"})
    customer = {"customerid_account@odata.bind": f"/accounts({account})"}
    client.create(
        "contacts", {"lastname": "L", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
    )
    order = client.create("salesorders", {"name": "O", **customer})
    client.create(
        "salesorderdetails",
        {
            "productdescription": "Write-in",
            "isproductoverridden": True,
            "quantity": 1,
            "priceperunit": 5,
            "salesorderid@odata.bind": f"/salesorders({order})",
            "producttypecode": 1,
            "propertyconfigurationstatus": 2,
        },
    )
    assert refusal(client.send("DELETE", f"accounts({account})")) == (405, "0x80040227")
    assert len(client.get("contacts")["value"]) == 1
    assert client.send("DELETE", f"salesorders({order})").status == 204
    assert client.get("salesorderdetails")["value"] == []
    assert client.send("DELETE", f"accounts({account})").status == 204


def test_units_go_with_their_group_unless_a_product_uses_it(client: Client) -> None:
    """The group cascades to units, a product restricts."""
    group = client.create("uomschedules", {"name": "Pieces", "baseuomname": "PCS"})
    unit = client.get("uoms")["value"][0]["uomid"]
    product = client.create(
        "products",
        {
            "name": "Chair",
            "productnumber": "1",
            "defaultuomscheduleid@odata.bind": f"/uomschedules({group})",
            "defaultuomid@odata.bind": f"/uoms({unit})",
        },
    )
    prices = client.create("pricelevels", {"name": "Retail"})
    client.create(
        "productpricelevels",
        {
            "amount": 5,
            "pricelevelid@odata.bind": f"/pricelevels({prices})",
            "productid@odata.bind": f"/products({product})",
            "uomid@odata.bind": f"/uoms({unit})",
        },
    )
    assert refusal(client.send("DELETE", f"uomschedules({group})")) == (405, "0x80040227")
    assert refusal(client.send("DELETE", f"pricelevels({prices})")) == (405, "0x80040227")
    assert client.send("DELETE", f"products({product})").status == 204
    assert client.get("productpricelevels")["value"] == []
    assert client.send("DELETE", f"uomschedules({group})").status == 204
    assert client.get("uoms")["value"] == []


def test_accounts_that_are_each_other_s_parent_can_be_deleted(client: Client) -> None:
    """A loop of links ends."""
    first = client.create("accounts", {"name": "1"})
    second = client.create("accounts", {"name": "2", "parentaccountid@odata.bind": f"/accounts({first})"})
    client.patch(f"accounts({first})", {"parentaccountid@odata.bind": f"/accounts({second})"})
    assert client.send("DELETE", f"accounts({first})").status == 204
    assert client.get(f"accounts({second})")["_parentaccountid_value"] is None


def test_bulk_delete_is_a_job_that_tells_what_it_could_not_do(client: Client) -> None:
    """Records that others hold stay, the job is marked failed and says why."""
    ids = [client.create("accounts", {"name": str(number)}) for number in range(3)]
    client.create("salesorders", {"name": "O", "customerid_account@odata.bind": f"/accounts({ids[1]})"})
    values = [{"Value": each, "Type": "System.Guid"} for each in ids]
    condition = {"AttributeName": "accountid", "Operator": "In", "Values": values}
    query = {"EntityName": "account", "Criteria": {"FilterOperator": "And", "Conditions": [condition]}}
    response = client.send("POST", "BulkDelete", {"JobName": "Clean", "QuerySet": [query]})
    assert response.status == 200
    job = client.get(f"asyncoperations({json.loads(response.body)['JobId']})")
    assert (job["statecode"], job["statuscode"], job["operationtype"]) == (3, 31, 13)
    assert ids[1] in job["message"]
    assert [row["accountid"] for row in client.get("accounts")["value"]] == [ids[1]]
    query["Criteria"] = {"FilterOperator": "And", "Conditions": []}
    assert client.send("POST", "BulkDelete", {"QuerySet": [query]}).status == 400


def test_an_account_takes_its_deals_and_their_quotes_along(client: Client) -> None:
    """A quote holds its opportunity, but not when both go with their customer."""
    account = client.create("accounts", {"name": "A"})
    customer = {"customerid_account@odata.bind": f"/accounts({account})"}
    deal = client.create("opportunities", {"name": "Deal", **customer})
    bind = {"opportunityid@odata.bind": f"/opportunities({deal})"}
    client.create("quotes", {"name": "Quote", **customer, **bind})
    assert refusal(client.send("DELETE", f"opportunities({deal})")) == (405, "0x80040227")
    assert client.send("DELETE", f"accounts({account})").status == 204
    assert client.get("quotes")["value"] == []
    assert client.get("opportunities")["value"] == []
