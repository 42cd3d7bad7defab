"""Tell Me: finds pages, actions, records, orders, jobs, mappings and users by what people call them."""

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from interlace.management.operation import Answer, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.records import SideName, Status
from interlace.management.translatable import translatable

HitKind: TypeAlias = Literal["page", "action", "record", "order", "mapping", "job", "user"]
HIT_KINDS: Final[dict[HitKind, str]] = {
    "page": translatable("Pages"),
    "action": translatable("Actions"),
    "record": translatable("Records"),
    "order": translatable("Sales Orders"),
    "mapping": translatable("Integration Table Mappings"),
    "job": translatable("Integration Synchronization Jobs"),
    "user": translatable("Users"),
}
"""What is found, in the order in which it is told, and what it is called."""


class Find(OfConnection, frozen=True, kw_only=True):
    """Asks for everything whose name or number has these words."""

    text: Annotated[str, msgspec.Meta(max_length=200)]
    in_services: bool = True
    """Look in both services, too: only they know records that are not coupled."""
    is_basic: bool = False
    """Leave out what the Basic experience hides: everything but home, set-up and users."""


class Hit(Answer, frozen=True, kw_only=True):
    """Something that was found."""

    kind: HitKind
    caption: str = ""
    """What it is called; blank: it has a number only."""
    number: str = ""
    page: str
    """The address of its page."""
    about: str = ""
    """What helps to recognize it: what an action does, the mapping of a record, the stage of an order."""
    place: str = ""
    """What the page of an action is called."""
    command: str = ""
    """The command that does the same as an action."""
    mapping: str = ""
    key: str = ""
    """As other operations want it."""
    side: SideName | Literal[""] = ""
    """Whose record the key names; blank: no record."""
    status: Status | Literal[""] = ""
    """Whether a record is coupled."""


class NotLooked(Answer, frozen=True, kw_only=True):
    """Where could not be looked, and why."""

    side: SideName | Literal[""] = ""
    """The service that did not tell; blank: what Interlace remembers itself."""
    mappings: tuple[str, ...] = ()
    """Mappings whose records may be missing; none: all."""
    why: str


class Found(Answer, frozen=True, kw_only=True):
    """Everything that was found, kind by kind, what fits best first; at most a page's worth of each kind."""

    hits: tuple[Hit, ...] = ()
    not_looked: tuple[NotLooked, ...] = ()


FIND: Final = Operation(
    name="search.find",
    asked=Find,
    answer=Found,
    permission=Permission.READ,
    caption=translatable("Find"),
    tooltip=translatable("Find pages, actions, records, orders, mappings, jobs and users by name or number."),
    command="find",
)

OPERATIONS: Final = (FIND,)
