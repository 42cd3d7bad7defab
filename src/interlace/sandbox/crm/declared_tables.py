"""Reads the declarations of the CRM's own tables: `tables/*.toml`.

Columns that most tables share (owner, author, stamps, states, base amounts) are added here, so that the
files hold only what is special to a table. What solutions add is declared in the same words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from interlace.sandbox.crm.schema import (
    CollectionNavigation,
    Column,
    ColumnKind,
    ManyToMany,
    Option,
    ParentDelete,
    Requirement,
    Schema,
    State,
    Table,
)

# Records of these tables are hardly ever deleted: finding their children may read the whole table, and
# every write of a child is spared an index.
RARE_PARENTS = frozenset(
    {
        "transactioncurrencyid",
        "territoryid",
        "masterid",
        "defaultpricelevelid",
        "businessunitid",
    }
)
# Their currency is a preference: no amounts of theirs are in it.
_PLACES = frozenset({"systemuser", "team", "businessunit"})
MANY_TO_MANY = (
    ManyToMany(name="systemuserroles_association", first="systemuser", second="role"),
    ManyToMany(name="teamroles_association", first="team", second="role"),
    ManyToMany(name="teammembership_association", first="team", second="systemuser"),
)


@cache
def declared_tables() -> Mapping[str, Mapping[str, Any]]:
    """The declarations that ship with the package, by logical name."""
    folder = resources.files(__package__)
    declared = [
        tomllib.loads(entry.read_text("utf-8"))
        for entry in sorted((folder / "tables").iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    ]
    return MappingProxyType({declaration["logical_name"]: declaration for declaration in declared})


@cache
def load_schema() -> Schema:
    """The tables that every organization has."""
    tables = {name: make_table(declaration) for name, declaration in declared_tables().items()}
    return Schema(tables=MappingProxyType(tables), many_to_many=MANY_TO_MANY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What solutions add to one table, in the words of the declarations."""

    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    collections: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def make_table(
    declaration: Mapping[str, Any], additions: Additions | None = None, *, custom: bool = False
) -> Table:
    """The table of a declaration and of what was added to it."""
    additions = additions if additions is not None else Additions()
    states = tuple(
        State(
            value=state["value"],
            label=state["label"],
            reasons=tuple(
                Option(value=value, label=label, state=state["value"]) for value, label in state["reasons"]
            ),
        )
        for state in declaration.get("states", ())
    )
    columns = {
        column.name: column for column in _columns(declaration, additions.columns, states, custom=custom)
    }
    collections = {**declaration.get("collections", {}), **additions.collections}
    return Table(
        logical_name=declaration["logical_name"],
        set_name=declaration["set_name"],
        display_name=declaration["display_name"],
        key=declaration["key"],
        primary_name=declaration.get("primary_name", ""),
        object_type_code=declaration["object_type_code"],
        ownership=declaration["ownership"],
        methods=frozenset(declaration["methods"]),
        bulk_messages=frozenset(declaration["bulk_messages"]),
        change_tracking=declaration["change_tracking"],
        columns=MappingProxyType(columns),
        states=states,
        unique=tuple(declaration.get("unique", ())),
        alternate_keys=MappingProxyType({name: tuple(key) for name, key in additions.keys.items()}),
        collections=MappingProxyType(
            {
                name: CollectionNavigation(name=name, members=members, column=column)
                for name, (members, column) in collections.items()
            }
        ),
        custom=custom,
        schema_name=declaration.get("schema_name", ""),
    )


def _columns(
    declaration: Mapping[str, Any],
    added: Mapping[str, Mapping[str, Any]],
    states: tuple[State, ...],
    *,
    custom: bool,
) -> Iterator[Column]:
    name = declaration["logical_name"]
    yield Column(
        name=declaration["key"],
        kind=ColumnKind.KEY,
        required=Requirement.SYSTEM,
        create_only=True,
        mirrored=True,
    )
    declared = declaration["columns"]
    own = [_column(column_name, facts, custom=custom) for column_name, facts in declared.items()]
    own += [_column(column_name, facts, custom=True) for column_name, facts in added.items()]
    has_currency = "transactioncurrencyid" in {column.name for column in own} and name not in _PLACES
    for column in own:
        yield column
        if column.kind is ColumnKind.MONEY and has_currency:
            yield Column(
                name=f"{column.name}_base",
                kind=ColumnKind.MONEY_BASE,
                writable=False,
                custom=column.custom,
            )
    if states:
        yield Column(
            name="statecode",
            kind=ColumnKind.STATE,
            mirrored=True,
            required=Requirement.SYSTEM,
            options=tuple(Option(value=state.value, label=state.label) for state in states),
        )
        yield Column(
            name="statuscode",
            kind=ColumnKind.STATUS,
            mirrored=True,
            options=tuple(reason for state in states for reason in state.reasons),
        )
    if has_currency:
        yield Column(name="exchangerate", kind=ColumnKind.DECIMAL, writable=False, precision=12)
    yield from _owner_columns(declaration["ownership"], name)
    yield from _common_columns(name)


