"""`interlace mappings row-fields|add-row|change-row|remove-row`: field rows of one's own."""

import asyncio
from dataclasses import fields as parts_of
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.own_row_keeping import BothTables, OwnRows, read_both_tables
from interlace.bootstrap.own_row_values import CheckedRow
from interlace.bootstrap.own_rows import EnteredRow, Transformation
from interlace.cli.consent import require_consent
from interlace.cli.options import ConnectionName, Json, OneMapping, State, Yes, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.domain.integration_field_mapping import Direction
from interlace.locale.translatable import translatable

Row: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="ROW", help="Its name, such as 'Search_Name>yominame'.", show_default=False),
]


class Way(Enum):
    """Where a row goes."""

    TO_CRM = "to-crm"
    FROM_CRM = "from-crm"
    BOTH = "both"


DIRECTION_OF: Final = {
    Way.TO_CRM: Direction.TO_INTEGRATION_TABLE,
    Way.FROM_CRM: Direction.FROM_INTEGRATION_TABLE,
    Way.BOTH: Direction.BIDIRECTIONAL,
}
ErpField: TypeAlias = Annotated[
    str | None, typer.Option("--erp", metavar="FIELD", help="Field of the ERP's table.")
]
CrmField: TypeAlias = Annotated[
    str | None, typer.Option("--crm", metavar="COLUMN", help="Column of the CRM's table.")
]
Going: TypeAlias = Annotated[
    Way | None, typer.Option("--direction", help="Where values go; none: as the mapping.")
]
Constant: TypeAlias = Annotated[
    str | None, typer.Option("--constant", metavar="VALUE", help="Written to the only field that is named.")
]
Transformed: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--transformation",
        metavar="NAME",
        help=f"What happens on the way: {', '.join(each.value for each in Transformation if each.value)}.",
    ),
]
With: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--with",
        metavar="TEXT",
        help="What the transformation needs: a number, a text, or pairs like A=1|B=2.",
    ),
]
OnlyNew: TypeAlias = Annotated[
    bool | None, typer.Option("--only-new/--always", help="Whether it counts only for new records.")
]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Only tell whether the row would do.")]

_FIELD_COLUMNS = (
    Column(key="side", caption="Side"),
    Column(key="field", caption="Field"),
    Column(key="caption", caption="Caption"),
    Column(key="kind", caption="Kind"),
    Column(key="length", caption="Length", number=True),
    Column(key="read_only", caption="Read-only"),
    Column(key="choices", caption="Choices"),
    Column(key="mapped", caption="Mapped with"),
)


