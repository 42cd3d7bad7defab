"""What a record's page shows: both records of the pair, what stands in their way, and what was written last."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from interlace.bootstrap.account_statistics import read_statistics
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.crm_statistics import crm_statistics
from interlace.bootstrap.desk.journal import shown_write
from interlace.bootstrap.desk.record_table import RecordTable, service_of, shown_value, status_of
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.own_rows import stands_in
from interlace.bootstrap.record_links import crm_record_link, erp_record_link
from interlace.domain.coupling import Coupling
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.keys import key_text
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.compare_pair import RowComparison, compare_pair
from interlace.engine.explain import GateFinding, MappingExplanation, RecordPlace, explain
from interlace.engine.memory import SynchError
from interlace.engine.observe import partner_key_of
from interlace.engine.service import ServiceFailure
from interlace.lead_to_cash.mapping_names import CUSTOMER, STATISTICS
from interlace.locale.correlation import correlation_of
from interlace.management.journal import Write
from interlace.management.records import (
    CrmCount,
    Decision,
    FieldShown,
    FieldValue,
    Figure,
    Gate,
    RecordExplained,
    RecordFace,
    RecordProblem,
    RecordsCompared,
    RecordShown,
    State,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCard:
    """A pair of records, one of which may be missing."""

    table: RecordTable
    ends: Ends

    async def show(self, side: Side, key: str) -> RecordShown:
        """Read a record and its partner; raises Refused for one that is neither there nor coupled."""
        table, mapping = self.table, self.table.mapping
        coupling = table.run.couplings_by_key(side, [key]).get(key)
        keys = {side: key, side.other: "" if coupling is None else partner_key_of(coupling, side.other)}
        held = {each: await self._values(each, keys[each]) for each in Side}
        if held[side] is None and coupling is None:
            raise _no_such_record(table, side, key)
        problems = self._problems(keys)
        fields = await self.ends.run(compare_pair(table.run, held[Side.ERP], held[Side.CRM], coupling))
        return RecordShown(
            mapping=mapping.name,
            direction=mapping.direction.value,
            side=side.value,
            status=status_of(coupling, problems[0] if problems else None),
            erp=self._face(Side.ERP, keys[Side.ERP], held[Side.ERP]),
            crm=self._face(Side.CRM, keys[Side.CRM], held[Side.CRM]),
            fields=self._fields(fields),
            problems=tuple(_problem(each) for each in problems),
            conflict_id=self._conflict(coupling),
            writes=self._writes(key),
            statistics=await self._statistics(coupling),
            crm_counts=await self._crm_counts(coupling),
            was_compared=coupling is not None and coupling.agreed is not None,
        )

    async def compare(self, erp_key: str, crm_key: str) -> RecordsCompared:
        """Set two records side by side; raises Refused when one is not there."""
        keys = {Side.ERP: erp_key, Side.CRM: crm_key}
        held = {each: await self._values(each, keys[each]) for each in Side}
        for side in Side:
            if held[side] is None:
                raise _no_such_record(self.table, side, keys[side])
        run = self.table.run
        fields = await self.ends.run(compare_pair(run, held[Side.ERP], held[Side.CRM]))
        taken = {side: run.store.partner_keys(run.mapping.name, side, [keys[side]]) for side in Side}
        return RecordsCompared(
            erp=self._face(Side.ERP, erp_key, held[Side.ERP]),
            crm=self._face(Side.CRM, crm_key, held[Side.CRM]),
            fields=self._fields(fields),
            erp_is_coupled_with=taken[Side.ERP].get(erp_key, ""),
            crm_is_coupled_with=key_text(taken[Side.CRM].get(crm_key, "")),
        )

    async def explain(self, side: Side, key: str) -> RecordExplained:
        """Say what a run would do with the record now, and why."""
        explanation = await self.ends.run(explain(self.table.run, RecordPlace(side=side, key=key)))
        return _explained(explanation)

    async def _values(self, side: Side, key: str) -> dict[str, Value] | None:
        if not key:
            return None
        [record] = await service_of(self.ends, side).read_keys(self.table.view(side), (key,))
        return None if record is None else self.table.values(side, record)

    def _face(self, side: Side, key: str, held: dict[str, Value] | None) -> RecordFace:
        if not key:
            return RecordFace(side=side.value)
        settings, mapping = self.table.held.settings, self.table.mapping
        link = ""
        if held is not None and side is Side.ERP:
            link = erp_record_link(settings, mapping.erp_table, key)
        elif held is not None and mapping.choice_column is None:
            link = crm_record_link(settings, mapping.integration_table, key)
        return RecordFace(
            side=side.value,
            key=key,
            number=key_text(key),
            caption=self.table.caption(side, held or {}, key),
            is_there=held is not None,
            link=link,
        )

    def _fields(self, fields: Sequence[RowComparison]) -> tuple[FieldShown, ...]:
        return tuple(
            _field(each, self._erp_key_of(each), stands_for_blank=self._stands_for_blank(each))
            for each in fields
            # A constant is nobody's value; it is only written into new records.
            if not each.row.is_constant
        )

    def _erp_key_of(self, each: RowComparison) -> str:
        """Return which ERP record a reference of the CRM's record leads to."""
        reference = each.row.reference
        if reference is None or each.crm is None:
            return ""
        key = str(each.crm)
        return self.table.run.store.partner_keys(reference.mapping, Side.CRM, [key]).get(key, "")

    def _stands_for_blank(self, each: RowComparison) -> bool:
        reference = each.row.reference
        if reference is None or reference.blank is None or each.crm is None:
            return False
        return self.table.run.named_keys.get(reference.blank) == each.crm

    def _problems(self, keys: dict[Side, str]) -> list[SynchError]:
        run = self.table.run
        found: list[SynchError] = []
        for way in run.mapping.passes:
            key = keys[way.source_side]
            if key:
                found += run.store.errors_of(run.mapping.name, way, [key]).values()
        return found

    def _conflict(self, coupling: Coupling | None) -> str:
        if coupling is None:
            return ""
        queries = self.table.application.state.queries
        listed = queries.conflicts(self.table.held.id, mapping=coupling.mapping, erp_key=coupling.erp_key)
        return listed[0].id if listed else ""

    def _writes(self, key: str) -> tuple[Write, ...]:
        queries = self.table.application.state.queries
        written = queries.last_writes(self.table.held.id, self.table.mapping.name, key)
        return tuple(map(shown_write, written))

    async def _crm_counts(self, coupling: Coupling | None) -> tuple[CrmCount, ...]:
        if coupling is None or coupling.mapping != CUSTOMER:
            return ()
        return await crm_statistics(self.ends, self.table.held.settings, coupling.crm_key)

    async def _statistics(self, coupling: Coupling | None) -> tuple[Figure, ...]:
        table = self.table
        if coupling is None or coupling.mapping != CUSTOMER:
            return ()
        store = table.application.connection_store(table.held)
        if not store.couplings_by_key(STATISTICS, Side.ERP, [coupling.erp_key]):
            return ()
        try:
            rows = await read_statistics(table.application, table.held, self.ends, [coupling.erp_key], 1)
        except (ConnectionProblem, ServiceFailure):
            # The record is what the reader came for.
            return ()
        return tuple(
            Figure(name=name, amount=Decimal(str(value or 0)))
            for row in rows
            for name, value in row.figures.items()
        )


