"""Persons of the demo company's customers and vendors: names by their country, mail addresses from the
names.
"""

from dataclasses import dataclass

from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.transliteration import to_internet_name

_ADDRESS_MAX = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person with the means to reach him or her."""

    first_name: str
    middle_name: str
    surname: str
    job_title: str
    email: str
    mobile: str

    @property
    def name(self) -> str:
        """The full name."""
        return " ".join(part for part in (self.first_name, self.middle_name, self.surname) if part)


def draw_person(dice: Dice, pack: CountryPack, domain: str, taken: set[str]) -> Person:
    """Return a person; `taken` holds the mail names in use at the domain and gets the new one."""
    female = bool(pack.female_given_names) and dice.chance(50)
    given_names = pack.female_given_names if female else pack.given_names
    family_names = pack.female_family_names if female else pack.family_names
    middle_names = pack.female_middle_names if female else pack.middle_names
    first_name = dice.pick(given_names)
    middle_name = ""
    if middle_names:
        middle_name = dice.pick(middle_names)
    elif pack.code == "US" and dice.chance(40):
        middle_name = dice.fill("@.")
    surname = dice.pick(family_names)
    if pack.code == "MX":
        surname = f"{surname} {dice.pick(family_names)}"
    return Person(
        first_name=first_name,
        middle_name=middle_name,
        surname=surname,
        job_title=dice.pick(pack.job_titles),
        email=f"{_mail_name(first_name, surname, taken, _ADDRESS_MAX - len(domain) - 1)}@{domain}",
        mobile=dice.fill(pack.mobile) if dice.chance(60) else "",
    )


def _mail_name(first_name: str, surname: str, taken: set[str], length_max: int) -> str:
    wanted = f"{to_internet_name(first_name)}.{to_internet_name(surname)}"
    # Long domains of big companies leave less room; a number of two digits must still fit.
    wanted = wanted[: length_max - 2].rstrip("-.")
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}{number}"
    taken.add(name)
    return name
