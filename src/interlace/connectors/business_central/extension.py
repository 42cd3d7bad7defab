"""The ERP extension's API as its metadata shows it: which sets stand for which tables, and in which names.

It is looked for only where the pages' `$metadata` announces it, so an ERP without it is asked nothing more.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from interlace.connectors.business_central.field_names import ServiceNames
from interlace.connectors.business_central.number_series import NUMBERED_TABLES
from interlace.connectors.business_central.published_tables import PublishedTable, StampFeed
from interlace.odata.edm import EntityContainer, EntitySet, EntityType, Model, PrimitiveType, Property, Schema

ANNOUNCEMENT: Final = "InterlaceExtension"
"""Page service that tells of the extension."""
ID: Final = "id"
_STAMP: Final = "lastModifiedDateTime"
_PAGES_END: Final = "ODataV4/"
_OWN_END: Final = "api/interlace/sync/v1.0/"
_SETS: Final[Mapping[str, str]] = {
    "Customer": "customers",
    "Contact": "contacts",
    "Item": "items",
    "Resource": "resources",
    "Item_Unit_of_Measure": "itemUnitsOfMeasure",
    "Customer_Price_Group": "customerPriceGroups",
    "Sales_Price": "salesPrices",
    "Shipping_Agent": "shippingAgents",
    "Epoch_Marker": "epochMarkers",
}
_UNFED: Final = frozenset({"Sales_Price", "Epoch_Marker"})
"""Stamps tell of no deletion, and a price that ends must not be quoted any more: prices are compared whole all the
same. Markers are read one by one."""
_SILENT: Final[Mapping[str, tuple[str, ...]]] = {"Resource": ("Capacity",)}
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]|\d+")
_SPELLED: Final[Mapping[str, str]] = {
    **{each.lower(): each for each in ("VAT", "GTIN", "GLN", "LCY")},
    **{each: each for each in ("of", "per", "to")},
}


def shown_name(name: str) -> str:
    """Return how the extension spells a field that we call by its page's name."""
    first, *others = name.split("_")
    return "".join([first.lower(), *map(str.capitalize, others)])


def our_name(shown: str) -> str:
    """Return the page's name of a field that the extension spells so."""
    words = [each.lower() for each in _WORDS.findall(shown)]
    return "_".join(_SPELLED.get(each, each.capitalize()) for each in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionSet:
    """A set of the extension that shows one of our tables."""

    name: str
    properties: Mapping[str, Property]
    declared: EntitySet

    @property
    def takes_ids(self) -> bool:
        """Tell whether a new record may come with an id of our choosing."""
        return self.declared.insertable and ID in self.properties

    @property
    def stamps(self) -> bool:
        """Tell whether it says when a record was changed last."""
        return _STAMP in self.properties

    def shows(self, names: Iterable[str]) -> bool:
        """Tell whether it has all fields that we call by these names."""
        return all(shown_name(name) in self.properties for name in names)

    def as_page(self, table: PublishedTable) -> EntityType:
        """Describe the table as a page of its fields would."""
        return EntityType(
            name=table.service,
            key=table.key,
            properties=tuple(
                replace(each, name=our_name(name), type=_type_on_pages(each))
                for name, each in self.properties.items()
                if name not in (ID, _STAMP)
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """A table whose page service is not published, so that it is read from the extension."""

    set_name: str
    names: ServiceNames


@dataclass(slots=True)
class Extension:
    """What one ERP's extension offers; nothing until its metadata was learned."""

    pages_root: str
    tables: Sequence[PublishedTable]
    sets: Mapping[str, ExtensionSet] = field(default_factory=dict)
    """By table."""
    hosted: Mapping[str, Hosted] = field(default_factory=dict)
    """By page service."""
    is_learned: bool = False
    announced: bool = False
    refusal: str = ""
    """Why its metadata could not be read although it is announced."""

    @property
    def root(self) -> str:
        """The address of its service root, beside the pages' own."""
        return self.pages_root.removesuffix(_PAGES_END) + _OWN_END

    def learn(self, pages: Model, own: Model | None) -> Model:
        """Take over what both roots show; gives the pages' model with the tables that only the extension shows."""
        self.is_learned = True
        self.sets = {} if own is None else _sets_in(own)
        lacking = [
            (self.sets[table.name], table)
            for table in self.tables
            if table.name in self.sets
            and self.sets[table.name].shows(table.key)
            and pages.type_of_set(table.service) is None
        ]
        described = [of_table.as_page(table) for of_table, table in lacking]
        self.hosted = {
            each.name: Hosted(
                set_name=of_table.name,
                names=ServiceNames(shown={prop.name: shown_name(prop.name) for prop in each.properties}),
            )
            for (of_table, _), each in zip(lacking, described, strict=True)
        }
        if not described:
            return pages
        return _joined(
            pages, [(of_table.declared, each) for (of_table, _), each in zip(lacking, described, strict=True)]
        )

    def identified(self) -> list[str]:
        """Return the tables whose new records may come with ids of our choosing where the ERP gives the numbers."""
        return [name for name, each in self.sets.items() if name in NUMBERED_TABLES and each.takes_ids]

    def stamped(self) -> list[str]:
        """Return the tables whose changes are told by the extension alone."""
        return [each.name for each in self.tables if self.feeds_of(each) != each.feeds]

    def feeds_of(self, table: PublishedTable) -> tuple[StampFeed, ...]:
        """Return the feeds that tell of a table's changes: its own, or the extension's where it has none."""
        shown = self.sets.get(table.name)
        if table.feeds or table.name in _UNFED or shown is None:
            return table.feeds
        if not shown.stamps or not shown.shows(table.key):
            return ()
        feed = StampFeed(
            api_set=shown.name,
            key_fields=tuple(map(shown_name, table.key)),
            of_extension=True,
            silent_fields=_SILENT.get(table.name, ()),
        )
        return (feed,)


def _sets_in(model: Model) -> dict[str, ExtensionSet]:
    found = {}
    for table, name in _SETS.items():
        entity_type = model.type_of_set(name)
        if entity_type is not None:
            found[table] = ExtensionSet(
                name=name,
                properties={each.name: each for each in model.properties_of(entity_type)},
                declared=model.sets[name],
            )
    return found


def _type_on_pages(shown: Property) -> str:
    """Pages publish options as text; what else there is, both publish alike."""
    return shown.type if shown.type.startswith("Edm.") else PrimitiveType.STRING.value


def _joined(pages: Model, hosted: Sequence[tuple[EntitySet, EntityType]]) -> Model:
    """Return a model with further types, each with a set as the extension's own allows it."""
    namespace = "Interlace"
    sets = tuple(
        replace(declared, name=each.name, type=f"{namespace}.{each.name}", bindings=())
        for declared, each in hosted
    )
    types = tuple(each for _, each in hosted)
    container = EntityContainer(name=namespace, sets=sets)
    schema = Schema(namespace=namespace, entity_types=types, container=container)
    return replace(pages, schemas=(*pages.schemas, schema))
