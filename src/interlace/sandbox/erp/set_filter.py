"""Filters on a set: what the service understands of `$filter`, and how much of it the store can decide.

The service maps filters to those of its own record filters, and they know neither an `or` over different
fields nor lists, lambdas or arithmetic: such requests are refused with 501 as the real service does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from interlace.odata.filter_evaluation import compile_record_filter, resolve_aliases
from interlace.odata.filter_expression import (
    Arithmetic,
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    Expression,
    Lambda,
    Member,
    Membership,
    Minus,
    NamedCall,
    members_of,
    or_over_different_members,
    rename_members,
    rewrite,
    walk,
)
from interlace.odata.filter_sql import SqlColumn, SqlKind, to_sql
from interlace.odata.literals import EnumLiteral
from interlace.odata.query_options import QueryOptions
from interlace.sandbox import json_codec
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.declaration import BLANK_GUID, Field, FieldType
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.option_members import find_member, to_wire_name
from interlace.sandbox.erp.record_layout import MODIFIED, SYSTEM_ID, Record
from interlace.sandbox.erp.rendering import Reader
from interlace.sandbox.erp.set_declaration import PublishedProperty, PublishedSet, SourceKind
from interlace.sandbox.stored_table import SqlClause, StoredRecord, quoted

# A member that names a field of the table instead of a property of the set.
_FIELD_MARK = "@field"
_NO_CODE = " "
_FUNCTIONS = frozenset({"startswith", "endswith", "contains", "tolower", "toupper"})
_SQL_KINDS = {
    FieldType.CODE: SqlKind.TEXT,
    FieldType.TEXT: SqlKind.TEXT,
    FieldType.OPTION: SqlKind.TEXT,
    FieldType.DATE: SqlKind.DATE,
    FieldType.BOOLEAN: SqlKind.BOOLEAN,
    FieldType.INTEGER: SqlKind.INTEGER,
    FieldType.GUID: SqlKind.GUID,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFilter:
    """A filter ready for use: the part that SQL decides and a judge for the rest."""

    condition: SqlClause | None
    judge: Callable[[list[StoredRecord]], list[bool]] | None


def field_column(records: ErpRecords, published: PublishedSet, field: Field) -> SqlColumn | None:
    """Return the SQL expression of a field, None for amounts and computed fields."""
    if field.flow or field.type is FieldType.DECIMAL or field.type not in _SQL_KINDS:
        return None
    kind = _SQL_KINDS[field.type]
    if field.name in records.store.table(published.table.name).column_names:
        return SqlColumn(quoted(field.name), kind)
    return SqlColumn(f"json_extract(CAST(_body AS TEXT), '$.{field.name}')", kind)


class FilterTranslation:
    """Translates the filters of one request on one set."""

    def __init__(self, records: ErpRecords, published: PublishedSet) -> None:
        self._records = records
        self._published = published

    def translate(self, options: QueryOptions) -> SetFilter:
        """Return the filter of a request in executable form; refuses what the service doesn't offer."""
        if options.filter is None:
            return SetFilter(condition=None, judge=None)
        tree = resolve_aliases(options.filter, options.aliases)
        self._refuse_unsupported(tree)
        tree = rename_members(tree, self._rename)
        tree = rewrite(tree, self._adapt)
        split = to_sql(tree, self._column)
        condition = None if split.condition is None else SqlClause(*split.condition)
        judge = None if split.remainder is None else self._judge(split.remainder)
        return SetFilter(condition=condition, judge=judge)

    def _refuse_unsupported(self, tree: Expression) -> None:
        members = or_over_different_members(tree)
        if members:
            named = ", ".join("/".join(member.path) for member in members)
            raise refusals.not_supported(f"The OR operator is not supported on distinct fields: {named}.")
        for node in walk(tree):
            if isinstance(node, Membership | Lambda | Arithmetic | Minus | NamedCall) or (
                isinstance(node, Call) and node.name not in _FUNCTIONS
            ):
                raise refusals.not_supported(
                    f"The filter expression '{type(node).__name__}' is not supported."
                )

    def _rename(self, path: tuple[str, ...]) -> tuple[str, ...]:
        prop = self._published.by_folded_name.get(path[0].lower())
        if prop is None or len(path) > 1:
            raise refusals.unknown_queried_property("/".join(path), f"{self._published.entity}")
        return (prop.name,)

    def _adapt(self, node: Expression) -> Expression:
        """Bring literals into the spelling of the stored values, and ids to the codes that they stand for."""
        match node:
            case Comparison(left=Member(path=(name,)), right=Constant() as constant):
                prop = self._published.by_name[name]
                if prop.kind is SourceKind.RELATED_ID or prop.source == "documentId":
                    return self._by_code(node, prop, constant)
                return Comparison(node.operator, node.left, self._spelled(prop, constant))
            case Comparison(left=Constant() as constant, right=Member(path=(name,))):
                return Comparison(
                    node.operator, self._spelled(self._published.by_name[name], constant), node.right
                )
            case Call(arguments=(Member(path=(name,)) as member, Constant() as constant)):
                prop = self._published.by_name[name]
                if prop.type is FieldType.CODE and isinstance(constant.value, str):
                    return Call(node.name, (member, Constant(constant.value.upper())))
                return node
            case _:
                return node

    def _spelled(self, prop: PublishedProperty, constant: Constant) -> Constant:
        value = constant.value
        if prop.type is FieldType.OPTION and isinstance(value, str | EnumLiteral):
            text = value if isinstance(value, str) else value.members
            member = find_member(prop.option, text)
            return Constant(to_wire_name(member) if member is not None else text)
        if prop.type is FieldType.CODE and isinstance(value, str):
            return Constant(value.strip().upper())
        if prop.type is FieldType.GUID and isinstance(value, str):
            try:
                return Constant(UUID(value))
            except ValueError:
                return constant
        return constant

    def _by_code(self, node: Comparison, prop: PublishedProperty, constant: Constant) -> Expression:
        if node.operator not in {ComparisonOperator.EQ, ComparisonOperator.NE}:
            raise refusals.not_supported(f"The property {prop.name} can only be compared by eq and ne.")
        field_name, table_name = prop.source, prop.relation
        if prop.source == "documentId":
            field_name = "Document_No"
            table_name = {
                "Sales_Line": "Sales_Header",
                "Sales_Invoice_Line": "Sales_Invoice_Header",
                "Sales_Shipment_Line": "Sales_Shipment_Header",
                "Sales_Cr_Memo_Line": "Sales_Cr_Memo_Header",
            }[self._published.table.name]
        system_id = str(constant.value).lower()
        code = "" if system_id == BLANK_GUID else _NO_CODE
        if code:
            record = self._records.by_id(self._records.layouts[table_name].table, system_id)
            if record is not None and self._is_of_another_kind(record):
                record = None
            code = _NO_CODE if record is None else record.text(record.table.key[-1])
        return Comparison(node.operator, Member((_FIELD_MARK, field_name)), Constant(code))

    def _is_of_another_kind(self, document: Record) -> bool:
        """Documents of all kinds lie in one table; a set of lines knows one kind."""
        kind = self._published.fixed.get("Document_Type")
        return document.table.name == "Sales_Header" and document.values["Document_Type"] != kind

    def _column(self, path: tuple[str, ...]) -> SqlColumn | None:
        if path[0] == _FIELD_MARK:
            return field_column(self._records, self._published, self._published.table.by_name[path[1]])
        prop = self._published.by_name[path[0]]
        if prop.kind is SourceKind.FIELD:
            return field_column(self._records, self._published, self._published.table.by_name[prop.source])
        if prop.source == SYSTEM_ID:
            return SqlColumn(quoted(SYSTEM_ID), SqlKind.GUID)
        if prop.source == MODIFIED:
            return SqlColumn(quoted(MODIFIED), SqlKind.MILLISECONDS)
        return None

    def _judge(self, remainder: Expression) -> Callable[[list[StoredRecord]], list[bool]]:
        names = frozenset(member.path[0] for member in members_of(remainder))
        if _FIELD_MARK in names:
            raise refusals.not_supported("This combination of conditions is not supported. Filter by less.")
        reader = Reader(self._published, names)
        selects = compile_record_filter(remainder)
        records = self._records

        def judge(rows: list[StoredRecord]) -> list[bool]:
            try:
                return [selects(json_codec.decode_object(row)) for row in reader.render(records, rows)]
            except (ValueError, ArithmeticError) as error:
                raise refusals.bad_body(f"A filter compares values of different types: {error}") from error

        return judge
