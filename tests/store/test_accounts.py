"""Users, sessions, access keys and attempts as they are kept."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.store.conftest import SetClock

from interlace.management.throttle import OF_ACCOUNT, OF_ADDRESS
from interlace.store.attempts import subject
from interlace.store.database import Database
from interlace.store.saved_views import SavedView
from interlace.store.sessions import NewSession
from interlace.store.state_store import StateStore
from interlace.store.tokens import StoredToken
from interlace.store.users import (
    FirstStartOver,
    LastAdministrator,
    StoredUser,
    UserNameTaken,
    new_user_id,
)


def _user(state: StateStore, name: str, *sets: str) -> StoredUser:
    new = StoredUser(
        id=new_user_id(),
        name=name,
        password_hash="$argon2id$x",
        created_at=state.clock(),
        permission_sets=sets,
    )
    state.users.add(new)
    return new


def _key(key_id: str, user_id: str, clock: SetClock) -> StoredToken:
    return StoredToken(
        id=key_id,
        user_id=user_id,
        name="ci",
        digest=b"d",
        permissions=("read",),
        created_at=clock(),
        expires_at=clock() + timedelta(days=1),
        connections=("c",),
        addresses=("192.0.2.0/24",),
    )


def test_a_user_comes_back_as_he_was_stored(state: StateStore) -> None:
    """Every attribute of a user survives the store."""
    kept = replace(
        _user(state, "ada", "INTERLACE VIEW", "INTERLACE APPROVE"),
        full_name="Ada Ås",
        language="nb_NO",
        time_zone="Europe/Oslo",
        experience="Basic",
        disabled=True,
        signed_in_at=state.clock(),
    )
    state.users.change(kept.id, lambda _held: kept)
    assert state.users.named("ADA") == kept
    assert state.users.every() == [kept]


@pytest.mark.parametrize("other", ["ada", "ADA", "ａｄａ"])
def test_names_that_look_alike_are_one_name(state: StateStore, other: str) -> None:
    """Case and full-width letters make no other user."""
    _user(state, "ada")
    with pytest.raises(UserNameTaken):
        _user(state, other)


def test_security_z5_the_last_administrator_stays(state: StateStore) -> None:
    """Neither permission sets nor disabling leave nobody who can administer; with a second one both go through."""
    ada = _user(state, "ada", "INTERLACE ADMIN")
    _user(state, "bob", "INTERLACE VIEW")
    with pytest.raises(LastAdministrator):
        state.users.change(ada.id, lambda held: replace(held, disabled=True))
    with pytest.raises(LastAdministrator):
        state.users.change(ada.id, lambda held: replace(held, permission_sets=("INTERLACE VIEW",)))
    assert state.users.named("ada") == ada
    _user(state, "cid", "INTERLACE ADMIN")
    assert state.users.change(ada.id, lambda held: replace(held, disabled=True)).disabled


def test_a_deleted_user_leaves_nothing_but_the_last_administrator_stays(
    state: StateStore, clock: SetClock
) -> None:
    """Sessions, keys, codes and views go with the user; who alone can administer is not deleted."""
    ada, bob = _user(state, "ada", "INTERLACE ADMIN"), _user(state, "bob", "INTERLACE ADMIN")
    state.sessions.open(NewSession(digest=b"open", stage="signed in", user_id=bob.id))
    state.tokens.add(_key("abcdefgh", bob.id, clock))
    state.users.take_totp(bob.id, "KEY", 1, [b"one"])
    view = SavedView(user_id=bob.id, owner="bob", list_name="couplings", name="Mine")
    state.saved_views.save(view, at=clock(), views_max=5)
    gone = state.users.delete(bob.id)
    assert (gone.user.name, gone.sessions, gone.keys) == ("bob", 1, 1)
    assert state.users.every() == [ada]
    assert (state.sessions.find(b"open"), state.tokens.find("abcdefgh")) == (None, None)
    assert state.users.recovery_codes(bob.id) == 0
    assert state.saved_views.seen_by(bob.id, "couplings") == []
    with pytest.raises(LastAdministrator):
        state.users.delete(ada.id)
    with pytest.raises(KeyError):
        state.users.delete(bob.id)
    assert state.users.every() == [ada]


def test_security_a1_the_code_of_the_first_start_works_once_and_for_a_while(
    state: StateStore, clock: SetClock
) -> None:
    """A newer code voids the one before; used or too old, none is taken; nor when somebody administers."""
    admin = replace(_user(state, "view"), id=new_user_id(), name="ada", permission_sets=("INTERLACE ADMIN",))
    state.users.offer_first_start(b"old", clock() + timedelta(minutes=15))
    state.users.offer_first_start(b"new", clock() + timedelta(minutes=15))
    assert (state.users.is_first_start(b"old"), state.users.is_first_start(b"new")) == (False, True)
    clock.forward(minutes=15)
    assert not state.users.is_first_start(b"new")
    state.users.offer_first_start(b"newer", clock() + timedelta(minutes=15))
    state.users.first_start(b"newer", admin)
    with pytest.raises(FirstStartOver):
        state.users.first_start(b"newer", replace(admin, id=new_user_id(), name="eve"))
    state.users.offer_first_start(b"late", clock() + timedelta(minutes=15))
    assert not state.users.is_first_start(b"late")


def test_security_a7_a_code_of_the_app_is_used_up(state: StateStore) -> None:
    """Neither the code of a time step nor one of before is taken a second time; recovery codes are used up."""
    ada = _user(state, "ada")
    state.users.offer_totp(ada.id, "KEY")
    assert state.users.offered_totp(ada.id) == "KEY"
    state.users.take_totp(ada.id, "KEY", 100, [b"one", b"two"])
    assert (state.users.totp(ada.id), state.users.offered_totp(ada.id)) == ("KEY", None)
    assert [state.users.use_totp_step(ada.id, step) for step in (100, 101, 101, 99)] == [
        False,
        True,
        False,
        False,
    ]
    assert [state.users.use_recovery_code(ada.id, each) for each in (b"one", b"one", b"two")] == [
        True,
        False,
        True,
    ]
    state.users.end_totp(ada.id)
    assert state.users.totp(ada.id) is None


def test_the_key_of_the_second_step_is_sealed_and_rotated(state: StateStore, database: Database) -> None:
    """The key stands nowhere in the clear, and a rotated master key still opens it."""
    ada = _user(state, "ada")
    state.users.take_totp(ada.id, "JBSWY3DPEHPK3PXP", 1, [b"one"])
    with database.read() as connection:
        stored = connection.exec_driver_sql('SELECT totp_secret FROM "user"').scalar_one()
    assert b"JBSWY3DP" not in bytes(stored)
    state.rotate_key(lambda *_: ())
    assert state.users.totp(ada.id) == "JBSWY3DPEHPK3PXP"


def test_a_session_ends_with_its_follower_and_gives_a_kept_form_on(state: StateStore) -> None:
    """After a sign-in the old token opens nothing; a form of nobody's or of the same user goes along."""
    ada, bob = _user(state, "ada"), _user(state, "bob")
    visiting = state.sessions.open(NewSession(digest=b"0", stage="visiting"))
    state.sessions.keep_form(visiting, "{}")
    first = state.sessions.open(NewSession(digest=b"1", stage="signed in", user_id=ada.id, follows=b"0"))
    assert state.sessions.find(b"0") is None
    assert state.sessions.kept_form(first) is not None
    again = state.sessions.open(NewSession(digest=b"2", stage="signed in", user_id=ada.id, follows=b"1"))
    assert state.sessions.kept_form(again) is not None
    other = state.sessions.open(NewSession(digest=b"3", stage="signed in", user_id=bob.id, follows=b"2"))
    assert state.sessions.kept_form(other) is None
    assert state.sessions.find(b"2") is None


