"""Fields of forms: label, input, hint and error belong together, for eyes and for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from htpy import Element, Node, VoidElement, datalist, div, label, option, p, select, span, textarea
from htpy import input as input_

from interlace.ui.explained import tooltip_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What is asked for: `value` is what was typed, right or wrong; `error` says what to correct.

    In a table the heading of the column is the visible label: `is_label_hidden`.
    """

    name: str
    caption: str
    value: str = ""
    error: str = ""
    hint: str = ""
    is_required: bool = False
    is_label_hidden: bool = False
    is_wide: bool = False
    tooltip: str = ""
    """Blank: the caption's own, or else the hint."""

    @property
    def title(self) -> str | None:
        """What the label explains when it is pointed at."""
        return tooltip_of(self.caption, self.tooltip) or self.hint or None

    @property
    def anchor(self) -> str:
        """The id of the input, by which its error leads to it."""
        return f"field-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a selection."""

    value: str
    caption: str


def text_field(
    field: Field,
    *,
    kind: str = "text",
    length_max: int | None = None,
    suggestions: str | None = None,
    autocomplete: str | None = None,
    is_focused: bool = False,
) -> Element:
    """A line of text; `suggestions` is the id of a list of proposals on the page."""
    entered = input_(
        {"id": field.anchor},
        _described(field),
        type=kind,
        name=field.name,
        value=field.value or None,
        maxlength=length_max,
        list=suggestions,
        autocomplete=autocomplete,
        autofocus=is_focused,
        required=field.is_required,
    )
    return _framed(field, entered)


def number_field(field: Field, *, is_focused: bool = False) -> Element:
    """A number, typed as text so that what was wrong can be shown again."""
    entered = input_(
        ".number",
        {"id": field.anchor},
        _described(field),
        type="text",
        inputmode="decimal",
        name=field.name,
        value=field.value or None,
        autocomplete="off",
        autofocus=is_focused,
        required=field.is_required,
    )
    return _framed(field, entered)


def select_field(field: Field, choices: Sequence[Choice], *, blank: str | None = None) -> Element:
    """One of several choices; `blank` is the caption of having none."""
    entries = [Choice(value="", caption=blank), *choices] if blank is not None else choices
    chosen = select({"id": field.anchor}, _described(field), name=field.name, required=field.is_required)[
        [option(value=entry.value, selected=entry.value == field.value)[entry.caption] for entry in entries]
    ]
    return _framed(field, chosen)


def text_area(field: Field, *, rows: int = 3, length_max: int | None = None) -> Element:
    """Several lines of text."""
    # A line break behind the opening tag is dropped by browsers: one of our own keeps the text's first.
    entered = textarea(
        {"id": field.anchor}, _described(field), name=field.name, rows=rows, maxlength=length_max
    )["\n" + field.value]
    return _framed(field, entered)


def check_box(field: Field, *, is_checked: bool, value: str = "1") -> Element:
    """A yes or no; ticked it sends `value`."""
    box = input_(
        {"id": field.anchor},
        _described(field),
        type="checkbox",
        name=field.name,
        value=value,
        checked=is_checked,
    )
    return div(class_={"field": True, "check": True})[
        label(for_=field.anchor, title=field.title)[
            box, span(class_={"unseen": field.is_label_hidden})[f" {field.caption}"]
        ],
        _error(field),
    ]


def suggestion_list(anchor: str, entries: Sequence[Choice]) -> Element:
    """Proposals for text fields that name this list."""
    return datalist(f"#{anchor}")[[option(value=entry.value)[entry.caption] for entry in entries]]


def _described(field: Field) -> dict[str, str]:
    notes = [f"{field.anchor}-error"] if field.error else []
    if field.hint:
        notes.append(f"{field.anchor}-hint")
    described = {"aria-describedby": " ".join(notes)} if notes else {}
    return {**described, "aria-invalid": "true"} if field.error else described


def _framed(field: Field, entered: Element | VoidElement) -> Element:
    return div(class_={"field": True, "wrong": bool(field.error), "wide": field.is_wide})[
        label(for_=field.anchor, class_={"unseen": field.is_label_hidden}, title=field.title)[
            field.caption, span(".required", aria_hidden="true")[" *"] if field.is_required else None
        ],
        entered,
        _error(field),
        p(".hint", id=f"{field.anchor}-hint")[field.hint] if field.hint else None,
    ]


def _error(field: Field) -> Node:
    return p(".error", id=f"{field.anchor}-error")[field.error] if field.error else None
