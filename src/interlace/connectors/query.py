"""Addresses of queries: options percent-encoded, filters cut to a length that services accept."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from urllib.parse import quote

import msgspec

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


def spellings(text: str) -> list[str]:
    """Return the ways in which records may hold a text that a person typed: in other case, with accents apart."""
    cased = [text, text.lower(), text.upper(), text.title()]
    forms = (unicodedata.normalize(form, each) for each in cased for form in ("NFC", "NFD"))
    return list(dict.fromkeys(forms))


def any_call(function: str, column: WireColumn, values: Sequence[str]) -> str:
    """Give a filter that lets through what a function, such as `startswith`, finds one of the values in."""
    calls = (f"{function}({column.name},{literal(ColumnKind.TEXT, value)})" for value in values)
    return " or ".join(calls)


def alternatives(
    column: WireColumn, values: Sequence[str], *, characters_max: int, count_max: int, fold_case: bool = False
) -> Iterator[str]:
    """Give filters that together let through the records whose column has one of the values."""
    name = f"tolower({column.name})" if fold_case else column.name
    overhead = len(f"{name} eq '' or ") + 12
    for group in _groups(values, overhead, characters_max, count_max):
        folded = (value.lower() for value in group) if fold_case else group
        yield " or ".join(f"{name} eq {literal(column.kind, value)}" for value in folded)


def value_lists(
    column: WireColumn, values: Sequence[str], *, characters_max: int, count_max: int
) -> Iterator[str]:
    """Give the same filters in the CRM's own short spelling, which also costs it less to read."""
    for group in _groups(values, len('"",') + 6, characters_max, count_max):
        listed = msgspec.json.encode(group).decode()
        yield f"Microsoft.Dynamics.CRM.In(PropertyName='{column.name}',PropertyValues={listed})"


def _groups(values: Sequence[str], overhead: int, characters_max: int, count_max: int) -> Iterator[list[str]]:
    group: list[str] = []
    length = 0
    for value in values:
        size = overhead + _encoded_length_max(value)
        if group and (length + size > characters_max or len(group) == count_max):
            yield group
            group, length = [], 0
        group.append(value)
        length += size
    if group:
        yield group


def _encoded_length_max(value: str) -> int:
    """Bound the percent-encoded length from above without encoding: most keys are plain."""
    is_plain = value.isascii() and value.replace("-", "").isalnum()
    return len(value) if is_plain else 6 * len(value.encode())
