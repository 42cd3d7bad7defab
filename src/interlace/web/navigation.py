"""The menu: which pages there are, in which part, under which old names people look for them."""

from dataclasses import dataclass

from interlace.management.permission import Permission
from interlace.management.translatable import translatable


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page that can be gone to from everywhere."""

    path: str
    caption: str
    permission: Permission = Permission.READ
    also: tuple[str, ...] = ()
    """Other names under which people know the page; found by Tell Me."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An entry of the menu with its pages; the first one is where the entry leads."""

    caption: str
    places: tuple[Place, ...]
    is_integration: bool = True
    """Hidden in the Basic experience."""


def _records(mapping: str, caption: str, *also: str) -> Place:
    return Place(path=f"/records/{mapping}", caption=caption, also=also)


PARTS: tuple[Part, ...] = (
    Part(
        caption=translatable("Home"),
        places=(Place(path="/", caption=translatable("Home"), also=("Role Centre", "Role Center")),),
        is_integration=False,
    ),
    Part(
        caption=translatable("Records"),
        places=(
            _records("CUSTOMER", translatable("Customers"), "Customer List", "Accounts"),
            _records("CONTACT", translatable("Contacts")),
            _records("SALESPEOPLE", translatable("Salespeople"), "Couple Salespeople", "Users"),
            _records("ITEM-PRODUCT", translatable("Items"), "Products"),
            _records("RESOURCE-PRODUCT", translatable("Resources"), "Products"),
            _records("CUSTPRCGRP-PRICE", translatable("Customer Price Groups"), "Price Lists"),
            _records("SALESPRC-PRODPRICE", translatable("Sales Prices"), "Price List Items"),
            _records("ITEM-PRODPRICE", translatable("Item Prices"), "Default prices", "Price List Items"),
            _records("RESOURCE-PRODPRICE", translatable("Resource Prices"), "Default prices"),
            _records("CURRENCY", translatable("Currencies"), "Transaction Currencies"),
            _records("UNIT OF MEASURE", translatable("Units of Measure"), "Unit Groups"),
            _records("PAYMENT TERMS", translatable("Payment Terms"), "Choices of payment terms"),
            _records("SHIPMENT METHOD", translatable("Shipment Methods"), "Freight terms"),
            _records("SHIPPING AGENT", translatable("Shipping Agents"), "Shipping methods"),
            _records("OPPORTUNITY", translatable("Opportunities")),
            _records("POSTEDSALESINV-INV", translatable("Posted Sales Invoices"), "Invoices"),
            _records("POSTEDSALESLINE-INV", translatable("Posted Sales Invoice Lines"), "Invoice Products"),
        ),
    ),
    Part(
        caption=translatable("Sales Orders"),
        places=(
            Place(
                path="/orders",
                caption=translatable("Sales Orders"),
                also=("Sales Orders - Dynamics CRM", "Sales Orders - Dynamics 365 for Sales"),
            ),
            Place(path="/availability", caption=translatable("Item Availability")),
        ),
    ),
    Part(
        caption=translatable("Synchronization"),
        places=(
            Place(
                path="/review",
                caption=translatable("Full Synch. Review"),
                also=("CRM Full Synch. Review", "Run Full Synchronization", "Dataverse Full Synch. Review"),
            ),
            Place(path="/jobs", caption=translatable("Integration Synchronization Jobs"), also=("Job log",)),
            Place(
                path="/errors",
                caption=translatable("Causes of Errors"),
                also=("Integration Synchronization Errors",),
            ),
            Place(
                path="/errors/skipped",
                caption=translatable("Coupled Data Synchronization Errors"),
                also=("Skipped Synch. Records", "CRM Skipped Records"),
            ),
            Place(path="/couplings", caption=translatable("Couplings"), also=("CRM Integration Records",)),
            Place(
                path="/queue",
                caption=translatable("Job Queue Entries"),
                also=("Synch. Job Queue Entries", "Background jobs"),
            ),
            Place(path="/verification", caption=translatable("Verification"), also=("Verify", "Compare")),
            Place(
                path="/findings", caption=translatable("Findings"), also=("Differences", "Missing records")
            ),
            Place(path="/plans", caption=translatable("Plans"), also=("Dry run", "What-if", "Apply plan")),
            Place(path="/journal", caption=translatable("Journal"), also=("Change log",)),
            Place(
                path="/requests",
                caption=translatable("Requests to Services"),
                also=("Log of requests", "HTTP log", "Correlation id"),
            ),
        ),
    ),
    Part(
        caption=translatable("Conflicts"),
        places=(Place(path="/conflicts", caption=translatable("Conflicts"), also=("Update conflicts",)),),
    ),
    Part(
        caption=translatable("Set-up"),
        places=(
            Place(
                path="/assisted-setup",
                caption=translatable("Assisted Setup"),
                also=("Set-up guides", "Assisted Setup & Tasks", "Set Up Extensions"),
            ),
            Place(
                path="/setup",
                caption=translatable("Set Up Connection"),
                permission=Permission.MANAGE_CONNECTION,
                also=(
                    "Set up Dynamics CRM connection",
                    "Set up Dynamics 365 for Sales connection",
                    "Set up a connection to Dataverse",
                    "Connection wizard",
                ),
            ),
            Place(
                path="/connections",
                caption=translatable("Connections"),
                also=("Switch company", "Companies"),
            ),
            Place(
                path="/connection",
                caption=translatable("Connection Setup"),
                also=(
                    "Dynamics CRM Connection Setup",
                    "Microsoft Dynamics 365 Connection Setup",
                    "Dynamics 365 for Sales Connection Setup",
                    "Dataverse Connection Setup",
                ),
            ),
            Place(
                path="/connection/approvals",
                caption=translatable("Approval Rules"),
                also=("Four-eyes principle", "Two-person rule", "Workflow approvals", "Second approval"),
            ),
            Place(
                path="/connection/freezes",
                caption=translatable("Freeze Windows"),
                also=("Freeze", "Month-end closing", "Close the month", "Maintenance window"),
            ),
            Place(path="/mappings", caption=translatable("Integration Table Mappings")),
            Place(path="/halts", caption=translatable("Safety Halts")),
            Place(
                path="/users",
                caption=translatable("Users"),
                permission=Permission.ADMINISTER,
                also=("Permission sets",),
            ),
            Place(
                path="/tokens",
                caption=translatable("Access Keys"),
                permission=Permission.ADMINISTER,
                also=("Change Web Service Key", "API keys"),
            ),
            Place(path="/audit", caption=translatable("Audit Log"), permission=Permission.ADMINISTER),
            Place(path="/about", caption=translatable("About")),
        ),
        is_integration=False,
    ),
)


def part_of(path: str) -> Part | None:
    """Return the part of the menu that a page belongs to: the one with the longest fitting path."""
    fitting = [
        (len(place.path), part)
        for part in PARTS
        for place in part.places
        if path == place.path or (place.path != "/" and path.startswith(place.path + "/"))
    ]
    return max(fitting, key=lambda each: each[0])[1] if fitting else None


def caption_at(path: str) -> str:
    """Return what the menu calls a page; blank: it does not lead there."""
    return next((place.caption for part in PARTS for place in part.places if place.path == path), "")


def place_of(part: Part, path: str) -> Place | None:
    """Return the page of a part that an address belongs to."""
    fitting = [
        place
        for place in part.places
        if path == place.path or (place.path != "/" and path.startswith(place.path + "/"))
    ]
    return max(fitting, key=lambda place: len(place.path), default=None)
