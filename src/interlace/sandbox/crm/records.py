"""Writes records: create, update, upsert, bulk, links, in one transaction with all rules applied.

Rows are dictionaries of wire properties (`_x_value` for lookups) in answer order. Everything here runs
inside a store transaction that the endpoint opens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from interlace.odata.filter_values import fold_text
from interlace.sandbox.crm import derived_columns, errors
from interlace.sandbox.crm.document_pricing import PricingSession
from interlace.sandbox.crm.errors import refused
from interlace.sandbox.crm.option_sets import OptionSets
from interlace.sandbox.crm.payloads import Nested, apply_payload, create_nested
from interlace.sandbox.crm.record_layout import ETAG, RecordLayout, Row
from interlace.sandbox.crm.record_states import require_initial_state, settle_state
from interlace.sandbox.crm.references import RecordAddress
from interlace.sandbox.crm.schema import Schema, Table
from interlace.sandbox.crm.table_rules import rules_for
from interlace.sandbox.entity_store import EntityStore, SqlClause, SqlValue, StoredConflict, quoted
from interlace.sandbox.json_codec import decode_object
from interlace.sandbox.record_ids import TimeOrderedIds

UNIQUE_CODES = {
    "product": ("0x80043b06", "The specified product number already exists."),
    "pricelevel": ("0x80043b0f", "The specified price list name already exists."),
    "productpricelevel": (
        "0x80043b08",
        "A price list item for this product, unit and price list exists already: change that one.",
    ),
}


class Author(NamedTuple):
    """Who writes: the effective user and, under impersonation, the real caller."""

    user_id: str
    on_behalf_of: str | None = None


class Records:
    """All tables of one organization."""

    def __init__(
        self,
        schema: Schema,
        store: EntityStore,
        option_sets: OptionSets,
        ids: TimeOrderedIds,
        now: Callable[[], datetime],
    ) -> None:
        self.schema = schema
        self.store = store
        self.option_sets = option_sets
        self.ids = ids
        self.now = now
        self.layouts = {name: RecordLayout(table, option_sets) for name, table in schema.tables.items()}
        self.derivations = {
            name: derived_columns.compile_derivations(table) for name, table in schema.tables.items()
        }
        # Records seen to exist within the current request; lookups name the same few again and again.
        self.known: set[tuple[str, str]] = set()
        self.pricing = PricingSession()
        self.offers_bulk = True
        # What goes with a solution that is deleted: the keeper of the tables knows.
        self.uninstall: Callable[[Row, Author], None] = lambda row, author: None
        self.roles_changed = 0
        self._moment: str | None = None
        self._rates: dict[str, Decimal] = {}
        self._owners: dict[str, tuple[bool, str | None]] = {}
        store.after_rollback.append(self._forget)
        self.organization_id = store.read_state("organization") or ""
        self.base_currency_id = store.read_state("base_currency")
        self.root_business_unit_id = store.read_state("root_business_unit")

    def moment(self) -> str:
        """The time of the current request as records show it."""
        if self._moment is None:
            self._moment = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._moment

    # --- reading one

    def row(self, table: str, record_id: str) -> Row | None:
        """The record as a row, or None."""
        stored = self.store.get(table, (record_id,))
        return None if stored is None else self.layouts[table].complete(decode_object(stored.body))

    def required_row(self, table: str, record_id: str) -> Row:
        """The record as a row; refuses when it does not exist."""
        row = self.row(table, record_id)
        if row is None:
            raise errors.missing_record(table, record_id)
        return row

    def exists(self, table: str, record_id: str) -> bool:
        """Whether the record exists."""
        if (table, record_id) in self.known:
            return True
        if self.store.get(table, (record_id,)) is None:
            return False
        self.known.add((table, record_id))
        return True

    def begin_request(self) -> None:
        """Takes the time anew and forgets which records the last request saw."""
        self._moment = None
        self.known.clear()
        self.pricing.begin_request()

    def _forget(self) -> None:
        """A transaction was undone: what was learned inside may be wrong."""
        self.known.clear()
        self._rates.clear()
        self._owners.clear()
        self.roles_changed += 1

    def resolve(self, address: RecordAddress) -> str | None:
        """The id of the addressed record, or None when there is none."""
        if address.record_id is not None:
            found = self.store.get(address.table.logical_name, (address.record_id,))
            return None if found is None else address.record_id
        return self.find_by_key(address.table, address.key_values)

    def find_by_key(self, table: Table, values: Mapping[str, object]) -> str | None:
        """The id of the record with these alternate key values, or None."""
        folded = self.layouts[table.logical_name].folded
        texts: dict[str, SqlValue] = {}
        for name, value in values.items():
            if isinstance(value, str) and name in folded:
                texts[name] = fold_text(value)
            elif value is None or isinstance(value, str | int):
                texts[name] = value
            else:
                raise refused(errors.INVALID_ARGUMENT, f"'{value}' cannot be the value of the key {name}.")
        conditions = " AND ".join(f"{quoted(name)} = ?" for name in texts)
        where = SqlClause(conditions, tuple(texts.values()))
        keys = self.store.find_keys(table.logical_name, where, limit=2)
        return None if not keys else str(keys[0][0])

    # --- related records

    def members_table(self, table: Table, navigation: str) -> str | None:
        """The table of the records under a collection navigation property."""
        collection = table.collections.get(navigation)
        if collection is not None:
            return collection.members
        relation = self.schema.many_to_many_of(table, navigation)
        if relation is None:
            return None
        return relation.second if relation.first == table.logical_name else relation.first

    def members_clause(self, table: Table, record_id: str, navigation: str) -> SqlClause:
        """The condition that selects, in the members' table, the records under a navigation property."""
        collection = table.collections.get(navigation)
        if collection is not None:
            column = self.schema.tables[collection.members].columns[collection.column]
            return SqlClause(f"{quoted(column.wire_name)} = ?", (record_id,))
        relation = self.schema.many_to_many_of(table, navigation)
        assert relation is not None
        other = relation.second if relation.first == table.logical_name else relation.first
        linked = f"SELECT {quoted(other)} FROM {quoted(relation.name)} WHERE {quoted(table.logical_name)} = ?"
        return SqlClause(f"{quoted(self.schema.tables[other].key)} IN ({linked})", (record_id,))

    def members_of(self, table: Table, record_id: str, navigation: str) -> list[Row]:
        """The rows under a collection navigation property."""
        name = self.members_table(table, navigation)
        if name is None:
            return []
        where = self.members_clause(table, record_id, navigation)
        layout = self.layouts[name]
        found = self.store.page(name, where=where, limit=5_000)
        return [layout.complete(decode_object(record.body)) for record in found]

    # --- facts that rules ask for

    def exchange_rate(self, currency_id: str) -> Decimal:
        """Units of this currency per unit of the base currency."""
        rate = self._rates.get(currency_id)
        if rate is None:
            found = self.required_row("transactioncurrency", currency_id)["exchangerate"]
            rate = found if isinstance(found, Decimal) else Decimal(str(found))
            self._rates[currency_id] = rate
        return rate

    def forget_rates(self) -> None:
        """A currency was changed."""
        self._rates.clear()

    def owner_facts(self, owner_id: str) -> tuple[bool, str | None]:
        """Whether the owner is a team, and his business unit."""
        facts = self._owners.get(owner_id)
        if facts is None:
            user = self.row("systemuser", owner_id)
            row = user if user is not None else self.required_row("team", owner_id)
            unit = row["_businessunitid_value"]
            facts = (user is None, unit if isinstance(unit, str) else None)
            self._owners[owner_id] = facts
        return facts

    def unit_group_of(self, unit_id: str) -> object:
        """The unit group a unit belongs to."""
        return self.required_row("uom", unit_id)["_uomscheduleid_value"]

    def organization_value(self, column: str) -> object:
        """A setting of the organization."""
        row = self.row("organization", self.organization_id)
        return None if row is None else row[column]

    def has_children(self, table: str, column: str, record_id: object) -> bool:
        """Whether any record of a table names this one in a lookup."""
        assert isinstance(record_id, str)
        return bool(self.store.find_keys(table, SqlClause(f"{quoted(column)} = ?", (record_id,)), limit=1))

    def next_number(self, table: str) -> str:
        """The next document number of the organization's series."""
        state = f"number:{table}"
        number = int(self.store.read_state(state) or "1000") + 1
        self.store.write_state(state, str(number))
        prefix = {"salesorder": "orderprefix", "invoice": "invoiceprefix", "quote": "quoteprefix"}[table]
        return f"{self.organization_value(prefix)}-{number:05d}-{self.ids.next_id()[-6:].upper()}"

    # --- create

    def create(
        self,
        table: Table,
        payload: Mapping[str, object],
        author: Author,
        *,
        record_id: str | None = None,
        key_values: Mapping[str, object] | None = None,
    ) -> Row:
        """Adds one record (and what is nested in the body); returns its row."""
        row, nested = self.new_row(table, payload, author, record_id, key_values or {})
        rules = rules_for(table)
        self.insert(table, row)
        create_nested(self, table, row, nested, author)
        rules.after_create(self, row, author)
        return row

    def new_row(
        self,
        table: Table,
        payload: Mapping[str, object],
        author: Author,
        record_id: str | None,
        key_values: Mapping[str, object],
    ) -> tuple[Row, list[Nested]]:
        """The complete row of a record to be created, and what is nested in the body."""
        layout = self.layouts[table.logical_name]
        row = layout.template.copy()
        row.update(key_values)
        nested = apply_payload(self, table, row, payload, author, creating=True)
        if record_id is not None:
            row[table.key] = record_id
        elif row[table.key] is None:
            row[table.key] = self.ids.next_id()
        moment = self.moment()
        row["createdon"] = row["overriddencreatedon"] or moment
        row["modifiedon"] = moment
        row["_createdby_value"] = row["_modifiedby_value"] = author.user_id
        row["_createdonbehalfby_value"] = row["_modifiedonbehalfby_value"] = author.on_behalf_of
        rules = rules_for(table)
        derived_columns.set_owner(self, table, row, author.user_id)
        rules.before_create(self, row)
        require_initial_state(self, table, row)
        self._require_columns(table, row)
        derived_columns.derive(self, table, row, None)
        self._stamp(row)
        return row, nested

    def _stamp(self, row: Row) -> None:
        version = self.store.next_version()
        row["versionnumber"] = version
        row[ETAG] = f'W/"{version}"'

    def insert(self, table: Table, row: Row) -> None:
        """Stores a new row."""
        try:
            self.store.insert(table.logical_name, self.layouts[table.logical_name].write(row))
        except StoredConflict as conflict:
            raise self.conflict_refusal(table, conflict) from conflict
        self.known.add((table.logical_name, str(row[table.key])))

    # --- update

    def update(
        self,
        table: Table,
        record_id: str,
        payload: Mapping[str, object],
        author: Author,
        *,
        by_action: bool = False,
    ) -> Row:
        """Changes one record; refuses when it does not exist. `by_action` permits reserved states."""
        before = self.required_row(table.logical_name, record_id)
        return self.update_row(table, before, payload, author, by_action=by_action)

    def update_row(
        self,
        table: Table,
        before: Row,
        payload: Mapping[str, object],
        author: Author,
        *,
        by_action: bool = False,
    ) -> Row:
        """Changes the record that was just read as `before`; returns the row as stored."""
        row = self.changed_row(table, before, payload, author, by_action=by_action)
        layout = self.layouts[table.logical_name]
        try:
            self.store.update_changed(table.logical_name, [(layout.write(row), layout.changed(before, row))])
        except StoredConflict as conflict:
            raise self.conflict_refusal(table, conflict) from conflict
        if table.logical_name in ("systemuser", "team"):
            self._owners.clear()
        rules_for(table).after_update(self, before, row)
        return row

    def changed_row(
        self,
        table: Table,
        before: Row,
        payload: Mapping[str, object],
        author: Author,
        *,
        by_action: bool = False,
    ) -> Row:
        """The complete row after a change; nothing is stored yet."""
        row = before.copy()
        nested = apply_payload(self, table, row, payload, author, creating=False)
        if nested:
            raise errors.feature_refused("Related records cannot be created or linked by an update.")
        row[table.key] = before[table.key]
        rules = rules_for(table)
        row["modifiedon"] = self.moment()
        row["_modifiedby_value"] = author.user_id
        row["_modifiedonbehalfby_value"] = author.on_behalf_of
        if table.states:
            settle_state(table, before, row, payload)
        if not by_action:
            rules.before_edit(self, before, row)
            if table.states and row["statecode"] != before["statecode"]:
                rules.before_transition(self, before, row)
        rules.before_update(self, before, row)
        if row.get("_ownerid_value") != before.get("_ownerid_value"):
            derived_columns.set_owner(self, table, row, author.user_id)
        self._require_columns(table, row)
        derived_columns.derive(self, table, row, before)
        self._stamp(row)
        return row

    def rewrite(self, table: Table, row: Row) -> Row:
        """Stores a row that a rule changed (totals, mirrors of a parent) under a new version."""
        derived_columns.derive(self, table, row, row)
        self._stamp(row)
        self.store.update(table.logical_name, self.layouts[table.logical_name].write(row))
        return row

    # --- delete

    def remove(self, table: Table, record_id: str) -> None:
        """Takes the record itself out of its table; `deletion` minds what hangs on it."""
        self.store.delete(table.logical_name, (record_id,), version=self.store.next_version())
        self.known.discard((table.logical_name, record_id))
        self._owners.pop(record_id, None)
        self._rates.pop(record_id, None)

    # --- checks

    def _require_columns(self, table: Table, row: Row) -> None:
        for wire_name in self.layouts[table.logical_name].required:
            if row[wire_name] is None:
                raise refused(
                    errors.REQUIRED_FIELD_MISSING,
                    f"The required field '{wire_name}' of {table.logical_name} is missing. Give it a value.",
                )

    def conflict_refusal(self, table: Table, conflict: StoredConflict) -> Exception:
        """The refusal that tells of a taken unique key."""
        columns = conflict.constraint
        if columns == (table.key,):
            return errors.duplicate_record()
        for name, group in table.alternate_keys.items():
            if set(columns) == set(group):
                return errors.duplicate_key(name)
        code = UNIQUE_CODES.get(table.logical_name)
        if code is not None:
            return refused(*code)
        return errors.duplicate_record()
