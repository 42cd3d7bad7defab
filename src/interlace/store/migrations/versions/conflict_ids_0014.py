"""Conflicts are found by id, by what they have in common and by time; those of before get what that needs."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

from interlace.store.table_parts import Key

revision = "0014"
down_revision = "0013"

_ADDED = ("id", "likeness")
_INDEXES = {
    "conflict_by_id": ["mapping_id", "id", "detected_at", "erp_key"],
    "conflict_by_likeness": ["mapping_id", "likeness", "detected_at", "erp_key"],
    "conflict_by_time": ["mapping_id", "detected_at", "erp_key"],
}
_AT_ONCE = 1_000
_BETWEEN = "\x1f"


def upgrade() -> None:
    """Add the columns, fill them, and index them."""
    for name in _ADDED:
        op.add_column("conflict", sa.Column(name, Key, nullable=False, server_default=sa.text("''")))
    _fill(op.get_bind())
    for name, columns in _INDEXES.items():
        op.create_index(name, "conflict", columns)


def downgrade() -> None:
    """Take both away again."""
    for name in _INDEXES:
        op.drop_index(name, "conflict")
    for name in _ADDED:
        op.drop_column("conflict", name)


def _fill(connection: sa.Connection) -> None:
    """Walk along the primary key, some rows at a time: one conflict is a page of text."""
    texts = ("erp_key", "crm_key", "kind", "value", *_ADDED)
    held = sa.table(
        "conflict", sa.column("mapping_id", sa.Integer), *(sa.column(each, Key) for each in texts)
    )
    mapping = sa.table("integration_table_mapping", sa.column("id", sa.Integer), sa.column("name", Key)).c
    key = (held.c.mapping_id, held.c.erp_key)
    query = sa.select(*key, held.c.crm_key, held.c.kind, held.c.value, mapping.name).order_by(*key)
    query = query.where(mapping.id == held.c.mapping_id).limit(_AT_ONCE)
    change = sa.update(held).where(
        held.c.mapping_id == sa.bindparam("of_mapping"), held.c.erp_key == sa.bindparam("of_key")
    )
    change = change.values(id=sa.bindparam("new_id"), likeness=sa.bindparam("new_likeness"))
    rows = connection.execute(query).all()
    while rows:
        connection.execute(change, [_change(*row) for row in rows])
        last = sa.tuple_(rows[-1].mapping_id, rows[-1].erp_key)
        rows = connection.execute(query.where(sa.tuple_(*key) > last)).all()


def _change(
    mapping_id: int, erp_key: str, crm_key: str, kind: str, value: str, mapping: str
) -> dict[str, object]:
    told = json.loads(value)
    digests = [told[side]["digest"] for side in ("erp", "crm")]
    named = hashlib.blake2b(_BETWEEN.join((mapping, erp_key, crm_key, kind)).encode(), digest_size=5)
    for each in digests:
        named.update(bytes.fromhex(each) if each else b"absent")
    deleted = "" if kind == "update" else "erp" if digests[0] is None else "crm"
    alike = _BETWEEN.join((mapping, kind, deleted, *sorted(row["row"] for row in told["rows"])))
    return {
        "of_mapping": mapping_id,
        "of_key": erp_key,
        "new_id": named.hexdigest(),
        "new_likeness": hashlib.blake2b(alike.encode(), digest_size=16).hexdigest(),
    }
