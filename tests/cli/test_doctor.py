"""`interlace doctor`: what is missing or wrong, and the fix."""

from pathlib import Path

import pytest
from tests.cli.both_ends import NAME, BothEnds, Ended, Interlace

from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_checks import CheckState
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.cli.machine_checks import check_directory, check_key_file, check_space, check_version
from interlace.settings import load_config


def states(ended: Ended) -> dict[str, str]:
    """How each check ended, by what was checked."""
    return {each["check"]: each["state"] for each in ended.objects}


def test_a_fresh_machine_lacks_only_a_connection(interlace: Interlace) -> None:
    """Nothing is wrong, and the next step is named."""
    ended = interlace("doctor", "--json")
    assert ended.code == 0
    found = states(ended)
    assert found.pop("Connection") == "warning"
    assert set(found.values()) == {"ok"}
    assert "interlace connection add" in ended.out


def test_a_working_connection_has_only_its_errors_to_look_at(synchronized: Interlace) -> None:
    """Machine, memory, both ends and mappings are fine; the error list is counted."""
    ended = synchronized("doctor", "--json")
    assert ended.code == 0
    found = states(ended)
    assert found.pop("Errors") == "warning"
    assert set(found.values()) == {"ok"}
    assert {"Database", "ERP company", "CRM solution", "Currency", "Mappings"} < set(found)


def test_a_wrong_connection_is_a_problem_with_its_fix(interlace: Interlace, both_ends: BothEnds) -> None:
    """Also refused credentials end with the exit code of a wrong set-up."""
    interlace("connection", "add", NAME, *both_ends.options(client_id="somebody"))
    ended = interlace("doctor")
    assert ended.code == 4
    assert "AADSTS700016" in ended.out
    assert "1 to correct" in ended.err


def test_a_foreign_key_file_is_told_with_what_to_do(connected: Interlace, tmp_path: Path) -> None:
    """Credentials that can't be decrypted are named, not a traceback."""
    key_file = tmp_path / "state" / "secret.key"
    key_file.write_text("yfRQYDFG2GrJaPSD2pmxTtmvVCNm3K5vW1c0lAKnJ3E=\n", encoding="utf-8")
    ended = connected("doctor", "--json")
    assert ended.code == 4
    assert states(ended)["Secrets"] == "problem"


def test_a_database_that_cannot_be_opened_is_told(
    interlace: Interlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doctor is what people run when nothing else runs."""
    monkeypatch.setenv("INTERLACE_STATE__DATABASE_URL", "mysql://db/interlace")
    ended = interlace("doctor", "--json")
    assert ended.code == 4
    assert states(ended)["Database"] == "problem"


def test_a_broken_database_file_is_told(connected: Interlace, tmp_path: Path) -> None:
    """A file that is no database is named as one."""
    for file in (tmp_path / "state").glob("interlace.db*"):
        file.write_bytes(b"no database at all" * 100)
    ended = connected("doctor", "--json")
    assert ended.code == 4
    assert states(ended)["Database"] == "problem"


def test_an_unfinished_full_synchronization_is_told(synchronized: Interlace, tmp_path: Path) -> None:
    """One that was begun and interrupted can go on."""
    config = load_config(environment={}, overrides={"state.directory": str(tmp_path / "state")})
    with Application(config) as application:
        FullSynchronization(application=application).plan(application.connection(NAME))
    ended = synchronized("doctor", "--json")
    assert states(ended)["Full synchronization"] == "warning"
    assert "interlace full-synch start" in ended.out


def test_several_connections_are_told_apart(synchronized: Interlace, both_ends: BothEnds) -> None:
    """Each line names its connection, unless one was asked for."""
    synchronized("connection", "add", "second", *both_ends.options(company="Sydlicht"))
    found = states(synchronized("doctor", "--json"))
    assert {"main: Connection", "second: Connection"} < set(found)
    assert states(synchronized("doctor", "-c", "second", "--json"))["Connection"] == "warning"


def test_an_old_version_is_a_problem() -> None:
    """Numbers are compared as numbers."""
    assert check_version("SQLite", (3, 9, 2), (3, 35), "Renew it.").state is CheckState.PROBLEM
    assert check_version("SQLite", (3, 35, 0), (3, 35), "Renew it.").state is CheckState.OK


def test_little_space_is_a_warning() -> None:
    """A full disk stops every synchronization."""
    assert check_space(10_000_000).state is CheckState.WARNING
    assert check_space(10_000_000_000).state is CheckState.OK


def test_a_state_directory_that_is_a_file_is_a_problem(tmp_path: Path) -> None:
    """It could never be made."""
    file = tmp_path / "state"
    file.write_text("", encoding="utf-8")
    assert check_directory(file).state is CheckState.PROBLEM
    assert check_directory(tmp_path / "new" / "state").state is CheckState.OK


def test_a_key_file_that_others_can_read_is_a_problem(tmp_path: Path) -> None:
    """The fix is one command."""
    file = tmp_path / "secret.key"
    file.write_text("key", encoding="utf-8")
    file.chmod(0o644)
    check = check_key_file(file)
    assert (check.state, check.remedy) == (CheckState.PROBLEM, f"chmod 600 {file}")
    file.chmod(0o600)
    assert check_key_file(file).state is CheckState.OK
