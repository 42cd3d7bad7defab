"""The SQL of the Web API: finds what the query options would find, and refuses by name what it can't."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from tests.ready_crm import ready_crm

from interlace.sandbox.crm.sandbox import CrmSandbox
from interlace.sandbox.exchange import Response

ACCOUNTS = "/api/data/v9.2/accounts"
ROWS = (
    {"name": "O'Hara", "numberofemployees": 5, "address1_city": "Cork", "creditonhold": True},
    {"name": "Smith & Sons", "numberofemployees": 50, "address1_city": "Leeds"},
    {"name": "Ёлка", "numberofemployees": 500},
)


@pytest.fixture(scope="module")
def crm() -> Iterator[CrmSandbox]:
    """An organization with three accounts, which no test changes."""
    held = ready_crm()
    for row in ROWS:
        assert (
            held.call("POST", ACCOUNTS, headers=_signed_in(held), body=json.dumps(row).encode()).status == 204
        )
    yield held
    held.close()


def _signed_in(crm: CrmSandbox) -> dict[str, str]:
    return {"Authorization": f"Bearer {crm.access_token()}", "Content-Type": "application/json"}


def _ask(crm: CrmSandbox, sql: str, **headers: str) -> Response:
    return crm.call("GET", f"{ACCOUNTS}?sql={quote(sql)}", headers={**_signed_in(crm), **headers})


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("name = 'O''Hara'", {"O'Hara"}),
        ("numberofemployees >= 50 AND NOT (name LIKE 'Smith%')", {"Ёлка"}),
        ("a.numberofemployees < 50 OR address1_city IS NULL", {"O'Hara", "Ёлка"}),
        ("address1_city IS NOT NULL AND name LIKE '%Sons'", {"Smith & Sons"}),
        ("name LIKE N'%лк%'", {"Ёлка"}),
        ("address1_city IN ('Cork', 'Leeds')", {"O'Hara", "Smith & Sons"}),
        ("address1_city NOT IN ('Cork')", {"Smith & Sons", "Ёлка"}),
        ("numberofemployees BETWEEN 5 AND 50", {"O'Hara", "Smith & Sons"}),
        ("creditonhold = 1", {"O'Hara"}),
        ("[name] <> 'O''Hara' AND statecode = 0", {"Smith & Sons", "Ёлка"}),
        (
            "createdon > '2020-01-01T00:00:00Z' AND ownerid <> '00000000-0000-0000-0000-000000000000'",
            {each["name"] for each in ROWS},
        ),
    ],
)
def test_conditions_select(crm: CrmSandbox, condition: str, names: set[str]) -> None:
    """Comparisons, texts with quotes, blanks, lists, ranges, truths, moments and lookups."""
    answer = _ask(crm, f"SELECT name FROM account AS a WHERE {condition}")
    assert answer.status == 200, answer.body
    assert {each["name"] for each in json.loads(answer.body)["value"]} == names


def test_columns_order_and_top(crm: CrmSandbox) -> None:
    """Only what was asked for, in its order, as many as wanted."""
    answer = _ask(
        crm, "select top 2 name, numberofemployees from account order by numberofemployees desc, name"
    )
    rows = json.loads(answer.body)["value"]
    assert [each["numberofemployees"] for each in rows] == [500, 50]
    assert {name for row in rows for name in row if not name.startswith("@")} == {
        "name",
        "numberofemployees",
        "accountid",
    }


def test_pages_are_followed(crm: CrmSandbox) -> None:
    """The link to the next page repeats the query."""
    first = json.loads(_ask(crm, "SELECT name FROM account ORDER BY name", Prefer="odata.maxpagesize=2").body)
    assert len(first["value"]) == 2
    rest = crm.call("GET", first["@odata.nextLink"], headers=_signed_in(crm))
    names = [each["name"] for each in (*first["value"], *json.loads(rest.body)["value"])]
    assert sorted(names) == sorted(str(each["name"]) for each in ROWS)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT nosuch FROM account", "'nosuch' is no column"),
        ("SELECT name FROM contact", "about 'contact'"),
        ("SELECT COUNT(*) FROM account", "FROM is expected before '('"),
        ("SELECT name FROM account INNER JOIN contact ON 1 = 1", "'INNER' is not supported"),
        ("SELECT DISTINCT name FROM account", "DISTINCT"),
        ("SELECT name FROM account WHERE name LIKE 'a%b'", "pattern"),
        ("SELECT name FROM account WHERE name =", "ends too early"),
        ("SELECT name FROM account; DROP TABLE account", "is not understood"),
        ("DELETE FROM account", "SELECT is expected"),
    ],
)
def test_other_queries_are_refused_by_name(crm: CrmSandbox, sql: str, told: str) -> None:
    """400 with the reason."""
    refused = _ask(crm, sql)
    assert refused.status == 400
    assert told in json.loads(refused.body)["error"]["message"]
