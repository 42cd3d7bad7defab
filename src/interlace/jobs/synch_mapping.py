"""Runs one mapping batch by batch under its lease. Where it stands is in the store, never here.

A batch may run twice (its process died before the job engine took note); it begins at the stored position,
so the second time it only does what is left.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from dbos import DBOS
from dbos import error as dbos_error

from interlace.jobs.ports import BatchProgress, JobState, SynchMode, SynchWork
from interlace.locale.kept_text import to_kept
from interlace.locale.translatable import as_sentence, text_of, translatable

_logger = logging.getLogger(__name__)

Outcome: TypeAlias = dict[str, Any]
"""What a step gives back: plain JSON values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPolicy:
    """How patient the jobs are."""

    batches_per_segment: int = 300
    """A longer workflow takes too long to replay after a crash."""
    attempts: int = 6
    first_delay_seconds: float = 2.0
    busy_delay_seconds: float = 5.0
    busy_attempts: int = 60
    frozen_delay_seconds: float = 5.0
    """Windows are set, moved and removed by people: how soon that is noticed."""
    polling_seconds: float = 0.2


class WorkerRests(BaseException):
    """Raised in a run when its worker stops: nothing is noted of it, so that the run goes on where it is.

    No Exception: the job engine would take that for the run's end.
    """


class BatchRunner:
    """Runs batches of the injected work; an awaitable one goes to an event loop of its own thread."""

    def __init__(self, work: SynchWork, state: JobState, policy: JobPolicy) -> None:
        self._work = work
        self._state = state
        self._policy = policy
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="synch-loop", daemon=True)
        self._thread.start()
        self._rests = threading.Event()
        self._at_work = 0
        self._none_at_work = threading.Condition()

    def rest(self, seconds: float) -> bool:
        """Begin no more batches, and wait for those at work; False if they take longer."""
        with self._none_at_work:
            self._rests.set()
            return self._none_at_work.wait_for(lambda: not self._at_work, seconds)

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._none_at_work:
            if self._rests.is_set():
                raise WorkerRests
            self._at_work += 1
        try:
            yield
        finally:
            with self._none_at_work:
                self._at_work -= 1
                self._none_at_work.notify_all()

    def close(self) -> None:
        """Let the work close what it keeps open, and stop the event loop."""
        asyncio.run_coroutine_threadsafe(self._work.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def may_recur(self, connection_id: str, mapping: str) -> bool:
        """Tell whether a recurring run may begin now: nothing holds it."""
        is_held = self._state.reviews.is_running(connection_id, mapping)
        is_held = is_held or self._work.is_frozen(connection_id, mapping)
        return not is_held and self._work.may_recur(connection_id, mapping)

    def wait_until_thawed(self, connection_id: str, mapping: str) -> None:
        """Return when no freeze window keeps a mapping from running any more; begun anew after a crash, it waits on."""
        while self._work.is_frozen(connection_id, mapping):
            if self._rests.wait(self._policy.frozen_delay_seconds):
                raise WorkerRests

    def run_segment(self, connection_id: str, mapping: str, mode: str, run_id: str) -> Outcome:
        """Run batches until the mapping is done, stopped, or the segment is full (a workflow's body)."""
        busy = batches = 0
        while batches < self._policy.batches_per_segment:
            outcome = self._checkpointed_batch(connection_id, mapping, mode, run_id)
            if outcome["outcome"] == "busy":
                busy += 1
                if busy >= self._policy.busy_attempts:
                    return {"outcome": "stopped", "message": to_kept(_busy_text(mapping))}
                DBOS.sleep(self._policy.busy_delay_seconds)
            elif outcome["outcome"] == "more":
                batches += 1
            else:
                return outcome
        return {"outcome": "more"}

    def _checkpointed_batch(self, connection_id: str, mapping: str, mode: str, run_id: str) -> Outcome:
        options: Any = {
            "name": "batch",
            "retries_allowed": True,
            "max_attempts": self._policy.attempts,
            "interval_seconds": self._policy.first_delay_seconds,
            "backoff_rate": 2.0,
            "should_retry": self._work.is_transient,
        }
        try:
            return DBOS.run_step(options, self._batch, connection_id, mapping, mode, run_id)
        except dbos_error.DBOSMaxStepRetriesExceeded as error:
            last = error.errors[-1] if error.errors else error
            return {"outcome": "stopped", "message": to_kept(_given_up_text(mapping, last))}

    def _batch(self, connection_id: str, mapping: str, mode: str, run_id: str) -> Outcome:
        with self._working():
            return self._batch_alone(connection_id, mapping, mode, run_id)

    def _batch_alone(self, connection_id: str, mapping: str, mode: str, run_id: str) -> Outcome:
        # The number is taken anew for each batch and never stored as a step's result: a worker that replays
        # this run after a crash must get a newer one than the worker that it takes over from.
        fence = self._state.take_lease(connection_id, mapping, f"{run_id}:{mapping}")
        if fence is None:
            return {"outcome": "busy"}
        try:
            progress = self._run(
                lambda: self._work.run_batch(connection_id, mapping, SynchMode(mode), run_id, fence)
            )
        except Exception as error:
            if self._work.is_transient(error):
                raise
            _logger.exception("The batch of mapping %s failed (run %s).", mapping, run_id)
            self._state.release_lease(connection_id, mapping, fence)
            return {"outcome": "stopped", "message": to_kept(text_of(error) or type(error).__name__)}
        if progress.is_frozen:
            self._state.release_lease(connection_id, mapping, fence)
            return {"outcome": "frozen"}
        if progress.more and not progress.stopped:
            return {"outcome": "more"}
        self._state.release_lease(connection_id, mapping, fence)
        if progress.stopped:
            return {"outcome": "stopped", "message": to_kept(progress.stopped)}
        return {"outcome": "done"}

    def _run(self, begin: "Callable[[], BatchProgress | Awaitable[BatchProgress]]") -> BatchProgress:
        begun = begin()
        if isinstance(begun, BatchProgress):
            return begun
        return asyncio.run_coroutine_threadsafe(_awaited(begun), self._loop).result()


async def _awaited(begun: Awaitable[BatchProgress]) -> BatchProgress:
    return await begun


def frozen_text() -> str:
    """Say why a run waits."""
    return translatable(
        "Waits until the freeze window of the ERP is over, then goes on by itself; what was changed meanwhile is "
        "carried over then."
    )


def _busy_text(mapping: str) -> str:
    return translatable(
        "Another run has been at work on the mapping {mapping} all the time, so this one did not begin. "
        "Wait until it has finished, then start this one again.",
        mapping=mapping,
    )


def _given_up_text(mapping: str, error: BaseException) -> str:
    return translatable(
        "The mapping {mapping} was given up after several attempts: {problem} "
        "Make sure that both services can be reached, then restart; it goes on where it stopped.",
        mapping=mapping,
        problem=as_sentence(text_of(error)),
    )
