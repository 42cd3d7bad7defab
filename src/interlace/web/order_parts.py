"""The lines of an order, side by side with what holds it because of each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from htpy import Element, Node, div, p

from interlace.lead_to_cash.order_problems import PROBLEM_KINDS
from interlace.management.orders import OrderLine, OrderProblem, OrderShown
from interlace.management.translatable import translatable
from interlace.ui.badge import Tone, badge
from interlace.ui.card import fast_tab
from interlace.ui.listing import Column, listing
from interlace.ui.notices import empty_state
from interlace.ui.words import Words
from interlace.web.notice import said

_KINDS = {
    "Item": translatable("Item"),
    "Resource": translatable("Resource"),
    "G/L Account": translatable("G/L Account"),
    "Comment": translatable("Comment"),
    "Write-in Product": translatable("Write-in Product"),
    "Product": translatable("Product"),
}
_COMMENT = "Comment"
_MEANS = {each.code: each.means for each in PROBLEM_KINDS}
_MONEY_DIGITS = 2


def line_tabs(words: Words, held: OrderShown) -> list[Node]:
    """Show the lines that the CRM order has, and those that the ERP order has of them."""
    return [
        _tab(words, held, words.t("Lines of the CRM Order"), held.crm_lines, _why_no_crm_lines(words, held)),
        _tab(words, held, words.t("Lines of the ERP Order"), held.erp_lines, _why_no_erp_lines(words, held)),
    ]


def _why_no_crm_lines(words: Words, held: OrderShown) -> Element:
    if held.unread:
        return _unread(words)
    return empty_state(words.t("The CRM order has no lines"))


def _why_no_erp_lines(words: Words, held: OrderShown) -> Element:
    if held.unread:
        return _unread(words)
    if held.erp_invoices:
        return empty_state(
            words.t("The ERP order was posted completely"),
            words.t("Its lines are on the posted invoices: {numbers}.", numbers=", ".join(held.erp_invoices)),
        )
    if held.order.is_held:
        return empty_state(
            words.t("There is no ERP order yet"), words.t("It is created once nothing holds the order.")
        )
    return empty_state(words.t("There is no ERP order"))


def _unread(words: Words) -> Element:
    return empty_state(words.t("The lines could not be read"), words.t("Load the page again later."))


def _tab(words: Words, held: OrderShown, heading: str, lines: Sequence[OrderLine], empty: Element) -> Element:
    if not lines:
        return fast_tab(heading, empty)
    is_erp = any(each.invoiced is not None for each in lines)
    columns = [
        Column(caption=words.t("Line"), is_number=True),
        Column(caption=words.t("Type")),
        Column(caption=words.t("Number")),
        Column(caption=words.t("Description")),
        Column(caption=words.t("Quantity"), is_number=True),
        Column(caption=words.t("Unit")),
        Column(caption=words.t("Unit Price"), is_number=True),
        Column(caption=words.t("Discount"), is_number=True),
        Column(caption=words.t("Amount"), is_number=True),
        *([Column(caption=words.t("Shipped"), is_number=True)] if is_erp else []),
        *([Column(caption=words.t("Invoiced"), is_number=True)] if is_erp else []),
    ]
    shown = listing(
        columns,
        [_row(words, each, is_erp=is_erp) for each in lines],
        caption=heading,
        empty=empty,
    )
    return fast_tab(
        heading,
        [shown, _told(words, held.order.currency)],
        promoted=words.n("{count} line", "{count} lines", len(lines)),
    )


def _told(words: Words, currency: str) -> Element | None:
    if not currency:
        return None
    told = words.t("Amounts are in {currency}, less the line's discount, without tax.", currency=currency)
    return p(".quiet-text")[told]


def _row(words: Words, each: OrderLine, *, is_erp: bool) -> list[Node]:
    # A comment has a text, and nothing else.
    is_comment = each.kind == _COMMENT
    figures = [
        _quantity(words, each.quantity),
        each.unit,
        _amount(words, each.unit_price),
        _amount(words, each.discount) if each.discount else "",
        _amount(words, each.amount),
        *([_quantity(words, each.shipped), _quantity(words, each.invoiced)] if is_erp else []),
    ]
    return [
        words.number(each.place),
        words.pattern(_KINDS.get(each.kind, each.kind)),
        each.number,
        [each.description, _state(words, each.problems)],
        *("" if is_comment else each for each in figures),
    ]


def _state(words: Words, problems: Sequence[OrderProblem]) -> Node:
    """What about the line holds the order; the records that it concerns are named above the card."""
    if not problems:
        return None
    means = [said(words, _MEANS.get(each.code, each.what)) for each in problems]
    return div(".line-problem")[badge(words.t("Held"), Tone.WARN), " ", " ".join(means)]


def _quantity(words: Words, value: Decimal | None) -> str:
    return "" if value is None else words.number(value.normalize())


def _amount(words: Words, value: Decimal) -> str:
    """Write an amount with two decimals, or with as many as it has."""
    exponent = value.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    return words.number(value, max(_MONEY_DIGITS, decimals))
