"""The API v2.0 sets over sales documents and ledgers. Notation: see `set_declaration`."""

from typing import Final

from interlace.sandbox.erp import document_tables as tables
from interlace.sandbox.erp import posted_tables
from interlace.sandbox.erp.set_declaration import PublishedSet, declare_set

_PARTIES = """
    customerId = &Sell_to_Customer_No
    customerNumber = Sell_to_Customer_No
    customerName = Sell_to_Customer_Name ro
    billToName = Bill_to_Name ro
    billToCustomerId = &Bill_to_Customer_No
    billToCustomerNumber = Bill_to_Customer_No
    shipToName = Ship_to_Name
    shipToContact = Ship_to_Contact
    sellToAddressLine1 = Sell_to_Address
    sellToAddressLine2 = Sell_to_Address_2
    sellToCity = Sell_to_City
    sellToCountry = Sell_to_Country_Region_Code
    sellToState = Sell_to_County
    sellToPostCode = Sell_to_Post_Code
    billToAddressLine1 = Bill_to_Address ro
    billToAddressLine2 = Bill_to_Address_2 ro
    billToCity = Bill_to_City ro
    billToCountry = Bill_to_Country_Region_Code ro
    billToState = Bill_to_County ro
    billToPostCode = Bill_to_Post_Code ro
    shipToAddressLine1 = Ship_to_Address
    shipToAddressLine2 = Ship_to_Address_2
    shipToCity = Ship_to_City
    shipToCountry = Ship_to_Country_Region_Code
    shipToState = Ship_to_County
    shipToPostCode = Ship_to_Post_Code
"""

_TOTALS = """
    discountAmount = Invoice_Discount_Amount
    discountAppliedBeforeTax = #trueValue
    totalAmountExcludingTax = Amount ro
    totalTaxAmount = #taxAmount
    totalAmountIncludingTax = Amount_Including_VAT ro
"""

_DOCUMENT_LINKS = (
    "customer -> customers Sell_to_Customer_No=No",
    "currency -> currencies Currency_Code=Code",
    "paymentTerm -> paymentTerms Payment_Terms_Code=Code",
    "shipmentMethod -> shipmentMethods Shipment_Method_Code=Code",
)

SALES_ORDERS: Final = declare_set(
    "salesOrders",
    "salesOrder",
    tables.SALES_HEADER,
    f"""
    number = No ro
    externalDocumentNumber = External_Document_No
    orderDate = Document_Date
    postingDate = Posting_Date
    {_PARTIES}
    shortcutDimension1Code = Shortcut_Dimension_1_Code
    shortcutDimension2Code = Shortcut_Dimension_2_Code
    currencyId = &Currency_Code
    currencyCode = $Currency_Code
    pricesIncludeTax = Prices_Including_VAT
    paymentTermsId = &Payment_Terms_Code
    shipmentMethodId = &Shipment_Method_Code
    salesperson = Salesperson_Code
    partialShipping = #partialShipping
    requestedDeliveryDate = Requested_Delivery_Date
    {_TOTALS}
    fullyShipped = Completely_Shipped
    status = #orderStatus
    lastModifiedDateTime = #SystemModifiedAt
    phoneNumber = Sell_to_Phone_No
    email = Sell_to_E_Mail
    """,
    rights="CUD",
    fixed={"Document_Type": "Order"},
    needed=(("customerId", "customerNumber"),),
    expansions=("salesOrderLines[] -> salesOrderLines No=Document_No", *_DOCUMENT_LINKS),
    webhooks=True,
)

_LINE = """
    documentId = #documentId
    sequence = Line_No
    itemId = #lineItemId
    accountId = .guid
    lineType = #lineType
    lineObjectNumber = No
    description = Description
    description2 = Description_2
    unitOfMeasureId = &Unit_of_Measure_Code
    unitOfMeasureCode = Unit_of_Measure_Code
    quantity = Quantity
    unitPrice = Unit_Price
    discountAmount = Line_Discount_Amount
    discountPercent = Line_Discount_Percent
    discountAppliedBeforeTax = #trueValue
    amountExcludingTax = #lineAmount
    taxCode = VAT_Identifier
    taxPercent = VAT_Percent ro
    totalTaxAmount = #lineTax
    amountIncludingTax = #lineAmountWithTax
    invoiceDiscountAllocation = Inv_Discount_Amount ro
    netAmount = Amount ro
    netTaxAmount = #taxAmount
    netAmountIncludingTax = Amount_Including_VAT ro
    shipmentDate = Shipment_Date
"""

