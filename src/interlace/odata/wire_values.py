"""JSON values of structural properties by Edm type: checked when read, exact when written.

Works on decoded JSON in which numbers with a fraction are `Decimal` (`json_decoder`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

import msgspec

from interlace.odata.edm import PrimitiveType
from interlace.odata.literals import (
    PrimitiveValue,
    format_duration,
    format_plain,
    parse_binary,
    parse_clock,
    parse_date,
    parse_duration,
    parse_literal,
)
from interlace.odata.protocol_error import LiteralSyntaxError

json_decoder: Final = msgspec.json.Decoder(float_hook=Decimal)
json_encoder: Final = msgspec.json.Encoder(decimal_format="number", uuid_format="canonical")

_WHOLE: Final = re.compile(r"-?\d{1,19}")
_RANGES: Final = {
    PrimitiveType.INT16: 2**15,
    PrimitiveType.INT32: 2**31,
    PrimitiveType.INT64: 2**63,
}


def read_wire(value: object, edm_type: PrimitiveType) -> PrimitiveValue:
    """The typed value of a decoded JSON value; null is None; raises `LiteralSyntaxError`.

    Int64 and Decimal are also read from texts (IEEE754Compatible).
    """
    if value is None:
        return None
    try:
        return _READERS[edm_type](value, edm_type)
    except (_WrongJson, LiteralSyntaxError) as error:
        raise LiteralSyntaxError(f"{value!r} is not a value of {edm_type.value}.", text=str(value)) from error


class _WrongJson(Exception):
    """The JSON type does not fit."""


def _text(value: object, edm_type: PrimitiveType) -> str:
    if not isinstance(value, str):
        raise _WrongJson
    return value


def _boolean(value: object, edm_type: PrimitiveType) -> bool:
    if not isinstance(value, bool):
        raise _WrongJson
    return value


def _whole(value: object, edm_type: PrimitiveType) -> int:
    if isinstance(value, str) and edm_type is PrimitiveType.INT64 and _WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _WrongJson
    limit = _RANGES[edm_type]
    if not -limit <= value < limit:
        raise _WrongJson
    return value


def _decimal(value: object, edm_type: PrimitiveType) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float | str):
        raise _WrongJson
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation as error:
        raise _WrongJson from error
    if not number.is_finite():
        raise _WrongJson
    return number


def _double(value: object, edm_type: PrimitiveType) -> float:
    if value in ("INF", "-INF", "NaN"):
        return float(str(value).replace("INF", "inf"))
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise _WrongJson
    number = float(value)
    if math.isinf(number):
        raise _WrongJson
    return number


def _literal(expected: type) -> Callable[[object, PrimitiveType], PrimitiveValue]:
    def read(value: object, edm_type: PrimitiveType) -> PrimitiveValue:
        found = parse_literal(_text(value, edm_type))
        if type(found) is not expected:
            raise _WrongJson
        return found

    return read


_READERS: Final[Mapping[PrimitiveType, Callable[[object, PrimitiveType], PrimitiveValue]]] = {
    PrimitiveType.STRING: _text,
    PrimitiveType.GUID: _literal(UUID),
    PrimitiveType.INT16: _whole,
    PrimitiveType.INT32: _whole,
    PrimitiveType.INT64: _whole,
    PrimitiveType.DECIMAL: _decimal,
    PrimitiveType.DOUBLE: _double,
    PrimitiveType.BOOLEAN: _boolean,
    PrimitiveType.DATE: lambda value, edm_type: parse_date(_text(value, edm_type)),
    PrimitiveType.DATE_TIME_OFFSET: _literal(datetime),
    PrimitiveType.TIME_OF_DAY: lambda value, edm_type: parse_clock(_text(value, edm_type)),
    PrimitiveType.DURATION: lambda value, edm_type: parse_duration(_text(value, edm_type)),
    PrimitiveType.STREAM: lambda value, edm_type: parse_binary(_text(value, edm_type)),
    PrimitiveType.BINARY: lambda value, edm_type: parse_binary(_text(value, edm_type)),
}


def write_wire(value: PrimitiveValue) -> str | int | Decimal | bool | None:
    """The JSON value of a typed value, ready for `json_encoder`: numbers stay numbers, exactly."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            if not value.is_finite():
                raise LiteralSyntaxError(f"{value} has no JSON number.", text=str(value))
            return value
        case float():
            return Decimal(repr(value)) if math.isfinite(value) else format_plain(value)
        case UUID() | datetime() | date() | time():
            return format_plain(value)
        case timedelta():
            return format_duration(value)
        case bytes():
            return msgspec.json.decode(msgspec.json.encode(value), type=str).translate(_BASE64URL)
        case _:
            return value.members


_BASE64URL: Final = str.maketrans("+/", "-_")
