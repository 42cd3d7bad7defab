"""Connections: how each stands, and what is done with them: open, set up another, rename, use as default, remove."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from htpy import Element, Node, a, div, form, p
from litestar import Response, get, post
from litestar.response import Redirect

from interlace.management import connection_list, connections
from interlace.management.connection_list import ConnectionRow, ShowConnections
from interlace.management.connections import ConnectionChanged, ConnectionSummary
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.refusal import Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.fields import Field, text_field
from interlace.ui.keys import NEW
from interlace.ui.listing import Column, listing
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.addresses import DO, address
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.notice import Notice, said, tell
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, requires
from interlace.web.visit import CONNECTION, RETURN_TO, AskedT, TheVisit, Visit, live

_LIST = "/connections"
_NEW = "/connections/new"
_RENAME = "/connections/rename"
_REMOVE = "/connections/remove"
_MANAGES = requires(Permission.MANAGE_CONNECTION)
_ADMINISTERS = requires(Permission.ADMINISTER)
_LENGTH_MAX = 50
_STATES = {
    "enabled": (translatable("Enabled"), Tone.GOOD),
    "disabled": (translatable("Disabled"), Tone.WARN),
    "new": (translatable("Being set up"), Tone.BUSY),
}
_Answer = Response[str] | Redirect


@get(_LIST, opt=PAGE)
async def connections_page(visit: TheVisit) -> Response[str]:
    """Every connection."""
    words = visit.words
    found = (await visit.ask(connection_list.OVERVIEW, ShowConnections())).connections
    new = (
        action_link(words.t(connection_list.BEGIN.caption), visit.to(_NEW), is_primary=not found, keys=NEW)
        if visit.may(Permission.MANAGE_CONNECTION)
        else None
    )
    return visit.page(
        Page(
            heading=words.t("Connections"),
            subtitle=words.t("Each keeps one ERP company in step with one CRM organization."),
            content=[
                action_bar([new], captions=words.captions) if new is not None else None,
                live("connections", _list(visit, found)),
            ],
        )
    )


@get(_NEW, opt=_MANAGES)
async def new_connection_page(visit: TheVisit) -> Response[str]:
    """The form for another connection."""
    return _new(visit, EnteredForm())


@post(_NEW, opt=_MANAGES)
async def begin_connection(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Take its name; its set-up follows."""
    return await _take_name(request, visit, accounts, connection_list.BEGIN, _new)


@get(_RENAME, opt=_MANAGES)
async def rename_page(visit: TheVisit) -> Response[str]:
    """The form for another name."""
    return _rename(visit, EnteredForm(before={"name": visit.connection.name}))


