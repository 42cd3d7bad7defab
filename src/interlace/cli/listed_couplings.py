"""`interlace couplings list` with filters: through the same operation as pages and the API, or into a file."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.coupling_listing import list_couplings
from interlace.bootstrap.desk.couplings import add_couplings
from interlace.bootstrap.desk.listing_place import OneCommand
from interlace.bootstrap.machine_user import machine_caller
from interlace.cli.output import Column, Output
from interlace.cli.spoken import words
from interlace.domain.filter_language import quoted
from interlace.locale.translatable import translatable
from interlace.management.caller import Caller
from interlace.management.couplings import COUPLING_COLUMNS, LIST_COUPLINGS
from interlace.management.desk import Desk, Works
from interlace.management.export import ExportFormat, export_format
from interlace.management.listing import ListAnswer, ListAsked, ListRow
from interlace.management.noted_changes import Noted
from interlace.management.operation import AnyOperation
from interlace.web.export import ExportShape, csv_parts, rows_of, write_xlsx

_COLUMNS = tuple(Column(key=each.name, caption=each.caption) for each in COUPLING_COLUMNS)
_LISTED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a command line asks of the list."""

    connection: str
    mapping: str | None
    filters: Sequence[str]
    search: str
    sort: str
    limit: int

    def asked(self) -> ListAsked:
        """Return what the operation is asked; raises ConnectionProblem for a filter without a column."""
        filters: dict[str, str] = {} if self.mapping is None else {"mapping": quoted(self.mapping)}
        for text in self.filters:
            column, sign, expression = text.partition("=")
            if not sign:
                names = ", ".join(each.name for each in COUPLING_COLUMNS if each.is_filtered)
                raise ConnectionProblem(
                    translatable(
                        "The filter '{text}' names no column. Write COLUMN=FILTER; columns: {names}.",
                        text=text,
                        names=names,
                    )
                )
            filters[column.strip()] = expression
        return ListAsked(
            connection=self.connection, filters=filters, search=self.search, sort=self.sort, counted=False
        )


def show_couplings(application: Application, output: Output, wanted: Wanted) -> None:
    """Write the first couplings that fit, as many as wanted; raises Refused."""

    async def read() -> list[ListRow]:
        """Ask the desk."""
        rows: list[ListRow] = []
        async for row in rows_of(_asking(application), wanted.asked()):
            rows.append(row)
            if len(rows) > wanted.limit:
                break
        return rows

    _catch_up(application, output)
    rows = asyncio.run(read())
    shown = [{each.key: getattr(row, each.key) for each in _COLUMNS} for row in rows[: wanted.limit]]
    output.rows(_COLUMNS, shown, empty="No couplings fit.")
    if len(rows) > wanted.limit:
        output.message(
            "There are more: filter more narrowly, raise --limit, or write all of them with --export."
        )


def export_couplings(application: Application, output: Output, wanted: Wanted, file: Path) -> None:
    """Write all couplings that fit into a file, CSV or Excel by its ending; raises Refused."""

    async def write() -> int:
        """Write page after page."""
        # Whatever is wrong with the filters, or the ending, is told before there is a file.
        kind, ask = export_format(file.suffix.removeprefix(".")), _asking(application)
        await ask(wanted.asked())
        shape, rows = ExportShape(columns=COUPLING_COLUMNS, words=words()), rows_of(ask, wanted.asked())
        if kind is ExportFormat.XLSX:
            return await write_xlsx(shape, rows, file)
        counted = _Counted()
        with await asyncio.to_thread(file.open, "wb") as opened:
            async for part in csv_parts(shape, counted.through(rows)):
                await asyncio.to_thread(opened.write, part)
        return counted.rows

    _catch_up(application, output)
    try:
        count = asyncio.run(write())
    except OSError as problem:
        raise ConnectionProblem(
            translatable(
                "{file} can't be written: {problem}. Name another file with {option}.",
                file=str(file),
                problem=str(problem.strerror),
                option="--export",
            )
        ) from problem
    output.record({"file": str(file), "couplings": count})


@dataclass(slots=True)
class _Counted:
    """Counts rows on their way."""

    rows: int = 0

    async def through(self, rows: AsyncIterator[ListRow]) -> AsyncIterator[ListRow]:
        async for row in rows:
            self.rows += 1
            yield row


def _catch_up(application: Application, output: Output) -> None:
    """List what waits for it: without a server nobody else does."""
    behind = application.state.coupling_listing.behind()
    if behind > _LISTED_AT_ONCE:
        output.message(f"{behind:,} couplings are not in the searchable list yet; they are put in first.")
    while list_couplings(application, _LISTED_AT_ONCE):
        pass


def _asking(application: Application) -> Callable[[ListAsked], Awaitable[ListAnswer]]:
    """Return what asks the desk for pages, in the name of the machine's user."""
    works = Works()
    add_couplings(works, OneCommand(application))
    desk = Desk(works, _keep_nothing)
    caller = machine_caller(words().name)

    async def ask(asked: ListAsked) -> ListAnswer:
        return await desk.perform(LIST_COUPLINGS, caller, asked)

    return ask


async def _keep_nothing(
    caller: Caller, operation: AnyOperation, asked: msgspec.Struct, outcome: str, changes: Noted
) -> None:
    """Reading leaves no trace in the audit log."""
