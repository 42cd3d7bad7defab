"""The catalogue of an order's problems: each has a test that produces it, and the page on orders lists them all."""

import re
from pathlib import Path

from tests.lead_to_cash import (
    test_order_changes,
    test_order_from_sales_order,
    test_order_way,
    test_two_way_decisions,
    test_two_way_orders,
)
from tests.lead_to_cash.test_order_checks import CASES

from interlace.lead_to_cash.order_problems import PROBLEM_KINDS, render_problem_table

ROOT = Path(__file__).parents[2]
MODULES = (
    test_order_changes,
    test_order_from_sales_order,
    test_order_way,
    test_two_way_decisions,
    test_two_way_orders,
)


def test_every_problem_is_produced_by_a_test() -> None:
    """No code stands in the catalogue that no order can run into."""
    produced = {code for code, _ in CASES}
    for module in MODULES:
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        produced |= set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', text))
    assert {each.code for each in PROBLEM_KINDS} - produced == set()


def test_codes_are_stable_names_and_remedies_are_sentences() -> None:
    """Codes are unique words in lower case; meaning and remedy are whole sentences."""
    codes = [each.code for each in PROBLEM_KINDS]
    assert len(codes) == len(set(codes)) > 50
    for each in PROBLEM_KINDS:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", each.code)
        for sentence in (each.means, each.remedy):
            assert sentence[0].isupper()
            assert sentence.endswith(".")


def test_page_on_orders_lists_them_all() -> None:
    """The page says of each problem what the code says; write it anew with the function named here."""
    page = ROOT / "docs" / "explanation" / "orders.md"
    assert render_problem_table() in page.read_text(encoding="utf-8")
