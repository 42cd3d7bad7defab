"""What a defect tells: a reference that finds it in the log, nothing of what Interlace is made of (requirement I8)."""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app
from tests.web.test_pages import PAGES

from interlace.management.caller import Caller
from interlace.management.operation import AnyOperation, Effect
from interlace.management.operations import ALL_OPERATIONS

SECRET = "SELECT password FROM user; /srv/interlace/store/users.py line 12"
INSIDE = (
    SECRET,
    "SELECT ",
    "/srv/",
    "Traceback",
    'File "',
    "RuntimeError",
    "litestar",
    "sqlalchemy",
    "site-packages",
)
_REFERENCE = re.compile(r"\b[0-9a-f]{16}\b")
_READ_BY_FRAME = frozenset({"connections.list", "notifications.unread"})


async def _broken(_caller: Caller, _asked: msgspec.Struct) -> msgspec.Struct:
    raise RuntimeError(SECRET)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts that work, and a desk in which everything else breaks with an error that tells too much."""
    broken = {each.name: _broken for each in ALL_OPERATIONS if each.name not in _READ_BY_FRAME}
    held, _ = canned_app(tmp_path, works_of=broken)
    with closing(held):
        yield held


@pytest.fixture
async def ada(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's browser."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        yield browser


def told_inside(answer: httpx.Response) -> list[str]:
    """Return what an answer tells of the inside, in its text or its headers."""
    told = f"{answer.text}\n{answer.headers}".lower()
    return [each for each in (*INSIDE, f"interlace {metadata.version('interlace')}") if each.lower() in told]


async def test_security_i8_a_broken_page_tells_a_reference_only(
    ada: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Every page whose work breaks says so in our words, with the reference under which the log tells the rest."""
    broken = 0
    for path in PAGES:
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            answer = await ada.get(path)
        if answer.status_code != 500:
            continue
        broken += 1
        assert told_inside(answer) == [], path
        (reference,) = set(_REFERENCE.findall(answer.text))
        assert reference in caplog.text
        assert SECRET in caplog.text
    assert broken > 30


async def test_security_i8_a_broken_call_tells_a_reference_only(place: Place, ada: httpx.AsyncClient) -> None:
    """The API, actions of pages and exports tell no more than pages do, whatever breaks."""
    broken = 0
    for each in ALL_OPERATIONS:
        for answer in await _asked(ada, each):
            place.clock.forward(minutes=1)
            broken += answer.status_code == 500
            assert told_inside(answer) == [], each.name
    assert broken > 40


async def _asked(browser: httpx.AsyncClient, operation: AnyOperation) -> list[httpx.Response]:
    path = operation.name.replace(".", "/", 1)
    if operation.effect is Effect.READS:
        return [await browser.get(f"/api/v1/{path}"), await browser.get(f"/export/{path}?format=csv")]
    return [
        await browser.post(f"/api/v1/{path}", content=b"{}"),
        await browser.post(f"/do/{path}", data={"return_to": "/"}),
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("GET", "/api/v1/nothing/at-all"),
        ("GET", "/static/nothing.css"),
        ("PUT", "/users"),
        ("TRACE", "/"),
        ("POST", "/do/nothing/at-all"),
        ("POST", "/api/v1/users/disable"),
    ],
)
async def test_security_i8_what_is_not_there_tells_nothing(
    ada: httpx.AsyncClient, method: str, path: str
) -> None:
    """Unknown addresses and methods are refused in our words."""
    answer = await ada.request(method, path)
    assert answer.status_code < 500
    assert told_inside(answer) == []


async def test_security_i8_no_mode_tells_more(place: Place) -> None:
    """There is no debug mode that could be switched on, at any address."""
    assert place.app.debug is False
    assert place.app.pdb_on_exception is False
