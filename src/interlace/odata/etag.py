"""Entity tags and the preconditions `If-Match` / `If-None-Match`."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from interlace.odata.protocol_error import ProtocolError

_TAG = re.compile(r'\s*(?P<weak>W/)?"(?P<opaque>[^"]*)"\s*')


@dataclass(frozen=True, slots=True)
class EntityTag:
    """A version of a record; `opaque` is compared for equality and means nothing else."""

    opaque: str
    weak: bool = True

    @property
    def text(self) -> str:
        """The tag as headers and `@odata.etag` carry it."""
        return f'{"W/" if self.weak else ""}"{self.opaque}"'

    def matches(self, other: EntityTag) -> bool:
        """Weak comparison: OData services tag weakly and still compare on writes."""
        return self.opaque == other.opaque


@dataclass(frozen=True, slots=True)
class TagCondition:
    """The content of one header: any existing record (`*`), or one of some tags."""

    any: bool = False
    tags: tuple[EntityTag, ...] = ()

    def holds(self, current: EntityTag | None) -> bool:
        """Whether the record (None: there is none) has one of the tags."""
        if current is None:
            return False
        return self.any or any(current.matches(tag) for tag in self.tags)


class Precondition(enum.Enum):
    """What the headers of a request mean for the record that is there."""

    HOLDS = "go on"
    MATCH_FAILED = "If-Match names another version, or there is no record"
    NONE_MATCH_FAILED = "If-None-Match names this version (304 for GET, 412 for writes)"


def parse_tag(text: str) -> EntityTag:
    """The tag in a text; raises `ProtocolError`."""
    match = _TAG.fullmatch(text)
    if match is None:
        raise ProtocolError(f"'{text}' is not an entity tag.", text=text)
    return EntityTag(match["opaque"], weak=match["weak"] is not None)


def parse_condition(header: str | None) -> TagCondition | None:
    """The condition in a header; None for no header, an empty one and `null` (sent against caching).

    Raises `ProtocolError` for anything that is neither `*` nor a list of tags.
    """
    text = (header or "").strip()
    if text in ("", "null"):
        return None
    if text == "*":
        return TagCondition(any=True)
    tags, position = [], 0
    while True:
        match = _TAG.match(text, position)
        if match is None:
            raise ProtocolError(f"'{header}' is not a list of entity tags.", text=text)
        tags.append(EntityTag(match["opaque"], weak=match["weak"] is not None))
        position = match.end()
        if position == len(text):
            return TagCondition(tags=tuple(tags))
        if text[position] != ",":
            raise ProtocolError(f"'{header}' is not a list of entity tags.", text=text)
        position += 1


def check_precondition(
    current: EntityTag | None, *, if_match: str | None = None, if_none_match: str | None = None
) -> Precondition:
    """Whether a request with these headers may act on the record tagged `current` (None: no record)."""
    match = parse_condition(if_match)
    if match is not None and not match.holds(current):
        return Precondition.MATCH_FAILED
    none_match = parse_condition(if_none_match)
    if none_match is not None and none_match.holds(current):
        return Precondition.NONE_MATCH_FAILED
    return Precondition.HOLDS
