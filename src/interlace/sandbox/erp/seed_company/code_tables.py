"""The demo company's code tables: countries, currencies, units, terms, shipment, agents and the ledger
setup.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Record, Row

LOCAL_CURRENCY: Final = "EUR"

_COUNTRIES: Final = (
    # code, name, ISO number, address format, county, EU code
    ("DE", "Deutschland", "276", "Post Code+City", "Bundesland", "DE"),
    ("AT", "Österreich", "040", "Post Code+City", "Bundesland", "AT"),
    ("FI", "Suomi", "246", "Post Code+City", "Maakunta", "FI"),
    ("NO", "Norge", "578", "Post Code+City", "Fylke", ""),
    ("GB", "United Kingdom", "826", "City+County+Post Code", "County", ""),
    ("US", "United States", "840", "City+County+Post Code", "State", ""),
    ("MX", "México", "484", "Post Code+City", "Estado", ""),
    ("RU", "Россия", "643", "City+Post Code", "Область", ""),
    ("PL", "Polska", "616", "Post Code+City", "Województwo", "PL"),
    ("IT", "Italia", "380", "Post Code+City", "Provincia", "IT"),
    ("DK", "Danmark", "208", "Post Code+City", "Region", "DK"),
)

_CURRENCIES: Final = (
    ("USD", "US dollar", "840", "$"),
    ("GBP", "Pound sterling", "826", "£"),
    ("NOK", "Norsk krone", "578", "kr"),
    ("MXN", "Peso mexicano", "484", "Mex$"),
)

_UNITS: Final = (
    ("PCS", "Piece", "EA"),
    ("BOX", "Box", "BX"),
    ("SET", "Set", "SET"),
    ("PAIR", "Pair", "PR"),
    ("PACK", "Pack", "PK"),
    ("PALLET", "Pallet", "PF"),
    ("M", "Metre", "MTR"),
    ("M²", "Square metre", "MTK"),
    ("KG", "Kilogram", "KGM"),
    ("HOUR", "Hour", "HUR"),
    ("DAY", "Day", "DAY"),
    ("KM", "Kilometre", "KMT"),
)

_ITEM_CATEGORIES: Final = (
    ("BESCHLAG", "Beschläge"),
    ("BÜRO", "Büromöbel"),
    ("LICHT", "Leuchten"),
    ("POLSTER", "Polstermöbel"),
    ("SCHLAFEN", "Schlafzimmer"),
    ("SERVICE", "Dienstleistungen"),
    ("TEXTIL", "Heimtextilien"),
    ("WOHNEN", "Wohnmöbel"),
)

# code, description, due date, discount date, discount percent
_TERMS: Final = (
    ("COD", "Zahlung bei Lieferung", "0D", "", "0"),
    ("CM", "Laufender Monat", "CM", "", "0"),
    ("7 DAYS", "7 Tage netto", "7D", "", "0"),
    ("14 DAYS", "14 Tage netto", "14D", "", "0"),
    ("21 DAYS", "21 Tage netto", "21D", "", "0"),
    ("30 DAYS", "30 Tage netto", "30D", "", "0"),
    ("60 DAYS", "60 Tage netto", "60D", "", "0"),
    ("1M(8D)", "1 Monat, 8 Tage 2 % Skonto", "1M", "8D", "2"),
    ("30T3%10", "30 Tage, 10 Tage 3 % Skonto", "30D", "10D", "3"),
    ("VORKASSE", "Zahlung vor Lieferung", "0D", "", "0"),
)

DAYS_UNTIL_DUE: Final = {
    "COD": 0,
    "CM": 20,
    "7 DAYS": 7,
    "14 DAYS": 14,
    "21 DAYS": 21,
    "30 DAYS": 30,
    "60 DAYS": 60,
    "1M(8D)": 30,
    "30T3%10": 30,
    "VORKASSE": 0,
}
USUAL_TERMS: Final = ("14 DAYS", "30 DAYS", "30 DAYS", "1M(8D)", "30T3%10", "21 DAYS", "60 DAYS", "7 DAYS")
DISCOUNT: Final = {"1M(8D)": (8, 2), "30T3%10": (10, 3)}

_METHODS: Final = (
    ("EXW", "Ab Werk"),
    ("FCA", "Frei Frachtführer"),
    ("FOB", "Frei an Bord"),
    ("CIF", "Kosten, Versicherung und Fracht"),
    ("CIP", "Fracht und Versicherung bezahlt"),
    ("CPT", "Fracht bezahlt bis"),
    ("DAP", "Geliefert benannter Ort"),
    ("DDP", "Geliefert verzollt"),
    ("ABHOLUNG", "Selbstabholung im Lager"),
)
METHODS_AT_HOME: Final = ("DAP", "DAP", "DAP", "EXW", "ABHOLUNG")
METHODS_ABROAD: Final = ("DAP", "CIP", "CPT", "FCA", "DDP", "FOB", "CIF")

# Agents of the demo world: their internet names end in .example, so that no link leads anywhere.
_AGENTS: Final = (
    ("NORDFRACHT", "Nordfracht Spedition", "https://www.nordfracht.example/sendung?nr=%1"),
    ("MÖBELEXPR", "Möbel-Express Zwei-Mann-Handling", "https://www.moebel-express.example/track/%1"),
    ("PAKET24", "Paket 24", "https://www.paket24.example/t?id=%1"),
    ("OWN LOG.", "Eigener Fuhrpark", ""),
    ("OCEANIC", "Oceanic Freight Lines", "https://www.oceanic.example/container/%1"),
    ("FJORDTRANS", "Fjord Transport AS", "https://www.fjordtransport.example/sok/%1"),
    ("AIRCARGO", "Hanse Air Cargo", ""),
)
AGENTS_AT_HOME: Final = ("NORDFRACHT", "MÖBELEXPR", "PAKET24", "OWN LOG.")
AGENTS_ABROAD: Final = {"NO": ("FJORDTRANS", "NORDFRACHT"), "US": ("OCEANIC", "AIRCARGO"), "MX": ("OCEANIC",)}

_TWO_PLACES: Final = Decimal("0.01")
_FIVE_PLACES: Final = Decimal("0.00001")


def _roundings() -> Record:
    return {
        "Amount_Rounding_Precision": _TWO_PLACES,
        "Amount_Decimal_Places": "2:2",
        "Unit_Amount_Rounding_Precision": _FIVE_PLACES,
        "Unit_Amount_Decimal_Places": "2:5",
    }


def _ledger_setup() -> Row:
    return "General_Ledger_Setup", {
        "Primary_Key": "",
        "LCY_Code": LOCAL_CURRENCY,
        "Local_Currency_Symbol": "€",
        "Local_Currency_Description": "Euro",
        "Inv_Rounding_Precision_LCY": _TWO_PLACES,
        "Allow_Posting_From": "2023-11-01",
        **_roundings(),
    }


def _countries() -> Iterator[Row]:
    for code, name, number, address_format, county, eu_code in _COUNTRIES:
        yield (
            "Country_Region",
            {
                "Code": code,
                "Name": name,
                "ISO_Code": code,
                "ISO_Numeric_Code": number,
                "Address_Format": address_format,
                "County_Name": county,
                "EU_Country_Region_Code": eu_code,
                "Intrastat_Code": eu_code,
            },
        )


def _currencies() -> Iterator[Row]:
    for code, description, number, symbol in _CURRENCIES:
        yield (
            "Currency",
            {
                "Code": code,
                "Description": description,
                "ISO_Code": code,
                "ISO_Numeric_Code": number,
                "Symbol": symbol,
                "Invoice_Rounding_Precision": _TWO_PLACES,
                **_roundings(),
            },
        )


def general_rows() -> Iterator[Row]:
    """Yield the ledger setup, countries and currencies."""
    yield _ledger_setup()
    yield from _countries()
    yield from _currencies()


def sales_code_rows() -> Iterator[Row]:
    """Yield units of measure, item categories, tax groups, payment terms, shipment methods and agents."""
    yield "Tax_Group", {"Code": "STANDARD", "Description": "Regelsteuersatz"}
    for code, description in _ITEM_CATEGORIES:
        yield "Item_Category", {"Code": code, "Description": description}
    for code, description, standard in _UNITS:
        yield (
            "Unit_of_Measure",
            {
                "Code": code,
                "Description": description,
                "International_Standard_Code": standard,
            },
        )
    for code, description, due, discount, percent in _TERMS:
        yield (
            "Payment_Terms",
            {
                "Code": code,
                "Description": description,
                "Due_Date_Calculation": due,
                "Discount_Date_Calculation": discount,
                "Discount_Percent": Decimal(percent),
            },
        )
    for code, description in _METHODS:
        yield "Shipment_Method", {"Code": code, "Description": description}
    for code, name, address in _AGENTS:
        yield "Shipping_Agent", {"Code": code, "Name": name, "Internet_Address": address}
