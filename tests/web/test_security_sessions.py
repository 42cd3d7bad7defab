"""Sessions: how long they last, what ends them, what their cookie is like, and what is never lost with them."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from tests.web.accounts_desk import MACHINE, PASSWORD, Place, fields_of, sign_in
from tests.web.canned_desk import canned_app

from interlace.management import tokens, users
from interlace.management.caller import Caller
from interlace.management.permission import Permission
from interlace.management.tokens import CreateKey
from interlace.management.users import ChangeUser, EndSession, ListSessions, NamedUser, SetPassword
from interlace.store.audit import AuditSelection
from interlace.web.security import WebRules


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A web client with an administrator ada and a reader bob."""
    with closing(Place(tmp_path)) as opened:
        yield opened


def _cookie(client: httpx.AsyncClient) -> str:
    return next(iter(client.cookies.jar)).value or ""


async def _give(place: Place, name: str, *sets: str) -> None:
    await place.desk.perform(users.CHANGE, MACHINE, ChangeUser(name=name, permission_sets=sets))


async def _is_in(client: httpx.AsyncClient) -> bool:
    return (await client.get("/account")).status_code == 200


async def test_security_a8_the_database_holds_only_digests_of_tokens(place: Place) -> None:
    """A session's token has 256 bits and stands nowhere in the files."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        token = _cookie(browser)
        assert len(token) >= 43
        stored = b"".join(path.read_bytes() for path in place.database.parent.glob("*") if path.is_file())
        assert token.encode() not in stored


async def test_security_a8_signing_in_changes_the_token(place: Place) -> None:
    """A token from before the sign-in is worth nothing afterwards: nobody can plant one."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.browser() as browser:
        await browser.post("/do/users/disable", data={"name": "x"})
        planted = _cookie(browser)
        await sign_in(browser, "ada")
        assert _cookie(browser) != planted
        async with place.browser() as thief:
            thief.cookies.set("interlace-8100", planted)
            assert not await _is_in(thief)


@pytest.mark.parametrize(("minutes", "lasts"), [(29, True), (30, False)])
async def test_security_a8_half_an_hour_without_a_request_ends_it(
    place: Place, *, minutes: int, lasts: bool
) -> None:
    """A session of which nothing is asked for thirty minutes is over."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        place.clock.forward(minutes=minutes)
        assert await _is_in(browser) is lasts


async def test_security_a8_twelve_hours_end_it_whatever_is_done(place: Place) -> None:
    """Requests keep a session open, but not for longer than half a day."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        for _ in range(35):
            place.clock.forward(minutes=20)
            assert await _is_in(browser)
        place.clock.forward(minutes=20)
        assert not await _is_in(browser)


async def test_security_a8_what_the_page_asks_by_itself_keeps_nothing_open(place: Place) -> None:
    """Live updates of a page that nobody looks at don't prolong the session; they are told 401 at its end."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        for _ in range(2):
            place.clock.forward(minutes=14)
            assert (await browser.get("/account", headers={"Interlace-Live": "1"})).status_code == 200
            assert (await browser.get("/live/token")).status_code == 200
        place.clock.forward(minutes=2)
        assert (await browser.get("/live/token")).status_code == 401
        assert (await browser.get("/account", headers={"Interlace-Live": "1"})).status_code == 401


async def test_security_a8_signing_out_ends_it_on_the_server(place: Place) -> None:
    """The token that was signed out opens nothing, even if somebody kept it."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        token = _cookie(browser)
        answer = await browser.post("/sign-out")
        assert answer.headers["location"] == "/sign-in"
        assert "Max-Age=0" in answer.headers["set-cookie"]
        browser.cookies.set("interlace-8100", token)
        assert not await _is_in(browser)


