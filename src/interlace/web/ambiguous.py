"""Records of which several may be the partner: from wherever one is shown, a way to where a person couples it."""

from __future__ import annotations

from typing import Final

from htpy import Element, Node

from interlace.domain.error_codes import ErrorCode
from interlace.ui.actions import action_link
from interlace.web.record_parts import coupling_address
from interlace.web.visit import Visit

_AMBIGUOUS: Final = frozenset({ErrorCode.MATCH_AMBIGUOUS.value, ErrorCode.MARK_AMBIGUOUS.value})


def is_ambiguous(code: str) -> bool:
    """Tell whether a record with this error waits for a person to say which of several is its partner."""
    return code in _AMBIGUOUS


def way_to_coupling(visit: Visit, mapping: str, key: str, side: str, code: str) -> Node:
    """Lead to where the right one is chosen; nothing for other errors."""
    return coupling_button(visit, mapping, key, side) if is_ambiguous(code) else None


def coupling_button(visit: Visit, mapping: str, key: str, side: str, *, is_primary: bool = False) -> Element:
    """Lead to where the record's partner is chosen."""
    address = coupling_address(visit, mapping, key, side)
    return action_link(visit.words.t("Set Up Coupling"), address, is_primary=is_primary)
