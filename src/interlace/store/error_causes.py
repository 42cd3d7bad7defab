"""What stands behind the error list: one cause for all records that one remedy helps, counted by the database.

A record that waits for another one belongs to what that one fails of or waits for, up to the root; roots with the same
trouble belong together. Every listed record belongs to exactly one cause, so the counts add up to the list.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

import sqlalchemy as sa

from interlace.domain.errors import ErrorCode, WaitsFor
from interlace.domain.keys import MappingName
from interlace.engine.memory import SynchError
from interlace.store.schema import integration_table_mapping, synch_error
from interlace.store.synch_errors import COLUMNS, from_row

Place = tuple[int, str, str]
"""Mapping number, direction and source key of a listed record."""


class CauseKind(Enum):
    """How the records of a cause belong together."""

    AWAITED = "awaited"
    """All wait, in the end, for one record that is not coupled."""
    INCOMPLETE = "incomplete"
    """All wait, in the end, for one record that is coupled, but whose partner lacks what they need, such as a unit.

    Found by whoever shows a cause: the database counts it as AWAITED.
    """
    AWAITED_EACH = "awaited each"
    """Each waits for a record of its own, all in one mapping."""
    ALIKE = "alike"
    """They have the same trouble themselves, or wait for records that have it."""
    CIRCLE = "circle"
    """They wait for one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCause:
    """What one remedy helps."""

    id: str
    kind: CauseKind
    code: ErrorCode
    count: int
    """Records that it holds back."""
    failed: int
    """Those of them with the trouble itself; the others wait for one of these."""
    mappings: tuple[tuple[MappingName, int], ...]
    """The records' mappings with their numbers, the most affected first."""
    waits_for: WaitsFor | None
    """What an AWAITED cause's records wait for in the end."""
    example: SynchError
    """One of the records with the trouble itself."""


@dataclass(slots=True, kw_only=True)
class _Group:
    kind: CauseKind
    example: Place
    code: ErrorCode
    waits_for: WaitsFor | None = None
    failed: int = 0
    members: dict[int, int] = field(default_factory=dict)

    def add(self, mapping_id: int, count: int, failed: int, example: Place) -> None:
        self.members[mapping_id] = self.members.get(mapping_id, 0) + count
        self.failed += failed
        self.example = min(self.example, example)


_OF_CONNECTION = "SELECT id FROM integration_table_mapping WHERE connection_id = :connection"
# From the roots downward every record is met once, and a circle never: no depth has to be guarded.
_TREE = f"""
WITH RECURSIVE tree(root_mapping, direction, root_key, mapping_id, source_key) AS (
  SELECT e.mapping_id, e.direction, e.source_key, e.mapping_id, e.source_key
  FROM synch_error e
  WHERE e.mapping_id IN ({_OF_CONNECTION}) AND NOT EXISTS (
    SELECT 1 FROM integration_table_mapping m
    JOIN synch_error p ON p.mapping_id = m.id
    WHERE m.connection_id = :connection AND m.name = e.waits_for_mapping
      AND p.direction = e.direction AND p.source_key = e.waits_for_key)
  UNION ALL
  SELECT t.root_mapping, t.direction, t.root_key, e.mapping_id, e.source_key
  FROM tree t
  JOIN integration_table_mapping m ON m.id = t.mapping_id
  JOIN synch_error e
    ON e.waits_for_mapping = m.name AND e.waits_for_key = t.source_key AND e.direction = t.direction
  WHERE e.mapping_id IN ({_OF_CONNECTION})
)
"""
_ROOT = """
FROM tree t JOIN synch_error r
  ON r.mapping_id = t.root_mapping AND r.direction = t.direction AND r.source_key = t.root_key
"""
_GROUPED = f"""
{_TREE}
SELECT r.waits_for_mapping, r.waits_for_key, r.mapping_id, r.direction, r.code,
  CASE WHEN r.waits_for_key IS NULL THEN r.fingerprint END AS trouble, t.mapping_id AS member,
  COUNT(*), SUM(CASE WHEN t.mapping_id = r.mapping_id AND t.source_key = r.source_key THEN 1 ELSE 0 END),
  MIN(r.source_key)
{_ROOT}
GROUP BY r.waits_for_mapping, r.waits_for_key, r.mapping_id, r.direction, r.code, trouble, t.mapping_id
"""
_MEMBERS = f"""
{_TREE}
SELECT t.mapping_id, t.direction, t.source_key, r.waits_for_mapping, r.waits_for_key, r.mapping_id, r.code,
  CASE WHEN r.waits_for_key IS NULL THEN r.fingerprint END
{_ROOT}
"""
_IN_CIRCLES = f"""
{_TREE}
SELECT e.mapping_id, e.direction, e.source_key, e.code FROM synch_error e
WHERE e.mapping_id IN ({_OF_CONNECTION}) AND NOT EXISTS (
  SELECT 1 FROM tree t
  WHERE t.mapping_id = e.mapping_id AND t.direction = e.direction AND t.source_key = e.source_key)
"""
_COUNT = f"SELECT COUNT(*) FROM synch_error WHERE mapping_id IN ({_OF_CONNECTION})"

_CIRCLE: tuple[str, ...] = (CauseKind.CIRCLE.value,)


