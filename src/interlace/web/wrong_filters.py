"""The form in which filters that were not understood are corrected, where the page would have stood."""

from __future__ import annotations

from htpy import Element, div, form

from interlace.management.refusal import Refused
from interlace.ui.actions import action_link, form_button
from interlace.ui.fields import Field, text_field
from interlace.ui.shell import hidden
from interlace.ui.words import Words
from interlace.web.addresses import address
from interlace.web.notice import said
from interlace.web.request import AnyRequest
from interlace.web.saved_views import FILTER

_PLACE = frozenset({"cursor"})
"""What names a place in the list, which another filter has not."""


def wrong_filters(refused: Refused, request: AnyRequest, words: Words) -> Element | None:
    """Return the form with every filter as it was typed; None where something else was refused."""
    if request.method != "GET" or not any(name.startswith(FILTER) for name in refused.fields):
        return None
    asked = [(name, str(value)) for name, value in request.query_params.multi_items() if name not in _PLACE]
    kept = [(name, value) for name, value in asked if not name.startswith(FILTER)]
    fields = [
        Field(
            name=name,
            caption=said(words, refused.captions.get(name) or name.removeprefix(FILTER)),
            value=value,
            error=said(words, refused.fields.get(name, "")),
        )
        for name, value in asked
        if name.startswith(FILTER) and value
    ]
    first = next((each.name for each in fields if each.error), "")
    path = request.url.path
    return form(".filters.panel", method="get", action=path)[
        hidden(kept),
        [
            text_field(each, length_max=1000, autocomplete="off", is_focused=each.name == first)
            for each in fields
        ],
        div(".buttons")[
            form_button(words.t("Apply"), is_primary=True),
            action_link(words.t("Reset filters"), address(path, dict(kept))),
        ],
    ]