async def test_security_a8_sessions_end_with_password_and_user(place: Place) -> None:
    """A new password, given by an administrator, and disabling sign the user out everywhere."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bob", "INTERLACE VIEW")
    async with place.signed_in("bob") as one, place.signed_in("bob") as two:
        await place.desk.perform(users.SET_PASSWORD, MACHINE, SetPassword(name="bob", password=PASSWORD))
        assert (await _is_in(one), await _is_in(two)) == (False, False)
    async with place.signed_in("bob") as one, place.signed_in("bob") as two:
        await place.desk.perform(users.DISABLE, MACHINE, NamedUser(name="bob"))
        assert (await _is_in(one), await _is_in(two)) == (False, False)


async def test_security_a8_a_deleted_user_is_out_at_once_and_the_log_keeps_the_name(place: Place) -> None:
    """From the next request on neither session, key nor half a sign-in opens anything; the page says what was done."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bob", "INTERLACE VIEW")
    asked = CreateKey(name="nightly", user="bob", permissions=(Permission.READ,))
    key = (await place.desk.perform(tokens.CREATE, MACHINE, asked)).key
    async with place.signed_in("bob") as bob, place.signed_in("ada") as ada, place.browser() as program:
        header = {"Authorization": f"Bearer {key}"}
        assert (await program.get("/api/v1/connections/list", headers=header)).status_code == 200
        answer = await ada.post("/do/users/delete", data={"name": "bob", "return_to": "/users/bob"})
        assert answer.headers["location"] == "/users"
        assert "bob is deleted" in (await ada.get("/users")).text
        assert not await _is_in(bob)
        assert (await program.get("/api/v1/connections/list", headers=header)).status_code == 401
        assert (await sign_in(bob, "bob")).status_code == 401
        kept = await ada.post("/do/users/delete", data={"name": "ada", "return_to": "/users/ada"})
        assert kept.headers["location"] == "/users/ada"
        assert "last one who can administer" in (await ada.get("/users/ada")).text
        log = (await ada.get("/audit")).text
    assert "users.delete" in log
    assert any(each.told.user == "bob" for each in place.state.audit_log.entries(AuditSelection()))


async def test_security_a8_other_rights_give_another_token(place: Place) -> None:
    """The next page after a change of rights brings a new cookie; the old one opens nothing soon after."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bob", "INTERLACE VIEW")
    async with place.signed_in("bob") as browser, place.browser() as thief:
        before = _cookie(browser)
        thief.cookies.set("interlace-8100", before)
        await _give(place, "bob", "INTERLACE VIEW", "INTERLACE APPROVE")
        assert (await browser.get("/live/token")).headers.get("set-cookie") is None
        (cookie,) = (await browser.get("/account")).headers.get_list("set-cookie")
        assert cookie.startswith("interlace-8100=")
        assert "HttpOnly" in cookie
        assert _cookie(browser) != before
        # What was under way comes through, and gets no token.
        late = await thief.get("/account")
        assert (late.status_code, late.headers.get("set-cookie")) == (200, None)
        place.clock.forward(seconds=21)
        assert (await _is_in(browser), await _is_in(thief)) == (True, False)
        # Refused pages bring it too, and signing out ends the session under whichever token.
        await _give(place, "bob")
        before = _cookie(browser)
        refused = await browser.get("/users")
        assert (refused.status_code, _cookie(browser) != before) == (403, True)
        await browser.post("/sign-out")
        assert place.state.sessions.of_users() == []


@pytest.mark.parametrize("asked", [ChangeUser(name="bob", full_name="Bob"), ChangeUser(name="bob")])
async def test_security_a8_without_other_rights_the_token_stays(place: Place, asked: ChangeUser) -> None:
    """A new name is no reason for a new token."""
    await place.add("bob", "INTERLACE VIEW")
    async with place.signed_in("bob") as browser:
        await place.desk.perform(users.CHANGE, MACHINE, asked)
        assert "set-cookie" not in (await browser.get("/account")).headers


async def test_security_a8_live_updates_end_with_the_session(place: Place) -> None:
    """A stream that was opened before tells nothing more once its session is ended."""
    await place.add("bob", "INTERLACE VIEW")
    async with place.signed_in("bob") as browser:
        place.changes.at_wait = lambda: place.state.sessions.end_all(place.state.users.every()[0].id)
        # Ends by itself: else the stream would go on for an hour.
        told = await browser.get("/live")
    assert told.text.count("event: changed") == 1


async def test_security_a8_ones_own_new_password_ends_the_other_sessions(place: Place) -> None:
    """The session in which it is changed goes on under a new token; all others are over."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as other, place.signed_in("ada") as browser:
        before = _cookie(browser)
        answer = await browser.post(
            "/account/password", data={"old_password": PASSWORD, "new_password": "another long phrase"}
        )
        assert answer.status_code == 303
        assert _cookie(browser) != before
        assert (await _is_in(browser), await _is_in(other)) == (True, False)


