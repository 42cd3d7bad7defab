"""The published page web services: which table each shows, under which name, and what may be done there.

A page shows every field of its table in the table's order. Parts are sub-pages reached through their header.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from interlace.sandbox.erp.declaration import Value
from interlace.sandbox.erp.flow_fields import STATISTICS_FIELDS
from interlace.sandbox.erp.set_declaration import Expansion, PublishedProperty, PublishedSet, SourceKind
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.erp.user_tables import HIDDEN_USER_FIELDS, ITEM_TABLE_ID

_STATISTICS: Final = (
    "No",
    "Name",
    "Currency_Code",
    "Credit_Limit_LCY",
    "Balance_LCY",
    "Balance_Due_LCY",
    "Sales_LCY",
    *sorted(STATISTICS_FIELDS),
)

_USER: Final = tuple(field.name for field in TABLES["User"].fields if field.name not in HIDDEN_USER_FIELDS)
_COUPLING: Final = tuple(field.name for field in TABLES["CRM_Integration_Record"].stored_fields)
_SPELLED: Final = {("ProductItemAvailability", "Item_No"): "ItemNo"}
"""How a page names a field, where it doesn't take the table's name."""
_AVAILABILITY: Final = (
    "CRM_ID",
    "Integration_ID",
    "Table_ID",
    "Item_No",
    "UOM",
    "Inventory",
    "Projected_Available_Balance",
)


def _page(
    name: str,
    table: str,
    rights: str = "CUD",
    part: Expansion | None = None,
    *,
    kind: str = "",
    shown: Sequence[str] = (),
    fixed: Mapping[str, Value] | None = None,
) -> PublishedSet:
    """Declare a page; `kind` is the only document type that it shows, `shown` what it shows of the table."""
    declared = TABLES[table]
    fields = [
        field
        for field in declared.fields
        if (field.name in shown if shown else field.name not in STATISTICS_FIELDS)
    ]
    return PublishedSet(
        name=name,
        entity=name,
        table=declared,
        properties=tuple(
            PublishedProperty(
                name=_SPELLED.get((name, field.name), field.name),
                kind=SourceKind.FIELD,
                source=field.name,
                type=field.type,
                length=field.length,
                option=field.option,
                relation=field.relation,
                read_only=field.read_only,
            )
            for field in fields
        ),
        insert="C" in rights,
        modify="U" in rights,
        delete="D" in rights,
        fixed={"Document_Type": kind} if kind else fixed or {},
        expansions=(part,) if part is not None else (),
        is_page=True,
    )


def _part(service: str, *links: tuple[str, str]) -> Expansion:
    return Expansion(name=service, target=service, links=links, many=True)


def _document_pages(name: str, part: str, kind: str) -> tuple[PublishedSet, PublishedSet]:
    """A document page shows one kind of the documents in its table; its lines are a part of it."""
    lines = _part(part, ("Document_Type", "Document_Type"), ("No", "Document_No"))
    return (
        _page(name, "Sales_Header", part=lines, kind=kind),
        _page(part, "Sales_Line", kind=kind),
    )


_INVOICE_LINES = _part("PostedSalesInvoiceSalesInvLines", ("No", "Document_No"))
_CR_MEMO_LINES = _part("PostedSalesCreditMemoSalesCrMemoLines", ("No", "Document_No"))
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
    *_document_pages("SalesOrder", "SalesOrderSalesLines", "Order"),
    *_document_pages("SalesQuote", "SalesQuoteSalesLines", "Quote"),
    *_document_pages("SalesInvoice", "SalesInvoiceSalesLines", "Invoice"),
    *_document_pages("SalesCreditMemo", "SalesCreditMemoSalesLines", "Credit Memo"),
    _page("SalesCommentLines", "Sales_Comment_Line"),
    _page("PostedSalesShipments", "Sales_Shipment_Header", "---", _SHIPMENT_LINES),
    _page("PostedSalesShipmentSalesShptLines", "Sales_Shipment_Line", "---"),
    _page("PostedSalesInvoice", "Sales_Invoice_Header", "---", _INVOICE_LINES),
    _page("PostedSalesInvoiceSalesInvLines", "Sales_Invoice_Line", "---"),
    _page("PostedSalesCreditMemo", "Sales_Cr_Memo_Header", "---", _CR_MEMO_LINES),
    _page("PostedSalesCreditMemoSalesCrMemoLines", "Sales_Cr_Memo_Line", "---"),
    _page("ItemLedgerEntries", "Item_Ledger_Entry", "---"),
    _page("CustomerLedgerEntries", "Cust_Ledger_Entry", "---"),
    _page("CustomerStatistics", "Customer", "---", shown=_STATISTICS),
    _page("SalesLineDiscounts", "Sales_Line_Discount"),
    _page("CustomerInvoiceDiscounts", "Cust_Invoice_Disc"),
    _page("VATPostingSetup", "VAT_Posting_Setup"),
    _page("ChartOfAccounts", "G_L_Account"),
    _page("CashReceiptJournalBatches", "Gen_Journal_Batch"),
    _page("CashReceiptJournal", "Gen_Journal_Line"),
    _page("VendorList", "Vendor"),
    _page("EpochMarkers", "Epoch_Marker"),
    _page("Users", "User", shown=_USER),
    _page("CRMIntegrationRecords", "CRM_Integration_Record", shown=_COUPLING),
    _page(
        "ProductItemAvailability",
        "CRM_Integration_Record",
        "---",
        shown=_AVAILABILITY,
        fixed={"Table_ID": ITEM_TABLE_ID},
    ),
    _page("EffectivePermissions", "Effective_Permission", "---"),
    _page("NoSeries", "No_Series"),
    _page("SalesReceivablesSetup", "Sales_Receivables_Setup", "-U-"),
    _page("PurchasesPayablesSetup", "Purchases_Payables_Setup", "-U-"),
    _page("MarketingSetup", "Marketing_Setup", "-U-"),
    _page("InventorySetup", "Inventory_Setup", "-U-"),
    _page("ResourcesSetup", "Resources_Setup", "-U-"),
)

PAGE_SERVICES: Final[Mapping[str, PublishedSet]] = {page.name: page for page in _PAGES}
