"""Writes to an ERP order what its CRM order says: an order that is released is reopened for it."""

from collections.abc import Mapping
from typing import Final

from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.saga import Change, Delete, FoundRecord, Insert, Perform, Step
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.lead_to_cash.order_columns import HEADER_TABLE, LINE_TABLE
from interlace.lead_to_cash.order_values import text_of
from interlace.lead_to_cash.two_way_field_rows import DISCOUNT
from interlace.lead_to_cash.two_way_lines import ComparedLines, Line, erp_line_number
from interlace.locale.translatable import translatable

REOPEN: Final = "NAV.Reopen"
RELEASE: Final = "NAV.Release"


def perform(order: FoundRecord, message: str, tells: str) -> Perform:
    """Return the step that reopens or releases an ERP order."""
    return Perform(
        side=Side.ERP, table=HEADER_TABLE, key=order.key, tag=order.tag, message=message, tells=tells
    )


def write_erp(order: FoundRecord, compared: ComparedLines, to_erp: Mapping[str, Value]) -> Step | None:
    """Return the next write that brings an open ERP order to what the CRM says, None if it is there."""
    return _write_lines(order, compared) or _write_terms(order, to_erp)


def needs_erp_writes(compared: ComparedLines, to_erp: Mapping[str, Value]) -> bool:
    """Tell whether the CRM has something that the ERP order lacks."""
    changed = any(pair.changes.to_erp for pair in compared.pairs)
    return bool(compared.gone_in_crm or compared.new_in_crm or changed or to_erp)


def _write_lines(order: FoundRecord, compared: ComparedLines) -> Step | None:
    for line in compared.gone_in_crm:
        return Delete(
            side=Side.ERP,
            table=LINE_TABLE,
            key=line.record.key,
            tag=line.record.tag,
            tells=translatable(
                "{line} was deleted in the CRM: the ERP order lost it too.", line=line.caption
            ),
        )
    for pair in compared.pairs:
        if pair.changes.to_erp:
            return Change(
                side=Side.ERP,
                table=LINE_TABLE,
                key=pair.erp.record.key,
                tag=pair.erp.record.tag,
                # All of them: a new quantity makes the ERP reckon price and discount anew.
                values=pair.merged,
                tells=translatable(
                    "{line} was changed in the CRM: {fields}.",
                    line=pair.crm.caption,
                    fields=_named(pair.changes.to_erp),
                ),
            )
    for line in compared.new_in_crm:
        return _insert(order, line)
    return None


def _insert(order: FoundRecord, line: Line) -> Insert:
    assert line.planned is not None
    body = next(line.planned.bodies())
    number = erp_line_number(line.key, line.goods)
    return Insert(
        side=Side.ERP,
        table=LINE_TABLE,
        key=KEY_SEPARATOR.join((order.key, number)),
        values=body,
        tells=translatable(
            "The ERP order {number} got {line}.", number=text_of(order, "No"), line=line.caption
        ),
    )


def _write_terms(order: FoundRecord, to_erp: Mapping[str, Value]) -> Change | None:
    """Write what differs of the header; the discount by itself and last, as lines and dates reckon it anew."""
    rest = {name: value for name, value in to_erp.items() if name != DISCOUNT}
    values = rest or dict(to_erp)
    if not values:
        return None
    return Change(
        side=Side.ERP,
        table=HEADER_TABLE,
        key=order.key,
        tag=order.tag,
        values=values,
        tells=translatable(
            "The CRM order was changed, and the ERP order {number} with it: {fields}.",
            number=text_of(order, "No"),
            fields=_named(values),
        ),
    )


def _named(values: Mapping[str, Value]) -> str:
    return ", ".join(name.replace("_", " ") for name in values)
