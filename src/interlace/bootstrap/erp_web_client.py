"""Where the ERP's web client shows a record: its page, found by the record's key.

How such addresses are made: https://learn.microsoft.com/dynamics365/business-central/dev-itpro/developer/devenv-web-client-urls
"""

import re
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.domain.filter_language import quoted
from interlace.domain.keys import KEY_SEPARATOR

_ONLINE_API: Final = "api.businesscentral.dynamics.com"
_ONLINE: Final = "https://businesscentral.dynamics.com"
_KEYS: Final = {each.name: each.key for each in PUBLISHED_TABLES}
_PAGES: Final = {
    "Contact": 5050,
    "Currency": 5,
    "Customer": 21,
    "Customer_Price_Group": 7,
    "Item": 30,
    "Opportunity": 5124,
    "Payment_Terms": 4,
    "Resource": 76,
    "Sales_Header": 42,
    "Sales_Invoice_Header": 132,
    "Sales_Price": 7002,
    "Salesperson_Purchaser": 5116,
    "Shipment_Method": 11,
    "Shipping_Agent": 428,
    "Unit_of_Measure": 209,
}
"""The product's own card of a table, else its list: the same numbers in every version."""
_FILTERED: Final = frozenset({"No", "Code", "Item_No", "Sales_Code"})
"""Fields of keys by whose values a page is filtered; dates and quantities are written otherwise in each language."""
_PLAIN: Final = re.compile(r"[\w-]+(?: [\w-]+)*")


def web_client_of(erp_address: str, told: str) -> str:
    """Return the address of the web client: as it was told, else what the online service's tells; blank: unknown."""
    if told:
        return told.rstrip("/") if is_web_address(told) else ""
    parts = urlsplit(erp_address)
    # Such as /v2.0/TENANT/ENVIRONMENT.
    place = [each for each in parts.path.split("/") if each][1:]
    if parts.hostname != _ONLINE_API or not place:
        return ""
    return "/".join((_ONLINE, *place))


def is_web_address(text: str) -> bool:
    """Whether a text is an address that a page may lead to."""
    try:
        parts = urlsplit(text)
        is_named = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_named and "@" not in parts.netloc and not parts.query and not parts.fragment


def record_page(web_client: str, company: str, table: str, key: str) -> str:
    """Return the address of a record's page; blank where the product has none for its table."""
    if not web_client or table not in _PAGES:
        return ""
    # Pages of one kind of document are found by its number alone.
    values = key.split(KEY_SEPARATOR)
    fields = _KEYS[table][-len(values) :]
    conditions = [
        f"'{_spelled(name)}' IS '{_exactly(value)}'"
        for name, value in zip(fields, values, strict=True)
        if name in _FILTERED and value
    ]
    asked = {"company": company, "page": str(_PAGES[table]), "filter": " AND ".join(conditions)}
    return f"{web_client}/?{urlencode(asked, quote_via=quote)}"


def _spelled(name: str) -> str:
    """Return a field's own name from the one that services give it."""
    spaced = name.replace("_", " ")
    return f"{spaced}." if spaced.endswith("No") else spaced


def _exactly(value: str) -> str:
    """Write a value so that the filter finds it alone, within the quotes of the condition."""
    held = value if _PLAIN.fullmatch(value) else quoted(value)
    return held.replace("'", "''")
