"""Which page of the product stands behind each web service, so that a person knows what to publish."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from interlace.locale.translatable import translatable

EXTENSION_PAGE: Final = 0
"""The product has no such page, or none with these fields: the ERP extension brings it."""
OBJECT_TYPE: Final = "Page"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageObject:
    """A page as the page Web Services lists it: object type Page, its number, and the service's name."""

    service: str
    number: int
    caption: str
    part_of: str = ""
    """Service of the page whose part this one is: it appears as soon as that page is published."""

    @property
    def publishing(self) -> str:
        """Say in words what to publish."""
        if self.number == EXTENSION_PAGE:
            return translatable(
                "The product has no page for {service}: it comes with the ERP extension (extension/al), or publish a "
                "page of your own as {service}.",
                service=self.service,
            )
        page = f"{OBJECT_TYPE} {self.number} ({self.caption})"
        if self.part_of:
            return translatable(
                "On the ERP's page Web Services, {service} is a part of {whole}: publish {page} as {whole}; or let "
                "`interlace erp-services file --out FILE` do it.",
                service=self.service,
                whole=self.part_of,
                page=page,
            )
        return translatable(
            "On the ERP's page Web Services, publish {page} as {service}; or let `interlace erp-services file --out "
            "FILE` do it.",
            page=page,
            service=self.service,
        )


def _pages(text: str) -> dict[str, PageObject]:
    pages = {}
    for line in text.strip().splitlines():
        service, number, caption = line.strip().split(" ", 2)
        part_of, _, name = service.rpartition("/")
        pages[name] = PageObject(service=name, number=int(number), caption=caption, part_of=part_of)
    return pages


PAGE_OBJECTS: Final[Mapping[str, PageObject]] = _pages(
    """
    CustomerCard 21 Customer Card
    CustomerStatistics 151 Customer Statistics
    ContactCard 5050 Contact Card
    ContactBusinessRelations 5061 Contact Business Relations
    ItemCard 30 Item Card
    ItemVariants 5401 Item Variants
    ItemUnitsOfMeasure 5404 Item Units of Measure
    ResourceCard 76 Resource Card
    UnitsOfMeasure 209 Units of Measure
    Currencies 5 Currencies
    CurrencyExchangeRates 483 Currency Exchange Rates
    SalespersonCard 5116 Salesperson/Purchaser Card
    CustomerPriceGroups 7 Customer Price Groups
    SalesPrices 7002 Sales Prices
    PaymentTerms 4 Payment Terms
    ShipmentMethods 11 Shipment Methods
    ShippingAgents 428 Shipping Agents
    CountriesRegions 10 Countries/Regions
    GeneralLedgerSetup 118 General Ledger Setup
    OpportunityCard 5124 Opportunity Card
    SalesOrder 42 Sales Order
    SalesOrder/SalesOrderSalesLines 42 Sales Order
    SalesCommentLines 67 Sales Comment Sheet
    PostedSalesShipments 142 Posted Sales Shipments
    PostedSalesShipment/PostedSalesShipmentSalesShptLines 130 Posted Sales Shipment
    PostedSalesInvoice 132 Posted Sales Invoice
    PostedSalesInvoice/PostedSalesInvoiceSalesInvLines 132 Posted Sales Invoice
    PostedSalesCreditMemo 134 Posted Sales Credit Memo
    SalesReceivablesSetup 459 Sales & Receivables Setup
    PurchasesPayablesSetup 460 Purchases & Payables Setup
    InventorySetup 461 Inventory Setup
    ResourcesSetup 462 Resources Setup
    MarketingSetup 5094 Marketing Setup
    NoSeries 456 No. Series
    ChartOfAccounts 16 Chart of Accounts
    VATPostingSetup 472 VAT Posting Setup
    ItemLedgerEntries 38 Item Ledger Entries
    CustomerLedgerEntries 25 Customer Ledger Entries
    VendorList 27 Vendor List
    CRMIntegrationRecords 0 CRM Integration Records
    ProductItemAvailability 0 Product Item Availability
    EpochMarkers 0 Epoch Markers
    """
)


def publishing_of(service: str) -> str:
    """Say in words how a service comes to be published."""
    page = PAGE_OBJECTS.get(service) or PageObject(service=service, number=EXTENSION_PAGE, caption=service)
    return page.publishing
