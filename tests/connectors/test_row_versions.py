"""CRM tables whose changes nobody has had tracked: row versions tell what changed, and restarts are noticed."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from tests.connectors.conftest import Serve
from tests.connectors.test_dataverse import TokenSignIn, creation, key_of, update, view, write
from tests.ready_crm import ready_crm

from interlace.connectors.dataverse.service import DataverseService, DataverseSettings
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.engine.ports import Deletion
from interlace.sandbox.crm.sandbox import CrmSandbox

ACCOUNTS = view("account", "name")


@pytest.fixture
def crm() -> CrmSandbox:
    """An empty organization in which nobody has had the changes of accounts tracked."""
    return ready_crm(untracked_tables=("account",))


@pytest.fixture
async def service(crm: CrmSandbox, serve: Serve) -> AsyncIterator[DataverseService]:
    """A connection to it, in small pages."""
    limits = ChannelLimits(retry_delay_seconds=0.0)
    async with HttpChannel(await serve(crm), TokenSignIn(crm.access_token()), limits) as channel:
        yield DataverseService(channel, settings=DataverseSettings(page_size=3, bulk_size=10, batch_size=10))


async def test_changes_are_told_once_and_deletions_are_not(service: DataverseService) -> None:
    """New and changed records are told page by page, once under each cursor; the sweep has to find deletions."""
    start = await service.read_changes(ACCOUNTS, None)
    assert (start.complete, start.keys) == (False, ())
    names = [f"A{number}" for number in range(7)]
    await write(service, ACCOUNTS, *(creation(name, name=name) for name in names))
    told = await service.read_changes(ACCOUNTS, start.cursor)
    assert told.complete
    assert set(told.keys) == {key_of(name) for name in names}
    quiet = await service.read_changes(ACCOUNTS, told.cursor)
    assert (quiet.complete, quiet.keys, quiet.cursor) == (True, (), told.cursor)
    await service.delete(ACCOUNTS, (Deletion(key=key_of("A0")),))
    await update(service, ACCOUNTS, key_of("A1"), name="Other")
    last = await service.read_changes(ACCOUNTS, quiet.cursor)
    assert (last.complete, last.keys, last.deleted) == (True, (key_of("A1"),), ())


async def test_row_of_a_long_transaction_is_not_missed(service: DataverseService) -> None:
    """A row that appears late, with a lower version than was seen, is told: readings go back by its moment."""
    await write(service, ACCOUNTS, creation("Late", name="Late"), creation("Seen", name="Seen"))
    start = await service.read_changes(ACCOUNTS, None)
    assert start.cursor is not None
    told = await service.read_changes(ACCOUNTS, start.cursor)
    assert key_of("Late") in told.keys


async def test_versions_that_went_back_start_anew(service: DataverseService) -> None:
    """A CRM that was restored gives row versions once more: everything is compared then."""
    await write(service, ACCOUNTS, creation("A", name="A"))
    start = await service.read_changes(ACCOUNTS, None)
    assert start.cursor is not None
    held = msgspec.json.decode(start.cursor)
    ahead = msgspec.json.encode({**held, "version": held["version"] + 1_000_000}).decode()
    changes = await service.read_changes(ACCOUNTS, ahead)
    assert not changes.complete
    assert changes.cursor == start.cursor


async def test_cursor_of_a_delta_link_starts_anew(service: DataverseService) -> None:
    """A cursor from the time when changes were tracked is none for row versions."""
    changes = await service.read_changes(ACCOUNTS, "http://127.0.0.1/api/data/v9.2/accounts?$deltatoken=1")
    assert not changes.complete
    assert changes.cursor is not None
