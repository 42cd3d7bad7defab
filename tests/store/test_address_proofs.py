"""Codes that prove an e-mail address: one use, one user, one address, one day."""

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from tests.store.conftest import SetClock
from tests.store.proven_address import prove_address, send_code

from interlace.store.database import Database
from interlace.store.migrations.versions import address_proofs_0016
from interlace.store.notification_choices import NotificationChoice
from interlace.store.state_store import StateStore
from interlace.store.users import StoredUser

ANA, BO = "ana", "bo"
FIRST, SECOND = "first@example.com", "second@example.com"


@pytest.fixture
def people(state: StateStore) -> StateStore:
    """A store with Ana and Bo, who have both entered an address."""
    for name, address in ((ANA, FIRST), (BO, "bo@example.com")):
        state.users.add(StoredUser(id=name, name=name, password_hash="-", created_at=state.clock()))
        state.notification_choices.store(name, NotificationChoice(address=address, mailed=("cause",)))
    return state


def use(state: StateStore, user_id: str, code: str) -> str:
    """Enter a code; gives the address that it proves."""
    return state.address_proofs.prove(user_id, hashlib.sha256(code.encode()).digest())


def is_proven(state: StateStore, user_id: str) -> bool:
    """Whether e-mails are sent to somebody."""
    choice = state.notification_choices.of_user(user_id)
    assert choice is not None
    return choice.is_proven


def test_a_code_proves_the_address_it_was_sent_to(people: StateStore) -> None:
    """Once: used again it proves nothing, and what else is chosen leaves the proof as it is."""
    send_code(people, ANA, "one")
    assert not is_proven(people, ANA)
    assert use(people, ANA, "two") == ""
    assert use(people, ANA, "one") == FIRST
    assert use(people, ANA, "one") == ""
    assert (is_proven(people, ANA), is_proven(people, BO)) == (True, False)
    people.notification_choices.store(ANA, NotificationChoice(address=FIRST, mailed=("order",)))
    assert is_proven(people, ANA)
    assert not people.address_proofs.ask_again(ANA), "nothing is left to prove"


def test_nobody_can_use_what_was_sent_to_another(people: StateStore) -> None:
    """A code is its user's: another's neither proves an address nor uses it up."""
    send_code(people, ANA, "one")
    assert use(people, BO, "one") == ""
    assert not is_proven(people, BO)
    assert use(people, ANA, "one") == FIRST


def test_a_code_ends_with_its_day(people: StateStore, clock: SetClock) -> None:
    """From the moment on that the message names, it proves nothing."""
    send_code(people, ANA, "one", expires_at=people.clock() + timedelta(hours=24))
    clock.forward(hours=24)
    assert use(people, ANA, "one") == ""
    assert people.address_proofs.ask_again(ANA)
    send_code(people, ANA, "two")
    assert use(people, ANA, "two") == FIRST


def test_what_was_sent_to_an_address_of_before_proves_no_other(people: StateStore) -> None:
    """Neither the new address, nor the old one when it is entered again; nor does a proof outlive its address."""
    sent = send_code(people, ANA, "one")
    people.notification_choices.store(ANA, NotificationChoice(address=SECOND, mailed=("cause",)))
    assert use(people, ANA, "one") == ""
    assert not people.address_proofs.expect(sent, b"x" * 32, people.clock() + timedelta(hours=1))
    people.notification_choices.store(ANA, NotificationChoice(address=FIRST, mailed=("cause",)))
    assert use(people, ANA, "one") == ""
    prove_address(people, ANA)
    people.notification_choices.store(ANA, NotificationChoice(address=SECOND, mailed=("cause",)))
    assert not is_proven(people, ANA)
    people.notification_choices.store(ANA, NotificationChoice())
    assert people.address_proofs.of_user(ANA) is None


def test_a_newer_code_makes_the_one_before_void(people: StateStore) -> None:
    """Only the newest message counts, and nothing that is kept tells the code."""
    send_code(people, ANA, "one")
    assert people.address_proofs.ask_again(ANA)
    send_code(people, ANA, "two")
    assert use(people, ANA, "one") == ""
    assert use(people, ANA, "two") == FIRST


def test_addresses_of_before_are_not_proven_and_are_asked_for_a_proof(
    people: StateStore, database: Database
) -> None:
    """Each gets the one message; who had entered none gets nothing."""
    prove_address(people, ANA)
    people.notification_choices.store(BO, NotificationChoice())
    with database.write() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            address_proofs_0016.downgrade()
            address_proofs_0016.upgrade()
        assert connection.execute(sa.text("SELECT COUNT(*) FROM address_proof")).scalar_one() == 1
    assert not is_proven(people, ANA)
    send_code(people, ANA, "one")
    assert use(people, ANA, "one") == FIRST
