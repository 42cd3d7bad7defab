"""A model of one service at the level of the engine's port, with the nasty parts that the real ones document.

Versions are given when a statement runs and are visible when its transaction commits; the CRM's feed holds back
what an open transaction might still change, the ERP's feed goes by time stamps and does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import (
    Capabilities,
    Changes,
    Deletion,
    Marker,
    Outcome,
    Page,
    Precondition,
    Record,
    TableView,
    Write,
    WriteResult,
)
from interlace.testing.fake_record import FakeRecord

FEED_OVERLAP = 60.0
"""How far back the ERP's feed looks before its cursor: later commits of older changes stay unseen."""

_ERROR_CODES = {
    Outcome.REJECTED: ErrorCode.REJECTED_BY_SERVICE,
    Outcome.RETRY_LATER: ErrorCode.SERVICE_UNAVAILABLE,
    Outcome.UNKNOWN: ErrorCode.OUTCOME_UNKNOWN,
}


@dataclass(slots=True)
class Row:
    """One record's state; replaced, never changed, so that backups may share it."""

    values: Mapping[str, Value]
    version: int
    stamp: float
    identity: int
    by_engine: bool
    _records: dict[tuple[str, ...], FakeRecord] = field(default_factory=dict)

    def record(self, key: str, fields: tuple[str, ...]) -> FakeRecord:
        """Show the row as a view reads it."""
        found = self._records.get(fields)
        if found is None:
            values = tuple(self.values.get(name) for name in fields)
            found = FakeRecord(key=key, tag=str(self.version), values=values)
            self._records[fields] = found
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A deletion as the feed may tell of it."""

    key: str
    version: int
    stamp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEdit:
    """A user's transaction under way: its version and stamp are given, its effect is not visible yet."""

    version: int
    stamp: float
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """What a new record holds in one field."""

    field: str
    value: Value
    opening: Value = None
    """What the field must hold before it takes any other value, if anything."""


@dataclass(slots=True)
class ServiceBackup:
    """A copy of everything a service holds."""

    tables: dict[str, dict[str, Row]]
    tombstones: dict[str, list[Tombstone]]
    markers: dict[str, int] | None
    version: int
    oldest_cursor: int


class EffectObserver(Protocol):
    """Who is told of each effect of the engine on a service, just before it happens."""

    def creates(self, side: Side, table: str, key: str, values: Mapping[str, Value]) -> int:
        """Judge a create; gives the logical record that it belongs to."""
        ...

    def updates(self, side: Side, table: str, key: str, row: Row, values: Mapping[str, Value]) -> None:
        """Judge an update."""
        ...

    def deletes(self, side: Side, table: str, key: str, row: Row) -> None:
        """Judge a deletion."""
        ...


