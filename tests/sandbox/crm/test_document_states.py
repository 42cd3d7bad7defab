"""The states of sales documents: every way there is, every way that is refused, what stays editable."""

from __future__ import annotations

import pytest
from tests.sandbox.crm.conftest import Client, refusal
from tests.sandbox.crm.shop import DOCUMENTS, Shop


@pytest.fixture
def shop(client: Client) -> Shop:
    """A shop in a fresh CRM."""
    return Shop(client)


def at(shop: Shop, kind: str, state: int) -> str:
    """A new document that was brought into a state by the ways that lead there."""
    document = shop.document(kind)
    shop.line(document, kind)
    patch = {"statecode": state}
    if kind == "quote" and state > 0:
        shop.client.patch(f"quotes({document})", {"statecode": 1})
    if (kind, state) == ("opportunity", 1):
        shop.close("WinOpportunity", document)
    elif (kind, state) == ("opportunity", 2):
        shop.close("LoseOpportunity", document, 5)
    elif (kind, state) == ("quote", 2):
        shop.close("WinQuote", document)
    elif (kind, state) == ("quote", 3):
        shop.close("CloseQuote", document, 6)
    elif (kind, state) == ("salesorder", 2):
        shop.close("CancelSalesOrder", document)
    elif (kind, state) == ("salesorder", 3):
        shop.close("FulfillSalesOrder", document)
    elif state:
        shop.client.patch(f"{DOCUMENTS[kind][0]}({document})", patch)
    assert shop.read(kind, document)["statecode"] == state
    return document


BAD = "0x80048408"
MESSAGE = "0x80040203"
# kind, from, to, the code of the refusal or None
PATCHES = [
    ("opportunity", 0, 1, "0x80100005"),
    ("opportunity", 0, 2, "0x80100005"),
    ("opportunity", 1, 0, None),
    ("opportunity", 2, 0, None),
    ("quote", 0, 1, None),
    ("quote", 0, 2, MESSAGE),
    ("quote", 0, 3, MESSAGE),
    ("quote", 1, 0, BAD),
    ("quote", 2, 1, "0x80100003"),
    ("quote", 3, 1, "0x80100003"),
    ("quote", 3, 0, BAD),
    ("salesorder", 0, 1, None),
    ("salesorder", 1, 0, None),
    ("salesorder", 0, 2, MESSAGE),
    ("salesorder", 1, 3, MESSAGE),
    ("salesorder", 0, 4, None),
    ("salesorder", 1, 4, None),
    ("salesorder", 3, 4, None),
    ("salesorder", 2, 0, BAD),
    ("salesorder", 2, 4, BAD),
    ("salesorder", 3, 1, BAD),
    ("salesorder", 4, 0, BAD),
    ("invoice", 0, 2, None),
    ("invoice", 0, 3, None),
    ("invoice", 2, 0, None),
    ("invoice", 3, 0, None),
    ("invoice", 3, 2, "0x80100000"),
    ("invoice", 2, 3, "0x80100001"),
]


@pytest.mark.parametrize(("kind", "old", "new", "code"), PATCHES)
def test_states_set_by_an_update(
    shop: Shop, client: Client, kind: str, old: int, new: int, code: str | None
) -> None:
    """An update sets some states; others are refused with the code of the service."""
    document = at(shop, kind, old)
    answer = client.patch(f"{DOCUMENTS[kind][0]}({document})", {"statecode": new})
    if code is None:
        assert answer.status == 204
        assert {line[f"{kind}statecode"] for line in shop.lines(kind, document)} == {new}
    else:
        assert refusal(answer) == (400, code)
        assert shop.read(kind, document)["statecode"] == old


# message, status reason, the states it starts from, its state, the code elsewhere
MESSAGES = [
    ("WinOpportunity", 3, (0,), 1, "0x80040515"),
    ("LoseOpportunity", 4, (0,), 2, "0x80040515"),
    ("WinQuote", 4, (1,), 2, BAD),
    ("CloseQuote", 5, (1,), 3, BAD),
    ("FulfillSalesOrder", 100001, (0, 1), 3, BAD),
    ("CancelSalesOrder", 4, (0, 1), 2, BAD),
]
STATES = {"WinOpportunity": 3, "LoseOpportunity": 3, "WinQuote": 4, "CloseQuote": 4}


@pytest.mark.parametrize(("message", "status", "starts", "end", "code"), MESSAGES)
def test_closing_messages_from_every_state(
    shop: Shop, client: Client, message: str, status: int, starts: tuple[int, ...], end: int, code: str
) -> None:
    """A message works from its states, leaves an activity, and is refused from all others."""
    kind = next(name for name in DOCUMENTS if name.removeprefix("sales") in message.lower())
    activities = f"{kind.removeprefix('sales')}closes"
    for start in range(STATES.get(message, 5)):
        document = at(shop, kind, start)
        before = len(client.get(activities)["value"])
        answer = shop.close(message, document, status, subject="Done")
        if start in starts:
            assert answer.status == 204
            row = shop.read(kind, document)
            assert (row["statecode"], row["statuscode"]) == (end, status)
            made = client.get(f"{activities}?$filter=_{kind}id_value eq {document}")["value"]
            assert [(each["subject"], each["statecode"]) for each in made] == [("Done", 1)]
        else:
            assert refusal(answer) == (400, code)
            assert len(client.get(activities)["value"]) == before


