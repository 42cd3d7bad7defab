"""The panes above a list: its filters, and which of its columns are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from htpy import Element, details, div, form, p, summary

from interlace.domain.filter_language import FieldKind
from interlace.management.listing import ListColumn, captions_of
from interlace.ui.actions import action_link, form_button
from interlace.ui.fields import Choice, Field, check_box, select_field, text_field
from interlace.ui.keys import ADD_FILTER, RESET_FILTERS
from interlace.ui.keys import FILTER as FILTER_KEY
from interlace.ui.shell import hidden
from interlace.web.addresses import address
from interlace.web.saved_views import COLUMNS, FILTER
from interlace.web.visit import Visit

Kept: TypeAlias = Sequence[tuple[str, str]]
"""Parameters of the address that stay when a pane is applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ColumnBox(Field):
    """The box that chooses a column: all have the same name, each an anchor of its own."""

    column: str

    @property
    def anchor(self) -> str:
        """The id of the input."""
        return f"field-{COLUMNS}-{self.column}"


def filter_pane(visit: Visit, path: str, columns: Sequence[ListColumn], kept: Kept) -> Element | None:
    """Return the pane with a filter for each of the columns."""
    if not columns:
        return None
    words = visit.words
    is_filtered = any(visit.query(FILTER + column.name) for column in columns)
    return details(".filter-pane")[
        summary(class_="button", aria_keyshortcuts=f"{FILTER_KEY} {ADD_FILTER}")[words.t("Filter")],
        form(".filters.panel", method="get", action=path)[
            hidden(kept),
            [_filter_field(visit, column) for column in columns],
            div(".buttons")[
                form_button(words.t("Apply"), is_primary=True),
                action_link(
                    words.t("Reset filters"),
                    address(path, dict(kept)),
                    keys=RESET_FILTERS if is_filtered else "",
                ),
            ],
            p(".quiet-text")[
                words.t(
                    "Examples: 10000..20000 from to; A*|B* begins with A or B; <>'' not blank; @oslo any case; "
                    "%today today."
                )
            ],
        ],
    ]


def column_pane(
    visit: Visit, path: str, columns: Sequence[ListColumn], shown: Sequence[ListColumn], kept: Kept
) -> Element:
    """Return the pane in which the columns that are shown are chosen."""
    words = visit.words
    return details(".filter-pane")[
        summary(class_="button")[words.t("Columns")],
        form(".filters.panel", method="get", action=path)[
            hidden(kept),
            [
                check_box(
                    _ColumnBox(
                        name=COLUMNS,
                        caption=words.pattern(each.caption),
                        tooltip=words.t(each.tooltip) if each.tooltip else "",
                        column=each.name,
                    ),
                    is_checked=each in shown,
                    value=each.name,
                )
                for each in columns
            ],
            div(".buttons")[
                form_button(words.t("Apply"), is_primary=True),
                action_link(words.t("Usual columns"), address(path, dict(kept))),
            ],
        ],
    ]


def value_caption(visit: Visit, column: ListColumn, value: str) -> str:
    """Return what a value of a column is called."""
    captions = captions_of(column.choices)
    return visit.words.t(captions[value]) if value in captions else value


def _filter_field(visit: Visit, column: ListColumn) -> Element:
    words = visit.words
    held = Field(
        name=FILTER + column.name,
        caption=words.pattern(column.caption),
        value=visit.query(FILTER + column.name),
        tooltip=words.t(column.tooltip) if column.tooltip else "",
    )
    if column.kind is FieldKind.CHOICE and column.choices:
        # Nothing chosen is no filter; '' is how the filter language writes blank.
        choices = [Choice(value=each.value or "''", caption=words.t(each.caption)) for each in column.choices]
        return select_field(held, choices, blank=words.t("All"))
    return text_field(held, length_max=1000, autocomplete="off")
