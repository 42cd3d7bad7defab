"""What names a pair of records in lists: values that both sides agreed on."""

from collections.abc import Sequence
from dataclasses import dataclass

from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNames:
    """The field rows of a mapping whose agreed values name its records, in order."""

    row_ids: tuple[str, ...] = ()
    """All field rows of the mapping as it is now."""
    layout: str = ""
    """What identifies those rows."""
    erp_rows: tuple[str, ...] = ()
    crm_rows: tuple[str, ...] = ()

    def places(self, rows: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return where the naming rows stand among these rows, for each side; rows that are gone are left out."""
        found = {name: place for place, name in reversed(tuple(enumerate(rows)))}
        return (
            tuple(found[row] for row in self.erp_rows if row in found),
            tuple(found[row] for row in self.crm_rows if row in found),
        )


def record_names(mapping: IntegrationTableMapping, erp_fields: Sequence[str] = ()) -> RecordNames:
    """Choose the rows that name a mapping's records: those of the ERP fields given, else of its caption field.

    What a reference translates is a key on the other side and names nothing there.
    """
    wanted = tuple(erp_fields) or ((mapping.erp_caption,) if mapping.erp_caption else ())
    first = {row.erp_field: row for row in reversed(mapping.fields) if not row.is_constant}
    chosen = [first[field] for field in wanted if field in first]
    return RecordNames(
        row_ids=tuple(row.row_id for row in mapping.fields),
        layout=mapping.layout,
        erp_rows=tuple(row.row_id for row in chosen),
        crm_rows=tuple(row.row_id for row in chosen if row.reference is None),
    )


def name_of(values: Sequence[Value]) -> str:
    """Join what names a record."""
    return " ".join(text for value in values if value is not None and (text := str(value).strip()))
