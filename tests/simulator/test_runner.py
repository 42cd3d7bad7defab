"""The command plays seeds, tells its figures, and fails when a promise or a minimum is missed."""

import pytest

from interlace.testing.simulator.coverage import MINIMUM_PER_THOUSAND, missing
from interlace.testing.simulator.runner import main


def test_the_last_line_counts_schedules_and_violations(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts read the last line."""
    assert main(["--seeds", "5", "--profile", "calm"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "5 schedules, 0 violations"


def test_a_seed_can_be_watched(capsys: pytest.CaptureFixture[str]) -> None:
    """The trace names each event in order."""
    assert main(["--seed", "3", "--trace", "--profile", "calm"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("USER" in line for line in lines)
    assert any(line.startswith("digest ") for line in lines)


def test_processes_share_the_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    """Two processes play what one would."""
    assert main(["--seeds", "60", "--processes", "2", "--profile", "calm"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "60 schedules, 0 violations"


def test_too_little_coverage_is_named() -> None:
    """A kind of trouble that never came proves nothing."""
    counts = {kind: number for kind, number in MINIMUM_PER_THOUSAND.items() if kind != "write: late effect"}
    assert [line.split(":")[0:2] for line in missing(counts, 1000)] == [["write", " late effect"]]
    assert missing({}, 10) == []
