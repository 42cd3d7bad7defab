"""The company that a sandbox serves and the users who may sign in, kept in the store from the first start."""

import base64
import binascii
import hmac
import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from interlace.sandbox import json_codec
from interlace.sandbox.entity_store import EntityStore
from interlace.sandbox.exchange import Refusal, Request

_COMPANY = "company"
_USERS = "users"
_KEY_BYTES = 32
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _random_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company: the name is its key in page services, the id its key in the API."""

    id: str
    name: str
    display_name: str

    def answers_to(self, wanted: str) -> bool:
        """Whether an address means this company: its id or its exact name."""
        text = wanted.strip().strip("{}")
        return text.lower() == self.id if _GUID.fullmatch(text.lower()) else wanted == self.name


def open_company(store: EntityStore, name: str, new_id: Callable[[], str] = _random_id) -> Company:
    """Return the store's company; the first call gives it its name and id."""
    kept = store.read_state(_COMPANY)
    if kept is None:
        content = {"id": new_id(), "name": name}
        with store.transaction():
            store.write_state(_COMPANY, json_codec.encode(content).decode())
    else:
        content = {key: str(value) for key, value in json_codec.decode_object(kept).items()}
    return Company(id=content["id"], name=content["name"], display_name=content["name"])


class Users:
    """Users and their web service access keys; a new key makes the old one worthless at once."""

    def __init__(self, store: EntityStore) -> None:
        self._store = store
        kept = store.read_state(_USERS)
        self._keys: dict[str, str] = (
            {} if kept is None else {name: str(key) for name, key in json_codec.decode_object(kept).items()}
        )
        # Nearly always the header is the one that was good a moment ago.
        self._good: dict[str, str] = {}

    @property
    def keys(self) -> Mapping[str, str]:
        """The access key of each user."""
        return self._keys

    def set_key(self, user: str, key: str | None = None) -> str:
        """Give a user a key, a new random one of 44 characters if none is named; return it."""
        chosen = key or base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
        self._keys[user.upper()] = chosen
        self._good.clear()
        with self._store.transaction():
            self._store.write_state(_USERS, json_codec.encode(self._keys).decode())
        return chosen

    def sign_in(self, request: Request) -> str:
        """Return the user of a request; refuses strangers."""
        header = request.header("authorization") or ""
        known = self._good.get(header)
        if known is not None:
            return known
        scheme, _, rest = header.partition(" ")
        if scheme.lower() != "basic":
            raise _unauthorized(
                "The server has rejected the client credentials. Send user name and access key."
            )
        try:
            user, _, key = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise _unauthorized(
                "The Authorization header can't be read. Send Basic with user and key."
            ) from error
        expected = self._keys.get(user.upper())
        if expected is None or not hmac.compare_digest(expected.encode(), key.encode()):
            raise _unauthorized(
                "The server has rejected the client credentials. Check user name and access key."
            )
        self._good[header] = user.upper()
        return user.upper()


def _unauthorized(message: str) -> Refusal:
    return Refusal(
        401,
        "Authentication_InvalidCredentials",
        message,
        headers=(("WWW-Authenticate", 'Basic realm="Business Central"'),),
    )
