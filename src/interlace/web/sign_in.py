"""Coming in: by password, by a code of the second step, again before something delicate, and at the first start."""

from typing import Any

from htpy import Node, form, p
from litestar import Response, get, post
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from interlace.locale.languages import LANGUAGES, negotiate
from interlace.management.accounts import Accounts, FirstStart, SessionStage
from interlace.management.refusal import RefusalKind, Refused
from interlace.ui.actions import form_button
from interlace.ui.fields import Choice, Field, select_field, text_field
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Frame, Page, document, hidden
from interlace.ui.stylesheet import stylesheet_name
from interlace.ui.words import Words, words_of
from interlace.web.addresses import STATIC, address, own_address
from interlace.web.notice import said
from interlace.web.request import AnyRequest
from interlace.web.script import script_name
from interlace.web.security import (
    PAGE,
    VISITING,
    admitted,
    forget_session_cookie,
    signed_in_answer,
)

_NO_STATUS = 200


def sign_in_routes(accounts: Accounts) -> list[ControllerRouterHandler]:
    """Return the pages by which people come in and go."""

    @get("/sign-in", opt=VISITING)
    async def sign_in_page(request: AnyRequest) -> Response[Any]:
        """Ask for name and password."""
        found, return_to = admitted(request), _wanted(request)
        if found.caller_or_none is not None:
            return Redirect(return_to, status_code=303)
        words = _words(request)
        nobody = None if await accounts.has_administrator() else _nobody_yet(words)
        return _sign_in(request, words, return_to, notices=[nobody] if nobody is not None else [])

    @post("/sign-in", opt=VISITING)
    async def sign_in(request: AnyRequest) -> Response[Any]:
        """Take name and password."""
        entered, found = await _entered(request), admitted(request)
        return_to, name = own_address(entered.get("return_to", "/")), entered.get("name", "")
        try:
            opened = await accounts.sign_in(
                name, entered.get("password", ""), found.visitor, token=found.token
            )
        except Refused as refused:
            words = _words(request)
            return _sign_in(
                request,
                words,
                return_to,
                name=name,
                notices=[_refusal(words, refused)],
                status=refused.status,
            )
        return signed_in_answer(request, opened, return_to)

    @get("/sign-in/code", opt=VISITING)
    async def code_page(request: AnyRequest) -> Response[Any]:
        """Ask for the second step."""
        session = admitted(request).session
        if session is None or session.stage is not SessionStage.NEEDS_CODE:
            return Redirect(address("/sign-in", {"return_to": _wanted(request)}), status_code=303)
        return _code(request, _words(request), _wanted(request))

    @post("/sign-in/code", opt=VISITING)
    async def code(request: AnyRequest) -> Response[Any]:
        """Take a code of the app, or a recovery code."""
        entered, found = await _entered(request), admitted(request)
        return_to = own_address(entered.get("return_to", "/"))
        try:
            opened = await accounts.confirm_code(found.token, entered.get("code", ""), found.visitor)
        except Refused as refused:
            words = _words(request)
            if refused.kind is RefusalKind.NOT_SIGNED_IN:
                return _sign_in(
                    request,
                    words,
                    return_to,
                    notices=[_refusal(words, refused)],
                    status=refused.status,
                )
            return _code(request, words, return_to, notices=[_refusal(words, refused)], status=refused.status)
        return signed_in_answer(request, opened, return_to)

    @get("/sign-in/again", opt=PAGE)
    async def again_page(request: AnyRequest) -> Response[Any]:
        """Ask for the password once more."""
        return _again(request, _words(request), _wanted(request))

    @post("/sign-in/again", opt=PAGE)
    async def again(request: AnyRequest) -> Response[Any]:
        """Take it."""
        entered, found = await _entered(request), admitted(request)
        return_to = own_address(entered.get("return_to", "/"))
        try:
            opened = await accounts.enter_password_again(
                found.token, entered.get("password", ""), entered.get("code", ""), found.visitor
            )
        except Refused as refused:
            words = _words(request)
            return _again(
                request, words, return_to, notices=[_refusal(words, refused)], status=refused.status
            )
        return signed_in_answer(request, opened, return_to)

    @post("/sign-out", opt=VISITING)
    async def sign_out(request: AnyRequest) -> Response[Any]:
        """End the session."""
        found = admitted(request)
        if found.token:
            await accounts.sign_out(found.token)
        answer = Redirect("/sign-in", status_code=303)
        forget_session_cookie(answer, request)
        return answer

    return [
        sign_in_page,
        sign_in,
        code_page,
        code,
        again_page,
        again,
        sign_out,
        *_first_start_routes(accounts),
    ]


