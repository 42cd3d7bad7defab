"""Primitive values in both spellings: URL literals (`'O''Neil'`, `2026-01-01T00:00:00Z`) and JSON values.

Numbers with a fraction are `Decimal` with the digits of the text; times are aware and in UTC. Texts here
are never percent-encoded: that belongs to paths and query strings.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, TypeAlias
from uuid import UUID

from interlace.odata.protocol_error import LiteralSyntaxError


@dataclass(frozen=True, slots=True)
class EnumLiteral:
    """A qualified enumeration member: `Namespace.Type'Member'` (several members: comma-separated)."""

    type_name: str
    members: str


PrimitiveValue: TypeAlias = (
    str
    | int
    | Decimal
    | float
    | bool
    | UUID
    | datetime
    | date
    | time
    | timedelta
    | bytes
    | EnumLiteral
    | None
)

_GUID = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
_DATE = r"-?(?:0\d{3}|[1-9]\d{3,})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,12})?)?"
_ZONE = r"(?:[Zz]|[+-](?:0\d|1[0-4]):[0-5]\d)"
_NUMBER = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_QUALIFIED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)+"

# Ordered: the first alternative that matches the whole literal decides its type.
LITERAL_PATTERN: Final = (
    rf"(?P<string>'(?:[^']|'')*')|(?P<guid>{_GUID}(?![\w-]))"
    rf"|(?P<moment>{_DATE}[Tt]{_CLOCK}{_ZONE})|(?P<date>{_DATE}(?![\w:]))|(?P<clock>{_CLOCK})"
    r"|(?P<duration>duration'[^']*')|(?P<binary>binary'[^']*')"
    rf"|(?P<enum>{_QUALIFIED}'[^']*')"
    rf"|(?P<number>{_NUMBER}(?![\w.]))|(?P<special>(?:-?INF|NaN)(?!\w))"
    r"|(?P<word>(?:true|false|null)(?![\w./(]))"
)
_LITERAL: Final = re.compile(LITERAL_PATTERN)
_DURATION: Final = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>\d+)D)?"
    r"(?P<clock>T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_SPECIAL: Final = {"INF": float("inf"), "-INF": float("-inf"), "NaN": float("nan")}


def parse_literal(text: str) -> PrimitiveValue:
    """The value of a URL literal; raises `LiteralSyntaxError`."""
    match = _LITERAL.fullmatch(text)
    if match is None or match.lastgroup is None:
        raise LiteralSyntaxError(f"'{text}' is not a literal.", text=text)
    return literal_value(match.lastgroup, text)


def literal_value(kind: str, text: str) -> PrimitiveValue:
    """The value of a text that `LITERAL_PATTERN` matched as group `kind`."""
    match kind:
        case "string":
            return text[1:-1].replace("''", "'")
        case "number":
            return int(text) if text.lstrip("+-").isdecimal() else Decimal(text)
        case "guid":
            return UUID(text)
        case "moment":
            return parse_moment(text)
        case "date":
            return parse_date(text)
        case "clock":
            return parse_clock(text)
        case "duration":
            return parse_duration(text[len("duration'") : -1])
        case "binary":
            return parse_binary(text[len("binary'") : -1])
        case "enum":
            name, _, members = text.partition("'")
            return EnumLiteral(name, members[:-1])
        case "special":
            return _SPECIAL[text]
        case _:
            return _WORDS[text]


def parse_moment(text: str) -> datetime:
    """An Edm.DateTimeOffset as UTC; digits behind the microsecond are cut off."""
    day, _, rest = text.upper().partition("T")
    clock = rest.rstrip("Z")
    zone = timedelta()
    if not rest.endswith("Z"):
        clock, offset = rest[:-6], rest[-6:]
        zone = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
        zone = -zone if offset[0] == "-" else zone
    try:
        return datetime.combine(parse_date(day), parse_clock(clock), UTC) - zone
    except (OverflowError, ValueError) as error:
        raise LiteralSyntaxError(f"'{text}' is not a point in time.", text=text) from error


def parse_date(text: str) -> date:
    """An Edm.Date."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise LiteralSyntaxError(f"'{text}' is not a date.", text=text) from error


def parse_clock(text: str) -> time:
    """An Edm.TimeOfDay; digits behind the microsecond are cut off."""
    whole, _, fraction = text.partition(".")
    try:
        clock = time.fromisoformat(whole)
    except ValueError as error:
        raise LiteralSyntaxError(f"'{text}' is not a time of day.", text=text) from error
    return clock.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else clock


def parse_duration(text: str) -> timedelta:
    """An Edm.Duration in its ISO 8601 form (`P1DT2H`)."""
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise LiteralSyntaxError(f"'{text}' is not a duration.", text=text)
    seconds = Decimal(match["seconds"] or 0)
    try:
        span = timedelta(
            days=int(match["days"] or 0),
            hours=int(match["hours"] or 0),
            minutes=int(match["minutes"] or 0),
            seconds=int(seconds),
            microseconds=int(seconds % 1 * 1_000_000),
        )
    except OverflowError as error:
        raise LiteralSyntaxError(f"'{text}' is too long a duration.", text=text) from error
    return -span if match["sign"] else span


def parse_binary(text: str) -> bytes:
    """An Edm.Binary in base64 or base64url, with or without padding."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise LiteralSyntaxError(f"'{text}' is not base64.", text=text) from error


def format_literal(value: PrimitiveValue) -> str:
    """The URL literal of a value, not yet percent-encoded."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case timedelta():
            return f"duration'{format_duration(value)}'"
        case bytes():
            return f"binary'{base64.urlsafe_b64encode(value).decode()}'"
        case EnumLiteral():
            return f"{value.type_name}'{value.members}'"
        case _:
            return format_plain(value)


def format_plain(value: Decimal | float | UUID | datetime | date | time) -> str:
    """The spelling that URL literals and JSON texts share."""
    match value:
        case Decimal():
            return _format_decimal(value)
        case float():
            return _format_float(value)
        case datetime():
            return format_moment(value)
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _format_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise LiteralSyntaxError(f"{value} has no decimal literal.", text=str(value))
    return format(value, "f")


def _format_float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "INF" if value > 0 else "-INF"
    return repr(value)


def format_moment(value: datetime) -> str:
    """An aware time as UTC with `Z`; a fraction only where there is one, without trailing zeros."""
    if value.tzinfo is None:
        raise LiteralSyntaxError("A time without a zone has no literal; give it a zone.", text=str(value))
    utc = value.astimezone(UTC).replace(tzinfo=None)
    text = utc.isoformat()
    return (text.rstrip("0") if utc.microsecond else text) + "Z"


def format_duration(value: timedelta) -> str:
    """The ISO 8601 form of a duration."""
    sign, span = ("-", -value) if value < timedelta() else ("", value)
    text = f"{sign}P{span.days}D"
    if span.seconds or span.microseconds:
        seconds = f"{span.seconds}.{span.microseconds:06d}".rstrip("0") if span.microseconds else span.seconds
        text += f"T{seconds}S"
    return text
