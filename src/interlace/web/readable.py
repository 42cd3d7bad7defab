"""Texts that were written for the command line or by a service, as a page says them.

A command becomes the page and the action that do the same; what OData spells by its number becomes the character.
"""

import re
from collections.abc import Mapping
from typing import Final

from htpy import Node, wbr

from interlace.domain.keys import key_text
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.translatable import translatable
from interlace.ui.words import Words
from interlace.web.navigation import PARTS

_COMMAND: Final = re.compile(r"`interlace ([^`]+)`")
_SPELLED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Blank parts of a composite key, among them the day that the ERP writes for none.
_BLANK_PARTS: Final = re.compile(r", (?:0001-01-01)?(?=, |$)")
_PLACEHOLDER: Final = re.compile(r"-.*|[a-z-]+|FILE|ID|KEY|MAPPING|NAME|ORDER|RECORD|USER")

PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "availability publish": ("/availability", "availability.publish"),
    "availability": ("/availability", ""),
    "conflicts resolve": ("/conflicts", "conflicts.resolve"),
    "conflicts": ("/conflicts", ""),
    "connection add": ("/setup", ""),
    "connection change": ("/connection", ""),
    "connection enable": ("/connection", "connections.enable"),
    "connection sign-in": ("/setup", ""),
    "connection test": ("/connection", "connections.test"),
    "connection": ("/connection", ""),
    "couplings add": (translatable("Records"), "couplings.add"),
    "couplings match": (translatable("Records"), "couplings.match"),
    "couplings remove": (translatable("Records"), "couplings.remove"),
    "couplings": ("/couplings", ""),
    "doctor": ("/connection", "connections.test"),
    "erase": ("/journal", "erasing.erase"),
    "errors causes": ("/errors", ""),
    "errors retry": ("/errors", "errors.retry"),
    "errors": ("/errors/skipped", ""),
    "findings": ("/findings", ""),
    "full-synch start": ("/review", "reviews.start"),
    "full-synch restart": ("/review", "reviews.restart"),
    "full-synch": ("/review", ""),
    "halts release": ("/halts", "halts.release"),
    "halts": ("/halts", ""),
    "jobs": ("/jobs", ""),
    "journal": ("/journal", ""),
    "mappings check": ("/mappings", "mappings.check"),
    "mappings export": ("/mappings", "mappings.export"),
    "mappings import": ("/mappings", "mappings.import"),
    "mappings": ("/mappings", ""),
    "orders process": ("/orders", "orders.process"),
    "orders retry": ("/orders", "orders.retry"),
    "orders": ("/orders", ""),
    "plan": ("/plans", "plans.make"),
    "plans": ("/plans", ""),
    "apply": ("/plans", "plans.apply"),
    "privileges": ("/setup", translatable("Privileges")),
    "queue": ("/queue", ""),
    "requests": ("/requests", ""),
    "setup": ("/setup", ""),
    "solution": ("/setup", translatable("Solution in the CRM")),
    "statistics": ("/records/CUSTOMER", "records.update_statistics"),
    "synch --full": ("/mappings", "mappings.run_full"),
    "synch": ("/mappings", "mappings.synchronize"),
    "tokens": ("/tokens", ""),
    "undo": ("/journal", "undo.plan"),
    "users": ("/users", ""),
    "verify": ("/verification", "verification.start"),
}
"""Where a command's work is done: the page (or what pages are called), and the operation unless the page is meant.

Commands for whoever keeps the machine (`backup`, `keys`, `serve`) have no page; they stay commands.
"""
_LONGEST_FIRST: Final = sorted(PLACES, key=len, reverse=True)
_ACTIONS: Final = {each.name: each.caption for each in ALL_OPERATIONS}
_CAPTIONS: Final = {place.path: place.caption for part in PARTS for place in part.places}


def readable(words: Words, text: str) -> str:
    """Return a text with pages instead of commands, and keys as people write them."""
    return plain(_COMMAND.sub(lambda found: _place(words, found), text))


def plain(text: str) -> str:
    """Return a key, a value or a text with keys as people write them."""
    return _BLANK_PARTS.sub("", unspelled(key_text(text)))


def breakable(name: str) -> list[Node]:
    """Return a technical name that a narrow column breaks between its words."""
    parts = re.split(r"(?<=[_.])", name)
    return [(part, wbr) for part in parts[:-1]] + [parts[-1]]


def unspelled(text: str) -> str:
    """Return a text with the characters that the ERP's pages spell by number: a blank option is `_x0020_`."""
    return _SPELLED.sub(lambda found: chr(int(found[1], 16)), text)


def _place(words: Words, found: re.Match[str]) -> str:
    command = " ".join(found[1].split())
    if command.startswith("synch ") and command.endswith(" --full"):
        command = f"synch --full {command.removeprefix('synch ').removesuffix(' --full')}"
    known = next((each for each in _LONGEST_FIRST if f"{command} ".startswith(f"{each} ")), None)
    if known is None:
        return found[0]
    path, action = PLACES[known]
    given = [each for each in command.removeprefix(known).split() if not _PLACEHOLDER.fullmatch(each)]
    way = [
        words.t(_CAPTIONS.get(path, path)),
        *given,
        *([words.t(_ACTIONS.get(action, action))] if action else []),
    ]
    return words.t("“{place}”", place=" › ".join(way))
