"""Who may ask which address: every handler declares it, and a request is let in before its handler runs.

What stands around the whole application is `front_door`; what a caller may ask for, the desk decides.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Any, Final, cast

from litestar import Litestar, Request, Response
from litestar.enums import HttpMethod
from litestar.middleware import DefineMiddleware
from litestar.response import Redirect
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from interlace.management.accounts import Accounts, KeptForm, Opened, Session, SessionStage, Visitor
from interlace.management.caller import Caller
from interlace.management.operation import Effect
from interlace.management.operations import operation_called
from interlace.management.permission import Permission
from interlace.management.refusal import RefusalKind, Refused, too_early
from interlace.management.secret_text import secret_names, sounds_secret
from interlace.management.throttle import address_group
from interlace.management.translatable import translatable
from interlace.web.addresses import DO, address, own_address
from interlace.web.front_door import RENEWED, SAFE_METHODS, FrontDoor, WebRules, is_loopback
from interlace.web.rates import OF_CALLER, OF_EXPORTS, OF_STRANGERS, Rates
from interlace.web.request import AnyRequest
from interlace.web.secret_bodies import SecretBodies
from interlace.web.session_cookie import cookie_name, session_cookie, set_session_cookie

__all__ = [
    "API",
    "BACKGROUND",
    "PAGE",
    "PUBLIC",
    "VISITING",
    "Admitted",
    "WebRules",
    "admission",
    "admitted",
    "secure",
]

_ACCESS = "access"
_BACKGROUND = "background"
_IS_EXPORT = "is_export"
_STATE = "admitted"
LIVE_HEADER = "interlace-live"
"""Sent by our script when it looks at a page again by itself."""
_KEPT_BYTES_MAX = 256 * 1024
_AGENT_LENGTH = 200


class Access(Enum):
    """Who may ask an address, where that is no permission."""

    PUBLIC = "public"
    VISITING = "visiting"
    SIGNED_IN = "signed in"
    API = "api"


FORM_IS_KEPT: Final = "kept"
"""What the address of the sign-in page says when a form is shown again afterwards."""
PUBLIC: Mapping[str, object] = {_ACCESS: Access.PUBLIC}
"""Anybody; nobody asks who it is."""
VISITING: Mapping[str, object] = {_ACCESS: Access.VISITING}
"""Anybody; whoever has a session is known."""
PAGE: Mapping[str, object] = {_ACCESS: Access.SIGNED_IN}
"""Whoever is signed in; the desk asks for permissions."""
BACKGROUND: Mapping[str, object] = {_ACCESS: Access.SIGNED_IN, _BACKGROUND: True}
"""As PAGE, but asked without anybody at the keyboard: it keeps no session open."""
API: Mapping[str, object] = {_ACCESS: Access.API}
"""Whoever is signed in or has an access key."""


def exports(access: Mapping[str, object]) -> Mapping[str, object]:
    """As `access`, for what takes a whole list out: only a few a minute."""
    return {**access, _IS_EXPORT: True}


def requires(permission: Permission) -> Mapping[str, object]:
    """Whoever is signed in and has a permission."""
    return {_ACCESS: permission}


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Who asks, as it was found before the handler."""

    visitor: Visitor
    token: str = ""
    """The cookie's; blank without a session."""
    session: Session | None = None
    """None for access keys and strangers."""
    caller_or_none: Caller | None = None

    @property
    def caller(self) -> Caller:
        """Who is signed in; raises Refused for strangers."""
        if self.caller_or_none is None:
            raise not_signed_in()
        return self.caller_or_none


def admitted(request: AnyRequest) -> Admitted:
    """Return who asks."""
    return cast("Admitted", request.scope["state"][_STATE])


def not_signed_in() -> Refused:
    """Return the refusal of strangers."""
    return Refused(
        RefusalKind.NOT_SIGNED_IN,
        translatable("You are not signed in"),
        next_step=translatable("Sign in, or send an access key."),
    )


def admission(accounts: Accounts, rules: WebRules) -> DefineMiddleware:
    """Return the middleware that lets requests in."""
    return DefineMiddleware(Admission, accounts=accounts, rules=rules, rates=Rates())


def secure(app: Litestar, rules: WebRules) -> None:
    """Put the front door around an application; asserts that each of its handlers declares who may ask it."""
    undeclared = sorted(undeclared_handlers(app))
    assert not undeclared, f"these addresses don't say who may ask them: {', '.join(undeclared)}"
    app.asgi_handler = FrontDoor(SecretBodies(app.asgi_handler), rules)


