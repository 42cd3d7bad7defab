"""What every request passes before anything else, and every answer at the end: host, origin, headers.

It stands around the whole application, so that it holds for addresses that don't exist as well.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from interlace.locale.languages import negotiate
from interlace.management.translatable import translatable
from interlace.ui.headers import SCRIPTED_PAGE_HEADERS
from interlace.ui.words import words_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})
RENEWED = "renewed_cookie"
"""In a request's state: the header of a cookie that its answer sets, unless the handler sets one itself."""
_HSTS = "max-age=63072000; includeSubDomains"
_UNKNOWN_NAME = translatable(
    "This server isn't known under that name. Ask for it under one of its own; who runs it adds others to the "
    "setting server.allowed_hosts."
)
_ONLY_HERE = translatable(
    "Nobody administers this server yet, so it answers on its own machine only. There, open the link that it printed, "
    "or run `interlace users add`; then start it again."
)
_FOREIGN_PAGE = translatable("Another site's page sent this. Open Interlace itself and do it there.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRules:
    """How the server is reached."""

    hosts: frozenset[str] = frozenset({"localhost", "127.0.0.1", "::1"})
    """Names under which it is asked for, without port; all else is refused."""
    is_tls: bool = False
    """Whether browsers reach it by https, here or at a proxy in front of it."""
    only_here: bool = False
    """Whether it waits for its first administrator, and answers its own machine alone until then."""

    @property
    def scheme(self) -> str:
        """The scheme of its addresses."""
        return "https" if self.is_tls else "http"


class FrontDoor:
    """Refuses what is asked under a wrong name or by another site's page, and completes the headers of answers."""

    def __init__(self, app: ASGIApp, rules: WebRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on or refuse it."""
        if scope["type"] != ScopeType.HTTP:
            return
        headers = headers_of(scope)

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                held = cast("list[tuple[bytes, bytes]]", message["headers"])
                renewed = cast("tuple[bytes, bytes] | None", scope.get("state", {}).get(RENEWED))
                if renewed is not None and all(name.lower() != renewed[0] for name, _ in held):
                    held.append(renewed)
            await send(message)

        complete = completing(with_cookie, self._rules)
        hosts = sum(name.lower() == b"host" for name, _ in scope["headers"])
        if hosts != 1 or host_name(headers.get("host", "")) not in self._rules.hosts:
            await refuse(complete, headers, 421, _ONLY_HERE if self._rules.only_here else _UNKNOWN_NAME)
        elif is_foreign(str(scope["method"]), headers, self._rules):
            await refuse(complete, headers, 403, _FOREIGN_PAGE)
        else:
            await self._app(scope, receive, complete)


def completing(send: Send, rules: WebRules) -> Send:
    """Send answers with every header that they must have and lack."""

    async def complete(message: Message) -> None:
        """Send on, the headers completed."""
        if message["type"] == "http.response.start":
            answer = cast("MutableMapping[str, Any]", message)
            answer["headers"] = _completed(answer, rules)
        await send(message)

    return complete


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers by lower-case name; of one that comes twice, the first."""
    held: dict[str, str] = {}
    for name, value in scope["headers"]:
        held.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return held


def host_name(host: str) -> str:
    """Return the name in a Host header without its port; blank if it can't be read."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def host_port(host: str) -> str:
    """Return the port in a Host header, blank if there is none."""
    try:
        port = urlsplit(f"//{host}").port
    except ValueError:
        return ""
    return "" if port is None else str(port)


def is_foreign(method: str, headers: Mapping[str, str], rules: WebRules) -> bool:
    """Whether a request that changes something was made by another site's page.

    Browsers say so themselves; those that don't, name the origin. What says neither is a program, which has no
    cookie. A key by Bearer is never sent by a browser on its own, so it needs no check; Basic is.
    """
    if method in SAFE_METHODS:
        return False
    has_cookie = "cookie" in headers
    if headers.get("authorization", "").lower().startswith("bearer ") and not has_cookie:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in _OWN_SITES
    origin = headers.get("origin")
    if origin is not None:
        return origin.lower() != f"{rules.scheme}://{headers.get('host', '').lower()}"
    return has_cookie


def is_loopback(address: str) -> bool:
    """Whether a request comes from this machine."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def _completed(message: MutableMapping[str, Any], rules: WebRules) -> list[tuple[bytes, bytes]]:
    held = list(message.get("headers", ()))
    named = {name.lower() for name, _ in held}
    wanted = [(name, value) for name, value in SCRIPTED_PAGE_HEADERS if name != "Content-Type"]
    if rules.is_tls:
        wanted.append(("Strict-Transport-Security", _HSTS))
    if message["status"] == 401:
        # Browsers ask nobody for a Bearer key: no window pops up.
        wanted.append(("WWW-Authenticate", "Bearer"))
    held += [
        (name.lower().encode(), value.encode())
        for name, value in wanted
        if name.lower().encode() not in named
    ]
    return held


async def refuse(send: Send, headers: Mapping[str, str], status: int, text: str) -> None:
    """Answer a request that is not handed on, in the language that it asks for."""
    words = words_of(negotiate(accept_language=headers.get("accept-language", "")))
    body = f"{words.t(text)}\n".encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
