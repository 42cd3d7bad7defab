"""Set Up Coupling: choose the record of the other side, compare both, and say what happens after coupling."""

from __future__ import annotations

from typing import Final

from htpy import Element, Node, a, button, div, fieldset, form, h2, label, legend, p, section, span
from htpy import input as input_
from litestar import Response, get
from litestar.params import FromPath

from interlace.management import record_changes, records
from interlace.management.record_changes import Way
from interlace.management.records import (
    CompareRecords,
    ListRecords,
    RecordAsked,
    RecordFace,
    RecordRow,
    RecordsCompared,
    RecordShown,
    RecordsListed,
    SideName,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_link, form_button
from interlace.ui.card import Fact, facts, fast_tab
from interlace.ui.explained import tooltip_of
from interlace.ui.listing import Column, listing, search_form
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.addresses import DO, address
from interlace.web.field_captions import field_caption
from interlace.web.neighbours import back_to_list, kept_list
from interlace.web.pages.records import unanswered
from interlace.web.readable import plain
from interlace.web.record_parts import (
    asked_side,
    comparison,
    coupling_address,
    key_of_path,
    list_address,
    list_caption,
    other_side,
    record_address,
    side_name,
    value_text,
)
from interlace.web.security import PAGE
from interlace.web.visit import RETURN_TO, Button, TheVisit, Visit

_LIMIT: Final = 25
_COLUMNS: Final = 3
_WITH: Final = "with"
_WAYS: Final[dict[Way, str]] = {
    "": translatable("No: the next run compares both records"),
    "send": translatable("Yes, use the ERP's data"),
    "get": translatable("Yes, use the CRM's data"),
}
_WAY_OF: Final = {
    "ToIntegrationTable": ("send",),
    "FromIntegrationTable": ("get",),
    "Bidirectional": ("send", "get"),
}


@get("/coupling/{mapping:str}/{key:path}", opt=PAGE)
async def set_up_coupling_page(visit: TheVisit, mapping: FromPath[str], key: FromPath[str]) -> Response[str]:
    """Couple a record with one of the other side."""
    words, side, own_key = visit.words, asked_side(visit), key_of_path(key)
    listed = Crumb(caption=list_caption(words, mapping), address=list_address(visit, mapping, side=side))
    card = address(record_address(visit, mapping, own_key, side), kept_list(visit))
    crumbs = [back_to_list(visit, listed), Crumb(caption=plain(own_key), address=card)]
    asked = RecordAsked(connection=visit.connection.name, mapping=mapping, key=own_key, side=side)
    try:
        held = await visit.ask(records.SHOW, asked)
        content = await _content(visit, held)
    except Refused as refused:
        if refused.kind is not RefusalKind.SERVICE_FAILED:
            raise
        return visit.page(
            Page(heading=words.t("Set Up Coupling"), crumbs=crumbs, content=unanswered(visit, refused))
        )
    return visit.page(
        Page(
            heading=words.t("Set Up Coupling"),
            subtitle=words.t("{mapping}: {record}", mapping=mapping, record=plain(_own(held).caption)),
            crumbs=crumbs,
            content=content,
        )
    )


PAGES = (set_up_coupling_page,)


def _own(held: RecordShown) -> RecordFace:
    return held.erp if held.side == "erp" else held.crm


async def _content(visit: Visit, held: RecordShown) -> Node:
    chosen = visit.query(_WITH)
    if chosen:
        return await _compared(visit, held, chosen)
    return [
        _coupled_already(visit, held) if _is_coupled(held) else None,
        div(".two-sides")[_own_side(visit, held), await _candidates(visit, held)],
    ]


def _card(visit: Visit, held: RecordShown) -> str:
    """Return the address of the record's card, which knows the list that it was opened from."""
    return address(record_address(visit, held.mapping, _own(held).key, held.side), kept_list(visit))


def _here(visit: Visit, held: RecordShown, **more: str) -> str:
    """Return the address of this page with other parameters."""
    return address(coupling_address(visit, held.mapping, _own(held).key, held.side, **more), kept_list(visit))


def _is_coupled(held: RecordShown) -> bool:
    return bool(held.erp.key and held.crm.key)


def _partner(held: RecordShown) -> RecordFace:
    return held.crm if held.side == "erp" else held.erp


def _coupled_already(visit: Visit, held: RecordShown) -> Element:
    words = visit.words
    own, other = _own(held), _partner(held)
    fields = {"mapping": held.mapping, "keys": own.key, "side": own.side}
    look = Button(
        confirm=words.t("Both records stay where they are. Delete the coupling?"), return_to=visit.here
    )
    return notice(
        words.t(
            "{record} is coupled with {partner}", record=plain(own.caption), partner=plain(other.caption)
        ),
        kind=Kind.HINT,
        body=words.t("Choose another record: its coupling takes the place of this one."),
        actions=[
            visit.action(record_changes.UNCOUPLE, fields, look),
            action_link(words.t("Back"), _card(visit, held)),
        ],
    )


def _own_side(visit: Visit, held: RecordShown) -> Element:
    """Return the record that is to be coupled: it is fixed."""
    words, own = visit.words, _own(held)
    entries = [Fact(caption=words.t("No.") if own.side == "erp" else words.t("ID"), value=plain(own.number))]
    for each in held.fields:
        value, name = (each.erp, each.erp_field) if own.side == "erp" else (each.crm, each.crm_field)
        text = value_text(words, value)
        if text and not (own.side == "crm" and each.refers_to):
            entries.append(Fact(caption=field_caption(words, name), value=text))
    return section(".panel")[
        h2[words.t("{side}: {record}", side=side_name(words, own.side), record=plain(own.caption))],
        facts(entries[:_OWN_FACTS]),
        None if _is_coupled(held) else div(".buttons")[_create_new(visit, held)],
    ]


_OWN_FACTS: Final = 12


def _create_new(visit: Visit, held: RecordShown) -> Element:
    words, own = visit.words, _own(held)
    needed = "send" if own.side == "erp" else "get"
    is_open = needed in _WAY_OF[held.direction]
    look = Button(
        caption=translatable("Create New in the CRM")
        if own.side == "erp"
        else translatable("Create New in the ERP"),
        why_not="" if is_open else words.t("The mapping goes the other way"),
        return_to=_card(visit, held),
    )
    fields = {"mapping": held.mapping, "keys": own.key, "side": own.side}
    return visit.action(record_changes.CREATE, fields, look)


async def _candidates(visit: Visit, held: RecordShown) -> Element:
    """Return the records of the other side that may be chosen: at first those of a like name."""
    words, own = visit.words, _own(held)
    other: SideName = "crm" if own.side == "erp" else "erp"
    is_searched = "search" in visit.request.query_params
    text = visit.query("search")[:200] if is_searched else own.caption
    found = await _found(visit, held.mapping, other, text)
    told = words.t("Records of this name come first. Search for a number or a part of a name.")
    if not is_searched and not found.rows:
        found = await _found(visit, held.mapping, other, "")
        text, told = "", words.t("No record has this name: these are not coupled.")
    nothing = empty_state(words.t("Nothing was found"), words.t("Search for something else."))
    if not is_searched and not found.rows:
        told, nothing = (
            "",
            empty_state(
                words.t("No record is left to choose: all are coupled"),
                words.t("Search for one that is coupled with another record, or create a new one."),
            ),
        )
    kept: list[tuple[str, str]] = [("side", held.side)]
    kept += [*visit.kept, *kept_list(visit).items()]
    columns = [
        Column(caption=words.t("Name")),
        *(Column(caption=field_caption(words, name)) for name in found.columns[:_COLUMNS]),
        Column(caption=words.t("Choose"), is_caption_hidden=True),
    ]
    return section(".panel")[
        h2[words.t("{side}: choose the record", side=side_name(words, other))],
        search_form(
            _everything(visit, held),
            text,
            placeholder=words.t("Number or name"),
            kept=kept,
            captions=words.captions,
        ),
        p(".quiet-text")[told] if told else None,
        listing(
            columns,
            [_candidate(visit, held, each) for each in found.rows],
            caption=words.t("Records that are not coupled"),
            empty=nothing,
        ),
        div(".pager")[action_link(words.t("Next"), _here(visit, held, search=text, cursor=found.next_cursor))]
        if found.next_cursor
        else None,
    ]


def _everything(visit: Visit, held: RecordShown) -> str:
    """Return the address that searches for nothing: all records that are not coupled."""
    here = _here(visit, held)
    return f"{here}{'&' if '?' in here else '?'}search="


async def _found(visit: Visit, mapping: str, side: SideName, text: str) -> RecordsListed:
    asked = ListRecords(
        connection=visit.connection.name,
        mapping=mapping,
        side=side,
        view="uncoupled",
        search=text,
        cursor=visit.query("cursor"),
        limit=_LIMIT,
    )
    return await visit.ask(records.LIST, asked)


def _candidate(visit: Visit, held: RecordShown, each: RecordRow) -> list[Node]:
    words, chosen = visit.words, _here(visit, held, **{_WITH: each.key})
    return [
        a(href=chosen)[each.caption],
        *(value_text(words, value) for value in each.values[:_COLUMNS]),
        a(
            ".button",
            href=chosen,
            aria_label=words.t("Choose {record}", record=each.caption),
            title=tooltip_of(words.t("Choose")),
        )[words.t("Choose")],
    ]


async def _compared(visit: Visit, held: RecordShown, chosen: str) -> Element:
    words, own = visit.words, _own(held)
    keys = {own.side: own.key, other_side(own.side): chosen}
    found = await visit.ask(
        records.COMPARE,
        CompareRecords(
            connection=visit.connection.name,
            mapping=held.mapping,
            erp_key=keys["erp"],
            crm_key=keys["crm"],
        ),
    )
    differing = sum(each.state == "different" for each in found.fields)
    told = (
        words.n("{count} field differs", "{count} fields differ", differing)
        if differing
        else words.t("Both records hold the same")
    )
    return div[
        _decision(visit, held, found),
        fast_tab(
            words.t("Fields of both records"),
            comparison(visit, found.fields, (found.erp, found.crm), agreed=False),
            promoted=told,
        ),
    ]


def _decision(visit: Visit, held: RecordShown, found: RecordsCompared) -> Element:
    words, own = visit.words, _own(held)
    again = _here(visit, held)
    # That the record itself is coupled was said before: its coupling is replaced.
    taken = found.crm_is_coupled_with if own.side == "erp" else found.erp_is_coupled_with
    if taken:
        return notice(
            words.t("The chosen record is coupled already"),
            kind=Kind.WARNING,
            body=words.t("It belongs to {record}.", record=taken),
            actions=action_link(words.t("Choose Another"), again),
        )
    replaced = _partner(held)
    sent = [
        ("connection", visit.connection.name),
        ("mapping", held.mapping),
        ("erp_key", found.erp.key),
        ("crm_key", found.crm.key),
        (RETURN_TO, _card(visit, held)),
        ("replaces", replaced.key),
    ]
    may = visit.may(record_changes.COUPLE.permission)
    refused = words.t("You don't have the permission for this")
    return form(".panel", method="post", action=f"{DO}/{record_changes.COUPLE.address}")[
        hidden(sent),
        h2[
            words.t(
                "Couple {erp} of the ERP with {crm} of the CRM",
                erp=found.erp.caption,
                crm=found.crm.caption,
            )
        ],
        p[
            words.t(
                "{record} is coupled with {partner} now; that coupling is deleted, and both records stay.",
                record=plain(own.caption),
                partner=plain(replaced.caption),
            )
        ]
        if replaced.key
        else None,
        _after(visit, held),
        div(".buttons")[
            form_button(words.t("Couple"), is_primary=True)
            if may
            else button(".button.primary", type="button", aria_disabled="true", title=refused)[
                words.t("Couple"), span(".unseen")[f" ({refused})"]
            ],
            action_link(words.t("Choose Another"), again),
        ],
    ]


def _after(visit: Visit, held: RecordShown) -> Element:
    words = visit.words
    open_ways = _WAY_OF[held.direction]
    default = "get" if open_ways == ("get",) else "send"
    if _is_coupled(held):
        default = ""
    return fieldset(".choices")[
        legend[words.t("Synchronize After Coupling")],
        [
            label(".choice")[
                input_(type="radio", name="synchronize", value=way, checked=way == default),
                span[words.t(caption)],
            ]
            for way, caption in _WAYS.items()
            if not way or way in open_ways
        ],
        p(".quiet-text")[
            words.t("What is written over on the other side is kept in the journal and can be taken back.")
        ],
    ]
