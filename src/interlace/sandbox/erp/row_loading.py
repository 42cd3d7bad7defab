"""Bulk loading of a company's rows: fast, silent, in the order given, without business rules.

Whoever yields the rows vouches for their relations and sums. Types and lengths are checked; what a row leaves
out is blank. Numbers that fit a number series move it on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from interlace.sandbox.erp.declaration import Field, FieldType, Table, Value
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.field_values import accept, plain_decimal
from interlace.sandbox.erp.number_series import fits, note_used
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.exchange import Refusal

Row = tuple[str, Mapping[str, object]]

_ROWS_PER_TRANSACTION = 20_000
_ROWS_PER_INSERT = 2_000
_SEEN_MAX = 4_096
_OWN_TYPES = {bool: FieldType.BOOLEAN, int: FieldType.INTEGER}


class UnloadableRow(Exception):
    """A row that the tables can't hold; the message names table, key and field."""


@dataclass(slots=True)
class _Highest:
    """The highest number seen that fits the number series of a table."""

    number: str = ""

    def see(self, series: str, number: str) -> None:
        if (len(number), number) > (len(self.number), self.number) and fits(series, number):
            self.number = number


class _TableLoading:
    """Turns raw rows of one table into complete values; looks everything up once."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._fields = table.by_name
        self._blank: dict[str, Value] = {field.name: field.blank for field in table.stored_fields}
        self._search = next(
            (
                pair
                for pair in (("Search_Name", "Name"), ("Search_Description", "Description"))
                if pair[0] in self._blank
            ),
            None,
        )
        self.highest = _Highest()
        self._seen: dict[str, dict[str, Value]] = {name: {} for name in self._fields}

    def complete(self, raw: Mapping[str, object]) -> dict[str, Value]:
        values = dict(self._blank)
        for name, given in raw.items():
            field = self._fields.get(name)
            if field is None:
                message = f"Table {self.table.name} has no field {name}. Row: {_identify(self.table, raw)}."
                raise UnloadableRow(message)
            if not field.flow:
                values[name] = self._accept(field, given, raw)
        if self._search is not None and not values[self._search[0]]:
            values[self._search[0]] = str(values[self._search[1]]).upper()[:100]
        if self.table.number_series:
            self.highest.see(self.table.number_series, str(values[self.table.key[-1]]))
        return values

    def _accept(self, field: Field, given: object, raw: Mapping[str, object]) -> Value:
        # Shortcuts for what needs no change: a big company has ten million values, mostly texts and
        # repeated codes.
        kind = type(given)
        if kind is str:
            text = str(given)
            if field.type is FieldType.TEXT and len(text) <= field.length:
                return text
            seen = self._seen[field.name]
            known = seen.get(text)
            if known is not None:
                return known
            value = self._checked(field, text, raw)
            if len(seen) < _SEEN_MAX:
                seen[text] = value
            return value
        if isinstance(given, Decimal) and field.type is FieldType.DECIMAL and given.is_finite():
            return plain_decimal(given)
        if isinstance(given, int) and field.type is _OWN_TYPES.get(kind):
            return given
        return self._checked(field, str(given) if kind is float else given, raw)

    def _checked(self, field: Field, given: object, raw: Mapping[str, object]) -> Value:
        try:
            return accept(field, given)
        except Refusal as refusal:
            message = f"Table {self.table.name}, row {_identify(self.table, raw)}: {refusal.message}"
            raise UnloadableRow(message) from refusal


def _identify(table: Table, raw: Mapping[str, object]) -> str:
    return ",".join(str(raw.get(name, "")) for name in table.key)


def _loading_of(loadings: dict[str, _TableLoading], name: str) -> _TableLoading:
    found = loadings.get(name)
    if found is None:
        if name not in TABLES:
            message = f"There is no table {name}. Tables: {', '.join(TABLES)}."
            raise UnloadableRow(message)
        found = loadings[name] = _TableLoading(TABLES[name])
    return found


def _write(records: ErpRecords, waiting: dict[str, list[dict[str, Value]]]) -> None:
    for name, rows in waiting.items():
        records.insert_many(TABLES[name], rows)
    waiting.clear()


def load_rows(records: ErpRecords, rows: Iterable[Row]) -> dict[str, int]:
    """Load rows of (table, fields) and return how many went into each table.

    Memory stays flat: a stream of any length is written in transactions of some thousand rows.
    """
    counts: dict[str, int] = {}
    loadings: dict[str, _TableLoading] = {}
    stream: Iterator[Row] = iter(rows)
    while portion := list(islice(stream, _ROWS_PER_TRANSACTION)):
        with records.transaction():
            waiting: dict[str, list[dict[str, Value]]] = {}
            for name, raw in portion:
                table_rows = waiting.setdefault(name, [])
                table_rows.append(_loading_of(loadings, name).complete(raw))
                counts[name] = counts.get(name, 0) + 1
                if len(table_rows) >= _ROWS_PER_INSERT:
                    records.insert_many(TABLES[name], table_rows)
                    table_rows.clear()
            _write(records, waiting)
            _note_numbers(records, loadings)
    return counts


def _note_numbers(records: ErpRecords, loadings: Mapping[str, _TableLoading]) -> None:
    """Let the number series go on behind the numbers that have been loaded."""
    for loading in loadings.values():
        if loading.highest.number:
            note_used(records.store, loading.table.number_series, loading.highest.number)
