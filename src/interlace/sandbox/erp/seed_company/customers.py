"""The demo company's customers and their contacts, each computed from its place in the company alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from interlace.sandbox.erp.seed_company import intended_failures as intended
from interlace.sandbox.erp.seed_company.amounts import Record, Row, money
from interlace.sandbox.erp.seed_company.code_tables import (
    AGENTS_ABROAD,
    AGENTS_AT_HOME,
    METHODS_ABROAD,
    METHODS_AT_HOME,
    USUAL_TERMS,
)
from interlace.sandbox.erp.seed_company.countries import country_of
from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.numbering import (
    company_contact_number,
    customer_number,
    person_number,
    persons_of_customer,
)
from interlace.sandbox.erp.seed_company.persons import Person, draw_person
from interlace.sandbox.erp.seed_company.price_groups import groups_in
from interlace.sandbox.erp.seed_company.salespeople import AGENT_WITHOUT_USER, codes_for
from interlace.sandbox.erp.seed_company.transliteration import to_internet_name

CUSTOMER_RELATION: Final = "CUST"

_CENTS_PER_THOUSAND: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer as other records of the company need it."""

    index: int
    number: str
    pack: CountryPack
    currency: str
    price_group: str
    salesperson: str
    payment_terms: str
    domain: str
    record: Record

    @property
    def name(self) -> str:
        """The customer's name."""
        return str(self.record["Name"])


class CustomerBook:
    """Knows every customer by its place; holds none of them."""

    def __init__(self, seed: int, *, troublemakers: bool) -> None:
        self._seed = seed
        self._troublemakers = troublemakers

    def customer(self, index: int) -> Customer:
        """Return the n-th customer, from zero."""
        dice = Dice(self._seed, "customer", index)
        pack, ordinal = country_of(index)
        core, place = pack.company_name(ordinal)
        place = place or dice.pick(pack.places)
        currency = dice.pick(pack.currencies)
        group = dice.pick(groups_in(currency)) if dice.chance(80) else ""
        at_home = pack.code == "DE"
        domain = f"{to_internet_name(core)}.{pack.top_level_domain}.example"
        number = customer_number(index)
        salesperson = "" if dice.chance(2) else dice.pick(codes_for(pack.code))
        terms = dice.pick(USUAL_TERMS)
        record: Record = {
            "No": number,
            "Name": f"{core} {dice.pick(pack.legal_forms)}".rstrip(),
            "Address": pack.street_address(dice),
            "Address_2": dice.pick(pack.second_lines) if dice.chance(15) else "",
            "Post_Code": dice.fill(place.post_code),
            "City": place.city,
            "County": place.county if dice.chance(70) or pack.code in {"US", "MX"} else "",
            "Country_Region_Code": pack.code,
            "Phone_No": dice.fill(place.phone),
            "Fax_No": dice.fill(place.phone) if dice.chance(30) else "",
            "E_Mail": f"info@{domain}",
            "Home_Page": f"https://www.{domain}" if dice.chance(75) else "",
            "Language_Code": pack.language,
            "Salesperson_Code": salesperson,
            "Currency_Code": currency,
            "Customer_Price_Group": group,
            "Payment_Terms_Code": terms,
            "Shipment_Method_Code": dice.pick(METHODS_AT_HOME if at_home else METHODS_ABROAD),
            "Shipping_Agent_Code": dice.pick(AGENTS_ABROAD.get(pack.code, AGENTS_AT_HOME)),
            "Credit_Limit_LCY": money(dice.between(0, 60) * 5 * _CENTS_PER_THOUSAND),
            "VAT_Registration_No": dice.fill(pack.vat_number),
            "VAT_Bus_Posting_Group": pack.vat_group,
            "Gen_Bus_Posting_Group": pack.vat_group,
            "Customer_Posting_Group": pack.vat_group,
            "Allow_Line_Disc": True,
        }
        if self._troublemakers:
            _make_trouble(index, record)
        return Customer(
            index=index,
            number=number,
            pack=pack,
            currency=currency,
            price_group=group,
            salesperson=str(record["Salesperson_Code"]),
            payment_terms=terms,
            domain=domain,
            record=record,
        )

    def persons(self, customer: Customer) -> list[Person]:
        """Return the persons of a customer; the first is the primary contact."""
        dice = Dice(self._seed, "persons", customer.index)
        taken: set[str] = set()
        return [
            draw_person(dice, customer.pack, customer.domain, taken)
            for _ in range(persons_of_customer(customer.index))
        ]

    def rows(self, index: int) -> Iterator[Row]:
        """Yield a customer with its contacts and the relation between them."""
        customer = self.customer(index)
        persons = self.persons(customer)
        company_number = company_contact_number(index)
        company = _company_contact(customer, company_number)
        yield "Contact", company
        record = customer.record
        for position, person in enumerate(persons):
            yield (
                "Contact",
                _person_contact(
                    person,
                    person_number(index, position),
                    company,
                    Dice(self._seed, f"person {position}", index),
                ),
            )
        if persons:
            record["Primary_Contact_No"] = person_number(index, 0)
            record["Contact"] = persons[0].name
        yield "Customer", record
        yield (
            "Contact_Business_Relation",
            {
                "Contact_No": company_number,
                "Business_Relation_Code": CUSTOMER_RELATION,
                "Link_to_Table": "Customer",
                "No": customer.number,
            },
        )


def _make_trouble(index: int, record: Record) -> None:
    if index in intended.CUSTOMERS_OF_AGENT:
        record["Salesperson_Code"] = AGENT_WITHOUT_USER
    elif index == intended.CUSTOMER_BLOCKED:
        record["Blocked"] = "All"
    elif index == intended.CUSTOMER_WITH_LONG_HOME_PAGE:
        record["Home_Page"] = f"https://www.{str(record['E_Mail'])[5:]}{intended.LONG_HOME_PAGE_PATH}"
    elif index == intended.CUSTOMER_WITH_NEGATIVE_CREDIT:
        record["Credit_Limit_LCY"] = money(-_CENTS_PER_THOUSAND)


_SHARED: Final = (
    "Address",
    "Address_2",
    "Post_Code",
    "City",
    "County",
    "Country_Region_Code",
    "Salesperson_Code",
    "Currency_Code",
    "Language_Code",
)


def _company_contact(customer: Customer, number: str) -> Record:
    record = customer.record
    return {
        "No": number,
        "Type": "Company",
        "Name": record["Name"],
        "Company_No": number,
        "Company_Name": record["Name"],
        "Contact_Business_Relation": "Customer",
        **{field: record[field] for field in _SHARED},
        "Phone_No": record["Phone_No"],
        "Fax_No": record["Fax_No"],
        "E_Mail": record["E_Mail"],
        "Home_Page": record["Home_Page"],
        "VAT_Registration_No": record["VAT_Registration_No"],
    }


def _person_contact(person: Person, number: str, company: Record, dice: Dice) -> Record:
    return {
        "No": number,
        "Type": "Person",
        "Name": person.name,
        "First_Name": person.first_name,
        "Middle_Name": person.middle_name,
        "Surname": person.surname,
        "Company_No": company["No"],
        "Company_Name": company["Company_Name"],
        "Contact_Business_Relation": "Customer",
        "Job_Title": person.job_title,
        **{field: company[field] for field in _SHARED},
        "Phone_No": company["Phone_No"],
        "Mobile_Phone_No": person.mobile,
        "E_Mail": person.email,
        "Pager": dice.fill("####") if dice.chance(2) else "",
    }
