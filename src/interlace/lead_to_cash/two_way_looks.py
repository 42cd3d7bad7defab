"""What two-way orders look at besides the looks of orders that only the CRM makes."""

from typing import Final

from interlace.domain.keys import MappingName
from interlace.domain.saga import DOCUMENT, Look
from interlace.domain.side import Side
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.order_columns import (
    CRM_LINE_TABLE,
    CRM_TABLE,
    DOCUMENT_FIELDS,
    LINE_FIELDS,
    LINE_TABLE,
    ORDER_LINE_FIELDS,
)
from interlace.lead_to_cash.order_looks import ORDER_LOOKS

_PRODUCT_FIELDS: Final = ("productnumber", "statecode", "producttypecode", "defaultuomscheduleid")


def _product(name: str, mapping: MappingName) -> Look:
    return Look(
        name=name,
        side=Side.CRM,
        table="product",
        fields=_PRODUCT_FIELDS,
        start="order lines",
        start_field="No",
        partner_of=mapping,
        steady=True,
    )


def _units(name: str, start: str) -> Look:
    return Look(
        name=name,
        side=Side.CRM,
        table="uom",
        fields=("name", "quantity", "isschedulebaseuom", "uomscheduleid"),
        start=start,
        start_field="defaultuomscheduleid",
        field="uomscheduleid",
        steady=True,
    )


_GOODS_OF_LINES: Final = (
    _product("line item", mapping_names.ITEM_PRODUCT),
    _product("line resource", mapping_names.RESOURCE_PRODUCT),
    _units("line units of items", "line item"),
    _units("line units of resources", "line resource"),
    Look(
        name="line unit groups",
        side=Side.CRM,
        table="uomschedule",
        fields=("name",),
        start="order lines",
        start_field="Unit_of_Measure_Code",
        partner_of=mapping_names.UNIT_OF_MEASURE,
        steady=True,
    ),
)

TWO_WAY_LOOKS: Final[tuple[Look, ...]] = (
    *ORDER_LOOKS,
    Look(
        name="shipped lines",
        side=Side.ERP,
        table="Sales_Shipment_Line",
        fields=("Document_No", "Line_No", "Order_Line_No", "Quantity"),
        start="shipments",
        field="Document_No",
    ),
    *_GOODS_OF_LINES,
)

_SET_UP: Final = frozenset({"erp currency", "ledger setup", "sales setup", "countries", "organization"})

RELEASED_ORDER_LOOKS: Final[tuple[Look, ...]] = (
    Look(
        name="order lines",
        side=Side.ERP,
        table=LINE_TABLE,
        fields=ORDER_LINE_FIELDS,
        start_field="No",
        field="Document_No",
    ),
    Look(
        name="coupled order",
        side=Side.CRM,
        table=CRM_TABLE,
        fields=("ordernumber",),
        partner_of=mapping_names.SALESORDER_ORDER,
    ),
    Look(
        name="crm order",
        side=Side.CRM,
        table=CRM_TABLE,
        fields=DOCUMENT_FIELDS,
        start=DOCUMENT,
        field="ilc_erpkey",
        lookup_targets=(("ownerid", "systemuser"),),
    ),
    Look(
        name="lines",
        side=Side.CRM,
        table=CRM_LINE_TABLE,
        fields=LINE_FIELDS,
        start="crm order",
        field="salesorderid",
    ),
    Look(
        name="account",
        side=Side.CRM,
        table="account",
        fields=("name",),
        start_field="Sell_to_Customer_No",
        partner_of=mapping_names.CUSTOMER,
        steady=True,
    ),
    Look(
        name="owner",
        side=Side.CRM,
        table="systemuser",
        fields=("fullname",),
        start_field="Salesperson_Code",
        partner_of=mapping_names.SALESPEOPLE,
        steady=True,
    ),
    Look(
        name="currency",
        side=Side.CRM,
        table="transactioncurrency",
        fields=("isocurrencycode", "currencyprecision"),
        whole_table=True,
    ),
    Look(
        name="price list",
        side=Side.CRM,
        table="pricelevel",
        fields=("name", "statecode", "transactioncurrencyid"),
        whole_table=True,
    ),
    *(look for look in ORDER_LOOKS if look.name in _SET_UP),
    *_GOODS_OF_LINES,
)
