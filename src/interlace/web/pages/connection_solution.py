"""Redeploy Integration Solution: what the CRM has, what we bring, and the administrator's sign-in for this once."""

from __future__ import annotations

import msgspec
from htpy import Element, Node, button, details, div, form, pre, summary
from litestar import Response, get

from interlace.management import solution
from interlace.management.connections import OneConnection
from interlace.management.solution import Deployment
from interlace.ui.actions import action_link
from interlace.ui.card import card, fast_tab
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.addresses import DO
from interlace.web.crm_versions import versions_part
from interlace.web.notice import said
from interlace.web.question_fields import question_field
from interlace.web.security import PAGE
from interlace.web.visit import RETURN_TO, TheVisit, Visit, live

_PLACE = "/connection/solution"


@get(_PLACE, opt=PAGE)
async def solution_page(visit: TheVisit) -> Response[str]:
    """The versions, what is being done, and the form."""
    words = visit.words
    asked = OneConnection(connection=visit.connection.name)
    held = await visit.ask(solution.DEPLOYMENT, asked)
    versions = await visit.ask(solution.VERSIONS, asked)
    return visit.page(
        Page(
            heading=words.t("Redeploy Integration Solution"),
            subtitle=words.t(
                "Imports the version that this Interlace brings, gives the integration user its roles and marks it. "
                "An administrator of the CRM signs in for this once."
            ),
            crumbs=[Crumb(caption=words.t("Connection Setup"), address=visit.to("/connection"))],
            content=card(
                [
                    fast_tab(
                        words.t("Versions in the CRM"), live("versions", versions_part(visit, versions))
                    ),
                    live("deployment", _standing(visit, held)),
                    None
                    if held.is_working
                    else fast_tab(words.t("Administrator of the CRM"), _form(visit, held)),
                ]
            ),
        )
    )


PAGES = (solution_page,)


def _standing(visit: Visit, held: Deployment) -> Node:
    """What is being done, and how it ended."""
    words = visit.words
    lines = pre(".told")["\n".join(said(words, each) for each in held.told)] if held.told else None
    if held.is_working:
        return div({"data-live-poll": "1500"})[
            notice(
                words.t("The solution is being brought"), body=words.t("You may leave this page; it goes on.")
            ),
            lines,
            action_link(words.t("Refresh"), visit.here),
        ]
    if held.problem:
        body = [said(words, held.problem), lines]
        return notice(words.t("The solution was not brought"), kind=Kind.ERROR, body=body)
    return lines


def _form(visit: Visit, held: Deployment) -> Element:
    words = visit.words
    simple = [each for each in held.questions if not each.is_advanced]
    advanced = [
        msgspec.structs.replace(each, is_advanced=False) for each in held.questions if each.is_advanced
    ]
    return form(method="post", action=f"{DO}/{solution.REDEPLOY.address}", novalidate=True)[
        hidden([("connection", visit.connection.name), (RETURN_TO, visit.to(_PLACE))]),
        [question_field(visit, each, "") for each in simple],
        details(".advanced")[
            summary[words.t("Advanced")], [question_field(visit, each, "") for each in advanced]
        ]
        if advanced
        else None,
        div(".buttons")[
            button(".button.primary", type="submit", title=words.t(solution.REDEPLOY.tooltip))[
                words.t(solution.REDEPLOY.caption)
            ],
            action_link(words.t("Cancel"), visit.to("/connection")),
        ],
    ]
