"""The command plays seeds, tells its figures, and fails when a promise or a minimum is missed."""

import pytest

from interlace.testing.simulator.coverage import EXPECTED_PER_THOUSAND, missing
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


def test_absent_trouble_is_named() -> None:
    """A kind of trouble that never came, or hardly ever, proves nothing."""
    often = {kind: 3 * number for kind, number in EXPECTED_PER_THOUSAND.items()}
    for kind in EXPECTED_PER_THOUSAND:
        assert [line.rpartition(":")[0] for line in missing({**EXPECTED_PER_THOUSAND, kind: 0}, 1000)] == [
            kind
        ]
        assert [line.rpartition(":")[0] for line in missing({**often, kind: 3}, 3000)] == [kind]
    assert missing({}, 10) == []


def test_chance_is_no_lack() -> None:
    """Counts lie around what is expected, a few standard deviations below it at worst."""
    fewer = {kind: number - int(2 * number**0.5) for kind, number in EXPECTED_PER_THOUSAND.items()}
    assert missing(fewer, 1000) == []
