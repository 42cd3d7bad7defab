"""Reads a file of fault rules (TOML); every mistake is told with the rule, the key and what is allowed."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeGuard

from interlace.sandbox.fault_rules import Effect, FaultKind, FaultRule, FaultScript

_TOP_KEYS = ("seed", "spared_agent", "rule")
_WHEN_KEYS = ("probability", "every", "requests")
_SHARED_KEYS = ("name", "fault", "methods", "path", "query", *_WHEN_KEYS, "after", "times")
_OWN_KEYS: Mapping[FaultKind, tuple[str, ...]] = {
    FaultKind.LATENCY: ("seconds",),
    FaultKind.LATE_EFFECT: ("seconds", "status"),
    FaultKind.ANSWER: ("status", "effect", "retry_after", "code"),
    FaultKind.CONTENT_TYPE: ("content_type",),
}
_REQUIRED_KEYS: Mapping[FaultKind, tuple[str, ...]] = {
    FaultKind.LATENCY: ("seconds",),
    FaultKind.LATE_EFFECT: ("seconds",),
    FaultKind.ANSWER: ("status",),
}


class FaultFileError(Exception):
    """A file of fault rules can't be used; the text names the place and the remedy."""


def read_fault_file(file: Path) -> FaultScript:
    """Read a file of fault rules; raises FaultFileError."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = (problem.strerror or str(problem)) if isinstance(problem, OSError) else "it is no UTF-8 text"
        msg = f"The file of faults {file} can't be read: {reason}."
        raise FaultFileError(msg) from problem
    return parse_faults(text, str(file))


def parse_faults(text: str, source: str) -> FaultScript:
    """Read fault rules from a text; `source` names it in what FaultFileError says."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        msg = f"{source} is no TOML: {problem}."
        raise FaultFileError(msg) from problem
    _refuse_unknown(document, _TOP_KEYS, source)
    rules = document.get("rule", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        msg = f"{source}: write each rule as a table of its own, under the line [[rule]]."
        raise FaultFileError(msg)
    top = _Table(values=document, place=source)
    return FaultScript(
        rules=tuple(_rule(rule, number, source) for number, rule in enumerate(rules, start=1)),
        seed=top.whole("seed", least=0) or 0,
        spared_agent=top.text("spared_agent"),
    )


def _rule(values: Mapping[str, object], number: int, source: str) -> FaultRule:
    name = values.get("name")
    place = f"{source}, rule {number}" + (f" ({name})" if isinstance(name, str) else "")
    table = _Table(values=values, place=place)
    kind = _kind(table)
    _refuse_unknown(values, (*_SHARED_KEYS, *_OWN_KEYS.get(kind, ())), place, f"a rule of {kind.value}")
    missing = [key for key in _REQUIRED_KEYS.get(kind, ()) if key not in values]
    if missing:
        raise table.wrong(missing[0], f"is missing; a rule of {kind.value} needs it")
    given = [key for key in _WHEN_KEYS if key in values]
    if len(given) != 1:
        what = "none of them" if not given else " and ".join(given)
        msg = f"{place}: say when it strikes by exactly one of {', '.join(_WHEN_KEYS)}; given: {what}."
        raise FaultFileError(msg)
    return FaultRule(
        name=table.text("name") or f"{number} {kind.value}",
        kind=kind,
        methods=table.methods(),
        path=table.text("path") or "*",
        query=table.text("query") or "*",
        probability=table.probability(),
        every=table.whole("every", least=1),
        requests=table.numbers("requests"),
        after=table.whole("after", least=0) or 0,
        times=table.whole("times", least=1),
        seconds=table.seconds(),
        status=table.status(),
        effect=table.effect(),
        retry_after=table.whole("retry_after", least=0),
        code=table.text("code"),
        content_type=table.text("content_type") or "text/html",
    )


def _kind(table: "_Table") -> FaultKind:
    name = table.text("fault")
    kinds = [kind.value for kind in FaultKind]
    if name not in kinds:
        given = "is missing." if name is None else f"can't be {name!r}{_meant(name, kinds)}"
        raise table.wrong("fault", f"{given} Faults: {', '.join(kinds)}")
    return FaultKind(name)


def _refuse_unknown(values: Mapping[str, object], known: tuple[str, ...], place: str, of: str = "") -> None:
    for key in values:
        if key not in known:
            where = f" in {of}" if of else ""
            msg = f"{place}: there is no key {key!r}{where}{_meant(key, known)} Keys: {', '.join(known)}."
            raise FaultFileError(msg)


def _meant(word: str, known: tuple[str, ...] | list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else "."


class _Table:
    """One table of the file, whose values are taken out by kind."""

    def __init__(self, *, values: Mapping[str, object], place: str) -> None:
        self._values = values
        self._place = place

    def wrong(self, key: str, what: str) -> FaultFileError:
        """Return the error for a key."""
        return FaultFileError(f"{self._place}: {key} {what}.")

    def text(self, key: str) -> str | None:
        """Return a text that is not blank."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise self.wrong(key, f"must be a text, not {value!r}")
        return value

    def whole(self, key: str, *, least: int) -> int | None:
        """Return a whole number."""
        value = self._values.get(key)
        if value is None:
            return None
        if not _is_whole(value) or value < least:
            raise self.wrong(key, f"must be a whole number from {least} up, not {value!r}")
        assert isinstance(value, int)
        return value

    def numbers(self, key: str) -> frozenset[int]:
        """Return a list of numbers of requests."""
        value = self._values.get(key)
        if value is None:
            return frozenset()
        if (
            not isinstance(value, list)
            or not value
            or not all(_is_whole(each) and each > 0 for each in value)
        ):
            raise self.wrong(key, f"must be a list of numbers of requests such as [1, 4, 9], not {value!r}")
        return frozenset(value)

    def methods(self) -> frozenset[str]:
        """Return the methods that a rule meets."""
        value = self._values.get("methods")
        if value is None:
            return frozenset()
        if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
            raise self.wrong("methods", f'must be a list such as ["POST", "PATCH"], not {value!r}')
        return frozenset(each.upper() for each in value)

    def probability(self) -> float | None:
        """Return a share of all requests."""
        value = self._values.get("probability")
        if value is None:
            return None
        if not _is_number(value) or not 0 <= value <= 1:
            raise self.wrong("probability", f"must be a number from 0 to 1, not {value!r}")
        return float(value)

    def seconds(self) -> tuple[float, float]:
        """Return the least and the most seconds; one number stands for both."""
        value = self._values.get("seconds")
        if value is None:
            return (0.0, 0.0)
        bounds = [each for each in (value if isinstance(value, list) else [value, value]) if _is_number(each)]
        if len(bounds) != 2 or bounds[0] < 0 or bounds[0] > bounds[1]:
            what = "must be a number from 0 up, or two such as [0.1, 0.5] with the smaller one first"
            raise self.wrong("seconds", f"{what}, not {value!r}")
        return (float(bounds[0]), float(bounds[1]))

    def status(self) -> int | None:
        """Return the status of an answer."""
        value = self.whole("status", least=100)
        if value is not None and value > 599:
            raise self.wrong("status", f"must be from 100 to 599, not {value}")
        return value

    def effect(self) -> Effect:
        """Return whether the request is carried out."""
        value = self._values.get("effect", Effect.NONE.value)
        names = [each.value for each in Effect]
        if value not in names:
            raise self.wrong("effect", f"must be one of {', '.join(names)}, not {value!r}")
        return Effect(str(value))


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
