"""Properties of API sets that are neither a field nor a related id: statuses, line types, amounts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from interlace.sandbox.erp.declaration import BLANK_DATE, BLANK_DATETIME, BLANK_GUID, Table
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.field_values import plain_decimal
from interlace.sandbox.erp.flow_fields import compute_flow_fields
from interlace.sandbox.erp.option_members import from_wire_name, to_wire_name
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.sales_amounts import share_of

Members = Mapping[str, object]

_HUNDRED: Final = Decimal(100)
_CENT: Final = Decimal("0.01")


class Lookup:
    """Finds related records while one answer is rendered; asks for each only once."""

    def __init__(self, records: ErpRecords, table: Table) -> None:
        self.records = records
        self.table = table
        self._find = lru_cache(maxsize=4096)(self._get)

    def _get(self, table_name: str, key: tuple[str | int, ...]) -> Record | None:
        return self.records.get(self.records.layouts[table_name].table, key)

    def system_id(self, table_name: str, *key: str | int) -> str:
        """The SystemId of a record, the empty one when there is none."""
        record = self._find(table_name, key)
        return BLANK_GUID if record is None else record.system_id

    def record(self, table_name: str, *key: str | int) -> Record | None:
        """A record by its key."""
        return self._find(table_name, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Computation:
    """Which stored members a property needs and what it makes of them."""

    members: tuple[str, ...]
    compute: Callable[[Lookup, Members], object]


def _amount(members: Members, name: str) -> Decimal:
    return Decimal(str(members[name]))


def _order_status(lookup: Lookup, members: Members) -> str:
    status = from_wire_name(str(members["Status"]))
    return to_wire_name({"Open": "Draft", "Pending Approval": "In Review"}.get(status, "Open"))


def _posted_status(lookup: Lookup, members: Members) -> str:
    if lookup.table.name == "Sales_Header":
        status = from_wire_name(str(members["Status"]))
        return to_wire_name("In Review" if status == "Pending Approval" else "Draft")
    if members["Cancelled"]:
        return "Canceled"
    if members["Corrective"]:
        return "Corrective"
    number = str(members["No"])
    closed = compute_flow_fields(lookup.records, lookup.table, [number])[number]["Closed"]
    return "Paid" if closed else "Open"


def _quote_status(lookup: Lookup, members: Members) -> str:
    if members["Quote_Accepted_Date"] != BLANK_DATE:
        return "Accepted"
    if members["Quote_Sent_to_Customer"] != BLANK_DATETIME:
        return "Sent"
    valid_until = str(members["Quote_Valid_Until_Date"])
    expired = BLANK_DATE < valid_until < lookup.records.today
    return to_wire_name("Expired ") if expired else "Draft"


_LINE_TYPES: Final[Mapping[str, str]] = {
    " ": "Comment",
    "G/L Account": "Account",
    "Charge (Item)": "Charge",
}


def _line_type(lookup: Lookup, members: Members) -> str:
    kind = from_wire_name(str(members["Type"]))
    return to_wire_name(_LINE_TYPES.get(kind, kind))


_HEADERS: Final[Mapping[str, str]] = {
    "Sales_Line": "Sales_Header",
    "Sales_Invoice_Line": "Sales_Invoice_Header",
    "Sales_Shipment_Line": "Sales_Shipment_Header",
    "Sales_Cr_Memo_Line": "Sales_Cr_Memo_Header",
}


def _header_key(lookup: Lookup, members: Members) -> tuple[str, ...]:
    number = str(members["Document_No"])
    return (str(members["Document_Type"]), number) if lookup.table.name == "Sales_Line" else (number,)


def _document_id(lookup: Lookup, members: Members) -> str:
    return lookup.system_id(_HEADERS[lookup.table.name], *_header_key(lookup, members))


def _line_account_id(lookup: Lookup, members: Members) -> str:
    is_account = from_wire_name(str(members["Type"])) == "G/L Account"
    return lookup.system_id("G_L_Account", str(members["No"])) if is_account else BLANK_GUID


def _line_item_id(lookup: Lookup, members: Members) -> str:
    return lookup.system_id("Item", str(members["No"])) if members["Type"] == "Item" else BLANK_GUID


def _line_variant_id(lookup: Lookup, members: Members) -> str:
    variant = str(members["Variant_Code"])
    return lookup.system_id("Item_Variant", str(members["No"]), variant) if variant else BLANK_GUID


def _order_id(lookup: Lookup, members: Members) -> str:
    number = str(members["Order_No"])
    return lookup.system_id("Sales_Header", "Order", number) if number else BLANK_GUID


def _tax_amount(lookup: Lookup, members: Members) -> Decimal:
    return plain_decimal(_amount(members, "Amount_Including_VAT") - _amount(members, "Amount"))


def _line_amounts(lookup: Lookup, members: Members) -> tuple[Decimal, Decimal]:
    """A line's amount without and with VAT before the invoice discount."""
    header = lookup.record(_HEADERS[lookup.table.name], *_header_key(lookup, members))
    amount, percent = _amount(members, "Line_Amount"), _amount(members, "VAT_Percent")
    currency = "" if header is None else header.text("Currency_Code")
    setup = lookup.record("Currency" if currency else "General_Ledger_Setup", currency)
    precision = (setup.amount("Amount_Rounding_Precision") if setup is not None else _CENT) or _CENT
    if header is not None and header.values["Prices_Including_VAT"]:
        return share_of(amount, _HUNDRED, _HUNDRED + percent, precision), amount
    return amount, plain_decimal(amount + share_of(amount, percent, _HUNDRED, precision))


