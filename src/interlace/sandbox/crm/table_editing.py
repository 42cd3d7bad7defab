"""Tables, columns, alternate keys and relationships made and removed by the API, as a customizer's tools do it.

What is added becomes entries like those of solutions. What an organization was born with, and what solutions brought,
is not removed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interlace.odata.keys import KeyPredicate
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.attribute_definitions import metadata_id
from interlace.sandbox.crm.call import Call
from interlace.sandbox.crm.column_definitions import column_facts, label_of
from interlace.sandbox.crm.customizations import COLUMN, KEY, RELATIONSHIP, TABLE, Entry, entry
from interlace.sandbox.crm.customizer import Customizer
from interlace.sandbox.crm.privileges import privileges_of_user
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.schema import Table
from interlace.sandbox.exchange import Refusal, Response

_OWNERS = {"UserOwned": "user", "OrganizationOwned": "organization", "None": "organization"}
_CASCADES = {
    "Cascade": "cascade",
    "Restrict": "restrict",
    "RemoveLink": "remove_link",
    "NoCascade": "no_action",
}
_FIRST_CODE = 10_000
"""Tables that customizers make are numbered from here."""
_EXISTS = "0x80048403"
_DEPENDENT = "0x8004f01f"
_ESSENTIAL = "0x80047007"


class TableEditor:
    """Makes and removes what an organization adds to its tables."""

    def __init__(self, records: Records, customizer: Customizer) -> None:
        self._records = records
        self._customizer = customizer

    # --- making

    def create_tables(self, call: Call) -> Response:
        """The action that makes several tables with their columns."""
        self._require_right(call, "prvCreateEntity")
        given = call.body("CreateEntities").get("Entities")
        if not isinstance(given, list) or not given:
            raise errors.payload_error("CreateEntities", "the parameter 'Entities' is missing")
        for definition in given:
            self._customizer.change(list(self._table(definition)))
        # What the action answers with is not documented; a client asks the definitions anew.
        return call.nothing()

    def create_table(self, call: Call) -> Response:
        """One table with its columns."""
        self._require_right(call, "prvCreateEntity")
        made = list(self._table(call.body("EntityDefinitions")))
        self._customizer.change(made)
        return self._created(call, f"EntityDefinitions({metadata_id(made[0].name)})")

    def create_column(self, call: Call, table: Table) -> Response:
        """One column of a table."""
        self._require_right(call, "prvCreateAttribute")
        made = self._column(table.logical_name, call.body("Attributes"))
        self._customizer.change([made])
        owner = f"EntityDefinitions({metadata_id(table.logical_name)})"
        return self._created(call, f"{owner}/Attributes({metadata_id(made.name)})")

    def create_key(self, call: Call, table: Table) -> Response:
        """One alternate key of a table."""
        self._require_right(call, "prvCreateEntityKey")
        given = call.body("Keys")
        name = _custom(given).lower()
        listed = given.get("KeyAttributes")
        columns = [str(each).lower() for each in listed] if isinstance(listed, list) else []
        unknown = [each for each in columns if each not in table.columns]
        if not columns or unknown:
            raise errors.payload_error(
                "Keys", f"the table has no column {', '.join(unknown) or '(none named)'}"
            )
        facts = {
            "columns": columns,
            "schema_name": given["SchemaName"],
            "display_name": label_of(given, name),
        }
        self._add_new(entry(KEY, f"{table.logical_name}.{name}", facts))
        owner = f"EntityDefinitions({metadata_id(table.logical_name)})"
        return self._created(call, f"{owner}/Keys({metadata_id(f'key {table.logical_name}.{name}')})")

    def create_relationship(self, call: Call) -> Response:
        """A lookup column and the relationship that it makes."""
        self._require_right(call, "prvCreateRelationship")
        given = call.body("RelationshipDefinitions")
        lookup = given.get("Lookup")
        if not isinstance(lookup, dict):
            raise errors.feature_refused("This service has relationships of the type OneToMany only.")
        name, schema_name = _custom(given), _custom(lookup)
        referencing = self._required_table(given.get("ReferencingEntity"))
        referenced = self._required_table(given.get("ReferencedEntity"))
        navigation = str(given.get("ReferencingEntityNavigationPropertyName") or schema_name)
        cascade = given.get("CascadeConfiguration")
        on_delete = cascade.get("Delete", "RemoveLink") if isinstance(cascade, dict) else "RemoveLink"
        if on_delete not in _CASCADES:
            raise errors.payload_error("RelationshipDefinitions", f"'{on_delete}' is no cascade")
        column = f"{referencing.logical_name}.{schema_name.lower()}"
        facts = {
            "type": "lookup",
            "schema_name": schema_name,
            "display_name": label_of(lookup, schema_name),
            "targets": {navigation: referenced.logical_name},
            "on_parent_delete": _CASCADES[on_delete],
        }
        relation = {
            "name": name,
            "referencing": referencing.logical_name,
            "referenced": referenced.logical_name,
            "column": schema_name.lower(),
        }
        self._add_new(entry(COLUMN, column, facts), entry(RELATIONSHIP, name, relation))
        made = metadata_id(f"relationship {referencing.logical_name}.{navigation}")
        return self._created(call, f"RelationshipDefinitions({made})")

    def _table(self, given: Mapping[str, Any]) -> Iterator[Entry]:
        schema_name = _custom(given)
        name = schema_name.lower()
        if name in self._records.schema.tables:
            raise errors.refused(_EXISTS, f"An entity with the name {name} already exists.")
        attributes = given.get("Attributes") or []
        primary = next((each for each in attributes if each.get("IsPrimaryName")), None)
        if primary is None:
            raise errors.payload_error("EntityDefinitions", "no attribute is the primary name")
        facts: dict[str, Any] = {
            "schema_name": schema_name,
            "set_name": _plural(name),
            "display_name": label_of(given, schema_name),
            "key": f"{name}id",
            "primary_name": _custom(primary).lower(),
            "object_type_code": self._next_code(),
            "ownership": _OWNERS.get(str(given.get("OwnershipType")), "user"),
            "change_tracking": given.get("ChangeTrackingEnabled") is True,
        }
        yield entry(TABLE, name, facts)
        for each in attributes:
            yield self._column(name, each)

    def _next_code(self) -> int:
        taken = (table.object_type_code for table in self._records.schema.tables.values())
        return max(_FIRST_CODE - 1, *taken) + 1

    def _column(self, table: str, given: Mapping[str, Any]) -> Entry:
        schema_name = _custom(given)
        name = schema_name.lower()
        known = self._records.schema.tables.get(table)
        if known is not None and name in known.columns:
            raise errors.refused(_EXISTS, f"An attribute with the name {name} already exists.")
        return entry(COLUMN, f"{table}.{name}", column_facts(schema_name, given))

    def _add_new(self, *made: Entry) -> None:
        places = {each.place for each in self._customizer.entries}
        for each in made:
            if each.place in places:
                raise errors.refused(_EXISTS, f"The {each.kind} {each.name} already exists.")
        self._customizer.change(made)

    # --- removing

    def delete_table(self, call: Call, table: Table) -> Response:
        """A table with its records, columns, keys and relationships."""
        self._require_right(call, "prvDeleteEntity")
        name = table.logical_name
        gone = [
            each
            for each in self._customizer.entries
            if (each.kind == TABLE and each.name == name)
            or (each.kind in (COLUMN, KEY) and each.table == name)
            or (each.kind == RELATIONSHIP and each.read()["referencing"] == name)
        ]
        return self._remove(call, gone, [(TABLE, name)])

    def delete_member(self, call: Call, table: Table, kind: str, predicate: KeyPredicate) -> Response:
        """A column or an alternate key of a table."""
        self._require_right(call, "prvDeleteAttribute" if kind == COLUMN else "prvDeleteEntityKey")
        prefix = "key " if kind == KEY else ""
        members = table.columns if kind == COLUMN else table.alternate_keys
        wanted = _named(predicate, "LogicalName")
        for member in members:
            name = f"{table.logical_name}.{member}"
            if wanted in (member, metadata_id(f"{prefix}{name}")):
                gone = [each for each in self._customizer.entries if each.place == (kind, name)]
                return self._remove(call, gone, [(kind, name)])
        raise Refusal(404, "0x80060888", f"Could not find {kind} {predicate}.")

    def delete_relationship(self, call: Call, predicate: KeyPredicate) -> Response:
        """A relationship with its lookup column."""
        self._require_right(call, "prvDeleteRelationship")
        wanted = _named(predicate, "SchemaName")
        for each in self._customizer.entries:
            if each.kind != RELATIONSHIP:
                continue
            facts = each.read()
            column = f"{facts['referencing']}.{facts['column']}"
            lookup = next(other for other in self._customizer.entries if other.place == (COLUMN, column))
            ids = [
                metadata_id(f"relationship {facts['referencing']}.{name}")
                for name in lookup.read()["targets"]
            ]
            if wanted in (each.name, *ids):
                return self._remove(call, [each, lookup], [each.place])
        raise Refusal(404, "0x80060888", f"Could not find a relationship {predicate}.")

    def _remove(self, call: Call, gone: list[Entry], wanted: list[tuple[str, str]]) -> Response:
        """Removes entries that nothing else needs."""
        places = {each.place for each in gone}
        missing = [name for kind, name in wanted if (kind, name) not in places]
        if missing:
            raise errors.refused(_ESSENTIAL, f"{missing[0]} is a part of the system and can't be deleted.")
        tables = {each.name for each in gone if each.kind == TABLE}
        columns = {each.name for each in gone if each.kind == COLUMN}
        for each in self._customizer.entries:
            if each.place in places:
                continue
            facts = each.read()
            is_built_on = (
                not tables.isdisjoint(facts.get("targets", {}).values())
                or (each.kind == KEY and any(f"{each.table}.{name}" in columns for name in facts["columns"]))
                or (
                    each.kind == RELATIONSHIP
                    and (
                        facts["referenced"] in tables
                        or f"{facts['referencing']}.{facts['column']}" in columns
                    )
                )
            )
            if is_built_on:
                raise errors.refused(
                    _DEPENDENT,
                    f"The component {wanted[0][1]} cannot be deleted because it is referenced by {each.name}. "
                    "Delete that first.",
                )
        self._customizer.change((), places)
        return call.nothing()

    # --- both

    def _require_right(self, call: Call, privilege: str) -> None:
        user = call.author.user_id
        if privilege not in {each["PrivilegeName"] for each in privileges_of_user(self._records, user)}:
            raise Refusal(
                403,
                errors.PRIVILEGE_DENIED,
                f"Principal user (Id={user}, type=8) is missing {privilege} privilege.",
            )

    def _required_table(self, name: object) -> Table:
        table = self._records.schema.tables.get(str(name).lower())
        if table is None:
            raise errors.payload_error("RelationshipDefinitions", f"there is no table '{name}'")
        return table

    @staticmethod
    def _created(call: Call, address: str) -> Response:
        return call.nothing(("OData-EntityId", f"{call.request.service_url}{address}"))


def _custom(given: Mapping[str, Any]) -> str:
    """The schema name of something that is made: with the prefix of a publisher."""
    name = str(given.get("SchemaName") or "")
    prefix, _, rest = name.partition("_")
    if not (prefix and rest and name.replace("_", "").isalnum() and name.isascii()):
        raise errors.payload_error(
            "EntityDefinitions", f"'{name}' is no schema name: it needs a publisher's prefix"
        )
    return name


def _named(predicate: KeyPredicate, name: str) -> str:
    given = predicate.values_for((name,))
    return str(given[name]) if given else ""


def _plural(name: str) -> str:
    if name.endswith("y") and name[-2] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "z", "ch", "sh")) else f"{name}s"
