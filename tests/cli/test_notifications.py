"""`interlace notifications`: what somebody was told, and what he is told from now on."""

import json
from pathlib import Path

import pytest
from tests.bootstrap.notifying.notified_place import notified_place
from tests.cli.both_ends import Ended
from tests.store.proven_address import send_code

from interlace.bootstrap.application import Application
from interlace.cli.program import run_program
from interlace.settings import load_config


class _Commands:
    """Commands on a state directory, their answers as JSON."""

    def __init__(self, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._state = state
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ended:
        code = run_program(["notifications", *arguments, "--state", str(self._state), "--json"])
        out, err = self._capsys.readouterr()
        return Ended(code=code, out=out, err=err)

    def rows(self, *arguments: str) -> list[dict[str, object]]:
        """Return what a command writes."""
        ended = self(*arguments)
        assert ended.code == 0, ended.err
        return [json.loads(line) for line in ended.out.splitlines() if line.startswith("{")]


@pytest.fixture
def commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> _Commands:
    """Commands on a state in which Ana was told of a cause."""
    with notified_place(tmp_path / "state") as place:
        place.add_user("ana", "INTERLACE SYNCHRONIZE")
        place.fail("10000")
        place.settle()
    return _Commands(tmp_path / "state", capsys)


def test_messages_are_listed_and_marked(commands: _Commands) -> None:
    """Marked by their ids or all at once, they are left out of those that are not read."""
    [told] = commands.rows("list", "ana")
    assert (told["kind"], told["connection"], told["is_read"]) == ("cause", "main", False)
    assert "CUSTOMER 10000" in str(told["message"])
    assert commands.rows("read", "ana", str(told["id"])) == [{"marked": 1}]
    assert commands.rows("read", "ana", "--all") == [{"marked": 0}]
    assert commands.rows("list", "ana", "--unread") == []


def test_what_is_not_given_stays_as_it_is(commands: _Commands) -> None:
    """A choice is changed part by part; an unknown kind or user is named, and nothing changes."""
    first = commands.rows("subscription", "ana")[0]
    shown = ["cause", "conflict", "order"]
    assert (first["shown"], first["mailed"], first["is_chosen"]) == (shown, [], False)
    assert commands("subscribe", "ana", "--mail", "cause").code != 0, "there is no address yet"
    changed = commands.rows("subscribe", "ana", "--mail", "cause", "--address", "ana@example.com")[0]
    assert (changed["shown"], changed["mailed"], changed["address"]) == (
        shown,
        ["cause"],
        "ana@example.com",
    )
    assert commands.rows("subscribe", "ana", "--mapping", "CUSTOMER", "--show", "")[0] == {
        **changed,
        "mappings": ["CUSTOMER"],
        "shown": [],
    }
    unknown = commands("subscribe", "ana", "--show", "weather")
    assert unknown.code != 0
    assert "weather" in unknown.err
    assert "bo" in commands("list", "bo").err


def test_an_address_is_confirmed_by_the_code_that_was_sent_there(commands: _Commands, tmp_path: Path) -> None:
    """Whoever works on the machine needs the code, too."""
    assert commands("send-code", "ana").code != 0, "there is no address yet"
    entered = commands.rows("subscribe", "ana", "--mail", "cause", "--address", "ana@example.com")[0]
    assert (entered["is_proven"], entered["code_expires_at"]) == (False, None)
    assert commands.rows("send-code", "ana")[0] == {"address": "ana@example.com"}
    config = load_config(environment={}, overrides={"state.directory": str(tmp_path / "state")})
    with Application(config) as application:
        send_code(application.state, "id-ana", "5f0c")
    assert commands.rows("subscription", "ana")[0]["code_expires_at"]
    assert "This link confirms no address" in commands("prove", "ana", "5f0d").err
    assert commands.rows("prove", "ana", "5f0c")[0] == {"address": "ana@example.com"}
    assert commands.rows("subscription", "ana")[0]["is_proven"] is True
