"""Coupled Data Synchronization Errors: records that are left out, each with all that can be done about it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from htpy import Element, Node, p
from litestar import Response, get

from interlace.management import causes, error_actions
from interlace.management.error_actions import ActionName
from interlace.management.errors import LIST_ERRORS, LIST_SKIPPED, ErrorRow
from interlace.management.listing import ListAsked, ListRow
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.listing import view_menu
from interlace.ui.shell import NavigationItem, Page
from interlace.web.addresses import segment
from interlace.web.chosen_rows import CHOSEN_FORM, chosen_button, chosen_form
from interlace.web.error_parts import PAIR_COLUMNS, error_list, error_row
from interlace.web.list_page import list_asked, shown_list
from interlace.web.readable import plain
from interlace.web.record_parts import log_address
from interlace.web.saved_views import views_of
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit, live

_SKIPPED = "skipped"
_FIRST_SHOWN = frozenset(
    {"at", "mapping", "source_key", "description", "exists", "partner", "message", "state"}
)


@get("/errors/skipped", opt=PAGE)
async def skipped_page(visit: TheVisit) -> Response[str]:
    """Records with an error; one view shows those that only a person lets take part again."""
    words = visit.words
    is_skipped = visit.query("only") == _SKIPPED
    operation = LIST_SKIPPED if is_skipped else LIST_ERRORS
    answer = await visit.ask(operation, msgspec.convert(list_asked(visit, _of_mapping(visit)), ListAsked))
    shown = replace(
        error_list(visit, answer, "/errors/skipped", has_ways=False),
        columns=PAIR_COLUMNS,
        first_shown=_FIRST_SHOWN,
        actions_of=lambda row: _row_actions(visit, error_row(row)),
        check_name="records",
        check_value=lambda row: error_row(row).place,
        check_label=_named,
        form_id=CHOSEN_FORM,
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
    return visit.page(
        Page(
            heading=words.t("Coupled Data Synchronization Errors"),
            subtitle=words.t("Each record is listed with its reason, until it goes through."),
            content=[
                _actions(visit, has_rows=bool(answer.rows)),
                view_menu(views, captions=words.captions),
                chosen_form(visit, error_actions.SETTLE, []),
                p(".quiet-text")[words.t("Tick records, then choose what is done with all of them.")]
                if answer.rows
                else None,
                live("skipped", shown_list(visit, shown)),
            ],
        )
    )


PAGES = (skipped_page,)


def _actions(visit: Visit, *, has_rows: bool) -> Element | None:
    """What is done with the ticked records, with all, and where else to look."""
    words = visit.words
    retry_all = Button(
        caption=translatable("Retry All"),
        confirm=words.t("Every record of the error list takes part again. Go on?"),
        why_not="" if has_rows else words.t("There are no errors"),
    )

    def chosen(action: ActionName, caption: str, tooltip: str, confirm: str = "") -> Element:
        """Return the button that does one thing with the ticked records."""
        return chosen_button(
            visit, error_actions.SETTLE, caption, action=action, tooltip=tooltip, confirm=confirm
        )

    return action_bar(
        [
            chosen(
                "retry",
                causes.RETRY.caption,
                translatable("Let the chosen records take part in the next run."),
            ),
            visit.action(causes.RETRY, {"every": "1"}, retry_all),
            chosen(
                "synchronize",
                translatable("Synchronize"),
                translatable("Bring the chosen coupled records in line now; what both sides changed stays."),
            ),
        ],
        [
            visit.action(error_actions.FIND_DELETED, {"mapping": visit.query("mapping")}),
            chosen(
                "remove-coupling",
                translatable("Delete Couplings"),
                translatable("Uncouple the chosen records; they stay where they are."),
                words.t("The chosen records are uncoupled; they stay on both sides. Delete their couplings?"),
            ),
            chosen(
                "restore",
                translatable("Restore Records"),
                translatable("Create what was deleted again, from the record that is left, and couple both."),
                words.t("Of the chosen pairs, the deleted records are created again. Restore them?"),
            ),
            chosen(
                "delete",
                translatable("Delete Records"),
                translatable("Delete the record that is left, because its partner was deleted."),
                words.t(
                    "Of the chosen pairs, the records that are left are deleted, too. Delete them in their "
                    "product?"
                ),
            ),
        ],
        [
            action_link(words.t("Causes of Errors"), visit.to("/errors")),
            action_link(words.t("Integration Synchronization Jobs"), visit.to("/jobs")),
        ],
        captions=words.captions,
    )


def _row_actions(visit: Visit, each: ErrorRow) -> Node:
    """What helps one record."""
    words = visit.words
    side = _side(each)
    path = f"/coupling/{segment(each.mapping)}/{segment(each.record_key)}"
    return [
        visit.action(causes.RETRY, {"mapping": each.mapping, "keys": each.record_key}),
        action_link(words.t("Decide"), visit.to(f"/conflicts/{segment(each.conflict_id)}"))
        if each.conflict_id
        else None,
        action_link(words.t("Set Up Coupling"), visit.to(path, {"side": side})),
        action_link(words.t("Synchronization Log"), log_address(visit, each.mapping, each.record_key, side)),
    ]


def _side(each: ErrorRow) -> str:
    return "crm" if each.direction == "FromIntegrationTable" else "erp"


def _named(row: ListRow) -> str:
    each = error_row(row)
    return each.description or plain(each.source_key)


def _of_mapping(visit: Visit) -> dict[str, str]:
    mapping = visit.query("mapping")
    return {"mapping": "'" + mapping.replace("'", "''") + "'"} if mapping else {}
