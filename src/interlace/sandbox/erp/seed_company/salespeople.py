"""The demo company's sales people: twelve who are CRM users, and one agent who is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Row

MAIL_DOMAIN: Final = "nordlicht.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedUser:
    """A sales person of the ERP who is a user of the CRM too."""

    code: str
    first_name: str
    last_name: str
    email: str
    phone: str
    job_title: str

    @property
    def name(self) -> str:
        """The full name, as the ERP keeps it and the CRM computes it."""
        return f"{self.first_name} {self.last_name}"


# code, first name, last name, mail name, telephone, job title, the countries looked after
_PEOPLE: Final = (
    ("AB", "Annika", "Börensen", "annika.boerensen", "+49 151 5550 101", "Verkaufsleitung", "DE"),
    ("CW", "Carsten", "Wöhler", "carsten.woehler", "+49 151 5550 102", "Außendienst Nord", "DE"),
    ("DM", "Désirée", "Malchow", "desiree.malchow", "+49 151 5550 103", "Außendienst Ost", "DE"),
    ("FK", "Felix", "Königsmann", "felix.koenigsmann", "+49 151 5550 104", "Außendienst West", "DE"),
    ("GS", "Gesine", "Stüwe", "gesine.stuewe", "+49 151 5550 105", "Außendienst Süd", "DE"),
    (
        "HT",
        "Hubert",
        "Thalhammer",
        "hubert.thalhammer",
        "+43 660 5550 106",
        "Gebietsleitung Österreich",
        "AT",
    ),
    ("IL", "Ilona", "Lehtovaara", "ilona.lehtovaara", "+358 40 555 0107", "Aluemyyntipäällikkö", "FI"),
    ("JN", "Jørn", "Nygaard", "jorn.nygaard", "+47 455 50 108", "Distriktssjef", "NO"),
    ("KP", "Kathryn", "Pelham", "kathryn.pelham", "+44 7700 900109", "Area Sales Manager", "GB"),
    ("LR", "Lionel", "Rushmore", "lionel.rushmore", "+1 202-555-0110", "Sales Manager Americas", "US"),
    ("MO", "Marisol", "Ordóñez", "marisol.ordonez", "+52 55 1555 0111", "Ejecutiva de Ventas", "MX"),
    ("NZ", "Надежда", "Зорина", "nadezhda.zorina", "+7 900 555-01-12", "Менеджер по продажам", "RU"),
)

AGENT_WITHOUT_USER: Final = "HV"
"""The commercial agent: a sales person of the ERP without a user in the CRM."""


def seed_users() -> list[SeedUser]:
    """Return the twelve sales people that are CRM users; name, mail and telephone agree with the ERP's."""
    return [
        SeedUser(
            code=code,
            first_name=first_name,
            last_name=last_name,
            email=f"{mail}@{MAIL_DOMAIN}",
            phone=phone,
            job_title=job_title,
        )
        for code, first_name, last_name, mail, phone, job_title, _ in _PEOPLE
    ]


def codes_for(country: str) -> tuple[str, ...]:
    """Return the codes of the sales people who look after a country."""
    return tuple(person[0] for person in _PEOPLE if person[6] == country)


def salesperson_rows(*, troublemakers: bool) -> Iterator[Row]:
    """Yield the sales people as records; with troublemakers also the agent whom the CRM does not know."""
    for number, user in enumerate(seed_users()):
        yield (
            "Salesperson_Purchaser",
            {
                "Code": user.code,
                "Name": user.name,
                "E_Mail": user.email,
                "Phone_No": user.phone,
                "Job_Title": user.job_title,
                "Commission_Percent": 2 + number % 4,
            },
        )
    if troublemakers:
        yield (
            "Salesperson_Purchaser",
            {
                "Code": AGENT_WITHOUT_USER,
                "Name": "Heiner Vosskuhl",
                "E_Mail": "heiner.vosskuhl@handelsvertretung.example",
                "Phone_No": "+49 151 5550 113",
                "Job_Title": "Handelsvertretung",
                "Commission_Percent": 6,
            },
        )
