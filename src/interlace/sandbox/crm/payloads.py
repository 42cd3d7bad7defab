"""Bodies of writes: members to columns, binds to lookups, nested records to records of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from interlace.sandbox.crm import errors
from interlace.sandbox.crm.document_pricing import totals_put_off
from interlace.sandbox.crm.record_layout import Member, Role, Row
from interlace.sandbox.crm.references import parse_reference
from interlace.sandbox.crm.schema import Table

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Author, Records


class Nested(NamedTuple):
    """A deep insert: the member of the body and what stands under it."""

    member: Member
    value: object


def apply_payload(
    records: Records, table: Table, row: Row, payload: Mapping[str, object], author: Author, *, creating: bool
) -> list[Nested]:
    """Writes the members of a body into the row; returns what is nested."""
    layout = records.layouts[table.logical_name]
    members, checks, values_for_null = layout.members, layout.checks, layout.values_for_null
    nested: list[Nested] = []
    for name, value in payload.items():
        check = checks.get(name)
        if check is not None:
            row[name] = values_for_null.get(name) if value is None else check(value)
            continue
        member = members.get(name)
        if member is None:
            if name.startswith("@") or ("@" in name and not name.endswith("@odata.bind")):
                continue
            raise errors.payload_error(
                table.set_name,
                f"Could not find a property named '{name.partition('@')[0]}' on type '{table.type_name}'.",
            )
        if member.role in (Role.COLLECTION, Role.COLLECTION_BIND):
            nested.append(Nested(member, value))
        else:
            _apply_member(records, table, row, member, value, author, creating=creating)
    return nested


def _apply_member(
    records: Records,
    table: Table,
    row: Row,
    member: Member,
    value: object,
    author: Author,
    *,
    creating: bool,
) -> None:
    match member.role:
        case Role.BIND:
            _bind(records, table, row, member, value)
        case Role.NAVIGATION:
            _navigate(records, table, row, member, value, author, creating=creating)
        case Role.VALUE | Role.KEY:
            # What is left of these is for creation only; later it is passed over.
            if creating and (value is not None or member.role is Role.VALUE):
                assert member.check is not None
                row[member.wire_name] = None if value is None else member.check(value)
        case Role.LOOKUP_VALUE:
            assert member.column is not None
            if member.column.writable:
                raise errors.payload_error(
                    table.set_name,
                    "CRM do not support direct update of Entity Reference properties, "
                    f"Use Navigation properties instead. ('{member.wire_name}')",
                )
        case _:
            pass


def _bind(records: Records, table: Table, row: Row, member: Member, value: object) -> None:
    assert member.column is not None
    if value is None:
        row[member.wire_name] = None
        return
    address = parse_reference(records.schema, value)
    target = address.table.logical_name
    permitted = member.column.targets.get(member.name)
    if target != permitted and not (member.column.name == "ownerid" and target == "team"):
        raise errors.payload_error(
            table.set_name, f"'{value}' is no {permitted}, which '{member.name}' must name."
        )
    record_id = address.record_id
    if record_id is None:
        record_id = records.find_by_key(address.table, address.key_values)
        if record_id is None:
            raise errors.missing_by_key(target)
    elif not records.exists(target, record_id):
        raise errors.missing_record(target, record_id)
    row[member.wire_name] = record_id
    if member.column.customer:
        row["__" + member.wire_name] = target


def _navigate(
    records: Records, table: Table, row: Row, member: Member, value: object, author: Author, *, creating: bool
) -> None:
    """A navigation property without annotation: null clears it, an object is created with the record."""
    if value is None:
        row[member.wire_name] = None
        return
    if not creating or not isinstance(value, dict):
        raise errors.payload_error(
            table.set_name,
            f"A related record cannot be created under '{member.name}'. Create it first and bind it "
            f"with '{member.name}@odata.bind'.",
        )
    assert member.column is not None
    target = records.schema.tables[member.column.targets[member.name]]
    related = records.create(target, value, author)
    _bind(records, table, row, member, f"/{target.set_name}({related[target.key]})")


def create_nested(records: Records, table: Table, row: Row, nested: Sequence[Nested], author: Author) -> None:
    """Children under collection navigation properties; they point at the row just made."""
    with totals_put_off(records):
        _create_members(records, table, row, nested, author)


def _create_members(
    records: Records, table: Table, row: Row, nested: Sequence[Nested], author: Author
) -> None:
    for member, value in nested:
        navigation = table.collections[member.name]
        child_table = records.schema.tables[navigation.members]
        column = child_table.columns[navigation.column]
        back = next(nav for nav, target in column.targets.items() if target == table.logical_name)
        reference = f"/{table.set_name}({row[table.key]})"
        if not isinstance(value, list):
            raise errors.payload_error(table.set_name, f"'{member.name}' must be an array.")
        for entry in value:
            if member.role is Role.COLLECTION_BIND:
                address = parse_reference(records.schema, entry)
                child_id = records.resolve(address)
                if child_id is None:
                    raise errors.missing_record(child_table.logical_name, str(entry))
                records.update(child_table, child_id, {f"{back}@odata.bind": reference}, author)
            elif isinstance(entry, dict):
                records.create(child_table, {**entry, f"{back}@odata.bind": reference}, author)
            else:
                raise errors.payload_error(table.set_name, f"'{member.name}' must hold objects.")
