"""The ERP's documents and ledgers: opportunities, sales orders, posted shipments and invoices, entries.

Notation: see `declaration`. What posting writes is read only for every client; `load_rows` may fill it.
"""

from typing import Final

from interlace.sandbox.erp.declaration import Table, declare_table

OPPORTUNITY: Final = declare_table(
    "Opportunity",
    "No",
    """
    No c20
    Description s100
    Contact_No c20 idx -> Contact
    Contact_Name s100 ro
    Contact_Company_No c20 -> Contact
    Contact_Company_Name s100 ro
    Salesperson_Code c20 -> Salesperson_Purchaser
    Status opt:opportunityStatus
    Priority s10
    Sales_Cycle_Code c10
    Creation_Date date
    Date_Closed date
    Closed bool
    Estimated_Value_LCY dec
    Calcd_Current_Value_LCY dec
    Chances_of_Success_Percent dec
    Completed_Percent dec
    Probability_Percent dec
    Estimated_Closing_Date date
    Segment_No c20
    Campaign_No c20
    """,
    number_series="OPP",
)

_SELL_TO = """
    Sell_to_Customer_No c20 idx -> Customer
    Sell_to_Customer_Name s100
    Sell_to_Customer_Name_2 s50
    Sell_to_Address s100
    Sell_to_Address_2 s50
    Sell_to_City s30
    Sell_to_County s30
    Sell_to_Post_Code c20
    Sell_to_Country_Region_Code c10 -> Country_Region
    Sell_to_Contact_No c20 -> Contact
    Sell_to_Contact s100
    Sell_to_Phone_No s30
    Sell_to_E_Mail s80
"""

_BILL_TO = """
    Bill_to_Customer_No c20 -> Customer
    Bill_to_Name s100
    Bill_to_Name_2 s50
    Bill_to_Address s100
    Bill_to_Address_2 s50
    Bill_to_City s30
    Bill_to_County s30
    Bill_to_Post_Code c20
    Bill_to_Country_Region_Code c10 -> Country_Region
    Bill_to_Contact_No c20 -> Contact
    Bill_to_Contact s100
"""

_SHIP_TO = """
    Ship_to_Code c10
    Ship_to_Name s100
    Ship_to_Name_2 s50
    Ship_to_Address s100
    Ship_to_Address_2 s50
    Ship_to_City s30
    Ship_to_County s30
    Ship_to_Post_Code c20
    Ship_to_Country_Region_Code c10 -> Country_Region
    Ship_to_Contact s100
"""

_TERMS = """
    Document_Date date
    Posting_Date date
    Due_Date date
    Order_Date date
    External_Document_No c35 idx
    Your_Reference s35
    Salesperson_Code c20 -> Salesperson_Purchaser
    Currency_Code c10 -> Currency
    Currency_Factor dec
    Prices_Including_VAT bool
    VAT_Bus_Posting_Group c20
    Gen_Bus_Posting_Group c20
    Customer_Posting_Group c20
    Customer_Price_Group c10
    Payment_Terms_Code c10 -> Payment_Terms
    Payment_Method_Code c10 -> Payment_Method
    Payment_Discount_Percent dec
    Pmt_Discount_Date date
    Shipment_Method_Code c10 -> Shipment_Method
    Shipping_Agent_Code c10 -> Shipping_Agent
    Shipping_Agent_Service_Code c10
    Package_Tracking_No s50
    Location_Code c10
    Shipment_Date date
    Requested_Delivery_Date date
    Promised_Delivery_Date date
    Campaign_No c20
    Opportunity_No c20
    Responsibility_Center c10
    Shortcut_Dimension_1_Code c20
    Shortcut_Dimension_2_Code c20
    Work_Description s2048
"""

SALES_HEADER: Final = declare_table(
    "Sales_Header",
    "Document_Type, No",
    f"""
    Document_Type opt:salesDocumentType
    No c20
    {_SELL_TO}
    {_BILL_TO}
    {_SHIP_TO}
    {_TERMS}
    Quote_No c20
    Posting_Description s100
    Shipping_Advice opt:shippingAdvice
    Status opt:salesDocumentStatus ro
    Completely_Shipped bool ro
    Last_Shipment_Date date ro
    Invoice_Discount_Amount dec
    Amount dec ro
    Amount_Including_VAT dec ro
    """,
    number_series="S-ORD",
)

_LINE = """
    Type opt:salesLineType mir
    No c20 mir
    Variant_Code c10
    Description s100
    Description_2 s50
    Location_Code c10
    Quantity dec
    Unit_of_Measure_Code c10 -> Unit_of_Measure
    Qty_per_Unit_of_Measure dec
    Unit_Cost_LCY dec
    Unit_Price dec
    VAT_Percent dec
    VAT_Identifier c20
    VAT_Prod_Posting_Group c20
    Gen_Prod_Posting_Group c20
    Line_Discount_Percent dec
    Line_Discount_Amount dec
"""

SALES_LINE: Final = declare_table(
    "Sales_Line",
    "Document_Type, Document_No, Line_No",
    f"""
    Document_Type opt:salesDocumentType
    Document_No c20 need idx
    Line_No int
    {_LINE}
    Line_Amount dec
    Allow_Invoice_Disc bool
    Inv_Discount_Amount dec ro
    Amount dec ro
    Amount_Including_VAT dec ro
    Outstanding_Quantity dec ro
    Outstanding_Qty_Base dec ro sum
    Qty_to_Ship dec
    Quantity_Shipped dec ro
    Qty_to_Invoice dec
    Quantity_Invoiced dec ro
    Shipment_Date date
    Requested_Delivery_Date date
    Promised_Delivery_Date date
    Shipping_Agent_Code c10 -> Shipping_Agent
    Work_Type_Code c10
    """,
    covering=(("No", "Type", "Outstanding_Qty_Base"),),
)

