"""What strikes from outside: clocks that step, cursors that expire, fields that are refused, backups restored."""

from random import Random

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.testing.simulator.effect_oracle import EffectOracle
from interlace.testing.simulator.kernel import Kernel
from interlace.testing.simulator.model_service import ServiceBackup
from interlace.testing.simulator.profile import Profile
from interlace.testing.simulator.under_way import Process

_OUTAGE = 40.0
"""A restore takes a service down for longer than any write may rest on an observation."""


class Disasters:
    """Strikes as often as the profile says."""

    def __init__(self, kernel: Kernel, oracle: EffectOracle, faults: Random) -> None:
        self._kernel = kernel
        self._oracle = oracle
        self._faults = faults
        self._backups: dict[Side, tuple[ServiceBackup, int, dict[MappingName, int]]] = {}
        self._own_backup: tuple[object, int] | None = None
        self.restored = 0
        self.own_memory_restored = False
        """Every process is to die now."""

    def strike(self, x: float, profile: Profile, processes: list[Process]) -> None:
        """Let one thing go wrong: `x` says which, by the shares of the profile."""
        allows = self._oracle.events.allows
        if x < profile.clock_steps:
            if allows("clock step"):
                self._faults.choice(processes).skew += self._faults.choice((-7200.0, -60.0, 30.0, 7200.0))
        elif x < profile.clock_steps + profile.expiries:
            if allows("cursors expire"):
                service = self._oracle.services[self._faults.choice((Side.ERP, Side.CRM))]
                service.oldest_cursor = service.version + 1
                service.next_version()
        elif x < profile.clock_steps + profile.expiries + profile.refusals:
            if allows("refusal begins or ends"):
                self._toggle_refusal()
        else:
            self._back_up_or_restore(profile)

    def end(self) -> None:
        """Nothing goes wrong any more; a restored service stays away until no write rests on a look before that."""
        for service in self._oracle.services.values():
            service.refused.clear()

    def _toggle_refusal(self) -> None:
        shape = self._faults.choice(list(self._oracle.company.shapes.values()))
        place = (shape.table, self._faults.choice(shape.texts))
        refused = self._oracle.services[shape.side].refused
        refused[place] = not refused.get(place, False)

    def _back_up_or_restore(self, profile: Profile) -> None:
        what = self._faults.choice(("erp", "crm", "own"))
        fresh = self._faults.random() < 0.5
        if what == "own":
            if fresh or self._own_backup is None:
                self._own_backup = (self._oracle.memory.backup(), self._oracle.count)
            elif profile.own_restores and self.restored < 2:
                self._restore_own()
            return
        side = Side(what)
        if fresh or side not in self._backups:
            changes = {name: held.changes for name, held in self._oracle.memory.mappings.items()}
            self._backups[side] = (self._oracle.services[side].backup(), self._oracle.count, changes)
        elif profile.restores and self.restored < 2:
            self._restore(side)

    def _restore(self, side: Side) -> None:
        """Restore a service, unless nobody could tell (no marker was acknowledged since, yet something agreed)."""
        oracle = self._oracle
        copy, count, changes = self._backups[side]
        if copy.markers is None or not self._would_be_noticed(side, copy, count, changes):
            return
        if not oracle.events.allows(f"restore: {side.value}"):
            return
        self.restored += 1
        oracle.events.note(self._kernel.now, "RESTORE", side.value)
        service = oracle.services[side]
        service.restore(copy)
        oracle.brakes.restored()
        self._note_untold(side, copy)
        # What was written since the backup is undone; some of it before anybody knew that it had been done.
        oracle.unseen.update(
            (each.mapping, each.side, each.key) for each in oracle.effects[count:] if each.side is side
        )
        self._backups.clear()
        service.down_until = self._kernel.now + _OUTAGE
        self._kernel.drop_requests(side)

    def _note_untold(self, side: Side, copy: ServiceBackup) -> None:
        """Note the rows of mappings whose marker rows can't tell of the restore: nothing was agreed on since."""
        assert copy.markers is not None
        oracle = self._oracle
        for name, held in oracle.memory.mappings.items():
            state = held.markers.get(side)
            if (0 if state is None else state.acknowledged) <= self._marker(copy.markers, name):
                table = oracle.company.shape_of(name, side).table
                rows = oracle.services[side].rows(table).items()
                oracle.not_told.update({(side, table, key): row for key, row in rows})

    def _would_be_noticed(
        self, side: Side, copy: ServiceBackup, count: int, changes: dict[MappingName, int]
    ) -> bool:
        assert copy.markers is not None
        for name, held in self._oracle.memory.mappings.items():
            # What users enter after a restore gets versions that an older cursor has passed already.
            table = self._oracle.company.shape_of(name, side).table
            ahead = self._oracle.services[side].told.get(table, 0) > copy.version
            touched = ahead or (
                held.changes != changes[name] or self._oracle.last_effect.get(name, 0) > count or held.intents
            )
            state = held.markers.get(side)
            acknowledged = 0 if state is None else state.acknowledged
            before = self._marker(copy.markers, name)
            if touched and acknowledged <= before:
                return False
        return True

    def _restore_own(self) -> None:
        """Restore our own memory, under the same condition."""
        oracle = self._oracle
        assert self._own_backup is not None
        copy, count = self._own_backup
        for name, held in oracle.memory.mappings.items():
            old = copy[0][name]  # type: ignore[index]
            touched = held.changes != old.changes or oracle.last_effect.get(name, 0) > count or held.intents
            for side, service in oracle.services.items():
                if service.markers is None:
                    return
                state = old.markers.get(side)
                sent = 0 if state is None else state.sent
                if touched and self._marker(service.markers, name) <= sent:
                    return
        if not oracle.events.allows("restore: our own memory"):
            return
        self.restored += 1
        oracle.events.note(self._kernel.now, "RESTORE", "our own memory")
        oracle.memory.restore(copy)  # type: ignore[arg-type]
        oracle.exempt_effects = len(oracle.effects)
        self._backups.clear()
        self.own_memory_restored = True

    def _marker(self, markers: dict[str, int], mapping: str) -> int:
        """Return a mapping's marker value, by what the engine calls its row."""
        return max(
            (value for name, value in markers.items() if self._kernel.marker_names.get(name) == mapping),
            default=0,
        )
