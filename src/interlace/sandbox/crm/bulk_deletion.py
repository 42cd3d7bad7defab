"""The BulkDelete action: a job that deletes what its queries select, one record at a time.

The service runs it in the background; here it is finished when the answer goes out, and the job's row
(asyncoperation) tells at once what came of it.
"""

from __future__ import annotations

from interlace.sandbox.crm import errors
from interlace.sandbox.crm.call import Call
from interlace.sandbox.crm.deletion import delete_record
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.schema import NAMESPACE, Table
from interlace.sandbox.entity_store import SqlClause, SqlValue, quoted
from interlace.sandbox.exchange import Refusal, Response

_BULK_DELETE = 13
_OPERATORS = {"Equal": 1, "In": 900}


def bulk_delete(records: Records, call: Call) -> Response:
    """Deletes and answers with the id of the job."""
    body = call.body("BulkDelete")
    queries = body.get("QuerySet")
    if not isinstance(queries, list) or not queries:
        raise errors.refused(errors.INVALID_ARGUMENT, "The parameter QuerySet is missing or empty.")
    refusals: list[str] = []
    for query in queries:
        table, where = _selected(records, query)
        for (record_id,) in records.store.find_keys(table.logical_name, where):
            refusals += _delete(records, table, str(record_id), call.author)
    job_id = _job(records, str(body.get("JobName") or "Bulk delete"), refusals, call.author)
    return call.value({"JobId": job_id}, f"{NAMESPACE}.BulkDeleteResponse")


def _delete(records: Records, table: Table, record_id: str, author: Author) -> list[str]:
    try:
        with records.store.transaction():
            delete_record(records, table, record_id, author)
    except Refusal as refusal:
        return [refusal.message]
    return []


def _job(records: Records, name: str, refusals: list[str], author: Author) -> str:
    table = records.schema.tables["asyncoperation"]
    row = records.create(table, {"name": name[:256], "operationtype": _BULK_DELETE}, author)
    end = {"statecode": 3, "statuscode": 31 if refusals else 30}
    row = records.update_row(table, row, end, author)
    row["startedon"] = row["completedon"] = records.moment()
    row["message"] = "\n".join(refusals) or None
    records.rewrite(table, row)
    return str(row[table.key])


def _selected(records: Records, query: object) -> tuple[Table, SqlClause]:
    """The table and the condition of a QueryExpression; conditions joined by And over stored columns."""
    name = query.get("EntityName") if isinstance(query, dict) else None
    table = records.schema.tables.get(name) if isinstance(name, str) else None
    if table is None or not isinstance(query, dict):
        raise errors.refused("0x80041102", f"The table '{name}' does not exist.")
    criteria = query.get("Criteria")
    conditions = criteria.get("Conditions") if isinstance(criteria, dict) else None
    if not isinstance(conditions, list) or not conditions:
        raise errors.refused(
            errors.INVALID_ARGUMENT, "A bulk deletion without conditions would empty the table: give some."
        )
    clauses = [_condition(records, table, condition) for condition in conditions]
    return table, SqlClause(
        " AND ".join(clause.text for clause in clauses),
        tuple(value for clause in clauses for value in clause.parameters),
    )


def _condition(records: Records, table: Table, condition: object) -> SqlClause:
    facts = condition if isinstance(condition, dict) else {}
    column = table.columns.get(str(facts.get("AttributeName")))
    layout = records.layouts[table.logical_name]
    if column is None or column.wire_name not in layout.mirrored_names or column.wire_name in layout.folded:
        raise errors.refused(
            errors.NO_ATTRIBUTE, f"A bulk deletion cannot select by {facts.get('AttributeName')}."
        )
    operator, given = facts.get("Operator"), facts.get("Values")
    values: list[SqlValue] = []
    for entry in given if isinstance(given, list) else ():
        value = entry.get("Value") if isinstance(entry, dict) else entry
        if not isinstance(value, str | int):
            raise errors.refused(
                errors.INVALID_ARGUMENT, "A condition holds a value that cannot be compared."
            )
        values.append(value.lower() if isinstance(value, str) else value)
    if not isinstance(operator, str) or not 0 < len(values) <= _OPERATORS.get(operator, 0):
        raise errors.refused(
            errors.INVALID_ARGUMENT, f"The condition operator '{operator}' is not supported."
        )
    return SqlClause(f"{quoted(column.wire_name)} IN ({', '.join('?' * len(values))})", tuple(values))
