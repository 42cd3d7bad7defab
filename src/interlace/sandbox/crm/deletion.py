"""Deletes records with what the relationships demand: cascade, refuse or clear the lookup."""

from __future__ import annotations

from collections.abc import Sequence

from interlace.sandbox.crm import errors
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.schema import Column, ParentDelete, Table
from interlace.sandbox.crm.table_rules import rules_for
from interlace.sandbox.entity_store import SqlClause, quoted
from interlace.sandbox.exchange import Refusal


def delete_record(records: Records, table: Table, record_id: str, author: Author) -> None:
    """Deletes one record; raises `Refusal` when it is missing or others hold on to it."""
    row = records.required_row(table.logical_name, record_id)
    rules = rules_for(table)
    rules.before_delete(records, row, author)
    _delete(records, table, row, author)
    rules.after_delete(records, row, author)


def _delete(records: Records, table: Table, row: Row, author: Author) -> None:
    record_id = str(row[table.key])
    # The record goes first: a hierarchy that comes back to it finds nothing more to do.
    records.remove(table, record_id)
    for child_table, column in _in_order(records.schema.children[table.logical_name]):
        if column.parent_delete is ParentDelete.NO_ACTION or not column.mirrored:
            continue
        where = SqlClause(f"{quoted(column.wire_name)} = ?", (record_id,))
        for (child_id,) in records.store.find_keys(child_table.logical_name, where):
            child = records.row(child_table.logical_name, str(child_id))
            if child is None:
                continue
            if column.parent_delete is ParentDelete.CASCADE:
                _delete(records, child_table, child, author)
            elif column.parent_delete is ParentDelete.RESTRICT:
                raise _refusal(table, record_id, child_table)
            else:
                navigation = next(iter(column.targets))
                unbound = {f"{navigation}@odata.bind": None}
                # The service's own doing: closed documents lose their links, too.
                records.update_row(child_table, child, unbound, author, by_action=True)
    for relation in records.schema.many_to_many:
        if table.logical_name in (relation.first, relation.second):
            where = SqlClause(f"{quoted(table.logical_name)} = ?", (record_id,))
            for key in records.store.find_keys(relation.name, where):
                records.store.delete(relation.name, key, version=records.store.next_version())


def _in_order(children: Sequence[tuple[Table, Column]]) -> list[tuple[Table, Column]]:
    """The children so that none is held by another that goes, too: quotes of an account before its deals."""
    names = {child.logical_name for child, _ in children}
    return sorted(children, key=lambda pair: not _holds_any(pair[0], names))


def _holds_any(table: Table, names: set[str]) -> bool:
    return any(
        column.parent_delete is ParentDelete.RESTRICT and not names.isdisjoint(column.targets.values())
        for column in table.columns.values()
        if column.targets and not table.custom
    )


def _refusal(table: Table, record_id: str, child_table: Table) -> Refusal:
    return Refusal(
        405,
        errors.CANNOT_DELETE,
        f"The object you tried to delete is associated with another object and cannot be deleted. "
        f"({table.logical_name} {record_id} is used by {child_table.logical_name} records; delete or change "
        "those first.)",
    )
