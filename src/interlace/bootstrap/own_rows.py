"""Field rows that users add to a mapping, as they are kept among its settings and as the engine takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from interlace.bootstrap.option_rules import OptionAsText, TextAsOption
from interlace.bootstrap.typed_values import stored_value, value_text
from interlace.connectors.business_central.option_names import unescaped
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, Reference
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.transformation_rule import (
    Choose,
    NotBelowZero,
    Prefix,
    RoundTo,
    StartOfDay,
    TransformationRule,
    Truncate,
    UpperCase,
)
from interlace.domain.values import Value
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

OWN_FIELDS = "own_fields"
OWN_ROWS_MAX = 100
OTHERS = "*"
"""Stands for every other value of the side that is read."""
_PARTS = frozenset(
    {
        "erp_field",
        "erp_kind",
        "crm_field",
        "crm_kind",
        "direction",
        "constant",
        "by",
        "transformation",
        "argument",
        "target_table",
        "pairs",
        "otherwise",
        "only_new",
        "is_option",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Always:
    """Turns whatever it is given into a constant.

    A row that writes a constant and has no source tells nobody that coupled records are to get it; one that reads
    the record's key does, for the key never was agreed on in it.
    """

    value: Value

    def apply(self, _value: Value) -> Value:
        """Return the constant."""
        return self.value

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        return translatable("always {value}", value=str(self.value))


class Transformation(Enum):
    """What may happen to a value on its way."""

    NONE = ""
    VALUES = "values"
    """Each value of one side stands for one of the other."""
    UPPER_CASE = "upper case"
    CUT = "cut"
    PREFIX = "prefix"
    ROUND = "round"
    NOT_BELOW_ZERO = "not below zero"
    START_OF_DAY = "start of day"
    REFERENCE = "reference"
    """Through the couplings of another mapping: the ERP's key meets the key of the coupled CRM record."""

    @property
    def takes_number(self) -> bool:
        """Whether its argument is a whole number."""
        return self in {Transformation.CUT, Transformation.ROUND}

    @property
    def takes_argument(self) -> bool:
        """Whether it needs an argument."""
        return self.takes_number or self in _TEXT_ARGUMENTS


