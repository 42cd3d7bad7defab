"""Freeze windows: where a moment lies, and which of several counts."""

from datetime import UTC, datetime

import pytest

from interlace.domain.freeze_window import FreezeState, FreezeWindow, freeze_at


def window(name: str, begin: int, end: int) -> FreezeWindow:
    """Make a window between two hours of a day."""
    return FreezeWindow(id=name, begin=at(begin), end=at(end), reason="Month end", by="tane")


def at(hour: int) -> datetime:
    """Return an hour of the day."""
    return datetime(2026, 11, 30, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "state"),
    [(7, FreezeState.TO_COME), (8, FreezeState.NOW), (9, FreezeState.NOW), (10, FreezeState.OVER)],
)
def test_a_window_is_from_its_begin_until_before_its_end(hour: int, state: FreezeState) -> None:
    """At its begin it is in force, at its end it is over."""
    assert window("w", 8, 10).state(at(hour)) is state


def test_of_several_windows_the_last_to_end_counts() -> None:
    """Whoever reads until when the ERP is frozen does not find it frozen then by another one that ran already."""
    windows = [window("long", 8, 12), window("short", 9, 10), window("later", 14, 16)]
    found = {hour: freeze_at(windows, at(hour)) for hour in (8, 9, 11, 12, 15)}
    assert {hour: each.id if each else "" for hour, each in found.items()} == {
        8: "long",
        9: "long",
        11: "long",
        12: "",
        15: "later",
    }
