"""The protocol of both roots: addresses, sign-in, tags, errors, batches, metadata."""

import base64
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from interlace.odata.metadata import parse_metadata
from interlace.sandbox.erp.api_sets import API_SETS
from interlace.sandbox.erp.page_services import PAGE_SERVICES
from interlace.sandbox.limits import ERP_PUBLISHED

API = "/BC/api/v2.0"
PAGES = "/BC/ODataV4"


def basic(user: str = "INTERLACE", key: str = "test-access-key") -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()


def test_company_is_found_in_every_form_of_address(open_erp: Any) -> None:
    """The company may stand in the path, in the query or in a header, with every spelling of quotes."""
    erp = open_erp(company="O'Neil & Söhne")
    erp.post(f"{erp.company}/customers", {"displayName": "A"})
    name = quote("O''Neil & Söhne", safe="'")
    encoded = quote("O''Neil & Söhne", safe="")
    company_id = erp.app.company.id
    for url in (
        f"{API}/companies({company_id})/customers",
        f"{API}/companies(name='{name}')/customers/",
        f"{API}//companies({company_id})//customers",
        f"{API}/customers?company={company_id}",
        f"{API}/customers?company={quote(erp.app.company.name)}",
        f"{API}/customers",
        f"/v2.0/BC/api/v2.0/companies({company_id})/customers",
        f"{PAGES}/Company('{name}')/CustomerCard",
        f"{PAGES}/Company(%27{encoded}%27)/CustomerCard",
        f"{PAGES}/Company(Id={company_id})/CustomerCard",
        f"{PAGES}/CustomerCard?company={quote(erp.app.company.name)}",
    ):
        assert len(erp.values(url)) == 1, url
    headers = {"CompanyId": company_id}
    assert erp.send("GET", f"{API}/customers", headers=headers).status == 200
    unknown = erp.refused("GET", f"{PAGES}/Company('Nobody')/CustomerCard")
    assert unknown[:2] == (404, "Internal_CompanyNotFound")
    assert erp.refused("GET", f"{API}/customers", headers={"Company": "x"})[0] == 404


def test_companies_and_service_documents(erp: Any) -> None:
    """The roots list their sets, and the company is listed with the id and the name that addresses use."""
    company = erp.values(f"{API}/companies")[0]
    assert (company["id"], company["name"]) == (erp.app.company.id, "Nordlicht")
    assert erp.get(f"{API}/companies({company['id']})")["name"] == "Nordlicht"
    assert erp.values(f"{PAGES}/Company")[0]["Id"] == company["id"]
    assert {row["name"] for row in erp.values(f"{API}/")} >= set(API_SETS)
    assert {row["name"] for row in erp.values(f"{erp.pages}/")} >= set(PAGE_SERVICES)


def test_metadata_names_every_property(erp: Any) -> None:
    """`$metadata` of both roots can be parsed and names every property that the sets answer."""
    for root, sets in ((API, API_SETS), (PAGES, PAGE_SERVICES)):
        response = erp.send("GET", f"{root}/$metadata")
        model = parse_metadata(response.body)
        for name, published in sets.items():
            kind = model.type_of_set(name)
            assert kind is not None
            assert [prop.name for prop in model.properties_of(kind)] == [p.name for p in published.properties]
            assert model.key_of(kind) == (("id",) if root == API else published.table.key)


def test_every_set_can_be_read(erp: Any) -> None:
    """Every set answers a collection, whole and counted."""
    for name in PAGE_SERVICES:
        assert erp.get(f"{erp.pages}/{name}?$count=true")["@odata.count"] >= 0
    for name in API_SETS:
        if not name.endswith("Lines"):
            assert erp.get(f"{erp.company}/{name}?$count=true&$top=1")["@odata.count"] >= 0


@pytest.mark.parametrize(
    "authorization", [None, "Bearer x", "Basic !!", basic(key="wrong"), basic(user="NOBODY")]
)
def test_strangers_are_refused(erp: Any, authorization: str | None) -> None:
    """Without a user and the user's access key there is nothing to see."""
    headers = {"Authorization": authorization} if authorization else {}
    response = erp.app.call("GET", f"{API}/companies", headers=headers)
    assert response.status == 401
    assert json.loads(response.body)["error"]["code"] == "Authentication_InvalidCredentials"
    assert response.header("WWW-Authenticate").startswith("Basic")


def test_new_access_key_voids_the_old_one(erp: Any) -> None:
    """A new key works at once, and the old one doesn't any more."""
    assert erp.send("GET", f"{API}/companies").status == 200
    key = erp.app.users.set_key("interlace")
    assert len(key) == 44
    assert erp.send("GET", f"{API}/companies").status == 401
    assert erp.send("GET", f"{API}/companies", headers={"Authorization": basic(key=key)}).status == 200


