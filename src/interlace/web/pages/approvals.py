"""Approval Rules: which plans another user approves before they are applied, and the form that changes them."""

from __future__ import annotations

from htpy import Element, Node, fieldset, form, label, legend, p, span
from htpy import input as input_
from litestar import Response, get

from interlace.management import approvals
from interlace.management.approvals import RulesShown
from interlace.management.connections import OneConnection
from interlace.ui.actions import action_link, form_button
from interlace.ui.card import Fact, card, facts, fast_tab
from interlace.ui.fields import Choice, Field, number_field, suggestion_list, text_field
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.addresses import DO
from interlace.web.field_captions import field_caption
from interlace.web.security import PAGE
from interlace.web.visit import RETURN_TO, TheVisit, Visit

_KNOWN = "known-fields"


@get("/connection/approvals", opt=PAGE)
async def approvals_page(visit: TheVisit) -> Response[str]:
    """The approval rules of the connection."""
    words = visit.words
    held = await visit.ask(approvals.SHOW, OneConnection(connection=visit.connection.name))
    may_change = visit.may(approvals.CHANGE.permission)
    return visit.page(
        Page(
            heading=words.t("Approval Rules"),
            subtitle=words.t(
                "A plan, or an undo, that falls under a rule is applied only after a user other than the one who made "
                "it has approved exactly that."
            ),
            crumbs=[Crumb(caption=words.t("Connection Setup"), address=visit.to("/connection"))],
            notices=[_what_is_not_held(visit)],
            content=card(
                fast_tab(
                    words.t("Approval Rules"), _form(visit, held) if may_change else _facts(visit, held)
                ),
                captions=words.captions,
            ),
        )
    )


PAGES = (approvals_page,)


def _what_is_not_held(visit: Visit) -> Element:
    words = visit.words
    return notice(
        words.t("The rules hold plans, not runs"),
        kind=Kind.HINT,
        body=words.t(
            "What runs by itself, and what somebody synchronizes at once, writes without a plan. Put the entries of a "
            "mapping whose changes must be approved on hold, and let plans alone carry its changes over."
        ),
        actions=[visit.seen("/queue", action_link(words.t("Job Queue Entries"), visit.to("/queue")))],
    )


def _facts(visit: Visit, held: RulesShown) -> Node:
    words = visit.words
    if not held.fields and held.deletions_percent is None and held.changes_percent is None:
        return p[words.t("There is no approval rule: every plan is applied without approval.")]
    return facts(
        [
            Fact(
                caption=words.t("Fields"),
                value=words.listed(list(held.fields)) if held.fields else "",
                tooltip=words.t("A plan that changes one of these fields needs approval."),
            ),
            Fact(
                caption=words.t("Deletions above"),
                value=_share(visit, held.deletions_percent),
                tooltip=_of_deletions(visit),
            ),
            Fact(
                caption=words.t("Changes above"),
                value=_share(visit, held.changes_percent),
                tooltip=_of_changes(visit),
            ),
        ]
    )


def _form(visit: Visit, held: RulesShown) -> Element:
    words = visit.words
    return form(method="post", action=f"{DO}/{approvals.CHANGE.address}")[
        hidden([("connection", visit.connection.name), (RETURN_TO, visit.here)]),
        fieldset(".choices")[
            legend[words.t("Fields whose changes need approval")],
            [
                label(".choice")[
                    input_(type="checkbox", name="fields", value=each, checked=True),
                    span[each, span(".hint")[_caption(visit, each)]],
                ]
                for each in held.fields
            ],
        ],
        suggestion_list(_KNOWN, [Choice(value=each, caption=_caption(visit, each)) for each in held.known]),
        text_field(
            Field(
                name="fields",
                caption=words.t("Further field"),
                hint=words.t("Example: {example}", example="CUSTOMER.Credit_Limit_LCY"),
                tooltip=words.t("A plan that changes one of these fields needs approval."),
            ),
            suggestions=_KNOWN,
            autocomplete="off",
        ),
        number_field(
            Field(
                name="deletions_percent",
                caption=words.t("Deletions above (%)"),
                value="" if held.deletions_percent is None else str(held.deletions_percent),
                hint=_of_deletions(visit),
            )
        ),
        number_field(
            Field(
                name="changes_percent",
                caption=words.t("Changes above (%)"),
                value="" if held.changes_percent is None else str(held.changes_percent),
                hint=_of_changes(visit),
            )
        ),
        form_button(
            words.t(approvals.CHANGE.caption), is_primary=True, tooltip=words.t(approvals.CHANGE.tooltip)
        ),
    ]


def _of_deletions(visit: Visit) -> str:
    return visit.words.t(
        "A plan that deletes more than this percentage of a mapping's coupled records needs approval; 0 means any."
    )


def _of_changes(visit: Visit) -> str:
    return visit.words.t(
        "A plan that changes more than this percentage of a mapping's coupled records needs approval; 0 means any."
    )


def _share(visit: Visit, percent: int | None) -> str:
    return "" if percent is None else visit.words.percent(percent / 100)


def _caption(visit: Visit, text: str) -> str:
    return str(field_caption(visit.words, text.rpartition(".")[2]))
