"""Which tables and columns an order's decisions read."""

from typing import Final

HEADER_TABLE: Final = "Sales_Header"
LINE_TABLE: Final = "Sales_Line"
CRM_TABLE: Final = "salesorder"
CRM_LINE_TABLE: Final = "salesorderdetail"
NOTE_TABLE: Final = "annotation"
NOTE_MARK_COLUMN: Final = "stepid"
NOTE_MARK: Final = "interlace"
"""Tells notes that Interlace writes from those of people."""
COMMENT_TABLE: Final = "Sales_Comment_Line"
MARK_FIELD: Final = "External_Document_No"
DIGEST_COLUMN: Final = "ilc_orderdigest"

ADDRESS_PARTS: Final = ("line1", "line2", "line3", "city", "stateorprovince", "postalcode", "country")

DOCUMENT_FIELDS: Final = (
    "ordernumber",
    "createdon",
    "name",
    "description",
    "statecode",
    "statuscode",
    "lastbackofficesubmit",
    "requestdeliveryby",
    "datefulfilled",
    "freightamount",
    "discountamount",
    "discountpercentage",
    "totallineitemamount",
    "totalamountlessfreight",
    "totaltax",
    "totalamount",
    "pricingerrorcode",
    "paymenttermscode",
    "freighttermscode",
    "shippingmethodcode",
    "billto_name",
    *(f"billto_{part}" for part in ADDRESS_PARTS),
    "shipto_name",
    *(f"shipto_{part}" for part in ADDRESS_PARTS),
    "customerid",
    "accountid",
    "contactid",
    "pricelevelid",
    "transactioncurrencyid",
    "ownerid",
    "submitstatusdescription",
    "ilc_companyid",
    "ilc_erptable",
    "ilc_erpkey",
    "ilc_orderstatus",
    DIGEST_COLUMN,
)

ORDER_FIELDS: Final = (
    "Document_Type",
    "No",
    "Status",
    "Sell_to_Customer_No",
    "Bill_to_Name",
    "Bill_to_Address",
    "Bill_to_Address_2",
    "Bill_to_City",
    "Bill_to_County",
    "Bill_to_Post_Code",
    "Bill_to_Country_Region_Code",
    "Ship_to_Name",
    "Ship_to_Address",
    "Ship_to_Address_2",
    "Ship_to_City",
    "Ship_to_County",
    "Ship_to_Post_Code",
    "Ship_to_Country_Region_Code",
    MARK_FIELD,
    "Your_Reference",
    "Salesperson_Code",
    "Currency_Code",
    "Prices_Including_VAT",
    "Payment_Terms_Code",
    "Payment_Discount_Percent",
    "Shipment_Method_Code",
    "Shipping_Agent_Code",
    "Requested_Delivery_Date",
    "Work_Description",
    "Completely_Shipped",
    "Last_Shipment_Date",
    "Invoice_Discount_Amount",
    "Amount",
    "Amount_Including_VAT",
)
LINE_FIELDS: Final = (
    "salesorderid",
    "productid",
    "uomid",
    "productname",
    "productdescription",
    "description",
    "quantity",
    "priceperunit",
    "tax",
    "extendedamount",
    "pricingerrorcode",
    "sequencenumber",
    "lineitemnumber",
    "requestdeliveryby",
    "quantityshipped",
)
ORDER_LINE_FIELDS: Final = (
    "Document_No",
    "Line_No",
    "Type",
    "No",
    "Description",
    "Unit_of_Measure_Code",
    "Quantity",
    "Unit_Price",
    "Line_Discount_Amount",
    "Line_Amount",
    "Inv_Discount_Amount",
    "Amount",
    "VAT_Percent",
    "Quantity_Shipped",
    "Quantity_Invoiced",
    "Requested_Delivery_Date",
)
NOTE_FIELDS: Final = ("subject", "notetext", "filename", "createdon", NOTE_MARK_COLUMN)
COMMENT_FIELDS: Final = ("Document_Type", "No", "Document_Line_No", "Line_No", "Code", "Comment")
CUSTOMER_FIELDS: Final = ("No", "Name", "Blocked", "Bill_to_Customer_No", "Credit_Limit_LCY")
INVOICE_FIELDS: Final = (
    "No",
    "Order_No",
    MARK_FIELD,
    "Posting_Date",
    "Amount",
    "Amount_Including_VAT",
    "Remaining_Amount",
    "Closed",
    "Cancelled",
)
INVOICE_LINE_FIELDS: Final = ("Document_No", "No", "Quantity", "Unit_Price")
PRODUCT_FIELDS: Final = ("productnumber", "name", "statecode", "producttypecode")
ITEM_FIELDS: Final = (
    "No",
    "Description",
    "Blocked",
    "Sales_Blocked",
    "Base_Unit_of_Measure",
    "Allow_Invoice_Disc",
)
RESOURCE_FIELDS: Final = ("No", "Name", "Blocked", "Base_Unit_of_Measure")
WRITE_IN_NUMBER: Final = "write_in_product_number"
