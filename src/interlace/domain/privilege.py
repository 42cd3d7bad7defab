"""What an account must be allowed to do: one access to one table of one side, and what of it a mapping needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, NamedKey
from interlace.domain.integration_table_mapping import DeletionConflictResolution, IntegrationTableMapping
from interlace.domain.side import Side

OWNER_COLUMN = "ownerid"
_TARGETS = {
    NamedKey.BASE_CURRENCY: "transactioncurrency",
    NamedKey.DEFAULT_PRICE_LIST: "pricelevel",
}


class Access(Enum):
    """Ways in which a table is used; the ERP knows the first four."""

    READ = "Read"
    CREATE = "Create"
    WRITE = "Write"
    DELETE = "Delete"
    APPEND = "Append"
    """Naming other records in the lookups of this table."""
    APPEND_TO = "AppendTo"
    """Being named in the lookups of other tables."""
    ASSIGN = "Assign"
    """Giving a record another owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An access to a table of one side that something needs."""

    side: Side
    table: str
    access: Access


def needs(side: Side, table: str, *accesses: Access) -> frozenset[Need]:
    """Make the needs of one table."""
    return frozenset(Need(side=side, table=table, access=access) for access in accesses)


def needs_of_mapping(mapping: IntegrationTableMapping) -> frozenset[Need]:
    """Return what the runs of a mapping need of both tables and of those that its lookups name.

    A mapping that a saga runs needs more, and not all of this: see the saga.
    """
    found = {Need(side=Side.ERP, table=mapping.erp_table, access=Access.READ)}
    if mapping.choice_column is None:
        found.add(Need(side=Side.CRM, table=mapping.integration_table, access=Access.READ))
        if mapping.carries_erp_reference:
            # Whichever side is written, the CRM record says whose partner it is.
            found.add(Need(side=Side.CRM, table=mapping.integration_table, access=Access.WRITE))
    for way in mapping.passes:
        found.update(_written(mapping, way))
    return frozenset(found)


def _written(mapping: IntegrationTableMapping, way: Direction) -> Iterator[Need]:
    side = way.source_side.other
    table = mapping.erp_table if side is Side.ERP else mapping.integration_table
    if side is Side.CRM and mapping.choice_column is not None:
        yield Need(side=side, table="attribute", access=Access.WRITE)
        yield Need(side=side, table="optionset", access=Access.WRITE)
        return
    accesses = [Access.CREATE, Access.WRITE]
    if mapping.leaving_filter_deletes or (
        mapping.deletion_conflict_resolution is DeletionConflictResolution.DELETE
    ):
        accesses.append(Access.DELETE)
    for access in accesses:
        yield Need(side=side, table=table, access=access)
    if side is Side.CRM:
        for row in mapping.fields:
            yield from _linked(mapping, row)


def _linked(mapping: IntegrationTableMapping, row: IntegrationFieldMapping) -> Iterator[Need]:
    """Return what a row needs that writes a lookup column."""
    if row.crm_field is None or not row.direction.allows(Direction.TO_INTEGRATION_TABLE):
        return
    if row.crm_field == OWNER_COLUMN:
        yield Need(side=Side.CRM, table=mapping.integration_table, access=Access.ASSIGN)
        return
    target = "" if row.reference is None else row.reference.target_table
    if isinstance(row.constant, NamedKey):
        target = target or _TARGETS.get(row.constant, "")
    if not target:
        return
    yield Need(side=Side.CRM, table=mapping.integration_table, access=Access.APPEND)
    yield Need(side=Side.CRM, table=target, access=Access.APPEND_TO)
    if row.reference is not None and row.reference.part is not None:
        yield Need(side=Side.CRM, table=row.reference.part.table, access=Access.READ)
