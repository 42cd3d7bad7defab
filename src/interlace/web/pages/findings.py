"""Findings: every record and field that stood out when both sides were verified last."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from htpy import Element
from litestar import Response, get

from interlace.management.findings import LIST_FINDINGS
from interlace.management.listing import ListAsked
from interlace.management.verification import SHOW, ShowVerification
from interlace.ui.listing import view_menu
from interlace.ui.shell import Crumb, NavigationItem, Page
from interlace.web.finding_parts import FOUND, finding_list, no_verdict
from interlace.web.list_page import is_narrowed, list_asked, shown_list
from interlace.web.saved_views import FILTER, views_of
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit, Visit, live

_FOUND = f"{FILTER}found"


@get("/findings", opt=PAGE)
async def findings_page(visit: TheVisit) -> Response[str]:
    """What was found in all mappings."""
    words = visit.words
    found = await visit.ask(LIST_FINDINGS, msgspec.convert(list_asked(visit), ListAsked))
    shown = finding_list(visit, found, await views_of(visit, LIST_FINDINGS.name))
    if not found.rows and not is_narrowed(visit):
        last = await visit.ask(SHOW, ShowVerification(connection=visit.connection.name))
        if last.judged_at is None:
            shown = replace(shown, empty=no_verdict(words))
    return visit.page(
        Page(
            heading=words.t("Findings"),
            subtitle=words.t(
                "What the last verification found; of a kind at most a thousand for each mapping are listed."
            ),
            crumbs=[Crumb(caption=words.t("Verification"), address=visit.to("/verification"))],
            content=live("findings", [_kinds(visit), shown_list(visit, shown)]),
        )
    )


PAGES = (findings_page,)


def _kinds(visit: Visit) -> Element:
    words, chosen = visit.words, visit.query(_FOUND)
    items = [NavigationItem(caption=words.t("All"), address=visit.to("/findings"), is_current=not chosen)]
    items += [
        NavigationItem(
            caption=words.t(caption),
            address=visit.to("/findings", {_FOUND: found}),
            is_current=chosen == found,
        )
        for found, caption in FOUND.items()
    ]
    return view_menu(items, captions=words.captions)
