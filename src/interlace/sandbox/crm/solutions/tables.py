"""Tables, columns, keys, relationships and choices as a solution declares them, in the words of entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from interlace.sandbox.crm.customizations import CHOICE, COLUMN, KEY, RELATIONSHIP, TABLE, Entry, entry
from interlace.sandbox.crm.declared_tables import declared_tables
from interlace.sandbox.crm.schema import Option
from interlace.sandbox.crm.solutions import markup
from interlace.sandbox.crm.solutions.attributes import (
    CURRENCY,
    IGNORED,
    OWN_CURRENCY,
    column_facts,
    options_of,
    state_facts,
)

_OWNERS = {"UserOwned": "user", "OrgOwned": "organization", "BusinessOwned": "business"}
_CASCADES = {
    "Cascade": "cascade",
    "Restrict": "restrict",
    "RemoveLink": "remove_link",
    "NoCascade": "no_action",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedOptions:
    """Options that a solution adds to a choice of the CRM's own."""

    table: str
    column: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanges:
    """What a package does to the tables; `captions` names the tables that it mentions."""

    entries: tuple[Entry, ...]
    options: tuple[AddedOptions, ...]
    captions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lookup:
    """One relationship, seen from its lookup column."""

    name: str
    referencing: str
    referenced: str
    column: str
    navigation: str
    on_delete: str


def read_tables(customizations: Element) -> TableChanges:
    """All changes of tables in `customizations.xml`."""
    lookups = [
        _lookup(each) for each in markup.each(customizations, "EntityRelationships/EntityRelationship")
    ]
    lookups = [each for each in lookups if each.column not in IGNORED]
    found: list[Entry] = [
        _shared_choice(each) for each in markup.each(customizations, "optionsets/optionset")
    ]
    added: list[AddedOptions] = []
    captions: list[tuple[str, str]] = []
    for element in markup.each(customizations, "Entities/Entity"):
        schema_name = markup.needed(element, "Name")
        declared = element.find("EntityInfo/entity")
        name = schema_name.lower()
        title = element.find("Name")
        captions.append((name, title.get("LocalizedName", schema_name) if title is not None else schema_name))
        if declared is None:
            continue
        if name in declared_tables():
            added += _added_options(name, declared)
        elif declared.find("EntitySetName") is not None:
            found.append(_table(schema_name, declared, captions[-1][1]))
        found += _columns(name, declared, [each for each in lookups if each.referencing == name])
        found += _keys(name, declared)
    for each in lookups:
        facts = {"referencing": each.referencing, "referenced": each.referenced, "column": each.column}
        found.append(entry(RELATIONSHIP, markup.custom_name(each.name.lower()), {**facts, "name": each.name}))
    return TableChanges(entries=tuple(found), options=tuple(added), captions=tuple(captions))


def _table(schema_name: str, declared: Element, caption: str) -> Entry:
    name = markup.custom_name(schema_name.lower())
    ownership = markup.text(declared, "OwnershipTypeMask", "OrgOwned")
    if ownership not in _OWNERS:
        raise markup.invalid(f"The table '{name}' has the unknown ownership '{ownership}'.")
    attributes = list(markup.each(declared, "attributes/attribute"))
    keys = [each for each in attributes if markup.text(each, "Type") == "primarykey"]
    named = [each for each in attributes if "PrimaryName" in markup.text(each, "DisplayMask").split("|")]
    if len(keys) != 1:
        raise markup.invalid(f"The table '{name}' has {len(keys)} primary keys instead of one.")
    facts: dict[str, Any] = {
        "schema_name": schema_name,
        "set_name": markup.needed(declared, "EntitySetName"),
        "display_name": markup.labels(declared, "LocalizedNames/LocalizedName") or caption,
        "key": markup.needed(keys[0], "LogicalName"),
        "primary_name": markup.text(named[0], "LogicalName") if named else "",
        "ownership": _OWNERS[ownership],
        "change_tracking": markup.text(declared, "ChangeTrackingEnabled") == "1",
    }
    states = state_facts(attributes)
    return entry(TABLE, name, {**facts, "states": states} if states else facts)


