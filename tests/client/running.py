"""A web client that answers over a real port, with an administrator's access key."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cli.both_ends import served
from tests.web.accounts_desk import MACHINE, Place

from interlace.management import tokens, views
from interlace.management.caller import Caller
from interlace.management.permission import Permission
from interlace.management.tokens import CreateKey
from interlace.management.views import SaveView, ViewSaved


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server, a key of its administrator for everything, and the views that were saved there."""

    address: str
    key: str
    place: Place
    saved: list[SaveView]


@contextmanager
def running(directory: Path) -> Iterator[Running]:
    """Serve a web client with the administrator ada."""
    with closing(Place(directory)) as place:
        key = asyncio.run(_administered(place))
        saved: list[SaveView] = []

        async def save(_caller: Caller, asked: SaveView) -> ViewSaved:
            """Keep what is asked."""
            saved.append(asked)
            return ViewSaved(id=f"view-{len(saved)}")

        place.works.add(views.SAVE_VIEW, save)
        with served(place.app) as address:
            yield Running(address=address, key=key, place=place, saved=saved)


async def _administered(place: Place) -> str:
    await place.add("ada", "INTERLACE ADMIN")
    asked = CreateKey(name="ci", user="ada", permissions=tuple(Permission))
    return (await place.desk.perform(tokens.CREATE, MACHINE, asked)).key
