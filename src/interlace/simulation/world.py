"""What is true in both services at every moment, who made it so, and which values people have seen when they wrote.

Every value a person writes is new and remembers the value it replaced: to have seen a value is to descend from it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from interlace.domain.side import Side
from interlace.sandbox.stored_table import StoredRecord
from interlace.simulation.services import Services
from interlace.simulation.tracked_tables import CUSTOMERS, TRACKED, TrackedTable

Fields = dict[str, str]
REST = "the rest"
"""Stands for all mapped fields that nobody edits: what shows that a record was written at all."""
_LIMIT = 100_000
_JOINED_BY = "\n"
"""A policy may keep the values of both sides, one below the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One record that one request changed."""

    side: Side
    table: TrackedTable
    key: str
    kind: str
    """created, changed or deleted"""
    before: Fields
    after: Fields
    tag: str
    by_engine: bool
    at: float

    def __str__(self) -> str:
        who = "engine" if self.by_engine else "user"
        moved = {n: (self.before.get(n), v) for n, v in self.after.items() if self.before.get(n) != v}
        return f"{self.at:.3f} {who} {self.kind} {self.side.value} {self.key} [{self.tag}] {moved}"


@dataclass(slots=True, kw_only=True)
class LostValue:
    """A value of a person that the engine wrote over without carrying it on: it must be journalled."""

    effect: Effect
    field: str
    value: str


@dataclass(slots=True)
class World:
    """Follows both services; an Observer of Services."""

    services: Services
    state: dict[Side, dict[str, dict[str, Fields]]] = field(init=False)
    """By side, mapping and key: the tracked fields as they are."""
    effects: list[Effect] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    lost: list[LostValue] = field(default_factory=list)
    parents: dict[str, str] = field(default_factory=dict)
    deleted_tags: dict[Side, set[str]] = field(default_factory=lambda: {side: set() for side in Side})
    revived_tags: set[str] = field(default_factory=set)
    """Of records that a person deleted and a restored backup brought back: their successors exist beside them."""
    counts: Counter[str] = field(default_factory=Counter)
    _versions: dict[Side, int] = field(default_factory=dict)
    numbered_from: int = 0
    """Number of the first value and of the first tag: those of an image have smaller ones."""
    _values: int = field(init=False)
    _tags: int = field(init=False)

    def __post_init__(self) -> None:
        self._values = self._tags = self.numbered_from
        self.state = {side: {table.mapping: {} for table in TRACKED} for side in Side}
        for side in Side:
            self._versions[side] = 0
            self._look(side, by_engine=False)
        self.effects.clear()
        self.counts.clear()
        for side, table, _, fields in self.records():
            self.parents.update((fields[name], "") for name in table.names(side))

    # What people write

    def new_value(self, replaced: str | None = None) -> str:
        """Make a value that nobody wrote before, by someone who sees the one that it replaces."""
        self._values += 1
        value = f"v{self._values}"
        if replaced:
            self.parents[value] = replaced
        else:
            self.parents.setdefault(value, "")
        return value

    def new_tag(self) -> str:
        """Make the tag of a new record."""
        self._tags += 1
        return f"T{self._tags}"

    def descends(self, value: str, ancestor: str) -> bool:
        """Tell whether whoever wrote a value has seen the other one, or values that replaced it."""
        seen: set[str] = set()
        waiting = value.split(_JOINED_BY)
        while waiting:
            part = waiting.pop()
            if part and part not in seen:
                seen.add(part)
                waiting += self.parents.get(part, "").split(_JOINED_BY)
        return all(part in seen for part in ancestor.split(_JOINED_BY))

    # What happens

    def saw_effect(self, side: Side, by_engine: bool) -> None:  # noqa: FBT001 - as Observer says
        """Look at what a request changed."""
        self._look(side, by_engine=by_engine)

    def saw_restoration(self, side: Side) -> None:
        """Take a service as it is after a backup was put back."""
        self.state[side] = {table.mapping: {} for table in TRACKED}
        known = len(self.effects)
        self._versions[side] = 0
        self._look(side, by_engine=False)
        del self.effects[known:]
        for record_side, table, _, fields in self.records():
            tag = fields[table.tag_name(record_side)]
            if record_side is side and tag in self.deleted_tags[side]:
                self.revived_tags.add(tag)

    def _look(self, side: Side, *, by_engine: bool) -> None:
        store = self.services.store(side)
        since, until = self._versions[side], store.version
        self._versions[side] = until
        took_owner = False
        for table in TRACKED:
            name = table.tables[side]
            known = self.state[side][table.mapping]
            for stored in store.changes(name, since=since, until=until, limit=_LIMIT):
                row = self._row(side, table, stored)
                if row is not None:
                    self._changed(side, table, *row, by_engine=by_engine)
            graves = store.deletions(name, since=since, until=until, limit=_LIMIT)
            gone = [key for key in (str(grave.key[0]) for grave in graves) if key in known]
            for key in gone:
                self._deleted(side, table, key, by_engine=by_engine and not took_owner)
            # The CRM deletes an account's contacts with it: that is its own doing, and a deletion like a person's.
            took_owner = took_owner or (table is CUSTOMERS and side is Side.CRM and bool(gone))

    def _row(self, side: Side, table: TrackedTable, stored: StoredRecord) -> tuple[str, Fields] | None:
        if side is Side.ERP:
            record = self.services.erp.records.layouts[table.tables[side]].from_stored(stored)
            values: dict[str, object] = dict(record.values)
            if table.mapping == "CONTACT" and values["Type"] != "Person":
                return None
        else:
            values = msgspec.json.decode(stored.body, type=dict[str, object])
        names = (*table.names(side), table.tag_name(side))
        fields = {name: str(values.get(name) or "") for name in names}
        fields[REST] = ", ".join(
            f"{name}={values[name]}" for name in table.others(side) if values.get(name) is not None
        )
        return str(values[table.keys[side]]), fields

    def _changed(self, side: Side, table: TrackedTable, key: str, after: Fields, *, by_engine: bool) -> None:
        known = self.state[side][table.mapping]
        before = known.get(key)
        known[key] = after
        if before == after:
            return
        effect = Effect(
            side=side,
            table=table,
            key=key,
            kind="created" if before is None else "changed",
            before=before or {},
            after=after,
            tag=after[table.tag_name(side)],
            by_engine=by_engine,
            at=self.services.clock.seconds,
        )
        self.effects.append(effect)
        self.counts[f"{'engine' if by_engine else 'user'} {effect.kind}"] += 1
        if by_engine:
            self._judge_write(effect)
        if before is None:
            self._judge_creation(effect)

    def _deleted(self, side: Side, table: TrackedTable, key: str, *, by_engine: bool) -> None:
        before = self.state[side][table.mapping].pop(key)
        tag = before[table.tag_name(side)]
        effect = Effect(
            side=side,
            table=table,
            key=key,
            kind="deleted",
            before=before,
            after={},
            tag=tag,
            by_engine=by_engine,
            at=self.services.clock.seconds,
        )
        self.effects.append(effect)
        self.counts[f"{'engine' if by_engine else 'user'} deleted"] += 1
        if not by_engine:
            self.deleted_tags[side].add(tag)
        elif tag not in self.deleted_tags[side.other]:
            self.violations.append(f"spurious deletion: nobody deleted the partner of {effect}")

    def _judge_write(self, effect: Effect) -> None:
        for name in effect.table.names(effect.side):
            new, old = effect.after[name], effect.before.get(name, "")
            if new and not all(part in self.parents for part in new.split(_JOINED_BY)):
                self.violations.append(f"invention: nobody ever wrote {new!r}: {effect}")
            if old and new != old and not self.descends(new, old):
                self.lost.append(LostValue(effect=effect, field=name, value=old))

    def _judge_creation(self, effect: Effect) -> None:
        twins = [
            key
            for key, fields in self.state[effect.side][effect.table.mapping].items()
            if effect.tag
            and effect.tag not in self.revived_tags
            and fields[effect.table.tag_name(effect.side)] == effect.tag
        ]
        if len(twins) > 1:
            self.violations.append(f"duplicate: {' and '.join(twins)} are both {effect.tag}: {effect}")

    def records(self) -> Iterator[tuple[Side, TrackedTable, str, Fields]]:
        """Yield every tracked record as it is now."""
        for side in Side:
            for table in TRACKED:
                for key, fields in self.state[side][table.mapping].items():
                    yield side, table, key, fields
