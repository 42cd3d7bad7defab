"""A fixed sample of schedules: users, faults, crashes and restored backups, judged at every step."""

import pytest

from interlace.testing.simulator.profile import profile_of
from interlace.testing.simulator.schedule import run_schedule

_SCHEDULES = 400
_SHARE = 50


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, _SCHEDULES, _SHARE))
def test_no_promise_is_broken(first: int) -> None:
    """Every schedule of the sample ends in peace, with nothing lost, doubled or invented."""
    broken = []
    for seed in range(first, first + _SHARE):
        violation = run_schedule(seed).violation
        if violation is not None:
            broken.append(
                f"{violation}\n  python -m interlace.testing.simulator --seed {seed} --trace --shrink"
            )
    assert not broken, "\n".join(broken)


def test_profiles_are_told_by_the_seed() -> None:
    """Whoever repeats a seed gets its bias as well."""
    assert {profile_of(seed).name for seed in range(20)} == {
        "everything",
        "faults",
        "restores",
        "lost answers",
        "crashes",
        "drafts",
        "calm",
    }
