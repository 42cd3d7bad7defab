"""The list of open conflicts, in pages: read only.

The order by time has an index, for it leads from one conflict to the next; that by kind has none: conflicts are few
beside what is coupled, and 10,000 are sorted in a moment.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from interlace.domain.filter_language import FieldKind
from interlace.store.computed_text import ComputedText
from interlace.store.conflicts import is_open
from interlace.store.filter_sql import StoredColumn
from interlace.store.keyset import StoredList
from interlace.store.record_lists import RecordList
from interlace.store.schema import conflict


class ConflictCaption(ComputedText):
    """What the record of a conflict is called."""

    inherit_cache = True


class ConflictFields(ComputedText):
    """The names of the fields in conflict, those of the ERP where it has one, with a comma between them."""

    inherit_cache = True


@compiles(ConflictCaption, "postgresql")
def _caption_in_postgresql(element: ConflictCaption, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"({compiler.process(element.clauses, **options)}::json ->> 'caption')"


@compiles(ConflictCaption, "sqlite")
def _caption_in_sqlite(element: ConflictCaption, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"json_extract({compiler.process(element.clauses, **options)}, '$.caption')"


@compiles(ConflictFields, "postgresql")
def _fields_in_postgresql(element: ConflictFields, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    rows = f"json_array_elements({compiler.process(element.clauses, **options)}::json -> 'rows')"
    name = "coalesce(field ->> 'erp_field', field ->> 'crm_field', field ->> 'row')"
    return f"coalesce((SELECT string_agg({name}, ', ') FROM {rows} AS field), '')"


@compiles(ConflictFields, "sqlite")
def _fields_in_sqlite(element: ConflictFields, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    rows = f"json_each({compiler.process(element.clauses, **options)}, '$.rows')"
    names = ", ".join(f"json_extract(value, '$.{name}')" for name in ("erp_field", "crm_field", "row"))
    return f"coalesce((SELECT group_concat(coalesce({names}), ', ') FROM {rows}), '')"


_CAPTION = ConflictCaption(conflict.c.value)
_FIELDS = ConflictFields(conflict.c.value)
CONFLICTS = RecordList(
    stored=StoredList(
        table=conflict,
        branch=conflict.c.mapping_id,
        tie=(conflict.c.erp_key,),
        sorts={name: conflict.c[name] for name in ("detected_at", "kind")},
        columns={
            "caption": StoredColumn(column=_CAPTION),
            "kind": StoredColumn(column=conflict.c.kind, kind=FieldKind.CHOICE),
            "fields": StoredColumn(column=_FIELDS),
            "detected_at": StoredColumn(column=conflict.c.detected_at, kind=FieldKind.MOMENT),
        },
    ),
    searched=(_CAPTION, _FIELDS, conflict.c.erp_key, conflict.c.crm_key),
    conditions=(is_open(),),
)


def called(conflict_id: str) -> RecordList:
    """Return the list of the one open conflict of this id."""
    return replace(CONFLICTS, conditions=(*CONFLICTS.conditions, conflict.c.id == conflict_id))
