"""Writes records: create, update, upsert, bulk, links, in one transaction with all rules applied.

Rows are dictionaries of wire properties (`_x_value` for lookups) in answer order. Everything here runs
inside a store transaction that the endpoint opens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from interlace.odata.filter_values import fold_text
from interlace.sandbox.crm import derived_columns, errors
from interlace.sandbox.crm.errors import refused
from interlace.sandbox.crm.option_sets import OptionSets
from interlace.sandbox.crm.record_layout import ETAG, Member, RecordLayout, Role, Row
from interlace.sandbox.crm.references import RecordAddress, parse_reference
from interlace.sandbox.crm.schema import ColumnKind, Schema, Table
from interlace.sandbox.crm.table_rules import rules_for
from interlace.sandbox.entity_store import EntityStore, RecordWrite, SqlClause, StoredConflict, quoted
from interlace.sandbox.json_codec import decode_object
from interlace.sandbox.record_ids import TimeOrderedIds

UNIQUE_CODES = {
    "product": ("0x80043b06", "The specified product number already exists."),
    "pricelevel": ("0x80043b0f", "The specified price list name already exists."),
    "productpricelevel": (
        "0x80043b08",
        "The price list item already exists for this product, unit and price list. "
        "Change the existing item instead of adding another.",
    ),
}


class Author(NamedTuple):
    """Who writes: the effective user and, under impersonation, the real caller."""

    user_id: str
    on_behalf_of: str | None = None


class Nested(NamedTuple):
    """A deep insert: the member of the body and what stands under it."""

    member: Member
    value: object


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
        # Records seen to exist within the current request; lookups name the same few again and again.
        self._known: set[tuple[str, str]] = set()
        self._moment: str | None = None
        self._rates: dict[str, Decimal] = {}
        self._owners: dict[str, tuple[bool, str | None]] = {}
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
        if (table, record_id) in self._known:
            return True
        if self.store.get(table, (record_id,)) is None:
            return False
        self._known.add((table, record_id))
        return True

    def begin_request(self) -> None:
        """Forgets what an earlier request learned (its transaction may have been undone)."""
        self._moment = None
        self._known.clear()
        self._rates.clear()
        self._owners.clear()

    def resolve(self, address: RecordAddress) -> str | None:
        """The id of the addressed record, or None when there is none."""
        if address.record_id is not None:
            found = self.store.get(address.table.logical_name, (address.record_id,))
            return None if found is None else address.record_id
        return self.find_by_key(address.table, address.key_values)

    def find_by_key(self, table: Table, values: Mapping[str, object]) -> str | None:
        """The id of the record with these alternate key values, or None."""
        folded = self.layouts[table.logical_name].folded
        texts = {
            name: fold_text(value) if name in folded and isinstance(value, str) else value
            for name, value in values.items()
        }
        conditions = " AND ".join(f"{quoted(name)} = ?" for name in texts)
        keys = self.store.find_keys(
            table.logical_name, SqlClause(conditions, tuple(texts.values())), limit=2  # type: ignore[arg-type]
        )
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
        linked = (
            f"SELECT {quoted(other)} FROM {quoted(relation.name)} WHERE {quoted(table.logical_name)} = ?"
        )
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
        row, nested = self._new_row(table, payload, author, record_id, key_values or {})
        rules = rules_for(table)
        self._insert(table, row)
        self._create_nested(table, row, nested, author)
        rules.after_create(self, row, author)
        return row

    def create_many(self, table: Table, payloads: Sequence[Mapping[str, object]], author: Author) -> list[Row]:
        """Adds records in bulk; one refusal undoes all (the caller's transaction)."""
        rules = rules_for(table)
        layout = self.layouts[table.logical_name]
        rows: list[Row] = []
        writes: list[RecordWrite] = []
        for payload in payloads:
            row, nested = self._new_row(table, payload, author, None, {})
            if nested:
                self._insert(table, row)
                self._create_nested(table, row, nested, author)
            else:
                writes.append(layout.write(row))
                self._known.add((table.logical_name, str(row[table.key])))
            rows.append(row)
        if writes:
            try:
                self.store.insert_many(table.logical_name, writes)
            except StoredConflict as conflict:
                raise self._conflict(table, conflict) from conflict
        for row in rows:
            rules.after_create(self, row, author)
        return rows

    def _new_row(
        self,
        table: Table,
        payload: Mapping[str, object],
        author: Author,
        record_id: str | None,
        key_values: Mapping[str, object],
    ) -> tuple[Row, list[Nested]]:
        layout = self.layouts[table.logical_name]
        row = layout.template.copy()
        row.update(key_values)
        nested = self._apply(table, row, payload, author, creating=True)
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
        self._require_initial_state(table, row)
        self._require_columns(table, row)
        derived_columns.derive(self, table, row, None)
        self._stamp(row)
        return row, nested

    def _stamp(self, row: Row) -> None:
        version = self.store.next_version()
        row["versionnumber"] = version
        row[ETAG] = f'W/"{version}"'

    def _insert(self, table: Table, row: Row) -> None:
        try:
            self.store.insert(table.logical_name, self.layouts[table.logical_name].write(row))
        except StoredConflict as conflict:
            raise self._conflict(table, conflict) from conflict
        self._known.add((table.logical_name, str(row[table.key])))

    def _create_nested(self, table: Table, row: Row, nested: Sequence[Nested], author: Author) -> None:
        """Children under collection navigation properties; they point at the row just made."""
        for member, value in nested:
            navigation = table.collections[member.name]
            child_table = self.schema.tables[navigation.members]
            column = child_table.columns[navigation.column]
            back = next(nav for nav, target in column.targets.items() if target == table.logical_name)
            reference = f"/{table.set_name}({row[table.key]})"
            if not isinstance(value, list):
                raise errors.payload_error(table.set_name, f"'{member.name}' must be an array.")
            for entry in value:
                if member.role is Role.COLLECTION_BIND:
                    address = parse_reference(self.schema, entry)
                    child_id = self.resolve(address)
                    if child_id is None:
                        raise errors.missing_record(child_table.logical_name, str(entry))
                    self.update(child_table, child_id, {f"{back}@odata.bind": reference}, author)
                elif isinstance(entry, dict):
                    self.create(child_table, {**entry, f"{back}@odata.bind": reference}, author)
                else:
                    raise errors.payload_error(table.set_name, f"'{member.name}' must hold objects.")

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
        row = self._changed_row(table, before, payload, author, by_action=by_action)
        layout = self.layouts[table.logical_name]
        try:
            self.store.update_changed(
                table.logical_name, [(layout.write(row), layout.changed(before, row))]
            )
        except StoredConflict as conflict:
            raise self._conflict(table, conflict) from conflict
        rules_for(table).after_update(self, before, row)
        return row

    def _changed_row(
        self,
        table: Table,
        before: Row,
        payload: Mapping[str, object],
        author: Author,
        *,
        by_action: bool = False,
    ) -> Row:
        row = before.copy()
        nested = self._apply(table, row, payload, author, creating=False)
        if nested:
            raise errors.feature_refused("Related records cannot be created or linked by an update.")
        row[table.key] = before[table.key]
        rules = rules_for(table)
        if table.states:
            self._settle_state(table, before, row, payload)
            if row["statecode"] != before["statecode"] and not by_action:
                rules.before_transition(self, before, row)
        rules.before_update(self, before, row)
        if row.get("_ownerid_value") != before.get("_ownerid_value"):
            derived_columns.set_owner(self, table, row, author.user_id)
        self._require_columns(table, row)
        derived_columns.derive(self, table, row, before)
        row["modifiedon"] = self.moment()
        row["_modifiedby_value"] = author.user_id
        row["_modifiedonbehalfby_value"] = author.on_behalf_of
        self._stamp(row)
        return row

    def rewrite(self, table: Table, row: Row) -> Row:
        """Stores a row that a rule changed (totals, mirrors of a parent) under a new version."""
        derived_columns.derive(self, table, row, row)
        self._stamp(row)
        self.store.update(table.logical_name, self.layouts[table.logical_name].write(row))
        return row

    def upsert_many(self, table: Table, payloads: Sequence[Mapping[str, object]], author: Author) -> None:
        """Creates or updates records in bulk; one refusal undoes all (the caller's transaction)."""
        name = table.logical_name
        addresses = [self._target_id(table, payload) for payload in payloads]
        wanted = [(key,) for key, _ in addresses if key is not None]
        stored = self.store.get_many(name, wanted)
        layout, rules = self.layouts[name], rules_for(table)
        originals: dict[str, Row] = {}
        latest: dict[str, Row] = {}
        created: set[str] = set()
        for payload, (record_id, key_values) in zip(payloads, addresses, strict=True):
            before = latest.get(record_id) if record_id is not None else None
            if before is None and record_id is not None and (found := stored.get((record_id,))) is not None:
                before = originals[record_id] = layout.complete(decode_object(found.body))
            if before is not None:
                row = self._changed_row(table, before, payload, author)
            else:
                row, nested = self._new_row(table, payload, author, record_id, key_values)
                if nested:
                    raise errors.feature_refused("UpsertMultiple does not create related records.")
                created.add(str(row[table.key]))
                self._known.add((name, str(row[table.key])))
            latest[str(row[table.key])] = row
        try:
            self.store.insert_many(name, [layout.write(latest[each]) for each in latest if each in created])
            self.store.update_changed(
                name,
                [(layout.write(latest[each]), layout.changed(originals[each], latest[each])) for each in originals],
            )
        except StoredConflict as conflict:
            raise self._conflict(table, conflict) from conflict
        for record_id, row in latest.items():
            if record_id in created:
                rules.after_create(self, row, author)
            else:
                rules.after_update(self, originals[record_id], row)

    def update_many(self, table: Table, payloads: Sequence[Mapping[str, object]], author: Author) -> None:
        """Changes records in bulk; each target holds its primary key or an address."""
        for payload in payloads:
            record_id, _ = self._target_id(table, payload)
            if record_id is None:
                raise refused(
                    errors.OBJECT_DOES_NOT_EXIST,
                    f"A target of UpdateMultiple names no existing {table.logical_name}. "
                    "Give each target its primary key.",
                )
            self.update(table, record_id, payload, author)

    def _target_id(
        self, table: Table, payload: Mapping[str, object]
    ) -> tuple[str | None, Mapping[str, object]]:
        """The id that a bulk target names by its key or `@odata.id`, and the alternate key it gave."""
        given = payload.get(table.key)
        if given is not None:
            member = self.layouts[table.logical_name].members[table.key]
            assert member.check is not None
            return str(member.check(given)), {}
        reference = payload.get("@odata.id")
        if reference is None:
            return None, {}
        address = parse_reference(self.schema, reference)
        if address.table is not table:
            raise refused(errors.INVALID_ARGUMENT, f"'{reference}' is not a record of {table.set_name}.")
        if address.record_id is not None:
            return address.record_id, {}
        return self.find_by_key(table, address.key_values), address.key_values

    # --- delete

    def remove(self, table: Table, record_id: str) -> None:
        """Takes the record itself out of its table; `deletion` minds what hangs on it."""
        self.store.delete(table.logical_name, (record_id,), version=self.store.next_version())
        self._known.discard((table.logical_name, record_id))
        self._owners.pop(record_id, None)
        self._rates.pop(record_id, None)

    # --- bodies

    def _apply(
        self, table: Table, row: Row, payload: Mapping[str, object], author: Author, *, creating: bool
    ) -> list[Nested]:
        """Writes the members of a body into the row; returns what is nested."""
        layout = self.layouts[table.logical_name]
        members, checks, values_for_null = layout.members, layout.checks, layout.values_for_null
        nested: list[Nested] = []
        for name, value in payload.items():
            check = checks.get(name)
            if check is not None:
                row[name] = values_for_null.get(name) if value is None else check(value)
                continue
            member = members.get(name)
            if member is None:
                if name.startswith("@") or "@" in name and not name.endswith("@odata.bind"):
                    continue
                raise errors.payload_error(
                    table.set_name,
                    f"Could not find a property named '{name.partition('@')[0]}' on type '{table.type_name}'.",
                )
            role = member.role
            if role is Role.VALUE:
                # What is left here is for creation only; later it is passed over.
                if creating:
                    assert member.check is not None
                    row[member.wire_name] = None if value is None else member.check(value)
            elif role is Role.BIND:
                self._bind(table, row, member, value)
            elif role is Role.KEY:
                if creating and value is not None:
                    assert member.check is not None
                    row[member.wire_name] = member.check(value)
            elif role in (Role.COLLECTION, Role.COLLECTION_BIND):
                nested.append(Nested(member, value))
            elif role is Role.NAVIGATION:
                self._navigate(table, row, member, value, author, creating=creating)
            elif role is Role.LOOKUP_VALUE:
                assert member.column is not None
                if member.column.writable:
                    raise errors.payload_error(
                        table.set_name,
                        "CRM do not support direct update of Entity Reference properties, "
                        f"Use Navigation properties instead. ('{name}')",
                    )
        return nested

    def _bind(self, table: Table, row: Row, member: Member, value: object) -> None:
        assert member.column is not None
        if value is None:
            row[member.wire_name] = None
            return
        address = parse_reference(self.schema, value)
        target = address.table.logical_name
        permitted = member.column.targets.get(member.name)
        if target != permitted and not (member.column.name == "ownerid" and target == "team"):
            raise errors.payload_error(
                table.set_name, f"'{value}' is no {permitted}, which '{member.name}' must name."
            )
        record_id = address.record_id
        if record_id is None:
            record_id = self.find_by_key(address.table, address.key_values)
            if record_id is None:
                raise errors.missing_by_key(target)
        elif not self.exists(target, record_id):
            raise errors.missing_record(target, record_id)
        row[member.wire_name] = record_id
        if member.column.customer:
            row["__" + member.wire_name] = target

    def _navigate(
        self, table: Table, row: Row, member: Member, value: object, author: Author, *, creating: bool
    ) -> None:
        """A navigation property without annotation: null clears it, an object is created with the record."""
        if value is None:
            row[member.wire_name] = None
            return
        if not creating or not isinstance(value, dict):
            raise errors.payload_error(
                table.set_name,
                f"A related record cannot be created under '{member.name}'. Create it first and bind it "
                f"with '{member.name}@odata.bind'.",
            )
        assert member.column is not None
        target = self.schema.tables[member.column.targets[member.name]]
        related = self.create(target, value, author)
        self._bind(table, row, member, f"/{target.set_name}({related[target.key]})")

    # --- checks

    def _require_columns(self, table: Table, row: Row) -> None:
        for wire_name in self.layouts[table.logical_name].required:
            if row[wire_name] is None:
                raise refused(
                    errors.REQUIRED_FIELD_MISSING,
                    f"The required field '{wire_name}' of {table.logical_name} is missing. Give it a value.",
                )

    def _require_initial_state(self, table: Table, row: Row) -> None:
        if not table.states:
            return
        initial = rules_for(table).initial_state(self, table, row)
        given, reason = row["statecode"], row["statuscode"]
        states = {state.value: state for state in table.states}
        if given == table.states[0].value:
            given = initial
            if reason == table.states[0].reasons[0].value:
                reason = states[initial].reasons[0].value
        row["statecode"], row["statuscode"] = given, reason
        permitted = [option.value for option in states[initial].reasons]
        if given != initial or reason not in permitted:
            raise refused(
                errors.INVALID_STATE_STATUS,
                f"{reason} is not a valid status code for state code "
                f"{table.logical_name}State.{states[initial].label} when a record is created. "
                "Create the record first and change its state afterwards.",
            )

    def _settle_state(
        self, table: Table, before: Row, row: Row, payload: Mapping[str, object]
    ) -> None:
        if row["statecode"] == before["statecode"] and row["statuscode"] == before["statuscode"]:
            return
        state = next((entry for entry in table.states if entry.value == row["statecode"]), None)
        assert state is not None, "the option check lets declared states pass only"
        if payload.get("statuscode") in (None, -1) and row["statecode"] != before["statecode"]:
            row["statuscode"] = state.reasons[0].value
        if row["statuscode"] not in [option.value for option in state.reasons]:
            raise refused(
                errors.INVALID_STATE_STATUS,
                f"{row['statuscode']} is not a valid status code for state code "
                f"{table.logical_name}State.{state.label} on {table.logical_name} with Id {row[table.key]}.",
            )

    def _conflict(self, table: Table, conflict: StoredConflict) -> Exception:
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
