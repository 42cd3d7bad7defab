"""Synchronizes chosen records because a person says so, the way every other change goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from interlace.domain.coupling import Coupling, row_names
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.safety_halt import SafetyHalt
from interlace.domain.side import Side
from interlace.engine.chosen_records import ChosenRecords, Keys
from interlace.engine.interpret import Awaiting, under
from interlace.engine.memory import BatchResult, JournalEntry
from interlace.engine.observe import partner_key_of
from interlace.engine.run_setup import RunSetup
from interlace.engine.store_port import Store
from interlace.engine.synch_mapping import StepResult, synch_mapping
from interlace.locale.translatable import translatable


async def synch_chosen(run: RunSetup, keys: Keys, *, overwrites: bool = False) -> StepResult:
    """Take records through the passes that they are named for, whether anything of them changed or not.

    With `overwrites` the source's values are written over whatever the other side changed since both last agreed: that
    is journalled as lost, and can be taken back. A halted mapping is left alone.
    """
    halt = run.store.halt(run.mapping.name)
    if halt is not None:
        return StepResult(more=False, jobs=(), stopped=_halted(halt))
    chosen = ChosenRecords(keys=keys, behind=Awaiting())
    store = chosen.store_by_word(run.store)
    if overwrites:
        named = {way.source_side: frozenset(each) for way, each in keys.items()}
        store = cast("Store", _ForgetfulStore(store=store, named=named, mapping=run.mapping))
    result: StepResult = await under(chosen, synch_mapping(replace(run, store=store)))
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class _ForgetfulStore:
    """A store that does not know what the chosen pairs agreed on: the source's values are then written as they are."""

    store: Store
    named: dict[Side, frozenset[str]]
    mapping: IntegrationTableMapping

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def couplings_by_key(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, Coupling]:
        """Return couplings; those of the chosen records as if they had never been compared."""
        found = self.store.couplings_by_key(mapping, side, keys)
        return {key: self._forgotten(each) for key, each in found.items()}

    def remember(self, result: BatchResult) -> None:
        """Store a batch; its journal tells what the chosen pairs agreed on, so that an undo can go back to that."""
        self.store.remember(
            replace(result, journal=tuple(self._with_agreed(each) for each in result.journal))
        )

    def _with_agreed(self, entry: JournalEntry) -> JournalEntry:
        coupling = self.store.couplings_by_key(entry.mapping, entry.side, [entry.key]).get(entry.key)
        if entry.agreed_before or coupling is None or self._forgotten(coupling) is coupling:
            return entry
        held, rows = coupling.agreed, self.mapping.fields
        if held is None or held.layout != self.mapping.layout:
            return entry
        before = {
            name: pair
            for name, row, pair in zip(row_names([row.row_id for row in rows]), rows, held.pairs, strict=True)
            if (row.crm_field if entry.side is Side.CRM else row.erp_field) in entry.after
        }
        return replace(entry, agreed_before=before)

    def _forgotten(self, coupling: Coupling) -> Coupling:
        if not any(partner_key_of(coupling, side) in keys for side, keys in self.named.items()):
            return coupling
        return replace(coupling, agreed=None, erp_digest=None, crm_digest=None, doubtful=frozenset())


def _halted(halt: SafetyHalt) -> str:
    """Say why nothing is written now; a release is for the run that was stopped, not for this."""
    if halt.released_by is None:
        return halt.message
    return translatable(
        "{mapping} was halted and has been released since: let its run go through first (interlace synch "
        "{mapping}), then synchronize single records.",
        mapping=halt.mapping,
    )
