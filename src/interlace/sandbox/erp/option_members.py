"""The members of every option and enum field of the embedded ERP, and their spelling on the wire.

The service sends the member's name with characters that XML names can't hold escaped (`In_x0020_Review`), a
blank name as `_x0020_`. It accepts the escaped name and the caption alike.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

BLANK: Final = " "

OPTION_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "contactType": ("Company", "Person"),
        "userState": ("Enabled", "Disabled"),
        "customerBlocked": (BLANK, "Ship", "Invoice", "All"),
        "vendorBlocked": (BLANK, "Payment", "All"),
        "itemType": ("Inventory", "Service", "Non-Inventory"),
        "costingMethod": ("FIFO", "LIFO", "Specific", "Average", "Standard"),
        "resourceType": ("Person", "Machine"),
        "linkToTable": (BLANK, "Customer", "Vendor", "Bank Account", "Employee"),
        "contactBusinessRelation": (
            BLANK,
            "Customer",
            "Vendor",
            "Bank Account",
            "Employee",
            "None",
            "Other",
            "Multiple",
        ),
        "salesPriceType": ("Customer", "Customer Price Group", "All Customers", "Campaign"),
        "fixExchangeRateAmount": ("Currency", "Relational Currency", "Both"),
        "opportunityStatus": ("Not Started", "In Progress", "Won", "Lost"),
        "salesDocumentType": (
            "Quote",
            "Order",
            "Invoice",
            "Credit Memo",
            "Blanket Order",
            "Return Order",
        ),
        "salesCommentDocumentType": (
            "Quote",
            "Order",
            "Invoice",
            "Credit Memo",
            "Blanket Order",
            "Return Order",
            "Shipment",
            "Posted Invoice",
            "Posted Credit Memo",
            "Posted Return Receipt",
        ),
        "salesDocumentStatus": ("Open", "Released", "Pending Approval", "Pending Prepayment"),
        "invoiceDiscountCalculation": ("None", "Percent", "Amount"),
        "vatCalculationType": ("Normal VAT", "Reverse Charge VAT", "Full VAT", "Sales Tax"),
        "salesLineDiscountType": ("Item", "Item Disc. Group"),
        "salesDiscountSalesType": ("Customer", "Customer Disc. Group", "All Customers", "Campaign"),
        "salesQuoteEntityBufferStatus": ("Draft", "Sent", "Accepted", "Expired "),
        "salesCrMemoEntityBufferStatus": (
            BLANK,
            "Draft",
            "In Review",
            "Open",
            "Paid",
            "Canceled",
            "Corrective",
        ),
        "salesOrderEntityBufferStatus": ("Draft", "In Review", "Open"),
        "invoiceEntityAggregateStatus": (
            BLANK,
            "Draft",
            "In Review",
            "Open",
            "Paid",
            "Canceled",
            "Corrective",
        ),
        "salesLineType": (BLANK, "G/L Account", "Item", "Resource", "Fixed Asset", "Charge (Item)"),
        "invoiceLineAggLineType": (
            "Comment",
            "Account",
            "Item",
            "Resource",
            "Fixed Asset",
            "Charge",
            "Allocation Account",
        ),
        "shippingAdvice": ("Partial", "Complete"),
        "itemLedgerEntryType": (
            "Purchase",
            "Sale",
            "Positive Adjmt.",
            "Negative Adjmt.",
            "Transfer",
            "Consumption",
            "Output",
            BLANK,
            "Assembly Consumption",
            "Assembly Output",
        ),
        "itemLedgerDocumentType": (
            BLANK,
            "Sales Shipment",
            "Sales Invoice",
            "Sales Return Receipt",
            "Sales Credit Memo",
            "Purchase Receipt",
            "Purchase Invoice",
            "Purchase Return Shipment",
            "Purchase Credit Memo",
            "Transfer Shipment",
            "Transfer Receipt",
            "Service Shipment",
            "Service Invoice",
            "Service Credit Memo",
            "Posted Assembly",
            "Inventory Receipt",
            "Inventory Shipment",
            "Direct Transfer",
        ),
        "analysisSourceType": (BLANK, "Customer", "Vendor", "Item"),
        "genJournalDocumentType": (
            BLANK,
            "Payment",
            "Invoice",
            "Credit Memo",
            "Finance Charge Memo",
            "Reminder",
            "Refund",
        ),
        "countryRegionAddressFormat": (
            "Post Code+City",
            "City+Post Code",
            "City+County+Post Code",
            "Blank Line+Post Code+City",
            "Custom",
        ),
    }
)

_PLAIN = re.compile(r"[A-Za-z0-9_]")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def to_wire_name(member: str) -> str:
    """Return the spelling of an option member in JSON."""
    return "".join(char if _PLAIN.match(char) else f"_x{ord(char):04X}_" for char in member)


def from_wire_name(text: str) -> str:
    """Return the member's own name for an escaped name or a caption."""
    return _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text)


def find_member(option: str, text: str) -> str | None:
    """Return the member of an option that a client's spelling means, or None when there is no such member."""
    wanted = from_wire_name(text)
    members = OPTION_MEMBERS[option]
    if not wanted.strip():
        return BLANK if BLANK in members else None
    folded = wanted.strip().casefold()
    for member in members:
        if member.casefold() == folded:
            return member
    if wanted.isdigit() and int(wanted) < len(members):
        return members[int(wanted)]
    return None
