"""How many calls and minutes a full synchronization will take: from record counts, page sizes and allowances.

The fixed parts were measured on the embedded services: metadata, capabilities, markers and what lookups refer to.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interlace.domain.allowance import Allowance
from interlace.domain.full_synch_review import InitialSynchRecommendation
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.side import Side

_EVERY_MAPPING = {Side.ERP: 10, Side.CRM: 11}
"""Calls that a mapping takes however few records it has."""
_LOOKED_UP = 300
"""Records for which one call looks something up: partners, what they refer to, columns that other tables hold."""
_USED = 0.9
"""The part of an allowance that a full synchronization uses at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSizes:
    """How many records one service gives in one answer, and takes in one batch."""

    page: int
    batch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingCounts:
    """What is known of a mapping before its full synchronization."""

    mapping: MappingName
    passes: Sequence[Direction]
    records: Mapping[Side, int]
    recommendation: InitialSynchRecommendation = InitialSynchRecommendation.FULL_SYNCHRONIZATION
    is_option_set: bool = False
    """The CRM keeps the records as options of a column: each is a call of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePace:
    """What one service bears: its allowance, and how fast it answers."""

    sizes: CallSizes
    allowance: Allowance | None = None
    answer_seconds: float = 0.0
    at_once: int = 4

    def seconds(self, calls: int) -> float:
        """Return how long so many calls take at least."""
        by_answers = calls * self.answer_seconds / self.at_once
        if self.allowance is None:
            return by_answers
        return max(by_answers, calls / self.allowance.requests_a_second / _USED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingForecast:
    """What the full synchronization of one mapping will take."""

    mapping: MappingName
    records: int
    """Records that its passes take up."""
    calls: Mapping[Side, int]
    minutes: float
    """At least: while others of the same user leave the allowance to us, and answers take no longer than a count."""


def forecast_mapping(counts: MappingCounts, pace: Mapping[Side, ServicePace]) -> MappingForecast:
    """Forecast one mapping."""
    if counts.recommendation is InitialSynchRecommendation.NO_RECORDS:
        return MappingForecast(mapping=counts.mapping, records=0, calls=dict.fromkeys(Side, 0), minutes=0.0)
    calls, taken = dict(_EVERY_MAPPING), 0
    first = _source_of(counts.passes[0])
    # What the first pass creates is what the second one finds.
    found = dict(counts.records)
    for number, way in enumerate(counts.passes):
        source = _source_of(way)
        target = source.other
        if number:
            found[source] = max(found[source], found[first])
        records = found[source]
        taken += records
        calls[source] += math.ceil(records / pace[source].sizes.page)
        to_write = records if not number else max(0, counts.records[source] - counts.records[target])
        if target is Side.CRM and counts.is_option_set:
            calls[target] += to_write
        else:
            calls[target] += math.ceil(to_write / pace[target].sizes.batch)
        calls[target] += records // _LOOKED_UP
        if not number:
            calls[source] += records // _LOOKED_UP
    return MappingForecast(
        mapping=counts.mapping, records=taken, calls=calls, minutes=minutes_of(calls, pace)
    )


def minutes_of(calls: Mapping[Side, int], pace: Mapping[Side, ServicePace]) -> float:
    """Return how many minutes the calls to both services take at least; both are asked at the same time."""
    return max(pace[side].seconds(count) for side, count in calls.items()) / 60.0


def total_of(lines: Sequence[MappingForecast], pace: Mapping[Side, ServicePace]) -> MappingForecast:
    """Add the mappings up; while one waits for one service, another goes on with the other."""
    calls = {side: sum(line.calls[side] for line in lines) for side in Side}
    records = sum(line.records for line in lines)
    return MappingForecast(
        mapping=MappingName("TOTAL"), records=records, calls=calls, minutes=minutes_of(calls, pace)
    )


def _source_of(way: Direction) -> Side:
    return Side.ERP if way is Direction.TO_INTEGRATION_TABLE else Side.CRM
