"""What the ERP is asked for records that a person looks for by a number or by a part of a name.

It knows no alternatives of several fields, and compares letter case: each field has a request of its own, in which
every spelling that is usual stands beside the others.
"""

from collections.abc import Iterator, Sequence

from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.query import any_call, spellings


def search_conditions(table: ErpTable, text: str, names: Sequence[str]) -> Iterator[str]:
    """Give a filter of the number, which begins so, and one of each field, which has every word of the text."""
    yield any_call("startswith", table.column(table.published.search_field), spellings(text))
    for name in names:
        parts = (any_call("contains", table.column(name), spellings(word)) for word in text.split())
        yield " and ".join(f"({part})" for part in parts)