async def test_security_a8_sessions_are_listed_and_ended(place: Place) -> None:
    """One sees one's own sessions and ends them; an administrator ends anybody's."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as phone, place.signed_in("ada") as browser:
        page = (await browser.get("/account")).text
        assert "This one" in page
        ended = await browser.post("/do/account/end-session", data={"return_to": "/account"})
        assert ended.status_code == 303
        assert (await _is_in(browser), await _is_in(phone)) == (True, False)
        held = await place.desk.perform(users.SESSIONS, MACHINE, ListSessions(name="ada"))
        assert len(held.sessions) == 1
        await place.desk.perform(users.END_SESSION, MACHINE, EndSession(session=held.sessions[0].id))
        assert not await _is_in(browser)


async def test_security_a8_nobody_ends_another_users_session_as_ones_own(place: Place) -> None:
    """The id of somebody else's session is not found among one's own."""
    await place.add("ada", "INTERLACE VIEW")
    await place.add("bob", "INTERLACE VIEW")
    async with place.signed_in("ada") as ada, place.signed_in("bob") as bob:
        held = await place.desk.perform(users.SESSIONS, MACHINE, ListSessions(name="ada"))
        await bob.post("/do/account/end-session", data={"session": held.sessions[0].id})
        assert await _is_in(ada)


async def test_security_a9_the_cookie_is_bound_to_host_and_tls(tmp_path: Path) -> None:
    """Over TLS the cookie has the prefix __Host-, Secure, HttpOnly, SameSite and the whole path, and no domain."""
    with closing(Place(tmp_path, web=WebRules(is_tls=True))) as place:
        await place.add("ada")
        async with place.browser() as browser:
            answer = await sign_in(browser, "ada")
    (cookie,) = answer.headers.get_list("set-cookie")
    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-interlace=")
    assert {each.lower() for each in attributes} == {"secure", "httponly", "samesite=lax", "path=/"}


async def test_security_a9_on_loopback_it_is_as_strict_as_http_allows(place: Place) -> None:
    """Without TLS only Secure and the prefix are missing; the port in the name keeps two servers apart."""
    await place.add("ada")
    async with place.browser() as browser:
        answer = await sign_in(browser, "ada")
    (cookie,) = answer.headers.get_list("set-cookie")
    name, *attributes = cookie.split("; ")
    assert name.startswith("interlace-8100=")
    assert {each.lower() for each in attributes} == {"httponly", "samesite=lax", "path=/"}


async def test_security_a9_no_page_sets_another_cookie(place: Place) -> None:
    """Reading pages sets no cookie at all."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        for path in ("/users", "/tokens", "/audit", "/account", "/about", "/nothing"):
            assert "set-cookie" not in (await browser.get(path)).headers


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/new-user", {"name": "bob", "password": "seven quiet otters"}),
        ("/tokens/new", {"name": "ci", "permissions": "read"}),
        ("/users/ada", {"permission_sets": ["", "INTERLACE ADMIN"]}),
        ("/users/ada/password", {"password": "seven quiet otters"}),
        ("/do/users/disable", {"name": "ada"}),
        ("/do/tokens/revoke", {"id": "x"}),
        ("/account/two-step", {}),
    ],
)
async def test_security_a10_delicate_things_need_a_fresh_password(
    place: Place, path: str, fields: dict[str, str | list[str]]
) -> None:
    """Five minutes after the password users, rights and keys ask for it again and nothing is done before."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        place.clock.forward(minutes=5, seconds=1)
        before = place.state.users.every()
        answer = await browser.post(path, data=fields)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in/again?return_to=")
        assert place.state.users.every() == before
        assert place.state.tokens.every() == []


_MANY = tuple(f"C{number}" for number in range(11))


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("halts/release", {"mapping": "CUSTOMER"}),
        ("couplings/remove", {"mapping": "CUSTOMER", "keys": _MANY}),
        ("couplings/remove_all", {"mapping": "CUSTOMER", "count": 11}),
        ("errors/settle", {"action": "delete", "records": [f"erp/CUSTOMER/{key}" for key in _MANY]}),
        ("conflicts/resolve", {"id": "c", "choice": "delete", "alike": _MANY[1:]}),
    ],
)
async def test_security_a10_mass_deletion_needs_a_fresh_password(
    tmp_path: Path, operation: str, fields: dict[str, Any]
) -> None:
    """Five minutes after the password it is asked for again; then it is done, and by a key it is done at once."""
    done: list[msgspec.Struct] = []
    name = operation.replace("/", ".")

    async def work(_caller: Caller, asked: msgspec.Struct) -> msgspec.Struct:
        """Answer as the desk would."""
        done.append(asked)
        return msgspec.defstruct("Told", [("message", str, "")])()

    place, _ = canned_app(tmp_path, works_of={name: work})
    with closing(place):
        await place.add("ada", "INTERLACE ADMIN")
        asked = CreateKey(name="nightly", user="ada", permissions=tuple(Permission))
        key = (await place.desk.perform(tokens.CREATE, MACHINE, asked)).key
        async with place.signed_in("ada") as browser, place.browser() as program:
            place.clock.forward(minutes=5, seconds=1)
            answer = await browser.post(f"/do/{operation}", data={**fields, "return_to": "/halts"})
            assert answer.headers["location"].startswith("/sign-in/again?return_to=")
            assert (await browser.post(f"/api/v1/{operation}", json=fields)).status_code == 403
            assert done == []
            await browser.post("/sign-in/again", data={"password": PASSWORD, "return_to": "/halts"})
            answer = await browser.post(f"/do/{operation}", data={**fields, "return_to": "/halts"})
            assert answer.headers["location"].startswith("/halts")
            header = {"Authorization": f"Bearer {key}"}
            assert (await program.post(f"/api/v1/{operation}", json=fields, headers=header)).is_success
            assert len(done) == 2


async def test_security_a10_a_few_records_need_no_fresh_password(tmp_path: Path) -> None:
    """Who uncouples ten records, as everyday work is, is not asked."""
    place, _ = canned_app(tmp_path)
    with closing(place):
        await place.add("ada", "INTERLACE ADMIN")
        async with place.signed_in("ada") as browser:
            place.clock.forward(minutes=20)
            sent = {"mapping": "CUSTOMER", "keys": _MANY[1:], "return_to": "/halts"}
            answer = await browser.post("/do/couplings/remove", data=sent)
            assert not answer.headers["location"].startswith("/sign-in")


async def test_security_a10_the_password_again_gives_a_new_token_and_the_form_back(place: Place) -> None:
    """A wrong one is refused; with the right one the form comes back filled and goes through."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bob", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        place.clock.forward(minutes=6)
        sent = {"full_name": "Bob Bø", "permission_sets": ["", "INTERLACE VIEW", "INTERLACE APPROVE"]}
        answer = await browser.post("/users/bob", data=sent)
        page = await browser.get(answer.headers["location"])
        before, return_to = _cookie(browser), fields_of(page.text)["return_to"]
        wrong = await browser.post("/sign-in/again", data={"password": "wrong", "return_to": return_to})
        assert wrong.status_code == 400
        right = await browser.post("/sign-in/again", data={"password": PASSWORD, "return_to": return_to})
        assert right.headers["location"].startswith("/unfinished")
        assert _cookie(browser) != before
        assert "Bob Bø" in (await browser.get(right.headers["location"])).text
        sent_on = await browser.post("/unfinished/send", data=sent)
        assert (sent_on.status_code, sent_on.headers["location"]) == (307, "/users/bob")
        assert (await browser.post("/users/bob", data=sent)).status_code == 303
    bob = place.state.users.named("bob")
    assert bob is not None
    assert (bob.full_name, bob.permission_sets) == ("Bob Bø", ("INTERLACE VIEW", "INTERLACE APPROVE"))


