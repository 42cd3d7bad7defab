"""How an entity set is declared: which ERP field stands behind each property. Page services are sets, too.

One line a property: `number = No`. Sources: `Field` the field itself; `&Field` the SystemId of the record
that the field names; `$Field` a currency code whose blank is shown as the local currency; `#name` computed by
the service; `.guid`, `.text`, `.bool` a property that exists but is always blank here. The flag `ro` refuses
writing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from interlace.sandbox.erp.declaration import FieldType, Table, Value


class SourceKind(Enum):
    """Where the value of a property comes from."""

    FIELD = "field"
    RELATED_ID = "related id"
    CURRENCY = "currency"
    COMPUTED = "computed"
    BLANK = "blank"


@dataclass(frozen=True, kw_only=True)
class PublishedProperty:
    """One property of an API set; `source` is the ERP field or the name of the computation."""

    name: str
    kind: SourceKind
    source: str
    type: FieldType
    length: int = 0
    option: str = ""
    relation: str = ""
    read_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """A navigation property: to the records of another set whose fields equal fields of this record.

    `links` are pairs of an own field and the other table's field.
    """

    name: str
    target: str
    links: tuple[tuple[str, str], ...]
    many: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class PublishedSet:
    """One entity set over one table: a set of API v2.0 or a page web service (`is_page`).

    `fixed` are field values that select the set's records in the table and are given to new ones.
    `needed` are properties that a new record must bring, each a group of alternatives. `drafts` is the set of
    the same name over the documents that are not posted yet: clients see both as one.
    """

    name: str
    entity: str
    table: Table
    properties: tuple[PublishedProperty, ...]
    insert: bool = False
    modify: bool = False
    delete: bool = False
    fixed: Mapping[str, Value]
    needed: tuple[tuple[str, ...], ...] = ()
    expansions: tuple[Expansion, ...] = ()
    webhooks: bool = False
    is_page: bool = False
    drafts: "PublishedSet | None" = None

    @cached_property
    def by_name(self) -> Mapping[str, PublishedProperty]:
        """The properties by name."""
        return {prop.name: prop for prop in self.properties}

    @cached_property
    def shown_key(self) -> tuple[str, ...]:
        """The names under which the set shows the fields of its table's key."""
        names = {prop.source: prop.name for prop in self.properties if prop.kind is SourceKind.FIELD}
        return tuple(names.get(name, name) for name in self.table.key)

    @cached_property
    def by_folded_name(self) -> Mapping[str, PublishedProperty]:
        """The properties by name in lower case: query options are not case-sensitive."""
        return {prop.name.lower(): prop for prop in self.properties}

    @cached_property
    def by_navigation(self) -> Mapping[str, Expansion]:
        """The navigation properties by name."""
        return {expansion.name: expansion for expansion in self.expansions}


# Computed properties: type, length, option.
COMPUTED: Mapping[str, tuple[FieldType, int, str]] = {
    "SystemId": (FieldType.GUID, 0, ""),
    "SystemCreatedAt": (FieldType.DATETIME, 0, ""),
    "SystemModifiedAt": (FieldType.DATETIME, 0, ""),
    "orderStatus": (FieldType.OPTION, 0, "salesOrderEntityBufferStatus"),
    "invoiceStatus": (FieldType.OPTION, 0, "invoiceEntityAggregateStatus"),
    "lineType": (FieldType.OPTION, 0, "invoiceLineAggLineType"),
    "documentId": (FieldType.GUID, 0, ""),
    "lineItemId": (FieldType.GUID, 0, ""),
    "lineAccountId": (FieldType.GUID, 0, ""),
    "quoteStatus": (FieldType.OPTION, 0, "salesQuoteEntityBufferStatus"),
    "creditMemoStatus": (FieldType.OPTION, 0, "salesCrMemoEntityBufferStatus"),
    "discountAllocation": (FieldType.DECIMAL, 0, ""),
    "lineVariantId": (FieldType.GUID, 0, ""),
    "orderId": (FieldType.GUID, 0, ""),
    "taxAmount": (FieldType.DECIMAL, 0, ""),
    "lineAmount": (FieldType.DECIMAL, 0, ""),
    "lineTax": (FieldType.DECIMAL, 0, ""),
    "lineAmountWithTax": (FieldType.DECIMAL, 0, ""),
    "partialShipping": (FieldType.BOOLEAN, 0, ""),
    "trueValue": (FieldType.BOOLEAN, 0, ""),
    "relatedId": (FieldType.GUID, 0, ""),
    "contactName": (FieldType.TEXT, 100, ""),
    "taxAreaName": (FieldType.TEXT, 100, ""),
    "contactType": (FieldType.OPTION, 0, "contactType"),
}

