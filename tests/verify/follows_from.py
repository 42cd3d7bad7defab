"""Which ERP field a field of an expectation follows from, where the ERP has none of that name."""

from typing import Final

FOLLOWS_FROM: Final = {
    ("OPPORTUNITY", "Person_No"): "Contact_No",
    ("OPPORTUNITY", "Estimated_Value"): "Estimated_Value_LCY",
    ("POSTEDSALESINV-INV", "Line_Amounts"): "Invoice_Discount_Amount",
    ("POSTEDSALESINV-INV", "Discount_Amount"): "Invoice_Discount_Amount",
    ("POSTEDSALESINV-INV", "Tax_Amount"): "Amount_Including_VAT",
    ("POSTEDSALESINV-INV", "State"): "Cancelled",
    ("POSTEDSALESINV-INV", "State_Reason"): "Cancelled",
    ("POSTEDSALESLINE-INV", "Line_Text"): "Description",
    ("POSTEDSALESLINE-INV", "Base_Quantity"): "Quantity",
    ("POSTEDSALESLINE-INV", "Net_Price"): "Unit_Price",
    ("POSTEDSALESLINE-INV", "Net_Line_Discount"): "Line_Discount_Amount",
    ("POSTEDSALESLINE-INV", "Tax_Amount"): "Amount_Including_VAT",
    ("POSTEDSALESLINE-INV", "Base_Amount"): "Amount",
    ("POSTEDSALESLINE-INV", "Extended_Amount"): "Amount_Including_VAT",
}
"""By mapping and field."""
