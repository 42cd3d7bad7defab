"""The disk fills up at any moment: once there is room again, nothing is there twice and nothing is missing."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from tests.engine.conftest import FIRMS, PEOPLE, TO, World

from interlace.domain.values import Value
from interlace.store.database import Database, open_database

CUSTOMERS = 400
ROOM = range(0, 40, 3)
"""Pages of the database that are still free, at each try."""
_LARGEST = 1_073_741_823


@pytest.fixture
def database() -> Iterator[Database]:
    """Of the kind that can be told how large it may become."""
    opened = open_database("sqlite://")
    yield opened
    opened.close()


async def test_whatever_the_disk_had_no_room_for_is_made_up_for(world: World, database: Database) -> None:
    """A run that can't remember ends; the next one goes on from what was announced before."""
    pages = [_LARGEST]

    @sa.event.listens_for(database.engine, "checkout")
    def limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages[0]}")

    firms = {f"K{number:04}": f"Company {number}" for number in range(CUSTOMERS)}
    rows: dict[str, Value] = {"Phone": "1", "Salesperson": "AA", "Credit": 1, "Blocked": None}
    world.erp.put_all("Customer", [(key, {"Name": name, **rows}) for key, name in firms.items()])
    await world.full(PEOPLE)
    ended = 0
    for room in ROOM:
        with database.read() as reading:
            pages[0] = reading.execute(sa.text("PRAGMA page_count")).scalar_one() + room
        try:
            await world.full(FIRMS)
        except (sqlite3.OperationalError, OperationalError) as full:
            ended += "disk is full" in str(full)
    assert ended > 5
    pages[0] = _LARGEST
    await world.full(FIRMS)
    accounts = [world.crm.get("account", key) or {} for key in world.crm.keys("account")]
    names = sorted(str(each["name"]) for each in accounts)
    assert names == sorted([*firms.values(), "Firm 1", "Firm 2", "Firm 3"])
    assert world.store.errors_of(FIRMS, TO, list(firms)) == {}
    assert world.counters(await world.full(FIRMS)) == {"unchanged": 2 * len(names)}
