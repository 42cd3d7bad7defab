"""Mappings that users add: checked against both services, then kept, and removed with everything remembered of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final
from uuid import uuid4

from interlace.bootstrap.application import PARTNER_COLUMNS, Application, Connection
from interlace.bootstrap.chores import CHORES
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.own_mapping_offer import TEXT, EnteredMapping, Offered
from interlace.bootstrap.own_mappings import (
    NAME_MAX,
    OwnMapping,
    is_mapping_name,
    joining,
    own_mapping_called,
    own_mappings,
)
from interlace.bootstrap.own_references import referring_to
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.table_field import TableField
from interlace.lead_to_cash.mapping_names import SALESORDER_FROM_ERP, SOLINE_ORDERDETAIL
from interlace.locale.translatable import joined, translatable

OWN_MAPPINGS_MAX: Final = 100
_RESERVED: Final = frozenset((*CHORES, SOLINE_ORDERDETAIL, SALESORDER_FROM_ERP))
"""Names of what is remembered or runs under a name without being listed among the mappings."""
_OUR_COLUMNS: Final = frozenset((PARTNER_COLUMNS.company, PARTNER_COLUMNS.table, PARTNER_COLUMNS.key))


class OwnMappingProblem(ConnectionProblem):
    """A mapping that can't be added; `problems` says what is wrong with which part."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(joined([translatable("The mapping is not added."), *self.problems.values()]))


def check_tables(
    application: Application, connection: Connection, entered: EnteredMapping, offered: Offered
) -> None:
    """Raise OwnMappingProblem for two tables that can't be joined, whatever the rest is."""
    _Checking(application, connection, entered, offered).tables()


def check_mapping(
    application: Application, connection: Connection, entered: EnteredMapping, offered: Offered
) -> OwnMapping:
    """Return the mapping as it would be kept; raises OwnMappingProblem naming what is wrong with which part."""
    checking = _Checking(application, connection, entered, offered)
    checking.tables()
    return checking.whole()


def require_free(application: Application, connection: Connection, own: OwnMapping) -> None:
    """Refuse a mapping whose name, tables or column are taken already; raises OwnMappingProblem."""
    if own.name in application.mappings(connection) or own.name in _RESERVED:
        raise OwnMappingProblem({"name": translatable("There is a mapping {name} already.", name=own.name)})
    _require_pair(application, connection, own.erp_table, own.crm_table)
    if taken := _why_column_taken(application, connection, own.erp_table, own.crm_table, own.crm_column):
        raise OwnMappingProblem({"crm_column": taken})


def _require_pair(application: Application, connection: Connection, erp_table: str, crm_table: str) -> None:
    """Refuse two tables that a mapping of the product joins: its filters let in whatever can be synchronized."""
    for other in joining(application.mappings(connection).values(), erp_table, crm_table):
        if own_mapping_called(connection.settings, other.name) is not None:
            continue
        raise OwnMappingProblem(
            {
                "crm_table": translatable(
                    "{mapping} joins {erp_table} and {crm_table} already: add field rows to it instead.",
                    mapping=other.name,
                    erp_table=erp_table,
                    crm_table=crm_table,
                )
            }
        )


def _why_column_taken(
    application: Application, connection: Connection, erp_table: str, crm_table: str, column: str
) -> str:
    """Say why the ERP's key can't stand in a column because of other mappings; blank: it can.

    Mappings of the same two tables share the column: a record that passes from one to the other keeps its partner.
    Those of other tables have columns of their own: their keys may be alike.
    """
    mappings = application.mappings(connection).values()
    beside = [each.name for each in joining(mappings, erp_table, crm_table)]
    for own in own_mappings(connection.settings):
        if own.name in beside and own.crm_column != column:
            return translatable(
                "{mapping} joins the same tables by {column}. Take this column here, too: a record that passes from "
                "one mapping to the other keeps its partner by it.",
                mapping=own.name,
                column=own.crm_column,
            )
    for each in mappings:
        is_of_others = each.integration_table == crm_table and each.choice_column is None
        if is_of_others and each.name not in beside and _writes(each, column):
            return translatable(
                "{mapping} writes {column} of {table} already. Choose another column.",
                mapping=each.name,
                column=column,
                table=crm_table,
            )
    return ""


