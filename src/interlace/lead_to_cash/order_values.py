"""Reads the values of records as orders need them: amounts, codes, options, days; and spells them for a service."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from interlace.domain.saga import FoundRecord
from interlace.domain.values import Value
from interlace.locale.translatable import Amount

ZERO: Final = Decimal(0)
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DAY: Final = len("2000-01-01")
_BLANK_DAY: Final = "0001-01-01"


def text_of(record: FoundRecord | None, field: str) -> str:
    """Return a field's text without blanks around it; nothing is empty text."""
    return "" if record is None else as_text(record.values.get(field))


def as_text(value: Value) -> str:
    """Return a value as text; nothing is empty text."""
    return "" if value is None else str(value).strip()


def amount_of(record: FoundRecord | None, field: str) -> Decimal:
    """Return an amount or quantity; nothing counts as zero."""
    value = None if record is None else record.values.get(field)
    if value is None or value == "":
        return ZERO
    return value if isinstance(value, Decimal) else Decimal(str(value))


def number_of(record: FoundRecord | None, field: str) -> int | None:
    """Return a whole number or choice, None for nothing."""
    value = None if record is None else record.values.get(field)
    return None if value is None or value == "" else int(value)


def is_set(record: FoundRecord | None, field: str) -> bool:
    """Tell whether a switch is on."""
    return record is not None and record.values.get(field) is True


def option_of(record: FoundRecord | None, field: str) -> str:
    """Return an option's own name: the wire escapes what XML names can't hold, and spells blank as well."""
    return _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text_of(record, field)).strip()


def day_of(record: FoundRecord | None, field: str) -> str | None:
    """Return the day of a date or moment, None for nothing."""
    day = text_of(record, field)[:_DAY]
    return None if not day or day == _BLANK_DAY else day


def moment_text(moment: datetime) -> str:
    """Spell a moment as services take it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(amount: Decimal) -> str:
    """Write an amount for people, without an exponent and without trailing zeros."""
    written = format(amount, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def shown_quantity(amount: Decimal) -> Amount:
    """Return a quantity as texts for people hold it: without trailing zeros."""
    return Amount(plain(amount))


def money(amount: Decimal, digits: int) -> Amount:
    """Return an amount as texts for people hold it: with its currency's digits; more only if it has more."""
    whole, _, rest = plain(amount).partition(".")
    rest = rest.ljust(digits, "0")
    return Amount(f"{whole}.{rest}" if rest else whole)


def shown_day(day: str | None) -> date | str:
    """Return a day as texts for people hold it."""
    try:
        return date.fromisoformat(day or "")
    except ValueError:
        return day or ""


def digits_of(step: Decimal) -> int:
    """Return how many decimals multiples of a step have."""
    exponent = step.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def text_length(text: str) -> int:
    """Return a text's length as the ERP counts it: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, length: int) -> str:
    """Return as much of a text as fits, never half a character."""
    text = text[:length]
    while text_length(text) > length:
        text = text[:-1]
    return text


def text_lines(text: str, length: int) -> tuple[str, ...]:
    """Break a text into lines that fit: at its line breaks, then between words, then within a word."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        rest = " ".join(paragraph.split())
        while rest:
            line = cut(rest, length)
            if len(line) < len(rest) and rest[len(line)] != " " and " " in line:
                line = line[: line.rindex(" ")]
            lines.append(line.rstrip())
            rest = rest[len(line) :].lstrip()
    return tuple(lines)
