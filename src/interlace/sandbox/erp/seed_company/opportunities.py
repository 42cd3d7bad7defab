"""The demo company's opportunities: what customers might buy, won, lost and still open."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Record, Row, money
from interlace.sandbox.erp.seed_company.calendar import BUSINESS_DAYS, WORK_DATE
from interlace.sandbox.erp.seed_company.customers import CustomerBook
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.numbering import (
    company_contact_number,
    person_number,
    persons_of_customer,
)

_CUSTOMERS_PER_OPPORTUNITY: Final = 4
_OPPORTUNITIES_MAX: Final = 1_000

_PROJECTS: Final = (
    "Büroausstattung 1. Obergeschoss",
    "Hotelzimmer, 48 Betten",
    "Ausstellung Wohnen",
    "Kantine und Besprechungsräume",
    "Messestand Frühjahr",
    "Neueröffnung Filiale",
    "Konferenzbereich",
    "Schlafzimmer-Sortiment",
    "Homeoffice-Programm",
    "Kita-Möbel",
    "Arztpraxis, Empfang und Wartezimmer",
    "Küchenblock Musterhaus",
)
_STATES: Final = ("Not Started", "In Progress", "In Progress", "In Progress", "Won", "Lost")


def _opportunity(seed: int, index: int, customers: int, book: CustomerBook) -> Row:
    dice = Dice(seed, "opportunity", index)
    customer = book.customer(dice.below(customers))
    persons = persons_of_customer(customer.index)
    company = company_contact_number(customer.index)
    status = dice.pick(_STATES)
    closed = status in {"Won", "Lost"}
    created = BUSINESS_DAYS[-1 - dice.below(250)]
    probability = {"Not Started": 0, "Won": 100, "Lost": 0}.get(status, dice.between(2, 18) * 5)
    value = dice.between(8, 900) * 25_000
    record: Record = {
        "No": f"OP{index + 1:06d}",
        "Description": f"{dice.pick(_PROJECTS)} {customer.record['City']}",
        "Contact_No": person_number(customer.index, dice.below(persons)) if persons else company,
        "Contact_Company_No": company,
        "Contact_Company_Name": customer.name,
        "Salesperson_Code": customer.salesperson,
        "Status": status,
        "Priority": "Normal",
        "Sales_Cycle_Code": "PROJEKT",
        "Creation_Date": created.isoformat(),
        "Closed": closed,
        "Estimated_Value_LCY": money(value),
        "Calcd_Current_Value_LCY": money(value * probability // 100),
        "Probability_Percent": probability,
        "Chances_of_Success_Percent": probability,
        "Estimated_Closing_Date": date.fromordinal(WORK_DATE.toordinal() + dice.between(7, 150)).isoformat(),
    }
    if closed:
        ended = min(date.fromordinal(created.toordinal() + dice.between(10, 90)), WORK_DATE)
        record["Date_Closed"] = record["Estimated_Closing_Date"] = ended.isoformat()
    return "Opportunity", record


def opportunity_rows(seed: int, customers: int, book: CustomerBook) -> Iterator[Row]:
    """Yield the opportunities: one for every four customers, a thousand at most."""
    for index in range(min(customers // _CUSTOMERS_PER_OPPORTUNITY, _OPPORTUNITIES_MAX)):
        yield _opportunity(seed, index, customers, book)
