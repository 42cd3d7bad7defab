"""Carries out Tell Me: what Interlace knows itself at once, and beside it what both services tell in time."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.found_places import found_places
from interlace.bootstrap.desk.record_table import SECONDS
from interlace.bootstrap.desk.records import ReadingPlace
from interlace.bootstrap.desk.remembered_hits import RECORDS, RememberedHits
from interlace.bootstrap.desk.service_hits import PAGE_SECONDS, ServiceHits
from interlace.domain.search_words import bare, has_words, search_words
from interlace.management import search
from interlace.management.caller import Caller, Door
from interlace.management.desk import Works
from interlace.management.permission import Permission
from interlace.management.search import HIT_KINDS, Find, Found, Hit, NotLooked
from interlace.web.addresses import segment

_USERS = 10


def add_search(works: Works, place: ReadingPlace) -> None:
    """Let this operation be carried out."""
    application = place.application

    async def find(caller: Caller, asked: Find) -> Found:
        """Look everywhere that the caller may look."""
        held = await _connection(application, caller, asked)
        text = " ".join(asked.text.split())
        typed = search_words(text)
        if not typed:
            return Found()
        hits = list(found_places(caller, asked, typed))
        if Permission.ADMINISTER in caller.permissions:
            hits += await off_loop(lambda: list(_users(application, typed)))
        if held is None or asked.is_basic:
            return Found(hits=_in_order(hits))
        seconds = PAGE_SECONDS if caller.door is Door.PAGE else SECONDS
        remembered = RememberedHits(application=application, held=held, text=text, typed=typed)
        services = ServiceHits(
            application=application, reading=place.reading, held=held, text=text, seconds=seconds
        )
        own, (theirs, unheard) = await asyncio.gather(
            off_loop(remembered.hits), services.hits() if asked.in_services else _nothing()
        )
        others = [each for each in own if each.kind != "record"]
        records = _best([*(each for each in own if each.kind == "record"), *theirs], bare(text))
        return Found(
            hits=_in_order([*hits, *others, *records]), not_looked=(*remembered.not_looked, *unheard)
        )

    works.add(search.FIND, find)


async def _connection(application: Application, caller: Caller, asked: Find) -> Connection | None:
    """Return the connection that is searched; None while there is none: pages are found all the same."""
    if not asked.connection and not await off_loop(application.connections):
        return None
    return await connection_of(application, caller, asked)


async def _nothing() -> tuple[list[Hit], list[NotLooked]]:
    return [], []


def _users(application: Application, typed: Sequence[str]) -> Iterator[Hit]:
    fitting = (
        each for each in application.state.users.every() if has_words(typed, [each.name, each.full_name])
    )
    for each, _ in zip(fitting, range(_USERS), strict=False):
        place = f"/users/{segment(each.name)}"
        yield Hit(kind="user", number=each.name, caption=each.full_name, page=place, key=each.name)


def _best(records: Iterable[Hit], text: str) -> list[Hit]:
    """Return each record once, as it was found first; those with this number or name come first.

    Nobody remembers how a record is called that was never coupled: its service has told it, perhaps.
    """
    known: dict[tuple[str, str, str], Hit] = {}
    for each in records:
        earlier = known.setdefault((each.mapping, each.key, each.side), each)
        if not earlier.caption and each.caption:
            known[each.mapping, each.key, each.side] = replace(earlier, caption=each.caption)

    def rank(hit: Hit) -> int:
        names = bare(hit.number), bare(hit.caption)
        if text in names:
            return 0
        return 1 if any(name.startswith(text) for name in names) else 2

    return sorted(known.values(), key=rank)[: 2 * RECORDS]


def _in_order(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Return what was found kind by kind."""
    kinds = list(HIT_KINDS)
    return tuple(sorted(hits, key=lambda hit: kinds.index(hit.kind)))
