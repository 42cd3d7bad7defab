"""Cuts `$select` out of stored records without decoding the values: each column stays raw JSON."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from interlace.sandbox.crm.record_layout import ETAG
from interlace.sandbox.crm.schema import ColumnKind, Table

_NULL = msgspec.Raw(b"null")


def selected_names(table: Table, select: Sequence[str]) -> tuple[str, ...]:
    """Properties of a selection in answer order: key and currency come along as the service does it."""
    wanted = {ETAG, table.key, *select}
    for name in select:
        column = table.by_wire_name.get(name)
        if column is not None and column.kind is ColumnKind.MONEY and table.has_currency:
            wanted.add("_transactioncurrencyid_value")
    return (ETAG, *(name for name in table.by_wire_name if name in wanted))


class ColumnCutter:
    """Turns stored records into records with the selected columns only."""

    def __init__(self, names: Sequence[str]) -> None:
        fields = [(f"column{position}", msgspec.Raw, _NULL) for position in range(len(names))]
        renamed = {f"column{position}": name for position, name in enumerate(names)}
        struct = msgspec.defstruct("Selected", fields, rename=renamed, gc=False)
        self._decoder = msgspec.json.Decoder(struct)
        self._encoder = msgspec.json.Encoder()

    def cut(self, body: bytes) -> bytes:
        """One record with the selected columns."""
        return self._encoder.encode(self._decoder.decode(body))
