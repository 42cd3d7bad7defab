"""What people ask of the error list and do with it: look, find the causes, let records take part again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

import sqlalchemy as sa

from interlace.domain.errors import ErrorCode
from interlace.domain.keys import MappingName
from interlace.engine.memory import SynchError
from interlace.store import error_causes, waking
from interlace.store.connection_store import Clock
from interlace.store.database import Database
from interlace.store.encoding import to_json
from interlace.store.error_causes import ErrorCause, Place
from interlace.store.record_lists import ERRORS, RecordList
from interlace.store.schema import integration_table_mapping, synch_error
from interlace.store.synch_errors import COLUMNS, from_row

_KEYS_PER_STATEMENT = 5_000
_BETWEEN = "\x1f"
_mapping = integration_table_mapping


class ErrorList:
    """The open errors of every connection."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def found(
        self,
        connection_id: str,
        *,
        mapping: str | None = None,
        code: ErrorCode | None = None,
        cause_id: str | None = None,
        key: str | None = None,
        skipped: bool = False,
        limit: int | None = 100,
    ) -> list[SynchError]:
        """Return the newest errors that fit; `key` may belong to either side, `skipped` leaves out all others."""
        columns = [synch_error.c[name] for name in COLUMNS]
        query = sa.select(*columns, _mapping.c.name).where(self._fitting(connection_id, mapping, code))
        if key is not None:
            query = query.where(synch_error.c.source_key == key)
        if skipped:
            query = query.where(synch_error.c.skipped, synch_error.c.waits_for_key.is_(None))
        query = query.join(_mapping, _mapping.c.id == synch_error.c.mapping_id)
        query = query.order_by(synch_error.c.at.desc(), _mapping.c.name, synch_error.c.source_key)
        with self._database.read() as connection:
            if cause_id is None:
                return _errors(connection.execute(query.limit(limit)))
            places = set(error_causes.members(connection, connection_id, cause_id))
            rows = connection.execute(query).all()
        return _errors([row for row in rows if (row[0], row[1], row[2]) in places][:limit])

    def count(self, connection_id: str, *, mapping: str | None = None, code: ErrorCode | None = None) -> int:
        """Count the errors that fit."""
        query = sa.select(sa.func.count()).select_from(synch_error)
        with self._database.read() as connection:
            return connection.execute(query.where(self._fitting(connection_id, mapping, code))).scalar_one()

    def causes(
        self, connection_id: str, *, mapping: str | None = None, limit: int | None = None
    ) -> tuple[list[ErrorCause], int]:
        """Return the causes with most records first, and how many there are without the limit."""
        with self._database.read() as connection:
            return error_causes.causes(connection, connection_id, mapping=mapping, limit=limit)

    def of_cause(self, connection_id: str, cause_id: str) -> RecordList:
        """Return the list of the errors that one cause holds back."""
        with self._database.read() as connection:
            places = error_causes.members(connection, connection_id, cause_id)
        return replace(ERRORS, conditions=(_is_one_of(places, is_postgresql=self._database.is_postgresql),))

    def retry(
        self,
        connection_id: str,
        *,
        mapping: str | None = None,
        keys: Sequence[str] | None = None,
        cause_id: str | None = None,
    ) -> int:
        """Let records take part again, whatever parked them: these, those of a cause, or all; gives their number."""
        now = self._clock()
        with self._database.write() as connection:
            ids = connection.execute(sa.select(_mapping.c.id).where(self._mappings(connection_id, mapping)))
            numbers = sorted(ids.scalars())
            if cause_id is not None:
                places = error_causes.members(connection, connection_id, cause_id)
                wanted = [place for place in places if place[0] in numbers]
                return sum(
                    waking.wake(connection, number, now, synch_error.c.direction == way, _keyed(part))
                    for number, way, part in _by_pass(wanted)
                )
            which = [] if keys is None else [_keyed(keys)]
            return sum(waking.wake(connection, number, now, *which) for number in numbers)

    def _fitting(
        self, connection_id: str, mapping: str | None, code: ErrorCode | None
    ) -> sa.ColumnElement[bool]:
        ids = sa.select(_mapping.c.id).where(self._mappings(connection_id, mapping))
        fitting = synch_error.c.mapping_id.in_(ids)
        return fitting if code is None else sa.and_(fitting, synch_error.c.code == code.value)

    def _mappings(self, connection_id: str, mapping: str | None) -> sa.ColumnElement[bool]:
        own = _mapping.c.connection_id == connection_id
        return own if mapping is None else sa.and_(own, _mapping.c.name == mapping)


def _errors(rows: Iterable[sa.Row[*tuple[object, ...]]]) -> list[SynchError]:
    return [from_row(tuple(row[:-1]), MappingName(str(row[-1]))) for row in rows]


def _is_one_of(places: Iterable[Place], *, is_postgresql: bool) -> sa.ColumnElement[bool]:
    """Tell whether an error stands in one of many places, more than a statement has parameters for."""
    named = sa.literal(to_json([_BETWEEN.join(map(str, place)) for place in places]), sa.Text)
    if is_postgresql:
        wanted = sa.select(sa.func.json_array_elements_text(sa.cast(named, sa.JSON)).column_valued("place"))
    else:
        wanted = sa.select(sa.func.json_each(named).table_valued("value").c.value)
    columns = (sa.cast(synch_error.c.mapping_id, sa.Text), synch_error.c.direction, synch_error.c.source_key)
    number, direction, key = columns
    return (number + _BETWEEN + direction + _BETWEEN + key).in_(wanted)


def _keyed(keys: Sequence[str]) -> sa.ColumnElement[bool]:
    return synch_error.c.source_key.in_(keys)


def _by_pass(places: Sequence[Place]) -> Iterable[tuple[int, str, list[str]]]:
    """Gather keys by mapping and direction, as many as one statement takes."""
    for (number, way), group in groupby(sorted(places), key=lambda place: place[:2]):
        keys = [place[2] for place in group]
        for start in range(0, len(keys), _KEYS_PER_STATEMENT):
            yield number, way, keys[start : start + _KEYS_PER_STATEMENT]
