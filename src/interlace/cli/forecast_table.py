"""Shows what a full synchronization will take before it starts."""

from collections.abc import Sequence

from interlace.cli.output import Column, Output
from interlace.domain.forecast import MappingForecast
from interlace.domain.side import Side

_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="records", caption="Records", number=True),
    Column(key="erp_calls", caption="Calls to the ERP", number=True),
    Column(key="crm_calls", caption="Calls to the CRM", number=True),
    Column(key="minutes", caption="Minutes at least", number=True),
)


def show_forecast(output: Output, lines: Sequence[MappingForecast], total: MappingForecast) -> None:
    """Write a forecast: a row for each mapping, and the total."""
    rows = [_row(each) for each in (*lines, total)]
    output.rows(_COLUMNS, rows, empty="No mapping takes part.")
    if not output.as_json:
        output.message(
            "Nothing was started. The minutes follow from the limits of both services and from how fast they answer "
            "now; they are more when others use the same account, or when the services are slow."
        )


def _row(forecast: MappingForecast) -> dict[str, object]:
    return {
        "mapping": forecast.mapping,
        "records": forecast.records,
        "erp_calls": forecast.calls[Side.ERP],
        "crm_calls": forecast.calls[Side.CRM],
        "minutes": round(forecast.minutes, 1),
    }
