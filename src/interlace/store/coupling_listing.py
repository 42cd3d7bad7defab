"""Lists couplings a little after they were stored: a synchronization only notes whose rows are out of date."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from interlace.domain.filter_nodes import folded
from interlace.domain.keys import KEY_SEPARATOR, MappingName
from interlace.domain.record_names import RecordNames, name_of
from interlace.domain.search_words import bare
from interlace.domain.values import Value
from interlace.store.bulk import Row
from interlace.store.database import Database
from interlace.store.encoding import AgreedPair, names_from_json, pairs_from_json
from interlace.store.listing_tables import coupling_listing, coupling_unlisted
from interlace.store.schema import coupling, integration_table_mapping, layout, synch_job
from interlace.store.search_index import create_search_index, has_search_index

_COLUMNS = (
    "mapping_id",
    "erp_key",
    "crm_key",
    "erp_name",
    "crm_name",
    "erp_name_order",
    "crm_name_order",
    "search",
    "state",
    "synchronized_at",
)
_READ = ("erp_key", "crm_key", "state", "layout_id", "agreed", "job_id", "doubtful")
# An index takes only so much text in PostgreSQL: 2,700 bytes, four of them for some characters. Those of names hold an
# order, both names, the searched text and a key.
_NAME_MAX = 100
_ORDER_MAX = 120
_SEARCH_MAX = 250
_LISTER_LOCK = 5120_1984_03
"""Key of the PostgreSQL advisory lock of whoever lists: an older state must not be written over a newer one."""
_NO_NAMES = RecordNames()

Names = Callable[[str, MappingName], RecordNames]
"""What names the records of a connection's mapping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What one transaction lists of one mapping."""

    mapping_id: int
    connection_id: str
    mapping: MappingName
    erp_keys: Sequence[str]


