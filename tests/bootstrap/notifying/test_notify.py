"""Messages of a connection: whom they reach, in one piece with what is remembered, and never twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.bootstrap.notifying.notified_place import NOON, SECRET, NotifiedPlace, notified_place

from interlace.bootstrap.notifying.notify import KEPT, TOGETHER
from interlace.domain.full_synch_review import ReviewLine
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.store.database import open_database
from interlace.store.notification_choices import NotificationChoice
from interlace.ui.words import words_of

SYNCHRONIZE, VIEW = "INTERLACE SYNCHRONIZE", "INTERLACE VIEW"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[NotifiedPlace]:
    """An Interlace of one connection."""
    with notified_place(tmp_path / "state") as opened:
        yield opened


def test_a_cause_is_told_when_it_comes_and_when_it_is_solved(place: NotifiedPlace) -> None:
    """One message for all its records, and one when none is held back any more."""
    ana = place.add_user("ana", SYNCHRONIZE)
    place.fail("10000", "20000", "30000")
    assert place.settle() == 1
    place.fail("40000")
    assert place.settle() == 0
    place.help("10000", "20000", "30000", "40000")
    assert place.settle() == 1
    came, solved = place.told(ana)
    assert came.message.startswith("Records held back: 3 (CUSTOMER 3): ")
    assert came.page.startswith("/errors/causes/")
    assert solved.message.startswith("Solved: ")
    assert (came.is_over, solved.is_over, solved.page) == (False, True, "/errors")


def test_a_message_holds_no_value_of_a_record(place: NotifiedPlace) -> None:
    """What a service said of a record stays on the error list; the record's number is told."""
    ana = place.add_user("ana", SYNCHRONIZE)
    place.fail("10000", reason="the street is wrong:")
    place.settle()
    [told] = place.told(ana)
    assert SECRET not in told.message
    assert "CUSTOMER 10000" in told.message


def test_messages_are_said_in_each_readers_language(place: NotifiedPlace) -> None:
    """They are stored with what they are made of, and said when they are read."""
    ana = place.add_user("ana", SYNCHRONIZE)
    place.fail("10000", "20000")
    place.settle()
    [told] = place.told(ana)
    said = {words_of(each).t(told.message) for each in ("en_US", "es_MX", "nb_NO", "fi_FI", "ru_RU")}
    assert len(said) == 5


def test_who_may_do_something_about_it_is_told_without_asking(place: NotifiedPlace) -> None:
    """Others are told only if they chose so, and nobody without permission to see it."""
    ids = {
        "ana": place.add_user("ana", SYNCHRONIZE),
        "vera": place.add_user("vera", VIEW),
        "bo": place.add_user("bo", VIEW),
        "none": place.add_user("none"),
    }
    for name in ("bo", "none"):
        place.application.state.notification_choices.store(ids[name], NotificationChoice(shown=("cause",)))
    place.fail("10000")
    place.settle()
    assert {name: len(place.told(user)) for name, user in ids.items()} == {
        "ana": 1,
        "vera": 0,
        "bo": 1,
        "none": 0,
    }


def test_only_chosen_kinds_and_mappings_are_told(place: NotifiedPlace) -> None:
    """What concerns another mapping, or a kind that was not chosen, is left out."""
    choices = place.application.state.notification_choices
    contacts, nothing = place.add_user("contacts", SYNCHRONIZE), place.add_user("nothing", SYNCHRONIZE)
    choices.store(contacts, NotificationChoice(shown=("cause",), mappings=("CONTACT",)))
    choices.store(nothing, NotificationChoice())
    place.fail("10000", "20000")
    place.fail("CT1", "CT2", mapping="CONTACT")
    place.settle()
    [told] = place.told(contacts)
    assert "(CONTACT 2)" in told.message
    assert place.told(nothing) == []


def test_who_is_disabled_is_told_nothing(place: NotifiedPlace) -> None:
    """A permission that ended ends the messages with it."""
    ana = place.add_user("ana", SYNCHRONIZE)
    place.fail("10000")
    place.look()
    place.application.state.users.change(ana, lambda held: replace(held, disabled=True))
    assert place.settle() == 0


