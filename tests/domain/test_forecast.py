"""Forecasts of calls and minutes, from counts alone."""

import pytest

from interlace.domain.allowance import Allowance
from interlace.domain.forecast import CallSizes, MappingCounts, ServicePace, forecast_mapping, total_of
from interlace.domain.full_synch_review import InitialSynchRecommendation
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.side import Side

TO, FROM = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE
PACE = {
    Side.ERP: ServicePace(sizes=CallSizes(page=1000, batch=100), allowance=Allowance()),
    Side.CRM: ServicePace(sizes=CallSizes(page=5000, batch=100), allowance=Allowance()),
}
NAME = MappingName("CUSTOMER")


def counts(erp: int, crm: int = 0, *, passes: tuple[Direction, ...] = (TO,), **more: object) -> MappingCounts:
    """Return counts of a mapping."""
    return MappingCounts(mapping=NAME, passes=passes, records={Side.ERP: erp, Side.CRM: crm}, **more)  # type: ignore[arg-type]


def test_nothing_to_do_takes_no_calls() -> None:
    """A mapping without records on either side is not asked for."""
    line = forecast_mapping(counts(0, recommendation=InitialSynchRecommendation.NO_RECORDS), PACE)
    assert (line.records, set(line.calls.values()), line.minutes) == (0, {0}, 0.0)


def test_calls_follow_pages_and_batches() -> None:
    """A hundred thousand records are read in a hundred pages and written in a thousand batches, besides lookups."""
    line = forecast_mapping(counts(100_000), PACE)
    assert line.calls == {Side.ERP: 10 + 100 + 333, Side.CRM: 11 + 1000 + 333}
    assert line.records == 100_000


def test_second_pass_writes_only_what_the_first_did_not_make() -> None:
    """What the first pass creates comes back as a reading, not as writes."""
    both, one = (forecast_mapping(counts(5_000, passes=ways), PACE) for ways in ((TO, FROM), (TO,)))
    assert both.calls[Side.CRM] == one.calls[Side.CRM] + 1
    assert both.calls[Side.ERP] == one.calls[Side.ERP] + 5_000 // 300
    assert both.records == 10_000


def test_each_option_is_a_call() -> None:
    """Options of a column are added one by one."""
    plain, options = (forecast_mapping(counts(40, is_option_set=it), PACE) for it in (False, True))
    assert options.calls[Side.CRM] - plain.calls[Side.CRM] == 39


def test_minutes_follow_the_busier_service() -> None:
    """Twelve hundred calls a minute are allowed, of which nine tenths are used; both services work at once."""
    line = forecast_mapping(counts(1_000_000), PACE)
    assert line.minutes == pytest.approx(line.calls[Side.CRM] / 1_200 / 0.9)
    slow = {**PACE, Side.ERP: ServicePace(sizes=CallSizes(page=1000, batch=100), answer_seconds=6.0)}
    assert forecast_mapping(counts(1_000_000), slow).minutes == pytest.approx(
        line.calls[Side.ERP] * 6.0 / 4 / 60
    )


def test_total_adds_calls_up() -> None:
    """The total holds the calls of all mappings, and the minutes of both services side by side."""
    lines = [forecast_mapping(counts(number), PACE) for number in (10, 5_000)]
    total = total_of(lines, PACE)
    assert total.calls[Side.ERP] == sum(line.calls[Side.ERP] for line in lines)
    assert total.records == 5_010
    assert total.minutes <= sum(line.minutes for line in lines) + 1e-9
