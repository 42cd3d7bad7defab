"""The names of the default mappings, as users know them."""

from typing import Final

from interlace.domain.keys import MappingName

SALESPEOPLE: Final = MappingName("SALESPEOPLE")
CURRENCY: Final = MappingName("CURRENCY")
PAYMENT_TERMS: Final = MappingName("PAYMENT TERMS")
SHIPMENT_METHOD: Final = MappingName("SHIPMENT METHOD")
SHIPPING_AGENT: Final = MappingName("SHIPPING AGENT")
CUSTOMER: Final = MappingName("CUSTOMER")
CONTACT: Final = MappingName("CONTACT")
UNIT_OF_MEASURE: Final = MappingName("UNIT OF MEASURE")
ITEM_PRODUCT: Final = MappingName("ITEM-PRODUCT")
RESOURCE_PRODUCT: Final = MappingName("RESOURCE-PRODUCT")
ITEM_PRODPRICE: Final = MappingName("ITEM-PRODPRICE")
RESOURCE_PRODPRICE: Final = MappingName("RESOURCE-PRODPRICE")
CUSTPRCGRP_PRICE: Final = MappingName("CUSTPRCGRP-PRICE")
SALESPRC_PRODPRICE: Final = MappingName("SALESPRC-PRODPRICE")
SALESORDER_ORDER: Final = MappingName("SALESORDER-ORDER")
SOLINE_ORDERDETAIL: Final = MappingName("SOLINE-ORDERDETAIL")
SALESORDER_FROM_ERP: Final = MappingName("SALESORDER-ORDER FROM ERP")
"""Not coupled by itself: what becomes of released ERP orders until SALESORDER-ORDER couples them."""
STATISTICS: Final = MappingName("STATISTICS")
OPPORTUNITY: Final = MappingName("OPPORTUNITY")
POSTEDSALESINV_INV: Final = MappingName("POSTEDSALESINV-INV")
POSTEDSALESLINE_INV: Final = MappingName("POSTEDSALESLINE-INV")
