"""`interlace couplings shadow`: where Interlace would decide otherwise than the ERP's built-in connector."""

import asyncio
import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.coupling_file import read_couplings
from interlace.bootstrap.coupling_shadow import Decision, ShadowReport, shadow_report
from interlace.cli.captions import key_text
from interlace.cli.coupling_exchange import CouplingFile, RecordIds, given_record_ids
from interlace.cli.exit_codes import ExitCode
from interlace.cli.given_file import read_text
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.plan import lines_of, shown_value
from interlace.cli.spoken import said, t
from interlace.cli.written_file import write_file
from interlace.locale.translatable import translatable
from interlace.management.export import safe_text

_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="erp_key", caption="ERP record"),
    Column(key="crm_key", caption="CRM record"),
    Column(key="built_in", caption="Built-in connector"),
    Column(key="decision", caption="Interlace"),
    Column(key="fields", caption="Fields"),
    Column(key="reason", caption="Reason"),
)


def shadow(
    file: CouplingFile,
    *,
    record_ids: RecordIds = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="CSV file to write every decision to.", show_default=False),
    ] = None,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Show what Interlace would do with the records that the ERP's built-in connector has coupled; nothing is written.

    Full runs are planned as if its couplings were taken over. Decisions that differ from the connector's are listed:
    what a run would do with a pair that the connector has settled, what it would take up that was skipped or failed,
    what it would couple besides. Exit code 2 if there are any.

    Example: interlace couplings shadow couplings.csv --out differences.csv
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        rows, ids = read_couplings(read_text(file)), given_record_ids(record_ids)

        async def ask() -> ShadowReport:
            """Ask both ends."""
            async with application.ends(held) as ends:
                return await shadow_report(application, held, ends, rows, ids)

        report = asyncio.run(ask())
    listed = [_row(each, as_json=as_json) for each in report.decisions if each.differs or as_json]
    output.rows(_COLUMNS, listed, empty=t("No decision differs."))
    if out is not None:
        write_file(out, _csv(report).encode("utf-8-sig"))
    for name, message in report.messages.items():
        output.message(f"{name}: {said(message)}")
    output.message(
        translatable(
            "{pairs} pairs compared, {differing} decisions differ. Nothing was written.",
            pairs=report.pairs,
            differing=report.differing,
        )
    )
    raise typer.Exit(ExitCode.CHANGES_PENDING if report.differing else ExitCode.OK)


def _row(each: Decision, *, as_json: bool) -> dict[str, object]:
    fields = [
        f"{write.side.value.upper()} {name}: {shown_value(before)} -> {shown_value(after)}"
        for write in each.writes
        for name, before, after in lines_of(write)
    ]
    row: dict[str, object] = {
        "mapping": each.mapping,
        "erp_key": key_text(each.erp_key),
        "crm_key": key_text(each.crm_key),
        "built_in": each.built_in.value if as_json else said(each.built_in.value),
        "decision": each.decision if as_json else said(each.decision),
        "fields": fields if as_json else "; ".join(fields),
        "reason": each.reason if as_json else said(each.reason),
    }
    return row | {"line": each.line, "differs": each.differs} if as_json else row


def _csv(report: ShadowReport) -> str:
    """Write every decision, also those that don't differ, as a table for other programs."""
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow(("line", "differs", *(each.key for each in _COLUMNS)))
    for each in report.decisions:
        row = _row(each, as_json=False)
        cells = (safe_text(str(row[column.key])) for column in _COLUMNS)
        table.writerow((each.line or "", "yes" if each.differs else "no", *cells))
    return written.getvalue()
