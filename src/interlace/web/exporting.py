"""The address under which lists are exported: `/export/couplings/list?format=xlsx` and the list's own parameters."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from interlace.management.acts import LIST_EXPORT
from interlace.management.asked import from_pairs
from interlace.management.export import (
    ExportFormat,
    export_format,
    exported_columns,
    exported_list,
    exported_values,
    file_name,
)
from interlace.management.listing import ListAnswer, ListRow, ServerListAsked
from interlace.management.secret_text import public_fields
from interlace.web.export import ExportShape, attachment, csv_parts, rows_of, write_xlsx
from interlace.web.request import AnyRequest
from interlace.web.security import PAGE, exports
from interlace.web.visit import TheVisit

EXPORT = "/export"
_PIECE_BYTES = 256 * 1024
_OWN = frozenset({"format", "cursor", "limit", "counted"})


@get(f"{EXPORT}/{{area:str}}/{{verb:str}}", opt=exports(PAGE))
async def export(request: AnyRequest, visit: TheVisit, area: FromPath[str], verb: FromPath[str]) -> Stream:
    """Send a whole list, as it is filtered and sorted, as a file."""
    operation, columns = exported_list(f"{area}.{verb}")
    wanted = export_format(visit.query("format") or "xlsx")
    pairs = [pair for pair in request.query_params.multi_items() if pair[0] not in _OWN]
    asked = from_pairs(operation, [(name, str(value)) for name, value in pairs])

    async def ask(page: ServerListAsked) -> ListAnswer:
        """Ask for one page of the list."""
        return await visit.ask(operation, page)

    # What is wrong with the filters, or not allowed, is told before the file begins.
    first = await ask(asked)
    shape = ExportShape(
        columns=exported_columns(columns, first), words=visit.words, values_of=exported_values(first)
    )
    details = {"list": operation.name, "format": wanted.ending, "asked": public_fields(asked)}
    await visit.desk.keep(visit.caller, LIST_EXPORT, details)
    rows = rows_of(ask, asked)
    parts = csv_parts(shape, rows) if wanted is ExportFormat.CSV else _xlsx_parts(shape, rows)
    today = datetime.now(UTC).astimezone(visit.words.time_zone).date()
    name = file_name(visit.words.t(operation.caption), today, wanted)
    headers = {
        "Content-Disposition": attachment(name),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Stream(parts, media_type=wanted.value, headers=headers)


async def _xlsx_parts(shape: ExportShape, rows: AsyncIterator[ListRow]) -> AsyncIterator[bytes]:
    path = await asyncio.to_thread(_temporary_file)
    try:
        await write_xlsx(shape, rows, path)
        with await asyncio.to_thread(path.open, "rb") as written:
            while piece := await asyncio.to_thread(written.read, _PIECE_BYTES):
                yield piece
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _temporary_file() -> Path:
    handle, name = tempfile.mkstemp(suffix=".xlsx", prefix="interlace-export-")
    os.close(handle)
    return Path(name)
