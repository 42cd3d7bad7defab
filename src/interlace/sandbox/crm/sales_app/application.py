"""The sales app: which page answers which address, and what must hold before it is asked."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from htpy import p

from interlace.sandbox.crm.endpoint import CrmEndpoint
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.sales_app.availability import AvailabilityFeed, WaitForFeed
from interlace.sandbox.crm.sales_app.form_body import (
    EMPTY_FORM,
    FormRefused,
    parse_form,
    parse_parameters,
)
from interlace.sandbox.crm.sales_app.routes import ROUTES, PageFunction
from interlace.sandbox.crm.sales_app.sessions import Session, SessionOffice
from interlace.sandbox.crm.sales_app.shown_records import NoSuchRecord, ShownRecords
from interlace.sandbox.crm.sales_app.sign_in import SIGN_IN, SignIn
from interlace.sandbox.crm.sales_app.visit import FORM_TOKEN, ROOT, Visit, app_frame, see_other
from interlace.sandbox.crm.sales_app.web_api import WebApi
from interlace.sandbox.exchange import Refusal, Request, Response, Waiting
from interlace.ui.actions import action_link
from interlace.ui.headers import PAGE_HEADERS, STYLESHEET_HEADERS
from interlace.ui.notices import empty_state
from interlace.ui.shell import Page, document
from interlace.ui.stylesheet import stylesheet, stylesheet_name


@dataclass(frozen=True, slots=True, kw_only=True)
class AppOptions:
    """How the app signs people in."""

    password: str
    now: Callable[[], datetime]
    randomness: random.Random | None = None


class SalesApp:
    """Answers everything below `/app/`."""

    def __init__(self, records: Records, endpoint: CrmEndpoint, options: AppOptions) -> None:
        self._records = records
        self._endpoint = endpoint
        self._sessions = SessionOffice(records.store, options.now, options.randomness)
        self._now = options.now
        self.availability = AvailabilityFeed(options.now)
        self._sign_in = SignIn(records, self._sessions, options.password, options.now)

    def page(self, request: Request) -> Response | Waiting:
        """Answers one request, or says what has to be waited for before it is asked again."""
        try:
            response = self._page(request)
        except WaitForFeed as wanted:
            return wanted.waiting
        return replace(response, body=b"") if request.method == "HEAD" else response

    def _page(self, request: Request) -> Response:
        path = request.path.removeprefix(ROOT)
        if path == stylesheet_name():
            return Response(status=200, headers=STYLESHEET_HEADERS, body=stylesheet())
        if request.method not in ("GET", "HEAD", "POST"):
            return self._failure(405, "This page does not understand that method.", "")
        if request.method == "POST" and not _is_of_this_origin(request):
            return self._failure(403, "The form was sent from another site.", "Nothing was changed.")
        if request.path == SIGN_IN:
            return self._signing_in(request)
        session = self._sessions.find(request)
        if session is None or self._sign_in.user(session.user_id) is None:
            if request.method == "POST":
                return self._sign_in.ask(request, status=403)
            going_to = request.path + (f"?{request.query}" if request.query else "")
            return see_other(f"{SIGN_IN}?next={quote(going_to, safe='')}" if path else SIGN_IN)
        return self._signed_in(request, path, session)

    def _signing_in(self, request: Request) -> Response:
        if request.method != "POST":
            return self._sign_in.ask(request, going_to=parse_parameters(request.query).text("next"))
        try:
            typed = parse_form(request.body, request.header("content-type") or "")
        except FormRefused as refused:
            return self._failure(400, str(refused), "Go back and try again.")
        return self._sign_in.answer(request, typed)

    def _signed_in(self, request: Request, path: str, session: Session) -> Response:
        form = EMPTY_FORM
        if request.method == "POST":
            try:
                form = parse_form(request.body, request.header("content-type") or "")
            except FormRefused as refused:
                return self._failure(400, str(refused), "Go back and try again.")
            if not session.accepts(form.text(FORM_TOKEN)):
                return self._failure(
                    403,
                    "The form does not belong to this session.",
                    "Nothing was changed. Go back, reload the page and try again.",
                )
        if path == "sign-out" and request.method == "POST":
            return self._sign_in.sign_out(request)
        visit = Visit(
            request=request,
            session=session,
            parameters=parse_parameters(request.query),
            form=form,
            shown=ShownRecords(self._records),
            web_api=WebApi(self._endpoint, self._records, session.user_id),
            availability=self.availability,
            organization=self._organization,
            now=self._now(),
        )
        return self._routed(visit, path)

    def _routed(self, visit: Visit, path: str) -> Response:
        method = "POST" if visit.request.method == "POST" else "GET"
        self._records.begin_request()
        known = False
        for own_method, pattern, function in ROUTES:
            found = pattern.fullmatch(path)
            if found is None:
                continue
            known = True
            if own_method == method:
                return self._answered(visit, function, found.groups())
        if known:
            return _told(visit, 405, "This address is not opened like that.", "Choose a page from the menu.")
        return _told(visit, 404, "There is no such page.", "Choose one from the menu.")

    def _answered(self, visit: Visit, function: PageFunction, ids: tuple[str, ...]) -> Response:
        try:
            return function(visit, *ids)
        except NoSuchRecord as missing:
            title = f"This {missing.table.display_name.lower()} does not exist."
            return _told(visit, 404, title, "It was deleted, or the address is not right.")
        except Refusal as refusal:
            return _told(visit, refusal.status, "The CRM refused this.", refusal.message)

    @property
    def _organization(self) -> str:
        return str(self._records.organization_value("name") or "")

    def _failure(self, status: int, title: str, advice: str) -> Response:
        page = _failure_page(title, advice)
        body = document(app_frame(self._organization), page).encode()
        return Response(status=status, headers=PAGE_HEADERS, body=body)


def _told(visit: Visit, status: int, title: str, advice: str) -> Response:
    return visit.page(_failure_page(title, advice), status=status)


def _failure_page(title: str, advice: str) -> Page:
    ways = action_link("To the start page", ROOT)
    return Page(heading="Sorry", content=empty_state(title, p[advice], ways), is_narrow=True)


def _is_of_this_origin(request: Request) -> bool:
    """Browsers tell where a form comes from; who tells nothing is no browser led astray."""
    if request.header("sec-fetch-site") in ("cross-site", "same-site"):
        return False
    origin = request.header("origin")
    own = request.service_url.partition("://")[2].rstrip("/")
    return origin is None or origin.partition("://")[2] == own
