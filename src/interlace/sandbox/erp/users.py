"""The users of the embedded ERP and what they sign in with: web service access keys, feed tokens, access tokens.

Keys and tokens are made here, told once and kept as hashes. They are 256 random bits, so that one salted round
is enough: there is nothing to guess. A new key voids the old one at once, and the feed token with it.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from interlace.odata.protocol_error import PathSyntaxError
from interlace.odata.resource_path import SegmentKind, parse_path
from interlace.sandbox import json_codec
from interlace.sandbox.erp.addressing import is_company_segment
from interlace.sandbox.erp.declaration import BLANK_DATETIME, BLANK_GUID, Value
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.field_values import stamp
from interlace.sandbox.erp.permissions import USUAL, Permissions
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.user_tables import USER
from interlace.sandbox.exchange import Refusal, Request
from interlace.sandbox.identity.resources import Service
from interlace.sandbox.identity.tokens import Principal, TokenOffice
from interlace.sandbox.stored_table import SqlClause

FEED_PAGE: Final = "ProductItemAvailability"
_SECRET_BYTES: Final = 32
_SALT_BYTES: Final = 16
_API_ROLE: Final = "API.ReadWrite.All"
_CHALLENGES: Final = (
    ("WWW-Authenticate", 'Basic realm="Business Central"'),
    ("WWW-Authenticate", 'Bearer realm="Business Central"'),
)
_FORMER_STATE: Final = "users"
_NOBODY: Final = "00" * _SALT_BYTES + ":" + "00" * 32
"""What a stranger's key is compared with, so that an unknown name takes as long as a wrong key."""


def new_secret() -> str:
    """Return a new key or token: 44 characters, 256 random bits."""
    return base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def hashed(secret: str) -> str:
    """Return what is kept of a secret: a salt and the hash of both."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{salt.hex()}:{_digest(salt, secret)}"


def fits(secret: str, kept: str) -> bool:
    """Say whether a secret is the one that was hashed; takes equally long for every wrong one."""
    salt, _, digest = (kept or _NOBODY).partition(":")
    same = hmac.compare_digest(_digest(bytes.fromhex(salt), secret), digest)
    return same and bool(kept)


def _digest(salt: bytes, secret: str) -> str:
    return hashlib.sha256(salt + secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """Until when a key or a token holds, as the ERP stores it; blank: without end."""

    text: str = BLANK_DATETIME

    def is_over(self, now: datetime) -> bool:
        """Say whether it has passed."""
        return self.text != BLANK_DATETIME and self.text <= stamp(now)


class Users:
    """Who may sign in."""

    def __init__(self, records: ErpRecords, tokens: TokenOffice | None = None) -> None:
        self._records = records
        self._tokens = tokens
        self.permissions = Permissions(records)
        self._names: dict[Principal, str] = {}
        # Every request asks for its user: what was decoded counts as long as the stored bytes are the same.
        self._decoded: dict[str, tuple[bytes, Record]] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._records.store.count(USER.name)})"

    def all(self) -> list[Record]:
        """Return the users by name."""
        return self._records.find(USER, SqlClause("1 = 1", ()))

    def find(self, name: str) -> Record | None:
        """Return a user by name."""
        key = name.strip().upper()
        stored = self._records.store.get(USER.name, (key,))
        if stored is None:
            return None
        held = self._decoded.get(key)
        if held is None or held[0] != stored.body:
            record = self._records.layouts[USER.name].from_stored(stored)
            held = self._decoded[key] = (stored.body, record)
        return held[1]

    def add(
        self,
        name: str,
        *,
        full_name: str = "",
        email: str = "",
        administrator: bool = False,
        application_id: str = BLANK_GUID,
        permission_sets: Iterable[str] = (USUAL,),
    ) -> Record:
        """Add a user without a key."""
        values: dict[str, Value] = {field.name: field.blank for field in USER.stored_fields}
        values |= {
            "User_Name": name.strip().upper(),
            "User_Security_ID": self._records.ids.next_id(),
            "Full_Name": full_name,
            "Authentication_Email": email,
            "Administrator": administrator,
            "Application_ID": application_id.lower(),
        }
        with self._records.transaction():
            user = self._records.insert(USER, values, str(values["User_Security_ID"]))
            self.permissions.give(user.text("User_Name"), permission_sets)
            return user

    def set_key(self, name: str, key: str | None = None, expiry: str = BLANK_DATETIME) -> str:
        """Give a user a key, a new random one if none is named; the old one and the feed token end at once."""
        chosen = key or new_secret()
        with self._records.transaction():
            self._change(
                name,
                Web_Service_Key_Hash=hashed(chosen),
                Has_Web_Service_Key=True,
                Web_Service_Key_Expiry=expiry,
                Feed_Token_Hash="",
                Has_Feed_Token=False,
                Feed_Token_Expiry=BLANK_DATETIME,
            )
        return chosen

    def issue_feed_token(self, name: str, expiry: str) -> str:
        """Give a user a new password for the availability feed alone; it replaces the one before."""
        token = new_secret()
        with self._records.transaction():
            self._change(name, Feed_Token_Hash=hashed(token), Has_Feed_Token=True, Feed_Token_Expiry=expiry)
        return token

    def has_key(self, name: str, key: str) -> bool:
        """Say whether this is the user's key."""
        user = self.find(name)
        return user is not None and fits(key, user.text("Web_Service_Key_Hash"))

    def _change(self, name: str, **values: Value) -> None:
        user = self.find(name)
        assert user is not None, "only users that were found get keys"
        self._records.update(user, {**user.values, **values})

    def adopt_former_keys(self) -> dict[str, str]:
        """Take over the keys of a service of an earlier version, which kept them as they are; return them."""
        self.permissions.adopt(user.text("User_Name") for user in self.all())
        kept = self._records.store.read_state(_FORMER_STATE)
        if kept is None:
            return {}
        keys = {name: str(key) for name, key in json_codec.decode_object(kept).items()}
        with self._records.transaction():
            for name, key in keys.items():
                if self.find(name) is None:
                    self.add(name, administrator=True)
                self.set_key(name, key)
            self._records.store.write_state(_FORMER_STATE, "{}")
        return keys

    def act_as(self, caller: object) -> None:
        """Let the records know who makes them."""
        user = None if caller is None else self.find(str(caller))
        self._records.user = "" if user is None else user.text("User_Name")
        self._records.user_id = BLANK_GUID if user is None else user.text("User_Security_ID")

    def sign_in(self, request: Request) -> str:
        """Return the name of a request's user; refuses strangers, and those whose time is over."""
        if request.account:
            return self._sign_in_by_account(request.account)
        scheme, _, token = (request.header("authorization") or "").partition(" ")
        if scheme.lower() == "bearer" and self._tokens is not None:
            return self._sign_in_by_token(self._tokens, token.strip())
        name, secret = _credentials(request.header("authorization") or "")
        user = self.find(name)
        key_fits = fits(secret, "" if user is None else user.text("Web_Service_Key_Hash"))
        token_fits = fits(secret, "" if user is None else user.text("Feed_Token_Hash"))
        if user is None or not (key_fits or (token_fits and reads_feed(request))):
            raise unauthorized(
                "The server has rejected the client credentials. Check user name and access key."
            )
        self._require_enabled(user)
        now = self._records.now()
        ends = "Web_Service_Key_Expiry" if key_fits else "Feed_Token_Expiry"
        if Expiry(text=user.text(ends)).is_over(now):
            what = "web service access key" if key_fits else "feed token"
            raise unauthorized(f"The {what} of the user {name} has expired. Ask the ERP for a new one.")
        return name

    def _sign_in_by_account(self, account: str) -> str:
        """Return the user of a Windows account: he is called as it is."""
        name = account.rpartition("\\")[2].upper()
        user = self.find(name)
        if user is None:
            raise unauthorized(f"The Windows account {account} is no user of the ERP.")
        self._require_enabled(user)
        return name

    def _require_enabled(self, user: Record) -> None:
        over = Expiry(text=user.text("Expiry_Date")).is_over(self._records.now())
        if over or user.values["State"] != "Enabled":
            raise unauthorized(
                f"The user {user.text('User_Name')} is disabled. Ask an administrator of the ERP."
            )

    def _sign_in_by_token(self, tokens: TokenOffice, token: str) -> str:
        principal = tokens.principal(token, Service.ERP)
        if principal is None:
            raise unauthorized(
                "The server has rejected the client credentials. The access token is unknown, has expired, or was "
                "given for another service.",
            )
        if principal.is_application and _API_ROLE not in principal.roles:
            raise unauthorized(
                f"The application {principal.client_id} lacks the permission {_API_ROLE}. Let an administrator of the "
                "directory grant it.",
            )
        user = self._of(principal)
        if user is None:
            raise unauthorized(_unknown(principal))
        self._require_enabled(user)
        return user.text("User_Name")

    def _of(self, principal: Principal) -> Record | None:
        """Return the user as whom an application acts, or who has the person's e-mail address."""
        user = self.find(self._names.get(principal, ""))
        if user is None or not _stands_for(user, principal):
            user = next((each for each in self.all() if _stands_for(each, principal)), None)
            if user is not None:
                self._names[principal] = user.text("User_Name")
        return user


