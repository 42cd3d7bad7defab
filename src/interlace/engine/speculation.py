"""Lets a run go as if its writes took effect, and sends none: reads are answered as the writes would have left things.

It stands between the engine and its runner. What a service would make of a write by itself (defaults, derived
fields) is not known here; records that a service adds to a created one stand for themselves, see `_parts_of`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Protocol

from interlace.domain.plan import NEW_KEY
from interlace.domain.side import Side
from interlace.domain.values import Value, canonical
from interlace.engine.ports import (
    AdvanceMarker,
    Attempt,
    Call,
    DeleteRecords,
    Deletion,
    FindRecords,
    Marker,
    Outcome,
    Page,
    Pause,
    Precondition,
    ReadKeys,
    ReadMarker,
    ReadPage,
    Record,
    RequireThawed,
    TableView,
    Together,
    Write,
    WriteRecords,
    WriteResult,
)

_Table = tuple[Side, str, str | None]


class WriteWitness(Protocol):
    """Is told of every write that would have been sent."""

    def would_write(self, view: TableView, request: Write | Deletion) -> None:
        """Take note of a write."""
        ...


class _Left:
    """A record as planned writes would leave it."""

    __slots__ = ("_values", "digest", "key", "tag")

    def __init__(self, key: str, values: tuple[Value, ...]) -> None:
        self.key = key
        self.tag: str | None = "planned"
        self.digest = blake2b(repr(values).encode(), digest_size=16).digest()
        self._values = values

    def values(self) -> tuple[Value, ...]:
        """Return the values in the order of the view's fields."""
        return self._values