def _columns(table: str, declared: Element, lookups: list[_Lookup]) -> Iterator[Entry]:
    base = declared_tables().get(table, {}).get("columns", {})
    has_money = False
    for element in markup.each(declared, "attributes/attribute"):
        name = markup.needed(element, "LogicalName").lower()
        kind = markup.needed(element, "Type")
        if name in base or name in IGNORED or kind in ("primarykey", "state", "status"):
            continue
        if markup.text(element, "IsBaseCurrency") == "1":
            continue
        facts = column_facts(markup.custom_name(name), element)
        own = [each for each in lookups if each.column == name]
        if facts["type"] == "lookup":
            if not own:
                raise markup.invalid(f"The lookup '{table}.{name}' has no relationship.")
            facts["targets"] = {each.navigation or facts["schema_name"]: each.referenced for each in own}
            facts["on_parent_delete"] = own[0].on_delete
        has_money = has_money or facts["type"] == "money"
        yield entry(COLUMN, f"{table}.{name}", facts)
    if has_money and CURRENCY not in base:
        yield entry(COLUMN, f"{table}.{CURRENCY}", OWN_CURRENCY)


def _added_options(table: str, declared: Element) -> Iterator[AddedOptions]:
    base = declared_tables()[table]["columns"]
    for element in markup.each(declared, "attributes/attribute"):
        name = markup.needed(element, "LogicalName").lower()
        if markup.text(element, "Type") == "picklist" and base.get(name, {}).get("type") == "choice":
            listed = tuple(Option(value=value, label=label) for value, label in options_of(element))
            yield AddedOptions(table=table, column=name, options=listed)


def _keys(table: str, declared: Element) -> Iterator[Entry]:
    for element in markup.each(declared, "EntityKeys/EntityKey"):
        columns = [
            (each.text or "").strip().lower()
            for each in markup.each(element, "EntityKeyAttributes/AttributeName")
        ]
        name = markup.custom_name(markup.needed(element, "LogicalName").lower())
        if not columns:
            raise markup.invalid(f"The key '{name}' of '{table}' has no columns.")
        facts = {
            "columns": columns,
            "schema_name": markup.text(element, "Name", name),
            "display_name": markup.labels(element, "displaynames/displayname") or name,
        }
        yield entry(KEY, f"{table}.{name}", facts)


def _shared_choice(element: Element) -> Entry:
    name = markup.custom_name(element.get("Name", "").lower())
    facts = {
        "display_name": markup.labels(element, "displaynames/displayname") or name,
        "options": options_of(element),
    }
    return entry(CHOICE, name, facts)


def _lookup(element: Element) -> _Lookup:
    name = element.get("Name", "")
    kind = markup.needed(element, "EntityRelationshipType")
    if kind != "OneToMany":
        raise markup.invalid(
            f"The relationship '{name}' is of the type {kind}: this service has OneToMany only."
        )
    cascade = markup.text(element, "CascadeDelete", "RemoveLink")
    if cascade not in _CASCADES:
        raise markup.invalid(f"The relationship '{name}' has the unknown behaviour '{cascade}'.")
    navigation = next(
        (
            markup.text(role, "NavigationPropertyName")
            for role in markup.each(element, "EntityRelationshipRoles/EntityRelationshipRole")
            if markup.text(role, "RelationshipRoleType") == "1"
        ),
        "",
    )
    return _Lookup(
        name=name,
        referencing=markup.needed(element, "ReferencingEntityName").lower(),
        referenced=markup.needed(element, "ReferencedEntityName").lower(),
        column=markup.needed(element, "ReferencingAttributeName").lower(),
        navigation=navigation,
        on_delete=_CASCADES[cascade],
    )
