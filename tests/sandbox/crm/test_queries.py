"""Collections: selection, filters, order, paging, counts."""

from __future__ import annotations

import pytest
from tests.sandbox.crm.conftest import EVERYTHING, Client, encoded, refusal

NAMES = ("Ärzte GmbH", "Beta Ltd", "beta 2", "Contoso", "Łódź Sp.", "Союз")


@pytest.fixture
def filled(client: Client) -> Client:
    """A client of a sandbox with a few accounts."""
    contact = client.create("contacts", {"firstname": "Max", "lastname": "Muster"})
    for position, name in enumerate(NAMES):
        client.clock.forward(minutes=1)
        client.create(
            "accounts",
            {
                "name": name,
                "creditlimit": position * 10.5,
                "numberofemployees": position or None,
                "accountnumber": str(10_000 + position),
                "creditonhold": position % 2 == 1,
                **({"primarycontactid@odata.bind": f"/contacts({contact})"} if position == 2 else {}),
            },
        )
    return client


def names(client: Client, query: str) -> list[str]:
    """The account names that a query string selects."""
    return [row["name"] for row in client.get(f"accounts?$select=name&{query}")["value"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name eq 'ärzte gmbh'", [0]),
        ("name eq 'СОЮЗ'", [5]),
        ("startswith(name,'BETA')", [1, 2]),
        ("contains(name,'b%2')", [2]),
        ("endswith(name,'Ltd') or name eq 'contoso'", [1, 3]),
        ("not contains(name,'eta')", [0, 3, 4, 5]),
        ("numberofemployees eq null", [0]),
        ("numberofemployees ne 3", [0, 1, 2, 4, 5]),
        ("numberofemployees gt 3", [4, 5]),
        ("creditlimit ge 42", [4, 5]),
        ("creditlimit eq 10.5", [1]),
        ("creditonhold eq true and numberofemployees lt 4", [1, 3]),
        ("statecode eq 0 and accountnumber in ('10001','10003')", [1, 3]),
        ("primarycontactid/lastname eq 'MUSTER'", [2]),
        ("_primarycontactid_value ne null", [2]),
        ("createdon gt 2026-03-01T12:05:00Z", [5]),
        (
            'Microsoft.Dynamics.CRM.In(PropertyName=\'accountnumber\',PropertyValues=["10001","10005"])',
            [1, 5],
        ),
        (
            'Microsoft.Dynamics.CRM.Between(PropertyName=\'numberofemployees\',PropertyValues=["2","3"])',
            [2, 3],
        ),
        ("Microsoft.Dynamics.CRM.Today(PropertyName='createdon')", [0, 1, 2, 3, 4, 5]),
        ("Microsoft.Dynamics.CRM.Yesterday(PropertyName='createdon')", []),
        ("Microsoft.Dynamics.CRM.EqualUserId(PropertyName='ownerid')", None),
    ],
)
def test_filters(filled: Client, text: str, expected: list[int] | None) -> None:
    """Each operator selects what its definition says, without regard to letter case."""
    if expected is None:
        text, expected = text.replace("'ownerid'", "'_ownerid_value'"), [0, 1, 2, 3, 4, 5]
    assert names(filled, f"$filter={encoded(text)}") == [NAMES[position] for position in expected]


