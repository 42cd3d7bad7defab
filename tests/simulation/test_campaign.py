"""Campaigns: what they add up, and what they find too little of."""

from collections import Counter

import pytest

from interlace.simulation.__main__ import main
from interlace.simulation.campaign import run_campaign
from interlace.simulation.coverage import shortfalls
from interlace.simulation.wire_faults import WireFault


def test_a_campaign_adds_its_schedules_up() -> None:
    """Counts and violations of every seed are in it."""
    campaign = run_campaign([3], restores=True)
    assert campaign.schedules == 1
    assert campaign.counts["run finished"] > 0
    assert campaign.violations == []


def test_silence_without_faults_is_told() -> None:
    """A campaign that met nothing proves nothing; one of a few schedules is not asked."""
    assert any(
        each.startswith(WireFault.DOUBLED.value) for each in shortfalls(Counter(), 400, restores=False)
    )
    assert any(each.startswith("restored") for each in shortfalls(Counter(), 400, restores=True))
    assert list(shortfalls(Counter(), 10, restores=True)) == []


def test_chance_is_no_shortfall() -> None:
    """What is met a little more rarely than on the average is enough; a small part of it is not."""
    kinds = [each.partition(": met")[0] for each in shortfalls(Counter(), 1000, restores=True)]
    most = Counter(dict.fromkeys(kinds, 100_000))
    for kind, enough in (("401", 150), ("crash at an await", 100), ("restored memory", 20)):
        assert kind in kinds
        assert not list(shortfalls(Counter({**most, kind: enough}), 1000, restores=True))
        assert list(shortfalls(Counter({**most, kind: enough // 30}), 1000, restores=True))


def test_the_last_line_says_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts read it."""
    assert main(["--seeds", "1", "--from", "3"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 schedules, 0 violations"
