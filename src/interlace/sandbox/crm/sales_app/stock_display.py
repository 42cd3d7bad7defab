"""Stock figures as pages show them: what is there, what will be, how old the figure is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from htpy import Node, div, span

from interlace.sandbox.crm.sales_app.availability import Stock, Trouble
from interlace.sandbox.crm.sales_app.order_progress import erp_number
from interlace.sandbox.crm.sales_app.shown_records import Shown
from interlace.ui.badge import Tone, badge
from interlace.ui.figures import age_text, quantity_text
from interlace.ui.notices import Kind, notice
from interlace.ui.timeline import moment


def stock_text(found: Mapping[str, Stock] | Trouble, product: Shown | None, now: datetime) -> Node:
    """The figures of one product in a few words."""
    if product is None:
        return None
    if isinstance(found, Trouble):
        return _last_known(product)
    stock = found.get(product.id)
    if stock is None or stock.inventory is None:
        return span(".quiet-text")["no stock item of the ERP"]
    tone = Tone.GOOD if stock.inventory > 0 else Tone.WARN
    parts: list[Node] = [badge(f"{quantity_text(stock.inventory)} {stock.unit}".strip(), tone)]
    if stock.projected is not None and stock.projected != stock.inventory:
        parts.append(div(".quiet-text")[f"projected {quantity_text(stock.projected)}"])
    parts.append(div(".quiet-text")[age_text(now - stock.read_at)])
    return div(".stock")[parts]


def _last_known(product: Shown) -> Node:
    """What the last synchronization left on the product, and since when it stands there."""
    changed = product.moment("modifiedon")
    if product.amount("quantityonhand") is None or changed is None or not erp_number(product):
        return span(".quiet-text")["not known"]
    quantity = f"{product.quantity('quantityonhand')} {product.label('defaultuomid')}".strip()
    return div(".stock")[badge(quantity), div(".quiet-text")["last known, ", moment(changed)]]


def stock_notice(found: Mapping[str, Stock] | Trouble) -> Node:
    """Says why there are no figures; nothing when there are."""
    if not isinstance(found, Trouble):
        return None
    return notice(
        "Availability can't be read", kind=Kind.HINT, body=f"{found.reason} Orders can be taken all the same."
    )