@post(_RENAME, opt=_MANAGES)
async def rename_connection(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Take it."""
    return await _take_name(request, visit, accounts, connection_list.RENAME, _rename)


@get(_REMOVE, opt=_ADMINISTERS)
async def remove_page(visit: TheVisit) -> Response[str]:
    """The form that removes a connection once its name was typed."""
    words = visit.words
    held = visit.connection
    found = (await visit.ask(connection_list.OVERVIEW, ShowConnections())).connections
    coupled = sum(each.coupled for each in found if each.summary.id == held.id)
    return visit.page(
        Page(
            heading=words.t("Remove {name}", name=held.name),
            subtitle=_ends(visit, held),
            crumbs=[_crumb(visit)],
            is_narrow=True,
            content=form(".entry", method="post", action=f"{DO}/{connections.REMOVE.address}")[
                hidden([(CONNECTION, held.name), (RETURN_TO, visit.here)]),
                p[
                    words.n(
                        "Removing forgets {count} coupling, and all jobs and errors. Records stay on both sides.",
                        "Removing forgets {count} couplings, and all jobs and errors. Records stay on both sides.",
                        coupled,
                    )
                ],
                text_field(
                    Field(
                        name="typed_name",
                        caption=words.t("Type the name of the connection"),
                        is_required=True,
                    ),
                    autocomplete="off",
                ),
                _buttons(visit, connections.REMOVE.caption),
            ],
        )
    )


PAGES = (
    connections_page,
    new_connection_page,
    begin_connection,
    rename_page,
    rename_connection,
    remove_page,
)


# The list


def _list(visit: Visit, found: tuple[ConnectionRow, ...]) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Name")),
        Column(caption=words.t("ERP Company")),
        Column(caption=words.t("CRM Organization")),
        Column(caption=words.t("Status"), is_whole=True),
        Column(caption=words.t("Last Run"), is_whole=True),
        Column(caption=words.t("Couplings"), is_number=True),
        Column(caption=words.t("Errors"), is_number=True),
        Column(caption=words.t("Conflicts"), is_number=True),
        Column(caption=words.t("Actions"), is_caption_hidden=True),
    ]
    return listing(
        columns,
        [_row(visit, each, is_one_of_several=len(found) > 1) for each in found],
        caption=words.t("Connections"),
        empty=empty_state(
            words.t("No ERP and CRM are connected yet"),
            words.t("Assisted Setup asks for what is needed, step by step; you can leave it and come back."),
        ),
    )


def _row(visit: Visit, row: ConnectionRow, *, is_one_of_several: bool) -> list[Node]:
    words, held = visit.words, row.summary
    caption, tone = _STATES[row.state]
    status: list[Node] = [badge(words.t(caption), tone)]
    if row.halts:
        halts = words.n("{count} halt", "{count} halts", row.halts)
        status += [" ", _way(visit, held, badge(halts, Tone.BAD), "/halts")]
    name: list[Node] = [a(href=_at(held, "/"))[held.name]]
    if held.is_default and is_one_of_several:
        name += [" ", badge(words.t("Default"), Tone.NEUTRAL)]
    return [
        name,
        held.erp_company,
        held.crm_address,
        status,
        _last_run(visit, row),
        _counted(visit, held, row.coupled, "/couplings"),
        _counted(visit, held, row.errors, "/errors", Tone.BAD),
        _counted(visit, held, row.conflicts, "/conflicts", Tone.WARN),
        div(".row-actions")[_actions(visit, row, is_one_of_several=is_one_of_several)],
    ]


def _last_run(visit: Visit, row: ConnectionRow) -> Node:
    words = visit.words
    if row.is_running:
        return _way(visit, row.summary, badge(words.t("In Process"), Tone.BUSY), "/jobs")
    if row.last_finished_at is None:
        return words.t("Never")
    return _way(visit, row.summary, words.relative(row.last_finished_at, datetime.now(UTC)), "/jobs")


def _counted(visit: Visit, held: ConnectionSummary, count: int, path: str, tone: Tone | None = None) -> Node:
    shown = visit.words.number(count)
    if not count:
        return shown
    return _way(visit, held, badge(shown, tone) if tone is not None else shown, path)


def _actions(visit: Visit, row: ConnectionRow, *, is_one_of_several: bool) -> list[Node]:
    words, held = visit.words, row.summary
    begins = row.state == "new" and visit.may(Permission.MANAGE_CONNECTION)
    shown: list[Node] = [
        action_link(words.t("Assisted Setup"), _at(held, "/setup"), is_primary=True)
        if begins
        else action_link(words.t("Connection Setup"), _at(held, "/connection"))
    ]
    if is_one_of_several and not held.is_default:
        shown.append(visit.action(connection_list.MAKE_DEFAULT, {CONNECTION: held.name}))
    if visit.may(Permission.MANAGE_CONNECTION):
        shown.append(action_link(words.t(connection_list.RENAME.caption), _at(held, _RENAME)))
    if visit.may(Permission.ADMINISTER):
        shown.append(action_link(words.t(connections.REMOVE.caption), _at(held, _REMOVE)))
    return shown


def _way(visit: Visit, held: ConnectionSummary, shown: Node, path: str) -> Node:
    """Return something as a link to a page of a connection, where the visitor's experience shows that page."""
    return visit.linked(shown, path, {CONNECTION: held.name})


def _at(held: ConnectionSummary, path: str) -> str:
    return address(path, {CONNECTION: held.name})


# Forms


async def _take_name(
    request: AnyRequest,
    visit: Visit,
    accounts: TheAccounts,
    operation: Operation[AskedT, ConnectionChanged],
    form_with: Callable[[Visit, EnteredForm], Response[str]],
) -> _Answer:
    """Do what a name was entered for, and lead on; a name that can't be had is shown again with the reason."""
    pairs = await entered_pairs(request)
    try:
        changed = await ask_entered(visit, operation, pairs)
    except Refused as refused:
        return form_with(visit, EnteredForm(pairs=pairs, refused=refused))
    await tell(request, accounts, Notice(title=said(visit.words, changed.message)))
    return Redirect(changed.page, status_code=303)


def _new(visit: Visit, entered: EnteredForm) -> Response[str]:
    words = visit.words
    return visit.page(
        Page(
            heading=words.t(connection_list.BEGIN.caption),
            subtitle=words.t(
                "It joins another ERP company with a CRM organization, and runs beside those that there are. "
                "Assisted Setup asks for the rest."
            ),
            crumbs=[_crumb(visit)],
            is_narrow=True,
            notices=entered.notices(visit),
            content=form(".entry", method="post", action=visit.to(_NEW))[
                _name_field(visit, entered), _buttons(visit, translatable("Begin Set-up"))
            ],
        ),
        status=entered.status,
    )


def _rename(visit: Visit, entered: EnteredForm) -> Response[str]:
    words, held = visit.words, visit.connection
    return visit.page(
        Page(
            heading=words.t("Rename {name}", name=held.name),
            subtitle=_ends(visit, held),
            crumbs=[_crumb(visit)],
            is_narrow=True,
            notices=entered.notices(visit),
            content=form(".entry", method="post", action=_at(held, _RENAME))[
                hidden([(CONNECTION, held.name)]),
                _name_field(visit, entered),
                p(".hint")[
                    words.t("Commands and programs that name the connection must use the new name then.")
                ],
                _buttons(visit, connection_list.RENAME.caption),
            ],
        ),
        status=entered.status,
    )


def _name_field(visit: Visit, entered: EnteredForm) -> Element:
    words = visit.words
    hint = words.t("Short, such as the company's: it stands in the bar, in addresses and in commands.")
    return text_field(
        entered.field(words, "name", words.t("Name"), hint=hint, is_required=True),
        autocomplete="off",
        length_max=_LENGTH_MAX,
        is_focused=True,
    )


def _buttons(visit: Visit, caption: str) -> Element:
    words = visit.words
    return div(".buttons")[
        form_button(words.t(caption), is_primary=True), action_link(words.t("Back"), visit.to(_LIST))
    ]


def _ends(visit: Visit, held: ConnectionSummary) -> Node:
    if not held.erp_company:
        return None
    return visit.words.t("{company} ⇄ {address}", company=held.erp_company, address=held.crm_address)


def _crumb(visit: Visit) -> Crumb:
    return Crumb(caption=visit.words.t("Connections"), address=visit.to(_LIST))
