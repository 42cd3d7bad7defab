"""`interlace users`, `tokens` and `audit`: the same operations as the pages', on the machine itself."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.both_ends import Ended, Interlace

_PASSWORD = "seven quiet otters"


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    """A file with a password."""
    path = tmp_path / "password"
    path.write_text(_PASSWORD + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def with_ada(interlace: Interlace, password_file: str) -> Interlace:
    """Commands on a state with an administrator."""
    added = interlace("users", "add", "ada", "-p", "INTERLACE ADMIN", "--password-file", password_file)
    assert added.code == 0, added.err
    return interlace


def _rows(ended: Ended) -> list[dict[str, object]]:
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def test_a_user_is_added_listed_and_changed(with_ada: Interlace, password_file: str) -> None:
    """What is said when adding and changing stands in the list, as pages show it."""
    with_ada(
        "users", "add", "bob", "--full-name", "Bob Bø", "--language", "nb", "--password-file", password_file
    )
    changed = with_ada(
        "users", "change", "bob", "-p", "interlace synchronize", "-p", "INTERLACE APPROVE", "--json"
    )
    assert _rows(changed)[0]["permission_sets"] == ["INTERLACE SYNCHRONIZE", "INTERLACE APPROVE"]
    ada, bob = _rows(with_ada("users", "list", "--json"))
    assert (ada["name"], ada["permission_sets"]) == ("ada", ["INTERLACE ADMIN"])
    assert (bob["full_name"], bob["language"], bob["disabled"]) == ("Bob Bø", "nb_NO", False)
    assert _rows(with_ada("users", "show", "BOB", "--json"))[0] == bob


def test_the_password_comes_from_file_or_environment_only(
    interlace: Interlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without either, and with nobody at the keyboard, the command says how to give it."""
    missing = interlace("users", "add", "ada")
    assert missing.code == 4
    assert "--password-file" in missing.err
    monkeypatch.setenv("INTERLACE_USER_PASSWORD", _PASSWORD)
    assert interlace("users", "add", "ada").code == 0
    monkeypatch.setenv("INTERLACE_USER_PASSWORD", "password1234")
    weak = interlace("users", "set-password", "ada")
    assert weak.code == 4
    assert "tried first" in weak.err


def test_security_z5_the_last_administrator_stays_for_commands_too(with_ada: Interlace) -> None:
    """The machine's owner can't lock everybody out by mistake either."""
    for arguments in (("disable", "ada", "--yes"), ("change", "ada", "-p", "INTERLACE VIEW")):
        refused = with_ada("users", *arguments)
        assert refused.code == 4
        assert "last one who can administer" in refused.err


def test_disabling_asks_first_and_enabling_takes_it_back(with_ada: Interlace, password_file: str) -> None:
    """Nothing that signs people out is done unasked."""
    with_ada("users", "add", "bob", "--password-file", password_file)
    assert with_ada("users", "disable", "bob").code == 4
    assert _rows(with_ada("users", "disable", "bob", "--yes", "--json"))[0]["disabled"] is True
    assert _rows(with_ada("users", "enable", "bob", "--json"))[0]["disabled"] is False
    assert _rows(with_ada("users", "sessions", "--json")) == []
    assert _rows(with_ada("users", "end-all", "bob", "--json")) == [{"sessions": 0}]
    assert with_ada("users", "end-session", "no-such").code == 4
    assert with_ada("users", "end-second-step", "bob", "--yes").code == 0
    assert with_ada("users", "show", "nobody").code == 4


def test_deleting_asks_first_and_leaves_no_account(with_ada: Interlace, password_file: str) -> None:
    """A deleted user is gone from the list; the last administrator isn't deleted, and the name is free again."""
    with_ada("users", "add", "bob", "--password-file", password_file)
    with_ada("tokens", "create", "nightly", "--user", "bob", "-p", "read")
    assert with_ada("users", "delete", "bob").code == 4
    gone = _rows(with_ada("users", "delete", "bob", "--yes", "--json"))
    assert gone == [{"name": "bob", "sessions": 0, "keys": 0}]
    assert [each["name"] for each in _rows(with_ada("users", "list", "--json"))] == ["ada"]
    assert with_ada("users", "delete", "bob", "--yes").code == 4
    refused = with_ada("users", "delete", "ada", "--yes")
    assert (refused.code, "last one who can administer" in refused.err) == (4, True)
    with_ada("users", "add", "bob", "--password-file", password_file)
    told = with_ada("users", "delete", "bob", "--yes")
    assert (told.code, "The audit log keeps the name" in told.err) == (0, True)


def test_a_key_is_made_listed_replaced_and_revoked(with_ada: Interlace) -> None:
    """The key is written once; the list has its id, end and state."""
    (made,) = _rows(
        with_ada("tokens", "create", "nightly", "--user", "ada", "-p", "read", "--days", "30", "--json")
    )
    assert len(str(made["key"])) == 44
    (newer,) = _rows(
        with_ada(
            "tokens", "create", "nightly", "--replaces", str(made["id"]), "--overlap-hours", "24", "--json"
        )
    )
    assert newer["user"] == "ada"
    assert with_ada("tokens", "revoke", str(newer["id"]), "--yes").code == 0
    states = {each["id"]: each["state"] for each in _rows(with_ada("tokens", "list", "--json"))}
    assert states == {made["id"]: "valid", newer["id"]: "revoked"}
    assert str(made["key"]) not in with_ada("tokens", "list").out
    assert with_ada("tokens", "create", "x").code == 4
    assert with_ada("tokens", "create", "x", "--user", "ada", "-p", "everything").code == 4
    assert with_ada("tokens", "revoke", "nonesuch", "--yes").code == 4


def test_security_u1_audit_verify_finds_one_flipped_byte(with_ada: Interlace, tmp_path: Path) -> None:
    """An untouched log holds; one byte changed fails at its entry with exit code 1."""
    with_ada("tokens", "create", "nightly", "--user", "ada")
    with_ada("users", "disable", "ada", "--yes")
    checked = _rows(with_ada("audit", "verify", "--json"))[0]
    assert (checked["holds"], checked["entries"]) == (True, 3)
    exported = with_ada("audit", "export").out.splitlines()
    assert exported[-1].startswith(f"{checked['head']} ")
    assert [
        each["operation"] for each in _rows(with_ada("audit", "list", "--action", "users", "--json"))
    ] == [
        "users.disable",
        "users.add",
    ]
    assert len(_rows(with_ada("audit", "list", "--refused", "--json"))) == 1
    with closing(sqlite3.connect(tmp_path / "state" / "interlace.db")) as connection:
        connection.execute(
            "UPDATE audit_entry SET entry = replace(entry, 'nightly', 'nightlx') WHERE sequence = 2"
        )
        connection.commit()
    broken = with_ada("audit", "verify")
    assert broken.code == 1
    assert "FAIL at entry 2" in broken.err
