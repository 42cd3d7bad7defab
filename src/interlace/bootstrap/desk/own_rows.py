"""Carries out what is asked about field rows that users add to mappings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.compare_again import Comparison, compare_again
from interlace.bootstrap.desk.mapping_services import MappingServices
from interlace.bootstrap.desk.shown_mapping import require_unchanged, shown_row
from interlace.bootstrap.own_row_keeping import BothTables, OwnRows, read_both_tables
from interlace.bootstrap.own_row_values import CheckedRow
from interlace.bootstrap.own_rows import EnteredRow, Transformation, entered_row
from interlace.bootstrap.serving import Server
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.table_field import TableField
from interlace.locale.translatable import joined
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.mapping_answers import MappingChanged
from interlace.management.own_rows import (
    ADD_ROW,
    CHANGE_ROW,
    CHECK_ROW,
    REMOVE_ROW,
    ROW_FIELDS,
    AddRow,
    ChangeRow,
    CheckRow,
    ListRowFields,
    RemoveRow,
    RowChecked,
    RowChoice,
    RowEntered,
    RowField,
    RowFields,
    RowProblem,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

_REMEMBERED_SECONDS = 60.0
"""While a row is typed, its check must not wait for the services each time."""
_TABLES_MAX = 50


@dataclass(slots=True)
class _Remembered:
    """What both services told of mappings' fields a moment ago."""

    held: dict[tuple[str, str, str], tuple[float, BothTables]] = field(default_factory=dict)

    def get(self, key: tuple[str, str, str]) -> BothTables | None:
        """Return what was told, unless it is too old."""
        at, tables = self.held.get(key, (0.0, None))
        return tables if tables is not None and monotonic() - at < _REMEMBERED_SECONDS else None

    def put(self, key: tuple[str, str, str], tables: BothTables) -> None:
        """Keep it for the next check."""
        if len(self.held) >= _TABLES_MAX:
            self.held.clear()
        self.held[key] = (monotonic(), tables)


def add_own_rows(works: Works, server: Server, services: MappingServices) -> None:
    """Let these operations be carried out."""
    work = _OwnRows(server, services)
    works.add(ROW_FIELDS, work.fields)
    works.add(CHECK_ROW, work.check)
    works.add(ADD_ROW, work.add)
    works.add(CHANGE_ROW, work.change)
    works.add(REMOVE_ROW, work.remove)


