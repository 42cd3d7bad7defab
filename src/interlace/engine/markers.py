"""Notices that a service, or our own memory, went back in time: by a row on each side that only we advance.

What we know of a row is `acknowledged` (a value that the service has confirmed) and `sent` (the last one that we
may have written). A lower value than the first tells of a restored service, a higher one than the second of a
restored memory of ours. A step that writes or agrees on anything advances both rows before its first write and at
its end; a backup that is taken and restored between two advances can't be told from normal work.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from interlace.domain.keys import MappingName, key_namespace
from interlace.domain.side import Side
from interlace.engine.memory import MarkerState
from interlace.engine.ports import AdvanceMarker, Marker, Outcome, Pause, ReadMarker, Together
from interlace.engine.run_setup import RunSetup
from interlace.engine.service import ServiceMismatch, ServiceUnavailable
from interlace.engine.witnesses import shows_restored
from interlace.locale.translatable import translatable

_ATTEMPTS_MAX = 4
_PAUSE_SECONDS = 0.5


@lru_cache(maxsize=64)
def _row_name(erp_company_id: str, crm_organization_id: str, mapping: MappingName) -> str:
    return str(key_namespace(erp_company_id, crm_organization_id, mapping))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the marker rows say."""

    restored: tuple[Side, ...] = ()
    """Services that went back in time."""
    memory_restored: bool = False
    """Our own memory went back in time."""
    gone: tuple[Side, ...] = ()
    """Services whose row is missing though it was there."""

    @property
    def is_normal(self) -> bool:
        """Tell whether nobody went back."""
        return not (self.restored or self.memory_restored or self.gone)


class WentBack(Exception):
    """A service or our memory was found restored in the middle of a run, before a write."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(
            translatable("A service or the memory of this connection went back in time during the run.")
        )
        self.judgement = judgement


@dataclass(slots=True)
class Markers:
    """The two marker rows of a run's mapping."""

    run: RunSetup
    agreed_anything: bool = False
    """Something was agreed on since the rows were advanced last."""
    _rows: dict[Side, Marker | None] = field(default_factory=dict)
    _advanced: bool = False

    async def judge(self) -> Judgement:
        """Read both rows, now, and compare them with what is known of them; a side without rows has witnesses."""
        is_first = not self._rows
        await self._read()
        judged = self._judged(Side)
        if is_first:
            shown = [
                side for side in Side if self._rows[side] is None and await shows_restored(self.run, side)
            ]
            judged = replace(judged, restored=(*judged.restored, *shown))
        return judged

    def _judged(self, sides: Iterable[Side]) -> Judgement:
        """Compare rows, as they were read last, with what is known of them; what was advanced since looks too old."""
        restored: list[Side] = []
        gone: list[Side] = []
        memory_restored = False
        for side in sides:
            row = self._rows[side]
            if row is None:
                continue
            known = self.run.store.marker_state(self._mapping, side)
            if row.tag is None and known.acknowledged:
                gone.append(side)
            elif row.value < known.acknowledged:
                restored.append(side)
            elif row.value > known.sent:
                memory_restored = True
        return Judgement(restored=tuple(restored), memory_restored=memory_restored, gone=tuple(gone))

    @property
    def is_first(self) -> bool:
        """Tell whether the CRM has no marker row of the mapping: no run ever wrote there."""
        row = self._rows.get(Side.CRM)
        return row is not None and row.tag is None

    def accept(self) -> None:
        """Take the rows' present values for known, once what they told was noted."""
        for side, row in self._rows.items():
            if row is not None:
                sent = max(row.value, self.run.store.marker_state(self._mapping, side).sent)
                state = MarkerState(acknowledged=row.value, sent=sent)
                self.run.store.store_marker_state(self._mapping, side, state)

    async def check(self) -> None:
        """Make sure that nobody went back since the records were read; raises WentBack."""
        judgement = await self.judge()
        if not judgement.is_normal:
            raise WentBack(judgement)

    async def before_writing(self) -> None:
        """Check, and advance the rows before the step's first write; raises WentBack."""
        await self.check()
        if not self._advanced:
            await self._advance()
            self._advanced = True

    async def at_end_of_step(self) -> None:
        """Advance the rows behind what the step agreed on; raises WentBack."""
        if not self.agreed_anything:
            return
        await self.check()
        await self._advance()
        self.agreed_anything = False

    @property
    def _mapping(self) -> MappingName:
        return self.run.mapping.name

    @property
    def _name(self) -> str:
        run = self.run
        return _row_name(run.erp_company_id, run.crm_organization_id, self._mapping)

    async def _read(self) -> None:
        rows = await Together(calls=tuple(ReadMarker(side=side, name=self._name) for side in Side))
        self._rows = dict(zip(Side, rows, strict=True))

    async def _advance(self) -> None:
        """Advance both rows, each until the service confirms it; raises ServiceUnavailable or ServiceMismatch."""
        for side in Side:
            await self._advance_side(side)

    async def _advance_side(self, side: Side) -> None:
        for attempt in range(_ATTEMPTS_MAX):
            row = self._rows[side]
            if row is None:
                return
            known = self.run.store.marker_state(self._mapping, side)
            value = known.sent + 1
            sent = MarkerState(acknowledged=known.acknowledged, sent=value)
            self.run.store.store_marker_state(self._mapping, side, sent)
            outcome: Outcome = await AdvanceMarker(side=side, name=self._name, value=value, tag=row.tag)
            if outcome is Outcome.DONE:
                self.run.store.store_marker_state(
                    self._mapping, side, MarkerState(acknowledged=value, sent=value)
                )
                return
            if outcome is Outcome.REJECTED:
                message = translatable(
                    "The {service} does not let Interlace write its marker row for {mapping}. "
                    "Give the account of this connection the right to create and change the marker rows.",
                    service=side.value.upper(),
                    mapping=self._mapping,
                )
                raise ServiceMismatch(message)
            if attempt:
                await Pause(seconds=_PAUSE_SECONDS * 2**attempt)
            self._rows[side] = await ReadMarker(side=side, name=self._name)
            # A row that was restored between our reading and our writing must not be advanced past that.
            judgement = self._judged([side])
            if not judgement.is_normal:
                raise WentBack(judgement)
        message = translatable(
            "The {service} did not confirm the marker row of {mapping}; nothing was written.",
            service=side.value.upper(),
            mapping=self._mapping,
        )
        raise ServiceUnavailable(message)
