"""Access keys: what they are made of, what they open, and what they never reach (requirements K1 to K6)."""

import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.web.accounts_desk import MACHINE, PASSWORD, Place, sign_in

from interlace.management import tokens, users
from interlace.management.permission import Permission
from interlace.management.refusal import Refused
from interlace.management.tokens import CreateKey, KeyState, ListKeys, NewKey, RevokeKey
from interlace.management.users import NamedUser
from interlace.web.security import WebRules

_LIST = "/api/v1/connections/list"
_AUDIT = "/api/v1/audit/list"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A web client."""
    with closing(Place(tmp_path)) as opened:
        yield opened


async def _key(place: Place, user: str = "ada", **asked: Any) -> NewKey:
    held = {"name": "ci", "user": user, "permissions": (Permission.READ,), **asked}
    return await place.desk.perform(tokens.CREATE, MACHINE, CreateKey(**held))


async def _get(
    place: Place, key: str, path: str = _LIST, *, address: str = "127.0.0.1", **headers: str
) -> httpx.Response:
    async with place.browser(address) as client:
        client.headers.pop("Sec-Fetch-Site")
        return await client.get(path, headers={"Authorization": f"Bearer {key}", **headers})


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


async def test_security_k1_a_key_is_32_random_bytes_and_stored_as_digest_only(place: Place) -> None:
    """Keys have 44 characters, differ, and stand nowhere in the files but for the eight that name them."""
    await place.add("ada", "INTERLACE ADMIN")
    made = [await _key(place) for _ in range(20)]
    for each in made:
        assert len(each.key) == 44
        assert len(base64.urlsafe_b64decode(each.key)) == 32
        assert each.summary.id == each.key[:8]
        assert each.summary.id.isalnum()
    assert len({each.key for each in made}) == 20
    stored = b"".join(path.read_bytes() for path in place.database.parent.glob("*") if path.is_file())
    assert not any(each.key[8:].encode() in stored for each in made)


async def test_security_k1_a_key_is_shown_once(place: Place) -> None:
    """The page after making it shows the key; no list and no log ever does."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        page = await browser.post("/tokens/new", data={"name": "ci", "permissions": "read", "days": "30"})
        key = page.text.split('id="new-key"')[1].partition(">")[2][:44]
        assert (await _get(place, key)).status_code == 200
        for path in ("/tokens", "/users/ada", "/audit", "/audit/export"):
            assert key[8:] not in (await browser.get(path)).text


async def test_security_k2_basic_takes_keys_and_never_the_password(place: Place) -> None:
    """A key is taken as password, or as name, of Basic; the login password is not."""
    await place.add("ada", "INTERLACE ADMIN")
    made = await _key(place)
    async with place.browser() as client:
        client.headers.pop("Sec-Fetch-Site")
        for header, status in (
            (_basic("ada", made.key), 200),
            (_basic(made.key, ""), 200),
            (_basic("ada", PASSWORD), 401),
            (_basic("", ""), 401),
            ("Basic !!!", 401),
            ("Basic " + base64.b64encode(b"\xff\xfe").decode(), 401),
            ("Negotiate abc", 401),
            ("Bearer", 401),
        ):
            assert (await client.get(_LIST, headers={"Authorization": header})).status_code == status, header


async def test_security_k2_over_plain_http_only_this_machine_may_use_one(tmp_path: Path) -> None:
    """From elsewhere, without TLS, a key is refused before it is looked at; with TLS it opens."""
    for is_tls, status in ((False, 403), (True, 200)):
        directory = tmp_path / str(is_tls)
        directory.mkdir()
        with closing(Place(directory, web=WebRules(is_tls=is_tls))) as place:
            await place.add("ada", "INTERLACE ADMIN")
            made = await _key(place)
            assert (await _get(place, made.key, address="192.0.2.7")).status_code == status
            assert (await _get(place, "no key at all", address="192.0.2.7")).status_code == (
                401 if is_tls else 403
            )


