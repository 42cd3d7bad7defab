"""Coming in: the first start, passwords, waiting, the second step (requirements A1 to A7)."""

import asyncio
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Literal

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher
from tests.web.accounts_desk import MACHINE, PASSWORD, Place, cheap_hasher, fields_of, sign_in

from interlace.bootstrap.accounts import AccountRules
from interlace.bootstrap.password_hashing import AT_ONCE, QUEUE, PasswordHashes, strong_hasher
from interlace.management import tokens, users
from interlace.management.accounts import Visitor
from interlace.management.audit import LIST, ListEntries
from interlace.management.permission import Permission, permissions_of
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.tokens import CreateKey
from interlace.management.users import SetPassword
from interlace.web.security import WebRules

_FIRST = {
    "name": "ada",
    "full_name": "Ada",
    "password": PASSWORD,
    "password_again": PASSWORD,
    "language": "fi_FI",
    "time_zone": "Europe/Helsinki",
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A web client on an empty store."""
    with closing(Place(tmp_path)) as opened:
        yield opened


def _hashes(place: Place) -> list[str]:
    with closing(sqlite3.connect(place.database)) as connection:
        return [row[0] for row in connection.execute('SELECT password_hash FROM "user"')]


async def test_security_a1_no_account_is_there_at_first(place: Place) -> None:
    """Nobody can sign in before the first start, by no name that other products have."""
    assert not await place.accounts.has_administrator()
    async with place.browser() as browser:
        for name in ("admin", "administrator", "root", "interlace"):
            assert (await sign_in(browser, name, name)).status_code == 401


async def test_security_a1_the_link_makes_the_first_administrator_once(place: Place) -> None:
    """The link asks for name and password, signs in, and is used up with that."""
    code = await place.accounts.first_start_code()
    assert len(code) >= 43
    async with place.browser() as browser:
        page = await browser.get("/first-start", params={"code": code})
        assert fields_of(page.text)["code"] == code
        answer = await browser.post("/first-start", data={**_FIRST, "code": code})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await browser.get("/users")).status_code == 200
    assert await place.accounts.has_administrator()
    async with place.browser() as other:
        used_up = await other.get("/first-start", params={"code": code})
        assert used_up.status_code == 403
        assert '<a class="button primary" href="/sign-in"' in used_up.text
        answer = await other.post("/first-start", data={**_FIRST, "code": code, "name": "eve"})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert [each.name for each in place.state.users.every()] == ["ada"]


@pytest.mark.parametrize(
    ("language", "told"), [("nb-NO", "Ingen administrerer"), ("en", "Nobody administers")]
)
async def test_security_a1_whoever_comes_by_a_proxy_before_is_told_what_to_do(
    tmp_path: Path, language: str, told: str
) -> None:
    """Under any name but this machine's nothing is answered but what to do first, in the reader's language."""
    with closing(Place(tmp_path, web=WebRules(only_here=True))) as place:
        code = await place.accounts.first_start_code()
        async with place.browser() as browser:
            for path in ("/sign-in", f"/first-start?code={code}"):
                answer = await browser.get(
                    path, headers={"Host": "interlace.example", "Accept-Language": language}
                )
                assert answer.status_code == 421
                assert answer.text.startswith(told)
                assert "`interlace users add`" in answer.text
                assert (await browser.get(path)).status_code == 200


@pytest.mark.parametrize("wrong", ["", "x" * 43, "late"])
async def test_security_a1_another_or_a_late_code_opens_nothing(place: Place, wrong: str) -> None:
    """A guessed code, none, and the right one after fifteen minutes are refused."""
    code = await place.accounts.first_start_code()
    if wrong == "late":
        place.clock.forward(minutes=15)
        wrong = code
    async with place.browser() as browser:
        answer = await browser.post("/first-start", data={**_FIRST, "code": wrong})
    assert answer.status_code == 403
    assert place.state.users.every() == []


async def test_security_a1_a_mistake_in_the_form_uses_nothing_up(place: Place) -> None:
    """Two different passwords or a weak one are told at the field; what else was typed is still there."""
    code = await place.accounts.first_start_code()
    async with place.browser() as browser:
        weak = {**_FIRST, "code": code, "password": "zwerg", "password_again": "zwerg"}
        answer = await browser.post("/first-start", data=weak)
        assert answer.status_code == 400
        assert fields_of(answer.text)["full_name"] == "Ada"
        assert "zwerg" not in answer.text
        answer = await browser.post("/first-start", data={**_FIRST, "code": code, "password_again": "other"})
        assert answer.status_code == 400
        assert (await browser.post("/first-start", data={**_FIRST, "code": code})).status_code == 303


async def test_security_a2_passwords_are_kept_as_argon2id_of_the_wanted_strength(tmp_path: Path) -> None:
    """What is stored names Argon2id with 19456 KiB, two rounds and one lane."""
    rules = AccountRules(hasher=strong_hasher())
    with closing(Place(tmp_path, rules=rules)) as place:
        await place.add("ada", "INTERLACE ADMIN")
        assert all(each.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for each in _hashes(place))


async def test_security_a2_a_digest_of_older_parameters_is_renewed_at_sign_in(tmp_path: Path) -> None:
    """After the next sign-in the stored digest has today's parameters, and the password is the same."""
    with closing(Place(tmp_path)) as place:
        await place.add("ada")
        before = _hashes(place)
    stronger = AccountRules(hasher=PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    with closing(Place(tmp_path, rules=stronger)) as place:
        async with place.browser() as browser:
            assert (await sign_in(browser, "ada")).status_code == 303
            assert "m=16,t=2" in _hashes(place)[0] != before[0]
            assert (await sign_in(browser, "ada")).status_code == 303


class _SlowHasher(PasswordHasher):
    """Counts how many it makes at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.now = self.most = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
        """Compare slowly."""
        self.now += 1
        self.most = max(self.most, self.now)
        time.sleep(0.01)
        self.now -= 1
        return super().verify(hash, password)


async def test_security_a3_only_two_are_compared_at_once_and_the_queue_ends() -> None:
    """Of a flood two are worked on, twenty wait, and the rest is sent away at once."""
    hasher = _SlowHasher()
    hashes = PasswordHashes(hasher)
    answers = await asyncio.gather(
        *[hashes.is_right(None, "guess") for _ in range(60)], return_exceptions=True
    )
    refused = [each for each in answers if isinstance(each, Refused)]
    assert hasher.most <= AT_ONCE
    assert len(refused) == 60 - AT_ONCE - QUEUE
    assert {each.kind for each in refused} == {RefusalKind.TOO_MANY}
    assert await hashes.is_right(None, "guess") is False


class _HeldHasher(PasswordHasher):
    """Compares nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go = threading.Event()
        self.go.set()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
        """Compare when it is let go."""
        assert self.go.wait(60)
        return super().verify(hash, password)


async def test_security_a3_pages_are_answered_while_a_flood_waits(tmp_path: Path) -> None:
    """Sixty strangers at once: two are compared, twenty wait, the rest is told 429, and who is signed in works on."""
    hasher = _HeldHasher()
    with closing(Place(tmp_path, rules=AccountRules(hasher=hasher))) as place:
        await place.add("ada", "INTERLACE VIEW")

        async def guess(number: int) -> int:
            """Try one password."""
            async with place.browser(f"192.0.2.{number}") as stranger:
                return (await sign_in(stranger, f"user{number}", "a guess of many")).status_code

        async with place.signed_in("ada") as browser:
            hasher.go.clear()
            try:
                waiting = {asyncio.create_task(guess(number)) for number in range(60)}
                refused: list[int] = []
                while len(refused) < 60 - AT_ONCE - QUEUE:
                    ended, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                    refused += [each.result() for each in ended]
                assert set(refused) == {429}
                assert len(waiting) == AT_ONCE + QUEUE
                assert (await browser.get("/account")).status_code == 200
            finally:
                hasher.go.set()
            assert set(await asyncio.gather(*waiting)) == {401}


async def test_security_a4_the_old_password_is_needed_for_a_new_one(place: Place) -> None:
    """Changing the password asks for the old one and holds the new one against the list."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        for old, new, status in (
            ("wrong wrong wrong", "another long phrase", 400),
            (PASSWORD, "password1234", 400),
            (PASSWORD, "another long phrase", 303),
        ):
            answer = await browser.post("/account/password", data={"old_password": old, "new_password": new})
            assert answer.status_code == status
    async with place.browser() as browser:
        assert (await sign_in(browser, "ada")).status_code == 401
        assert (await sign_in(browser, "ada", "another long phrase")).status_code == 303


async def test_security_a4_a_password_does_not_run_out(place: Place) -> None:
    """Years later it opens as on the first day: nobody is made to choose another one."""
    await place.add("ada", "INTERLACE VIEW")
    place.clock.forward(days=5 * 365)
    async with place.browser() as browser:
        assert (await sign_in(browser, "ada")).headers["location"] == "/"


async def _refusals(place: Place) -> dict[str, httpx.Response]:
    await place.add("ada")
    await place.add("gone")
    gone = place.state.users.named("gone")
    assert gone is not None
    place.state.users.change(gone.id, lambda held: replace(held, disabled=True))
    answers = {}
    async with place.browser() as browser:
        for cause, name, password in (
            ("wrong", "ada", "wrong wrong wrong"),
            ("unknown", "nobody", PASSWORD),
            ("disabled", "gone", PASSWORD),
            ("endless", "ada", "x" * 5000),
        ):
            answers[cause] = await sign_in(browser, name, password)
    return answers


async def test_security_a5_every_cause_is_told_alike(place: Place) -> None:
    """Unknown name, wrong password and disabled user give the same answer but for the name that was typed."""
    answers = await _refusals(place)
    told = {
        cause: re.sub(r'value="(ada|gone|nobody)"', 'value="NAME"', answer.text)
        for cause, answer in answers.items()
    }
    assert {answer.status_code for answer in answers.values()} == {401}
    assert len(set(told.values())) == 1
    assert {tuple(sorted(answer.headers)) for answer in answers.values()} == {
        tuple(sorted(answers["wrong"].headers))
    }


async def test_security_a5_every_cause_costs_one_comparison(tmp_path: Path) -> None:
    """Each refused sign-in compares exactly one digest of the same strength, known user or not."""

    class Counting(PasswordHasher):
        """Counts comparisons."""

        count = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
            """Compare and count."""
            Counting.count += 1
            return super().verify(hash, password)

    rules = AccountRules(hasher=Counting(time_cost=1, memory_cost=8, parallelism=1))
    with closing(Place(tmp_path, rules=rules)) as place:
        await _refusals(place)
    assert Counting.count == 4


async def test_security_a6_the_sixth_guess_in_a_minute_waits_and_is_logged(place: Place) -> None:
    """The right password waits too, for no longer than is told; then it lets in and forgives the account."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.browser() as browser:
        for _ in range(5):
            assert (await sign_in(browser, "ada", "wrong wrong wrong")).status_code == 401
        answer = await sign_in(browser, "ada")
        assert answer.status_code == 429
        assert "Try again in" in answer.text
        place.clock.forward(minutes=1)
        assert (await sign_in(browser, "ada")).status_code == 303
        for _ in range(5):
            assert (await sign_in(browser, "ada", "wrong wrong wrong")).status_code == 401
    logged = [each.told.operation for each in place.state.audit_log.exported(0, 100)]
    assert "sign-in.throttled" in logged
    assert logged.count("sign-in.password") == 10


async def test_security_a6_an_address_that_guesses_names_waits_and_others_do_not(place: Place) -> None:
    """After twenty names an address waits, its neighbours of one IPv6 network with it; another one comes in."""
    await place.add("ada")
    for number in range(20):
        async with place.browser(f"2001:db8::{number + 1:x}") as browser:
            assert (await sign_in(browser, f"name{number}", "guess")).status_code == 401
    async with place.browser("2001:db8::ffff") as browser:
        assert (await sign_in(browser, "ada")).status_code == 429
    async with place.browser("2001:db8:0:1::1") as browser:
        assert (await sign_in(browser, "ada")).status_code == 303


async def test_security_a6_what_was_typed_as_a_name_is_not_logged(place: Place) -> None:
    """Somebody who types the password into the field of the name finds it in no log."""
    async with place.browser() as browser:
        await sign_in(browser, PASSWORD, PASSWORD)
    assert PASSWORD not in "".join(each.text for each in place.state.audit_log.exported(0, 100))


async def _with_second_step(place: Place, browser: httpx.AsyncClient) -> tuple[str, list[str]]:
    page = await browser.post("/account/two-step")
    found = re.search(r'id="second-step-key"[^>]*>([A-Z2-7 ]+)<', page.text)
    assert found, page.text
    key = found[1].replace(" ", "")
    page = await browser.post(
        "/account/two-step/confirm", data={"code": pyotp.TOTP(key).at(place.clock.moment)}
    )
    assert page.status_code == 200, page.text
    return key, re.findall(r"<li><code>([a-z2-7-]+)</code>", page.text)


async def test_security_a7_the_second_step_is_asked_for_and_each_code_counts_once(place: Place) -> None:
    """After the password a code of the app is needed; a used one, a wrong one and an old one are refused."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        key, codes = await _with_second_step(place, browser)
        assert (await browser.get("/account")).status_code == 200
    assert len(codes) == 10
    app = pyotp.TOTP(key)
    async with place.browser() as browser:
        answer = await sign_in(browser, "ada", return_to="/account")
        assert answer.headers["location"] == "/sign-in/code?return_to=%2Faccount"
        assert (await browser.get("/account")).headers["location"].startswith("/sign-in?")
        used = app.at(place.clock.moment)
        assert (await browser.post("/sign-in/code", data={"code": used})).status_code == 400
        place.clock.forward(minutes=2)
        assert (await browser.post("/sign-in/code", data={"code": used})).status_code == 400
        assert (await browser.post("/sign-in/code", data={"code": "000000"})).status_code == 400
        answer = await browser.post(
            "/sign-in/code", data={"code": app.at(place.clock.moment), "return_to": "/account"}
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert (await browser.get("/account")).status_code == 200


async def test_security_a7_recovery_codes_are_kept_as_digests_and_used_up(place: Place) -> None:
    """A recovery code stands in for the app once, however it is written; the database doesn't hold it."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        _, codes = await _with_second_step(place, browser)
    assert all(re.fullmatch(r"(?:[a-z2-7]{4}-){6}[a-z2-7]{4}", each) for each in codes)
    assert len(set(codes)) == 10
    stored = b"".join(path.read_bytes() for path in place.database.parent.glob("interlace.db*"))
    assert not any(each.encode() in stored or each.replace("-", "").encode() in stored for each in codes)
    for entered, status in ((codes[0].upper().replace("-", " "), 303), (codes[0], 400), (codes[1], 303)):
        async with place.browser() as browser:
            await sign_in(browser, "ada")
            assert (await browser.post("/sign-in/code", data={"code": entered})).status_code == status


async def test_security_a7_a_new_password_does_not_pass_by_the_second_step(place: Place) -> None:
    """Whoever forgot the password and gets another one still needs the app."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        await _with_second_step(place, browser)
    given = SetPassword(name="ada", password="another long phrase")
    await place.desk.perform(users.SET_PASSWORD, MACHINE, given)
    async with place.browser() as browser:
        answer = await sign_in(browser, "ada", "another long phrase")
        assert answer.headers["location"].startswith("/sign-in/code")
        assert (await browser.get("/account")).headers["location"].startswith("/sign-in?")


async def test_security_a7_half_a_sign_in_ends_after_five_minutes(place: Place) -> None:
    """Whoever waits too long between password and code begins anew."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        key, _ = await _with_second_step(place, browser)
    async with place.browser() as browser:
        await sign_in(browser, "ada")
        place.clock.forward(minutes=5)
        answer = await browser.post("/sign-in/code", data={"code": pyotp.TOTP(key).at(place.clock.moment)})
        assert answer.status_code == 401


async def test_security_a7_codes_are_throttled_like_passwords(place: Place) -> None:
    """Who knows the password may try five codes a minute, not all million."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        await _with_second_step(place, browser)
    async with place.browser() as browser:
        await sign_in(browser, "ada")
        answers = [
            (await browser.post("/sign-in/code", data={"code": f"{number:06}"})).status_code
            for number in range(6)
        ]
    assert answers == [400] * 5 + [429]


@pytest.mark.parametrize(
    ("name", "rests"),
    [
        ("INTERLACE VIEW", frozenset()),
        ("INTERLACE SYNCHRONIZE", frozenset()),
        ("INTERLACE SETUP", {Permission.MANAGE_CONNECTION}),
        ("INTERLACE ADMIN", {Permission.MANAGE_CONNECTION, Permission.ADMINISTER}),
    ],
)
async def test_security_a7_what_reaches_secrets_and_users_rests_without_it(
    tmp_path: Path, name: str, rests: AbstractSet[Permission]
) -> None:
    """Of a user without a second step neither session nor access key enters secrets or looks after users."""
    rules = AccountRules(second_step_for_administrators=True, hasher=cheap_hasher())
    with closing(Place(tmp_path, rules=rules)) as place:
        await place.add("ada", name)
        held = permissions_of((name,))
        asked = CreateKey(name="ci", user="ada", permissions=tuple(held))
        key = (await place.desk.perform(tokens.CREATE, MACHINE, asked)).key
        visitor = Visitor(address="127.0.0.1")
        opened = await place.accounts.sign_in("ada", PASSWORD, visitor)
        for caller in (opened.session.caller, await place.accounts.key_caller(key, visitor)):
            assert caller is not None
            assert caller.permissions == held - rests


async def test_security_a7_administrators_of_a_reachable_server_need_the_second_step(tmp_path: Path) -> None:
    """Until it is set up, their rights to administer and to set up connections rest; then they count at once."""
    rules = AccountRules(second_step_for_administrators=True, hasher=cheap_hasher())
    with closing(Place(tmp_path, rules=rules)) as place:
        await place.add("ada", "INTERLACE ADMIN")
        async with place.signed_in("ada") as browser:
            assert (await browser.get("/users")).status_code == 403
            assert "resting" in (await browser.get("/account")).text
            await _with_second_step(place, browser)
            assert (await browser.get("/users")).status_code == 200
        ada = place.state.users.named("ada")
        assert ada is not None
        assert Permission.ADMINISTER in ada.permissions


async def test_every_way_in_is_logged_with_its_cause(place: Place) -> None:
    """The log tells why a sign-in was refused, what nobody outside is told."""
    await _refusals(place)
    found = await place.desk.perform(LIST, MACHINE, ListEntries(operation="sign-in.password"))
    assert [each.outcome for each in reversed(found.rows)] == [
        "wrong password",
        "unknown name",
        "disabled",
        "wrong password",
    ]
    assert {each.address for each in found.rows} == {"127.0.0.1"}
