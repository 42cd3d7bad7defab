"""What is long overdue is told once, and its end once; what is held on purpose is not overdue."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.bootstrap.notifying.notified_place import NotifiedPlace, notified_place

from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.jobs.names import recurring_id

SETUP = "INTERLACE SETUP"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[NotifiedPlace]:
    """An Interlace whose connection is enabled, with somebody who may set it up."""
    with notified_place(tmp_path / "state") as opened:
        settings = replace(opened.connection.settings, enabled=True)
        opened.connection = opened.application.keep(replace(opened.connection, settings=settings))
        opened.add_user("ana", SETUP)
        yield opened


def run(
    place: NotifiedPlace,
    mapping: str,
    minutes_ago: float | None,
    *,
    every: int = 2,
    status: JobQueueEntryStatus = JobQueueEntryStatus.READY,
) -> None:
    """Leave recurring runs behind of which the newest went through so long ago; None: none ever did."""
    at = None if minutes_ago is None else datetime.now(UTC) - timedelta(minutes=minutes_ago)
    place.application.state.job_queue_entries.store(
        JobQueueEntry(
            id=recurring_id(place.connection.id, mapping),
            connection_id=place.connection.id,
            kind=JobQueueEntryKind.RECURRING,
            mapping=MappingName(mapping),
            status=status,
            minutes_between_runs=every,
            started_at=at,
        )
    )


def said(place: NotifiedPlace) -> list[str]:
    """What was told, the oldest first."""
    return [each.message for each in place.told("id-ana")]


def test_a_mapping_that_is_overdue_is_told_once_and_its_end_once(place: NotifiedPlace) -> None:
    """Others go on meanwhile; it is told when it has been behind for half an hour."""
    run(place, "CUSTOMER", 10)
    run(place, "CONTACT", 1)
    assert place.look() == place.look(minutes=29) == 0
    assert place.look(minutes=1) == 1
    assert place.look(hours=5) == 0
    run(place, "CUSTOMER", 0)
    assert place.look() == 1
    assert place.look(minutes=1) == 0
    assert said(place) == [
        "CUSTOMER has not been synchronized for 34 minutes or longer; it is to run every 2 minutes.",
        "CUSTOMER is overdue no more.",
    ]
    assert [each.page for each in place.told("id-ana")] == ["/queue", "/queue"]


@pytest.mark.parametrize("ever", [True, False], ids=["once they did", "never yet"])
def test_where_nothing_goes_through_one_message_tells_it(place: NotifiedPlace, *, ever: bool) -> None:
    """Not one for each mapping."""
    for name in ("CUSTOMER", "CONTACT", "CURRENCY"):
        run(place, name, 60 if ever else None)
    assert (place.look(), place.look(minutes=30), place.look(hours=1)) == (0, 1, 0)
    run(place, "CURRENCY", 0)
    place.look()
    assert said(place) == [
        "No mapping has been synchronized for 34 minutes or longer.",
        "The connection as a whole is overdue no more.",
    ]


def test_each_mapping_has_the_time_of_its_own_schedule(place: NotifiedPlace) -> None:
    """What runs once a day is not late after an hour."""
    run(place, "CUSTOMER", 0)
    run(place, "ITEM-PRODUCT", 120, every=1440)
    assert place.look() + place.look(hours=3) == 0


def test_after_a_standstill_of_the_server_everything_has_its_time(place: NotifiedPlace) -> None:
    """Runs of days ago tell nobody anything before the first ones are through."""
    run(place, "CUSTOMER", 3 * 1440)
    assert place.look(days=3) == 0
    run(place, "CUSTOMER", 0)
    assert place.look(minutes=31) == 0


@pytest.mark.parametrize("how", ["on hold", "halted", "disabled", "left out"])
def test_what_is_held_on_purpose_is_not_overdue(place: NotifiedPlace, how: str) -> None:
    """Somebody knows of it already; a halt is told by itself."""
    run(place, "CUSTOMER", 60)
    run(place, "CONTACT", 0)
    settings = place.connection.settings
    match how:
        case "on hold":
            run(place, "CUSTOMER", 60, status=JobQueueEntryStatus.ON_HOLD)
        case "halted":
            halt = SafetyHalt(
                mapping=MappingName("CUSTOMER"),
                kind=HaltKind.MASS_DELETION,
                side=Side.ERP,
                count=30,
                of=100,
                raised_at=place.moment,
                message="look",
            )
            place.application.connection_store(place.connection).store_halt(halt)
        case "disabled":
            place.application.keep(replace(place.connection, settings=replace(settings, enabled=False)))
        case _:
            left_out = (MappingName("CUSTOMER"),)
            place.application.keep(replace(place.connection, settings=replace(settings, left_out=left_out)))
    assert place.look() + place.look(hours=1) == 0