def test_change_needs_the_tag_and_a_stale_one_is_refused(erp: Any) -> None:
    """PATCH without If-Match is 400, with an old tag 409, with the current one or a star it works."""
    for collection in (f"{erp.company}/customers", f"{erp.pages}/CustomerCard"):
        api = "customers" in collection
        name = "displayName" if api else "Name"
        record = erp.post(collection, {name: "A"})
        url = f"{collection}({record['id']})" if api else f"{collection}('{record['No']}')"
        assert erp.refused("PATCH", url, {name: "B"})[:2] == (400, "BadRequest_InvalidToken")
        broken = erp.refused("PATCH", url, {name: "B"}, {"If-Match": "x"})
        assert broken[:2] == (400, "BadRequest_InvalidToken")
        changed = erp.patch(url, {name: "B"}, record["@odata.etag"])
        assert changed["@odata.etag"] != record["@odata.etag"]
        stale = erp.refused("PATCH", url, {name: "C"}, {"If-Match": record["@odata.etag"]})
        assert stale[:2] == (409, "Request_EntityChanged")
        assert erp.refused("DELETE", url, headers={"If-Match": record["@odata.etag"]})[0] == 409
        assert erp.get(url)["@odata.etag"] == changed["@odata.etag"]
        assert erp.send("DELETE", url, headers={"If-Match": changed["@odata.etag"]}).status == 204
        assert erp.refused("GET", url)[:2] == (404, "Internal_RecordNotFound")


def test_change_that_changes_nothing_keeps_tag_and_time(erp: Any) -> None:
    """Writing the same values again is no change: neither tag nor modification time moves."""
    record = erp.post(f"{erp.company}/customers", {"displayName": "A"})
    erp.clock.advance(minutes=1)
    same = erp.patch(f"{erp.company}/customers({record['id']})", {"displayName": "A"})
    assert same == record
    erp.clock.advance(minutes=1)
    other = erp.patch(f"{erp.company}/customers({record['id']})", {"displayName": "B"})
    assert other["lastModifiedDateTime"] == "2026-11-20T12:02:00.000Z"


def test_created_record_is_answered_with_its_address(erp: Any) -> None:
    """POST answers 201 with the whole record and a Location that reads it."""
    for collection, body in (
        (f"{erp.company}/customers", {"displayName": "A"}),
        (f"{erp.pages}/CustomerCard", {"Name": "A", "No": "Ä 1/2"}),
        (f"{erp.pages}/CurrencyExchangeRates", {"Currency_Code": "USD", "Starting_Date": "2026-02-01"}),
    ):
        response = erp.send("POST", collection, body)
        assert response.status == 201
        location = response.header("Location")
        assert location.startswith("http://127.0.0.1/BC/")
        created, read = json.loads(response.body), erp.get(location)
        assert created == read


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "customers", {"nonsense": 1}, (400, "BadRequest")),
        ("POST", "customers", [], (400, "BadRequest")),
        ("POST", "customers", b"{", (400, "BadRequest")),
        ("POST", "customers", {"displayName": 5}, (400, "BadRequest")),
        ("POST", "customers", {}, (400, "Application_DialogException")),
        ("POST", "customers", {"displayName": "A", "creditLimit": "much"}, (400, "BadRequest")),
        ("POST", "customers", {"displayName": "A", "balanceDue": 1}, (400, "BadRequest_InvalidOperation")),
        ("POST", "customers", {"displayName": "A", "blocked": "Maybe"}, (400, "Unknown")),
        ("POST", "customers", {"displayName": "A", "currencyId": "x"}, (400, "BadRequest")),
        ("POST", "itemLedgerEntries", {}, (405, "BadRequest_MethodNotAllowed")),
        ("PATCH", "customers", {}, (405, "BadRequest_MethodNotAllowed")),
        ("DELETE", "customers", None, (405, "BadRequest_MethodNotAllowed")),
        ("GET", "nothings", None, (404, "BadRequest_ResourceNotFound")),
        ("GET", "customers(1)", None, (400, "BadRequest_InvalidRequestUrl")),
        ("GET", "customers(", None, (400, "BadRequest_InvalidRequestUrl")),
        ("GET", "customers?$select=nonsense", None, (400, "BadRequest_NotFound")),
        ("GET", "customers?$filter=nonsense eq 1", None, (400, "BadRequest_NotFound")),
        ("GET", "customers?$orderby=nonsense", None, (400, "BadRequest_NotFound")),
        ("GET", "customers?$filter=number eq", None, (400, "BadRequest")),
        ("GET", "customers?$filter=number in ('1')", None, (501, "BadRequest_MethodNotImplemented")),
        (
            "GET",
            "customers?$filter=number eq 'A' or city eq 'B'",
            None,
            (501, "BadRequest_MethodNotImplemented"),
        ),
        ("GET", "customers?$skiptoken=abc", None, (400, "BadRequest_InvalidRequestUrl")),
        ("GET", "salesOrderLines", None, (400, "Application_DialogException")),
    ],
)
def test_refusals(erp: Any, method: str, path: str, body: object, expected: tuple[int, str]) -> None:
    """Wrong requests get the status and the code that clients know, with a correlation id."""
    status, code, message = erp.refused(method, f"{erp.company}/{path}", body, {"If-Match": "*"})
    assert (status, code) == expected
    assert re.search(r"  CorrelationId:  [0-9a-f-]{36}\.$", message)


