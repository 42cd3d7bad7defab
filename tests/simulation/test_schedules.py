"""Schedules of the embedded services: what holds in a few of them, and that they are the same in every process."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.simulation.profile import Profile, draw_profile
from interlace.simulation.schedule import run_schedule, told_again
from interlace.simulation.wire_faults import NO_FAULTS, FaultWeights, WireFault
from interlace.store.encoding import JsonValue

_QUIET = Profile(faults=NO_FAULTS, crash_share=0.0, actions=4, span_seconds=60.0, records=1)


def test_a_quiet_day_violates_nothing() -> None:
    """Without faults and crashes every edit arrives, and nothing is written twice."""
    outcome = run_schedule(1, replace(_QUIET, actions=8, starts_in_step=False))
    assert outcome.violations == []
    assert outcome.counts["engine created"] > 0
    assert outcome.counts["run finished"] > 0


@pytest.mark.parametrize("seed", [3, 8])
def test_faults_and_crashes_violate_nothing(seed: int) -> None:
    """A fixed sample of what `make simulate-embedded` runs by the thousand."""
    profile = replace(draw_profile(seed), actions=4, records=1, span_seconds=120.0)
    assert run_schedule(seed, profile).violations == []


@pytest.mark.parametrize("kinds", [list(WireFault)[start::5] for start in range(5)])
def test_a_network_with_few_kinds_of_faults_violates_nothing(kinds: list[WireFault]) -> None:
    """Each fault often."""
    faults = FaultWeights(share=0.3, weights=dict.fromkeys(kinds, 1.0))
    profile = replace(
        _QUIET, faults=faults, update_conflict=UpdateConflictResolution.SEND_UPDATE_TO_INTEGRATION
    )
    outcome = run_schedule(7, profile)
    assert outcome.violations == []
    assert all(outcome.counts[kind.value] > 0 for kind in kinds)


def test_a_restored_backup_spreads_nothing_old() -> None:
    """A service or our own memory goes back in time in the middle of the work."""
    profile = replace(_QUIET, restores=True, actions=10, span_seconds=900.0, deletes=False)
    outcome = run_schedule(2, profile)
    assert outcome.violations == []
    assert any(kind.startswith("restored") for kind in outcome.counts)


def test_a_write_that_a_restored_memory_finds_out_once_more_is_told_once_in_each_journal() -> None:
    """The lost entry is no longer certain; entries of what the backup had settled, or never knew, stay so."""
    created: JsonValue = {"side": "erp", "key": "CRM1", "action": "insert"}
    changed: JsonValue = {"side": "erp", "key": "CRM1", "action": "modify"}
    other: JsonValue = {"side": "crm", "key": "CRM1", "action": "insert"}
    again: JsonValue = {"side": "erp", "key": "CRM1", "action": "insert", "certain": False}
    assert told_again([created, changed, other], [again]) == [again, changed, other]
    assert told_again([created], []) == [created]


def test_nothing_rests_while_a_mapping_is_halted() -> None:
    """A person releases the halt; what the mapping does then is the work that was left, not an echo."""
    assert run_schedule(2123, restores=True).violations == []


def test_an_update_that_was_delivered_twice_and_edited_over_is_told() -> None:
    """The second delivery was refused, the first had taken effect: the journal says that it may have."""
    assert run_schedule(3713, restores=True).violations == []


def test_processes_have_clocks_of_their_own() -> None:
    """What a dead process left announced is stamped anew by the next one; else its time never comes."""
    assert run_schedule(352, restores=True).violations == []


def test_a_schedule_is_the_same_whatever_ran_before_it() -> None:
    """Its trace depends on the seed alone: not on the schedules that the process has run already."""
    first = run_schedule(11, replace(draw_profile(11), actions=4, records=1)).digest
    run_schedule(12, _QUIET)
    assert run_schedule(11, replace(draw_profile(11), actions=4, records=1)).digest == first


@pytest.mark.slow
def test_a_schedule_is_the_same_in_every_process() -> None:
    """Neither the order of sets nor the process tells in the trace."""
    told = set()
    for hash_seed in ("0", "random"):
        run = subprocess.run(
            [sys.executable, "-m", "interlace.simulation", "--seed", "5"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=False,
        )
        told.add(run.stdout)
    assert len(told) == 1
    assert "digest" in told.pop()