def _line_amount(lookup: Lookup, members: Members) -> Decimal:
    return _line_amounts(lookup, members)[0]


def _line_tax(lookup: Lookup, members: Members) -> Decimal:
    without, including = _line_amounts(lookup, members)
    return plain_decimal(including - without)


def _line_amount_with_tax(lookup: Lookup, members: Members) -> Decimal:
    return _line_amounts(lookup, members)[1]


def _discount_allocation(lookup: Lookup, members: Members) -> Decimal:
    return plain_decimal(_line_amount(lookup, members) - _amount(members, "Amount"))


def _partial_shipping(lookup: Lookup, members: Members) -> bool:
    return members["Shipping_Advice"] == "Partial"


def _related_id(lookup: Lookup, members: Members) -> str:
    table = {"Customer": "Customer", "Vendor": "Vendor"}.get(str(members["Link_to_Table"]))
    return BLANK_GUID if table is None else lookup.system_id(table, str(members["No"]))


def _contact_name(lookup: Lookup, members: Members) -> str:
    contact = lookup.record("Contact", str(members["Contact_No"]))
    return "" if contact is None else contact.text("Name")


def _tax_area_name(lookup: Lookup, members: Members) -> str:
    area = lookup.record("Tax_Area", str(members["Tax_Area_Code"]))
    return "" if area is None else area.text("Description")


def _contact_type(lookup: Lookup, members: Members) -> str:
    contact = lookup.record("Contact", str(members["Contact_No"]))
    return "Company" if contact is None else contact.text("Type")


_AMOUNTS: Final = ("Amount", "Amount_Including_VAT")
_DOCUMENT: Final = ("Document_Type", "Document_No")
_LINE_AMOUNTS: Final = (*_DOCUMENT, "Line_Amount", "VAT_Percent")
_POSTED_STATUS: Final = ("No", "Status", "Cancelled", "Corrective")

COMPUTATIONS: Final[Mapping[str, Computation]] = {
    "SystemId": Computation(members=("SystemId",), compute=lambda _, members: members["SystemId"]),
    "SystemCreatedAt": Computation(
        members=("SystemCreatedAt",), compute=lambda _, members: members["SystemCreatedAt"]
    ),
    "SystemModifiedAt": Computation(
        members=("SystemModifiedAt",), compute=lambda _, members: members["SystemModifiedAt"]
    ),
    "orderStatus": Computation(members=("Status",), compute=_order_status),
    "invoiceStatus": Computation(members=_POSTED_STATUS, compute=_posted_status),
    "creditMemoStatus": Computation(members=_POSTED_STATUS, compute=_posted_status),
    "quoteStatus": Computation(
        members=("Quote_Accepted_Date", "Quote_Sent_to_Customer", "Quote_Valid_Until_Date"),
        compute=_quote_status,
    ),
    "discountAllocation": Computation(members=(*_LINE_AMOUNTS, "Amount"), compute=_discount_allocation),
    "lineAccountId": Computation(members=("Type", "No"), compute=_line_account_id),
    "lineType": Computation(members=("Type",), compute=_line_type),
    "documentId": Computation(members=_DOCUMENT, compute=_document_id),
    "lineItemId": Computation(members=("Type", "No"), compute=_line_item_id),
    "lineVariantId": Computation(members=("Type", "No", "Variant_Code"), compute=_line_variant_id),
    "orderId": Computation(members=("Order_No",), compute=_order_id),
    "taxAmount": Computation(members=_AMOUNTS, compute=_tax_amount),
    "lineAmount": Computation(members=_LINE_AMOUNTS, compute=_line_amount),
    "lineTax": Computation(members=_LINE_AMOUNTS, compute=_line_tax),
    "lineAmountWithTax": Computation(members=_LINE_AMOUNTS, compute=_line_amount_with_tax),
    "partialShipping": Computation(members=("Shipping_Advice",), compute=_partial_shipping),
    "trueValue": Computation(members=(), compute=lambda *_: True),
    "relatedId": Computation(members=("Link_to_Table", "No"), compute=_related_id),
    "contactName": Computation(members=("Contact_No",), compute=_contact_name),
    "taxAreaName": Computation(members=("Tax_Area_Code",), compute=_tax_area_name),
    "contactType": Computation(members=("Contact_No",), compute=_contact_type),
}

# Properties whose stored member can be answered as it is: the reader needs not parse it.
STORED_MEMBERS: Final = frozenset({"SystemId", "SystemCreatedAt", "SystemModifiedAt"})
