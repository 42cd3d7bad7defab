"""What the ERP calls its fields: the captions that people know, for the names that its pages use."""

from collections.abc import Mapping
from typing import Final

from interlace.management.translatable import translatable

CAPTIONS: Final[Mapping[str, str]] = {
    "No": translatable("No."),
    "Name": translatable("Name"),
    "Address": translatable("Address"),
    "Address_2": translatable("Address 2"),
    "Post_Code": translatable("Post Code"),
    "City": translatable("City"),
    "County": translatable("County"),
    "Country_Region_Code": translatable("Country/Region Code"),
    "Contact": translatable("Contact"),
    "Phone_No": translatable("Phone No."),
    "Mobile_Phone_No": translatable("Mobile Phone No."),
    "Fax_No": translatable("Fax No."),
    "Pager": translatable("Pager"),
    "E_Mail": translatable("E-Mail"),
    "Home_Page": translatable("Home Page"),
    "Salesperson_Code": translatable("Salesperson Code"),
    "Currency_Code": translatable("Currency Code"),
    "Credit_Limit_LCY": translatable("Credit Limit (LCY)"),
    "Payment_Terms_Code": translatable("Payment Terms Code"),
    "Shipment_Method_Code": translatable("Shipment Method Code"),
    "Shipping_Agent_Code": translatable("Shipping Agent Code"),
    "Primary_Contact_No": translatable("Primary Contact No."),
    "Blocked": translatable("Blocked"),
    "First_Name": translatable("First Name"),
    "Middle_Name": translatable("Middle Name"),
    "Surname": translatable("Surname"),
    "Type": translatable("Type"),
    "Code": translatable("Code"),
    "Description": translatable("Description"),
    "Description_2": translatable("Description 2"),
    "Base_Unit_of_Measure": translatable("Base Unit of Measure"),
    "Unit_Price": translatable("Unit Price"),
    "Unit_Cost": translatable("Unit Cost"),
    "Inventory": translatable("Inventory"),
    "Gross_Weight": translatable("Gross Weight"),
    "Unit_Volume": translatable("Unit Volume"),
    "Vendor_No": translatable("Vendor No."),
    "Vendor_Item_No": translatable("Vendor Item No."),
    "Sales_Code": translatable("Sales Code"),
    "Customer_No": translatable("Customer No."),
    "Item_No": translatable("Item No."),
    "Order_No": translatable("Order No."),
    "Due_Date": translatable("Due Date"),
    "Amount": translatable("Amount"),
    "Amount_Including_VAT": translatable("Amount Including VAT"),
    "Estimated_Value": translatable("Estimated Value"),
    "Estimated_Closing_Date": translatable("Estimated Closing Date"),
}
"""By name. Fields of others, and those that are computed, are called by their names."""


def caption_of(name: str) -> str:
    """Return what a field is called, in English; of one that isn't known its name, with spaces between the words."""
    if name in CAPTIONS:
        return CAPTIONS[name]
    # Columns of the CRM have no capitals; their names stay whole.
    return name if name.islower() else name.replace("_", " ")
