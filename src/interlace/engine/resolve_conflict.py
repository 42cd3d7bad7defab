"""Carries out a person's decision on a conflict, the way every other change goes: observe, decide, write, remember.

The decision is put into the mapping's policies for this one pair; a gate in front of every write refuses when one of
the two records is not any more what the person was shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from interlace.domain.conflict import (
    Choice,
    Conflict,
    ConflictKind,
    Decision,
    DecisionRefused,
    check_decision,
)
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.coupling import row_names
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import DeletionConflictResolution, IntegrationTableMapping
from interlace.domain.safety_halt import SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_action import Fail, RemoveCoupling, Skip, SkipReason, SynchAction
from interlace.domain.synch_job import SynchJob
from interlace.domain.values import Value, same_value
from interlace.engine.candidate import Candidate
from interlace.engine.chosen_records import ChosenRecords, Keys
from interlace.engine.conflicts import pair_of_records
from interlace.engine.interpret import Awaiting, under
from interlace.engine.ports import Deletion, Record, Write
from interlace.engine.run_setup import PassSetup, RunSetup
from interlace.engine.synch_mapping import StepResult, synch_mapping
from interlace.locale.translatable import translatable

_FIELD_POLICIES = {
    Choice.ERP: UpdateConflictResolution.SEND_UPDATE_TO_INTEGRATION,
    Choice.CRM: UpdateConflictResolution.GET_UPDATE_FROM_INTEGRATION,
}
_DELETION_POLICIES = {
    Choice.RESTORE: DeletionConflictResolution.RESTORE_RECORDS,
    Choice.REMOVE_COUPLING: DeletionConflictResolution.REMOVE_COUPLING,
    Choice.DELETE: DeletionConflictResolution.DELETE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How a decision ended."""

    conflict: Conflict
    settled: bool
    message: str
    jobs: tuple[SynchJob, ...] = ()
    waits: bool = False
    """What else is new in the records is carried over after a freeze window."""


def policies_of(
    mapping: IntegrationTableMapping, conflict: Conflict, decision: Decision
) -> dict[str, str | dict[str, str]]:
    """Return the decision as settings of its mapping, by the names that settings have; a group's rows go together."""
    if conflict.kind is ConflictKind.DELETION:
        assert decision.choice is not None
        return {"deletion_conflict_resolution": _DELETION_POLICIES[decision.choice].value}
    decided = _decided(mapping, _row_policies(conflict, decision)).fields
    names = row_names([row.row_id for row in mapping.fields])
    return {
        "field_conflict_resolution": {
            name: row.conflict_resolution.value
            for name, row in zip(names, decided, strict=True)
            if row.conflict_resolution is not None
        }
    }


def _row_policies(conflict: Conflict, decision: Decision) -> dict[str, UpdateConflictResolution]:
    chosen = {each.row: decision.of_row(each.row) for each in conflict.rows}
    return {row: _FIELD_POLICIES[choice] for row, choice in chosen.items() if choice is not None}


def decided_run(run: RunSetup, conflict: Conflict, decision: Decision) -> "tuple[RunSetup, SeenGate]":
    """Put a decision into a run of its mapping; raises DecisionRefused for one that it can't carry out."""
    check_decision(conflict, decision)
    _check_ways(run.mapping, conflict, decision)
    gate = SeenGate(conflict=conflict)
    if conflict.kind is ConflictKind.DELETION:
        assert decision.choice is not None
        mapping = replace(run.mapping, deletion_conflict_resolution=_DELETION_POLICIES[decision.choice])
        return replace(run, mapping=mapping, gate=gate, survivor_seen=True), gate
    mapping = _decided(run.mapping, _row_policies(conflict, decision))
    return replace(run, mapping=mapping, gate=gate), gate


def _decided(
    mapping: IntegrationTableMapping, chosen: Mapping[str, UpdateConflictResolution]
) -> IntegrationTableMapping:
    """Let the chosen rows be settled as decided, with all rows of their groups."""
    names = row_names([row.row_id for row in mapping.fields])
    groups = {
        row.merge_group: chosen[name]
        for name, row in zip(names, mapping.fields, strict=True)
        if row.merge_group is not None and name in chosen
    }
    rows = tuple(
        replace(
            row,
            conflict_resolution=chosen.get(name)
            or groups.get(row.merge_group or "")
            or row.conflict_resolution,
        )
        for name, row in zip(names, mapping.fields, strict=True)
    )
    return replace(mapping, fields=rows)


def _check_ways(mapping: IntegrationTableMapping, conflict: Conflict, decision: Decision) -> None:
    """Refuse what would have to be written to a side that the mapping never writes."""
    written: set[Side] = set()
    if conflict.deleted is not None:
        if decision.choice is Choice.RESTORE:
            written.add(conflict.deleted)
        elif decision.choice is Choice.DELETE:
            written.add(conflict.deleted.other)
    else:
        choices = {decision.of_row(each.row) for each in conflict.rows}
        written |= {Side.CRM} if Choice.ERP in choices else set()
        written |= {Side.ERP} if Choice.CRM in choices else set()
    for side in sorted(
        written - {way.source_side.other for way in mapping.passes}, key=lambda side: side.value
    ):
        raise DecisionRefused(
            translatable(
                "{mapping} never writes to the {end}, so this can't be done by it. Correct {record} in the "
                "{end} yourself, or choose something else.",
                mapping=mapping.name,
                end=side.value.upper(),
                record=conflict.caption,
            )
        )


