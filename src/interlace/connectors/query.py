"""Addresses of queries: options percent-encoded, filters cut to a length that services accept."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from urllib.parse import quote

from interlace.connectors.odata_table import ColumnKind, WireColumn
from interlace.domain.values import Value

_UNQUOTED = frozenset(
    {
        ColumnKind.WHOLE,
        ColumnKind.AMOUNT,
        ColumnKind.BOOLEAN,
        ColumnKind.DATE,
        ColumnKind.MOMENT,
        ColumnKind.GUID,
    }
)
_READABLE = "$'(),=@:*!/;"


def address(path: str, options: Mapping[str, str | None]) -> str:
    """Join a path and its query options; options without a value are left out."""
    query = "&".join(f"{name}={quote(text, safe=_READABLE)}" for name, text in options.items() if text)
    return f"{path}?{query}" if query else path


def literal(kind: ColumnKind, value: Value) -> str:
    """Write a value as the literal that a filter compares a column of this kind with."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int) or kind in _UNQUOTED:
        return str(value)
    return "'" + value.replace("'", "''") + "'"


def equals(column: WireColumn, value: Value) -> str:
    """Compare a column with one value."""
    return f"{column.name} eq {literal(column.kind, value)}"


def alternatives(
    column: WireColumn, values: Sequence[str], *, characters_max: int, count_max: int, fold_case: bool = False
) -> Iterator[tuple[list[str], str]]:
    """Give the values in groups, each with the filter that any of its values meets."""
    name = f"tolower({column.name})" if fold_case else column.name
    group: list[str] = []
    terms: list[str] = []
    length = 0
    for value in values:
        term = f"{name} eq {literal(column.kind, value.lower() if fold_case else value)}"
        size = len(quote(term, safe=_READABLE)) + len("%20or%20")
        if group and (length + size > characters_max or len(group) == count_max):
            yield group, " or ".join(terms)
            group, terms, length = [], [], 0
        group.append(value)
        terms.append(term)
        length += size
    if group:
        yield group, " or ".join(terms)
