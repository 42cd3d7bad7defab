"""Compiles each column into a function from a JSON value to the value that is stored, or a refusal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from interlace.sandbox.crm.errors import (
    CHOICE_OUT_OF_RANGE,
    DECIMAL_OUT_OF_RANGE,
    INTEGER_OUT_OF_RANGE,
    STRING_TOO_LONG,
    payload_error,
    refused,
)
from interlace.sandbox.crm.option_sets import OptionSets
from interlace.sandbox.crm.schema import Column, ColumnKind, Table

Check = Callable[[object], object]

_INT32 = (Decimal(-(2**31)), Decimal(2**31 - 1))


def compile_check(table: Table, column: Column, option_sets: OptionSets) -> Check:
    """The check of one column; it takes any JSON value except null."""
    kind = column.kind
    if kind in (ColumnKind.TEXT, ColumnKind.MEMO):
        return _text(table, column)
    if kind in (ColumnKind.CHOICE, ColumnKind.STATE, ColumnKind.STATUS):
        return _choice(table, column, option_sets.live_values(table.logical_name, column.name))
    if kind in (ColumnKind.INTEGER, ColumnKind.BIG_INTEGER):
        return _integer(table, column)
    if kind in (ColumnKind.DECIMAL, ColumnKind.MONEY, ColumnKind.DOUBLE):
        return _decimal(table, column)
    if kind is ColumnKind.BOOLEAN:
        return _boolean(table, column)
    if kind is ColumnKind.DATETIME:
        return _datetime(table, column)
    if kind is ColumnKind.DATE:
        return _date(table, column)
    if kind in (ColumnKind.KEY, ColumnKind.GUID):
        return _guid(table, column)
    return _anything


def parse_guid(text: object) -> str | None:
    """A GUID in canonical lower-case form, or None when it is none."""
    if type(text) is not str:
        return None
    # The canonical form is by far the most frequent one: it needs no parsing object.
    if len(text) == 36 and text[8] == text[13] == text[18] == text[23] == "-":
        try:
            int(text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:], 16)
        except ValueError:
            return None
        return text.lower()
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None


def _anything(value: object) -> object:
    return value


def _wrong_type(table: Table, column: Column, value: object, expected: str) -> Exception:
    return payload_error(
        table.set_name,
        f"Cannot convert the literal '{value}' to the expected type '{expected}' (property '{column.name}').",
    )


def _text(table: Table, column: Column) -> Check:
    limit = column.max_length

    def check(value: object) -> object:
        if type(value) is not str:
            raise _wrong_type(table, column, value, "Edm.String")
        if len(value) > limit:
            raise refused(
                STRING_TOO_LONG,
                f"A validation error occurred. The length of the '{column.name}' attribute of the "
                f"'{table.logical_name}' entity exceeded the maximum allowed length of '{limit}'.",
            )
        # The service keeps no empty texts: they are null.
        return value or None

    return check


def _choice(table: Table, column: Column, values: set[int]) -> Check:
    def check(value: object) -> object:
        if type(value) is not int:
            raise _wrong_type(table, column, value, "Edm.Int32")
        if value not in values:
            accepted = ",".join(str(number) for number in sorted(values))
            raise refused(
                CHOICE_OUT_OF_RANGE,
                f"A validation error occurred. The value '{value}' of '{column.name}' on record of type "
                f"'{table.logical_name}' is outside the valid range. Accepted Values: {accepted}",
            )
        return value

    return check


def _integer(table: Table, column: Column) -> Check:
    lowest, highest = _INT32
    if column.kind is ColumnKind.BIG_INTEGER:
        lowest, highest = Decimal(-(2**63)), Decimal(2**63 - 1)
    lowest = lowest if column.minimum is None else column.minimum
    highest = highest if column.maximum is None else column.maximum

    def check(value: object) -> object:
        if type(value) is not int:
            raise _wrong_type(table, column, value, "Edm.Int32")
        if not lowest <= value <= highest:
            raise refused(
                INTEGER_OUT_OF_RANGE,
                f"A validation error occurred. The value of '{column.name}' on record of type "
                f"'{table.logical_name}' is outside the valid range.",
            )
        return value

    return check


def _decimal(table: Table, column: Column) -> Check:
    lowest, highest = column.minimum, column.maximum
    digits = None if column.kind is ColumnKind.DOUBLE else column.precision
    step = Decimal(1).scaleb(-digits) if digits is not None else None

    def check(value: object) -> object:
        if type(value) is int:
            number = Decimal(value)
        elif type(value) is Decimal:
            number = value
        else:
            raise _wrong_type(table, column, value, "Edm.Decimal")
        if (lowest is not None and number < lowest) or (highest is not None and number > highest):
            raise refused(
                DECIMAL_OUT_OF_RANGE,
                f"A validation error occurred. The value of '{column.name}' on record of type "
                f"'{table.logical_name}' is outside the valid range.",
            )
        exponent = number.as_tuple().exponent
        if step is not None and isinstance(exponent, int) and -exponent > column.precision:
            return number.quantize(step, ROUND_HALF_UP)
        return number

    return check


def _boolean(table: Table, column: Column) -> Check:
    def check(value: object) -> object:
        if type(value) is not bool:
            raise _wrong_type(table, column, value, "Edm.Boolean")
        return value

    return check


def _datetime(table: Table, column: Column) -> Check:
    def check(value: object) -> object:
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None:
            raise _wrong_type(table, column, value, "Edm.DateTimeOffset")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    return check


def _date(table: Table, column: Column) -> Check:
    def check(value: object) -> object:
        try:
            day = date.fromisoformat(value[:10]) if isinstance(value, str) else None
        except ValueError:
            day = None
        if day is None:
            raise _wrong_type(table, column, value, "Edm.Date")
        return day.isoformat()

    return check


def _guid(table: Table, column: Column) -> Check:
    def check(value: object) -> object:
        guid = parse_guid(value)
        if guid is None:
            raise _wrong_type(table, column, value, "Edm.Guid")
        return guid

    return check
