"""Whoever keeps a connection that somebody else has changed since it was read takes nothing of it away."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bootstrap.serving_ends import application_at
from tests.bootstrap.test_connection_card import SETTINGS as CARD

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_connection import apply_change
from interlace.bootstrap.changed_meanwhile import ConnectionChangedMeanwhile
from interlace.bootstrap.connection_settings import (
    SALES_ORDER_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
)
from interlace.bootstrap.desk.carry_out import refusals
from interlace.management.refusal import RefusalKind, Refused

SETTINGS = replace(CARD, enabled=False, sales_order_user="ORDERS")
WINDOW = {"id": "w"}


class TwoProcesses:
    """Two processes on one memory, and the connection as both have read it."""

    def __init__(self, ours: Application, theirs: Application) -> None:
        self.ours, self.theirs = ours, theirs
        ours.add_connection(SETTINGS, {SALES_ORDER_KEY_SECRET: "key"})
        self.read = ours.connection("main")

    def they_freeze(self) -> None:
        """The other process adds a freeze window."""
        read = self.theirs.connection("main")
        self.theirs.keep(replace(read, settings=replace(read.settings, freezes=(WINDOW,))))

    @property
    def kept(self) -> Connection:
        """The connection as it is kept."""
        return self.theirs.connection("main")


@pytest.fixture
def both(tmp_path: Path) -> Iterator[TwoProcesses]:
    """Both, on a state of their own."""
    with application_at(tmp_path / "state") as ours, application_at(tmp_path / "state") as theirs:
        yield TwoProcesses(ours, theirs)


def test_what_was_kept_meanwhile_stays(both: TwoProcesses) -> None:
    """As when a connection is enabled, which takes a while, and somebody freezes the ERP before it is."""
    both.they_freeze()
    enabled = replace(both.read, settings=replace(both.read.settings, enabled=True))
    with pytest.raises(ConnectionChangedMeanwhile, match="main were changed meanwhile"):
        both.ours.keep(enabled)
    assert both.kept.settings == replace(both.read.settings, freezes=(WINDOW,))


def test_one_who_keeps_twice_is_in_nobodys_way(both: TwoProcesses) -> None:
    """What was kept is as good as what was read; the one who read before it is refused."""
    first = both.ours.keep(replace(both.read, settings=replace(both.read.settings, erp_user="A")))
    both.ours.keep(replace(first, settings=replace(first.settings, erp_user="B")))
    assert both.kept.settings.erp_user == "B"
    with pytest.raises(ConnectionChangedMeanwhile):
        both.ours.keep(first)


def test_one_setting_is_changed_beside_what_others_change(both: TwoProcesses) -> None:
    """To disable a connection is never refused, and takes nothing along."""

    def change(now: ConnectionSettings) -> ConnectionSettings:
        """Change it, after somebody else has for the first time."""
        if not now.freezes:
            both.they_freeze()
        return replace(now, enabled=False, feed_user="FEED")

    both.ours.change_settings(both.read, change)
    assert both.kept.settings == replace(both.read.settings, freezes=(WINDOW,), feed_user="FEED")


def test_a_removed_connection_does_not_come_back(both: TwoProcesses) -> None:
    """Neither by being kept nor by being changed."""
    both.theirs.state.delete_connection(both.read.id)
    with pytest.raises(ConnectionChangedMeanwhile, match="main was removed meanwhile"):
        both.ours.keep(both.read)
    with pytest.raises(ConnectionProblem, match="no connection"):
        both.ours.disable(both.read)
    assert both.ours.connections() == []


def test_a_refused_change_forgets_no_secret(both: TwoProcesses) -> None:
    """It belongs to the settings that stay; operations tell the refusal as what it is."""
    both.they_freeze()
    with pytest.raises(Refused) as refused, refusals():
        apply_change(both.ours, both.read, {"sales_order_user": ""}, {})
    assert refused.value.kind is RefusalKind.CHANGED_MEANWHILE
    assert both.ours.is_stored(both.kept, SALES_ORDER_KEY_SECRET)
    apply_change(both.ours, both.kept, {"sales_order_user": ""}, {})
    assert not both.ours.is_stored(both.kept, SALES_ORDER_KEY_SECRET)
