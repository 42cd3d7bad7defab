"""The users of both services: what they create, edit, merge, delete and empty."""

from collections.abc import Callable
from random import Random

from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.testing.simulator.effect_oracle import EffectOracle, UserDeletion
from interlace.testing.simulator.journal_of_events import Events
from interlace.testing.simulator.model_service import FEED_OVERLAP, ModelService
from interlace.testing.simulator.profile import Profile
from interlace.testing.simulator.synthetic_mappings import CLOSED, OPEN, Company, TableShape

_RECORDS_MAX = 6


class Users:
    """Acts on the services as people would; every action has its own randomness, so that one can be left out."""

    def __init__(self, seed: int, company: Company, oracle: EffectOracle, profile: Profile) -> None:
        self._seed = seed
        self._company = company
        self._shapes = list(company.shapes.values())
        self._oracle = oracle
        self._profile = profile
        self._events: Events = oracle.events
        self._acts = 0
        self.sweeps = True
        self.now = 0.0
        self.open_edits: list[tuple[float, ModelService, str, str]] = []
        """Transactions under way, with the moment at which each ends."""
        self._deleted_numbers: dict[str, list[tuple[str, int, dict[str, Value]]]] = {}
        self._kinds: list[tuple[float, str, Callable[[Random, TableShape], None]]] = [
            (0.20, "create", self._create),
            (0.34, "edit", self._edit),
            (0.10, "edit reference", self._edit_reference),
            (0.05, "touch", self._touch),
            (0.05, "gate", self._toggle_gate),
            (0.08, "long edit", self._begin_long_edit),
            (0.03, "twin", self._twin),
            (0.09, "delete", self._delete),
            (0.04, "recreate", self._recreate),
            (0.03, "merge", self._merge),
            (profile.wipes, "wipe", self._wipe),
        ]
        if profile.drafts:
            self._kinds.append((0.10, "state", self._change_state))

    def populate(self, rng: Random) -> None:
        """Fill the tables before the first run."""
        for shape in self._company.shapes.values():
            for _ in range(rng.randrange(0, 4)):
                self._create(rng, shape)

    def act(self) -> None:
        """Let one user do one thing."""
        self._acts += 1
        rng = Random(self._seed * 1_000_003 + self._acts)  # noqa: S311 - variety, not secrets
        x = rng.random() * sum(share for share, _, _ in self._kinds)
        chosen = 0
        while x >= self._kinds[chosen][0]:
            x -= self._kinds[chosen][0]
            chosen += 1
        _, name, do = self._kinds[chosen]
        shape = rng.choice(self._shapes)
        if name in {"delete", "recreate", "merge", "wipe"} and not self._profile.deletions:
            return
        if self._events.allows(f"user: {name}"):
            do(rng, shape)

    def end_edits(self, *, everything: bool = False) -> None:
        """Commit the transactions whose time has come."""
        due = [each for each in self.open_edits if everything or each[0] <= self.now]
        self.open_edits = [each for each in self.open_edits if each not in due]
        for _, service, table, key in due:
            edit = service.open_edits.pop((table, key), None)
            row = service.rows(table).get(key)
            if edit is not None and row is not None:
                value = self._fresh(row.identity, row.values.get(edit.field))
                self._note("commits", service.side, table, key, {edit.field: value})
                service.put(table, key, {edit.field: value}, identity=row.identity, by_engine=False, at=edit)

    # Inside: what users do.

    def _create(self, rng: Random, shape: TableShape) -> None:
        service = self._service(shape)
        if len(service.rows(shape.table)) >= _RECORDS_MAX:
            return
        identity = self._oracle.lineage.new_identity()
        self._put_new(rng, shape, service.take_number("e" if shape.side is Side.ERP else "c"), identity, {})

    def _put_new(
        self, rng: Random, shape: TableShape, key: str, identity: int, seen: dict[str, Value]
    ) -> None:
        values: dict[str, Value] = {name: self._fresh(identity, seen.get(name)) for name in shape.texts}
        for name, target in shape.references:
            values[name] = self._some_key(rng, shape.side, target)
        if shape.match is not None:
            values[shape.match] = f"m{identity}"
        if shape.gate is not None and rng.random() < 0.1:
            values[shape.gate[0]] = shape.gate[1]
        if shape.state is not None:
            # Whoever enters a record publishes it: what a person leaves in draft says nothing.
            closed = rng.random() < 0.3
            values[shape.state] = closed if shape.side is Side.ERP else int(closed)
        self._note("creates", shape.side, shape.table, key, values)
        self._oracle.ever.add((shape.side, shape.table, key))
        place = (identity, shape.side)
        self._oracle.entered[place] = self._oracle.entered.get(place, 0) + 1
        self._service(shape).put(shape.table, key, values, identity=identity, by_engine=False)

    def _twin(self, rng: Random, shape: TableShape) -> None:
        """Enter a person who may be known already on the other side, or on this one."""
        if shape.match is None:
            return
        identities = [
            row.identity
            for side in Side
            for row in self._oracle.services[side]
            .rows(self._company.shape_of(shape.mapping, side).table)
            .values()
        ]
        if identities and len(self._service(shape).rows(shape.table)) < _RECORDS_MAX:
            key = self._service(shape).take_number("e" if shape.side is Side.ERP else "c")
            self._put_new(rng, shape, key, rng.choice(identities), {})

    def _edit(self, rng: Random, shape: TableShape) -> None:
        key = self._some_row(rng, shape)
        if key is not None:
            names = [rng.choice(shape.texts)]
            if rng.random() < 0.2:
                names = list(shape.texts)
            self._change(shape, key, names)

    def _change(self, shape: TableShape, key: str, names: list[str]) -> None:
        row = self._service(shape).rows(shape.table)[key]
        values: dict[str, Value] = {name: self._fresh(row.identity, row.values.get(name)) for name in names}
        self._put(shape, key, values, "edits")

    def _edit_reference(self, rng: Random, shape: TableShape) -> None:
        key = self._some_row(rng, shape)
        if key is not None and shape.references:
            name, target = rng.choice(shape.references)
            self._put(shape, key, {name: self._some_key(rng, shape.side, target)}, "points")

    def _touch(self, rng: Random, shape: TableShape) -> None:
        key = self._some_row(rng, shape)
        if key is not None:
            self._put(shape, key, {}, "touches")

    def _toggle_gate(self, rng: Random, shape: TableShape) -> None:
        key = self._some_row(rng, shape)
        if key is not None and shape.gate is not None:
            name, closed = shape.gate
            held = self._service(shape).rows(shape.table)[key].values.get(name)
            self._put(shape, key, {name: None if held == closed else closed}, "gates")

    def _change_state(self, rng: Random, shape: TableShape) -> None:
        """Close a record or open it again; a draft is published."""
        key = self._some_row(rng, shape)
        if key is not None and shape.state is not None:
            held = self._service(shape).rows(shape.table)[key].values[shape.state]
            changed: Value = (not held) if shape.side is Side.ERP else (CLOSED if held == OPEN else OPEN)
            self._put(shape, key, {shape.state: changed}, "closes or opens")

    def _begin_long_edit(self, rng: Random, shape: TableShape) -> None:
        key = self._some_row(rng, shape)
        if key is not None:
            service = self._service(shape)
            service.begin_edit(shape.table, key, rng.choice(shape.texts))
            longest = 4 * FEED_OVERLAP if self.sweeps else 0.5 * FEED_OVERLAP
            self.open_edits.append((self.now + rng.random() * longest, service, shape.table, key))
            self._note("begins to edit", shape.side, shape.table, key, {})

    def _delete(self, rng: Random, shape: TableShape) -> None:
        key = self._some_row(rng, shape)
        if key is not None:
            self._remove(rng, shape, key)

    def _remove(self, rng: Random, shape: TableShape, key: str) -> None:
        service = self._service(shape)
        row = service.rows(shape.table)[key]
        held = self._oracle.memory.mappings[shape.mapping]
        coupled = key in (held.couplings if shape.side is Side.ERP else held.by_crm)
        deletion = UserDeletion(
            side=shape.side, key=key, values=row.values, was_coupled=coupled, at=self._oracle.now
        )
        self._oracle.deletions.setdefault(row.identity, []).append(deletion)
        self._oracle.user_deleted.add((shape.mapping, shape.side, key))
        open_create = any(
            each.creates and (each.side, each.key) == (shape.side, key) for each in held.intents.values()
        )
        if row.by_engine and (open_create or not coupled):
            # Nobody has seen yet that the engine's create took effect: no journal can tell of it.
            self._oracle.unseen.add((shape.mapping, shape.side, key))
        self._deleted_numbers.setdefault(shape.table, []).append((key, row.identity, dict(row.values)))
        told = shape.side is Side.CRM or not self.sweeps or rng.random() < 0.7
        service.remove(shape.table, key, told=told)
        self._note("deletes", shape.side, shape.table, key, {"told": told})

    def _recreate(self, rng: Random, shape: TableShape) -> None:
        """Use a deleted record's number again: to others it is the same record with everything changed."""
        gone = self._deleted_numbers.get(shape.table, [])
        if shape.side is not Side.ERP or not gone or shape.match is not None:
            return
        key = rng.choice(gone)[0]
        # Whoever enters it knows the record as it was when it was deleted last.
        _, identity, values = next(each for each in reversed(gone) if each[0] == key)
        if key in self._service(shape).rows(shape.table):
            return
        if not self._service(shape).capabilities[shape.table].insert_with_key:
            return  # the service gives its numbers out, and none of them twice
        self._oracle.entered_anew[shape.side, shape.table, key] = self._oracle.now
        self._put_new(rng, shape, key, identity, values)

    def _merge(self, rng: Random, shape: TableShape) -> None:
        """Make two records one: the survivor gets new values, the other one goes."""
        keys = self._free_rows(shape)
        if len(keys) > 1:
            survivor, other = rng.sample(keys, 2)
            self._change(shape, survivor, [rng.choice(shape.texts)])
            self._remove(rng, shape, other)

    def _wipe(self, rng: Random, shape: TableShape) -> None:
        for key in self._free_rows(shape):
            self._remove(rng, shape, key)

    # Inside: how they do it.

    def _service(self, shape: TableShape) -> ModelService:
        return self._oracle.services[shape.side]

    def _fresh(self, identity: int, seen: Value) -> str:
        return self._oracle.lineage.fresh(identity, seen if isinstance(seen, str) else None)

    def _put(self, shape: TableShape, key: str, values: dict[str, Value], what: str) -> None:
        service = self._service(shape)
        row = service.rows(shape.table)[key]
        self._note(what, shape.side, shape.table, key, values)
        service.put(shape.table, key, values, identity=row.identity, by_engine=False)

    def _free_rows(self, shape: TableShape) -> list[str]:
        service = self._service(shape)
        return [key for key in service.rows(shape.table) if (shape.table, key) not in service.open_edits]

    def _some_row(self, rng: Random, shape: TableShape) -> str | None:
        keys = self._free_rows(shape)
        return rng.choice(keys) if keys else None

    def _some_key(self, rng: Random, side: Side, table: str) -> str | None:
        keys = list(self._oracle.services[side].rows(table))
        return rng.choice(keys) if keys and rng.random() < 0.8 else None

    def _note(self, what: str, side: Side, table: str, key: str, values: dict[str, Value]) -> None:
        self._events.note(self.now, "USER", what, side.value, table, key, values)
