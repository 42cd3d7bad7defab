"""`interlace remote`: operations of a server, asked over its port with an access key."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.both_ends import Ended
from tests.client.running import Running, running

from interlace.cli.program import run_program
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.views import SaveView

Remote = Callable[..., Ended]


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no server and no key of whoever runs the tests be asked."""
    for name in ("INTERLACE_SERVER", "INTERLACE_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """A running web client with the administrator ada."""
    with running(tmp_path) as started:
        yield started


@pytest.fixture
def remote(capsys: pytest.CaptureFixture[str]) -> Remote:
    """The command."""

    def run(*arguments: str) -> Ended:
        """Run it."""
        capsys.readouterr()
        code = run_program(["remote", *arguments])
        written = capsys.readouterr()
        return Ended(code=code, out=written.out, err=written.err)

    return run


@pytest.fixture
def at_server(server: Running, remote: Remote, tmp_path: Path) -> Remote:
    """The command, told where the server is and where its key stands."""
    key_file = tmp_path / "key"
    key_file.write_text(f"{server.key}\n", encoding="utf-8")
    return lambda *arguments: remote(*arguments, "--server", server.address, "--key-file", str(key_file))


def test_without_an_operation_all_are_listed(remote: Remote) -> None:
    """No server is needed for that; each says its permission and what it is asked."""
    listed = remote("--json").objects
    assert [each["operation"] for each in listed] == [each.name for each in ALL_OPERATIONS]
    (views,) = [each for each in listed if each["operation"] == "views.list"]
    assert (views["permission"], views["asked"]) == ("read", ["of"])
    assert "conflicts.list" in remote().out


def test_an_operation_is_asked_and_answered_as_json(at_server: Remote) -> None:
    """For people over several lines, with --json on one, both the same."""
    told, line = at_server("audit.list", "limit=1"), at_server("audit.list", "limit=1", "--json")
    assert (told.code, told.err) == (0, "")
    assert json.loads(told.out) == line.only
    assert len(told.out.splitlines()) > 2
    assert [each["operation"] for each in line.only["rows"]] == ["tokens.create"]


def test_what_changes_something_is_done(at_server: Remote, server: Running) -> None:
    """Entries of mappings, equals signs in values and yes or no arrive as they are declared."""
    done = at_server(
        "views.save",
        "of=jobs.list",
        "name=Zoë = Ø",
        "filters.state=failed",
        "filters.kind=",
        "is_shared=true",
        "--json",
    )
    assert done.only == {"id": "view-1"}
    asked = SaveView(of="jobs.list", name="Zoë = Ø", filters={"state": "failed", "kind": ""}, is_shared=True)
    assert server.saved == [asked]


def test_server_and_key_may_come_from_the_environment(
    remote: Remote, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a scheduled job has them."""
    monkeypatch.setenv("INTERLACE_SERVER", server.address)
    monkeypatch.setenv("INTERLACE_KEY", server.key)
    assert remote("connections.list", "--json").only == {"connections": []}


def test_a_refusal_is_told_in_words_with_its_exit_code(at_server: Remote) -> None:
    """What was refused, why and what to do next; nothing on standard output, and never the key."""
    for arguments, code, words in (
        (("users.add", "name=bob", "password=seven quiet otters"), 5, "An access key can't do this."),
        (("audit.list", "limit=many"), 4, "can't be understood"),
        (("audit.list", "nonsense=1"), 4, "can't be understood"),
    ):
        refused = at_server(*arguments)
        assert (refused.code, refused.out) == (code, ""), refused.err
        assert words in refused.err
        assert "otters" not in refused.err


def test_a_wrong_key_is_a_matter_of_signing_in(
    remote: Remote, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code is that of refused sign-ins, and the key is not repeated."""
    wrong = "W" * 43 + "="
    monkeypatch.setenv("INTERLACE_KEY", wrong)
    refused = remote("connections.list", "--server", server.address)
    assert (refused.code, refused.out) == (5, "")
    assert wrong not in refused.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["conflicts.lst"], "There is no operation 'conflicts.lst'"),
        (["connections.list"], "Name the server with --server or INTERLACE_SERVER"),
        (
            ["connections.list", "--server", "https://interlace.example.com"],
            "--key-file FILE or INTERLACE_KEY",
        ),
        (["connections.list", "name", "--server", "https://interlace.example.com"], "Write NAME=VALUE"),
        (
            ["connections.list", "--server", "https://x.example.com", "--key-file", "/nonesuch"],
            "can't be read",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named(remote: Remote, arguments: list[str], words: str) -> None:
    """The exit code is that of wrong arguments, before anything is sent."""
    ended = remote(*arguments)
    assert (ended.code, ended.out) == (4, "")
    assert words in " ".join(ended.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("address", "words"),
    [("http://interlace.example.com", "is not https"), ("http://127.0.0.1:9", "does not answer")],
)
def test_a_server_that_can_not_be_asked_is_told(
    remote: Remote, monkeypatch: pytest.MonkeyPatch, address: str, words: str
) -> None:
    """A key never goes readable over a network, and who does not answer is named."""
    key = "k" * 44
    monkeypatch.setenv("INTERLACE_KEY", key)
    ended = remote("connections.list", "--server", address)
    assert (ended.code, ended.out) == (1, "")
    assert words in ended.err
    assert key not in ended.err
