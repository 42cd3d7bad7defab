"""Use Default Synchronization Setup: what it takes back, mapping by mapping, before it is done."""

from __future__ import annotations

from htpy import Element, button, div, form, h2, label, p, section, span
from htpy import input as input_
from litestar import Response, get

from interlace.management import default_setup
from interlace.management.connections import OneConnection
from interlace.management.default_setup import MappingDefaults
from interlace.ui.actions import action_link
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.addresses import DO
from interlace.web.chosen_rows import choose_all
from interlace.web.mapping_parts import change_list
from interlace.web.security import PAGE
from interlace.web.visit import RETURN_TO, TheVisit, Visit

_CHOSEN = "mappings"


@get("/connection/defaults", opt=PAGE)
async def defaults_page(visit: TheVisit) -> Response[str]:
    """Everything that is not the default, each mapping to be ticked."""
    words = visit.words
    asked = OneConnection(connection=visit.connection.name)
    held = await visit.ask(default_setup.DEFAULTS, asked)
    return visit.page(
        Page(
            heading=words.t("Use Default Synchronization Setup"),
            subtitle=words.t(
                "What is ticked becomes as it was at first: settings of the mapping, its field rows, filters and "
                "matching, whether it takes part, and how often it runs. Couplings and records stay as they are."
            ),
            crumbs=[Crumb(caption=words.t("Connection Setup"), address=visit.to("/connection"))],
            content=[
                form(
                    {"data-confirm": words.t("What is ticked is taken back. Go on?")},
                    method="post",
                    action=f"{DO}/{default_setup.USE_DEFAULTS.address}",
                )[
                    hidden(
                        [
                            ("connection", visit.connection.name),
                            ("seen", held.seen),
                            (RETURN_TO, visit.to("/connection/defaults")),
                        ]
                    ),
                    choose_all(words, _CHOSEN),
                    [_mapping(visit, each) for each in held.mappings],
                    _buttons(visit),
                ]
            ]
            if held.mappings
            else empty_state(
                words.t("Nothing was changed"), words.t("Every mapping and every job is as it was at first.")
            ),
        )
    )


PAGES = (defaults_page,)


def _mapping(visit: Visit, each: MappingDefaults) -> Element:
    return section(".part")[
        h2[
            label(".ticked")[
                input_(type="checkbox", name=_CHOSEN, value=each.mapping, checked=True), span[each.mapping]
            ]
        ],
        change_list(visit.words, each.changes),
    ]


def _buttons(visit: Visit) -> list[Element]:
    words = visit.words
    if not visit.may(default_setup.USE_DEFAULTS.permission):
        return [p(".quiet-text")[words.t("You don't have the permission for this")]]
    return [
        p(".quiet-text")[
            words.t("To have a way back, keep the text of Export and Import Settings before you go on.")
        ],
        div(".buttons")[
            button(".button.primary", type="submit", title=words.t(default_setup.USE_DEFAULTS.tooltip))[
                words.t(default_setup.USE_DEFAULTS.caption)
            ],
            action_link(words.t("Export and Import Settings"), visit.to("/mappings/settings")),
            action_link(words.t("Cancel"), visit.to("/connection")),
        ],
    ]
