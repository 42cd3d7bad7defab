"""What must hold before a package is applied: version and mode, tables that fit, roles that can be."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from interlace.sandbox.crm.customizations import CHOICE, COLUMN, KEY, RELATIONSHIP, TABLE, Entry, entry
from interlace.sandbox.crm.declared_tables import declared_tables
from interlace.sandbox.crm.privileges import privilege_names
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.schema import Schema
from interlace.sandbox.crm.solutions import refusals
from interlace.sandbox.crm.solutions.identities import ENTITY, ROLE, WEB_RESOURCE
from interlace.sandbox.crm.solutions.package import MissingDependency, SolutionPackage, version_of
from interlace.sandbox.crm.solutions.refusals import SolutionRefused

_FIRST_OBJECT_TYPE_CODE = 10_001


def installed_solution(records: Records, unique_name: str) -> Row | None:
    """The row of an installed solution."""
    found = records.find_by_key(records.schema.tables["solution"], {"uniquename": unique_name})
    return None if found is None else records.row("solution", found)


def check_manifest(records: Records, package: SolutionPackage) -> None:
    """Refuses what cannot follow the solution that is installed."""
    missing = [each.caption for each in package.missing if not _is_there(records.schema, each)]
    if missing:
        raise SolutionRefused(
            refusals.MISSING_DEPENDENCIES,
            f"The following solution cannot be imported: {package.unique_name}. Some dependencies are missing: "
            f"{', '.join(missing)}.",
            package.unique_name,
        )
    installed = installed_solution(records, package.unique_name)
    if installed is None:
        return
    if package.managed and not installed["ismanaged"]:
        raise SolutionRefused(
            refusals.MANAGED_OVER_UNMANAGED, refusals.MANAGED_OVER_UNMANAGED_TEXT, package.unique_name
        )
    if installed["ismanaged"] and not package.managed:
        raise SolutionRefused(
            refusals.UNMANAGED_OVER_MANAGED, refusals.UNMANAGED_OVER_MANAGED_TEXT, package.unique_name
        )
    if version_of(package.version) < version_of(str(installed["version"])):
        raise SolutionRefused(
            refusals.MANAGED_STAYS if package.managed else refusals.GENERAL,
            f"Solution '{package.unique_name}' already exists in this system in version {installed['version']} "
            f"and cannot be replaced by the lower version {package.version}.",
            package.unique_name,
        )
    publisher = records.required_row("publisher", str(installed["_publisherid_value"]))["uniquename"]
    if publisher != package.publisher.unique_name:
        raise SolutionRefused(
            refusals.WRONG_PUBLISHER,
            f"The following managed solution cannot be imported: {package.unique_name}. The publisher name "
            f"cannot be changed from {publisher} to {package.publisher.unique_name}.",
            package.unique_name,
        )


def _is_there(schema: Schema, dependency: MissingDependency) -> bool:
    """Whether the organization has the table, column or choice that a package needs."""
    if dependency.type == "1":
        return dependency.schema_name in schema.tables
    if dependency.type == "2":
        table = schema.tables.get(dependency.table)
        return table is not None and dependency.schema_name in table.columns
    return dependency.type == "9" and dependency.schema_name in schema.choices


def settled_entries(package: SolutionPackage, present: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries of a package as they follow what is there; raises `SolutionRefused` when they don't fit."""
    return _settled(package.tables.entries, present)


@lru_cache(maxsize=16)
def _settled(declared: tuple[Entry, ...], present: tuple[Entry, ...]) -> tuple[Entry, ...]:
    known = {each.place: each for each in present}
    codes = [int(each.read()["object_type_code"]) for each in present if each.kind == TABLE]
    found: list[Entry] = []
    for each in declared:
        before = known.get(each.place)
        facts = each.read()
        if each.kind == TABLE:
            own = before.read()["object_type_code"] if before is not None else None
            code = own or max([*codes, _FIRST_OBJECT_TYPE_CODE - 1]) + 1
            codes.append(code)
            if before is not None and before.read()["key"] != facts["key"]:
                raise SolutionRefused(refusals.GENERAL, f"The key of {each.name} cannot change.", each.name)
            found.append(entry(TABLE, each.name, {**facts, "object_type_code": code}))
        elif each.kind in (COLUMN, CHOICE) and before is not None:
            found.append(entry(each.kind, each.name, _followed(each, before)))
        else:
            found.append(each)
    merged = {**known, **{each.place: each for each in found}}
    _check_set_names(merged.values())
    for each in found:
        _check_place(each, merged)
    return tuple(found)


