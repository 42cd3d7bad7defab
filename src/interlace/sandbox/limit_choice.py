"""Service limits as a person writes them: a word, some numbers, or a TOML file with a table for each service."""

import tomllib
from dataclasses import fields, replace
from pathlib import Path

from interlace.sandbox.limits import CRM_PUBLISHED, ERP_PUBLISHED, LimitSettings

_PUBLISHED = {"erp": ERP_PUBLISHED, "crm": CRM_PUBLISHED}
_WHOLE = ("requests", "concurrent", "queued")
_NAMES = [each.name for each in fields(LimitSettings)]


class LimitsNotReadable(ValueError):
    """The limits can't be read; the text says which part, and what may stand there."""


def read_limits(text: str, service: str) -> LimitSettings | None:
    """Return the limits of one service, `erp` or `crm`; None: off. What is not named is as published."""
    if text == "off":
        return None
    published = _PUBLISHED[service]
    if text == "published":
        return published
    if "=" in text:
        pairs: dict[str, object] = dict(part.partition("=")[::2] for part in text.split(","))
        return _with_numbers(published, pairs, "--limits")
    return _from_file(Path(text), service)


def _from_file(file: Path, service: str) -> LimitSettings | None:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        message = (
            f"The limits {str(file)!r} can't be read: {problem}. Say off, published, numbers such as "
            "requests=600,window_seconds=30, or name a TOML file with a table [erp] or [crm]."
        )
        raise LimitsNotReadable(message) from problem
    held = tables.get(service)
    if held is None:
        return None
    if not isinstance(held, dict):
        message = f"{file} says {service} = {held!r}. Write the numbers below a heading [{service}]."
        raise LimitsNotReadable(message)
    return _with_numbers(_PUBLISHED[service], held, str(file))


def _with_numbers(published: LimitSettings, pairs: dict[str, object], origin: str) -> LimitSettings:
    numbers: dict[str, float] = {}
    for written, value in pairs.items():
        name = written.strip()
        if name not in _NAMES:
            message = f"{origin} names the limit {name!r}. There are {', '.join(_NAMES)}."
            raise LimitsNotReadable(message)
        try:
            number = int(str(value)) if name in _WHOLE else float(str(value))
        except ValueError as problem:
            message = f"{origin} sets {name} to {value!r}, which is no number. Write one."
            raise LimitsNotReadable(message) from problem
        least = 1 if name in ("requests", "concurrent") else 0
        if not number >= least:
            message = f"{origin} sets {name} to {value!r}. It is at least {least}."
            raise LimitsNotReadable(message)
        numbers[name] = number
    return replace(published, **numbers)  # type: ignore[arg-type]