def _stands_for(user: Record, principal: Principal) -> bool:
    if principal.is_application:
        return user.values["Application_ID"] == principal.client_id
    return user.text("Authentication_Email").casefold() == principal.principal_name.casefold()


def _unknown(principal: Principal) -> str:
    """Return what somebody is told who has a token and no user."""
    if principal.is_application:
        return (
            f"The application {principal.client_id} is not set up in the ERP. Name it as the application of a user "
            "there, on the page Microsoft Entra Applications."
        )
    return f"No user of the ERP has the e-mail address {principal.principal_name} to sign in with."


def reads_feed(request: Request) -> bool:
    """Say whether a request reads the availability feed and nothing else: all that a feed token opens."""
    if request.method != "GET":
        return False
    try:
        segments = parse_path(request.path).segments
    except PathSyntaxError:
        return False
    if segments and is_company_segment(segments[0]) and segments[0].predicate is not None:
        segments = segments[1:]
    if not segments or segments[0].name != FEED_PAGE:
        return False
    return all(segment.kind is SegmentKind.COUNT for segment in segments[1:])


def _credentials(header: str) -> tuple[str, str]:
    """Return user and key of a header; refuses what is not Basic."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        raise unauthorized("The server has rejected the client credentials. Send user name and access key.")
    try:
        user, _, secret = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise unauthorized("The Authorization header can't be read. Send Basic with user and key.") from error
    return user.strip().upper(), secret


def unauthorized(message: str) -> Refusal:
    """The refusal of a request whose sender may not sign in; it names every way to do so."""
    return Refusal(401, "Authentication_InvalidCredentials", message, headers=_CHALLENGES)
