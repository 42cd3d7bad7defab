"""Sets two records side by side, field row by field row: what differs, and who changed it since both last agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from interlace.domain.coupling import Coupling
from interlace.domain.field_merge import merge_fields
from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.side import Side
from interlace.domain.values import Value, canonical, same_value
from interlace.engine.references import References
from interlace.engine.run_setup import PassSetup, RunSetup, pass_setup

_Values = Mapping[str, Value]


class RowState(Enum):
    """How the two values of a row stand to each other."""

    SAME = "same"
    DIFFERENT = "different"
    """Nobody knows which of them is newer."""
    ERP_CHANGED = "erp changed"
    CRM_CHANGED = "crm changed"
    BOTH_CHANGED = "both changed"
    ALONE = "alone"
    """There is only one record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowComparison:
    """One field row of two records."""

    row: IntegrationFieldMapping
    erp: Value
    crm: Value
    agreed: tuple[Value, Value] | None
    """What both held when they last agreed; None: nobody knows."""
    state: RowState


async def compare_pair(
    run: RunSetup, erp: _Values | None, crm: _Values | None, coupling: Coupling | None = None
) -> list[RowComparison]:
    """Compare the values of two records by field name; None stands for a record that is not there."""
    differing = await _differing(run, erp, crm) if erp is not None and crm is not None else None
    return [
        _compared(row, (erp or {}, crm or {}), agreed, differing)
        for row, agreed in zip(run.mapping.fields, _agreed(run, coupling), strict=True)
    ]


def _agreed(run: RunSetup, coupling: Coupling | None) -> Sequence[tuple[Value, Value] | None]:
    held = None if coupling is None else coupling.agreed
    if held is None or held.layout != run.mapping.layout:
        return (None,) * len(run.mapping.fields)
    return held.pairs


async def _differing(run: RunSetup, erp: _Values, crm: _Values) -> set[tuple[Side, str]]:
    """Return the fields, by their side, that a first synchronization of the two would write, or fail to."""
    found: set[tuple[Side, str]] = set()
    for direction in run.mapping.passes:
        setup = pass_setup(run, direction)
        source, destination = (erp, crm) if setup.to_crm else (crm, erp)
        for name in await _written(setup, source, destination):
            found.add((setup.destination.side, name))
    return found


async def _written(setup: PassSetup, source: _Values, destination: _Values) -> list[str]:
    values = [source.get(name) for name in setup.source.fields]
    references = References(setup)
    await references.prepare([values])
    held = [destination.get(name) for name in setup.destination.fields]
    merge = merge_fields(setup.plan, values, held, None, references.translate)
    return [*merge.write, *merge.failed]


def _compared(
    row: IntegrationFieldMapping,
    records: tuple[_Values, _Values],
    agreed: tuple[Value, Value] | None,
    differing: set[tuple[Side, str]] | None,
) -> RowComparison:
    held = (records[0].get(row.erp_field or ""), records[1].get(row.crm_field or ""))
    return RowComparison(
        row=row, erp=held[0], crm=held[1], agreed=agreed, state=_state(row, held, agreed, differing)
    )


def _state(
    row: IntegrationFieldMapping,
    held: tuple[Value, Value],
    agreed: tuple[Value, Value] | None,
    differing: set[tuple[Side, str]] | None,
) -> RowState:
    if differing is None:
        return RowState.ALONE
    places = ((Side.CRM, row.crm_field or ""), (Side.ERP, row.erp_field or ""))
    differs = any(place in differing for place in places)
    if agreed is None or not differs:
        return RowState.DIFFERENT if differs else RowState.SAME
    erp, crm = (not same_value(canonical(now), then) for now, then in zip(held, agreed, strict=True))
    if erp and crm:
        return RowState.BOTH_CHANGED
    if erp:
        return RowState.ERP_CHANGED
    return RowState.CRM_CHANGED if crm else RowState.DIFFERENT
