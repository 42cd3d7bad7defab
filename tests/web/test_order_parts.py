"""Lines of orders as they are shown: figures as the reader writes them, and what holds the order because of a line."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from interlace.lead_to_cash import order_problems
from interlace.management.orders import OrderLine, OrderProblem, OrderRow, OrderShown
from interlace.ui.words import words_of
from interlace.web.order_parts import line_tabs

MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
HELD = order_problems.ITEM_BLOCKED


def line(**changed: Any) -> OrderLine:
    """Return a line of two and a half boxes."""
    values: dict[str, Any] = {
        "key": "line-1",
        "place": 1,
        "kind": "Item",
        "number": "1000",
        "description": "Desk",
        "quantity": Decimal("2.50"),
        "unit": "BOX",
        "unit_price": Decimal("1234.56789"),
        "discount": Decimal("86.42"),
        "amount": Decimal(3000),
        "shipped": Decimal(0),
    }
    return OrderLine(**{**values, **changed})


def shown(language: str = "en_US", *, is_held: bool = False, **changed: Any) -> list[str]:
    """Return the parts of a page that show an order's lines: those of the CRM, and those of the ERP."""
    row = OrderRow(
        key="o1", title="ORD-1", stage="", is_held=is_held, erp_number="", since=MOMENT, currency="EUR"
    )
    order = OrderShown(order=row, events=(), **changed)
    return [str(each) for each in line_tabs(words_of(language), order)]


@pytest.mark.parametrize(
    ("language", "figures"),
    [
        ("en_US", ("2.5", "1,234.56789", "86.42", "3,000.00")),
        ("ru_RU", ("2,5", "1\N{NO-BREAK SPACE}234,56789", "86,42", "3\N{NO-BREAK SPACE}000,00")),
    ],
)
def test_figures_are_written_as_the_reader_does(language: str, figures: tuple[str, ...]) -> None:
    """Quantities without zeros behind them, amounts with two decimals or as many as they have."""
    crm, _ = shown(language, crm_lines=(line(),))
    for figure in figures:
        assert f">{figure}</td>" in crm


def test_a_comment_has_only_its_text() -> None:
    """No zeros stand where a comment has no quantity and no price."""
    _, erp = shown(
        erp_lines=(
            line(
                kind="Comment",
                number="",
                description="Deliver to the yard",
                quantity=Decimal(0),
                unit="",
                unit_price=Decimal(0),
                discount=Decimal(0),
                amount=Decimal(0),
                invoiced=Decimal(0),
            ),
        )
    )
    assert "Deliver to the yard" in erp
    assert "0.00" not in erp


def test_a_line_tells_why_it_holds_the_order() -> None:
    """What its problem means stands at the line, in the reader's language; other lines say nothing."""
    problem = OrderProblem(
        code=HELD.code, what="Line 1 (Desk): the item 1000 is blocked.", remedy=HELD.remedy
    )
    crm, erp = shown(is_held=True, crm_lines=(line(problems=(problem,)), line(place=2)))
    assert crm.count("Held") == 1
    assert HELD.means.replace("'", "&#39;") in crm
    assert "It is created once nothing holds the order." in erp


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ("The CRM order has no lines", "There is no ERP order")),
        ({"unread": "No answer."}, ("The lines could not be read", "The lines could not be read")),
        ({"erp_invoices": ("103001", "103002")}, ("The CRM order has no lines", "103001, 103002")),
    ],
)
def test_where_there_are_no_lines_the_page_says_why(changed: dict[str, Any], told: tuple[str, str]) -> None:
    """A service that does not answer is not taken for an order without lines."""
    for tab, text in zip(shown(**changed), told, strict=True):
        assert text in tab
