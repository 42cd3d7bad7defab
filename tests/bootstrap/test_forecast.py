"""The forecast of a full synchronization against the requests that it really takes."""

from pathlib import Path

import pytest
from tests.verify import demo_company
from tests.verify.demo_company import open_demo_company

from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.domain.forecast import MappingForecast
from interlace.domain.side import Side

TOLERANCE = 0.2


@pytest.mark.parametrize("customers", [30, 400])
async def test_forecast_tells_the_calls_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, customers: int
) -> None:
    """For each service the forecast of all mappings is within a fifth of what a run asks; it changes nothing."""
    monkeypatch.setattr(demo_company, "CUSTOMERS", customers)
    async with open_demo_company(tmp_path) as demo:
        full = FullSynchronization(application=demo.application)
        written = demo.erp.requests.written, demo.crm.requests.written
        lines, total = await full.forecast_lines(demo.connection)
        assert (demo.erp.requests.written, demo.crm.requests.written) == written
        assert full.latest(demo.connection) is None
        before = _calls(demo.ends.requests)
        await demo.synchronize("run", whole=True)
        asked = {side: count - before[side] for side, count in _calls(demo.ends.requests).items()}
        for side in Side:
            assert total.calls[side] == pytest.approx(asked[side], rel=TOLERANCE), (asked, _told(lines))


def _calls(requests: dict[str, dict[str, int]]) -> dict[Side, int]:
    return {side: sum(requests[side.value].values()) for side in Side}


def _told(lines: list[MappingForecast]) -> dict[str, tuple[int, int]]:
    return {line.mapping: (line.calls[Side.ERP], line.calls[Side.CRM]) for line in lines}