SALES_ORDER_LINES: Final = declare_set(
    "salesOrderLines",
    "salesOrderLine",
    tables.SALES_LINE,
    f"""
    {_LINE}
    shippedQuantity = Quantity_Shipped ro
    invoicedQuantity = Quantity_Invoiced ro
    invoiceQuantity = Qty_to_Invoice
    shipQuantity = Qty_to_Ship
    itemVariantId = #lineVariantId
    locationId = .guid
    """,
    rights="CUD",
    fixed={"Document_Type": "Order"},
    expansions=("salesOrder -> salesOrders Document_No=No", "item -> items No=No"),
)

SALES_INVOICES: Final = declare_set(
    "salesInvoices",
    "salesInvoice",
    posted_tables.SALES_INVOICE_HEADER,
    f"""
    number = No ro
    externalDocumentNumber = External_Document_No
    invoiceDate = Document_Date
    postingDate = Posting_Date
    dueDate = Due_Date
    promisedPayDate = .date
    customerPurchaseOrderReference = Your_Reference
    {_PARTIES}
    currencyId = &Currency_Code
    shortcutDimension1Code = Shortcut_Dimension_1_Code
    shortcutDimension2Code = Shortcut_Dimension_2_Code
    currencyCode = $Currency_Code
    orderId = #orderId
    orderNumber = Order_No ro
    paymentTermsId = &Payment_Terms_Code
    shipmentMethodId = &Shipment_Method_Code
    salesperson = Salesperson_Code
    disputeStatusId = .guid
    disputeStatus = .text
    pricesIncludeTax = Prices_Including_VAT ro
    remainingAmount = Remaining_Amount ro
    {_TOTALS}
    status = #invoiceStatus
    lastModifiedDateTime = #SystemModifiedAt
    phoneNumber = Sell_to_Phone_No
    email = Sell_to_E_Mail
    """,
    expansions=("salesInvoiceLines[] -> salesInvoiceLines No=Document_No", *_DOCUMENT_LINKS),
    webhooks=True,
)

SALES_INVOICE_LINES: Final = declare_set(
    "salesInvoiceLines",
    "salesInvoiceLine",
    posted_tables.SALES_INVOICE_LINE,
    f"""
    {_LINE}
    itemVariantId = #lineVariantId
    locationId = .guid
    """,
    expansions=("salesInvoice -> salesInvoices Document_No=No", "item -> items No=No"),
)

SALES_SHIPMENTS: Final = declare_set(
    "salesShipments",
    "salesShipment",
    posted_tables.SALES_SHIPMENT_HEADER,
    f"""
    number = No ro
    externalDocumentNumber = External_Document_No
    invoiceDate = Document_Date
    postingDate = Posting_Date
    dueDate = Due_Date
    customerPurchaseOrderReference = Your_Reference
    {_PARTIES}
    currencyCode = $Currency_Code
    orderNumber = Order_No
    paymentTermsCode = Payment_Terms_Code
    shipmentMethodCode = Shipment_Method_Code
    salesperson = Salesperson_Code
    pricesIncludeTax = Prices_Including_VAT
    lastModifiedDateTime = #SystemModifiedAt
    phoneNumber = Sell_to_Phone_No
    email = Sell_to_E_Mail
    """,
    expansions=("salesShipmentLines[] -> salesShipmentLines No=Document_No",),
)

SALES_SHIPMENT_LINES: Final = declare_set(
    "salesShipmentLines",
    "salesShipmentLine",
    posted_tables.SALES_SHIPMENT_LINE,
    """
    documentId = #documentId ro
    documentNo = Document_No
    sequence = Line_No
    lineType = Type
    lineObjectNumber = No
    description = Description
    description2 = Description_2
    unitOfMeasureCode = Unit_of_Measure_Code
    unitPrice = Unit_Price
    quantity = Quantity
    discountPercent = Line_Discount_Percent
    taxPercent = VAT_Percent
    shipmentDate = Shipment_Date
    """,
)

ITEM_LEDGER_ENTRIES: Final = declare_set(
    "itemLedgerEntries",
    "itemLedgerEntry",
    posted_tables.ITEM_LEDGER_ENTRY,
    """
    entryNumber = Entry_No
    itemNumber = Item_No
    postingDate = Posting_Date
    entryType = Entry_Type
    sourceNumber = Source_No
    sourceType = Source_Type
    documentNumber = Document_No
    documentType = Document_Type
    description = Description
    quantity = Quantity
    salesAmountActual = Sales_Amount_Actual
    costAmountActual = Cost_Amount_Actual
    lastModifiedDateTime = #SystemModifiedAt
    """,
)

DOCUMENT_SETS: Final[tuple[PublishedSet, ...]] = (
    SALES_ORDERS,
    SALES_ORDER_LINES,
    SALES_INVOICES,
    SALES_INVOICE_LINES,
    SALES_SHIPMENTS,
    SALES_SHIPMENT_LINES,
    ITEM_LEDGER_ENTRIES,
)
