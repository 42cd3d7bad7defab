"""Sessions of people who signed in to the app; they survive a restart, tokens are kept as digests only."""

from __future__ import annotations

import base64
import hashlib
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from interlace.sandbox import json_codec
from interlace.sandbox.entity_store import EntityStore
from interlace.sandbox.exchange import Request

COOKIE = "interlace_sales"
COOKIE_PATH = "/app/"
LIFE_SECONDS = 8 * 3600
SESSIONS_MAX = 1_000
_STATE = "sales_app_sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who signed in, until when, and the token that each of his forms carries."""

    user_id: str
    form_token: str
    expiry: float

    def accepts(self, form_token: str) -> bool:
        """Whether a form was made for this session."""
        return secrets.compare_digest(self.form_token.encode(), form_token.encode())


class SessionOffice:
    """Opens, recognises and ends sessions."""

    def __init__(
        self, store: EntityStore, now: Callable[[], datetime], randomness: random.Random | None
    ) -> None:
        self._store = store
        self._now = now
        self._randomness = randomness if randomness is not None else random.SystemRandom()
        stored = store.read_state(_STATE)
        self._sessions: dict[str, Session] = {}
        for digest, entry in (json_codec.decode_object(stored) if stored else {}).items():
            assert isinstance(entry, list)
            user_id, form_token, expiry = entry
            self._sessions[digest] = Session(
                user_id=str(user_id), form_token=str(form_token), expiry=float(expiry)
            )

    def new_token(self) -> str:
        """Random text that nobody guesses."""
        return base64.urlsafe_b64encode(self._randomness.randbytes(32)).rstrip(b"=").decode()

    def open(self, user_id: str) -> str:
        """The token of a new session."""
        token = self.new_token()
        moment = self._now().timestamp()
        living = {digest: each for digest, each in self._sessions.items() if each.expiry > moment}
        while len(living) >= SESSIONS_MAX:
            del living[next(iter(living))]
        living[_digest(token)] = Session(
            user_id=user_id, form_token=self.new_token(), expiry=moment + LIFE_SECONDS
        )
        self._sessions = living
        self._keep()
        return token

    def find(self, request: Request) -> Session | None:
        """The session of a request, None when there is none or it has expired."""
        token = cookie_of(request, COOKIE)
        session = self._sessions.get(_digest(token)) if token else None
        if session is None or session.expiry <= self._now().timestamp():
            return None
        return session

    def end(self, request: Request) -> None:
        """Ends the session of a request."""
        token = cookie_of(request, COOKIE)
        if token and self._sessions.pop(_digest(token), None) is not None:
            self._keep()

    def _keep(self) -> None:
        kept = {
            digest: [each.user_id, each.form_token, int(each.expiry)]
            for digest, each in self._sessions.items()
        }
        with self._store.transaction():
            self._store.write_state(_STATE, json_codec.encode(kept).decode())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def cookie_of(request: Request, name: str) -> str | None:
    """The value of a cookie of a request."""
    for part in (request.header("cookie") or "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return None


def set_cookie(request: Request, name: str, value: str, life_seconds: int) -> tuple[str, str]:
    """The header that sets a cookie which scripts and other sites' forms don't get; no value ends it."""
    secure = "; Secure" if request.service_url.startswith("https:") else ""
    life = life_seconds if value else 0
    attributes = f"Path={COOKIE_PATH}; Max-Age={life}; HttpOnly; SameSite=Lax{secure}"
    return ("Set-Cookie", f"{name}={value}; {attributes}")
