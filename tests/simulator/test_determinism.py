"""I17: one seed, one trace, whatever the process's hash seed."""

import os
import subprocess
import sys

import pytest

from interlace.testing.simulator.schedule import run_schedule

_PRINT = (
    "from interlace.testing.simulator.schedule import run_schedule\n"
    "print(' '.join(run_schedule(seed).events.digest() for seed in range(20)))"
)


def _digests(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", _PRINT], env=environment, capture_output=True, check=True, text=True
    )
    return done.stdout


def test_a_seed_gives_the_same_trace_twice() -> None:
    """Nothing outlasts a schedule."""
    first = [run_schedule(seed).events.digest() for seed in (3, 4, 3)]
    assert first[0] == first[2] != first[1]


@pytest.mark.slow
def test_traces_do_not_depend_on_the_hash_seed() -> None:
    """No set or hash order decides anything in engine or simulator."""
    expected = _digests("0")
    assert [_digests(hash_seed) for hash_seed in ("1", "7", "random")] == [expected] * 3