def test_filter_over_a_collection(filled: Client) -> None:
    """A lambda looks into the records of a collection."""
    account = filled.get("accounts?$filter=name eq 'Contoso'")["value"][0]["accountid"]
    filled.create(
        "contacts", {"lastname": "Own", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
    )
    text = encoded("contact_customer_accounts/any(c:c/lastname eq 'own')")
    assert names(filled, f"$filter={text}") == ["Contoso"]


def test_aliases_and_form_encoding(filled: Client) -> None:
    """Python clients encode option names and send blanks as plus; aliases stand in the query."""
    rows = filled.get("accounts?%24select=name&%24filter=name+eq+%40n&@n='Contoso'")["value"]
    assert [row["name"] for row in rows] == ["Contoso"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("name desc", [5, 4, 0, 3, 1, 2]),
        ("numberofemployees", [0, 1, 2, 3, 4, 5]),
        ("creditlimit desc", [5, 4, 3, 2, 1, 0]),
        ("creditonhold,name", [2, 0, 4, 1, 3, 5]),
        ("primarycontactid/lastname desc,accountnumber", [2, 0, 1, 3, 4, 5]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 5000])
def test_orders_hold_across_pages(filled: Client, order: str, expected: list[int], size: int) -> None:
    """Every order is the same whatever the page size."""
    found: list[str] = []
    address = f"accounts?$select=name&$orderby={encoded(order)}"
    while address:
        page = filled.get(address, Prefer=f"odata.maxpagesize={size}")
        assert len(page["value"]) <= size
        found += [row["name"] for row in page["value"]]
        address = page.get("@odata.nextLink", "")
    assert found == [NAMES[position] for position in expected]


def test_the_next_link_is_absolute_and_opaque(filled: Client) -> None:
    """It starts with the service root, repeats the options and survives decoding and re-encoding."""
    page = filled.get("accounts?$select=name&$filter=statecode eq 0", Prefer="odata.maxpagesize=2")
    link = page["@odata.nextLink"]
    assert link.startswith("http://127.0.0.1/api/data/v9.2/accounts?$select=name&$filter=")
    assert "$skiptoken=%3Ccookie%20pagenumber%3D%222%22%20pagingcookie%3D%22" in link
    page = filled.get(
        link.replace("$skiptoken", "%24skiptoken").replace("%20", "+"), Prefer="odata.maxpagesize=2"
    )
    assert [row["name"] for row in page["value"]] == list(NAMES[2:4])


def test_a_forged_token_is_refused(filled: Client) -> None:
    """A token that this service did not make is no way in."""
    answer = filled.send("GET", "accounts?$skiptoken=%3Ccookie%20pagingcookie%3D%22abc%22%2F%3E")
    assert refusal(answer) == (400, "0x8004112a")


def test_rows_added_while_paging_come_last(filled: Client) -> None:
    """A page continues behind the last row read, whatever was written meanwhile."""
    page = filled.get("accounts?$select=name", Prefer="odata.maxpagesize=4")
    filled.create("accounts", {"name": "Late"})
    page = filled.get(page["@odata.nextLink"], Prefer="odata.maxpagesize=4")
    assert [row["name"] for row in page["value"]] == [*NAMES[4:], "Late"]


def test_top_gives_no_next_link(filled: Client) -> None:
    """$top is not paging."""
    page = filled.get("accounts?$top=2&$select=name")
    assert len(page["value"]) == 2
    assert "@odata.nextLink" not in page


def test_counts(filled: Client) -> None:
    """$count comes in the envelope or alone with a byte-order mark; the snapshot function is uncapped."""
    assert filled.get("accounts?$count=true&$filter=numberofemployees gt 3")["@odata.count"] == 2
    response = filled.send("GET", "accounts/$count")
    assert response.body == b"\xef\xbb\xbf6"
    assert str(response.header("Content-Type")).startswith("text/plain")
    found = filled.get('RetrieveTotalRecordCount(EntityNames=@p1)?@p1=["account","contact"]')
    assert found["EntityRecordCountCollection"]["Values"] == [6, 1]
    page = filled.get("accounts?$count=true", Prefer=EVERYTHING)
    assert page["@Microsoft.Dynamics.CRM.totalrecordcount"] == 6


def test_money_brings_its_currency(filled: Client) -> None:
    """Selecting an amount also returns the currency; the key always comes."""
    row = filled.get("accounts?$select=creditlimit&$top=1")["value"][0]
    assert set(row) == {"@odata.etag", "accountid", "creditlimit", "_transactioncurrencyid_value"}


@pytest.mark.parametrize(
    "query",
    [
        "$skip=1",
        "$search=x",
        "$format=json",
        "$orderby=nosuch",
        "$filter=name eq",
        "$filter=nosuch eq 1",
        "$select=nosuch",
        "$top=abc",
    ],
)
def test_unsupported_and_broken_options_answer_400(filled: Client, query: str) -> None:
    """The service refuses what it does not offer."""
    assert filled.send("GET", f"accounts?{query}").status == 400
