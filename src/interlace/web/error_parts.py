"""The list of errors as several pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from htpy import Node, a, div, span

from interlace.management.errors import ERROR_COLUMNS, ERROR_STATES, EXISTENCE, ErrorRow, ErrorsListed
from interlace.management.listing import ListRow, captions_of
from interlace.ui.badge import Tone, badge
from interlace.ui.notices import empty_state
from interlace.web.addresses import segment
from interlace.web.ambiguous import way_to_coupling
from interlace.web.copied_details import copied_details, of_error
from interlace.web.list_page import Cell, ListPage
from interlace.web.notice import said
from interlace.web.readable import plain
from interlace.web.request_links import requests_link
from interlace.web.visit import Visit

_LEFT_OUT = frozenset({"field", "job_id"})
_OF_PAIRS = frozenset({"description", "exists", "partner", "partner_exists"})
_COLUMNS = tuple(each for each in ERROR_COLUMNS if each.name not in _LEFT_OUT | _OF_PAIRS)
PAIR_COLUMNS = tuple(each for each in ERROR_COLUMNS if each.name not in _LEFT_OUT)
"""With what is known of the record and its partner."""


def error_row(row: ListRow) -> ErrorRow:
    """Return a row as what it is."""
    assert isinstance(row, ErrorRow)
    return row


def error_cells(visit: Visit, *, has_ways: bool) -> Mapping[str, Cell]:
    """Return how the columns of an error are shown; with a way to Set Up Coupling where a person must couple."""
    words = visit.words

    def message(row: ListRow) -> Node:
        each = error_row(row)
        side = "crm" if each.direction == "FromIntegrationTable" else "erp"
        way = way_to_coupling(visit, each.mapping, each.record_key, side, each.code) if has_ways else None
        asked = requests_link(visit, each.correlation_id)
        return [
            said(words, each.message),
            copied_details(words, of_error(words, each)),
            div(".row-buttons")[ways]
            if (ways := [each for each in (way, asked) if each is not None])
            else None,
        ]

    def record(row: ListRow) -> Node:
        each = error_row(row)
        query = {"side": "crm"} if each.direction == "FromIntegrationTable" else {}
        path = f"/records/{segment(each.mapping)}/{segment(each.record_key)}"
        return a(href=visit.to(path, query))[plain(each.source_key)]

    def partner(row: ListRow) -> Node:
        """Lead to the coupled record."""
        each = error_row(row)
        if not each.partner_key:
            return ""
        query = {"side": "crm"} if each.direction != "FromIntegrationTable" else {}
        path = f"/records/{segment(each.mapping)}/{segment(each.partner_key)}"
        return a(href=visit.to(path, query))[plain(each.partner)]

    states = captions_of(ERROR_STATES)
    tones = {"failed": Tone.BAD, "skipped": Tone.WARN}
    return {
        "at": lambda row: words.datetime(datetime.fromisoformat(error_row(row).at)),
        "source_key": record,
        "state": lambda row: badge(
            words.pattern(states.get(error_row(row).state, "")), tones.get(error_row(row).state, Tone.NEUTRAL)
        ),
        "exists": lambda row: _existence(
            visit, error_row(row), error_row(row).exists, error_row(row).exists_at
        ),
        "partner": partner,
        "partner_exists": lambda row: _existence(
            visit, error_row(row), error_row(row).partner_exists, error_row(row).partner_exists_at
        ),
        "message": message,
        "mapping": lambda row: a(href=visit.to(f"/mappings/{segment(error_row(row).mapping)}"))[
            error_row(row).mapping
        ],
    }


def error_list(visit: Visit, answer: ErrorsListed, path: str, *, has_ways: bool = True) -> ListPage:
    """Return the list of errors for a page at `path`; without ways for pages that offer them for each row."""
    words = visit.words
    return ListPage(
        path=path,
        columns=_COLUMNS,
        answer=answer,
        rows=answer.rows,
        caption=words.t("Integration Synchronization Errors"),
        cells=error_cells(visit, has_ways=has_ways),
        empty=empty_state(words.t("There are no errors"), words.t("Every record went through.")),
    )


def _existence(visit: Visit, row: ErrorRow, exists: str, at: str) -> Node:
    """Say whether a record was there, and when that was seen if it was not together with the error."""
    if exists not in _EXISTENCE:
        return ""
    words = visit.words
    caption, tone = _EXISTENCE[exists]
    shown = badge(words.t(caption), tone)
    seen = words.datetime(datetime.fromisoformat(at)) if at else ""
    if not seen or seen == words.datetime(datetime.fromisoformat(row.at)):
        return shown
    return [shown, " ", span(".quiet-text.small")[words.t("as of {time}", time=seen)]]


_EXISTENCE: Final = {
    "yes": (EXISTENCE[0].caption, Tone.GOOD),
    "no": (EXISTENCE[1].caption, Tone.BAD),
}
