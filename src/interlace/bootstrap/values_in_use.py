"""Which options the records of an ERP table hold: its page tells no list of them, and spells them in its own way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from interlace.bootstrap.ends import Ends
from interlace.connectors.business_central.option_names import escaped, is_escaped, unescaped
from interlace.domain.side import Side
from interlace.domain.table_field import FieldChoice, TableField
from interlace.domain.table_filter import BETWEEN, Comparison
from interlace.engine.ports import TableView
from interlace.store.encoding import JsonValue

_WHOLE: Final = frozenset((Comparison.EQUAL.value, Comparison.NOT_EQUAL.value, Comparison.ONE_OF.value))
"""Comparisons with whole values."""
_OPTIONS_MAX: Final = 50
"""What holds more values than this is no option."""


async def with_values_in_use(
    ends: Ends, table: str, fields: Mapping[str, TableField]
) -> dict[str, TableField]:
    """Return an ERP table's fields, those that are options with the values that its first records hold.

    Pages publish an option as text whose length they don't tell, though they tell that of every other text.
    """
    texts = [each for each in fields.values() if each.kind == "text"]
    unmeasured = [each for each in texts if not (each.length or each.is_key or each.choices)]
    if not unmeasured:
        return dict(fields)
    view = TableView(side=Side.ERP, table=table, fields=tuple(each.name for each in unmeasured))
    page = await ends.erp.read_page(view, None)
    records = [record.values() for record in page.records]
    found = dict(fields)
    for place, each in enumerate(unmeasured):
        held = {value for values in records if isinstance(value := values[place], str)}
        is_option = len(unmeasured) < len(texts) or any(map(is_escaped, held))
        if is_option and len(held) <= _OPTIONS_MAX:
            found[each.name] = replace(each, choices=_choices(held), takes_others=True)
    return found


async def with_options_spelled(
    ends: Ends, table: str, stored: Sequence[dict[str, JsonValue]]
) -> list[dict[str, JsonValue]]:
    """Return conditions on an ERP table with the values of options as its page sends them."""
    compared = [each for each in stored if each["comparison"] in _WHOLE and each["kind"] == "text"]
    if not compared:
        return list(stored)
    fields = await with_values_in_use(ends, table, await ends.erp.fields(table))
    return [_with_option_spelled(each, fields) if each in compared else each for each in stored]


def _with_option_spelled(
    condition: dict[str, JsonValue], fields: Mapping[str, TableField]
) -> dict[str, JsonValue]:
    field = fields[str(condition["field"])]
    if not field.takes_others:
        return condition
    several = condition["comparison"] == Comparison.ONE_OF.value
    texts = str(condition["value"]).split(BETWEEN) if several else [str(condition["value"])]
    return {**condition, "value": BETWEEN.join(spelled(field, each.strip()) for each in texts)}


def _choices(held: Iterable[str]) -> tuple[FieldChoice, ...]:
    choices = (FieldChoice(value=each, label=unescaped(each)) for each in sorted(held))
    return tuple(each for each in choices if each.label.strip())


def spelled(field: TableField, text: str) -> str:
    """Return an option as the ERP's page sends it, whichever way a person wrote it."""
    found = field.choice(unescaped(text))
    return escaped(text) if found is None else str(found.value)
