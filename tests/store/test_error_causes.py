"""The error list is told by its causes: one line for all records that one remedy helps, with exact numbers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest

from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.filter_language import FilteredField, Reading, parse_filter
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult, SynchError
from interlace.store.connection_store import ConnectionStore
from interlace.store.error_causes import CauseKind, ErrorCause
from interlace.store.keyset import PageAsked
from interlace.store.state_store import StateStore

TO = Direction.TO_INTEGRATION_TABLE
MakeJob = Callable[..., SynchJob]
List = Callable[..., None]


@pytest.fixture
def listed(store: ConnectionStore, make_job: MakeJob) -> List:
    """A function that puts records on the error list."""
    jobs: Iterator[int] = count()

    def put(*errors: SynchError) -> None:
        for mapping in {error.mapping for error in errors}:
            job = make_job(f"job-{next(jobs)}", mapping=mapping)
            own = [error for error in errors if error.mapping == mapping]
            store.remember(BatchResult(job=job, errors=own))

    return put


def waiting(mapping: str, key: str, awaited: str, awaited_key: str) -> SynchError:
    """An error of a record that waits for another one."""
    waits = WaitsFor(mapping=awaited, key=awaited_key)
    error = RecordError(
        code=ErrorCode.REFERENCE_NOT_COUPLED, message=f"{awaited_key!r} is not coupled.", waits_for=waits
    )
    return _error(mapping, key, error)


def refused(mapping: str, key: str, reason: str, name: str = "") -> SynchError:
    """An error of a record that a service refused."""
    subject = f"{mapping} {key}" + (f" ({name})" if name else "")
    error = RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message=f"{subject}: {reason}", subject=subject)
    return _error(mapping, key, error)


def _error(mapping: str, key: str, error: RecordError) -> SynchError:
    return SynchError(
        mapping=MappingName(mapping),
        direction=TO,
        source_key=key,
        error=error,
        job_id="job",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def only(state: StateStore) -> ErrorCause:
    """The one cause there is."""
    (cause,), number = state.errors.causes("c")
    assert number == 1
    assert len(state.errors.found("c", cause_id=cause.id)) == cause.count == state.errors.count("c")
    return cause


def test_all_that_wait_for_one_record_in_the_end_are_one_cause(state: StateStore, listed: List) -> None:
    """Over several mappings, and over records in between."""
    listed(
        waiting("CUSTOMER", "C1", "SALESPEOPLE", "HV"),
        waiting("CUSTOMER", "C2", "SALESPEOPLE", "HV"),
        waiting("CUSTOMER", "C3", "SALESPEOPLE", "HV"),
        waiting("CONTACT", "K1", "CUSTOMER", "C1"),
        waiting("ORDER", "O1", "CONTACT", "K1"),
    )
    cause = only(state)
    assert cause.waits_for == WaitsFor(mapping="SALESPEOPLE", key="HV")
    assert (cause.kind, cause.count, cause.failed) == (CauseKind.AWAITED, 5, 3)
    assert cause.mappings == (("CUSTOMER", 3), ("CONTACT", 1), ("ORDER", 1))


def test_the_records_of_a_cause_are_a_list(state: StateStore, listed: List) -> None:
    """Page after page, filtered like every list; records of other causes are not among them."""
    held = [waiting("CONTACT", f"K{number:03}", "CUSTOMER", "C'1\x1fx") for number in range(150)]
    listed(*held, refused("CONTACT", "K900", "no"), refused("CUSTOMER", "C'1\x1fx", "the name is too long"))
    [cause, other] = state.errors.causes("c")[0]
    assert (cause.count, other.count) == (151, 1)
    of_cause = state.errors.of_cause("c", cause.id)
    wanted, keys = PageAsked(sort="at", limit=100), list[str]()
    while True:
        page, names = state.record_lists.page(of_cause, "c", wanted)
        assert page.count == 151
        keys += [row.source_key for row in page.rows]
        if page.behind is None:
            break
        wanted = replace(wanted, after=page.behind)
    assert sorted(keys) == sorted([*(each.source_key for each in held), "C'1\x1fx"])
    customers = parse_filter("CUSTOMER", FilteredField(), Reading(now=datetime(2026, 1, 1, tzinfo=UTC)))
    page, names = state.record_lists.page(of_cause, "c", PageAsked(sort="at", filters={"mapping": customers}))
    assert [names[row.mapping_id] for row in page.rows] == ["CUSTOMER"]
    page, _ = state.record_lists.page(state.errors.of_cause("c", "none"), "c", PageAsked(sort="at"))
    assert page.rows == ()


def test_one_record_that_holds_back_others_is_named(state: StateStore, listed: List) -> None:
    """Though only one record waits for the salesperson, others wait for that record."""
    listed(
        waiting("CUSTOMER", "C1", "SALESPEOPLE", "HV"),
        waiting("CONTACT", "K1", "CUSTOMER", "C1"),
    )
    assert only(state).waits_for == WaitsFor(mapping="SALESPEOPLE", key="HV")


def test_those_that_wait_for_failed_records_are_counted_with_them(state: StateStore, listed: List) -> None:
    """The failed records' own trouble is the cause of all."""
    listed(
        waiting("CONTACT", "K1", "CUSTOMER", "C1"),
        refused("CUSTOMER", "C1", "the name is too long"),
        refused("CUSTOMER", "C2", "the name is too long"),
    )
    cause = only(state)
    assert cause.example.error.message == "CUSTOMER C1: the name is too long"
    assert (cause.kind, cause.count, cause.failed) == (CauseKind.ALIKE, 3, 2)