@dataclass(slots=True, kw_only=True)
class SeenGate:
    """Lets only those writes of a pair through that rest on what a person was shown."""

    conflict: Conflict
    moved: bool = False
    """One of the records is not what was shown."""
    acted: int = 0

    def instead(
        self, setup: PassSetup, each: Candidate, request: Write | Deletion | None
    ) -> SynchAction | None:
        """Leave the pair alone once a record has moved; our own first write is no such move."""
        if request is None and not isinstance(each.action, RemoveCoupling | Fail):
            return None
        if each.key != (self.conflict.erp.key if setup.to_crm else self.conflict.crm.key):
            # A run also takes up other records whose writes it knows no outcome of: nobody was asked about those.
            return None if request is None else Skip(reason=SkipReason.SKIPPED)
        if not self._is_as_shown(setup, pair_of_records(setup, each)):
            self.moved = True
            # What stands in the way now is listed in place of what was shown.
            return None if request is None else Skip(reason=SkipReason.SKIPPED)
        if isinstance(each.action, Fail):
            return None
        self.acted += 1
        return None

    def _is_as_shown(self, setup: PassSetup, records: Mapping[Side, Record | None]) -> bool:
        digests = {side: None if record is None else record.digest for side, record in records.items()}
        shown = {Side.ERP: self.conflict.erp.digest, Side.CRM: self.conflict.crm.digest}
        if not self.acted:
            return digests == shown
        # A record that was just created again may need another write for fields that it took only now.
        return self.conflict.kind is ConflictKind.DELETION or self._holds_choices(setup, records)

    def _holds_choices(self, setup: PassSetup, records: Mapping[Side, Record | None]) -> bool:
        """After our own write: tell whether every field in question holds what was shown or what was chosen."""
        erp, crm = (_values(setup, side, records[side]) for side in (Side.ERP, Side.CRM))
        return all(
            _is_one_of(erp.get(each.erp_field or ""), each.erp_value, each.to_erp)
            and _is_one_of(crm.get(each.crm_field or ""), each.crm_value, each.to_crm)
            for each in self.conflict.rows
        )


def _values(setup: PassSetup, side: Side, record: Record | None) -> dict[str, Value]:
    fields = setup.run.view(side).fields
    return {} if record is None else dict(zip(fields, record.values(), strict=True))


def _is_one_of(now: Value, *wanted: Value) -> bool:
    return any(same_value(now, each) for each in wanted)


async def resolve_conflict(run: RunSetup, conflict: Conflict, decision: Decision) -> Resolution:
    """Bring a pair together as a person decided; raises DecisionRefused for a decision that can't be carried out."""
    decided, gate = decided_run(run, conflict, decision)
    halt = run.store.halt(conflict.mapping)
    if halt is not None:
        return Resolution(conflict=conflict, settled=False, message=_halted(halt))
    chosen = ChosenRecords(keys=_keys(decided.mapping, conflict, decision), behind=Awaiting())
    work = synch_mapping(replace(decided, store=chosen.store_by_word(run.store)))
    result: StepResult = await under(chosen, work)
    stopped = next((job.message for job in result.jobs if job.message), "")
    failed = stopped or _failure(run, conflict, result)
    moved = not stopped and (gate.moved or not (gate.acted or failed))
    message = (
        _moved(conflict) if moved else failed or translatable("{record} is settled.", record=conflict.caption)
    )
    return Resolution(conflict=conflict, settled=not (moved or failed), message=message, jobs=result.jobs)


def _failure(run: RunSetup, conflict: Conflict, result: StepResult) -> str:
    """Return what the run put on the error list for the pair, in its words."""
    jobs = {job.id for job in result.jobs}
    for way in run.mapping.passes:
        key = conflict.erp.key if way.source_side is Side.ERP else conflict.crm.key
        listed = run.store.errors_of(conflict.mapping, way, [key]).get(key)
        if listed is None or listed.job_id not in jobs:
            continue
        if listed.error.code is not ErrorCode.REFERENCE_CLEARED:
            return listed.error.message
    return ""


def _halted(halt: SafetyHalt) -> str:
    """Say why nothing is decided now; a release is for the run that was stopped, not for this."""
    if halt.released_by is None:
        return halt.message
    return translatable(
        "{mapping} was halted and has been released since: let its run go through first (interlace synch "
        "{mapping}), then decide.",
        mapping=halt.mapping,
    )


def _keys(mapping: IntegrationTableMapping, conflict: Conflict, decision: Decision) -> Keys:
    """Say which passes the pair goes through: a deletion is settled by one of them."""
    gone = conflict.deleted
    ways = mapping.passes
    if gone is not None and decision.choice is Choice.REMOVE_COUPLING:
        ways = ways[:1]
    elif gone is not None:
        target = gone if decision.choice is Choice.RESTORE else gone.other
        ways = tuple(way for way in ways if way.source_side.other is target)
    of_erp = Direction.TO_INTEGRATION_TABLE
    return {way: (conflict.erp.key if way is of_erp else conflict.crm.key,) for way in ways}


def _moved(conflict: Conflict) -> str:
    return translatable(
        "{record} or its partner is not any more what was shown, so nothing more was written. Let the "
        "next run look at it (interlace synch {mapping}), then decide anew.",
        record=conflict.caption,
        mapping=conflict.mapping,
    )
