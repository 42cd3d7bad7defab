"""`interlace mappings fields|count|try|export|import`: looked at with the services' data, and carried over."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_conditions import FILTER_OF, comparisons_of, conditions_of
from interlace.bootstrap.mapping_exchange import exported, import_text
from interlace.bootstrap.mapping_problems import columns_of
from interlace.bootstrap.trying import Count, Trial, count_records, try_record
from interlace.cli.exit_codes import ExitCode
from interlace.cli.given_file import read_text
from interlace.cli.mapping_settings import checked, entered
from interlace.cli.options import ConnectionName, Json, OneMapping, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.plan import show_action
from interlace.cli.spoken import said, t
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.locale.translatable import translatable

OnCrm = Annotated[bool, typer.Option("--crm", help="The CRM's table instead of the ERP's.")]
_NO_LIMIT = 1e9
_FIELD_COLUMNS = (
    Column(key="field", caption="Field"),
    Column(key="kind", caption="Kind"),
    Column(key="comparisons", caption="Comparisons"),
)

_DIFFERENCE_COLUMNS = (Column(key="difference", caption="What differs"),)


def fields(
    name: OneMapping,
    *,
    crm: OnCrm = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List the fields of a mapping's table by the service's own account, and how a filter can compare them.

    Example: interlace mappings fields CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held, known = _called(application, connection, name)
        mapping, side = application.mappings(held)[known], _side(is_crm=crm)

        async def ask() -> dict[str, str]:
            """Ask both ends."""
            async with application.ends(held) as ends:
                return dict(await columns_of(mapping, ends, side))

        columns = asyncio.run(ask())
    rows = [
        {"field": each, "kind": kind, "comparisons": [it.value for it in comparisons_of(kind)]}
        for each, kind in sorted(columns.items())
        if comparisons_of(kind)
    ]
    output.rows(_FIELD_COLUMNS, rows, empty=t("The table has no fields to filter by."))


def count(
    name: OneMapping,
    conditions: Annotated[
        str | None,
        typer.Argument(
            metavar="[CONDITIONS]",
            help="Conditions as `mappings set` takes them; none: those that are kept.",
            show_default=False,
        ),
    ] = None,
    *,
    crm: OnCrm = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Count how many records take part, without changing anything.

    Example: interlace mappings count CUSTOMER "Country_Region_Code one of NO|FI"
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held, known = _called(application, connection, name)
        default, side = application.mappings_with(held, {})[known], _side(is_crm=crm)
        if conditions is None:
            kept: object = application.state.mapping_settings(held.id).get(known, {}).get(FILTER_OF[side], [])
        else:
            kept = checked(application, held, default, side, entered(conditions))
        run = application.run_setup(held, known, run_id="", create_new=False, compare_all=False)

        async def ask() -> Count:
            """Ask both ends."""
            async with application.ends(held) as ends:
                return await count_records(ends, run, default, side, conditions_of(kept), seconds=_NO_LIMIT)

        found = asyncio.run(ask())
    output.record(
        {
            "mapping": known,
            "records": found.total,
            "taking_part": found.taking_part,
            "coupled_leaving": found.coupled_leaving,
        }
    )


def try_mapping(
    name: OneMapping,
    key: Annotated[
        str, typer.Argument(metavar="RECORD", help="Its key on either side, or its name.", show_default=False)
    ],
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Show what a full run of a mapping would write for one record, field by field, without writing anything.

    Exit code 2 if it would write something.

    Example: interlace mappings try CUSTOMER C00010
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held, known = _called(application, connection, name)

        async def ask() -> Trial:
            """Ask both ends."""
            async with application.ends(held) as ends:
                return await try_record(application, held, ends, known, key)

        trial = asyncio.run(ask())
    if trial.place is None:
        raise ConnectionProblem(
            translatable("{mapping} has no record {key} on either side.", mapping=known, key=key)
        )
    for each in trial.actions:
        show_action(output, each)
    if trial.message:
        output.message(trial.message)
    elif not trial.actions:
        output.message(t("Nothing would be written: both sides agree, or the record has no part."))
    writes = any(each.writes for each in trial.actions)
    raise typer.Exit(ExitCode.CHANGES_PENDING if writes else ExitCode.OK)


def export_settings(
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write JSON in one line; without it the same, indented.")
    ] = False,
) -> None:
    """Write what was changed in all mappings as one text, for `interlace mappings import`.

    Example: interlace mappings export > mappings.json
    """
    with opened(state) as application:
        text = exported(application, application.connection(connection))
    sys.stdout.write(f"{json.dumps(json.loads(text))}\n" if as_json else text)


def import_settings(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="What an export wrote; -: standard input.", show_default=False),
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would differ.")] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Replace what was changed in all mappings by what an export holds; all of it, or nothing.

    Example: interlace mappings import mappings.json --dry-run
    """
    output, text = Output(as_json=as_json), read_text(file)
    with opened(state) as application:
        held = application.connection(connection)
        found = import_text(application, held, text, only_compare=dry_run)
    rows = [{"difference": each if as_json else said(each)} for each in found]
    output.rows(_DIFFERENCE_COLUMNS, rows, empty=t("Nothing differs: the settings are the same."))
    if dry_run:
        output.message(t("Nothing was stored."))


def _called(application: Application, connection: str | None, name: str) -> tuple[Connection, MappingName]:
    held = application.connection(connection)
    return held, application.known_mappings(held, [name])[0]


def _side(*, is_crm: bool) -> Side:
    return Side.CRM if is_crm else Side.ERP
