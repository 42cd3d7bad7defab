"""The pages for whoever is not, or not quite, signed in."""

from typing import Any
from zoneinfo import available_timezones

from htpy import Element, Node, div, form, p
from litestar import Response

from interlace.locale.languages import LANGUAGES
from interlace.management.refusal import Refused
from interlace.ui.actions import action_link, form_button
from interlace.ui.fields import Choice, Field, select_field, suggestion_list, text_field
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Frame, Page, document, hidden
from interlace.ui.stylesheet import stylesheet_name
from interlace.ui.words import Words
from interlace.web.addresses import STATIC
from interlace.web.notice import said
from interlace.web.script import script_name
from interlace.web.teaching import tip_of

OK = 200


def sign_in_form(
    words: Words,
    return_to: str,
    *,
    name: str = "",
    notices: list[Node] | None = None,
    status: int = OK,
) -> Response[Any]:
    """Ask for name and password."""
    return plain_page(
        words,
        Page(
            heading=words.t("Sign In"),
            is_narrow=True,
            tip=words.t(tip_of("/sign-in")),
            notices=notices or [],
            content=form(".entry", method="post", action="/sign-in")[
                hidden([("return_to", return_to)]),
                text_field(
                    Field(name="name", caption=words.t("User Name"), value=name, is_required=True),
                    autocomplete="username",
                    length_max=100,
                    is_focused=not name,
                ),
                text_field(
                    Field(name="password", caption=words.t("Password"), is_required=True),
                    kind="password",
                    autocomplete="current-password",
                    is_focused=bool(name),
                ),
                form_button(words.t("Sign In"), is_primary=True),
            ],
        ),
        status,
    )


def code_form(
    words: Words,
    return_to: str,
    *,
    notices: list[Node] | None = None,
    status: int = OK,
) -> Response[Any]:
    """Ask for the second step."""
    return plain_page(
        words,
        Page(
            heading=words.t("Enter the Code"),
            subtitle=words.t(
                "Your authenticator app shows a code of six digits. A recovery code will do as well."
            ),
            is_narrow=True,
            tip=words.t(tip_of("/sign-in/code")),
            notices=notices or [],
            content=form(".entry", method="post", action="/sign-in/code")[
                hidden([("return_to", return_to)]),
                text_field(
                    Field(name="code", caption=words.t("Code"), is_required=True),
                    autocomplete="one-time-code",
                    length_max=40,
                    is_focused=True,
                ),
                form_button(words.t("Sign In"), is_primary=True),
            ],
        ),
        status,
    )


def again_form(
    words: Words,
    return_to: str,
    *,
    name: str,
    notices: list[Node] | None = None,
    status: int = OK,
) -> Response[Any]:
    """Ask for the password once more."""
    return plain_page(
        words,
        Page(
            heading=words.t("Enter Your Password Again"),
            subtitle=words.t(
                "What you are about to do needs a password that was entered within the last five minutes. "
                "Nothing that you typed is lost."
            ),
            is_narrow=True,
            tip=words.t(tip_of("/sign-in/again")),
            notices=notices or [],
            content=form(".entry", method="post", action="/sign-in/again")[
                hidden([("return_to", return_to), ("username", name)]),
                text_field(
                    Field(
                        name="password",
                        caption=words.t("Password of {name}", name=name),
                        is_required=True,
                    ),
                    kind="password",
                    autocomplete="current-password",
                    is_focused=True,
                ),
                text_field(
                    Field(
                        name="code",
                        caption=words.t("Code"),
                        hint=words.t("Only if you use two-step sign-in."),
                    ),
                    autocomplete="one-time-code",
                    length_max=40,
                ),
                form_button(words.t("Continue"), is_primary=True),
            ],
        ),
        status,
    )


