"""A record's card: both records of the pair field by field, what stands in the way, and what was written last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from htpy import Element, Node, a, div, li, p, span, ul
from litestar import Response, get
from litestar.params import FromPath

from interlace.lead_to_cash.mapping_names import CUSTOMER
from interlace.management import record_changes, records
from interlace.management.journal import Write
from interlace.management.records import (
    GATES,
    Gate,
    RecordAsked,
    RecordExplained,
    RecordFace,
    RecordShown,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, card, fact_box, facts, fast_tab
from interlace.ui.difference import difference
from interlace.ui.keys import LOG
from interlace.ui.shell import Crumb, Page
from interlace.web.addresses import address
from interlace.web.mapping_parts import path_of
from interlace.web.neighbours import back_to_list, kept_list, neighbour_links
from interlace.web.notice import said
from interlace.web.pages.records import unanswered
from interlace.web.pages.undo import undo_link
from interlace.web.readable import plain
from interlace.web.record_parts import (
    asked_side,
    comparison,
    coupling_address,
    key_of_path,
    list_address,
    list_caption,
    log_address,
    open_link,
    other_side,
    pair_badge,
    record_address,
    side_name,
)
from interlace.web.record_problems import record_notices
from interlace.web.record_statistics import account_statistics, crm_counts
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit

_TO_CRM: Final = "ToIntegrationTable"
_FROM_CRM: Final = "FromIntegrationTable"
_DIRECTIONS: Final = {
    _TO_CRM: translatable("From the ERP to the CRM"),
    _FROM_CRM: translatable("From the CRM to the ERP"),
}


@get("/records/{mapping:str}/{key:path}", opt=PAGE)
async def record_page(visit: TheVisit, mapping: FromPath[str], key: FromPath[str]) -> Response[str]:
    """One record with its partner."""
    words, side = visit.words, asked_side(visit)
    asked = RecordAsked(connection=visit.connection.name, mapping=mapping, key=key_of_path(key), side=side)
    listed = Crumb(caption=list_caption(words, mapping), address=list_address(visit, mapping, side=side))
    crumbs = [back_to_list(visit, listed)]
    beside = neighbour_links(visit, record_address(visit, mapping, asked.key, side))
    try:
        held = await visit.ask(records.SHOW, asked)
        why = await _why(visit, asked, held)
    except Refused as refused:
        if refused.kind is not RefusalKind.SERVICE_FAILED:
            raise
        return visit.page(
            Page(
                heading=plain(asked.key),
                crumbs=crumbs,
                content=[action_bar(beside, captions=words.captions), unanswered(visit, refused)],
            )
        )
    face = held.erp if side == "erp" else held.crm
    return visit.page(
        Page(
            heading=_heading(face),
            status=pair_badge(words, held.status),
            crumbs=crumbs,
            notices=record_notices(visit, held),
            content=[
                _actions(visit, held, face, beside),
                card(
                    # Why a record doesn't go through comes before what it holds.
                    [_general(visit, held), why]
                    if held.status == "coupled"
                    else [why, _general(visit, held)],
                    [
                        _partner(visit, held),
                        crm_counts(visit, held),
                        account_statistics(visit, held),
                        _writes(visit, held),
                    ],
                    captions=words.captions,
                ),
            ],
        )
    )


PAGES = (record_page,)


def _heading(face: RecordFace) -> str:
    number = plain(face.number)
    return f"{number} · {plain(face.caption)}" if face.caption != face.number else number


async def _why(visit: Visit, asked: RecordAsked, held: RecordShown) -> Node:
    """Explain a record that doesn't go through, or when somebody wants to know."""
    words = visit.words
    if not visit.query("why") and held.status == "coupled":
        link = visit.to(visit.request.url.path, {"why": "1", "side": asked.side, **kept_list(visit)})
        return p(".quiet-text")[a(href=link)[words.t("Why not? Show every condition that a run checks.")]]
    explained = await visit.ask(records.EXPLAIN, asked)
    return fast_tab(words.t("Why Not?"), _explained(visit, explained))


