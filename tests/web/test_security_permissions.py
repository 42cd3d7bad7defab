"""Who may do what: nothing undeclared, the matrix of operations and sets, closed forms (Z1, Z2, Z3, Z5, U1)."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import msgspec
import pytest
from litestar import Litestar, get
from litestar.routes import HTTPRoute
from tests.web.accounts_desk import MACHINE, PASSWORD, Place
from tests.web.canned_desk import sample

from interlace.management import users
from interlace.management.asked import from_pairs
from interlace.management.caller import Caller, Door
from interlace.management.desk import Desk, Works
from interlace.management.operation import AnyOperation, Effect, Nothing
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.permission import PERMISSION_SETS, Permission, permissions_of
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.secret_text import secret_names
from interlace.management.users import ChangeUser, NamedUser, UserSummary
from interlace.store.audit import AuditSelection
from interlace.web.security import PUBLIC, Access, WebRules, secure, undeclared_handlers

_SETS = ["", *PERMISSION_SETS]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A web client."""
    with closing(Place(tmp_path)) as opened:
        yield opened


def test_security_z1_every_address_declares_who_may_ask_it(place: Place) -> None:
    """No handler of the application is without a declaration, and few are open to everybody."""
    assert list(undeclared_handlers(place.app)) == []
    public = {
        route.path
        for route in place.app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.opt.get("access") in {Access.PUBLIC, Access.VISITING}
    }
    assert {path for path in public if not path.startswith("/static/")} == {
        "/sign-in",
        "/sign-in/code",
        "/sign-out",
        "/first-start",
    }


@pytest.mark.parametrize("options", [{}, {"access": "public"}, {"acess": Access.PUBLIC}])
def test_security_z1_an_application_with_an_undeclared_address_does_not_start(
    options: dict[str, object],
) -> None:
    """Without a declaration, or with one that is misspelt, the application can't be made."""

    @get("/forgotten", opt=options)
    async def forgotten() -> str:
        """An address that nobody declared."""
        return ""

    @get("/open", opt=PUBLIC)
    async def is_open() -> str:
        """An open address."""
        return ""

    app = Litestar([forgotten, is_open], openapi_config=None)
    with pytest.raises(AssertionError, match="/forgotten"):
        secure(app, WebRules())


async def test_security_z1_strangers_see_nothing_but_the_sign_in(place: Place) -> None:
    """Every page leads strangers to the sign-in, every other address refuses them."""
    async with place.browser() as client:
        for route in place.app.routes:
            assert isinstance(route, HTTPRoute)
            for handler in route.route_handlers:
                if handler.opt.get("access") in {Access.PUBLIC, Access.VISITING, None}:
                    continue
                for method in set(map(str, handler.http_methods)) - {"OPTIONS", "HEAD"}:
                    path = re.sub(r"\{(\w+):str\}", r"\1", re.sub(r"\{\w+:int\}", "7", route.path))
                    answer = await client.request(method, path)
                    is_led = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?")
                    assert is_led or answer.status_code == 401, (method, path, answer.status_code)


def _desk_of_all(done: list[str]) -> Desk:
    works = Works()
    for operation in ALL_OPERATIONS:

        async def work(_caller: Caller, _asked: msgspec.Struct, name: str = operation.name) -> msgspec.Struct:
            done.append(name)
            return Nothing()

        works.add(operation, work)

    async def audit(
        caller: Caller, name: str, details: Mapping[str, object], outcome: str, changes: object
    ) -> None:
        """Keep nothing."""

    return Desk(works, audit)


async def _ending(
    desk: Desk, operation: AnyOperation, caller: Caller, asked: msgspec.Struct | None = None
) -> RefusalKind | None:
    """Return how an operation is refused, None when it is done; most of what is asked nobody looks at."""
    try:
        await desk.perform(operation, caller, asked or Nothing())
    except Refused as refused:
        return refused.kind
    return None


@pytest.mark.parametrize("door", list(Door))
@pytest.mark.parametrize("name", _SETS)
async def test_security_z2_each_operation_with_each_permission_set(name: str, door: Door) -> None:
    """The whole matrix: what a set holds is done, everything else is refused before any work begins."""
    permissions, done = permissions_of((name,)), list[str]()
    desk = _desk_of_all(done)
    caller = Caller(user_id="u", name="u", permissions=permissions, door=door, signed_in_at=None)
    for operation in ALL_OPERATIONS:
        asks = operation.asks_password_for
        asked: msgspec.Struct = sample(operation.asked) if asks is not None else Nothing()
        expected = None
        if (operation.needs_fresh_sign_in or (asks is not None and asks(asked))) and door is Door.PAGE:
            expected = RefusalKind.SIGN_IN_AGAIN
        if operation.permission not in permissions:
            expected = RefusalKind.FORBIDDEN
        assert await _ending(desk, operation, caller, asked) is expected, operation.name
        assert (operation.name in done) is (expected is None)
    assert len(ALL_OPERATIONS) > 20


