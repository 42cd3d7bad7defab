"""What posting writes: shipments, invoices, credit memos and ledger entries; and the journals to post from.

Notation: see `declaration`. What is posted is read only for every client; `load_rows` may fill it.
"""

from typing import Final

from interlace.sandbox.erp.declaration import Table, declare_table
from interlace.sandbox.erp.document_tables import (
    BILL_TO_FIELDS,
    LINE_FIELDS,
    SELL_TO_FIELDS,
    SHIP_TO_FIELDS,
    TERMS_FIELDS,
)

SALES_SHIPMENT_HEADER: Final = declare_table(
    "Sales_Shipment_Header",
    "No",
    f"""
    No c20
    Order_No c20 idx
    {SELL_TO_FIELDS}
    {BILL_TO_FIELDS}
    {SHIP_TO_FIELDS}
    {TERMS_FIELDS}
    No_Printed int
    SystemCreatedBy guid ro
    Created_by_User c50 ro
    """,
    number_series="S-SHPT",
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
    {LINE_FIELDS}
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
    {SELL_TO_FIELDS}
    {BILL_TO_FIELDS}
    {SHIP_TO_FIELDS}
    {TERMS_FIELDS}
    Invoice_Discount_Amount dec
    Amount dec
    Amount_Including_VAT dec
    Remaining_Amount dec flow
    Closed bool flow
    Cancelled bool
    Corrective bool
    Cust_Ledger_Entry_No int
    No_Printed int
    SystemCreatedBy guid ro
    Created_by_User c50 ro
    """,
    number_series="S-INV+",
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
    {LINE_FIELDS}
    Line_Amount dec
    Allow_Invoice_Disc bool
    Inv_Discount_Amount dec
    Amount dec
    Amount_Including_VAT dec
    VAT_Base_Amount dec
    Shipment_Date date
    """,
)

SALES_CR_MEMO_HEADER: Final = declare_table(
    "Sales_Cr_Memo_Header",
    "No",
    f"""
    No c20
    Pre_Assigned_No c20
    Applies_to_Doc_Type opt:genJournalDocumentType
    Applies_to_Doc_No c20 -> Sales_Invoice_Header
    {SELL_TO_FIELDS}
    {BILL_TO_FIELDS}
    {SHIP_TO_FIELDS}
    {TERMS_FIELDS}
    Invoice_Discount_Amount dec
    Amount dec
    Amount_Including_VAT dec
    Remaining_Amount dec flow
    Closed bool flow
    Cancelled bool
    Corrective bool
    Cust_Ledger_Entry_No int
    No_Printed int
    SystemCreatedBy guid ro
    Created_by_User c50 ro
    """,
    number_series="S-CR+",
)

SALES_CR_MEMO_LINE: Final = declare_table(
    "Sales_Cr_Memo_Line",
    "Document_No, Line_No",
    f"""
    Document_No c20 need
    Line_No int
    Sell_to_Customer_No c20 idx
    {LINE_FIELDS}
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
    Posting_Date date mir
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
        ("Customer_No", "Posting_Date", "Sales_LCY"),
        ("Document_No", "Document_Type", "Remaining_Amount"),
    ),
)

GEN_JOURNAL_BATCH: Final = declare_table(
    "Gen_Journal_Batch",
    "Name",
    """
    Name c10 need
    Description s100
    Bal_Account_No c20
    """,
)

GEN_JOURNAL_LINE: Final = declare_table(
    "Gen_Journal_Line",
    "Journal_Batch_Name, Line_No",
    """
    Journal_Batch_Name c10 need -> Gen_Journal_Batch
    Line_No int
    Posting_Date date
    Document_Type opt:genJournalDocumentType
    Document_No c20
    External_Document_No c35
    Account_No c20 -> Customer
    Description s100
    Comment s250
    Currency_Code c10 -> Currency
    Currency_Factor dec
    Amount dec
    Amount_LCY dec ro
    Applies_to_Doc_Type opt:genJournalDocumentType
    Applies_to_Doc_No c20 -> Sales_Invoice_Header
    """,
)

POSTED_TABLES: Final[tuple[Table, ...]] = (
    SALES_SHIPMENT_HEADER,
    SALES_SHIPMENT_LINE,
    SALES_INVOICE_HEADER,
    SALES_INVOICE_LINE,
    SALES_CR_MEMO_HEADER,
    SALES_CR_MEMO_LINE,
    ITEM_LEDGER_ENTRY,
    CUST_LEDGER_ENTRY,
    GEN_JOURNAL_BATCH,
    GEN_JOURNAL_LINE,
)
