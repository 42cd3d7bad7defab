"""Values that users write into settings of mappings: read by the kind of their field, and kept as JSON."""

import re
from decimal import Decimal, InvalidOperation

from interlace.domain.values import Value
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

_PATTERNS = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "moment": re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?"),
    "guid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "whole number": re.compile(r"-?\d{1,18}"),
}
_PATTERNS["lookup"] = _PATTERNS["guid"]
_EXAMPLES = {
    "date": "2026-01-31",
    "moment": "2026-01-31T08:00:00Z",
    "guid": "5f3e…-…",
    "lookup": "5f3e…-…",
    "whole number": "12",
    "decimal": "12.50",
    "boolean": "yes, no",
}


def read_value(kind: str, text: str) -> JsonValue:
    """Read what somebody wrote, as it is stored; raises ValueError with a text for him."""
    if kind == "text":
        return text
    if kind == "boolean" and text.casefold() in {"yes", "true", "no", "false"}:
        return text.casefold() in {"yes", "true"}
    folded = text.casefold() if kind in {"guid", "lookup"} else text
    if kind in _PATTERNS and _PATTERNS[kind].fullmatch(folded):
        return int(folded) if kind == "whole number" else folded
    if kind == "decimal" and _is_amount(text):
        return text
    raise ValueError(translatable("Write it like {example}.", example=_EXAMPLES.get(kind, "")))


def stored_value(kind: str, held: object) -> Value:
    """Return the value of a stored one; raises ValueError for one that is none of the kind."""
    expected = {"boolean": bool, "whole number": int}.get(kind, str)
    if type(held) is not expected:
        raise ValueError(held)
    assert isinstance(held, bool | int | str)
    if kind == "decimal":
        if not _is_amount(str(held)):
            raise ValueError(held)
        return Decimal(held)
    if kind in _PATTERNS and not _PATTERNS[kind].fullmatch(str(held)):
        raise ValueError(held)
    return held


def value_text(held: object) -> str:
    """Write a stored value as somebody would."""
    if isinstance(held, bool):
        return "yes" if held else "no"
    return "" if held is None else str(held)


def _is_amount(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
