"""The demo company's vendors: manufacturers with a company contact and one person each, who are no
customers.
"""

from collections.abc import Iterator
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Record, Row
from interlace.sandbox.erp.seed_company.countries import SHARES
from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.numbering import contact_number, vendor_number
from interlace.sandbox.erp.seed_company.persons import draw_person
from interlace.sandbox.erp.seed_company.transliteration import to_internet_name

VENDORS: Final = 40
PROSPECTS: Final = 12

_FIRST_CONTACT: Final = 1
_FIRST_PROSPECT: Final = _FIRST_CONTACT + 2 * VENDORS

_WORKS: Final = (
    "Möbelwerke {0}",
    "Sägewerk {0}",
    "{0} Polstermöbelfabrik",
    "{0} Leuchten",
    "{0} Stuhlmanufaktur",
    "{0} Metallwaren",
    "Teppichweberei {0}",
    "{0} Küchentechnik",
)
_COUNTRIES: Final = tuple(pack for pack, _ in SHARES if pack.code in {"DE", "AT", "FI", "NO"})
_PURCHASERS: Final = ("AB", "CW")


def _address(pack: CountryPack, dice: Dice) -> Record:
    place = dice.pick(pack.places)
    return {
        "Address": pack.street_address(dice),
        "Post_Code": dice.fill(place.post_code),
        "City": place.city,
        "County": place.county,
        "Country_Region_Code": pack.code,
        "Phone_No": dice.fill(place.phone),
    }


def _vendor(seed: int, index: int) -> Iterator[Row]:
    dice = Dice(seed, "vendor", index)
    pack = _COUNTRIES[0] if dice.chance(60) else dice.pick(_COUNTRIES)
    name = _WORKS[index % len(_WORKS)].format(pack.family_names[(index * 7) % len(pack.family_names)])
    domain = f"{to_internet_name(name)}.{pack.top_level_domain}.example"
    address = _address(pack, dice)
    person = draw_person(dice, pack, domain, set())
    company_number = contact_number(_FIRST_CONTACT + 2 * index)
    name = f"{name} {dice.pick(pack.legal_forms)}".rstrip()
    reach: Record = {"E_Mail": f"verkauf@{domain}", "Home_Page": f"https://www.{domain}"}
    yield (
        "Vendor",
        {
            "No": vendor_number(index),
            "Name": name,
            "Contact": person.name,
            **address,
            **reach,
            "VAT_Registration_No": dice.fill(pack.vat_number),
            "Purchaser_Code": dice.pick(_PURCHASERS),
            "Payment_Terms_Code": dice.pick(("30 DAYS", "60 DAYS", "1M(8D)")),
            "Shipment_Method_Code": dice.pick(("EXW", "FCA", "DAP")),
        },
    )
    company: Record = {
        "No": company_number,
        "Type": "Company",
        "Name": name,
        "Company_No": company_number,
        "Company_Name": name,
        "Contact_Business_Relation": "Vendor",
        **address,
        **reach,
    }
    yield "Contact", company
    yield (
        "Contact",
        {
            "No": contact_number(_FIRST_CONTACT + 2 * index + 1),
            "Type": "Person",
            "Name": person.name,
            "First_Name": person.first_name,
            "Surname": person.surname,
            "Company_No": company_number,
            "Company_Name": name,
            "Contact_Business_Relation": "Vendor",
            "Job_Title": person.job_title,
            **address,
            "Mobile_Phone_No": person.mobile,
            "E_Mail": person.email,
        },
    )
    yield (
        "Contact_Business_Relation",
        {
            "Contact_No": company_number,
            "Business_Relation_Code": "VEND",
            "Link_to_Table": "Vendor",
            "No": vendor_number(index),
        },
    )


def _prospect(seed: int, index: int) -> Row:
    dice = Dice(seed, "prospect", index)
    pack = SHARES[index % len(SHARES)][0]
    person = draw_person(dice, pack, f"post.{pack.top_level_domain}.example", set())
    return "Contact", {
        "No": contact_number(_FIRST_PROSPECT + index),
        "Type": "Person",
        "Name": person.name,
        "First_Name": person.first_name,
        "Middle_Name": person.middle_name,
        "Surname": person.surname,
        **_address(pack, dice),
        "Mobile_Phone_No": person.mobile,
        "E_Mail": person.email,
    }


def vendor_rows(seed: int) -> Iterator[Row]:
    """Yield the vendors with their contacts, and some prospects: persons who belong to no company."""
    for index in range(VENDORS):
        yield from _vendor(seed, index)
    for index in range(PROSPECTS):
        yield _prospect(seed, index)
