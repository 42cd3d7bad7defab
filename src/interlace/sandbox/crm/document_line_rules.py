"""Rules of the lines of sales documents: product or write-in, unit, quantity, price, a parent that is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from interlace.sandbox.crm.document_kinds import KINDS, OPEN_STATE, DocumentKind
from interlace.sandbox.crm.document_pricing import (
    is_integration_user,
    next_line_number,
    price_line,
    settings_of,
    settle_document,
)
from interlace.sandbox.crm.errors import refused
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.rule_hooks import TableRules

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Author, Records

OWNER_COLUMNS = ("_ownerid_value", "_owninguser_value", "_owningteam_value", "_owningbusinessunit_value")
_PARENT_READ_ONLY = "0x80043b09"


def may_edit(records: Records, kind: DocumentKind, header: Row, user_id: object) -> bool:
    """Whether a user may change a document as it stands."""
    if header["statecode"] == OPEN_STATE:
        return True
    if not kind.skips_for_integration or not settings_of(records).erp_keeps_orders:
        return False
    return is_integration_user(records, user_id)


def mirror_of(kind: DocumentKind, header: Row) -> Row:
    """What lines repeat of their document."""
    mirror: Row = {name: header[name] for name in OWNER_COLUMNS}
    mirror[kind.state_mirror] = header["statecode"]
    if "ispricelocked" in header:
        mirror[kind.lock_mirror] = header["ispricelocked"]
    return mirror


def _header_of(records: Records, kind: DocumentKind, line: Row) -> Row:
    return records.required_row(kind.header, str(line[kind.parent_value]))


def _require_open(records: Records, kind: DocumentKind, header: Row, user_id: object) -> None:
    if not may_edit(records, kind, header, user_id):
        raise refused(_PARENT_READ_ONLY, f"The parent is read only and cannot be edited. ({kind.header})")


def _line_begins(kind: DocumentKind) -> Callable[[Records, Row], None]:
    def complete(records: Records, row: Row) -> None:
        if row[kind.parent_value] is None:
            return
        header = _header_of(records, kind, row)
        _require_open(records, kind, header, row["_createdby_value"])
        row["_transactioncurrencyid_value"] = header["_transactioncurrencyid_value"]
        row.update(mirror_of(kind, header))
        if row["lineitemnumber"] is None:
            row["lineitemnumber"] = next_line_number(records, kind, str(row[kind.parent_value]))
        _complete_product(records, kind, row, None)
        price_line(records, kind, header, row, None, row["_createdby_value"])

    return complete


def _line_edit(kind: DocumentKind) -> Callable[[Records, Row, Row], None]:
    def check(records: Records, before: Row, row: Row) -> None:
        _require_open(records, kind, _header_of(records, kind, before), row["_modifiedby_value"])

    return check


def _line_changes(kind: DocumentKind) -> Callable[[Records, Row, Row], None]:
    def complete(records: Records, before: Row, row: Row) -> None:
        row[kind.parent_value] = before[kind.parent_value]
        header = _header_of(records, kind, row)
        row["_transactioncurrencyid_value"] = header["_transactioncurrencyid_value"]
        _complete_product(records, kind, row, before)
        if header["statecode"] == OPEN_STATE:
            price_line(records, kind, header, row, before, row["_modifiedby_value"])

    return complete


def _complete_product(records: Records, kind: DocumentKind, row: Row, before: Row | None) -> None:
    product_id = row["_productid_value"]
    if row["productdescription"] is not None:
        if product_id is not None:
            raise refused(
                "0x80043afb", "You cannot set both 'productid' and 'productdescription' for the same record."
            )
        if row["_uomid_value"] is not None:
            raise refused(
                "0x80043afa", "You cannot set both 'uomid' and 'productdescription' for the same record."
            )
    if product_id is None:
        if not row["isproductoverridden"] or row["productdescription"] is None:
            raise refused("0x80043b11", "The product id is missing.")
        row["productname"], row["productnumber"] = row["productdescription"], None
    else:
        if before is None or before["_productid_value"] != product_id:
            row["isproductoverridden"] = False
        _check_product(records, row, before)
    row[kind.line_name] = str(row["productname"] or "")[:100] or None


def _check_product(records: Records, row: Row, before: Row | None) -> None:
    product = records.required_row("product", str(row["_productid_value"]))
    is_new = before is None or before["_productid_value"] != row["_productid_value"]
    if is_new and records.pricing.source is None and product["statecode"] != 0:
        raise refused(
            "0x8004f908",
            f"The product {product['productnumber']} is not active. Publish it, or choose another product.",
        )
    if row["_uomid_value"] is None:
        raise refused("0x80043b0d", "The unit id is missing.")
    if records.unit_group_of(str(row["_uomid_value"])) != product["_defaultuomscheduleid_value"]:
        raise refused("0x80043b14", "The specified unit is not valid for this product.")
    decimals = product["quantitydecimal"]
    if isinstance(decimals, int) and _decimals_of(row["quantity"]) > decimals:
        raise refused(
            "0x80043b07",
            f"The number of decimal places on the quantity is invalid. The product "
            f"{product['productnumber']} takes {decimals}.",
        )
    row["productname"], row["productnumber"] = product["name"], product["productnumber"]


def _decimals_of(quantity: object) -> int:
    if not isinstance(quantity, Decimal):
        return 0
    exponent = quantity.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _line_created(kind: DocumentKind) -> Callable[[Records, Row, Author], None]:
    def follow(records: Records, row: Row, author: Author) -> None:
        settle_document(records, kind, str(row[kind.parent_value]), author.user_id)

    return follow


def _line_changed(kind: DocumentKind) -> Callable[[Records, Row, Row], None]:
    def follow(records: Records, before: Row, row: Row) -> None:
        settle_document(records, kind, str(row[kind.parent_value]), row["_modifiedby_value"])

    return follow


def _line_goes(kind: DocumentKind) -> Callable[[Records, Row, Author], None]:
    def check(records: Records, row: Row, author: Author) -> None:
        _require_open(records, kind, _header_of(records, kind, row), author.user_id)

    return check


LINE_RULES: Mapping[str, TableRules] = {
    kind.line: TableRules(
        before_create=_line_begins(kind),
        before_edit=_line_edit(kind),
        before_update=_line_changes(kind),
        after_create=_line_created(kind),
        after_update=_line_changed(kind),
        before_delete=_line_goes(kind),
        after_delete=_line_created(kind),
    )
    for kind in KINDS
}
