"""Try with a Record: what a full run of a mapping would write for one record, field by field."""

from __future__ import annotations

from htpy import Element, Node, div, form, p
from htpy import input as input_
from htpy import label as label_

from interlace.management.mapping_answers import MappingListed, Tried, TriedAction
from interlace.management.translatable import translatable
from interlace.ui.actions import form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import fast_tab
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import hidden
from interlace.web.mapping_parts import direction, path_of
from interlace.web.notice import said
from interlace.web.visit import Visit

_KINDS = {
    "create": (translatable("The record is created"), Tone.GOOD),
    "change": (translatable("The record is changed"), Tone.BUSY),
    "delete": (translatable("The record is deleted"), Tone.BAD),
    "couple": (translatable("The records are coupled"), Tone.GOOD),
    "uncouple": (translatable("The coupling is removed"), Tone.WARN),
    "skip": (translatable("The record is left out"), Tone.NEUTRAL),
    "conflict": (translatable("The record is in conflict"), Tone.WARN),
    "fail": (translatable("The record fails"), Tone.BAD),
}


def trial_part(visit: Visit, header: MappingListed, key: str, tried: Tried | None) -> Node:
    """The form that asks for a record, and what was found."""
    words = visit.words
    if header.by_documents:
        return None
    ask = form(".ask", method="get", action=path_of(header.name))[
        hidden(visit.kept),
        label_(".unseen", for_="try")[words.t("Number, key or name of a record")],
        input_(
            "#try",
            type="search",
            name="try",
            value=key or None,
            placeholder=words.t("Number, key or name of a record"),
            maxlength="400",
        ),
        form_button(words.t("Try")),
    ]
    return fast_tab(
        words.t("Try with a Record"),
        [
            p(".quiet-text")[
                words.t(
                    "Shows what a full run would write for one record. Both sides are read now; nothing is written."
                )
            ],
            ask,
            None if tried is None else _found(visit, tried),
        ],
        is_open=tried is not None,
    )


def _found(visit: Visit, tried: Tried) -> Node:
    words = visit.words
    if not tried.found:
        return notice(words.t("Neither side has a record {key}.", key=tried.key), kind=Kind.WARNING)
    if tried.message:
        return notice(said(words, tried.message), kind=Kind.WARNING)
    if not tried.actions:
        return notice(
            words.t(
                "Nothing would be written for {key}: both sides agree, or the record has no part.",
                key=tried.key,
            ),
            kind=Kind.DONE,
        )
    return [_action(visit, each) for each in tried.actions]


def _action(visit: Visit, each: TriedAction) -> Element:
    words = visit.words
    caption, tone = _KINDS[each.kind]
    columns = [
        Column(caption=words.t("Field")),
        Column(caption=words.t("Side")),
        Column(caption=words.t("Now")),
        Column(caption=words.t("After the run")),
    ]
    rows: list[list[Node]] = [
        [
            write.field,
            words.t("ERP") if write.side == "erp" else words.t("CRM"),
            write.before or "",
            write.after or "",
        ]
        for write in each.writes
    ]
    return div(".tried")[
        p[direction(words, each.direction), " ", badge(words.t(caption), tone)],
        p[said(words, each.reason)] if each.reason else None,
        listing(columns, rows, caption=words.t("What would be written"), empty="") if rows else None,
    ]
