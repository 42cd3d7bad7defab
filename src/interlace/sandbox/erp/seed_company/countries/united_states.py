"""Names, places and spellings of the United States; telephone numbers are of the range kept free for
fiction.
"""

from typing import Final

from interlace.sandbox.erp.seed_company.countries.country_pack import CountryPack, combined, places, words

UNITED_STATES: Final = CountryPack(
    code="US",
    currencies=("USD",),
    vat_group="EXPORT",
    language="ENU",
    top_level_domain="us",
    family_names=words(
        """Abbott Bennett Callahan Delgado Emerson Fitzgerald Gallagher Henderson Ivers Jefferson Kowalski
        Lindqvist McKinley Navarro O'Brien Patterson Quinlan Rodriguez Schultz Thompson Upshaw
        Vandermeer Whitfield Youngblood Zimmerman Alvarado Brewster Castellano Drummond Eastwood
        Fairbanks Goodwin Hathaway Jorgensen Kaplan Lombardi Montgomery Nakamura Okafor Pruitt Ramirez
        Sorensen Tran Villanueva Washburn"""
    ),
    given_names=words(
        """Abigail Aaron Brianna Bradley Chloe Carlos Danielle Derek Emily Ethan Faith Frank Grace Gregory
        Hailey Henry Isabella Isaac Jasmine Jason Kayla Kevin Lauren Logan Madison Marcus Natalie Nathan
        Olivia Omar Paige Patrick Rachel Ryan Samantha Scott Tiffany Tyler Vanessa Vincent Wendy Wyatt
        Renée José"""
    ),
    places=places(
        """New York | NY | 100## | +1 212-555-01##
        Chicago | IL | 606## | +1 312-555-01##
        Houston | TX | 770## | +1 713-555-01##
        Grand Rapids | MI | 495## | +1 616-555-01##
        High Point | NC | 2726# | +1 336-555-01##
        Seattle | WA | 981## | +1 206-555-01##
        Portland | OR | 972## | +1 503-555-01##
        Denver | CO | 802## | +1 303-555-01##
        Minneapolis | MN | 554## | +1 612-555-01##
        Atlanta | GA | 303## | +1 404-555-01##
        Boston | MA | 021## | +1 617-555-01##
        San Francisco | CA | 941## | +1 415-555-01##
        Phoenix | AZ | 850## | +1 602-555-01##
        Saint Louis | MO | 631## | +1 314-555-01##"""
    ),
    streets=combined(
        "Maple Oak Washington Lincoln Market Cedar Jefferson Lakeview Industrial", "_Street _Avenue _Blvd."
    )
    + words("County_Road_12 West_42nd_Street Old_Mill_Parkway"),
    street_line="{number} {street}",
    second_lines=("Suite 200", "Building 7", "Dock 3", "Floor 14", "P.O. Box 1180"),
    mobile="+1 202-555-01##",
    by_place=(
        "{name} Furniture of {city}",
        "{name} Office Interiors {city}",
        "{city} {name} Home Outfitters",
        "{name} Contract Seating {city}",
    ),
    by_partner=(
        "{name} & {partner} Furnishings",
        "{name} {partner} Workspaces",
        "{name}, {partner} & Co. Interiors",
        "{name} and {partner} Home",
    ),
    legal_forms=("Inc.", "LLC", "Corp.", "Co.", "LLC"),
    vat_number="##-#######",
    job_titles=(
        "President",
        "Purchasing Manager",
        "Buyer",
        "Accounts Payable",
        "Warehouse Manager",
        "Store Manager",
    ),
)
