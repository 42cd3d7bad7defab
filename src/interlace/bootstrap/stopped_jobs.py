"""Finishes the jobs of a run that a service stopped in its middle: nobody takes it up again."""

from dataclasses import replace

from interlace.bootstrap.application import Application, Connection
from interlace.domain.synch_job import SynchJob
from interlace.engine.service import ServiceUnavailable
from interlace.locale.translatable import text_of
from interlace.store.connection_store import ConnectionStore


def finish_stopped(
    application: Application,
    connection: Connection,
    store: ConnectionStore,
    run_id: str,
    problem: ServiceUnavailable,
) -> list[SynchJob]:
    """Finish them, and let them say what stopped them."""
    jobs = application.state.queries.synch_jobs(connection.id, run_id=run_id)
    stopped = [replace(each, message=text_of(problem)) for each in jobs]
    for job in stopped:
        store.finish_job(job)
    return stopped
