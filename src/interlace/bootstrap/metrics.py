"""The figures at /metrics in the form that Prometheus reads; no record, no key and no person stands in them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from interlace.bootstrap.job_place import JobPlace
from interlace.store.figures import COUNTERS, PassFigures, StoreFigures
from interlace.store.state_store import StateStore

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_PASS = ("connection", "mapping", "direction")
_OPEN = ("connection", "mapping")
_FAILED = frozenset({"failed", "skipped"})


class Figures:
    """Makes the text anew each time it is asked for."""

    def __init__(self, state: StateStore, place: JobPlace | None = None) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Interlace(state, place))
        ProcessCollector(registry=self._registry)

    def text(self) -> str:
        """Return all figures; it reads the store, so it is for a thread."""
        return generate_latest(self._registry).decode()


class _Interlace(Collector):
    """Reads what the store knows, whichever process wrote it, and what this process has counted itself."""

    def __init__(self, state: StateStore, place: JobPlace | None) -> None:
        self._state = state
        self._place = place

    def describe(self) -> Iterable[Metric]:
        """Leave the names to `collect`: nothing is read when this is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Give each figure with all its labels."""
        build = GaugeMetricFamily("interlace_build_info", "Version of Interlace.", labels=("version",))
        build.add_metric((metadata.version("interlace"),), 1)
        yield build
        figures = self._state.figures()
        yield from _of_passes(figures.passes, datetime.now(UTC))
        yield from _of_store(figures)
        yield from self._of_process()

    def _of_process(self) -> Iterator[Metric]:
        work = None if self._place is None else self._place.work
        answers = CounterMetricFamily(
            "interlace_api_requests_total",
            "Requests of this process to the services, by side and answered status (none: no answer).",
            labels=("side", "code"),
        )
        waits = CounterMetricFamily(
            "interlace_api_throttled_seconds_total",
            "Seconds that requests of this process have waited because of the services' limits.",
            labels=("side",),
        )
        if work is not None:
            for (side, code), number in sorted(work.answers().items()):
                answers.add_metric((side, code), number)
            for side, seconds in sorted(work.throttled_seconds().items()):
                waits.add_metric((side,), seconds)
        yield answers
        yield waits


def _of_passes(passes: Iterable[PassFigures], now: datetime) -> Iterator[Metric]:
    records = CounterMetricFamily(
        "interlace_records_total",
        "Records that runs have taken up, by what was done with them.",
        labels=(*_PASS, "action", "result"),
    )
    runs = CounterMetricFamily("interlace_runs_total", "Runs that have begun.", labels=_PASS)
    duration = GaugeMetricFamily(
        "interlace_run_duration_seconds", "How long the run took that ended last.", labels=_PASS
    )
    success = GaugeMetricFamily(
        "interlace_last_success_timestamp_seconds", "When a run last ended without a problem.", labels=_PASS
    )
    lag = GaugeMetricFamily(
        "interlace_lag_seconds", "How long ago a run last ended without a problem.", labels=_PASS
    )
    for each in passes:
        labels = (each.connection, each.mapping, each.direction)
        for name in COUNTERS:
            result = "error" if name in _FAILED else "success"
            records.add_metric((*labels, name, result), each.records[name])
        runs.add_metric(labels, each.runs)
        duration.add_metric(labels, each.last_seconds)
        if each.last_success is not None:
            success.add_metric(labels, each.last_success.timestamp())
            lag.add_metric(labels, (now - each.last_success).total_seconds())
    yield from (records, runs, duration, success, lag)


def _of_store(figures: StoreFigures) -> Iterator[Metric]:
    yield _gauge("interlace_failed_open", "Records whose last run failed.", _OPEN, figures.failed)
    yield _gauge(
        "interlace_skipped_open", "Records that are left out until somebody helps.", _OPEN, figures.skipped
    )
    yield _gauge("interlace_conflicts_open", "Conflicts that await a person.", _OPEN, figures.conflicts)
    yield _gauge("interlace_halts_open", "Safety halts that await a person.", _OPEN, figures.halts)
    yield _gauge("interlace_couplings", "Coupled pairs of records.", _OPEN, figures.couplings)
    yield _gauge(
        "interlace_queue_depth", "Job queue entries by status.", ("connection", "status"), figures.queue
    )


def _gauge(
    name: str, text: str, labels: tuple[str, ...], values: Mapping[tuple[str, str], int]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, number in sorted(values.items()):
        family.add_metric(key, number)
    return family
