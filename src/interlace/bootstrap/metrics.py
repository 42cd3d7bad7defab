"""The figures at /metrics in the form that Prometheus reads; no record, no key and no person stands in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Final, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from interlace.bootstrap.due_intervals import due_intervals
from interlace.bootstrap.serving import Server
from interlace.store.figures import COUNTERS, PassFigures, StoreFigures
from interlace.store.state_store import StateStore

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_PASS = ("connection", "mapping", "direction")
_OPEN = ("connection", "mapping")
_FAILED = frozenset({"failed", "skipped"})
LabelsT = TypeVar("LabelsT", bound=tuple[str, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one metric says, and by which labels; a counter's name ends in `_total`."""

    text: str
    labels: tuple[str, ...]


FIGURES: Final[Mapping[str, Figure]] = {
    "interlace_build_info": Figure(text="Version of Interlace.", labels=("version",)),
    "interlace_records_total": Figure(
        text="Records that runs have taken up, by what was done with them.",
        labels=(*_PASS, "action", "result"),
    ),
    "interlace_runs_total": Figure(text="Runs that have begun.", labels=_PASS),
    "interlace_run_duration_seconds": Figure(text="How long the run took that ended last.", labels=_PASS),
    "interlace_last_success_timestamp_seconds": Figure(
        text="When a run last ended without a problem.", labels=_PASS
    ),
    "interlace_lag_seconds": Figure(text="How long ago a run last ended without a problem.", labels=_PASS),
    "interlace_interval_seconds": Figure(
        text="How often runs begin by themselves; only of mappings that nothing holds.", labels=_OPEN
    ),
    "interlace_failed_open": Figure(text="Records whose last run failed.", labels=_OPEN),
    "interlace_skipped_open": Figure(text="Records that are left out until somebody helps.", labels=_OPEN),
    "interlace_conflicts_open": Figure(text="Conflicts that await a person.", labels=_OPEN),
    "interlace_halts_open": Figure(text="Safety halts that await a person.", labels=_OPEN),
    "interlace_couplings": Figure(text="Coupled pairs of records.", labels=_OPEN),
    "interlace_queue_depth": Figure(text="Job queue entries by status.", labels=("connection", "status")),
    "interlace_api_requests_total": Figure(
        text="Requests of this process to the services, by side and answered status (none: no answer).",
        labels=("side", "code"),
    ),
    "interlace_api_throttled_seconds_total": Figure(
        text="Seconds that requests of this process have waited because of the services' limits.",
        labels=("side",),
    ),
}
"""Every figure but those of the process itself."""


class Figures:
    """Makes the text anew each time it is asked for."""

    def __init__(self, state: StateStore, server: Server | None = None) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Interlace(state, server))
        ProcessCollector(registry=self._registry)

    def text(self) -> str:
        """Return all figures; it reads the store, so it is for a thread."""
        return generate_latest(self._registry).decode()


class _Interlace(Collector):
    """Reads what the store knows, whichever process wrote it, and what this process has counted itself."""

    def __init__(self, state: StateStore, server: Server | None) -> None:
        self._state = state
        self._server = server

    def describe(self) -> Iterable[Metric]:
        """Leave the names to `collect`: nothing is read when this is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Give each figure with all its labels."""
        yield _family("interlace_build_info", {(metadata.version("interlace"),): 1})
        figures = self._state.figures()
        yield from _of_passes(figures.passes, datetime.now(UTC))
        yield from _of_store(figures)
        yield _family("interlace_interval_seconds", self._intervals())
        work = None if self._server is None else self._server.place.work
        answers = {} if work is None else work.answers()
        waits = {} if work is None else work.throttled_seconds()
        yield _family("interlace_api_requests_total", answers)
        yield _family("interlace_api_throttled_seconds_total", {(side,): n for side, n in waits.items()})

    def _intervals(self) -> dict[tuple[str, ...], float]:
        if self._server is None:
            return {}
        application = self._server.application
        return {
            (connection.settings.name, mapping): interval.total_seconds()
            for connection in application.connections()
            for mapping, interval in due_intervals(application, connection).items()
        }


def _of_passes(passes: Iterable[PassFigures], now: datetime) -> Iterator[Metric]:
    found = {(each.connection, each.mapping, each.direction): each for each in passes}
    records = {
        (*labels, name, "error" if name in _FAILED else "success"): each.records[name]
        for labels, each in found.items()
        for name in COUNTERS
    }
    success = {labels: each.last_success for labels, each in found.items() if each.last_success is not None}
    yield _family("interlace_records_total", records)
    yield _family("interlace_runs_total", {labels: each.runs for labels, each in found.items()})
    yield _family(
        "interlace_run_duration_seconds", {labels: each.last_seconds for labels, each in found.items()}
    )
    yield _family(
        "interlace_last_success_timestamp_seconds", {labels: at.timestamp() for labels, at in success.items()}
    )
    yield _family(
        "interlace_lag_seconds", {labels: (now - at).total_seconds() for labels, at in success.items()}
    )


def _of_store(figures: StoreFigures) -> Iterator[Metric]:
    yield _family("interlace_failed_open", figures.failed)
    yield _family("interlace_skipped_open", figures.skipped)
    yield _family("interlace_conflicts_open", figures.conflicts)
    yield _family("interlace_halts_open", figures.halts)
    yield _family("interlace_couplings", figures.couplings)
    yield _family("interlace_queue_depth", figures.queue)


def _family(name: str, values: Mapping[LabelsT, float]) -> Metric:
    """Make a metric as it is declared; the values stand by their labels."""
    declared = FIGURES[name]
    make = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
    family = make(name, declared.text, labels=declared.labels)
    for labels, number in sorted(values.items()):
        assert len(labels) == len(declared.labels)
        family.add_metric(labels, number)
    return family
