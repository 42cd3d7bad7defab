"""Units, products, price lists and currencies: the rules of the product catalogue."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.sandbox.crm.conftest import Client, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """A unit group with its base unit, a product and a price list."""

    group: str
    unit: str
    product: str
    price_list: str


def base_unit(client: Client, group: str) -> str:
    """The unit that came with a group."""
    found = client.get(
        f"uomschedules({group})/unit_of_measure_schedule_conversions?$filter=isschedulebaseuom eq true"
    )
    return str(found["value"][0]["uomid"])


@pytest.fixture
def catalogue(client: Client) -> Catalogue:
    """A small catalogue."""
    group = client.create("uomschedules", {"name": "Pieces", "baseuomname": "PCS"})
    unit = base_unit(client, group)
    product = client.create(
        "products",
        {
            "name": "Chair",
            "productnumber": "1000",
            "quantitydecimal": 2,
            "defaultuomscheduleid@odata.bind": f"/uomschedules({group})",
            "defaultuomid@odata.bind": f"/uoms({unit})",
        },
    )
    price_list = client.create("pricelevels", {"name": "Retail"})
    return Catalogue(group=group, unit=unit, product=product, price_list=price_list)


def price(catalogue: Catalogue, **changes: object) -> dict[str, object]:
    """The body of a price list item."""
    return {
        "amount": 99.5,
        "pricelevelid@odata.bind": f"/pricelevels({catalogue.price_list})",
        "productid@odata.bind": f"/products({catalogue.product})",
        "uomid@odata.bind": f"/uoms({catalogue.unit})",
        **changes,
    }


def test_a_unit_group_brings_its_base_unit(client: Client, catalogue: Catalogue) -> None:
    """Its base unit comes by name; it has quantity 1 and cannot be deleted."""
    row = client.get(f"uoms({catalogue.unit})")
    assert (row["name"], row["quantity"], row["isschedulebaseuom"], row["_baseuom_value"]) == (
        "PCS",
        1,
        True,
        None,
    )
    assert refusal(client.send("DELETE", f"uoms({catalogue.unit})")) == (400, "0x80043b03")
    assert refusal(client.send("POST", "uomschedules", {"name": "X"})) == (400, "0x80043810")


def test_further_units_hang_below_a_unit_of_the_group(client: Client, catalogue: Catalogue) -> None:
    """A unit needs a base of its own group and never loops."""
    group = {"uomscheduleid@odata.bind": f"/uomschedules({catalogue.group})"}
    box = client.create(
        "uoms", {"name": "BOX", "quantity": 12, "baseuom@odata.bind": f"/uoms({catalogue.unit})", **group}
    )
    pallet = client.create(
        "uoms", {"name": "PAL", "quantity": 10, "baseuom@odata.bind": f"/uoms({box})", **group}
    )
    assert refusal(client.send("POST", "uoms", {"name": "X", "quantity": 1, **group})) == (400, "0x80043b18")
    answer = client.patch(f"uoms({box})", {"baseuom@odata.bind": f"/uoms({pallet})"})
    assert refusal(answer) == (400, "0x80043b1a")
    other = client.create("uomschedules", {"name": "Hours", "baseuomname": "HOUR"})
    foreign = {"baseuom@odata.bind": f"/uoms({base_unit(client, other)})"}
    assert refusal(client.send("POST", "uoms", {"name": "X", "quantity": 2, **foreign, **group})) == (
        400,
        "0x80043b0b",
    )


def test_a_product_needs_number_group_and_unit(client: Client, catalogue: Catalogue) -> None:
    """Each missing part has its code; the unit must belong to the group; the number is unique."""
    group = {"defaultuomscheduleid@odata.bind": f"/uomschedules({catalogue.group})"}
    unit = {"defaultuomid@odata.bind": f"/uoms({catalogue.unit})"}
    other = client.create("uomschedules", {"name": "Hours", "baseuomname": "HOUR"})
    wrong = {"defaultuomid@odata.bind": f"/uoms({base_unit(client, other)})"}
    cases: list[tuple[dict[str, object], str]] = [
        ({"name": "A", **group, **unit}, "0x80043b05"),
        ({"name": "A", "productnumber": "2", **unit}, "0x80043b0a"),
        ({"name": "A", "productnumber": "2", **group}, "0x80043b0d"),
        ({"name": "A", "productnumber": "2", **group, **wrong}, "0x80043b14"),
        ({"name": "A", "productnumber": "1000", **group, **unit}, "0x80043b06"),
    ]
    for body, code in cases:
        assert refusal(client.send("POST", "products", body)) == (400, code)


def test_a_product_begins_as_draft_and_is_published(client: Client, catalogue: Catalogue) -> None:
    """Draft goes to Active only; Active to Retired and back; never to Draft again."""
    address = f"products({catalogue.product})"
    assert (client.get(address)["statecode"], client.get(address)["statuscode"]) == (2, 0)
    assert refusal(client.patch(address, {"statecode": 1})) == (400, "0x8004f978")
    for state in (0, 1, 0, 3, 0):
        assert client.patch(address, {"statecode": state}).status == 204
    assert refusal(client.patch(address, {"statecode": 2})) == (400, "0x8004f912")


def test_products_begin_active_where_the_organization_says_so(client: Client, catalogue: Catalogue) -> None:
    """The organization decides the first state."""
    organization = client.get("organizations")["value"][0]["organizationid"]
    client.patch(f"organizations({organization})", {"createproductswithoutparentinactivestate": True})
    body = {
        "name": "B",
        "productnumber": "2",
        "defaultuomscheduleid@odata.bind": f"/uomschedules({catalogue.group})",
        "defaultuomid@odata.bind": f"/uoms({catalogue.unit})",
    }
    assert client.get(f"products({client.create('products', body)})")["statecode"] == 0


def test_price_list_items_are_unique_and_complete(client: Client, catalogue: Catalogue) -> None:
    """(price list, product, unit) is unique; number, group and currency come from the parents."""
    item = client.create("productpricelevels", price(catalogue))
    row = client.get(f"productpricelevels({item})")
    assert (row["productnumber"], row["_uomscheduleid_value"]) == ("1000", catalogue.group)
    assert row["_transactioncurrencyid_value"] is not None
    assert str(row["amount_base"]) == "99.5"
    assert refusal(client.send("POST", "productpricelevels", price(catalogue))) == (400, "0x80043b08")


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("pricelevelid@odata.bind", "0x80043b12"),
        ("productid@odata.bind", "0x80043b11"),
        ("uomid@odata.bind", "0x80043b0d"),
        ("amount", "0x80043b10"),
    ],
)
def test_price_list_items_need_their_parts(
    client: Client, catalogue: Catalogue, missing: str, code: str
) -> None:
    """Each missing part has its code."""
    body = price(catalogue)
    del body[missing]
    assert refusal(client.send("POST", "productpricelevels", body)) == (400, code)


def test_the_currency_of_an_item_is_the_list_s(client: Client, catalogue: Catalogue) -> None:
    """Another currency is refused, and the list keeps its own once it has items."""
    pounds = client.create(
        "transactioncurrencies",
        {
            "currencyname": "Pound",
            "isocurrencycode": "GBP",
            "currencysymbol": "£",
            "currencyprecision": 2,
            "exchangerate": 0.8,
        },
    )
    bind = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({pounds})"}
    assert refusal(client.send("POST", "productpricelevels", price(catalogue, **bind))) == (400, "0x80048cee")
    client.create("productpricelevels", price(catalogue))
    assert refusal(client.patch(f"pricelevels({catalogue.price_list})", bind)) == (400, "0x8004480e")


def test_a_default_price_list_stays_active(client: Client, catalogue: Catalogue) -> None:
    """A price list that an account defaults to cannot be deactivated, and its name is unique."""
    client.create("accounts", {"defaultpricelevelid@odata.bind": f"/pricelevels({catalogue.price_list})"})
    answer = client.patch(f"pricelevels({catalogue.price_list})", {"statecode": 1})
    assert refusal(answer) == (400, "0x80043b04")
    assert refusal(client.send("POST", "pricelevels", {"name": "retail"})) == (400, "0x80043b0f")


def test_the_base_currency_is_fixed(client: Client) -> None:
    """Its rate is 1, it cannot go; required columns of a new currency are asked for."""
    base = client.get("organizations?$select=_basecurrencyid_value")["value"][0]["_basecurrencyid_value"]
    row = client.get(f"transactioncurrencies({base})")
    assert (row["isocurrencycode"], row["exchangerate"]) == ("EUR", 1)
    assert client.patch(f"transactioncurrencies({base})", {"exchangerate": 2}).status == 400
    assert client.send("DELETE", f"transactioncurrencies({base})").status in (400, 405)
    answer = client.send("POST", "transactioncurrencies", {"isocurrencycode": "USD", "exchangerate": 1.1})
    assert refusal(answer) == (400, "0x80040200")


def test_a_new_rate_reaches_a_row_when_it_is_saved(client: Client) -> None:
    """Rows keep the rate of their last save."""
    pounds = client.create(
        "transactioncurrencies",
        {
            "currencyname": "Pound",
            "isocurrencycode": "GBP",
            "currencysymbol": "£",
            "currencyprecision": 2,
            "exchangerate": 0.5,
        },
    )
    bind = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({pounds})"}
    account = client.create("accounts", {"creditlimit": 100, **bind})
    client.patch(f"transactioncurrencies({pounds})", {"exchangerate": 0.8})
    assert client.get(f"accounts({account})")["creditlimit_base"] == 200
    client.patch(f"accounts({account})", {"fax": "1"})
    assert client.get(f"accounts({account})")["creditlimit_base"] == 125


def test_orders_are_numbered_and_closed_by_message(client: Client) -> None:
    """A missing number is made; Fulfilled and Canceled are reached by their messages only."""
    account = client.create("accounts", {"name": "A"})
    order = client.create(
        "salesorders", {"name": "O", "customerid_account@odata.bind": f"/accounts({account})"}
    )
    assert client.get(f"salesorders({order})")["ordernumber"].startswith("ORD-01001-")
    assert client.patch(f"salesorders({order})", {"statecode": 3, "statuscode": 100001}).status == 400
    assert client.patch(f"salesorders({order})", {"statecode": 1}).status == 204
    close = {
        "@odata.type": "Microsoft.Dynamics.CRM.orderclose",
        "salesorderid@odata.bind": f"/salesorders({order})",
    }
    answer = client.send(
        "POST",
        "salesorders/Microsoft.Dynamics.CRM.FulfillSalesOrder",
        {"OrderClose": close, "Status": 100002},
    )
    assert answer.status == 204
    row = client.get(f"salesorders({order})")
    assert (row["statecode"], row["statuscode"]) == (3, 100002)
    assert client.send("POST", "CancelSalesOrder", {"OrderClose": close, "Status": -1}).status == 400


def test_opportunities_are_closed_by_message(client: Client) -> None:
    """A PATCH to Won is refused, WinOpportunity does it, a PATCH reopens."""
    deal = client.create("opportunities", {"name": "Deal"})
    assert refusal(client.patch(f"opportunities({deal})", {"statecode": 1})) == (400, "0x80100005")
    close = {"opportunityid@odata.bind": f"/opportunities({deal})", "actualrevenue": 5}
    assert client.send("POST", "WinOpportunity", {"OpportunityClose": close, "Status": 3}).status == 204
    assert client.get(f"opportunities({deal})")["statecode"] == 1
    assert client.patch(f"opportunities({deal})", {"statecode": 0, "statuscode": 1}).status == 204
