"""The life of a product: draft, published, under revision, retired; families publish and retire together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from interlace.sandbox.crm.errors import refused
from interlace.sandbox.crm.record_layout import ETAG, Row
from interlace.sandbox.json_codec import decode_object, encode

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Author, Records

ACTIVE, RETIRED, DRAFT, UNDER_REVISION = 0, 1, 2, 3
FAMILY = 2
_MOVES = frozenset(
    {
        (DRAFT, ACTIVE),
        (ACTIVE, UNDER_REVISION),
        (UNDER_REVISION, ACTIVE),
        (ACTIVE, RETIRED),
        (UNDER_REVISION, RETIRED),
        (RETIRED, ACTIVE),
    }
)
_REFUSALS: Mapping[tuple[object, object], str] = {
    (DRAFT, RETIRED): "0x8004f978",
    (DRAFT, UNDER_REVISION): "0x8004f913",
}
_KEPT = ("versionnumber", ETAG, "modifiedon", "_modifiedby_value", "_modifiedonbehalfby_value")


def product_moves(records: Records, before: Row, row: Row) -> None:
    """Refuses a change of state that a product cannot make."""
    move = (before["statecode"], row["statecode"])
    if move not in _MOVES or (move == (RETIRED, ACTIVE) and before["_parentproductid_value"] is not None):
        code = _REFUSALS.get(move, "0x8004f912")
        raise refused(code, f"A product cannot go from state {move[0]} to state {move[1]}.")
    if row["statecode"] == ACTIVE:
        require_published_family(records, row)


def require_published_family(records: Records, row: Row) -> None:
    """Refuses to publish a product whose family is not published."""
    parent_id = row["_parentproductid_value"]
    if parent_id is None:
        return
    parent = records.required_row("product", str(parent_id))
    if parent["statecode"] in (DRAFT, RETIRED):
        raise refused(
            "0x8004f909",
            f"The product family {parent['productnumber']} is not published. Publish it first, or publish the "
            "hierarchy.",
        )


def product_changed(records: Records, before: Row, row: Row) -> None:
    """Keeps the published version when a revision begins; retires what belongs to a retired family."""
    if row["statecode"] == before["statecode"]:
        return
    if row["statecode"] == UNDER_REVISION:
        records.store.write_state(_published_state(row), encode(before).decode())
    if row["statecode"] == RETIRED and row["productstructure"] == FAMILY:
        table = records.schema.tables["product"]
        for child in _children(records, row):
            if child["statecode"] in (ACTIVE, UNDER_REVISION):
                child["statecode"], child["statuscode"] = RETIRED, RETIRED + 1
                before_child = records.required_row("product", str(child["productid"]))
                records.rewrite(table, child)
                product_changed(records, before_child, child)


def _published_state(row: Row) -> str:
    return f"published:{row['productid']}"


def _children(records: Records, row: Row) -> list[Row]:
    table = records.schema.tables["product"]
    return records.members_of(table, str(row["productid"]), "product_parent_product")


def revert_product(records: Records, row: Row, author: Author) -> None:
    """Discards the changes of a revision: the product is again what was published."""
    if row["statecode"] != UNDER_REVISION:
        raise refused("0x8004f912", f"The product {row['productnumber']} is not under revision.")
    stored = records.store.read_state(_published_state(row))
    published = decode_object(stored) if stored is not None else {**row, "statecode": 0, "statuscode": 1}
    restored = {name: row[name] if name in _KEPT else published.get(name) for name in row}
    restored["modifiedon"], restored["_modifiedby_value"] = records.moment(), author.user_id
    records.rewrite(records.schema.tables["product"], restored)


def publish_hierarchy(records: Records, row: Row, author: Author) -> None:
    """Publishes a family with all drafts and revisions below it, or a single product."""
    table = records.schema.tables["product"]
    if row["statecode"] in (DRAFT, UNDER_REVISION):
        require_published_family(records, row)
        records.update_row(table, row, {"statecode": ACTIVE}, author)
    elif row["statecode"] == RETIRED:
        raise refused("0x8004f912", f"The product {row['productnumber']} is retired and cannot be published.")
    for child in _children(records, row):
        if child["statecode"] != RETIRED:
            publish_hierarchy(records, child, author)


def clone_product(records: Records, row: Row, author: Author) -> Row:
    """A new draft with the properties of a product and a number of its own."""
    table = records.schema.tables["product"]
    payload: dict[str, object] = {}
    for column in table.columns.values():
        value = row[column.wire_name]
        if column.custom or not column.writable or value is None:
            continue
        if column.name in (
            "statecode",
            "statuscode",
            "overriddencreatedon",
            "importsequencenumber",
            table.key,
        ):
            continue
        if not column.targets:
            payload[column.name] = value
            continue
        navigation, target = next(iter(column.targets.items()))
        if column.name != "pricelevelid":
            payload[f"{navigation}@odata.bind"] = f"/{records.schema.tables[target].set_name}({value})"
    payload["productnumber"] = f"{str(row['productnumber'])[:80]}-{records.ids.next_id()[-6:].upper()}"
    return records.create(table, payload, author)
