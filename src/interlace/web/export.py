"""Exports of lists: page after page is asked for and written, so that a million rows need no memory."""

import asyncio
import codecs
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias, TypeVar
from urllib.parse import quote

import msgspec
import xlsxwriter

from interlace.domain.filter_language import FieldKind
from interlace.management.export import safe_text
from interlace.management.listing import (
    PAGE_MAX,
    HeldValue,
    ListAnswer,
    ListColumn,
    ListRow,
    ServerListAsked,
    held_values,
)
from interlace.ui.words import Words

ListT = TypeVar("ListT", bound=ServerListAsked)
Cell: TypeAlias = str | int | Decimal | datetime | None
_SHEET_ROWS = 1_048_576
"""So many rows hold the sheets of Excel; more go to further sheets."""
_TEXT_MAX = 32_767
_MOMENT = "yyyy-mm-dd hh:mm:ss"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportShape:
    """How a list is written: its columns, and the reader's words and time zone."""

    columns: Sequence[ListColumn]
    words: Words
    values_of: Callable[[ListRow, str], tuple[HeldValue, ...]] = held_values

    def captions(self) -> list[str]:
        """Return the head of the list."""
        return [safe_text(self.words.pattern(column.caption)) for column in self.columns]

    def cells(self, row: ListRow) -> list[Cell]:
        """Return a row's values, as safe as they must be."""
        return [self._cell(column, self.values_of(row, column.name)) for column in self.columns]

    def _cell(self, column: ListColumn, values: tuple[HeldValue, ...]) -> Cell:
        if len(values) > 1:
            return safe_text(", ".join(str(self._cell(column, (each,)) or "") for each in values))
        value = values[0]
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        if column.kind is FieldKind.MOMENT:
            moment = datetime.fromisoformat(value).astimezone(self.words.time_zone)
            return moment.replace(tzinfo=None, microsecond=0)
        captions = {choice.value: self.words.t(choice.caption) for choice in column.choices}
        return safe_text(captions.get(value, value))


async def rows_of(ask: Callable[[ListT], Awaitable[ListAnswer]], asked: ListT) -> AsyncIterator[ListRow]:
    """Ask for page after page of a list, from its first one on."""
    wanted = msgspec.structs.replace(asked, cursor="", limit=PAGE_MAX, counted=False)
    while True:
        page = await ask(wanted)
        for row in page_rows(page):
            yield row
        if not page.next_cursor:
            return
        wanted = msgspec.structs.replace(wanted, cursor=page.next_cursor)


def page_rows(page: ListAnswer) -> tuple[ListRow, ...]:
    """Return the rows of any list's page."""
    rows: tuple[ListRow, ...] = getattr(page, "rows", ())
    return rows


async def csv_parts(shape: ExportShape, rows: AsyncIterator[ListRow]) -> AsyncIterator[bytes]:
    """Write a list as CSV, part by part, as programs for tables of the reader's country open it."""
    # Where a comma begins the fraction of a number, tables are separated by semicolons.
    delimiter = ";" if shape.words.number(0.5, 1)[1:2] == "," else ","
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(shape.captions())
    yield codecs.BOM_UTF8 + _taken(buffer)
    count = 0
    async for row in rows:
        writer.writerow([_plain(cell) for cell in shape.cells(row)])
        count += 1
        if count % PAGE_MAX == 0:
            yield _taken(buffer)
    yield _taken(buffer)


async def write_xlsx(shape: ExportShape, rows: AsyncIterator[ListRow], path: Path) -> int:
    """Write a list as an Excel workbook, without formulas and links; gives the number of rows."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    # A place that can't be written to is told before anything else is opened.
    await asyncio.to_thread(path.touch)
    workbook = xlsxwriter.Workbook(str(path), options)
    sheet_of = _sheets(workbook, shape)
    moment = workbook.add_format({"num_format": _MOMENT})
    sheet, count = next(sheet_of), 0
    try:
        async for row in rows:
            line = count % (_SHEET_ROWS - 1) + 1
            if count and line == 1:
                sheet = next(sheet_of)
            for place, cell in enumerate(shape.cells(row)):
                match cell:
                    case None:
                        pass
                    case int() | Decimal():
                        sheet.write_number(line, place, cell)
                    case datetime():
                        sheet.write_datetime(line, place, cell, moment)
                    case _:
                        sheet.write_string(line, place, cell[:_TEXT_MAX])
            count += 1
    finally:
        await asyncio.to_thread(workbook.close)
    return count


def attachment(name: str) -> str:
    """Return the header that makes a browser keep a file under a name, whatever letters it has."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    plain = plain.replace('"', "_").replace("\\", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _sheets(workbook: xlsxwriter.Workbook, shape: ExportShape) -> Iterator[xlsxwriter.worksheet.Worksheet]:
    bold = workbook.add_format({"bold": True})
    while True:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(shape.columns) - 1, 18)
        for place, caption in enumerate(shape.captions()):
            sheet.write_string(0, place, caption, bold)
        yield sheet


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.isoformat(sep=" ")
        case _:
            return str(cell)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
