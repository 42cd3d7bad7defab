"""All fields that the ERP's tables have beyond those of their pages."""

from typing import Final

from interlace.connectors.business_central.opportunity_fields import (
    OPPORTUNITY_DERIVED_FIELDS,
    OPPORTUNITY_VIRTUAL_FIELDS,
)
from interlace.connectors.business_central.posted_invoice_fields import (
    POSTED_INVOICE_DERIVED_FIELDS,
    POSTED_INVOICE_VIRTUAL_FIELDS,
)
from interlace.connectors.business_central.sales_price_fields import SALES_PRICE_FIELDS
from interlace.connectors.business_central.statistics_fields import STATISTICS_FIELDS
from interlace.connectors.business_central.view_fields import DerivedField
from interlace.connectors.business_central.virtual_fields import VIRTUAL_FIELDS, VirtualField

PUBLISHED_VIRTUAL_FIELDS: Final[tuple[VirtualField, ...]] = (
    *VIRTUAL_FIELDS,
    *OPPORTUNITY_VIRTUAL_FIELDS,
    *POSTED_INVOICE_VIRTUAL_FIELDS,
)
DERIVED_FIELDS: Final[tuple[DerivedField, ...]] = (
    *OPPORTUNITY_DERIVED_FIELDS,
    *POSTED_INVOICE_DERIVED_FIELDS,
    *SALES_PRICE_FIELDS,
    *STATISTICS_FIELDS,
)