SALES_SHIPMENT_HEADER: Final = declare_table(
    "Sales_Shipment_Header",
    "No",
    f"""
    No c20
    Order_No c20 idx
    {_SELL_TO}
    {_BILL_TO}
    {_SHIP_TO}
    {_TERMS}
    No_Printed int
    """,
)

SALES_SHIPMENT_LINE: Final = declare_table(
    "Sales_Shipment_Line",
    "Document_No, Line_No",
    f"""
    Document_No c20 need
    Line_No int
    Order_No c20
    Order_Line_No int
    Sell_to_Customer_No c20 idx
    {_LINE}
    Quantity_Invoiced dec
    Item_Shpt_Entry_No int
    Shipment_Date date
    """,
)

SALES_INVOICE_HEADER: Final = declare_table(
    "Sales_Invoice_Header",
    "No",
    f"""
    No c20
    Order_No c20 idx
    Pre_Assigned_No c20
    {_SELL_TO}
    {_BILL_TO}
    {_SHIP_TO}
    {_TERMS}
    Invoice_Discount_Amount dec
    Amount dec
    Amount_Including_VAT dec
    Remaining_Amount dec flow
    Closed bool flow
    Cancelled bool
    Corrective bool
    Cust_Ledger_Entry_No int
    No_Printed int
    """,
)

SALES_INVOICE_LINE: Final = declare_table(
    "Sales_Invoice_Line",
    "Document_No, Line_No",
    f"""
    Document_No c20 need
    Line_No int
    Order_No c20
    Order_Line_No int
    Shipment_No c20
    Shipment_Line_No int
    Sell_to_Customer_No c20 idx
    {_LINE}
    Line_Amount dec
    Allow_Invoice_Disc bool
    Inv_Discount_Amount dec
    Amount dec
    Amount_Including_VAT dec
    VAT_Base_Amount dec
    Shipment_Date date
    """,
)

ITEM_LEDGER_ENTRY: Final = declare_table(
    "Item_Ledger_Entry",
    "Entry_No",
    """
    Posting_Date date
    Document_Date date
    Entry_Type opt:itemLedgerEntryType
    Document_Type opt:itemLedgerDocumentType
    Document_No c20
    Document_Line_No int
    Item_No c20 mir -> Item
    Variant_Code c10
    Description s100
    Location_Code c10
    Quantity dec sum
    Invoiced_Quantity dec
    Remaining_Quantity dec
    Qty_per_Unit_of_Measure dec
    Unit_of_Measure_Code c10
    Sales_Amount_Actual dec
    Sales_Amount_Expected dec
    Cost_Amount_Actual dec
    Cost_Amount_Expected dec
    Purchase_Amount_Actual dec
    Completely_Invoiced bool
    Open bool
    Positive bool
    Drop_Shipment bool
    Order_No c20
    Order_Line_No int
    Entry_No int
    External_Document_No c35
    Source_Type opt:analysisSourceType
    Source_No c20
    """,
    covering=(("Item_No", "Quantity"),),
)

CUST_LEDGER_ENTRY: Final = declare_table(
    "Cust_Ledger_Entry",
    "Entry_No",
    """
    Posting_Date date
    Document_Date date
    Document_Type opt:genJournalDocumentType mir
    Document_No c20 mir
    Customer_No c20 mir -> Customer
    Customer_Name s100
    Sell_to_Customer_No c20
    Description s100
    Your_Reference s35
    Customer_Posting_Group c20
    Salesperson_Code c20
    Currency_Code c10 idx -> Currency
    Original_Amount dec
    Original_Amt_LCY dec
    Amount dec
    Amount_LCY dec sum
    Debit_Amount dec
    Debit_Amount_LCY dec
    Credit_Amount dec
    Credit_Amount_LCY dec
    Remaining_Amount dec sum
    Remaining_Amt_LCY dec sum
    Sales_LCY dec sum
    Profit_LCY dec
    Inv_Discount_LCY dec
    Due_Date date mir
    Pmt_Discount_Date date
    Original_Pmt_Disc_Possible dec
    Remaining_Pmt_Disc_Possible dec
    Payment_Method_Code c10
    Open bool
    Positive bool
    Closed_at_Date date
    Closed_by_Entry_No int
    Closed_by_Amount dec
    Applies_to_Doc_Type opt:genJournalDocumentType
    Applies_to_Doc_No c20
    Reversed bool
    Entry_No int
    Transaction_No int
    External_Document_No c35
    """,
    covering=(
        ("Customer_No", "Due_Date", "Remaining_Amt_LCY", "Sales_LCY"),
        ("Document_No", "Document_Type", "Remaining_Amount"),
    ),
)

DOCUMENT_TABLES: Final[tuple[Table, ...]] = (
    OPPORTUNITY,
    SALES_HEADER,
    SALES_LINE,
    SALES_SHIPMENT_HEADER,
    SALES_SHIPMENT_LINE,
    SALES_INVOICE_HEADER,
    SALES_INVOICE_LINE,
    ITEM_LEDGER_ENTRY,
    CUST_LEDGER_ENTRY,
)