@dataclass(slots=True)
class _Content:
    """What planned writes would have done to one table."""

    created: dict[str, dict[str, Value]] = field(default_factory=dict)
    changed: dict[str, dict[str, Value]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    found_by: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """Created keys by field and text, for the fields that were asked for."""


@dataclass(slots=True, kw_only=True)
class Speculation:
    """Both services as planned writes would have left them."""

    witness: WriteWitness
    _tables: dict[_Table, _Content] = field(default_factory=lambda: defaultdict(_Content))
    _markers: dict[tuple[Side, str], Marker] = field(default_factory=dict)

    async def answer(self, call: Call) -> object:
        """Answer a call without any effect on a service."""
        match call:
            case Together():
                return [await self.answer(each) for each in call.calls]
            case Attempt(call=attempted):
                return await self.answer(attempted)
            case Pause() | RequireThawed():
                return None
            case ReadKeys():
                return await self._read_keys(call)
            case ReadPage():
                page: Page = await call
                return replace(page, records=self._present(call.view, page.records))
            case FindRecords():
                return await self._find(call)
            case WriteRecords():
                return await self._write(call)
            case DeleteRecords():
                return self._delete(call)
            case ReadMarker(side=side, name=name):
                return self._markers.get((side, name)) or await call
            case AdvanceMarker():
                self._markers[call.side, call.name] = Marker(value=call.value, tag="planned")
                return Outcome.DONE
            case _:
                return await call

    async def _read_keys(self, call: ReadKeys) -> list[Record | None]:
        content = self._tables[_table(call.view)]
        asked = [
            key
            for key in call.keys
            if key not in content.created and key not in content.deleted and not key.startswith(NEW_KEY)
        ]
        read: list[Record | None] = []
        if asked:
            read = await replace(call, keys=tuple(asked))
        found = dict(zip(asked, read, strict=True))
        records: list[Record | None] = []
        for key in call.keys:
            if key in content.created:
                records.append(_made(call.view, key, content.created[key]))
            else:
                record = found.get(key)
                records.append(None if record is None else self._changed(call.view, record))
        return records

    def _present(self, view: TableView, records: Sequence[Record]) -> list[Record]:
        deleted = self._tables[_table(view)].deleted
        return [self._changed(view, each) for each in records if each.key not in deleted]

    def _changed(self, view: TableView, record: Record) -> Record:
        changes = self._tables[_table(view)].changed.get(record.key)
        if changes is None:
            return record
        values = zip(view.fields, record.values(), strict=True)
        return _Left(record.key, tuple(changes.get(name, value) for name, value in values))

    async def _find(self, call: FindRecords) -> list[Record]:
        view, content = call.view, self._tables[_table(call.view)]
        real: list[Record] = await call
        found = self._present(view, real)
        known = content.found_by.get(call.field)
        if known is None:
            known = content.found_by[call.field] = {}
            for key, values in content.created.items():
                _note(known, key, values.get(call.field))
        keys = sorted({key for value in call.values for key in known.get(value.casefold(), ())})
        found += [_made(view, key, content.created[key]) for key in keys if key in content.created]
        if len(found) < len(call.values):
            held = {str(dict(zip(view.fields, each.values(), strict=True)).get(call.field)) for each in found}
            for value in call.values:
                if value not in held:
                    found += self._parts_of(call, value)
        return found

    def _parts_of(self, call: FindRecords, owner: str) -> list[Record]:
        """Return what stands for a record that the service adds to one that would be created.

        It points at its owner, and may bear any text that the owner was given: which one, only the service knows.
        """
        made = next(
            (
                content.created[owner]
                for (side, _, _), content in self._tables.items()
                if side is call.view.side and owner in content.created
            ),
            None,
        )
        if made is None:
            return []
        key = f"{NEW_KEY}{call.view.table}:{owner}"
        names = sorted({value for value in made.values() if isinstance(value, str)}) or [owner]
        return [
            _Left(key, tuple(owner if column == call.field else name for column in call.view.fields))
            for name in names
        ]

    async def _write(self, call: WriteRecords) -> list[WriteResult]:
        content = self._tables[_table(call.view)]
        there = await self._already_there(call, content)
        return [self._write_one(call.view, content, each, there) for each in call.writes]

    async def _already_there(self, call: WriteRecords, content: _Content) -> set[str]:
        keys = tuple(
            each.key
            for each in call.writes
            if each.precondition is Precondition.ABSENT and each.key not in content.deleted
        )
        records = await self._read_keys(ReadKeys(view=call.view, keys=keys)) if keys else []
        return {key for key, record in zip(keys, records, strict=True) if record is not None}

    def _write_one(self, view: TableView, content: _Content, write: Write, there: set[str]) -> WriteResult:
        if write.precondition is Precondition.UNCHANGED:
            held = content.created.get(write.key)
            if held is None:
                held = content.changed.setdefault(write.key, {})
            held.update(write.values)
            self.witness.would_write(view, write)
            return WriteResult(outcome=Outcome.DONE, key=write.key, tag="planned")
        if write.key in there:
            return WriteResult(outcome=Outcome.EXISTS, key=write.key)
        key = write.key if write.precondition is Precondition.ABSENT else f"{NEW_KEY}{write.key}"
        content.created[key] = dict(write.values)
        content.deleted.discard(key)
        for name, known in content.found_by.items():
            _note(known, key, write.values.get(name))
        self.witness.would_write(view, write)
        return WriteResult(outcome=Outcome.DONE, key=key, tag="planned")

    def _delete(self, call: DeleteRecords) -> list[WriteResult]:
        content = self._tables[_table(call.view)]
        for each in call.deletions:
            content.created.pop(each.key, None)
            content.deleted.add(each.key)
            self.witness.would_write(call.view, each)
        return [WriteResult(outcome=Outcome.DONE, key=each.key) for each in call.deletions]


def _table(view: TableView) -> _Table:
    return view.side, view.table, view.choice_column


def _made(view: TableView, key: str, values: dict[str, Value]) -> Record:
    return _Left(key, tuple(values.get(name) for name in view.fields))


def _note(known: dict[str, set[str]], key: str, value: Value) -> None:
    known.setdefault(str(canonical(value)).casefold(), set()).add(key)
