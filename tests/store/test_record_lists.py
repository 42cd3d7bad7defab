"""The lists of jobs and errors: every row on one page, newest first, in both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.store.conftest import CUSTOMER

from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.filter_language import FieldKind, FilteredField, Reading, parse_filter
from interlace.domain.filter_nodes import Filter
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult, SynchError
from interlace.locale.translatable import translatable
from interlace.store import record_lists
from interlace.store.connection_store import ConnectionStore
from interlace.store.keyset import PageAsked
from interlace.store.record_lists import ERRORS, JOBS, SKIPPED, RecordList
from interlace.store.state_store import StateStore

ITEM = MappingName("ITEM")
_BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
MakeJob = Callable[..., SynchJob]


def filtered(kinds: RecordList, **typed: str) -> dict[str, Filter]:
    """Understand filters by column."""
    reading = Reading(now=_BEGUN)
    choices = tuple((each.value, each.value) for each in Direction)
    return {
        name: parse_filter(
            text,
            FilteredField(
                kind=kinds.stored.columns[name].kind if name != "mapping" else FieldKind.TEXT, choices=choices
            ),
            reading,
        )
        for name, text in typed.items()
    }


@pytest.fixture(autouse=True)
def filled(state: StateStore, store: ConnectionStore, make_job: MakeJob) -> None:
    """Forty jobs of two mappings, two at each moment, and an error in every fourth."""
    for number in range(40):
        mapping = CUSTOMER if number % 2 else ITEM
        job = make_job(
            f"job {number:02}",
            mapping=mapping,
            started_at=_BEGUN + timedelta(minutes=number // 2),
            finished_at=None if number == 39 else _BEGUN + timedelta(hours=1),
            counters=Counters(modified=number),
            message="It *stopped*." if number == 7 else "",
        )
        waits = WaitsFor(mapping=CUSTOMER, key="C1") if number % 8 == 0 else None
        error = SynchError(
            mapping=mapping,
            direction=Direction.TO_INTEGRATION_TABLE,
            source_key=f"R{number}",
            error=RecordError(
                code=ErrorCode.MATCH_ALREADY_COUPLED, message=f"Æ {number}", waits_for=waits, field=None
            ),
            job_id=job.id,
            at=job.started_at,
            times=number + 1,
            skipped=number > 10,
        )
        store.remember(BatchResult(job=job, errors=(error,) if number % 4 == 0 else ()))


def pages(state: StateStore, wanted: RecordList, asked: PageAsked, column: str) -> list[str]:
    """Read a whole list and return a column of it."""
    values: list[str] = []
    page, _ = state.record_lists.page(wanted, "c", asked)
    while True:
        values += [getattr(row, column) for row in page.rows]
        if page.behind is None:
            return values
        page, _ = state.record_lists.page(wanted, "c", replace(asked, after=page.behind))


@pytest.mark.parametrize("limit", [3, 40, 200])
def test_every_job_is_listed_once_newest_first(state: StateStore, limit: int) -> None:
    """Jobs of one moment, too."""
    found = pages(state, JOBS, PageAsked(sort="started_at", descending=True, limit=limit), "id")
    assert len(found) == 40
    assert set(found) == {f"job {number:02}" for number in range(40)}
    numbers = [int(each.removeprefix("job ")) // 2 for each in found]
    assert numbers == sorted(numbers, reverse=True)
    upwards = pages(state, JOBS, PageAsked(sort="started_at", limit=limit), "id")
    assert upwards == found[::-1]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"mapping": "ITEM"}, 20),
        ({"modified": ">=30"}, 10),
        ({"modified": "5|7"}, 2),
        ({"finished_at": "''"}, 1),
        ({"started_at": "2026-01-01 00:05"}, 2),
        ({"message": "<>''"}, 1),
        ({"message": "*'*stopped*'*"}, 1),
        ({"direction": "FromIntegrationTable"}, 0),
        ({"run_id": "''"}, 40),
    ],
)
def test_jobs_are_filtered_by_any_column(state: StateStore, typed: dict[str, str], expected: int) -> None:
    """Numbers, moments, choices and texts."""
    asked = PageAsked(sort="started_at", filters=filtered(JOBS, **typed), limit=7)
    assert len(pages(state, JOBS, asked, "id")) == expected
    page, _ = state.record_lists.page(JOBS, "c", asked)
    assert (page.count, page.has_more_than_counted) == (expected, False)


def test_errors_are_listed_and_searched(state: StateStore) -> None:
    """Words in keys, codes and messages; skipped ones apart, without those that wait for another record."""
    newest = PageAsked(sort="at", descending=True, limit=2)
    assert pages(state, ERRORS, newest, "source_key") == [f"R{number}" for number in range(36, -1, -4)]
    assert pages(state, SKIPPED, newest, "source_key") == ["R36", "R28", "R20", "R12"]
    assert pages(state, ERRORS, replace(newest, search="r12"), "source_key") == ["R12"]
    assert pages(state, ERRORS, replace(newest, search="12 r1"), "source_key") == ["R12"]
    assert pages(state, ERRORS, replace(newest, search="100%"), "source_key") == []
    few = filtered(ERRORS, times="..5", code="IL-*")
    assert pages(state, ERRORS, replace(newest, filters=few), "source_key") == ["R4", "R0"]


def test_counting_stops(state: StateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than is counted to is said so; or nothing is counted at all."""
    monkeypatch.setattr(record_lists, "COUNT_MAX", 10)
    page, _ = state.record_lists.page(JOBS, "c", PageAsked(sort="started_at"))
    assert (page.count, page.has_more_than_counted) == (10, True)
    page, _ = state.record_lists.page(JOBS, "c", PageAsked(sort="started_at", counted=False))
    assert page.count is None
    page, _ = state.record_lists.page(JOBS, "another", PageAsked(sort="started_at"))
    assert (page.rows, page.count) == ((), 0)


def test_a_message_is_searched_by_its_words_alone(
    state: StateStore, store: ConnectionStore, make_job: MakeJob
) -> None:
    """Behind it stands what it is made of, which nobody searches: the names of its values, for one."""
    message = translatable("{service} refused it.", service="The ERP")
    job = make_job("job 90", started_at=_BEGUN + timedelta(days=1), message=message)
    error = SynchError(
        mapping=CUSTOMER,
        direction=Direction.TO_INTEGRATION_TABLE,
        source_key="R90",
        error=RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message=message),
        job_id=job.id,
        at=job.started_at,
    )
    store.remember(BatchResult(job=job, errors=(error,)))
    lists = ((ERRORS, "at", "source_key", "R90"), (JOBS, "started_at", "id", "job 90"))
    for wanted, sort, column, key in lists:
        asked = PageAsked(sort=sort)
        assert pages(state, wanted, replace(asked, search="erp refused"), column) == [key]
        assert pages(state, wanted, replace(asked, search="service"), column) == []
        for typed in ("*refused it.", "The ERP refused it."):
            found = replace(asked, filters=filtered(wanted, message=typed))
            assert pages(state, wanted, found, column) == [key]
        none = replace(asked, filters=filtered(wanted, message="*service*"))
        assert pages(state, wanted, none, column) == []
