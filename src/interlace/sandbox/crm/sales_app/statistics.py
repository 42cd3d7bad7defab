"""The figures that the ERP keeps about an account, as far as the organization has them."""

from __future__ import annotations

from collections.abc import Iterator

from htpy import Node, p

from interlace.sandbox.crm.sales_app.shown_records import Shown, ShownRecords, equals
from interlace.sandbox.crm.schema import Column, ColumnKind
from interlace.ui.card import Fact, fact_box, facts
from interlace.ui.timeline import moment

TABLE = "ilc_accountstatistics"
_LOOKUP = "ilc_accountstatisticsid"
_OWN_COLUMNS = (
    "exchangerate",
    "importsequencenumber",
    "timezoneruleversionnumber",
    "utcconversiontimezonecode",
)
_MONEY = (ColumnKind.MONEY, ColumnKind.DECIMAL)


def statistics_box(shown: ShownRecords, account: Shown) -> Node:
    """A FactBox with the figures and their age; nothing where the solution brings none."""
    if not shown.has(TABLE):
        return None
    figures = _figures_of(shown, account)
    if figures is None:
        text = "The ERP has not sent any yet. They come for accounts that are coupled to a customer."
        return fact_box("Account statistics", p(".quiet-text")[text])
    changed = figures.moment("modifiedon")
    return fact_box(
        "Account statistics",
        (
            facts(list(_facts(figures))),
            p(".quiet-text")["From the ERP, ", moment(changed)] if changed is not None else None,
        ),
    )


def _figures_of(shown: ShownRecords, account: Shown) -> Shown | None:
    named = account.lookup(_LOOKUP)
    if named is not None:
        return shown.find(TABLE, named)
    for column in shown.records.schema.tables[TABLE].columns.values():
        if column.kind is ColumnKind.LOOKUP and column.mirrored and "account" in column.targets.values():
            found = shown.listed(TABLE, equals(column.wire_name, account.id), limit=1)
            if found:
                return found[0]
    return None


def _facts(figures: Shown) -> Iterator[Fact]:
    for column in figures.table.columns.values():
        if column.name in _OWN_COLUMNS or not column.name.startswith("ilc_"):
            continue
        value = _value(figures, column)
        if value:
            yield Fact(caption=column.display_name or column.name, value=value, is_number=True)


def _value(figures: Shown, column: Column) -> str:
    if column.kind in _MONEY:
        return figures.money(column.name)
    if column.kind is ColumnKind.INTEGER:
        return figures.quantity(column.name)
    if column.kind in (ColumnKind.DATE, ColumnKind.DATETIME):
        return figures.text(column.name)[:10]
    return ""
