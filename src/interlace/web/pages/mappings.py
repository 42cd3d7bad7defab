"""Integration Table Mappings: the list, what a check finds, and what was changed as one text."""

from __future__ import annotations

import msgspec
from htpy import Element, Node, a, div, form, li, p, pre, span, ul
from litestar import Response, get, post
from litestar.response import Redirect

from interlace.domain.filter_language import quoted
from interlace.management import mappings
from interlace.management.listing import ListRow
from interlace.management.mapping_answers import MAPPING_COLUMNS, MappingListed, MappingsChecked
from interlace.management.mappings import CheckMappings, ExportSettings, ListMappings
from interlace.management.own_mappings import ADD_MAPPING
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import card, fast_tab
from interlace.ui.fields import text_area
from interlace.ui.keys import NEW
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.list_page import Cell, ListPage, list_asked, shown_list
from interlace.web.mapping_parts import (
    ARROWS,
    direction,
    integration_table,
    lines,
    own_badge,
    part_badge,
    path_of,
    why_no_change,
)
from interlace.web.notice import Notice, said, tell
from interlace.web.readable import breakable, plain
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.saved_views import views_of
from interlace.web.security import PAGE, ask_password_again
from interlace.web.visit import Button, TheVisit, Visit, live

_LIST = "/mappings"
_SETTINGS = "/mappings/settings"
_LONG = 200_000
_ROWS = 50
_FIRST_SHOWN = frozenset(
    {
        "name",
        "erp_table",
        "direction",
        "integration_table",
        "table_filter",
        "integration_table_filter",
        "update_conflict_resolution",
        "fields",
        "coupled",
        "failed",
        "skipped",
    }
)
_Answer = Response[str] | Redirect


@get(_LIST, opt=PAGE)
async def mappings_page(visit: TheVisit) -> Response[str]:
    """Every mapping, in the order in which they run."""
    words = visit.words
    name = visit.connection.name
    asked = msgspec.convert(list_asked(visit, rows=_ROWS), ListMappings)
    found = await visit.ask(mappings.LIST, asked)
    shown = ListPage(
        path=_LIST,
        columns=MAPPING_COLUMNS,
        first_shown=_FIRST_SHOWN,
        answer=found,
        rows=found.rows,
        caption=words.t("Integration Table Mappings"),
        cells=_cells(visit),
        actions_of=lambda row: _actions(visit, _mapping(row)),
        empty=empty_state(words.t("No mapping fits")),
        export_list=mappings.LIST.name,
        views=await views_of(visit, mappings.LIST.name),
    )
    checked = None
    if visit.query("check"):
        checked = await visit.ask(mappings.CHECK, CheckMappings(connection=name))
    return visit.page(
        Page(
            heading=words.t("Integration Table Mappings"),
            subtitle=words.t(
                "Which table meets which, in the order in which they run. → is ERP to CRM, ← is CRM to ERP, "
                "↔ is both ways."
            ),
            content=[
                action_bar(
                    [
                        None
                        if why_no_change(visit)
                        else action_link(words.t(ADD_MAPPING.caption), visit.to(f"{_LIST}/new"), keys=NEW),
                        action_link(words.t("Check"), visit.to(_LIST, {"check": "1"})),
                        action_link(words.t("Export and Import Settings"), visit.to(_SETTINGS)),
                    ],
                    [
                        visit.seen(
                            "/review", action_link(words.t("Full Synch. Review"), visit.to("/review"))
                        ),
                        visit.seen("/queue", action_link(words.t("Job Queue Entries"), visit.to("/queue"))),
                    ],
                    captions=words.captions,
                ),
                None if checked is None else checked_part(visit, checked),
                live("mappings", div(".mappings")[shown_list(visit, shown)]),
            ],
        )
    )


@get(_SETTINGS, opt=PAGE)
async def settings_page(visit: TheVisit) -> Response[str]:
    """What was changed in all mappings, as one text, and the form that takes such a text."""
    return await _settings(visit, EnteredForm(), ())