def _followed(each: Entry, before: Entry) -> dict[str, object]:
    """The facts of a column or choice that exists: the type stays, options are never taken away."""
    facts, old = each.read(), before.read()
    if facts.get("type") != old.get("type") or facts.get("choice") != old.get("choice"):
        raise SolutionRefused(
            refusals.GENERAL,
            f"The column {each.name} exists with the type {old.get('type')} and cannot become {facts.get('type')}.",
            each.table,
        )
    if "options" in facts:
        values = {value for value, _ in facts["options"]}
        facts["options"] = [*facts["options"], *(pair for pair in old["options"] if pair[0] not in values)]
    return facts


def _check_set_names(entries: Iterable[Entry]) -> None:
    taken = {str(declared["set_name"]): name for name, declared in declared_tables().items()}
    for each in entries:
        if each.kind == TABLE:
            set_name = str(each.read()["set_name"])
            if taken.setdefault(set_name, each.name) != each.name:
                raise SolutionRefused(
                    refusals.GENERAL,
                    f"The entity set name {set_name} of {each.name} is taken by {taken[set_name]}.",
                    each.name,
                )


def _check_place(each: Entry, merged: dict[tuple[str, str], Entry]) -> None:
    tables = {*declared_tables(), *(entry.name for entry in merged.values() if entry.kind == TABLE)}
    facts = each.read()
    named = [each.table] if each.kind in (COLUMN, KEY) else []
    named += list(facts.get("targets", {}).values())
    named += [facts["referencing"], facts["referenced"]] if each.kind == RELATIONSHIP else []
    for name in named:
        if name not in tables:
            raise SolutionRefused(
                refusals.MISSING_DEPENDENCIES,
                f"{each.kind} {each.name} needs the table {name}, which does not exist here.",
                each.table,
            )
    if "choice" in facts and (CHOICE, facts["choice"]) not in merged:
        raise SolutionRefused(
            refusals.MISSING_DEPENDENCIES,
            f"Attribute '{each.name}' was not imported as it references a non-existing global Option Set "
            f"('{facts['choice']}').",
            each.table,
        )
    if each.kind == KEY:
        base = declared_tables().get(each.table, {}).get("columns", {})
        for column in facts["columns"]:
            if column not in base and (COLUMN, f"{each.table}.{column}") not in merged:
                raise SolutionRefused(
                    refusals.GENERAL, f"The key {each.name} names the unknown column {column}.", each.table
                )


def check_others(records: Records, package: SolutionPackage, schema: Schema) -> None:
    """Refuses roles that cannot be, and components that the manifest does not name."""
    known = privilege_names(schema)
    for role in package.roles:
        unknown = sorted(name for name in role.privileges if name not in known)
        if unknown:
            raise SolutionRefused(
                refusals.UNKNOWN_PRIVILEGE,
                f"The privilege to be imported is invalid: the role '{role.name}' names {', '.join(unknown)}.",
                f"{{{role.id}}}",
            )
        same = records.find_by_key(records.schema.tables["role"], {"name": role.name})
        if same is not None and same != role.id:
            raise SolutionRefused(
                refusals.ROLE_NOT_UNIQUE,
                "Cannot import security role. The role with specified role id is not updatable or role name is "
                f"not unique: {role.name}.",
                f"{{{role.id}}}",
            )
    ids = {root.id for root in package.roots if root.type == ROLE}
    names = {root.schema_name for root in package.roots if root.type in (ENTITY, WEB_RESOURCE)}
    missing = _undeclared(package, ids, names)
    for component in missing:
        raise SolutionRefused(
            refusals.NOT_DECLARED,
            f"The import has failed because component {component} is not declared in the solution file as a root "
            "component.",
            component,
        )


def _undeclared(package: SolutionPackage, ids: set[str], names: set[str]) -> Iterable[str]:
    yield from (f"{{{role.id}}}" for role in package.roles if role.id not in ids)
    yield from (f"{{{each.id}}}" for each in package.web_resources if each.name.lower() not in names)
    yield from (name for name, _ in package.tables.captions if name not in names)