def test_notices_are_taken_once_and_in_order(state: StateStore) -> None:
    """What is told stands on one page only."""
    ada = _user(state, "ada")
    session = state.sessions.open(NewSession(digest=b"1", stage="signed in", user_id=ada.id))
    state.sessions.tell(session, "one")
    state.sessions.tell(session, "two")
    held = state.sessions.find(b"1")
    assert held is not None
    assert held.has_notices
    assert state.sessions.take_notices(session) == ("one", "two")
    assert state.sessions.take_notices(session) == ()


def test_old_and_surplus_sessions_are_forgotten(state: StateStore, clock: SetClock) -> None:
    """What ended more than an hour ago is deleted when the next session opens."""
    state.sessions.open(NewSession(digest=b"old", stage="visiting"))
    clock.forward(hours=14)
    state.sessions.open(NewSession(digest=b"new", stage="visiting"))
    assert state.sessions.find(b"old") is None
    assert state.sessions.find(b"new") is not None


def test_a_disabled_or_deleted_password_ends_sessions_in_one_go(state: StateStore) -> None:
    """A change that ends sessions and the end of the sessions are one transaction."""
    ada = _user(state, "ada")
    state.sessions.open(NewSession(digest=b"1", stage="signed in", user_id=ada.id))
    state.users.change(ada.id, lambda held: replace(held, password_hash="$argon2id$y"), ends_sessions=True)
    assert state.sessions.find(b"1") is None


