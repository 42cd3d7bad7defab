"""Keeps the rows that lists of couplings are read from up to date, beside everything else that runs."""

import asyncio
import time

from interlace.bootstrap.application import Application
from interlace.domain.keys import MappingName
from interlace.domain.record_names import RecordNames
from interlace.lead_to_cash.record_names import names_of

_IDLE_SECONDS = 1.0
_RECORDS = 500
"""So many at once: whoever synchronizes waits no longer for the database than a step takes."""
_LISTED_AT_ONCE = 200
"""Who asks for couplings lists so few that wait for it himself."""
_REST = 1.0
"""Between two steps we wait this many times as long as a step took: a synchronization goes first."""


def list_couplings(application: Application, records: int = _RECORDS) -> int:
    """List couplings that were stored or removed since; gives about how many, 0 if none were waiting."""
    names: dict[str, dict[MappingName, RecordNames]] = {}

    def names_in(connection_id: str, mapping: MappingName) -> RecordNames:
        if connection_id not in names:
            names[connection_id] = _names_of(application, connection_id)
        return names[connection_id].get(mapping, RecordNames())

    return application.state.coupling_listing.bring_up_to_date(names_in, records=records)


def catch_up(application: Application, connection_id: str) -> int:
    """List what waits of a connection if it is little: the answer comes at once; gives how much still waits."""
    listing = application.state.coupling_listing
    behind = listing.behind(connection_id)
    if 0 < behind <= _LISTED_AT_ONCE:
        list_couplings(application, _LISTED_AT_ONCE)
        return listing.behind(connection_id)
    return behind


async def keep_listed(application: Application) -> None:
    """List couplings for ever, in small steps."""
    await asyncio.to_thread(application.state.coupling_listing.prepare)
    while True:
        begun = time.monotonic()
        listed = await asyncio.to_thread(list_couplings, application)
        took = time.monotonic() - begun
        await asyncio.sleep(took * _REST if listed else _IDLE_SECONDS)


def _names_of(application: Application, connection_id: str) -> dict[MappingName, RecordNames]:
    held = next((each for each in application.connections() if each.id == connection_id), None)
    if held is None:
        return {}
    return {name: names_of(mapping) for name, mapping in application.mappings(held).items()}
