"""One transaction over one mapping of a connection, refused to who has lost the mapping's lease."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from interlace.domain.keys import MappingName
from interlace.store import leases
from interlace.store.database import Database
from interlace.store.journal_files import JournalFiles
from interlace.store.mappings import mapping_id_of

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


class MappingTransactions:
    """What every part of a connection's memory is written through."""

    def __init__(
        self,
        database: Database,
        connection_id: str,
        *,
        clock: Clock = system_clock,
        fences: Mapping[MappingName, int] | None = None,
        journal_files: JournalFiles | None = None,
    ) -> None:
        self._database = database
        self._bulk = database.bulk
        self._connection_id = connection_id
        self._clock = clock
        self._fences = dict(fences or {})
        self._journal_files = journal_files
        self._mapping_ids: dict[MappingName, int] = {}

    @contextlib.contextmanager
    def _write(self, mapping: MappingName) -> Iterator[tuple[sa.Connection, int]]:
        mapping_id = self._id(mapping)
        with self._database.write() as connection:
            fence = self._fences.get(mapping)
            if fence is not None and not leases.is_current(connection, mapping_id, fence):
                raise leases.LeaseLost(mapping, fence)
            yield connection, mapping_id

    def _id(self, mapping: MappingName) -> int:
        if mapping not in self._mapping_ids:
            with self._database.write() as connection:
                found = mapping_id_of(connection, self._connection_id, mapping)
            self._mapping_ids[mapping] = found
        return self._mapping_ids[mapping]