def _first_start_routes(accounts: Accounts) -> list[ControllerRouterHandler]:
    @get("/first-start", opt=VISITING)
    async def first_start_page(request: AnyRequest) -> Response[Any]:
        """Ask for the first administrator."""
        words, given = _words(request), str(request.query_params.get("code", ""))
        if not await accounts.may_first_start(given):
            return _first_start_over(words)
        return _first_start(request, words, {"code": given})

    @post("/first-start", opt=VISITING)
    async def first_start(request: AnyRequest) -> Response[Any]:
        """Create the first administrator, who is signed in then."""
        entered, words = await _entered(request), _words(request)
        answers = FirstStart(
            name=entered.get("name", ""),
            full_name=entered.get("full_name", ""),
            password=entered.get("password", ""),
            language=entered.get("language", "en_US"),
            time_zone=entered.get("time_zone", "") or "UTC",
        )
        try:
            if entered.get("password") != entered.get("password_again"):
                raise Refused(
                    RefusalKind.INVALID,
                    words.t("The two passwords differ"),
                    fields={"password_again": words.t("This differs from the password above.")},
                )
            opened = await accounts.first_start(entered.get("code", ""), answers, admitted(request).visitor)
        except Refused as refused:
            if refused.kind is RefusalKind.FORBIDDEN:
                return _first_start_over(words)
            return _first_start(request, words, entered, refused)
        return signed_in_answer(request, opened, "/")

    return [first_start_page, first_start]


# The pages


def _sign_in(
    request: AnyRequest,
    words: Words,
    return_to: str,
    *,
    name: str = "",
    notices: list[Node] | None = None,
    status: int = _NO_STATUS,
) -> Response[Any]:
    return plain_page(
        words,
        Page(
            heading=words.t("Sign In"),
            is_narrow=True,
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


def _code(
    request: AnyRequest,
    words: Words,
    return_to: str,
    *,
    notices: list[Node] | None = None,
    status: int = _NO_STATUS,
) -> Response[Any]:
    return plain_page(
        words,
        Page(
            heading=words.t("Enter the Code"),
            subtitle=words.t(
                "Your authenticator app shows a code of six digits. A recovery code will do as well."
            ),
            is_narrow=True,
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


def _again(
    request: AnyRequest,
    words: Words,
    return_to: str,
    *,
    notices: list[Node] | None = None,
    status: int = _NO_STATUS,
) -> Response[Any]:
    caller = admitted(request).caller
    return plain_page(
        words,
        Page(
            heading=words.t("Enter Your Password Again"),
            subtitle=words.t(
                "What you are about to do needs a password that was entered within the last five minutes. "
                "Nothing that you typed is lost."
            ),
            is_narrow=True,
            notices=notices or [],
            content=form(".entry", method="post", action="/sign-in/again")[
                hidden([("return_to", return_to), ("username", caller.name)]),
                text_field(
                    Field(
                        name="password",
                        caption=words.t("Password of {name}", name=caller.name),
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


def _first_start(
    request: AnyRequest, words: Words, entered: dict[str, str], refused: Refused | None = None
) -> Response[Any]:
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
            notices=[] if refused is None else [_refusal(words, refused)],
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
                    )
                ),
                form_button(words.t("Create Administrator"), is_primary=True),
            ],
        ),
        _NO_STATUS if refused is None else refused.status,
    )


def _first_start_over(words: Words) -> Response[Any]:
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
                ]
            ],
        ),
        403,
    )


def plain_page(words: Words, page: Page, status: int = _NO_STATUS) -> Response[Any]:
    """Return a page for whoever is not signed in: without menu."""
    frame = Frame(
        product="Interlace",
        home_address="/",
        stylesheet_address=f"{STATIC}/{stylesheet_name()}",
        script_address=f"{STATIC}/{script_name()}",
        captions=words.captions,
    )
    return Response(document(frame, page), status_code=status, media_type="text/html; charset=utf-8")


def password_hint(words: Words) -> str:
    """Say what a password must be like."""
    return words.t("At least 12 characters, as many words as you like; none of those that everybody uses.")


def language_choices() -> list[Choice]:
    """Return the languages, each by its own name."""
    return [Choice(value=each.name, caption=each.caption) for each in LANGUAGES]


def _nobody_yet(words: Words) -> Node:
    return notice(
        words.t("Nobody can sign in yet"),
        kind=Kind.HINT,
        body=words.t(
            "When the server starts it prints a link with which the first administrator is created. "
            "Start it again for a new one."
        ),
    )


def _refusal(words: Words, refused: Refused) -> Node:
    told = [p[said(words, text)] for text in (refused.why, refused.next_step) if text]
    return notice(said(words, refused.title), kind=Kind.ERROR, body=told or None)


def _words(request: AnyRequest) -> Words:
    caller = admitted(request).caller_or_none
    chosen = caller.language if caller is not None else ""
    return words_of(negotiate(chosen, request.headers.get("accept-language", "")))


def _wanted(request: AnyRequest) -> str:
    return own_address(str(request.query_params.get("return_to", "/")))


async def _entered(request: AnyRequest) -> dict[str, str]:
    form_data = await request.form()
    return {name: value for name, value in form_data.multi_items() if isinstance(value, str)}
