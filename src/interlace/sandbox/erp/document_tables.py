"""The ERP's open documents: opportunities, and the sales quotes, orders, invoices and credit memos.

Notation: see `declaration`. What is posted from them: see `posted_tables`.
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

SELL_TO_FIELDS: Final = """
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

BILL_TO_FIELDS: Final = """
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

SHIP_TO_FIELDS: Final = """
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

TERMS_FIELDS: Final = """
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
    {SELL_TO_FIELDS}
    {BILL_TO_FIELDS}
    {SHIP_TO_FIELDS}
    {TERMS_FIELDS}
    Quote_No c20
    Quote_Valid_Until_Date date
    Quote_Sent_to_Customer datetime
    Quote_Accepted_Date date
    Applies_to_Doc_Type opt:genJournalDocumentType
    Applies_to_Doc_No c20 -> Sales_Invoice_Header
    Posting_Description s100
    Shipping_Advice opt:shippingAdvice
    Allow_Line_Disc bool
    Status opt:salesDocumentStatus ro
    Completely_Shipped bool ro
    Last_Shipment_Date date ro
    Last_Shipping_No c20 ro
    Last_Posting_No c20 ro
    Invoice_Discount_Calculation opt:invoiceDiscountCalculation ro
    Invoice_Discount_Value dec ro
    Invoice_Discount_Amount dec
    Amount dec ro
    Amount_Including_VAT dec ro
    SystemCreatedBy guid ro
    Created_by_User c50 ro
    """,
    number_series="S-ORD",
)

LINE_FIELDS: Final = """
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
    {LINE_FIELDS}
    Line_Amount dec
    Allow_Line_Disc bool
    Allow_Invoice_Disc bool
    Inv_Discount_Amount dec ro
    Inv_Disc_Amount_Invoiced dec ro
    Amount dec ro
    Amount_Including_VAT dec ro
    Bill_to_Customer_No c20 ro mir
    Outstanding_Quantity dec ro
    Outstanding_Qty_Base dec ro sum
    Outstanding_Amount_LCY dec ro sum
    Qty_to_Ship dec
    Quantity_Shipped dec ro
    Qty_to_Invoice dec
    Quantity_Invoiced dec ro
    Qty_Shipped_Not_Invoiced dec ro
    Shipped_Not_Invoiced_LCY dec ro sum
    Shipment_Date date
    Requested_Delivery_Date date
    Promised_Delivery_Date date
    Shipping_Agent_Code c10 -> Shipping_Agent
    Work_Type_Code c10
    """,
    covering=(
        ("No", "Type", "Outstanding_Qty_Base"),
        ("Bill_to_Customer_No", "Outstanding_Amount_LCY", "Shipped_Not_Invoiced_LCY"),
    ),
)

SALES_COMMENT_LINE: Final = declare_table(
    "Sales_Comment_Line",
    "Document_Type, No, Document_Line_No, Line_No",
    """
    Document_Type opt:salesCommentDocumentType
    No c20 need idx
    Document_Line_No int
    Line_No int
    Date date
    Code c10
    Comment s80
    """,
)

DOCUMENT_TABLES: Final[tuple[Table, ...]] = (OPPORTUNITY, SALES_HEADER, SALES_LINE, SALES_COMMENT_LINE)
