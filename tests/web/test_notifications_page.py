"""Notifications on pages: the bell counts them, the list marks them, and what one is told is chosen."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.web.accounts_desk import Place

from interlace.locale.translatable import translatable
from interlace.store.audit import AuditSelection
from interlace.store.notifications import Followed, FollowedState, Message

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBSCRIPTION = "/notifications/subscription"


@pytest.fixture
async def place(tmp_path: Path) -> Place:
    """Accounts with Ada and Bo, of whom Ada was told of two changes."""
    held = Place(tmp_path)
    for name in ("ada", "bo"):
        await held.add(name, "INTERLACE SYNCHRONIZE")
    ada = held.state.users.named("ada")
    assert ada is not None
    main = held.state.add_connection("main")
    messages = [
        Message(
            id=f"m{number}",
            user_id=ada.id,
            kind="cause",
            message=translatable("Solved: {cause}", cause=f"trouble {number} <b>"),
            page="/errors",
            at=NOON,
            is_over=True,
        )
        for number in (1, 2)
    ]
    state = FollowedState(kind="cause", subject="x", since=NOON, told_at=NOON)

    def tell(_known: Sequence[FollowedState]) -> Followed:
        """Tell both."""
        return Followed(kept=[state], messages=messages)

    assert held.state.notifications.follow(main.id, tell) == 2
    return held


@pytest.fixture(autouse=True)
def closing(place: Place) -> Iterator[None]:
    """Close the store in the end."""
    yield
    place.close()


def bell(page: str) -> str:
    """What stands at the bell."""
    [shown] = re.findall(r'<div id="bell".*?</div>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", shown).split())


async def test_the_bell_counts_what_is_not_read(place: Place) -> None:
    """It does so on every page, for the visitor alone, until all is marked as read."""
    async with place.signed_in("ada") as ada, place.signed_in("bo") as bo:
        assert bell((await ada.get("/account")).text) == "Notifications 2"
        assert bell((await bo.get("/account")).text) == "Notifications"
        await ada.post("/do/notifications/read", data={"ids": "m1", "return_to": "/notifications"})
        await bo.post("/do/notifications/read", data={"every": "1", "return_to": "/notifications"})
        assert bell((await ada.get("/account")).text) == "Notifications 1"
        await ada.post("/do/notifications/read", data={"every": "1", "return_to": "/notifications"})
        assert bell((await ada.get("/account")).text) == "Notifications"


async def test_the_list_leads_to_where_it_is_looked_after(place: Place) -> None:
    """Each message is a link for its connection, in the reader's language, and markup in it is text."""
    async with place.signed_in("ada") as ada:
        await ada.post("/account", data={"language": "nb_NO"})
        page = (await ada.get("/notifications?filters.is_read=no")).text
        assert "Løst: trouble 1 &lt;b&gt;" in page
        assert page.count('href="/errors?connection=main"') == 2
        assert "trouble" not in (await ada.get("/notifications?filters.is_read=yes")).text
    async with place.signed_in("bo") as bo:
        assert "There are no notifications" in (await bo.get("/notifications")).text


async def test_what_one_is_told_is_chosen(place: Place) -> None:
    """What is missing is said at its field with all that was entered, and what is right is kept and audited."""
    async with place.signed_in("ada") as ada:
        first = (await ada.get(SUBSCRIPTION)).text
        assert re.search(r'name="shown" value="cause" checked', first)
        entered = {"shown": ["", "cause"], "mailed": ["", "cause"], "mappings": "", "address": "ada at home"}
        wrong = await ada.post(SUBSCRIPTION, data=entered)
        assert wrong.status_code == 400
        assert 'value="ada at home"' in wrong.text
        assert "Write one address, such as ana@example.com." in wrong.text
        right = await ada.post(SUBSCRIPTION, data={**entered, "address": "ada@example.com"})
        assert right.status_code == 303
        assert 'value="ada@example.com"' in (await ada.get(SUBSCRIPTION)).text
        without = {"shown": "", "mailed": ["", "cause"], "mappings": "", "address": ""}
        assert "E-mails need an address" in (await ada.post(SUBSCRIPTION, data=without)).text
    kept = place.state.audit_log.entries(AuditSelection(limit=50))
    [done] = [
        each.told
        for each in kept
        if each.told.operation == "notifications.subscribe" and not each.told.outcome
    ]
    assert list(done.changes["address"]) == ["", "ada@example.com"]
