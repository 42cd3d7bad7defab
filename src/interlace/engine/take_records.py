"""Takes records of one side through the passes that may have work with them, batch by batch."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from interlace.domain.errors import ErrorCode
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters
from interlace.engine.announced import stamped_anew
from interlace.engine.apply import Alongside
from interlace.engine.batch import synch_batch
from interlace.engine.observe import partner_key_of
from interlace.engine.ports import ElapsedTime, ReadKeys, Record
from interlace.engine.recognize import Recognizer
from interlace.engine.remember import Batch
from interlace.engine.run_setup import RunSetup
from interlace.engine.synch_pass import Pass

_HINTS_PER_BATCH = 500


@dataclass(slots=True, kw_only=True)
class RecordTaker:
    """The passes of a run at work; what each batch changes is handed to `remember`."""

    run: RunSetup
    passes: Sequence[Pass]
    recognizers: Mapping[Side, Recognizer]
    remember: Callable[[Pass, Batch], None]
    page_counted: Callable[[], bool]
    """Tells whether the records of the present page are in the counters already."""
    note_page_counted: Callable[[], None] = field(default=lambda: None)
    is_to_be_scanned: Callable[[Side], bool] = field(default=lambda _side: False)
    """Tells whether the run still reads a side's table whole: then no record of it is forgotten."""
    read_at: float = 0.0
    """When the present page was asked for."""

    async def take_items(self, side: Side, items: Sequence[tuple[str, Record]], alongside: Alongside) -> int:
        """Take records of one side through every pass that may have work with them.

        Gives how many of them are coupled now.
        """
        seen = self.recognizers[side].recognize(items)
        coupled = seen.coupled
        if seen.couplings and all(each.setup.source.side is not side for each in self.passes):
            self.remember(self.passes[0], Batch(couplings=seen.couplings))
        # Asked before the page's own pass notes what the records hold now.
        to_restore = self._to_restore(side, seen.open)
        items_left: Sequence[tuple[str, Record | None]] = self._without_announced(side, seen.open)
        self._know_marked_creates()
        for each in self.passes:
            if each.setup.source.side is side:
                batch = await synch_batch(each, items_left, force=False, alongside=alongside)
                coupled += len(batch.newly_coupled) - len(batch.removed)
                batch.couplings = [*seen.couplings, *batch.couplings]
                batch.counters.unchanged += seen.untouched
                self._count_page(batch)
                self.remember(each, batch)
                await self._hand_over(each, batch)
            else:
                await self._restore(each, list(to_restore))
                items_left = await self._read_again(side, items_left, set(to_restore.values()))
        await alongside.finish()
        return coupled

    def _count_page(self, batch: Batch) -> None:
        """Count the present page's records once, though the page is taken again after a crash or a failure."""
        if self.page_counted():
            batch.counters = Counters()
        elif batch.failure is None:
            self.note_page_counted()
        else:
            # What was done or listed before the failure is not counted then; the rest is.
            batch.counters.unchanged = batch.counters.skipped = 0

    async def take_keys(self, side: Side, keys: Sequence[str]) -> None:
        """Read hinted records by key and take them through the passes."""
        for start in range(0, len(keys), _HINTS_PER_BATCH):
            chunk = tuple(keys[start : start + _HINTS_PER_BATCH])
            read_at: float = await ElapsedTime()
            records: list[Record | None] = await ReadKeys(view=self.run.view(side), keys=chunk)
            items = list(zip(chunk, records, strict=True))
            held = [(key, record) for key, record in items if record is not None]
            await self.take_items(side, held, Alongside(call=None, read_at=read_at))
            await self.take_absent(side, [key for key, record in items if record is None])

    async def take_absent(self, side: Side, gone: Sequence[str]) -> None:
        """Take deletions through the pass that writes this side, and what it left through the one that reads it."""
        couplings = self.run.store.couplings_by_key(self.run.mapping.name, side, gone)
        partners = [partner_key_of(held, side.other) for held in couplings.values()]
        for each in self.passes:
            if each.setup.source.side is not side:
                await self.take_by_key(each, partners)
        for each in self.passes:
            if each.setup.source.side is side:
                await self.take_by_key(each, gone, absent_only=True)

    async def take_by_key(
        self, each: Pass, keys: Sequence[str], *, absent_only: bool = False, even_failed: bool = False
    ) -> int:
        """Read records anew and take them through a pass, unless they failed in it already.

        Gives how many of them are there.
        """
        keys = keys if even_failed else self._not_failed_yet(each, keys)
        taken = 0
        for start in range(0, len(keys), _HINTS_PER_BATCH):
            chunk = tuple(keys[start : start + _HINTS_PER_BATCH])
            alongside = Alongside(call=None, read_at=await ElapsedTime())
            records: list[Record | None] = await ReadKeys(view=each.setup.source, keys=chunk)
            items = [
                (key, record)
                for key, record in zip(chunk, records, strict=True)
                if record is None or not absent_only
            ]
            taken += sum(record is not None for _, record in items)
            if items:
                batch = await synch_batch(each, items, force=True, alongside=alongside)
                self.remember(each, batch)
                await self._hand_over(each, batch)
        return taken

    async def _hand_over(self, each: Pass, batch: Batch) -> None:
        """Take newly coupled pairs through the opposite pass too where it has work with them."""
        if not batch.left_to_opposite or self.is_to_be_scanned(each.setup.destination.side):
            return
        for other in self.passes:
            if other is not each:
                await self._restore(other, batch.left_to_opposite)

    async def find_deleted(self, side: Side, coupled_seen: int) -> None:
        """After a whole scan: read coupled records that it did not show by key; believe only that absence."""
        name = self.run.mapping.name
        if coupled_seen >= self.run.store.count_couplings(name):
            return
        after = None
        while couplings := self.run.store.couplings_page(name, after, _HINTS_PER_BATCH):
            after = couplings[-1].erp_key
            keys = tuple(partner_key_of(each, side) for each in couplings)
            records: list[Record | None] = await ReadKeys(view=self.run.view(side), keys=keys)
            await self.take_absent(
                side, [key for key, record in zip(keys, records, strict=True) if record is None]
            )

    async def recover(self) -> None:
        """Look first at what an earlier run announced but never saw the end of.

        The records of such writes are read and decided on like any other pair: a write that took effect is seen
        to have done so, a create that did not is sent again byte for byte, or waits while it still may.
        """
        if not any(each.open_intents for each in self.passes):
            return
        elapsed: float = await ElapsedTime()
        for each in self.passes:
            left = [intent for intents in each.open_intents.values() for intent in intents]
            stamped = stamped_anew(left, self.run.process, elapsed)
            if stamped:
                self.run.store.announce(stamped)
                each.take_open(stamped)
            await self.take_by_key(each, list(each.open_intents), even_failed=True)

    async def retry_failed(self, side: Side) -> None:
        """Take up again what failed before on a side that is not scanned, and is due."""
        for each in self.passes:
            if each.setup.source.side is side:
                name, direction = self.run.mapping.name, each.setup.direction
                due = self.run.store.retry_candidates(name, direction, even_skipped=self.run.retry_skipped)
                await self.take_by_key(each, due)

    async def retry_failed_after_scan(self, side: Side) -> None:
        """Take up again what failed before and what the scan did not: untouched records, and those that are gone."""
        name = self.run.mapping.name
        for each in self.passes:
            if each.setup.source.side is not side:
                continue
            listed = self.run.store.retry_candidates(
                name, each.setup.direction, even_skipped=self.run.retry_skipped
            )
            coupled = list(self.run.store.couplings_by_key(name, side, listed))
            taken = await self.take_by_key(each, coupled)
            # The scan has counted them as untouched.
            each.job.counters.unchanged -= taken
            await self.take_by_key(each, sorted({*listed} - {*coupled}), absent_only=True)

    def _know_marked_creates(self) -> None:
        """Ask records for marks, too, though it is the first run, once a create of the run has no known end.

        The record may be there under a key that nobody knows, and the opposite pass would take it for a user's.
        """
        if any(it.marked for each in self.passes for open_ in each.open_intents.values() for it in open_):
            for each in self.passes:
                each.is_first = False

    def _without_announced(
        self, side: Side, items: Sequence[tuple[str, Record | None]]
    ) -> list[tuple[str, Record | None]]:
        """Leave out records that the opposite pass announced and may have created: it will couple them itself."""
        announced = {
            intent.key
            for each in self.passes
            if each.setup.destination.side is side
            for intents in each.open_intents.values()
            for intent in intents
            if intent.creates
        }
        return [item for item in items if item[0] not in announced]

    async def _read_again(
        self, side: Side, items: Sequence[tuple[str, Record | None]], written: Collection[str]
    ) -> Sequence[tuple[str, Record | None]]:
        """Read records anew that the opposite pass may just have written.

        1. The page was read while a record held x; both sides had agreed on a.
        2. The opposite pass wrote y and remembered that both sides agree on y.
        3. Seen from the page, x would be an edit since then, and be carried over the newer y.
        """
        if not written:
            return items
        keys = tuple(key for key, _ in items if key in written)
        records: list[Record | None] = await ReadKeys(view=self.run.view(side), keys=keys)
        now = dict(zip(keys, records, strict=True))
        return [
            (key, now.get(key, record)) for key, record in items if key not in now or now[key] is not None
        ]

    def waits_for_origin(self) -> bool:
        """Tell whether ERP records wait for the CRM record they were made from: then the whole CRM is read.

        Not for those whose origin is known to be on the error list: only its own pass can couple them.
        """
        waiting = {key for each in self.passes for key in self._waiting(each)}
        return bool(waiting) and not waiting <= self._failed_origins()

    async def create_without_origin(self) -> None:
        """After a whole scan of the CRM: take up the ERP records that waited for the CRM record they were made from."""
        for each in self.passes:
            each.origins_sought = True
            if not (waiting := self._waiting(each)):
                continue
            each.origins_open = self._failed_origins() | {
                intent.key
                for other in self.passes
                if other is not each
                for intents in other.open_intents.values()
                for intent in intents
                if intent.creates
            }
            await self.take_by_key(each, waiting, even_failed=True)

    def _failed_origins(self) -> frozenset[str]:
        """Return the numbers and marks that ERP partners of CRM records on the error list bear.

        Such a record was there to be looked at, but its own pass did not get as far as coupling it.
        """
        name = self.run.mapping.name
        listed = [
            key
            for each in self.passes
            if not each.setup.to_crm
            for key in self.run.store.retry_candidates(name, each.setup.direction, even_skipped=True)
        ]
        coupled = self.run.store.couplings_by_key(name, Side.CRM, listed)
        return frozenset(self.run.chosen_key(Side.ERP, key) for key in listed if key not in coupled)

    def _waiting(self, each: Pass) -> list[str]:
        if not each.setup.to_crm:
            return []
        name, direction = self.run.mapping.name, each.setup.direction
        listed = self.run.store.retry_candidates(name, direction)
        errors = self.run.store.errors_of(name, direction, listed)
        return [key for key, listed_as in errors.items() if listed_as.error.code is ErrorCode.CREATE_WAITS]

    def _to_restore(self, side: Side, items: Sequence[tuple[str, Record | None]]) -> dict[str, str]:
        """Return the records, by their partner, that were changed in a field that only the other side may change."""
        setups = [each.setup for each in self.passes if each.setup.destination.side is side]
        if not setups or not setups[0].plan.restores:
            return {}
        couplings = self.run.couplings_by_key(side, [key for key, _ in items])
        keys = {}
        for key, record in items:
            coupling = couplings.get(key)
            if coupling is None or record is None:
                continue
            agreed = coupling.agreed
            # A record that can't be read fails in the pass that reads it.
            with suppress(Exception):
                if agreed is None or coupling.doubtful or setups[0].one_way(record.values(), agreed.pairs):
                    keys[partner_key_of(coupling, side.other)] = key
        return keys

    async def _restore(self, each: Pass, keys: Sequence[str]) -> None:
        """Take pairs through the pass whose one-way fields are to hold the source's value again."""
        keys = self._not_failed_yet(each, keys)
        if not keys:
            return
        alongside = Alongside(call=None, read_at=await ElapsedTime())
        records: list[Record | None] = await ReadKeys(view=each.setup.source, keys=tuple(keys))
        found = [(key, record) for key, record in zip(keys, records, strict=True) if record is not None]
        batch = await synch_batch(each, found, force=True, alongside=alongside)
        # The pairs are counted by the pass that scans them; here only what was really done counts.
        batch.counters.unchanged = 0
        self.remember(each, batch)

    def _not_failed_yet(self, each: Pass, keys: Sequence[str]) -> list[str]:
        """Leave out what failed in this very pass already: once a pass is enough."""
        errors = self.run.store.errors_of(self.run.mapping.name, each.setup.direction, keys)
        return [key for key in keys if key not in errors or errors[key].job_id != each.job.id]
