"""Approval rules: which planned writes nobody lets happen alone, and under which of the rules a plan falls."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from interlace.domain.keys import MappingName
from interlace.domain.plan import LEFT_ALONE, Operation, PlannedAction, PlannedWrite
from interlace.domain.side import Side
from interlace.domain.values import Value, canonical, same_value

RECORDS_TOLD: Final = 20
"""So many records are named with each rule; all of them stand in the plan."""
WatchedFields: TypeAlias = Mapping[tuple[MappingName, Side, str], str]
"""The fields whose changes need approval, each with what the rule calls it."""


class RuleKind(Enum):
    """What a rule looks at."""

    FIELD = "field"
    """A change of one field."""
    DELETIONS = "deletions"
    """The share of a mapping's coupled records that a plan deletes."""
    CHANGES = "changes"
    """The share of a mapping's coupled records that a plan changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRules:
    """The rules of a connection; none of them: every plan is applied without approval."""

    fields: tuple[str, ...] = ()
    """Each as MAPPING.FIELD, with the name that either side gives the field."""
    deletions_percent: int | None = None
    """More deletions than this share of a mapping's coupled records need approval; None: any number is free."""
    changes_percent: int | None = None

    @property
    def is_on(self) -> bool:
        """Tell whether there is any rule."""
        return bool(self.fields) or self.shares != {}

    @property
    def shares(self) -> dict[RuleKind, int]:
        """The shares that are limited, in percent."""
        limits = {RuleKind.DELETIONS: self.deletions_percent, RuleKind.CHANGES: self.changes_percent}
        return {kind: percent for kind, percent in limits.items() if percent is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMet:
    """A record for which a rule applies; of a field, with its values as text."""

    number: int
    """Its place in the plan, from 1."""
    key: str
    """Of the record that the change comes from."""
    from_crm: bool
    """Whether that record is the CRM's."""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMet:
    """A rule under which a plan falls, with its first records."""

    kind: RuleKind
    mapping: MappingName
    field: str = ""
    """What the rule calls the field: MAPPING.FIELD."""
    percent: int = 0
    count: int
    """How many records it applies to."""
    of: int = 0
    """How many records of the mapping are coupled, where a share counts."""
    records: tuple[RecordMet, ...] = ()


@dataclass(slots=True)
class _Tally:
    count: int = 0
    records: list[RecordMet] = field(default_factory=list)

    def add(self, record: RecordMet) -> None:
        self.count += 1
        if len(self.records) < RECORDS_TOLD:
            self.records.append(record)


def rules_met(
    rules: ApprovalRules,
    watched: WatchedFields,
    actions: Iterable[tuple[int, PlannedAction]],
    coupled: Mapping[MappingName, int],
) -> tuple[RuleMet, ...]:
    """Return the rules under which a plan falls, by its numbered actions; what is left alone counts for none.

    A new record counts for a field that it begins with, unless that is blank or zero. `coupled` counts the couplings
    of each mapping: where there are none, any deletion or change is more than every share.
    """
    tallies: dict[tuple[MappingName, RuleKind, str], _Tally] = {}
    for number, action in actions:
        if action.kind not in LEFT_ALONE:
            for (kind, name), (before, after) in _counted(action, watched).items():
                tally = tallies.setdefault((action.mapping, kind, name), _Tally())
                tally.add(_record(number, action, before, after))
    found = []
    for (mapping, kind, name), tally in tallies.items():
        of, percent = coupled.get(mapping, 0), rules.shares.get(kind)
        if kind is RuleKind.FIELD:
            of = 0
        elif percent is None or tally.count * 100 <= percent * of:
            continue
        found.append(
            RuleMet(
                kind=kind,
                mapping=mapping,
                field=name,
                percent=percent or 0,
                count=tally.count,
                of=of,
                records=tuple(tally.records),
            )
        )
    return tuple(found)


def _counted(
    action: PlannedAction, watched: WatchedFields
) -> dict[tuple[RuleKind, str], tuple[Value, Value]]:
    """Return for what an action counts, once for each: with the values before and after where a field does."""
    counted: dict[tuple[RuleKind, str], tuple[Value, Value]] = {}
    for write in action.writes:
        if write.operation is Operation.DELETE:
            counted[RuleKind.DELETIONS, ""] = (None, None)
            continue
        if write.operation is Operation.CHANGE:
            counted[RuleKind.CHANGES, ""] = (None, None)
        for name, after in write.after.items():
            rule = watched.get((action.mapping, write.side, name))
            if rule is not None and _is_change(write, name):
                before = None if write.before is None else write.before.get(name)
                counted.setdefault((RuleKind.FIELD, rule), (before, after))
    return counted


def _is_change(write: PlannedWrite, name: str) -> bool:
    after = write.after[name]
    if write.operation is Operation.CREATE:
        return canonical(after) is not None and after != 0
    # Where nobody asked what a field holds, what it gets may be anything.
    return write.before is None or not same_value(write.before.get(name), after)


def _record(number: int, action: PlannedAction, before: Value, after: Value) -> RecordMet:
    return RecordMet(
        number=number,
        key=action.source_key,
        from_crm=action.direction.source_side is Side.CRM,
        before=_text(before),
        after=_text(after),
    )


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
