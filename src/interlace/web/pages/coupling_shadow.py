"""Shadow Report: where runs would decide otherwise than the built-in connector, without anything being written."""

from __future__ import annotations

from htpy import Element, Node, div, form, p
from litestar import Response, get, post
from litestar.response import Redirect

from interlace.management import coupling_exchange
from interlace.management.coupling_exchange import DecisionShown, ShadowShown
from interlace.management.refusal import RefusalKind, Refused
from interlace.ui.actions import form_button
from interlace.ui.card import Fact, card, facts, fast_tab
from interlace.ui.listing import Column, listing
from interlace.ui.shell import Crumb, Page, hidden
from interlace.ui.words import Words
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.mapping_parts import lines, why_no_change
from interlace.web.notice import said
from interlace.web.pages.coupling_exchange import PATH as EXCHANGE
from interlace.web.pages.coupling_exchange import SHADOW as PATH
from interlace.web.pages.coupling_exchange import row_fields
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, ask_password_again
from interlace.web.visit import TheVisit, Visit

_Answer = Response[str] | Redirect


@get(PATH, opt=PAGE)
async def shadow_page(visit: TheVisit) -> Response[str]:
    """The form that takes rows of the built-in connector's table."""
    return _page(visit, EnteredForm())


@post(PATH, opt=PAGE)
async def shadow_report(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """The report for the rows that were entered."""
    pairs = await entered_pairs(request)
    try:
        found = await ask_entered(visit, coupling_exchange.SHADOW, pairs)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return _page(visit, EnteredForm(pairs=pairs, refused=refused))
    return _page(visit, EnteredForm(pairs=pairs), found)


PAGES = (shadow_page, shadow_report)


def _page(visit: Visit, entered: EnteredForm, found: ShadowShown | None = None) -> Response[str]:
    words = visit.words
    return visit.page(
        Page(
            heading=words.t(coupling_exchange.SHADOW.caption),
            subtitle=words.t(coupling_exchange.SHADOW.tooltip),
            crumbs=[
                Crumb(caption=words.t("Couplings"), address=visit.to("/couplings")),
                Crumb(caption=words.t("Replace the Built-In Connector"), address=visit.to(EXCHANGE)),
            ],
            notices=entered.notices(visit),
            content=card(
                [
                    None if found is None else _found(words, found),
                    fast_tab(words.t("Couplings of the built-in connector"), _form(visit, entered)),
                ]
            ),
        ),
        status=entered.status,
    )


def _form(visit: Visit, entered: EnteredForm) -> Element:
    words, why_not = visit.words, why_no_change(visit)
    if why_not:
        return p[why_not]
    return form(".entry", {"data-kept": "1"}, method="post", action=visit.to(PATH))[
        hidden([("connection", visit.connection.name)]),
        row_fields(words, entered),
        div(".buttons")[
            form_button(
                words.t("Compare"), is_primary=True, tooltip=words.t(coupling_exchange.SHADOW.tooltip)
            )
        ],
    ]


def _found(words: Words, found: ShadowShown) -> Element:
    counts = [
        Fact(
            caption=words.t("Pairs compared"),
            value=words.number(found.pairs),
            tooltip=words.t("Pairs of the rows whose records both exist."),
        ),
        Fact(
            caption=words.t("Decisions that differ"),
            value=words.number(found.differing),
            tooltip=words.t("What a run would do with records that the built-in connector treats otherwise."),
        ),
    ]
    columns = [
        Column(caption=words.t("Mapping")),
        Column(caption=words.t("ERP record")),
        Column(caption=words.t("CRM record")),
        Column(
            caption=words.t("Built-in connector"),
            tooltip=words.t("What it thinks of the pair by the row."),
        ),
        Column(caption=words.t("Interlace"), tooltip=words.t("What a run would do with the record.")),
        Column(caption=words.t("Fields"), tooltip=words.t("What would be written.")),
        Column(caption=words.t("Reason"), tooltip=words.t("Why the record is left out or fails.")),
    ]
    rows: list[list[Node]] = [_row(words, each) for each in found.decisions]
    return fast_tab(
        words.t("Decisions"),
        [
            facts(counts),
            listing(columns, rows, caption=words.t("Decisions"), empty=words.t("No decision differs.")),
            [p[f"{name}: {said(words, text)}"] for name, text in found.messages.items()],
            p(".quiet-text")[words.t("`interlace couplings shadow` writes all of them into a file.")],
        ],
    )


def _row(words: Words, each: DecisionShown) -> list[Node]:
    fields = [
        f"{write.side.upper()} {write.field}: {write.before or ''} → {write.after or ''}"
        for write in each.writes
    ]
    return [
        each.mapping,
        each.erp_key,
        each.crm_key,
        said(words, each.built_in),
        said(words, each.decision),
        lines(fields),
        said(words, each.reason),
    ]
