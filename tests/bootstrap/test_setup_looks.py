"""Looks at the steps of a set-up: what a look that nobody waited for is worth to whoever comes back."""

import asyncio

import pytest

from interlace.bootstrap.desk.setup import _LOOK_KEPT_SECONDS, _Look
from interlace.bootstrap.setup.progress import StepReport

_SOON = 1.0
_LATE = _LOOK_KEPT_SECONDS + 1


async def _look_that(ending: str) -> _Look:
    """Return a look that began at 0, once it ended so."""

    async def look() -> list[StepReport]:
        """Look at the steps."""
        if ending == "is under way":
            await asyncio.sleep(3600)
        if ending == "failed":
            raise OSError("nobody awaits this")
        return []

    task = asyncio.create_task(look())
    if ending == "was broken off":
        task.cancel()
    await asyncio.wait({task}, timeout=0 if ending == "is under way" else None)
    return _Look(task=task, begun=0)


@pytest.mark.parametrize(
    ("ending", "now", "is_worthless"),
    [
        ("told", _SOON, False),
        ("told", _LATE, True),
        ("failed", _SOON, True),
        ("was broken off", _SOON, True),
        # Whoever comes takes part in it, however long it takes.
        ("is under way", _LATE, False),
    ],
)
async def test_a_look_is_made_anew_where_it_told_nothing_or_long_ago(
    ending: str,
    now: float,
    is_worthless: bool,  # noqa: FBT001 - of the table
) -> None:
    """Else the page of the set-up would tell an old failure, or break off itself, for as long as looks are kept."""
    look = await _look_that(ending)
    assert look.is_worthless(now) is is_worthless
    look.task.cancel()
