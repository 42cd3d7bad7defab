"""States and messages: stored together, told once however many servers look, and taken away with their person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from interlace.store.database import Database
from interlace.store.migrations.versions import record_owners_0017
from interlace.store.notification_choices import NotificationChoice
from interlace.store.notifications import Followed, FollowedState, Message
from interlace.store.state_store import StateStore
from interlace.store.users import StoredUser

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATE = FollowedState(
    kind="cause", subject="a", since=NOON, told_at=NOON, over="over", mappings=("CUSTOMER",), owners=("u",)
)
MESSAGE = Message(
    id="m1", user_id="u", kind="cause", message="it came", page="/errors", at=NOON, is_mailed=True
)


@pytest.fixture
def told(state: StateStore) -> StateStore:
    """A store with a user."""
    administrator = ("INTERLACE ADMIN",)
    for name, sets in (("u", ()), ("admin", administrator)):
        new = StoredUser(id=name, name=name, password_hash="-", created_at=NOON, permission_sets=sets)
        state.users.add(new)
    return state


def tell(known: Sequence[FollowedState]) -> Followed:
    """Tell it unless it was told."""
    return Followed() if known else Followed(kept=[STATE], messages=[MESSAGE])


def test_states_come_back_as_they_were_stored(told: StateStore) -> None:
    """What changes replaces what was known; what ended is gone."""
    kept = told.notifications
    kept.follow("c", tell)
    gone = replace(STATE, gone_at=NOON + timedelta(hours=1))
    seen: list[Sequence[FollowedState]] = []

    def note(known: Sequence[FollowedState]) -> Followed:
        """Note what is known, and change it."""
        seen.append(known)
        return Followed(kept=[gone] if known == [STATE] else [], ended=known if known == [gone] else [])

    kept.follow("c", note)
    kept.follow("c", note)
    assert seen == [[STATE], [STATE], [gone], [gone]]
    kept.follow("c", note)
    assert seen[-1] == []


def test_two_servers_that_look_at_once_tell_it_once(told: StateStore) -> None:
    """The one that comes second finds it told, though it had seen the same."""
    others: list[int] = []

    def tell_beside(known: Sequence[FollowedState]) -> Followed:
        """Decide, and let the other server's whole look happen before that is stored."""
        found = tell(known)
        if not others:
            others.append(0)
            others[0] = told.notifications.follow("c", tell)
        return found

    assert told.notifications.follow("c", tell_beside) == 0
    assert others == [1]
    assert [each.id for each in told.notifications.of_user("u", 10)] == ["m1"]


def test_what_cannot_be_stored_whole_is_not_stored_at_all(told: StateStore) -> None:
    """A message to nobody undoes the state with it, so the next look tells it."""
    nobody = replace(MESSAGE, id="m2", user_id="nobody")
    assert told.notifications.follow("c", lambda _: Followed(kept=[STATE], messages=[MESSAGE, nobody])) == 0
    assert told.notifications.of_user("u", 10) == []
    assert told.notifications.follow("c", tell) == 1


def test_messages_are_counted_and_marked_for_their_person_only(told: StateStore) -> None:
    """Others' messages can't be marked by their ids."""
    told.notifications.follow("c", tell)
    assert (told.notifications.unread("u"), told.notifications.unread("admin")) == (1, 0)
    assert told.notifications.mark_read("admin", ["m1"]) == 0
    assert told.notifications.mark_read("u", None) == 1
    assert told.notifications.unread("u") == 0
    assert told.notifications.of_user("u", 10)[0].is_read


def test_an_email_is_taken_by_one_at_a_time(told: StateStore) -> None:
    """Who takes it has it for a while; then it is due again, until it is done."""
    told.notifications.follow("c", tell)
    outgoing, later = told.outgoing_mail, NOON + timedelta(minutes=10)
    first = outgoing.take(NOON, later)
    assert first is not None
    assert (first.id, first.tries, first.message) == ("m1", 1, "it came")
    assert outgoing.take(NOON, later) is None
    second = outgoing.take(later, later + timedelta(minutes=10))
    assert second is not None
    assert second.tries == 2
    outgoing.postpone("m1", later + timedelta(hours=1), "away")
    assert (outgoing.take(later, later), outgoing.last_problem("u")) == (None, "away")
    assert told.notifications.forget_before(NOON + timedelta(days=400)) == 0, "it is still to be sent"
    outgoing.done("m1")
    assert told.notifications.forget_before(NOON + timedelta(days=400)) == 1


def test_everything_of_a_person_or_a_connection_goes_with_it(told: StateStore, database: Database) -> None:
    """Neither messages nor choices stay behind."""
    told.notifications.follow("c", tell)
    choice = NotificationChoice(
        address="u@example.com", shown=("cause",), mailed=("cause",), mappings=("ITEM",), of_others=("order",)
    )
    told.notification_choices.store("u", choice)
    assert told.notification_choices.of_user("u") == choice
    told.users.delete("u")
    assert told.notification_choices.every() == {}
    told.delete_connection("c")
    with database.read() as connection:
        for table in ("notification", "notification_state", "notification_choice", "address_proof"):
            assert connection.execute(sa.text(f"SELECT COUNT(*) FROM {table}")).scalar_one() == 0


def test_choices_of_before_go_on_telling_of_everything(told: StateStore, database: Database) -> None:
    """They were made when nobody was responsible for anything."""
    told.notification_choices.store("u", NotificationChoice(shown=("cause",)))
    with database.write() as connection, Operations.context(MigrationContext.configure(connection)):
        record_owners_0017.downgrade()
        record_owners_0017.upgrade()
    choice = told.notification_choices.of_user("u")
    assert choice is not None
    assert choice.of_others == ("conflict", "order")
