"""`interlace synch`: synchronizes mappings now, in this process or in the server that runs beside it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.before_writing import require_may_write
from interlace.bootstrap.job_place import is_worked_on_elsewhere, working
from interlace.bootstrap.synch_beside import SynchBeside
from interlace.bootstrap.synch_now import SynchNow
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, Mappings, State, opened
from interlace.cli.orders import held_orders, tell_held
from interlace.cli.output import Column, Output
from interlace.cli.plan import plan
from interlace.cli.restorations import banners_since
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import SynchJob
from interlace.engine.synch_mapping import StepResult
from interlace.lead_to_cash.mapping_names import SALESORDER_ORDER
from interlace.locale.translatable import as_sentence, translatable

COUNTER_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="direction", caption="Direction"),
    Column(key="inserted", caption="Inserted", number=True),
    Column(key="modified", caption="Modified", number=True),
    Column(key="deleted", caption="Deleted", number=True),
    Column(key="unchanged", caption="Unchanged", number=True),
    Column(key="skipped", caption="Skipped", number=True),
    Column(key="failed", caption="Failed", number=True),
    Column(key="coupled", caption="Coupled", number=True),
    Column(key="uncoupled", caption="Uncoupled", number=True),
)


def synch(
    mappings: Mappings = None,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Compare whole tables; create what is missing.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing: the same as `interlace plan --show`.")
    ] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Synchronize what changed since the last run, mapping by mapping in the order of their dependencies.

    A mapping runs once more when records that its references waited for were coupled by a later one. Orders that were
    submitted in the CRM are taken on after the prices and before the invoices.

    Example: interlace synch CUSTOMER CONTACT --dry-run
    """
    if dry_run:
        plan(mappings, full=full, show=True, connection=connection, state=state, as_json=as_json)
        return
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        names = application.known_mappings(held, mappings) if mappings else application.taking_part(held)
        started = datetime.now(UTC)
        failure: Exception | None = None
        if is_worked_on_elsewhere(application.config):
            with working(application) as place:
                beside = SynchBeside(application=application, connection=held, place=place)
                results = beside.run_each(names, full=full)
        else:
            results, failure = asyncio.run(_run(application, held, names, full=full))
        banners = banners_since(application, held, started)
        held_now = held_orders(application, held) if SALESORDER_ORDER in names else 0
    jobs = [job for _, result in results for job in result.jobs]
    output.rows(COUNTER_COLUMNS, [counter_row(job) for job in jobs], empty="No mapping.")
    for text in banners:
        output.message(text)
    for name, result in results:
        if result.stopped:
            output.message(
                translatable("{mapping} stopped. {reason}", mapping=name, reason=as_sentence(result.stopped))
            )
    if failure is not None:
        raise failure
    tell_held(output, held_now)
    if any(_has_remaining(job) for job in jobs):
        output.message(
            "Some records failed or were skipped: `interlace errors` lists what failed, with what to do. "
            "Records that are not coupled are skipped until `interlace synch --full` creates their partners."
        )
        raise typer.Exit(ExitCode.REMAINING)
    if held_now or any(result.stopped for _, result in results):
        raise typer.Exit(ExitCode.REMAINING)


def _has_remaining(job: SynchJob) -> bool:
    """Tell whether a job left records on the error list; orders that are held stand on a list of their own."""
    return job.mapping != SALESORDER_ORDER and bool(job.counters.failed or job.counters.skipped)


async def _run(
    application: Application, held: Connection, names: Sequence[MappingName], *, full: bool
) -> tuple[list[tuple[MappingName, StepResult]], Exception | None]:
    async with application.ends(held) as ends:
        await require_may_write(application, held, ends, names)
        return await SynchNow(application=application, connection=held, ends=ends).run_each(names, full=full)


def counter_row(job: SynchJob) -> dict[str, object]:
    """Return a job's counters as a row for people or programs."""
    return {"mapping": job.mapping, "direction": job.direction.value, **job.counters.as_dict()}
