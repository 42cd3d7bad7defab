"""The business rules of the embedded ERP, by table."""

from collections.abc import Mapping
from typing import Final

from interlace.sandbox.erp.application import Rules
from interlace.sandbox.erp.rules.comment_rules import COMMENT_RULES
from interlace.sandbox.erp.rules.contact_rules import CONTACT_RULES
from interlace.sandbox.erp.rules.customer_rules import CUSTOMER_RULES
from interlace.sandbox.erp.rules.journal_rules import JOURNAL_LINE_RULES
from interlace.sandbox.erp.rules.opportunity_rules import OPPORTUNITY_RULES
from interlace.sandbox.erp.rules.product_rules import (
    CURRENCY_RULES,
    ITEM_RULES,
    ITEM_UNIT_RULES,
    PRICE_GROUP_RULES,
    RESOURCE_RULES,
    SALES_PRICE_RULES,
    VENDOR_RULES,
)
from interlace.sandbox.erp.rules.sales_header_rules import SALES_HEADER_RULES
from interlace.sandbox.erp.rules.sales_line_rules import SALES_LINE_RULES
from interlace.sandbox.erp.rules.user_rules import INTEGRATION_RECORD_RULES, USER_RULES

RULES: Final[Mapping[str, Rules]] = {
    "CRM_Integration_Record": INTEGRATION_RECORD_RULES,
    "Contact": CONTACT_RULES,
    "Currency": CURRENCY_RULES,
    "Customer": CUSTOMER_RULES,
    "Customer_Price_Group": PRICE_GROUP_RULES,
    "Gen_Journal_Line": JOURNAL_LINE_RULES,
    "Item": ITEM_RULES,
    "Item_Unit_of_Measure": ITEM_UNIT_RULES,
    "Opportunity": OPPORTUNITY_RULES,
    "Resource": RESOURCE_RULES,
    "Sales_Comment_Line": COMMENT_RULES,
    "Sales_Header": SALES_HEADER_RULES,
    "Sales_Line": SALES_LINE_RULES,
    "Sales_Price": SALES_PRICE_RULES,
    "User": USER_RULES,
    "Vendor": VENDOR_RULES,
}
