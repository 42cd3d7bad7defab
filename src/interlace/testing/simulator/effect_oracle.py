"""Judges every effect of the engine at the instant at which it happens, and every write when it is sent.

I1 no duplicate, I2 no lost update, I3 no invention, I4 no spurious deletion, I10 intent before effect, I13 same
key same bytes, I15 a restored backup does not spread, and nothing written under a halt.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import Precondition, TableView, Write
from interlace.testing.simulator.brake_oracle import BrakeOracle, has_begun
from interlace.testing.simulator.journal_of_events import Events
from interlace.testing.simulator.lineage import Lineage
from interlace.testing.simulator.memory import Loss, Memory, body_of
from interlace.testing.simulator.model_service import ModelService, Row
from interlace.testing.simulator.profile import Profile
from interlace.testing.simulator.synthetic_mappings import MARK_FIELD, PARTNER_COLUMNS, Company, TableShape
from interlace.testing.simulator.violation import Violation

_OBSERVATION_LIFE = 30.0
_WITHIN_A_STEP = 0.001
_OWN_FIELDS = frozenset((*PARTNER_COLUMNS, MARK_FIELD))


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One effect of the engine on a record, as the journal must tell of it."""

    mapping: MappingName
    side: Side
    key: str
    kind: str
    """create, update or delete."""
    after: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeletion:
    """A record that a user deleted, with what it held then."""

    side: Side
    key: str
    values: Mapping[str, Value]
    was_coupled: bool
    at: float