def _explained(visit: Visit, explained: RecordExplained) -> Node:
    words = visit.words
    return [
        ul(".gates")[[_gate(visit, each) for each in explained.gates]],
        [
            div(".gates-of-pass")[
                p[
                    words.t(
                        "{direction}: {decision}",
                        direction=words.t(_DIRECTIONS[each.direction]),
                        decision=said(words, each.text),
                    )
                ],
                ul(".gates")[[_gate(visit, gate) for gate in each.gates]],
            ]
            for each in explained.decisions
        ],
    ]


def _gate(visit: Visit, gate: Gate) -> Element:
    words = visit.words
    shown = {
        True: badge(words.t("Met"), Tone.GOOD),
        False: badge(words.t("Not met"), Tone.BAD),
        None: badge(words.t("To know"), Tone.NEUTRAL),
    }[gate.passed]
    caption = words.t(GATES[gate.name]) if gate.name in GATES else gate.name
    return li[shown, span(".gate")[caption], span[said(words, gate.text)]]


def _actions(visit: Visit, held: RecordShown, face: RecordFace, beside: Sequence[Node]) -> Element | None:
    words = visit.words
    why_not = "" if _is_pair(held) else words.t("The record is not coupled")
    removed = {"mapping": held.mapping, "keys": face.key, "side": face.side}
    uncouple = Button(
        why_not=why_not,
        confirm=words.t(
            "{record} is uncoupled; both records stay where they are. Delete the coupling?",
            record=plain(face.caption),
        ),
    )
    return action_bar(
        beside,
        [open_link(words, held.erp), open_link(words, held.crm)],
        _synchronize(visit, held, face) if _is_pair(held) else _create(visit, held, face),
        [visit.action(record_changes.UNCOUPLE, removed, uncouple)],
        [
            action_link(
                words.t("Synchronization Log"), log_address(visit, held.mapping, face.key, face.side)
            ),
            action_link(words.t("Journal"), visit.to("/journal", {"key": face.key}), keys=LOG),
            visit.action(
                record_changes.STATISTICS,
                {"customers": held.erp.key},
                Button(why_not="" if _is_pair(held) else words.t("The record is not coupled")),
            )
            if held.mapping == CUSTOMER
            else None,
        ],
        captions=words.captions,
    )


def _is_pair(held: RecordShown) -> bool:
    return bool(held.erp.key and held.crm.key)


def _create(visit: Visit, held: RecordShown, face: RecordFace) -> list[Node]:
    words = visit.words
    way = _TO_CRM if face.side == "erp" else _FROM_CRM
    is_open = held.direction in (way, "Bidirectional")
    look = Button(
        caption=translatable("Create in CRM") if face.side == "erp" else translatable("Create in ERP"),
        why_not="" if is_open else words.t("The mapping goes the other way"),
    )
    fields = {"mapping": held.mapping, "keys": face.key, "side": face.side}
    couple = address(coupling_address(visit, held.mapping, face.key, face.side), kept_list(visit))
    return [
        action_link(words.t("Set Up Coupling"), couple, is_primary=True),
        action_link(words.t(record_changes.MATCH.caption), visit.to(path_of(held.mapping, "matching"))),
        visit.action(record_changes.CREATE, fields, look),
    ]