def test_option_members_are_escaped_and_accepted_in_both_spellings(erp: Any) -> None:
    """A blank member is sent escaped, and captions and escaped names are both understood."""
    customer = erp.post(f"{erp.company}/customers", {"displayName": "A", "blocked": " "})
    assert customer["blocked"] == "_x0020_"
    url = f"{erp.company}/customers({customer['id']})"
    assert erp.patch(url, {"blocked": "Ship"})["blocked"] == "Ship"
    assert erp.patch(url, {"blocked": "_x0020_"})["blocked"] == "_x0020_"
    item = erp.post(f"{erp.company}/items", {"displayName": "I", "type": "Non-Inventory"})
    assert item["type"] == "Non_x002D_Inventory"
    for spelling in ("Non-Inventory", "Non_x002D_Inventory"):
        assert len(erp.values(f"{erp.company}/items?$filter=type eq '{spelling}'")) == 1


def test_batch_stops_at_the_first_failure(erp: Any) -> None:
    """Each operation commits alone; the answers end with the failure unless the client asks to go on."""
    requests = [
        {"id": "a", "method": "POST", "url": "customers", "body": {"displayName": "A"}},
        {"id": "b", "method": "POST", "url": "customers", "body": {}},
        {"id": "c", "method": "POST", "url": "customers", "body": {"displayName": "C"}},
    ]
    for each in requests:
        each["headers"] = {"Content-Type": "application/json", "CompanyId": erp.app.company.id}
    headers = {"Content-Type": "application/json", "Accept": "application/json"}

    def run(**more: str) -> list[tuple[str, int]]:
        response = erp.send("POST", f"{API}/$batch", {"requests": requests}, {**headers, **more})
        assert response.status == 200
        return [(each["id"], each["status"]) for each in json.loads(response.body)["responses"]]

    def names() -> list[str]:
        return [row["displayName"] for row in erp.values(f"{erp.company}/customers")]

    assert run() == [("a", 201), ("b", 400)]
    assert names() == ["A"]
    assert run(Prefer="odata.continue-on-error") == [("a", 201), ("b", 400), ("c", 201)]
    assert names() == ["A", "A", "C"]
    assert run(Isolation="snapshot") == [("a", 201), ("b", 400)]
    assert names() == ["A", "A", "C"]


def test_batch_of_conditional_changes_in_multipart(erp: Any) -> None:
    """A multipart batch of PATCHes on a page service changes each record with its own precondition."""
    for number in ("1", "2"):
        erp.post(f"{erp.pages}/CustomerCard", {"No": number, "Name": number})
    parts = "".join(
        f"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        f"PATCH {erp.pages}/CustomerCard('{number}') HTTP/1.1\r\nContent-Type: application/json\r\n"
        f'If-Match: {tag}\r\n\r\n{{"City":"Bonn"}}\r\n'
        for number, tag in (("1", "*"), ("2", 'W/"stale"'))
    )
    body = f"{parts}--b--\r\n".encode()
    response = erp.send("POST", f"{PAGES}/$batch", body, {"Content-Type": "multipart/mixed; boundary=b"})
    assert response.status == 200
    assert re.findall(rb"HTTP/1.1 (\d+)", response.body) == [b"200", b"409"]
    assert [row["City"] for row in erp.values(f"{erp.pages}/CustomerCard")] == ["Bonn", ""]


def test_batch_of_more_than_a_hundred_is_refused(erp: Any) -> None:
    """A batch holds a hundred operations."""
    requests = [{"id": str(n), "method": "GET", "url": "companies"} for n in range(101)]
    headers = {"Content-Type": "application/json"}
    status, code, message = erp.refused("POST", f"{API}/$batch", {"requests": requests}, headers)
    assert (status, code) == (400, "Unknown")
    assert "100" in message


def test_limits_answer_429(open_erp: Any) -> None:
    """One request too many within five minutes is told so, and not when there is room again."""
    erp = open_erp(limits=replace(ERP_PUBLISHED, requests=100))
    for _ in range(100):
        assert erp.send("GET", f"{API}/companies").status == 200
    response = erp.send("GET", f"{API}/companies")
    assert response.status == 429
    error = json.loads(response.body)["error"]
    assert error["code"] == "Application_TooManyRequests"
    assert error["message"].startswith("Too many requests reached. Actual (101). Maximum (100).")
    assert response.header("Retry-After") is None


def test_requests_are_counted(erp: Any) -> None:
    """What was written can be told from the log of requests."""
    erp.values(f"{erp.company}/customers")
    assert erp.app.requests.writes() == []
    erp.post(f"{erp.company}/customers", {"displayName": "A"})
    erp.refused("POST", f"{erp.company}/customers", {})
    assert [(line.method, line.status) for line in erp.app.requests.writes()] == [
        ("POST", 201),
        ("POST", 400),
    ]
