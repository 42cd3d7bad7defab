"""Bars of shares, drawn without a script or style of their own; the numbers stand beside them in the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from htpy import Element, rect, svg, title

from interlace.ui.badge import Tone

_WIDTH = 200.0
_LEAST = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a bar."""

    caption: str
    count: int
    tone: Tone


def share_bar(shares: Sequence[Share], *, most: int = 0) -> Element | None:
    """A bar of shares side by side; `most` is the count that fills it, so that bars can be compared."""
    total = sum(share.count for share in shares)
    if not total:
        return None
    full = max(most, total)
    left, parts = 0.0, []
    for share in shares:
        if not share.count:
            continue
        width = max(_LEAST, _WIDTH * share.count / full)
        place = {"x": f"{left:.1f}", "y": "0", "width": f"{width:.1f}", "height": "10"}
        parts.append(rect(place, class_=share.tone.value)[title[share.caption]])
        left += width
    captions = ", ".join(share.caption for share in shares if share.count)
    drawn = {"viewBox": f"0 0 {_WIDTH:.0f} 10", "preserveAspectRatio": "none", "aria-label": captions}
    return svg(".share-bar", drawn, role="img")[parts]
