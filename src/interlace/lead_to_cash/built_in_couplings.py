"""What the ERP's built-in connector couples, as far as our mappings couple the same records."""

from collections.abc import Mapping
from typing import Final

from interlace.domain.keys import MappingName
from interlace.lead_to_cash import mapping_names

TABLE_NUMBERS: Final[Mapping[MappingName, int]] = {
    mapping_names.SALESPEOPLE: 13,
    mapping_names.CURRENCY: 4,
    mapping_names.CUSTOMER: 18,
    mapping_names.CONTACT: 5050,
    mapping_names.UNIT_OF_MEASURE: 204,
    mapping_names.ITEM_PRODUCT: 27,
    mapping_names.RESOURCE_PRODUCT: 156,
    mapping_names.CUSTPRCGRP_PRICE: 6,
    mapping_names.OPPORTUNITY: 5092,
    mapping_names.POSTEDSALESINV_INV: 112,
}
"""The number of the ERP's table, by the mapping that couples its records with those of the same CRM table."""

SALES_HEADER: Final = 36
"""Orders are no records to couple: they are followed document by document."""
