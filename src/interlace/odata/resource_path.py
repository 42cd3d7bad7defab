"""The path behind a service root as segments: sets, keys, properties, operations and `$` segments.

It follows the grammar only; what a name means is for the model of the service to say. Empty segments
(double or trailing slashes) are dropped, quotes may be raw or percent-encoded.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

from interlace.odata.keys import KeyPredicate, parse_key_predicate
from interlace.odata.protocol_error import PathSyntaxError


class SegmentKind(enum.Enum):
    """What a segment is by its spelling."""

    NAME = "name"
    VALUE = "$value"
    REF = "$ref"
    COUNT = "$count"
    BATCH = "$batch"
    METADATA = "$metadata"
    ENTITY = "$entity"
    ALL = "$all"
    CONTENT_REFERENCE = "$<content id>"


_SYSTEM_SEGMENTS = {kind.value: kind for kind in SegmentKind if kind.value.startswith("$")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment; `predicate` holds a key or the arguments of a call, None without parentheses."""

    name: str
    kind: SegmentKind = SegmentKind.NAME
    predicate: KeyPredicate | None = None

    @property
    def is_qualified(self) -> bool:
        """Whether the name carries a namespace: a bound operation or a type cast."""
        return self.kind is SegmentKind.NAME and "." in self.name

    @property
    def namespace(self) -> str:
        """What stands before the last dot of the name."""
        return self.name.rpartition(".")[0]

    @property
    def local_name(self) -> str:
        """The name without namespace."""
        return self.name.rpartition(".")[2]

    @property
    def content_id(self) -> str | None:
        """`1` for the segment `$1`, which stands for the result of an earlier batch request."""
        return self.name[1:] if self.kind is SegmentKind.CONTENT_REFERENCE else None

    @property
    def raw(self) -> str:
        """The segment, percent-encoded."""
        encoded = quote(self.name, safe="$.:@-_")
        return encoded + (self.predicate.encoded() if self.predicate is not None else "")


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """The segments of a path; empty for the service document."""

    segments: tuple[Segment, ...]

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.segments)

    def __len__(self) -> int:
        return len(self.segments)

    def __getitem__(self, index: int) -> Segment:
        return self.segments[index]

    @property
    def last_kind(self) -> SegmentKind | None:
        """The kind of the last segment, None for the service root."""
        return self.segments[-1].kind if self.segments else None

    @property
    def raw(self) -> str:
        """The path, percent-encoded, without leading slash."""
        return "/".join(segment.raw for segment in self.segments)


def parse_path(raw: str) -> ResourcePath:
    """The segments of a raw (percent-encoded) path behind the service root; raises `PathSyntaxError`."""
    return ResourcePath(tuple(_segment(part) for part in split_path(raw) if part))


def split_path(raw: str) -> list[str]:
    """Raw segments, split at slashes outside of quoted texts, still percent-encoded."""
    if "'" not in raw and "%27" not in raw:
        return raw.split("/")
    parts, start, quoted, position = [], 0, False, 0
    while position < len(raw):
        if raw[position] == "'":
            quoted = not quoted
        elif raw.startswith("%27", position):
            quoted = not quoted
            position += 2
        elif raw[position] == "/" and not quoted:
            parts.append(raw[start:position])
            start = position + 1
        position += 1
    return [*parts, raw[start:]]


def _segment(raw: str) -> Segment:
    try:
        text = unquote(raw, errors="strict")
    except UnicodeDecodeError as error:
        raise PathSyntaxError(f"The segment '{raw}' is not valid UTF-8.", text=raw) from error
    if text.startswith("$"):
        return _system_segment(text)
    name, opening, rest = text.partition("(")
    if not name:
        raise PathSyntaxError(f"A name was expected before '{text}'.", text=text)
    if not opening:
        return Segment(name=name)
    if not rest.endswith(")"):
        raise PathSyntaxError(f"The parenthesis in '{text}' is not closed.", text=text)
    return Segment(name=name, predicate=parse_key_predicate(rest[:-1]))


def _system_segment(text: str) -> Segment:
    kind = _SYSTEM_SEGMENTS.get(text)
    if kind is not None:
        return Segment(name=text, kind=kind)
    if len(text) > 1 and all(character.isalnum() or character in "-._~" for character in text[1:]):
        return Segment(name=text, kind=SegmentKind.CONTENT_REFERENCE)
    raise PathSyntaxError(f"'{text}' is not a known segment.", text=text)
