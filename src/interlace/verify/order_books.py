"""Which sets fill the reference books that only orders need."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from interlace.verify.book_sources import BOOK_SOURCES, OWN_COLUMNS, claimed_key
from interlace.verify.comparable import as_text
from interlace.verify.plain_reader import End, Row
from interlace.verify.reference_book import BookKey, BookName, BookSource, ChoiceSource, Entry, VerifyFacts

ONLY: Final = "only"
"""Key in books of what there is one of."""
_CENT: Final = "0.01"
_PRICE_STEP: Final = "0.00001"
_STEPS: Final = ("Amount_Rounding_Precision", "Unit_Amount_Rounding_Precision")


def _entry(key: str, value: str, *, folded: bool = False) -> Entry:
    def entry(row: Row, _facts: VerifyFacts) -> tuple[str, str] | None:
        name = as_text(row.get(key))
        return (name.casefold() if folded else name, as_text(row.get(value))) if name else None

    return entry


def _only(value: str) -> Entry:
    return lambda row, _facts: (ONLY, as_text(row.get(value)))


def _steps_of(row: Row) -> str:
    amount, price = (as_text(row.get(step)) for step in _STEPS)
    return (
        f"{amount if amount not in ('', '0') else _CENT} {price if price not in ('', '0') else _PRICE_STEP}"
    )


def _product(row: Row, facts: VerifyFacts) -> tuple[str, str] | None:
    for table in ("Item", "Resource"):
        number = claimed_key(row, facts, table)
        if number is not None:
            return as_text(row.get("productid")), f"{table} {number}"
    return None


def _organization(row: Row, _facts: VerifyFacts) -> tuple[str, str] | None:
    return (ONLY, "yes") if row.get("issopintegrationenabled") is True else None


def _erp(service: str, select: tuple[str, ...], entry: Entry) -> BookSource:
    return BookSource(end=End.ERP, set_name=service, select=select, entry=entry)


def _crm(set_name: str, select: tuple[str, ...], entry: Entry) -> BookSource:
    return BookSource(end=End.CRM, set_name=set_name, select=select, entry=entry)


def _code(service: str) -> BookSource:
    return _erp(service, ("Code",), _entry("Code", "Code", folded=True))


def _choice(column: str) -> ChoiceSource:
    return ChoiceSource(table="salesorder", column=column)


def _country(field: str) -> BookSource:
    return _erp("CountriesRegions", ("Code", "ISO_Code", "Name"), _entry(field, "Code", folded=True))


_OWN_SOURCES: Final[Mapping[BookKey, BookSource | ChoiceSource]] = {
    BookName.PAYMENT_TERMS_CODE: _code("PaymentTerms"),
    BookName.SHIPMENT_METHOD_CODE: _code("ShipmentMethods"),
    BookName.SHIPPING_AGENT_CODE: _code("ShippingAgents"),
    BookName.ORDER_PAYMENT_TERMS_LABEL: _choice("paymenttermscode"),
    BookName.ORDER_FREIGHT_TERMS_LABEL: _choice("freighttermscode"),
    BookName.ORDER_SHIPPING_METHOD_LABEL: _choice("shippingmethodcode"),
    BookName.ACCOUNT_OF_CONTACT: _crm(
        "contacts", ("contactid", "_accountid_value"), _entry("contactid", "_accountid_value")
    ),
    BookName.PRODUCT_PARTNER: _crm("products", ("productid", *OWN_COLUMNS), _product),
    BookName.USER_OF_EMAIL: _crm(
        "systemusers",
        ("systemuserid", "internalemailaddress"),
        _entry("internalemailaddress", "systemuserid", folded=True),
    ),
    BookName.SALESPERSON_OF_EMAIL: _erp(
        "SalespersonCard", ("Code", "E_Mail"), _entry("E_Mail", "Code", folded=True)
    ),
    BookName.CURRENCY_DIGITS: _crm(
        "transactioncurrencies",
        ("transactioncurrencyid", "currencyprecision"),
        _entry("transactioncurrencyid", "currencyprecision"),
    ),
    BookName.CURRENCY_STEPS: _erp(
        "Currencies", ("Code", *_STEPS), lambda row, _facts: (as_text(row.get("Code")), _steps_of(row))
    ),
    BookName.LEDGER_STEPS: _erp("GeneralLedgerSetup", _STEPS, lambda row, _facts: (ONLY, _steps_of(row))),
    BookName.LEDGER_CURRENCY: _erp("GeneralLedgerSetup", ("LCY_Code",), _only("LCY_Code")),
    BookName.FREIGHT_ACCOUNT: _erp(
        "SalesReceivablesSetup", ("Freight_G_L_Acc_No",), _only("Freight_G_L_Acc_No")
    ),
    BookName.COUNTRY_OF_CODE: _country("Code"),
    BookName.COUNTRY_OF_ISO_CODE: _country("ISO_Code"),
    BookName.COUNTRY_OF_NAME: _country("Name"),
    BookName.WRITES_SUBMITTED_ORDERS: _crm("organizations", ("issopintegrationenabled",), _organization),
}

ORDER_BOOKS: Final = (
    *_OWN_SOURCES,
    BookName.USER_EMAIL,
    BookName.SALESPERSON_EMAIL,
    BookName.CURRENCY_CODE,
    BookName.ACCOUNT_CUSTOMER,
    BookName.UNIT_NAME,
)
ORDER_BOOK_SOURCES: Final[Mapping[BookKey, BookSource | ChoiceSource]] = MappingProxyType(
    {**BOOK_SOURCES, **_OWN_SOURCES}
)
