"""Which page answers which method and address below `/app/`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from interlace.sandbox.crm.sales_app import (
    account_pages,
    home_page,
    invoice_pages,
    opportunity_form,
    opportunity_pages,
    order_form,
    order_pages,
    product_pages,
)
from interlace.sandbox.exchange import Response

PageFunction = Callable[..., Response]
_ID = r"([0-9a-fA-F-]{36})"


def _routes(*routes: tuple[str, str, PageFunction]) -> Sequence[tuple[str, re.Pattern[str], PageFunction]]:
    return [(method, re.compile(path.replace("{id}", _ID)), function) for method, path, function in routes]


ROUTES = _routes(
    ("GET", "", home_page.home),
    ("GET", "accounts", account_pages.account_list),
    ("GET", "accounts/{id}", account_pages.account_card),
    ("GET", "opportunities", opportunity_pages.opportunity_list),
    ("GET", "opportunities/new", opportunity_form.new_form),
    ("POST", "opportunities/new", opportunity_form.create),
    ("GET", "opportunities/{id}", opportunity_pages.opportunity_card),
    ("GET", "opportunities/{id}/edit", opportunity_form.edit_form),
    ("POST", "opportunities/{id}/edit", opportunity_form.change),
    ("GET", "opportunities/{id}/win", opportunity_form.win_form),
    ("POST", "opportunities/{id}/win", opportunity_form.win),
    ("GET", "opportunities/{id}/lose", opportunity_form.lose_form),
    ("POST", "opportunities/{id}/lose", opportunity_form.lose),
    ("POST", "opportunities/{id}/order", opportunity_pages.make_order),
    ("POST", "opportunities/{id}/reopen", opportunity_pages.reopen),
    ("GET", "orders", order_pages.order_list),
    ("GET", "orders/new", order_form.new_order),
    ("POST", "orders/new", order_form.create_order),
    ("GET", "orders/{id}", order_pages.order_card),
    ("GET", "orders/{id}/edit", order_form.edit_order),
    ("POST", "orders/{id}/edit", order_form.change_order),
    ("POST", "orders/{id}/submit", order_pages.submit_order),
    ("POST", "orders/{id}/take-back", order_pages.take_back),
    ("GET", "orders/{id}/cancel", order_pages.cancel_form),
    ("POST", "orders/{id}/cancel", order_pages.cancel_order),
    ("POST", "orders/{id}/unlock", order_pages.unlock_order),
    ("POST", "orders/{id}/notes", order_pages.add_note),
    ("GET", "invoices", invoice_pages.invoice_list),
    ("GET", "invoices/{id}", invoice_pages.invoice_card),
    ("GET", "products", product_pages.product_list),
    ("GET", "products/{id}", product_pages.product_card),
    ("GET", "price-lists", product_pages.price_list_list),
    ("GET", "price-lists/{id}", product_pages.price_list_card),
)
