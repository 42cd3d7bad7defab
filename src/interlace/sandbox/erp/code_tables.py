"""The ERP's code tables: what master records and documents name by a short code, and the ledger's setup.

Notation: see `declaration`. Field names are those of the page web services; the order is the page's.
"""

from typing import Final

from interlace.sandbox.erp.declaration import Table, declare_table

GENERAL_LEDGER_SETUP: Final = declare_table(
    "General_Ledger_Setup",
    "Primary_Key",
    """
    Primary_Key c10
    LCY_Code c10
    Local_Currency_Symbol s10
    Local_Currency_Description s60
    Amount_Rounding_Precision dec
    Amount_Decimal_Places s5
    Unit_Amount_Rounding_Precision dec
    Unit_Amount_Decimal_Places s5
    Inv_Rounding_Precision_LCY dec
    Allow_Posting_From date
    Allow_Posting_To date
    Additional_Reporting_Currency c10
    """,
)

COUNTRY_REGION: Final = declare_table(
    "Country_Region",
    "Code",
    """
    Code c10 need
    Name s50
    ISO_Code c2
    ISO_Numeric_Code c3
    Address_Format opt:countryRegionAddressFormat
    County_Name s30
    EU_Country_Region_Code c10
    Intrastat_Code c10
    VAT_Scheme c10
    """,
)

CURRENCY: Final = declare_table(
    "Currency",
    "Code",
    """
    Code c10 need
    Description s30
    ISO_Code c3
    ISO_Numeric_Code c3
    Symbol s10
    Amount_Rounding_Precision dec
    Amount_Decimal_Places s5
    Invoice_Rounding_Precision dec
    Unit_Amount_Rounding_Precision dec
    Unit_Amount_Decimal_Places s5
    Last_Date_Adjusted date
    Last_Date_Modified date ro
    """,
)

CURRENCY_EXCHANGE_RATE: Final = declare_table(
    "Currency_Exchange_Rate",
    "Currency_Code, Starting_Date",
    """
    Starting_Date date need
    Currency_Code c10 need -> Currency
    Relational_Currency_Code c10 -> Currency
    Exchange_Rate_Amount dec
    Relational_Exch_Rate_Amount dec
    Adjustment_Exch_Rate_Amount dec
    Relational_Adjmt_Exch_Rate_Amt dec
    Fix_Exchange_Rate_Amount opt:fixExchangeRateAmount
    """,
)

UNIT_OF_MEASURE: Final = declare_table(
    "Unit_of_Measure",
    "Code",
    """
    Code c10 need
    Description s50
    International_Standard_Code c10
    Symbol s10
    """,
)

PAYMENT_TERMS: Final = declare_table(
    "Payment_Terms",
    "Code",
    """
    Code c10 need
    Due_Date_Calculation s32
    Discount_Date_Calculation s32
    Discount_Percent dec
    Calc_Pmt_Disc_on_Cr_Memos bool
    Description s100
    """,
)

SHIPMENT_METHOD: Final = declare_table(
    "Shipment_Method",
    "Code",
    """
    Code c10 need
    Description s100
    """,
)

SHIPPING_AGENT: Final = declare_table(
    "Shipping_Agent",
    "Code",
    """
    Code c10 need
    Name s50
    Internet_Address s250
    Account_No s30
    """,
)

PAYMENT_METHOD: Final = declare_table(
    "Payment_Method",
    "Code",
    """
    Code c10 need
    Description s100
    """,
)

TAX_AREA: Final = declare_table(
    "Tax_Area",
    "Code",
    """
    Code c20 need
    Description s100
    """,
)

TAX_GROUP: Final = declare_table(
    "Tax_Group",
    "Code",
    """
    Code c20 need
    Description s100
    """,
)

ITEM_CATEGORY: Final = declare_table(
    "Item_Category",
    "Code",
    """
    Code c20 need
    Description s100
    """,
)

SALESPERSON_PURCHASER: Final = declare_table(
    "Salesperson_Purchaser",
    "Code",
    """
    Code c20 need
    Name s50
    Job_Title s30
    Commission_Percent dec
    Phone_No s30
    E_Mail s80
    E_Mail_2 s80
    Privacy_Blocked bool
    Blocked bool
    """,
)

CUSTOMER_PRICE_GROUP: Final = declare_table(
    "Customer_Price_Group",
    "Code",
    """
    Code c10 need
    Description s100
    Allow_Line_Disc bool
    Allow_Invoice_Disc bool
    Price_Includes_VAT bool
    VAT_Bus_Posting_Gr_Price c20
    """,
)

EPOCH_MARKER: Final = declare_table(
    "Epoch_Marker",
    "Code",
    """
    Code c20 need
    Name s100
    Counter int
    """,
)

CODE_TABLES: Final[tuple[Table, ...]] = (
    GENERAL_LEDGER_SETUP,
    COUNTRY_REGION,
    CURRENCY,
    CURRENCY_EXCHANGE_RATE,
    UNIT_OF_MEASURE,
    PAYMENT_TERMS,
    SHIPMENT_METHOD,
    SHIPPING_AGENT,
    PAYMENT_METHOD,
    TAX_AREA,
    TAX_GROUP,
    ITEM_CATEGORY,
    SALESPERSON_PURCHASER,
    CUSTOMER_PRICE_GROUP,
    EPOCH_MARKER,
)
