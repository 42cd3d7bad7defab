"""A worker process's binding of the durable job engine: registers the workflows, starts, recovers, stops.

One at a time in a process, for the job engine keeps its state there. It only remembers which work runs; where
the work stands is in our own tables.
"""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from dbos import DBOS, DBOSConfig

from interlace.jobs.full_synch import FullSynch
from interlace.jobs.job_client import JobClient
from interlace.jobs.job_database import (
    APPLICATION_NAME,
    APPLICATION_VERSION,
    engine_options,
    is_postgresql,
    normalized,
)
from interlace.jobs.names import (
    COORDINATORS,
    FULL_SYNCH,
    RECURRING,
    RETENTION,
    SYNCH_MAPPING,
    SYNCH_RUN,
    TABLES,
    THAW,
)
from interlace.jobs.ports import JobState, SynchWork
from interlace.jobs.serializer import JsonSerializer
from interlace.jobs.synch_mapping import BatchRunner, JobPolicy, Outcome
from interlace.jobs.synch_run import SynchRun
from interlace.jobs.takeover import TakeOver

_logger = logging.getLogger(__name__)
_Body = TypeVar("_Body", bound=Callable[..., Any])
_DELETE_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """How one worker process behaves."""

    executor_id: str = "server"
    """Unique among the workers of a database, and the same at every start: by it a worker finds its own
    unfinished work again."""
    mappings_at_once: int = 4
    queue_polling_seconds: float = 0.5
    take_over_seconds: float = 2.0
    rest_seconds: float = 4.0
    """How long batches at work may take to come to their end when the worker stops."""
    keep_for: timedelta = timedelta(days=7)
    policy: JobPolicy = field(default_factory=JobPolicy)


class JobEngine:
    """The running worker of this process; use as a context manager, or open and close."""

    def __init__(
        self, url: str, work: SynchWork, state: JobState, options: WorkerOptions | None = None
    ) -> None:
        self._url = url
        self._state = state
        self._options = options or WorkerOptions()
        self._runner = BatchRunner(work, state, self._options.policy)
        self._resources = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Start working: first on what this worker had left unfinished."""
        try:
            self._open()
        except BaseException:
            self._resources.close()
            raise

    def _open(self) -> None:
        self._resources.callback(self._runner.close)
        take_over = None
        if is_postgresql(self._url):
            take_over = TakeOver(
                normalized(self._url),
                self._options.executor_id,
                seconds_between=self._options.take_over_seconds,
            )
            self._resources.callback(take_over.close)
        DBOS(config=self._config())
        self._resources.callback(DBOS.destroy, destroy_registry=True)
        self._register()
        DBOS.launch()
        polling = self._options.queue_polling_seconds
        DBOS.register_queue(COORDINATORS, polling_interval_sec=polling, on_conflict="always_update")
        DBOS.register_queue(
            TABLES,
            worker_concurrency=self._options.mappings_at_once,
            polling_interval_sec=polling,
            on_conflict="always_update",
        )
        self._keep_retention_schedule()
        if take_over is not None:
            take_over.__enter__()

    def close(self) -> None:
        """Stop working; what is unfinished goes on at the next start, or at once on another worker."""
        if not self._runner.rest(self._options.rest_seconds):
            _logger.info("A batch at work was left before its end; the next start repeats it.")
        self._resources.close()
        # The next engine of this process writes to what standard error is then.
        for handler in list(logging.getLogger("dbos").handlers):
            logging.getLogger("dbos").removeHandler(handler)

    def client(self) -> JobClient:
        """Return a client for the same database, to be closed by the caller."""
        return JobClient(self._url, self._state)

    def delete_old(self) -> int:
        """Forget finished work older than the retention allows; gives the number of workflows deleted."""
        before = datetime.now(UTC) - self._options.keep_for
        deleted = 0
        while True:
            found = DBOS.list_workflows(
                status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
                end_time=before.isoformat(),
                limit=_DELETE_AT_ONCE,
                load_input=False,
                load_output=False,
            )
            if not found:
                break
            DBOS.delete_workflows([each.workflow_id for each in found])
            deleted += len(found)
        self._state.job_queue_entries.delete_finished_before(before)
        self._state.reviews.delete_older(self._options.keep_for)
        return deleted

    def _config(self) -> DBOSConfig:
        return DBOSConfig(
            name=APPLICATION_NAME,
            system_database_url=normalized(self._url),
            application_version=APPLICATION_VERSION,
            executor_id=self._options.executor_id,
            serializer=JsonSerializer(),
            log_level="WARNING",
            db_engine_kwargs=engine_options(self._url),
            run_migrations=True,
        )

    def _register(self) -> None:
        """Register the workflows: plain functions, for the job engine marks what it registers."""
        full = FullSynch(self._state, self._runner, self._options.policy)
        single = SynchRun(self._state, self._runner)

        def full_synch(connection_id: str, run_id: str, attempt: int) -> str:
            return full.coordinate(connection_id, run_id, attempt)

        def synch_mapping(connection_id: str, mapping: str, mode: str, run_id: str, entry_id: str) -> Outcome:
            return full.synchronize(connection_id, mapping, mode, run_id, entry_id)

        def thaw(connection_id: str, mapping: str, mode: str) -> Outcome:
            return full.thaw(connection_id, mapping, mode)

        def synch_run(connection_id: str, mapping: str, mode: str, recurring: bool) -> str:  # noqa: FBT001
            return single.coordinate(connection_id, mapping, mode, recurring)

        def synch_segment(connection_id: str, mapping: str, mode: str, run_id: str) -> Outcome:
            return single.segment(connection_id, mapping, mode, run_id)

        def recurring_synch(scheduled_at: datetime, context: Any) -> str:  # noqa: ANN401
            return single.tick(scheduled_at, context)

        def retention(_scheduled_at: datetime, _context: Any) -> None:  # noqa: ANN401
            DBOS.run_step({"name": "delete_old"}, self.delete_old)

        _registered(FULL_SYNCH, full_synch)
        full.synch_mapping_workflow = _registered(SYNCH_MAPPING, synch_mapping)
        full.thaw_workflow = _registered(THAW, thaw)
        single.run_workflow = _registered(SYNCH_RUN, synch_run)
        single.segment_workflow = _registered(f"{SYNCH_RUN}_segment", synch_segment)
        _registered(RECURRING, recurring_synch)
        self._retention = _registered(RETENTION, retention)

    def _keep_retention_schedule(self) -> None:
        if DBOS.get_schedule(RETENTION) is None:
            # Two workers may start together: the second one finds the schedule there, which is all it wants.
            with contextlib.suppress(Exception):
                DBOS.create_schedule(
                    schedule_name=RETENTION, workflow_fn=self._retention, schedule="0 17 3 * * *"
                )


def _registered(name: str, body: _Body) -> _Body:
    return cast("_Body", DBOS.workflow(name=name)(body))
