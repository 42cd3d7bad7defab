"""The published page web services: which table each shows, under which name, and what may be done there.

A page shows every field of its table in the table's order. Parts are sub-pages reached through their header.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from interlace.sandbox.erp.declaration import Table
from interlace.sandbox.erp.tables import TABLES


@dataclass(frozen=True, kw_only=True)
class PagePart:
    """A sub-page: the service that shows the lines, and which of their fields hold the header's key fields."""

    name: str
    service: str
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PageService:
    """One published page."""

    name: str
    object_id: int
    table: Table
    insert: bool = True
    modify: bool = True
    delete: bool = True
    part: PagePart | None = None


def _page(name: str, object_id: int, table: str, rights: str = "CUD", part: PagePart | None = None) -> PageService:
    return PageService(
        name=name,
        object_id=object_id,
        table=TABLES[table],
        insert="C" in rights,
        modify="U" in rights,
        delete="D" in rights,
        part=part,
    )


_ORDER_LINES = PagePart(
    name="SalesOrderSalesLines",
    service="SalesOrderSalesLines",
    links=(("Document_Type", "Document_Type"), ("Document_No", "No")),
)
_INVOICE_LINES = PagePart(
    name="PostedSalesInvoiceSalesInvLines",
    service="PostedSalesInvoiceSalesInvLines",
    links=(("Document_No", "No"),),
)
_SHIPMENT_LINES = PagePart(
    name="PostedSalesShipmentSalesShptLines",
    service="PostedSalesShipmentSalesShptLines",
    links=(("Document_No", "No"),),
)

_PAGES = (
    _page("CustomerCard", 21, "Customer"),
    _page("CustomerList", 22, "Customer", "---"),
    _page("ContactCard", 5050, "Contact"),
    _page("ContactBusinessRelations", 5061, "Contact_Business_Relation"),
    _page("ItemCard", 30, "Item"),
    _page("ItemList", 31, "Item", "---"),
    _page("ItemVariants", 5401, "Item_Variant"),
    _page("ItemUnitsOfMeasure", 5404, "Item_Unit_of_Measure"),
    _page("ResourceCard", 76, "Resource"),
    _page("UnitsOfMeasure", 209, "Unit_of_Measure"),
    _page("Currencies", 5, "Currency"),
    _page("CurrencyExchangeRates", 483, "Currency_Exchange_Rate"),
    _page("SalespersonCard", 5116, "Salesperson_Purchaser"),
    _page("CustomerPriceGroups", 7, "Customer_Price_Group"),
    _page("SalesPrices", 7002, "Sales_Price"),
    _page("PaymentTerms", 4, "Payment_Terms"),
    _page("ShipmentMethods", 11, "Shipment_Method"),
    _page("ShippingAgents", 428, "Shipping_Agent"),
    _page("CountriesRegions", 10, "Country_Region"),
    _page("GeneralLedgerSetup", 118, "General_Ledger_Setup", "-U-"),
    _page("OpportunityCard", 5124, "Opportunity"),
    _page("SalesOrder", 42, "Sales_Header", part=_ORDER_LINES),
    _page("SalesOrderSalesLines", 46, "Sales_Line"),
    _page("PostedSalesShipments", 142, "Sales_Shipment_Header", "---", _SHIPMENT_LINES),
    _page("PostedSalesShipmentSalesShptLines", 131, "Sales_Shipment_Line", "---"),
    _page("PostedSalesInvoice", 132, "Sales_Invoice_Header", "---", _INVOICE_LINES),
    _page("PostedSalesInvoiceSalesInvLines", 133, "Sales_Invoice_Line", "---"),
    _page("ItemLedgerEntries", 38, "Item_Ledger_Entry", "---"),
    _page("CustomerLedgerEntries", 25, "Cust_Ledger_Entry", "---"),
    _page("VendorList", 27, "Vendor"),
    _page("EpochMarkers", 50_000, "Epoch_Marker"),
)

PAGE_SERVICES: Final[Mapping[str, PageService]] = {page.name: page for page in _PAGES}

# The page 42 shows orders only, though its table holds every kind of document.
FIXED_BY_PAGE: Final[Mapping[str, Mapping[str, str]]] = {
    "SalesOrder": {"Document_Type": "Order"},
    "SalesOrderSalesLines": {"Document_Type": "Order"},
}
