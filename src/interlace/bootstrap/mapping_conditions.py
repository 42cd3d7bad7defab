"""Conditions that users add to a mapping's filters: as they are stored, typed by the field's kind, and in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interlace.bootstrap.typed_values import read_value, stored_value
from interlace.domain.side import Side
from interlace.domain.table_filter import BETWEEN, Comparison, Condition, TableFilter
from interlace.domain.values import Value
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

FILTER_OF = {Side.ERP: "table_filter", Side.CRM: "integration_table_filter"}
"""Name of the setting by side, as users know it."""
CONDITIONS_MAX = 20

_WITHOUT_VALUE = (Comparison.BLANK, Comparison.NOT_BLANK)
_SAME = (Comparison.EQUAL, Comparison.NOT_EQUAL)
_ORDER = (Comparison.AT_LEAST, Comparison.AT_MOST)
_OF_TEXT = (*_SAME, Comparison.ONE_OF, Comparison.BEGINS_WITH, Comparison.WITHOUT_TEXT, *_WITHOUT_VALUE)
_OF_NUMBERS = (*_SAME, *_ORDER, *_WITHOUT_VALUE)
_OF_KEYS = (*_SAME, *_WITHOUT_VALUE)
_COMPARISONS = {
    "text": _OF_TEXT,
    "whole number": _OF_NUMBERS,
    "decimal": _OF_NUMBERS,
    "boolean": (Comparison.EQUAL,),
    "date": _OF_NUMBERS,
    "moment": (*_ORDER, *_WITHOUT_VALUE),
    "guid": _OF_KEYS,
    "lookup": _OF_KEYS,
}
"""By the kind of the field, as the services' metadata tells it."""
KINDS = tuple(_COMPARISONS)
CHOOSABLE = tuple(dict.fromkeys(each for allowed in _COMPARISONS.values() for each in allowed))
"""Every comparison that a user may choose."""


class ConditionProblem(ValueError):
    """Something is wrong with one part of one condition."""

    def __init__(self, place: int, part: str, message: str) -> None:
        super().__init__(message)
        self.place = place
        """Which condition, from 0."""
        self.part = part
        """`field`, `comparison` or `value`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredCondition:
    """A condition as somebody wrote it."""

    field: str
    comparison: str
    value: str = ""


def comparisons_of(kind: str) -> tuple[Comparison, ...]:
    """Return the comparisons that make sense for a kind of field; none for one that can't be filtered."""
    return _COMPARISONS.get(kind, ())


def needs_value(comparison: Comparison) -> bool:
    """Tell whether a comparison compares with a value."""
    return comparison not in _WITHOUT_VALUE


def stored_conditions(
    entered: Sequence[EnteredCondition], columns: Mapping[str, str]
) -> list[dict[str, JsonValue]]:
    """Return conditions as they are stored, checked against the table's fields; raises ConditionProblem."""
    if len(entered) > CONDITIONS_MAX:
        msg = translatable("There are more than {count} conditions.", count=CONDITIONS_MAX)
        raise ConditionProblem(CONDITIONS_MAX, "field", msg)
    return [_stored(place, each, columns) for place, each in enumerate(entered)]


def _stored(place: int, entered: EnteredCondition, columns: Mapping[str, str]) -> dict[str, JsonValue]:
    field = _field_called(entered.field.strip(), columns)
    if field is None:
        msg = translatable("The table has no field {field}.", field=entered.field.strip())
        raise ConditionProblem(place, "field", msg)
    kind = columns[field]
    if kind not in _COMPARISONS:
        msg = translatable("{field} is computed by Interlace and can't be filtered by.", field=field)
        raise ConditionProblem(place, "field", msg)
    comparison = _comparison(entered.comparison)
    if comparison not in _COMPARISONS[kind]:
        possible = ", ".join(each.value for each in _COMPARISONS[kind])
        msg = translatable(
            "{field} can't be compared so. Possible: {comparisons}.", field=field, comparisons=possible
        )
        raise ConditionProblem(place, "comparison", msg)
    stored: dict[str, JsonValue] = {"field": field, "comparison": comparison.value, "kind": kind}
    if needs_value(comparison):
        stored["value"] = _stored_value(place, kind, entered.value.strip())
    return stored


