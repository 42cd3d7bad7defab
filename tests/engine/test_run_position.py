"""A run goes on from the place that its passes have stored, with all that any of them knew there."""

from datetime import UTC, datetime

import pytest

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import PassPosition
from interlace.engine.run_position import RunPosition, place_of

_PLACE = RunPosition(scans=(Side.ERP, Side.CRM), after="C7", cursors={"erp": "1", "crm": None}, is_first=True)


def _of_other_pass(position: RunPosition) -> PassPosition:
    job = SynchJob(
        id="job",
        mapping=MappingName("FIRMS"),
        direction=Direction.FROM_INTEGRATION_TABLE,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        counters=Counters(),
        run_id="run",
    )
    return PassPosition(job=job, after=position.dump(), finished=False)


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("is_first", [True, False])
def test_what_another_pass_knew_of_the_same_place_is_known(*, counted: bool, is_first: bool) -> None:
    """Its page was counted, or a pair ended in the first run, and the process died before the first pass was told."""
    other = RunPosition(
        scans=_PLACE.scans, after="C7", cursors=_PLACE.cursors, counted=counted, is_first=is_first
    )
    found = place_of(_PLACE.dump(), [_of_other_pass(other), None])
    assert found == other


def test_what_another_pass_knew_of_another_page_is_past() -> None:
    """It stored that before the first pass moved on."""
    other = RunPosition(scans=_PLACE.scans, after="C3", cursors=_PLACE.cursors, counted=True)
    assert place_of(_PLACE.dump(), [_of_other_pass(other)]) == _PLACE