def test_a_key_replaced_ends_after_the_overlap(state: StateStore, clock: SetClock) -> None:
    """The old key's end moves forward to the end of the overlap, never back."""
    ada = _user(state, "ada")
    now = clock()
    old = _key("old", ada.id, clock)
    state.tokens.add(old)
    state.tokens.add(replace(old, id="new"), replaces="old", old_ends=now + timedelta(hours=2))
    found = state.tokens.find("old")
    assert found is not None
    assert found[0] == replace(old, expires_at=now + timedelta(hours=2))
    state.tokens.add(replace(old, id="newer"), replaces="old", old_ends=now + timedelta(hours=9))
    assert (state.tokens.find("old") or (old,))[0].expires_at == now + timedelta(hours=2)
    assert (state.tokens.revoke("old"), state.tokens.revoke("old"), state.tokens.revoke("no")) == (
        True,
        False,
        False,
    )


def test_security_a6_attempts_are_counted_over_restarts(
    url: str, state: StateStore, clock: SetClock, tmp_path: Path
) -> None:
    """Closing and opening the store forgives no attempt; what was typed as a name is not kept."""
    counted = [(subject("account", "my password by mistake"), OF_ACCOUNT)]
    for _ in range(5):
        assert state.attempts.take(counted) == (clock(), clock())
    state.close()
    with StateStore.open(url, clock=clock, key_file=tmp_path / "secret.key") as again:
        now, start = again.attempts.take(counted)
        assert start == now + timedelta(minutes=1)
        clock.forward(minutes=1)
        at, _ = again.attempts.take(counted)
        again.attempts.succeeded([counted[0][0]], [], at)
        assert again.attempts.take(counted)[1] == clock()
    if url.startswith("sqlite"):
        with sqlite3.connect(tmp_path / "interlace.db") as connection:
            held = str(connection.execute("SELECT * FROM attempt").fetchall())
        connection.close()
        assert "mistake" not in held


def test_security_a6_attempts_at_once_are_all_counted(state: StateStore) -> None:
    """Of twelve guesses at the same moment five are taken, however they fall together."""
    counted = [(subject("account", "ada"), OF_ACCOUNT), (subject("address", "192.0.2.7"), OF_ADDRESS)]
    with ThreadPoolExecutor(12) as pool:
        taken = list(pool.map(lambda _: state.attempts.take(counted), range(12)))
    assert sum(start <= now for now, start in taken) == 5


def test_security_z5_two_administrators_cannot_disable_each_other_at_once(state: StateStore) -> None:
    """Whoever comes second is refused: one of them is left."""
    both = [_user(state, name, "INTERLACE ADMIN") for name in ("ada", "bob")]

    def disable(each: StoredUser) -> bool:
        try:
            state.users.change(each.id, lambda held: replace(held, disabled=True))
        except LastAdministrator:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(disable, both)) == [False, True]


def test_security_a1_two_browsers_cannot_use_the_link_at_once(state: StateStore, clock: SetClock) -> None:
    """Of two forms that are sent at the same moment one makes an administrator."""
    state.users.offer_first_start(b"code", clock() + timedelta(minutes=15))

    def start(name: str) -> bool:
        new = StoredUser(
            id=new_user_id(),
            name=name,
            password_hash="x",
            created_at=clock(),
            permission_sets=("INTERLACE ADMIN",),
        )
        try:
            state.users.first_start(b"code", new)
        except FirstStartOver:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(start, ["ada", "bob"])) == [False, True]
    assert len(state.users.every()) == 1