def _field_called(name: str, columns: Mapping[str, str]) -> str | None:
    if name in columns:
        return name
    found = [each for each in columns if each.casefold() == name.casefold()]
    return found[0] if name and len(found) == 1 else None


def _comparison(text: str) -> Comparison | None:
    wanted = text.strip().casefold()
    return next((each for each in CHOOSABLE if each.value.casefold() == wanted), None)


def _stored_value(place: int, kind: str, text: str) -> JsonValue:
    if not text:
        msg = translatable("A value to compare with is missing. For an empty field choose “blank”.")
        raise ConditionProblem(place, "value", msg)
    try:
        return read_value(kind, text)
    except ValueError as problem:
        raise ConditionProblem(place, "value", problem.args[0]) from problem


def conditions_of(stored: object) -> tuple[Condition, ...]:
    """Return the conditions of a stored setting; raises ValueError for one that makes no sense."""
    if not isinstance(stored, list) or len(stored) > CONDITIONS_MAX:
        raise ValueError(stored)
    return tuple(_condition(each) for each in stored)


def _condition(stored: object) -> Condition:
    if not isinstance(stored, Mapping) or stored.keys() - {"field", "comparison", "kind", "value"}:
        raise ValueError(stored)
    field, kind = stored.get("field"), stored.get("kind")
    comparison = Comparison(stored.get("comparison"))
    if not isinstance(field, str) or not field or comparison not in comparisons_of(str(kind)):
        raise ValueError(stored)
    value: Value = None
    if needs_value(comparison):
        value = stored_value(str(kind), stored.get("value"))
    condition = Condition(field=field, comparison=comparison, value=value)
    reason = translatable("{condition} does not hold", condition=condition_text(condition))
    return Condition(field=field, comparison=comparison, value=value, reason=reason)


def with_conditions(given: TableFilter, stored: object) -> TableFilter:
    """Return a mapping's own filter with a user's conditions behind it: they narrow it, none is taken away."""
    return TableFilter(conditions=(*given.conditions, *conditions_of(stored)))


_BLANK_OPTION = "_x0020_"
_UNSEEN = re.compile(rf"\W*|{_BLANK_OPTION}")
"""Values that would not be seen without quotation marks: a blank, a comma."""


def condition_text(condition: Condition) -> str:
    """Write a condition as people read it, names of fields and comparisons as they are."""
    target: object = condition.value if condition.other_field is None else condition.other_field
    if isinstance(target, bool):
        target = "yes" if target else "no"
    if isinstance(target, str) and condition.other_field is None and _UNSEEN.fullmatch(target):
        target = f'"{target.replace(_BLANK_OPTION, "")}"'
    parts: Sequence[object] = (condition.field, condition.comparison.value, target)
    return " ".join(str(part) for part in parts if part is not None)


def read_condition(text: str) -> EnteredCondition:
    """Read a condition from one line such as `Country_Region_Code one of NO|FI`; raises ValueError."""
    field, _, rest = text.strip().partition(" ")
    for comparison in sorted(CHOOSABLE, key=lambda each: -len(each.value)):
        if rest.strip().casefold().startswith(comparison.value.casefold()):
            value = rest.strip()[len(comparison.value) :].strip()
            return EnteredCondition(field=field, comparison=comparison.value, value=value)
    possible = ", ".join(each.value for each in CHOOSABLE)
    msg = translatable(
        "{text} is no condition. Write FIELD COMPARISON VALUE; comparisons: {comparisons}. "
        "Several texts for “one of” stand with {between} between them.",
        text=text,
        comparisons=possible,
        between=BETWEEN,
    )
    raise ValueError(msg)
