"""Access keys: 32 random bytes as 44 characters, of which the first eight name the key and the rest is secret."""

import base64
import hashlib
import ipaddress
import secrets
from datetime import datetime
from typing import NamedTuple

from interlace.store.tokens import StoredToken
from interlace.store.users import StoredUser

_BYTES = 32
LENGTH = 44
_ID_LENGTH = 8


class MadeKey(NamedTuple):
    """A new key, and what is stored of it."""

    key: str
    id: str
    digest: bytes


def make_key() -> MadeKey:
    """Make a new key."""
    while True:
        key = base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)).decode()
        # The id is typed and stands in addresses: letters and digits only.
        if key[:_ID_LENGTH].isalnum():
            return MadeKey(key=key, id=key[:_ID_LENGTH], digest=digest_of(key))


def digest_of(key: str) -> bytes:
    """Return the digest under which a key or token is kept; 208 random bits need no slow one."""
    return hashlib.sha256(key.encode()).digest()


def id_of(key: str) -> str:
    """Return the part of a key that names it; blank if it isn't shaped like one."""
    return key[:_ID_LENGTH] if len(key) == LENGTH and key.isascii() else ""


def why_not(found: tuple[StoredToken, StoredUser] | None, key: str, address: str, now: datetime) -> str:
    """Return why a key opens nothing, for the audit log; blank: it opens."""
    # Compared in any case, so that the time doesn't tell which keys there are.
    held = found[0].digest if found is not None else bytes(32)
    is_right = secrets.compare_digest(held, digest_of(key))
    if found is None or not is_right:
        return "unknown key"
    token, owner = found
    if token.revoked_at is not None:
        return "revoked"
    if now >= token.expires_at:
        return "expired"
    if owner.disabled:
        return "its owner is disabled"
    if token.addresses and not _is_within(address, token.addresses):
        return "not from this address"
    return ""


def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return any((mapped or parsed) in ipaddress.ip_network(each, strict=False) for each in networks)