def first_start_form(words: Words, entered: dict[str, str], refused: Refused | None = None) -> Response[Any]:
    """Ask for the first administrator."""
    wrong = {} if refused is None else refused.fields

    def asked(name: str, caption: str, hint: str = "", *, is_required: bool = True) -> Field:
        value = "" if name.startswith("password") else entered.get(name, "")
        return Field(
            name=name,
            caption=caption,
            value=value,
            hint=hint,
            is_required=is_required,
            error=said(words, wrong.get(name, "")),
        )

    language = entered.get("language", words.name)
    return plain_page(
        words,
        Page(
            heading=words.t("Welcome to Interlace"),
            subtitle=words.t("You are the first one here. Choose how you will sign in as the administrator."),
            is_narrow=True,
            tip=words.t(tip_of("/first-start")),
            notices=[] if refused is None else [refusal_notice(words, refused)],
            content=form(".entry", method="post", action="/first-start")[
                hidden([("code", entered.get("code", ""))]),
                text_field(asked("name", words.t("User Name")), autocomplete="username", is_focused=True),
                text_field(asked("full_name", words.t("Full Name"), is_required=False), autocomplete="name"),
                text_field(
                    asked("password", words.t("Password"), password_hint(words)),
                    kind="password",
                    autocomplete="new-password",
                ),
                text_field(
                    asked("password_again", words.t("Password Once More")),
                    kind="password",
                    autocomplete="new-password",
                ),
                select_field(
                    Field(name="language", caption=words.t("Language"), value=language), language_choices()
                ),
                text_field(
                    asked(
                        "time_zone",
                        words.t("Time Zone"),
                        words.t("Such as Pacific/Auckland; blank is universal time."),
                        is_required=False,
                    ),
                    suggestions=TIME_ZONES,
                ),
                time_zone_list(),
                form_button(words.t("Create Administrator"), is_primary=True),
            ],
        ),
        OK if refused is None else refused.status,
    )


def first_start_over(words: Words) -> Response[Any]:
    """Say that the link is used up."""
    return plain_page(
        words,
        Page(
            heading=words.t("This link is used up"),
            is_narrow=True,
            content=[
                p[
                    words.t(
                        "It works once and for fifteen minutes, and only while there is no administrator. "
                        "Start the server again for a new one."
                    )
                ],
                div(".buttons")[action_link(words.t("Sign In"), "/sign-in", is_primary=True)],
            ],
        ),
        403,
    )


def plain_page(words: Words, page: Page, status: int = OK) -> Response[Any]:
    """Return a page for whoever is not signed in: without menu."""
    frame = Frame(
        product="Interlace",
        home_address="/",
        stylesheet_address=f"{STATIC}/{stylesheet_name()}",
        script_address=f"{STATIC}/{script_name()}",
        captions=words.captions,
    )
    return Response(document(frame, page), status_code=status, media_type="text/html")


def password_hint(words: Words) -> str:
    """Say what a password must be like."""
    return words.t("At least 12 characters, as many words as you like; none of those that everybody uses.")


TIME_ZONES = "time-zones"
"""Id of the list of time zones' names on the page."""


def time_zone_list() -> Element:
    """Return the proposals for a field of a time zone: the names with a region and a city."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return suggestion_list(TIME_ZONES, [Choice(value=name, caption=name) for name in names])


def language_choices() -> list[Choice]:
    """Return the languages, each by its own name."""
    return [Choice(value=each.name, caption=each.caption) for each in LANGUAGES]


def nobody_yet(words: Words) -> Node:
    """Say how the first one comes in."""
    return notice(
        words.t("Nobody can sign in yet"),
        kind=Kind.HINT,
        body=words.t(
            "When the server starts it prints a link with which the first administrator is created. "
            "Start it again for a new one."
        ),
    )


def form_is_kept(words: Words) -> Node:
    """Say what becomes of the form that was sent when nobody was signed in any more."""
    return notice(
        words.t("Sign in again to go on"),
        kind=Kind.HINT,
        body=words.t("Your session has ended. Nothing that you typed is lost: it is shown again afterwards."),
    )


def refusal_notice(words: Words, refused: Refused) -> Node:
    """Tell why something was refused."""
    told = [p[said(words, text)] for text in (refused.why, refused.next_step) if text]
    return notice(said(words, refused.title), kind=Kind.ERROR, body=told or None)
