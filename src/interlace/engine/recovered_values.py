"""Finds out what the records of recovered pairs agree on, row by row, by reading both.

A row whose value carries over to what the other record holds is agreed. A row that differs stays unknown: the
next run takes a difference there for a conflict, because nobody knows who changed what.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from interlace.domain.coupling import AgreedValues, Coupling, CouplingState
from interlace.domain.errors import RecordError
from interlace.domain.keys import ErpKey
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.domain.transfer_fields import Cleared, RowTransfer, carry_over
from interlace.domain.values import Value, canonical, same_value
from interlace.engine.memory import BatchResult
from interlace.engine.ports import ReadKeys, Record, Together
from interlace.engine.references import References
from interlace.engine.run_setup import PassSetup, RunSetup, pass_setup

_PAIRS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesPage:
    """What came of one page of couplings."""

    after: ErpKey | None
    """Where the next page begins; None: it was the last."""
    agreed: int = 0
    """Pairs that now agree in every row."""
    differing: int = 0
    """Pairs with a row that differs, or with a record that is gone: people decide in the next run."""


class ValueRecovery:
    """Compares the recovered pairs of one mapping, page by page."""

    def __init__(self, run: RunSetup) -> None:
        self._run = run
        self._passes = [pass_setup(run, direction) for direction in run.mapping.passes]
        self._references = [References(each) for each in self._passes]

    async def page(self, after: ErpKey | None, job: SynchJob) -> ValuesPage:
        """Compare one page of couplings and store what they agree on."""
        run = self._run
        held = run.store.couplings_page(run.mapping.name, after, _PAIRS_AT_ONCE)
        following = held[-1].erp_key if len(held) == _PAIRS_AT_ONCE else None
        unknown = [each for each in held if self._is_unknown(each)]
        if not unknown:
            return ValuesPage(after=following)
        erp_call = ReadKeys(view=run.view(Side.ERP), keys=tuple(each.erp_key for each in unknown))
        crm_call = ReadKeys(view=run.view(Side.CRM), keys=tuple(each.crm_key for each in unknown))
        erp, crm = await Together(calls=(erp_call, crm_call))
        couplings = await self._compared(unknown, erp, crm)
        run.store.remember(BatchResult(job=job, couplings=couplings))
        agreed = sum(not self._is_unknown(each) for each in couplings)
        return ValuesPage(after=following, agreed=agreed, differing=len(unknown) - agreed)

    def _is_unknown(self, coupling: Coupling) -> bool:
        agreed = coupling.agreed
        return (
            agreed is not None
            and agreed.layout == self._run.mapping.layout
            and coupling.state is CouplingState.COUPLED
            and None in agreed.pairs
        )

    async def _compared(
        self, couplings: Sequence[Coupling], erp: Sequence[Record | None], crm: Sequence[Record | None]
    ) -> list[Coupling]:
        both = [
            (coupling, of_erp, of_crm)
            for coupling, of_erp, of_crm in zip(couplings, erp, crm, strict=True)
            if of_erp is not None and of_crm is not None
        ]
        for setup, references in zip(self._passes, self._references, strict=True):
            sources = (of_erp if setup.to_crm else of_crm for _, of_erp, of_crm in both)
            await references.prepare([record.values() for record in sources])
        return [self._with_agreed(*each) for each in both]

    def _with_agreed(self, coupling: Coupling, erp: Record, crm: Record) -> Coupling:
        assert coupling.agreed is not None
        erp_values, crm_values = erp.values(), crm.values()
        pairs = list(coupling.agreed.pairs)
        carried: set[int] = set()
        waits = False
        for setup, references in zip(self._passes, self._references, strict=True):
            source, destination = (erp_values, crm_values) if setup.to_crm else (crm_values, erp_values)
            for row in setup.plan.rows:
                carried.add(row.index)
                if pairs[row.index] is None:
                    compared = _compared_row(setup, references, row, source, destination)
                    pairs[row.index] = compared.pair
                    waits = waits or compared.waits
        for index in set(range(len(pairs))) - carried:
            pairs[index] = _held(self._passes[0], index, erp_values, crm_values)
        known = None not in pairs and not waits
        return replace(
            coupling,
            agreed=AgreedValues(layout=coupling.agreed.layout, pairs=tuple(pairs)),
            erp_tag=erp.tag,
            crm_tag=crm.tag,
            erp_digest=erp.digest if known else None,
            crm_digest=crm.digest if known else None,
        )


@dataclass(frozen=True, slots=True)
class _Compared:
    pair: tuple[Value, Value] | None
    waits: bool = False
    """The row's reference is blank until its record is coupled: the next run must look at the pair."""


def _compared_row(
    setup: PassSetup,
    references: References,
    row: RowTransfer,
    source: Sequence[Value],
    destination: Sequence[Value],
) -> _Compared:
    """Return what a row's two values agree on, or None when they don't."""
    own = None if row.source is None else canonical(source[row.source])
    other = None if row.destination is None else canonical(destination[row.destination])
    held = (own, other) if setup.to_crm else (other, own)
    if row.row.insert_only:
        return _Compared(held)
    desired = carry_over(setup.plan, row, own, references.translate)
    if isinstance(desired, RecordError):
        return _Compared(None)
    if isinstance(desired, Cleared):
        return _Compared((None, None), waits=True) if other is None else _Compared(None)
    if desired is None and row.row.not_null:
        return _Compared(held)
    return _Compared(held if same_value(desired, other) else None)


def _held(
    setup: PassSetup, index: int, erp_values: Sequence[Value], crm_values: Sequence[Value]
) -> tuple[Value, Value]:
    """Return what both records hold in a row that no pass carries."""
    erp, crm = setup.plan.sources[index], setup.plan.destinations[index]
    if not setup.to_crm:
        erp, crm = crm, erp
    return (
        None if erp is None else canonical(erp_values[erp]),
        None if crm is None else canonical(crm_values[crm]),
    )
