"""VAT percentages by posting groups, from the VAT posting setup."""

from decimal import Decimal

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.tables import TABLES


def vat_setup(erp: Application, business_group: str, product_group: str) -> Record:
    """Return the setup of a combination of posting groups; refuses when there is none."""
    found = erp.records.get(TABLES["VAT_Posting_Setup"], (business_group, product_group))
    if found is None:
        raise refusals.dialog(
            "The VAT Posting Setup does not exist. Identification fields and values: "
            f"VAT Bus. Posting Group='{business_group}', VAT Prod. Posting Group='{product_group}'. "
            "Set the combination up, or correct the customer's or the product's group."
        )
    return found


def vat_percent(erp: Application, business_group: str, product_group: str) -> Decimal:
    """Return the percentage that is added for a combination; none where the customer owes the tax himself."""
    setup = vat_setup(erp, business_group, product_group)
    if setup.text("VAT_Calculation_Type") == "Reverse Charge VAT":
        return Decimal(0)
    return setup.amount("VAT_Percent")