class CouplingListing:
    """Brings the rows that lists are read from up to date."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def prepare(self) -> bool:
        """Make the search index if it is missing and may be made by now; gives whether it is there."""
        with self._database.read() as connection:
            if has_search_index(connection):
                return True
        with self._database.write() as connection:
            return create_search_index(connection)

    def behind(self, connection_id: str | None = None) -> int:
        """Count the records whose rows may be out of date."""
        unlisted = coupling_unlisted
        query = sa.select(sa.func.coalesce(sa.func.sum(unlisted.c.records), 0)).select_from(unlisted)
        if connection_id is not None:
            mapping = integration_table_mapping
            query = query.join(mapping, mapping.c.id == unlisted.c.mapping_id)
            query = query.where(mapping.c.connection_id == connection_id)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def bring_up_to_date(self, names: Names, *, records: int = 1_000) -> int:
        """List about so many records, those that have waited longest; gives how many, 0 if none were waiting."""
        with self._database.read() as connection:
            if connection.execute(sa.select(coupling_unlisted.c.id).limit(1)).first() is None:
                return 0
        with self._database.write() as connection:
            if self._database.is_postgresql:
                locked = sa.select(sa.func.pg_try_advisory_xact_lock(_LISTER_LOCK))
                if not connection.execute(locked).scalar():
                    return 0
            steps = self._take(connection, records)
            for step in steps:
                self._list(connection, step, names(step.connection_id, step.mapping))
            return sum(len(step.erp_keys) for step in steps) or (1 if steps else 0)

    def _take(self, connection: sa.Connection, records: int) -> list[_Step]:
        """Take what waits longest off the list of what waits."""
        unlisted, mapping = coupling_unlisted, integration_table_mapping
        query = (
            sa.select(unlisted, mapping.c.connection_id, mapping.c.name)
            .join(mapping, mapping.c.id == unlisted.c.mapping_id)
            .order_by(unlisted.c.id)
            .limit(max(1, records // 10))
        )
        keys: dict[tuple[int, str, str], dict[str, None]] = defaultdict(dict)
        done: list[int] = []
        taken = 0
        for row in connection.execute(query).all():
            if taken >= records:
                break
            own = keys[row.mapping_id, row.connection_id, row.name]
            if row.erp_keys is None:
                found, last = _keys_after(connection, row.mapping_id, row.after, records - taken)
                if last is None:
                    done.append(row.id)
                else:
                    _move_on(connection, row.id, last, len(found))
            else:
                found = names_from_json(row.erp_keys)
                done.append(row.id)
            own.update(dict.fromkeys(found))
            taken += len(found)
        connection.execute(sa.delete(unlisted).where(unlisted.c.id.in_(done)))
        return [
            _Step(
                mapping_id=number, connection_id=of_connection, mapping=MappingName(name), erp_keys=list(own)
            )
            for (number, of_connection, name), own in keys.items()
        ]

    def _list(self, connection: sa.Connection, step: _Step, names: RecordNames) -> None:
        bulk, fixed = self._database.bulk, {"mapping_id": step.mapping_id}
        held = bulk.matching(
            connection, _READ, table=coupling, fixed=fixed, key="erp_key", keys=step.erp_keys
        )
        places = _places(connection, step.mapping_id, names)
        times = _times(connection, {row[5] for row in held if row[5] is not None})
        rows = [_listed(step.mapping_id, row, places, times) for row in held]
        known = bulk.matching(
            connection,
            ("id", *_COLUMNS),
            table=coupling_listing,
            fixed=fixed,
            key="erp_key",
            keys=step.erp_keys,
        )
        before = {row[2]: tuple(row) for row in known}
        added = [row for row in rows if row[1] not in before]
        kept = [(before[row[1]][0], *row) for row in rows if row[1] in before]
        changed = [row for row in kept if before[row[2]] != row]
        gone = [(before[key][0],) for key in before.keys() - {row[1] for row in rows}]
        bulk.delete(connection, ("id",), gone, table=coupling_listing)
        bulk.upsert(connection, ("id", *_COLUMNS), changed, table=coupling_listing, unique=("id",))
        bulk.insert(connection, _COLUMNS, added, table=coupling_listing)


def _keys_after(
    connection: sa.Connection, mapping_id: int, after: str, limit: int
) -> tuple[tuple[str, ...], str | None]:
    """Return keys of couplings behind one, those still listed there, and the last one; None if no more follow."""

    def keys_of(table: sa.Table) -> sa.Select[str]:
        keys = sa.select(table.c.erp_key).where(table.c.mapping_id == mapping_id, table.c.erp_key > after)
        return keys.order_by(table.c.erp_key)

    coupled = list(connection.execute(keys_of(coupling).limit(limit)).scalars())
    last = coupled[-1] if len(coupled) == limit else None
    listed = keys_of(coupling_listing)
    if last is not None:
        listed = listed.where(coupling_listing.c.erp_key <= last)
    return tuple(dict.fromkeys([*coupled, *connection.execute(listed).scalars()])), last


def _move_on(connection: sa.Connection, number: int, last: str, taken: int) -> None:
    unlisted = coupling_unlisted
    left = sa.case((unlisted.c.records > taken, unlisted.c.records - taken), else_=1)
    connection.execute(sa.update(unlisted).where(unlisted.c.id == number).values(after=last, records=left))


_Places = Mapping[int, tuple[tuple[int, ...], tuple[int, ...]]]


def _places(connection: sa.Connection, mapping_id: int, names: RecordNames) -> _Places:
    """Find the naming rows in each layout in which values were agreed on."""
    query = sa.select(layout.c.id, layout.c.digest, layout.c.row_ids).where(layout.c.mapping_id == mapping_id)
    found = {}
    for row in connection.execute(query):
        rows = names_from_json(row.row_ids)
        if not rows and row.digest == names.layout:
            rows = names.row_ids
        found[row.id] = names.places(rows)
    return found


def _times(connection: sa.Connection, job_ids: Iterable[str]) -> dict[str, str]:
    query = sa.select(synch_job.c.id, synch_job.c.started_at).where(synch_job.c.id.in_(sorted(job_ids)))
    return {row.id: row.started_at for row in connection.execute(query)}


def _listed(mapping_id: int, row: Row, places: _Places, times: Mapping[str, str]) -> Row:
    erp_key, crm_key, state, layout_id, agreed, job_id, doubtful = row
    erp_name = crm_name = ""
    if agreed is not None:
        pairs = pairs_from_json(agreed)
        erp_places, crm_places = places.get(layout_id, ((), ()))
        erp_name = name_of([_side(pairs[place], 0) for place in erp_places])[:_NAME_MAX].rstrip()
        crm_name = name_of([_side(pairs[place], 1) for place in crm_places])[:_NAME_MAX].rstrip()
    erp_order, crm_order = folded(erp_name)[:_ORDER_MAX], folded(crm_name)[:_ORDER_MAX]
    # Accents don't matter to a search. A blank before every word: two characters find how words begin, too.
    searched = [
        "",
        *dict.fromkeys([bare(erp_key.replace(KEY_SEPARATOR, " ")), bare(erp_order), bare(crm_order)]),
    ]
    if state != "broken":
        state = "doubtful" if doubtful else "coupled" if agreed is not None else "not compared"
    return (
        mapping_id,
        erp_key,
        crm_key,
        erp_name,
        crm_name,
        erp_order,
        crm_order,
        " ".join(searched)[:_SEARCH_MAX].rstrip(),
        state,
        times.get(job_id, ""),
    )


def _side(pair: AgreedPair | None, side: int) -> Value:
    """Return what a side agreed on, nothing where nobody knows."""
    return None if pair is None else pair[side]
