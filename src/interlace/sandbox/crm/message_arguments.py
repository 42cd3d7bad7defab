"""Reads the parameters of messages: entities by reference, activities, identifiers, column sets."""

from __future__ import annotations

from collections.abc import Mapping

from interlace.sandbox.crm import errors
from interlace.sandbox.crm.column_values import parse_guid
from interlace.sandbox.crm.record_layout import ETAG, Row
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.references import parse_reference
from interlace.sandbox.crm.schema import NAMESPACE, Table
from interlace.sandbox.exchange import Refusal

Body = Mapping[str, object]


def _missing(name: str) -> Refusal:
    return errors.refused(errors.INVALID_ARGUMENT, f"The parameter '{name}' is missing or malformed.")


def guid_argument(body: Body, name: str) -> str:
    """A parameter that is an id."""
    found = parse_guid(body.get(name))
    if found is None:
        raise _missing(name)
    return found


def status_argument(body: Body) -> int:
    """The status reason that a closing message asks for; -1 stands for the first of the state."""
    status = body.get("Status")
    if type(status) is not int:
        raise _missing("Status")
    return status


def object_argument(body: Body, name: str) -> Body:
    """A parameter that is an entity or a complex value."""
    found = body.get(name)
    if not isinstance(found, dict):
        raise _missing(name)
    return found


def bound_record(records: Records, activity: Body, name: str, table: Table) -> Row:
    """The record that an activity is about, by its bind."""
    reference = activity.get(f"{table.key}@odata.bind")
    if reference is None:
        raise errors.refused(errors.INVALID_ARGUMENT, f"{name} names no {table.logical_name}.")
    address = parse_reference(records.schema, reference)
    record_id = records.resolve(address) if address.table is table else None
    if record_id is None:
        raise errors.missing_record(table.logical_name, str(reference))
    return records.required_row(table.logical_name, record_id)


def entity_argument(records: Records, body: Body, name: str, tables: tuple[str, ...]) -> tuple[Table, Row]:
    """A record given as an entity: its type with its key, or its address."""
    given = object_argument(body, name)
    reference = given.get("@odata.id")
    if reference is not None:
        address = parse_reference(records.schema, reference)
        record_id = records.resolve(address)
        if record_id is None or address.table.logical_name not in tables:
            raise errors.missing_record(address.table.logical_name, str(reference))
        return address.table, records.required_row(address.table.logical_name, record_id)
    declared = str(given.get("@odata.type", "")).removeprefix("#").removeprefix(f"{NAMESPACE}.")
    for table_name in tables:
        table = records.schema.tables[table_name]
        record_id = parse_guid(given.get(table.key))
        if record_id is not None and declared in ("", table_name):
            return table, records.required_row(table_name, record_id)
    raise errors.refused(
        errors.INVALID_ARGUMENT, f"The parameter '{name}' names no record of {' or '.join(tables)}."
    )


def answered_columns(table: Table, row: Row, body: Body) -> Row:
    """The part of a row that the column set of a message asks for; all of it without one."""
    wanted = body.get("ColumnSet")
    if not isinstance(wanted, dict) or wanted.get("AllColumns") is True:
        return dict(row)
    columns = wanted.get("Columns")
    names = {table.key, ETAG}
    for name in columns if isinstance(columns, list) else ():
        column = table.columns.get(str(name))
        if column is None:
            raise errors.refused(
                errors.NO_ATTRIBUTE, f"'{table.logical_name}' entity doesn't contain attribute '{name}'."
            )
        names.add(column.wire_name)
    return {name: value for name, value in row.items() if name in names}
