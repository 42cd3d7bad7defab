"""Writes an order with its lines through the Web API, all or nothing; or tries it out and takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from interlace.sandbox.crm.sales_app.order_checks import LineDraft, OrderDraft
from interlace.sandbox.crm.sales_app.order_input import lines_of
from interlace.sandbox.crm.sales_app.shown_records import Shown, ShownRecords
from interlace.sandbox.crm.sales_app.web_api import WebApi
from interlace.sandbox.exchange import Refusal

# Bodies bind lookups; rows hold their ids under another name.
_BOUND = {"productid@odata.bind": "_productid_value", "uomid@odata.bind": "_uomid_value"}


class LineRefused(Exception):
    """The service refused one line."""

    def __init__(self, position: int, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.position = position
        self.refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """An order as the service computed it: the header, and the lines by their row in the form."""

    order: Shown
    lines: Mapping[int, Shown]


class _TakeBack(Exception):
    """Ends a trial; carries what was computed."""

    def __init__(self, computed: Computed) -> None:
        super().__init__("a trial is never kept")
        self.computed = computed


def compute(
    web_api: WebApi, shown: ShownRecords, draft: OrderDraft, order: Shown | None, version: str
) -> Computed:
    """What the order would be; nothing is kept. Raises `Refusal` and `LineRefused`."""
    try:
        with web_api.all_or_nothing():
            order_id, line_ids = _write(web_api, shown, draft, order, version)
            lines = {
                position: shown.required("salesorderdetail", each) for position, each in line_ids.items()
            }
            _take_back(Computed(order=shown.required("salesorder", order_id), lines=lines))
    except _TakeBack as ended:
        return ended.computed


def _take_back(computed: Computed) -> NoReturn:
    raise _TakeBack(computed)


def save(
    web_api: WebApi,
    shown: ShownRecords,
    draft: OrderDraft,
    order: Shown | None,
    *,
    version: str,
    submits: bool,
    new_id: str,
) -> str:
    """Writes the order, and submits it if asked to; returns its id. Raises `Refusal` and `LineRefused`."""
    with web_api.all_or_nothing():
        order_id, _ = _write(web_api, shown, draft, order, version, new_id)
        if submits:
            submit(web_api, order_id)
    return order_id


def submit(web_api: WebApi, order_id: str) -> None:
    """Hands the order over to the ERP."""
    web_api.update(f"salesorders({order_id})", {"statecode": 1, "statuscode": 3})


def _write(
    web_api: WebApi,
    shown: ShownRecords,
    draft: OrderDraft,
    order: Shown | None,
    version: str,
    new_id: str | None = None,
) -> tuple[str, dict[int, str]]:
    if order is None:
        chosen = {} if new_id is None else {"salesorderid": new_id}
        order_id = web_api.create("salesorders", {**draft.body, **chosen})
        existing: Mapping[str, Shown] = {}
    else:
        order_id = order.id
        existing = {line.id: line for line in lines_of(shown, order_id)}
        changed = changed_header(order, draft.body)
        # Also an empty change tells whether the order is still the one that was seen; lines change its version.
        web_api.update(f"salesorders({order_id})", changed, etag=version or None)
    with web_api.lines_of_one_document():
        return order_id, _write_lines(web_api, order_id, draft, existing)


def _write_lines(
    web_api: WebApi, order_id: str, draft: OrderDraft, existing: Mapping[str, Shown]
) -> dict[int, str]:
    for line_id in draft.removed_ids:
        if line_id in existing:
            web_api.delete(f"salesorderdetails({line_id})")
    written: dict[int, str] = {}
    for line in draft.lines:
        try:
            written[line.position] = _write_line(web_api, order_id, line, existing.get(line.line_id))
        except Refusal as refusal:
            raise LineRefused(line.position, refusal) from refusal
    return written


def _write_line(web_api: WebApi, order_id: str, line: LineDraft, before: Shown | None) -> str:
    body = {**line.body, "salesorderid@odata.bind": f"/salesorders({order_id})"}
    if before is None:
        return web_api.create("salesorderdetails", body)
    product_id = None if line.product is None else line.product.id
    if before.lookup("productid") != product_id:
        # Whether a line has a product of the catalogue is settled when it is made.
        web_api.delete(f"salesorderdetails({before.id})")
        return web_api.create("salesorderdetails", {**body, "lineitemnumber": before.row["lineitemnumber"]})
    changed = _changed_line(before, line.body)
    if changed:
        web_api.update(f"salesorderdetails({before.id})", changed)
    return before.id


def _changed_line(before: Shown, body: Mapping[str, object]) -> dict[str, object]:
    """What differs; a write of a line that is the same would give it today's price."""
    changed: dict[str, object] = {}
    for name, value in body.items():
        if name == "isproductoverridden":
            continue
        bound = _BOUND.get(name)
        held = before.row[bound] if bound is not None else before.row[name]
        wanted = _id_in(value) if bound is not None else value
        if not _same(held, wanted):
            changed[name] = value
    if changed.get("ispriceoverridden") is True:
        changed["priceperunit"] = body["priceperunit"]
    return changed


def changed_header(order: Shown, body: Mapping[str, object]) -> dict[str, object]:
    """What differs from the order as it stands."""
    columns = {
        "customerid_account@odata.bind": "_customerid_value",
        "pricelevelid@odata.bind": "_pricelevelid_value",
        "transactioncurrencyid@odata.bind": "_transactioncurrencyid_value",
    }
    changed: dict[str, object] = {}
    for name, value in body.items():
        column = columns.get(name)
        held = order.row[column] if column is not None else order.row[name]
        if not _same(held, _id_in(value) if column is not None else value):
            changed[name] = value
    return changed


def _id_in(bind: object) -> str:
    return str(bind).rpartition("(")[2].rstrip(")")


def _same(held: object, wanted: object) -> bool:
    """Numbers are the same with and without zeros at the end; no number is the same as zero."""
    if isinstance(wanted, Decimal) or (wanted is None and isinstance(held, (Decimal, int))):
        number = held if isinstance(held, (Decimal, int)) else 0
        return Decimal(number) == (wanted or Decimal(0))
    if isinstance(wanted, str) and isinstance(held, str) and wanted.endswith("T12:00:00Z"):
        return held[:10] == wanted[:10]
    return held == wanted


def unpriced(lines: Sequence[Shown]) -> list[Shown]:
    """The lines for which the service found no price."""
    return [line for line in lines if line.number("pricingerrorcode")]
