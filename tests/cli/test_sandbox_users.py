"""`interlace sandbox erp-users`: keys are told once, and who lost his right doesn't sign in."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.both_ends import Ended

from interlace.cli.program import run_program
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox

Users = Callable[..., Ended]


@pytest.fixture
def users(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Users:
    """The commands on the directory of an ERP that was started once."""
    create_erp_sandbox(tmp_path / "erp", ErpSandboxOptions()).close()

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run_program(["sandbox", "erp-users", *arguments, "--state", str(tmp_path), "--json"])
        written = capsys.readouterr()
        return Ended(code=code, out=written.out, err=written.err)

    return run


def _may_sign_in(state: Path, user: str, key: str) -> bool:
    erp = create_erp_sandbox(state / "erp", ErpSandboxOptions())
    header = "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()
    answer = erp.call("GET", "/BC/api/v2.0/companies", headers={"Authorization": header})
    erp.close()
    return answer.status == 200


def test_added_user_signs_in_with_the_key_that_is_told_once(users: Users, tmp_path: Path) -> None:
    """The key works, and no list shows it; a new one replaces it."""
    added = users("add", "clerk", "--full-name", "Clara Kern", "--email", "clara@example.com")
    assert added.code == 0
    key = added.only["key"]
    assert "this once" in added.err
    assert _may_sign_in(tmp_path, "CLERK", key)
    listed = users("list")
    assert key not in listed.out
    assert [(each["name"], each["has_key"], each["administrator"]) for each in listed.objects] == [
        ("CLERK", True, False),
        ("INTERLACE", True, True),
    ]
    changed = users("change-key", "CLERK", "--expires", "2199-12-31")
    assert not _may_sign_in(tmp_path, "CLERK", key)
    assert _may_sign_in(tmp_path, "CLERK", changed.only["key"])
    assert users("list").objects[0]["key_expires"].startswith("2199-12-31")


def test_disabled_user_is_shut_out_until_he_is_enabled(users: Users, tmp_path: Path) -> None:
    """Disabling takes nothing away for good."""
    key = users("add", "CLERK").only["key"]
    assert users("disable", "CLERK").only["enabled"] is False
    assert not _may_sign_in(tmp_path, "CLERK", key)
    users("enable", "CLERK")
    assert _may_sign_in(tmp_path, "CLERK", key)


def test_changed_key_of_the_first_user_is_not_announced(users: Users, tmp_path: Path) -> None:
    """The key that was made at first start ends, and the service no longer tells one."""
    key = users("change-key", "INTERLACE").only["key"]
    erp = create_erp_sandbox(tmp_path / "erp", ErpSandboxOptions())
    assert erp.access_key == ""
    erp.close()
    assert _may_sign_in(tmp_path, "INTERLACE", key)


def test_wrong_names_and_times_are_told(users: Users, tmp_path: Path) -> None:
    """Who is not there, who is there already, and an end in the past are named with the remedy."""
    assert "Users: INTERLACE" in users("change-key", "NOBODY").err
    assert "already" in users("add", "interlace").err
    assert "later one" in users("change-key", "INTERLACE", "--expires", "2020-01-01").err
    assert "blank" in users("add", " ").err
    assert json.loads(users("list").out)["name"] == "INTERLACE"


def test_directory_without_an_erp_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No ERP is made by looking for its users."""
    assert run_program(["sandbox", "erp-users", "list", "--state", str(tmp_path / "none")]) == 4
    assert "holds no embedded ERP" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