def undeclared_handlers(app: Litestar) -> Iterable[str]:
    """Yield the addresses whose handler doesn't declare who may ask it."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            yield route.path
            continue
        for handler in route.route_handlers:
            is_automatic = handler.http_methods == {HttpMethod.OPTIONS}
            if not is_automatic and not isinstance(handler.opt.get(_ACCESS), Access | Permission):
                yield route.path


class Admission:
    """Finds out who asks, and lets in whom the handler declares."""

    def __init__(self, app: ASGIApp, accounts: Accounts, rules: WebRules, rates: Rates) -> None:
        self._app = app
        self._accounts = accounts
        self._rules = rules
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it."""
        request: AnyRequest = Request(scope, receive=receive, send=send)
        options = scope["route_handler"].opt
        access = options.get(_ACCESS)
        is_background = bool(options.get(_BACKGROUND)) or LIVE_HEADER in request.headers
        scope["state"]["web_rules"] = self._rules
        if access is Access.API and "authorization" in request.headers:
            found = await self._by_key(request)
        elif access is Access.PUBLIC:
            found = Admitted(visitor=visitor_of(request))
        else:
            found = await by_cookie(request, self._accounts, is_background=is_background)
        scope["state"][_STATE] = found
        if access is not Access.PUBLIC:
            self.require_rate(found, is_export=bool(options.get(_IS_EXPORT)))
        answer = await self._answer(request, access, found, is_background=is_background)
        if answer is None:
            await self._app(scope, receive, send)
        else:
            await answer.to_asgi_response(app=None, request=request)(scope, receive, send)

    async def _answer(
        self, request: AnyRequest, access: object, found: Admitted, *, is_background: bool
    ) -> Response[Any] | None:
        """Return what is answered instead of the handler; None lets the request in."""
        if access in (Access.PUBLIC, Access.VISITING):
            return None
        if access is None:
            raise forbidden("")
        if found.caller_or_none is None:
            if access is Access.API or is_background:
                if is_background:
                    return Response(b"", status_code=401, media_type="text/plain")
                raise not_signed_in()
            return await self._sign_in_first(request, found)
        if isinstance(access, Permission) and access not in found.caller_or_none.permissions:
            raise forbidden(access.value)
        return None

    def require_rate(self, found: Admitted, *, is_export: bool) -> None:
        """Refuse what is asked too often."""
        caller = found.caller_or_none
        if caller is None:
            wait = self._rates.wait(OF_STRANGERS, address_group(found.visitor.address))
        else:
            subject = caller.token_id or caller.session_id
            wait = self._rates.wait(OF_CALLER, subject)
            if is_export and not wait:
                wait = self._rates.wait(OF_EXPORTS, caller.user_id)
        if wait:
            raise too_early(translatable("Too much was asked in a short time"), timedelta(seconds=wait))

    async def _by_key(self, request: AnyRequest) -> Admitted:
        visitor = visitor_of(request)
        if not self._rules.is_tls and not is_loopback(visitor.address):
            # Before the header is looked at: what comes in the clear is not to be used.
            raise Refused(
                RefusalKind.FORBIDDEN,
                translatable("Access keys are taken over TLS only"),
                next_step=translatable("Use the https address of this server."),
            )
        key = key_in(request.headers["authorization"])
        if not key:
            raise not_signed_in()
        return Admitted(visitor=visitor, caller_or_none=await self._accounts.key_caller(key, visitor))

    async def _sign_in_first(self, request: AnyRequest, found: Admitted) -> Response[Any]:
        """Lead to the sign-in page; a form that was sent is kept for after it."""
        if request.method in SAFE_METHODS:
            return Redirect(address("/sign-in", {"return_to": here(request)}), status_code=303)
        form = await form_of(request)
        told = {"return_to": form.page, FORM_IS_KEPT: "1" if form.fields else ""}
        answer: Response[Any] = Redirect(address("/sign-in", told), status_code=303)
        if form.fields:
            token = await self._accounts.keep_form(found.token, form, found.visitor)
            if token:
                set_session_cookie(answer, request, token)
        return answer


async def by_cookie(request: AnyRequest, accounts: Accounts, *, is_background: bool) -> Admitted:
    """Find out who asks by the session's cookie."""
    visitor, token = visitor_of(request), request.cookies.get(cookie_name(request), "")
    if not token:
        return Admitted(visitor=visitor)
    session = await accounts.session(token, visitor, is_background=is_background)
    caller = session.caller if session is not None else None
    if session is not None and session.new_token:
        token = session.new_token
        request.scope["state"][RENEWED] = session_cookie(request, token).to_encoded_header()
    return Admitted(visitor=visitor, token=token, session=session, caller_or_none=caller)


