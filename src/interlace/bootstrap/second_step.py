"""The second step of signing in: codes of an authenticator app, each once, and recovery codes."""

import hashlib
import secrets
from datetime import datetime

import pyotp

from interlace.store.users import StoredUser, Users

_STEP_SECONDS = 30
_DRIFT = 1
"""How many steps a phone's clock may be off."""
_RECOVERY_CODES = 10
_RECOVERY_SIGNS = "abcdefghijklmnopqrstuvwxyz234567"
_RECOVERY_LENGTH = 28
ISSUER = "Interlace"


def new_key() -> str:
    """Make a key for an authenticator app."""
    return pyotp.random_base32()


def address_of(key: str, user: str) -> str:
    """Return the `otpauth:` address of a key."""
    return pyotp.TOTP(key, interval=_STEP_SECONDS).provisioning_uri(name=user, issuer_name=ISSUER)


def step_of_code(key: str, code: str, now: datetime) -> int | None:
    """Return the time step of which a code is, if it is one of about now."""
    app, current = pyotp.TOTP(key, interval=_STEP_SECONDS), int(now.timestamp()) // _STEP_SECONDS
    right = None
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        # Every one is compared, so that the time tells nothing.
        if secrets.compare_digest(app.at(step * _STEP_SECONDS).encode(), code.encode()):
            right = step
    return right


def new_recovery_codes() -> tuple[str, ...]:
    """Make the codes that stand in for a lost phone, in groups of four.

    They have 140 bits: from 112 on a quick digest is enough to keep them under.
    """
    return tuple(
        _grouped("".join(secrets.choice(_RECOVERY_SIGNS) for _ in range(_RECOVERY_LENGTH)))
        for _ in range(_RECOVERY_CODES)
    )


def recovery_digest(code: str) -> bytes:
    """Return the digest under which a recovery code is kept, however it is written."""
    return hashlib.sha256("".join(each for each in code.lower() if each.isalnum()).encode()).digest()


def is_used_up(users: Users, user: StoredUser, code: str, now: datetime) -> bool:
    """Take a code of the app or a recovery code, and use it up; False: it is wrong, or was used."""
    entered = code.strip().replace(" ", "")
    key = users.totp(user.id)
    if key is None:
        return False
    if entered.isascii() and entered.isdigit() and len(entered) == 6:
        step = step_of_code(key, entered, now)
        return step is not None and users.use_totp_step(user.id, step)
    return bool(entered) and users.use_recovery_code(user.id, recovery_digest(entered))


def _grouped(text: str) -> str:
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
