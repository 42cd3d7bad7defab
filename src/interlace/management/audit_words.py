"""What entries of the audit log tell in the words of pages and their buttons, and the entries that such words mean."""

from collections.abc import Callable, Iterator
from typing import Final

from interlace.locale.translatable import as_sentence, translatable
from interlace.management.acts import ACTS
from interlace.management.audit import DOOR_EVENTS
from interlace.management.operations import ALL_OPERATIONS

PAGES_OF_AREAS: Final = {
    "account": translatable("My Account"),
    "approvals": translatable("Approval Rules"),
    "audit": translatable("Audit Log"),
    "availability": translatable("Item Availability"),
    "conflicts": translatable("Conflicts"),
    "connections": translatable("Connection Setup"),
    "couplings": translatable("Couplings"),
    "erasing": translatable("Erase a Person"),
    "errors": translatable("Causes of Errors"),
    "freezes": translatable("Freeze Windows"),
    "halts": translatable("Safety Halts"),
    "home": translatable("Home"),
    "jobs": translatable("Integration Synchronization Jobs"),
    "journal": translatable("Journal"),
    "keys": translatable("Connection Setup"),
    "mappings": translatable("Integration Table Mappings"),
    "matching": translatable("Match-Based Coupling"),
    "notifications": translatable("Notifications"),
    "orders": translatable("Sales Orders"),
    "plans": translatable("Plans"),
    "queue": translatable("Job Queue Entries"),
    "records": translatable("Records"),
    "requests": translatable("Requests to Services"),
    "reviews": translatable("Full Synch. Review"),
    "search": translatable("Tell Me"),
    "setup": translatable("Assisted Setup"),
    "tokens": translatable("Access Keys"),
    "undo": translatable("Undo"),
    "users": translatable("Users"),
    "verification": translatable("Verification"),
    "views": translatable("Views"),
}
"""The page on which the operations of an area are found."""
_CAPTIONS: Final = {each.name: each.caption for each in ALL_OPERATIONS}
_EVENTS: Final = {**DOOR_EVENTS, **ACTS}
_KNOWN: Final = (*_EVENTS, *_CAPTIONS)
_AREAS: Final = frozenset(each.partition(".")[0] for each in _KNOWN)


def done(name: str) -> str:
    """Say what was done: the page and its button; operations that only older versions knew keep their name."""
    if name in _EVENTS:
        return as_sentence(_EVENTS[name])
    if name not in _CAPTIONS:
        return name
    page, action = PAGES_OF_AREAS[name.partition(".")[0]], _CAPTIONS[name]
    if page == action:
        return as_sentence(action)
    return translatable("{page}: {action}", page=as_sentence(page), action=as_sentence(action))


def meant(text: str, say: Callable[[str], str]) -> tuple[str, ...]:
    """Return the names of what words mean, in English or as `say` says it; none for a technical name or an area."""
    wanted = text.casefold().split()
    if not wanted or text in _AREAS or text in _KNOWN:
        return ()
    return tuple(name for name in _KNOWN if any(_has(told, wanted) for told in _told(name, say)))


def _told(name: str, say: Callable[[str], str]) -> Iterator[str]:
    yield f"{name} {done(name)}"
    yield f"{name} {say(done(name))}"


def _has(told: str, wanted: list[str]) -> bool:
    return all(word in told.casefold() for word in wanted)
