"""How plans are shown: their states, what they are for, and what they would write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from htpy import Element, Node, details, div, li, p, progress, span, summary, ul

from interlace.domain.integration_field_mapping import Direction
from interlace.management.listing import captions_of
from interlace.management.plan_list import PURPOSE_CHOICES, STATE_CHOICES, PlanRow
from interlace.management.plans import ENDING_CHOICES, KIND_CHOICES, PlannedField, PlanShown, WritePlanned
from interlace.ui.badge import Tone, badge
from interlace.ui.difference import difference
from interlace.ui.words import Words
from interlace.web.field_captions import field_caption
from interlace.web.readable import plain

_STATES = captions_of(STATE_CHOICES)
_STATE_TONES = {
    "planning": Tone.BUSY,
    "ready": Tone.GOOD,
    "waiting": Tone.WARN,
    "rejected": Tone.BAD,
    "failed": Tone.BAD,
    "stopped": Tone.NEUTRAL,
    "applying": Tone.BUSY,
    "applied": Tone.GOOD,
    "unfinished": Tone.WARN,
}
_PURPOSES = captions_of(PURPOSE_CHOICES)
_KINDS = captions_of(KIND_CHOICES)
_ENDINGS = captions_of(ENDING_CHOICES)
_KIND_TONES = {"create": Tone.GOOD, "delete": Tone.WARN, "conflict": Tone.WARN, "fail": Tone.BAD}
_ENDING_TONES = {"applied": Tone.GOOD, "refused": Tone.WARN, "failed": Tone.BAD}
_FIELDS_SHOWN = 12


def state_badge(words: Words, plan: PlanShown | PlanRow) -> Element:
    """Show how far a plan is; one whose actions did not all go through stands out."""
    tone = _STATE_TONES.get(plan.state, Tone.NEUTRAL)
    if plan.state == "applied" and plan.not_applied:
        tone = Tone.WARN
    return badge(words.pattern(_STATES.get(plan.state, plan.state)), tone)


def purpose(words: Words, plan: PlanShown | PlanRow) -> str:
    """Say what a plan is for."""
    if plan.purpose == "undo":
        return words.t("Undo of {subject}", subject=plan.subject)
    return words.t(_PURPOSES[plan.purpose])


def kind_badge(words: Words, kind: str) -> Element:
    """Show what is planned for a record."""
    return badge(words.pattern(_KINDS.get(kind, kind)), _KIND_TONES.get(kind, Tone.NEUTRAL))


def ending_badge(words: Words, ending: str) -> Node:
    """Show how an action ended."""
    return (
        badge(words.pattern(_ENDINGS.get(ending, ending)), _ENDING_TONES.get(ending, Tone.NEUTRAL))
        if ending
        else ""
    )


def direction_arrow(direction: str) -> Element:
    """Show where a change goes, in little room."""
    return span(".whole")["CRM → ERP" if direction == Direction.FROM_INTEGRATION_TABLE.value else "ERP → CRM"]


def moment(words: Words, at: datetime | None) -> str:
    """Write a moment; blank for none."""
    return words.datetime(at) if at is not None else ""


def work_progress(words: Words, at_work: str, done: int, total: int) -> Element:
    """Show how far work is that goes mapping by mapping."""
    share = min(done / total, 1.0) if total else 0.0
    told = (
        words.t("{mapping} ({number} of {total})", mapping=at_work, number=min(done + 1, total), total=total)
        if at_work and total
        else at_work
    )
    return div(".progress")[
        progress(value=str(share), max="1", aria_label=words.t("Progress")),
        p[told or words.t("It begins")],
    ]


def shown_writes(words: Words, writes: tuple[WritePlanned, ...], *, with_equal: bool = False) -> Node:
    """Show each write with its fields, old and new; those that stay as they are only if it is asked for."""
    if not writes:
        return ""
    return div[
        [
            div(".planned-write")[
                span(".quiet-text.small")[f"{write.side.upper()} · {write.table} · {plain(write.key)}"],
                _fields(words, [each for each in write.fields if with_equal or each.before != each.after]),
            ]
            for write in writes
        ]
    ]


def _fields(words: Words, fields: Sequence[PlannedField]) -> Node:
    entries = [_field(words, each) for each in fields]
    if len(entries) <= _FIELDS_SHOWN:
        return ul(".changes")[entries] if entries else None
    more = words.n("and {count} more field", "and {count} more fields", len(entries) - _FIELDS_SHOWN)
    return [
        ul(".changes")[entries[:_FIELDS_SHOWN]],
        details(".more-fields")[summary[more], ul(".changes")[entries[_FIELDS_SHOWN:]]],
    ]


def _field(words: Words, each: PlannedField) -> Element:
    return li[
        span(".field-name")[field_caption(words, each.name)],
        ": ",
        difference(plain(each.before or ""), plain(each.after or "")),
    ]
