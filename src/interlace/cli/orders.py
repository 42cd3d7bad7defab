"""`interlace orders`: CRM orders on their way to the ERP and back, what holds them, and what happened to each."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.before_writing import require_may_write
from interlace.bootstrap.connection_settings import ConnectionProblem, require_enabled
from interlace.bootstrap.job_place import is_worked_on_elsewhere, working
from interlace.bootstrap.order_figures import CrmFigures, crm_figures
from interlace.bootstrap.order_lines import WholeOrder, whole_order
from interlace.bootstrap.orders import Orders, Progress, StageCount
from interlace.bootstrap.synch_beside import SynchBeside
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.order_rows import LIST_COLUMNS, NEW, STAGE_COLUMNS, order_row, show_order
from interlace.cli.order_settings import settings
from interlace.cli.output import Output
from interlace.cli.spoken import said, words
from interlace.domain.synch_job import SynchJob
from interlace.engine.saga_memory import TrackedDocument
from interlace.engine.service import ServiceFailure, ServiceUnavailable
from interlace.locale.translatable import as_sentence, joined, text_of, translatable

commands = typer.Typer(
    help="Orders: submitted in the CRM, created in the ERP, and followed until they are paid.",
    no_args_is_help=True,
)
commands.command("settings")(settings)

Order: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="ORDER",
        help="Order number of the CRM, its id, or the number of the ERP order.",
        show_default=False,
    ),
]
_NONE_YET = translatable(
    "No order has been looked at yet. Submit one in the CRM, then run `interlace orders process`."
)


@commands.command("list")
def list_orders(
    *,
    held: Annotated[
        bool | None, typer.Option("--held/--not-held", help="Only orders that are held, or only others.")
    ] = None,
    stage: Annotated[
        str | None, typer.Option(help="Only orders at this stage, such as Released.", show_default=False)
    ] = None,
    under_way: Annotated[
        bool, typer.Option("--under-way", help="Only orders that have not come to their end.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Orders at most.", min=1)] = 100,
    after: Annotated[
        str | None, typer.Option(help="Begin after the order with this id.", show_default=False)
    ] = None,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List orders with their stage, what the CRM says they come to, the ERP's number, and what is missing.

    Example: interlace orders list --held
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        orders = Orders(application=application, connection=application.connection(connection))
        counts = orders.counts()
        at = None if stage is None else _known_stage(stage, counts)
        found = (
            orders.under_way(after=after, limit=limit + 1)
            if under_way
            else orders.listed(stage=at, held=held, after=after, limit=limit + 1)
        )
        shown = found[:limit]
        figures, unread = asyncio.run(_figures_of(orders, shown))
    rows = [order_row(each, figures.get(each.key), as_json=as_json) for each in shown]
    filtered = under_way or held is not None or at is not None or after is not None
    output.rows(
        LIST_COLUMNS, rows, empty=translatable("No such order.") if filtered and counts else _NONE_YET
    )
    if unread is not None:
        left_out = translatable("Customers and amounts are left out, for they stand in the CRM.")
        output.message(joined((left_out, text_of(unread))))
    if len(found) > limit:
        output.message(translatable("There are more: go on with --after {key}", key=shown[-1].key))


@commands.command()
def stages(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Count the orders of each stage, and how many of them are held.

    Example: interlace orders stages
    """
    with opened(state) as application:
        counts = Orders(application=application, connection=application.connection(connection)).counts()
    rows = [
        {"stage": _stage(each, as_json=as_json), "orders": each.orders, "held": each.held} for each in counts
    ]
    Output(as_json=as_json).rows(STAGE_COLUMNS, rows, empty=_NONE_YET)


