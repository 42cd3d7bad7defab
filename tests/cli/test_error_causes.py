"""Errors grouped by cause: what one remedy helps is one line."""

from datetime import UTC, datetime

from interlace.cli.error_causes import causes_of
from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.engine.ports import SynchError


def waiting(mapping: str, key: str, awaited: str, awaited_key: str) -> SynchError:
    """An error of a record that waits for another one."""
    return _error(
        mapping,
        key,
        RecordError(
            code=ErrorCode.REFERENCE_NOT_COUPLED,
            message=f"{awaited_key!r} is not coupled.",
            waits_for=WaitsFor(mapping=awaited, key=awaited_key),
        ),
    )


def refused(mapping: str, key: str, reason: str) -> SynchError:
    """An error of a record that a service refused."""
    message = f"{mapping} {key}: {reason}"
    return _error(mapping, key, RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message=message))


def _error(mapping: str, key: str, error: RecordError) -> SynchError:
    return SynchError(
        mapping=MappingName(mapping),
        direction=Direction.TO_INTEGRATION_TABLE,
        source_key=key,
        error=error,
        job_id="job",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_all_that_wait_for_one_record_are_one_cause() -> None:
    """Also over several mappings, and over a record in between."""
    (cause,) = causes_of(
        [
            waiting("CUSTOMER", "C1", "SALESPEOPLE", "HV"),
            waiting("CUSTOMER", "C2", "SALESPEOPLE", "HV"),
            waiting("CONTACT", "K1", "CUSTOMER", "C1"),
        ]
    )
    assert cause.text == "SALESPEOPLE HV is not coupled."
    assert cause.count == 3
    assert cause.mappings == ("CUSTOMER", "CONTACT")


def test_those_that_wait_for_a_failed_record_are_counted_with_it() -> None:
    """The failed record's own reason is the cause of all of them."""
    root = refused("CUSTOMER", "C1", "the name is too long")
    (cause,) = causes_of([waiting("CONTACT", "K1", "CUSTOMER", "C1"), root])
    assert cause.text == root.error.message
    assert (cause.count, cause.code) == (2, "IL-301")


def test_records_refused_for_the_same_reason_are_one_cause() -> None:
    """Numbers and quoted values don't make reasons different; the next reason does."""
    causes = causes_of(
        [
            refused("CUSTOMER", "C1", "'websiteurl' has 201 of 200 characters"),
            refused("CUSTOMER", "C2", "'websiteurl' has 305 of 200 characters"),
            refused("CUSTOMER", "C3", "the currency is missing"),
        ]
    )
    assert [cause.count for cause in causes] == [2, 1]
    assert "1 more of this kind" in causes[0].text


def test_records_that_wait_for_one_record_each_are_one_cause() -> None:
    """A hundred blank references of a kind don't hide what matters."""
    (cause,) = causes_of([waiting("CUSTOMER", f"C{n}", "CONTACT", f"K{n}") for n in range(3)])
    assert cause.text == "Each waits for a record of its own in CONTACT."
    assert cause.count == 3


def test_records_that_wait_for_one_another_come_to_an_end() -> None:
    """A circle of waiting records is grouped, not followed for ever."""
    causes = causes_of(
        [waiting("CUSTOMER", "C1", "CONTACT", "K1"), waiting("CONTACT", "K1", "CUSTOMER", "C1")]
    )
    assert sum(cause.count for cause in causes) == 2