async def test_security_k3_a_key_allows_what_it_says_and_its_owner_has(place: Place) -> None:
    """Its permissions are those chosen, less those that its owner lost since."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bob", "INTERLACE ADMIN")
    reads, administers = (
        await _key(place, "bob"),
        await _key(place, "bob", permissions=(Permission.ADMINISTER,)),
    )
    assert (await _get(place, reads.key)).status_code == 200
    assert (await _get(place, reads.key, _AUDIT)).status_code == 403
    assert (await _get(place, administers.key, _AUDIT)).status_code == 200
    await place.desk.perform(
        users.CHANGE, MACHINE, users.ChangeUser(name="bob", permission_sets=("INTERLACE VIEW",))
    )
    assert (await _get(place, administers.key, _AUDIT)).status_code == 403


async def test_security_k3_nobody_makes_a_key_with_more_rights_than_its_owner(place: Place) -> None:
    """A permission that the owner lacks is refused by name."""
    await place.add("bob", "INTERLACE VIEW")
    with pytest.raises(Refused) as refused:
        await _key(place, "bob", permissions=(Permission.APPROVE,))
    assert "permissions" in refused.value.fields


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 731}, "days"),
        ({"overlap_hours": 25}, "overlap_hours"),
        ({"addresses": ("somewhere",)}, "addresses"),
        ({"connections": ("none of ours",)}, "connections"),
        ({"permissions": ()}, "permissions"),
        ({"name": " "}, "name"),
        ({"user": "nobody"}, "user"),
    ],
)
async def test_security_k3_limits_are_checked_field_by_field(
    place: Place, asked: dict[str, Any], field: str
) -> None:
    """What is wrong is told at its field, and no key is made."""
    await place.add("ada", "INTERLACE ADMIN")
    with pytest.raises(Refused) as refused:
        await _key(place, **asked)
    assert list(refused.value.fields) == [field]
    assert place.state.tokens.every() == []


async def test_security_k3_a_key_ends_after_a_year_if_nothing_is_said(place: Place) -> None:
    """It opens on its last day and not a moment later."""
    await place.add("ada", "INTERLACE ADMIN")
    made = await _key(place)
    assert (made.summary.expires_at - place.clock.moment).days == 365
    place.clock.forward(days=364, hours=23)
    assert (await _get(place, made.key)).status_code == 200
    place.clock.forward(hours=1)
    assert (await _get(place, made.key)).status_code == 401


async def test_security_k3_a_new_key_voids_the_old_after_the_overlap(place: Place) -> None:
    """Both open during the overlap; then only the new one does, with the old one's owner."""
    await place.add("ada", "INTERLACE ADMIN")
    old = await _key(place)
    new = await _key(place, user="", replaces=old.summary.id, overlap_hours=2)
    assert new.summary.user == "ada"
    place.clock.forward(hours=1, minutes=59)
    assert (await _get(place, old.key)).status_code == 200
    place.clock.forward(minutes=1)
    assert (await _get(place, old.key)).status_code == 401
    assert (await _get(place, new.key)).status_code == 200


async def test_security_k3_a_key_opens_from_its_addresses_only(place: Place) -> None:
    """Outside its networks a key is as good as none."""
    await place.add("ada", "INTERLACE ADMIN")
    made = await _key(place, addresses=("127.0.0.0/30", "::1"))
    assert (await _get(place, made.key, address="127.0.0.2")).status_code == 200
    assert (await _get(place, made.key, address="::1")).status_code == 200
    assert (await _get(place, made.key, address="127.0.0.9")).status_code == 401


