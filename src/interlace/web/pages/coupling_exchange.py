"""Replace the Built-In Connector: its couplings are looked at and taken over, and ours are written for the way back."""

from __future__ import annotations

from datetime import UTC, datetime

from htpy import Element, Node, div, form, p
from litestar import Response, get, post
from litestar.response import Redirect

from interlace.management import coupling_exchange
from interlace.management.coupling_exchange import TEXT_MAX, CouplingsImported, ExportCouplings
from interlace.management.export import ExportFormat, file_name
from interlace.management.refusal import RefusalKind, Refused
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.card import Fact, card, facts, fast_tab
from interlace.ui.fields import text_area
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Crumb, Page, hidden
from interlace.ui.words import Words
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.export import attachment
from interlace.web.mapping_parts import why_no_change
from interlace.web.notice import said
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, ask_password_again, exports
from interlace.web.visit import TheVisit, Visit

PATH = "/couplings/exchange"
FILE = f"{PATH}/file"
SHADOW = "/couplings/shadow"
_Answer = Response[str] | Redirect


@get(PATH, opt=PAGE)
async def exchange_page(visit: TheVisit) -> Response[str]:
    """The form that takes rows of the built-in connector's table, and the way to ours."""
    return _page(visit, EnteredForm())


@post(PATH, opt=PAGE)
async def import_couplings(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Compare, or import."""
    pairs = await entered_pairs(request)
    try:
        found = await ask_entered(visit, coupling_exchange.IMPORT, pairs)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return _page(visit, EnteredForm(pairs=pairs, refused=refused))
    return _page(visit, EnteredForm(pairs=() if found.is_stored else pairs), found)


@get(FILE, opt=exports(PAGE))
async def exported_couplings(visit: TheVisit) -> Response[str]:
    """The couplings as rows of the built-in connector's table, to be kept as a file."""
    found = await visit.ask(coupling_exchange.EXPORT, ExportCouplings(connection=visit.connection.name))
    today = datetime.now(UTC).astimezone(visit.words.time_zone).date()
    headers = {
        "Content-Disposition": attachment(file_name("CRM Integration Record", today, ExportFormat.CSV)),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(found.text, media_type=ExportFormat.CSV.value, headers=headers)


PAGES = (exchange_page, import_couplings, exported_couplings)


def _page(visit: Visit, entered: EnteredForm, found: CouplingsImported | None = None) -> Response[str]:
    words = visit.words
    told = [*entered.notices(visit)]
    if found is not None:
        told.append(notice(said(words, found.message), kind=Kind.DONE if found.is_stored else Kind.HINT))
    return visit.page(
        Page(
            heading=words.t("Replace the Built-In Connector"),
            subtitle=words.t(
                "Take over what the ERP's built-in connector has coupled, or write our couplings for the way back."
            ),
            crumbs=[Crumb(caption=words.t("Couplings"), address=visit.to("/couplings"))],
            notices=told,
            content=[
                action_bar(
                    [
                        action_link(
                            words.t(coupling_exchange.EXPORT.caption),
                            visit.to(FILE),
                            tooltip=words.t(coupling_exchange.EXPORT.tooltip),
                        ),
                        action_link(
                            words.t(coupling_exchange.SHADOW.caption),
                            visit.to(SHADOW),
                            tooltip=words.t(coupling_exchange.SHADOW.tooltip),
                        ),
                    ],
                    captions=words.captions,
                ),
                card(
                    [
                        None if found is None else _found(visit, found),
                        fast_tab(words.t(coupling_exchange.IMPORT.caption), _form(visit, entered)),
                    ]
                ),
            ],
        ),
        status=entered.status,
    )


def row_fields(words: Words, entered: EnteredForm) -> list[Element]:
    """Return the fields that take rows of the built-in connector's tables."""
    rows = entered.field(
        words,
        "text",
        words.t("Rows of table 5331 CRM Integration Record"),
        is_required=True,
        hint=words.t("With the English column names, as CSV or as copied from Excel."),
    )
    ids = entered.field(
        words,
        "record_ids",
        words.t("Rows of table 5151 Integration Record"),
        hint=words.t("Needed with NAV: there no API tells which record has which id."),
    )
    return [text_area(rows, rows=10, length_max=TEXT_MAX), text_area(ids, rows=4, length_max=TEXT_MAX)]


def _form(visit: Visit, entered: EnteredForm) -> Element:
    words, why_not = visit.words, why_no_change(visit)
    if why_not:
        return p[why_not]
    return form(".entry", {"data-kept": "1"}, method="post", action=visit.to(PATH))[
        hidden([("connection", visit.connection.name)]),
        row_fields(words, entered),
        div(".buttons")[
            form_button(words.t("Compare"), name="only_compare", value="yes"),
            form_button(
                words.t(coupling_exchange.IMPORT.caption),
                is_primary=True,
                tooltip=words.t(coupling_exchange.IMPORT.tooltip),
            ),
        ],
    ]


def _found(visit: Visit, found: CouplingsImported) -> Element:
    words = visit.words
    counts = [
        Fact(
            caption=words.t("Coupled") if found.is_stored else words.t("Would be coupled"),
            value=words.number(found.to_couple),
        ),
        Fact(caption=words.t("Coupled already"), value=words.number(found.coupled_already)),
        Fact(caption=words.t("Left out"), value=words.number(found.left_out)),
        Fact(
            caption=words.t("Skipped by the built-in connector"),
            value=words.number(found.skipped),
            tooltip=words.t("It had left them out after repeated failure; the next run tries them again."),
        ),
    ]
    columns = [
        Column(caption=words.t("Line"), is_number=True, tooltip=words.t("The line of the text.")),
        Column(caption=words.t("Mapping")),
        Column(caption=words.t("ERP record")),
        Column(caption=words.t("CRM record")),
        Column(caption=words.t("Result"), tooltip=words.t("What becomes of the row.")),
        Column(caption=words.t("Reason"), tooltip=words.t("Why the row is left out.")),
    ]
    rows: list[list[Node]] = [
        [
            words.number(each.line),
            each.mapping,
            each.erp_key,
            each.crm_key,
            said(words, each.result),
            said(words, each.reason),
        ]
        for each in found.rows
    ]
    more = found.to_couple + found.coupled_already + found.left_out - len(found.rows)
    return fast_tab(
        words.t("Rows"),
        [
            facts(counts),
            listing(columns, rows, caption=words.t("Rows"), empty=words.t("The text holds no rows.")),
            p(".quiet-text")[words.n("{count} more row", "{count} more rows", more)] if more > 0 else None,
        ],
    )
