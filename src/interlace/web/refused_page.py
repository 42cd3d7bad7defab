"""Pages for what is not shown: not signed in, not allowed, not found, not possible, or a defect of ours."""

from __future__ import annotations

from collections.abc import Callable

from htpy import div, p
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from interlace.locale.languages import negotiate
from interlace.management.refusal import STATUS_OF, RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_link
from interlace.ui.shell import Frame, Page, document
from interlace.ui.stylesheet import stylesheet_name
from interlace.ui.words import Words
from interlace.web.addresses import API, STATIC, address
from interlace.web.api import refusal_response, waiting_headers
from interlace.web.copied_details import copied_details, of_refusal
from interlace.web.meanings import explaining_words
from interlace.web.notice import said
from interlace.web.refusal_log import log_refusal
from interlace.web.request import AnyRequest
from interlace.web.visit import HTML_HEADERS, RETURN_TO, Visit
from interlace.web.wrong_filters import wrong_filters

_KIND_OF_STATUS = {status: kind for kind, status in reversed(STATUS_OF.items())}


def browser_language(request: AnyRequest) -> str:
    """Return the language of somebody who is not known yet, as his browser tells it."""
    return negotiate("", request.headers.get("accept-language", ""))


def refusal_answer(request: AnyRequest, refused: Refused) -> Response[str] | Response[bytes] | Redirect:
    """Answer with what the API tells, with the way to sign in, or with a page that says why and what next."""
    if request.url.path.startswith(API):
        return refusal_response(request, refused)
    here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    if refused.kind is RefusalKind.NOT_SIGNED_IN:
        return Redirect(address("/sign-in", {RETURN_TO: here}), status_code=303)
    if refused.kind is RefusalKind.SIGN_IN_AGAIN:
        return Redirect(address("/sign-in/again", {RETURN_TO: here}), status_code=303)
    log_refusal(request, refused)
    visit: Visit | None = request.scope["state"].get("visit")
    words = visit.words if visit is not None else explaining_words(browser_language(request))
    at = visit.at if visit is not None else str
    page = _page(refused, words, request, at)
    if visit is not None:
        answer = visit.page(page, status=refused.status)
        answer.headers.update(waiting_headers(refused))
        return answer
    frame = Frame(
        product="Interlace",
        home_address="/",
        stylesheet_address=f"{STATIC}/{stylesheet_name()}",
        captions=words.captions,
    )
    return Response(
        document(frame, page),
        status_code=refused.status,
        media_type="text/html",
        headers=HTML_HEADERS | waiting_headers(refused),
    )


def refused_by_framework(problem: HTTPException) -> Refused:
    """Return what the web library refused (no such page, a body too large) as a refusal of ours."""
    if problem.status_code == 404:
        return Refused(
            RefusalKind.NOT_FOUND,
            translatable("There is no such page"),
            next_step=translatable("Check its address, or go on from the home page."),
        )
    if problem.status_code == 413:
        return Refused(
            RefusalKind.INVALID,
            translatable("The request is too large"),
            next_step=translatable("Send less at once."),
        )
    kind = _KIND_OF_STATUS.get(problem.status_code, RefusalKind.INVALID)
    return Refused(kind, translatable("The request can't be answered"), why=problem.detail)


def defect() -> Refused:
    """Return the refusal that stands for a defect of ours; the log tells more under the reference."""
    return Refused(
        RefusalKind.DEFECT,
        translatable("Something went wrong in Interlace"),
        why=translatable("It is a defect; the log holds the details under the reference below."),
        next_step=translatable("Try again; if it comes back, report it with the reference."),
    )


def _page(refused: Refused, words: Words, request: AnyRequest, at: Callable[[str], str]) -> Page:
    advice = [p[said(words, text)] for text in (refused.why, refused.next_step) if text]
    steps = [action_link(words.t(each.caption), at(each.page)) for each in refused.steps if each.page]
    correction = wrong_filters(refused, request, words)
    is_only = not steps and correction is None
    return Page(
        heading=said(words, refused.title),
        content=[
            div(".panel")[
                advice, div(".buttons")[[*steps, action_link(words.t("Home"), at("/"), is_primary=is_only)]]
            ],
            correction,
            copied_details(words, of_refusal(words, refused, request)),
        ],
    )