_TEXT_ARGUMENTS = frozenset({Transformation.VALUES, Transformation.PREFIX, Transformation.REFERENCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredRow:
    """A field row as somebody wrote it; one field is blank where a constant is written to the other."""

    erp_field: str = ""
    crm_field: str = ""
    direction: str = ""
    constant: str = ""
    transformation: str = ""
    argument: str = ""
    only_new: bool = False
    """It counts only for records that are created."""


def own_rows(stored: object) -> tuple[IntegrationFieldMapping, ...]:
    """Return the field rows of a stored setting; raises ValueError for one that makes no sense."""
    if stored is None:
        return ()
    if not isinstance(stored, list) or len(stored) > OWN_ROWS_MAX:
        raise ValueError(stored)
    rows = tuple(own_row(each) for each in stored)
    if len({row.row_id for row in rows}) != len(rows):
        raise ValueError(stored)
    return rows


def own_row(stored: object) -> IntegrationFieldMapping:
    """Return the field row of a stored one; raises ValueError."""
    if not isinstance(stored, Mapping) or stored.keys() - _PARTS:
        raise ValueError(stored)
    erp_field, crm_field = _name(stored, "erp_field"), _name(stored, "crm_field")
    direction = Direction(stored.get("direction"))
    is_new_only = stored.get("only_new") is True
    if erp_field is not None and crm_field is not None:
        to_rules, from_rules = _rules(stored, direction)
    else:
        to_crm = crm_field is not None
        wanted = Direction.TO_INTEGRATION_TABLE if to_crm else Direction.FROM_INTEGRATION_TABLE
        if direction is not wanted or stored.get("transformation"):
            raise ValueError(stored)
        kind = stored.get("crm_kind" if to_crm else "erp_kind")
        always = Always(value=stored_value(str(kind), stored.get("constant")))
        erp_field, crm_field = erp_field or _name(stored, "by"), crm_field or _name(stored, "by")
        to_rules, from_rules = ((always,), ()) if to_crm else ((), (always,))
    if erp_field is None or crm_field is None:
        raise ValueError(stored)
    return IntegrationFieldMapping(
        erp_field=erp_field,
        crm_field=crm_field,
        direction=direction,
        insert_only=is_new_only,
        reference=_reference(stored),
        to_rules=to_rules,
        from_rules=from_rules,
    )


def _reference(stored: Mapping[str, object]) -> Reference | None:
    if stored.get("transformation") != Transformation.REFERENCE.value:
        return None
    mapping, table = _name(stored, "argument"), _name(stored, "target_table")
    if mapping is None or table is None:
        raise ValueError(stored)
    return Reference(mapping=MappingName(mapping), target_table=table)


def row_name(stored: Mapping[str, object]) -> str:
    """Name a stored row as its user knows it; the field that stands in for a constant's is left out."""
    return f"{stored.get('erp_field') or ''}>{stored.get('crm_field') or ''}"


def _name(stored: Mapping[str, object], part: str) -> str | None:
    held = stored.get(part)
    if held is not None and not (isinstance(held, str) and held):
        raise ValueError(stored)
    return held


def _rules(
    stored: Mapping[str, object], direction: Direction
) -> tuple[tuple[TransformationRule, ...], tuple[TransformationRule, ...]]:
    """Return what happens on the way to the CRM, and on the way to the ERP."""
    transformation = Transformation(stored.get("transformation") or "")
    is_plain = transformation is Transformation.NONE and stored.get("is_option") is not True
    if is_plain or transformation is Transformation.REFERENCE:
        return (), ()
    to_crm, to_erp = (
        direction.allows(way) for way in (Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE)
    )
    if transformation is Transformation.NONE:
        return ((OptionAsText(),) if to_crm else ()), ((TextAsOption(),) if to_erp else ())
    if transformation is Transformation.VALUES:
        pairs = _pairs(stored)
        backwards = tuple((crm, erp) for erp, crm in pairs)
        if to_crm and to_erp:
            return (Choose(pairs=pairs),), (Choose(pairs=backwards),)
        kind = str(stored.get("crm_kind" if to_crm else "erp_kind"))
        otherwise = None if stored.get("otherwise") is None else stored_value(kind, stored["otherwise"])
        choose = Choose(pairs=pairs if to_crm else backwards, otherwise=otherwise)
        return ((choose,), ()) if to_crm else ((), (choose,))
    if to_crm and to_erp:
        # The way back could not restore what the way there changed.
        raise ValueError(stored)
    rule = _rule(transformation, stored.get("argument"))
    return ((rule,), ()) if to_crm else ((), (rule,))


def _rule(transformation: Transformation, argument: object) -> TransformationRule:
    match transformation, argument:
        case Transformation.UPPER_CASE, None:
            return UpperCase()
        case Transformation.NOT_BELOW_ZERO, None:
            return NotBelowZero()
        case Transformation.START_OF_DAY, None:
            return StartOfDay()
        case Transformation.CUT, int(length) if not isinstance(argument, bool) and length > 0:
            return Truncate(length=length)
        case Transformation.ROUND, int(decimals) if not isinstance(argument, bool) and 0 <= decimals <= 10:
            return RoundTo(decimals=decimals)
        case Transformation.PREFIX, str(text) if text:
            return Prefix(text=text)
    raise ValueError(argument)


def _pairs(stored: Mapping[str, object]) -> tuple[tuple[Value, Value], ...]:
    held = stored.get("pairs")
    if not isinstance(held, list) or not held:
        raise ValueError(stored)
    pairs = []
    for each in held:
        if not isinstance(each, list) or len(each) != len(("erp", "crm")):
            raise ValueError(stored)
        erp, crm = each
        pairs.append(
            (stored_value(str(stored.get("erp_kind")), erp), stored_value(str(stored.get("crm_kind")), crm))
        )
    return tuple(pairs)


def entered_row(stored: Mapping[str, JsonValue]) -> EnteredRow:
    """Write a stored row as somebody would have."""
    transformation = Transformation(str(stored.get("transformation") or ""))
    argument = value_text(stored.get("argument"))
    pairs = stored.get("pairs")
    if transformation is Transformation.VALUES and isinstance(pairs, list):
        texts = [f"{_option_text(each[0])}={value_text(each[1])}" for each in pairs if isinstance(each, list)]
        if stored.get("otherwise") is not None:
            other = stored["otherwise"]
            to_crm = stored.get("direction") == Direction.TO_INTEGRATION_TABLE.value
            texts.append(f"{OTHERS}={value_text(other)}" if to_crm else f"{_option_text(other)}={OTHERS}")
        argument = "|".join(texts)
    return EnteredRow(
        erp_field=str(stored.get("erp_field") or ""),
        crm_field=str(stored.get("crm_field") or ""),
        direction=str(stored.get("direction") or ""),
        constant=value_text(stored.get("constant")),
        transformation=transformation.value,
        argument=argument,
        only_new=stored.get("only_new") is True,
    )


def _option_text(held: object) -> str:
    """Write a value of the ERP as people read it, unless the list would be read otherwise then."""
    text = value_text(held)
    readable = unescaped(text)
    return text if set(readable) & set("=|") or readable != readable.strip() else readable


def stored_rows(changes: Mapping[str, object]) -> list[dict[str, JsonValue]]:
    """Return the rows that a mapping's settings hold, as they are stored."""
    held = changes.get(OWN_FIELDS)
    return [dict(each) for each in held if isinstance(each, dict)] if isinstance(held, list) else []


def with_own_rows(mapping: IntegrationTableMapping, stored: object) -> IntegrationTableMapping:
    """Return the mapping with users' rows behind its own; raises ValueError where it takes none, or has them."""
    rows = own_rows(stored)
    if not rows:
        return mapping
    if mapping.run_by_saga or mapping.choice_column is not None:
        raise ValueError(stored)
    if {row.row_id for row in rows} & {row.row_id for row in mapping.fields}:
        raise ValueError(stored)
    return replace(mapping, fields=(*mapping.fields, *rows))


def own_ids(changes: Mapping[str, object]) -> frozenset[str]:
    """Return the names of users' rows."""
    return frozenset(row.row_id for row in own_rows(changes.get(OWN_FIELDS)))


def stands_in(row: IntegrationFieldMapping) -> Side | None:
    """Return the side whose field only stands in for a constant's missing source, None for a row without one."""
    if any(isinstance(each, Always) for each in row.to_rules):
        return Side.ERP
    return Side.CRM if any(isinstance(each, Always) for each in row.from_rules) else None


def written_by(row: IntegrationFieldMapping, way: Direction) -> str | None:
    """Return the field that a row writes in a one-way pass, None for none; a start value may be replaced by others."""
    target = row.crm_field if way is Direction.TO_INTEGRATION_TABLE else row.erp_field
    return target if row.direction.allows(way) and not row.insert_only else None


def is_written_twice(rows: Sequence[IntegrationFieldMapping], own: frozenset[str]) -> bool:
    """Tell whether one of users' rows writes what another row writes, too."""
    for way in (Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE):
        others = [written_by(row, way) for row in rows]
        if any(
            row.row_id in own and written and others.count(written) > 1
            for row, written in zip(rows, others, strict=True)
        ):
            return True
    return False