_WRITABLE_COMPUTED = frozenset(
    {"lineType", "documentId", "lineItemId", "lineAccountId", "lineVariantId", "partialShipping"}
)
_BLANKS = {
    ".guid": FieldType.GUID,
    ".text": FieldType.TEXT,
    ".bool": FieldType.BOOLEAN,
    ".date": FieldType.DATE,
}


def _parse_property(table: Table, line: str) -> PublishedProperty:
    name, _, declaration = line.partition("=")
    source, *flags = declaration.split()
    read_only = "ro" in flags
    if source in _BLANKS:
        return PublishedProperty(
            name=name.strip(), kind=SourceKind.BLANK, source=source, type=_BLANKS[source]
        )
    if source.startswith("#"):
        computed = source[1:]
        kind, length, option = COMPUTED[computed]
        return PublishedProperty(
            name=name.strip(),
            kind=SourceKind.COMPUTED,
            source=computed,
            type=kind,
            length=length,
            option=option,
            read_only=read_only or computed not in _WRITABLE_COMPUTED,
        )
    field = table.by_name[source.lstrip("&$")]
    if source.startswith("&"):
        return PublishedProperty(
            name=name.strip(),
            kind=SourceKind.RELATED_ID,
            source=field.name,
            type=FieldType.GUID,
            relation=field.relation,
            read_only=read_only or field.read_only,
        )
    return PublishedProperty(
        name=name.strip(),
        kind=SourceKind.CURRENCY if source.startswith("$") else SourceKind.FIELD,
        source=field.name,
        type=field.type,
        length=field.length,
        option=field.option,
        relation=field.relation,
        read_only=read_only or field.read_only,
    )


def _parse_expansion(text: str) -> Expansion:
    """Read `name -> set own=other`; a trailing `[]` on the name means many."""
    name, _, rest = text.partition("->")
    target, condition = rest.split()
    own, _, other = condition.partition("=")
    plain = name.strip()
    return Expansion(
        name=plain.removesuffix("[]"), target=target, links=((own, other),), many=plain.endswith("[]")
    )


def declare_set(  # noqa: PLR0913 - a declaration has as many columns as it has
    name: str,
    entity: str,
    table: Table,
    properties: str,
    *,
    rights: str = "---",
    fixed: Mapping[str, str] | None = None,
    needed: tuple[tuple[str, ...], ...] = (),
    expansions: tuple[str, ...] = (),
    webhooks: bool = False,
    drafts: PublishedSet | None = None,
) -> PublishedSet:
    """Return the set that a block of lines declares; rights is `CUD` with `-` for what is refused."""
    lines = [line for line in properties.strip().splitlines() if line.strip()]
    return PublishedSet(
        name=name,
        entity=entity,
        table=table,
        properties=tuple(_parse_property(table, line) for line in ("id = #SystemId", *lines)),
        insert="C" in rights,
        modify="U" in rights,
        delete="D" in rights,
        fixed=fixed or {},
        needed=needed,
        expansions=tuple(_parse_expansion(text) for text in expansions),
        webhooks=webhooks,
        drafts=drafts,
    )
