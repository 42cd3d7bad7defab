"""`interlace erase`: erases a person for good, once both services have deleted the record."""

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from interlace.bootstrap.erasing import Eraser
from interlace.bootstrap.machine_user import machine_user_name
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, mapping_called, opened
from interlace.cli.output import Output
from interlace.domain.keys import key_text
from interlace.locale.translatable import translatable


def erase(
    key: Annotated[str, typer.Argument(metavar="RECORD", help="Key of the record on either side.")],
    mapping: Annotated[
        str | None, typer.Option("--mapping", help="Only this mapping.", show_default=False)
    ] = None,
    *,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate", help="File to write what was erased to; it must not exist.", show_default=False
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Erase it; without this, only show what would be.")
    ] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Erase what the memory holds of a record that both services have deleted. Nothing brings it back.

    The journal keeps its keys and goes on to hold; values, error texts, plans and messages that tell of it go.

    Example: interlace erase C00010 --certificate C00010.json --yes
    """
    output = Output(as_json=as_json)
    if certificate is not None and certificate.exists():
        raise typer.BadParameter(
            translatable("There is a file {file}. Name another one.", file=str(certificate))
        )
    with opened(state) as application:
        held = application.connection(connection)
        eraser = Eraser(application=application, connection=held)
        found = asyncio.run(eraser.find(key, mapping_called(application, held, mapping)))
        if not yes:
            for each in found:
                output.record(
                    {
                        "mapping": each.mapping,
                        "erp_key": key_text(each.keys.erp),
                        "crm_key": key_text(each.keys.crm),
                        "entries": each.entries,
                    }
                )
            output.message(
                translatable("Nothing was erased. Repeat the command with --yes to erase it for good.")
            )
            raise typer.Exit(ExitCode.CHANGES_PENDING)
        erased = eraser.erase(found, machine_user_name())
    if certificate is not None:
        certificate.write_bytes(msgspec.json.format(msgspec.json.encode(erased), indent=2) + b"\n")
    for erasure in erased:
        output.record(msgspec.to_builtins(erasure))
    if not all(each.is_overwritten for each in erased):
        output.message(
            "What was erased may still stand in free space of the database. Erase it again while nothing else works "
            "with the database; PostgreSQL overwrites free space by itself."
        )
    output.message(
        translatable("Backups made before still hold it: run `interlace backup erase` on each of them.")
    )
