"""Requests and responses that the service's vendor has published, replayed against the sandbox.

The facts come from the pages named beside each pair (api-reference/v2.0/api/dynamics_*, use-odata-batch,
dynamics-subscriptions). Ids and times are the service's own; the rest must come back as published.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from interlace.sandbox.erp.option_members import from_wire_name

BLANK_ID = "00000000-0000-0000-0000-000000000000"
_OWN = re.compile(r"^id$|Id$|DateTime$")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One published creation: where it goes, what is sent, what comes back besides that."""

    source: str
    collection: str
    request: dict[str, Any]
    more: dict[str, Any] = field(default_factory=dict)


PAIRS = (
    Pair(
        source="dynamics_customer_create",
        collection="customers",
        request={
            "displayName": "Adatum Corporation",
            "type": "Company",
            "addressLine1": "192 Market Square",
            "addressLine2": "",
            "city": "Atlanta",
            "state": "GA",
            "country": "US",
            "postalCode": "31772",
            "phoneNumber": "",
            "email": "robert.townes@contoso.com",
            "website": "",
            "taxLiable": True,
            "taxAreaId": "taxAreas/ATLANTA, GA",
            "taxRegistrationNumber": "",
            "currencyId": BLANK_ID,
            "currencyCode": "USD",
            "paymentTermsId": "paymentTerms/30 DAYS",
            "shipmentMethodId": BLANK_ID,
            "paymentMethodId": "paymentMethods/CHECK",
            "blocked": " ",
        },
        more={"taxAreaDisplayName": "ATLANTA, GA"},
    ),
    Pair(
        source="dynamics_paymentterm_create",
        collection="paymentTerms",
        request={
            "id": "01a5738a-44e3-ea11-bb43-000d3a2feca1",
            "code": "10 DAYS",
            "displayName": "Net 10 days",
            "dueDateCalculation": "10D",
            "discountDateCalculation": "",
            "discountPercent": 0,
            "calculateDiscountOnCreditMemos": False,
            "lastModifiedDateTime": "2020-08-21T00:24:12.633Z",
        },
    ),
    Pair(
        source="dynamics_currency_create",
        collection="currencies",
        request={
            "id": "0ca5738a-44e3-ea11-bb43-000d3a2feca1",
            "code": "CAD",
            "displayName": "Canadian dollar",
            "symbol": "$",
            "amountDecimalPlaces": "2:2",
            "amountRoundingPrecision": 0.01,
            "lastModifiedDateTime": "2020-08-21T00:24:12.793Z",
        },
    ),
    Pair(
        source="dynamics_unitofmeasure_create",
        collection="unitsOfMeasure",
        request={"code": "BOX", "displayName": "Box", "internationalStandardCode": "BX", "symbol": ""},
    ),
    Pair(
        source="dynamics_item_create",
        collection="items",
        request={
            "number": "1896-S",
            "displayName": "ATHENS Desk",
            "type": "Inventory",
            "itemCategoryId": "itemCategories/TABLE",
            "itemCategoryCode": "TABLE",
            "blocked": False,
            "gtin": "",
            "unitPrice": 1000.8,
            "priceIncludesTax": False,
            "unitCost": 780.7,
            "taxGroupId": "taxGroups/FURNITURE",
            "taxGroupCode": "FURNITURE",
            "baseUnitOfMeasureId": "unitsOfMeasure/PCS",
            "baseUnitOfMeasureCode": "PCS",
        },
        more={"displayName2": "", "inventory": 0},
    ),
)


@pytest.fixture
def cronus(open_erp: Any) -> Any:
    """A company like the published one: local currency USD, and the codes that the examples name."""
    rows = [
        ("General_Ledger_Setup", {"LCY_Code": "USD"}),
        ("Country_Region", {"Code": "US", "Name": "USA"}),
        ("Unit_of_Measure", {"Code": "PCS"}),
        ("Payment_Terms", {"Code": "30 DAYS"}),
        ("Payment_Method", {"Code": "CHECK"}),
        ("Tax_Area", {"Code": "ATLANTA, GA", "Description": "ATLANTA, GA"}),
        ("Tax_Group", {"Code": "FURNITURE"}),
        ("Item_Category", {"Code": "TABLE"}),
    ]
    return open_erp(seed=lambda: rows, company="CRONUS International Ltd.")