@commands.command()
def show(
    order: Order, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """Show an order: its lines, both totals and why they differ, what holds it and what to do, its timeline.

    Example: interlace orders show ORD-01001
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        orders = Orders(application=application, connection=application.connection(connection))
        progress = orders.show(order)
        read = asyncio.run(_read(orders, progress.document))
    show_order(output, orders.connection.settings, progress, read)
    if read.unread:
        output.message(joined((translatable("Lines and totals could not be read."), read.unread)))


@commands.command()
def process(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Take orders on now: new ones become ERP orders, and what happened to the others goes back to the CRM.

    Orders that can't go on are held; this is told, and is no failure of the run.

    Example: interlace orders process
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        orders = Orders(application=application, connection=application.connection(connection))
        job = _process(orders)
        counts = orders.counts()
    held = sum(each.held for each in counts)
    output.record(
        {
            "created": job.counters.inserted,
            "moved on": job.counters.modified,
            "taken back": job.counters.deleted,
            "unchanged": job.counters.unchanged,
            "held": job.counters.failed,
        }
        if not as_json
        else _counts(job)
    )
    tell_held(output, held)


@commands.command()
def retry(
    order: Order, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """Take one order on now, even if its ERP order was taken back before; ends with 3 while it is held.

    Every run tries held orders again by itself, so this is for those who don't want to wait.

    Example: interlace orders retry ORD-01001
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        orders = Orders(application=application, connection=application.connection(connection))
        progress, read = asyncio.run(_retry(orders, order))
    show_order(output, orders.connection.settings, progress, read)
    if progress.document.held:
        raise typer.Exit(ExitCode.REMAINING)


def _stage(count: StageCount, *, as_json: bool) -> str:
    stage = count.stage or NEW
    return stage if as_json else said(stage)


def _known_stage(text: str, counts: Sequence[StageCount]) -> str:
    """Return the stage that is meant; raises ConnectionProblem when no order is at such a one."""
    by_caption = {(each.stage or NEW).casefold(): each.stage for each in counts}
    if text.casefold() not in by_caption:
        known = ", ".join(each.stage or NEW for each in counts)
        raise ConnectionProblem(
            translatable(
                "No order is at the stage {stage}. Stages that orders are at: {stages}.",
                stage=repr(text),
                stages=known or as_sentence(translatable("none yet")),
            )
        )
    return by_caption[text.casefold()]


def tell_held(output: Output, held: int) -> None:
    """Say how many orders are held, and how to find out why."""
    if held:
        output.message(
            words().n(
                "{count} order is held: `interlace orders list --held` says what is missing, `interlace orders show "
                "ORDER` what to do. Once that is done, the next run takes them on.",
                "{count} orders are held: `interlace orders list --held` says what is missing, `interlace orders show "
                "ORDER` what to do. Once that is done, the next run takes them on.",
                held,
            )
        )


def held_orders(application: Application, connection: Connection) -> int:
    """Count the orders that are held."""
    return sum(each.held for each in Orders(application=application, connection=connection).counts())


def _counts(job: SynchJob) -> dict[str, object]:
    counters = job.counters
    return {
        "job": job.id,
        "created": counters.inserted,
        "moved_on": counters.modified,
        "taken_back": counters.deleted,
        "unchanged": counters.unchanged,
        "held": counters.failed,
    }


def _process(orders: Orders) -> SynchJob:
    """Take orders on here, or have the process do it that works on the background jobs already."""
    require_enabled(orders.connection.settings)
    if not is_worked_on_elsewhere(orders.application.config):
        return asyncio.run(_process_here(orders))
    with working(orders.application) as place:
        beside = SynchBeside(application=orders.application, connection=orders.connection, place=place)
        result = beside.run(orders.saga.name, full=False)
    job = next((each for each in result.jobs if each.mapping == orders.saga.name), None)
    if result.stopped or job is None:
        raise ServiceUnavailable(
            result.stopped or translatable("The run of the orders left no job. Look at `interlace jobs`.")
        )
    return job


async def _process_here(orders: Orders) -> SynchJob:
    async with orders.application.ends(orders.connection) as ends:
        await require_may_write(orders.application, orders.connection, ends, (orders.saga.name,))
        return await orders.process(ends)


async def _retry(orders: Orders, name: str) -> tuple[Progress, WholeOrder]:
    orders.show(name)
    async with orders.application.ends(orders.connection) as ends:
        await require_may_write(orders.application, orders.connection, ends, (orders.saga.name,))
        progress = await orders.retry(ends, name)
        return progress, await whole_order(ends, progress.document)


async def _figures_of(
    orders: Orders, documents: Sequence[TrackedDocument]
) -> tuple[dict[str, CrmFigures], ServiceFailure | None]:
    """Read what the CRM has of orders; a CRM that does not answer leaves what we remember ourselves."""
    if not documents:
        return {}, None
    try:
        async with orders.application.ends(orders.connection, retries_max=0) as ends:
            return await crm_figures(ends, documents), None
    except ServiceFailure as failure:
        return {}, failure


async def _read(orders: Orders, document: TrackedDocument) -> WholeOrder:
    try:
        async with orders.application.ends(orders.connection, retries_max=0) as ends:
            return await whole_order(ends, document)
    except ServiceFailure as failure:
        return WholeOrder(unread=text_of(failure))
