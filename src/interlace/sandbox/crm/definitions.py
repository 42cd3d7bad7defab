"""Metadata as data: service document, `$metadata`, EntityDefinitions, relationships, message filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from interlace.odata.edm import Model
from interlace.odata.filter_evaluation import EvaluationRules, compile_record_filter, resolve_aliases
from interlace.odata.keys import KeyPredicate
from interlace.odata.metadata import render_metadata, service_document_body
from interlace.odata.protocol_error import ProtocolError
from interlace.odata.query_options import QueryOptions
from interlace.odata.resource_path import Segment
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.attribute_definitions import (
    Definition,
    attribute_definition,
    key_definition,
    label,
    metadata_id,
    relationship_definition,
    shared_choice_definition,
)
from interlace.sandbox.crm.call import VERSION_HEADER, Call
from interlace.sandbox.crm.customizations import COLUMN, KEY, tracking_entry
from interlace.sandbox.crm.customizer import Customizer
from interlace.sandbox.crm.edm_model import build_model
from interlace.sandbox.crm.privileges import privilege_definitions, privileges_of_user
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.schema import Schema, Table
from interlace.sandbox.crm.table_editing import TableEditor
from interlace.sandbox.exchange import Refusal, Response
from interlace.sandbox.json_codec import encode

_RELATIONS = ("OneToManyRelationships", "ManyToOneRelationships", "ManyToManyRelationships")
_ALWAYS = ("MetadataId",)
_CREATE_ENTITIES = "CreateEntities"
_MAY_CHANGE_TABLES = "prvWriteEntity"
_WHOLE_DEFINITION = ("LogicalName", "SchemaName", "ChangeTrackingEnabled", "DisplayName", "OwnershipType")
"""Some of what a definition always has: a PUT that lacks it would take it away."""
_WITH_ACTIVITIES = frozenset({"account", "contact", "opportunity", "quote", "salesorder", "invoice"})
_EXPANDED = ("OptionSet", "GlobalOptionSet", "sdkmessageid")


@lru_cache(maxsize=4)
def _model_of(schema: Schema, *, offers_bulk: bool) -> Model:
    return build_model(schema, offers_bulk=offers_bulk)


@lru_cache(maxsize=4)
def _document_of(schema: Schema, *, offers_bulk: bool) -> bytes:
    return render_metadata(_model_of(schema, offers_bulk=offers_bulk))


class Definitions:
    """Answers questions about the tables themselves."""

    def __init__(self, records: Records, customizer: Customizer) -> None:
        self._records = records
        self._customizer = customizer
        self._editor = TableEditor(records, customizer)
        self._sets: Mapping[str, Callable[[Call], Response]] = {
            "EntityDefinitions": self._entity_definitions,
            "GlobalOptionSetDefinitions": self._global_option_sets,
            "RelationshipDefinitions": self._relationships,
            "sdkmessagefilters": self._message_filters,
            "privileges": self._privileges,
        }

    @property
    def _schema(self) -> Schema:
        """The tables of the moment: solutions add to them."""
        return self._records.schema

    def knows(self, name: str) -> bool:
        """Whether an address begins with a metadata set."""
        return name in self._sets or name == _CREATE_ENTITIES

    def answer(self, call: Call) -> Response:
        """Answers a call to a metadata set: reads, and the changes of tables that are offered."""
        segments = call.segments
        if call.request.method == "GET" and segments[0].name in self._sets:
            return self._sets[segments[0].name](call)
        place = "/".join(
            f"{segment.name}()" if segment.predicate is not None else segment.name for segment in segments
        )
        match call.request.method, place:
            case "PUT", "EntityDefinitions()":
                return self._replace_table(call)
            case "POST", "CreateEntities":
                return self._editor.create_tables(call)
            case "POST", "EntityDefinitions":
                return self._editor.create_table(call)
            case "POST", "EntityDefinitions()/Attributes":
                return self._editor.create_column(call, self._table(segments[0]))
            case "POST", "EntityDefinitions()/Keys":
                return self._editor.create_key(call, self._table(segments[0]))
            case "POST", "RelationshipDefinitions":
                return self._editor.create_relationship(call)
            case "DELETE", _:
                return self._delete(call, place)
            case _:
                raise self._unchangeable()

    def _delete(self, call: Call, place: str) -> Response:
        segments = call.segments
        last = segments[-1].predicate
        assert last is not None or not place.endswith("()")
        match place, last:
            case "EntityDefinitions()", _:
                return self._editor.delete_table(call, self._table(segments[0]))
            case (("EntityDefinitions()/Attributes()" | "EntityDefinitions()/Keys()"), KeyPredicate()):
                kind = COLUMN if segments[-1].name == "Attributes" else KEY
                return self._editor.delete_member(call, self._table(segments[0]), kind, last)
            case "RelationshipDefinitions()", KeyPredicate():
                return self._editor.delete_relationship(call, last)
            case _:
                raise self._unchangeable()

    @staticmethod
    def _unchangeable() -> Refusal:
        return Refusal(
            405, errors.FEATURE_REFUSED, "This part of the definitions cannot be changed by the API."
        )

    def service_document(self, call: Call) -> Response:
        """The entity sets."""
        model = _model_of(self._schema, offers_bulk=self._records.offers_bulk)
        context = f"{call.request.service_url}$metadata"
        return call.json(service_document_body(model, context=context))

    def metadata_document(self, call: Call) -> Response:
        """The CSDL document."""
        headers = (("Content-Type", "application/xml"), VERSION_HEADER)
        body = _document_of(self._schema, offers_bulk=self._records.offers_bulk)
        return Response(status=200, headers=headers, body=body)

    # --- tables

    def _entity_definitions(self, call: Call) -> Response:
        segments = call.segments
        if segments[0].predicate is None:
            found = [self._entity(table) for table in self._schema.tables.values()]
            return self._collection(call, "EntityDefinitions", found)
        table = self._table(segments[0])
        if len(segments) == 1:
            return self._single(call, "EntityDefinitions", self._entity(table))
        name = segments[1].name
        if name == "Attributes":
            return self._attributes(call, table, segments[1:])
        if name == "Keys":
            return self._collection(call, "Keys", self._keys(table))
        if name in _RELATIONS:
            return self._collection(call, name, self._relations_of(table, name))
        raise errors.missing_resource(name)

    def _table(self, segment: Segment) -> Table:
        assert segment.predicate is not None
        given = segment.predicate.values_for(("LogicalName",))
        wanted = str(given["LogicalName"]) if given else ""
        for table in self._schema.tables.values():
            if wanted in (table.logical_name, metadata_id(table.logical_name)):
                return table
        raise Refusal(404, "0x80060888", f"Could not find an entity with the name {segment.predicate}.")

    def _replace_table(self, call: Call) -> Response:
        """Takes a whole definition; of what may change, change tracking does, and it can't be taken back."""
        held = {each["PrivilegeName"] for each in privileges_of_user(self._records, call.author.user_id)}
        if _MAY_CHANGE_TABLES not in held:
            raise Refusal(
                403,
                errors.PRIVILEGE_DENIED,
                f"Principal user (Id={call.author.user_id}, type=8) is missing {_MAY_CHANGE_TABLES} privilege.",
            )
        table = self._table(call.segments[0])
        given = call.body("EntityDefinitions")
        if str(given.get("MetadataId", "")).lower() != metadata_id(table.logical_name):
            raise errors.refused(errors.INVALID_ARGUMENT, "MetadataId must be that of the table.")
        missing = [name for name in _WHOLE_DEFINITION if name not in given]
        if missing:
            raise errors.payload_error(
                "EntityDefinitions", f"the definition is not whole, it lacks {', '.join(missing)}"
            )
        wanted = given["ChangeTrackingEnabled"]
        if not isinstance(wanted, bool) or (table.change_tracking and not wanted):
            raise errors.refused(errors.INVALID_ARGUMENT, "Change tracking, once enabled, can't be disabled.")
        if wanted and not table.change_tracking:
            self._customizer.change([tracking_entry(table.logical_name, enabled=True)])
        return call.nothing()

    def _entity(self, table: Table) -> Definition:
        name = table.logical_name
        return {
            "LogicalName": name,
            "SchemaName": table.schema_name or name.capitalize(),
            "EntitySetName": table.set_name,
            "LogicalCollectionName": table.set_name,
            "PrimaryIdAttribute": table.key,
            "PrimaryNameAttribute": table.primary_name or None,
            "ObjectTypeCode": table.object_type_code,
            "OwnershipType": {"user": "UserOwned", "organization": "OrganizationOwned"}.get(
                table.ownership, "BusinessOwned" if table.ownership == "business" else "None"
            ),
            "IsPrivate": False,
            "IsCustomEntity": table.custom,
            "IsManaged": not table.custom,
            "IsIntersect": False,
            "IsActivity": False,
            "HasActivities": name in _WITH_ACTIVITIES,
            "HasNotes": name in _WITH_ACTIVITIES or name == "product",
            "Description": {"LocalizedLabels": [], "UserLocalizedLabel": None},
            "ChangeTrackingEnabled": table.change_tracking,
            "CanChangeTrackingBeEnabled": {
                "Value": True,
                "CanBeChanged": True,
                "ManagedPropertyLogicalName": "canchangetrackingbeenabled",
            },
            "DisplayName": label(table.display_name),
            "DisplayCollectionName": label(table.display_name + "s"),
            "MetadataId": metadata_id(name),
            "HasChanged": None,
        }

    def _attributes(self, call: Call, table: Table, segments: tuple[Segment, ...]) -> Response:
        found = self._attribute_list(table)
        first = segments[0]
        casts = [segment.local_name for segment in segments[1:] if segment.is_qualified]
        if casts:
            found = [each for each in found if str(each["@odata.type"]).endswith(f".{casts[0]}")]
        keyed = next((segment for segment in segments if segment.predicate is not None), None)
        if keyed is None:
            return self._collection(call, f"EntityDefinitions('{table.logical_name}')/{first.name}", found)
        assert keyed.predicate is not None
        given = keyed.predicate.values_for(("LogicalName",))
        wanted = str(given["LogicalName"]) if given else ""
        for each in found:
            if wanted in (each["LogicalName"], each["MetadataId"]):
                if segments[-1].name in ("OptionSet", "GlobalOptionSet"):
                    option_set = each.get(segments[-1].name)
                    if not isinstance(option_set, dict):
                        raise errors.missing_resource(segments[-1].name)
                    return self._single(call, "OptionSet", option_set)
                return self._single(call, "Attributes", each)
        raise Refusal(404, "0x80060888", f"Could not find an attribute {keyed.predicate}.")

    def _attribute_list(self, table: Table) -> list[Definition]:
        option_sets = self._records.option_sets
        return [attribute_definition(table, column, option_sets) for column in table.columns.values()]

    def _keys(self, table: Table) -> list[Definition]:
        return [key_definition(table, name, columns) for name, columns in table.alternate_keys.items()]

    # --- relationships, option sets, messages

    def _relations_of(self, table: Table, kind: str) -> list[Definition]:
        if kind == "ManyToOneRelationships":
            return [
                relationship_definition(self._schema.tables[target], table, column, navigation)
                for column in table.columns.values()
                for navigation, target in column.targets.items()
            ]
        if kind == "OneToManyRelationships":
            return [
                relationship_definition(table, child, column, navigation)
                for child, column in self._schema.children[table.logical_name]
                for navigation, target in column.targets.items()
                if target == table.logical_name
            ]
        return [
            {
                "SchemaName": relation.name,
                "Entity1LogicalName": relation.first,
                "Entity2LogicalName": relation.second,
                "Entity1NavigationPropertyName": relation.name,
                "Entity2NavigationPropertyName": relation.name,
                "IntersectEntityName": relation.name,
                "MetadataId": metadata_id(relation.name),
            }
            for relation in self._schema.many_to_many
            if table.logical_name in (relation.first, relation.second)
        ]

    def _relationships(self, call: Call) -> Response:
        found = [
            relation
            for table in self._schema.tables.values()
            for relation in self._relations_of(table, "ManyToOneRelationships")
        ]
        predicate = call.segments[0].predicate
        if predicate is None:
            return self._collection(call, "RelationshipDefinitions", found)
        given = predicate.values_for(("SchemaName",))
        for each in found:
            if given and given["SchemaName"] in (each["SchemaName"], each["MetadataId"]):
                return self._single(call, "RelationshipDefinitions", each)
        raise Refusal(404, "0x80060888", f"Could not find a relationship {predicate}.")

    def _global_option_sets(self, call: Call) -> Response:
        """The choices that columns share; all others belong to their columns."""
        found = [shared_choice_definition(choice) for choice in self._schema.choices.values()]
        predicate = call.segments[0].predicate
        if predicate is None:
            return self._collection(call, "GlobalOptionSetDefinitions", found)
        given = predicate.values_for(("Name",))
        for each in found:
            if given and each["Name"] == given["Name"]:
                return self._single(call, "GlobalOptionSetDefinitions", each)
        raise Refusal(404, "0x80060888", f"Could not find an option set {predicate}.")

    def _privileges(self, call: Call) -> Response:
        found = privilege_definitions(self._schema)
        return self._collection(call, "privileges", found, always=("privilegeid",))

    def _message_filters(self, call: Call) -> Response:
        found: list[Definition] = []
        for table in self._schema.tables.values():
            messages = {
                "Retrieve",
                "RetrieveMultiple",
                *(table.bulk_messages if self._records.offers_bulk else ()),
            }
            messages |= {
                name
                for method, name in (("POST", "Create"), ("PATCH", "Update"), ("DELETE", "Delete"))
                if method in table.methods
            }
            found.extend(
                {
                    "sdkmessagefilterid": metadata_id(f"{message} {table.logical_name}"),
                    "primaryobjecttypecode": table.logical_name,
                    "_sdkmessageid_value": metadata_id(message),
                    "sdkmessageid": {"sdkmessageid": metadata_id(message), "name": message},
                }
                for message in sorted(messages)
            )
        return self._collection(call, "sdkmessagefilters", found, always=("sdkmessagefilterid",))

    # --- shaping

    def _collection(
        self, call: Call, name: str, found: Iterable[Definition], *, always: tuple[str, ...] = _ALWAYS
    ) -> Response:
        options = call.options
        chosen = _filtered(found, options)
        if options.top is not None:
            chosen = chosen[: options.top]
        shaped = [self._shaped(each, options, always) for each in chosen]
        answer: Definition = {"@odata.context": f"{call.request.service_url}$metadata#{name}"}
        if options.count:
            answer["@odata.count"] = len(chosen)
        return call.json(encode({**answer, "value": shaped}))

    def _single(self, call: Call, name: str, found: Definition) -> Response:
        context = f"{call.request.service_url}$metadata#{name}/$entity"
        return call.json(encode({"@odata.context": context, **self._shaped(found, call.options, _ALWAYS)}))

    def _shaped(self, found: Definition, options: QueryOptions, always: tuple[str, ...]) -> Definition:
        if options.select is None or "*" in options.select:
            shaped = {name: value for name, value in found.items() if name not in _EXPANDED}
        else:
            wanted = {*options.select, *always, "@odata.type"}
            shaped = {name: value for name, value in found.items() if name in wanted}
        for item in options.expand:
            if item.path in ("Attributes", "Keys", *_RELATIONS) and "EntitySetName" in found:
                table = self._schema.tables[str(found["LogicalName"])]
                members = self._members(table, item.path)
                chosen = _filtered(members, item.options)
                shaped[item.path] = [self._shaped(each, item.options, _ALWAYS) for each in chosen]
            elif isinstance(found.get(item.path), dict):
                value = found[item.path]
                assert isinstance(value, dict)
                shaped[item.path] = self._shaped(value, item.options, _ALWAYS)
            elif item.path in found or item.path == "GlobalOptionSet":
                shaped[item.path] = found.get(item.path)
        return shaped

    def _members(self, table: Table, name: str) -> list[Definition]:
        if name == "Attributes":
            return self._attribute_list(table)
        if name == "Keys":
            return self._keys(table)
        return self._relations_of(table, name)


def _filtered(found: Iterable[Definition], options: QueryOptions) -> list[Definition]:
    if options.filter is None:
        return list(found)
    try:
        node = resolve_aliases(options.filter, options.aliases)
        selects = compile_record_filter(node, EvaluationRules())
        return [each for each in found if selects(each)]
    except ProtocolError as error:
        raise errors.feature_refused(error.message) from error
