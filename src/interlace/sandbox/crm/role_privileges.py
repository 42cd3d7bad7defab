"""Which privileges a role holds, and how far each reaches: kept beside the records of roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from interlace.sandbox.entity_store import RecordWrite, SqlClause, StoredTable
from interlace.sandbox.json_codec import decode_object, encode

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Records

ROLE_PRIVILEGES = StoredTable(name="roleprivilege", key=("role", "privilege"))
DEPTHS = ("Basic", "Local", "Deep", "Global")
"""From the user's own records to those of the whole organization."""


def of_role(records: Records, role_id: str) -> dict[str, str]:
    """The privileges given to a role: name to depth (the service's own roles hold theirs unwritten)."""
    own = SqlClause('"role" = ?', (role_id,))
    rows = (
        decode_object(each.body) for each in records.store.page(ROLE_PRIVILEGES.name, where=own, limit=-1)
    )
    return {str(row["Name"]): str(row["Depth"]) for row in rows}


def grant(records: Records, role_id: str, privileges: Mapping[str, str]) -> None:
    """Gives privileges to a role; those it has get the depth that is given. Inside a transaction."""
    store = records.store
    records.roles_changed += 1
    store.upsert_many(
        ROLE_PRIVILEGES.name,
        [
            RecordWrite((role_id, name), encode({"Name": name, "Depth": depth}), store.next_version(), "")
            for name, depth in privileges.items()
        ],
    )


def revoke(records: Records, role_id: str, names: Iterable[str]) -> None:
    """Takes privileges from a role; inside a transaction."""
    records.roles_changed += 1
    for name in names:
        records.store.delete(ROLE_PRIVILEGES.name, (role_id, name), version=records.store.next_version())


def replace(records: Records, role_id: str, privileges: Mapping[str, str]) -> None:
    """Leaves a role with these privileges and no others; inside a transaction."""
    before = of_role(records, role_id)
    revoke(records, role_id, [name for name in before if name not in privileges])
    changed = {name: depth for name, depth in privileges.items() if before.get(name) != depth}
    grant(records, role_id, changed)
