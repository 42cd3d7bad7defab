"""The audit log: chained, append-only, and every change of it shows (requirement U1)."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from tests.store.conftest import SetClock

from interlace.store.audit import AuditSelection, AuditText
from interlace.store.audit_heads import AuditHeads
from interlace.store.database import Database, open_database
from interlace.store.state_store import StateStore


def _told(state: StateStore, operation: str, user: str = "ada", outcome: str = "", **details: object) -> None:
    state.audit_log.append(
        AuditText(
            at=state.audit_log.now(),
            user=user,
            door="page",
            address="192.0.2.7",
            operation=operation,
            outcome=outcome,
            details=details,
        )
    )


@pytest.fixture
def written(state: StateStore, clock: SetClock) -> StateStore:
    """A store with five entries, a minute between them."""
    for operation, user, outcome in (
        ("sign-in.in", "ada", ""),
        ("users.add", "ada", ""),
        ("users.change", "bob", "You may not"),
        ("usersx.add", "bob", ""),
        ("tokens.create", "ada", ""),
    ):
        _told(state, operation, user, outcome, name="x")
        clock.forward(minutes=1)
    return state


def test_security_u1_an_untouched_log_holds(written: StateStore, state: StateStore) -> None:
    """Verifying counts the entries and gives the digest of the last one; an empty log holds too."""
    end = written.audit_log.verify()
    assert (end.sequence, end.reason, end.first_wrong) == (5, "", None)
    assert end.digest == written.audit_log.exported(4, 1)[0].digest


def test_security_u1_an_empty_log_holds(state: StateStore) -> None:
    """Before the first entry there is nothing wrong."""
    assert (state.audit_log.verify().sequence, state.audit_log.verify().reason) == (0, "")


@pytest.mark.parametrize(
    ("tampering", "first_wrong"),
    [
        ("UPDATE audit_entry SET entry = replace(entry, 'bob', 'eve') WHERE sequence = 3", 3),
        ("UPDATE audit_entry SET user_name = 'eve' WHERE sequence = 3", 3),
        ("UPDATE audit_entry SET refused = NOT refused WHERE sequence = 2", 2),
        ("DELETE FROM audit_entry WHERE sequence = 2", 2),
        ("DELETE FROM audit_entry WHERE sequence = 5", 5),
        ("DELETE FROM audit_entry WHERE sequence = 1", 1),
        ("UPDATE audit_entry SET at = '2020-01-01T00:00:00.000000Z' WHERE sequence = 4", 4),
    ],
)
def test_security_u1_every_tampering_is_found_where_it_is(
    written: StateStore, database: Database, tampering: str, first_wrong: int
) -> None:
    """An entry changed, refiled or taken out, the last one too, fails at its number."""
    with database.write() as connection:
        connection.exec_driver_sql(tampering)
    end = written.audit_log.verify()
    assert end.first_wrong == first_wrong
    assert end.reason


def test_security_u2_control_characters_stay_inside_their_entry(state: StateStore) -> None:
    """A line break or an escape in what was entered makes no line of its own in the log."""
    _told(state, "users.add", "ada\n2026 users.add eve", name="\x1b[31m\u2028\r\nforged")
    text = state.audit_log.exported(0, 1)[0].text
    assert not any(ord(each) < 32 for each in text)
    assert len(text.split("\n")) == 1
    assert state.audit_log.exported(0, 1)[0].told.details["name"] == "\x1b[31m\u2028\r\nforged"


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (AuditSelection(), [5, 4, 3, 2, 1]),
        (AuditSelection(user="bob"), [4, 3]),
        (AuditSelection(operation="users"), [3, 2]),
        (AuditSelection(operation="users.add"), [2]),
        (AuditSelection(operation="by the words", operations=("users.add",)), [2]),
        (AuditSelection(operation="users.add", operations=("users.change",)), [3, 2]),
        (AuditSelection(operations=("users.add",)), [5, 4, 3, 2, 1]),
        (AuditSelection(refused_only=True), [3]),
        (AuditSelection(before=3, limit=1), [2]),
        (AuditSelection(operation="%"), []),
    ],
)
def test_entries_are_found_by_user_area_and_outcome(
    written: StateStore, selection: AuditSelection, expected: list[int]
) -> None:
    """Selections narrow the list, the newest first; an area is not the beginning of another one's name."""
    assert [each.sequence for each in written.audit_log.entries(selection)] == expected


def test_entries_are_found_by_time(written: StateStore, clock: SetClock) -> None:
    """Since and until cut the list."""
    since = clock() - timedelta(minutes=3)
    found = written.audit_log.entries(AuditSelection(since=since, until=since + timedelta(minutes=2)))
    assert [each.sequence for each in found] == [4, 3]


def test_entries_of_many_threads_form_one_chain(state: StateStore) -> None:
    """Appending from several threads at once loses and forks nothing."""
    threads = [threading.Thread(target=_told, args=(state, f"users.t{number}")) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    end = state.audit_log.verify()
    assert (end.sequence, end.reason) == (12, "")


def test_security_u1_a_log_written_anew_as_a_whole_is_found_by_its_noted_heads(
    url: str, clock: SetClock, tmp_path: Path
) -> None:
    """Once a day the head is noted in a file; a chain that holds but doesn't lead there fails, a shorter one too."""
    heads = tmp_path / "audit-heads.jsonl"
    with StateStore.open(url, clock=clock, audit_heads=heads) as state:
        for _ in range(3):
            for operation in ("users.add", "users.change"):
                _told(state, operation)
            clock.forward(days=1)
        assert [each.sequence for each in AuditHeads(heads).every()] == [1, 2, 4]
        assert heads.stat().st_mode & 0o077 == 0
        assert state.audit_log.verify().reason == ""
    torn = heads.read_bytes() + b'{"at":"2026'
    database = open_database(url)
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM audit_entry")
        connection.exec_driver_sql("DELETE FROM audit_head")
    database.close()
    with StateStore.open(url, clock=clock) as forger:
        for _ in range(6):
            _told(forger, "users.list")
        assert forger.audit_log.verify().reason == ""
    heads.write_bytes(torn)
    with StateStore.open(url, clock=clock, audit_heads=heads) as state:
        end = state.audit_log.verify()
        assert end.first_wrong == 1
        assert "noted on 2026-01-01" in end.reason
