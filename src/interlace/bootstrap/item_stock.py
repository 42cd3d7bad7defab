"""The stock of one item as CRM users see it: from the ERP's feed, else from what the last run brought to the CRM."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from interlace.bootstrap.availability import FEED_VIEW
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.domain.coupling import Coupling
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import FindRecords, ReadKeys, Record, TableView
from interlace.engine.service import ServiceMismatch
from interlace.engine.store_port import Store
from interlace.lead_to_cash.availability_to_product import FEED_FIELDS, ITEM_REGISTER
from interlace.locale.translatable import translatable

_PRODUCT_FIELDS = ("productnumber", "name", "quantityonhand", "modifiedon")
_CARD_FIELDS = ("Base_Unit_of_Measure", "Inventory", "Projected_Available_Balance")
_PRODUCT_VIEW = TableView(side=Side.CRM, table="product", fields=_PRODUCT_FIELDS)
_CARD_VIEW = TableView(side=Side.ERP, table="Item", fields=_CARD_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStock:
    """What is known of an item's stock, and how old that is."""

    item: str
    unit: str
    inventory: Decimal
    projected: Decimal | None
    """The stock less what is ordered; None: the source does not tell."""
    source: str
    age_seconds: float
    product: str = ""
    """The CRM's name of the product; blank: the item is not coupled."""
    product_id: str = ""
    crm_quantity: Decimal | None = None
    """What the product itself shows in the CRM."""


async def stock_of(item: str, store: Store) -> ItemStock:
    """Read an item's stock now; raises ConnectionProblem for an item that the ERP does not have."""
    number = item.strip().upper()
    try:
        found: list[Record] = await FindRecords(view=FEED_VIEW, field="ItemNo", values=(number,))
    except ServiceMismatch:
        return await _without_feed(number, store)
    if not found:
        return await _from_card(number, translatable("the item's card: no CRM product shows this item"))
    row = dict(zip(FEED_FIELDS, found[0].values(), strict=True))
    product = await _product(found[0].key)
    return ItemStock(
        item=str(row["ItemNo"]),
        unit=str(row["UOM"] or ""),
        inventory=_number(row["Inventory"]),
        projected=_number(row["Projected_Available_Balance"]),
        source=translatable("the availability feed"),
        age_seconds=0.0,
        product=_name(product),
        product_id=found[0].key,
        crm_quantity=None if product is None else _number(product["quantityonhand"]),
    )


async def _without_feed(number: str, store: Store) -> ItemStock:
    """An ERP without the feed: the product carries the stock as of the last run that changed it."""
    coupling: Coupling | None = store.couplings_by_key(ITEM_REGISTER.mapping, Side.ERP, [number]).get(number)
    product = None if coupling is None else await _product(coupling.crm_key)
    if coupling is None or product is None:
        return await _from_card(
            number, translatable("the item's card: the ERP publishes no feed, and no product shows it")
        )
    changed = datetime.fromisoformat(str(product["modifiedon"]))
    return ItemStock(
        item=number,
        unit="",
        inventory=_number(product["quantityonhand"]),
        projected=None,
        source=translatable("the CRM product: the ERP publishes no availability feed"),
        age_seconds=(datetime.now(UTC) - changed).total_seconds(),
        product=_name(product),
        product_id=coupling.crm_key,
        crm_quantity=_number(product["quantityonhand"]),
    )


async def _from_card(number: str, source: str) -> ItemStock:
    found: list[Record | None] = await ReadKeys(view=_CARD_VIEW, keys=(number,))
    if found[0] is None:
        raise ConnectionProblem(
            translatable(
                "The ERP has no item {number}. Look at the items there, or at `interlace couplings list "
                "ITEM-PRODUCT`.",
                number=number,
            )
        )
    unit, inventory, projected = found[0].values()
    return ItemStock(
        item=number,
        unit=str(unit or ""),
        inventory=_number(inventory),
        projected=_number(projected),
        source=source,
        age_seconds=0.0,
    )


async def _product(key: str) -> dict[str, Value] | None:
    found: list[Record | None] = await ReadKeys(view=_PRODUCT_VIEW, keys=(key,))
    return None if found[0] is None else dict(zip(_PRODUCT_FIELDS, found[0].values(), strict=True))


def _name(product: dict[str, Value] | None) -> str:
    return "" if product is None else str(product["name"] or "")


def _number(value: Value) -> Decimal:
    return Decimal(str(value or 0))
