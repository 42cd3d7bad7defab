"""Delta reading: full read, changes, deletions, tokens that expire."""

from __future__ import annotations

from urllib.parse import quote_plus, unquote

import pytest
from tests.sandbox.crm.conftest import Client, Clock, open_sandbox, refusal

TRACK = "odata.track-changes"


def read(client: Client, address: str, prefer: str) -> tuple[list[dict[str, object]], str]:
    """All entries of a delta read and the link to go on from."""
    entries: list[dict[str, object]] = []
    while True:
        page = client.get(address, Prefer=prefer)
        entries += page["value"]
        if "@odata.deltaLink" in page:
            assert "@odata.nextLink" not in page
            return entries, page["@odata.deltaLink"]
        address = page["@odata.nextLink"]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_changes_and_deletions_since_the_last_read(client: Client, size: int) -> None:
    """Changed rows come first, deleted ones last, nothing twice and nothing lost, at any page size."""
    prefer = f"{TRACK},odata.maxpagesize={size}"
    ids = [client.create("accounts", {"name": str(number)}) for number in range(5)]
    entries, link = read(client, "accounts?$select=name", prefer)
    assert [entry["name"] for entry in entries] == ["0", "1", "2", "3", "4"]
    assert read(client, link, prefer)[0] == []
    client.patch(f"accounts({ids[3]})", {"name": "3a"})
    client.send("DELETE", f"accounts({ids[0]})")
    client.send("DELETE", f"accounts({ids[1]})")
    client.patch(f"accounts({ids[2]})", {"name": "2a"})
    short_lived = client.create("accounts", {"name": "short"})
    client.send("DELETE", f"accounts({short_lived})")
    entries, link = read(client, link, prefer)
    assert [entry["name"] for entry in entries[:2]] == ["3a", "2a"]
    assert [(entry["id"], entry["reason"]) for entry in entries[2:]] == [
        (ids[0], "deleted"),
        (ids[1], "deleted"),
        (short_lived, "deleted"),
    ]
    assert str(entries[2]["@odata.context"]).endswith("$metadata#accounts/$deletedEntity")
    assert read(client, link, prefer)[0] == []


def test_a_record_restored_under_its_id_is_a_change(client: Client) -> None:
    """A deleted and re-created record is news, not a deletion."""
    record_id = client.create("accounts", {"name": "A"})
    _, link = read(client, "accounts", TRACK)
    client.send("DELETE", f"accounts({record_id})")
    client.create("accounts", {"accountid": record_id, "name": "B"})
    entries, _ = read(client, link, TRACK)
    assert [entry.get("name") for entry in entries] == ["B"]


def test_changes_during_the_first_read_come_with_the_delta(client: Client) -> None:
    """The token stands for the moment the full read began."""
    first = client.create("accounts", {"name": "0"})
    client.create("accounts", {"name": "1"})
    page = client.get("accounts?$select=name", Prefer=f"{TRACK},odata.maxpagesize=1")
    client.patch(f"accounts({first})", {"name": "0a"})
    _, link = read(client, page["@odata.nextLink"], f"{TRACK},odata.maxpagesize=1")
    entries, _ = read(client, link, TRACK)
    assert [entry["name"] for entry in entries] == ["0a"]


def test_the_token_survives_form_encoding(client: Client) -> None:
    """A third-party client decodes the token and encodes it its own way."""
    _, link = read(client, "accounts?$select=name", TRACK)
    client.create("accounts", {"name": "New"})
    token = unquote(link.partition("$deltatoken=")[2])
    assert token.partition("!")[2] == "03/01/2026 12:00:00"
    address = f"accounts?%24select=name&%24deltatoken={quote_plus(token)}"
    assert [entry["name"] for entry in client.get(address)["value"]] == ["New"]
    assert client.send("GET", f"accounts/$count?$deltatoken={quote_plus(token)}").body.endswith(b"1")


@pytest.mark.parametrize(
    "query", ["$filter=name eq 'A'", "$orderby=name", "$top=1", "$expand=primarycontactid"]
)
def test_tracking_refuses_other_options(client: Client, query: str) -> None:
    """A delta read has no filter, order, expansion or top."""
    assert client.send("GET", f"accounts?{query}", headers={"Prefer": TRACK}).status == 400


def test_an_expired_token_is_refused(client: Client) -> None:
    """After seven days the client has to begin anew."""
    _, link = read(client, "accounts", TRACK)
    client.clock.forward(days=8)
    client.token = client.app.access_token()
    assert client.send("GET", link).status == 400


def test_a_token_of_another_organization_is_refused(client: Client) -> None:
    """A version that was never given out betrays a restored or copied database."""
    address = "accounts?$deltatoken=999999%2103%2f01%2f2026%2012%3a00%3a00"
    assert client.send("GET", address).status == 400


def test_an_expired_token_may_be_answered_silently_with_everything(clock: Clock) -> None:
    """Older releases answered an expired token with a full read."""
    app = open_sandbox(None, clock, silent_when_delta_token_expired=True)
    client = Client(app, clock)
    client.create("accounts", {"name": "A"})
    _, link = read(client, "accounts", TRACK)
    clock.forward(days=8)
    client.token = app.access_token()
    assert len(read(client, link, TRACK)[0]) == 1
    app.close()


def test_a_table_without_tracking_says_so(client: Client) -> None:
    """The organization is not tracked."""
    assert refusal(client.send("GET", "organizations", headers={"Prefer": TRACK})) == (400, "0x80072491")
