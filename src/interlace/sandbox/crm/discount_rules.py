"""Rules of discount lists: one kind of discount per list, quantity ranges that do not overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interlace.sandbox.crm.document_amounts import amount_of
from interlace.sandbox.crm.errors import INVALID_ARGUMENT, refused
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.rule_hooks import TableRules

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Records


def _discount_complete(records: Records, row: Row) -> None:
    parent_id = row["_discounttypeid_value"]
    if parent_id is None:
        return
    parent = records.required_row("discounttype", str(parent_id))
    row["isamounttype"] = parent["isamounttype"]
    row["_transactioncurrencyid_value"] = parent["_transactioncurrencyid_value"]
    if row["amount"] is not None and row["percentage"] is not None:
        raise refused("0x80043b1f", "Both 'amount' and 'percentage' cannot be set.")
    wanted = "amount" if row["isamounttype"] else "percentage"
    if row[wanted] is None:
        raise refused(INVALID_ARGUMENT, f"This discount list is of another kind. Give '{wanted}'.")
    low, high = amount_of(row["lowquantity"]), amount_of(row["highquantity"])
    if low >= high:
        raise refused("0x80043b01", "Low quantity should be less than high quantity.")
    table = records.schema.tables["discounttype"]
    for other in records.members_of(table, str(parent_id), "discount_type_discounts"):
        apart = amount_of(other["lowquantity"]) > high or amount_of(other["highquantity"]) < low
        if other["discountid"] != row["discountid"] and not apart:
            raise refused(
                "0x80043b02", "The new quantities overlap the range covered by existing quantities."
            )


def _discount_changes(records: Records, before: Row, row: Row) -> None:
    _discount_complete(records, row)


DISCOUNT_RULES = TableRules(before_create=_discount_complete, before_update=_discount_changes)