def _no_such_record(table: RecordTable, side: Side, key: str) -> Refused:
    return Refused(
        RefusalKind.NOT_FOUND,
        translatable("There is no record {key}", key=key_text(key)),
        why=translatable(
            "The {side} has none with that key in {table}.",
            side=side.value.upper(),
            table=table.view(side).table,
        ),
        next_step=translatable("Search for it by its name."),
    )


def _field(each: RowComparison, erp_reference: str, *, stands_for_blank: bool) -> FieldShown:
    row, held = each.row, (each.erp, each.crm)
    names, values = [row.erp_field or "", row.crm_field or ""], [shown_value(value) for value in held]
    agreed = [None if each.agreed is None else _alike(each.agreed[place], held[place]) for place in (0, 1)]
    state: State = each.state.value
    missing = stands_in(row)
    if missing is not None:
        place = (Side.ERP, Side.CRM).index(missing)
        names[place], values[place], agreed[place] = "", shown_value(None), agreed[1 - place]
    return FieldShown(
        erp_field=names[0],
        crm_field=names[1],
        direction=row.direction.value,
        erp=values[0],
        crm=values[1],
        agreed_erp=agreed[0],
        agreed_crm=agreed[1],
        state=state,
        refers_to="" if row.reference is None else row.reference.mapping,
        erp_reference=erp_reference,
        stands_for_blank=stands_for_blank,
    )


def _alike(value: Value, now: Value) -> FieldValue:
    """Show what was agreed as what the record holds is shown: a whole amount is remembered without its point."""
    is_amount = isinstance(now, Decimal) and isinstance(value, int) and not isinstance(value, bool)
    return shown_value(Decimal(value) if is_amount and value is not None else value)


def _problem(error: SynchError) -> RecordProblem:
    described = ERROR_DESCRIPTIONS[error.error.code]
    return RecordProblem(
        code=error.error.code.value,
        title=described.caption,
        message=error.error.message,
        why=described.why,
        next_step=described.next_step,
        direction=error.direction.value,
        times=error.times,
        at=error.at,
        is_skipped=error.skipped,
        job_id=error.job_id,
        correlation_id=correlation_of(error.error.message),
    )


def _explained(explanation: MappingExplanation) -> RecordExplained:
    return RecordExplained(
        gates=tuple(_gate(each) for each in explanation.gates),
        decisions=tuple(
            Decision(
                direction=each.direction.value,
                text=each.decision,
                gates=tuple(_gate(gate) for gate in each.gates),
            )
            for each in explanation.directions
        ),
    )


def _gate(finding: GateFinding) -> Gate:
    return Gate(name=finding.name, text=finding.text, passed=finding.passed)
