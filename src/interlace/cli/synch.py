"""`interlace synch`: synchronizes mappings now, in this process."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.fingerprint import confirm_ends
from interlace.bootstrap.synch_now import SynchNow
from interlace.cli.captions import key_text
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, Mappings, State, opened
from interlace.cli.output import Column, Output
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import SynchJob
from interlace.engine.synch_mapping import StepResult

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
_PLAN_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="action", caption="Action"),
    Column(key="record", caption="Record"),
    Column(key="partner", caption="Partner"),
    Column(key="fields", caption="Fields, or why not"),
)


def synch(
    mappings: Mappings = None,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Compare whole tables; create what is missing.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")
    ] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Synchronize what changed since the last run, mapping by mapping in the order of their dependencies.

    A mapping runs once more when records that its references waited for were coupled by a later one.

    Example: interlace synch CUSTOMER CONTACT --dry-run
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        names = application.known_mappings(held, mappings or [])
        results = asyncio.run(_run(application, held, names, full=full, dry_run=dry_run))
    jobs = [job for _, result in results for job in result.jobs]
    if dry_run:
        rows = _plan_rows(results)
        output.rows(_PLAN_COLUMNS, rows, empty="Nothing would be written.")
        raise typer.Exit(ExitCode.CHANGES_PENDING if rows else ExitCode.OK)
    output.rows(COUNTER_COLUMNS, [counter_row(job) for job in jobs], empty="No mapping.")
    for name, result in results:
        if result.stopped:
            output.message(f"{name} stopped. {result.stopped}")
    if any(job.counters.failed or job.counters.skipped for job in jobs):
        output.message(
            "Some records failed or were skipped: `interlace errors` lists what failed, with what to do. "
            "Records that are not coupled are skipped until `interlace synch --full` creates their partners."
        )
        raise typer.Exit(ExitCode.REMAINING)
    if any(result.stopped for _, result in results):
        raise typer.Exit(ExitCode.REMAINING)


async def _run(
    application: Application, held: Connection, names: Sequence[MappingName], *, full: bool, dry_run: bool
) -> list[tuple[MappingName, StepResult]]:
    results = []
    async with application.ends(held) as ends:
        if not dry_run:
            await confirm_ends(held.settings, ends)
        now = SynchNow(application=application, connection=held, ends=ends)
        for name in names:
            result = await (now.plan(name, full=full) if dry_run else now.run(name, full=full))
            results.append((name, result))
        waiting = () if dry_run else application.mappings_to_fill(held)
        results += [(name, await now.run(name, full=False)) for name in waiting if name in names]
    return results


def counter_row(job: SynchJob) -> dict[str, object]:
    """Return a job's counters as a row for people or programs."""
    return {"mapping": job.mapping, "direction": job.direction.value, **job.counters.as_dict()}


def _plan_rows(results: Sequence[tuple[MappingName, StepResult]]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {
            "mapping": name,
            "action": each.action,
            "record": key_text(each.key),
            "partner": None if each.partner_key is None else key_text(each.partner_key),
            "fields": each.message or ", ".join(each.after),
        }
        for name, result in results
        for each in result.planned
    ]
    # Nothing is written, so each direction's pass sees a pair that both sides changed.
    return list({tuple(row.values()): row for row in rows}.values())
