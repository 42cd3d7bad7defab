"""Records as pages show them: texts, names of related records, labels of choices, amounts with currency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from interlace.odata.filter_values import fold_text
from interlace.sandbox.crm.annotations import lookup_target
from interlace.sandbox.crm.column_values import parse_guid
from interlace.sandbox.crm.record_layout import ETAG, Row
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.schema import ColumnKind, Table
from interlace.sandbox.entity_store import OrderColumn, SqlClause, quoted
from interlace.sandbox.json_codec import decode_object
from interlace.ui.figures import amount_text, quantity_text
from interlace.ui.listing import Excerpt

PAGE_SIZE = 25
_LISTED_MAX = 1_000


class NoSuchRecord(Exception):
    """The address names no record of the table."""

    def __init__(self, table: Table) -> None:
        super().__init__(table.display_name)
        self.table = table


class ShownRecords:
    """Reads for the pages of one request; what is looked up twice is read once."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._names: dict[tuple[str, str], str] = {}
        self._currencies: dict[str | None, tuple[str, int]] = {}

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether the organization has this table (and column): solutions bring some."""
        declared = self.records.schema.tables.get(table)
        return declared is not None and (column is None or column in declared.columns)

    def find(self, table: str, record_id: str | None) -> Shown | None:
        """The record with this id, None when there is none."""
        known = parse_guid(record_id)
        row = None if known is None else self.records.row(table, known)
        return None if row is None else Shown(self, self.records.schema.tables[table], row)

    def required(self, table: str, record_id: str) -> Shown:
        """The record with this id; raises `NoSuchRecord`."""
        found = self.find(table, record_id)
        if found is None:
            raise NoSuchRecord(self.records.schema.tables[table])
        return found

    def listed(
        self,
        table: str,
        where: SqlClause | None = None,
        order: Sequence[OrderColumn] = (),
        *,
        limit: int = _LISTED_MAX,
        offset: int = 0,
    ) -> list[Shown]:
        """The records that satisfy a condition on kept columns."""
        layout = self.records.layouts[table]
        found = self.records.store.page(table, where=where, order=order, limit=limit, offset=offset)
        return [Shown(self, layout.table, layout.complete(decode_object(each.body))) for each in found]

    def count(self, table: str, where: SqlClause | None = None) -> int:
        """How many records satisfy a condition."""
        return self.records.store.count(table, where)

    def page(
        self, table: str, where: SqlClause | None, order: Sequence[OrderColumn], number: str
    ) -> tuple[list[Shown], Excerpt]:
        """One page of a list by its number as text; a number outside the list gives its nearest page."""
        whole = Excerpt(page=1, size=PAGE_SIZE, total=self.count(table, where))
        wanted = int(number) if number.isdecimal() and len(number) < 9 else 1
        excerpt = Excerpt(page=max(1, min(wanted, whole.pages)), size=PAGE_SIZE, total=whole.total)
        offset = (excerpt.page - 1) * PAGE_SIZE
        return self.listed(table, where, order, limit=PAGE_SIZE, offset=offset), excerpt

    def name_of(self, table: str, record_id: str) -> str:
        """The name of a record, empty when it has none."""
        place = (table, record_id)
        if place not in self._names:
            primary = self.records.schema.tables[table].primary_name
            row = self.records.row(table, record_id) if primary else None
            value = None if row is None else row[primary]
            self._names[place] = value if isinstance(value, str) else ""
        return self._names[place]

    def currency(self, currency_id: str | None) -> tuple[str, int]:
        """Code and number of digits of a currency; None stands for the base currency."""
        if currency_id not in self._currencies:
            row = self.records.row("transactioncurrency", currency_id or self.records.base_currency_id or "")
            code, digits = ("", 2) if row is None else (row["isocurrencycode"], row["currencyprecision"])
            self._currencies[currency_id] = (str(code), digits if isinstance(digits, int) else 2)
        return self._currencies[currency_id]


class Shown:
    """One record with its values as texts."""

    def __init__(self, source: ShownRecords, table: Table, row: Row) -> None:
        self._source = source
        self.table = table
        self.row = row

    @property
    def id(self) -> str:
        """The primary key."""
        return str(self.row[self.table.key])

    @property
    def etag(self) -> str:
        """The version of the record as preconditions name it."""
        return str(self.row[ETAG])

    @property
    def name(self) -> str:
        """The name of the record, or a dash that can be clicked."""
        return self.text(self.table.primary_name) or "–"

    @property
    def state(self) -> int:
        """The state, -1 for tables without."""
        return self.number("statecode", -1)

    def text(self, column: str) -> str:
        """A text column; empty when it holds nothing or the organization lacks it."""
        value = self.row.get(column)
        return "" if value is None else str(value)

    def number(self, column: str, otherwise: int = 0) -> int:
        """A whole number."""
        value = self.row.get(column)
        return value if isinstance(value, int) else otherwise

    def lookup(self, column: str) -> str | None:
        """The id a lookup column holds."""
        value = self.row.get(f"_{column}_value")
        return value if isinstance(value, str) else None

    def amount(self, column: str) -> Decimal | None:
        """A number with a fraction."""
        value = self.row.get(column)
        if isinstance(value, Decimal):
            return value
        return Decimal(str(value)) if isinstance(value, (int, float)) else None

    def money(self, column: str) -> str:
        """An amount with the digits and the code of the record's currency."""
        value = self.amount(column)
        if value is None:
            return ""
        code, digits = self._source.currency(self.lookup("transactioncurrencyid"))
        return amount_text(value, digits=digits, currency=code)

    def quantity(self, column: str) -> str:
        """A quantity."""
        value = self.amount(column)
        return "" if value is None else quantity_text(value)

    def moment(self, column: str) -> datetime | None:
        """A moment in UTC."""
        value = self.row.get(column)
        return parse_moment(value) if isinstance(value, str) else None

    def label(self, column: str) -> str:
        """The name of a related record or the label of a choice."""
        declared = self.table.columns.get(column)
        value = None if declared is None else self.row.get(declared.wire_name)
        if declared is None or value is None:
            return ""
        if declared.kind is ColumnKind.LOOKUP:
            _, target = lookup_target(self._source.records, self.table, declared, self.row, str(value))
            return self._source.name_of(target, str(value))
        assert isinstance(value, int)
        return self._source.records.option_sets.label(self.table.logical_name, column, value) or str(value)


def parse_moment(text: str) -> datetime:
    """A moment as records keep it; dates are midnight."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)


def equals(column: str, value: str | int) -> SqlClause:
    """The condition that a kept column has this value."""
    return SqlClause(f"{quoted(column)} = ?", (value,))


def containing(columns: Sequence[str], searched: str) -> SqlClause | None:
    """The condition that any of these text columns holds each of the words; None without words."""
    words = fold_text(searched).split()[:8]
    if not words:
        return None
    # Kept texts are folded like the words; `instr` knows no wildcards and is quicker than LIKE.
    one_word = " OR ".join(f"instr({quoted(column)}, ?)" for column in columns)
    parameters = tuple(word for word in words for _ in columns)
    return SqlClause(" AND ".join(f"({one_word})" for _ in words), parameters)


def both(first: SqlClause | None, second: SqlClause | None) -> SqlClause | None:
    """Both conditions; None stands for no condition."""
    if first is None or second is None:
        return first or second
    return SqlClause(f"({first.text}) AND ({second.text})", (*first.parameters, *second.parameters))
