"""About: versions, and where help is."""

from __future__ import annotations

from importlib import metadata

from litestar import Response, get

from interlace.management.permission import PERMISSION_CAPTIONS, PERMISSION_SETS
from interlace.ui.card import Fact, card, facts, fast_tab
from interlace.ui.listing import Column, listing
from interlace.ui.shell import Page
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit


@get("/about", opt=PAGE)
async def about_page(visit: TheVisit) -> Response[str]:
    """What runs here, and what the reader may do."""
    words = visit.words
    rows = [
        [each.name, words.t(each.caption), words.t(each.description)] for each in PERMISSION_SETS.values()
    ]
    columns = [
        Column(caption=words.t("Permission Set")),
        Column(caption=words.t("Name")),
        Column(caption=words.t("Description")),
    ]
    entries = [
        Fact(caption=words.t("Version"), value=metadata.version("interlace")),
        Fact(caption=words.t("Signed in as"), value=visit.caller.full_name or visit.caller.name),
        Fact(
            caption=words.t("You may"),
            value=words.listed(
                [words.t(caption) for held, caption in PERMISSION_CAPTIONS.items() if visit.may(held)]
            ),
        ),
        Fact(caption=words.t("Language"), value=words.locale.get_display_name()),
        Fact(caption=words.t("Time Zone"), value=visit.caller.time_zone),
        Fact(caption=words.t("Management API"), value="/api/v1/openapi.json"),
    ]
    return visit.page(
        Page(
            heading=words.t("About Interlace"),
            content=card(
                [
                    fast_tab(words.t("General"), facts(entries)),
                    fast_tab(
                        words.t("Permission Sets"),
                        listing(columns, rows, caption=words.t("Permission Sets"), empty=""),
                    ),
                ],
                captions=words.captions,
            ),
        )
    )


PAGES = (about_page,)