def test_many_changes_at_once_are_one_message(place: NotifiedPlace) -> None:
    """What makes many causes at once floods nobody; that all is good again is one message, too."""
    ana = place.add_user("ana", SYNCHRONIZE)
    mappings = ["CUSTOMER", "CONTACT", "CURRENCY", "UNIT OF MEASURE", "ITEM-PRODUCT", "OPPORTUNITY"]
    assert len(mappings) > TOGETHER
    for each in mappings:
        place.fail("1", "2", mapping=each)
    assert place.settle() == 1
    for each in mappings:
        place.help("1", "2", mapping=each)
    assert place.settle() == 1
    came, over = place.told(ana)
    assert (came.message, came.page) == ("Causes of errors: 6 new ones.", "/errors")
    assert over.message == "Causes of errors: 6 are good again."


def test_a_crash_between_state_and_message_loses_and_doubles_nothing(place: NotifiedPlace) -> None:
    """Both are stored in one transaction: whatever breaks it, the next look tells it once."""
    ana = place.add_user("ana", SYNCHRONIZE)
    place.fail("10000")
    place.look()

    url = place.application.config.database_url
    with open_database(url).write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no_message BEFORE INSERT ON notification BEGIN SELECT RAISE(ABORT, 'crash'); END"
        )
    assert place.look(minutes=3) == 0
    with open_database(url).write() as connection:
        connection.exec_driver_sql("DROP TRIGGER no_message")
    assert place.told(ana) == []
    assert (place.look(seconds=15), place.look(seconds=15)) == (1, 0)
    assert len(place.told(ana)) == 1


def test_a_halt_is_told_at_once_and_so_is_its_release(place: NotifiedPlace) -> None:
    """Whoever may approve is told; runs that raise it anew meanwhile say nothing new."""
    approver, other = place.add_user("ana", "INTERLACE APPROVE"), place.add_user("bo", SYNCHRONIZE)
    store = place.application.connection_store(place.connection)
    halt = SafetyHalt(
        mapping=MappingName("CUSTOMER"),
        kind=HaltKind.MASS_DELETION,
        side=Side.ERP,
        count=30,
        of=100,
        raised_at=NOON,
        message=f"look at {SECRET}",
    )
    store.store_halt(halt)
    assert place.look(seconds=15) == 1
    store.store_halt(replace(halt, raised_at=NOON + timedelta(minutes=5)))
    assert place.look(seconds=15) == 0
    store.release_halt(halt.mapping, "somebody")
    assert place.look(seconds=15) == 1
    store.store_halt(halt)
    assert place.look(seconds=15) == 1
    assert [(each.message, each.page) for each in place.told(approver)[:2]] == [
        ("CUSTOMER is halted and writes nothing: mass deletion, 30 of 100 records.", "/halts"),
        ("CUSTOMER is released: its next run goes through.", "/halts"),
    ]
    assert place.told(other) == []


def test_the_end_of_a_full_synchronization_is_told_once_for_each_run(place: NotifiedPlace) -> None:
    """Nothing while it is at work; restarted, it is told anew when it has ended again."""
    ana = place.add_user("ana", "INTERLACE SETUP")
    reviews, customer = place.application.state.reviews, MappingName("CUSTOMER")
    line = ReviewLine(mapping=customer, direction=Direction.BIDIRECTIONAL)
    reviews.create("run", place.connection.id, [line])
    told = []
    for ending in (JobQueueEntryStatus.ERROR, JobQueueEntryStatus.FINISHED):
        reviews.set_status("run", customer, JobQueueEntryStatus.READY)
        reviews.set_status("run", customer, JobQueueEntryStatus.IN_PROCESS)
        told.append(place.look(seconds=15))
        reviews.set_status("run", customer, ending)
        told += [place.look(seconds=15), place.look(hours=1)]
        reviews.begin_anew("run", [customer])
    assert told == [0, 1, 0, 0, 1, 0]
    ended = "A full synchronization has ended. Mappings: 1, ended with an error: {}; records that failed: 0"
    assert [each.message for each in place.told(ana)] == [ended.format(1), ended.format(0)]


def test_old_messages_are_forgotten_and_deleted_users_take_theirs_along(place: NotifiedPlace) -> None:
    """Nothing is kept for ever, nor for nobody."""
    ana, bo = place.add_user("ana", SYNCHRONIZE), place.add_user("bo", SYNCHRONIZE)
    place.add_user("admin", "INTERLACE ADMIN")
    place.fail("10000")
    place.settle()
    place.application.state.users.delete(bo)
    with open_database(place.application.config.database_url).read() as connection:
        found = connection.execute(sa.text("SELECT user_id FROM notification ORDER BY user_id")).scalars()
        assert list(found) == ["id-admin", "id-ana"]
    place.look(days=KEPT.days + 1)
    assert place.told(ana) == []