def causes(
    connection: sa.Connection, connection_id: str, *, mapping: str | None = None, limit: int | None = None
) -> tuple[list[ErrorCause], int]:
    """Return the causes that hold back records of a mapping, or of any; the one with most records first.

    Gives how many there are, too: `limit` may leave some out.
    """
    names = _names(connection, connection_id)
    groups = _groups(connection, connection_id)
    if mapping is not None:
        wanted = {number for number, name in names.items() if name == mapping}
        groups = {key: group for key, group in groups.items() if wanted & group.members.keys()}
    ordered = sorted(groups.items(), key=lambda item: (-sum(item[1].members.values()), item[1].example))
    found = [_cause(connection, key, group, names) for key, group in ordered[:limit]]
    return found, len(ordered)


def members(connection: sa.Connection, connection_id: str, cause_id: str) -> list[Place]:
    """Return every record that belongs to the causes whose id begins like this."""
    parameters = {"connection": connection_id}
    rows = connection.execute(sa.text(_MEMBERS), parameters).all()
    single = _waited_for_once((row[3], row[4], 1) for row in rows)
    found: list[Place] = [
        (row[0], row[1], row[2])
        for row in rows
        if _id_of(_key(row[3], row[4], single, (row[5], row[1], row[6], row[7]))).startswith(cause_id)
    ]
    if _id_of(_CIRCLE).startswith(cause_id):
        circles = connection.execute(sa.text(_IN_CIRCLES), parameters)
        found += [(row[0], row[1], row[2]) for row in circles]
    return found


def _groups(connection: sa.Connection, connection_id: str) -> dict[tuple[str, ...], _Group]:
    parameters = {"connection": connection_id}
    rows = connection.execute(sa.text(_GROUPED), parameters).all()
    single = _waited_for_once((row[0], row[1], int(row[7])) for row in rows)
    groups: dict[tuple[str, ...], _Group] = {}
    for row in rows:
        key = _key(row[0], row[1], single, (row[2], row[3], row[4], row[5]))
        example = (row[2], row[3], row[9])
        if key not in groups:
            waits = WaitsFor(mapping=row[0], key=row[1]) if key[0] == CauseKind.AWAITED.value else None
            groups[key] = _Group(
                kind=CauseKind(key[0]), example=example, code=ErrorCode(row[4]), waits_for=waits
            )
        groups[key].add(row[6], int(row[7]), int(row[8]), example)
    met = sum(sum(group.members.values()) for group in groups.values())
    if met < connection.execute(sa.text(_COUNT), parameters).scalar_one():
        for row in connection.execute(sa.text(_IN_CIRCLES), parameters):
            place = (row[0], row[1], row[2])
            new = _Group(kind=CauseKind.CIRCLE, example=place, code=ErrorCode(row[3]))
            groups.setdefault(_CIRCLE, new).add(row[0], 1, 1, place)
    return groups


def _waited_for_once(awaited: Iterable[tuple[str | None, str | None, int]]) -> set[tuple[str, str]]:
    """Return the awaited records that hold back one record only."""
    number: dict[tuple[str, str], int] = {}
    for mapping, key, count in awaited:
        if mapping is not None and key is not None:
            number[mapping, key] = number.get((mapping, key), 0) + count
    return {place for place, times in number.items() if times == 1}


def _key(
    mapping: str | None,
    key: str | None,
    single: set[tuple[str, str]],
    root: tuple[int, str, str, bytes | None],
) -> tuple[str, ...]:
    """Name the cause of a root: what it waits for, or its own mapping, direction, code and trouble."""
    mapping_id, direction, code, trouble = root
    if mapping is None or key is None:
        return (CauseKind.ALIKE.value, str(mapping_id), direction, code, bytes(trouble or b"").hex())
    if (mapping, key) in single:
        return (CauseKind.AWAITED_EACH.value, mapping, str(mapping_id), code)
    return (CauseKind.AWAITED.value, mapping, key)


def _id_of(key: Sequence[str]) -> str:
    return hashlib.blake2b("\x1f".join(key).encode(), digest_size=4).hexdigest()


def _names(connection: sa.Connection, connection_id: str) -> dict[int, MappingName]:
    table = integration_table_mapping
    query = sa.select(table.c.id, table.c.name).where(table.c.connection_id == connection_id)
    return {row.id: MappingName(row.name) for row in connection.execute(query)}


def _cause(
    connection: sa.Connection, key: tuple[str, ...], group: _Group, names: dict[int, MappingName]
) -> ErrorCause:
    mapping_id, direction, source_key = group.example
    query = sa.select(*[synch_error.c[name] for name in COLUMNS]).where(
        synch_error.c.mapping_id == mapping_id,
        synch_error.c.direction == direction,
        synch_error.c.source_key == source_key,
    )
    example = from_row(tuple(connection.execute(query).one()), names[mapping_id])
    ordered = sorted(group.members.items(), key=lambda item: (-item[1], names[item[0]]))
    return ErrorCause(
        id=_id_of(key),
        kind=group.kind,
        code=group.code,
        count=sum(group.members.values()),
        failed=group.failed,
        mappings=tuple((names[number], count) for number, count in ordered),
        waits_for=group.waits_for,
        example=example,
    )
