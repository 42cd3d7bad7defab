"""`interlace statistics`: what the ERP's books say about customers, beside their accounts in the CRM."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

import typer

from interlace.bootstrap.account_statistics import (
    FIGURES,
    StatisticsRow,
    bring_up_to_date,
    read_statistics,
)
from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.before_writing import require_may_write
from interlace.bootstrap.cause_texts import cause_text
from interlace.bootstrap.connection_settings import require_enabled
from interlace.cli.error_causes import remedy
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t, words
from interlace.domain.synch_job import Counters
from interlace.engine.synch_mapping import StepResult
from interlace.lead_to_cash.mapping_names import STATISTICS
from interlace.locale.translatable import as_sentence, translatable

_CENT = Decimal("0.01")
_COLUMNS = (
    Column(key="customer", caption="Customer"),
    Column(key="name", caption="Name"),
    *(Column(key=name, caption=name.replace("_", " ").capitalize(), number=True) for name in FIGURES),
)

_FAILED_SHOWN = 10


def statistics(
    customers: Annotated[
        list[str] | None,
        typer.Argument(help="Customer numbers; none: the first --limit ones.", show_default=False),
    ] = None,
    *,
    limit: Annotated[int, typer.Option(help="Customers shown at most, when none is named.", min=1)] = 50,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Bring the account statistics in the CRM up to date with the ERP's books, and show them.

    Example: interlace statistics C00010
    """
    output = Output(as_json=as_json)
    wanted = [each.strip().upper() for each in customers or ()]
    with opened(state) as application:
        held = application.connection(connection)
        result, rows = asyncio.run(_run(application, held, wanted, limit))
        errors = application.state.errors
        failed = errors.found(held.id, mapping=STATISTICS, limit=_FAILED_SHOWN)
        causes, _ = errors.causes(held.id, mapping=STATISTICS, limit=_FAILED_SHOWN)
    output.rows(_COLUMNS, [_row(each, as_json=as_json) for each in rows], empty="No customer is coupled.")
    counters = Counters()
    for job in result.jobs:
        counters.add(job.counters)
    output.message(
        translatable(
            "Accounts with figures that moved: {moved} of {total}.",
            moved=counters.inserted + counters.modified,
            total=counters.total,
        )
    )
    if result.stopped:
        output.message(
            translatable(
                "{mapping} stopped. {reason}", mapping=STATISTICS, reason=as_sentence(result.stopped)
            )
        )
    # Who asks for some customers is told of these alone: one without figures has ended the command before.
    remaining = 0 if wanted else counters.failed
    if remaining:
        output.message(
            words().n(
                "{count} customer has no figures in the CRM, or old ones:",
                "{count} customers have no figures in the CRM, or old ones:",
                counters.failed,
            )
        )
        for error in failed:
            output.message(f"  {said(error.error.message)}")
        if counters.failed > len(failed):
            more = t("… and more: {command}", command="interlace errors list STATISTICS")
            output.message(f"  {more}")
        for cause in causes:
            output.message(
                words().n(
                    "Behind {count} record: {cause} {command}",
                    "Behind {count} records: {cause} {command}",
                    cause.count,
                    cause=as_sentence(cause_text(cause)),
                    command=remedy(cause),
                )
            )
    if remaining or result.stopped:
        raise typer.Exit(ExitCode.REMAINING)


async def _run(
    application: Application, held: Connection, customers: Sequence[str], limit: int
) -> tuple[StepResult, list[StatisticsRow]]:
    require_enabled(held.settings)
    async with application.ends(held) as ends:
        await require_may_write(application, held, ends, (STATISTICS,))
        result = await bring_up_to_date(application, held, ends)
        return result, await read_statistics(application, held, ends, customers, limit)


def _row(each: StatisticsRow, *, as_json: bool) -> dict[str, object]:
    figures = {name: Decimal(str(value or 0)).quantize(_CENT) for name, value in each.figures.items()}
    row: dict[str, object] = {"customer": each.customer, "name": each.name, **figures}
    if as_json:
        row |= {"overdue_as_of": each.overdue_as_of, "account_id": each.account_id}
    return row
