"""The `Prefer` request header and its echo `Preference-Applied`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ENTRY = re.compile(
    r"\s*(?P<name>[^\s=;,\"]+)\s*(?:=\s*(?P<value>\"(?:[^\"\\]|\\.)*\"|[^\s;,\"]*))?"
    r"(?P<rest>(?:\s*;\s*[^;,\"]*(?:\"(?:[^\"\\]|\\.)*\")?)*)\s*(?:,|$)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a client prefers; unknown entries are kept in `others` by lower-case name."""

    return_minimal: bool = False
    return_representation: bool = False
    page_size: int | None = None
    annotations: str | None = None
    track_changes: bool = False
    continue_on_error: bool = False
    respond_async: bool = False
    others: tuple[tuple[str, str], ...] = ()

    def includes(self, annotation: str) -> bool:
        """Whether an annotation was asked for: `*`, a name, or a prefix ending in `*`; `-` excludes."""
        return self.annotations is not None and _wanted(self.annotations, annotation)

    def header(self) -> str:
        """The header that asks for these preferences; empty for none."""
        return ",".join(self._entries())

    def _entries(self) -> Iterable[str]:
        if self.return_minimal:
            yield "return=minimal"
        if self.return_representation:
            yield "return=representation"
        if self.page_size is not None:
            yield f"odata.maxpagesize={self.page_size}"
        if self.annotations is not None:
            yield f'odata.include-annotations="{self.annotations}"'
        if self.track_changes:
            yield "odata.track-changes"
        if self.continue_on_error:
            yield "odata.continue-on-error"
        if self.respond_async:
            yield "respond-async"
        for name, value in self.others:
            yield f"{name}={value}" if value else name


def _wanted(patterns: str, annotation: str) -> bool:
    wanted = False
    for entry in patterns.split(","):
        pattern = entry.strip()
        excluded = pattern.startswith("-")
        pattern = pattern.removeprefix("-")
        if pattern == annotation or (pattern.endswith("*") and annotation.startswith(pattern[:-1])):
            wanted = not excluded
    return wanted


def parse_prefer(header: str | None) -> Preferences:
    """The preferences in a header; entries that make no sense are ignored, as the standard says.

    The first entry of a name counts. The prefix `odata.` may lack (OData 4.01).
    """
    found: dict[str, str] = {}
    text, position = header or "", 0
    while position < len(text):
        match = _ENTRY.match(text, position)
        if match is None:
            position += 1
            continue
        found.setdefault(match["name"].lower().removeprefix("odata."), _unquoted(match["value"] or ""))
        position = match.end()
    size = found.pop("maxpagesize", "")
    answer = found.pop("return", "")
    return Preferences(
        return_minimal=answer == "minimal",
        return_representation=answer == "representation",
        page_size=int(size)
        if size.isascii() and size.isdecimal() and 0 < len(size) < 10 and int(size)
        else None,
        annotations=found.pop("include-annotations", None),
        track_changes=_switch(found, "track-changes"),
        continue_on_error=_switch(found, "continue-on-error"),
        respond_async=_switch(found, "respond-async"),
        others=tuple(found.items()),
    )


def _switch(found: dict[str, str], name: str) -> bool:
    return found.pop(name, "false") in ("", "true")


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value
