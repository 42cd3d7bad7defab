"""All default mappings, in the order of the path from lead to cash: what a mapping needs comes before it."""

from typing import Final

from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.lead_to_cash.contact_and_contact import CONTACT_MAPPING
from interlace.lead_to_cash.currency_to_transaction_currency import CURRENCY_MAPPING
from interlace.lead_to_cash.customer_and_account import CUSTOMER_MAPPING
from interlace.lead_to_cash.customer_price_group_to_price_list import CUSTOMER_PRICE_GROUP_MAPPING
from interlace.lead_to_cash.item_and_product import ITEM_MAPPING
from interlace.lead_to_cash.opportunity_and_opportunity import OPPORTUNITY_MAPPING
from interlace.lead_to_cash.order_field_rows import SALESORDER_ORDER_MAPPING
from interlace.lead_to_cash.posted_sales_invoice_to_invoice import POSTED_INVOICE_MAPPING
from interlace.lead_to_cash.posted_sales_line_to_invoice_line import POSTED_INVOICE_LINE_MAPPING
from interlace.lead_to_cash.resource_and_product import RESOURCE_MAPPING
from interlace.lead_to_cash.sales_price_to_price_list_item import SALES_PRICE_MAPPING
from interlace.lead_to_cash.statistics_to_account import STATISTICS_MAPPING
from interlace.lead_to_cash.terms_to_choices import (
    PAYMENT_TERMS_MAPPING,
    SHIPMENT_METHOD_MAPPING,
    SHIPPING_AGENT_MAPPING,
)
from interlace.lead_to_cash.unit_of_measure_to_unit_group import UNIT_OF_MEASURE_MAPPING
from interlace.lead_to_cash.unit_price_to_price_list_item import ITEM_PRICE_MAPPING, RESOURCE_PRICE_MAPPING
from interlace.lead_to_cash.user_to_salesperson import SALESPEOPLE_MAPPING

DEFAULT_MAPPINGS: Final[tuple[IntegrationTableMapping, ...]] = (
    SALESPEOPLE_MAPPING,
    CURRENCY_MAPPING,
    PAYMENT_TERMS_MAPPING,
    SHIPMENT_METHOD_MAPPING,
    SHIPPING_AGENT_MAPPING,
    CUSTOMER_MAPPING,
    CONTACT_MAPPING,
    UNIT_OF_MEASURE_MAPPING,
    ITEM_MAPPING,
    RESOURCE_MAPPING,
    ITEM_PRICE_MAPPING,
    RESOURCE_PRICE_MAPPING,
    CUSTOMER_PRICE_GROUP_MAPPING,
    SALES_PRICE_MAPPING,
    OPPORTUNITY_MAPPING,
    SALESORDER_ORDER_MAPPING,
    POSTED_INVOICE_MAPPING,
    POSTED_INVOICE_LINE_MAPPING,
    STATISTICS_MAPPING,
)
