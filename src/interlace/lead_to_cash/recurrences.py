"""How often each mapping runs by itself, in minutes, unless somebody chooses otherwise."""

from collections.abc import Mapping
from typing import Final

from interlace.domain.keys import MappingName
from interlace.lead_to_cash import mapping_names as names

RECURRENCES: Final[Mapping[MappingName, int]] = {
    names.SALESPEOPLE: 30,
    names.CURRENCY: 2,
    names.PAYMENT_TERMS: 30,
    names.SHIPMENT_METHOD: 30,
    names.SHIPPING_AGENT: 30,
    names.CUSTOMER: 2,
    names.CONTACT: 2,
    names.UNIT_OF_MEASURE: 2,
    names.ITEM_PRODUCT: 30,
    names.RESOURCE_PRODUCT: 2,
    names.ITEM_PRODPRICE: 30,
    names.RESOURCE_PRODPRICE: 30,
    names.CUSTPRCGRP_PRICE: 30,
    names.SALESPRC_PRODPRICE: 30,
    names.OPPORTUNITY: 30,
    # Orders were looked for every two minutes from the first generation on; a customer waits for them.
    names.SALESORDER_ORDER: 2,
    names.POSTEDSALESINV_INV: 30,
    names.POSTEDSALESLINE_INV: 30,
    names.STATISTICS: 30,
}
"""After the job queue entries of NAV 2018; what had none there runs as in later generations."""
OTHERWISE: Final = 30
"""Minutes between the runs of a mapping that somebody adds."""
