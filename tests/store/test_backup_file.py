"""Encrypted backups: whole, private, and of no use to who lacks the passphrase."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from interlace.store.backup_file import BackupUnusable, make_backup, restore_backup

PASSPHRASE = "correct horse battery staple"
CHEAP = 2**10
WORDS = "Nordlicht words that must not be read"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory with a database that is open, a journal and a key file."""
    place = tmp_path / "state"
    (place / "journal").mkdir(parents=True)
    (place / "journal" / "one.jsonl").write_text(WORDS, encoding="utf-8")
    (place / "secret.key").write_text("the key", encoding="utf-8")
    with closing(sqlite3.connect(place / "interlace.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t (words TEXT)")
        database.executemany("INSERT INTO t VALUES (?)", [(WORDS + "x" * 3000,)] * 1000)
        database.commit()
    return place


def backup(state: Path, name: str = "b") -> Path:
    """Make a backup beside the state directory."""
    file = state.parent / name
    make_backup(state / "interlace.db", state / "journal", file, PASSPHRASE, cost=CHEAP)
    return file


def test_security_s1_s7_a_backup_comes_back_whole_and_without_the_key(state: Path) -> None:
    """Database and journal are there; the key file never is; nothing can be read from the file."""
    file = backup(state)
    content = file.read_bytes()
    assert content.startswith(b"interlace backup 1, encrypted\n")
    assert WORDS.encode() not in content
    assert b"the key" not in content
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    restored = state.parent / "restored"
    assert restore_backup(file, restored, PASSPHRASE) == ["interlace.db", "journal/one.jsonl"]
    assert not (restored / "secret.key").exists()
    with closing(sqlite3.connect(restored / "interlace.db")) as database:
        assert database.execute("SELECT count(*) FROM t").fetchone() == (1000,)
    assert (restored / "journal" / "one.jsonl").read_text(encoding="utf-8") == WORDS
    assert [each.name for each in state.iterdir() if each.name.startswith(".")] == []


def test_security_s7_without_the_passphrase_nothing_is_restored(state: Path) -> None:
    """A wrong passphrase leaves no file behind."""
    file, restored = backup(state), state.parent / "restored"
    with pytest.raises(BackupUnusable, match="passphrase is wrong"):
        restore_backup(file, restored, "something else entirely")
    assert list(restored.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "piece left out", "piece exchanged", "flipped", "head", "longer"])
def test_security_s7_every_damage_is_noticed(state: Path, damage: str) -> None:
    """Nothing is restored of a file that isn't whole."""
    file = backup(state)
    content = file.read_bytes()
    start = content.index(b"\n", 30) + 1
    size = 1024 * 1024 + 16
    pieces = [content[at : at + size] for at in range(start, len(content), size)]
    assert len(pieces) > 2
    match damage:
        case "cut":
            pieces.pop()
        case "piece left out":
            pieces.pop(1)
        case "piece exchanged":
            pieces[0], pieces[1] = pieces[1], pieces[0]
        case "flipped":
            pieces[1] = pieces[1][:10] + bytes([pieces[1][10] ^ 1]) + pieces[1][11:]
        case "longer":
            pieces.append(b"x")
        case _:
            content = content.replace(b'"cost":1024', b'"cost":2048')
    file.write_bytes(content[:start] + b"".join(pieces))
    restored = state.parent / "restored"
    with pytest.raises(BackupUnusable):
        restore_backup(file, restored, PASSPHRASE)
    assert list(restored.iterdir()) == []


def test_what_exists_is_not_overwritten(state: Path) -> None:
    """Neither an older backup nor a memory in use."""
    file = backup(state)
    with pytest.raises(BackupUnusable, match="Name another one"):
        make_backup(state / "interlace.db", state / "journal", file, PASSPHRASE, cost=CHEAP)
    with pytest.raises(BackupUnusable, match="There is a database"):
        restore_backup(file, state, PASSPHRASE)


def test_security_s7_a_short_passphrase_and_another_file_are_refused(state: Path) -> None:
    """Words say what to do."""
    with pytest.raises(BackupUnusable, match="at least 12"):
        make_backup(state / "interlace.db", state / "journal", state.parent / "c", "short", cost=CHEAP)
    with pytest.raises(BackupUnusable, match="no backup of Interlace"):
        restore_backup(state / "secret.key", state.parent / "r", PASSPHRASE)
