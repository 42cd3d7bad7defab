"""The sets of the ERP extension's own API, `/api/interlace/sync/v1.0/`: what its AL pages in extension/al declare.

Every field that can be written has the name of its table field in camel case. The ids of new records may be chosen.
"""

from collections.abc import Mapping
from typing import Final

from interlace.sandbox.erp import code_tables, master_tables
from interlace.sandbox.erp.declaration import Table
from interlace.sandbox.erp.set_declaration import (
    PublishedProperty,
    PublishedSet,
    SourceKind,
    declare_set,
)

EXTENSION_PATH: Final = "api/interlace/sync/v1.0"
ANNOUNCEMENT: Final = "InterlaceExtension"
"""The page service by which clients see in the pages' `$metadata` that the API is there."""

_SUMS: Final = frozenset({"Capacity"})
"""Fields that the product computes: shown, and not to be written."""


def camel_case(name: str) -> str:
    """Return how the extension's pages spell a field: `Country_Region_Code` is countryRegionCode."""
    first, *others = name.split("_")
    return "".join([first.lower(), *(each[:1].upper() + each[1:].lower() for each in others)])


def _set(name: str, entity: str, table: Table, rights: str = "CUD") -> PublishedSet:
    """Declare a set that shows what clients may write of a table, and when a record was changed last."""
    shown = [field.name for field in table.stored_fields if not field.read_only]
    lines = [f"{camel_case(each)} = {each}{' ro' if each in _SUMS else ''}" for each in shown]
    return declare_set(
        name,
        entity,
        table,
        "\n".join([*lines, "lastModifiedDateTime = #SystemModifiedAt"]),
        rights=rights,
    )


EXTENSION_SETS: Final[Mapping[str, PublishedSet]] = {
    each.name: each
    for each in (
        _set("customers", "customer", master_tables.CUSTOMER),
        _set("contacts", "contact", master_tables.CONTACT),
        _set("items", "item", master_tables.ITEM),
        _set("resources", "resource", master_tables.RESOURCE),
        _set("itemUnitsOfMeasure", "itemUnitOfMeasure", master_tables.ITEM_UNIT_OF_MEASURE),
        _set("customerPriceGroups", "customerPriceGroup", code_tables.CUSTOMER_PRICE_GROUP),
        # The product keeps prices in price lists; lines are entered there.
        _set("salesPrices", "salesPrice", master_tables.SALES_PRICE, "---"),
        _set("shippingAgents", "shippingAgent", code_tables.SHIPPING_AGENT),
        _set("epochMarkers", "epochMarker", code_tables.EPOCH_MARKER, "CU-"),
    )
}

EXTENSION_PAGE: Final = PublishedSet(
    name=ANNOUNCEMENT,
    entity=ANNOUNCEMENT,
    table=code_tables.GENERAL_LEDGER_SETUP,
    properties=tuple(
        PublishedProperty(
            name=field.name, kind=SourceKind.FIELD, source=field.name, type=field.type, length=field.length
        )
        for field in code_tables.GENERAL_LEDGER_SETUP.fields
        if field.name in code_tables.GENERAL_LEDGER_SETUP.key
    ),
    fixed={},
    is_page=True,
)