def test_names_numbers_ids_and_quoted_values_do_not_make_causes_different(
    state: StateStore, listed: List
) -> None:
    """The record's own name is taken out, whatever stands in it; the next reason is a cause of its own."""
    guid = "0b5ea0a4-2f2c-4b7a-9c6f-8a1d3f6f7c1"
    listed(
        refused(
            "CUSTOMER", "C1", f"'websiteurl' has 201 of 200 characters ({guid}1)", "Müller (Berlin) GmbH"
        ),
        refused("CUSTOMER", "C2", f"'websiteurl' has 305 of 200 characters ({guid}2)", "Schmidt: Söhne"),
        refused("CUSTOMER", "C3", "the currency is missing"),
    )
    causes, number = state.errors.causes("c")
    assert [cause.count for cause in causes] == [2, 1]
    assert (number, state.errors.causes("c", limit=1)) == (2, (causes[:1], 2))


def test_records_that_wait_for_one_record_each_are_one_cause(state: StateStore, listed: List) -> None:
    """A hundred blank references of a kind don't hide what matters."""
    listed(*[waiting("CUSTOMER", f"C{n}", "CONTACT", f"K{n}") for n in range(3)])
    cause = only(state)
    assert (cause.kind, cause.count, cause.waits_for) == (CauseKind.AWAITED_EACH, 3, None)


def test_records_that_wait_for_one_another_are_counted_too(state: StateStore, listed: List) -> None:
    """A circle, and what waits for its members, is one cause and not followed for ever."""
    listed(
        waiting("CUSTOMER", "C1", "CONTACT", "K1"),
        waiting("CONTACT", "K1", "CUSTOMER", "C1"),
        waiting("ORDER", "O1", "CUSTOMER", "C1"),
    )
    cause = only(state)
    assert (cause.kind, cause.count) == (CauseKind.CIRCLE, 3)
    assert state.errors.retry("c", cause_id=cause.id) == 3


def test_a_mapping_has_the_causes_that_hold_back_its_records(state: StateStore, listed: List) -> None:
    """With everything that they hold back elsewhere: the remedy helps all."""
    listed(
        waiting("CUSTOMER", "C1", "SALESPEOPLE", "HV"),
        waiting("CONTACT", "K1", "CUSTOMER", "C1"),
        refused("ITEM", "I1", "the unit is missing"),
    )
    (cause,), _ = state.errors.causes("c", mapping="CONTACT")
    assert cause.count == 2


def test_another_connection_has_causes_of_its_own(state: StateStore, listed: List) -> None:
    """Two companies have a salesperson of the same code."""
    state.add_connection("d", connection_id="d")
    other = state.connection_store("d")
    listed(waiting("CUSTOMER", "C1", "SALESPEOPLE", "HV"), waiting("CONTACT", "K1", "CUSTOMER", "C1"))
    job = SynchJob(
        id="other",
        mapping=MappingName("CONTACT"),
        direction=TO,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        counters=Counters(),
    )
    other.remember(BatchResult(job=job, errors=[waiting("CONTACT", "K1", "CUSTOMER", "C1")]))
    assert [cause.count for cause in state.errors.causes("c")[0]] == [2]
    assert [cause.count for cause in state.errors.causes("d")[0]] == [1]


def test_the_list_can_be_narrowed(state: StateStore, listed: List) -> None:
    """By mapping, code, key, and to what is skipped."""
    listed(waiting("CUSTOMER", "C1", "SALESPEOPLE", "HV"), refused("ITEM", "I1", "the unit is missing"))
    assert [each.source_key for each in state.errors.found("c", mapping="ITEM")] == ["I1"]
    found = state.errors.found("c", code=ErrorCode.REFERENCE_NOT_COUPLED)
    assert [each.source_key for each in found] == ["C1"]
    assert [each.mapping for each in state.errors.found("c", key="I1")] == ["ITEM"]
    assert state.errors.found("c", skipped=True) == []
    assert state.errors.count("c", code=ErrorCode.REJECTED_BY_SERVICE) == 1
