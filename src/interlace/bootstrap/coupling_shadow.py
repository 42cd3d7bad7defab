"""The shadow report: where Interlace would decide otherwise than the built-in connector, without writing anything.

The couplings of a file are taken for coupled, and full runs are planned. The connector has settled a pair that it has
synchronized and neither skipped nor failed with: whatever a run would do there is a decision that differs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.coupling_file import CouplingRow
from interlace.bootstrap.coupling_import import CouplingImport, LookedRow, RowFate
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.orders import saga_of
from interlace.bootstrap.planning import Planning
from interlace.domain.coupling import Coupling
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.plan import PlannedAction, PlannedKind, PlannedWrite
from interlace.domain.side import Side
from interlace.lead_to_cash.built_in_couplings import TABLE_NUMBERS
from interlace.locale.translatable import translatable


class BuiltIn(Enum):
    """What the built-in connector thinks of a pair."""

    SETTLED = translatable("settled")
    SKIPPED = translatable("skipped")
    FAILED = translatable("failed")
    NEVER = translatable("never synchronized")
    NOT_COUPLED = translatable("not coupled")


_FAILS: Final = frozenset({PlannedKind.FAIL, PlannedKind.CONFLICT})
_SAME: Final[Mapping[BuiltIn, frozenset[PlannedKind]]] = {
    BuiltIn.SETTLED: frozenset(),
    BuiltIn.SKIPPED: _FAILS | {PlannedKind.SKIP},
    BuiltIn.FAILED: _FAILS,
    # It compares the pair at its next run, as we do.
    BuiltIn.NEVER: frozenset(PlannedKind),
    BuiltIn.NOT_COUPLED: frozenset(PlannedKind) - {PlannedKind.COUPLE},
}
"""What is no other decision than the connector's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What Interlace would do with a record, beside what the built-in connector thinks of it."""

    mapping: MappingName
    erp_key: str
    crm_key: str
    built_in: BuiltIn
    decision: str
    differs: bool
    reason: str = ""
    writes: tuple[PlannedWrite, ...] = ()
    line: int = 0
    """Line of the file; 0: the record stands in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """What was decided for the records that are not simply equal on both sides."""

    decisions: tuple[Decision, ...]
    pairs: int
    """Pairs of the file that were compared."""
    messages: Mapping[str, str]
    """Why nothing could be planned for a mapping."""

    @property
    def differing(self) -> int:
        """How many decisions differ."""
        return sum(each.differs for each in self.decisions)


async def shadow_report(
    application: Application,
    connection: Connection,
    ends: Ends,
    rows: Sequence[CouplingRow],
    record_ids: Mapping[tuple[int, str], str],
) -> ShadowReport:
    """Plan full runs as if the couplings of the file were ours; nothing is written anywhere."""
    work = CouplingImport(application=application, connection=connection, ends=ends, record_ids=record_ids)
    looked = await work.look(rows)
    pairs = [each for each in looked if each.fate is not RowFate.LEFT_OUT]
    supposed = [
        Coupling(mapping=each.mapping, erp_key=each.erp_key, crm_key=each.crm_key, agreed=None)
        for each in pairs
        if each.fate is RowFate.COUPLE
    ]
    actions: list[PlannedAction] = []
    summary = await Planning(application=application, connection=connection, ends=ends).plan(
        _concerned(application, connection, pairs),
        full=True,
        out=None,
        show=actions.append,
        supposed=supposed,
    )
    known = {(each.mapping, side, each.key_of(side)): each for each in pairs for side in Side}
    told = [decision for each in actions if (decision := _decision(each, known)) is not None]
    left_out = [_left_out(each) for each in looked if each.fate is RowFate.LEFT_OUT and each.mapping]
    return ShadowReport(
        decisions=(*left_out, *told), pairs=len(pairs), messages=dict(summary.messages.items())
    )


def _concerned(
    application: Application, connection: Connection, pairs: Sequence[LookedRow]
) -> list[MappingName]:
    """Return the mappings of the pairs, and those that they refer to, in path order."""
    mappings = application.mappings(connection)
    wanted: set[MappingName] = set()
    _add_with_needs(mappings, {each.mapping for each in pairs}, wanted)
    return [name for name in application.taking_part(connection) if name in wanted and saga_of(name) is None]


def _add_with_needs(
    mappings: Mapping[MappingName, IntegrationTableMapping],
    names: set[MappingName],
    wanted: set[MappingName],
) -> None:
    for name in names - wanted:
        wanted.add(name)
        _add_with_needs(mappings, set(mappings[name].depends_on), wanted)


def _decision(
    action: PlannedAction, known: Mapping[tuple[MappingName, Side, str], LookedRow]
) -> Decision | None:
    """Return what is planned beside what the connector thinks; None for a record that it doesn't couple either."""
    side = action.direction.source_side
    row = known.get((action.mapping, side, action.source_key))
    if row is None and (action.kind is not PlannedKind.COUPLE or action.mapping not in TABLE_NUMBERS):
        return None
    keys = {side: action.source_key, side.other: action.partner_key or ""}
    thought = BuiltIn.NOT_COUPLED if row is None else _thought(row.row)
    return Decision(
        mapping=action.mapping,
        erp_key=ErpKey(keys[Side.ERP]) if row is None else row.erp_key,
        crm_key=CrmKey(keys[Side.CRM]) if row is None else row.crm_key,
        built_in=thought,
        decision=action.kind.value,
        differs=action.kind not in _SAME[thought],
        reason=action.reason,
        writes=action.writes,
        line=0 if row is None else row.row.number,
    )


def _left_out(each: LookedRow) -> Decision:
    return Decision(
        mapping=each.mapping,
        erp_key=each.erp_key,
        crm_key=each.crm_key,
        built_in=_thought(each.row),
        decision=each.fate.value,
        differs=True,
        reason=each.reason,
        line=each.row.number,
    )


def _thought(row: CouplingRow) -> BuiltIn:
    if row.is_skipped:
        return BuiltIn.SKIPPED
    if row.has_failed:
        return BuiltIn.FAILED
    return BuiltIn.SETTLED if row.is_synchronized else BuiltIn.NEVER
