"""Lists with filters, search and order: through the same operation as pages and the API, or into a file."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.machine_user import machine_caller
from interlace.cli.list_options import ListQuestion
from interlace.cli.output import Output
from interlace.cli.record_desk import OneCommand
from interlace.cli.spoken import words
from interlace.domain.filter_language import quoted
from interlace.locale.translatable import translatable
from interlace.management.caller import Caller
from interlace.management.desk import Desk, Works
from interlace.management.export import ExportFormat, export_format, exported_list
from interlace.management.listing import ListAnswer, ListRow, ServerListAsked
from interlace.management.noted_changes import Noted
from interlace.web.export import ExportShape, csv_parts, rows_of, write_xlsx

RowT = TypeVar("RowT", bound=ListRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedList:
    """A list, and what a command line asks of it."""

    name: str
    """Of its operation, such as `couplings.list`."""
    add: Callable[[Works, Any], None]
    """Lets the operation be carried out; it gets a place with an open Interlace."""
    connection: str
    mapping: str | None = None
    question: ListQuestion
    more: Mapping[str, object] = field(default_factory=dict)
    """What this list is asked beside what every list is."""

    def asked(self) -> ServerListAsked:
        """Return what the operation is asked; raises ConnectionProblem for a filter without a column."""
        operation, columns = exported_list(self.name)
        filters: dict[str, str] = {} if self.mapping is None else {"mapping": quoted(self.mapping)}
        for text in self.question.filters or ():
            column, sign, expression = text.partition("=")
            if not sign:
                names = ", ".join(each.name for each in columns if each.is_filtered)
                raise ConnectionProblem(
                    translatable(
                        "The filter '{text}' names no column. Write COLUMN=FILTER; columns: {names}.",
                        text=text,
                        names=names,
                    )
                )
            filters[column.strip()] = expression
        asked = {
            "connection": self.connection,
            "filters": filters,
            "search": self.question.search,
            "sort": self.question.sort,
            "counted": False,
            **self.more,
        }
        return msgspec.convert(asked, operation.asked)


@dataclass(frozen=True, slots=True)
class Listed:
    """The first rows of a list, as many as were wanted."""

    rows: Sequence[ListRow]
    has_more: bool

    def of(self, kind: type[RowT]) -> list[RowT]:
        """Return the rows, which all are of a kind."""
        return [each for each in self.rows if isinstance(each, kind)]

    def tell_more(self, output: Output) -> None:
        """Say that there are more, if there are."""
        if self.has_more:
            output.message(
                translatable(
                    "There are more than {limit}: name a mapping, or ask for more with --limit.",
                    limit=len(self.rows),
                )
            )


def listed(
    application: Application, output: Output, of: AskedList, limit: int = sys.maxsize
) -> Listed | None:
    """Return the first rows that fit; None where a file was asked for, which has all of them then. Raises Refused."""
    if of.question.export is None:
        return asyncio.run(_read(application, of, limit))
    _export(application, output, of, of.question.export)
    return None


async def _read(application: Application, of: AskedList, limit: int) -> Listed:
    rows: list[ListRow] = []
    async for row in rows_of(_asking(application, of), of.asked()):
        rows.append(row)
        if len(rows) > limit:
            break
    return Listed(rows[:limit], len(rows) > limit)


def _export(application: Application, output: Output, of: AskedList, file: Path) -> None:
    """Write all rows that fit into a file, CSV or Excel by its ending."""

    async def write() -> int:
        """Write page after page."""
        # Whatever is wrong with the filters, or the ending, is told before there is a file.
        kind, ask = export_format(file.suffix.removeprefix(".")), _asking(application, of)
        await ask(of.asked())
        shape, rows = ExportShape(columns=exported_list(of.name)[1], words=words()), rows_of(ask, of.asked())
        if kind is ExportFormat.XLSX:
            return await write_xlsx(shape, rows, file)
        counted = _Counted()
        with await asyncio.to_thread(file.open, "wb") as opened:
            async for part in csv_parts(shape, counted.through(rows)):
                await asyncio.to_thread(opened.write, part)
        return counted.rows

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
    output.record({"file": str(file), of.name.partition(".")[0]: count})


@dataclass(slots=True)
class _Counted:
    """Counts rows on their way."""

    rows: int = 0

    async def through(self, rows: AsyncIterator[ListRow]) -> AsyncIterator[ListRow]:
        async for row in rows:
            self.rows += 1
            yield row


def _asking(application: Application, of: AskedList) -> Callable[[ServerListAsked], Awaitable[ListAnswer]]:
    """Return what asks the desk for pages, in the name of the machine's user."""
    works = Works()
    of.add(works, OneCommand(application=application))
    desk = Desk(works, _keep_nothing)
    caller = machine_caller(words().name)
    operation, _ = exported_list(of.name)

    async def ask(asked: ServerListAsked) -> ListAnswer:
        return await desk.perform(operation, caller, asked)

    return ask


async def _keep_nothing(
    caller: Caller, name: str, details: Mapping[str, object], outcome: str, changes: Noted
) -> None:
    """Reading leaves no trace in the audit log; the command keeps what it takes out."""
