"""Which uncoupled records of both sides are the same by criteria that a person chose: once over both tables, purely.

Criteria of one priority hold together; a group of lower priority is asked for what the groups before it left. A
criterion whose ERP value is blank is left out, and a record without any has no match in that group. Nothing is guessed:
where several records of either side are alike, none of them is coupled.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from interlace.domain.transformation_rule import TransformationRule, apply_rules
from interlace.domain.values import Value, canonical

Records: TypeAlias = Mapping[str, Sequence[Value]]
"""The values of each record in the order of the criteria, by key."""
_Alike: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCriterion:
    """Two fields that must hold the same."""

    erp_field: str
    crm_field: str
    case_sensitive: bool = False
    priority: int = 0
    rules: tuple[TransformationRule, ...] = ()
    """What happens to the ERP's value before it is compared, as on its way to the CRM."""

    def of_erp(self, value: Value) -> object:
        """Return what the ERP's value is compared by; None: nothing."""
        try:
            return self.of_crm(apply_rules(self.rules, canonical(value)))
        except (ValueError, ArithmeticError):
            return None

    def of_crm(self, value: Value) -> object:
        """Return what the CRM's value is compared by; None: nothing."""
        held = canonical(value)
        if isinstance(held, bool):
            return ("yes or no", held)
        return held if self.case_sensitive or not isinstance(held, str) else held.casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two records that are the same."""

    erp_key: str
    crm_key: str
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """A record that is like several others, or that another record is like, too."""

    erp_key: str
    candidates: tuple[str, ...]
    """Records of the CRM that it may be."""
    rivals: tuple[str, ...]
    """Other records of the ERP that may be the same candidates."""


@dataclass(slots=True, kw_only=True)
class Matches:
    """What came of the criteria; every ERP record stands in exactly one of the three."""

    pairs: list[Pair] = field(default_factory=list)
    ambiguous: dict[str, Ambiguity] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)


def match_records(erp: Records, crm: Records, criteria: Sequence[MatchCriterion]) -> Matches:
    """Match uncoupled records of both sides."""
    matches, free_erp, free_crm = Matches(), dict(erp), dict(crm)
    for priority in sorted({each.priority for each in criteria}):
        group = [place for place, each in enumerate(criteria) if each.priority == priority]
        found, claims = _candidates(free_erp, free_crm, criteria, group)
        for erp_key, keys in found.items():
            rivals = {other for key in keys for other in claims[key]} - {erp_key}
            if len(keys) == 1 and not rivals:
                matches.pairs.append(Pair(erp_key=erp_key, crm_key=keys[0], priority=priority))
            else:
                matches.ambiguous[erp_key] = Ambiguity(
                    erp_key=erp_key, candidates=tuple(keys), rivals=tuple(sorted(rivals))
                )
        for pair in matches.pairs:
            free_erp.pop(pair.erp_key, None)
            free_crm.pop(pair.crm_key, None)
            matches.ambiguous.pop(pair.erp_key, None)
    matches.unmatched = [key for key in free_erp if key not in matches.ambiguous]
    return matches


def _candidates(
    erp: Records, crm: Records, criteria: Sequence[MatchCriterion], group: Sequence[int]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the CRM records that each ERP record is like, and the other way round."""
    wanted: dict[tuple[int, ...], dict[str, _Alike]] = defaultdict(dict)
    for key, values in erp.items():
        alike = {place: criteria[place].of_erp(values[place]) for place in group}
        usable = tuple(place for place, value in alike.items() if value is not None)
        if usable:
            wanted[usable][key] = tuple(alike[place] for place in usable)
    found: dict[str, list[str]] = {}
    claims: dict[str, list[str]] = defaultdict(list)
    for usable, sought in wanted.items():
        held: dict[_Alike, list[str]] = defaultdict(list)
        for key, values in crm.items():
            held[tuple(criteria[place].of_crm(values[place]) for place in usable)].append(key)
        for erp_key, alike_values in sought.items():
            keys = held.get(alike_values, [])
            if keys:
                found[erp_key] = keys
                for key in keys:
                    claims[key].append(erp_key)
    return found, claims