async def test_security_a10_the_twelve_hours_are_not_prolonged_by_it(place: Place) -> None:
    """Entering the password again makes a session fresh, not young."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        for _ in range(36):
            place.clock.forward(minutes=19)
            answer = await browser.post("/sign-in/again", data={"password": PASSWORD})
            assert answer.headers["location"] == "/"
        place.clock.forward(minutes=29)
        place.clock.forward(minutes=8)
        assert not await _is_in(browser)


async def test_what_was_typed_when_the_session_ended_comes_back_filled(place: Place) -> None:
    """A form sent after the end is kept, asks for the sign-in, and stands there again with everything typed."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        place.clock.forward(minutes=31)
        typed = 'line one\nline <two> & "three"'
        sent = {"full_name": typed, "language": "fi_FI", "old_password": "not to be kept"}
        answer = await browser.post(
            "/account", data=sent, headers={"Referer": "http://127.0.0.1:8100/account?tab=1"}
        )
        there = f"/sign-in?return_to={quote('/account?tab=1', safe='')}&kept=1"
        assert answer.headers["location"] == there
        told = (await browser.get(answer.headers["location"])).text
        assert "Nothing that you typed is lost: it is shown again afterwards." in told
        assert "line one" not in told
        assert "Nothing that you typed" not in (await browser.get("/sign-in")).text
        answer = await sign_in(browser, "ada", return_to="/account?tab=1")
        assert answer.headers["location"].startswith("/unfinished?return_to=")
        page = (await browser.get(answer.headers["location"])).text
        assert "line one\nline &lt;two&gt; &amp; &#34;three&#34;" in page
        assert 'value="fi_FI"' in page
        assert page.index('name="full_name"') < page.index('name="language"') < page.index("old_password")
        assert "not to be kept" not in page
        assert 'type="password" name="old_password"' in page
    with closing(sqlite3.connect(place.database)) as connection:
        stored = str(connection.execute("SELECT kept_form FROM session").fetchall())
    assert "not to be kept" not in stored


