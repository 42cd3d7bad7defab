"""Finds pages and actions by what they are called, old names included, in the caller's language or in English."""

from collections.abc import Iterator, Sequence

from interlace.domain.search_words import has_words
from interlace.locale.glossary import old_names
from interlace.management.caller import Caller
from interlace.management.operation import AnyOperation
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.search import Find, Hit
from interlace.ui.words import Words, words_of
from interlace.web.action_places import caption_of_page, is_action, page_of_action
from interlace.web.navigation import PARTS, Place, part_of

_ACTIONS = 25


def found_places(caller: Caller, asked: Find, typed: Sequence[str]) -> Iterator[Hit]:
    """Return the pages and actions that fit and are allowed; of actions, those first that are called so."""
    words = words_of(caller.language)
    for part in PARTS:
        for place in part.places if not (asked.is_basic and part.is_integration) else ():
            if place.permission in caller.permissions and has_words(typed, _names_of_page(place, words)):
                yield Hit(kind="page", caption=place.caption, page=place.path)
    offered = [each for each in ALL_OPERATIONS if is_action(each) and _is_offered(caller, asked, each)]
    called = [each for each in offered if has_words(typed, _names(each.caption, words))]
    told = [each for each in offered if each not in called and has_words(typed, [words.t(each.tooltip)])]
    for each in (*called, *told)[:_ACTIONS]:
        page = page_of_action(each)
        yield Hit(
            kind="action",
            caption=each.caption,
            page=page,
            about=each.tooltip,
            place=caption_of_page(page),
            command=each.command,
        )


def _is_offered(caller: Caller, asked: Find, operation: AnyOperation) -> bool:
    part = part_of(page_of_action(operation))
    is_seen = not asked.is_basic or part is None or not part.is_integration
    return is_seen and operation.permission in caller.permissions


def _names_of_page(place: Place, words: Words) -> list[str]:
    return [*_names(place.caption, words), *place.also]


def _names(caption: str, words: Words) -> list[str]:
    return [words.t(caption), caption, *old_names(caption, words.name)]
