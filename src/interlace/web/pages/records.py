"""Records of one table: which there are, which of them are coupled, and what can be done with several at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
from htpy import Element, Node, a, div, p, span
from htpy import input as input_
from litestar import Response, get
from litestar.params import FromPath

from interlace.lead_to_cash.mapping_names import CUSTOMER
from interlace.management import record_changes, records
from interlace.management.records import ListRecords, RecordRow, RecordsListed, SideName
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.listing import Column, listing, search_form, view_menu
from interlace.ui.notices import empty_state
from interlace.ui.shell import NavigationItem, Page
from interlace.web.addresses import segment
from interlace.web.chosen_rows import CHOSEN_FORM, choose_all, chosen_button, chosen_form
from interlace.web.entered_form import refused_notice
from interlace.web.field_captions import field_caption
from interlace.web.notice import said
from interlace.web.readable import plain
from interlace.web.record_parts import (
    coupled_badge,
    coupling_address,
    list_address,
    list_caption,
    other_side,
    record_address,
    side_name,
    value_text,
)
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit, Visit

_LIMIT: Final = 50
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

    def to(self, **changed: str) -> str:
        """Return the address of the list with something else asked."""
        asked = self.asked
        held = {"side": asked.side, "view": asked.view, "search": asked.search, **changed}
        plain = {"side": "erp", "view": "all"}
        return list_address(
            self.visit,
            asked.mapping,
            **{name: value for name, value in held.items() if plain.get(name) != value},
        )


@get("/records/{mapping:str}", opt=PAGE)
async def records_page(visit: TheVisit, mapping: FromPath[str]) -> Response[str]:
    """The records of one side of a mapping."""
    words = visit.words
    asked = _asked(visit, mapping)
    shown = _List(visit=visit, asked=asked)
    try:
        content: Node = _content(shown, await visit.ask(records.LIST, asked))
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
                _search(shown),
                content,
            ],
        )
    )


def unanswered(visit: Visit, refused: Refused) -> Element:
    """Return what stands in place of what a service did not answer."""
    words = visit.words
    again = action_link(words.t("Try Again"), visit.here, is_primary=True)
    return refused_notice(words, refused, visit.request, actions=again)


PAGES = (records_page,)


def _asked(visit: Visit, mapping: str) -> ListRecords:
    named = {name: visit.query(name) for name in ("side", "view", "cursor") if visit.query(name)}
    held = {"connection": visit.connection.name, "mapping": mapping, "search": visit.query("search")[:200]}
    try:
        return msgspec.convert({**held, **named, "limit": _LIMIT}, ListRecords)
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
            address=shown.to(view=view),
            is_current=view == shown.asked.view,
        )
        for view, caption in _VIEWS.items()
    ]


def _search(shown: _List) -> Element:
    visit, asked, words = shown.visit, shown.asked, shown.visit.words
    kept: list[tuple[str, str]] = [("side", asked.side), ("view", asked.view)]
    kept += visit.kept
    return div(".list-tools")[
        search_form(
            shown.to(search=""),
            asked.search,
            placeholder=words.t("Number or name"),
            kept=kept,
            captions=words.captions,
        ),
        p(".quiet-text")[
            words.t(
                "Found are records with this number or name, coupled ones by a part of their name, and those that "
                "hold these words among the first {count} records; you can go on from there.",
                count=records.LOOKED_AT_MAX,
            )
        ]
        if asked.search
        else None,
    ]


def _actions(shown: _List) -> Element | None:
    visit, asked, words = shown.visit, shown.asked, shown.visit.words
    creates = translatable("Create in CRM") if asked.side == "erp" else translatable("Create in ERP")
    mapping_path = f"/mappings/{segment(asked.mapping)}"
    log = visit.to("/jobs", {"filters.mapping": _quoted(asked.mapping)})
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


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _content(shown: _List, found: RecordsListed) -> Node:
    visit, asked, words = shown.visit, shown.asked, shown.visit.words
    sent: list[tuple[str, str]] = [("mapping", asked.mapping), ("side", asked.side)]
    columns = [
        Column(caption=words.t("No.")),
        Column(caption=words.t("Name")),
        *(
            Column(
                caption=field_caption(words, name),
                is_number=any(each.values[place].kind == "number" for each in found.rows),
            )
            for place, name in enumerate(found.columns)
        ),
        Column(caption=words.t("Coupled")),
        Column(caption=words.t("Coupled with")),
    ]
    return div(".list-page")[
        chosen_form(visit, record_changes.SYNCHRONIZE, sent),
        choose_all(words, "keys") if found.rows else None,
        listing(
            columns,
            [_row(shown, each) for each in found.rows],
            caption=list_caption(words, asked.mapping),
            empty=_empty(shown, found),
        ),
        _pager(shown, found),
    ]


def _row(shown: _List, each: RecordRow) -> list[Node]:
    visit, asked, words = shown.visit, shown.asked, shown.visit.words
    box = input_(
        type="checkbox",
        name="keys",
        value=each.key,
        form=CHOSEN_FORM,
        aria_label=words.t("Choose {record}", record=each.caption),
    )
    return [
        span(".ticked")[
            box, a(href=record_address(visit, asked.mapping, each.key, asked.side))[_number(asked, each)]
        ],
        each.caption,
        *(value_text(words, value) for value in each.values),
        [
            coupled_badge(words, each.status),
            span(".quiet-text")[f" {each.code}"] if each.code else None,
            span(".quiet-text.small")[
                " ", words.t("left out by the filter: {reason}", reason=said(words, each.left_out))
            ]
            if each.left_out
            else None,
        ],
        _partner(shown, each),
    ]


def _number(asked: ListRecords, each: RecordRow) -> str:
    """Return what leads to the record: the first part of an id says as much as the whole to a reader."""
    return each.number.partition("-")[0] if asked.side == "crm" else plain(each.number)


def _partner(shown: _List, each: RecordRow) -> Node:
    visit, asked = shown.visit, shown.asked
    if each.partner_key:
        address = record_address(visit, asked.mapping, each.partner_key, other_side(asked.side))
        return a(href=address)[plain(each.partner)]
    if each.left_out:
        return ""
    address = coupling_address(visit, asked.mapping, each.key, asked.side)
    return a(href=address)[visit.words.t("Set Up Coupling")]


def _empty(shown: _List, found: RecordsListed) -> Element:
    words, asked = shown.visit.words, shown.asked
    if found.next_cursor:
        return empty_state(
            words.n("{count} record was looked at", "{count} records were looked at", found.looked_at),
            words.t("None of them fits. Go on to look at further ones."),
        )
    if asked.search:
        return empty_state(words.t("Nothing was found"), words.t("Search for a number or a whole name."))
    return empty_state(words.t(_NOTHING[asked.view]))


def _pager(shown: _List, found: RecordsListed) -> Element | None:
    words, asked = shown.visit.words, shown.asked
    if not found.next_cursor and not asked.cursor:
        return None
    looked = found.looked_at
    told = (
        words.n("{count} record was looked at", "{count} records were looked at", looked)
        if looked and (asked.search or asked.view == "uncoupled")
        else ""
    )
    return div(".pager")[
        span[told],
        action_link(words.t("First"), shown.to()) if asked.cursor else None,
        action_link(words.t("Next") if found.rows else words.t("Go On"), shown.to(cursor=found.next_cursor))
        if found.next_cursor
        else None,
    ]
