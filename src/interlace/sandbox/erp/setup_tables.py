"""The ERP's number series and the setups that say which series numbers which table.

Notation: see `declaration`. Field names are those of the page web services; the order is the page's.
"""

from collections.abc import Mapping
from typing import Final

from interlace.sandbox.erp.declaration import Table, declare_table

NO_SERIES: Final = declare_table(
    "No_Series",
    "Code",
    """
    Code c20 need
    Description s100
    Default_Nos bool
    Manual_Nos bool
    Date_Order bool
    """,
)

SALES_RECEIVABLES_SETUP: Final = declare_table(
    "Sales_Receivables_Setup",
    "Primary_Key",
    """
    Primary_Key c10
    Customer_Nos c20 -> No_Series
    Quote_Nos c20 -> No_Series
    Order_Nos c20 -> No_Series
    Invoice_Nos c20 -> No_Series
    Credit_Memo_Nos c20 -> No_Series
    Posted_Invoice_Nos c20 -> No_Series
    Posted_Credit_Memo_Nos c20 -> No_Series
    Posted_Shipment_Nos c20 -> No_Series
    Calc_Inv_Discount bool
    Ext_Doc_No_Mandatory bool
    Freight_G_L_Acc_No c20 -> G_L_Account
    """,
)

PURCHASES_PAYABLES_SETUP: Final = declare_table(
    "Purchases_Payables_Setup",
    "Primary_Key",
    """
    Primary_Key c10
    Vendor_Nos c20 -> No_Series
    """,
)

MARKETING_SETUP: Final = declare_table(
    "Marketing_Setup",
    "Primary_Key",
    """
    Primary_Key c10
    Contact_Nos c20 -> No_Series
    Opportunity_Nos c20 -> No_Series
    """,
)

INVENTORY_SETUP: Final = declare_table(
    "Inventory_Setup",
    "Primary_Key",
    """
    Primary_Key c10
    Item_Nos c20 -> No_Series
    Prevent_Negative_Inventory bool
    """,
)

RESOURCES_SETUP: Final = declare_table(
    "Resources_Setup",
    "Primary_Key",
    """
    Primary_Key c10
    Resource_Nos c20 -> No_Series
    """,
)

SETUP_TABLES: Final[tuple[Table, ...]] = (
    NO_SERIES,
    SALES_RECEIVABLES_SETUP,
    PURCHASES_PAYABLES_SETUP,
    MARKETING_SETUP,
    INVENTORY_SETUP,
    RESOURCES_SETUP,
)

# What a new company's setups say; each has one row, with a blank key.
SETUP_ROWS: Final[Mapping[str, Mapping[str, str]]] = {
    "Sales_Receivables_Setup": {
        "Customer_Nos": "CUST",
        "Quote_Nos": "S-QUO",
        "Order_Nos": "S-ORD",
        "Invoice_Nos": "S-INV",
        "Credit_Memo_Nos": "S-CR",
        "Posted_Invoice_Nos": "S-INV+",
        "Posted_Credit_Memo_Nos": "S-CR+",
        "Posted_Shipment_Nos": "S-SHPT",
    },
    "Purchases_Payables_Setup": {"Vendor_Nos": "VEND"},
    "Marketing_Setup": {"Contact_Nos": "CONT", "Opportunity_Nos": "OPP"},
    "Inventory_Setup": {"Item_Nos": "ITEM"},
    "Resources_Setup": {"Resource_Nos": "RES"},
}

SERIES_DESCRIPTIONS: Final[Mapping[str, str]] = {
    "CUST": "Customers",
    "CONT": "Contacts",
    "ITEM": "Items",
    "VEND": "Vendors",
    "RES": "Resources",
    "S-QUO": "Sales quotes",
    "S-ORD": "Sales orders",
    "S-INV": "Sales invoices",
    "S-CR": "Sales credit memos",
    "S-INV+": "Posted sales invoices",
    "GJNL-PMT": "Payment journals",
    "S-CR+": "Posted sales credit memos",
    "S-SHPT": "Posted sales shipments",
    "OPP": "Opportunities",
}
