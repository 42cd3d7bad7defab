"""Freeze Windows as a page, and the banner that stands above every page while the ERP is frozen."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app

from interlace.management.caller import Caller
from interlace.management.connections import (
    ConnectionChanged,
    Connections,
    ConnectionSummary,
    ListConnections,
    OneConnection,
)
from interlace.management.freezes import AddFreeze, Freeze, Freezes

BEGIN, END = datetime(2026, 11, 30, 17, tzinfo=UTC), datetime(2026, 12, 3, 7, tzinfo=UTC)


class Desk:
    """Answers for connections of which the first is frozen, and notes what is asked."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.added: list[AddFreeze] = []

    async def connections(self, _caller: Caller, _asked: ListConnections) -> Connections:
        """List them."""
        return Connections(
            connections=tuple(
                ConnectionSummary(
                    id=name,
                    name=name,
                    erp_address="https://erp.example/BC",
                    erp_company=name,
                    crm_address="https://crm.example",
                    enabled=True,
                    frozen_until=END if place == 0 else None,
                    freeze_reason="Month-end closing",
                )
                for place, name in enumerate(self.names)
            )
        )

    async def windows(self, _caller: Caller, _asked: OneConnection) -> Freezes:
        """Show one."""
        window = Freeze(id="w1", begin=BEGIN, end=END, reason="Month-end closing", by="tane", state="now")
        return Freezes(windows=(window,))

    async def add(self, _caller: Caller, asked: AddFreeze) -> ConnectionChanged:
        """Take one."""
        self.added.append(asked)
        return ConnectionChanged(message="Kept.")

    def opened(self, directory: Path) -> Place:
        """Open a web client on it."""
        works = {
            "connections.list": self.connections,
            "freezes.show": self.windows,
            "freezes.add": self.add,
        }
        return canned_app(directory, works_of=works)[0]


@pytest.mark.parametrize("path", ["/", "/couplings", "/queue", "/connection/freezes"])
async def test_every_page_says_until_when_the_erp_is_frozen(tmp_path: Path, path: str) -> None:
    """With the reason, and the way to the windows."""
    place = Desk("north").opened(tmp_path)
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        text = (await browser.get(path)).text
    place.close()
    assert "Frozen until" in text
    assert "Month-end closing: nothing is written to the ERP." in text
    assert 'href="/connection/freezes"' in text


async def test_of_several_connections_the_frozen_one_is_named(tmp_path: Path) -> None:
    """On the pages of another one, too: what is carried over may belong to both."""
    place = Desk("north", "south").opened(tmp_path)
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        text = (await browser.get("/couplings?connection=south")).text
    place.close()
    assert "north is frozen until" in text
    assert "south is frozen" not in text


async def test_a_window_is_entered_and_removed_by_who_may_set_up(tmp_path: Path) -> None:
    """Others see the windows; what is entered goes to the desk as it was typed, without an offset."""
    desk = Desk("north")
    place = desk.opened(tmp_path)
    await place.add("ada", "INTERLACE SETUP")
    await place.add("bo", "INTERLACE VIEW")
    entered = {"begin": "2026-11-30T18:00", "end": "2026-12-03T08:00", "reason": "Month-end closing"}
    async with place.signed_in("bo") as browser:
        shown = (await browser.get("/connection/freezes")).text
        await browser.post("/do/freezes/add", data={**entered, "connection": "north"})
    assert 'action="/do/freezes/add"' not in shown
    assert 'action="/do/freezes/remove"' not in shown
    assert desk.added == []
    async with place.signed_in("ada") as browser:
        shown = (await browser.get("/connection/freezes")).text
        await browser.post("/do/freezes/add", data={**entered, "connection": "north"})
    place.close()
    assert 'type="datetime-local"' in shown
    assert 'action="/do/freezes/remove"' in shown
    assert desk.added == [AddFreeze(connection="north", **entered)]
