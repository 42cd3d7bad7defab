"""The users of the embedded ERP, looked after while the service is stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from interlace.bootstrap.sandbox_server import SandboxNotStarted
from interlace.bootstrap.state_lock import held_alone
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.declaration import BLANK_DATETIME
from interlace.sandbox.erp.field_values import stamp
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.seed_company import COMPANY_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpUser:
    """A user as its operator sees him, without what he signs in with."""

    name: str
    full_name: str
    email: str
    enabled: bool
    administrator: bool
    has_key: bool
    key_expires: str
    """Blank: without end."""
    has_feed_token: bool

    @classmethod
    def of(cls, record: Record) -> Self:
        """Make the user of the ERP's record."""
        expiry = record.text("Web_Service_Key_Expiry")
        return cls(
            name=record.text("User_Name"),
            full_name=record.text("Full_Name"),
            email=record.text("Authentication_Email"),
            enabled=record.values["State"] == "Enabled",
            administrator=bool(record.values["Administrator"]),
            has_key=bool(record.values["Has_Web_Service_Key"]),
            key_expires="" if expiry == BLANK_DATETIME else expiry,
            has_feed_token=bool(record.values["Has_Feed_Token"]),
        )


@contextmanager
def stopped_erp(state: Path) -> Iterator[ErpSandbox]:
    """Open the embedded ERP of a directory; raises SandboxNotStarted while it is served, or without an ERP there."""
    directory = state / "erp"
    if not (directory / "erp.sqlite").exists():
        msg = f"{directory} holds no embedded ERP. Name its directory with --state, or start it there once."
        raise SandboxNotStarted(msg)
    with held_alone(directory):
        erp = create_erp_sandbox(directory, ErpSandboxOptions(company=COMPANY_NAME))
        try:
            yield erp
        finally:
            erp.close()


def erp_users(erp: ErpSandbox) -> list[ErpUser]:
    """Return the users by name."""
    return [ErpUser.of(each) for each in erp.users.all()]


def add_user(erp: ErpSandbox, name: str, *, full_name: str, email: str, administrator: bool) -> str:
    """Add a user and return his key, which is told this once; raises SandboxNotStarted for a name that is taken."""
    if not name.strip():
        raise SandboxNotStarted("The user's name is blank. Give him a name, such as CLERK.")
    if erp.users.find(name) is not None:
        msg = f"There is a user {name.upper()} already. `interlace sandbox erp-users change-key` gives him a new key."
        raise SandboxNotStarted(msg)
    erp.users.add(name, full_name=full_name, email=email, administrator=administrator)
    return erp.users.set_key(name)


def change_key(erp: ErpSandbox, name: str, expires: datetime | None) -> str:
    """Give a user a new key and return it, this once; the old one and his feed token end."""
    _find(erp, name)
    if expires is not None and expires.tzinfo is None:
        expires = expires.replace(tzinfo=UTC)
    if expires is not None and expires <= erp.records.now():
        raise SandboxNotStarted("The key's end has passed already. Give a later one, or none.")
    return erp.users.set_key(name, expiry=BLANK_DATETIME if expires is None else stamp(expires))


def set_enabled(erp: ErpSandbox, name: str, *, enabled: bool) -> ErpUser:
    """Let a user sign in, or no longer."""
    user = _find(erp, name)
    return ErpUser.of(erp.erp.change(user, {"State": "Enabled" if enabled else "Disabled"}))


def _find(erp: ErpSandbox, name: str) -> Record:
    user = erp.users.find(name)
    if user is None:
        names = ", ".join(each.name for each in erp_users(erp))
        raise SandboxNotStarted(f"There is no user {name}. Users: {names}.")
    return user
