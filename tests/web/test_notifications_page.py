"""Notifications on pages: the bell counts them, the list marks them, and what one is told is chosen."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests.store.proven_address import send_code
from tests.web.accounts_desk import PASSWORD, Place

from interlace.locale.translatable import translatable
from interlace.store.audit import AuditSelection
from interlace.store.notifications import Followed, FollowedState, Message

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBSCRIPTION = "/notifications/subscription"
ADDRESS = "/notifications/address"
BY_MAIL = {"shown": "", "mailed": ["", "cause"], "mappings": "", "address": "ada@example.com"}


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


async def test_an_address_is_confirmed_by_the_button_alone(place: Place) -> None:
    """The link only shows it, other sites can't press it, it works once, and the audit log doesn't tell the code."""
    async with place.signed_in("ada") as ada:
        await ada.post(SUBSCRIPTION, data=BY_MAIL)
        code = "5f0c1c53a8e74b0d9a3e6f2b7c4d1e80d92a41b7"
        send_code(place.state, user_id(place, "ada"), code)
        asked = (await ada.get(f"{ADDRESS}?code={code}")).text
        assert f'value="{code}"' in asked
        assert "E-mails are sent to ada@example.com once you confirm it." in asked
        page = "Your e-mail address ada@example.com is not confirmed"
        assert page in (await ada.get(SUBSCRIPTION)).text
        assert page in (await ada.get("/notifications")).text
        sent = {"code": code, "return_to": SUBSCRIPTION}
        foreign = await ada.post(
            "/do/notifications/prove", data=sent, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert foreign.status_code == 403
        assert (await ada.get("/do/notifications/prove", params=sent)).status_code in {404, 405}
        assert page in (await ada.get(SUBSCRIPTION)).text
        await ada.post("/do/notifications/prove", data=sent)
        done = (await ada.get(SUBSCRIPTION)).text
        assert page not in done
        assert "The address ada@example.com is confirmed" in done
        await ada.post("/do/notifications/prove", data=sent)
        assert "This link confirms no address of yours" in (await ada.get(SUBSCRIPTION)).text
    kept = [each.told for each in place.state.audit_log.entries(AuditSelection(limit=50))]
    [proven] = [each for each in kept if each.operation == "notifications.prove" and not each.outcome]
    assert list(proven.changes["proven_address"]) == ["", "ada@example.com"]
    assert code not in f"{kept}"


async def test_whoever_opens_the_link_signs_in_first(place: Place) -> None:
    """And comes back to it; somebody else confirms nothing by it, and only so often as people mistype."""
    code = "5f0c1c53a8e74b0d9a3e6f2b7c4d1e80d92a41b7"
    async with place.signed_in("ada") as ada:
        await ada.post(SUBSCRIPTION, data=BY_MAIL)
    send_code(place.state, user_id(place, "ada"), code)
    async with place.browser() as browser:
        stopped = await browser.get(f"{ADDRESS}?code={code}")
        form = (await browser.get(stopped.headers["location"])).text
        [wanted] = re.findall(r'name="return_to" value="([^"]*)"', form)
        assert wanted == f"{ADDRESS}?code={code}"
        entered = {"name": "bo", "password": PASSWORD, "return_to": wanted}
        assert (await browser.post("/sign-in", data=entered)).headers["location"] == wanted
        said = [await told(browser, "prove", code=code) for _ in range(7)]
    assert "This link confirms no address of yours" in said[0]
    assert "Too many attempts" in said[-1]
    async with place.signed_in("ada") as ada:
        assert "The address ada@example.com is confirmed" in await told(ada, "prove", code=code)


async def test_nobody_is_flooded_with_codes(place: Place) -> None:
    """Another one is sent only so often, for the same person and to the same address, whoever enters it."""
    async with place.signed_in("ada") as ada, place.signed_in("bo") as bo:
        assert "There is no address to confirm" in await told(ada, "send_code")
        await ada.post(SUBSCRIPTION, data=BY_MAIL)
        for _ in range(4):
            assert "A message with a link is sent to ada@example.com" in await told(ada, "send_code")
        flood = "Too many messages were sent to confirm an address"
        assert flood in await told(ada, "send_code")
        theirs = await bo.post(SUBSCRIPTION, data={**BY_MAIL, "address": "ADA@example.com"})
        assert theirs.status_code == 429
        assert place.state.notification_choices.of_user(user_id(place, "bo")) is None
        place.clock.forward(hours=1)
        assert flood not in await told(ada, "send_code")


def user_id(place: Place, name: str) -> str:
    """The id of somebody."""
    found = place.state.users.named(name)
    assert found is not None
    return found.id


async def told(browser: httpx.AsyncClient, action: str, **fields: str) -> str:
    """Press a button of this area; gives the page that comes back."""
    done = await browser.post(f"/do/notifications/{action}", data={**fields, "return_to": SUBSCRIPTION})
    return (await browser.get(done.headers["location"])).text