class _OwnRows:
    """Users' field rows of a server's connections."""

    def __init__(self, server: Server, services: MappingServices) -> None:
        self._server = server
        self._application = server.application
        self._services = services
        self._remembered = _Remembered()

    async def fields(self, caller: Caller, asked: ListRowFields) -> RowFields:
        """Tell the fields of both tables."""
        held, name = await self._called(caller, asked)
        mapping = (await off_loop(self._application.mappings, held))[name]
        tables = await self._tables(held, name)
        return RowFields(
            erp_table=mapping.erp_table,
            crm_table=mapping.integration_table,
            erp=_listed(tables.erp, mapping, Side.ERP),
            crm=_listed(tables.crm, mapping, Side.CRM),
            transformations=tuple(each.value for each in Transformation if each.value),
        )

    async def check(self, caller: Caller, asked: CheckRow) -> RowChecked:
        """Check a row that nobody has kept yet."""
        held, name = await self._called(caller, asked)
        checked = await self._checked(held, name, asked, asked.row)
        return RowChecked(
            problems=tuple(RowProblem(part=part, message=text) for part, text in checked.problems.items()),
            warnings=tuple(checked.warnings),
            row=shown_row(entered_row(checked.stored)) if checked.stored else None,
        )

    async def add(self, caller: Caller, asked: AddRow) -> MappingChanged:
        """Add a row."""
        return await self._keep(caller, asked, asked.seen)

    async def change(self, caller: Caller, asked: ChangeRow) -> MappingChanged:
        """Change a row."""
        return await self._keep(caller, asked, asked.seen, row=asked.row)

    async def _keep(self, caller: Caller, asked: RowEntered, seen: str, *, row: str = "") -> MappingChanged:
        held, name = await self._called(caller, asked)
        checked = await self._checked(held, name, asked, row)
        if checked.problems:
            raise Refused(
                RefusalKind.INVALID,
                translatable("The field row is not kept"),
                why=next(iter(checked.problems.values())),
                fields=checked.problems,
            )
        return await off_loop(self._kept, held, name, checked, row, seen)

    def _kept(
        self, held: Connection, name: MappingName, checked: CheckedRow, row: str, seen: str
    ) -> MappingChanged:
        require_unchanged(self._application, held, name, seen)
        kept = OwnRows(application=self._application, connection=held, mapping=name).keep(checked, row=row)
        message = {
            Comparison.BEGUN: translatable(
                "The field row {row} is kept; a run in the background carries it for every coupled record.",
                row=kept,
            ),
            Comparison.WAITS: translatable(
                "The field row {row} is kept. A run is at work on {mapping}: run it in full afterwards, so that every "
                "coupled record gets the field.",
                row=kept,
                mapping=name,
            ),
            Comparison.LATER: translatable(
                "The field row {row} is kept. Once {mapping} runs in full, every coupled record gets the field.",
                row=kept,
                mapping=name,
            ),
        }[compare_again(self._server, held, name)]
        return MappingChanged(message=joined([message, *checked.warnings]), changed=(kept,))

    async def remove(self, caller: Caller, asked: RemoveRow) -> MappingChanged:
        """Remove a row."""
        held, name = await self._called(caller, asked)
        return await off_loop(self._removed, held, name, asked)

    def _removed(self, held: Connection, name: MappingName, asked: RemoveRow) -> MappingChanged:
        require_unchanged(self._application, held, name, asked.seen)
        OwnRows(application=self._application, connection=held, mapping=name).remove(asked.row)
        return MappingChanged(
            message=translatable(
                "The field row {row} is removed; values stay on both sides as they are.", row=asked.row
            ),
            changed=(asked.row,),
        )

    async def _checked(self, held: Connection, name: MappingName, asked: RowEntered, row: str) -> CheckedRow:
        tables = await self._tables(held, name)
        rows = OwnRows(application=self._application, connection=held, mapping=name)
        entered = EnteredRow(
            erp_field=asked.erp_field,
            crm_field=asked.crm_field,
            direction=asked.direction,
            constant=asked.constant,
            transformation=asked.transformation,
            argument=asked.argument,
            only_new=asked.only_new == "yes",
        )
        return await off_loop(lambda: rows.check(entered, tables, row=row))

    async def _tables(self, held: Connection, name: MappingName) -> BothTables:
        mapping = (await off_loop(self._application.mappings, held))[name]
        # By the tables: a mapping that was deleted may have been added anew with others.
        key = (str(held.id), mapping.erp_table, mapping.integration_table)
        known = self._remembered.get(key)
        if known is not None:
            return known
        tables = await self._services.with_ends(held, lambda ends: read_both_tables(mapping, ends))
        self._remembered.put(key, tables)
        return tables

    async def _called(
        self, caller: Caller, asked: RowEntered | ListRowFields | RemoveRow
    ) -> tuple[Connection, MappingName]:
        held = await connection_of(self._application, caller, asked)
        [name] = await off_loop(self._application.known_mappings, held, [asked.mapping])
        return held, name


def _listed(
    fields: Mapping[str, TableField], mapping: IntegrationTableMapping, side: Side
) -> tuple[RowField, ...]:
    mapped: dict[str, list[str]] = {}
    for row in mapping.fields:
        own, other = (row.erp_field, row.crm_field) if side is Side.ERP else (row.crm_field, row.erp_field)
        if own is not None:
            mapped.setdefault(own, []).append(other or "")
    return tuple(
        RowField(
            name=each.name,
            kind=each.kind,
            caption="" if each.caption == each.name else each.caption,
            length=each.length,
            is_read_only=each.is_read_only,
            choices=tuple(RowChoice(value=str(it.value), label=it.label) for it in each.choices),
            takes_others=each.takes_others,
            mapped=tuple(mapped.get(each.name, ())),
        )
        for each in sorted(fields.values(), key=lambda each: each.name)
    )
