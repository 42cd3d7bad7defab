"""What is looked at to decide an order's next step: the CRM order, what it names, and what the ERP has of it.

The order of the looks counts: an order that is posted goes, and its invoices come, so orders are looked for first.
"""

from typing import Final

from interlace.domain.saga import DOCUMENT, SETTINGS, Look
from interlace.domain.side import Side
from interlace.lead_to_cash import mapping_names

HEADER_TABLE: Final = "Sales_Header"
LINE_TABLE: Final = "Sales_Line"
CRM_TABLE: Final = "salesorder"
NOTE_TABLE: Final = "annotation"
MARK_FIELD: Final = "External_Document_No"

ADDRESS_PARTS: Final = ("line1", "line2", "line3", "city", "stateorprovince", "postalcode", "country")

DOCUMENT_FIELDS: Final = (
    "ordernumber",
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
_LINE_FIELDS: Final = (
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
)
_ORDER_LINE_FIELDS: Final = (
    "Document_No",
    "Line_No",
    "Type",
    "No",
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
_CUSTOMER_FIELDS: Final = ("No", "Name", "Blocked", "Bill_to_Customer_No", "Credit_Limit_LCY")
_INVOICE_FIELDS: Final = (
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
_PRODUCT_FIELDS: Final = ("productnumber", "name", "statecode", "producttypecode")
_ITEM_FIELDS: Final = (
    "No",
    "Description",
    "Blocked",
    "Sales_Blocked",
    "Base_Unit_of_Measure",
    "Allow_Invoice_Disc",
)
_RESOURCE_FIELDS: Final = ("No", "Name", "Blocked", "Base_Unit_of_Measure")
WRITE_IN_NUMBER: Final = "write_in_product_number"


def _crm(name: str, table: str, fields: tuple[str, ...], start_field: str, start: str = DOCUMENT) -> Look:
    return Look(
        name=name,
        side=Side.CRM,
        table=table,
        fields=fields,
        start=start,
        start_field=start_field,
        steady=True,
    )


def _customer_looks(start: str, prefix: str = "") -> tuple[Look, ...]:
    """The customer of an account, who pays for it, and what both owe."""
    customer = f"{prefix}customer"
    statistics = ("No", "Total_LCY")
    return (
        Look(
            name=customer,
            side=Side.ERP,
            table="Customer",
            fields=_CUSTOMER_FIELDS,
            start=start,
            start_field="accountid",
            partner_of=mapping_names.CUSTOMER,
            steady=True,
        ),
        Look(
            name=f"{prefix}payer",
            side=Side.ERP,
            table="Customer",
            fields=_CUSTOMER_FIELDS,
            start=customer,
            start_field="Bill_to_Customer_No",
            steady=True,
        ),
        Look(
            name=f"{prefix}owed",
            side=Side.ERP,
            table="Customer_Statistics",
            fields=statistics,
            start=customer,
        ),
        Look(
            name=f"{prefix}owed by payer",
            side=Side.ERP,
            table="Customer_Statistics",
            fields=statistics,
            start=customer,
            start_field="Bill_to_Customer_No",
        ),
    )


_ERP_ORDER: Final = (
    Look(
        name="order",
        side=Side.ERP,
        table=HEADER_TABLE,
        fields=ORDER_FIELDS,
        partner_of=mapping_names.SALESORDER_ORDER,
    ),
    Look(
        name="marked orders",
        side=Side.ERP,
        table=HEADER_TABLE,
        fields=ORDER_FIELDS,
        field=MARK_FIELD,
        mark=True,
    ),
    Look(
        name="named order", side=Side.ERP, table=HEADER_TABLE, fields=ORDER_FIELDS, start_field="ilc_erpkey"
    ),
    Look(
        name="order lines",
        side=Side.ERP,
        table=LINE_TABLE,
        fields=_ORDER_LINE_FIELDS,
        start="order",
        start_field="No",
        field="Document_No",
    ),
    Look(
        name="shipments",
        side=Side.ERP,
        table="Sales_Shipment_Header",
        fields=("No", "Order_No", "Posting_Date"),
        partner_of=mapping_names.SALESORDER_ORDER,
        key_part=1,
        field="Order_No",
    ),
    Look(
        name="invoices",
        side=Side.ERP,
        table="Sales_Invoice_Header",
        fields=_INVOICE_FIELDS,
        partner_of=mapping_names.SALESORDER_ORDER,
        key_part=1,
        field="Order_No",
    ),
    Look(
        name="marked invoices",
        side=Side.ERP,
        table="Sales_Invoice_Header",
        fields=_INVOICE_FIELDS,
        field=MARK_FIELD,
        mark=True,
    ),
    Look(
        name="named invoices",
        side=Side.ERP,
        table="Sales_Invoice_Header",
        fields=_INVOICE_FIELDS,
        start_field="ilc_erpkey",
        key_part=1,
        field="Order_No",
    ),
    Look(
        name="owner",
        side=Side.CRM,
        table="systemuser",
        fields=("fullname",),
        start="order",
        start_field="Salesperson_Code",
        partner_of=mapping_names.SALESPEOPLE,
    ),
    Look(
        name="same number",
        side=Side.CRM,
        table=CRM_TABLE,
        fields=("ordernumber",),
        start="order",
        start_field="No",
        field="ordernumber",
    ),
)

_NAMED_BY_THE_ORDER: Final = (
    Look(name="lines", side=Side.CRM, table="salesorderdetail", fields=_LINE_FIELDS, field="salesorderid"),
    Look(name="notes", side=Side.CRM, table=NOTE_TABLE, fields=("subject",), field="objectid"),
    _crm(
        "currency", "transactioncurrency", ("isocurrencycode", "currencyprecision"), "transactioncurrencyid"
    ),
    _crm("price list", "pricelevel", ("name", "statecode"), "pricelevelid"),
    _crm("account", "account", ("name",), "accountid"),
    _crm("contact", "contact", ("fullname", "accountid"), "contactid"),
    _crm("product", "product", _PRODUCT_FIELDS, "productid", start="lines"),
    _crm("unit", "uom", ("name", "quantity", "isschedulebaseuom", "uomscheduleid"), "uomid", start="lines"),
)


def _whole(name: str, side: Side, table: str, *fields: str) -> Look:
    return Look(name=name, side=side, table=table, fields=fields, whole_table=True)


_PARTNERS: Final = (
    *_customer_looks(DOCUMENT),
    *_customer_looks("contact", "contact's "),
    Look(
        name="item",
        side=Side.ERP,
        table="Item",
        fields=_ITEM_FIELDS,
        start="lines",
        start_field="productid",
        partner_of=mapping_names.ITEM_PRODUCT,
        steady=True,
    ),
    Look(
        name="resource",
        side=Side.ERP,
        table="Resource",
        fields=_RESOURCE_FIELDS,
        start="lines",
        start_field="productid",
        partner_of=mapping_names.RESOURCE_PRODUCT,
        steady=True,
    ),
    Look(
        name="item units",
        side=Side.ERP,
        table="Item_Unit_of_Measure",
        fields=("Item_No", "Code", "Qty_per_Unit_of_Measure"),
        start="item",
        field="Item_No",
        steady=True,
    ),
    Look(
        name="erp unit",
        side=Side.ERP,
        table="Unit_of_Measure",
        fields=("Code",),
        start="unit",
        start_field="uomscheduleid",
        partner_of=mapping_names.UNIT_OF_MEASURE,
        steady=True,
    ),
    Look(
        name="salesperson",
        side=Side.ERP,
        table="Salesperson_Purchaser",
        fields=("Code", "Name", "Blocked"),
        start_field="ownerid",
        partner_of=mapping_names.SALESPEOPLE,
        steady=True,
    ),
    # Whole, as its rates are read anew only with the table; there are few currencies.
    _whole(
        "erp currency",
        Side.ERP,
        "Currency",
        "Code",
        "Amount_Rounding_Precision",
        "Unit_Amount_Rounding_Precision",
        "Exchange_Rate",
    ),
    Look(
        name="payment terms",
        side=Side.ERP,
        table="Payment_Terms",
        fields=("Code",),
        start_field="paymenttermscode",
        partner_of=mapping_names.PAYMENT_TERMS,
        steady=True,
    ),
    Look(
        name="shipment method",
        side=Side.ERP,
        table="Shipment_Method",
        fields=("Code",),
        start_field="freighttermscode",
        partner_of=mapping_names.SHIPMENT_METHOD,
        steady=True,
    ),
    Look(
        name="shipping agent",
        side=Side.ERP,
        table="Shipping_Agent",
        fields=("Code",),
        start_field="shippingmethodcode",
        partner_of=mapping_names.SHIPPING_AGENT,
        steady=True,
    ),
)


def _write_in(name: str, table: str, fields: tuple[str, ...]) -> Look:
    return Look(
        name=name,
        side=Side.ERP,
        table=table,
        fields=fields,
        start=SETTINGS,
        start_field=WRITE_IN_NUMBER,
        steady=True,
    )


_SET_UP: Final = (
    _whole(
        "ledger setup",
        Side.ERP,
        "General_Ledger_Setup",
        "LCY_Code",
        "Amount_Rounding_Precision",
        "Unit_Amount_Rounding_Precision",
    ),
    _whole("sales setup", Side.ERP, "Sales_Receivables_Setup", "Freight_G_L_Acc_No"),
    _whole("countries", Side.ERP, "Country_Region", "Code", "Name", "ISO_Code"),
    _whole("organization", Side.CRM, "organization", "issopintegrationenabled"),
    Look(
        name="freight account",
        side=Side.ERP,
        table="G_L_Account",
        fields=("No", "Name", "Blocked", "Direct_Posting"),
        start="sales setup",
        start_field="Freight_G_L_Acc_No",
        steady=True,
    ),
    _write_in("write-in item", "Item", _ITEM_FIELDS),
    _write_in("write-in resource", "Resource", _RESOURCE_FIELDS),
    Look(
        name="write-in item's product",
        side=Side.CRM,
        table="product",
        fields=("productnumber",),
        start=SETTINGS,
        start_field=WRITE_IN_NUMBER,
        partner_of=mapping_names.ITEM_PRODUCT,
        steady=True,
    ),
    Look(
        name="write-in resource's product",
        side=Side.CRM,
        table="product",
        fields=("productnumber",),
        start=SETTINGS,
        start_field=WRITE_IN_NUMBER,
        partner_of=mapping_names.RESOURCE_PRODUCT,
        steady=True,
    ),
)

ORDER_LOOKS: Final[tuple[Look, ...]] = (*_ERP_ORDER, *_NAMED_BY_THE_ORDER, *_SET_UP, *_PARTNERS)
