"""A timeline: what happened, when and by whom, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from htpy import Element, Node, div, li, ol, p, span, time

from interlace.ui.badge import Tone
from interlace.ui.figures import moment_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of a timeline."""

    moment: datetime | None
    title: str
    text: str = ""
    author: str = ""
    tone: Tone = Tone.NEUTRAL
    shown_moment: str = ""
    """The moment as the reader's language writes it; blank: to the minute, with its zone."""


def timeline(events: Sequence[Event], *, empty: Node = None) -> Node:
    """The events in the order given."""
    if not events:
        return empty
    return ol(".timeline")[[_event(event) for event in events]]


def _event(event: Event) -> Element:
    lines = [line for line in event.text.splitlines() if line.strip()]
    return li(class_=event.tone.value)[
        p(".event-title")[event.title],
        [p[line] for line in lines],
        div(".event-origin")[
            moment(event.moment, event.shown_moment) if event.moment is not None else None,
            span[f" · {event.author}"] if event.author else None,
        ],
    ]


def moment(value: datetime, shown: str = "") -> Element:
    """A moment as people read it, exact for machines."""
    return time(datetime=value.isoformat())[shown or moment_text(value)]
