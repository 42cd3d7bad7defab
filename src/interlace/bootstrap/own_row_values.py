"""The values of a field row that somebody enters: constants, lists of values, and what else changes them on the way."""

from dataclasses import dataclass, field

from interlace.bootstrap.own_rows import OTHERS, Transformation
from interlace.bootstrap.typed_values import read_value
from interlace.bootstrap.values_in_use import spelled
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.mapping_check import VIRTUAL, may_meet
from interlace.domain.table_field import TableField
from interlace.locale.translatable import text_of, translatable
from interlace.store.encoding import JsonValue

_TEXT_ONLY = frozenset({Transformation.UPPER_CASE, Transformation.CUT, Transformation.PREFIX})
_AMOUNTS_ONLY = frozenset({Transformation.ROUND, Transformation.NOT_BELOW_ZERO})
_NUMBERS = frozenset({"decimal", "whole number", VIRTUAL})
_DECIMALS_MAX = 10
_CHOICES_TOLD = 20


@dataclass(slots=True, kw_only=True)
class CheckedRow:
    """What came of checking a row."""

    stored: dict[str, JsonValue] = field(default_factory=dict)
    """The row as it is kept, unless there are problems."""
    problems: dict[str, str] = field(default_factory=dict)
    """What is wrong, by the part of the row; only the first of each part."""
    warnings: list[str] = field(default_factory=list)

    def wrong(self, part: str, message: str) -> None:
        """Note a problem of a part."""
        self.problems.setdefault(part, message)


def ways_of(direction: Direction) -> tuple[bool, bool]:
    """Tell whether a row goes to the CRM, and whether to the ERP."""
    return (
        direction.allows(Direction.TO_INTEGRATION_TABLE),
        direction.allows(Direction.FROM_INTEGRATION_TABLE),
    )


class ValueChecks:
    """Reads the values of one row, and notes what is wrong with them."""

    def __init__(self, checked: CheckedRow) -> None:
        self.checked = checked

    def transformed(
        self,
        transformation: Transformation,
        argument: str,
        erp: TableField,
        crm: TableField,
        direction: Direction,
    ) -> dict[str, JsonValue]:
        """Return the parts of the stored row that a transformation makes."""
        if transformation is Transformation.NONE:
            return {}
        checked = self.checked
        held: dict[str, JsonValue] = {"transformation": transformation.value}
        if transformation is Transformation.VALUES:
            return held | self._value_list(argument, erp, crm, direction)
        if direction is Direction.BIDIRECTIONAL:
            checked.wrong(
                "transformation",
                translatable(
                    "This can't be undone on the way back: choose one direction, or the transformation “Value list”."
                ),
            )
            return held
        source, target = (erp, crm) if direction is Direction.TO_INTEGRATION_TABLE else (crm, erp)
        self._suits(transformation, source, target)
        if not transformation.takes_argument:
            if argument:
                checked.wrong("argument", translatable("This transformation needs nothing here."))
            return held
        if not argument:
            checked.wrong(
                "argument", translatable("Say how: a number or a text, as the transformation needs it.")
            )
        elif not transformation.takes_number:
            held["argument"] = argument
        elif not argument.isdecimal() or not _in_range(transformation, int(argument)):
            checked.wrong("argument", translatable("Write it like {example}.", example="2"))
        else:
            held["argument"] = int(argument)
            if transformation is Transformation.CUT and 0 < target.length < int(argument):
                checked.wrong(
                    "argument",
                    translatable(
                        "{field} takes {count} characters at most.", field=target.name, count=target.length
                    ),
                )
        return held

    def _suits(self, transformation: Transformation, source: TableField, target: TableField) -> None:
        kinds = {source.kind, target.kind}
        fits = may_meet(source.kind, target.kind) or VIRTUAL in kinds
        if transformation in _TEXT_ONLY:
            fits = target.kind == "text" and not target.choices
        elif transformation in _AMOUNTS_ONLY:
            fits = kinds <= _NUMBERS
        elif transformation is Transformation.START_OF_DAY:
            fits = source.kind == "date" and target.kind == "moment"
        if not fits:
            self.checked.wrong(
                "transformation",
                translatable("This transformation does not suit the kinds of the two fields."),
            )

    def _value_list(
        self, text: str, erp: TableField, crm: TableField, direction: Direction
    ) -> dict[str, JsonValue]:
        checked = self.checked
        pairs: list[JsonValue] = []
        otherwise: JsonValue = None
        to_crm, to_erp = ways_of(direction)
        for each in filter(None, (part.strip() for part in text.split("|"))):
            left, sign, right = (part.strip() for part in each.partition("="))
            if not sign or not left or not right:
                checked.wrong(
                    "argument",
                    translatable(
                        "{text} is no pair. Write ERP VALUE=CRM VALUE, with | between pairs.", text=each
                    ),
                )
            elif OTHERS in (left, right):
                if to_crm and to_erp:
                    checked.wrong(
                        "argument",
                        translatable("“All others” needs one direction: back nobody knows which one it was."),
                    )
                else:
                    wanted, value = (crm, right) if to_crm else (erp, left)
                    otherwise = self.value("argument", wanted, value)
            else:
                pairs.append([self.value("argument", erp, left), self.value("argument", crm, right)])
        if not pairs:
            checked.wrong("argument", translatable("Write ERP VALUE=CRM VALUE, with | between pairs."))
        self._distinct(pairs, to_crm=to_crm, to_erp=to_erp)
        held: dict[str, JsonValue] = {"pairs": pairs}
        return held if otherwise is None else {**held, "otherwise": otherwise}

    def _distinct(self, pairs: list[JsonValue], *, to_crm: bool, to_erp: bool) -> None:
        for place, is_read in ((0, to_crm), (1, to_erp)):
            read = [repr(each[place]) for each in pairs if isinstance(each, list)]
            if is_read and len(set(read)) != len(read):
                self.checked.wrong(
                    "argument", translatable("A value stands in it twice, so nobody knows what it becomes.")
                )

    def value(self, part: str, target: TableField, text: str) -> JsonValue:
        """Return a value as it is stored; of a choice it may be the label."""
        if target.takes_others:
            return self._option(target, text)
        if target.choices:
            found = target.choice(text)
            if found is None:
                self.checked.wrong(
                    part,
                    translatable(
                        "{field} has no choice {value}. Possible: {choices}.",
                        field=target.name,
                        value=text,
                        choices=", ".join(each.label for each in target.choices[:_CHOICES_TOLD]),
                    ),
                )
                return None
            return found.value if isinstance(found.value, int) else str(found.value)
        if 0 < target.length < len(text):
            self.checked.wrong(
                part,
                translatable(
                    "{field} takes {count} characters at most.", field=target.name, count=target.length
                ),
            )
        try:
            return read_value("text" if target.kind == VIRTUAL else target.kind, text)
        except ValueError as problem:
            self.checked.wrong(part, text_of(problem))
            return None

    def _option(self, target: TableField, text: str) -> JsonValue:
        """Return an option as the ERP sends it; one that no record holds may still be one of its list."""
        wanted = spelled(target, text)
        if all(each.value != wanted for each in target.choices):
            self.checked.warnings.append(
                translatable(
                    "No record of the ERP holds {value} in {field} now: another spelling than the ERP's meets nothing. "
                    "In use: {choices}.",
                    value=text,
                    field=target.name,
                    choices=", ".join(each.label for each in target.choices[:_CHOICES_TOLD])
                    or translatable("none"),
                )
            )
        return wanted


def _in_range(transformation: Transformation, number: int) -> bool:
    return number > 0 if transformation is Transformation.CUT else number <= _DECIMALS_MAX
