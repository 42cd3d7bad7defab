"""Reading collections: selection, filters, order, pages, counts, expansion."""

from typing import Any
from urllib.parse import quote

import pytest


def _fill(erp: Any, count: int = 25) -> None:
    for number in range(count):
        erp.post(
            f"{erp.pages}/CustomerCard",
            {
                "No": f"K{number:03d}",
                "Name": f"Kunde {number % 7}",
                "City": "Köln" if number % 2 else "Møre",
                "Credit_Limit_LCY": number * 1.25,
                "Salesperson_Code": "AB" if number % 3 else "",
            },
        )


def _walk(erp: Any, url: str, rows: int) -> list[dict[str, Any]]:
    """Follow next links to the end; every page but the last is full."""
    found: list[dict[str, Any]] = []
    while url:
        page = erp.get(url, Prefer=f"odata.maxpagesize={rows}")
        found.extend(page["value"])
        assert len(page["value"]) <= rows
        assert "@odata.nextLink" not in page or len(page["value"]) == rows
        url = page.get("@odata.nextLink", "")
    return found


@pytest.mark.parametrize(
    "query",
    [
        "",
        "$select=No,Name",
        "$orderby=Name desc,No",
        "$orderby=Credit_Limit_LCY desc",
        "$filter=City eq 'Köln'",
        "$filter=Credit_Limit_LCY gt 10",
        "$filter=Credit_Limit_LCY gt 10&$orderby=City,Name&$top=7",
        "$skip=4&$count=true",
        "$filter=Credit_Limit_LCY gt 3.75&$skip=3&$top=9",
    ],
)
@pytest.mark.parametrize("rows", [1, 4, 25, 100])
def test_pages_together_are_the_whole(erp: Any, query: str, rows: int) -> None:
    """However small the pages are, following the links gives exactly what one big page gives."""
    _fill(erp)
    url = f"{erp.pages}/CustomerCard?{query}"
    assert _walk(erp, url, rows) == erp.values(url)


def test_api_pages_follow_the_links(erp: Any) -> None:
    """API sets are read page by page in the order of their ids, none twice, none left out."""
    _fill(erp)
    found = _walk(erp, f"{erp.company}/customers?$select=id,number", 4)
    assert sorted(row["number"] for row in found) == [f"K{number:03d}" for number in range(25)]
    ids = [row["id"] for row in found]
    assert ids == sorted(ids)


def test_deleted_and_inserted_rows_do_not_disturb_the_pages(erp: Any) -> None:
    """A page begins behind the last key read, whatever happened before it."""
    _fill(erp, 6)
    first = erp.get(f"{erp.pages}/CustomerCard?$select=No", Prefer="odata.maxpagesize=3")
    erp.send("DELETE", f"{erp.pages}/CustomerCard('K002')")
    erp.post(f"{erp.pages}/CustomerCard", {"No": "A0", "Name": "A"})
    rest = erp.values(first["@odata.nextLink"])
    assert [row["No"] for row in rest] == ["K003", "K004", "K005"]


def test_next_link_keeps_options_and_top_counts_down(erp: Any) -> None:
    """The link to the next page is absolute, repeats the options and carries the rest of `$top`."""
    _fill(erp, 9)
    url = f"{erp.company}/customers?%24select=number&$top=5&$count=true"
    page = erp.get(url, Prefer="odata.maxpagesize=2")
    link = page["@odata.nextLink"]
    assert link.startswith("http://127.0.0.1/BC/api/v2.0/companies(")
    assert "$top=3" in link
    assert "$select=number" in link
    assert "aid=FIN" in link
    assert page["@odata.count"] == 9
    assert len(_walk(erp, url, 2)) == 5


def test_skip_token_of_another_query_is_refused(erp: Any) -> None:
    """A token works only with the query that gave it."""
    _fill(erp, 4)
    link = erp.get(f"{erp.pages}/CustomerCard", Prefer="odata.maxpagesize=2")["@odata.nextLink"]
    token = link.partition("$skiptoken=")[2]
    refused = erp.refused("GET", f"{erp.pages}/CustomerCard?$orderby=Name&$skiptoken={token}")
    assert refused[:2] == (400, "BadRequest_InvalidRequestUrl")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("No eq 'K003'", {3}),
        ("No eq 'k003'", {3}),
        ("No gt 'K022'", {23, 24}),
        ("No eq 'K001' or No eq 'K002'", {1, 2}),
        ("City eq 'Köln' and No lt 'K004'", {1, 3}),
        ("startswith(No,'K00') and not (City eq 'Köln')", {0, 2, 4, 6, 8}),
        ("contains(Name,'6')", {6, 13, 20}),
        ("endswith(Name,'e 6')", {6, 13, 20}),
        ("contains(tolower(Name),'kunde 6')", {6, 13, 20}),
        ("Credit_Limit_LCY eq 1.25", {1}),
        ("Credit_Limit_LCY ge 28.75", {23, 24}),
        ("Salesperson_Code eq '' and No lt 'K007'", {0, 3, 6}),
        ("Last_Date_Modified eq 2026-11-20 and No eq 'K000'", {0}),
        ("Last_Date_Modified gt 2026-11-20", set()),
        ("Blocked eq ' ' and No lt 'K002'", {0, 1}),
        ("Blocked eq '_x0020_' and No lt 'K002'", {0, 1}),
        ("Privacy_Blocked eq false and No lt 'K001'", {0}),
        ("Balance_LCY eq 0 and No lt 'K001'", {0}),
    ],
)
def test_filters(erp: Any, condition: str, expected: set[int]) -> None:
    """Filters select what they say, whether the store or the service decides them, and count the same."""
    _fill(erp)
    page = erp.get(f"{erp.pages}/CustomerCard?$select=No&$count=true&$filter={condition}")
    assert {int(row["No"][1:]) for row in page["value"]} == expected
    assert page["@odata.count"] == len(expected)
    response = erp.send("GET", f"{erp.pages}/CustomerCard/$count?$filter={condition}")
    assert response.body == b"\xef\xbb\xbf" + str(len(expected)).encode()


