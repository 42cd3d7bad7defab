"""Makes a document out of another one: quote of an opportunity, order of a quote, invoice of an order.

Prices, discounts and tax are taken over as they were agreed; where the new document can be locked, it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from interlace.sandbox.crm.document_kinds import INVOICE, ORDER, QUOTE, DocumentKind
from interlace.sandbox.crm.document_pricing import lines_of, settle_document, totals_put_off
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.schema import Column, ColumnKind, Table

# What belongs to one document alone, or is told by the rules of the new one.
_NOT_COPIED = frozenset(
    {
        "ownerid",
        "statecode",
        "statuscode",
        "quotenumber",
        "revisionnumber",
        "closedon",
        "submitdate",
        "submitstatus",
        "submitstatusdescription",
        "lastbackofficesubmit",
        "datefulfilled",
        "ispricelocked",
        "overriddencreatedon",
        "importsequencenumber",
        "timezoneruleversionnumber",
        "utcconversiontimezonecode",
    }
)
# The lookup by which a new line remembers the line it comes from.
_LINE_SOURCES: Mapping[tuple[str, str], str] = {
    ("quotedetail", "salesorderdetail"): "QuoteDetailId",
    ("salesorderdetail", "invoicedetail"): "SalesOrderDetailId",
}


def copy_document(
    records: Records,
    source: tuple[DocumentKind, Row],
    kind: DocumentKind,
    author: Author,
    given: Mapping[str, object],
) -> Row:
    """Creates a document with the lines of another; `given` adds to or replaces what is copied."""
    source_kind, source_row = source
    table = records.schema.tables[kind.header]
    payload = dict(_copied(records, records.schema.tables[source_kind.header], source_row, table))
    payload.update(given)
    if kind in (ORDER, INVOICE):
        payload["ispricelocked"] = True
    with totals_put_off(records):
        row = records.create(table, payload, author)
        copy_lines(records, source, kind, row, author)
    return records.required_row(kind.header, str(row[table.key]))


def copy_lines(
    records: Records, source: tuple[DocumentKind, Row], kind: DocumentKind, header: Row, author: Author
) -> None:
    """Adds the lines of one document to another, with their prices."""
    source_kind, source_row = source
    source_table, table = records.schema.tables[source_kind.line], records.schema.tables[kind.line]
    parent = records.schema.tables[kind.header]
    link = _LINE_SOURCES.get((source_kind.line, kind.line))
    with totals_put_off(records):
        for line in lines_of(records, source_kind, str(source_row[source_kind.parent])):
            payload = dict(_copied(records, source_table, line, table))
            payload.pop("lineitemnumber", None)
            payload[f"{kind.parent}@odata.bind"] = f"/{parent.set_name}({header[kind.parent]})"
            if link is not None:
                payload[f"{link}@odata.bind"] = f"/{source_table.set_name}({line[source_kind.line_key]})"
            if kind is not QUOTE:
                payload["iscopied"] = True
            records.pricing.source = line
            try:
                records.create(table, payload, author)
            finally:
                records.pricing.source = None
        settle_document(records, kind, str(header[kind.parent]), author.user_id)


def _copied(records: Records, source: Table, row: Row, target: Table) -> Iterator[tuple[str, object]]:
    for name, column in target.columns.items():
        origin = source.columns.get(name)
        if origin is None or not column.writable or column.custom or name in _NOT_COPIED:
            continue
        value = row[origin.wire_name]
        if value is None or name in (target.key, f"{target.logical_name}name"):
            continue
        if column.kind is ColumnKind.LOOKUP:
            yield from _bound(records, column, str(value))
        else:
            yield name, value


def _bound(records: Records, column: Column, record_id: str) -> Iterator[tuple[str, object]]:
    for navigation, target in column.targets.items():
        if records.exists(target, record_id):
            yield f"{navigation}@odata.bind", f"/{records.schema.tables[target].set_name}({record_id})"
            return
