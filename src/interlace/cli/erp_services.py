"""`interlace erp-services`: what the ERP must publish for a connection, what it lacks, and a file that publishes it."""

import asyncio
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.erp_services import (
    LackOfMapping,
    lacking_services,
    needed_services,
    publishing_script,
    publishing_xml,
)
from interlace.bootstrap.nav_pages import FIRST_PAGE, own_pages, pages_text
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import t, words
from interlace.cli.written_file import write_file
from interlace.locale.translatable import translatable

commands = typer.Typer(
    help="Web services that the ERP must publish: which, which are missing, and a file that publishes them.",
    no_args_is_help=True,
)
_NEEDED = (
    Column(key="service", caption="Service"),
    Column(key="object_type", caption="Object type"),
    Column(key="object_id", caption="Object id"),
    Column(key="caption", caption="Page"),
    Column(key="needed_by", caption="Needed for"),
)
_LACKING = (
    Column(key="service", caption="Service"),
    Column(key="message", caption="What is missing"),
    Column(key="needed_by", caption="Needed for"),
    Column(key="remedy", caption="What to do"),
)


class FileKind(Enum):
    """Kinds of file that publish web services."""

    POWERSHELL = "powershell"
    XML = "xml"
    CAL = "cal"


@commands.command("list")
def list_services(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """List the web services that a connection needs, with the page behind each; asks nobody.

    Example: interlace erp-services list
    """
    with opened(state) as application:
        services = needed_services(application, application.connection(connection))
    rows = [
        {
            "service": each.service,
            "object_type": "Page" if each.page or each.is_own else "",
            "object_id": each.page or (t("page of your own") if each.is_own else "ERP extension"),
            "caption": each.caption,
            "needed_by": ", ".join(each.needed_by),
        }
        for each in services
    ]
    Output(as_json=as_json).rows(_NEEDED, rows, empty="Nothing is needed.")


@commands.command()
def check(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Read from the ERP's metadata what it publishes, and name what mappings lack; ends with 4 if one stops for it.

    What nothing stops for is named, too, with what is limited without it.

    Example: interlace erp-services check
    """
    with opened(state) as application:
        lacks = asyncio.run(_lacks(application, application.connection(connection)))
    rows = [
        {
            "service": each.gap.service,
            "message": each.what,
            "optional": bool(each.limits),
            "needed_by": ", ".join(each.needed_by),
            "remedy": each.gap.remedy,
        }
        for each in lacks
    ]
    Output(as_json=as_json).rows(_LACKING, rows, empty="The ERP publishes everything that the mappings need.")
    stops = any(not each.limits for each in lacks)
    raise typer.Exit(ExitCode.CONFIGURATION if stops else ExitCode.OK)


async def _lacks(application: Application, connection: Connection) -> tuple[LackOfMapping, ...]:
    async with application.ends(connection, retries_max=1) as ends:
        return await lacking_services(application, connection, ends)


@commands.command()
def file(
    out: Annotated[Path, typer.Option("--out", help="File to write.", show_default=False)],
    kind: Annotated[
        FileKind | None,
        typer.Option(
            "--as",
            help="powershell: a script for NAV and Business Central on premises; xml: tenant web services for an "
            "AL extension, online; cal: pages for NAV that show every field. Else by the name of the file: .xml, "
            ".txt (pages), any other (script).",
            show_default=False,
        ),
    ] = None,
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Write a file that publishes every page that the connection needs.

    Example: interlace erp-services file --out publish.ps1
    """
    chosen = kind or _KINDS.get(out.suffix.lower(), FileKind.POWERSHELL)
    if chosen is FileKind.CAL:
        pages = own_pages()
        write_file(out, pages_text().encode())
        wrote = words().n(
            "Wrote {count} page for NAV to {file}.",
            "Wrote {count} pages for NAV to {file}.",
            len(pages),
            file=str(out),
        )
        _tell(out, chosen, sorted(pages), wrote, as_json=as_json)
        return
    with opened(state) as application:
        services = needed_services(application, application.connection(connection))
    is_script = chosen is FileKind.POWERSHELL
    text = publishing_script(services, out.name, own_pages()) if is_script else publishing_xml(services)
    write_file(out, text.encode())
    names = sorted({each.service for each in services if each.page})
    wrote = words().n(
        "Wrote {count} web service to {file}.",
        "Wrote {count} web services to {file}.",
        len(names),
        file=str(out),
    )
    _tell(out, chosen, names, wrote, as_json=as_json)


_KINDS = {".xml": FileKind.XML, ".txt": FileKind.CAL}
_NEXT = {
    FileKind.POWERSHELL: translatable("Run it where the ERP's administration shell is: {command}."),
    FileKind.XML: translatable("Put it into an AL extension (extension/al has one) and publish that."),
    FileKind.CAL: translatable(
        "Import it in NAV's development environment, compile the pages from {page} on, and run the publishing script "
        "with -OwnPages."
    ),
}


def _tell(out: Path, kind: FileKind, names: list[str], wrote: str, *, as_json: bool) -> None:
    output = Output(as_json=as_json)
    if as_json:
        output.record({"file": str(out), "as": kind.value, "services": names})
    command = f"powershell -File {out.name} -ServerInstance INSTANCE"
    output.message(f"{wrote} {t(_NEXT[kind], command=command, page=str(FIRST_PAGE))}")
