"""The FetchXML of the Web API: finds what the query options would find, and refuses by name what it can't."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from defusedxml.ElementTree import fromstring
from tests.ready_crm import ready_crm

from interlace.sandbox.crm.sandbox import CrmSandbox
from interlace.sandbox.exchange import Response

ACCOUNTS = "/api/data/v9.2/accounts"
NAME = '<attribute name="name"/>'
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


def _ask(crm: CrmSandbox, content: str, attributes: str = "") -> Response:
    xml = f'<fetch {attributes}><entity name="account">{content}</entity></fetch>'
    return crm.call("GET", f"{ACCOUNTS}?fetchXml={quote(xml)}", headers=_signed_in(crm))


def _condition(attribute: str, operator: str, value: str = "") -> str:
    given = f' value="{value}"' if value else ""
    return f'<condition attribute="{attribute}" operator="{operator}"{given}/>'


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (_condition("name", "eq", "O'Hara"), {"O'Hara"}),
        (_condition("numberofemployees", "ge", "50"), {"Smith & Sons", "Ёлка"}),
        (_condition("name", "like", "%ons"), {"Smith & Sons"}),
        (_condition("name", "not-like", "%h%"), {"Ёлка"}),
        (_condition("name", "begins-with", "Smith &amp;"), {"Smith & Sons"}),
        (_condition("address1_city", "null"), {"Ёлка"}),
        (_condition("address1_city", "not-null") + _condition("creditonhold", "eq", "1"), {"O'Hara"}),
        (
            '<condition attribute="address1_city" operator="in"><value>Cork</value><value>No</value></condition>',
            {"O'Hara"},
        ),
        (
            f'<filter type="or">{_condition("name", "eq", "Ёлка")}{_condition("creditonhold", "eq", "1")}</filter>',
            {"O'Hara", "Ёлка"},
        ),
    ],
)
def test_conditions_select(crm: CrmSandbox, condition: str, names: set[str]) -> None:
    """Comparisons, texts, blanks, lists, truths, and filters within filters."""
    answer = _ask(crm, f"{NAME}<filter>{condition}</filter>")
    assert answer.status == 200, answer.body
    assert {each["name"] for each in json.loads(answer.body)["value"]} == names


def test_pages_are_followed_by_their_cookie(crm: CrmSandbox) -> None:
    """The cookie of a page brings the next one, and the last page has none."""
    content = f'{NAME}<order attribute="numberofemployees" descending="true"/>'
    first = json.loads(_ask(crm, content, 'count="2"').body)
    assert [each["name"] for each in first["value"]] == ["Ёлка", "Smith & Sons"]
    assert first["@Microsoft.Dynamics.CRM.morerecords"] is True
    cookie = fromstring(first["@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"])
    attributes = f'count="2" page="{cookie.get("pagenumber")}" paging-cookie="{cookie.get("pagingcookie")}"'
    second = json.loads(_ask(crm, content, attributes).body)
    assert [each["name"] for each in second["value"]] == ["O'Hara"]
    assert "@Microsoft.Dynamics.CRM.morerecords" not in second


@pytest.mark.parametrize(
    ("content", "attributes", "told"),
    [
        ('<attribute name="nosuch"/>', "", "'nosuch' is no column"),
        (f'{NAME}<link-entity name="contact"/>', "", "'link-entity' is not supported"),
        (NAME, 'aggregate="true"', "'aggregate' is not supported"),
        (NAME, 'page="2"', "needs the cookie"),
        (NAME, 'count="0"', "'0' is no count"),
        (
            f"{NAME}<filter>{_condition('createdon', 'last-week')}</filter>",
            "",
            "'last-week' is not supported",
        ),
        (f"{NAME}<filter>{_condition('name', 'like', 'a%b')}</filter>", "", "pattern"),
        ("<attribute>", "", "no XML"),
    ],
)
def test_other_queries_are_refused_by_name(crm: CrmSandbox, content: str, attributes: str, told: str) -> None:
    """400 with the reason."""
    refused = _ask(crm, content, attributes)
    assert refused.status == 400
    assert told in json.loads(refused.body)["error"]["message"]
