"""The page on which a person types the code of another device, sees who asks for what, and signs in there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from htpy import Node, b, div, form, p

from interlace.sandbox.exchange import Request, Response
from interlace.sandbox.identity.device_flow import Decision, DeviceFlow, DeviceSignIn
from interlace.sandbox.identity.directory import Directory
from interlace.sandbox.identity.registrations import Person, Registration, password_fits
from interlace.sandbox.identity.resources import Service, read_scope
from interlace.ui.actions import form_button
from interlace.ui.fields import Field, text_field
from interlace.ui.headers import PAGE_HEADERS, STYLESHEET_HEADERS
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Frame, Page, document, hidden
from interlace.ui.stylesheet import stylesheet, stylesheet_name

DEVICE_PAGE = "/devicelogin/"
_STYLE = DEVICE_PAGE + stylesheet_name()
_BODY_BYTES_MAX = 16_384
_FIELDS_MAX = 20
_FAILURES_MAX = 10
_FAILURE_SECONDS = 60.0
_SERVICES = {Service.CRM: "the CRM", Service.ERP: "the ERP"}
_NO_CODE = "This code is not known, or its time is over. Begin the sign-in on the other device anew."
_WRONG = "AADSTS50126: The sign-in name or the password is not right."
_DISABLED = "AADSTS50057: This account is disabled. Ask an administrator."


class DevicePage:
    """Asks for the code, then for the person."""

    def __init__(self, directory: Directory, devices: DeviceFlow) -> None:
        self._directory = directory
        self._devices = devices
        self._failures: list[float] = []

    def answer(self, request: Request) -> Response:
        """The page of a request."""
        if request.path == _STYLE:
            return Response(status=200, headers=STYLESHEET_HEADERS, body=stylesheet())
        if request.path not in {DEVICE_PAGE, DEVICE_PAGE.rstrip("/")}:
            return self._told(404, "There is no such page.", "Check the address.")
        if request.method in {"GET", "HEAD"}:
            return self._ask_code(dict(parse_qsl(request.query)).get("user_code", ""))
        if request.method != "POST":
            return self._told(405, "This page does not understand that method.", "Nothing was changed.")
        if request.header("sec-fetch-site") in {"cross-site", "same-site"}:
            return self._told(403, "The form was sent from another site.", "Nothing was changed.")
        return self._posted(_typed(request))

    def not_here(self) -> Response:
        """What a browser is told that an application sent here."""
        return self._told(
            400,
            "People sign in on a device page here.",
            f"Let the application ask for a device code, then open {DEVICE_PAGE}.",
        )

    def _posted(self, typed: Mapping[str, str]) -> Response:
        if self._is_guessing():
            return self._told(429, "Too many attempts failed.", "Wait a minute, then try again.")
        sign_in = self._devices.waiting(typed.get("user_code", ""))
        if sign_in is None:
            self._failed()
            return self._ask_code(typed.get("user_code", ""), problem=_NO_CODE)
        registration = self._directory.application(sign_in.client_id)
        if registration is None or registration.is_disabled:
            return self._told(403, "The application that asks is disabled.", "Ask an administrator.")
        match typed.get("decision"):
            case "approve":
                return self._approve(sign_in, registration, typed)
            case "decline":
                self._devices.decide(sign_in.user_code, Decision.DECLINED, "")
                return self._told(200, "Declined.", "The application was given nothing. Close this page.")
            case _:
                return self._ask_person(sign_in, registration, typed)

    def _approve(
        self, sign_in: DeviceSignIn, registration: Registration, typed: Mapping[str, str]
    ) -> Response:
        person = self._recognise(typed)
        if person is None or person.is_disabled:
            self._failed()
            problem = _WRONG if person is None else _DISABLED
            return self._ask_person(sign_in, registration, typed, problem=problem)
        self._devices.decide(sign_in.user_code, Decision.APPROVED, person.principal_name)
        return self._told(
            200, "You are signed in.", f"{registration.name} works as {person.name} now. Close this page."
        )

    def _recognise(self, typed: Mapping[str, str]) -> Person | None:
        person = self._directory.person(typed.get("email", ""))
        if person is None or not password_fits(typed.get("password", ""), person.password):
            return None
        return person

    # --- the brake on guessing

    def _is_guessing(self) -> bool:
        moment = self._directory.now().timestamp()
        self._failures = [each for each in self._failures if moment - _FAILURE_SECONDS < each <= moment]
        return len(self._failures) >= _FAILURES_MAX

    def _failed(self) -> None:
        self._failures.append(self._directory.now().timestamp())

    # --- pages

    def _ask_code(self, typed: str, *, problem: str = "") -> Response:
        field = Field(name="user_code", caption="Code", value=typed, is_required=True)
        content = form(".panel", method="post", action=DEVICE_PAGE)[
            div(".fields")[text_field(field, length_max=20, autocomplete="off", is_focused=True)],
            div(".buttons")[form_button("Next", is_primary=True)],
        ]
        return self._page(
            "Enter the code",
            content,
            subtitle="The other device shows it.",
            problem=problem,
            status=400 if problem else 200,
        )

    def _ask_person(
        self,
        sign_in: DeviceSignIn,
        registration: Registration,
        typed: Mapping[str, str],
        *,
        problem: str = "",
    ) -> Response:
        service = read_scope(sign_in.scope, self._directory.tenant.domain).service
        code = ("user_code", sign_in.user_code)
        name = Field(name="email", caption="Sign-in name", value=typed.get("email", ""), is_required=True)
        password = Field(name="password", caption="Password", is_required=True)
        content: Sequence[Node] = (
            p[
                b[registration.name],
                f" wants to use {_SERVICES[service]} in your name. If you did not begin this, decline.",
            ],
            form(".panel", method="post", action=DEVICE_PAGE)[
                hidden((code, ("decision", "approve"))),
                div(".fields")[
                    text_field(name, kind="email", autocomplete="username", length_max=200, is_focused=True),
                    text_field(password, kind="password", autocomplete="current-password", length_max=200),
                ],
                div(".buttons")[form_button("Sign in and allow", is_primary=True)],
            ],
            form(method="post", action=DEVICE_PAGE)[
                hidden((code, ("decision", "decline"))), div(".buttons")[form_button("Decline")]
            ],
        )
        return self._page("Sign in", content, problem=problem, status=403 if problem else 200)

    def _told(self, status: int, heading: str, text: str) -> Response:
        return self._page(heading, p[text], status=status)

    def _page(
        self, heading: str, content: Node, *, subtitle: str | None = None, problem: str = "", status: int
    ) -> Response:
        frame = Frame(
            product="Sign-in",
            home_address=DEVICE_PAGE,
            stylesheet_address=_STYLE,
            organization=self._directory.tenant.domain,
        )
        page = Page(
            heading=heading,
            subtitle=subtitle,
            content=content,
            notices=(notice(problem, kind=Kind.ERROR),) if problem else (),
            is_narrow=True,
        )
        return Response(status=status, headers=PAGE_HEADERS, body=document(frame, page).encode())


def _typed(request: Request) -> dict[str, str]:
    if len(request.body) > _BODY_BYTES_MAX:
        return {}
    text = request.body.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=_FIELDS_MAX))
