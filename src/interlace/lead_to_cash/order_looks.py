"""What is looked at to decide an order's next step: the CRM order, what it names, and what the ERP has of it.

The order of the looks counts: an order that is posted goes, and its invoices come, so orders are looked for first.
"""

from typing import Final

from interlace.domain.saga import DOCUMENT, SETTINGS, Look, OnlyWith
from interlace.domain.side import Side
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.order_columns import (
    COMMENT_FIELDS,
    COMMENT_TABLE,
    CRM_TABLE,
    CUSTOMER_FIELDS,
    HEADER_TABLE,
    INVOICE_FIELDS,
    INVOICE_LINE_FIELDS,
    ITEM_FIELDS,
    LINE_FIELDS,
    LINE_TABLE,
    MARK_FIELD,
    NOTE_FIELDS,
    NOTE_TABLE,
    ORDER_FIELDS,
    ORDER_LINE_FIELDS,
    PRODUCT_FIELDS,
    RESOURCE_FIELDS,
    WRITE_IN_NUMBER,
)
from interlace.lead_to_cash.order_comments import COMMENTS, is_of_people
from interlace.lead_to_cash.order_terms import TERM_LOOKS


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
            fields=CUSTOMER_FIELDS,
            start=start,
            start_field="accountid",
            partner_of=mapping_names.CUSTOMER,
            steady=True,
        ),
        Look(
            name=f"{prefix}payer",
            side=Side.ERP,
            table="Customer",
            fields=CUSTOMER_FIELDS,
            start=customer,
            start_field="Bill_to_Customer_No",
            steady=True,
        ),
        Look(
            name=f"{prefix}owed",
            until_coupled=True,
            side=Side.ERP,
            table="Customer_Statistics",
            fields=statistics,
            start=customer,
        ),
        Look(
            name=f"{prefix}owed by payer",
            until_coupled=True,
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
        name="named order",
        side=Side.ERP,
        table=HEADER_TABLE,
        fields=ORDER_FIELDS,
        start_field="ilc_erpkey",
        until_coupled=True,
    ),
    Look(
        name="order lines",
        side=Side.ERP,
        table=LINE_TABLE,
        fields=ORDER_LINE_FIELDS,
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
        fields=INVOICE_FIELDS,
        partner_of=mapping_names.SALESORDER_ORDER,
        key_part=1,
        field="Order_No",
    ),
    Look(
        name="marked invoices",
        side=Side.ERP,
        table="Sales_Invoice_Header",
        fields=INVOICE_FIELDS,
        field=MARK_FIELD,
        mark=True,
    ),
    Look(
        name="named invoices",
        until_coupled=True,
        side=Side.ERP,
        table="Sales_Invoice_Header",
        fields=INVOICE_FIELDS,
        start_field="ilc_erpkey",
        key_part=1,
        field="Order_No",
    ),
    Look(
        name="invoice lines",
        side=Side.ERP,
        table="Sales_Invoice_Line",
        fields=INVOICE_LINE_FIELDS,
        start="invoices",
        field="Document_No",
        # They only say why amounts differ.
        may_lack=True,
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
    Look(name="lines", side=Side.CRM, table="salesorderdetail", fields=LINE_FIELDS, field="salesorderid"),
    Look(name="notes", side=Side.CRM, table=NOTE_TABLE, fields=NOTE_FIELDS, field="objectid"),
    Look(
        name=COMMENTS,
        side=Side.ERP,
        table=COMMENT_TABLE,
        fields=COMMENT_FIELDS,
        start="order",
        start_field="No",
        field="No",
        only_with=OnlyWith(look="notes", holds=is_of_people),
        may_lack=True,
    ),
    _crm(
        "currency", "transactioncurrency", ("isocurrencycode", "currencyprecision"), "transactioncurrencyid"
    ),
    _crm("price list", "pricelevel", ("name", "statecode"), "pricelevelid"),
    _crm("account", "account", ("name",), "accountid"),
    _crm("contact", "contact", ("fullname", "accountid"), "contactid"),
    _crm("product", "product", PRODUCT_FIELDS, "productid", start="lines"),
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
        fields=ITEM_FIELDS,
        start="lines",
        start_field="productid",
        partner_of=mapping_names.ITEM_PRODUCT,
        steady=True,
    ),
    Look(
        name="resource",
        side=Side.ERP,
        table="Resource",
        fields=RESOURCE_FIELDS,
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
    _whole("organization", Side.CRM, "organization", "issopintegrationenabled", "pricingdecimalprecision"),
    Look(
        name="freight account",
        side=Side.ERP,
        table="G_L_Account",
        fields=("No", "Name", "Blocked", "Direct_Posting"),
        start="sales setup",
        start_field="Freight_G_L_Acc_No",
        steady=True,
    ),
    _write_in("write-in item", "Item", ITEM_FIELDS),
    _write_in("write-in resource", "Resource", RESOURCE_FIELDS),
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

ORDER_LOOKS: Final[tuple[Look, ...]] = (
    *_ERP_ORDER,
    *_NAMED_BY_THE_ORDER,
    *_SET_UP,
    *_PARTNERS,
    *TERM_LOOKS,
)