@pytest.mark.parametrize("name", [each for each in _SETS if each != "INTERLACE ADMIN"])
async def test_security_z2_pages_of_administrators_are_closed_to_others(place: Place, name: str) -> None:
    """Reading and sending of each page for administrators is refused, with the reason, to every other set."""
    await place.add("ada", *([name] if name else []))
    async with place.signed_in("ada") as client:
        checked = 0
        for route in place.app.routes:
            assert isinstance(route, HTTPRoute)
            for handler in route.route_handlers:
                if handler.opt.get("access") is not Permission.ADMINISTER:
                    continue
                for method in set(map(str, handler.http_methods)) - {"OPTIONS"}:
                    path = re.sub(r"\{(\w+):str\}", r"\1", re.sub(r"\{\w+:int\}", "7", route.path))
                    answer = await client.request(method, path)
                    assert answer.status_code == 403, (method, path)
                    checked += 1
        assert checked >= 10


def test_security_z2_what_changes_anything_is_no_mere_reading() -> None:
    """Only what is one's own is changed with the permission to read: account, views, what one is told."""
    wrong = [
        each.name
        for each in ALL_OPERATIONS
        if each.effect is Effect.WRITES
        and each.permission is Permission.READ
        and each.name.partition(".")[0] not in {"account", "notifications", "views"}
    ]
    assert wrong == []


@pytest.mark.parametrize("operation", ALL_OPERATIONS, ids=lambda each: each.name)
def test_security_z3_a_field_that_is_not_declared_is_refused(operation: AnyOperation) -> None:
    """No form and no address carries anything into an operation that it doesn't declare."""
    for name in ("is_admin", "permissions_", "user_id", "__class__"):
        if name in operation.asked.__struct_fields__:
            continue
        with pytest.raises(Refused) as refused:
            from_pairs(operation, [(name, "1")])
        assert refused.value.kind is RefusalKind.INVALID


async def test_security_z3_nobody_gives_himself_rights_by_his_account(place: Place) -> None:
    """A form for one's own account with permission sets in it changes nothing at all."""
    await place.add("bob", "INTERLACE VIEW")
    async with place.signed_in("bob") as client:
        answer = await client.post(
            "/account", data={"full_name": "Bob", "permission_sets": "INTERLACE ADMIN", "disabled": ""}
        )
        assert answer.status_code == 400
    bob = place.state.users.named("bob")
    assert bob is not None
    assert (bob.full_name, bob.permission_sets) == ("", ("INTERLACE VIEW",))


async def _status(client: httpx.AsyncClient, path: str) -> int:
    return (await client.get(path)).status_code


async def test_security_z5_new_rights_count_from_the_next_request_on(place: Place) -> None:
    """A session that is open gains and loses what its user does, without a new sign-in."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bob", "INTERLACE VIEW")
    async with place.signed_in("bob") as client:
        for sets, status in (
            (("INTERLACE VIEW",), 403),
            (("INTERLACE ADMIN",), 200),
            (("INTERLACE SETUP", "INTERLACE APPROVE"), 403),
            ((), 403),
        ):
            await place.desk.perform(users.CHANGE, MACHINE, ChangeUser(name="bob", permission_sets=sets))
            assert await _status(client, "/users") == status


async def test_security_z5_the_last_administrator_is_told_why_not(place: Place) -> None:
    """On the page the refusal says what to do first, and the choice is still there."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as client:
        answer = await client.post("/users/ada", data={"permission_sets": ["", "INTERLACE VIEW"]})
        assert answer.status_code == 400
        assert "the last one who can administer" in answer.text
        assert await _status(client, "/users") == 200


