"""Where background jobs are worked on: in this process, or in the one that does so already."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.synch_work import EngineSynchWork
from interlace.bootstrap.worker_lock import WorkerBusy, WorkerLock
from interlace.locale.translatable import text_of
from interlace.settings import Config

if TYPE_CHECKING:
    from interlace.jobs.job_client import JobClient

Result = TypeVar("Result")
_LOOK_AGAIN_SECONDS = 0.25
_PATIENCE_SECONDS = 15.0
"""How long a process that has just begun to work on jobs may take until it can be asked for some."""
_TAKE_OVER_SECONDS = 10.0
"""How long nobody must have worked before a follower does: a server that was killed is started again first."""
_RESTART_SECONDS = 5.0
"""How long a server waits for the one before it to be gone."""


class JobPlace:
    """Asks for background jobs, and works on them as long as no other process does."""

    def __init__(self, application: Application, *, purpose: str = "") -> None:
        self._application = application
        self._purpose = purpose or purpose_of_process()
        self._resources = ExitStack()
        config = application.config
        is_own = config.database_url.startswith("sqlite")
        # On PostgreSQL a worker of another name may work beside this one.
        name = "worker" if is_own else f"worker-{config.worker_name}"
        self._lock = WorkerLock(config.state_directory / f"{name}.lock")
        self._is_own = is_own
        self._client: JobClient | None = None
        self._free_since: float | None = None
        self.work: EngineSynchWork | None = None
        """What is worked with, if that is done here."""

    @property
    def client(self) -> "JobClient":
        """Asks for work."""
        assert self._client is not None
        return self._client

    @property
    def is_here(self) -> bool:
        """Whether this process works on the jobs."""
        return self.work is not None

    def open(self) -> None:
        """Work here, or ask the process that does so already."""
        if not self._begin():
            self._client = self._resources.enter_context(self._asking())

    def open_alone(self) -> None:
        """Work here; raises WorkerBusy when another process does so already and goes on doing so."""
        from interlace.jobs.takeover import WorkerNameTaken

        try:
            if not self._begin(patience_seconds=_RESTART_SECONDS, asks_first=False):
                raise WorkerBusy(self._lock.holder())
        except WorkerNameTaken as taken:
            self.close()
            raise ConnectionProblem(str(taken)) from taken

    def close(self) -> None:
        """Stop working and asking."""
        self._resources.close()
        self.work = None

    def go_on(self) -> None:
        """Work here from now on if the process that did so has ended; call now and then while waiting for work."""
        if self.is_here:
            return
        if is_worked_on_elsewhere(self._application.config):
            self._free_since = None
            return
        now = time.monotonic()
        if self._free_since is None:
            self._free_since = now
        if now - self._free_since >= _TAKE_OVER_SECONDS and not self._begin(client=False):
            self._free_since = now

    def wait(self, run_id: str) -> str:
        """Wait for a run of one mapping, wherever it is worked on; gives its message, blank if all went well."""
        while self.client.is_at_work(run_id):
            self.go_on()
            time.sleep(_LOOK_AGAIN_SECONDS)
        return self.client.wait(run_id)

    def _begin(self, *, patience_seconds: float = 0.0, client: bool = True, asks_first: bool = True) -> bool:
        # The job engine takes long to load, and most commands do without it.
        from interlace.jobs.job_engine import JobEngine, WorkerOptions
        from interlace.jobs.takeover import is_working

        config = self._application.config
        if asks_first and not self._is_own and is_working(config.database_url, config.worker_name):
            return False
        if not self._lock.take(self._purpose, patience_seconds=patience_seconds):
            return False
        self._resources.callback(self._lock.release)
        options = WorkerOptions(executor_id=config.worker_name, mappings_at_once=config.parallel_mappings)
        work = EngineSynchWork(self._application)
        engine = JobEngine(jobs_url(config), work, self._application.state, options)
        self._resources.enter_context(engine)
        self.work = work
        if client:
            self._client = self._resources.enter_context(engine.client())
        return True

    @contextmanager
    def _asking(self) -> Iterator["JobClient"]:
        from interlace.jobs.job_client import JobClient, NoWorkerYet

        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                client = JobClient(jobs_url(self._application.config), self._application.state)
                break
            except NoWorkerYet:
                if time.monotonic() > until:
                    raise WorkerBusy(self._lock.holder()) from None
                time.sleep(_LOOK_AGAIN_SECONDS)
        with client:
            yield client


@contextmanager
def working(application: Application) -> Iterator[JobPlace]:
    """Have background jobs worked on as long as the context lasts, here if nobody else does."""
    place = JobPlace(application)
    try:
        place.open()
        yield place
    finally:
        place.close()


@contextmanager
def asking(application: Application) -> Iterator["JobClient"]:
    """Ask for work, or about it, without working on it here; raises ConnectionProblem before the first start."""
    from interlace.jobs.job_client import JobClient, NoWorkerYet

    try:
        client = JobClient(jobs_url(application.config), application.state)
    except NoWorkerYet as problem:
        raise ConnectionProblem(text_of(problem)) from problem
    with client:
        yield client


@contextmanager
def asking_if_begun(application: Application) -> Iterator["JobClient | None"]:
    """Ask about work without working on it here; None before the first start, when there can't be any."""
    from interlace.jobs.job_client import JobClient, NoWorkerYet

    try:
        client = JobClient(jobs_url(application.config), application.state)
    except NoWorkerYet:
        yield None
        return
    with client:
        yield client


def is_worked_on_elsewhere(config: Config) -> bool:
    """Tell whether another process works on the background jobs of a state that only one may work on (SQLite)."""
    if not config.database_url.startswith("sqlite"):
        return False
    lock = WorkerLock(config.state_directory / "worker.lock")
    if lock.take(purpose_of_process()):
        lock.release()
        return False
    return True


def purpose_of_process() -> str:
    """Name this process for people: its command without its arguments."""
    words = [word for word in sys.argv[1:3] if word and word[0].isalpha()]
    return (
        " ".join(["interlace", *words])
        if Path(sys.argv[0]).stem in {"interlace", "__main__"}
        else "A process"
    )


def jobs_url(config: Config) -> str:
    """Return the job engine's database: a file of its own beside a SQLite one, the same PostgreSQL otherwise."""
    if config.database_url.startswith("sqlite"):
        return f"sqlite:///{config.state_directory / 'jobs.db'}"
    return config.database_url