@post(_SETTINGS, opt=PAGE)
async def import_settings(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Compare, or import."""
    pairs = await entered_pairs(request)
    try:
        found = await ask_entered(visit, mappings.IMPORT, pairs)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return await _settings(visit, EnteredForm(pairs=pairs, refused=refused), ())
    if found.is_stored:
        await tell(request, accounts, Notice(title=said(visit.words, found.message)))
        return Redirect(visit.to(_LIST), status_code=303)
    told = [found.message, *found.differences]
    return await _settings(visit, EnteredForm(pairs=pairs), told)


PAGES = (mappings_page, settings_page, import_settings)


def checked_part(visit: Visit, checked: MappingsChecked) -> Element:
    """What a check found."""
    words = visit.words
    if not checked.problems:
        told = words.n(
            "{count} mapping checked: both ends have every table and field.",
            "{count} mappings checked: both ends have every table and field.",
            len(checked.mappings),
        )
        return notice(told, kind=Kind.DONE)
    columns = [
        Column(caption=words.t("Mapping")),
        Column(caption=words.t("Field row")),
        Column(caption=words.t("What is wrong, and what to do")),
    ]
    rows: list[list[Node]] = [
        [a(href=visit.to(path_of(each.mapping)))[each.mapping], each.row, said(words, each.message)]
        for each in checked.problems
    ]
    return fast_tab(
        words.t("Check"),
        listing(columns, rows, caption=words.t("What is wrong"), empty=""),
        promoted=badge(
            words.n("{count} problem", "{count} problems", len(checked.problems)),
            Tone.BAD,
        ),
    )


def _mapping(row: ListRow) -> MappingListed:
    assert isinstance(row, MappingListed)
    return row


def _cells(visit: Visit) -> dict[str, Cell]:
    """How the columns of a mapping are shown."""
    words = visit.words

    def name(row: ListRow) -> Node:
        """Lead to the card."""
        each = _mapping(row)
        return [
            a(href=visit.to(path_of(each.name)))[each.name],
            div(".row-buttons.small")[
                part_badge(words, each),
                own_badge(words, each),
                badge(words.t("Changed"), Tone.WARN) if each.changed else None,
            ],
        ]

    def arrow(row: ListRow) -> Node:
        """Say which way changes go."""
        told = direction(words, _mapping(row).direction)
        return span(".arrow", title=told, role="img", aria_label=told)[ARROWS[_mapping(row).direction]]

    def filters(conditions: tuple[str, ...]) -> Node:
        """Show each condition on a line of its own."""
        return div(".small.filter-lines")[lines([plain(each) for each in conditions])] if conditions else ""

    def figure(count: int, path: str, query: dict[str, str]) -> Node:
        """Lead to what is counted."""
        return visit.linked(words.number(count), path, query) if count else words.number(0)

    return {
        "name": name,
        "erp_table": lambda row: div(".long-name")[breakable(_mapping(row).erp_table)],
        "direction": arrow,
        "integration_table": lambda row: div(".long-name")[breakable(integration_table(_mapping(row)))],
        "table_filter": lambda row: filters(_mapping(row).table_filter),
        "integration_table_filter": lambda row: filters(_mapping(row).integration_table_filter),
        "fields": lambda row: a(href=visit.to(path_of(_mapping(row).name, "fields")))[
            words.number(_mapping(row).fields)
        ],
        "coupled": lambda row: figure(
            _mapping(row).coupled, "/couplings", {"filters.mapping": quoted(_mapping(row).name)}
        ),
        "failed": lambda row: figure(_mapping(row).failed, "/errors", {"mapping": _mapping(row).name}),
        "skipped": lambda row: figure(
            _mapping(row).skipped, "/errors/skipped", {"only": "skipped", "mapping": _mapping(row).name}
        ),
    }


def _actions(visit: Visit, each: MappingListed) -> Node:
    if each.by_documents:
        return visit.seen("/orders", action_link(visit.words.t("Sales Orders"), visit.to("/orders")))
    return div(".row-buttons")[
        run_buttons(visit, each, synchronize=translatable("Synchronize"), run_full=translatable("Run Full"))
    ]


def run_buttons(
    visit: Visit, each: MappingListed, *, synchronize: str = "", run_full: str = ""
) -> list[Element]:
    """The two ways in which a mapping is run, with captions of their own where room is short."""
    words = visit.words
    why_not = "" if each.takes_part else words.t("It takes no part in this connection")
    sent = {"mapping": each.name}
    confirm = words.t(
        "Every record of {mapping} is compared, and what has no partner is created on the other side. Start now?",
        mapping=each.name,
    )
    return [
        visit.action(mappings.SYNCHRONIZE, sent, Button(caption=synchronize, why_not=why_not)),
        visit.action(mappings.RUN_FULL, sent, Button(caption=run_full, why_not=why_not, confirm=confirm)),
    ]


async def _settings(visit: Visit, entered: EnteredForm, told: list[str] | tuple[str, ...]) -> Response[str]:
    words = visit.words
    held = await visit.ask(mappings.EXPORT, ExportSettings(connection=visit.connection.name))
    changes = [*entered.notices(visit)]
    if told:
        body = ul[[li[said(words, each)] for each in told[1:]]] if len(told) > 1 else None
        changes.append(notice(said(words, told[0]), kind=Kind.HINT, body=body))
    return visit.page(
        Page(
            heading=words.t("Export and Import Settings"),
            subtitle=words.t(
                "What was changed in all mappings as one text: to keep it, or to take it to another connection."
            ),
            crumbs=[Crumb(caption=words.t("Integration Table Mappings"), address=visit.to(_LIST))],
            notices=changes,
            content=card(
                [
                    fast_tab(words.t("Export Settings"), pre(".settings-text", tabindex="0")[held.text]),
                    fast_tab(words.t("Import Settings"), _import_form(visit, entered)),
                ]
            ),
        ),
        status=entered.status,
    )


def _import_form(visit: Visit, entered: EnteredForm) -> Element:
    words, why_not = visit.words, why_no_change(visit)
    if why_not:
        return p[why_not]
    field = entered.field(
        words,
        "text",
        words.t("Text of an export"),
        is_required=True,
        hint=words.t(
            "It replaces what was changed in all mappings: those that it does not name get their defaults."
        ),
    )
    return form(".entry", {"data-kept": "1"}, method="post", action=visit.to(_SETTINGS))[
        hidden([("connection", visit.connection.name)]),
        text_area(field, rows=12, length_max=_LONG),
        div(".buttons")[
            form_button(words.t("Compare"), name="only_compare", value="yes"),
            form_button(words.t("Import Settings"), is_primary=True),
        ],
    ]
