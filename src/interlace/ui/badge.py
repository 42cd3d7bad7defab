"""Status badges: a word, a shape and a colour together, so that none of them alone carries the meaning."""

from __future__ import annotations

import enum

from htpy import Element, span


class Tone(enum.Enum):
    """What a status means to the reader."""

    NEUTRAL = "neutral"
    BUSY = "busy"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


def badge(text: str, tone: Tone = Tone.NEUTRAL) -> Element:
    """A status as a small pill; its mark differs in shape by tone."""
    return span(class_=f"badge {tone.value}")[text]