async def test_security_u1_what_was_done_and_what_was_refused_is_logged(place: Place) -> None:
    """Changes and refusals stand in the log with user, door, address and what was asked; reading does not."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bob", "INTERLACE VIEW")
    async with place.signed_in("ada") as ada, place.signed_in("bob") as bob:
        await ada.get("/users")
        await ada.post("/new-user", data={"name": "eve", "password": "seven quiet otters"})
        await ada.post("/users/eve", data={"permission_sets": ["", "no such set"]})
        await bob.post("/do/users/disable", data={"name": "ada"})
        await bob.get("/api/v1/audit/list")
    told = [each.told for each in place.state.audit_log.exported(0, 100)][-4:]
    assert [(each.user, each.operation, bool(each.outcome)) for each in told] == [
        ("ada", "users.add", False),
        ("ada", "users.change", True),
        ("bob", "users.disable", True),
        ("bob", "audit.list", True),
    ]
    assert {(each.door, each.address) for each in told} == {("page", "127.0.0.1")}
    text = "".join(each.text for each in place.state.audit_log.exported(0, 100))
    assert "seven quiet otters" not in text
    assert PASSWORD not in text
    assert place.state.audit_log.verify().reason == ""


async def test_security_u1_what_is_changed_stands_there_before_and_after(place: Place) -> None:
    """Each value that is other than before is told with both; of a password only that there is a new one."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as ada:
        await ada.post("/new-user", data={"name": "eve", "password": "seven quiet otters"})
        sets = ["", "INTERLACE VIEW", "INTERLACE APPROVE"]
        await ada.post("/users/eve", data={"full_name": "Eve <b>", "permission_sets": sets})
        await ada.post("/users/eve/password", data={"password": "eight quiet otters"})
        await ada.post("/users/eve", data={"permission_sets": ["", "no such set"]})
        key = await ada.post("/tokens/new", data={"name": "ci", "user": "eve", "permissions": "read"})
        assert key.status_code == 200
        await ada.post("/do/users/delete", data={"name": "eve"})
        page = (await ada.get("/audit")).text
    told = {each.operation: each for each in (one.told for one in place.state.audit_log.exported(0, 100))}
    changed = [each.told for each in place.state.audit_log.entries(AuditSelection(operation="users.change"))]
    assert [(dict(each.changes), bool(each.outcome)) for each in changed] == [
        ({}, True),
        (
            {"full_name": ("", "Eve <b>"), "permission_sets": ([], ["INTERLACE VIEW", "INTERLACE APPROVE"])},
            False,
        ),
    ]
    assert told["users.set-password"].changes == {"password": ("…", "…")}
    assert told["users.add"].changes["permission_sets"] == (None, [])
    assert next(iter(told["tokens.create"].changes.values())) == (None, "valid")
    assert told["users.delete"].changes["keys"] == (1, 0)
    text = "".join(each.text for each in place.state.audit_log.exported(0, 100))
    assert "quiet otters" not in text
    assert "argon2" not in text
    assert "Eve &lt;b&gt;" in page
    assert place.state.audit_log.verify().reason == ""


async def test_security_u1_the_exported_log_can_be_verified_without_us(place: Place) -> None:
    """With nothing but the exported lines and BLAKE2 anybody can compute every digest."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as client:
        # The export is kept in the log, too, after what it holds.
        page = (await client.get("/audit?verify=1")).text
        answer = await client.get("/audit/export")
        assert "attachment" in answer.headers["content-disposition"]
    previous = bytes(16)
    for line in answer.text.splitlines():
        digest, _, text = line.partition(" ")
        previous = hashlib.blake2b(previous + text.encode(), digest_size=16).digest()
        assert previous.hex() == digest
    assert previous.hex() in page


@pytest.mark.parametrize(
    "operation", [each for each in ALL_OPERATIONS if each.permission is not Permission.READ]
)
async def test_security_a10_k4_whoever_enters_a_secret_has_just_entered_the_password(
    operation: AnyOperation,
) -> None:
    """With a secret in what is asked, keys are refused and stale sessions ask for the password; without, they pass."""
    names = secret_names(operation.asked)
    if operation.needs_fresh_sign_in or not names:
        assert not names or operation.needs_fresh_sign_in
        return
    page = Caller(user_id="u", name="u", permissions=frozenset(Permission), door=Door.PAGE)
    key = replace(page, door=Door.API, token_id="abcdefgh")
    with_secret = msgspec.defstruct("WithSecret", [(name, str) for name in sorted(names)], frozen=True)
    for caller, expected in ((page, RefusalKind.SIGN_IN_AGAIN), (key, RefusalKind.FORBIDDEN)):
        for text, kind in (("s3cret", expected), ("", None)):
            asked = with_secret(*[text for _ in names])
            assert await _ending(_desk_of_all([]), operation, caller, asked) is kind


async def test_security_u1_a_defect_is_logged_as_an_attempt(place: Place) -> None:
    """What fails by a defect of ours stands in the log like what was refused: it may have been half done."""
    works = Works()

    async def broken(_caller: Caller, _asked: NamedUser) -> UserSummary:
        """Fail as no operation should."""
        raise ZeroDivisionError

    works.add(users.DISABLE, broken)
    desk = Desk(works, place.accounts.audit)
    with pytest.raises(ZeroDivisionError):
        await desk.perform(users.DISABLE, MACHINE, NamedUser(name="ada"))
    told = place.state.audit_log.exported(0, 10)[-1].told
    assert (told.operation, told.outcome) == ("users.disable", "Something went wrong in Interlace")