def row_fields(
    name: OneMapping, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """List the fields of both tables of which field rows can be made, as the services tell them.

    Example: interlace mappings row-fields CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        rows = _own_rows(application, connection, name)
        mapping = application.mappings(rows.connection)[rows.mapping]
        tables = _tables(rows)
    listed = []
    for side, fields in (("ERP", tables.erp), ("CRM", tables.crm)):
        for each in sorted(fields.values(), key=lambda it: it.name):
            pairs = [(row.erp_field, row.crm_field) for row in mapping.fields]
            mapped = [
                (crm if side == "ERP" else erp) or ""
                for erp, crm in pairs
                if each.name == (erp if side == "ERP" else crm)
            ]
            listed.append(
                {
                    "side": side,
                    "field": each.name,
                    "caption": "" if each.caption == each.name else each.caption,
                    "kind": each.kind,
                    "length": each.length or None,
                    "read_only": each.is_read_only,
                    "choices": [
                        f"{it.value}={it.label}" if str(it.value) != it.label else it.label
                        for it in each.choices
                    ],
                    "mapped": mapped,
                }
            )
    output.rows(_FIELD_COLUMNS, listed, empty=t("The table has no fields."))


def add_row(
    name: OneMapping,
    *,
    erp: ErpField = None,
    crm: CrmField = None,
    direction: Going = None,
    constant: Constant = None,
    transformation: Transformed = None,
    argument: With = None,
    only_new: OnlyNew = None,
    dry_run: DryRun = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Let one more ERP field meet a CRM column, or write a constant value to one of them.

    Fields are checked by what both services tell: kind, length, read-only, choices, already mapped.

    Example: interlace mappings add-row CUSTOMER --erp Our_Account_No --crm accountnumber --direction to-crm
    """
    wanted = _changed(EnteredRow(), erp, crm, direction, constant, transformation, argument, only_new)
    _keep(name, wanted, "", Output(as_json=as_json), connection, state, dry_run=dry_run)


def change_row(
    name: OneMapping,
    row: Row,
    *,
    erp: ErpField = None,
    crm: CrmField = None,
    direction: Going = None,
    constant: Constant = None,
    transformation: Transformed = None,
    argument: With = None,
    only_new: OnlyNew = None,
    dry_run: DryRun = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Change a field row of one's own; what is not named stays.

    Example: interlace mappings change-row CUSTOMER "Our_Account_No>accountnumber" --transformation "upper case"
    """
    with opened(state) as application:
        held = _own_rows(application, connection, name).entered(row)
    wanted = _changed(held, erp, crm, direction, constant, transformation, argument, only_new)
    _keep(name, wanted, row, Output(as_json=as_json), connection, state, dry_run=dry_run)


def remove_row(
    name: OneMapping,
    row: Row,
    connection: ConnectionName = None,
    state: State = None,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take a field row of one's own out of a mapping; values stay on both sides as they are.

    Example: interlace mappings remove-row CUSTOMER "Our_Account_No>accountnumber" --yes
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        rows = _own_rows(application, connection, name)
        rows.entered(row)
        require_consent(
            t("Remove the field row {row} of {mapping}?", row=row, mapping=rows.mapping), given=yes
        )
        rows.remove(row)
        output.record({"mapping": rows.mapping, "removed": row})


def _keep(
    name: str,
    wanted: EnteredRow,
    row: str,
    output: Output,
    connection: str | None,
    state: Path | None,
    *,
    dry_run: bool,
) -> None:
    with opened(state) as application:
        rows = _own_rows(application, connection, name)
        checked = rows.check(wanted, _tables(rows), row=row)
        _require_right(checked)
        kept = rows.keep(checked, row=row) if not dry_run else ""
    output.record({"mapping": rows.mapping, **({"row": kept} if kept else {}), **checked.stored})
    for each in checked.warnings:
        output.message(said(each))
    if dry_run:
        output.message(t("Nothing was stored."))
        return
    output.message(
        t(
            "What changes from now on is carried by the next run; `interlace synch {mapping} --full` carries the field "
            "for every coupled record.",
            mapping=rows.mapping,
        )
    )


def _require_right(checked: CheckedRow) -> None:
    if checked.problems:
        told = [f"{part}: {said(text)}" for part, text in checked.problems.items()]
        raise ConnectionProblem(
            translatable("The field row is not kept. {problems}", problems=" ".join(told))
        )


def _changed(
    held: EnteredRow,
    erp: str | None,
    crm: str | None,
    direction: Way | None,
    constant: str | None,
    transformation: str | None,
    argument: str | None,
    only_new: bool | None,
) -> EnteredRow:
    given = (
        erp,
        crm,
        None if direction is None else DIRECTION_OF[direction].value,
        constant,
        transformation,
        argument,
        only_new,
    )
    named = {
        part.name: value for part, value in zip(parts_of(EnteredRow), given, strict=True) if value is not None
    }
    return replace(held, **named)  # type: ignore[arg-type]


def _tables(rows: OwnRows) -> BothTables:
    mapping = rows.application.mappings(rows.connection)[rows.mapping]

    async def ask() -> BothTables:
        """Ask both ends."""
        async with rows.application.ends(rows.connection) as ends:
            return await read_both_tables(mapping, ends)

    return asyncio.run(ask())


def _own_rows(application: Application, connection: str | None, name: str) -> OwnRows:
    held = application.connection(connection)
    [mapping] = application.known_mappings(held, [name])
    return OwnRows(application=application, connection=held, mapping=mapping)