def _writes(mapping: IntegrationTableMapping, column: str) -> bool:
    rows = (row for row in mapping.fields if row.crm_field == column)
    return any(row.direction.allows(Direction.TO_INTEGRATION_TABLE) for row in rows)


def keep_mapping(application: Application, connection: Connection, own: OwnMapping) -> Connection:
    """Keep a mapping that was found right; it takes no part before somebody lets it."""
    return application.keep(with_own_mapping(connection, own))


def with_own_mapping(connection: Connection, own: OwnMapping) -> Connection:
    """Return the connection with one mapping more, which takes no part; raises ConnectionProblem for too many."""
    settings = connection.settings
    if len(settings.own_mappings) >= OWN_MAPPINGS_MAX:
        raise ConnectionProblem(
            translatable("A connection takes at most {count} mappings of your own.", count=OWN_MAPPINGS_MAX)
        )
    added = replace(
        settings,
        own_mappings=(*settings.own_mappings, own.dump()),
        left_out=(*settings.left_out, own.name),
    )
    return replace(connection, settings=added)


def require_own(connection: Connection, name: MappingName) -> OwnMapping:
    """Return a mapping that users added; raises ConnectionProblem for one of the product."""
    found = own_mapping_called(connection.settings, name)
    if found is None:
        raise ConnectionProblem(
            translatable(
                "{mapping} is no mapping of your own, so it can't be deleted. It can take no part in the connection.",
                mapping=name,
            )
        )
    return found


def remove_mapping(application: Application, connection: Connection, name: MappingName) -> int:
    """Remove a mapping with its couplings, errors and jobs; records stay on both sides. Returns the couplings' number.

    Raises ConnectionProblem for one of the product, MappingBusy while a run is at work on it.
    """
    require_own(connection, name)
    state = application.state
    changes = state.mapping_settings(connection.id)
    if referring := referring_to(application.mappings_with(connection, changes), changes, name):
        other, row = referring[0]
        raise ConnectionProblem(
            translatable(
                "{other} refers to records of {mapping} by the field row {row}: remove that row first.",
                other=other,
                mapping=name,
                row=row,
            )
        )
    fence = state.take_lease(connection.id, name, f"removal {uuid4()}")
    if fence is None:
        raise MappingBusy(name)
    try:
        coupled = state.queries.count_couplings(connection.id).get(name, 0)
        application.change_settings(
            connection,
            lambda now: replace(
                now,
                own_mappings=tuple(each for each in now.own_mappings if each["name"] != name),
                left_out=tuple(each for each in now.left_out if each != name),
            ),
        )
        # Announced writes go, too. What takes effect of them later makes no second record: the key tells it apart.
        state.remove_mapping(connection.id, name)
    finally:
        state.release_lease(connection.id, name, fence)
    return coupled


