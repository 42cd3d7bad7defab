"""The address by which other programs link to a record, `/main.aspx?etn=TABLE&id=ID`, leads to its page in the app."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from interlace.sandbox.crm.sales_app.form_body import parse_parameters
from interlace.sandbox.crm.sales_app.visit import ROOT
from interlace.sandbox.exchange import Request, Response

ADDRESS: Final = "/main.aspx"
_SECTIONS: Final[Mapping[str, str]] = {
    "account": "accounts",
    "opportunity": "opportunities",
    "salesorder": "orders",
    "invoice": "invoices",
    "product": "products",
    "pricelevel": "price-lists",
}
_ID: Final = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")


def lead_to_record(request: Request) -> Response:
    """Lead to the page of a record, or to the app's beginning when the app has none."""
    parameters = parse_parameters(request.query)
    section, found = _SECTIONS.get(parameters.text("etn")), _ID.fullmatch(parameters.text("id"))
    target = f"{ROOT}{section}/{found[1].lower()}" if section and found else ROOT
    return Response(status=HTTPStatus.FOUND, headers=(("Location", target), ("Cache-Control", "no-store")))