class EffectOracle:
    """Knows the whole world: both services, the memory, and where every value came from."""

    def __init__(
        self, company: Company, lineage: Lineage, memory: Memory, events: Events, profile: Profile
    ) -> None:
        self.company = company
        self.lineage = lineage
        self.memory = memory
        self.events = events
        self.profile = profile
        self.services: dict[Side, ModelService] = {}
        self.brakes = BrakeOracle()
        self.effects: list[Effect] = []
        self.exempt_effects = 0
        """So many effects at the beginning need no entry: our own memory was restored since."""
        self.owed_losses: list[Loss] = []
        self.deletions: dict[int, list[UserDeletion]] = {}
        """By logical record."""
        self.ever: set[tuple[Side, str, str]] = set()
        """Every record that there ever was: side, table, key."""
        self.unseen: set[tuple[MappingName, Side, str]] = set()
        """Records of ours that users deleted before the engine knew that they were there."""
        self.user_deleted: set[tuple[MappingName, Side, str]] = set()
        self.entered: dict[tuple[int, Side], int] = {}
        """How often users entered a logical record on a side."""
        self.entered_anew: dict[tuple[Side, str, str], float] = {}
        """When users last entered the number of a deleted record again: by side, table, key."""
        self.missed: dict[tuple[Side, str, str], list[float]] = {}
        """When the engine read a record by its key and found none."""
        self.apart: set[tuple[Side, str, str]] = set()
        """Records entered anew just before another one took their place: two from then on, a stated limit."""
        self.count = 0
        self.now = 0.0
        self.sent_at = 0.0
        """When the request that takes effect now was sent."""
        self.forgotten_before = -1.0
        """When our own memory was restored last: what was sent before was announced in a memory that is no more."""
        self.forgotten: list[Effect] = []
        """Effects that no memory of ours can tell of."""
        self.brought_back: set[tuple[MappingName, Side, str]] = set()
        """Records that users deleted and that stand there again by a create sent before: a stated limit."""
        self.ever_brought_back: set[tuple[MappingName, Side, str]] = set()
        """Such records, whatever became of them: nobody can tell what they hold from what users enter."""
        self.not_told: dict[tuple[Side, str, str], Row] = {}
        """Rows as an unnoticeable restore brought them back: no marker was acknowledged since the backup."""
        self.last_effect: dict[MappingName, int] = {}

    # When a run begins.

    def run_begins(self, mapping: MappingName, run_id: str, process: str, whole: bool) -> None:  # noqa: FBT001 - one word of a worker
        """Look at what a run finds that takes its next step now; `whole`: it compares whole tables."""
        held = self.memory.mappings[mapping]
        if not whole:
            self.brakes.other_run_begins(mapping)
        elif not has_begun(held, run_id):
            tables = {side: self.company.shape_of(mapping, side).table for side in Side}
            keys = {side: set(self.services[side].rows(table)) for side, table in tables.items()}
            self.brakes.run_begins(mapping, held, keys, process, entered=sum(self.entered.values()))

    # When a write is sent.

    def sent(self, view: TableView, write: Write, *, observed: float) -> None:
        """Judge a write that leaves the engine now; its task last saw records at the moment `observed`."""
        self._check_halt(self.company.shapes[view.side, view.table], write.key)
        if not _told(write.values):
            return
        self._check_age(view, write.key, observed)
        mapping = self.company.shapes[view.side, view.table].mapping
        bodies = (body_of(write.values), None)
        if not any((mapping, view.side, write.key, body) in self.memory.announced for body in bodies):
            raise Violation(
                "I10 intent before effect", f"{mapping}: {view.side.value} {write.key} was not announced"
            )

    def same_bytes(self, view: TableView, earlier: Write, later: Write) -> None:
        """Judge a create that is sent while an earlier one of its key is still under way.

        Once a create of the key took effect, the record was deleted by a user before it is created again: then a
        late copy of the first one can only be refused, or stand there as what it is, an older state.
        """
        shape = self.company.shapes[view.side, view.table]
        place = (shape.mapping, view.side, later.key)
        if any(
            each.kind == "create" and (each.mapping, each.side, each.key) == place for each in self.effects
        ):
            return
        if later.precondition is not Precondition.UNCHANGED and earlier.values != later.values:
            raise Violation(
                "I13 same key, same bytes",
                f"{view.table} {later.key}: {dict(earlier.values)} is under way, {dict(later.values)} was sent",
            )

    def _check_age(self, view: TableView, key: str, observed: float) -> None:
        if self.now - observed > _OBSERVATION_LIFE + _WITHIN_A_STEP:
            raise Violation(
                "plan deadline", f"{view.table} {key} rests on what was seen {self.now - observed:.1f} s ago"
            )

    def deleted(self, view: TableView, key: str, process: str, *, observed: float) -> None:
        """Judge a deletion that leaves the engine now."""
        self._check_age(view, key, observed)
        shape = self.company.shapes[view.side, view.table]
        self._check_halt(shape, key)
        held = self.memory.mappings[shape.mapping]
        entered = sum(self.entered.values())
        self.brakes.deleted(shape.mapping, held, shape.side, key, process, entered=entered)
        if not any((shape.mapping, view.side, key, body) in self.memory.announced for body in ((), None)):
            raise Violation(
                "I10 intent before effect", f"{shape.mapping}: deletion of {key} was not announced"
            )

    def _check_halt(self, shape: TableShape, key: str) -> None:
        halt = self.memory.mappings[shape.mapping].halt
        if halt is not None and halt.released_by is None:
            raise Violation("halt", f"{shape.mapping}: {shape.side.value} {key} under {halt.kind.value}")

    def missing(self, view: TableView, key: str) -> None:
        """Note that the engine reads a record that is not there."""
        self.missed.setdefault((view.side, view.table, key), []).append(self.now)

    # When it takes effect.

    def creates(self, side: Side, table: str, key: str, values: Mapping[str, Value]) -> int:
        """Judge a create; gives the logical record that it belongs to."""
        shape = self.company.shapes[side, table]
        identity = self._identity_of(shape, key, values)
        self._check_values(shape, key, values)
        self._check_single(shape, key, identity)
        self._took_effect(shape, key, "create", values)
        self.ever.add((side, table, key))
        place = (shape.mapping, side, key)
        self.brought_back.discard(place)
        last = self.deletions.get(identity, ())
        if any(each.side is side and each.key == key and each.at >= self.sent_at for each in last):
            self.brought_back.add(place)
            self.ever_brought_back.add(place)
        return identity

    def updates(self, side: Side, table: str, key: str, row: Row, values: Mapping[str, Value]) -> None:
        """Judge an update."""
        shape = self.company.shapes[side, table]
        if not _told(values):
            return
        self._check_values(shape, key, values)
        for name in shape.texts:
            if name in values:
                self._check_overwriting(shape, key, name, row.values.get(name), values[name])
        self._took_effect(shape, key, "update", values)

    def deletes(self, side: Side, table: str, key: str, row: Row) -> None:
        """Judge a deletion."""
        shape = self.company.shapes[side, table]
        told = [each for each in self.deletions.get(row.identity, ()) if each.side is not side]
        if not told:
            raise Violation(
                "I4 no spurious deletion", f"{side.value} {table} {key}: its partner was deleted by nobody"
            )
        for name, partner in zip(shape.texts, shape.partners, strict=True):
            held = row.values.get(name)
            seen = any(self.lineage.descends(each.values.get(partner), held) for each in told)
            if (
                held is not None
                and not seen
                and not self._is_kept((shape.mapping, side, key, name, held), one_way=name in shape.one_way)
            ):
                raise Violation(
                    "I4 no spurious deletion", f"{side.value} {table} {key}: {name}={held} was news"
                )
        self._took_effect(shape, key, "delete", {})

    # Inside.

    def _identity_of(self, shape: TableShape, key: str, values: Mapping[str, Value]) -> int:
        owners = [(name, self.lineage.owner(values[name])) for name in shape.texts if name in values]
        known = {owner for _, owner in owners}
        if len(known) != 1 or None in known:
            raise Violation(
                "I3 no invention", f"{shape.side.value} {shape.table} {key} was made of {dict(values)}"
            )
        identity = owners[0][1]
        assert identity is not None
        return identity

    def _check_single(self, shape: TableShape, key: str, identity: int) -> None:
        """Refuse a second record for one logical record.

        Users may have entered it several times themselves, where records are matched; and a pair whose coupling
        was removed is two records from then on. So is one whose number a user entered anew behind the engine's look.
        """
        same = [
            other
            for other, row in self.services[shape.side].rows(shape.table).items()
            if row.identity == identity and (shape.match is None or row.by_engine)
        ]
        bound = [
            other
            for other in same
            if (shape.mapping, shape.side, other) not in self.memory.uncoupled
            and not self._is_apart((shape.side, shape.table, other))
        ]
        allowed = max(1, self.entered.get((identity, shape.side.other), 0)) if shape.match else 1
        if len(bound) >= allowed:
            where = f"{shape.side.value} {shape.table}"
            raise Violation(
                "I1 no duplicate", f"{where}: {key} beside {', '.join(bound)} (record {identity})"
            )

    def _is_apart(self, place: tuple[Side, str, str]) -> bool:
        """Tell whether a number was entered anew after the engine had looked for it, for what takes effect now.

        The create is under another number, so no precondition can forbid it. The look has to be as young as
        everything else that a write rests on.
        """
        entered = self.entered_anew.get(place)
        oldest = self.sent_at - _OBSERVATION_LIFE - _WITHIN_A_STEP
        looks = [at for at in self.missed.get(place, ()) if oldest <= at <= self.sent_at]
        if entered is not None and any(at < entered for at in looks):
            self.apart.add(place)
        return place in self.apart

    def _check_values(self, shape: TableShape, key: str, values: Mapping[str, Value]) -> None:
        for name in shape.texts:
            value = values.get(name)
            if value is not None and self.lineage.owner(value) is None:
                raise Violation("I3 no invention", f"{shape.side.value} {shape.table} {key}: {name}={value}")
        for name, target in shape.references:
            value = values.get(name)
            if value is not None and (shape.side, target, value) not in self.ever:
                raise Violation("I3 no invention", f"{shape.side.value} {shape.table} {key}: {name}={value}")

    def _check_overwriting(self, shape: TableShape, key: str, name: str, old: Value, new: Value) -> None:
        if old is None or self.lineage.descends(new, old):
            return
        loss: Loss = (shape.mapping, shape.side, key, name, old)
        lenient = name in shape.one_way or self._is_of_brought_back(shape, key)
        if self._is_kept(loss, one_way=lenient):
            self.events.count("overwritten, journalled")
            return
        if self.profile.losers_first:
            raise Violation(
                "I2 no lost update",
                f"{shape.side.value} {shape.table} {key}: {name}={old} overwritten by {new}, which never saw it",
            )
        self.owed_losses.append(loss)

    def _is_of_brought_back(self, shape: TableShape, key: str) -> bool:
        """Tell whether a write carries over a record that a late create brought back: an old state, like an edit."""
        held, side = self.memory.mappings[shape.mapping], shape.side.other
        if shape.side is Side.CRM:
            partner = held.by_crm.get(key)
        else:
            coupling = held.couplings.get(key)
            partner = None if coupling is None else coupling.crm_key
        return (shape.mapping, side, str(partner)) in self.ever_brought_back

    def _is_kept(self, loss: Loss, *, one_way: bool) -> bool:
        """Tell whether what is about to go stands in the journal or in the loser file.

        A row that only the other side writes: the policy is that it loses; what it held is in the entry.
        """
        return loss in self.memory.losses or (one_way and loss in self.memory.held_before)

    def _took_effect(self, shape: TableShape, key: str, kind: str, values: Mapping[str, Value]) -> None:
        self.count += 1
        self.events.count(f"engine {kind}")
        self.last_effect[shape.mapping] = self.count
        effect = Effect(mapping=shape.mapping, side=shape.side, key=key, kind=kind, after=comparable(values))
        self.effects.append(effect)
        if self.sent_at <= self.forgotten_before:
            self.forgotten.append(effect)
        self.events.note(self.now, "ENGINE", kind, shape.side.value, shape.table, key, dict(values))


def comparable(values: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """Return a body without our own columns, in the order of its names."""
    return tuple(sorted((name, value) for name, value in values.items() if name not in _OWN_FIELDS))


def _told(values: Mapping[str, Value]) -> bool:
    """Tell whether a write is about anything but our own columns."""
    return any(name not in _OWN_FIELDS for name in values)
