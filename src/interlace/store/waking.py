"""Which failed records are due to be tried again, and what makes parked ones due.

A parked ("skipped") error is due at its `next_try`, and at once when its cause is gone. What wakes which error, the
domain's descriptions say; here each of those events is found in the tables, so that none of them can be missed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec
import sqlalchemy as sa

from interlace.domain.error_codes import WakeUp
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.errors import ErrorClass, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.engine.memory import SynchError
from interlace.store.bulk import BulkStatements
from interlace.store.encoding import time_to_text, to_json
from interlace.store.schema import coupling, integration_table_mapping, synch_error

_PARKED_WHEN_REPEATED = frozenset(
    {ErrorClass.DATA, ErrorClass.CONFLICT, ErrorClass.PERMISSION, ErrorClass.DEFECT}
)
_PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
_LAST_PAUSE = timedelta(days=1)
_AWAITED = msgspec.json.Decoder(tuple[tuple[str, str], ...])
_OF_PASS = sa.and_(
    synch_error.c.mapping_id == sa.bindparam("of_mapping"),
    synch_error.c.direction == sa.bindparam("of_direction"),
)
_WAITING_FOR_ONE_OF_SEVERAL = sa.select(synch_error.c.source_key, synch_error.c.also_waits_for).where(
    _OF_PASS, synch_error.c.also_waits_for.is_not(None)
)
_WITH_COUPLINGS = sa.select(integration_table_mapping.c.name, integration_table_mapping.c.id).where(
    integration_table_mapping.c.connection_id == sa.bindparam("of_connection"),
    sa.exists()
    .where(coupling.c.mapping_id == integration_table_mapping.c.id)
    .correlate(integration_table_mapping),
)
"""Mappings whose records may be waited for with success."""


def is_parked_when_repeated(error: SynchError) -> bool:
    """Tell whether the same failure in a second job takes the record out of ordinary runs."""
    return error.error.error_class in _PARKED_WHEN_REPEATED


def next_try(failed: SynchError, now: datetime) -> datetime | None:
    """Say when waiting is over; None: other things than time decide."""
    wakes = ERROR_DESCRIPTIONS[failed.error.code].wakes
    if WakeUp.RIGHT_GRANTED in wakes and not failed.skipped:
        return now
    if WakeUp.DAILY in wakes:
        return now + _LAST_PAUSE
    if WakeUp.TIME not in wakes or not failed.skipped:
        return None
    parked_before = failed.times - 2
    return now + (_PAUSES[parked_before] if 0 <= parked_before < len(_PAUSES) else _LAST_PAUSE)


def wake(connection: sa.Connection, mapping_id: int, now: datetime, *which: sa.ColumnElement[bool]) -> int:
    """Make errors of a mapping due, as if they had happened for the first time; gives their number."""
    change = sa.update(synch_error).where(synch_error.c.mapping_id == mapping_id, *which)
    values = {"skipped": False, "times": 1, "next_try": time_to_text(now)}
    return int(connection.execute(change.values(values)).rowcount)


def wake_after(connection: sa.Connection, mapping_id: int, event: WakeUp, now: datetime) -> int:
    """Make those errors of a mapping due that an event wakes; gives their number."""
    return wake(connection, mapping_id, now, _woken_by(event))


def _woken_by(event: WakeUp) -> sa.ColumnElement[bool]:
    codes = [code.value for code, each in ERROR_DESCRIPTIONS.items() if event in each.wakes]
    return synch_error.c.code.in_(codes)


def let_one_try(
    connection: sa.Connection, mapping_id: int, direction: Direction, fingerprint: bytes, now: datetime
) -> None:
    """See to it that one of the records that lack the same right is due: it tells when the right is granted."""
    alike = sa.and_(
        synch_error.c.mapping_id == mapping_id,
        synch_error.c.direction == direction.value,
        synch_error.c.fingerprint == fingerprint,
    )
    soonest = connection.execute(sa.select(sa.func.min(synch_error.c.next_try)).where(alike)).scalar()
    if soonest is not None and soonest <= time_to_text(now):
        return
    first = sa.select(sa.func.min(synch_error.c.source_key)).where(alike).scalar_subquery()
    chosen = sa.update(synch_error).where(alike, synch_error.c.source_key == first)
    connection.execute(chosen.values(next_try=time_to_text(now)))


def due_keys(
    connection: sa.Connection,
    bulk: BulkStatements,
    connection_id: str,
    mapping_id: int,
    direction: Direction,
    now: datetime,
) -> list[str]:
    """Return the records to try again: not parked, or their time has come, or their cause is gone."""
    mappings = connection.execute(_WITH_COUPLINGS, {"of_connection": connection_id})
    due = _due(direction, tuple(sorted((row.name, row.id) for row in mappings)))
    of_pass = {"of_mapping": mapping_id, "of_direction": direction.value}
    found = set(connection.execute(due, {**of_pass, "now": time_to_text(now)}).scalars())
    further = connection.execute(_WAITING_FOR_ONE_OF_SEVERAL, of_pass)
    waiting = {row[0]: row[1] for row in further if row[0] not in found}
    found |= _with_one_coupled(connection, bulk, connection_id, direction, waiting)
    return sorted(found)


@lru_cache(maxsize=64)
def _due(direction: Direction, mappings: tuple[tuple[str, int], ...]) -> sa.Select[str]:
    """Make the query of a direction; what is waited for may be coupled in one of the mappings."""
    waits = synch_error.c.waits_for_key.is_not(None)
    due = sa.or_(
        synch_error.c.next_try <= sa.bindparam("now"),
        sa.and_(sa.not_(waits), sa.not_(synch_error.c.skipped)),
        sa.and_(waits, _is_coupled(mappings, direction)),
        sa.and_(synch_error.c.skipped, _woken_by(WakeUp.PARTNER_CHANGED), _partner_was_changed(direction)),
    )
    return sa.select(synch_error.c.source_key).where(_OF_PASS, due)


def _is_coupled(mappings: Iterable[tuple[str, int]], direction: Direction) -> sa.ColumnElement[bool]:
    """Tell whether the record that an error waits for is coupled now in one of the mappings."""
    return sa.or_(
        sa.false(),
        *(
            sa.and_(
                synch_error.c.waits_for_mapping == name,
                sa.exists()
                .where(
                    coupling.c.mapping_id == mapping_id,
                    _own_key(direction) == synch_error.c.waits_for_key,
                )
                .correlate(synch_error),
            )
            for name, mapping_id in mappings
        ),
    )


def _partner_was_changed(direction: Direction) -> sa.ColumnElement[bool]:
    """Tell whether the opposite pass has seen the partner in a state in which the record did not fail."""
    digest = partner_digest_column(direction)
    return (
        sa.exists()
        .where(
            coupling.c.mapping_id == synch_error.c.mapping_id,
            _own_key(direction) == synch_error.c.source_key,
            digest.is_not(None),
            digest.is_distinct_from(synch_error.c.coupled_digest),
            digest.is_distinct_from(synch_error.c.partner_digest),
        )
        .correlate(synch_error)
    )


def _own_key(direction: Direction) -> sa.Column[str]:
    return coupling.c.erp_key if direction is Direction.TO_INTEGRATION_TABLE else coupling.c.crm_key


def partner_digest_column(direction: Direction) -> sa.Column[bytes]:
    """Name where a coupling remembers the record that a pass in this direction writes."""
    return coupling.c.crm_digest if direction is Direction.TO_INTEGRATION_TABLE else coupling.c.erp_digest


def partner_digests(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    direction: Direction,
    keys: Sequence[str],
) -> dict[str, bytes | None]:
    """Return what the couplings of these source keys remember of their partners."""
    own = _own_key(direction).name
    columns = (own, partner_digest_column(direction).name)
    fixed = {"mapping_id": mapping_id}
    return dict(bulk.matching(connection, columns, table=coupling, fixed=fixed, key=own, keys=keys))


def _with_one_coupled(
    connection: sa.Connection,
    bulk: BulkStatements,
    connection_id: str,
    direction: Direction,
    waiting: Mapping[str, str],
) -> set[str]:
    """Return those source keys of which one of the further records that they wait for is coupled."""
    awaited = {key: awaited_from_text(text) for key, text in waiting.items()}
    wanted: dict[str, set[str]] = {}
    for each in awaited.values():
        for waits in each:
            wanted.setdefault(waits.mapping, set()).add(waits.key)
    table = integration_table_mapping
    coupled: set[tuple[str, str]] = set()
    own = _own_key(direction).name
    for name, keys in wanted.items():
        query = sa.select(table.c.id).where(table.c.connection_id == connection_id, table.c.name == name)
        mapping_id = connection.execute(query).scalar()
        if mapping_id is not None:
            fixed = {"mapping_id": mapping_id}
            rows = bulk.matching(connection, (own,), table=coupling, fixed=fixed, key=own, keys=sorted(keys))
            coupled.update((name, row[0]) for row in rows)
    return {
        key for key, each in awaited.items() if any((waits.mapping, waits.key) in coupled for waits in each)
    }


def awaited_to_text(awaited: Iterable[WaitsFor]) -> str | None:
    """Encode the further records that an error waits for; None for none."""
    pairs = [(each.mapping, each.key) for each in awaited]
    return to_json(pairs) if pairs else None


def awaited_from_text(text: str | None) -> tuple[WaitsFor, ...]:
    """Decode what awaited_to_text made."""
    pairs = () if text is None else _AWAITED.decode(text)
    return tuple(WaitsFor(mapping=mapping, key=key) for mapping, key in pairs)
