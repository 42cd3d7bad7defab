"""All rows of the demo company, Nordlicht Möbelgroßhandel; related records come first."""

from collections.abc import Iterator
from typing import Final

from interlace.sandbox.erp.seed_company import code_tables
from interlace.sandbox.erp.seed_company.amounts import Row
from interlace.sandbox.erp.seed_company.customers import CustomerBook
from interlace.sandbox.erp.seed_company.exchange_rates import ExchangeRates
from interlace.sandbox.erp.seed_company.intended_failures import TERMS_WITH_COMMA
from interlace.sandbox.erp.seed_company.items import Catalogue
from interlace.sandbox.erp.seed_company.opportunities import opportunity_rows
from interlace.sandbox.erp.seed_company.price_groups import price_group_rows
from interlace.sandbox.erp.seed_company.resources import all_resources, resource_rows
from interlace.sandbox.erp.seed_company.sales_history import SalesHistory
from interlace.sandbox.erp.seed_company.sales_lines import Assortment
from interlace.sandbox.erp.seed_company.sales_prices import PriceList, sales_price_rows
from interlace.sandbox.erp.seed_company.salespeople import salesperson_rows
from interlace.sandbox.erp.seed_company.vendors import vendor_rows

COMPANY_NAME: Final = "Nordlicht Möbelgroßhandel"


def seed_company(customers: int = 1000, seed: int = 1, *, troublemakers: bool = True) -> Iterator[Row]:
    """Yield (table, record) for the whole demo company, the same every time for the same arguments.

    The rows stream: customers are computed one by one and none is kept, so memory does not grow with them.
    A record leaves out fields that are blank; amounts are Decimal, dates ISO text.
    """
    rates = ExchangeRates(seed)
    book = CustomerBook(seed, troublemakers=troublemakers)
    catalogue = Catalogue(seed, troublemakers=troublemakers)
    resources = all_resources(seed)
    prices = PriceList(seed, catalogue.items, rates)
    yield from code_tables.general_rows()
    yield from rates.rows()
    yield from code_tables.sales_code_rows()
    if troublemakers:
        yield "Payment_Terms", {"Code": TERMS_WITH_COMMA, "Description": "10 Tage 2,5 % Skonto"}
    yield from salesperson_rows(troublemakers=troublemakers)
    yield from price_group_rows()
    yield from vendor_rows(seed)
    for index in range(customers):
        yield from book.rows(index)
    yield from catalogue.rows()
    yield from resource_rows(seed, resources)
    yield from sales_price_rows(seed, prices, catalogue.items, customers, troublemakers=troublemakers)
    yield from opportunity_rows(seed, customers, book)
    assortment = Assortment(catalogue.items, resources, prices, rates)
    yield from SalesHistory(seed, customers, book, assortment, rates).rows(catalogue.items)
