"""The demo company's resources: assembly, delivery and design, by the hour, the day and the kilometre."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Row, money
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.numbering import resource_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource as documents need it; cost and price in cents."""

    number: str
    name: str
    type: str
    unit: str
    unit_cost: int
    unit_price: int
    blocked: bool


_ASSEMBLY: Final = (
    "Küchenmontage",
    "Möbelmontage",
    "Büroeinrichtung",
    "Elektroanschluss",
    "Wasseranschluss",
    "Demontage",
)
_CREWS: Final = ("Team Nord", "Team Süd", "Team Österreich")
_VEHICLES: Final = (
    "Sprinter HL-NM 101",
    "Sprinter HL-NM 102",
    "Koffer 7,5 t HL-NM 201",
    "Sattelzug HL-NM 301",
)
_DESIGNERS: Final = ("Innenarchitektur", "3D-Planung", "Lichtplanung", "Akustikberatung")


def _list_resources(seed: int) -> Iterator[Resource]:
    dice = Dice(seed, "resources")
    rows: list[tuple[str, str, str, tuple[int, int]]] = [
        *((f"{work} {crew}", "Person", "HOUR", (3400, 5200)) for work in _ASSEMBLY for crew in _CREWS),
        *((f"Lieferung {vehicle}", "Machine", "KM", (65, 210)) for vehicle in _VEHICLES),
        *((f"Zwei-Mann-Lieferung {vehicle}", "Machine", "DAY", (38000, 61000)) for vehicle in _VEHICLES),
        *((work, "Person", "HOUR", (4800, 7900)) for work in _DESIGNERS),
    ]
    for index, (name, kind, unit, (low, high)) in enumerate(rows):
        cost = dice.between(low, high)
        yield Resource(
            number=resource_number(index),
            name=name,
            type=kind,
            unit=unit,
            unit_cost=cost,
            unit_price=cost * dice.between(135, 180) // 500 * 5,
            blocked=index == len(rows) - 5,
        )


def all_resources(seed: int) -> list[Resource]:
    """Return the thirty resources."""
    return list(_list_resources(seed))


def resource_rows(seed: int, resources: list[Resource]) -> Iterator[Row]:
    """Yield the resources as records."""
    dice = Dice(seed, "resource cards")
    for resource in resources:
        yield (
            "Resource",
            {
                "No": resource.number,
                "Name": resource.name,
                "Type": resource.type,
                "Base_Unit_of_Measure": resource.unit,
                "Direct_Unit_Cost": money(resource.unit_cost),
                "Unit_Cost": money(resource.unit_cost),
                "Unit_Price": money(resource.unit_price),
                "Capacity": dice.between(0, 240) * 5,
                "Blocked": resource.blocked,
                "Gen_Prod_Posting_Group": "DIENST",
                "VAT_Prod_Posting_Group": "STANDARD",
            },
        )