def _lookup(name: str, target: str | Mapping[str, str], *, writable: bool = False) -> Column:
    targets = {name: target} if isinstance(target, str) else target
    return Column(
        name=name,
        kind=ColumnKind.LOOKUP,
        targets=MappingProxyType(dict(targets)),
        writable=writable,
        parent_delete=ParentDelete.NO_ACTION,
    )


def _owner_columns(ownership: str, table: str) -> Iterator[Column]:
    if ownership == "user":
        # One navigation property for both kinds of owner; the store tells which one it is.
        yield Column(
            name="ownerid",
            kind=ColumnKind.LOOKUP,
            required=Requirement.SYSTEM,
            mirrored=True,
            targets=MappingProxyType({"ownerid": "systemuser", "ownerid_team": "team"}),
            parent_delete=ParentDelete.NO_ACTION,
        )
        yield _lookup("owninguser", "systemuser")
        yield _lookup("owningteam", "team")
        yield _lookup("owningbusinessunit", "businessunit")
    elif table in ("systemuser", "team"):
        yield Column(name="ownerid", kind=ColumnKind.GUID, writable=False)
        yield Column(name="organizationid", kind=ColumnKind.GUID, writable=False)
    elif table not in ("organization", "asyncoperation"):
        yield _lookup("organizationid", "organization")


def _common_columns(table: str) -> Iterator[Column]:
    yield _lookup("createdby", "systemuser")
    yield _lookup("modifiedby", "systemuser")
    yield _lookup("createdonbehalfby", "systemuser")
    yield _lookup("modifiedonbehalfby", "systemuser")
    yield Column(name="createdon", kind=ColumnKind.DATETIME, writable=False, mirrored=True)
    yield Column(name="modifiedon", kind=ColumnKind.DATETIME, writable=False, mirrored=True, indexed=True)
    yield Column(name="overriddencreatedon", kind=ColumnKind.DATETIME, create_only=True)
    if table not in ("importjob", "asyncoperation"):
        yield Column(name="importsequencenumber", kind=ColumnKind.INTEGER, create_only=True)
        yield Column(name="timezoneruleversionnumber", kind=ColumnKind.INTEGER)
        yield Column(name="utcconversiontimezonecode", kind=ColumnKind.INTEGER)
    yield Column(name="versionnumber", kind=ColumnKind.BIG_INTEGER, writable=False)


def _column(name: str, facts: Mapping[str, Any], *, custom: bool) -> Column:
    kind = ColumnKind(facts["type"])
    targets: Mapping[str, str] = facts.get("targets", {})
    shadow = f"_{facts['of']}_value" if kind is ColumnKind.SHADOW else ""
    if kind is ColumnKind.SHADOW:
        targets = {}
    mirrored = facts.get("mirrored") is not None or kind is ColumnKind.LOOKUP
    return Column(
        name=name,
        kind=kind,
        display_name=facts.get("display_name", ""),
        max_length=facts.get("max_length", 0),
        minimum=Decimal(facts["minimum"]) if "minimum" in facts else None,
        maximum=Decimal(facts["maximum"]) if "maximum" in facts else None,
        precision=facts.get("precision", 4 if kind is ColumnKind.MONEY else 0),
        required=Requirement(facts.get("required", "none")),
        writable=facts.get("writable", True),
        create_only=facts.get("create_only", False),
        default=facts.get("default"),
        options=tuple(Option(value=value, label=label) for value, label in facts.get("options", ())),
        targets=MappingProxyType(dict(targets)),
        customer=facts.get("kind") == "customer",
        parent_delete=ParentDelete(facts.get("on_parent_delete", "remove_link")),
        mirrored=mirrored,
        indexed=facts.get("mirrored") == "indexed"
        or (kind is ColumnKind.LOOKUP and name not in RARE_PARENTS),
        custom=custom,
        shadow_of=f"{shadow}/{facts['target']}" if shadow else "",
        schema_name=facts.get("schema_name", ""),
        choice=facts.get("choice", ""),
    )
