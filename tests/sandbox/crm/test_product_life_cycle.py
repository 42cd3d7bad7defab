"""Products by their messages: publish a family, revise, revert, retire, clone."""

from __future__ import annotations

import pytest
from tests.sandbox.crm.conftest import Client, refusal
from tests.sandbox.crm.shop import Shop

DRAFT, ACTIVE, RETIRED, REVISED = 2, 0, 1, 3
# from, to, code of the refusal
MOVES = [
    (DRAFT, ACTIVE, None),
    (DRAFT, RETIRED, "0x8004f978"),
    (DRAFT, REVISED, "0x8004f913"),
    (ACTIVE, REVISED, None),
    (ACTIVE, RETIRED, None),
    (ACTIVE, DRAFT, "0x8004f912"),
    (REVISED, ACTIVE, None),
    (REVISED, RETIRED, None),
    (REVISED, DRAFT, "0x8004f912"),
    (RETIRED, ACTIVE, None),
    (RETIRED, REVISED, "0x8004f912"),
    (RETIRED, DRAFT, "0x8004f912"),
]
WAYS = {DRAFT: (), ACTIVE: (0,), REVISED: (0, 3), RETIRED: (0, 1)}


@pytest.fixture
def shop(client: Client) -> Shop:
    """A shop in a fresh CRM."""
    return Shop(client)


def draft(shop: Shop, number: str, **columns: object) -> str:
    """A product that is not published."""
    body = {
        "name": f"Product {number}",
        "productnumber": number,
        "quantitydecimal": 0,
        "defaultuomscheduleid@odata.bind": f"/uomschedules({shop.group})",
        "defaultuomid@odata.bind": f"/uoms({shop.unit})",
        **columns,
    }
    return shop.client.create("products", body)


@pytest.mark.parametrize(("old", "new", "code"), MOVES)
def test_each_change_of_state(shop: Shop, client: Client, old: int, new: int, code: str | None) -> None:
    """An update moves a product along its life; other ways are refused."""
    product = draft(shop, "P")
    for state in WAYS[old]:
        assert client.patch(f"products({product})", {"statecode": state}).status == 204
    answer = client.patch(f"products({product})", {"statecode": new})
    if code is None:
        assert answer.status == 204
        assert client.get(f"products({product})")["statecode"] == new
    else:
        assert refusal(answer) == (400, code)


def test_a_family_is_published_and_retired_as_a_whole(shop: Shop, client: Client) -> None:
    """A member waits for its family; one message publishes the tree, retiring the family retires it."""
    family = client.create("products", {"name": "Seats", "productnumber": "F", "productstructure": 2})
    bind = {"parentproductid@odata.bind": f"/products({family})"}
    inner = client.create("products", {"name": "Stools", "productnumber": "G", "productstructure": 2, **bind})
    child = draft(shop, "C", **{"parentproductid@odata.bind": f"/products({inner})"})
    assert refusal(client.patch(f"products({child})", {"statecode": 0})) == (400, "0x8004f909")
    publish = "Microsoft.Dynamics.CRM.PublishProductHierarchy"
    assert refusal(client.send("POST", f"products({child})/{publish}", {})) == (400, "0x8004f909")
    shop.call(f"products({family})/{publish}")
    assert [client.get(f"products({each})")["statecode"] for each in (family, inner, child)] == [0, 0, 0]
    client.patch(f"products({family})", {"statecode": 1})
    assert [client.get(f"products({each})")["statecode"] for each in (family, inner, child)] == [1, 1, 1]
    assert refusal(client.patch(f"products({child})", {"statecode": 0})) == (400, "0x8004f912")
    assert refusal(client.send("POST", f"products({family})/{publish}", {})) == (400, "0x8004f912")


def test_a_revision_can_be_discarded(shop: Shop, client: Client) -> None:
    """`RevertProduct` brings back what was published; only a revision can be reverted."""
    address = f"products({shop.product})"
    target = {"Target": {"@odata.type": "Microsoft.Dynamics.CRM.product", "productid": shop.product}}
    assert refusal(client.send("POST", "RevertProduct", target)) == (400, "0x8004f912")
    client.patch(address, {"statecode": 3})
    client.patch(address, {"name": "Changed", "price": 5})
    version = client.get(address)["versionnumber"]
    shop.call("RevertProduct", **target)
    row = client.get(address)
    assert (row["name"], row["price"], row["statecode"], row["statuscode"]) == ("Product 1000", None, 0, 1)
    assert row["versionnumber"] > version


def test_a_clone_is_a_draft_of_its_own(shop: Shop, client: Client) -> None:
    """Everything but number, state and price list is the same."""
    made = shop.call(f"products({shop.product})/Microsoft.Dynamics.CRM.CloneProduct")
    assert (made["name"], made["statecode"], made["_defaultuomid_value"]) == ("Product 1000", 2, shop.unit)
    assert made["productnumber"].startswith("1000-")
    assert client.get(f"products({made['productid']})")["productnumber"] == made["productnumber"]
    unknown = client.send("POST", f"products({shop.product})/Microsoft.Dynamics.CRM.Nothing", {})
    assert unknown.status == 404


def test_documents_of_a_retired_product_can_still_be_invoiced(shop: Shop, client: Client) -> None:
    """No new line takes it, but what was ordered is copied."""
    order = shop.document()
    shop.line(order, quantity=2)
    client.patch(f"products({shop.product})", {"statecode": 1})
    body = shop.line_body("salesorder", order)
    assert refusal(client.send("POST", "salesorderdetails", body)) == (400, "0x8004f908")
    invoice = shop.call("ConvertSalesOrderToInvoice", SalesOrderId=order)
    assert invoice["totalamount"] == 200
