"""The criteria of Match-Based Coupling as users enter them and as they are kept among a mapping's settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.mapping_check import LOOKUP, may_meet
from interlace.domain.match_criteria import MatchCriterion
from interlace.domain.table_field import TableField
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

MATCHING = "match_based_coupling"
CRITERIA_MAX = 20
PRIORITY_MAX = 99
_PARTS = frozenset({"erp_field", "crm_field", "case_sensitive", "priority"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredCriterion:
    """A criterion as somebody wrote it."""

    erp_field: str
    crm_field: str
    case_sensitive: bool = False
    priority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """How records of a mapping are matched."""

    criteria: tuple[MatchCriterion, ...] = ()
    create_new: bool = False
    """Create a CRM record for each ERP record that none matches."""


@dataclass(slots=True, kw_only=True)
class CheckedMatching:
    """What came of checking criteria."""

    stored: dict[str, JsonValue] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    """What is wrong, by part and place: `crm_fields.0`."""


def matching_of(changes: Mapping[str, object], mapping: IntegrationTableMapping) -> Matching:
    """Return the matching that a mapping's settings hold; raises ValueError for one that makes no sense."""
    held = changes.get(MATCHING)
    if held is None:
        return Matching()
    if not isinstance(held, Mapping) or held.keys() - {"criteria", "create_new"}:
        raise ValueError(held)
    criteria, create_new = held.get("criteria", []), held.get("create_new", False)
    if not isinstance(criteria, list) or len(criteria) > CRITERIA_MAX or not isinstance(create_new, bool):
        raise ValueError(held)
    if criteria and not may_be_matched(mapping):
        raise ValueError(held)
    return Matching(criteria=tuple(_criterion(each, mapping) for each in criteria), create_new=create_new)


def may_be_matched(mapping: IntegrationTableMapping) -> bool:
    """Tell whether a mapping's records can be matched by criteria: orders and choices have ways of their own."""
    return not mapping.run_by_saga and mapping.choice_column is None


def _criterion(stored: object, mapping: IntegrationTableMapping) -> MatchCriterion:
    if not isinstance(stored, Mapping) or stored.keys() - _PARTS:
        raise ValueError(stored)
    erp_field, crm_field = stored.get("erp_field"), stored.get("crm_field")
    exact, priority = stored.get("case_sensitive", False), stored.get("priority", 0)
    if not (isinstance(erp_field, str) and erp_field and isinstance(crm_field, str) and crm_field):
        raise ValueError(stored)
    if not isinstance(exact, bool) or type(priority) is not int or not 0 <= priority <= PRIORITY_MAX:
        raise ValueError(stored)
    rows = [row for row in mapping.fields if (row.erp_field, row.crm_field) == (erp_field, crm_field)]
    return MatchCriterion(
        erp_field=erp_field,
        crm_field=crm_field,
        case_sensitive=exact,
        priority=priority,
        rules=rows[0].to_rules if rows else (),
    )


def check_matching(
    entered: Sequence[EnteredCriterion],
    *,
    create_new: bool,
    mapping: IntegrationTableMapping,
    erp: Mapping[str, TableField],
    crm: Mapping[str, TableField],
) -> CheckedMatching:
    """Check criteria against the fields that both services have."""
    checked = CheckedMatching()
    criteria: list[JsonValue] = []
    if len(entered) > CRITERIA_MAX:
        checked.problems[f"erp_fields.{CRITERIA_MAX}"] = translatable(
            "There are more than {count} criteria.", count=CRITERIA_MAX
        )
    for place, each in enumerate(entered):
        found = [
            _found(checked, f"erp_fields.{place}", each.erp_field, erp, mapping.erp_table),
            _found(checked, f"crm_fields.{place}", each.crm_field, crm, mapping.integration_table),
        ]
        priority = each.priority.strip() or "0"
        if not priority.isdecimal() or int(priority) > PRIORITY_MAX:
            checked.problems[f"priorities.{place}"] = translatable("Write it like {example}.", example="1")
            continue
        if found[0] is None or found[1] is None:
            continue
        names = (found[0].name, found[1].name)
        is_mapped = any((row.erp_field, row.crm_field) == names for row in mapping.fields)
        if not is_mapped and not may_meet(found[0].kind, found[1].kind):
            checked.problems.setdefault(
                f"crm_fields.{place}",
                translatable(
                    "{erp_field} and {crm_field} hold different kinds of values.",
                    erp_field=names[0],
                    crm_field=names[1],
                ),
            )
        criteria.append(
            {
                "erp_field": names[0],
                "crm_field": names[1],
                "case_sensitive": each.case_sensitive,
                "priority": int(priority),
            }
        )
    if not checked.problems:
        checked.stored = {"criteria": criteria, "create_new": create_new} if criteria else {}
    return checked


def _found(
    checked: CheckedMatching, part: str, name: str, fields: Mapping[str, TableField], table: str
) -> TableField | None:
    wanted = name.strip()
    found = fields.get(wanted) or next(
        (each for each in fields.values() if wanted and each.name.casefold() == wanted.casefold()), None
    )
    if found is None:
        checked.problems[part] = translatable(
            "The table {table} has no field {field}.", table=table, field=wanted
        )
    elif found.kind == LOOKUP:
        checked.problems[part] = translatable(
            "{field} points at other records, and can't be matched by.", field=found.name
        )
        return None
    return found
