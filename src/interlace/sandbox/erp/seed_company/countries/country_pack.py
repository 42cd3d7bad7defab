"""What the demo company knows of a country: names of people and places, spelling of addresses."""

from dataclasses import dataclass
from functools import cached_property
from math import gcd

from interlace.sandbox.erp.seed_company.dice import Dice


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A city with its county, the pattern of its post codes and of its telephone numbers."""

    city: str
    county: str
    post_code: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class CountryPack:
    """Names, places and spellings of one country; patterns have # for a digit and @ for a letter."""

    code: str
    currencies: tuple[str, ...]
    vat_group: str
    language: str
    top_level_domain: str
    family_names: tuple[str, ...]
    given_names: tuple[str, ...]
    places: tuple[Place, ...]
    streets: tuple[str, ...]
    street_line: str
    second_lines: tuple[str, ...]
    mobile: str
    by_place: tuple[str, ...]
    by_partner: tuple[str, ...]
    legal_forms: tuple[str, ...]
    vat_number: str
    job_titles: tuple[str, ...]
    middle_names: tuple[str, ...] = ()
    # Women's forms of family and middle names, where a language has them; the same order as the men's.
    female_family_names: tuple[str, ...] = ()
    female_given_names: tuple[str, ...] = ()
    female_middle_names: tuple[str, ...] = ()

    @cached_property
    def name_step(self) -> int:
        """A stride that visits every company name once, far apart."""
        step = int(self.company_names * 0.618) | 1
        while gcd(step, self.company_names) != 1:
            step += 2
        return step

    @cached_property
    def company_names(self) -> int:
        """How many company names the lists make."""
        return len(self.by_place) * len(self.family_names) * (len(self.places) + len(self.family_names) // 2)

    def company_name(self, ordinal: int) -> tuple[str, Place | None]:
        """Return the name of the n-th company without its legal form, and the place it names, if any."""
        repeated, position = divmod(ordinal, self.company_names)
        position = position * self.name_step % self.company_names
        position, form = divmod(position, len(self.by_place))
        second, first = divmod(position, len(self.family_names))
        family = self.family_names[first]
        number = f" {repeated + 1}" if repeated else ""
        if second < len(self.places):
            place = self.places[second]
            return self.by_place[form].format(name=family, city=place.city) + number, place
        partner = self.family_names[(first + 1 + 2 * (second - len(self.places))) % len(self.family_names)]
        return self.by_partner[form % len(self.by_partner)].format(
            name=family, partner=partner
        ) + number, None

    def street_address(self, dice: Dice) -> str:
        """Return a street and number."""
        return self.street_line.format(street=dice.pick(self.streets), number=dice.between(1, 148))


def places(text: str) -> tuple[Place, ...]:
    """Return the places listed one a line: city | county | post code | telephone."""
    rows = ([part.strip() for part in line.split("|")] for line in text.strip().splitlines())
    return tuple(Place(city=row[0], county=row[1], post_code=row[2], phone=row[3]) for row in rows)


def words(text: str) -> tuple[str, ...]:
    """Return the blank-separated words; an underscore stands for a blank inside a name."""
    return tuple(word.replace("_", " ") for word in text.split())


def combined(stems: str, endings: str) -> tuple[str, ...]:
    """Return every stem with every ending; an underscore stands for a blank."""
    return tuple(stem + ending for stem in words(stems) for ending in words(endings))
