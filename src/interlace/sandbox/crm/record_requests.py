"""Requests to tables and records: create, read, upsert, delete, properties, links, bulk messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from interlace.odata.etag import EntityTag, TagCondition, parse_condition
from interlace.odata.protocol_error import ProtocolError
from interlace.odata.resource_path import Segment, SegmentKind
from interlace.sandbox import json_codec
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.access_rights import AccessRights
from interlace.sandbox.crm.bulk_records import create_many, update_many, upsert_many
from interlace.sandbox.crm.call import TEXT_HEADER, VERSION_HEADER, Call
from interlace.sandbox.crm.change_tracking import ChangeTracking
from interlace.sandbox.crm.deletion import delete_record
from interlace.sandbox.crm.fetch_queries import fetch_page
from interlace.sandbox.crm.first_start import link
from interlace.sandbox.crm.reading import Reader
from interlace.sandbox.crm.record_layout import ETAG, Row
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.references import RecordAddress, address_of, parse_reference
from interlace.sandbox.crm.schema import NAMESPACE, Table
from interlace.sandbox.crm.sql_queries import sql_options
from interlace.sandbox.entity_store import SqlClause
from interlace.sandbox.exchange import Refusal, Response

BULK_TYPE = "@odata.type"


class RecordRequests:
    """Answers what is addressed below an entity set."""

    def __init__(
        self, records: Records, reader: Reader, tracking: ChangeTracking, rights: AccessRights
    ) -> None:
        self._records = records
        self._reader = reader
        self._tracking = tracking
        self._rights = rights

    def answer(self, call: Call, table: Table) -> Response:
        """Answers a call whose first segment is the entity set of `table`."""
        segments = call.segments
        first, rest = segments[0], segments[1:]
        if first.predicate is None:
            if not rest:
                return self._set(call, table)
            if rest[0].kind is SegmentKind.COUNT and len(rest) == 1:
                return self._count(call, table, None)
            if rest[0].is_qualified:
                return self._bulk(call, table, rest[0])
            raise errors.missing_resource(rest[0].name)
        address = address_of(table, first.predicate)
        if not rest:
            return self._record(call, table, address)
        return self._below(call, table, self._required(address), rest)

    # --- the set

    def _set(self, call: Call, table: Table) -> Response:
        if call.request.method == "POST":
            return self._create(call, table)
        self._require_method(table, call.request.method, "GET")
        self._rights.require_read(call.author, table, call.options)
        reading, options = call.reading(), call.options
        fetch = options.custom_value("fetchXml")
        if fetch is not None:
            return call.json(fetch_page(self._reader, table, reading, fetch))
        query = options.custom_value("sql")
        if query is not None:
            found = replace(reading, options=sql_options(query, table, options))
            return call.json(self._reader.collection(table, found))
        tracking = self._tracking
        if tracking.is_tracking_token(options.skip_token):
            assert options.skip_token is not None
            if tracking.is_full_read(table, options.skip_token):
                return call.json(tracking.first_read(table, reading))
            return call.json(tracking.changes(table, reading))
        if options.delta_token is not None:
            return call.json(tracking.changes(table, reading))
        if call.preferences.track_changes:
            return call.json(tracking.first_read(table, reading))
        return call.json(self._reader.collection(table, reading))

    def _count(self, call: Call, table: Table, within: SqlClause | None) -> Response:
        self._rights.require_read(call.author, table, call.options)
        if call.options.delta_token is not None:
            number = self._tracking.count(table, call.options.delta_token)
        else:
            number = self._reader.count(table, call.reading(), within)
        body = b"\xef\xbb\xbf" + str(number).encode()
        return Response(status=200, headers=(TEXT_HEADER, VERSION_HEADER), body=body)

    def _create(self, call: Call, table: Table) -> Response:
        self._require_method(table, "POST", "POST")
        payload = call.body(table.set_name)
        self._rights.require_create(call.author, table, payload)
        row = self._records.create(table, payload, call.author)
        return self._written(call, table, row, created=True, address=f"{table.set_name}({row[table.key]})")

    # --- one record

    def _record(self, call: Call, table: Table, address: RecordAddress) -> Response:
        method = call.request.method
        if method == "GET":
            return self._get(call, table, address)
        self._require_method(table, method, "PATCH", "DELETE")
        if method == "PATCH":
            return self._upsert(call, table, address)
        self._rights.require(call.author, "Delete", table)
        record_id = self._required(address)
        self._require_version(call, self._records.required_row(table.logical_name, record_id))
        delete_record(self._records, table, record_id, call.author)
        return call.nothing()

    def _get(self, call: Call, table: Table, address: RecordAddress) -> Response:
        self._rights.require_read(call.author, table, call.options)
        row = self._records.required_row(table.logical_name, self._required(address))
        tag = str(row[ETAG])
        unchanged = _condition(call, "if-none-match")
        plain = not call.options.expand and call.preferences.annotations is None
        if unchanged is not None and plain and unchanged.holds(_tag(row)):
            return Response(status=304, headers=(VERSION_HEADER, ("ETag", tag)))
        return call.json(self._reader.single(table, row, call.reading()), headers=(("ETag", tag),))

    def _upsert(self, call: Call, table: Table, address: RecordAddress) -> Response:
        records = self._records
        payload = call.body(table.set_name)
        record_id = address.record_id or records.find_by_key(table, address.key_values)
        row = None if record_id is None else records.row(table.logical_name, record_id)
        exact, absent = _condition(call, "if-match"), _condition(call, "if-none-match")
        used = call.request.path
        if row is None:
            if exact is not None:
                raise self._missing(address)
            self._require_method(table, "POST", "POST")
            self._rights.require_create(call.author, table, payload)
            given = {name: value for name, value in address.key_values.items() if name not in payload}
            row = records.create(table, payload, call.author, record_id=address.record_id, key_values=given)
            return self._written(call, table, row, created=True, address=used)
        self._rights.require_update(call.author, table, payload)
        if absent is not None and absent.holds(_tag(row)):
            raise errors.duplicate_record() if absent.any else errors.version_mismatch()
        self._require_version(call, row)
        if address.key_values:
            payload = {name: value for name, value in payload.items() if name not in address.key_values}
        row = records.update_row(table, row, payload, call.author)
        return self._written(call, table, row, created=False, address=used)

    def _written(self, call: Call, table: Table, row: Row, *, created: bool, address: str) -> Response:
        location = f"{call.request.service_url}{address}"
        link_headers: tuple[tuple[str, str], ...] = (("OData-EntityId", location),)
        if created and call.request.method == "POST":
            link_headers = (*link_headers, ("Location", location))
        if not call.preferences.return_representation:
            return call.nothing(*link_headers)
        row = self._records.required_row(table.logical_name, str(row[table.key]))
        body = self._reader.single(table, row, call.reading())
        headers = (*link_headers, ("ETag", str(row[ETAG])))
        return call.json(body, status=201 if created else 200, headers=headers)

    # --- below one record

    def _below(self, call: Call, table: Table, record_id: str, rest: tuple[Segment, ...]) -> Response:
        name = rest[0].name
        last = rest[-1].kind if len(rest) > 1 else None
        if last is SegmentKind.REF:
            return self._reference(call, table, record_id, rest[0])
        if name in table.lookups:
            return self._related(call, table, record_id, rest)
        members = self._records.members_table(table, name)
        if members is not None:
            return self._members(call, table, record_id, rest, self._records.schema.tables[members])
        column = table.by_wire_name.get(name)
        if column is None:
            raise errors.missing_resource(name)
        return self._property(call, table, record_id, name, raw=last is SegmentKind.VALUE)

    def _property(self, call: Call, table: Table, record_id: str, name: str, *, raw: bool) -> Response:
        method = call.request.method
        self._rights.require(call.author, "Read" if method == "GET" else "Write", table)
        if method == "GET":
            value = self._records.required_row(table.logical_name, record_id)[name]
            if value is None:
                return call.nothing()
            if raw:
                text = value if isinstance(value, str) else json_codec.encode(value).decode()
                return Response(status=200, headers=(TEXT_HEADER, VERSION_HEADER), body=text.encode())
            context = f"{call.request.service_url}$metadata#{table.set_name}({record_id})/{name}"
            return call.json(json_codec.encode({"@odata.context": context, "value": value}))
        self._require_method(table, "PATCH", "PATCH")
        if method == "PUT":
            value = call.body(table.set_name).get("value")
        elif method == "DELETE":
            value = None
        else:
            raise _not_allowed(method)
        row = self._records.required_row(table.logical_name, record_id)
        self._require_version(call, row)
        self._records.update_row(table, row, {name: value}, call.author)
        return call.nothing()

    def _related(self, call: Call, table: Table, record_id: str, rest: tuple[Segment, ...]) -> Response:
        column = table.lookups[rest[0].name]
        value = self._records.required_row(table.logical_name, record_id)[column.wire_name]
        target = self._records.schema.tables[column.targets[rest[0].name]]
        row = None if value is None else self._records.row(target.logical_name, str(value))
        if row is None:
            return call.nothing()
        if len(rest) > 1:
            return self._below(call, target, str(value), rest[1:])
        if call.request.method != "GET":
            raise _not_allowed(call.request.method)
        self._rights.require_read(call.author, target, call.options)
        return call.json(self._reader.single(target, row, call.reading()))

    def _members(
        self, call: Call, table: Table, record_id: str, rest: tuple[Segment, ...], members: Table
    ) -> Response:
        self._records.required_row(table.logical_name, record_id)
        within = self._records.members_clause(table, record_id, rest[0].name)
        if len(rest) > 1 and rest[1].kind is SegmentKind.COUNT:
            return self._count(call, members, within)
        if call.request.method == "POST" and rest[0].name in table.collections:
            navigation = table.collections[rest[0].name]
            column = members.columns[navigation.column]
            back = next(nav for nav, target in column.targets.items() if target == table.logical_name)
            bind = {f"{back}@odata.bind": f"/{table.set_name}({record_id})"}
            payload = {**call.body(members.set_name), **bind}
            self._rights.require_create(call.author, members, payload)
            row = self._records.create(members, payload, call.author)
            address = f"{members.set_name}({row[members.key]})"
            return self._written(call, members, row, created=True, address=address)
        if call.request.method != "GET":
            raise _not_allowed(call.request.method)
        self._rights.require_read(call.author, members, call.options)
        return call.json(self._reader.collection(members, call.reading(), within))

    # --- links

    def _reference(self, call: Call, table: Table, record_id: str, segment: Segment) -> Response:
        records, method, name = self._records, call.request.method, segment.name
        row = records.required_row(table.logical_name, record_id)
        self._rights.require(call.author, "Read" if method == "GET" else "Append", table)
        if name in table.lookups:
            if method == "GET":
                return self._single_reference(call, table, row, name)
            if method == "PUT":
                reference = call.body(table.set_name).get("@odata.id")
                records.update_row(table, row, {f"{name}@odata.bind": reference}, call.author)
            elif method == "DELETE":
                records.update_row(table, row, {f"{name}@odata.bind": None}, call.author)
            else:
                raise _not_allowed(method)
            return call.nothing()
        members = records.members_table(table, name)
        if members is None:
            raise errors.missing_resource(name)
        if method == "GET":
            return self._member_references(call, table, record_id, name, records.schema.tables[members])
        if method == "POST":
            reference = call.body(table.set_name).get("@odata.id")
        elif method == "DELETE" and segment.predicate is not None:
            target = records.schema.tables[members]
            reference = f"/{target.set_name}({address_of(target, segment.predicate).record_id})"
        elif method == "DELETE":
            reference = call.options.id
        else:
            raise _not_allowed(method)
        self._associate(call, table, record_id, name, reference, adds=method == "POST")
        return call.nothing()

    def _associate(
        self, call: Call, table: Table, record_id: str, name: str, reference: object, *, adds: bool
    ) -> None:
        records = self._records
        address = parse_reference(records.schema, reference)
        member_id = self._required(address)
        relation = records.schema.many_to_many_of(table, name)
        if relation is not None:
            is_first = relation.first == table.logical_name
            first, second = (record_id, member_id) if is_first else (member_id, record_id)
            if adds:
                link(records, relation.name, first, second)
            else:
                records.store.delete(relation.name, (first, second), version=records.store.next_version())
            return
        navigation = table.collections[name]
        members = records.schema.tables[navigation.members]
        column = members.columns[navigation.column]
        back = next(nav for nav, target in column.targets.items() if target == table.logical_name)
        bound = f"/{table.set_name}({record_id})" if adds else None
        records.update(members, member_id, {f"{back}@odata.bind": bound}, call.author)

    def _single_reference(self, call: Call, table: Table, row: Row, name: str) -> Response:
        value = row[table.lookups[name].wire_name]
        if value is None:
            return call.nothing()
        target = self._records.schema.tables[table.lookups[name].targets[name]]
        base = call.request.service_url
        found = {
            "@odata.context": f"{base}$metadata#$ref",
            "@odata.id": f"{base}{target.set_name}({value})",
        }
        return call.json(json_codec.encode(found))

    def _member_references(
        self, call: Call, table: Table, record_id: str, name: str, members: Table
    ) -> Response:
        base = call.request.service_url
        rows = self._records.members_of(table, record_id, name)
        links = [{"@odata.id": f"{base}{members.set_name}({row[members.key]})"} for row in rows]
        return call.json(
            json_codec.encode(
                {
                    "@odata.context": f"{base}$metadata#Collection($ref)",
                    "value": links,
                }
            )
        )

    # --- bulk messages

    def _bulk(self, call: Call, table: Table, segment: Segment) -> Response:
        message = segment.local_name
        offered = table.bulk_messages if self._records.offers_bulk else ()
        if call.request.method != "POST" or message not in offered:
            raise Refusal(
                400 if message.endswith("Multiple") else 404,
                errors.FEATURE_REFUSED,
                f"The message '{message}' is not available for the table {table.logical_name}. "
                "Ask sdkmessagefilters which messages a table has.",
            )
        targets = self._targets(call, table)
        if message == "CreateMultiple":
            self._rights.require_create(call.author, table, *targets)
            ids = [row[table.key] for row in create_many(self._records, table, targets, call.author)]
            return call.value({"Ids": ids}, f"{NAMESPACE}.CreateMultipleResponse")
        if message == "UpdateMultiple":
            self._rights.require_update(call.author, table, *targets)
            update_many(self._records, table, targets, call.author)
        else:
            self._rights.require_upsert(call.author, table, *targets)
            upsert_many(self._records, table, targets, call.author)
        return call.nothing()

    def _targets(self, call: Call, table: Table) -> list[Mapping[str, object]]:
        targets = call.body(table.set_name).get("Targets")
        if not isinstance(targets, list) or not targets:
            raise errors.refused(errors.INVALID_ARGUMENT, "The parameter 'Targets' is missing or empty.")
        types = (table.type_name, f"#{table.type_name}")
        for target in targets:
            if not isinstance(target, dict) or target.get(BULK_TYPE) not in types:
                raise errors.payload_error(
                    table.set_name,
                    f"Each target needs '@odata.type': '{table.type_name}' and belongs to one table.",
                )
        return targets

    # --- checks

    def _required(self, address: RecordAddress) -> str:
        record_id = self._records.resolve(address)
        if record_id is None:
            raise self._missing(address)
        return record_id

    def _missing(self, address: RecordAddress) -> Refusal:
        name = address.table.logical_name
        if address.record_id is None:
            return errors.missing_by_key(name)
        return errors.missing_record(name, address.record_id)

    def _require_version(self, call: Call, row: Row) -> None:
        exact = _condition(call, "if-match")
        if exact is not None and not exact.holds(_tag(row)):
            raise errors.version_mismatch()

    def _require_method(self, table: Table, method: str, *permitted: str) -> None:
        if method not in permitted or method not in table.methods:
            raise _not_allowed(method)


def _condition(call: Call, header: str) -> TagCondition | None:
    try:
        return parse_condition(call.request.header(header))
    except ProtocolError as error:
        raise errors.feature_refused(error.message) from error


def _tag(row: Row) -> EntityTag:
    return EntityTag(str(row["versionnumber"]))


def _not_allowed(method: str) -> Refusal:
    return Refusal(
        405, errors.FEATURE_REFUSED, f"The requested resource does not support http method '{method}'."
    )
