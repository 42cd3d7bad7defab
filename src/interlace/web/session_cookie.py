"""The one cookie: a session's token, bound to this server as closely as browsers allow."""

from typing import Any, cast

from litestar import Response
from litestar.datastructures import Cookie

from interlace.web.front_door import WebRules, host_port
from interlace.web.request import AnyRequest


def cookie_name(request: AnyRequest) -> str:
    """Return the name of the session's cookie.

    Over plain HTTP, on this machine, the port is part of it: browsers share cookies among ports.
    """
    rules = cast("WebRules", request.scope["state"]["web_rules"])
    if rules.is_tls:
        return "__Host-interlace"
    return f"interlace-{host_port(request.headers.get('host', '')) or '80'}"


def set_session_cookie(answer: Response[Any], request: AnyRequest, token: str) -> None:
    """Let the browser send a session's token from now on, until it is closed."""
    answer.set_cookie(session_cookie(request, token))


def session_cookie(request: AnyRequest, token: str) -> Cookie:
    """Return the cookie of a session."""
    rules = cast("WebRules", request.scope["state"]["web_rules"])
    return Cookie(
        key=cookie_name(request), value=token, path="/", httponly=True, samesite="lax", secure=rules.is_tls
    )


def forget_session_cookie(answer: Response[Any], request: AnyRequest) -> None:
    """Let the browser forget it."""
    rules = cast("WebRules", request.scope["state"]["web_rules"])
    answer.set_cookie(
        key=cookie_name(request),
        value="",
        path="/",
        max_age=0,
        httponly=True,
        samesite="lax",
        secure=rules.is_tls,
    )