async def recognize(request: AnyRequest, accounts: Accounts, rules: WebRules) -> None:
    """Find out who asks for what has no handler: nobody was let in or kept out. It keeps no session open."""
    state = request.scope["state"]
    if _STATE not in state:
        state["web_rules"] = rules
        state[_STATE] = await by_cookie(request, accounts, is_background=True)


async def ask_password_again(
    request: AnyRequest, accounts: Accounts, fields: Iterable[tuple[str, str]]
) -> Redirect:
    """Keep a form and lead to where the password is asked for; afterwards it is shown again."""
    found = admitted(request)
    pairs = list(fields)
    form = kept_form_of(request.url.path, _page_of(request, pairs), pairs)
    if request.method not in SAFE_METHODS:
        await accounts.keep_form(found.token, form, found.visitor)
    return Redirect(address("/sign-in/again", {"return_to": form.page}), status_code=303)


def forbidden(code: str) -> Refused:
    """Return the refusal of who lacks a permission."""
    return Refused(
        RefusalKind.FORBIDDEN,
        translatable("You don't have the permission for this"),
        next_step=translatable("Ask an administrator for a permission set that holds it."),
        code=code,
    )


def visitor_of(request: AnyRequest) -> Visitor:
    """Return where a request comes from."""
    client = request.scope.get("client")
    agent = request.headers.get("user-agent", "")[:_AGENT_LENGTH]
    return Visitor(address=client[0] if client else "", agent=agent)


def key_in(header: str) -> str:
    """Return the access key in an Authorization header: as Bearer, or as password or name of Basic."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        name, _, password = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password or name


# Coming in


def signed_in_answer(request: AnyRequest, opened: Opened, return_to: str) -> Redirect:
    """Lead on after a sign-in: to the form that was kept, or where it was wanted to go."""
    target = own_address(return_to)
    if opened.session.stage is SessionStage.NEEDS_CODE:
        target = address("/sign-in/code", {"return_to": target})
    elif opened.session.has_kept_form:
        target = address("/unfinished", {"return_to": target})
    answer = Redirect(target, status_code=303)
    set_session_cookie(answer, request, opened.token)
    return answer


# Forms that are kept


def here(request: AnyRequest) -> str:
    """Return the address that is asked for, with its parameters."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


async def form_of(request: AnyRequest) -> KeptForm:
    """Read a form that was sent, as far as it is kept."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    length = request.headers.get("content-length", "")
    pairs: list[tuple[str, str]] = []
    is_form = kind in {"application/x-www-form-urlencoded", "multipart/form-data"}
    if is_form and length.isdigit() and int(length) <= _KEPT_BYTES_MAX:
        form = await request.form()
        pairs = [(name, value) for name, value in form.items() if isinstance(value, str)]
    return kept_form_of(request.url.path, _page_of(request, pairs), pairs)


def kept_form_of(action: str, page: str, pairs: Iterable[tuple[str, str]]) -> KeptForm:
    """Return a form without what is secret in it."""
    form, left_out = KeptForm(action=action, page=page), []
    declared = _declared_secrets(action)
    fields: list[tuple[str, str]] = []
    for name, value in pairs:
        if name.partition(".")[0] in declared or sounds_secret(name):
            left_out.append(name)
        else:
            fields.append((name, value))
    return replace(form, fields=tuple(fields), left_out=tuple(dict.fromkeys(left_out)))


def _declared_secrets(action: str) -> frozenset[str]:
    """Return the secret fields of the operation that a form asks for."""
    if not action.startswith(f"{DO}/"):
        return frozenset()
    try:
        operation = operation_called(action.removeprefix(f"{DO}/").replace("/", "."), Effect.WRITES)
    except Refused:
        return frozenset()
    return secret_names(operation.asked)


def _page_of(request: AnyRequest, pairs: Iterable[tuple[str, str]]) -> str:
    """Return the page that a form stands on: it says so itself, or the browser does."""
    said = next((value for name, value in pairs if name == "return_to"), "")
    if said:
        return own_address(said)
    _, _, rest = request.headers.get("referer", "").partition("://")
    host, slash, path = rest.partition("/")
    is_own = bool(slash) and host.lower() == request.headers.get("host", "").lower()
    if is_own:
        return own_address(f"/{path}")
    return "/" if request.url.path.startswith(f"{DO}/") else request.url.path
