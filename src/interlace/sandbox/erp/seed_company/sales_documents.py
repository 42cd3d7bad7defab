"""Documents of the demo company's sales: who ordered what and when, and what all headers share."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Record
from interlace.sandbox.erp.seed_company.code_tables import DAYS_UNTIL_DUE, DISCOUNT
from interlace.sandbox.erp.seed_company.customers import Customer
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.exchange_rates import ExchangeRates
from interlace.sandbox.erp.seed_company.numbering import company_contact_number
from interlace.sandbox.erp.seed_company.sales_lines import Line

_FIRST_ORDER: Final = 101001
_FIRST_SHIPMENT: Final = 102001
_FIRST_INVOICE: Final = 103001


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An order of a customer, with the numbers that its shipment and invoice have or would have."""

    position: int
    customer: Customer
    order_day: date
    day: date
    lines: list[Line]

    @property
    def order(self) -> str:
        """The number of the order."""
        return str(_FIRST_ORDER + self.position)

    @property
    def shipment(self) -> str:
        """The number of the posted shipment."""
        return str(_FIRST_SHIPMENT + self.position)

    @property
    def invoice(self) -> str:
        """The number of the posted invoice."""
        return str(_FIRST_INVOICE + self.position)

    @property
    def amount(self) -> int:
        """The document's amount without VAT, in cents."""
        return sum(line.amount for line in self.lines)

    @property
    def amount_including_vat(self) -> int:
        """The document's amount with VAT, in cents."""
        return sum(line.amount_including_vat for line in self.lines)

    @property
    def invoice_discount(self) -> int:
        """The discount on the whole document, in cents."""
        return sum(line.invoice_discount for line in self.lines)

    @property
    def due_day(self) -> date:
        """The day until which the invoice is to be paid."""
        return self.day + timedelta(days=DAYS_UNTIL_DUE[self.customer.payment_terms])


_PARTIES: Final = (
    ("Name", "Name"),
    ("Address", "Address"),
    ("Address_2", "Address_2"),
    ("City", "City"),
    ("County", "County"),
    ("Post_Code", "Post_Code"),
    ("Country_Region_Code", "Country_Region_Code"),
)


def header_record(document: Document, rates: ExchangeRates) -> Record:
    """Return the fields that headers of orders, shipments and invoices share."""
    customer = document.customer
    card = customer.record
    dice = Dice(0, "document", document.position)
    parties: Record = {
        f"{party}_{field}": card[source]
        for party in ("Sell_to", "Bill_to", "Ship_to")
        for field, source in _PARTIES
        if (party, field) != ("Sell_to", "Name")
    }
    day = document.day.isoformat()
    discount_days, discount_percent = DISCOUNT.get(customer.payment_terms, (0, 0))
    return {
        "Sell_to_Customer_No": customer.number,
        "Sell_to_Customer_Name": card["Name"],
        "Sell_to_Contact_No": company_contact_number(customer.index),
        "Sell_to_Phone_No": card["Phone_No"],
        "Sell_to_E_Mail": card["E_Mail"],
        "Bill_to_Customer_No": customer.number,
        "Bill_to_Contact_No": company_contact_number(customer.index),
        **parties,
        "Document_Date": day,
        "Posting_Date": day,
        "Order_Date": document.order_day.isoformat(),
        "Due_Date": document.due_day.isoformat(),
        "Shipment_Date": day,
        "External_Document_No": dice.fill("B-######") if dice.chance(70) else "",
        "Your_Reference": dice.fill("@@ ####") if dice.chance(20) else "",
        "Salesperson_Code": customer.salesperson,
        "Currency_Code": customer.currency,
        "Currency_Factor": rates.factor(customer.currency, document.day),
        "VAT_Bus_Posting_Group": customer.pack.vat_group,
        "Gen_Bus_Posting_Group": customer.pack.vat_group,
        "Customer_Posting_Group": customer.pack.vat_group,
        "Customer_Price_Group": customer.price_group,
        "Payment_Terms_Code": customer.payment_terms,
        "Payment_Discount_Percent": discount_percent,
        "Pmt_Discount_Date": (document.day + timedelta(days=discount_days)).isoformat(),
        "Shipment_Method_Code": card["Shipment_Method_Code"],
        "Shipping_Agent_Code": card["Shipping_Agent_Code"],
        "Package_Tracking_No": dice.fill("NL##########") if dice.chance(50) else "",
    }
