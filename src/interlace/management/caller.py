"""Who asks, from where, and with which permissions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from interlace.management.permission import Permission


class Door(StrEnum):
    """How a caller came in."""

    PAGE = "page"
    API = "api"
    MACHINE = "machine"
    """A command on the machine that holds the state: its owner may do everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One signed-in caller, as of this request."""

    user_id: str
    name: str
    full_name: str = ""
    """As people call him; blank for commands."""
    permissions: frozenset[Permission]
    door: Door
    address: str = ""
    """Where the request came from."""
    signed_in_at: datetime | None = None
    """When the password was entered last; None for tokens."""
    token_id: str = ""
    session_id: str = ""
    connections: frozenset[str] | None = None
    """Names of the connections that an access key is for; None: all."""
    language: str = "en_US"
    time_zone: str = "UTC"
