"""Field rows that users add to a mapping: checked against both services, then kept, changed and removed as settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_mapping import change_mapping
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.own_mappings import erp_keys, own_mappings
from interlace.bootstrap.own_references import referable
from interlace.bootstrap.own_row_checks import check_row
from interlace.bootstrap.own_row_values import CheckedRow
from interlace.bootstrap.own_rows import (
    OWN_FIELDS,
    OWN_ROWS_MAX,
    EnteredRow,
    entered_row,
    own_row,
    row_name,
    stored_rows,
    with_own_rows,
)
from interlace.bootstrap.values_in_use import with_values_in_use
from interlace.domain.coupling import row_names
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.table_field import TableField
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

_POLICIES = "field_conflict_resolution"


@dataclass(frozen=True, slots=True, kw_only=True)
class BothTables:
    """The fields of a mapping's two tables as their services tell them."""

    erp: Mapping[str, TableField]
    crm: Mapping[str, TableField]


async def read_both_tables(mapping: IntegrationTableMapping, ends: Ends) -> BothTables:
    """Ask both services."""
    erp = await ends.erp.fields(mapping.erp_table)
    return BothTables(
        erp=await with_values_in_use(ends, mapping.erp_table, erp),
        crm=await ends.crm.fields(mapping.integration_table),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRows:
    """The field rows that users added to one mapping of a connection."""

    application: Application
    connection: Connection
    mapping: MappingName

    @property
    def settings(self) -> dict[str, JsonValue]:
        """What users changed in the mapping."""
        return dict(self.application.state.mapping_settings(self.connection.id).get(self.mapping, {}))

    @property
    def default(self) -> IntegrationTableMapping:
        """The mapping as nobody changed it."""
        return self.application.mappings_with(self.connection, {})[self.mapping]

    def entered(self, row: str) -> EnteredRow:
        """Return a row as somebody would have entered it; raises ConnectionProblem if there is none of that name."""
        held = self.settings
        return entered_row(stored_rows(held)[self._place(held, row)])

    def check(self, entered: EnteredRow, tables: BothTables, *, row: str = "") -> CheckedRow:
        """Check a row that is to be added, or to take the place of another one."""
        held = self.settings
        others = stored_rows(held)
        if row:
            del others[self._place(held, row)]
        elif len(others) >= OWN_ROWS_MAX:
            raise ConnectionProblem(
                translatable("A mapping takes at most {count} field rows of your own.", count=OWN_ROWS_MAX)
            )
        beside = {**held, OWN_FIELDS: list(others)}
        # A policy of the row that is looked at has no row now.
        names = row_names([each.row_id for each in with_own_rows(self.default, list(others)).fields])
        beside[_POLICIES] = _policies_of(held, names)
        mappings = self.application.mappings_with(self.connection, {self.mapping: beside})
        settings = self.connection.settings
        own = frozenset(each.name for each in own_mappings(settings))
        return check_row(
            entered,
            mappings[self.mapping],
            self.default,
            tables.erp,
            tables.crm,
            referable(mappings, erp_keys(settings), own),
        )

    def keep(self, checked: CheckedRow, *, row: str = "") -> str:
        """Keep a row that was found right, in place of another one if that is named; returns its name."""
        held = self.settings
        rows: list[JsonValue] = [*stored_rows(held)]
        if row:
            rows[self._place(held, row)] = checked.stored
        else:
            rows.append(checked.stored)
        self._store(held, rows)
        return row_name(checked.stored)

    def remove(self, row: str) -> None:
        """Remove a row; what it carried stays on both sides."""
        held = self.settings
        rows: list[JsonValue] = [*stored_rows(held)]
        del rows[self._place(held, row)]
        self._store(held, rows)

    def _store(self, held: Mapping[str, JsonValue], rows: list[JsonValue]) -> None:
        default = self.default
        names = row_names([each.row_id for each in with_own_rows(default, rows).fields])
        changes: dict[str, JsonValue] = {OWN_FIELDS: rows}
        if _POLICIES in held:
            changes[_POLICIES] = _policies_of(held, names)
        change_mapping(self.application, self.connection, default, changes)

    def _place(self, held: Mapping[str, JsonValue], row: str) -> int:
        rows, wanted = stored_rows(held), row.strip().casefold()
        for place, each in enumerate(rows):
            if wanted in (row_name(each).casefold(), own_row(each).row_id.casefold()):
                return place
        raise ConnectionProblem(
            translatable(
                "{mapping} has no field row {row} of your own. Rows: {rows}.",
                mapping=self.mapping,
                row=repr(row),
                rows=", ".join(map(row_name, rows)) or translatable("none"),
            )
        )


def _policies_of(held: Mapping[str, JsonValue], names: tuple[str, ...]) -> dict[str, JsonValue]:
    policies = held.get(_POLICIES)
    return {row: text for row, text in policies.items() if row in names} if isinstance(policies, dict) else {}
