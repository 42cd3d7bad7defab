"""Records of one table: which there are, which of them are coupled, and what can be done with several at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
from htpy import Element, Node, a, div, p, span
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from interlace.domain.filter_language import FieldKind, quoted
from interlace.lead_to_cash.mapping_names import CUSTOMER
from interlace.management import record_changes, records
from interlace.management.listing import ListRow
from interlace.management.records import (
    VALUE,
    ListRecords,
    RecordRow,
    RecordsListed,
    SideName,
    record_columns,
    record_values,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.listing import view_menu
from interlace.ui.notices import empty_state
from interlace.ui.shell import NavigationItem, Page
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.chosen_rows import CHOSEN_FORM, choose_all, chosen_button, chosen_form
from interlace.web.entered_form import refused_notice
from interlace.web.list_page import Cell, ListPage, list_asked, shown_list
from interlace.web.neighbours import NEIGHBOURS, CardList, list_here, opened, to_neighbour
from interlace.web.notice import said
from interlace.web.readable import plain
from interlace.web.record_parts import (
    coupled_badge,
    coupling_address,
    list_address,
    list_caption,
    list_path,
    other_side,
    record_address,
    side_name,
    value_text,
)
from interlace.web.request import TheAccounts
from interlace.web.saved_views import views_of
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit, Visit

_ROWS: Final = 50
_HIDDEN: Final = frozenset({"code", "left_out"})
"""What the column before them tells where there is something to tell."""
_VIEWS: Final = {
    "all": translatable("All"),
    "coupled": translatable("Coupled"),
    "uncoupled": translatable("Not coupled"),
    "failed": translatable("Failed"),
}
_NOTHING: Final = {
    "all": translatable("The table has no records"),
    "coupled": translatable("No record is coupled"),
    "uncoupled": translatable("Every record is coupled"),
    "failed": translatable("No record has failed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """What is asked of the list, as the address says."""

    visit: Visit
    asked: ListRecords

    @property
    def fixed(self) -> dict[str, str]:
        """The parameters of the address that belong to the page."""
        held = {"side": self.asked.side, "only": self.asked.view}
        usual = {"side": "erp", "only": "all"}
        return {name: value for name, value in held.items() if usual[name] != value}

    def to(self, **changed: str) -> str:
        """Return the address of the list on another side or in another view."""
        return list_address(self.visit, self.asked.mapping, **{**self.fixed, **changed})


@get("/records/{mapping:str}", opt=PAGE)
async def records_page(visit: TheVisit, mapping: FromPath[str]) -> Response[str]:
    """The records of one side of a mapping."""
    words = visit.words
    asked = _asked(visit, mapping)
    shown = _List(visit=visit, asked=asked)
    try:
        content: Node = await _content(shown, await visit.ask(records.LIST, asked))
    except Refused as refused:
        if refused.kind not in (RefusalKind.SERVICE_FAILED, RefusalKind.NOT_READY):
            raise
        content = unanswered(visit, refused)
    return visit.page(
        Page(
            heading=list_caption(words, mapping),
            subtitle=words.t(
                "Records of {mapping} in the {side}, as they are now.",
                mapping=mapping,
                side=side_name(words, asked.side),
            ),
            content=[
                _actions(shown),
                div(".view-menus")[
                    view_menu(_sides(shown), name=words.t("Side"), captions=words.captions),
                    view_menu(_views(shown), captions=words.captions),
                ],
                content,
            ],
        )
    )


def unanswered(visit: Visit, refused: Refused) -> Element:
    """Return what stands in place of what a service did not answer."""
    words = visit.words
    again = action_link(words.t("Try Again"), visit.here, is_primary=True)
    return refused_notice(words, refused, visit.request, actions=again)


@get(f"{NEIGHBOURS}/records/{{mapping:str}}", opt=PAGE)
async def record_beside(visit: TheVisit, accounts: TheAccounts, mapping: FromPath[str]) -> Redirect:
    """Lead to the record beside one in the list."""
    asked = _asked(visit, mapping)
    listed = CardList(
        path=list_path(mapping),
        operation=records.LIST,
        asked=asked,
        cards=lambda found: [record_address(visit, mapping, each.key, asked.side) for each in found.rows],
    )
    return await to_neighbour(visit, accounts, listed)


PAGES = (records_page,)
BESIDE = (record_beside,)


def _asked(visit: Visit, mapping: str) -> ListRecords:
    named = {"side": visit.query("side"), "view": visit.query("only")}
    held = {**list_asked(visit, rows=_ROWS), "mapping": mapping}
    try:
        return msgspec.convert(held | {name: value for name, value in named.items() if value}, ListRecords)
    except msgspec.ValidationError as problem:
        raise Refused(
            RefusalKind.INVALID, translatable("There is no such view of the list"), why=str(problem)
        ) from problem


def _sides(shown: _List) -> list[NavigationItem]:
    words, now = shown.visit.words, shown.asked.side
    sides: tuple[SideName, ...] = ("erp", "crm")
    return [
        NavigationItem(caption=side_name(words, side), address=shown.to(side=side), is_current=side == now)
        for side in sides
    ]


def _views(shown: _List) -> list[NavigationItem]:
    return [
        NavigationItem(
            caption=shown.visit.words.t(caption),
            address=shown.to(only=view),
            is_current=view == shown.asked.view,
        )
        for view, caption in _VIEWS.items()
    ]


def _actions(shown: _List) -> Element | None:
    visit, asked, words = shown.visit, shown.asked, shown.visit.words
    creates = translatable("Create in CRM") if asked.side == "erp" else translatable("Create in ERP")
    mapping_path = f"/mappings/{segment(asked.mapping)}"
    log = visit.to("/jobs", {"filters.mapping": quoted(asked.mapping)})
    return action_bar(
        [
            chosen_button(visit, record_changes.SYNCHRONIZE, record_changes.SYNCHRONIZE.caption),
            chosen_button(visit, record_changes.CREATE, creates),
            chosen_button(
                visit,
                record_changes.UNCOUPLE,
                record_changes.UNCOUPLE.caption,
                confirm=words.t(
                    "The chosen records are uncoupled; they stay on both sides. Delete their couplings?"
                ),
            ),
        ],
        [
            action_link(words.t(record_changes.MATCH.caption), visit.to(f"{mapping_path}/matching")),
            visit.action(record_changes.STATISTICS) if asked.mapping == CUSTOMER else None,
        ],
        [
            action_link(words.t("Synchronization Log"), log),
            action_link(words.t("Integration Table Mapping"), visit.to(mapping_path)),
        ],
        captions=words.captions,
    )


async def _content(shown: _List, found: RecordsListed) -> Node:
    visit, asked, words = shown.visit, shown.asked, shown.visit.words
    sent: list[tuple[str, str]] = [("mapping", asked.mapping), ("side", asked.side)]
    columns = record_columns(found.columns, dict.fromkeys(found.numbers, FieldKind.NUMBER))
    views_list = f"{records.LIST.name}:{asked.side} {asked.mapping}"
    page = ListPage(
        path=list_path(asked.mapping),
        columns=columns,
        first_shown=frozenset(each.name for each in columns) - _HIDDEN,
        answer=found,
        rows=found.rows,
        caption=list_caption(words, asked.mapping),
        cells=_cells(shown, found),
        values_of=lambda row, name: record_values(_record(row), name, found.columns),
        check_name="keys",
        check_value=lambda row: _record(row).key,
        check_label=lambda row: _record(row).caption,
        form_id=CHOSEN_FORM,
        fixed=shown.fixed,
        asked={"mapping": asked.mapping, "side": asked.side, "view": asked.view},
        empty=_empty(shown, found),
        told=_looked_at(shown, found),
        export_list=records.LIST.name,
        views_list=views_list,
        views=await views_of(visit, views_list),
    )
    return [
        chosen_form(visit, record_changes.SYNCHRONIZE, sent),
        _how_searched(shown),
        choose_all(words, "keys") if found.rows else None,
        shown_list(visit, page),
    ]


def _record(row: ListRow) -> RecordRow:
    assert isinstance(row, RecordRow)
    return row


def _cells(shown: _List, found: RecordsListed) -> dict[str, Cell]:
    """How the columns of a record are shown."""
    visit, asked, words = shown.visit, shown.asked, shown.visit.words
    listed = list_here(visit, list_path(asked.mapping))
    places = {each.key: place for place, each in enumerate(found.rows)}

    def from_here(there: str, each: RecordRow) -> str:
        """Let what is opened lead back here, and to the records beside this one."""
        return opened(there, listed, places[each.key])

    def value(place: int) -> Cell:
        """Show a field as the reader writes such values."""
        return lambda row: value_text(words, _record(row).values[place])

    def number(row: ListRow) -> Node:
        """Lead to the card."""
        each = _record(row)
        card = record_address(visit, asked.mapping, each.key, asked.side)
        return a(href=from_here(card, each))[_number(asked, each)]

    def partner(row: ListRow) -> Node:
        """Lead to the partner, or to where one is chosen."""
        each = _record(row)
        if each.partner_key:
            address = record_address(visit, asked.mapping, each.partner_key, other_side(asked.side))
            return a(href=address)[plain(each.partner)]
        if each.left_out:
            return ""
        address = coupling_address(visit, asked.mapping, each.key, asked.side)
        return a(href=from_here(address, each))[words.t("Set Up Coupling")]

    return {
        "number": number,
        "status": lambda row: _status(words, _record(row)),
        "partner": partner,
        "left_out": lambda row: said(words, _record(row).left_out),
        **{f"{VALUE}{name}": value(place) for place, name in enumerate(found.columns)},
    }


def _status(words: Words, each: RecordRow) -> Node:
    return [
        coupled_badge(words, each.status),
        span(".quiet-text.code")[f" {each.code}"] if each.code else None,
        span(".quiet-text.small")[
            " ", words.t("left out by the filter: {reason}", reason=said(words, each.left_out))
        ]
        if each.left_out
        else None,
    ]


def _how_searched(shown: _List) -> Element | None:
    if not shown.asked.search:
        return None
    return p(".quiet-text")[
        shown.visit.words.t(
            "Found are records with this number or name, coupled ones by a part of their name, and those that "
            "hold these words among the first {count} records; you can go on from there.",
            count=records.LOOKED_AT_MAX,
        )
    ]


def _number(asked: ListRecords, each: RecordRow) -> str:
    """Return what leads to the record: the first part of an id says as much as the whole to a reader."""
    return each.number.partition("-")[0] if asked.side == "crm" else plain(each.number)


def _empty(shown: _List, found: RecordsListed) -> Element:
    words, asked = shown.visit.words, shown.asked
    if found.next_cursor:
        return empty_state(
            words.n("{count} record was looked at", "{count} records were looked at", found.looked_at),
            words.t("None of them fits. Go on to look at further ones."),
        )
    if asked.search:
        return empty_state(words.t("Nothing was found"), words.t("Search for a number or a whole name."))
    if asked.filters:
        return empty_state(words.t("No record fits"))
    return empty_state(words.t(_NOTHING[asked.view]))


def _looked_at(shown: _List, found: RecordsListed) -> str:
    asked, looked = shown.asked, found.looked_at
    if not looked or not (asked.search or asked.filters or asked.view == "uncoupled"):
        return ""
    return shown.visit.words.n("{count} record was looked at", "{count} records were looked at", looked)
