"""The form of an opportunity, and the form that closes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from htpy import Node, div, form

from interlace.sandbox.crm.sales_app.form_checks import Checks
from interlace.sandbox.crm.sales_app.opportunity_pages import CRUMBS, OPPORTUNITIES
from interlace.sandbox.crm.sales_app.record_choices import (
    ACCOUNTS,
    account_proposals,
    price_list_choices,
)
from interlace.sandbox.crm.sales_app.shown_records import Shown
from interlace.sandbox.crm.sales_app.visit import NEW_ID, Visit, see_other
from interlace.sandbox.exchange import Refusal, Response
from interlace.ui.actions import action_link, form_button
from interlace.ui.fields import (
    Choice,
    Field,
    number_field,
    select_field,
    suggestion_list,
    text_area,
    text_field,
)
from interlace.ui.notices import Kind, form_errors, notice
from interlace.ui.shell import Page, hidden

_CLOSINGS = {
    "win": ("Win", "WinOpportunity", "won"),
    "lose": ("Lose", "LoseOpportunity", "lost"),
}
# Status reasons of a lost opportunity.
_REASONS = (4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """What stands in the fields and what is wrong with it."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""

    def field(self, name: str, caption: str, **more: object) -> Field:
        """A field with its value and error."""
        return Field(
            name=name,
            caption=caption,
            value=self.values.get(name, ""),
            error=self.errors.get(name, ""),
            **more,  # type: ignore[arg-type]
        )

    def notices(self) -> list[Node]:
        """What stands above the form."""
        told: list[Node] = []
        if self.errors:
            entries = [(f"field-{name}", text) for name, text in self.errors.items()]
            told.append(form_errors("Please correct this:", entries))
        if self.refusal:
            told.append(notice("The CRM refused this", kind=Kind.ERROR, body=self.refusal))
        return told


# --- new and changed opportunities


def new_form(visit: Visit) -> Response:
    """An empty form, the account filled in where it is known."""
    account = visit.shown.find("account", visit.parameters.text("account"))
    values = {} if account is None else {"account": ACCOUNTS.caption(account)}
    if account is not None:
        values["price_list"] = account.lookup("defaultpricelevelid") or ""
    return _form(visit, _Typed(values=values), None)


def edit_form(visit: Visit, opportunity_id: str) -> Response:
    """The form with what the opportunity holds."""
    opportunity = visit.shown.required("opportunity", opportunity_id)
    account = visit.shown.find("account", opportunity.lookup("customerid"))
    values = {
        "name": opportunity.text("name"),
        "account": "" if account is None else ACCOUNTS.caption(account),
        "price_list": opportunity.lookup("pricelevelid") or "",
        "value": opportunity.quantity("estimatedvalue").replace(",", ""),
        "closes": opportunity.text("estimatedclosedate"),
        "probability": opportunity.text("closeprobability"),
        "description": opportunity.text("description"),
    }
    return _form(visit, _Typed(values=values), opportunity)


def create(visit: Visit) -> Response:
    """Makes an opportunity, or shows the form again with what is wrong."""
    return _save(visit, None)


def change(visit: Visit, opportunity_id: str) -> Response:
    """Changes an opportunity, or shows the form again with what is wrong."""
    return _save(visit, visit.shown.required("opportunity", opportunity_id))


def _save(visit: Visit, opportunity: Shown | None) -> Response:
    checks = Checks(visit.shown, visit.form)
    account = checks.account("account")
    price_list = checks.price_list("price_list", account)
    body: dict[str, object] = {
        "name": checks.text("name", "Topic", length_max=300, is_required=True),
        "estimatedvalue": checks.number("value", "Estimated value", minimum=0, maximum=10**12),
        "estimatedclosedate": checks.date("closes"),
        "closeprobability": checks.whole_number("probability", "Probability", maximum=100),
        "description": checks.text("description", "Description", length_max=2000, is_long=True),
    }
    typed = _Typed(values=visit.form.values, errors=checks.errors)
    if checks.errors or account is None:
        return _form(visit, typed, opportunity, status=422)
    body["customerid_account@odata.bind"] = f"/accounts({account.id})"
    if price_list is not None:
        currency = price_list.lookup("transactioncurrencyid")
        body["pricelevelid@odata.bind"] = f"/pricelevels({price_list.id})"
        body["transactioncurrencyid@odata.bind"] = f"/transactioncurrencies({currency})"
    try:
        if opportunity is None:
            made = visit.shown.find("opportunity", visit.form.text(NEW_ID))
            if made is not None:
                return see_other(f"{OPPORTUNITIES}/{made.id}")
            body["opportunityid"] = visit.new_id()
            opportunity_id = visit.web_api.create("opportunities", body)
            return see_other(f"{OPPORTUNITIES}/{opportunity_id}", done="created")
        address = f"opportunities({opportunity.id})"
        visit.web_api.update(address, body, etag=visit.form.text("version") or None)
        return see_other(f"{OPPORTUNITIES}/{opportunity.id}", done="saved")
    except Refusal as refusal:
        typed = _Typed(values=visit.form.values, refusal=checks.said(refusal))
        return _form(visit, typed, opportunity, status=422)


