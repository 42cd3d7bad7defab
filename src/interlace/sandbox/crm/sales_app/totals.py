"""The totals of a document, as the service computed them."""

from __future__ import annotations

from collections.abc import Iterator

from htpy import Element, dd, dl, dt

from interlace.sandbox.crm.sales_app.shown_records import Shown
from interlace.ui.figures import percent_text


def totals(document: Shown) -> Element:
    """The way from the sum of the lines to the total."""
    return dl(".totals")[
        [(dt[caption], dd[amount]) for caption, amount in _parts(document)], _grand(document)
    ]


def _parts(document: Shown) -> Iterator[tuple[str, str]]:
    yield "Lines", document.money("totallineitemamount")
    percentage = document.amount("discountpercentage")
    if percentage:
        yield "Discount on the document", percent_text(percentage)
    if document.amount("discountamount"):
        yield "Discount on the document", document.money("discountamount")
    if document.amount("freightamount"):
        yield "Freight", document.money("freightamount")
    if document.amount("totaltax"):
        yield "Tax", document.money("totaltax")


def _grand(document: Shown) -> tuple[Element, Element]:
    return dt(".grand")["Total"], dd(".grand")[document.money("totalamount")]
