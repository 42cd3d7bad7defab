"""Signing people in: who may, the page that asks, and the brake on guessing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from htpy import Node, div, form, p

from interlace.odata.filter_values import fold_text
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.sales_app.form_body import Form
from interlace.sandbox.crm.sales_app.sessions import (
    COOKIE,
    LIFE_SECONDS,
    SessionOffice,
    cookie_of,
    set_cookie,
)
from interlace.sandbox.crm.sales_app.visit import FORM_TOKEN, ROOT, app_frame, see_other
from interlace.sandbox.entity_store import SqlClause
from interlace.sandbox.exchange import Request, Response
from interlace.ui.actions import form_button
from interlace.ui.fields import Field, text_field
from interlace.ui.headers import PAGE_HEADERS
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Page, document, hidden

SIGN_IN = f"{ROOT}sign-in"
_FORM_COOKIE = "interlace_sales_sign_in"
_FORM_LIFE_SECONDS = 3600
_FAILURES_MAX = 10
_FAILURE_SECONDS = 60.0
_READ_WRITE = 0
_WRONG = "The e-mail address or the password is not right."
_OTHER_FORM = "This form was not made for this browser, or it is too old. Try again."


class SignIn:
    """The pages before a session."""

    def __init__(
        self, records: Records, sessions: SessionOffice, password: str, now: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._sessions = sessions
        self._password = password
        self._now = now
        self._failures: list[float] = []

    def user(self, user_id: str) -> Row | None:
        """The user of a session, None when he may not use the app (any more)."""
        row = self._records.row("systemuser", user_id)
        return row if row is not None and _may_sell(row) else None

    def ask(self, request: Request, *, going_to: str = "", status: int = 200) -> Response:
        """The page that asks who comes."""
        return self._page(request, Form({"next": going_to}), status=status)

    def answer(self, request: Request, typed: Form) -> Response:
        """Opens a session, or asks again and says why."""
        given, expected = typed.text(FORM_TOKEN), cookie_of(request, _FORM_COOKIE) or ""
        if not expected or not secrets.compare_digest(given.encode(), expected.encode()):
            return self._page(request, typed, problem=_OTHER_FORM, status=403)
        moment = self._now().timestamp()
        self._failures = [each for each in self._failures if moment - _FAILURE_SECONDS < each <= moment]
        if len(self._failures) >= _FAILURES_MAX:
            return self._page(
                request, typed, problem="Too many attempts failed. Wait a minute, then try again.", status=429
            )
        user_id = self._recognise(typed)
        if user_id is None:
            self._failures.append(moment)
            return self._page(request, typed, problem=_WRONG, status=403)
        token = self._sessions.open(user_id)
        headers = (
            set_cookie(request, COOKIE, token, LIFE_SECONDS),
            set_cookie(request, _FORM_COOKIE, "", 0),
        )
        return see_other(_own_address(typed.text("next")), headers=headers)

    def sign_out(self, request: Request) -> Response:
        """Ends the session."""
        self._sessions.end(request)
        return see_other(SIGN_IN, headers=(set_cookie(request, COOKIE, "", 0),))

    def _recognise(self, typed: Form) -> str | None:
        email = fold_text(typed.text("email"))
        right = secrets.compare_digest(typed.text("password").encode(), self._password.encode())
        where = SqlClause('"internalemailaddress" = ? OR "domainname" = ?', (email, email))
        for (key,) in self._records.store.find_keys("systemuser", where, limit=5):
            if right and email and self.user(str(key)) is not None:
                return str(key)
        return None

    def _page(self, request: Request, typed: Form, *, problem: str = "", status: int = 200) -> Response:
        form_token = cookie_of(request, _FORM_COOKIE) or self._sessions.new_token()
        content = form(".panel", method="post", action=SIGN_IN)[
            hidden(((FORM_TOKEN, form_token), ("next", typed.text("next")))),
            div(".fields")[
                text_field(
                    Field(
                        name="email", caption="E-mail address", value=typed.text("email"), is_required=True
                    ),
                    kind="email",
                    autocomplete="username",
                    length_max=100,
                    is_focused=True,
                ),
                text_field(
                    Field(name="password", caption="Password", is_required=True),
                    kind="password",
                    autocomplete="current-password",
                    length_max=200,
                ),
            ],
            div(".buttons")[form_button("Sign in", is_primary=True)],
        ]
        notices: Sequence[Node] = (notice(problem, kind=Kind.ERROR),) if problem else ()
        organization = str(self._records.organization_value("name") or "")
        page = Page(
            heading="Sign in",
            subtitle="Salespeople of this CRM sign in with their e-mail address.",
            content=(
                content,
                p(".quiet-text")[
                    "This is a sandbox: interlace sandbox crm prints the password that all users share."
                ],
            ),
            notices=notices,
            is_narrow=True,
        )
        body = document(app_frame(organization), page).encode()
        cookie = set_cookie(request, _FORM_COOKIE, form_token, _FORM_LIFE_SECONDS)
        return Response(status=status, headers=(*PAGE_HEADERS, cookie), body=body)


def _may_sell(user: Row) -> bool:
    return not user["isdisabled"] and user["accessmode"] == _READ_WRITE and user["applicationid"] is None


def _own_address(address: str) -> str:
    """Where to go after signing in: nowhere but in this app."""
    is_own = (
        address.startswith(ROOT) and address.isprintable() and "\\" not in address and "//" not in address
    )
    return address if is_own else ROOT
