"""An attacker at the door: forged, oversized, nested, doubled and disguised requests are refused or harmless."""

import gzip
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from tests.web.accounts_desk import PASSWORD, Place, sign_in
from tests.web.canned_desk import HOSTILE, canned_app

from interlace.management.export import safe_text
from interlace.ui.stylesheet import stylesheet_name
from interlace.web.addresses import STATIC
from interlace.web.script import script_name

_DEEP = 100_000
_FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A web client."""
    with closing(Place(tmp_path)) as opened:
        yield opened


@pytest.fixture
async def ada(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's browser."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        yield browser


async def test_security_w6_nothing_that_an_address_says_becomes_markup(tmp_path: Path) -> None:
    """What is searched, filtered, sorted and named in an address is shown as text, on every list and card."""
    place, _ = canned_app(tmp_path)
    names = ("q", "search", "user", "operation", "key", "mapping", "view", "item", "filter.name", "sort")
    asked = {**dict.fromkeys(names, HOSTILE), "return_to": f"/x?{HOSTILE}"}
    paths = ("/search", "/couplings", "/audit", "/journal", "/records/CUSTOMER", "/sign-in/again")
    with closing(place):
        await place.add("ada", "INTERLACE ADMIN")
        async with place.signed_in("ada") as browser, place.browser() as stranger:
            for path in paths:
                told = await browser.get(path, params=asked, follow_redirects=True)
                assert told.status_code in {200, 400}, path
                assert HOSTILE not in told.text
                assert "<img src=x" not in told.text
            for path in ("/sign-in", "/first-start"):
                told = await stranger.get(path, params={**asked, "code": HOSTILE})
                assert "<img src=x" not in told.text
            again = await stranger.post("/sign-in", data={"name": HOSTILE, "password": "x", **asked})
            assert "<img src=x" not in again.text


async def test_security_w6_names_of_people_keys_and_views_are_text(ada: httpx.AsyncClient) -> None:
    """What people call themselves, their keys and anything else is shown, never run; a kept form's fields too."""
    tag = "<img src=x onerror=alert(1)>"
    await ada.post("/new-user", data={"name": tag, "full_name": tag, "password": "seven quiet otters"})
    await ada.post("/tokens/new", data={"name": tag, "permissions": "read"})
    await ada.post("/account", data={"full_name": tag})
    for path in ("/users", "/tokens", "/audit", "/account", "/users/ada", f"/users/{tag}"):
        assert tag not in (await ada.get(path)).text, path
    await ada.post("/sign-out")
    await ada.post("/do/views/save", data={tag: tag, "name": tag, "return_to": f"/couplings?search={tag}"})
    await sign_in(ada, "ada")
    kept = await ada.get("/unfinished")
    assert ("onerror" in kept.text, tag in kept.text) == (True, False)


@pytest.mark.parametrize(
    "query",
    [
        "before=" + "9" * 5000,
        "before=99999999999999999999",
        "before=-1",
        "user=%00",
        "operation=%25&user=%FF",
    ],
)
async def test_numbers_and_texts_that_nothing_holds_are_refused(ada: httpx.AsyncClient, query: str) -> None:
    """No number is too long and no character too odd: pages show a list, the API says what is wrong; nothing breaks."""
    assert (await ada.get(f"/audit?{query}")).status_code in {200, 400}
    assert (await ada.get(f"/api/v1/audit/list?{query}")).status_code in {200, 400}


