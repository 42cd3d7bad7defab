"""What the ERP does when a client creates, changes, renames or deletes a record.

Values are checked field by field, relations looked up, numbers given, and the rules of the table run, all in
one transaction. Both protocols come through here; neither is known.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.declaration import Field, Table, Value
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.number_series import next_number
from interlace.sandbox.erp.record_layout import Record, key_columns
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.stored_table import SqlClause, quoted

Values = dict[str, Value]


Complete = Callable[["Application", Values, frozenset[str]], None]
Follow = Callable[["Application", Record], None]
Check = Callable[["Application", Record, Values, frozenset[str]], None]
FollowChange = Callable[["Application", Record, Record, frozenset[str]], None]


def _nothing(*_: object) -> None:
    """Leave everything as it is: most tables have few rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one table; each may change the values or refuse.

    `complete` fills what a new record leaves out, `check` judges and completes a change before it is kept,
    `may_delete` refuses to lose what others need; `created`, `changed` and `deleted` do what follows.
    """

    complete: Complete = _nothing
    created: Follow = _nothing
    check: Check = _nothing
    changed: FollowChange = _nothing
    may_delete: Follow = _nothing
    deleted: Follow = _nothing


_PLAIN = Rules()


class Application:
    """The ERP's behaviour over its records."""

    def __init__(
        self,
        records: ErpRecords,
        rules: Mapping[str, Rules],
    ) -> None:
        self.records = records
        self._rules = rules
        self._postponed: dict[object, Callable[[], object]] | None = None

    def rules(self, table: Table) -> Rules:
        """The rules of a table."""
        return self._rules.get(table.name, _PLAIN)

    @contextmanager
    def postponing(self) -> Iterator[None]:
        """Inside, what is to follow `once` many changes waits for the end: a document's totals, for example."""
        if self._postponed is not None:
            yield
            return
        self._postponed = {}
        try:
            yield
            for action in self._postponed.values():
                action()
        finally:
            self._postponed = None

    def once(self, key: object, action: Callable[[], object]) -> None:
        """Do something now, or once at the end of what postpones it, however often it is asked for."""
        if self._postponed is None:
            action()
        else:
            self._postponed[key] = action

    def create(self, table: Table, given: Mapping[str, Value], system_id: str | None = None) -> Record:
        """Add a record with accepted values; the rest is filled by the rules or stays blank."""
        with self.records.transaction():
            values: Values = {field.name: field.blank for field in table.stored_fields}
            values.update(given)
            self._check_number(table, values)
            self.rules(table).complete(self, values, frozenset(given))
            self._number(table, values)
            self.check_values(table, values)
            self._stamp_date(table, values)
            record = self.records.insert(table, values, system_id)
            self.rules(table).created(self, record)
            return self.reread(record)

    def change(self, record: Record, given: Mapping[str, Value]) -> Record:
        """Change fields of a record; a request that changes nothing leaves the record and its tag alone."""
        changes = {name: value for name, value in given.items() if record.values[name] != value}
        if not changes:
            return record
        table = record.table
        with self.records.transaction():
            values = dict(record.values)
            values.update(changes)
            rules = self.rules(table)
            rules.check(self, record, values, frozenset(changes))
            self._check_needed(table, values)
            for field in table.relations:
                if values[field.name] != record.values[field.name]:
                    self.check_relation(table, field, values[field.name])
            self._stamp_date(table, values)
            if key_columns(table, values) != record.key:
                changed = self.records.rename(record, values)
                self._follow_rename(record, changed)
            else:
                changed = self.records.update(record, values)
            rules.changed(self, record, changed, frozenset(changes))
            return self.reread(changed)

    def delete(self, record: Record) -> None:
        """Remove a record unless a rule stands against it."""
        with self.records.transaction():
            rules = self.rules(record.table)
            rules.may_delete(self, record)
            self.records.delete(record)
            rules.deleted(self, record)

    def reread(self, record: Record) -> Record:
        """The record as the rules have left it."""
        return self.records.get(record.table, record.key) or record

    # --- checks

    def check_values(self, table: Table, values: Values) -> None:
        """Refuse a record that lacks a needed value or names a record that isn't there."""
        self._check_needed(table, values)
        for field in table.relations:
            itself = field.relation == table.name and values[field.name] == values[table.key[-1]]
            if not itself:
                self.check_relation(table, field, values[field.name])

    def check_relation(self, table: Table, field: Field, value: Value) -> None:
        """Refuse a code that names no record of the related table; blank names none and is fine."""
        if value and not self.records.exists(field.relation, str(value)):
            raise refusals.related_missing(table, field, value)

    def _check_number(self, table: Table, values: Values) -> None:
        """Where a series gives the numbers, a client may bring its own only if the company allows it."""
        if not table.number_series or not values[table.key[-1]]:
            return
        series = self.records.by_code("No_Series", table.number_series)
        if series is not None and not series.values["Manual_Nos"]:
            raise refusals.dialog(
                f"You may not enter numbers manually in table {table.caption}. Leave it blank, or allow "
                f"manual numbers for the number series {table.number_series}."
            )

    def _number(self, table: Table, values: Values) -> None:
        if not table.number_series or values[table.key[-1]]:
            return

        def is_taken(number: str) -> bool:
            tried = {**values, table.key[-1]: number}
            return self.records.store.get(table.name, key_columns(table, tried)) is not None

        values[table.key[-1]] = next_number(self.records.store, table.number_series, is_taken)

    def _check_needed(self, table: Table, values: Values) -> None:
        for field in table.fields:
            if field.needed and values[field.name] == field.blank:
                raise refusals.field_validation(
                    f"{field.caption} must have a value in {table.caption}. It cannot be blank."
                )

    def _stamp_date(self, table: Table, values: Values) -> None:
        if "Last_Date_Modified" in values:
            values["Last_Date_Modified"] = self.records.today

    # --- renames

    def _follow_rename(self, old: Record, new: Record) -> None:
        """Let every record that names the old code name the new one, keys included."""
        if len(old.table.key) != 1:
            return
        before, after = old.text(old.table.key[0]), new.text(new.table.key[0])
        for table in TABLES.values():
            for field in table.relations:
                if field.relation == old.table.name:
                    self._rewrite(table, field, before, after)

    def _rewrite(self, table: Table, field: Field, before: str, after: str) -> None:
        column = _searchable(self.records, table, field)
        for record in self.records.find(table, SqlClause(f"{column} = ?", (before,))):
            values = {**record.values, field.name: after}
            if field.name in table.key:
                self.records.rename(record, values)
            else:
                self.records.update(record, values)


def _searchable(records: ErpRecords, table: Table, field: Field) -> str:
    """The SQL expression for a text field, mirrored or not."""
    if field.name in records.store.table(table.name).column_names:
        return quoted(field.name)
    return f"json_extract(CAST(_body AS TEXT), '$.{field.name}')"
