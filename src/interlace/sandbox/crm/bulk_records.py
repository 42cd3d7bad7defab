"""Bulk messages: many records of one table written by a few statements, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from interlace.sandbox.crm import errors
from interlace.sandbox.crm.document_pricing import totals_put_off
from interlace.sandbox.crm.errors import refused
from interlace.sandbox.crm.payloads import create_nested
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.references import parse_reference
from interlace.sandbox.crm.schema import Table
from interlace.sandbox.crm.table_rules import rules_for
from interlace.sandbox.entity_store import RecordWrite, StoredConflict
from interlace.sandbox.json_codec import decode_object


def create_many(
    records: Records, table: Table, payloads: Sequence[Mapping[str, object]], author: Author
) -> list[Row]:
    """Adds records in bulk; one refusal undoes all (the caller's transaction)."""
    with totals_put_off(records):
        return _create_all(records, table, payloads, author)


def _create_all(
    records: Records, table: Table, payloads: Sequence[Mapping[str, object]], author: Author
) -> list[Row]:
    rules = rules_for(table)
    layout = records.layouts[table.logical_name]
    rows: list[Row] = []
    writes: list[RecordWrite] = []
    for payload in payloads:
        row, nested = records.new_row(table, payload, author, None, {})
        if nested:
            records.insert(table, row)
            create_nested(records, table, row, nested, author)
        else:
            writes.append(layout.write(row))
            records.known.add((table.logical_name, str(row[table.key])))
        rows.append(row)
    if writes:
        try:
            records.store.insert_many(table.logical_name, writes)
        except StoredConflict as conflict:
            raise records.conflict_refusal(table, conflict) from conflict
    for row in rows:
        rules.after_create(records, row, author)
    return rows


def upsert_many(
    records: Records, table: Table, payloads: Sequence[Mapping[str, object]], author: Author
) -> None:
    """Creates or updates records in bulk; one refusal undoes all (the caller's transaction)."""
    name = table.logical_name
    addresses = [_target_id(records, table, payload) for payload in payloads]
    wanted = [(key,) for key, _ in addresses if key is not None]
    stored = records.store.get_many(name, wanted)
    layout, rules = records.layouts[name], rules_for(table)
    originals: dict[str, Row] = {}
    latest: dict[str, Row] = {}
    created: set[str] = set()
    for payload, (record_id, key_values) in zip(payloads, addresses, strict=True):
        before = latest.get(record_id) if record_id is not None else None
        if before is None and record_id is not None and (found := stored.get((record_id,))) is not None:
            before = originals[record_id] = layout.complete(decode_object(found.body))
        if before is not None:
            row = records.changed_row(table, before, payload, author)
        else:
            row, nested = records.new_row(table, payload, author, record_id, key_values)
            if nested:
                raise errors.feature_refused("UpsertMultiple does not create related records.")
            created.add(str(row[table.key]))
            records.known.add((name, str(row[table.key])))
        latest[str(row[table.key])] = row
    try:
        records.store.insert_many(name, [layout.write(latest[each]) for each in latest if each in created])
        records.store.update_changed(
            name,
            [
                (layout.write(latest[each]), layout.changed(originals[each], latest[each]))
                for each in originals
            ],
        )
    except StoredConflict as conflict:
        raise records.conflict_refusal(table, conflict) from conflict
    for record_id, row in latest.items():
        if record_id in created:
            rules.after_create(records, row, author)
        else:
            rules.after_update(records, originals[record_id], row)


def update_many(
    records: Records, table: Table, payloads: Sequence[Mapping[str, object]], author: Author
) -> None:
    """Changes records in bulk; each target holds its primary key or an address."""
    with totals_put_off(records):
        for payload in payloads:
            record_id, _ = _target_id(records, table, payload)
            if record_id is None:
                raise refused(
                    errors.OBJECT_DOES_NOT_EXIST,
                    f"A target of UpdateMultiple names no existing {table.logical_name}. "
                    "Give each target its primary key.",
                )
            records.update(table, record_id, payload, author)


def _target_id(
    records: Records, table: Table, payload: Mapping[str, object]
) -> tuple[str | None, Mapping[str, object]]:
    """The id that a bulk target names by its key or `@odata.id`, and the alternate key it gave."""
    given = payload.get(table.key)
    if given is not None:
        member = records.layouts[table.logical_name].members[table.key]
        assert member.check is not None
        return str(member.check(given)), {}
    reference = payload.get("@odata.id")
    if reference is None:
        return None, {}
    address = parse_reference(records.schema, reference)
    if address.table is not table:
        raise refused(errors.INVALID_ARGUMENT, f"'{reference}' is not a record of {table.set_name}.")
    if address.record_id is not None:
        return address.record_id, {}
    return records.find_by_key(table, address.key_values), address.key_values
