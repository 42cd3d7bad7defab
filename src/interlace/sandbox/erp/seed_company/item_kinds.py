"""The kinds of goods the demo company sells, from desks to handles."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of goods; cost from and to in cents, other units in base units, grams and litres of one."""

    name: str
    category: str
    unit: str
    cost: tuple[int, int]
    other_units: tuple[tuple[str, int], ...] = ()
    variants: tuple[tuple[str, str], ...] = ()
    grams: int = 1000
    litres: int = 10
    type: str = "Inventory"


_FABRICS: Final = (
    ("ANTHRAZIT", "Stoff anthrazit"),
    ("BLAU", "Stoff nordseeblau"),
    ("GRÜN", "Stoff moosgrün"),
)
_WOODS: Final = (("EICHE", "Eiche geölt"), ("NUSS", "Nussbaum"), ("WEISS", "Weiß lackiert"))
_LEATHERS: Final = (("COGNAC", "Leder cognac"), ("SCHWARZ", "Leder schwarz"))
_SIDES: Final = (("LINKS", "Anschlag links"), ("RECHTS", "Anschlag rechts"))

_PALLET_6: Final = (("PALLET", 6),)
_BOX_4: Final = (("BOX", 4), ("PALLET", 48))
_BOX_12: Final = (("BOX", 12), ("PALLET", 288))

KINDS: Final = (
    Kind(
        name="Schreibtisch",
        category="BÜRO",
        unit="PCS",
        cost=(14000, 52000),
        other_units=_PALLET_6,
        variants=_WOODS,
        grams=38500,
        litres=190,
    ),
    Kind(
        name="Drehstuhl",
        category="BÜRO",
        unit="PCS",
        cost=(7900, 31000),
        other_units=(("PALLET", 12),),
        variants=_FABRICS,
        grams=14200,
        litres=160,
    ),
    Kind(
        name="Besucherstuhl",
        category="BÜRO",
        unit="PCS",
        cost=(3900, 12500),
        other_units=(("SET", 4),),
        variants=_FABRICS,
        grams=7400,
        litres=85,
    ),
    Kind(name="Konferenztisch", category="BÜRO", unit="PCS", cost=(38000, 129000), grams=96000, litres=620),
    Kind(
        name="Rollcontainer",
        category="BÜRO",
        unit="PCS",
        cost=(6900, 15900),
        other_units=(("PALLET", 16),),
        grams=22300,
        litres=110,
    ),
    Kind(
        name="Regal",
        category="WOHNEN",
        unit="PCS",
        cost=(4900, 26900),
        other_units=(("PALLET", 20),),
        variants=_WOODS,
        grams=27600,
        litres=95,
    ),
    Kind(
        name="Sideboard",
        category="WOHNEN",
        unit="PCS",
        cost=(16900, 69900),
        variants=_WOODS,
        grams=52800,
        litres=410,
    ),
    Kind(
        name="Sofa 3-Sitzer",
        category="POLSTER",
        unit="PCS",
        cost=(32900, 119000),
        variants=_LEATHERS,
        grams=71500,
        litres=1450,
    ),
    Kind(
        name="Sessel",
        category="POLSTER",
        unit="PCS",
        cost=(15900, 57900),
        variants=_LEATHERS,
        grams=24900,
        litres=520,
    ),
    Kind(
        name="Hocker",
        category="POLSTER",
        unit="PCS",
        cost=(2900, 9900),
        other_units=_BOX_4,
        grams=5350,
        litres=42,
    ),
    Kind(
        name="Esstisch",
        category="WOHNEN",
        unit="PCS",
        cost=(18900, 84900),
        other_units=_PALLET_6,
        grams=48200,
        litres=330,
    ),
    Kind(
        name="Stuhl",
        category="WOHNEN",
        unit="PCS",
        cost=(3500, 17900),
        other_units=(("SET", 6), ("PALLET", 24)),
        grams=5900,
        litres=78,
    ),
    Kind(
        name="Kleiderschrank",
        category="SCHLAFEN",
        unit="SET",
        cost=(24900, 99900),
        variants=_SIDES,
        grams=128000,
        litres=720,
    ),
    Kind(name="Bettgestell", category="SCHLAFEN", unit="PCS", cost=(14900, 67900), grams=44700, litres=260),
    Kind(
        name="Matratze",
        category="SCHLAFEN",
        unit="PCS",
        cost=(8900, 47900),
        other_units=(("PALLET", 10),),
        grams=19800,
        litres=340,
    ),
    Kind(
        name="Pendelleuchte",
        category="LICHT",
        unit="PCS",
        cost=(2400, 18900),
        other_units=_BOX_4,
        grams=2150,
        litres=26,
    ),
    Kind(
        name="Stehleuchte",
        category="LICHT",
        unit="PCS",
        cost=(3900, 24900),
        other_units=(("BOX", 2),),
        grams=6480,
        litres=55,
    ),
    Kind(
        name="Teppichboden",
        category="TEXTIL",
        unit="M²",
        cost=(990, 4990),
        other_units=(("PALLET", 60),),
        grams=2350,
        litres=8,
    ),
    Kind(
        name="Vorhangstoff",
        category="TEXTIL",
        unit="M",
        cost=(690, 3990),
        other_units=(("PACK", 25),),
        grams=410,
        litres=2,
    ),
    Kind(
        name="Möbelgriffe",
        category="BESCHLAG",
        unit="PAIR",
        cost=(190, 1290),
        other_units=_BOX_12,
        grams=185,
        litres=1,
    ),
    Kind(
        name="Schraubensortiment",
        category="BESCHLAG",
        unit="KG",
        cost=(390, 1190),
        other_units=(("BOX", 5),),
        grams=1020,
        litres=1,
    ),
    Kind(
        name="Pflegeöl",
        category="BESCHLAG",
        unit="PCS",
        cost=(450, 1190),
        other_units=_BOX_12,
        grams=540,
        litres=1,
    ),
    Kind(
        name="Tischlampe",
        category="LICHT",
        unit="PCS",
        cost=(1900, 12900),
        other_units=_BOX_4,
        variants=_FABRICS,
        grams=1890,
        litres=21,
    ),
    Kind(
        name="Montageset",
        category="BESCHLAG",
        unit="SET",
        cost=(890, 2490),
        other_units=_BOX_12,
        grams=730,
        litres=2,
    ),
    Kind(
        name="Mustermappe",
        category="SERVICE",
        unit="PCS",
        cost=(1500, 3900),
        grams=1400,
        litres=5,
        type="Non-Inventory",
    ),
)
