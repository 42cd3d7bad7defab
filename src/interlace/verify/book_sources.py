"""Which set fills which reference book."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from interlace.verify.comparable import as_text, rounded
from interlace.verify.expectation import Expectation
from interlace.verify.plain_reader import End, Row
from interlace.verify.reference_book import BookKey, BookName, BookSource, ChoiceSource, Entry, VerifyFacts

OWN_COLUMNS: Final = ("ilc_companyid", "ilc_erptable", "ilc_erpkey")
"""The columns in which a CRM record names its ERP partner."""

PRICE_GROUP_TYPE: Final = "Customer_x0020_Price_x0020_Group"
RATE_DECIMALS: Final = 10


def claimed_key(row: Row, facts: VerifyFacts, erp_table: str) -> str | None:
    """Return the key of the ERP record of our company and a table that a CRM record names, or None."""
    if as_text(row.get("ilc_erptable")) != erp_table:
        return None
    if as_text(row.get("ilc_companyid")).lower() != facts.erp_company_id.lower():
        return None
    return as_text(row.get("ilc_erpkey")) or None


def _plain(key: str, value: str, *, lower: bool = False) -> Entry:
    def entry(row: Row, _facts: VerifyFacts) -> tuple[str, str]:
        text = as_text(row.get(value))
        return as_text(row.get(key)), text.lower() if lower else text

    return entry


def _claimed(key: str, erp_table: str) -> Entry:
    def entry(row: Row, facts: VerifyFacts) -> tuple[str, str] | None:
        claimed = claimed_key(row, facts, erp_table)
        return None if claimed is None else (as_text(row.get(key)), claimed)

    return entry


def partner_book(expectation: Expectation) -> BookSource | None:
    """Return the book of the ERP's keys by the keys of an expectation's CRM records; None where they hold none."""
    key, table, natural = expectation.crm_key, expectation.erp_table, expectation.key_column
    columns = (natural,) if table is None else OWN_COLUMNS
    if not any(columns):
        return None
    entry = _plain(key, natural) if table is None else _claimed(key, table)
    return BookSource(end=End.CRM, set_name=expectation.crm_set, select=(key, *columns), entry=entry)


def _contact_in_crm(row: Row, facts: VerifyFacts) -> tuple[str, str] | None:
    claimed = claimed_key(row, facts, "Contact")
    return None if claimed is None else (claimed, "yes")


def _partner(erp_table: str, key: str) -> Entry:
    """Enter a CRM record under the key of the ERP record that it names."""

    def entry(row: Row, facts: VerifyFacts) -> tuple[str, str] | None:
        claimed = claimed_key(row, facts, erp_table)
        return None if claimed is None else (claimed, as_text(row.get(key)))

    return entry


def _flagged(key: str, flag: str) -> Entry:
    """Enter only the rows whose flag is set."""

    def entry(row: Row, _facts: VerifyFacts) -> tuple[str, str] | None:
        return (as_text(row.get(key)), "yes") if row.get(flag) is True else None

    return entry


def _customer_of_company(row: Row, _facts: VerifyFacts) -> tuple[str, str] | None:
    if as_text(row.get("Link_to_Table")) != "Customer":
        return None
    return as_text(row.get("Contact_No")), as_text(row.get("No"))


def _rate(row: Row, facts: VerifyFacts) -> tuple[str, str] | None:
    start = as_text(row.get("Starting_Date"))
    divisor = Decimal(as_text(row.get("Relational_Exch_Rate_Amount")) or 0)
    if start > facts.work_date.isoformat() or divisor == 0:
        return None
    amount = Decimal(as_text(row.get("Exchange_Rate_Amount")) or 0)
    return as_text(row.get("Currency_Code")), f"{start} {rounded(amount / divisor, RATE_DECIMALS)}"


def _base_unit(row: Row, _facts: VerifyFacts) -> tuple[str, str] | None:
    if row.get("isschedulebaseuom") is not True:
        return None
    return as_text(row.get("_uomscheduleid_value")), as_text(row.get("name"))


def _group_currency(row: Row, _facts: VerifyFacts) -> tuple[str, str] | None:
    if as_text(row.get("Sales_Type")) != PRICE_GROUP_TYPE:
        return None
    return as_text(row.get("Sales_Code")), as_text(row.get("Currency_Code"))


def _crm(set_name: str, select: tuple[str, ...], entry: Entry) -> BookSource:
    return BookSource(end=End.CRM, set_name=set_name, select=select, entry=entry)


def _erp(service: str, select: tuple[str, ...], entry: Entry, *, greatest: bool = False) -> BookSource:
    return BookSource(end=End.ERP, set_name=service, select=select, entry=entry, greatest=greatest)


def _names(set_name: str, key: str, name: str) -> BookSource:
    return _crm(set_name, (key, name), _plain(key, name))


BOOK_SOURCES: Final[Mapping[BookKey, BookSource | ChoiceSource]] = MappingProxyType(
    {
        BookName.USER_EMAIL: _crm(
            "systemusers",
            ("systemuserid", "internalemailaddress"),
            _plain("systemuserid", "internalemailaddress", lower=True),
        ),
        BookName.SALESPERSON_EMAIL: _erp(
            "SalespersonCard", ("Code", "E_Mail"), _plain("Code", "E_Mail", lower=True)
        ),
        BookName.CURRENCY_CODE: _names("transactioncurrencies", "transactioncurrencyid", "isocurrencycode"),
        BookName.ACCOUNT_CUSTOMER: _crm(
            "accounts", ("accountid", *OWN_COLUMNS), _claimed("accountid", "Customer")
        ),
        BookName.CONTACT_NUMBER: _crm(
            "contacts", ("contactid", *OWN_COLUMNS), _claimed("contactid", "Contact")
        ),
        BookName.CONTACT_IN_CRM: _crm("contacts", OWN_COLUMNS, _contact_in_crm),
        BookName.CUSTOMER_OF_COMPANY: _erp(
            "ContactBusinessRelations", ("Contact_No", "Link_to_Table", "No"), _customer_of_company
        ),
        BookName.RATE: _erp(
            "CurrencyExchangeRates",
            ("Currency_Code", "Starting_Date", "Exchange_Rate_Amount", "Relational_Exch_Rate_Amount"),
            _rate,
            greatest=True,
        ),
        BookName.UNIT_GROUP_NAME: _names("uomschedules", "uomscheduleid", "name"),
        BookName.UNIT_NAME: _names("uoms", "uomid", "name"),
        BookName.BASE_UNIT_OF_GROUP: _crm(
            "uoms", ("_uomscheduleid_value", "name", "isschedulebaseuom"), _base_unit
        ),
        BookName.PRODUCT_NUMBER: _names("products", "productid", "productnumber"),
        BookName.PRODUCT_TABLE: _names("products", "productid", "ilc_erptable"),
        BookName.PRICE_LIST_NAME: _names("pricelevels", "pricelevelid", "name"),
        BookName.ITEM_UNIT: _erp(
            "ItemCard", ("No", "Base_Unit_of_Measure"), _plain("No", "Base_Unit_of_Measure")
        ),
        BookName.RESOURCE_UNIT: _erp(
            "ResourceCard", ("No", "Base_Unit_of_Measure"), _plain("No", "Base_Unit_of_Measure")
        ),
        BookName.BLOCKED_ITEM: _erp("ItemCard", ("No", "Blocked"), _flagged("No", "Blocked")),
        BookName.BLOCKED_RESOURCE: _erp("ResourceCard", ("No", "Blocked"), _flagged("No", "Blocked")),
        BookName.ORDER_OF_CRM: _crm(
            "salesorders", ("salesorderid", *OWN_COLUMNS), _partner("Sales_Header", "salesorderid")
        ),
        BookName.OPPORTUNITY_OF_CRM: _crm(
            "opportunities", ("opportunityid", *OWN_COLUMNS), _partner("Opportunity", "opportunityid")
        ),
        BookName.INVOICE_NUMBER: _names("invoices", "invoiceid", "invoicenumber"),
        BookName.TAXED_INVOICE: _erp(
            "PostedSalesInvoice", ("No", "Prices_Including_VAT"), _flagged("No", "Prices_Including_VAT")
        ),
        BookName.GROUP_CURRENCY: _erp(
            "SalesPrices", ("Sales_Type", "Sales_Code", "Currency_Code"), _group_currency
        ),
        BookName.PAYMENT_TERMS_LABEL: ChoiceSource(table="account", column="paymenttermscode"),
        BookName.FREIGHT_TERMS_LABEL: ChoiceSource(table="account", column="address1_freighttermscode"),
        BookName.SHIPPING_METHOD_LABEL: ChoiceSource(table="account", column="address1_shippingmethodcode"),
    }
)


def sources_of(expectation: Expectation) -> dict[BookKey, BookSource | ChoiceSource]:
    """Return where the books of an expectation come from."""
    return {**{name: BOOK_SOURCES[name] for name in expectation.books}, **expectation.partner_books}
