"""What the judge found: per mapping and side, every record counted once, and what stands out by name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from interlace.locale.translatable import as_sentence, joined, translatable
from interlace.verify.plain_reader import End

KEPT_MAX = 1_000
"""So many records of a kind are named; all are counted."""

# A reference that waits for its record: the record itself is synchronized, and the judge knows of references.
_NO_EXCUSE = frozenset({"IL-102"})


class RecordState(Enum):
    """What a record of one side is found to be; every record is exactly one of these."""

    EQUAL = translatable("in scope, equal")
    EXCLUDED = translatable("excluded")
    """Left out by a rule that is named."""
    FAILED = translatable("failed")
    """Not equal or without partner, and the reason stands on the error list."""
    DRIFTED = translatable("drifted")
    """Differs from its partner, and nobody has said why."""
    MISSING = translatable("missing partner")
    DUPLICATE = translatable("duplicate partner")
    """Shares its partner with another record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenError:
    """An open entry of the error list: a record of one end that is known not to be synchronized."""

    mapping: str
    end: End
    key: str
    code: str
    message: str = ""

    @property
    def text(self) -> str:
        """Code and message in one."""
        return joined((self.code, self.message))


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """Two fields of a pair that disagree, with both values."""

    mapping: str
    erp_key: str
    crm_key: str
    erp_field: str
    crm_column: str
    erp_value: str
    crm_value: str

    def line(self) -> str:
        """Say it in one line."""
        return translatable(
            "{mapping} {erp_key}: {erp_field} is {erp_value}, {crm_column} is {crm_value} (CRM record {crm_key})",
            mapping=self.mapping,
            erp_key=self.erp_key,
            erp_field=self.erp_field or as_sentence(translatable("constant")),
            erp_value=repr(self.erp_value),
            crm_column=self.crm_column,
            crm_value=repr(self.crm_value),
            crm_key=self.crm_key,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A record that stands out, and why."""

    mapping: str
    end: End
    key: str
    state: RecordState
    reason: str

    def line(self) -> str:
        """Say it in one line."""
        return joined((f"{self.mapping} {self.end.value} {self.key}", self.state.value, self.reason), ": ")


@dataclass(slots=True, kw_only=True)
class SideCounts:
    """How many records of one table are what."""

    end: End
    table: str
    total: int = 0
    states: Counter[RecordState] = field(default_factory=Counter)
    reasons: Counter[tuple[RecordState, str]] = field(default_factory=Counter)

    def add(self, state: RecordState, reason: str = "", times: int = 1) -> None:
        """Count records of one state."""
        if not times:
            return
        self.states[state] += times
        if reason:
            self.reasons[state, reason] += times

    @property
    def adds_up(self) -> bool:
        """Tell whether every record of the table was counted exactly once."""
        return sum(self.states.values()) == self.total

    def reasons_of(self, state: RecordState) -> dict[str, int]:
        """Return how often each reason stood behind a state."""
        return {reason: count for (found, reason), count in self.reasons.items() if found is state}


@dataclass(slots=True, kw_only=True)
class MappingVerdict:
    """What was found for one mapping."""

    mapping: str
    erp: SideCounts
    crm: SideCounts
    drifted_fields: Counter[str] = field(default_factory=Counter)
    """Number of differing records by `erp_field>crm_column`."""
    differences: list[FieldDifference] = field(default_factory=list)
    """Drifted fields with both values, at most KEPT_MAX."""
    creation_fields: Counter[str] = field(default_factory=Counter)
    """Differences in fields that count at creation only: told, but no drift."""
    creation_differences: list[FieldDifference] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    """Records that are missing, doubled, failed, or out of scope beside a partner; KEPT_MAX of a state and side."""
    _noted: Counter[tuple[RecordState, End]] = field(default_factory=Counter, init=False)

    def note(self, finding: Finding) -> None:
        """Keep a finding unless there are enough of its kind."""
        kind = finding.state, finding.end
        if self._noted[kind] < KEPT_MAX:
            self._noted[kind] += 1
            self.findings.append(finding)

    @property
    def is_green(self) -> bool:
        """Tell whether every record is equal, excluded by a rule, or on the error list."""
        bad = (RecordState.DRIFTED, RecordState.MISSING, RecordState.DUPLICATE)
        sides = (self.erp, self.crm)
        return all(side.adds_up and not any(side.states[state] for state in bad) for side in sides)

    @property
    def failed(self) -> int:
        """Number of records on both sides whose failure stands on the error list."""
        return self.erp.states[RecordState.FAILED] + self.crm.states[RecordState.FAILED]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """The judgement over all mappings."""

    verdicts: tuple[MappingVerdict, ...]

    @property
    def is_green(self) -> bool:
        """Tell whether both ends are equal, but for what a rule excludes or the error list names."""
        return all(verdict.is_green for verdict in self.verdicts)

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {"green": self.is_green, "mappings": [_verdict_json(verdict) for verdict in self.verdicts]}


def _verdict_json(verdict: MappingVerdict) -> dict[str, object]:
    return {
        "mapping": verdict.mapping,
        "green": verdict.is_green,
        "erp": _side_json(verdict.erp),
        "crm": _side_json(verdict.crm),
        "drifted_fields": dict(verdict.drifted_fields),
        "differences": [_difference_json(each) for each in verdict.differences],
        "creation_fields": dict(verdict.creation_fields),
        "creation_differences": [_difference_json(each) for each in verdict.creation_differences],
        "findings": [
            {"end": each.end.value, "key": each.key, "state": each.state.value, "reason": each.reason}
            for each in verdict.findings
        ],
    }


def _side_json(side: SideCounts) -> dict[str, object]:
    return {
        "table": side.table,
        "total": side.total,
        "adds_up": side.adds_up,
        "states": {state.value: side.states[state] for state in RecordState},
        "excluded": side.reasons_of(RecordState.EXCLUDED),
        "failed": side.reasons_of(RecordState.FAILED),
    }


def _difference_json(each: FieldDifference) -> dict[str, str]:
    return {
        "erp_key": each.erp_key,
        "crm_key": each.crm_key,
        "erp_field": each.erp_field,
        "crm_column": each.crm_column,
        "erp_value": each.erp_value,
        "crm_value": each.crm_value,
    }


def errors_by_record(errors: Iterable[OpenError]) -> Mapping[tuple[str, End, str], OpenError]:
    """Index open errors by mapping, end and key, without those that excuse nothing."""
    return {(each.mapping, each.end, each.key): each for each in errors if each.code not in _NO_EXCUSE}
