"""The options of choice columns, including those that people add while the service runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from interlace.sandbox import json_codec
from interlace.sandbox.crm.errors import INVALID_ARGUMENT, refused
from interlace.sandbox.crm.schema import Column, ColumnKind, Option, Schema, Table
from interlace.sandbox.entity_store import EntityStore

CHANGEABLE = frozenset({ColumnKind.CHOICE})


class OptionSets:
    """Options by table and column: the declared ones, overridden by what the store remembers."""

    def __init__(self, schema: Schema, store: EntityStore) -> None:
        self._store = store
        self._options: dict[tuple[str, str], list[Option]] = {}
        self._values: dict[tuple[str, str], set[int]] = {}
        self._changed: dict[tuple[str, str], Column] = {}
        self._columns: dict[tuple[str, str], Column] = {}
        self.adopt(schema.tables.values(), schema)
        store.after_rollback.append(self._reload)

    def adopt(self, changed: Iterable[Table], schema: Schema) -> None:
        """Takes over tables that a solution added or changed, and forgets those that are gone."""
        found = {
            (table.logical_name, column.name): column
            for table in changed
            for column in table.columns.values()
            if column.kind in (ColumnKind.CHOICE, ColumnKind.STATE, ColumnKind.STATUS)
        }
        self._columns.update(found)
        for place, column in found.items():
            self._load(place, column)
        for place in [place for place in self._columns if not _exists(schema, place)]:
            del self._columns[place]
            self._changed.pop(place, None)
            self._store.forget_state(_state_name(place))

    def _reload(self) -> None:
        """A transaction was undone: what it changed here is read again."""
        for place, column in self._changed.items():
            self._load(place, column)

    def _load(self, place: tuple[str, str], column: Column) -> None:
        stored = self._store.read_state(_state_name(place))
        options = list(column.options)
        if stored is not None:
            pairs = json_codec.decode(stored)
            assert isinstance(pairs, list)
            options = [Option(value=value, label=label) for value, label in pairs]
        self._options[place] = options
        live = self._values.setdefault(place, set())
        live.clear()
        live.update(option.value for option in options)

    def options(self, table: str, column: str) -> tuple[Option, ...]:
        """The options in display order."""
        return tuple(self._options.get((table, column), ()))

    def live_values(self, table: str, column: str) -> set[int]:
        """The permitted values; the same set is kept up to date, validators may hold on to it."""
        return self._values[(table, column)]

    def label(self, table: str, column: str, value: int) -> str | None:
        """The label of a value."""
        return next((o.label for o in self._options.get((table, column), ()) if o.value == value), None)

    def insert(self, table: str, column: str, label: str, value: int | None, prefix: int) -> int:
        """Adds an option and returns its value: the caller's, else the next of the solution's range."""
        place = self._place(table, column)
        taken = self._values[place]
        if value is None:
            first = prefix * 10_000
            own = [number for number in taken if first <= number < first + 10_000]
            value = max(own) + 1 if own else first
        elif value in taken:
            raise refused(
                "0x80048403", f"An option with the value {value} exists already in {table}.{column}."
            )
        self._keep(place, [*self._options[place], Option(value=value, label=label)])
        return value

    def update(self, table: str, column: str, value: int, label: str) -> None:
        """Gives an option another label."""
        place = self._place(table, column)
        self._require(place, value)
        options = [replace(o, label=label) if o.value == value else o for o in self._options[place]]
        self._keep(place, options)

    def delete(self, table: str, column: str, value: int) -> None:
        """Removes an option; records that hold the value keep it."""
        place = self._place(table, column)
        self._require(place, value)
        self._keep(place, [option for option in self._options[place] if option.value != value])

    def order(self, table: str, column: str, values: list[int]) -> None:
        """Puts the options in this order; those not named follow."""
        place = self._place(table, column)
        rank = {value: position for position, value in enumerate(values)}
        ordered = sorted(self._options[place], key=lambda option: rank.get(option.value, len(rank)))
        self._keep(place, ordered)

    def _place(self, table: str, column: str) -> tuple[str, str]:
        place = (table, column)
        if place not in self._columns or place[1] in ("statecode", "statuscode"):
            raise refused(INVALID_ARGUMENT, f"The column {column} of table {table} is not a choice.")
        return place

    def _require(self, place: tuple[str, str], value: int) -> None:
        if value not in self._values[place]:
            raise refused("0x80048404", f"{place[0]}.{place[1]} has no option with the value {value}.")

    def _keep(self, place: tuple[str, str], options: list[Option]) -> None:
        with self._store.transaction():
            pairs = [[option.value, option.label] for option in options]
            self._store.write_state(_state_name(place), json_codec.encode(pairs).decode())
        column = self._changed[place] = self._columns[place]
        self._load(place, column)


def _exists(schema: Schema, place: tuple[str, str]) -> bool:
    table = schema.tables.get(place[0])
    return table is not None and place[1] in table.columns


def _state_name(place: tuple[str, str]) -> str:
    return f"options:{place[0]}.{place[1]}"
