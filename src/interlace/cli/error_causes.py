"""Groups open errors by what causes them, so that one remedy is told once with the number of records it helps."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from interlace.cli.captions import key_text
from interlace.engine.ports import SynchError

_Place: TypeAlias = tuple[str, str]
_DIGITS = re.compile(r"\d+")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCause:
    """What stands behind some errors."""

    text: str
    code: str
    mappings: tuple[str, ...]
    """Mappings of the records that fail because of it."""
    count: int


def causes_of(errors: Sequence[SynchError]) -> list[ErrorCause]:
    """Return the causes, the one with most records first."""
    by_place = {_place(error): error for error in errors}
    roots = [_root(error, by_place) for error in errors]
    awaited = {_place(root) for root, error in zip(roots, errors, strict=True) if root is not error}
    dependants = Counter(_awaited(root) for root in roots)
    groups: dict[tuple[str, ...], list[SynchError]] = {}
    root_of: dict[tuple[str, ...], SynchError] = {}
    for root, error in zip(roots, errors, strict=True):
        waits = _awaited(root)
        is_awaited = _place(root) in awaited or (waits is not None and dependants[waits] > 1)
        name = _cause_name(root, is_awaited=is_awaited)
        groups.setdefault(name, []).append(error)
        root_of.setdefault(name, root)
    causes = [_described(name, root_of[name], group) for name, group in groups.items()]
    return sorted(causes, key=lambda cause: (-cause.count, cause.text))


def awaited_text(error: SynchError) -> str:
    """Name the record that an error waits for; blank for an error with a cause of its own."""
    waits = error.error.waits_for
    return "" if waits is None else f"{waits.mapping} {key_text(waits.key)}"


def _place(error: SynchError) -> _Place:
    return (error.mapping, error.source_key)


def _awaited(root: SynchError) -> _Place | None:
    waits = root.error.waits_for
    return None if waits is None else (waits.mapping, waits.key)


def _root(error: SynchError, by_place: Mapping[_Place, SynchError]) -> SynchError:
    """Follow an error to the one that everything waits for: an error of its own kind, or the last one that waits."""
    seen = {_place(error)}
    while (waits := error.error.waits_for) is not None:
        found = by_place.get((waits.mapping, waits.key))
        if found is None or _place(found) in seen:
            break
        seen.add(_place(found))
        error = found
    return error


def _cause_name(root: SynchError, *, is_awaited: bool) -> tuple[str, ...]:
    waits = root.error.waits_for
    if waits is not None:
        if is_awaited:
            return ("not coupled", waits.mapping, waits.key)
        return ("not coupled", waits.mapping, "", root.mapping, root.error.code.value)
    if is_awaited:
        return ("failed", *_place(root))
    return ("alike", root.mapping, root.direction.value, root.error.code.value, _shape(root))


def _shape(error: SynchError) -> str:
    """Reduce a message to what is the same for every record with the same trouble."""
    _, colon, reason = error.error.message.partition(": ")
    text = reason if colon else error.error.message.replace(key_text(error.source_key), "")
    return _DIGITS.sub("#", _QUOTED.sub("…", text))


def _described(name: tuple[str, ...], root: SynchError, group: Sequence[SynchError]) -> ErrorCause:
    waits = root.error.waits_for
    if waits is not None and (name[2] or len(group) == 1):
        text = f"{waits.mapping} {key_text(waits.key)} is not coupled."
    elif waits is not None:
        text = f"Each waits for a record of its own in {waits.mapping}."
    elif name[0] == "alike" and len(group) > 1:
        text = f"{root.error.message} ({len(group) - 1:,} more of this kind.)"
    else:
        text = root.error.message
    return ErrorCause(
        text=text,
        code=root.error.code.value,
        mappings=tuple(dict.fromkeys(str(error.mapping) for error in group)),
        count=len(group),
    )
