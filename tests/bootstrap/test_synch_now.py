"""Mappings one after the other in this process: what holds one up does not hold up the others."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.synch_now import SynchNow
from interlace.domain.keys import MappingName
from interlace.engine.service import ServiceUnavailable
from interlace.engine.synch_mapping import StepResult

NAMES = [MappingName(name) for name in ("A", "B", "C", "D", "E")]
AWAY = ServiceUnavailable("The CRM does not answer.")


@dataclass(frozen=True, slots=True)
class OneToFill:
    """An application whose mapping A waits for records that a later one has coupled."""

    def mappings_to_fill(self, connection: Connection) -> list[MappingName]:
        """Return the mappings to run once more."""
        return NAMES[:1]


@pytest.mark.parametrize(
    ("failing", "ran", "told"),
    [
        ({}, ["A", "B", "C", "D", "E", "A"], None),
        ({"B": MappingBusy(NAMES[1])}, ["A", "C", "D", "E"], MappingBusy),
        ({"B": AWAY, "D": AWAY}, ["A", "C", "E"], ServiceUnavailable),
        ({"B": AWAY, "C": AWAY}, ["A"], ServiceUnavailable),
    ],
    ids=["none", "busy", "now and then", "away"],
)
async def test_the_other_mappings_run(
    monkeypatch: pytest.MonkeyPatch,
    failing: dict[str, Exception],
    ran: list[str],
    told: type[Exception] | None,
) -> None:
    """A busy mapping or one unanswered request is told at the end; a service that is away is not asked on and on."""

    async def run(now: SynchNow, mapping: MappingName, *, full: bool) -> StepResult:
        """Run a mapping, or fail as it is to."""
        if mapping in failing:
            raise failing[mapping]
        return StepResult(more=False, jobs=())

    monkeypatch.setattr(SynchNow, "run", run)
    nothing: Any = None
    now = SynchNow(
        application=cast("Application", OneToFill()), connection=nothing, ends=cast("Ends", nothing)
    )
    results, failure = await now.run_each(NAMES, full=False)
    assert [name for name, _ in results] == ran
    assert (None if failure is None else type(failure)) is told
