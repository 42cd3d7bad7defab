"""The list of orders that sagas follow, in pages: read only.

The order of numbers has an index. Others have none: 10,000 orders are sorted in a moment, 100,000 in a second.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from interlace.domain.filter_language import FieldKind
from interlace.domain.keys import KEY_SEPARATOR, MappingName
from interlace.store.computed_text import ComputedText
from interlace.store.document_tables import document
from interlace.store.filter_sql import StoredColumn
from interlace.store.keyset import StoredList
from interlace.store.record_lists import RecordList
from interlace.store.schema import integration_table_mapping


class PartnerNumber(ComputedText):
    """What people read of an order's ERP key: what stands behind its type; blank where there is no ERP order."""

    inherit_cache = True


@compiles(PartnerNumber, "postgresql")
def _in_postgresql(element: PartnerNumber, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    key = f"coalesce({compiler.process(element.clauses, **options)}, '')"
    return f"substr({key}, strpos({key}, chr({ord(KEY_SEPARATOR)})) + 1)"


@compiles(PartnerNumber, "sqlite")
def _in_sqlite(element: PartnerNumber, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    key = f"coalesce({compiler.process(element.clauses, **options)}, '')"
    return f"substr({key}, instr({key}, char({ord(KEY_SEPARATOR)})) + 1)"


_NUMBER = PartnerNumber(document.c.partner)
ORDERS = StoredList(
    table=document,
    branch=document.c.mapping_id,
    tie=(document.c.key,),
    sorts={name: document.c[name] for name in ("since", "title", "stage")},
    columns={
        "title": StoredColumn(column=document.c.title),
        "stage": StoredColumn(column=document.c.stage, kind=FieldKind.CHOICE),
        "erp_number": StoredColumn(column=_NUMBER),
        "since": StoredColumn(column=document.c.since, kind=FieldKind.MOMENT),
    },
)


def order_list(begun_elsewhere: MappingName, *, held: bool | None = None) -> RecordList:
    """Return the list of all, held or other orders; those that began elsewhere belong to it while they are held.

    Once one of them goes on, it is an order of the other mapping.
    """
    mapping = integration_table_mapping
    elsewhere = sa.select(mapping.c.id).where(mapping.c.name == begun_elsewhere)
    return RecordList(
        stored=ORDERS,
        searched=(document.c.title, _NUMBER),
        only={} if held is None else {"held": held},
        conditions=(sa.or_(document.c.held, document.c.mapping_id.not_in(elsewhere)),),
    )
