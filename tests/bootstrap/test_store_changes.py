"""Listeners share one look at the store a second, and nobody looks without them."""

import asyncio
from contextlib import closing
from pathlib import Path

from interlace.bootstrap.store_changes import StoreChanges
from interlace.store.change_token import ChangeToken
from interlace.store.database import open_database
from interlace.store.state_store import StateStore


class Counted(ChangeToken):
    """Counts how often it is asked."""

    def __init__(self, url: str) -> None:
        self.database = open_database(url)
        super().__init__(self.database)
        self.asked = 0

    def now(self) -> str:
        """Return the token."""
        self.asked += 1
        return super().now()


def test_all_listeners_hear_of_a_change_by_one_look(tmp_path: Path) -> None:
    """A hundred of them cost no more than one; whoever knows less is answered at once."""
    url = f"sqlite:///{tmp_path}/interlace.db"

    async def listen(state: StateStore, counted: Counted) -> list[str]:
        """Wait for the change."""
        changes = StoreChanges(counted, look_seconds=0.05)
        before = await changes.token()
        assert await changes.wait("", 5.0) == before
        listeners = [asyncio.create_task(changes.wait(before, 20.0)) for _ in range(100)]
        await asyncio.sleep(0.12)
        assert not any(each.done() for each in listeners)
        state.add_connection("new")
        heard = await asyncio.gather(*listeners)
        assert counted.asked < 30
        return [before, *set(heard)]

    counted = Counted(url)
    with closing(counted.database), StateStore.open(url) as state:
        found = asyncio.run(listen(state, counted))
    assert len(found) == len(set(found)) == 2


def test_waiting_ends_after_its_time(tmp_path: Path) -> None:
    """With the token that was known."""
    url = f"sqlite:///{tmp_path}/interlace.db"

    async def listen(counted: Counted) -> None:
        """Wait in vain."""
        changes = StoreChanges(counted, look_seconds=0.02)
        before = await changes.token()
        assert await changes.wait(before, 0.1) == before

    counted = Counted(url)
    with closing(counted.database):
        asyncio.run(listen(counted))


def test_nobody_is_kept_waiting_at_the_end(tmp_path: Path) -> None:
    """A server that stops does not wait for its listeners."""

    async def listen(counted: Counted) -> None:
        """Wait for the end."""
        changes = StoreChanges(counted, look_seconds=0.02)
        before = await changes.token()
        listener = asyncio.create_task(changes.wait(before, 600.0))
        await asyncio.sleep(0.05)
        changes.close()
        assert await asyncio.wait_for(listener, 10.0) == before

    counted = Counted(f"sqlite:///{tmp_path}/interlace.db")
    with closing(counted.database):
        asyncio.run(listen(counted))
