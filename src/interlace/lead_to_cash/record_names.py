"""What names the records of each mapping in lists, where it is not simply its caption field."""

from collections.abc import Mapping
from typing import Final

from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.record_names import RecordNames, record_names
from interlace.lead_to_cash import mapping_names

NAME_FIELDS: Final[Mapping[MappingName, tuple[str, ...]]] = {
    mapping_names.CONTACT: ("First_Name", "Middle_Name", "Surname"),
    mapping_names.UNIT_OF_MEASURE: ("Code",),
    mapping_names.PAYMENT_TERMS: ("Code",),
    mapping_names.SHIPMENT_METHOD: ("Code",),
    mapping_names.SHIPPING_AGENT: ("Code",),
    mapping_names.ITEM_PRODPRICE: ("No",),
    mapping_names.RESOURCE_PRODPRICE: ("No",),
    mapping_names.CUSTPRCGRP_PRICE: ("Code",),
    mapping_names.SALESPRC_PRODPRICE: ("Sales_Code", "Item_No"),
    mapping_names.SALESORDER_ORDER: ("No", "Bill_to_Name"),
    mapping_names.POSTEDSALESINV_INV: ("No", "Bill_to_Name"),
    mapping_names.POSTEDSALESLINE_INV: ("Line_Text",),
}
"""ERP fields, by mapping. Each mapping's caption field may lie outside what is mapped: then nobody remembers it."""


def names_of(mapping: IntegrationTableMapping) -> RecordNames:
    """Return what names a mapping's records in lists."""
    return record_names(mapping, NAME_FIELDS.get(mapping.name, ()))
