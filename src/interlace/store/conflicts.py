"""Stores the conflicts that await a person, whole and as they were seen; one a pair.

An id is a short digest, so nothing here relies on its being the only one: two connections with the same services have
the same ids, and a run must not fail because two of a million conflicts do.
"""

from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa

from interlace.domain.conflict import Conflict, ConflictKind, ConflictRow, SideOfConflict
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.transfer_fields import Remembered
from interlace.domain.values import Value
from interlace.store.bulk import BulkStatements
from interlace.store.encoding import (
    from_json,
    optional_time_from_text,
    optional_time_to_text,
    time_from_text,
    time_to_text,
    to_json,
)
from interlace.store.schema import conflict, synch_error

_COLUMNS = ("mapping_id", "erp_key", "crm_key", "kind", "detected_at", "value", "id", "likeness")
_ANY = sa.select(conflict.c.erp_key).where(conflict.c.mapping_id == sa.bindparam("of_mapping")).limit(1)


def store_conflicts(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, conflicts: Sequence[Conflict]
) -> None:
    """Store conflicts; a pair's earlier one is replaced."""
    rows = [
        (
            mapping_id,
            each.erp_key,
            each.crm_key,
            each.kind.value,
            time_to_text(each.detected_at),
            to_json(_dump(each)),
            each.id,
            each.likeness,
        )
        for each in conflicts
    ]
    bulk.upsert(connection, _COLUMNS, rows, table=conflict, unique=("mapping_id", "erp_key"))


def forget_conflicts(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, erp_keys: Sequence[ErpKey]
) -> None:
    """Forget the conflicts of pairs that are settled; most runs have none to forget."""
    if erp_keys and connection.execute(_ANY, {"of_mapping": mapping_id}).first() is not None:
        rows = [(mapping_id, key) for key in erp_keys]
        bulk.delete(connection, ("mapping_id", "erp_key"), rows, table=conflict)


def is_open() -> sa.ColumnElement[bool]:
    """Tell of a conflict whether its pair still stands on the error list, in whichever direction.

    A record that has left the mapping's filter has no error any more, and nobody need decide about it.
    """
    to_crm, from_crm = (
        way.value for way in (Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE)
    )
    of_pair = sa.or_(
        sa.and_(synch_error.c.direction == to_crm, synch_error.c.source_key == conflict.c.erp_key),
        sa.and_(synch_error.c.direction == from_crm, synch_error.c.source_key == conflict.c.crm_key),
    )
    listed = sa.and_(
        synch_error.c.mapping_id == conflict.c.mapping_id,
        synch_error.c.code != ErrorCode.REFERENCE_CLEARED.value,
        of_pair,
    )
    return sa.exists().where(listed)


def conflict_of(row: sa.Row[Any], mapping: MappingName) -> Conflict:
    """Make the conflict of a row."""
    told = cast("dict[str, Any]", from_json(row.value))
    return Conflict(
        mapping=mapping,
        kind=ConflictKind(row.kind),
        code=ErrorCode(told["code"]),
        caption=told["caption"],
        erp=_side_of(row.erp_key, told["erp"]),
        crm=_side_of(row.crm_key, told["crm"]),
        detected_at=time_from_text(row.detected_at),
        rows=tuple(_row_of(each) for each in told["rows"]),
    )


def _dump(each: Conflict) -> dict[str, object]:
    return {
        "code": each.code.value,
        "caption": each.caption,
        "erp": _dump_side(each.erp),
        "crm": _dump_side(each.crm),
        "rows": [_dump_row(row) for row in each.rows],
    }


def _dump_side(side: SideOfConflict) -> dict[str, str | None]:
    return {
        "digest": None if side.digest is None else side.digest.hex(),
        "changed_by": side.changed_by,
        "changed_at": optional_time_to_text(side.changed_at),
    }


def _side_of(key: str, told: dict[str, str | None]) -> SideOfConflict:
    digest = told["digest"]
    return SideOfConflict(
        key=key,
        digest=None if digest is None else bytes.fromhex(digest),
        changed_by=told["changed_by"],
        changed_at=optional_time_from_text(told["changed_at"]),
    )


def _dump_row(row: ConflictRow) -> dict[str, object]:
    return {
        "row": row.row,
        "erp_field": row.erp_field,
        "crm_field": row.crm_field,
        "erp_value": row.erp_value,
        "crm_value": row.crm_value,
        "agreed": None if row.agreed is None else list(row.agreed),
        "to_crm": row.to_crm,
        "to_erp": row.to_erp,
        "group": row.group,
    }


def _row_of(told: dict[str, Any]) -> ConflictRow:
    pair = cast("list[Value] | None", told["agreed"])
    agreed: Remembered = None if pair is None else (pair[0], pair[1])
    return ConflictRow(**{**told, "agreed": agreed})
