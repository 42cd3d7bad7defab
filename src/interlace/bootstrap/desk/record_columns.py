"""What a list of records is filtered and sorted by: its columns, whose kinds are learned from the values themselves.

Neither service tells of every field what it holds, so a column is text until a value says otherwise.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.domain.filter_nodes import AllOf, Blank, Equal, Filter, Like
from interlace.domain.table_filter import Comparison, Condition
from interlace.management.records import VALUE, FieldValue, RecordRow

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")
_KINDS: Final = {"number": FieldKind.NUMBER, "whole": FieldKind.NUMBER, "boolean": FieldKind.CHOICE}
Kinds = dict[str, FieldKind]
"""By the field's name."""


def learn(kinds: Kinds, names: Iterable[str], rows: Iterable[RecordRow]) -> None:
    """Add what these rows tell of columns that nothing is known of."""
    places = [(place, name) for place, name in enumerate(names) if name not in kinds]
    for row in rows:
        if not places:
            return
        for place, name in list(places):
            kind = _kind_of(row.values[place])
            if kind is not None:
                kinds[name] = kind
                places.remove((place, name))


def _kind_of(value: FieldValue) -> FieldKind | None:
    if not value.text:
        return None
    if value.kind != "text":
        return _KINDS[value.kind]
    if _DAY.fullmatch(value.text):
        return FieldKind.DATE
    return FieldKind.MOMENT if _MOMENT.fullmatch(value.text) else FieldKind.TEXT


def hints(filters: Mapping[str, Filter], kinds: Mapping[str, FieldKind]) -> tuple[Condition, ...]:
    """Say what a service may leave out by itself: of texts only, for nobody knows how it compares the rest."""
    found: list[Condition] = []
    for name, node in filters.items():
        if name.startswith(VALUE) and kinds.get(name.removeprefix(VALUE)) is FieldKind.TEXT:
            found += _conditions(name.removeprefix(VALUE), node)
    return tuple(found)


def _conditions(field: str, node: Filter) -> Iterable[Condition]:
    match node:
        case AllOf():
            for part in node.parts:
                yield from _conditions(field, part)
        case Equal(ignore_case=False, negated=False) if node.value != "":
            yield Condition(field=field, comparison=Comparison.EQUAL, value=str(node.value))
        case Like(ignore_case=False, negated=False) if isinstance(node.pieces[0], str):
            yield Condition(field=field, comparison=Comparison.BEGINS_WITH, value=node.pieces[0])
        case Blank():
            kind = Comparison.NOT_BLANK if node.negated else Comparison.BLANK
            yield Condition(field=field, comparison=kind)
        case _:
            return
