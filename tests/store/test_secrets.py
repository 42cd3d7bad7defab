"""Secrets lie in envelopes that open only with their key and only for what they were entered for."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from tests.store.conftest import SetClock

from interlace.store.key_file import KeyFile, KeyFileUnusable, MasterKey, SecretUnreadable
from interlace.store.sealed_envelope import Envelope, EnvelopeBroken, is_envelope, opened, rewrapped, sealed
from interlace.store.state_store import StateStore

SEAL = ("https://org.crm4.dynamics.com:443", "https://login.microsoftonline.com:443", "tenant")
WORDS = "s3cret-words"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with a database and a key file of their own."""
    return tmp_path


def store(place: Path) -> StateStore:
    """Open the store with one connection."""
    opened_store = StateStore.open(f"sqlite:///{place}/interlace.db", key_file=place / "secret.key")
    if opened_store.find_connection("c") is None:
        opened_store.add_connection("c", connection_id="c")
    return opened_store


def stored(place: Path) -> bytes:
    """Return the envelope of the one secret as it lies in the database."""
    with sqlite3.connect(place / "interlace.db") as database:
        (content,) = database.execute("SELECT ciphertext FROM secret").fetchone()
    database.close()
    return bytes(content)


def put(place: Path, content: bytes, **columns: str) -> None:
    """Replace the one secret in the database."""
    values = {"connection_id": "c", "name": "p", **columns}
    with sqlite3.connect(place / "interlace.db") as database:
        database.execute("DELETE FROM secret")
        database.execute(
            "INSERT INTO secret (connection_id, name, ciphertext) VALUES (?, ?, ?)",
            (values["connection_id"], values["name"], content),
        )
    database.close()


@pytest.mark.parametrize(
    "changed",
    [
        (),
        ("https://thief.example:443", *SEAL[1:]),
        ("http://org.crm4.dynamics.com:443", *SEAL[1:]),
        ("https://org.crm4.dynamics.com:444", *SEAL[1:]),
        (SEAL[0], "https://thief.example:443", SEAL[2]),
        (SEAL[0], SEAL[1], "other-tenant"),
        (SEAL[0] + SEAL[1], SEAL[2]),
        (*SEAL, ""),
    ],
)
def test_security_s2_a_secret_opens_only_for_the_addresses_it_was_entered_for(
    place: Path, changed: Sequence[str]
) -> None:
    """Whoever changes scheme, host, port, authority or tenant gets words instead of the secret."""
    with store(place) as state:
        state.store_secret("c", "p", WORDS, SEAL)
        assert state.secret("c", "p", SEAL) == WORDS
        with pytest.raises(SecretUnreadable, match=r"entered for other addresses.*Enter it again") as caught:
            state.secret("c", "p", changed)
    assert WORDS not in str(caught.value)


def test_security_s1_s2_a_secret_can_not_be_moved_to_another_name_or_connection(place: Path) -> None:
    """Copying a row within the database doesn't make another secret of it."""
    with store(place) as state:
        state.store_secret("c", "p", WORDS, SEAL)
        state.add_connection("d", connection_id="d")
    content = stored(place)
    for columns in ({"name": "q"}, {"connection_id": "d"}):
        put(place, content, **columns)
        with store(place) as state, pytest.raises(SecretUnreadable):
            state.secret(columns.get("connection_id", "c"), columns.get("name", "p"), SEAL)


def test_security_s1_every_flipped_bit_is_noticed(place: Path) -> None:
    """No part of an envelope can be changed: not the key's id, the date, the data key or the text."""
    with store(place) as state:
        state.store_secret("c", "p", WORDS, SEAL)
    content = stored(place)
    with store(place) as state:
        for position in range(len(content)):
            flipped = bytearray(content)
            flipped[position] ^= 1
            put(place, bytes(flipped))
            with pytest.raises(SecretUnreadable):
                state.secret("c", "p", SEAL)


def test_a_secret_of_before_is_sealed_when_it_is_used(place: Path) -> None:
    """Databases from before envelopes keep working, and are in envelopes after the first use."""
    with store(place) as state:
        key = state.key_file.newest.line()
    put(place, Fernet(key).encrypt(WORDS.encode()))
    with store(place) as state:
        assert state.secret("c", "p", SEAL) == WORDS
        assert is_envelope(stored(place))
        assert state.secret("c", "p", SEAL) == WORDS
        with pytest.raises(SecretUnreadable):
            state.secret("c", "p", ())


