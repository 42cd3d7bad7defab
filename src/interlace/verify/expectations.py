"""The expectation table: what must hold between both ends, written apart from the engine and its mappings.

It shares no filter and no rule with what it judges, so that a slip in a mapping can't hide here as well.
"""

from typing import Final

from interlace.verify.expectation import Expectation
from interlace.verify.expectations_of_code_tables import CODE_TABLE_EXPECTATIONS
from interlace.verify.expectations_of_invoices import INVOICE_EXPECTATIONS
from interlace.verify.expectations_of_opportunities import OPPORTUNITY_EXPECTATIONS
from interlace.verify.expectations_of_parties import PARTY_EXPECTATIONS
from interlace.verify.expectations_of_prices import PRICE_EXPECTATIONS
from interlace.verify.expectations_of_products import PRODUCT_EXPECTATIONS
from interlace.verify.expectations_of_statistics import STATISTICS_EXPECTATIONS

EXPECTATIONS: Final[tuple[Expectation, ...]] = (
    *PARTY_EXPECTATIONS,
    *CODE_TABLE_EXPECTATIONS,
    *PRODUCT_EXPECTATIONS,
    *PRICE_EXPECTATIONS,
    *OPPORTUNITY_EXPECTATIONS,
    *INVOICE_EXPECTATIONS,
    *STATISTICS_EXPECTATIONS,
)