async def test_security_k3_the_last_use_is_kept_and_revoking_counts_at_once(place: Place) -> None:
    """The list tells when and from where a key was used; revoked or its owner disabled, it opens nothing."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bob", "INTERLACE VIEW")
    made, other = await _key(place), await _key(place, "bob")
    await _get(place, made.key, address="127.0.0.5")
    await place.desk.perform(tokens.REVOKE, MACHINE, RevokeKey(id=made.summary.id))
    await place.desk.perform(users.DISABLE, MACHINE, NamedUser(name="bob"))
    assert (await _get(place, made.key)).status_code == 401
    assert (await _get(place, other.key)).status_code == 401
    shown = {each.id: each for each in (await place.desk.perform(tokens.LIST, MACHINE, ListKeys())).rows}
    held = shown[made.summary.id]
    assert (held.state, held.used_from, held.used_at) == (KeyState.REVOKED, "127.0.0.5", place.clock.moment)
    assert shown[other.summary.id].state is KeyState.RESTING


@pytest.mark.parametrize(
    "path", ["/users", "/tokens", "/audit", "/account", "/unfinished", "/sign-in/again", "/live/token"]
)
async def test_security_k4_a_key_reaches_no_page(place: Place, path: str) -> None:
    """Pages know sessions only: with a key they lead to the sign-in or refuse."""
    await place.add("ada", "INTERLACE ADMIN")
    made = await _key(place, permissions=tuple(Permission))
    assert (await _get(place, made.key, path)).status_code in {303, 401}


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("tokens/create", {"name": "x"}),
        ("tokens/revoke", {"id": "x"}),
        ("users/add", {"name": "eve", "password": "seven quiet otters"}),
        ("users/set-password", {"name": "ada", "password": "seven quiet otters"}),
        ("users/change", {"name": "ada", "permission_sets": ["INTERLACE ADMIN"]}),
        ("users/disable", {"name": "ada"}),
        ("account/change-password", {"old_password": PASSWORD, "new_password": "seven quiet otters"}),
        ("account/begin-second-step", {}),
        ("account/end-second-step", {}),
    ],
)
async def test_security_k4_a_key_manages_neither_keys_nor_users(
    place: Place, operation: str, body: dict[str, object]
) -> None:
    """A key with every permission still can't make keys, users or rights, nor change a password."""
    await place.add("ada", "INTERLACE ADMIN")
    made = await _key(place, permissions=tuple(Permission))
    before = (place.state.users.every(), place.state.tokens.every())
    async with place.browser() as client:
        client.headers.pop("Sec-Fetch-Site")
        answer = await client.post(
            f"/api/v1/{operation}", json=body, headers={"Authorization": f"Bearer {made.key}"}
        )
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "needs-a-person"
    assert [each.password_hash for each in place.state.users.every()] == [
        each.password_hash for each in before[0]
    ]
    assert len(place.state.tokens.every()) == len(before[1])


async def test_security_k4_a_key_lists_no_keys(place: Place) -> None:
    """Looking after keys is for people."""
    await place.add("ada", "INTERLACE ADMIN")
    made = await _key(place, permissions=tuple(Permission))
    assert (await _get(place, made.key, "/api/v1/tokens/list")).status_code == 403


async def test_security_k5_wrong_keys_wait_and_the_right_one_does_not(place: Place) -> None:
    """After five wrong keys of one id it takes a minute; the right key opens all the same, it can't be guessed."""
    await place.add("ada", "INTERLACE ADMIN")
    made = await _key(place)
    wrong = made.key[:8] + "A" * 35 + "="
    answers = [(await _get(place, wrong)).status_code for _ in range(7)]
    assert answers == [401] * 5 + [429] * 2
    assert (await _get(place, made.key)).status_code == 200
    text = "".join(each.text for each in place.state.audit_log.exported(0, 100))
    assert '"operation":"sign-in.key"' in text
    assert wrong not in text


async def test_security_k5_an_address_that_guesses_ids_waits(place: Place) -> None:
    """Twenty unknown keys from one address, then it waits."""
    answers = [(await _get(place, f"{number:08}" + "A" * 35 + "=")).status_code for number in range(22)]
    assert answers == [401] * 20 + [429] * 2


@asynccontextmanager
async def _foreign(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    async with place.browser() as client:
        client.headers["Sec-Fetch-Site"] = "cross-site"
        yield client


async def test_security_k6_a_key_by_basic_is_held_against_the_origin(place: Place) -> None:
    """Browsers send Basic on their own, so another site's page can't use it; Bearer without cookie they don't."""
    await place.add("ada", "INTERLACE ADMIN")
    made = await _key(place, permissions=tuple(Permission))
    async with _foreign(place) as client:
        for header, status in ((_basic("k", made.key), 403), (f"Bearer {made.key}", 400)):
            answer = await client.post(
                "/api/v1/users/end-session", content=b"{}", headers={"Authorization": header}
            )
            assert answer.status_code == status
        await sign_in(client, "ada")
        client.cookies.set("interlace-8100", "anything")
        answer = await client.post(
            "/api/v1/users/end-session", content=b"{}", headers={"Authorization": f"Bearer {made.key}"}
        )
        assert answer.status_code == 403


async def test_security_k6_no_window_asks_browsers_for_a_password(place: Place) -> None:
    """What is refused for want of a sign-in never asks for Basic."""
    for path in (_LIST, "/live/token"):
        async with place.browser() as client:
            answer = await client.get(path, headers={"Sec-Fetch-Mode": "navigate"})
        assert answer.status_code == 401
        assert "basic" not in answer.headers.get("www-authenticate", "").lower()
