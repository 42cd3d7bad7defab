"""The properties that several sets of sales documents have in common. Notation: see `set_declaration`."""

from typing import Final

PARTIES: Final = """
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

TOTALS: Final = """
    discountAmount = Invoice_Discount_Amount
    discountAppliedBeforeTax = #trueValue
    totalAmountExcludingTax = Amount ro
    totalTaxAmount = #taxAmount
    totalAmountIncludingTax = Amount_Including_VAT ro
"""

DOCUMENT_LINKS: Final = (
    "customer -> customers Sell_to_Customer_No=No",
    "currency -> currencies Currency_Code=Code",
    "paymentTerm -> paymentTerms Payment_Terms_Code=Code",
    "shipmentMethod -> shipmentMethods Shipment_Method_Code=Code",
)

LINE: Final = """
    documentId = #documentId
    sequence = Line_No
    itemId = #lineItemId
    accountId = #lineAccountId
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
    invoiceDiscountAllocation = #discountAllocation
    netAmount = Amount ro
    netTaxAmount = #taxAmount
    netAmountIncludingTax = Amount_Including_VAT ro
    shipmentDate = Shipment_Date
"""
