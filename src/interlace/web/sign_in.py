"""Coming in: by password, by a code of the second step, again before something delicate, and at the first start."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from interlace.locale.languages import negotiate
from interlace.management.accounts import Accounts, FirstStart, SessionStage
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.ui.words import Words
from interlace.web.addresses import address, own_address
from interlace.web.meanings import explaining_words
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import (
    FORM_IS_KEPT,
    PAGE,
    VISITING,
    admitted,
    signed_in_answer,
)
from interlace.web.session_cookie import forget_session_cookie
from interlace.web.sign_in_pages import (
    again_form,
    code_form,
    first_start_form,
    first_start_over,
    form_is_kept,
    nobody_yet,
    refusal_notice,
    sign_in_form,
)

_BYTES_MAX = 64 * 1024
"""What strangers may send: names and passwords are short."""


@get("/sign-in", opt=VISITING)
async def sign_in_page(request: AnyRequest, accounts: TheAccounts) -> Response[Any]:
    """Ask for name and password."""
    found, return_to = admitted(request), _wanted(request)
    if found.caller_or_none is not None:
        return Redirect(return_to, status_code=303)
    words, notices = _words(request), []
    if not await accounts.has_administrator():
        notices.append(nobody_yet(words))
    if request.query_params.get(FORM_IS_KEPT):
        notices.append(form_is_kept(words))
    return sign_in_form(words, return_to, notices=notices)


@post("/sign-in", opt=VISITING, request_max_body_size=_BYTES_MAX)
async def sign_in(request: AnyRequest, accounts: TheAccounts) -> Response[Any]:
    """Take name and password."""
    entered, found = await _entered(request), admitted(request)
    return_to, name = own_address(entered.get("return_to", "/")), entered.get("name", "")
    try:
        opened = await accounts.sign_in(name, entered.get("password", ""), found.visitor, token=found.token)
    except Refused as refused:
        words = _words(request)
        return sign_in_form(
            words,
            return_to,
            name=name,
            notices=[refusal_notice(words, refused)],
            status=refused.status,
        )
    return signed_in_answer(request, opened, return_to)


@get("/sign-in/code", opt=VISITING)
async def code_page(request: AnyRequest) -> Response[Any]:
    """Ask for the second step."""
    session = admitted(request).session
    if session is None or session.stage is not SessionStage.NEEDS_CODE:
        return Redirect(address("/sign-in", {"return_to": _wanted(request)}), status_code=303)
    return code_form(_words(request), _wanted(request))


@post("/sign-in/code", opt=VISITING, request_max_body_size=_BYTES_MAX)
async def code(request: AnyRequest, accounts: TheAccounts) -> Response[Any]:
    """Take a code of the app, or a recovery code."""
    entered, found = await _entered(request), admitted(request)
    return_to = own_address(entered.get("return_to", "/"))
    try:
        opened = await accounts.confirm_code(found.token, entered.get("code", ""), found.visitor)
    except Refused as refused:
        words = _words(request)
        if refused.kind is RefusalKind.NOT_SIGNED_IN:
            return sign_in_form(
                words,
                return_to,
                notices=[refusal_notice(words, refused)],
                status=refused.status,
            )
        return code_form(words, return_to, notices=[refusal_notice(words, refused)], status=refused.status)
    return signed_in_answer(request, opened, return_to)


@get("/sign-in/again", opt=PAGE)
async def again_page(request: AnyRequest) -> Response[Any]:
    """Ask for the password once more."""
    return again_form(_words(request), _wanted(request), name=admitted(request).caller.name)


@post("/sign-in/again", opt=PAGE)
async def again(request: AnyRequest, accounts: TheAccounts) -> Response[Any]:
    """Take it."""
    entered, found = await _entered(request), admitted(request)
    return_to = own_address(entered.get("return_to", "/"))
    try:
        opened = await accounts.enter_password_again(
            found.token, entered.get("password", ""), entered.get("code", ""), found.visitor
        )
    except Refused as refused:
        words = _words(request)
        return again_form(
            words,
            return_to,
            name=found.caller.name,
            notices=[refusal_notice(words, refused)],
            status=refused.status,
        )
    return signed_in_answer(request, opened, return_to)


@post("/sign-out", opt=VISITING, request_max_body_size=_BYTES_MAX)
async def sign_out(request: AnyRequest, accounts: TheAccounts) -> Response[Any]:
    """End the session."""
    found = admitted(request)
    if found.token:
        await accounts.sign_out(found.token)
    answer = Redirect("/sign-in", status_code=303)
    forget_session_cookie(answer, request)
    return answer


@get("/first-start", opt=VISITING)
async def first_start_page(request: AnyRequest, accounts: TheAccounts) -> Response[Any]:
    """Ask for the first administrator."""
    words, given = _words(request), str(request.query_params.get("code", ""))
    if not await accounts.may_first_start(given):
        return first_start_over(words)
    return first_start_form(words, {"code": given})


@post("/first-start", opt=VISITING, request_max_body_size=_BYTES_MAX)
async def first_start(request: AnyRequest, accounts: TheAccounts) -> Response[Any]:
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
        _require_same(entered)
        opened = await accounts.first_start(entered.get("code", ""), answers, admitted(request).visitor)
    except Refused as refused:
        if refused.kind is RefusalKind.FORBIDDEN:
            return first_start_over(words)
        return first_start_form(words, entered, refused)
    return signed_in_answer(request, opened, "/")


SIGN_IN = (
    sign_in_page,
    sign_in,
    code_page,
    code,
    again_page,
    again,
    sign_out,
    first_start_page,
    first_start,
)
"""The pages by which people come in and go."""


def sign_in_routes(_accounts: Accounts) -> Sequence[ControllerRouterHandler]:
    """Return the pages by which people come in and go."""
    return SIGN_IN


def _require_same(entered: dict[str, str]) -> None:
    if entered.get("password") != entered.get("password_again"):
        raise Refused(
            RefusalKind.INVALID,
            translatable("The two passwords differ"),
            fields={"password_again": translatable("This differs from the password above.")},
        )


def _words(request: AnyRequest) -> Words:
    caller = admitted(request).caller_or_none
    chosen = caller.language if caller is not None else ""
    return explaining_words(negotiate(chosen, request.headers.get("accept-language", "")))


def _wanted(request: AnyRequest) -> str:
    return own_address(str(request.query_params.get("return_to", "/")))


async def _entered(request: AnyRequest) -> dict[str, str]:
    form_data = await request.form()
    return {name: value for name, value in form_data.items() if isinstance(value, str)}
