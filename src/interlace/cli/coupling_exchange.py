"""`interlace couplings import|export`: couplings as the ERP's built-in connector keeps them."""

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.coupling_export import ExportedCouplings, exported_couplings
from interlace.bootstrap.coupling_file import read_couplings, read_record_ids
from interlace.bootstrap.coupling_import import CouplingImport, Imported, LookedRow, RowFate
from interlace.cli.captions import key_text
from interlace.cli.consent import require_consent
from interlace.cli.exit_codes import ExitCode
from interlace.cli.given_file import read_text
from interlace.cli.options import ConnectionName, Json, State, Yes, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t, words
from interlace.cli.written_file import write_file
from interlace.locale.translatable import translatable

CouplingFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="CSV of the ERP's table 5331 CRM Integration Record; -: standard input.",
        show_default=False,
    ),
]
RecordIds = Annotated[
    Path | None,
    typer.Option(
        "--record-ids",
        help="CSV of the ERP's table 5151 Integration Record, where no API tells the ids of records (NAV).",
        show_default=False,
    ),
]
_COLUMNS = (
    Column(key="line", caption="Line", number=True),
    Column(key="mapping", caption="Mapping"),
    Column(key="erp_key", caption="ERP record"),
    Column(key="crm_key", caption="CRM record"),
    Column(key="result", caption="Result"),
    Column(key="reason", caption="Reason"),
)


def import_couplings(
    file: CouplingFile,
    *,
    record_ids: RecordIds = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be coupled.")] = False,
    connection: ConnectionName = None,
    state: State = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Couple the records that the ERP's built-in connector has coupled; both must exist, and no value is changed.

    Every row that can't be coupled is listed with its line and the reason. A dry run lists the others, too. Exit code 3
    if rows were left out.

    Example: interlace couplings import couplings.csv --record-ids integration-records.csv --dry-run
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        rows, ids = read_couplings(read_text(file)), given_record_ids(record_ids)

        async def look() -> list[LookedRow]:
            """Ask both ends."""
            async with application.ends(held) as ends:
                work = CouplingImport(application=application, connection=held, ends=ends, record_ids=ids)
                return await work.look(rows)

        looked = asyncio.run(look())
        counts = Counter(each.fate for each in looked)
        listed = [each for each in looked if dry_run or as_json or each.fate is RowFate.LEFT_OUT]
        output.rows(
            _COLUMNS, [_row(each, as_json=as_json) for each in listed], empty=t("No row is left out.")
        )
        _tell(output, looked, counts)
        to_couple = counts[RowFate.COUPLE]
        if dry_run or not to_couple:
            output.message(t("Nothing was written."))
            raise typer.Exit(_code(counts, dry_run=dry_run))
        question = words().n("Couple {count} pair of records?", "Couple {count} pairs of records?", to_couple)
        require_consent(question, given=yes)
        done = asyncio.run(_couple(application, held, looked))
    if done.failed:
        output.rows(_COLUMNS, [_row(each, as_json=as_json) for each in done.failed], empty="")
    output.message(
        t("{count} coupled. {command} compares them.", count=done.coupled, command="`interlace plan --full`")
    )
    left_out = counts[RowFate.LEFT_OUT] or done.failed
    raise typer.Exit(ExitCode.REMAINING if left_out else ExitCode.OK)


def export_couplings(
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write; none: standard output.", show_default=False),
    ] = None,
    record_ids: RecordIds = None,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Write the couplings as rows of the ERP's table 5331 CRM Integration Record, for its built-in connector.

    Exit code 3 if couplings were left out, because nobody tells the id of the ERP's record.

    Example: interlace couplings export --out couplings.csv
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held, ids = application.connection(connection), given_record_ids(record_ids)

        async def ask() -> ExportedCouplings:
            """Ask the ERP for the ids."""
            async with application.ends(held) as ends:
                return await exported_couplings(application, held, ends, ids)

        found = asyncio.run(ask())
    if out is not None:
        write_file(out, found.text.encode())
    elif not as_json:
        sys.stdout.write(found.text)
    if as_json:
        text = {} if out is not None else {"text": found.text}
        output.record({"couplings": found.count, "without_id": dict(found.without_id), **text})
    for name, count in found.without_id.items():
        output.message(
            translatable(
                "{mapping}: {count} left out, for the ERP does not tell the ids of these records. Give {option}.",
                mapping=name,
                count=count,
                option="--record-ids",
            )
        )
    raise typer.Exit(ExitCode.REMAINING if found.without_id else ExitCode.OK)


def given_record_ids(file: Path | None) -> dict[tuple[int, str], str]:
    """Return what a file of table 5151 tells, if one is given."""
    return {} if file is None else read_record_ids(read_text(file))


async def _couple(application: Application, held: Connection, looked: list[LookedRow]) -> Imported:
    async with application.ends(held) as ends:
        return await CouplingImport(application=application, connection=held, ends=ends).couple(looked)


def _row(each: LookedRow, *, as_json: bool) -> dict[str, object]:
    return {
        "line": each.row.number,
        "mapping": each.mapping,
        "erp_key": key_text(each.erp_key),
        "crm_key": each.crm_key,
        "result": each.fate.value if as_json else said(each.fate.value),
        "reason": each.reason if as_json else said(each.reason),
        **({"was_skipped": each.row.is_skipped} if as_json else {}),
    }


def _tell(output: Output, looked: list[LookedRow], counts: Counter[RowFate]) -> None:
    output.message(
        translatable(
            "{rows} rows: {to_couple} to be coupled, {coupled} coupled already, {left_out} left out.",
            rows=len(looked),
            to_couple=counts[RowFate.COUPLE],
            coupled=counts[RowFate.COUPLED],
            left_out=counts[RowFate.LEFT_OUT],
        )
    )
    skipped = sum(each.row.is_skipped for each in looked if each.fate is not RowFate.LEFT_OUT)
    if skipped:
        output.message(
            words().n(
                "{count} of them was skipped by the built-in connector: the next run tries it again.",
                "{count} of them were skipped by the built-in connector: the next run tries them again.",
                skipped,
            )
        )


def _code(counts: Counter[RowFate], *, dry_run: bool) -> ExitCode:
    if dry_run and counts[RowFate.COUPLE]:
        return ExitCode.CHANGES_PENDING
    return ExitCode.REMAINING if counts[RowFate.LEFT_OUT] else ExitCode.OK
