"""Annotations on demand: formatted values, lookup targets, associated navigation properties."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from decimal import Decimal

from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.schema import Column, ColumnKind, Table

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOOKUP_TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"
LOOKUP_NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"
RECORD_COUNT = "Microsoft.Dynamics.CRM.totalrecordcount"
RECORD_COUNT_EXCEEDED = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"
METADATA_VERSION = "Microsoft.Dynamics.CRM.globalmetadataversion"

_OPTIONS = (ColumnKind.CHOICE, ColumnKind.STATE, ColumnKind.STATUS)


class Annotator:
    """Adds the wanted annotations to rows; names of related records are read once per answer."""

    def __init__(self, records: Records, wanted: str) -> None:
        self._records = records
        patterns = [part.strip() for part in wanted.split(",")]
        self._wants = {
            name: any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
            for name in (FORMATTED, LOOKUP_TABLE, LOOKUP_NAVIGATION, RECORD_COUNT, METADATA_VERSION)
        }
        self._names: dict[tuple[str, str], str | None] = {}

    def wants(self, name: str) -> bool:
        """Whether the client asked for this annotation."""
        return self._wants[name]

    def annotate(self, table: Table, row: Mapping[str, object]) -> Row:
        """A copy of the row with annotations before the values they belong to."""
        result: Row = {}
        for name, value in row.items():
            column = table.by_wire_name.get(name)
            if column is None or value is None:
                result[name] = value
                continue
            if column.kind is ColumnKind.LOOKUP:
                self._annotate_lookup(table, column, row, str(value), result)
            elif self._wants[FORMATTED]:
                text = self._formatted(table, column, row, value)
                if text is not None:
                    result[f"{name}@{FORMATTED}"] = text
            result[name] = value
        return result

    def _annotate_lookup(
        self, table: Table, column: Column, row: Mapping[str, object], value: str, result: Row
    ) -> None:
        navigation, target = lookup_target(self._records, table, column, row, value)
        name = column.wire_name
        if self._wants[LOOKUP_NAVIGATION] and column.writable:
            result[f"{name}@{LOOKUP_NAVIGATION}"] = navigation
        if self._wants[LOOKUP_TABLE]:
            result[f"{name}@{LOOKUP_TABLE}"] = target
        if self._wants[FORMATTED]:
            text = self._name_of(target, value)
            if text is not None:
                result[f"{name}@{FORMATTED}"] = text

    def _name_of(self, table: str, record_id: str) -> str | None:
        place = (table, record_id)
        if place not in self._names:
            primary = self._records.schema.tables[table].primary_name
            row = self._records.row(table, record_id) if primary else None
            value = None if row is None else row[primary]
            self._names[place] = value if isinstance(value, str) else None
        return self._names[place]

    def _formatted(
        self, table: Table, column: Column, row: Mapping[str, object], value: object
    ) -> str | None:
        kind = column.kind
        if kind in _OPTIONS and isinstance(value, int):
            return self._records.option_sets.label(table.logical_name, column.name, value)
        if kind is ColumnKind.BOOLEAN:
            return "Yes" if value else "No"
        if kind in (ColumnKind.MONEY, ColumnKind.MONEY_BASE) and isinstance(value, (Decimal, int)):
            currency = row.get("_transactioncurrencyid_value")
            if kind is ColumnKind.MONEY_BASE or currency is None:
                currency = self._records.base_currency_id
            return f"{self._symbol(currency)}{value:,.2f}"
        if kind in (ColumnKind.INTEGER, ColumnKind.BIG_INTEGER):
            return f"{value:,}"
        if kind is ColumnKind.DECIMAL and isinstance(value, (Decimal, int)):
            return f"{value:,.2f}"
        if kind is ColumnKind.DATETIME and isinstance(value, str):
            return f"{int(value[5:7])}/{int(value[8:10])}/{value[:4]} {_clock(value)}"
        if kind is ColumnKind.DATE and isinstance(value, str):
            return f"{int(value[5:7])}/{int(value[8:10])}/{value[:4]}"
        return None

    def _symbol(self, currency: object) -> str:
        if not isinstance(currency, str):
            return ""
        place = ("currency symbol", currency)
        if place not in self._names:
            row = self._records.row("transactioncurrency", currency)
            self._names[place] = None if row is None else str(row["currencysymbol"])
        return self._names[place] or ""


def lookup_target(
    records: Records, table: Table, column: Column, row: Mapping[str, object], value: str
) -> tuple[str, str]:
    """The navigation property and the table that a lookup value belongs to."""
    targets = list(column.targets.items())
    if column.name == "ownerid":
        return "ownerid", "team" if records.owner_facts(value)[0] else "systemuser"
    if len(targets) > 1:
        shadow = {"account": "_accountid_value", "contact": "_contactid_value"}
        for navigation, target in targets:
            if row.get(shadow.get(target, "")) == value or records.exists(target, value):
                return navigation, target
    return targets[0]


def _clock(value: str) -> str:
    hour = int(value[11:13])
    return f"{hour % 12 or 12}:{value[14:16]} {'AM' if hour < 12 else 'PM'}"
