"""Names, places and spellings of the United Kingdom; telephone numbers are of the ranges kept free for
fiction.
"""

from typing import Final

from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack, combined, places, words

UNITED_KINGDOM: Final = CountryPack(
    code="GB",
    currencies=("GBP",),
    vat_group="EXPORT",
    language="ENG",
    top_level_domain="uk",
    family_names=words(
        """Ashworth Barlow Carrington Dunmore Ellison Fairfax Garside Hartley Ingram Jessop Kershaw Langley
        Marsden Norbury Oakes Pemberton Quigley Radcliffe Sutcliffe Thornton Underhill Vickers Whitaker
        Yardley Aldridge Blackwood Crowther Dewhurst Entwistle Fothergill Greenhalgh Hepworth
        Illingworth Kirkbride Lockwood Mortimer O'Donnell Prendergast Rowbotham Shuttleworth Tattersall
        Wetherby MacAllister Llewellyn Smythe-Jones Abernathy"""
    ),
    given_names=words(
        """Alice Andrew Beatrice Brian Charlotte Colin Daphne David Eleanor Edward Fiona Frederick Georgina
        Graham Harriet Hugh Imogen Ian Jemima James Katherine Keith Lucy Leonard Margaret Malcolm Nicola
        Nigel Olivia Oliver Penelope Philip Rosemary Robert Sophie Simon Tabitha Timothy Una Victor
        Winifred William Siân Zoë Mary-Ann"""
    ),
    places=places(
        """London | Greater London | SE# #@@ | +44 20 7946 0###
        Birmingham | West Midlands | B## #@@ | +44 121 496 0###
        Manchester | Greater Manchester | M## #@@ | +44 161 496 0###
        Leeds | West Yorkshire | LS# #@@ | +44 113 496 0###
        Glasgow | Lanarkshire | G## #@@ | +44 141 496 0###
        Edinburgh | Midlothian | EH# #@@ | +44 131 496 0###
        Bristol | Avon | BS# #@@ | +44 117 496 0###
        Sheffield | South Yorkshire | S## #@@ | +44 114 496 0###
        Cardiff | South Glamorgan | CF## #@@ | +44 29 2018 0###
        Liverpool | Merseyside | L## #@@ | +44 151 496 0###
        Nottingham | Nottinghamshire | NG# #@@ | +44 115 496 0###
        Leicester | Leicestershire | LE# #@@ | +44 116 496 0###
        Reading | Berkshire | RG# #@@ | +44 118 496 0###
        Belfast | County Antrim | BT# #@@ | +44 28 9649 6###"""
    ),
    streets=combined(
        "Mill Church Station Victoria Albert Orchard Canal Foundry Chapel Kiln", "_Lane _Road _Street"
    )
    + words("The_Old_Brewery Saint_Mary's_Gate Kings_Parade Timber_Wharf"),
    street_line="{number} {street}",
    second_lines=("Unit 4", "First Floor", "Riverside Estate", "Suite 12B", "c/o Trade Counter"),
    mobile="+44 7700 900###",
    by_place=(
        "{name} Furniture {city}",
        "{name} Interiors {city}",
        "{name} Office Supplies {city}",
        "The {city} {name} Company",
    ),
    by_partner=(
        "{name} & {partner} Furnishers",
        "{name} & {partner} Interiors",
        "{name}, {partner} & Sons",
        "{name} {partner} Contracts",
    ),
    legal_forms=("Ltd.", "Limited", "PLC", "LLP", "Ltd."),
    vat_number="GB#########",
    job_titles=("Managing Director", "Purchasing Manager", "Buyer", "Accounts Payable", "Showroom Manager"),
)