@pytest.mark.parametrize(
    "body",
    [
        b"[" * _DEEP,
        b'{"name":' * _DEEP,
        b'{"permissions":' + b"[" * _DEEP,
        b'{"name":"x","permissions":["read"],"days":1e400}',
        b'{"name":"x","days":99999999999999999999}',
        b'{"name":"\\ud800"}',
        b"\xff\xfe{\x00}\x00",
        b"null",
    ],
    ids=["arrays", "objects", "in a field", "infinite", "huge", "half a character", "utf-16", "nothing"],
)
async def test_security_i2_json_that_is_deep_or_odd_is_refused(ada: httpx.AsyncClient, body: bytes) -> None:
    """However deep a body is nested, it is told as a mistake in the request."""
    answer = await ada.post("/api/v1/tokens/create", content=body)
    assert (answer.status_code, answer.json()["error"]["kind"]) == (400, "invalid")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"filters.user": "|".join(["a*"] * 200)}, 200),
        ({"filters.user": "|".join(["a*"] * 201)}, 400),
        ({"filters.user": "a" * 1_001}, 400),
        ({"filters.user": "(" * 21 + "a" + ")" * 21}, 400),
        ({"filters.user": "*a" * 11}, 400),
        ({"filters.nothing": "a"}, 400),
        ({"search": "a" * 201}, 400),
        ({"limit": "200"}, 200),
        ({"limit": "201"}, 400),
        ({"limit": "9" * 5_000}, 400),
        ({"cursor": "x" * 10_000}, 400),
    ],
    ids=[
        "parts",
        "one more",
        "long",
        "deep",
        "wildcards",
        "no column",
        "search",
        "rows",
        "one row more",
        "digits",
        "place",
    ],
)
async def test_security_i2_what_is_asked_of_a_list_has_an_end(
    ada: httpx.AsyncClient, asked: dict[str, str], status: int
) -> None:
    """Filters are short, flat and of few parts, pages have two hundred rows; more is a mistake in the request."""
    answer = await ada.get("/api/v1/audit/list", params=asked)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.json()["error"]["kind"] == "invalid"
        page = await ada.get("/audit", params=asked)
        assert page.status_code in {200, 400}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1"])
def test_security_i5_no_cell_is_a_formula(text: str) -> None:
    """What a program for tables would compute is written as a text; everything else stays as it is."""
    assert safe_text(text) == f"'{text}"
    assert safe_text(f"a{text}") == f"a{text}"


async def test_security_i6_bodies_have_an_end(ada: httpx.AsyncClient, place: Place) -> None:
    """Strangers may send what a name and a password take, everybody else a few megabytes; the rest isn't read."""
    async with place.browser() as stranger:
        for path in ("/sign-in", "/sign-in/code", "/first-start"):
            told = await stranger.post(path, data={"name": "x" * 70_000})
            assert "too large" in told.text, path
    large = b"a=1&" * 1_100_000
    for path in ("/do/users/disable", "/users/ada", "/api/v1/users/disable"):
        told = await ada.post(path, content=large, headers={"Content-Type": _FORM})
        assert "too large" in told.text, path


async def test_security_i6_nothing_packed_is_unpacked(place: Place) -> None:
    """A compressed body is taken as it is: there is no bomb to unpack."""
    await place.add("ada", "INTERLACE ADMIN")
    packed = gzip.compress(f"name=ada&password={PASSWORD}".encode())
    async with place.browser() as browser:
        headers = {"Content-Encoding": "gzip", "Content-Type": _FORM}
        assert (await browser.post("/sign-in", content=packed, headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="name"; filename="../a"\r\n\r\nbob\r\n--x--\r\n',
        ),
        (f"{_FORM}; charset=utf-7", b"name=+AGI-ob"),
        ("application/json", b'{"name": "bob"}'),
        ("text/xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
        (_FORM, b"name.x=1&name.y=bob"),
        (_FORM, b"%" * 5000),
    ],
)
async def test_forms_in_disguise_do_nothing(
    ada: httpx.AsyncClient, place: Place, kind: str, body: bytes
) -> None:
    """What isn't a form as pages send it changes nothing, and breaks nothing."""
    await place.add("bob", "INTERLACE VIEW")
    for path in ("/do/users/delete", "/users/bob", "/new-user", "/sign-in"):
        answer = await ada.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code < 500, (path, answer.text)
    assert {each.name for each in place.state.users.every()} == {"ada", "bob"}
    assert "passwd" not in answer.text


async def test_no_header_or_field_changes_the_method(ada: httpx.AsyncClient, place: Place) -> None:
    """What reads stays what reads, whatever a header or a parameter says it should be."""
    await place.add("bob", "INTERLACE VIEW")
    headers = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST", "X-Method-Override": "POST"}
    for path in ("/do/users/delete?name=bob&_method=POST", "/api/v1/users/delete?name=bob&_method=POST"):
        assert (await ada.get(path, headers=headers)).status_code in {404, 405}
    assert len(place.state.users.every()) == 2


