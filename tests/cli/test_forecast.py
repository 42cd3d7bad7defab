"""`interlace full-synch start --forecast`: told before anything starts."""

from pathlib import Path

from tests.cli.both_ends import Interlace
from tests.cli.two_services import two_services

from interlace.cli.exit_codes import ExitCode


def test_forecast_starts_nothing(tmp_path: Path, interlace: Interlace) -> None:
    """Every mapping and the total are told, as a table and as JSON lines; there is no review afterwards."""
    with two_services(tmp_path, tmp_path / "state", interlace, customers=20) as services:
        written = services.written
        told = interlace("full-synch", "start", "--forecast", "--json")
        assert told.code == ExitCode.OK, told.err
        *lines, total = told.objects
        by_name = {line["mapping"]: line for line in lines}
        assert by_name["CUSTOMER"]["records"] == 40
        assert total["mapping"] == "TOTAL"
        assert total["crm_calls"] == sum(line["crm_calls"] for line in lines) > 100
        assert total["minutes"] >= 0.0
        table = interlace("full-synch", "start", "--forecast")
        assert "Calls to the ERP" in table.out
        assert "Nothing was started" in table.err
        assert services.written == written
        assert interlace("full-synch", "status", "--json").objects == []