def test_security_s4_after_a_rotation_the_old_key_opens_nothing(place: Path) -> None:
    """Every envelope is wrapped anew, one from before envelopes, too; no older copy is left in the files."""
    with store(place) as state:
        state.store_secret("c", "p", WORDS, SEAL)
        state.store_secret("c", "q", "others", SEAL)
        old_line = state.key_file.newest.line()
        old_key = MasterKey.from_line(old_line)
        former = stored(place)
        assert state.rotate_key(lambda *_: SEAL) == (2, True)
        assert state.secret("c", "p", SEAL) == WORDS
        assert state.secret("c", "q", SEAL) == "others"
        lines = (place / "secret.key").read_bytes().split()
    assert len(lines) == 1
    assert lines[0] != old_line
    with pytest.raises(EnvelopeBroken):
        opened(stored(place), ("c", "p", *SEAL), old_key)
    files = b"".join(file.read_bytes() for file in place.glob("interlace.db*"))
    assert Envelope.read(former).wrapped not in files


def test_security_s4_a_rotation_that_was_cut_off_loses_nothing(place: Path) -> None:
    """Between the two writings of the key file both keys are in it."""
    with store(place) as state:
        state.store_secret("c", "p", WORDS, SEAL)
        state.key_file.replace([MasterKey.generate(), *state.key_file.every])
    with store(place) as state:
        assert state.secret("c", "p", SEAL) == WORDS
        assert state.rotate_key(lambda *_: SEAL)[0] == 1
        assert len(state.key_file.every) == 1
        assert state.secret("c", "p", SEAL) == WORDS


def test_another_process_learns_of_a_rotation_by_itself(place: Path) -> None:
    """A running server goes on after `interlace keys rotate` in another process."""
    with store(place) as running, store(place) as command:
        running.store_secret("c", "p", WORDS, SEAL)
        command.rotate_key(lambda *_: SEAL)
        assert running.secret("c", "p", SEAL) == WORDS


def test_security_s3_only_a_fingerprint_and_the_age_are_shown(place: Path) -> None:
    """What is shown tells two secrets apart and nothing else; a sealed-off one is shown as not to be opened."""
    clock = SetClock()
    with StateStore.open("sqlite://", key_file=place / "k", clock=clock) as state:
        state.add_connection("c", connection_id="c")
        for name in ("a", "b"):
            state.store_secret("c", name, WORDS, SEAL)
        state.store_secret("c", "moved", WORDS, ("elsewhere",))
        first, second, moved = state.secret_traces(lambda *_: SEAL)
    assert first.fingerprint == second.fingerprint
    assert first.entered_at == clock.moment
    assert moved.fingerprint == ""
    assert WORDS not in repr((first, second, moved))


def test_security_s1_the_same_secret_looks_different_each_time() -> None:
    """Data key and nonce are new for every envelope."""
    key = MasterKey.generate()
    contents = {sealed(b"same", ["c"], key, SetClock().moment) for _ in range(50)}
    assert len(contents) == 50
    other = MasterKey.generate()
    assert {opened(rewrapped(each, key, other), ["c"], other) for each in contents} == {b"same"}


def test_a_key_shows_nothing_of_itself() -> None:
    """Its representation is its id."""
    key = MasterKey.generate()
    assert key.line().decode() not in repr(key)
    assert repr(key) == f"MasterKey({key.key_id.hex()})"


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
@pytest.mark.parametrize(
    ("mode", "works"), [(0o600, True), (0o400, True), (0o640, True), (0o644, False), (0o620, False)]
)
def test_security_s1_a_key_file_that_others_may_use_is_refused(
    place: Path, mode: int, *, works: bool
) -> None:
    """The message says how to close it and what to do about who may have read it."""
    file = place / "k"
    assert KeyFile(file).create()
    file.chmod(mode)
    if works:
        assert KeyFile(file).newest.key_id
        return
    with pytest.raises(KeyFileUnusable, match=r"chmod 600 .*keys rotate"):
        _ = KeyFile(file).newest


@pytest.mark.parametrize("content", [b"", b"no key\n", b"c2hvcnQ=\n"])
def test_a_key_file_without_keys_is_refused(place: Path, content: bytes) -> None:
    """Damaged or emptied: nothing is encrypted with what is left of it."""
    file = place / "k"
    file.touch(mode=0o600)
    file.write_bytes(content)
    with pytest.raises(KeyFileUnusable, match="Put it back"):
        _ = KeyFile(file).newest


def test_a_named_key_file_is_never_made_by_itself(place: Path) -> None:
    """A volume that isn't there yet would get a key that opens nothing."""
    with pytest.raises(KeyFileUnusable, match="interlace keys create"):
        _ = KeyFile(place / "elsewhere" / "k", is_made=False).newest