def _synchronize(visit: Visit, held: RecordShown, face: RecordFace) -> list[Node]:
    """Return the ways to synchronize; what would be lost is asked about first."""
    words = visit.words
    fields = {"mapping": held.mapping, "keys": face.key, "side": face.side}
    changed = {each.state for each in held.fields}
    crm_news = changed & {"crm changed", "both changed", "different"}
    erp_news = changed & {"erp changed", "both changed", "different"}
    send_confirm = (
        words.t(
            "The CRM's record was changed since both agreed: these changes will be lost. Send the ERP's data?"
        )
        if crm_news
        else ""
    )
    get_confirm = (
        words.t(
            "The ERP's record was changed since both agreed: these changes will be lost. Get the CRM's data?"
        )
        if erp_news
        else ""
    )
    send = Button(caption=translatable("Send Data to CRM"), confirm=send_confirm)
    get_ = Button(caption=translatable("Get Data from CRM"), confirm=get_confirm)
    forced = {**fields, "overwrite": "true"}
    is_two_way = held.direction == "Bidirectional"
    ways: list[Node] = [
        visit.action(record_changes.SYNCHRONIZE, fields, Button(is_primary=not crm_news & erp_news))
    ]
    if is_two_way or held.direction == _TO_CRM:
        ways.append(visit.action(record_changes.SYNCHRONIZE, {**forced, "way": "send"}, send))
    if is_two_way or held.direction == _FROM_CRM:
        ways.append(visit.action(record_changes.SYNCHRONIZE, {**forced, "way": "get"}, get_))
    return ways


def _general(visit: Visit, held: RecordShown) -> Element:
    words = visit.words
    differing = sum(each.state not in ("same", "alone") for each in held.fields)
    told = ""
    if _is_pair(held):
        told = (
            words.n("{count} field differs", "{count} fields differ", differing)
            if differing
            else words.t("Both sides agree")
        )
    return fast_tab(
        words.t("General"),
        comparison(visit, held.fields, (held.erp, held.crm), agreed=held.was_compared),
        promoted=told,
    )


def _partner(visit: Visit, held: RecordShown) -> Element:
    words = visit.words
    other = held.crm if held.side == "erp" else held.erp
    heading = words.t("Record in the CRM") if other.side == "crm" else words.t("Record in the ERP")
    if not other.key:
        own = held.erp if held.side == "erp" else held.crm
        couple = address(coupling_address(visit, held.mapping, own.key, held.side), kept_list(visit))
        return fact_box(
            heading,
            [p[words.t("The record is not coupled.")], p[a(href=couple)[words.t("Set Up Coupling")]]],
        )
    page = record_address(visit, held.mapping, other.key, other_side(held.side))
    entries = [
        Fact(caption=words.t("Name"), value=a(href=page)[plain(other.caption)]),
        Fact(caption=words.t("No.") if other.side == "erp" else words.t("ID"), value=plain(other.number)),
        Fact(
            caption=words.t("Compared"),
            value=words.t("Yes") if held.was_compared else words.t("Not compared yet"),
        ),
    ]
    return fact_box(heading, [facts(entries), div(".buttons")[open_link(words, other)]])


def _writes(visit: Visit, held: RecordShown) -> Element:
    words = visit.words
    if not held.writes:
        return fact_box(words.t("Last Writes"), p(".quiet-text")[words.t("Nothing was written yet.")])
    own = held.erp if held.side == "erp" else held.crm
    journal = visit.to("/journal", {"key": own.key})
    return fact_box(
        words.t("Last Writes"),
        [
            ul(".changes")[[_write(visit, each) for each in held.writes]],
            div(".buttons")[
                action_link(words.t("Journal"), journal), undo_link(visit, own.key, held.mapping)
            ],
        ],
    )


def _write(visit: Visit, each: Write) -> Element:
    words = visit.words
    shown = each.fields[:3]
    left = len(each.fields) - len(shown)
    return li[
        span(".field-name")[
            words.t(
                "{time}, {side}",
                time=words.datetime(each.at),
                side=side_name(words, each.side),
            )
        ],
        ul(".changes")[
            [
                li[
                    span(".field-name")[field.name],
                    ": ",
                    difference(field.before or "", field.after or ""),
                ]
                for field in shown
            ],
            li(".quiet-text")[words.n("and {count} more field", "and {count} more fields", left)]
            if left > 0
            else None,
        ],
    ]
