"""What solutions add to the tables of an organization, as data: kept in the store, read into a schema.

An entry is one thing that was added (a table, a column, an alternate key, a relationship, a shared
choice) in the words of the declaration files. Declared and added things are told apart by nothing else.
Whether a table's changes are tracked is an entry, too, where somebody has changed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from interlace.sandbox.crm.declared_tables import Additions, declared_tables, load_schema, make_table
from interlace.sandbox.crm.schema import Option, Schema, SharedChoice
from interlace.sandbox.json_codec import decode_object, encode

TABLE, COLUMN, KEY, RELATIONSHIP, CHOICE = "table", "column", "key", "relationship", "choice"
TRACKING = "tracking"
# Texts up to this length are copied into columns of the store, so that filters are quick.
_MIRRORED_LENGTH_MAX = 250
_BULK = ["CreateMultiple", "UpdateMultiple", "UpsertMultiple"]
_METHODS = ["POST", "GET", "PATCH", "DELETE"]
_STATES = [
    {"value": 0, "label": "Active", "reasons": [[1, "Active"]]},
    {"value": 1, "label": "Inactive", "reasons": [[2, "Inactive"]]},
]


class Entry(NamedTuple):
    """One added thing: its kind, its name (`table.column` for columns and keys) and its facts as JSON."""

    kind: str
    name: str
    facts: bytes

    @property
    def place(self) -> tuple[str, str]:
        """What tells it apart."""
        return self.kind, self.name

    @property
    def table(self) -> str:
        """The table that it belongs to, or its own name."""
        return self.name.partition(".")[0]

    @property
    def member(self) -> str:
        """The name within the table."""
        return self.name.partition(".")[2]

    def read(self) -> dict[str, Any]:
        """The facts."""
        return decode_object(self.facts)


def entry(kind: str, name: str, facts: Mapping[str, Any]) -> Entry:
    """An entry of these facts."""
    return Entry(kind, name, encode(facts))


def tracking_entry(table: str, *, enabled: bool) -> Entry:
    """Whether a table's changes are tracked."""
    return entry(TRACKING, table, {"enabled": enabled})


@lru_cache(maxsize=16)
def extended_schema(entries: tuple[Entry, ...]) -> Schema:
    """The tables that every organization has, with what was added; the same for the same entries."""
    base = load_schema()
    if not entries:
        return base
    additions = _additions(entries)
    tables = {
        name: make_table(declared_tables()[name], additions[name]) if name in additions else table
        for name, table in base.tables.items()
    }
    for each in entries:
        if each.kind == TABLE:
            added = additions.get(each.name, Additions())
            tables[each.name] = make_table(_declaration(each), added, custom=True)
    for each in entries:
        if each.kind == TRACKING and each.name in tables:
            tables[each.name] = replace(tables[each.name], change_tracking=each.read()["enabled"])
    choices = {each.name: _choice(each) for each in entries if each.kind == CHOICE}
    return Schema(
        tables=MappingProxyType(tables),
        many_to_many=base.many_to_many,
        choices=MappingProxyType(choices),
    )


def _declaration(table: Entry) -> dict[str, Any]:
    return {
        "logical_name": table.name,
        "methods": _METHODS,
        "bulk_messages": _BULK,
        "states": _STATES,
        "columns": {},
        **table.read(),
    }


def _additions(entries: Iterable[Entry]) -> dict[str, Additions]:
    """What was added to each table."""
    listed = tuple(entries)
    choices = {each.name: each.read()["options"] for each in listed if each.kind == CHOICE}
    primary = {(each.name, each.read().get("primary_name", "")) for each in listed if each.kind == TABLE}
    keys: dict[str, dict[str, tuple[str, ...]]] = {}
    collections: dict[str, dict[str, tuple[str, str]]] = {}
    columns: dict[str, dict[str, Mapping[str, Any]]] = {}
    for each in listed:
        if each.kind == KEY:
            keys.setdefault(each.table, {})[each.member] = tuple(each.read()["columns"])
        elif each.kind == RELATIONSHIP:
            facts = each.read()
            place = (facts["referencing"], facts["column"])
            collections.setdefault(facts["referenced"], {})[each.name] = place
    for each in listed:
        if each.kind == COLUMN:
            facts = each.read()
            if "choice" in facts:
                facts["options"] = choices[facts["choice"]]
            in_key = any(each.member in key for key in keys.get(each.table, {}).values())
            if (each.table, each.member) in primary:
                facts["mirrored"] = "indexed"
            elif in_key or (facts["type"] == "text" and facts["max_length"] <= _MIRRORED_LENGTH_MAX):
                facts["mirrored"] = "plain"
            columns.setdefault(each.table, {})[each.member] = facts
    return {
        name: Additions(
            columns=columns.get(name, {}), keys=keys.get(name, {}), collections=collections.get(name, {})
        )
        for name in {*columns, *keys, *collections}
    }


def _choice(shared: Entry) -> SharedChoice:
    facts = shared.read()
    options = tuple(Option(value=value, label=text) for value, text in facts["options"])
    return SharedChoice(name=shared.name, display_name=facts.get("display_name", ""), options=options)