READ_ONLY = [
    ("opportunity", 1, "0x80040515"),
    ("quote", 1, "0x80100003"),
    ("quote", 3, "0x80100003"),
    ("salesorder", 1, "0x80043b09"),
    ("salesorder", 2, "0x80043b09"),
    ("invoice", 2, "0x80100000"),
]


@pytest.mark.parametrize(("kind", "state", "code"), READ_ONLY)
def test_closed_documents_are_read_only(shop: Shop, client: Client, kind: str, state: int, code: str) -> None:
    """Header and lines are refused; the owner may change; the document can be deleted with its lines."""
    document = at(shop, kind, state)
    header, lines = DOCUMENTS[kind]
    line = shop.lines(kind, document)[0][f"{lines.removesuffix('s')}id"]
    assert refusal(client.patch(f"{header}({document})", {"name": "New"})) == (400, code)
    for answer in (
        client.send("POST", lines, shop.line_body(kind, document)),
        client.patch(f"{lines}({line})", {"quantity": 2}),
        client.send("DELETE", f"{lines}({line})"),
    ):
        assert refusal(answer) == (400, "0x80043b09")
    user = client.get("systemusers?$filter=islicensed eq true")["value"][0]["systemuserid"]
    owner = {"ownerid@odata.bind": f"/systemusers({user})"}
    assert client.patch(f"{header}({document})", owner).status == 204
    # A value that stays as it is changes nothing.
    assert client.patch(f"{header}({document})", {"name": "Chairs"}).status == 204


def test_the_reason_must_belong_to_the_state(shop: Shop) -> None:
    """A closing message with the reason of another state is refused as a whole."""
    order = at(shop, "salesorder", 0)
    assert refusal(shop.close("CancelSalesOrder", order, 100001)) == (400, BAD)
    assert shop.client.get("ordercloses")["value"] == []


def test_an_opportunity_with_open_quotes_stays_open(shop: Shop, client: Client) -> None:
    """Quotes that are drafts or active are closed first."""
    deal = shop.document("opportunity")
    bind = {"opportunityid@odata.bind": f"/opportunities({deal})"}
    quote = shop.document("quote", **bind)
    assert refusal(shop.close("WinOpportunity", deal)) == (400, "0x80040516")
    client.patch(f"quotes({quote})", {"statecode": 1})
    assert refusal(shop.close("LoseOpportunity", deal, 4)) == (400, "0x80040516")
    shop.close("CloseQuote", quote, 6)
    assert (
        shop.close("WinOpportunity", deal, 3, actualrevenue=12.34, actualend="2026-02-28T10:00:00Z").status
        == 204
    )
    row = shop.read("opportunity", deal)
    assert (str(row["actualvalue"]), row["actualclosedate"], row["closeprobability"]) == (
        "12.34",
        "2026-02-28",
        100,
    )


def test_closed_documents_lose_links_to_deleted_records(shop: Shop, client: Client) -> None:
    """The service itself clears lookups of records that can no longer be edited."""
    deal = shop.document("opportunity", **{"parentaccountid@odata.bind": f"/accounts({shop.account})"})
    other = client.create("accounts", {"name": "Parent"})
    client.patch(f"opportunities({deal})", {"parentaccountid@odata.bind": f"/accounts({other})"})
    shop.close("WinOpportunity", deal)
    assert client.send("DELETE", f"accounts({other})").status == 204
    assert shop.read("opportunity", deal)["_parentaccountid_value"] is None


def test_documents_follow_their_customer_to_a_new_owner(shop: Shop, client: Client) -> None:
    """Assigning an account assigns its documents and their lines, even closed ones, to users and teams."""
    order = at(shop, "salesorder", 3)
    draft = at(shop, "quote", 0)
    user = client.get("systemusers?$filter=islicensed eq true")["value"][0]["systemuserid"]
    team = client.get("teams")["value"][0]["teamid"]
    for reference, column, owner in (
        (f"/systemusers({user})", "_owninguser_value", user),
        (f"/teams({team})", "_owningteam_value", team),
    ):
        assert client.patch(f"accounts({shop.account})", {"ownerid@odata.bind": reference}).status == 204
        rows = [shop.read("salesorder", order), shop.read("quote", draft)]
        rows += [*shop.lines("salesorder", order), *shop.lines("quote", draft)]
        assert {(row["_ownerid_value"], row[column]) for row in rows} == {(owner, owner)}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("opportunity", "0x80048cef"),
        ("quote", "0x80048cee"),
        ("salesorder", "0x80048cee"),
        ("invoice", "0x80048ced"),
    ],
)
def test_currency_and_price_list_must_agree(shop: Shop, client: Client, kind: str, code: str) -> None:
    """A document in another currency than its price list is refused with the code of its kind."""
    francs = client.create(
        "transactioncurrencies",
        {
            "currencyname": "Franc",
            "isocurrencycode": "CHF",
            "currencysymbol": "Fr.",
            "currencyprecision": 2,
            "exchangerate": 0.95,
        },
    )
    body = {
        "name": "X",
        "pricelevelid@odata.bind": f"/pricelevels({shop.price_list})",
        "transactioncurrencyid@odata.bind": f"/transactioncurrencies({francs})",
    }
    assert refusal(client.send("POST", DOCUMENTS[kind][0], body)) == (400, code)
    document = shop.document(kind, **{"pricelevelid@odata.bind": None})
    change = {name: value for name, value in body.items() if name != "name"}
    assert refusal(client.patch(f"{DOCUMENTS[kind][0]}({document})", change)) == (400, code)
    del change["pricelevelid@odata.bind"]
    assert client.patch(f"{DOCUMENTS[kind][0]}({document})", change).status == 204