class _Checking:
    """One mapping's check; each step needs what the steps before it found."""

    def __init__(
        self, application: Application, connection: Connection, entered: EnteredMapping, offered: Offered
    ) -> None:
        self._application, self._connection = application, connection
        self._entered, self._offered = entered, offered
        self._problems: dict[str, str] = {}

    def tables(self) -> None:
        """Both tables are there, the ERP's has a key that a column can hold, and nothing joins them yet."""
        self._erp_table()
        self._crm_table()
        self._require_none()
        assert self._offered.erp_table is not None
        erp_table = self._offered.erp_table.name
        _require_pair(self._application, self._connection, erp_table, self._offered.crm_table)

    def whole(self) -> OwnMapping:
        """The name and the column would do, too."""
        name, column, direction = self._name(), self._column(), self._direction()
        self._require_none()
        offered, key = self._offered, self._offered.key
        assert offered.erp_table is not None
        assert key is not None
        own = OwnMapping(
            name=name,
            erp_table=offered.erp_table.name,
            erp_service=offered.erp_table.service,
            erp_key=key.name,
            crm_table=offered.crm_table,
            crm_set=offered.crm_set,
            crm_key=offered.crm_key,
            crm_column=column,
            only_coupled=self._entered.only_coupled,
            direction=direction,
            erp_name=offered.name_field,
        )
        require_free(self._application, self._connection, own)
        return own

    def _require_none(self) -> None:
        if self._problems:
            raise OwnMappingProblem(self._problems)

    def _name(self) -> str:
        name = self._entered.name.strip().upper()
        if not name:
            self._problems["name"] = translatable("Give the mapping a name, such as PAYMENT METHOD.")
        elif not is_mapping_name(name):
            self._problems["name"] = translatable(
                "A name has at most {count} letters A to Z, digits, spaces, hyphens and underscores.",
                count=NAME_MAX,
            )
        return name

    def _direction(self) -> Direction:
        text = self._entered.direction.strip()
        try:
            direction = Direction(text) if text else Direction.TO_INTEGRATION_TABLE
        except ValueError:
            self._problems["direction"] = translatable("{value} is no direction.", value=text)
            return Direction.TO_INTEGRATION_TABLE
        if direction.allows(Direction.FROM_INTEGRATION_TABLE) and self._offered.why_not_to_erp:
            self._problems["direction"] = self._offered.why_not_to_erp
        return direction

    def _erp_table(self) -> None:
        wanted, found = self._entered.erp_table.strip(), self._offered.erp_table
        if not wanted:
            self._problems["erp_table"] = translatable("Choose a table or page service of the ERP.")
        elif found is None:
            known = [name for each in self._offered.erp for name in (each.service, each.name)]
            unknown = translatable("The ERP publishes no page service {table}.", table=wanted)
            self._problems["erp_table"] = joined([unknown, _alike(wanted, known)])
        elif self._offered.key is None:
            self._problems["erp_table"] = translatable(
                "The records of {table} are not told apart by one field of text (their key: {key}). Mappings of your "
                "own need such a key.",
                table=found.service,
                key=", ".join(found.key) or "–",
            )

    def _crm_table(self) -> None:
        wanted = self._entered.crm_table.strip()
        if not wanted:
            self._problems["crm_table"] = translatable("Choose a table of the CRM.")
        elif not self._offered.crm_table:
            unknown = translatable("The CRM has no table {table}.", table=wanted)
            self._problems["crm_table"] = joined([unknown, _alike(wanted, self._offered.crm)])

    def _column(self) -> str:
        wanted = self._entered.crm_column.strip().casefold()
        fields = self._offered.crm_fields.values()
        found = next((it for it in fields if wanted in (it.name.casefold(), it.caption.casefold())), None)
        if not wanted:
            self._wrong_column(translatable("Choose the column that is to hold the ERP's key."))
        elif found is None:
            self._wrong_column(
                translatable(
                    "The table {table} has no field {field}.",
                    table=self._offered.crm_table,
                    field=self._entered.crm_column.strip(),
                )
            )
        elif why_not := why_no_key(found, self._offered.key):
            self._wrong_column(why_not)
        elif taken := self._why_taken(found.name):
            self._wrong_column(taken)
        return "" if found is None else found.name

    def _wrong_column(self, problem: str) -> None:
        self._problems["crm_column"] = problem

    def _why_taken(self, column: str) -> str:
        assert self._offered.erp_table is not None
        erp_table, crm_table = self._offered.erp_table.name, self._offered.crm_table
        return _why_column_taken(self._application, self._connection, erp_table, crm_table, column)


def why_no_key(column: TableField, key: TableField | None) -> str:
    """Say why a column can't hold the ERP's key; blank: it can."""
    if column.kind != TEXT or column.choices:
        return translatable("{field} takes no text. Choose a column of text.", field=column.name)
    if column.is_read_only or column.name in _OUR_COLUMNS:
        return translatable("{field} can't be written. Choose another column.", field=column.name)
    if key is not None and 0 < column.length < key.length:
        return translatable(
            "{field} holds {length} characters only, and {key} has up to {needed}.",
            field=column.name,
            length=column.length,
            key=key.name,
            needed=key.length,
        )
    return ""


def _alike(wanted: str, known: Sequence[str]) -> str:
    """Name what was probably meant."""
    by_fold = {each.casefold(): each for each in known}
    near = get_close_matches(wanted.casefold(), by_fold, n=3)
    if not near:
        return translatable("`interlace mappings tables` lists what there is.")
    return translatable("Was meant: {names}?", names=", ".join(by_fold[each] for each in near))
