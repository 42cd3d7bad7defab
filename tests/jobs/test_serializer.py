"""Arguments and results of jobs are kept as JSON."""

from datetime import UTC, datetime

import pytest

from interlace.jobs.serializer import JobFailed, JsonSerializer


def test_plain_values_and_times_come_back() -> None:
    """Times stay aware."""
    value = {"args": ["ü", 1, None, True], "at": datetime(2026, 1, 1, tzinfo=UTC)}
    assert JsonSerializer().deserialize(JsonSerializer().serialize(value)) == value


def test_an_exception_comes_back_with_its_text() -> None:
    """Its class need not exist any more."""
    read = JsonSerializer().deserialize(JsonSerializer().serialize(ValueError("bad")))
    assert isinstance(read, JobFailed)
    assert str(read) == "ValueError: bad"


def test_other_objects_are_refused() -> None:
    """Nothing is pickled."""
    with pytest.raises(TypeError, match="plain JSON"):
        JsonSerializer().serialize(object())
