"""The list of findings as several pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from htpy import Element, Node, a

from interlace.domain.error_codes import ErrorCode
from interlace.domain.filter_language import quoted
from interlace.locale.translatable import Sentence
from interlace.management.findings import (
    FINDING_CHOICES,
    FINDING_COLUMNS,
    LIST_FINDINGS,
    FindingRow,
    FindingsListed,
)
from interlace.management.listing import ListRow, captions_of
from interlace.management.views import View
from interlace.ui.badge import Tone, badge
from interlace.ui.notices import empty_state
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.field_captions import field_caption
from interlace.web.list_page import ListPage, is_narrowed
from interlace.web.notice import said
from interlace.web.readable import plain
from interlace.web.record_parts import record_address
from interlace.web.saved_views import FILTER
from interlace.web.visit import Visit

FOUND: Final = captions_of(FINDING_CHOICES)
TONES: Final = {
    "drifted": Tone.BAD,
    "missing partner": Tone.BAD,
    "duplicate partner": Tone.BAD,
    "failed": Tone.WARN,
}
"""How what is found stands out; the others don't."""
_CODES = frozenset(each.value for each in ErrorCode)
_NOTHING = "–"


def findings_address(visit: Visit, mapping: str, found: str) -> str:
    """Return the address of what was found so in a mapping."""
    return visit.to("/findings", {f"{FILTER}mapping": quoted(mapping), f"{FILTER}found": found})


def finding_list(
    visit: Visit, listed: FindingsListed, views: tuple[View, ...], mapping: str = ""
) -> ListPage:
    """Return the list, of all mappings or on the page of one."""
    words = visit.words
    of_mapping: Mapping[str, str] = {f"{FILTER}mapping": quoted(mapping)} if mapping else {}
    hidden = {"mapping"} if mapping else set()
    columns = tuple(each for each in FINDING_COLUMNS if each.name not in hidden)
    return ListPage(
        path=f"/verification/{segment(mapping)}" if mapping else "/findings",
        columns=columns,
        first_shown=frozenset(each.name for each in columns) - {"crm_key"},
        answer=listed,
        rows=listed.rows,
        caption=words.t("Findings"),
        cells={
            "mapping": lambda row: _mapping(visit, _row(row)),
            "found": lambda row: badge(
                words.t(FOUND[_row(row).found]), TONES.get(_row(row).found, Tone.NEUTRAL)
            ),
            "record": lambda row: _record(visit, _row(row)),
            "erp_field": lambda row: _erp_field(words, _row(row)),
            "erp_value": lambda row: _value(_row(row), plain(_row(row).erp_value)),
            "crm_value": lambda row: _value(_row(row), _row(row).crm_value),
            "reason": lambda row: _why(words, _row(row).reason),
        },
        fixed=of_mapping,
        empty=empty_state(words.t("No finding fits"))
        if is_narrowed(visit)
        else empty_state(words.t("Nothing stands out"), words.t("The last verification found nothing here.")),
        export_list=LIST_FINDINGS.name,
        views=views,
    )


def no_verdict(words: Words) -> Element:
    """Say that nobody has verified yet: that nothing was found would be said of nothing."""
    return empty_state(
        words.t("There is no verdict yet"),
        words.t(
            "Verify Now reads both sides and compares every record; it takes a while and writes nothing."
        ),
    )


def _row(row: ListRow) -> FindingRow:
    assert isinstance(row, FindingRow)
    return row


def _mapping(visit: Visit, each: FindingRow) -> Node:
    return a(href=visit.to(f"/verification/{segment(each.mapping)}"))[each.mapping]


def _record(visit: Visit, each: FindingRow) -> Node:
    shown = plain(each.record)
    if each.crm_key:
        return a(href=record_address(visit, each.mapping, each.crm_key, "crm"))[shown]
    # The key of several parts can't be told from its text.
    if ", " in each.record:
        return shown
    return a(href=record_address(visit, each.mapping, each.record, each.side))[shown]


def _erp_field(words: Words, each: FindingRow) -> str:
    if each.erp_field:
        return field_caption(words, each.erp_field)
    return words.t("Constant") if each.crm_field else ""


def _value(each: FindingRow, value: str) -> str:
    return value or (_NOTHING if each.crm_field else "")


def _why(words: Words, reason: str) -> str:
    """Say why a record stands out; a known failure begins with its code."""
    if isinstance(reason, Sentence):
        return said(words, reason)
    code, _, message = reason.partition(" ")
    return f"{code} {said(words, message)}" if code in _CODES and message else said(words, reason)
