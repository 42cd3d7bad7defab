"""Coupled Data Synchronization Errors: records that are left out, each with all that can be done about it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from htpy import Node, a
from litestar import Response, get

from interlace.management import causes
from interlace.management.errors import LIST_ERRORS, LIST_SKIPPED
from interlace.management.listing import ListAsked, ListRow
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.listing import view_menu
from interlace.ui.shell import NavigationItem, Page
from interlace.web.addresses import segment
from interlace.web.error_parts import error_list, error_row
from interlace.web.list_page import list_asked, shown_list
from interlace.web.saved_views import views_of
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit, live

_SKIPPED = "skipped"


@get("/errors/skipped", opt=PAGE)
async def skipped_page(visit: TheVisit) -> Response[str]:
    """Records with an error; one view shows those that only a person lets take part again."""
    words = visit.words
    is_skipped = visit.query("only") == _SKIPPED
    operation = LIST_SKIPPED if is_skipped else LIST_ERRORS
    answer = await visit.ask(operation, msgspec.convert(list_asked(visit, **_of_mapping(visit)), ListAsked))

    def actions(row: ListRow) -> Node:
        """Offer what helps the record."""
        each = error_row(row)
        side = "crm" if each.direction == "FromIntegrationTable" else "erp"
        path = f"/coupling/{segment(each.mapping)}/{segment(each.record_key)}"
        retried = {"mapping": each.mapping, "keys": each.record_key}
        return [
            visit.action(causes.RETRY, retried),
            a(".button", href=visit.to(path, {"side": side}))[words.t("Set Up Coupling")],
        ]

    shown = replace(
        error_list(visit, answer, "/errors/skipped", has_ways=False),
        actions_of=actions,
        fixed={"only": visit.query("only"), "mapping": visit.query("mapping")},
        export_list=operation.name,
        views=await views_of(visit, operation.name),
    )
    views = [
        NavigationItem(
            caption=words.t("All errors"), address=visit.to("/errors/skipped"), is_current=not is_skipped
        ),
        NavigationItem(
            caption=words.t("Skipped"),
            address=visit.to("/errors/skipped", {"only": _SKIPPED}),
            is_current=is_skipped,
        ),
    ]
    retry_all = Button(
        caption=translatable("Retry All"),
        confirm=words.t("Every record of the error list takes part again. Go on?"),
        why_not="" if answer.rows else words.t("There are no errors"),
    )
    return visit.page(
        Page(
            heading=words.t("Coupled Data Synchronization Errors"),
            subtitle=words.t("Each record is listed with its reason, until it goes through."),
            content=[
                action_bar(
                    [visit.action(causes.RETRY, {"every": "1"}, retry_all)],
                    [
                        action_link(words.t("Causes of Errors"), visit.to("/errors")),
                        action_link(words.t("Integration Synchronization Jobs"), visit.to("/jobs")),
                    ],
                    captions=words.captions,
                ),
                view_menu(views, captions=words.captions),
                live("skipped", shown_list(visit, shown)),
            ],
        )
    )


PAGES = (skipped_page,)


def _of_mapping(visit: Visit) -> dict[str, str]:
    mapping = visit.query("mapping")
    return {"mapping": "'" + mapping.replace("'", "''") + "'"} if mapping else {}
