"""The FactBoxes of a customer's card: what the CRM has under way with its account, and the account statistics."""

from __future__ import annotations

from typing import Final

from htpy import Element, Node, a

from interlace.management.records import CrmCount, RecordShown
from interlace.management.translatable import translatable
from interlace.ui.card import Fact, fact_box, facts
from interlace.ui.keys import STATISTICS
from interlace.web.visit import Visit

_FIGURES: Final = {
    "balance": translatable("Balance"),
    "overdue": translatable("Overdue Amounts"),
    "total_sales": translatable("Total Sales"),
    "sales_this_year": translatable("Sales This Year"),
    "outstanding_orders": translatable("Outstanding Orders"),
    "shipped_not_invoiced": translatable("Shipped Not Invoiced"),
    "outstanding_invoices": translatable("Outstanding Invoices"),
    "total": translatable("Total"),
    "credit_limit": translatable("Credit Limit"),
}
_COUNTS: Final = {
    "opportunities": (
        translatable("Opportunities"),
        translatable("Open opportunities of the account in the CRM."),
    ),
    "quotes": (
        translatable("Quotes"),
        translatable("Active quotes of the account in the CRM; a dash: our user may not read them."),
    ),
    "cases": (
        translatable("Cases"),
        translatable("Active cases of the account in the CRM; a dash: there are none to read."),
    ),
}


def crm_counts(visit: Visit, held: RecordShown) -> Element | None:
    """Return what is under way with the account in the CRM; each number leads to the CRM's own list."""
    if not held.crm_counts:
        return None
    words = visit.words
    entries = [
        Fact(
            caption=words.t(_COUNTS[each.name][0]) if each.name in _COUNTS else each.name,
            value=_count(visit, each),
            is_number=True,
            tooltip=words.t(_COUNTS[each.name][1])
            if each.name in _COUNTS
            else words.t("What is under way with the account in the CRM."),
        )
        for each in held.crm_counts
    ]
    return fact_box(words.t("CRM Statistics"), facts(entries))


def _count(visit: Visit, each: CrmCount) -> Node:
    """Write a number; what the CRM doesn't tell is a dash."""
    if each.count is None:
        return None
    shown = visit.words.number(each.count)
    if not each.link.startswith(("https://", "http://")):
        return shown
    return a(href=each.link, target="_blank", rel="noopener noreferrer")[shown]


def account_statistics(visit: Visit, held: RecordShown) -> Element | None:
    """Return what the ERP's books say of the customer, as the CRM holds it."""
    if not held.statistics:
        return None
    words = visit.words
    entries = [
        Fact(
            caption=words.t(_FIGURES[each.name]) if each.name in _FIGURES else each.name,
            tooltip=words.t("As the ERP's books stood when the statistics were updated last."),
            value=words.number(each.amount, 2),
            is_number=True,
        )
        for each in held.statistics
    ]
    return fact_box(words.t("Account Statistics"), facts(entries), keys=STATISTICS)
