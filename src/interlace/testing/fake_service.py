"""An in-memory service with the semantics of the real ones, and a script of the answers that go wrong."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.values import Value
from interlace.engine.ports import (
    Capabilities,
    Changes,
    Deletion,
    LastChange,
    Marker,
    Outcome,
    Page,
    Precondition,
    Record,
    TableView,
    Write,
    WriteResult,
)
from interlace.engine.service import ServiceFailure, ServiceMismatch
from interlace.testing.fake_record import FakeRecord

DEFAULT_CAPABILITIES = Capabilities(
    insert_with_key=True,
    conditional_update=True,
    reports_changes=True,
    reports_deletes=True,
    read_page_size=100,
    write_batch_size=100,
    max_request_life_seconds=1.0,
)

_ERROR_CODES = {
    Outcome.EXISTS: ErrorCode.CHANGED_MEANWHILE,
    Outcome.STALE: ErrorCode.CHANGED_MEANWHILE,
    Outcome.GONE: ErrorCode.CHANGED_MEANWHILE,
    Outcome.REJECTED: ErrorCode.REJECTED_BY_SERVICE,
    Outcome.RETRY_LATER: ErrorCode.SERVICE_UNAVAILABLE,
    Outcome.UNKNOWN: ErrorCode.OUTCOME_UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedAnswer:
    """How the next write of a record ends, instead of as it would."""

    outcome: Outcome
    takes_effect: bool = False
    """For UNKNOWN: the write happens although its answer is lost."""
    lands_later: bool = False
    """For UNKNOWN: the write happens at `land_late_writes`, if its precondition holds then."""
    error: RecordError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    values: Mapping[str, Value]
    version: int


@dataclass(slots=True)
class _Table:
    records: dict[str, _Entry] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)


class FakeService:
    """Tables of records by key; satisfies the engine's Service and lets a test play the other users."""

    def __init__(self, capabilities: Capabilities = DEFAULT_CAPABILITIES) -> None:
        self.writes: list[tuple[str, Write | Deletion]] = []
        """Every write that arrived, with its table, in order."""
        self.reads = 0
        self._capabilities = capabilities
        self._table_capabilities: dict[str, Capabilities] = {}
        self._tables: dict[str, _Table] = {}
        self._scripts: dict[tuple[str, str], deque[ScriptedAnswer]] = {}
        self._read_failures: deque[ServiceFailure] = deque()
        self._refused: dict[str, dict[str, str]] = {}
        self._version = 0
        self._oldest_cursor = 0
        self._under_way: list[tuple[str, Write]] = []
        self.markers: dict[str, int] | None = {}
        """Marker rows by name; None: a service without a table for them."""
        self._chosen = 0

    # What a test does in the service's place or as one of its users.

    def put(self, table: str, key: str, values: Mapping[str, Value]) -> None:
        """Create a record or change some of its fields, as another user would."""
        content = self._table(table)
        present = content.records.get(key)
        self._version += 1
        merged = {**(present.values if present else {}), **values}
        content.records[key] = _Entry(values=merged, version=self._version)
        content.deleted.pop(key, None)

    def put_all(self, table: str, records: Iterable[tuple[str, Mapping[str, Value]]]) -> None:
        """Create or change many records."""
        for key, values in records:
            self.put(table, key, values)

    def remove(self, table: str, key: str) -> None:
        """Delete a record, as another user would."""
        content = self._table(table)
        del content.records[key]
        self._version += 1
        content.deleted[key] = self._version

    def touch(self, table: str, key: str) -> None:
        """Save a record without changing it: a new tag over equal content."""
        self.put(table, key, {})

    def get(self, table: str, key: str) -> dict[str, Value] | None:
        """Return a record's fields, or None."""
        entry = self._table(table).records.get(key)
        return dict(entry.values) if entry is not None else None

    def keys(self, table: str) -> list[str]:
        """Return a table's keys in order."""
        return sorted(self._table(table).records)

    def script(self, table: str, key: str, *answers: ScriptedAnswer) -> None:
        """Let the next writes of a record end as given."""
        self._scripts.setdefault((table, key), deque()).extend(answers)

    def land_late_writes(self) -> int:
        """Let writes whose answer was lost long ago arrive now; returns how many took effect."""
        landed = [write for write in self._under_way if self._refusal(*write) is None]
        self._under_way.clear()
        for table, write in landed:
            self.put(table, write.key, write.values)
        return len(landed)

    def fail_next_read(self, failure: ServiceFailure) -> None:
        """Let the next read of anything fail."""
        self._read_failures.append(failure)

    def refuse_value(self, table: str, field_name: str, reason: str) -> None:
        """Refuse every write that names a field, with a reason."""
        self._refused.setdefault(table, {})[field_name] = reason

    def accept_values(self) -> None:
        """Refuse no field any more."""
        self._refused.clear()

    def expire_cursors(self) -> None:
        """Forget the past: cursors given so far count as expired."""
        self._oldest_cursor = self._version + 1
        self._version += 1

    def declare(self, table: str, **changes: object) -> None:
        """Let a table differ from the service's capabilities."""
        self._table_capabilities[table] = replace(self._capabilities, **changes)  # type: ignore[arg-type]

    # What the engine asks.

    async def capabilities(self, view: TableView) -> Capabilities:
        """Say what a table can do."""
        return self._capabilities_of(view)

    async def read_page(self, view: TableView, after: str | None) -> Page:
        """Read one page in key order."""
        self._begin_read()
        size = self._capabilities_of(view).read_page_size
        keys = [key for key in self.keys(_name(view)) if after is None or key > after]
        records = [self._record(view, key) for key in keys[:size]]
        return Page(records=records, next=keys[size - 1] if len(keys) > size else None)

    async def read_keys(self, view: TableView, keys: tuple[str, ...]) -> list[Record | None]:
        """Read records by key."""
        self._begin_read()
        present = self._table(_name(view)).records
        return [self._record(view, key) if key in present else None for key in keys]

    async def find_records(
        self, view: TableView, field: str, values: tuple[str, ...], *, exact: bool = False
    ) -> list[Record]:
        """Find records by a field, without regard to letter case."""
        self._begin_read()
        wanted = {value.casefold() for value in values}
        content = self._table(_name(view)).records
        return [
            self._record(view, key)
            for key in sorted(content)
            if str(content[key].values.get(field) or "").casefold() in wanted
        ]

    async def read_changes(self, view: TableView, cursor: str | None) -> Changes:
        """Say what changed since a cursor; a cursor is a version."""
        self._begin_read()
        capabilities = self._capabilities_of(view)
        if not capabilities.reports_changes:
            return Changes(keys=(), deleted=(), cursor=None, complete=False)
        following = str(self._version)
        if cursor is None or int(cursor) < self._oldest_cursor:
            return Changes(keys=(), deleted=(), cursor=following, complete=False)
        content = self._table(_name(view))
        keys = tuple(key for key, entry in content.records.items() if entry.version > int(cursor))
        gone = tuple(key for key, version in content.deleted.items() if version > int(cursor))
        deleted = gone if capabilities.reports_deletes else ()
        return Changes(keys=keys, deleted=deleted, cursor=following, complete=True)

    async def write(self, view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Carry out writes one after the other."""
        return [self._write(view, write) for write in writes]

    async def delete(self, view: TableView, deletions: tuple[Deletion, ...]) -> list[WriteResult]:
        """Carry out deletions one after the other."""
        return [self._delete(view, deletion) for deletion in deletions]

    async def create_document(
        self, view: TableView, mark: str, values: Mapping[str, Value], lines: tuple[Mapping[str, Value], ...]
    ) -> WriteResult:
        """Refuse: see `fake_documents` for a service that can."""
        raise ServiceMismatch(f"The service creates no documents of {view.table}.")

    async def perform(
        self, view: TableView, key: str, tag: str | None, message: str, parameters: Mapping[str, Value]
    ) -> WriteResult:
        """Refuse: see `fake_documents` for a service that can."""
        raise ServiceMismatch(f"The service has no message {message} for {view.table}.")

    async def read_marker(self, name: str) -> Marker | None:
        """Read a marker row."""
        self._begin_read()
        if self.markers is None:
            return None
        value = self.markers.get(name)
        return Marker(value=value or 0, tag=None if value is None else f'W/"{value}"')

    async def advance_marker(self, name: str, value: int, tag: str | None) -> Outcome:
        """Create a marker row, or set it if it still carries the tag."""
        if self.markers is None:
            return Outcome.REJECTED
        held = self.markers.get(name)
        if held is None and tag is not None:
            return Outcome.GONE
        if tag is None and held is not None:
            return Outcome.EXISTS
        if held is not None and tag != f'W/"{held}"':
            return Outcome.STALE
        self.markers[name] = value
        return Outcome.DONE

    async def read_last_change(self, view: TableView, key: str) -> LastChange:
        """Say who changed a record last: this service does not know."""
        self._begin_read()
        return LastChange(by=None, at=None)

    def _write(self, view: TableView, write: Write) -> WriteResult:
        name = _name(view)
        self.writes.append((name, write))
        scripted = self._next_scripted(name, write.key)
        if scripted is not None and scripted.lands_later:
            self._under_way.append((name, write))
        if scripted is not None and not scripted.takes_effect:
            return _result(scripted.outcome, name, write.key, scripted.error)
        if write.precondition is Precondition.MARKED:
            return self._write_marked(view, write, scripted)
        outcome = self._refusal(name, write)
        if outcome is not None:
            return _result(outcome, name, write.key, None)
        for field_name, reason in self._refused.get(name, {}).items():
            if field_name in write.values:
                message = (
                    f"The service refused {name} {write.key}: {field_name} {reason}. Correct the record."
                )
                error = RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message=message, field=field_name)
                return _result(Outcome.REJECTED, name, write.key, error)
        self.put(name, write.key, write.values)
        if scripted is not None:
            return _result(scripted.outcome, name, write.key, scripted.error)
        return WriteResult(
            outcome=Outcome.DONE, key=write.key, tag=_tag(self._table(name).records[write.key])
        )

    def _write_marked(self, view: TableView, write: Write, scripted: ScriptedAnswer | None) -> WriteResult:
        """Create a record under a key of our choosing, as a service does that ignores the caller's."""
        name, mark = _name(view), self._capabilities_of(view).mark_field
        assert mark is not None
        self._chosen += 1
        key = f"S{self._chosen:05d}"
        self.put(name, key, {**write.values, mark: write.key})
        if scripted is not None:
            return _result(scripted.outcome, name, write.key, scripted.error)
        return WriteResult(outcome=Outcome.DONE, key=key, tag=_tag(self._table(name).records[key]))

    def _delete(self, view: TableView, deletion: Deletion) -> WriteResult:
        name = _name(view)
        self.writes.append((name, deletion))
        scripted = self._next_scripted(name, deletion.key)
        if scripted is not None and not scripted.takes_effect:
            return _result(scripted.outcome, name, deletion.key, scripted.error)
        present = self._table(name).records.get(deletion.key)
        if present is None:
            return _result(Outcome.GONE, name, deletion.key, None)
        if deletion.tag is not None and deletion.tag != _tag(present):
            return _result(Outcome.STALE, name, deletion.key, None)
        self.remove(name, deletion.key)
        outcome = scripted.outcome if scripted is not None else Outcome.DONE
        return _result(outcome, name, deletion.key, None)

    def _refusal(self, name: str, write: Write) -> Outcome | None:
        present = self._table(name).records.get(write.key)
        if write.precondition is Precondition.ABSENT:
            return Outcome.EXISTS if present is not None else None
        if present is None:
            return Outcome.GONE
        return Outcome.STALE if write.tag is not None and write.tag != _tag(present) else None

    def _record(self, view: TableView, key: str) -> FakeRecord:
        entry = self._table(_name(view)).records[key]
        values = tuple(entry.values.get(name) for name in view.fields)
        return FakeRecord(key=key, tag=_tag(entry), values=values)

    def _next_scripted(self, name: str, key: str) -> ScriptedAnswer | None:
        waiting = self._scripts.get((name, key))
        return waiting.popleft() if waiting else None

    def _begin_read(self) -> None:
        self.reads += 1
        if self._read_failures:
            raise self._read_failures.popleft()

    def _capabilities_of(self, view: TableView) -> Capabilities:
        return self._table_capabilities.get(_name(view), self._capabilities)

    def _table(self, name: str) -> _Table:
        return self._tables.setdefault(name, _Table())


class SetClock:
    """A clock that stands still until a test, or a pause, moves it."""

    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = now
        self._elapsed = 0.0

    def now(self) -> datetime:
        """Return the time it shows."""
        return self._now

    def set(self, now: datetime) -> None:
        """Show another time."""
        self._now = now

    def elapsed(self) -> float:
        """Return seconds on a clock that never steps: only pauses move it."""
        return self._elapsed

    async def pause(self, seconds: float) -> None:
        """Let time pass at once."""
        self._now = datetime.fromtimestamp(self._now.timestamp() + seconds, UTC)
        self._elapsed += seconds


def _name(view: TableView) -> str:
    return view.table if view.choice_column is None else f"{view.table}.{view.choice_column}"


def _tag(entry: _Entry) -> str:
    return f'W/"{entry.version}"'


def _result(outcome: Outcome, table: str, key: str, error: RecordError | None) -> WriteResult:
    if error is None and outcome in _ERROR_CODES:
        message = f"The service answered {outcome.value} for {table} {key}. Look at the record."
        error = RecordError(code=_ERROR_CODES[outcome], message=message)
    return WriteResult(outcome=outcome, key=key, error=error)
