"""One request of a signed-in person: what pages read from it and how they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from interlace.sandbox.crm.column_values import parse_guid
from interlace.sandbox.crm.sales_app.availability import AvailabilityFeed
from interlace.sandbox.crm.sales_app.form_body import Form
from interlace.sandbox.crm.sales_app.sessions import Session
from interlace.sandbox.crm.sales_app.shown_records import ShownRecords
from interlace.sandbox.crm.sales_app.web_api import WebApi
from interlace.sandbox.exchange import Request, Response
from interlace.ui.headers import PAGE_HEADERS
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Frame, NavigationItem, Page, SignedIn, document
from interlace.ui.stylesheet import stylesheet_name

ROOT = "/app/"
PRODUCT = "Interlace Sales"
NEW_ID = "new_id"
FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
_MENU = (
    ("Home", ""),
    ("Accounts", "accounts"),
    ("Opportunities", "opportunities"),
    ("Orders", "orders"),
    ("Invoices", "invoices"),
    ("Products", "products"),
    ("Price Lists", "price-lists"),
)
# What a page says after it was led to by something done.
_DONE: Mapping[str, str] = {
    "created": "Created.",
    "saved": "Saved.",
    "submitted": "Submitted. The order goes to the ERP with the next synchronization.",
    "taken-back": "Taken back. The order can be changed and submitted again.",
    "canceled": "Canceled.",
    "deleted": "Deleted.",
    "won": "Won. You can make an order of it now.",
    "lost": "Closed as lost.",
    "reopened": "Reopened.",
    "ordered": "Made an order of the opportunity. Check it, then submit it.",
    "priced": "The prices of today's price list are in the lines.",
    "noted": "Note added.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request with everything its page asks of the app."""

    request: Request
    session: Session
    parameters: Form
    form: Form
    shown: ShownRecords
    web_api: WebApi
    availability: AvailabilityFeed
    organization: str
    now: datetime

    @property
    def user_id(self) -> str:
        """Who is signed in."""
        return self.session.user_id

    def new_id(self) -> str:
        """The id of the record that a form is going to make: chosen when the form is first shown.

        A form that is sent twice finds its record made and makes no second one.
        """
        return parse_guid(self.form.text(NEW_ID)) or self.shown.records.ids.next_id()

    @property
    def searched(self) -> str:
        """What is searched for in a list."""
        return self.parameters.text("search")[:200]

    @property
    def hidden_fields(self) -> Sequence[tuple[str, str]]:
        """What every form carries."""
        return ((FORM_TOKEN, self.session.form_token),)

    def page(self, page: Page, *, status: int = 200) -> Response:
        """Answers with a page in the app's frame."""
        done = _DONE.get(self.parameters.text("done"))
        if done is not None and status == 200 and self.request.method == "GET":
            page = replace(page, notices=(notice(done, kind=Kind.DONE), *page.notices))
        body = document(self._frame(), page).encode()
        return Response(status=status, headers=PAGE_HEADERS, body=body)

    def _frame(self) -> Frame:
        path = self.request.path.removeprefix(ROOT).partition("/")[0]
        return app_frame(
            self.organization,
            navigation=[
                NavigationItem(caption=caption, address=ROOT + place, is_current=place == path)
                for caption, place in _MENU
            ],
            signed_in=SignedIn(
                name=self.shown.name_of("systemuser", self.user_id),
                sign_out_address=f"{ROOT}sign-out",
                hidden_fields=self.hidden_fields,
            ),
        )


def app_frame(
    organization: str, *, navigation: Sequence[NavigationItem] = (), signed_in: SignedIn | None = None
) -> Frame:
    """The frame of the app's pages."""
    return Frame(
        product=PRODUCT,
        home_address=ROOT,
        stylesheet_address=ROOT + stylesheet_name(),
        organization=organization,
        navigation=navigation,
        signed_in=signed_in,
    )


def see_other(address: str, *, done: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Leads on after something was done, so that reloading the page doesn't do it twice."""
    target = f"{address}?{urlencode({'done': done})}" if done else address
    return Response(status=303, headers=(("Location", target), ("Cache-Control", "no-store"), *headers))


def with_parameters(address: str, **parameters: str | int) -> str:
    """An address with those parameters that are not empty."""
    given = {name: value for name, value in parameters.items() if value not in ("", 0)}
    return f"{address}?{urlencode(given)}" if given else address
