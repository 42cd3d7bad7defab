"""What the CRM told of itself: its version and that of the solution, marked where ours is newer."""

from __future__ import annotations

from htpy import Element, Node, div, p

from interlace.management.solution import CrmVersions
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, facts
from interlace.ui.notices import Kind, notice
from interlace.web.notice import said
from interlace.web.visit import Visit


def versions_part(visit: Visit, held: CrmVersions) -> Element:
    """Return the versions; while the CRM has not answered, the page looks again by itself."""
    words = visit.words
    if held.is_looking:
        return div({"data-live-poll": "1500"})[p(".quiet-text")[words.t("The CRM is being asked…")]]
    if held.problem:
        return notice(words.t("The CRM tells nothing"), kind=Kind.WARNING, body=said(words, held.problem))
    roles: Node = words.t("All of them")
    if held.missing_roles:
        roles = badge(words.t("Missing: {roles}", roles=", ".join(held.missing_roles)), Tone.BAD)
    at = held.looked_at
    return div[
        facts(
            [
                Fact(caption=words.t("CRM Version"), value=held.crm),
                Fact(caption=words.t("Web API Version"), value=held.web_api),
                Fact(caption=words.t("Integration Solution Imported"), value=_solution(visit, held)),
                Fact(caption=words.t("Version That This Interlace Brings"), value=held.brought),
                Fact(caption=words.t("Integration User"), value=held.integration_user),
                Fact(caption=words.t("Roles"), value=roles),
            ]
        ),
        p(".quiet-text")[said(words, held.advice)] if held.advice else None,
        p(".quiet-text.small")[words.t("Asked at {time}", time=words.datetime(at))] if at else None,
    ]


def _solution(visit: Visit, held: CrmVersions) -> Node:
    words = visit.words
    if not held.solution:
        return badge(words.t("Not installed"), Tone.BAD)
    if held.is_older:
        return [held.solution, " ", badge(words.t("Older than ours"), Tone.WARN)]
    return [held.solution, " ", badge(words.t("Up to date"), Tone.GOOD)]