def _with_ids(erp: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Put the ids of this company where the published request has those of its own."""
    filled = dict(request)
    for name, value in request.items():
        if name.endswith("Id") and isinstance(value, str) and "/" in value:
            collection, _, code = value.partition("/")
            filled[name] = erp.values(f"{erp.company}/{collection}?$filter=code eq '{code}'")[0]["id"]
    return filled


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.source)
def test_published_creations(cronus: Any, pair: Pair) -> None:
    """A published creation is answered with 201 and every property of the published response."""
    request = _with_ids(cronus, pair.request)
    answer = cronus.post(f"{cronus.company}/{pair.collection}", request)
    for name, value in {**request, **pair.more}.items():
        if name in {"id", "lastModifiedDateTime"}:
            assert re.fullmatch(r"[0-9a-f-]{36}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer[name])
        elif isinstance(value, str):
            assert from_wire_name(answer[name]) == value, name
        else:
            assert answer[name] == value, name
    published = set(pair.request) | set(pair.more)
    assert {name for name in answer if not _OWN.search(name)} >= {n for n in published if not _OWN.search(n)}


def test_published_change(cronus: Any) -> None:
    """dynamics_customer_update: name and phone number are changed, the rest keeps its values."""
    before = cronus.post(f"{cronus.company}/customers", _with_ids(cronus, PAIRS[0].request))
    body = {"displayName": "Coho Winery Inc.", "phoneNumber": "(555) 555-1234"}
    after = cronus.patch(f"{cronus.company}/customers({before['id']})", body, before["@odata.etag"])
    moving = {"@odata.etag", "lastModifiedDateTime"}
    expected = {**before, **body}
    assert {k: v for k, v in after.items() if k not in moving} == {
        k: v for k, v in expected.items() if k not in moving
    }


def test_published_snapshot_batch(cronus: Any) -> None:
    """use-odata-batch: the last operation names no option, so nothing of the batch is kept."""
    item = cronus.post(f"{cronus.company}/items", {"displayName": "Touring Bicycle"})
    headers = {
        "Company": "CRONUS International Ltd.",
        "Content-Type": "application/json",
        "If-Match": "*",
    }
    requests = [
        {"method": "PATCH", "url": f"items({item['id']})", "headers": headers, "body": body}
        for body in ({"displayName": "Touring Bicycle v2"}, {"type": "Invalid Type"})
    ]
    response = cronus.send(
        "POST",
        "/BC/api/v2.0/$batch",
        {"requests": requests},
        {"Content-Type": "application/json", "Accept": "application/json", "Isolation": "snapshot"},
    )
    answers = json.loads(response.body)["responses"]
    assert [(answer["id"], answer["status"]) for answer in answers] == [(None, 200), (None, 400)]
    assert answers[0]["body"]["displayName"] == "Touring Bicycle v2"
    error = answers[1]["body"]["error"]
    assert error["code"] == "Unknown"
    assert re.fullmatch(
        r"'Invalid Type' is not an option\. The existing options are: Inventory,Service,Non-Inventory  "
        r"CorrelationId:  [0-9a-f-]{36}\.",
        error["message"],
    )
    assert cronus.get(f"{cronus.company}/items({item['id']})")["displayName"] == "Touring Bicycle"


def test_published_notice(cronus: Any) -> None:
    """dynamics-subscriptions: a notice names subscription, state, expiry, resource, change and time."""
    subscriptions = cronus.app.delivery.subscriptions
    company = f"api/v2.0/companies({cronus.app.company.id})"
    subscriptions.add(
        notification_url="https://example.com/",
        resource=f"/{company}/items",
        client_state="someClientState",
        set_name="items",
    )
    item = cronus.post(f"{cronus.company}/items", {"displayName": "Touring Bicycle"})
    cronus.send("DELETE", f"{cronus.company}/items({item['id']})")
    (notices,) = subscriptions.due().values()
    assert notices[0].to_wire() == {
        "subscriptionId": notices[0].subscription.id,
        "clientState": "someClientState",
        "expirationDateTime": "2026-11-23T12:00:00.000Z",
        "resource": f"{company}/items({item['id']})",
        "changeType": "deleted",
        "lastModifiedDateTime": "2026-11-20T12:00:00.000Z",
    }