def _form(visit: Visit, typed: _Typed, opportunity: Shown | None, *, status: int = 200) -> Response:
    is_new = opportunity is None
    address = f"{OPPORTUNITIES}/new" if opportunity is None else f"{OPPORTUNITIES}/{opportunity.id}/edit"
    version = typed.values.get("version") or ("" if opportunity is None else opportunity.etag)
    content = form(".panel", method="post", action=address)[
        hidden([*visit.hidden_fields, ("version", version), (NEW_ID, visit.new_id() if is_new else "")]),
        div(".fields")[
            text_field(typed.field("name", "Topic", is_required=True), length_max=300, is_focused=is_new),
            text_field(
                typed.field("account", "Account", is_required=True, hint="Number or part of the name"),
                suggestions="accounts",
                autocomplete="off",
            ),
            select_field(
                typed.field("price_list", "Price list"),
                price_list_choices(visit.shown),
                blank="The account's own",
            ),
            number_field(typed.field("value", "Estimated value")),
            text_field(typed.field("closes", "Closes on"), kind="date"),
            number_field(typed.field("probability", "Probability in %")),
            text_area(typed.field("description", "Description", is_wide=True), length_max=2000),
        ],
        div(".buttons")[
            form_button("Create" if is_new else "Save", is_primary=True),
            action_link("Cancel", address.removesuffix("/new").removesuffix("/edit")),
        ],
        suggestion_list("accounts", account_proposals(visit.shown)),
    ]
    heading = "New opportunity" if opportunity is None else f"Edit {opportunity.name}"
    page = Page(heading=heading, content=content, notices=typed.notices(), crumbs=CRUMBS)
    return visit.page(page, status=status)


# --- closing


def win_form(visit: Visit, opportunity_id: str) -> Response:
    """Asks what the won opportunity brings."""
    return _closing_form(visit, opportunity_id, "win")


def lose_form(visit: Visit, opportunity_id: str) -> Response:
    """Asks why the opportunity is lost."""
    return _closing_form(visit, opportunity_id, "lose")


def _closing_form(visit: Visit, opportunity_id: str, how: str) -> Response:
    opportunity = visit.shown.required("opportunity", opportunity_id)
    values = {"date": f"{visit.shown.records.now():%Y-%m-%d}"}
    if how == "win":
        values["revenue"] = opportunity.quantity("estimatedvalue").replace(",", "")
    return _closing_page(visit, opportunity, how, _Typed(values=values))


def win(visit: Visit, opportunity_id: str) -> Response:
    """Closes an opportunity as won."""
    return _close(visit, opportunity_id, "win")


def lose(visit: Visit, opportunity_id: str) -> Response:
    """Closes an opportunity as lost."""
    return _close(visit, opportunity_id, "lose")


def _close(visit: Visit, opportunity_id: str, how: str) -> Response:
    opportunity = visit.shown.required("opportunity", opportunity_id)
    _, message, done = _CLOSINGS[how]
    checks = Checks(visit.shown, visit.form)
    activity: dict[str, object] = {
        "opportunityid@odata.bind": f"/opportunities({opportunity.id})",
        "actualrevenue": checks.number("revenue", "Actual value", minimum=0, maximum=10**12),
        "description": checks.text("description", "Note", length_max=2000, is_long=True),
    }
    closed_on = checks.date("date")
    if closed_on is not None:
        activity["actualend"] = f"{closed_on}T12:00:00Z"
    typed = _Typed(values=visit.form.values, errors=checks.errors)
    if checks.errors:
        return _closing_page(visit, opportunity, how, typed, status=422)
    given = {name: value for name, value in activity.items() if value is not None}
    reason = visit.form.text("reason")
    status_reason = int(reason) if reason in {str(each) for each in _REASONS} else -1
    try:
        visit.web_api.call(message, {"OpportunityClose": given, "Status": status_reason})
    except Refusal as refusal:
        typed = _Typed(values=visit.form.values, refusal=checks.said(refusal))
        return _closing_page(visit, opportunity, how, typed, status=422)
    return see_other(f"{OPPORTUNITIES}/{opportunity.id}", done=done)


def _closing_page(
    visit: Visit, opportunity: Shown, how: str, typed: _Typed, *, status: int = 200
) -> Response:
    caption, _, _ = _CLOSINGS[how]
    address = f"{OPPORTUNITIES}/{opportunity.id}"
    if how == "win":
        first = number_field(typed.field("revenue", "Actual value"), is_focused=True)
    else:
        label = visit.shown.records.option_sets.label
        reasons = [
            Choice(value=str(reason), caption=label("opportunity", "statuscode", reason) or str(reason))
            for reason in _REASONS
        ]
        first = select_field(typed.field("reason", "Reason"), reasons)
    content = form(".panel", method="post", action=f"{address}/{how}")[
        hidden(visit.hidden_fields),
        div(".fields")[
            first,
            text_field(typed.field("date", "Closed on"), kind="date"),
            text_area(typed.field("description", "Note", is_wide=True), length_max=2000),
        ],
        div(".buttons")[form_button(caption, is_primary=True), action_link("Cancel", address)],
    ]
    page = Page(
        heading=f"{caption}: {opportunity.name}", content=content, notices=typed.notices(), crumbs=CRUMBS
    )
    return visit.page(page, status=status)
