"""How commands write directions, keys, moments and durations for people and for programs."""

from datetime import datetime, timedelta

from interlace.cli.spoken import t, words
from interlace.domain.error_codes import ErrorCode
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import KEY_SEPARATOR, key_text
from interlace.locale.translatable import Amount

__all__ = ["ERROR_TITLES", "direction_text", "error_title", "key_text", "moment_text", "typed_key"]

_ARROWS = {
    Direction.TO_INTEGRATION_TABLE: "ERP -> CRM",
    Direction.FROM_INTEGRATION_TABLE: "CRM -> ERP",
    Direction.BIDIRECTIONAL: "ERP <-> CRM",
}
_PARTS = ", "
ERROR_TITLES = {code: description.caption for code, description in ERROR_DESCRIPTIONS.items()}
"""What each code means, as the headings of docs/reference/errors.md say it."""


def direction_text(direction: Direction, *, as_json: bool) -> str:
    """Write a direction: as an arrow for people, by its name for programs."""
    return direction.value if as_json else _ARROWS[direction]


def error_title(code: str) -> str:
    """Write what an error code means, with the code."""
    return t("{error} ({code})", error=t(ERROR_TITLES[ErrorCode(code)]), code=code)


def typed_key(text: str, *, parts: int) -> str:
    """Read a key as `key_text` writes it; `parts` is how many parts the table's keys have."""
    if parts == 1 or KEY_SEPARATOR in text:
        return text
    return KEY_SEPARATOR.join(part.strip() for part in text.split(_PARTS.strip()))


def moment_text(moment: datetime | None, *, as_json: bool) -> str | None:
    """Write a moment: in the reader's own time zone for people, as ISO 8601 in UTC for programs."""
    if moment is None:
        return None
    if as_json:
        return moment.isoformat().replace("+00:00", "Z")
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def seconds_between(start: datetime, end: datetime | None) -> float | None:
    """Return how long something took, to the millisecond; None while it isn't over."""
    return None if end is None else round((end - start).total_seconds(), 3)


def duration_text(seconds: float | None) -> str:
    """Write a duration for people."""
    if seconds is None:
        return t("running")
    if seconds < 60:
        return t("{count} s", count=Amount(f"{seconds:.1f}"))
    return words().duration(timedelta(seconds=seconds))