def test_changes_since_a_moment(erp: Any) -> None:
    """The change feed of an API set: modified after a moment, oldest first."""
    _fill(erp, 3)
    erp.clock.advance(minutes=10)
    erp.patch(f"{erp.pages}/CustomerCard('K001')", {"City": "Bonn"})
    erp.clock.advance(seconds=1)
    erp.patch(f"{erp.pages}/CustomerCard('K000')", {"City": "Bonn"})
    url = (
        f"{erp.company}/customers?$filter=lastModifiedDateTime gt 2026-11-20T12:05:00Z"
        "&$orderby=lastModifiedDateTime&$select=number,lastModifiedDateTime"
    )
    assert [row["number"] for row in _walk(erp, url, 1)] == ["K001", "K000"]
    later = url.replace("12:05:00Z", "12:10:00.000Z")
    assert [row["number"] for row in erp.values(later)] == ["K000"]


def test_unknown_options_are_ignored(erp: Any) -> None:
    """The service ignores options that it doesn't know, as the real one does."""
    _fill(erp, 2)
    assert len(erp.values(f"{erp.company}/customers?$apply=nonsense&$search=x&tenant=default")) == 2


def test_selection_ignores_case_and_shows_the_key(erp: Any) -> None:
    """Names in `$select` may be in any case; page services add the key."""
    _fill(erp, 1)
    row = erp.values(f"{erp.pages}/CustomerCard?$select=nAME")[0]
    assert set(row) == {"@odata.etag", "No", "Name"}
    row = erp.values(f"{erp.company}/customers?$select=DISPLAYNAME")[0]
    assert set(row) == {"@odata.etag", "displayName"}


def test_both_protocols_show_the_same_record(erp: Any) -> None:
    """Page service and API read one record, with the same tag."""
    _fill(erp, 2)
    page = erp.get(f"{erp.pages}/CustomerCard(No='K001')")
    api = erp.values(f"{erp.company}/customers?$filter=number eq 'K001'")[0]
    assert page["@odata.etag"] == api["@odata.etag"]
    assert (page["Name"], page["City"], page["Credit_Limit_LCY"]) == (
        api["displayName"],
        api["city"],
        api["creditLimit"],
    )
    assert "SystemId" not in page


def test_expansion(erp: Any) -> None:
    """Related records come along, single ones as objects, many as lists with their own options."""
    erp.post(f"{erp.company}/customers", {"displayName": "A", "currencyCode": "USD"})
    erp.post(f"{erp.company}/items", {"displayName": "Stuhl", "baseUnitOfMeasureCode": "PCS"})
    for code in ("RED", "BLUE"):
        erp.post(f"{erp.company}/itemVariants", {"itemNumber": "1000", "code": code})
    customer = erp.values(f"{erp.company}/customers?$expand=currency($select=code),paymentTerm")[0]
    assert customer["currency"]["code"] == "USD"
    assert customer["paymentTerm"] is None
    item = erp.values(f"{erp.company}/items?$expand=itemVariants($select=code;$orderby=code)")[0]
    assert [row["code"] for row in item["itemVariants"]] == ["BLUE", "RED"]
    assert len(erp.values(f"{erp.company}/items({item['id']})/itemVariants")) == 2
    related = erp.get(f"{erp.company}/customers({customer['id']})/currency")
    assert related["code"] == "USD"


@pytest.mark.parametrize("number", ["A,B", 'A","B', "A\\", 'Ä "1",', "'", "Я/1 %20"])
def test_odd_numbers_are_read_whole(erp: Any, number: str) -> None:
    """A number with commas, quotes or backslashes is read like any other, computed fields included."""
    erp.post(f"{erp.pages}/CustomerCard", {"No": number, "Name": "A"})
    (whole,) = erp.values(f"{erp.pages}/CustomerCard")
    assert (whole["No"], whole["Balance_LCY"]) == (number, 0)
    key = quote(number.replace("'", "''"), safe="")
    assert erp.get(f"{erp.pages}/CustomerCard('{key}')")["Sales_LCY"] == 0
    assert len(erp.values(f"{erp.pages}/CustomerCard?$filter=No eq '{key}'")) == 1
