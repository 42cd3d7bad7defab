"""Applies a package to the organization, in one transaction: publisher, solution, tables, roles, files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interlace.sandbox.crm import role_privileges
from interlace.sandbox.crm.attribute_definitions import metadata_id
from interlace.sandbox.crm.customizations import COLUMN, Entry, extended_schema
from interlace.sandbox.crm.customizer import Customizer
from interlace.sandbox.crm.record_layout import ETAG, Row
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.solutions import refusals
from interlace.sandbox.crm.solutions.checks import (
    check_manifest,
    check_others,
    installed_solution,
    settled_entries,
)
from interlace.sandbox.crm.solutions.components import Role, WebResource
from interlace.sandbox.crm.solutions.identities import (
    ENTITY,
    ROLE,
    WEB_RESOURCE,
    Component,
    component_of,
    membership_id,
    publisher_id,
    solution_id,
)
from interlace.sandbox.crm.solutions.package import SolutionPackage, read_package
from interlace.sandbox.crm.solutions.refusals import SolutionRefused
from interlace.sandbox.entity_store import StoredConflict
from interlace.sandbox.exchange import Refusal

UPGRADE_SUFFIX = "_Upgrade"


def foreseen_entries(contents: tuple[bytes, ...]) -> tuple[Entry, ...]:
    """What packages will have added to the tables of a new organization."""
    found: dict[tuple[str, str], Entry] = {}
    for content in contents:
        settled = settled_entries(read_package(content), tuple(found.values()))
        found.update((each.place, each) for each in settled)
    return tuple(found.values())


class SolutionImport:
    """One package on its way into an organization; the checks may be made long before it is applied."""

    def __init__(
        self,
        records: Records,
        customizer: Customizer,
        package: SolutionPackage,
        author: Author,
        *,
        holding: bool = False,
    ) -> None:
        self._records = records
        self._customizer = customizer
        self._author = author
        self._holding = holding
        self.package = package

    # --- checks

    def check_manifest(self) -> None:
        """Version, mode, publisher and dependencies."""
        check_manifest(self._records, self.package)

    def check_tables(self) -> None:
        """Tables, columns and keys."""
        settled_entries(self.package, self._customizer.entries)

    def check_others(self) -> None:
        """Roles and web resources."""
        present = {each.place: each for each in self._customizer.entries}
        settled = settled_entries(self.package, self._customizer.entries)
        present.update((each.place, each) for each in settled)
        check_others(self._records, self.package, extended_schema(tuple(present.values())))

    # --- doing it

    def apply(self) -> str:
        """Applies the package; returns the id of the solution. Inside a transaction."""
        self.check_manifest()
        entries = settled_entries(self.package, self._customizer.entries)
        self.check_others()
        try:
            self._customizer.change(entries)
            return self._rows(entries)
        except StoredConflict as conflict:
            raise SolutionRefused(
                refusals.GENERAL,
                f"The alternate key over {', '.join(conflict.constraint)} cannot be made: records have the same "
                "values in it. Remove the duplicates and import again.",
            ) from conflict
        except Refusal as refusal:
            raise SolutionRefused(refusal.code, refusal.message) from refusal

    def _rows(self, entries: tuple[Entry, ...]) -> str:
        self._add_options(entries)
        solution = self._solution(self._publisher())
        for role in self.package.roles:
            self._role(role, solution)
        for resource in self.package.web_resources:
            self._web_resource(resource, solution)
        self._memberships(solution, entries)
        return solution

    def _put(
        self, table_name: str, record_id: str, payload: Mapping[str, Any], kept: Mapping[str, Any]
    ) -> Row:
        """Creates or changes a record; `kept` are columns that only the service writes."""
        records, author = self._records, self._author
        table = records.schema.tables[table_name]
        before = records.row(table_name, record_id)
        if before is None:
            row, _ = records.new_row(table, payload, author, record_id, {})
            row.update(kept)
            records.insert(table, row)
            return row
        fixed = {name for name in payload if name == "uniquename"}
        changes = {name: value for name, value in payload.items() if name not in fixed}
        row = records.update_row(table, before, changes, author, by_action=True)
        row.update(kept)
        return records.rewrite(table, row)

    def _publisher(self) -> str:
        publisher, records = self.package.publisher, self._records
        table = records.schema.tables["publisher"]
        found = records.find_by_key(table, {"uniquename": publisher.unique_name})
        record_id = found or publisher_id(publisher.unique_name)
        payload = {
            "uniquename": publisher.unique_name,
            "friendlyname": publisher.friendly_name,
            "description": publisher.description or None,
            "customizationprefix": publisher.prefix,
            "customizationoptionvalueprefix": publisher.option_value_prefix,
        }
        self._put("publisher", record_id, payload, {"isreadonly": self.package.managed})
        return record_id

    def _solution(self, publisher: str) -> str:
        package, moment = self.package, self._records.moment()
        installed = installed_solution(self._records, package.unique_name)
        is_held = self._holding and installed is not None
        name = package.unique_name + (UPGRADE_SUFFIX if is_held else "")
        existing = installed_solution(self._records, name)
        record_id = solution_id(name) if existing is None else str(existing["solutionid"])
        payload = {
            "uniquename": name,
            "friendlyname": package.friendly_name,
            "version": package.version,
            "description": package.description or None,
            "solutionpackageversion": package.package_version or None,
            "publisherid@odata.bind": f"/publishers({publisher})",
        }
        installed_on = existing["installedon"] if existing is not None else moment
        kept = {
            "ismanaged": package.managed,
            "isvisible": True,
            "installedon": installed_on,
            "updatedon": moment,
        }
        self._put("solution", record_id, payload, kept)
        return record_id

    def _add_options(self, entries: tuple[Entry, ...]) -> None:
        """Options where people have changed those of a column, too; known ones get the package's label."""
        option_sets, tables = self._records.option_sets, self._records.schema.tables
        listed = [(each.table, each.column, each.options) for each in self.package.tables.options]
        listed += [
            (each.table, each.member, tables[each.table].columns[each.member].options)
            for each in entries
            if each.kind == COLUMN and tables[each.table].columns[each.member].options
        ]
        for table, column, options in listed:
            live = option_sets.live_values(table, column)
            for option in options:
                if option.value not in live:
                    option_sets.insert(table, column, option.label, option.value, 0)
                elif option_sets.label(table, column, option.value) != option.label:
                    option_sets.update(table, column, option.value, option.label)

    def _role(self, role: Role, solution: str) -> None:
        unit = self._records.root_business_unit_id
        payload: dict[str, object] = {"name": role.name}
        if not self._records.exists("role", role.id):
            payload["businessunitid@odata.bind"] = f"/businessunits({unit})"
        kept = {
            "ismanaged": self.package.managed,
            "componentstate": 0,
            "roleidunique": role.id,
            "solutionid": solution,
            "_parentrootroleid_value": role.id,
        }
        self._put("role", role.id, payload, kept)
        role_privileges.replace(self._records, role.id, role.privileges)

    def _web_resource(self, resource: WebResource, solution: str) -> None:
        table = self._records.schema.tables["webresource"]
        found = self._records.find_by_key(table, {"name": resource.name})
        payload = {
            "name": resource.name,
            "displayname": resource.display_name,
            "description": resource.description or None,
            "webresourcetype": resource.type,
            "content": resource.content,
        }
        kept = {"ismanaged": self.package.managed, "componentstate": 0, "solutionid": solution}
        self._put("webresource", found or resource.id, payload, kept)

    # --- what belongs to the solution

    def _memberships(self, solution: str, entries: tuple[Entry, ...]) -> None:
        records = self._records
        listed = {membership_id(solution, each[0]): each for each in self._components(entries)}
        present = records.store.get_many("solutioncomponent", [(record_id,) for record_id in listed])
        layout = records.layouts["solutioncomponent"]
        table = records.schema.tables["solutioncomponent"]
        pattern, _ = records.new_row(table, {}, self._author, solution, {})
        writes = []
        for record_id, (component, behavior, root) in listed.items():
            if (record_id,) in present:
                continue
            version = records.store.next_version()
            row = {
                **pattern,
                ETAG: f'W/"{version}"',
                "versionnumber": version,
                "solutioncomponentid": record_id,
                "componenttype": component[0],
                "objectid": component[1],
                "rootcomponentbehavior": behavior,
                "rootsolutioncomponentid": membership_id(solution, root) if root is not None else None,
                "ismetadata": component[0] not in (ROLE, WEB_RESOURCE),
                "_solutionid_value": solution,
            }
            writes.append(layout.write(row))
        records.store.insert_many("solutioncomponent", writes)

    def _components(
        self, entries: tuple[Entry, ...]
    ) -> Iterator[tuple[Component, int | None, Component | None]]:
        """Components with their behaviour and root: a whole table stands for all that is in it."""
        whole = set()
        for root in self.package.roots:
            if root.type == ENTITY:
                yield (ENTITY, metadata_id(root.schema_name)), root.behavior, None
                if root.behavior == 0:
                    whole.add(root.schema_name)
        for role in self.package.roles:
            yield (ROLE, role.id), 0, None
        for resource in self.package.web_resources:
            yield (WEB_RESOURCE, resource.id), 0, None
        for each in entries:
            component = component_of(each)
            if each.kind in ("relationship", "choice"):
                yield component, 0, None
            elif each.kind != "table" and each.table not in whole:
                yield component, None, (ENTITY, metadata_id(each.table))
