"""The web client and the management API as one ASGI application."""

import logging
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from litestar import Litestar, Response, get
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from interlace.management.accounts import BASIC, Accounts, Session
from interlace.management.changes import Changes
from interlace.management.connections import LIST, ListConnections, first_choice
from interlace.management.desk import Desk
from interlace.management.notifications import UNREAD, CountUnread
from interlace.management.refusal import Refused
from interlace.ui.headers import STYLESHEET_HEADERS
from interlace.ui.stylesheet import stylesheet, stylesheet_name
from interlace.web.addresses import STATIC
from interlace.web.api import call, openapi
from interlace.web.doing import do
from interlace.web.exporting import export
from interlace.web.later import AnswerLater
from interlace.web.live import live_events, live_token
from interlace.web.meanings import explaining_words
from interlace.web.notice import notices_of
from interlace.web.pages import BESIDE, PAGES
from interlace.web.refused_page import defect, refusal_answer, refused_by_framework
from interlace.web.request import AnyRequest, request_id
from interlace.web.script import script, script_name
from interlace.web.security import PUBLIC, WebRules, admission, admitted, recognize, secure
from interlace.web.sign_in import sign_in_routes
from interlace.web.visit import CONNECTION, Visit

_LOG = logging.getLogger(__name__)
_NOT_FOUND_STATUS = 404
_DEFECT_STATUS = 500
_BODY_BYTES_MAX = 4 * 1024 * 1024
_FOREVER = {name: value for name, value in STYLESHEET_HEADERS if name != "Content-Type"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the application is made of."""

    desk: Desk
    accounts: Accounts
    changes: Changes
    rules: WebRules


def _keep_frame(request: AnyRequest, desk: Desk) -> None:
    """Let who is refused before the page was asked see the menu, too."""
    state = request.scope["state"]
    if "visit" in state:
        return
    try:
        found = admitted(request)
        caller = found.caller
    except (KeyError, Refused):
        return
    state["visit"] = Visit(
        request=request,
        caller=caller,
        desk=desk,
        words=explaining_words(caller.language, ZoneInfo(caller.time_zone)),
        connections=(),
        connection_name="",
        notices=(),
        is_basic=_is_basic(found.session),
    )


def _is_basic(session: Session | None) -> bool:
    return session is not None and session.experience == BASIC


async def _lost(
    request: AnyRequest, parts: WebParts, refused: Refused
) -> Response[bytes] | Response[str] | Redirect:
    """Let whoever is signed in go on from the menu; on the way to no handler nobody asked who it is."""
    await recognize(request, parts.accounts, parts.rules)
    _keep_frame(request, parts.desk)
    return refusal_answer(request, refused)


def create_web(parts: WebParts) -> Litestar:
    """Return the application."""

    async def visit_of(request: AnyRequest) -> Visit:
        """Gather what a page asks."""
        admission_ticket = admitted(request)
        caller, session = admission_ticket.caller, admission_ticket.session
        held = await parts.desk.perform(LIST, caller, ListConnections())
        is_shown = session is not None and session.has_notices and request.method == "GET"
        visit = Visit(
            request=request,
            caller=caller,
            desk=parts.desk,
            words=explaining_words(caller.language, ZoneInfo(caller.time_zone)),
            connections=held.connections,
            connection_name=str(request.query_params.get(CONNECTION, "")) or first_choice(held.connections),
            notices=notices_of(await parts.accounts.take_notices(session.id)) if is_shown and session else (),
            unread=(await parts.desk.perform(UNREAD, caller, CountUnread())).count,
            is_basic=_is_basic(session),
        )
        # A refusal on the way to the page is told in the same frame.
        request.scope["state"]["visit"] = visit
        return visit

    def on_refused(request: AnyRequest, problem: Refused) -> Response[bytes] | Response[str] | Redirect:
        _keep_frame(request, parts.desk)
        return refusal_answer(request, problem)

    def on_framework(
        request: AnyRequest, problem: HTTPException
    ) -> Response[bytes] | Response[str] | Redirect:
        if problem.status_code >= _DEFECT_STATUS:
            return on_defect(request, problem)
        if problem.status_code == _NOT_FOUND_STATUS:
            return AnswerLater(lambda: _lost(request, parts, refused_by_framework(problem)))
        return refusal_answer(request, refused_by_framework(problem))

    def on_defect(request: AnyRequest, problem: Exception) -> Response[bytes] | Response[str] | Redirect:
        _LOG.error("request %s failed", request_id(request), exc_info=problem)
        return refusal_answer(request, defect())

    app = Litestar(
        route_handlers=[
            call,
            openapi,
            do,
            export,
            live_events,
            live_token,
            style_file,
            script_file,
            *sign_in_routes(parts.accounts),
            *PAGES,
            *BESIDE,
        ],
        dependencies={
            "visit": Provide(visit_of),
            "desk": Provide(lambda: parts.desk, sync_to_thread=False),
            "accounts": Provide(lambda: parts.accounts, sync_to_thread=False),
            "changes": Provide(lambda: parts.changes, sync_to_thread=False),
        },
        middleware=[admission(parts.accounts, parts.rules)],
        exception_handlers={Refused: on_refused, HTTPException: on_framework, Exception: on_defect},
        request_max_body_size=_BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )
    secure(app, parts.rules)
    return app


@get(f"{STATIC}/{stylesheet_name()}", opt=PUBLIC)
async def style_file() -> Response[bytes]:
    """The stylesheet."""
    return Response(stylesheet(), media_type="text/css", headers=_FOREVER)


@get(f"{STATIC}/{script_name()}", opt=PUBLIC)
async def script_file() -> Response[bytes]:
    """The script."""
    return Response(script(), media_type="text/javascript", headers=_FOREVER)