class ModelService:
    """Tables of one service; satisfies the engine's calls, one at a time and at one instant."""

    def __init__(self, side: Side, observer: EffectObserver) -> None:
        self.side = side
        self.observer = observer
        self.tables: dict[str, dict[str, Row]] = {}
        self.tombstones: dict[str, list[Tombstone]] = {}
        self.capabilities: dict[str, Capabilities] = {}
        self.open_edits: dict[tuple[str, str], OpenEdit] = {}
        self.refused: dict[tuple[str, str], bool] = {}
        self.births: dict[str, Birth] = {}
        """By table."""
        self.markers: dict[str, int] | None = {}
        self.version = 0
        self.oldest_cursor = 0
        """The CRM's feed: cursors below this version have expired."""
        self.told: dict[str, int] = {}
        """The CRM's feed: up to which version anybody was ever told what changed."""
        self.down_until = -1.0
        self.now = 0.0
        """The service's own clock; set by the kernel."""
        self._numbers = 0

    # Backups.

    def backup(self) -> ServiceBackup:
        """Copy everything."""
        return ServiceBackup(
            tables={name: dict(rows) for name, rows in self.tables.items()},
            tombstones={name: list(gone) for name, gone in self.tombstones.items()},
            markers=None if self.markers is None else dict(self.markers),
            version=self.version,
            oldest_cursor=self.oldest_cursor,
        )

    def restore(self, copy: ServiceBackup) -> None:
        """Go back in time; keys that were given out since are not given out again."""
        self.tables = {name: dict(rows) for name, rows in copy.tables.items()}
        self.tombstones = {name: list(gone) for name, gone in copy.tombstones.items()}
        self.markers = None if copy.markers is None else dict(copy.markers)
        self.version, self.oldest_cursor = copy.version, copy.oldest_cursor
        self.open_edits.clear()

    # What users do, and what an effect does.

    def rows(self, table: str) -> dict[str, Row]:
        """Return a table's rows by key."""
        return self.tables.setdefault(table, {})

    def next_version(self) -> int:
        """Give out a version."""
        self.version += 1
        return self.version

    def put(
        self,
        table: str,
        key: str,
        values: Mapping[str, Value],
        *,
        identity: int,
        by_engine: bool,
        at: OpenEdit | None = None,
    ) -> None:
        """Create or change a row; `at` names the transaction whose version and stamp it gets."""
        rows = self.rows(table)
        held = rows.get(key)
        birth = self.births.get(table)
        born = {} if birth is None else {birth.field: birth.value}
        rows[key] = Row(
            values={**born, **values} if held is None else {**held.values, **values},
            version=self.next_version() if at is None else at.version,
            stamp=self.now if at is None else at.stamp,
            identity=identity,
            by_engine=by_engine if held is None else held.by_engine,
        )

    def remove(self, table: str, key: str, *, told: bool = True) -> None:
        """Delete a row; a deletion that is not told of must be found by comparing whole tables."""
        del self.rows(table)[key]
        version = self.next_version()
        if told:
            self.tombstones.setdefault(table, []).append(Tombstone(key=key, version=version, stamp=self.now))

    def begin_edit(self, table: str, key: str, field_name: str) -> None:
        """Begin a user's transaction on a row; others can't write it until it ends."""
        edit = OpenEdit(version=self.next_version(), stamp=self.now, field=field_name)
        self.open_edits[table, key] = edit

    def take_number(self, prefix: str) -> str:
        """Give out a key of the service's own choosing; never twice, restores or not."""
        self._numbers += 1
        return f"{prefix}{self._numbers:04}"

    # What the engine asks.

    def read_page(self, view: TableView, after: str | None) -> Page:
        """Read one page in key order."""
        rows = self.rows(view.table)
        size = self.capabilities[view.table].read_page_size
        keys = sorted(key for key in rows if after is None or key > after)
        records = [rows[key].record(key, view.fields) for key in keys[:size]]
        return Page(records=records, next=keys[size - 1] if len(keys) > size else None)

    def read_key(self, view: TableView, key: str) -> Record | None:
        """Read one record."""
        row = self.rows(view.table).get(key)
        return None if row is None else row.record(key, view.fields)

    def find_records(self, view: TableView, name: str, values: tuple[str, ...]) -> list[Record]:
        """Find records by a field."""
        wanted = {value.casefold() for value in values}
        rows = self.rows(view.table)
        return [
            rows[key].record(key, view.fields)
            for key in sorted(rows)
            if str(rows[key].values.get(name) or "").casefold() in wanted
        ]

    def read_changes(self, view: TableView, cursor: str | None) -> Changes:
        """Say what changed since a cursor."""
        if not self.capabilities[view.table].reports_changes:
            return Changes(keys=(), deleted=(), cursor=None, complete=False)
        by_version = self.side is Side.CRM
        return self._changes_by_version(view, cursor) if by_version else self._changes_by_stamp(view, cursor)

    def _changes_by_version(self, view: TableView, cursor: str | None) -> Changes:
        open_versions = [edit.version for edit in self.open_edits.values()]
        upto = min(open_versions) if open_versions else self.version + 1
        following = str(upto - 1)
        self.told[view.table] = max(upto - 1, self.told.get(view.table, 0))
        if cursor is None or int(cursor) < self.oldest_cursor:
            return Changes(keys=(), deleted=(), cursor=following, complete=False)
        since, rows = int(cursor), self.rows(view.table)
        keys = tuple(key for key, row in rows.items() if since < row.version < upto)
        gone = self.tombstones.get(view.table, ())
        deleted = tuple(each.key for each in gone if since < each.version < upto)
        return Changes(keys=keys, deleted=deleted, cursor=following, complete=True)

    def _changes_by_stamp(self, view: TableView, cursor: str | None) -> Changes:
        following = f"{self.oldest_cursor}|{self.now}"
        if cursor is None:
            return Changes(keys=(), deleted=(), cursor=following, complete=False)
        era, _, stamp = cursor.partition("|")
        if int(era) < self.oldest_cursor:
            return Changes(keys=(), deleted=(), cursor=following, complete=False)
        since, rows = float(stamp) - FEED_OVERLAP, self.rows(view.table)
        keys = tuple(key for key, row in rows.items() if row.stamp >= since)
        gone = self.tombstones.get(view.table, ())
        deleted = tuple(dict.fromkeys(each.key for each in gone if each.stamp >= since))
        return Changes(keys=keys, deleted=deleted, cursor=following, complete=True)

    def write(self, view: TableView, write: Write) -> WriteResult:
        """Carry out one write, if its precondition holds now."""
        table, rows = view.table, self.rows(view.table)
        if (table, write.key) in self.open_edits:
            return self.refusal(Outcome.RETRY_LATER, table, write.key)
        for name in write.values:
            if self.refused.get((table, name)):
                return self.refusal(Outcome.REJECTED, table, write.key)
        key, held = write.key, rows.get(write.key)
        if write.precondition is Precondition.UNCHANGED:
            if held is None:
                return WriteResult(outcome=Outcome.GONE, key=key)
            if write.tag is not None and write.tag != str(held.version):
                return WriteResult(outcome=Outcome.STALE, key=key)
            if self._is_too_early(table, held, write):
                return self.refusal(Outcome.REJECTED, table, key)
            self.observer.updates(self.side, table, key, held, write.values)
            self.put(table, key, write.values, identity=held.identity, by_engine=True)
            return WriteResult(outcome=Outcome.DONE, key=key, tag=str(rows[key].version))
        values = dict(write.values)
        if write.precondition is Precondition.MARKED:
            mark = self.capabilities[table].mark_field
            assert mark is not None
            values[mark] = write.key
            key = self.take_number("S")
        elif held is not None:
            return WriteResult(outcome=Outcome.EXISTS, key=key)
        identity = self.observer.creates(self.side, table, key, values)
        self.put(table, key, values, identity=identity, by_engine=True)
        return WriteResult(outcome=Outcome.DONE, key=key, tag=str(rows[key].version))

    def _is_too_early(self, table: str, held: Row, write: Write) -> bool:
        """Tell whether a write gives a new record a value that it takes only once it was opened."""
        birth = self.births.get(table)
        if birth is None or birth.opening is None or held.values[birth.field] != birth.value:
            return False
        return write.values.get(birth.field, birth.value) not in (birth.value, birth.opening)

    def delete(self, view: TableView, deletion: Deletion) -> WriteResult:
        """Carry out one deletion, if its precondition holds now."""
        table, key = view.table, deletion.key
        if (table, key) in self.open_edits:
            return self.refusal(Outcome.RETRY_LATER, table, key)
        held = self.rows(table).get(key)
        if held is None:
            return WriteResult(outcome=Outcome.GONE, key=key)
        if deletion.tag is not None and deletion.tag != str(held.version):
            return WriteResult(outcome=Outcome.STALE, key=key)
        self.observer.deletes(self.side, table, key, held)
        self.remove(table, key)
        return WriteResult(outcome=Outcome.DONE, key=key)

    def read_marker(self, name: str) -> Marker | None:
        """Read a marker row."""
        if self.markers is None:
            return None
        value = self.markers.get(name)
        return Marker(value=value or 0, tag=None if value is None else str(value))

    def advance_marker(self, name: str, value: int, tag: str | None) -> Outcome:
        """Set a marker row by compare and set."""
        if self.markers is None:
            return Outcome.REJECTED
        held = self.markers.get(name)
        if tag != (None if held is None else str(held)):
            return Outcome.STALE if held is not None or tag is not None else Outcome.EXISTS
        self.markers[name] = value
        return Outcome.DONE

    def refusal(self, outcome: Outcome, table: str, key: str) -> WriteResult:
        """Make the answer for a write that did not go through."""
        message = f"The service answered {outcome.value} for {table} {key}. Look at the record."
        error = RecordError(code=_ERROR_CODES[outcome], message=message)
        return WriteResult(outcome=outcome, key=key, error=error)


def with_mark(capabilities: Capabilities, mark_field: str) -> Capabilities:
    """Return the capabilities of a table whose service chooses the keys."""
    return replace(capabilities, insert_with_key=False, mark_field=mark_field)
