"""What pages of records have in common: values, statuses, both records side by side, ways to a record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from htpy import Element, Node, a, br, div, span, table, tbody, td, th, thead, tr
from htpy import caption as caption_

from interlace.management.records import FieldShown, FieldValue, RecordFace, SideName, State, Status
from interlace.management.translatable import translatable
from interlace.ui.actions import action_link, outside_link
from interlace.ui.badge import Tone, badge
from interlace.ui.explained import heading, tooltip_of
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.field_captions import field_caption
from interlace.web.navigation import caption_at
from interlace.web.readable import plain, unspelled
from interlace.web.visit import Visit

STATUSES: Final[dict[Status, tuple[str, Tone]]] = {
    "coupled": (translatable("Yes"), Tone.GOOD),
    "uncoupled": (translatable("No"), Tone.NEUTRAL),
    "failed": (translatable("Failed"), Tone.BAD),
    "skipped": (translatable("Skipped"), Tone.WARN),
    "broken": (translatable("Broken"), Tone.BAD),
}
"""Of the column that says whether a record is coupled."""
_OF_A_PAIR: Final[dict[Status, str]] = {
    "coupled": translatable("Coupled"),
    "uncoupled": translatable("Not coupled"),
}
_STATES: Final[dict[State, tuple[str, Tone]]] = {
    "different": (translatable("Different"), Tone.WARN),
    "erp changed": (translatable("Changed in the ERP"), Tone.BUSY),
    "crm changed": (translatable("Changed in the CRM"), Tone.BUSY),
    "both changed": (translatable("Changed on both sides"), Tone.BAD),
}
_ARROWS: Final = {
    "ToIntegrationTable": ("→", translatable("from the ERP to the CRM")),
    "FromIntegrationTable": ("←", translatable("from the CRM to the ERP")),
    "Bidirectional": ("↔", translatable("both ways")),
}
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")


def coupled_badge(words: Words, status: Status) -> Element:
    """Return whether a record is coupled."""
    caption, tone = STATUSES[status]
    return badge(words.t(caption), tone)


def pair_badge(words: Words, status: Status) -> Element:
    """Return how a record stands where no column's heading says what the badge is about."""
    caption, tone = STATUSES[status]
    return badge(words.t(_OF_A_PAIR.get(status, caption)), tone)


def value_text(words: Words, value: FieldValue) -> str:
    """Return a value as the reader writes such values; what a service holds as text stays as it is."""
    text = value.text
    if text is None:
        return ""
    if value.kind == "boolean":
        return words.t("Yes") if text == "true" else words.t("No")
    if value.kind == "number":
        return words.number(Decimal(text))
    text = unspelled(text).strip()
    try:
        if _DAY.fullmatch(text):
            return words.date(date.fromisoformat(text))
        if _MOMENT.fullmatch(text):
            return words.datetime(datetime.fromisoformat(text), seconds=True)
    except ValueError:
        # It only looked like one.
        return text
    return text


def side_name(words: Words, side: str) -> str:
    """Return what a side is called."""
    return words.t("ERP") if side == "erp" else words.t("CRM")


def asked_side(visit: Visit) -> SideName:
    """Return the side that the address names."""
    return "crm" if visit.query("side") == "crm" else "erp"


def key_of_path(path: str) -> str:
    """Return the key that an address ends in; it may hold slashes."""
    return path.removeprefix("/")


def record_address(visit: Visit, mapping: str, key: str, side: str) -> str:
    """Return the address of a record's page."""
    return visit.to(f"/records/{segment(mapping)}/{segment(key)}", _of_side(side))


def log_address(visit: Visit, mapping: str, key: str, side: str) -> str:
    """Return the address of the jobs that a record was in."""
    return visit.to(f"/jobs/of-record/{segment(mapping)}/{segment(key)}", _of_side(side))


def coupling_address(visit: Visit, mapping: str, key: str, side: str, **more: str) -> str:
    """Return the address at which a record's coupling is set up."""
    return visit.to(f"/coupling/{segment(mapping)}/{segment(key)}", {**_of_side(side), **more})


def list_address(visit: Visit, mapping: str, **query: str) -> str:
    """Return the address of a mapping's records."""
    return visit.to(list_path(mapping), query)


def list_path(mapping: str) -> str:
    """Return the path of a mapping's records."""
    return f"/records/{segment(mapping)}"


def _of_side(side: str) -> dict[str, str]:
    return {"side": side} if side == "crm" else {}


