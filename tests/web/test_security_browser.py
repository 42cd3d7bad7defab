"""What browsers are told and asked: origin, policy, headers, host (requirements W1, W2, W5, W7)."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from tests.web.accounts_desk import ORIGIN, Place

from interlace.web.front_door import SAFE_METHODS, host_name, is_foreign
from interlace.web.security import WebRules

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_WANTED = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Cookie": "interlace-8100=x"},
]
_OWN = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": ORIGIN},
    {},
]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A web client."""
    with closing(Place(tmp_path)) as opened:
        yield opened


def addresses(app: Litestar) -> list[tuple[str, str]]:
    """Return every address of an application with each of its methods; parameters are filled in."""
    found = []
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        found += [(str(method), path) for method in sorted(route.methods) if method != "OPTIONS"]
    return found


async def test_security_w1_no_other_site_changes_anything_anywhere(place: Place) -> None:
    """Every address that takes anything but reading refuses all six ways in which other sites' pages ask."""
    unsafe = [(method, path) for method, path in addresses(place.app) if method not in SAFE_METHODS]
    assert len(unsafe) > 10
    async with place.browser() as client:
        client.headers.pop("Sec-Fetch-Site")
        for method, path in unsafe:
            for headers in _FOREIGN:
                answer = await client.request(method, path, headers=headers)
                assert answer.status_code == 403, (method, path, headers)
                assert "set-cookie" not in answer.headers


async def test_security_w1_i7_methods_that_are_not_listed_are_refused_too(place: Place) -> None:
    """PUT, PATCH and DELETE of another site meet the same check before anything else."""
    async with place.browser() as client:
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "BREW"):
            answer = await client.request(method, "/users", headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 403
            own = await client.request(method, "/users", headers={"Sec-Fetch-Site": "same-origin"})
            assert own.status_code == 405


@pytest.mark.parametrize("headers", _OWN)
async def test_security_w1_our_own_pages_and_programs_pass(place: Place, headers: dict[str, str]) -> None:
    """Our own origin passes, and a program without a cookie."""
    async with place.browser() as client:
        client.headers.pop("Sec-Fetch-Site")
        answer = await client.post("/sign-in", data={"name": "x", "password": "y"}, headers=headers)
    assert answer.status_code == 401


def test_security_w1_the_scheme_is_part_of_the_origin() -> None:
    """A page of the same name without TLS is another origin."""
    headers = {"host": "crm.example", "origin": "http://crm.example"}
    assert is_foreign("POST", headers, WebRules(is_tls=True))
    assert not is_foreign("POST", headers, WebRules(is_tls=False))


async def test_security_w1_reading_changes_nothing(place: Place) -> None:
    """No address that reads belongs to an operation that writes."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as client:
        for path in ("/do/users/disable?name=ada", "/api/v1/users/disable?name=ada", "/sign-out"):
            assert (await client.get(path)).status_code in {404, 405}
        assert (await client.get("/account")).status_code == 200


async def test_security_w2_w5_every_answer_has_the_headers(place: Place) -> None:
    """Pages, refusals, errors and addresses that don't exist carry the policy and every other header."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as client:
        paths = [path for method, path in addresses(place.app) if method == "GET" and path != "/live"]
        assert len(paths) > 15
        for path in [*paths, "/nothing", "/users/nobody", "/static/none.css"]:
            answer = await client.get(path)
            for name, value in _WANTED.items():
                assert answer.headers.get_list(name) == [value], (path, name)
            is_kept = path.startswith("/static/") and answer.status_code == 200
            assert answer.headers["cache-control"] == (
                "public, max-age=31536000, immutable" if is_kept else "no-store"
            )
            assert not any(name.startswith("access-control-") for name in answer.headers)
            assert "server" not in answer.headers


async def test_security_w2_no_page_has_inline_script_or_style(place: Place) -> None:
    """Scripts and styles come from files of ours; no attribute runs or styles anything."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as client:
        for method, path in addresses(place.app):
            if method != "GET" or path == "/live":
                continue
            text = (await client.get(path)).text
            assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), path


async def test_security_w5_over_tls_browsers_never_come_back_without(tmp_path: Path) -> None:
    """With TLS browsers are told to use nothing else, for two years; without it that isn't said."""
    for is_tls in (True, False):
        directory = tmp_path / str(is_tls)
        directory.mkdir()
        with closing(Place(directory, web=WebRules(is_tls=is_tls))) as place:
            async with place.browser() as client:
                told = (await client.get("/sign-in")).headers.get("strict-transport-security", "")
        assert ("max-age=63072000" in told) is is_tls


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1@evil.example", "[::1", "::1"]
)
async def test_security_w7_a_name_that_is_not_ours_is_refused(place: Place, host: str) -> None:
    """Whatever stands in Host that isn't listed is refused before anything is looked at."""
    async with place.browser() as client:
        for path in ("/", "/sign-in", "/api/v1/users/list", "/nothing"):
            answer = await client.get(path, headers={"Host": host})
            assert answer.status_code == 421
            assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9999", "LOCALHOST:1", "[::1]:8100"])
async def test_security_w7_our_own_names_pass_with_any_port(place: Place, host: str) -> None:
    """Names are compared without port and case."""
    async with place.browser() as client:
        assert (await client.get("/sign-in", headers={"Host": host})).status_code == 200


async def test_security_w7_no_address_is_built_from_the_host(place: Place) -> None:
    """What leads elsewhere says only the path."""
    async with place.browser() as client:
        answer = await client.get("/users", headers={"Host": "localhost:7"})
        assert answer.headers["location"].startswith("/sign-in")
        assert "localhost" not in (await client.get("/sign-in", headers={"Host": "localhost:7"})).text


@pytest.mark.parametrize(
    ("host", "name"),
    [("a.example:80", "a.example"), ("[::1]:80", "::1"), ("A.Example", "a.example"), ("[", ""), ("", "")],
)
def test_names_are_read_from_hosts(host: str, name: str) -> None:
    """The name without the port, blank for what can't be read."""
    assert host_name(host) == name
