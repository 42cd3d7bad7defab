"""Finds again what a service added to a record that was deleted and restored: it has another key now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from interlace.domain.plan import PlannedWrite
from interlace.domain.side import Side
from interlace.domain.transfer_fields import RowTransfer, TransferPlan
from interlace.domain.values import Value
from interlace.engine.ports import FindRecords, Record, TableView


async def with_present_parts(plan: TransferPlan, writes: Sequence[PlannedWrite]) -> list[PlannedWrite]:
    """Return restorations in which references to parts of other records name the parts that are there now."""
    present = list(writes)
    for row, owner_field in _part_rows(plan):
        assert row.row.reference is not None
        part = row.row.reference.part
        assert part is not None
        owners = sorted({str(each.after[owner_field]) for each in present if each.after.get(owner_field)})
        if not owners:
            continue
        view = TableView(side=Side.CRM, table=part.table, fields=(part.match,))
        found: list[Record] = await FindRecords(view=view, field=part.match, values=tuple(owners))
        parts: dict[str, list[str]] = {}
        for record in found:
            parts.setdefault(str(record.values()[0]), []).append(record.key)
        present = [_named(each, row.target, owner_field, parts) for each in present]
    return present


def _part_rows(plan: TransferPlan) -> list[tuple[RowTransfer, str]]:
    """Return the rows that refer to a part, with the field that refers to the part's owner."""
    found = []
    for each in plan.rows:
        reference = each.row.reference
        if reference is None or reference.part is None:
            continue
        owner = next(
            (
                other.target
                for other in plan.rows
                if other.row.reference is not None
                and other.row.reference.part is None
                and other.row.reference.mapping == reference.mapping
                and other.row.erp_field == each.row.erp_field
            ),
            None,
        )
        if owner is not None:
            found.append((each, owner))
    return found


def _named(
    write: PlannedWrite, target: str, owner_field: str, parts: Mapping[str, Sequence[str]]
) -> PlannedWrite:
    there = parts.get(str(write.after.get(owner_field)), ())
    old: Value = write.after.get(target)
    if old is None or len(there) != 1 or old in there:
        return write
    return replace(write, after={**write.after, target: there[0]})
