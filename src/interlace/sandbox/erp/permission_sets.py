"""The permission sets that the embedded ERP begins with: what each lets its users do with which table.

Rights are letters: R read, I insert, M modify, D delete. The ERP's own code writes what follows from a user's deed
(ledger entries, posted documents), whatever the user may do with those tables himself.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.erp.user_tables import CRM_INTEGRATION_RECORD, EFFECTIVE_PERMISSION, USER

PermissionSet = Mapping[str, str]
ALL: Final = "RIMD"
RIGHTS: Final = {"R": "Read", "I": "Insert", "M": "Modify", "D": "Delete"}
POSTED: Final = frozenset(
    name for name in TABLES if name.startswith(("Sales_Invoice_", "Sales_Cr_Memo_", "Sales_Shipment_"))
)
_ENTRIES: Final = frozenset({"Cust_Ledger_Entry", "Item_Ledger_Entry"})
_SETUP: Final = frozenset(name for name in TABLES if name.endswith("_Setup") or name == "No_Series")
_OF_COUPLING: Final = frozenset({CRM_INTEGRATION_RECORD.name})
_BUSINESS: Final = frozenset(TABLES) - {USER.name, EFFECTIVE_PERMISSION.name} - _OF_COUPLING
_CODES: Final = frozenset(
    {
        *("Country_Region", "Currency", "Currency_Exchange_Rate", "Customer_Price_Group", "Payment_Method"),
        *(
            "Payment_Terms",
            "Salesperson_Purchaser",
            "Shipment_Method",
            "Shipping_Agent",
            "Tax_Area",
            "Tax_Group",
        ),
        *("Unit_of_Measure", "Item_Category", "G_L_Account"),
    }
)


def _rights(rights: str, tables: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(tables, rights)


PERMISSION_SETS: Final[Mapping[str, PermissionSet]] = {
    "SUPER": _rights(ALL, TABLES),
    "SECURITY": _rights(ALL, {USER.name}),
    "D365 BASIC": _rights("R", _SETUP | _CODES),
    "D365 READ": _rights("R", _BUSINESS),
    "D365 SETUP": _rights(ALL, _SETUP | _CODES),
    "D365 CUSTOMER, EDIT": {
        **_rights("R", _CODES | _ENTRIES),
        **_rights(ALL, {"Customer", "Contact", "Contact_Business_Relation", "Opportunity"}),
    },
    "D365 ITEM, EDIT": {
        **_rights("R", _CODES | _ENTRIES),
        **_rights(ALL, {"Item", "Item_Unit_of_Measure", "Item_Variant", "Resource", "Sales_Price"}),
    },
    "D365 SALES DOC, EDIT": {
        **_rights(
            "R", _CODES | _ENTRIES | POSTED | {"Customer", "Contact", "Item", "Resource", "Sales_Price"}
        ),
        **_rights(ALL, {"Sales_Header", "Sales_Line", "Sales_Comment_Line"}),
    },
    "D365 BUS FULL ACCESS": {**_rights(ALL, _BUSINESS | _OF_COUPLING), **_rights("R", POSTED | _ENTRIES)},
    "D365 DYN CRM READ": _rights("R", _OF_COUPLING),
    "D365 DYN CRM MGT": _rights(ALL, _OF_COUPLING),
    "INTERLACE": {
        **_rights(
            "R",
            {
                *("Cust_Ledger_Entry", "Item_Ledger_Entry", "Contact_Business_Relation", "Country_Region"),
                *("Currency", "Currency_Exchange_Rate", "Customer_Price_Group", "G_L_Account"),
                *("General_Ledger_Setup", "Inventory_Setup", "Marketing_Setup", "Resources_Setup"),
                *("Sales_Receivables_Setup", "No_Series", "Item_Unit_of_Measure", "Payment_Terms"),
                *("Sales_Invoice_Header", "Sales_Invoice_Line", "Sales_Price", "Sales_Shipment_Header"),
                *("Sales_Shipment_Line", "Shipment_Method", "Shipping_Agent", "Unit_of_Measure"),
            },
        ),
        **_rights(
            ALL,
            {
                *("CRM_Integration_Record", "Contact", "Customer", "Item", "Opportunity", "Resource"),
                *("Sales_Comment_Line", "Sales_Header", "Sales_Line", "Salesperson_Purchaser"),
            },
        ),
        "Epoch_Marker": "RIM",
    },
}
