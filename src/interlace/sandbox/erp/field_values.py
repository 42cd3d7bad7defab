"""Values of table fields: checked as they arrive, and turned into what JSON, SQL and keys need."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.declaration import BLANK_DATE, BLANK_DATETIME, BLANK_GUID, Field, FieldType, Value
from interlace.sandbox.erp.option_members import OPTION_MEMBERS, find_member, to_wire_name
from interlace.sandbox.stored_table import SqlValue

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SCALE = Decimal(100_000)
_DIGITS_MAX = 28


def plain_decimal(value: Decimal) -> Decimal:
    """Return the same number without trailing zeros and without an exponent."""
    if value == value.to_integral_value():
        return Decimal(int(value))
    return value.normalize()


def scaled(value: Decimal) -> int:
    """Return an amount in hundred-thousandths, as SQL adds it up exactly."""
    return int(value * _SCALE)


def unscaled(value: int) -> Decimal:
    """Return the amount that `scaled` stands for."""
    whole, rest = divmod(value, 100_000)
    return Decimal(whole) if not rest else (Decimal(value) / _SCALE).normalize()


def _decimal(name: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise refusals.bad_body(f"Cannot convert a value to target type 'Edm.Decimal'. Property: {name}.")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise refusals.bad_body(
            f"Cannot convert '{value}' to target type 'Edm.Decimal'. Field: {name}."
        ) from error
    if not number.is_finite() or number.adjusted() > _DIGITS_MAX:
        raise refusals.bad_body(f"The number '{value}' is out of range. Field: {name}.")
    return plain_decimal(number)


def _integer(name: str, value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise refusals.bad_body(f"Cannot convert a value to target type 'Edm.Int32'. Property: {name}.")
    return value


def _boolean(name: str, value: object) -> bool:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise refusals.bad_body(f"Cannot convert a value to target type 'Edm.Boolean'. Property: {name}.")
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise refusals.bad_body(f"Cannot convert a value to target type 'Edm.String'. Property: {name}.")
    return value


def _date(name: str, value: object) -> str:
    text = _text(name, value)
    if not text:
        return BLANK_DATE
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError as error:
        raise refusals.bad_body(
            f"Cannot convert '{text}' to target type 'Edm.Date'. Field: {name}."
        ) from error


def stamp(moment: datetime) -> str:
    """Return a time as the service writes it: UTC with milliseconds, always of the same length."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _datetime(name: str, value: object) -> str:
    text = _text(name, value)
    if not text or text == BLANK_DATETIME:
        return BLANK_DATETIME
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise refusals.bad_body(
            f"Cannot convert '{text}' to target type 'Edm.DateTimeOffset'. Field: {name}."
        ) from error
    return stamp(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def _guid(name: str, value: object) -> str:
    text = _text(name, value).strip().strip("{}").lower()
    if not text:
        return BLANK_GUID
    if not _GUID.fullmatch(text):
        raise refusals.bad_body(f"Cannot convert '{value}' to target type 'Edm.Guid'. Property: {name}.")
    return text


def _option(name: str, option: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(OPTION_MEMBERS[option]):
        return OPTION_MEMBERS[option][value]
    text = _text(name, value)
    member = find_member(option, text)
    if member is None:
        raise refusals.unknown_option(text, OPTION_MEMBERS[option])
    return member


def _string(field: Field, name: str, value: object) -> str:
    text = _text(name, value)
    if field.type is FieldType.CODE:
        text = text.strip().upper()
    if field.length and len(text) > field.length:
        raise refusals.too_long(name, field.length, text)
    return text


def accept(field: Field, value: object, name: str = "") -> Value:
    """Return the value to be stored for what a client sent; `name` is the property as the client knows it."""
    shown = name or field.name
    if value is None:
        return field.blank
    match field.type:
        case FieldType.CODE | FieldType.TEXT:
            return _string(field, shown, value)
        case FieldType.DECIMAL:
            return _decimal(shown, value)
        case FieldType.INTEGER:
            return _integer(shown, value)
        case FieldType.BOOLEAN:
            return _boolean(shown, value)
        case FieldType.DATE:
            return _date(shown, value)
        case FieldType.DATETIME:
            return _datetime(shown, value)
        case FieldType.GUID:
            return _guid(shown, value)
        case FieldType.OPTION:
            return _option(shown, field.option, value)


_wire_member = lru_cache(maxsize=512)(to_wire_name)


def to_wire(field: Field, value: Value) -> Value:
    """Return the value as JSON carries it: options by their escaped name."""
    return to_wire_name(str(value)) if field.type is FieldType.OPTION else value


def to_key_column(field: Field, value: Value) -> str | int:
    """Return the value as a key column keeps it, so that text order is the order of numbers too."""
    if isinstance(value, Decimal):
        return f"{scaled(value):020d}"
    return _wire_member(str(value)) if field.type is FieldType.OPTION else value


def to_mirror(field: Field, value: Value) -> SqlValue:
    """Return the value as a mirrored column keeps it; amounts are scaled integers."""
    if isinstance(value, Decimal):
        return scaled(value)
    if field.type is FieldType.OPTION:
        return _wire_member(str(value))
    return int(value) if isinstance(value, bool) else value
