"""The published page web services: which table each shows, under which name, and what may be done there.

A page shows every field of its table in the table's order. Parts are sub-pages reached through their header.
"""

from collections.abc import Mapping
from typing import Final

from interlace.sandbox.erp.set_declaration import Expansion, PublishedProperty, PublishedSet, SourceKind
from interlace.sandbox.erp.tables import TABLES

# The page 42 shows orders only, though its table holds every kind of document.
_ORDERS_ONLY: Final = {"Document_Type": "Order"}


def _page(name: str, table: str, rights: str = "CUD", part: Expansion | None = None) -> PublishedSet:
    declared = TABLES[table]
    return PublishedSet(
        name=name,
        entity=name,
        table=declared,
        properties=tuple(
            PublishedProperty(
                name=field.name,
                kind=SourceKind.FIELD,
                source=field.name,
                type=field.type,
                length=field.length,
                option=field.option,
                relation=field.relation,
                read_only=field.read_only,
            )
            for field in declared.fields
        ),
        insert="C" in rights,
        modify="U" in rights,
        delete="D" in rights,
        fixed=_ORDERS_ONLY if table in {"Sales_Header", "Sales_Line"} else {},
        expansions=(part,) if part is not None else (),
        is_page=True,
    )


def _part(service: str, *links: tuple[str, str]) -> Expansion:
    return Expansion(name=service, target=service, links=links, many=True)


_ORDER_LINES = _part("SalesOrderSalesLines", ("Document_Type", "Document_Type"), ("No", "Document_No"))
_INVOICE_LINES = _part("PostedSalesInvoiceSalesInvLines", ("No", "Document_No"))
_SHIPMENT_LINES = _part("PostedSalesShipmentSalesShptLines", ("No", "Document_No"))

_PAGES = (
    _page("CustomerCard", "Customer"),
    _page("CustomerList", "Customer", "---"),
    _page("ContactCard", "Contact"),
    _page("ContactBusinessRelations", "Contact_Business_Relation"),
    _page("ItemCard", "Item"),
    _page("ItemList", "Item", "---"),
    _page("ItemVariants", "Item_Variant"),
    _page("ItemUnitsOfMeasure", "Item_Unit_of_Measure"),
    _page("ResourceCard", "Resource"),
    _page("UnitsOfMeasure", "Unit_of_Measure"),
    _page("Currencies", "Currency"),
    _page("CurrencyExchangeRates", "Currency_Exchange_Rate"),
    _page("SalespersonCard", "Salesperson_Purchaser"),
    _page("CustomerPriceGroups", "Customer_Price_Group"),
    _page("SalesPrices", "Sales_Price"),
    _page("PaymentTerms", "Payment_Terms"),
    _page("ShipmentMethods", "Shipment_Method"),
    _page("ShippingAgents", "Shipping_Agent"),
    _page("PaymentMethods", "Payment_Method"),
    _page("ItemCategories", "Item_Category"),
    _page("CountriesRegions", "Country_Region"),
    _page("GeneralLedgerSetup", "General_Ledger_Setup", "-U-"),
    _page("OpportunityCard", "Opportunity"),
    _page("SalesOrder", "Sales_Header", part=_ORDER_LINES),
    _page("SalesOrderSalesLines", "Sales_Line"),
    _page("PostedSalesShipments", "Sales_Shipment_Header", "---", _SHIPMENT_LINES),
    _page("PostedSalesShipmentSalesShptLines", "Sales_Shipment_Line", "---"),
    _page("PostedSalesInvoice", "Sales_Invoice_Header", "---", _INVOICE_LINES),
    _page("PostedSalesInvoiceSalesInvLines", "Sales_Invoice_Line", "---"),
    _page("ItemLedgerEntries", "Item_Ledger_Entry", "---"),
    _page("CustomerLedgerEntries", "Cust_Ledger_Entry", "---"),
    _page("VendorList", "Vendor"),
    _page("EpochMarkers", "Epoch_Marker"),
    _page("NoSeries", "No_Series"),
    _page("SalesReceivablesSetup", "Sales_Receivables_Setup", "-U-"),
    _page("PurchasesPayablesSetup", "Purchases_Payables_Setup", "-U-"),
    _page("MarketingSetup", "Marketing_Setup", "-U-"),
    _page("InventorySetup", "Inventory_Setup", "-U-"),
    _page("ResourcesSetup", "Resources_Setup", "-U-"),
)

PAGE_SERVICES: Final[Mapping[str, PublishedSet]] = {page.name: page for page in _PAGES}
