"""Parts that the pages of users and of one's own account share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from htpy import Element, Node, button, span

from interlace.management import tokens
from interlace.management.tokens import KeyState, ListKeys
from interlace.management.translatable import translatable
from interlace.management.users import SessionSummary, UserSummary
from interlace.ui.actions import action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.fields import Choice, select_field, text_field
from interlace.ui.listing import Column, listing
from interlace.ui.notices import empty_state
from interlace.ui.words import Words
from interlace.web.entered_form import EnteredForm
from interlace.web.sign_in_pages import TIME_ZONES, language_choices, time_zone_list
from interlace.web.visit import Visit

_BROWSERS: Final = (
    ("Edge", "Edg"),
    ("Opera", "OPR/"),
    ("Firefox", "Firefox/"),
    ("Chrome", "Chrome/"),
    ("Safari", "Safari/"),
)
_SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iOS", "iPhone"),
    ("iPadOS", "iPad"),
    ("macOS", "Mac OS X"),
    ("Linux", "Linux"),
)
"""Names and what tells of them, the more special first."""


def browser_name(words: Words, agent: str) -> str:
    """Return what a browser says of itself in short."""
    browser = next((name for name, sign in _BROWSERS if sign in agent), "")
    system = next((name for name, sign in _SYSTEMS if sign in agent), "")
    if browser and system:
        return words.t("{browser} on {system}", browser=browser, system=system)
    return browser or system or agent or words.t("Unknown")


def setting_fields(words: Words, entered: EnteredForm) -> Sequence[Node]:
    """Return the fields for language, time zone and experience."""
    return [
        select_field(entered.field(words, "language", words.t("Language")), language_choices()),
        text_field(
            entered.field(
                words,
                "time_zone",
                words.t("Time Zone"),
                hint=words.t("Such as Pacific/Auckland; blank is universal time."),
            ),
            suggestions=TIME_ZONES,
        ),
        time_zone_list(),
        select_field(
            entered.field(
                words,
                "experience",
                words.t("Experience"),
                hint=words.t("Suite shows the integration on every page, Basic hides it."),
            ),
            [
                Choice(value="Suite", caption=words.t("Suite")),
                Choice(value="Basic", caption=words.t("Basic")),
            ],
        ),
    ]


def sessions_list(
    visit: Visit, sessions: Sequence[SessionSummary], ending: Callable[[Visit, SessionSummary], Element]
) -> Element:
    """Return a list of sessions, each with the button that ends it."""
    words = visit.words
    columns = [
        Column(caption=words.t("Browser")),
        Column(caption=words.t("Address")),
        Column(caption=words.t("Signed In")),
        Column(caption=words.t("Seen Last")),
        Column(caption=words.t("Actions"), is_caption_hidden=True),
    ]
    rows: list[list[Node]] = [
        [
            span(title=each.agent)[browser_name(words, each.agent)],
            each.address,
            words.datetime(each.signed_in_at),
            words.datetime(each.seen_at),
            badge(words.t("This one"), Tone.GOOD) if each.is_own else ending(visit, each),
        ]
        for each in sessions
    ]
    return listing(
        columns, rows, caption=words.t("Sessions"), empty=empty_state(words.t("No session is open"))
    )


def user_state(words: Words, each: UserSummary) -> Element:
    """Return whether a user may sign in."""
    if each.disabled:
        return badge(words.t("Disabled"), Tone.NEUTRAL)
    return badge(words.t("Enabled"), Tone.GOOD)


async def change_key(visit: Visit, name: str) -> Element:
    """Return the action that gives a user a new access key: it takes the place of the newest that still opens."""
    words, caption = visit.words, translatable("Change Web Service Key")
    if not visit.may(tokens.CREATE.permission):
        reason = words.t("An administrator gives you a new key")
        return button(class_="button", type="button", aria_disabled="true", title=reason)[
            words.t(caption), span(".unseen")[f" ({reason})"]
        ]
    asked = ListKeys(user=name, filters={"state": KeyState.VALID.value}, limit=1)
    valid = [each.id for each in (await visit.ask(tokens.LIST, asked)).rows]
    query = {"replaces": valid[0]} if valid else {"user": name}
    return action_link(words.t(caption), visit.to("/tokens/new", query))
