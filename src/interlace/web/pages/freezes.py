"""Freeze Windows: when nothing is written to the ERP, and the form for one more."""

from __future__ import annotations

from htpy import Element, Node, form
from litestar import Response, get

from interlace.management import freezes
from interlace.management.connections import OneConnection
from interlace.management.freezes import Freeze
from interlace.management.translatable import translatable
from interlace.ui.actions import form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import fast_tab
from interlace.ui.fields import Field, text_field
from interlace.ui.listing import Column, listing
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.addresses import DO
from interlace.web.security import PAGE
from interlace.web.visit import RETURN_TO, Button, TheVisit, Visit, live

_STATES = {
    "to come": (translatable("To come"), Tone.NEUTRAL),
    "now": (translatable("Frozen now"), Tone.WARN),
    "over": (translatable("Over"), Tone.NEUTRAL),
}


@get("/connection/freezes", opt=PAGE)
async def freezes_page(visit: TheVisit) -> Response[str]:
    """The windows of the connection."""
    words = visit.words
    held = await visit.ask(freezes.SHOW, OneConnection(connection=visit.connection.name))
    return visit.page(
        Page(
            heading=words.t("Freeze Windows"),
            subtitle=words.t(
                "In a window no customer, order or other record of the ERP is created, changed or deleted. What the "
                "ERP changes still goes to the CRM by mappings of that direction alone; all else waits, and is "
                "carried over afterwards in its order."
            ),
            crumbs=[Crumb(caption=words.t("Connection Setup"), address=visit.to("/connection"))],
            content=[
                live("freezes", _windows(visit, held.windows)),
                _new(visit) if visit.may(freezes.ADD.permission) else None,
            ],
        )
    )


PAGES = (freezes_page,)


def _windows(visit: Visit, windows: tuple[Freeze, ...]) -> Element:
    words = visit.words
    if not windows:
        return empty_state(words.t("There is no freeze window"))
    columns = [
        Column(caption=words.t("Begin"), tooltip=words.t("From when on nothing is written to the ERP.")),
        Column(caption=words.t("End"), tooltip=words.t("When the ERP is written to again.")),
        Column(caption=words.t("State")),
        Column(
            caption=words.t("Reason"), tooltip=words.t("Why the ERP is frozen; everybody who waits reads it.")
        ),
        Column(caption=words.t("Set By"), tooltip=words.t("Who set the window.")),
        Column(caption=words.t("Action")),
    ]
    rows: list[list[Node]] = [
        [
            words.datetime(each.begin),
            words.datetime(each.end),
            badge(words.t(_STATES[each.state][0]), _STATES[each.state][1]),
            each.reason,
            each.by,
            _removal(visit, each),
        ]
        for each in windows
    ]
    return listing(columns, rows, caption=words.t("Freeze Windows"), empty="")


def _removal(visit: Visit, each: Freeze) -> Node:
    confirm = visit.words.t("The ERP is written to again at once. Remove the window?")
    return visit.action(
        freezes.REMOVE, {"id": each.id}, Button(confirm=confirm if each.state == "now" else "")
    )


def _new(visit: Visit) -> Element:
    words = visit.words
    zone = words.t("In your time zone, {zone}.", zone=visit.caller.time_zone)
    return fast_tab(
        words.t("New Window"),
        form(method="post", action=f"{DO}/{freezes.ADD.address}")[
            hidden([("connection", visit.connection.name), (RETURN_TO, visit.here)]),
            text_field(
                Field(name="begin", caption=words.t("Begin"), hint=zone, is_required=True),
                kind="datetime-local",
            ),
            text_field(
                Field(name="end", caption=words.t("End"), hint=zone, is_required=True), kind="datetime-local"
            ),
            text_field(
                Field(
                    name="reason",
                    caption=words.t("Reason"),
                    is_required=True,
                    tooltip=words.t("Why the ERP is frozen; everybody who waits reads it."),
                ),
                length_max=200,
            ),
            form_button(words.t(freezes.ADD.caption), tooltip=words.t(freezes.ADD.tooltip)),
        ],
    )
