"""The first complete synchronization as a use case: plan it, start or restart it, follow it to its end."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.synch_work import EngineSynchWork
from interlace.domain.full_synch_review import FullSynchReview, ReviewLine, is_over
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.engine.ports import Side
from interlace.jobs.job_client import JobClient
from interlace.jobs.job_engine import JobEngine, WorkerOptions
from interlace.settings import Config

_LOOK_AGAIN_SECONDS = 0.25

Watch = Callable[[FullSynchReview], None]
"""Called with the review as it stands, several times a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FullSynchronization:
    """Full synchronizations of one Interlace."""

    application: Application

    def latest(self, connection: Connection) -> FullSynchReview | None:
        """Return the newest review of a connection."""
        return self.application.state.reviews.latest(connection.id)

    def unfinished(self, connection: Connection) -> FullSynchReview | None:
        """Return the newest review if it was started and is not over."""
        review = self.latest(connection)
        if review is None or is_over(review.lines):
            return None
        return review

    def plan(self, connection: Connection) -> FullSynchReview:
        """Make a new review with a line for every mapping; raises ConnectionProblem if it is not enabled."""
        if not connection.settings.enabled:
            name = connection.settings.name
            msg = (
                f"The connection {name} is not enabled. Enable it with `interlace connection enable {name}`."
            )
            raise ConnectionProblem(msg)
        lines = [
            ReviewLine(mapping=mapping.name, direction=mapping.direction, depends_on=mapping.depends_on)
            for mapping in self.application.mappings(connection).values()
        ]
        expected = asyncio.run(self._expected(connection))
        lines = [replace(line, expected=expected[line.mapping]) for line in lines]
        return self.application.state.reviews.create(str(uuid4()), connection.id, lines)

    async def _expected(self, connection: Connection) -> dict[MappingName, int]:
        """Estimate how many records each mapping's passes will take up, for the time that is left."""
        expected = {}
        async with self.application.ends(connection) as ends:
            for name in self.application.mappings(connection):
                setup = self.application.run_setup(
                    connection, name, run_id="", create_new=True, compare_all=True
                )
                to_crm = Direction.TO_INTEGRATION_TABLE in setup.mapping.passes
                service, side = (ends.erp, Side.ERP) if to_crm else (ends.crm, Side.CRM)
                expected[name] = await service.count(setup.view(side)) * len(setup.mapping.passes)
        return expected

    def run(self, connection: Connection, review: FullSynchReview, watch: Watch) -> FullSynchReview:
        """Work on a review until it is over: begin it, or go on with it after an interruption."""
        with working(self.application) as client:
            client.start_full_synch(connection.id, review.run_id)
            return self._follow(client, connection, review.run_id, watch)

    def restart(self, connection: Connection, watch: Watch, *, every: bool) -> FullSynchReview:
        """Run the failed and blocked lines of the newest review again, or every line; work until it is over."""
        review = self.latest(connection)
        if review is None:
            msg = "There is no full synchronization yet. Start one with `interlace full-synch start`."
            raise ConnectionProblem(msg)
        with working(self.application) as client:
            client.restart_full_synch(connection.id, review.run_id, every=every)
            return self._follow(client, connection, review.run_id, watch)

    def _follow(
        self, client: JobClient, connection: Connection, run_id: str, watch: Watch
    ) -> FullSynchReview:
        while True:
            review = self.application.state.reviews.read(run_id)
            assert review is not None
            watch(review)
            if is_over(review.lines) and not client.full_synch_is_running(run_id):
                break
            time.sleep(_LOOK_AGAIN_SECONDS)
        self._fill_references(client, connection)
        return review

    def _fill_references(self, client: JobClient, connection: Connection) -> None:
        """Let mappings run once more whose records wait for partners that have been coupled meanwhile."""
        store = self.application.connection_store(connection)
        for mapping in self.application.mappings(connection).values():
            if any(store.retry_candidates(mapping.name, direction) for direction in mapping.passes):
                client.wait(client.synchronize_now(connection.id, mapping.name))


@contextmanager
def working(application: Application) -> Iterator[JobClient]:
    """Let this process work on background jobs as long as the context lasts."""
    config = application.config
    options = WorkerOptions(executor_id=config.worker_name, mappings_at_once=config.parallel_mappings)
    work = EngineSynchWork(application)
    with JobEngine(jobs_url(config), work, application.state, options) as engine, engine.client() as client:
        yield client


def jobs_url(config: Config) -> str:
    """Return the job engine's database: a file of its own beside a SQLite one, the same PostgreSQL otherwise."""
    if config.database_url.startswith("sqlite"):
        return f"sqlite:///{config.state_directory / 'jobs.db'}"
    return config.database_url