async def test_a_form_that_was_kept_goes_to_nobody_else(place: Place) -> None:
    """If another user signs in at the same browser, what the first one typed is not shown."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bob", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        place.clock.forward(minutes=31)
        await browser.post("/account", data={"full_name": "Ada's secret"})
        answer = await sign_in(browser, "bob", return_to="/account")
        assert answer.headers["location"] == "/account"
        assert "secret" not in (await browser.get("/unfinished")).text


async def test_a_kept_form_is_dropped_on_request_and_with_time(place: Place) -> None:
    """Discard forgets it; after an hour nothing is left of it."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        place.clock.forward(minutes=31)
        await browser.post("/account", data={"full_name": "Ada"})
        assert (await sign_in(browser, "ada")).headers["location"].startswith("/unfinished")
        assert (await browser.post("/unfinished/drop")).headers["location"] == "/account"
        assert (await browser.get("/unfinished")).status_code == 303
        place.clock.forward(minutes=31)
        await browser.post("/account", data={"full_name": "Ada"})
        place.clock.forward(minutes=61)
        assert (await sign_in(browser, "ada")).headers["location"] == "/"


async def test_strangers_cannot_fill_the_database_with_forms(place: Place) -> None:
    """Who is signed in nowhere may leave twenty forms a minute and none that is huge."""
    async with place.browser() as browser:
        for number in range(25):
            browser.cookies.clear()
            await browser.post("/account", data={"full_name": f"x{number}"})
        browser.cookies.clear()
        await browser.post("/account", data={"full_name": "y" * 300_000})
    with closing(sqlite3.connect(place.database)) as connection:
        kept = connection.execute("SELECT count(*), max(length(kept_form)) FROM session").fetchone()
    assert kept[0] == 20
    assert kept[1] < 300


@pytest.mark.parametrize(
    "address", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "\t/x"]
)
async def test_nothing_leads_to_another_site_after_the_sign_in(place: Place, address: str) -> None:
    """A page to return to that isn't ours is replaced by the home page."""
    await place.add("ada")
    async with place.browser() as browser:
        assert (await sign_in(browser, "ada", return_to=address)).headers["location"] == "/"
        page = await browser.get("/sign-in", params={"return_to": address})
        assert not re.search("evil", page.headers.get("location", "") + page.text)
