"""Names of records that nobody remembers, read from their services for as long as somebody looks at a page.

A record that was never coupled has left no name with us. What can't be read in time stays without one.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.desk.carry_out import off_loop
from interlace.bootstrap.desk.record_table import RecordTable, record_table, service_of
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.reading_ends import Reading
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.service import ServiceFailure
from interlace.management.refusal import Refused

SECONDS: Final = 2.0
_REMEMBERED_SECONDS: Final = 60.0
_REMEMBERED_MAX: Final = 5_000
Place: TypeAlias = tuple[MappingName, Side, str]
"""Mapping, side and key of a record."""


class ReadNames:
    """Reads names, and keeps them for a while: pages are looked at again and again."""

    def __init__(self, application: Application, reading: Reading) -> None:
        self._application = application
        self._reading = reading
        self._held: dict[tuple[str, Place], tuple[float, str]] = {}

    async def of(self, held: Connection, places: Collection[Place]) -> Mapping[Place, str]:
        """Return the names that are known or could be read; blank where the record has none, or could not be."""
        now = time.monotonic()
        groups: dict[tuple[MappingName, Side], list[str]] = defaultdict(list)
        for mapping, side, key in places:
            at, _ = self._held.get((held.id, (mapping, side, key)), (0.0, ""))
            if not at or now - at > _REMEMBERED_SECONDS:
                groups[mapping, side].append(key)
        for (mapping, side), keys in groups.items():
            await self._read(held, mapping, side, keys)
        return {each: self._held.get((held.id, each), (0.0, ""))[1] for each in places}

    async def _read(self, held: Connection, mapping: MappingName, side: Side, keys: list[str]) -> None:
        names: Mapping[str, str] = {}
        try:
            table = await off_loop(record_table, self._application, held, mapping)
            names = await self._reading.read(held, lambda ends: _names(table, ends, side, keys), SECONDS)
        except (Refused, ServiceFailure, TimeoutError):
            # The list says enough without; and the next page does not wait for it again.
            names = {}
        if len(self._held) > _REMEMBERED_MAX:
            self._held.clear()
        at = time.monotonic()
        for key in keys:
            self._held[held.id, (mapping, side, key)] = (at, names.get(key, ""))


async def _names(table: RecordTable, ends: Ends, side: Side, keys: list[str]) -> dict[str, str]:
    found = await service_of(ends, side).read_keys(table.view(side), tuple(keys))
    caption = table.caption_field(side) or ""
    return {each.key: str(table.values(side, each).get(caption) or "") for each in found if each is not None}
