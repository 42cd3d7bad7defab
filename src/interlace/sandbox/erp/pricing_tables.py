"""What prices, discounts and taxes are taken from besides sales prices, and the accounts that lines may name.

Notation: see `declaration`. Field names are those of the page web services; the order is the page's.
"""

from collections.abc import Mapping
from typing import Final

from interlace.sandbox.erp.declaration import Table, declare_table

VAT_POSTING_SETUP: Final = declare_table(
    "VAT_Posting_Setup",
    "VAT_Bus_Posting_Group, VAT_Prod_Posting_Group",
    """
    VAT_Bus_Posting_Group c20
    VAT_Prod_Posting_Group c20
    VAT_Identifier c20
    VAT_Percent dec
    VAT_Calculation_Type opt:vatCalculationType
    """,
)

SALES_LINE_DISCOUNT: Final = declare_table(
    "Sales_Line_Discount",
    "Type, Code, Sales_Type, Sales_Code, Starting_Date, Currency_Code, Variant_Code, Unit_of_Measure_Code,"
    " Minimum_Quantity",
    """
    Sales_Type opt:salesDiscountSalesType
    Sales_Code c20
    Type opt:salesLineDiscountType
    Code c20 need
    Variant_Code c10
    Currency_Code c10 -> Currency
    Unit_of_Measure_Code c10 -> Unit_of_Measure
    Minimum_Quantity dec
    Line_Discount_Percent dec
    Starting_Date date
    Ending_Date date
    """,
)

CUST_INVOICE_DISC: Final = declare_table(
    "Cust_Invoice_Disc",
    "Code, Currency_Code, Minimum_Amount",
    """
    Code c20 need
    Currency_Code c10 -> Currency
    Minimum_Amount dec
    Discount_Percent dec
    """,
)

G_L_ACCOUNT: Final = declare_table(
    "G_L_Account",
    "No",
    """
    No c20 need
    Name s100
    Direct_Posting bool
    Blocked bool
    Gen_Prod_Posting_Group c20
    VAT_Prod_Posting_Group c20
    """,
)

PRICING_TABLES: Final[tuple[Table, ...]] = (
    VAT_POSTING_SETUP,
    SALES_LINE_DISCOUNT,
    CUST_INVOICE_DISC,
    G_L_ACCOUNT,
)

# What a new company's VAT posting setup says: the percentage by business and product posting group.
VAT_SETUP: Final[Mapping[tuple[str, str], int]] = {
    **{("DOMESTIC", product): percent for product, percent in (("", 19), ("STANDARD", 19), ("REDUCED", 7))},
    ("DOMESTIC", "ZERO"): 0,
    **{
        (business, product): 0
        for business in ("", "EU", "EXPORT")
        for product in ("", "STANDARD", "REDUCED", "ZERO")
    },
}
