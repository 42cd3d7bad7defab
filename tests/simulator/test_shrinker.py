"""A failing schedule is made shorter without losing its failure; sabotage is found in the first place."""

from dataclasses import replace

from interlace.engine.ports import TableView, Write, WriteResult
from interlace.testing.simulator.model_service import ModelService
from interlace.testing.simulator.schedule import Outcome, World, run_schedule
from interlace.testing.simulator.shrinker import shrink


class _Careless(ModelService):
    """A service that takes every update, whatever version it was decided on."""

    def write(self, view: TableView, write: Write) -> WriteResult:
        """Ignore the version."""
        return super().write(view, replace(write, tag=None))


def _ignore_versions(world: World) -> None:
    for side, service in world.oracle.services.items():
        careless = _Careless(side, world.oracle)
        careless.__dict__.update(service.__dict__)
        world.oracle.services[side] = careless


def _first_failure() -> Outcome:
    for seed in range(400):
        outcome = run_schedule(seed, sabotage=_ignore_versions)
        if outcome.violation is not None and outcome.violation.invariant.startswith("I2"):
            return outcome
    raise AssertionError("ignored versions were not noticed in 400 schedules")


def test_a_failing_schedule_becomes_shorter_and_fails_alike() -> None:
    """Events that the failure does not need are left out."""
    failed = _first_failure()
    assert failed.violation is not None
    short = shrink(failed.seed, None, failed, _ignore_versions)
    assert short.violation is not None
    assert short.violation.invariant == failed.violation.invariant
    assert len(short.events.allowed) < len(failed.events.allowed)
