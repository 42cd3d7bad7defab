"""The API v2.0 sets over sales documents and ledgers. Notation: see `set_declaration`."""

from typing import Final

from interlace.sandbox.erp import document_tables as tables
from interlace.sandbox.erp import posted_tables
from interlace.sandbox.erp.document_properties import DOCUMENT_LINKS, LINE, PARTIES, TOTALS
from interlace.sandbox.erp.payment_sets import PAYMENT_SETS
from interlace.sandbox.erp.sales_document_sets import CREDIT_MEMO_SETS, INVOICE_SETS, QUOTE_SETS
from interlace.sandbox.erp.set_declaration import PublishedSet, declare_set

SALES_ORDERS: Final = declare_set(
    "salesOrders",
    "salesOrder",
    tables.SALES_HEADER,
    f"""
    number = No ro
    externalDocumentNumber = External_Document_No
    orderDate = Document_Date
    postingDate = Posting_Date
    {PARTIES}
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
    {TOTALS}
    fullyShipped = Completely_Shipped
    status = #orderStatus
    lastModifiedDateTime = #SystemModifiedAt
    phoneNumber = Sell_to_Phone_No
    email = Sell_to_E_Mail
    """,
    rights="CUD",
    fixed={"Document_Type": "Order"},
    needed=(("customerId", "customerNumber"),),
    expansions=("salesOrderLines[] -> salesOrderLines No=Document_No", *DOCUMENT_LINKS),
    webhooks=True,
)

SALES_ORDER_LINES: Final = declare_set(
    "salesOrderLines",
    "salesOrderLine",
    tables.SALES_LINE,
    f"""
    {LINE}
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
    {PARTIES}
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
    *QUOTE_SETS,
    *INVOICE_SETS,
    *CREDIT_MEMO_SETS,
    SALES_SHIPMENTS,
    SALES_SHIPMENT_LINES,
    ITEM_LEDGER_ENTRIES,
    *PAYMENT_SETS,
)
