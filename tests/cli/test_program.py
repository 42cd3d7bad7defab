"""The program as a whole: wrong command lines, unreachable ends and interruptions are told in words."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.both_ends import Interlace

from interlace.cli import asking
from interlace.cli.program import run_program


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["jbos"], "Did you mean 'jobs'"),
        (["jobs", "--nope"], "No such option: --nope"),
        (["jobs", "--limit", "many"], "integer"),
        (["couplings", "show"], "Missing argument"),
        (["connection", "add", "main"], "Missing option"),
    ],
)
def test_a_wrong_command_line_is_told_in_words(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    """The exit code is that of wrong arguments, and standard output stays empty."""
    assert run_program(arguments) == 4
    written = capsys.readouterr()
    assert written.out == ""
    assert words in written.err
    assert "Traceback" not in written.err


def test_help_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    """Both spellings are known, and the commands are listed."""
    for option in ("-h", "--help"):
        assert run_program([option]) == 0
        assert "couplings" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A report of a fault names it."""
    assert run_program(["--version"]) == 0
    assert re.fullmatch(r"interlace \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_a_command_loads_only_what_it_needs() -> None:
    """Help of the embedded services opens no memory; and none of all the commands needs what only some services do."""
    loaded = "import sys; from interlace.cli.program import program, run_program; {}; print('\\n'.join(sys.modules))"

    def modules(statement: str) -> set[str]:
        ended = subprocess.run(
            [sys.executable, "-c", loaded.format(statement)], capture_output=True, text=True, check=True
        )
        return set(ended.stdout.splitlines())

    assert {"sqlalchemy", "aiohttp", "interlace.engine"}.isdisjoint(modules("run_program(['sandbox', '-h'])"))
    of_orders = modules("run_program(['orders', '-h'])")
    assert "sqlalchemy" in of_orders
    assert {"psycopg", "dbos", "litestar", "msal", "spnego"}.isdisjoint(of_orders)


def test_commands_on_a_connection_need_one(interlace: Interlace) -> None:
    """Each of them says how to make it."""
    for arguments in (
        ["jobs"],
        ["errors"],
        ["mappings", "list"],
        ["couplings", "list"],
        ["connection", "test"],
    ):
        ended = interlace(*arguments)
        assert ended.code == 4
        assert "interlace connection add" in ended.err


@pytest.mark.parametrize(
    ("arguments", "instead"),
    [
        (["couplings", "remove", "CUSTOMER", "C00010", "--no-input"], "--yes"),
        (["--no-input", "users", "add", "ada", "-p", "INTERLACE ADMIN"], "--password-file"),
    ],
)
def test_nothing_is_asked_of_who_wants_no_questions(
    synchronized: Interlace, monkeypatch: pytest.MonkeyPatch, arguments: list[str], instead: str
) -> None:
    """At a terminal as without one: the command ends as a wrong one, and says how the answer is given."""
    monkeypatch.setattr(sys, "stdin", _Terminal())
    ended = synchronized(*arguments)
    assert ended.code == 4
    assert instead in ended.err
    assert synchronized("couplings", "show", "C00010").code == 0


class _Terminal:
    """A terminal whose person is not there."""

    def isatty(self) -> bool:
        """Say that somebody could answer."""
        return True

    def __getattr__(self, name: str) -> object:
        """Read nothing."""
        raise AssertionError(f"something was asked: {name}")


def test_questions_are_asked_in_one_place() -> None:
    """Else --no-input would not reach all of them."""
    asks = re.compile(r"typer\.(prompt|confirm)|getpass|stdin\.isatty|\binput\(")
    folder = Path(asking.__file__).parent
    found = {file.name for file in folder.glob("*.py") if asks.search(file.read_text(encoding="utf-8"))}
    assert found == {"asking.py"}


def test_a_no_to_the_question_removes_nothing(synchronized: Interlace, tmp_path: Path) -> None:
    """On a terminal a person is asked, and may think better of it."""
    leader, follower = pty.openpty()
    arguments = ["couplings", "remove", "CUSTOMER", "C00010", "--state", str(tmp_path / "state")]
    process = subprocess.Popen(
        [sys.executable, "-m", "interlace", *arguments],
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.write(leader, b"n\n")
    _, said = process.communicate(timeout=60)
    os.close(leader)
    os.close(follower)
    assert process.returncode == 130
    assert "Uncouple 1 record of CUSTOMER" in said
    assert synchronized("couplings", "show", "C00010").code == 0
