"""The stock that CRM users look up: which product shows which item, the feed that tells it, and who may read it."""

from typing import Final

from interlace.domain.partner_register import PartnerRegister
from interlace.lead_to_cash.mapping_names import ITEM_PRODUCT
from interlace.locale.translatable import translatable

FEED_TABLE: Final = "Product_Item_Availability"
FEED_SERVICE: Final = "ProductItemAvailability"
FEED_FIELDS: Final = ("ItemNo", "UOM", "Inventory", "Projected_Available_Balance")

CONNECTION_TABLE: Final = "ilc_connection"
"""The solution's table that tells CRM users where the feed is and how to sign in there."""
CONNECTION_FIELDS: Final = (
    "ilc_name",
    "ilc_erpurl",
    "ilc_odataurl",
    "ilc_odatausername",
    "ilc_odataaccesskey",
    "ilc_expires",
)

_ITEM_TABLE_ID: Final = 27

ITEM_REGISTER: Final = PartnerRegister(
    mapping=ITEM_PRODUCT,
    table="CRM_Integration_Record",
    crm_key_field="CRM_ID",
    erp_key_field="Item_No",
    fixed=(("Table_ID", _ITEM_TABLE_ID),),
    without_table=translatable(
        "Publish the pages CRMIntegrationRecords and ProductItemAvailability in the ERP, so that CRM users can ask "
        "for the stock of the moment. Until then the product's quantityonhand carries the stock, as of the last run "
        "of ITEM-PRODUCT."
    ),
)
