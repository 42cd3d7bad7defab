"""Which page service shows which ERP table, what identifies a record, and which API set stamps changes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StampFeed:
    """A set of API v2.0 whose `lastModifiedDateTime` tells that records of a table may have changed."""

    api_set: str
    key_fields: tuple[str, ...]
    """Properties that make the table's key."""
    only_for_fields: tuple[str, ...] = ()
    """The feed matters only to views with one of these fields; none: to every view."""
    rising_field: str | None = None
    """Number that each new record of an append-only set raises; read instead of the stamp."""
    of_field: str | None = None
    """The feed tells values of this field, by which the records are looked up, in place of their keys."""
    of_extension: bool = False
    """The set is one of the ERP extension's API."""
    silent_fields: tuple[str, ...] = ()
    """Computed fields whose changes move no stamp: a view with one of them is compared whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTable:
    """An ERP table as page web services and the API publish it."""

    name: str
    service: str
    key: tuple[str, ...]
    search_field: str
    """Key field by which records are looked up: alternatives are only allowed of one field."""
    feeds: tuple[StampFeed, ...] = ()


def _table(
    name: str, service: str, key: str, *feeds: StampFeed, search_field: str | None = None
) -> PublishedTable:
    fields = tuple(key.split())
    return PublishedTable(
        name=name, service=service, key=fields, search_field=search_field or fields[0], feeds=feeds
    )


def _stamps(api_set: str, key: str) -> StampFeed:
    return StampFeed(api_set=api_set, key_fields=tuple(key.split()))


_STOCK = StampFeed(
    api_set="itemLedgerEntries",
    key_fields=("itemNumber",),
    only_for_fields=("Inventory",),
    rising_field="entryNumber",
)

PUBLISHED_TABLES: tuple[PublishedTable, ...] = (
    _table("Customer", "CustomerCard", "No", _stamps("customers", "number")),
    _table("Customer_Statistics", "CustomerStatistics", "No"),
    _table("Contact", "ContactCard", "No", _stamps("contacts", "number")),
    _table("Contact_Business_Relation", "ContactBusinessRelations", "Contact_No Business_Relation_Code"),
    _table("Item", "ItemCard", "No", _stamps("items", "number"), _STOCK),
    _table("Item_Variant", "ItemVariants", "Item_No Code", _stamps("itemVariants", "itemNumber code")),
    _table("Item_Unit_of_Measure", "ItemUnitsOfMeasure", "Item_No Code"),
    _table("Resource", "ResourceCard", "No"),
    _table("Unit_of_Measure", "UnitsOfMeasure", "Code", _stamps("unitsOfMeasure", "code")),
    _table("Currency", "Currencies", "Code", _stamps("currencies", "code")),
    _table("Currency_Exchange_Rate", "CurrencyExchangeRates", "Currency_Code Starting_Date"),
    _table("Salesperson_Purchaser", "SalespersonCard", "Code", _stamps("salespeoplePurchasers", "code")),
    _table("Customer_Price_Group", "CustomerPriceGroups", "Code"),
    _table(
        "Sales_Price",
        "SalesPrices",
        "Item_No Sales_Type Sales_Code Starting_Date Currency_Code Variant_Code Unit_of_Measure_Code"
        " Minimum_Quantity",
    ),
    _table("Payment_Terms", "PaymentTerms", "Code", _stamps("paymentTerms", "code")),
    _table("Shipment_Method", "ShipmentMethods", "Code", _stamps("shipmentMethods", "code")),
    _table("Shipping_Agent", "ShippingAgents", "Code"),
    _table("Country_Region", "CountriesRegions", "Code", _stamps("countriesRegions", "code")),
    _table("General_Ledger_Setup", "GeneralLedgerSetup", "Primary_Key"),
    _table("Opportunity", "OpportunityCard", "No", _stamps("opportunities", "number")),
    _table("Sales_Header", "SalesOrder", "Document_Type No", search_field="No"),
    _table(
        "Sales_Line", "SalesOrderSalesLines", "Document_Type Document_No Line_No", search_field="Document_No"
    ),
    _table(
        "Sales_Comment_Line",
        "SalesCommentLines",
        "Document_Type No Document_Line_No Line_No",
        search_field="No",
    ),
    _table("CRM_Integration_Record", "CRMIntegrationRecords", "CRM_ID"),
    _table("Product_Item_Availability", "ProductItemAvailability", "CRM_ID"),
    _table("Sales_Shipment_Header", "PostedSalesShipments", "No", _stamps("salesShipments", "number")),
    _table("Sales_Invoice_Header", "PostedSalesInvoice", "No", _stamps("salesInvoices", "number")),
    _table(
        "Sales_Invoice_Line",
        "PostedSalesInvoiceSalesInvLines",
        "Document_No Line_No",
        StampFeed(api_set="salesInvoices", key_fields=("number",), of_field="Document_No"),
        search_field="Document_No",
    ),
    _table(
        "Sales_Shipment_Line",
        "PostedSalesShipmentSalesShptLines",
        "Document_No Line_No",
        search_field="Document_No",
    ),
    _table("Sales_Cr_Memo_Header", "PostedSalesCreditMemo", "No"),
    _table("Customer_Statistics", "CustomerStatistics", "No"),
    _table("Sales_Receivables_Setup", "SalesReceivablesSetup", "Primary_Key"),
    _table("Marketing_Setup", "MarketingSetup", "Primary_Key"),
    _table("Inventory_Setup", "InventorySetup", "Primary_Key"),
    _table("Resources_Setup", "ResourcesSetup", "Primary_Key"),
    _table("Purchases_Payables_Setup", "PurchasesPayablesSetup", "Primary_Key"),
    _table("No_Series", "NoSeries", "Code"),
    _table("G_L_Account", "ChartOfAccounts", "No"),
    _table("VAT_Posting_Setup", "VATPostingSetup", "VAT_Bus_Posting_Group VAT_Prod_Posting_Group"),
    _table("Item_Ledger_Entry", "ItemLedgerEntries", "Entry_No", _stamps("itemLedgerEntries", "entryNumber")),
    _table("Cust_Ledger_Entry", "CustomerLedgerEntries", "Entry_No"),
    _table("Vendor", "VendorList", "No", _stamps("vendors", "number")),
    _table("Epoch_Marker", "EpochMarkers", "Code"),
)
