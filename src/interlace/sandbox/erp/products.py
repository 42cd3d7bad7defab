"""Which product the embedded ERP is: Business Central, or NAV 2017/2018 with what those versions lack.

NAV publishes fields under their captions in the language in which the page is published; it has no API v2.0, no
`$batch` that takes JSON, no ids of companies and pages of 1000 rows at most.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from interlace.locale.german_captions import GERMAN
from interlace.sandbox.erp.page_services import PAGE_SERVICES
from interlace.sandbox.erp.set_declaration import PublishedProperty, PublishedSet

_NO_PAGES: Final = frozenset({"EffectivePermissions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product line with what tells it from today's Business Central."""

    name: str
    has_api: bool = False
    has_batch: bool = False
    has_company_ids: bool = False
    page_rows_max: int = 1000
    lacking: Mapping[str, frozenset[str]]
    """Fields by table that this version does not have."""


def _lacking(text: str) -> dict[str, frozenset[str]]:
    pairs = (line.split(":") for line in text.strip().splitlines())
    return {table.strip(): frozenset(names.split()) for table, names in pairs}


_NAV_2018: Final = _lacking(
    """
    Customer: Name_2 Contact_Type Mobile_Phone_No
    Contact: Contact_Business_Relation
    Vendor: Name_2
    Item: Sales_Blocked Purchasing_Blocked
    Item_Variant: Blocked Sales_Blocked Purchasing_Blocked
    Resource: Name_2
    """
)
_NAV_2017: Final = {
    **_NAV_2018,
    "Customer": _NAV_2018["Customer"] | {"Privacy_Blocked"},
    "Contact": _NAV_2018["Contact"] | {"Privacy_Blocked"},
    "Resource": _NAV_2018["Resource"] | {"Privacy_Blocked"},
}
BUSINESS_CENTRAL: Final = Product(
    name="bc", has_api=True, has_batch=True, has_company_ids=True, page_rows_max=20_000, lacking={}
)
PRODUCTS: Final[Mapping[str, Product]] = {
    each.name: each
    for each in (
        BUSINESS_CENTRAL,
        Product(name="nav2018", lacking=_NAV_2018),
        Product(name="nav2017", lacking=_NAV_2017),
    )
}
LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": {}, "de": GERMAN}


def mangled(caption: str) -> str:
    """Make the name of a published field of a caption."""
    text = caption.replace("%", "Percent")
    text = re.sub(r"[.()]", "", text)
    text = re.sub(r"[\s\-/]+", "_", text)
    text = re.sub(r"['\[\]]", lambda found: f"_x{ord(found.group()):04X}_", text)
    return f"_x{ord(text[0]):04X}_{text[1:]}" if text[:1].isdigit() else text


def pages_of(product: Product, language: str = "en") -> dict[str, PublishedSet]:
    """Return the page services as a product publishes them in a language."""
    if product is BUSINESS_CENTRAL:
        return dict(PAGE_SERVICES)
    captions = LANGUAGES[language]
    return {
        name: _page(page, product, captions) for name, page in PAGE_SERVICES.items() if name not in _NO_PAGES
    }


def _page(page: PublishedSet, product: Product, captions: Mapping[str, str]) -> PublishedSet:
    lacking = product.lacking.get(page.table.name, frozenset())
    shown: list[PublishedProperty] = []
    taken: set[str] = set()
    for each in page.properties:
        if each.source in lacking:
            continue
        caption = captions.get(each.source)
        name = each.name if caption is None else mangled(caption)
        # A second control of the same name gets a number.
        name = name if name not in taken else f"{name}{len(shown)}"
        taken.add(name)
        shown.append(replace(each, name=name))
    return replace(page, properties=tuple(shown))