def list_caption(words: Words, mapping: str) -> str:
    """Return what a mapping's records are called: as the menu says, else the mapping's name."""
    caption = caption_at(f"/records/{mapping}")
    return words.t(caption) if caption else mapping


def other_side(side: str) -> str:
    """Return the opposite side."""
    return "erp" if side == "crm" else "crm"


def open_link(words: Words, face: RecordFace) -> Node:
    """Return the way to a record in its own product."""
    shown = words.t("Open in ERP") if face.side == "erp" else words.t("Open in CRM")
    return outside_link(shown, face.link)


def erp_record(visit: Visit, mapping: str, key: str, link: str) -> Node:
    """Return the way to an ERP record from another page; without a web client its own card tells what the ERP holds."""
    words = visit.words
    if link or not key:
        return outside_link(words.t("Open in ERP"), link)
    return action_link(words.t("Show Record"), record_address(visit, mapping, key, "erp"))


def comparison(
    visit: Visit, fields: Sequence[FieldShown], faces: tuple[RecordFace, RecordFace], *, agreed: bool
) -> Element:
    """Return both records field by field; `agreed` shows what they agreed on last, too."""
    words = visit.words
    erp, crm = faces
    heads: list[Node] = [
        heading(words.t("Field")),
        heading(words.t("ERP"), [words.t("ERP"), br, span(".quiet-text")[plain(erp.caption)]]),
        th(".arrow", scope="col", title=tooltip_of(words.t("Direction")))[
            span(".unseen")[words.t("Direction")]
        ],
        heading(words.t("Last agreed")) if agreed else None,
        heading(words.t("CRM"), [words.t("CRM"), br, span(".quiet-text")[plain(crm.caption)]]),
    ]
    return div(".list", role="region", aria_label=words.t("Fields of both records"), tabindex="0")[
        table(".diff")[
            caption_(".unseen")[words.t("Fields of both records")],
            thead[tr[heads]],
            tbody[[_field(visit, each, agreed=agreed) for each in fields]],
        ]
    ]


def _field(visit: Visit, each: FieldShown, *, agreed: bool) -> Element:
    words = visit.words
    arrow, told = _ARROWS[each.direction]
    erp_moved = each.state in ("different", "erp changed", "both changed")
    crm_moved = each.state in ("different", "crm changed", "both changed")
    state = _STATES.get(each.state)
    label = {name: {"data-label": words.t(text)} for name, text in _LABELS.items()}
    return tr[
        th(scope="row")[
            field_caption(words, each.erp_field) if each.erp_field else words.t("Constant value"),
            br,
            span(".quiet-text")[each.crm_field],
            [br, badge(words.t(state[0]), state[1])] if state is not None else None,
        ],
        td(label["erp"], class_={"new": erp_moved})[_erp_value(visit, each)],
        td(".arrow", label["direction"], title=words.t(told))[
            span(aria_hidden="true")[arrow], span(".unseen")[words.t(told)]
        ],
        td(".old", label["agreed"])[_agreed(visit, each)] if agreed else None,
        td(label["crm"], class_={"new": crm_moved})[_crm_value(visit, each)],
    ]


_LABELS: Final = {
    "erp": translatable("ERP"),
    "direction": translatable("Direction"),
    "agreed": translatable("Last agreed"),
    "crm": translatable("CRM"),
}


def _erp_value(visit: Visit, each: FieldShown) -> Node:
    text = value_text(visit.words, each.erp)
    if not each.refers_to or not text:
        return _or_dash(text)
    return a(href=record_address(visit, each.refers_to, each.erp.text or "", "erp"))[plain(text)]


def _crm_value(visit: Visit, each: FieldShown) -> Node:
    text = value_text(visit.words, each.crm)
    if not each.refers_to or not text:
        return _or_dash(text)
    if each.stands_for_blank:
        return span(title=text)[visit.words.t("Blank in the ERP")]
    shown = plain(each.erp_reference) or text
    return a(href=record_address(visit, each.refers_to, each.crm.text or "", "crm"), title=text)[shown]


def _agreed(visit: Visit, each: FieldShown) -> Node:
    words = visit.words
    if each.agreed_erp is None or each.agreed_crm is None:
        return _or_dash("")
    erp, crm = value_text(words, each.agreed_erp), value_text(words, each.agreed_crm)
    if erp == crm or each.refers_to:
        return _or_dash(plain(erp))
    return [_or_dash(erp), br, _or_dash(crm)]


def _or_dash(text: str) -> Node:
    return text or span(".blank")["–"]
