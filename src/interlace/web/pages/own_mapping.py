"""New Table Mapping: two tables are chosen, then the column that holds the key; and deleting such a mapping."""

from __future__ import annotations

from dataclasses import replace

from htpy import Element, Node, div, form, li, p, ul
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from interlace.domain.integration_field_mapping import Direction
from interlace.management import mappings
from interlace.management.mapping_answers import MappingListed
from interlace.management.mappings import OneMapping
from interlace.management.own_mappings import (
    ADD_MAPPING,
    REMOVE_MAPPING,
    TABLES,
    ListTables,
    TablesOffered,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.ui.actions import action_link, form_button
from interlace.ui.card import Fact, facts
from interlace.ui.fields import Choice, select_field, suggestion_list, text_field
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.mapping_parts import YES_OR_NO, path_of, why_no_change
from interlace.web.notice import Notice, said, tell
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, ask_password_again
from interlace.web.statuses import direction_text
from interlace.web.visit import Button, TheVisit, Visit

_LIST, _NEW = "/mappings", "/mappings/new"
_ERP_LIST, _CRM_LIST = "tables-of-erp", "tables-of-crm"
_TABLES = ("erp_table", "crm_table")
_CHOOSE = "choose"
"""Part of the address that goes back to the first step, with both tables as they were chosen."""
_DIRECTIONS = (
    Direction.TO_INTEGRATION_TABLE,
    Direction.FROM_INTEGRATION_TABLE,
    Direction.BIDIRECTIONAL,
)
_Answer = Response[str] | Redirect


@get(_NEW, opt=PAGE)
async def new_mapping_page(visit: TheVisit) -> Response[str]:
    """Choose the tables; once both are named, the rest."""
    entered = EnteredForm(pairs=[(part, visit.query(part)) for part in _TABLES])
    return await _page(visit, entered, chooses_again=bool(visit.query(_CHOOSE)))


@post(_NEW, opt=PAGE)
async def add_mapping(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Add the mapping; what is wrong is shown at its field."""
    pairs = await entered_pairs(request)
    try:
        added = await ask_entered(visit, ADD_MAPPING, pairs)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return await _page(visit, EnteredForm(pairs=pairs, refused=refused))
    await tell(request, accounts, Notice(title=said(visit.words, added.message)))
    return Redirect(visit.to(path_of(added.changed[0], "fields")), status_code=303)


@get("/mappings/{name:str}/delete", opt=PAGE)
async def delete_mapping_page(visit: TheVisit, name: FromPath[str]) -> Response[str]:
    """What goes with a mapping, and what stays."""
    words = visit.words
    asked = OneMapping(connection=visit.connection.name, mapping=name)
    header = (await visit.ask(mappings.SHOW, asked)).header
    return visit.page(
        Page(
            heading=words.t("Delete {mapping}", mapping=header.name),
            crumbs=[
                Crumb(caption=words.t("Integration Table Mappings"), address=visit.to(_LIST)),
                Crumb(caption=header.name, address=visit.to(path_of(header.name))),
            ],
            is_narrow=True,
            content=_deletion(visit, header),
        )
    )


PAGES = (new_mapping_page, add_mapping, delete_mapping_page)


async def _page(visit: Visit, entered: EnteredForm, *, chooses_again: bool = False) -> Response[str]:
    words, name = visit.words, visit.connection.name
    chosen = {part: entered.value(part).strip() for part in _TABLES}
    offered = None
    if any(chosen.values()) and not chooses_again:
        try:
            offered = await visit.ask(TABLES, ListTables(connection=name, **chosen))
        except Refused as refused:
            if not refused.fields:
                raise
            entered = replace(entered, refused=refused)
    why_not = why_no_change(visit)
    shown: Node = p[why_not]
    if not why_not and offered is not None:
        shown = _rest(visit, entered, offered)
    elif not why_not:
        shown = _tables(visit, entered, await visit.ask(TABLES, ListTables(connection=name)))
    return visit.page(
        Page(
            heading=words.t("New Table Mapping"),
            subtitle=words.t("A table of the ERP meets a table of the CRM."),
            crumbs=[Crumb(caption=words.t("Integration Table Mappings"), address=visit.to(_LIST))],
            notices=entered.notices(visit),
            is_narrow=True,
            content=shown,
        ),
        status=entered.status,
    )


def _tables(visit: Visit, entered: EnteredForm, offered: TablesOffered) -> Element:
    """The first step: which tables meet."""
    words = visit.words
    erp = entered.field(
        words,
        "erp_table",
        words.t("Table"),
        is_required=True,
        hint=words.t("A page service that the ERP publishes, or the table that it shows."),
    )
    crm = entered.field(
        words,
        "crm_table",
        words.t("Integration Table"),
        is_required=True,
        hint=words.t("A table of the CRM by its logical name, such as new_paymentmethod."),
    )
    return form(".entry", method="get", action=visit.to(_NEW))[
        hidden([("connection", visit.connection.name)]),
        text_field(erp, suggestions=_ERP_LIST, length_max=200, autocomplete="off"),
        text_field(crm, suggestions=_CRM_LIST, length_max=200, autocomplete="off"),
        suggestion_list(
            _ERP_LIST,
            [
                Choice(value=each.service, caption=_mapped(each.name, each.mapped))
                for each in offered.erp
                if len(each.key) == 1
            ],
        ),
        suggestion_list(
            _CRM_LIST, [Choice(value=each.name, caption=_mapped("", each.mapped)) for each in offered.crm]
        ),
        div(".buttons")[
            form_button(words.t("Next"), is_primary=True),
            action_link(words.t("Cancel"), visit.to(_LIST)),
        ],
    ]


def _mapped(table: str, names: tuple[str, ...]) -> str:
    return " · ".join(part for part in (table, ", ".join(names)) if part)


def _rest(visit: Visit, entered: EnteredForm, offered: TablesOffered) -> Element:
    """The second step: what it is called, which column holds the key, whether records are created."""
    words = visit.words
    chosen = {part: entered.value(part) for part in _TABLES}
    column = entered.field(
        words,
        "crm_column",
        words.t("Integration Field of the key"),
        is_required=True,
        hint=words.t(
            "It holds {key} of the ERP. A record of the CRM that holds the same already is coupled.",
            key=offered.key,
        ),
    )
    direction = entered.field(
        words,
        "direction",
        words.t("Direction"),
        hint=words.t("To the ERP only if its page service lets records be written."),
    )
    only_coupled = entered.field(
        words,
        "synch_only_coupled_records",
        words.t("Synch. Only Coupled Records"),
        hint=words.t("No: a record without a partner gets one created by the next run."),
    )
    name = entered.field(
        words, "name", words.t("Name"), is_required=True, hint=words.t("Such as PAYMENT METHOD.")
    )
    columns = [
        Choice(value=each.name, caption=f"{each.name} · {each.caption}" if each.caption else each.name)
        for each in offered.columns
    ]
    return form(".entry", {"data-kept": "1"}, method="post", action=visit.to(_NEW))[
        hidden([("connection", visit.connection.name), *chosen.items()]),
        # The direction is chosen below: an arrow here would contradict it.
        facts(
            [
                Fact(caption=words.t("Table"), value=chosen["erp_table"]),
                Fact(caption=words.t("Integration Table"), value=chosen["crm_table"]),
            ]
        ),
        text_field(name, length_max=40, autocomplete="off"),
        select_field(column, columns, blank=""),
        select_field(
            direction, [Choice(value=each.value, caption=direction_text(words, each)) for each in _DIRECTIONS]
        ),
        select_field(
            only_coupled, [Choice(value=each.value, caption=words.t(each.caption)) for each in YES_OR_NO]
        ),
        div(".buttons")[
            form_button(words.t("Save"), is_primary=True),
            action_link(words.t("Back"), visit.to(_NEW, {**chosen, _CHOOSE: "1"})),
        ],
    ]


def _deletion(visit: Visit, header: MappingListed) -> Node:
    words = visit.words
    if not header.is_own:
        return empty_state(
            words.t("{mapping} is no mapping of your own", mapping=header.name),
            words.t("It can take no part in the connection, but stays."),
        )
    return [
        ul[
            li[
                words.n(
                    "{count} coupling is deleted, with the errors and the job log of the mapping.",
                    "{count} couplings are deleted, with the errors and the job log of the mapping.",
                    header.coupled,
                )
            ],
            li[words.n("{count} field row is deleted.", "{count} field rows are deleted.", header.fields)],
            li[words.t("Records stay on both sides as they are; the journal keeps what was written.")],
        ],
        div(".buttons")[
            visit.action(
                REMOVE_MAPPING,
                {"mapping": header.name, "count": str(header.coupled)},
                Button(is_primary=True, why_not=words.t("It is at work") if header.is_running else ""),
            ),
            action_link(words.t("Cancel"), visit.to(path_of(header.name))),
        ],
    ]