async def test_security_w7_a_request_has_one_host(place: Place) -> None:
    """Two Host headers, of which a proxy could go by the other one, are refused."""
    async with place.browser() as browser:
        for hosts in (("127.0.0.1:8100", "evil.example"), ("evil.example", "127.0.0.1:8100")):
            request = browser.build_request("GET", "/sign-in")
            request.headers = httpx.Headers([("Host", each) for each in hosts])
            assert (await browser.send(request)).status_code == 421
        told = await browser.get(
            "/sign-in", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil"}
        )
        assert "evil" not in told.text


@pytest.mark.parametrize(
    "there",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\r\nSet-Cookie: a=b", "/\t/evil.example"],
)
async def test_signing_in_leads_to_our_own_pages_only(place: Place, there: str) -> None:
    """Neither the form nor the address of the sign-in sends anybody elsewhere, or writes a header."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.browser() as browser:
        page = await browser.get("/sign-in", params={"return_to": there})
        assert "evil" not in page.text
        answer = await sign_in(browser, "ada", return_to=there)
        assert answer.headers["location"] == "/"
        assert "a=b" not in str(answer.headers)


async def test_keys_and_tokens_in_addresses_open_nothing(ada: httpx.AsyncClient, place: Place) -> None:
    """A secret in an address would stand in logs and histories: there is no door for one."""
    token = next(iter(ada.cookies.jar)).value or ""
    async with place.browser() as stranger:
        for name in ("access_token", "token", "key", "session", "interlace-8100"):
            assert (await stranger.get("/account", params={name: token})).status_code == 303
            assert (await stranger.get("/api/v1/users/list", params={name: token})).status_code == 401


async def test_paths_lead_nowhere_but_to_pages(ada: httpx.AsyncClient) -> None:
    """Dots, codes and line ends in a path reach no file and no header."""
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/users/..%2f..%2fetc%2fpasswd",
        "/export/..%2f..%2fetc/list",
        "/export/couplings/list?format=../../x",
        "/users/%00",
        "/%0d%0aX-Evil:%201",
        "/users/" + "a" * 5000,
    ):
        answer = await ada.get(path)
        assert answer.status_code in {400, 404}, path
        assert "x-evil" not in answer.headers
        assert "root:" not in answer.text


async def test_a_refused_request_leaves_no_secret_in_the_log(
    ada: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is logged of requests, tokens, keys and passwords are not in it."""
    token = next(iter(ada.cookies.jar)).value or ""
    with caplog.at_level(logging.DEBUG, logger="interlace"):
        await ada.post("/new-user", data={"name": "bob", "password": "otters otters otters", "x": "y"})
        await ada.get("/api/v1/users/list", headers={"Authorization": "Bearer abcdefgh"})
        await ada.get("/users/nobody")
    assert token not in caplog.text
    assert "otters" not in caplog.text
    assert "abcdefgh" not in caplog.text


async def test_security_a4_passwords_are_masked_and_taken_as_they_are(place: Place) -> None:
    """Fields of passwords hide what is typed, let managers fill them, and nothing is trimmed or folded."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.browser() as browser:
        page = (await browser.get("/sign-in")).text
        (field,) = re.findall(r"<input[^>]*name=\"password\"[^>]*>", page)
        assert 'type="password"' in field
        assert 'autocomplete="current-password"' in field
        assert "onpaste" not in page
        for wrong in (f" {PASSWORD}", f"{PASSWORD} ", PASSWORD.upper(), PASSWORD[:-1]):
            assert (await sign_in(browser, "ada", wrong)).status_code in {401, 429}
        place.clock.forward(minutes=20)
        assert (await sign_in(browser, "ada")).status_code == 303


async def test_answers_say_what_they_are(ada: httpx.AsyncClient) -> None:
    """Pages, texts and JSON name their kind, and texts their charset."""
    kinds = {
        "/account": "text/html; charset=utf-8",
        "/sign-in/again": "text/html; charset=utf-8",
        "/nothing": "text/html; charset=utf-8",
        "/audit/export": "text/plain; charset=utf-8",
        f"{STATIC}/{stylesheet_name()}": "text/css; charset=utf-8",
        f"{STATIC}/{script_name()}": "text/javascript; charset=utf-8",
        "/api/v1/users/list": "application/json",
        "/api/v1/users/nothing": "application/json",
    }
    assert {path: (await ada.get(path)).headers["content-type"] for path in kinds} == kinds
