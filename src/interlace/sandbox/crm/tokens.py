"""The token endpoint and the bearer tokens it gives out.

Tokens are random, kept with caller and expiry, and survive a restart, so that a client's token does not
die with the process.
"""

from __future__ import annotations

import base64
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

from interlace.sandbox import json_codec
from interlace.sandbox.entity_store import EntityStore
from interlace.sandbox.exchange import Request, Response

_STATE = "tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An app registration: who may ask for a token, and as which system user it acts."""

    client_id: str
    client_secret: str
    user_id: str


class TokenOffice:
    """Checks client credentials, gives tokens out and recognises them."""

    def __init__(
        self,
        store: EntityStore,
        applications: dict[str, Application],
        *,
        tenant_id: str,
        life_seconds: int,
        now: Callable[[], datetime],
        randomness: random.Random | None = None,
    ) -> None:
        self._store = store
        self._applications = applications
        self._tenant_id = tenant_id
        self._life_seconds = life_seconds
        self._now = now
        self._randomness = randomness if randomness is not None else random.SystemRandom()
        stored = store.read_state(_STATE)
        decoded = json_codec.decode_object(stored) if stored else {}
        self._tokens: dict[str, tuple[str, float]] = {}
        for token, entry in decoded.items():
            assert isinstance(entry, list)
            self._tokens[token] = (str(entry[0]), float(entry[1]))

    def caller(self, token: str) -> str | None:
        """The user a token stands for, None when it is unknown or expired."""
        entry = self._tokens.get(token)
        if entry is None or entry[1] <= self._now().timestamp():
            return None
        return entry[0]

    def give(self, user_id: str) -> str:
        """A new token for a user."""
        token = base64.urlsafe_b64encode(self._randomness.randbytes(32)).rstrip(b"=").decode()
        moment = self._now().timestamp()
        self._tokens = {key: entry for key, entry in self._tokens.items() if entry[1] > moment}
        self._tokens[token] = (user_id, moment + self._life_seconds)
        kept = {key: [user, int(expiry)] for key, (user, expiry) in self._tokens.items()}
        with self._store.transaction():
            self._store.write_state(_STATE, json_codec.encode(kept).decode())
        return token

    def page(self, request: Request) -> Response:
        """`POST /{tenant}/oauth2/v2.0/token` (and the older `/oauth2/token`), and its discovery document."""
        if request.path.endswith("/.well-known/openid-configuration"):
            base = f"{request.service_url.rstrip('/')}/{self._tenant_id}"
            return _json(
                200,
                {
                    "issuer": f"{base}/v2.0",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                },
            )
        if request.method != "POST" or not request.path.endswith("/token"):
            return _json(404, {"error": "not_found"})
        form = {
            name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()
        }
        if form.get("grant_type") != "client_credentials":
            return _refusal("unsupported_grant_type", "AADSTS70003: The grant type is not supported here.")
        if "scope" not in form and "resource" not in form:
            return _refusal("invalid_request", "AADSTS900144: The request body must contain 'scope'.")
        application = self._applications.get(form.get("client_id", "").lower())
        if application is None:
            return _refusal("unauthorized_client", "AADSTS700016: The application was not found.")
        if not secrets.compare_digest(
            application.client_secret.encode(), form.get("client_secret", "").encode()
        ):
            return _refusal("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)
        return _json(
            200,
            {
                "token_type": "Bearer",
                "expires_in": self._life_seconds,
                "ext_expires_in": self._life_seconds,
                "access_token": self.give(application.user_id),
            },
        )


def _refusal(error: str, description: str, status: int = 400) -> Response:
    return _json(status, {"error": error, "error_description": description})


def _json(status: int, value: dict[str, object]) -> Response:
    headers = (("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"))
    return Response(status=status, headers=headers, body=json_codec.encode(value))
